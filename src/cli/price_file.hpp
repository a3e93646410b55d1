/// VOTES.json: an epoch of `pouw price`.
#pragma once

#include "cli/json_fields.hpp"

#include "pouw/economics/pricing.hpp"

#include <istream>

namespace pouw::cli {

struct ClosedEpoch {
    std::uint64_t epoch = 0;  ///< that begins
    core::Amount before = 0;
    core::Amount price = 0;
};

/// Closes the epoch. Throws `Rejected`, and `std::invalid_argument` for what is no JSON.
[[nodiscard]] ClosedEpoch close_epoch(std::istream& in);

}  // namespace pouw::cli
