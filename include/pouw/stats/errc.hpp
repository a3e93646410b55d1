/// The errors of `pouw::stats`.
#pragma once

#include "pouw/core/error.hpp"

#include <cstdint>

// clang-format off
#define POUW_STATS_ERRORS(X) \
    X(too_many_samples, 250, "the soundness asked for needs more samples than allowed") \
    X(invalid_probability, 251, "not a probability above 0 and below 1 with a denominator below 2^31") \
    X(invalid_test, 252, "the parameters make no test")
// clang-format on

namespace pouw::inline v1::stats {

POUW_ERRORS("stats", POUW_STATS_ERRORS)

}  // namespace pouw::inline v1::stats

#undef POUW_STATS_ERRORS
