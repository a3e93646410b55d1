/// The output of the ceremony of an epoch.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"

#include <compare>

namespace pouw::inline v1::beacon {

/// The output of a complete ceremony. A node fixes keys, tables and commitments before `known_at`, never
/// before `height`.
struct POUW_API Output {
    core::BeaconOutput value;
    /// The start of the reveal window (`Setup::reveal_start`): from this block on a coalition of nodes may
    /// know the value.
    core::Height known_at;
    /// The block in which the ceremony became complete: from it on everybody knows the value.
    core::Height height;

    friend auto operator<=>(const Output&, const Output&) = default;
};

}  // namespace pouw::inline v1::beacon
