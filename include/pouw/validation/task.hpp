/// Tasks: the pieces of work that are checked and voted on.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"

namespace pouw::inline v1::validation {

/// A task and the node that did it. Nobody may be able to choose the id once the beacon of its epoch can be
/// known; assignment.hpp makes such ids.
struct POUW_API Task {
    core::TaskId id;
    core::NodeId executor;

    friend bool operator==(const Task&, const Task&) = default;
};

}  // namespace pouw::inline v1::validation
