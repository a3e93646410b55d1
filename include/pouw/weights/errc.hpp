/// The errors of `pouw::weights`.
#pragma once

#include "pouw/core/error.hpp"

#include <cstdint>

// clang-format off
#define POUW_WEIGHTS_ERRORS(X) \
    X(duplicate_node, 400, "a node has two weights")
// clang-format on

namespace pouw::inline v1::weights {

POUW_ERRORS("weights", POUW_WEIGHTS_ERRORS)

}  // namespace pouw::inline v1::weights

#undef POUW_WEIGHTS_ERRORS
