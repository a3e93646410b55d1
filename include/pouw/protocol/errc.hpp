/// The errors of `pouw::protocol`.
#pragma once

#include "pouw/core/error.hpp"

#include <cstdint>

// clang-format off
#define POUW_PROTOCOL_ERRORS(X) \
    X(invalid_window, 1100, "a window of the clock is out of range") \
    X(unsettled_seed, 1101, "the Race ends before its seed block is final") \
    X(early_samples, 1102, "the ceremony of the samples begins before the Race") \
    X(short_period, 1103, "the windows do not fit between two Races") \
    X(early_race, 1104, "the first Race comes before its ceremony can be held") \
    X(head_start, 1105, "the head start is too large a part of the Race") \
    X(no_race, 1106, "epoch 0 has no Race") \
    X(early_output, 1107, "the output is of an earlier ceremony") \
    X(late_output, 1108, "the output came too late for a Race in this epoch") \
    X(other_seed_block, 1109, "the seed of the Race needs the hash of another block")
// clang-format on

namespace pouw::inline v1::protocol {

POUW_ERRORS("protocol", POUW_PROTOCOL_ERRORS)

}  // namespace pouw::inline v1::protocol

#undef POUW_PROTOCOL_ERRORS
