/// The errors of `pouw::core`.
#pragma once

#include "pouw/core/error.hpp"

#include <cstdint>

// clang-format off
#define POUW_CORE_ERRORS(X) \
    X(truncated, 1, "the input is truncated") \
    X(trailing_bytes, 2, "the input has trailing bytes") \
    X(wrong_length, 3, "wrong length") \
    X(invalid_hex, 4, "not a hexadecimal string") \
    X(invalid_magic, 5, "not a file of this format") \
    X(unsupported_version, 6, "unsupported specification version") \
    X(overflow, 7, "the value is too large") \
    X(cancelled, 8, "cancelled") \
    X(invalid_fraction, 9, "not a fraction") \
    X(count_too_large, 10, "the count is larger than the bytes can hold") \
    X(non_canonical, 11, "non-canonical encoding") \
    X(invalid_amount, 12, "an amount is negative or out of range") \
    X(no_weight, 13, "there is no weight to divide among") \
    X(rate_above_one, 14, "a rate is above 1") \
    X(too_early, 15, "the message comes before its window") \
    X(too_late, 16, "the message comes after its window") \
    X(no_misbehaviour, 17, "the evidence convicts nobody") \
    X(inconsistent_state, 18, "the parts of the state contradict each other")
// clang-format on

namespace pouw::inline v1::core {

POUW_ERRORS("core", POUW_CORE_ERRORS)

}  // namespace pouw::inline v1::core

#undef POUW_CORE_ERRORS
