/// The errors of `pouw::emission`.
#pragma once

#include "pouw/core/error.hpp"

#include <cstdint>

// clang-format off
#define POUW_EMISSION_ERRORS(X) \
    X(invalid_schedule, 900, "the parameters of the schedule are out of range") \
    X(supply_overflow, 901, "the schedule would issue more than an amount can hold") \
    X(invalid_interval, 902, "the interval ends before it begins") \
    X(never_issued, 903, "the schedule never issues that much") \
    X(precision_exhausted, 904, "the precision does not decide the value of the schedule") \
    X(cap_exceeded, 907, "more than the cap would be minted") \
    X(insufficient_balance, 908, "more is taken than is held") \
    X(sold_out, 909, "the pool has fewer coins left than are asked for") \
    X(insufficient_reserve, 910, "the reserve of the pool does not cover the payout") \
    X(no_live_bid, 911, "no bid is live") \
    X(time_reversed, 912, "the time lies before the last one, or before the start")
// clang-format on

namespace pouw::inline v1::emission {

POUW_ERRORS("emission", POUW_EMISSION_ERRORS)

}  // namespace pouw::inline v1::emission

#undef POUW_EMISSION_ERRORS
