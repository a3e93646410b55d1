/// Tasks: the pieces of work that are checked and voted on.
#pragma once

#include "pouw/core/ids.hpp"

namespace pouw::validation {

/// A piece of work and the node that did it. Nobody may be able to choose the id once the beacon of its epoch
/// can be known: assignment.hpp.
struct Task {
    core::TaskId id;
    core::NodeId executor;

    friend bool operator==(const Task&, const Task&) = default;
};

}  // namespace pouw::validation
