/// The errors of `pouw::beacon`.
#pragma once

#include "pouw/core/error.hpp"

#include <cstdint>

// clang-format off
#define POUW_BEACON_ERRORS(X) \
    X(invalid_weights, 600, "weights that no ticket table is made of") \
    X(invalid_ceremony, 601, "invalid ceremony parameters") \
    X(too_few_holders, 602, "the weight is in too few hands") \
    X(duplicate_holder, 605, "two holders have the same node or share key") \
    X(other_ceremony, 606, "the message is of another ceremony") \
    X(unknown_sender, 607, "the sender has no such part in the ceremony") \
    X(malformed_message, 608, "the signed message has malformed content") \
    X(duplicate_message, 611, "the ceremony already has this message") \
    X(equivocation, 612, "the dealer has signed another deal") \
    X(invalid_deal, 613, "the proof of correct sharing does not verify") \
    X(false_reveal, 614, "the revealed secret is not the one dealt") \
    X(other_recovery, 615, "the shares are of another recovery") \
    X(invalid_shares, 616, "the proof of correct decryption does not verify") \
    X(invalid_state, 618, "not a state of this ceremony") \
    X(weak_guarantee, 619, "the weights bear a lighter adversary than the chain demands") \
    X(weightless_holder, 620, "the holder has no weight") \
    X(beyond_limit, 621, "the holder is too light for a part in the ceremony")
// clang-format on

namespace pouw::inline v1::beacon {

POUW_ERRORS("beacon", POUW_BEACON_ERRORS)

}  // namespace pouw::inline v1::beacon

#undef POUW_BEACON_ERRORS
