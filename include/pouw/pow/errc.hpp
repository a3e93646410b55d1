/// The errors of `pouw::pow`.
#pragma once

#include "pouw/core/error.hpp"

#include <cstdint>

// clang-format off
#define POUW_POW_ERRORS(X) \
    X(invalid_config, 200, "invalid model config") \
    X(unsound_config, 201, "the model config is not known to be sound") \
    X(unknown_preset, 202, "unknown preset") \
    X(unknown_backend, 203, "unknown backend") \
    X(unsupported_backend, 204, "this machine does not support the backend") \
    X(failed_self_test, 205, "the backend computes wrong values") \
    X(invalid_block_header, 206, "not a Bitcoin block header of 80 bytes") \
    X(insufficient_work, 207, "the block header does not meet its own proof-of-work target") \
    X(invalid_threshold, 208, "the threshold is 0, or the probability is outside (0, 1)") \
    X(backend_failed, 209, "the backend failed: its device is lost or out of memory")
// clang-format on

namespace pouw::inline v1::pow {

POUW_ERRORS("pow", POUW_POW_ERRORS)

}  // namespace pouw::inline v1::pow

#undef POUW_POW_ERRORS
