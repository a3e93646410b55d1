/// The errors of `pouw::economics`.
#pragma once

#include "pouw/core/error.hpp"

#include <cstdint>

// clang-format off
#define POUW_ECONOMICS_ERRORS(X) \
    X(invalid_rules, 1001, "the rules of the economy are out of range") \
    X(unknown_node, 1006, "no node of the epoch") \
    X(verdict_out_of_order, 1009, "verdicts do not ascend in their nodes") \
    X(duplicate_verdict, 1010, "a node judges or votes twice") \
    X(unexpected_vote, 1011, "a vote on a task that nobody flagged or reported") \
    X(no_result, 1012, "checks, votes, a report or a cost where there is no result of a user's request") \
    X(insufficient_deposit, 1013, "the deposit is too small") \
    X(share_locked, 1014, "the training share is fixed for the first five years") \
    X(share_out_of_bounds, 1015, "the training share is outside its bounds") \
    X(price_out_of_bounds, 1016, "the price is outside its bounds") \
    X(epoch_out_of_order, 1017, "the epoch does not follow the one settled or closed last") \
    X(duplicate_model, 1018, "the model is listed or proposed already") \
    X(unknown_model, 1019, "no such model") \
    X(voting_closed, 1020, "the vote is over") \
    X(voting_open, 1021, "the vote is not over yet") \
    X(open_ruling, 1022, "the votes on the task have no ruling yet") \
    X(unsupported_ruling, 1023, "a ruling for which nobody voted") \
    X(unknown_parameter, 1060, "no such parameter") \
    X(unknown_proposal, 1061, "no such proposal, or its vote is over") \
    X(duplicate_proposal, 1062, "the proposal was made already") \
    X(too_many_proposals, 1063, "too many proposals are undecided or not active yet") \
    X(insufficient_weight, 1064, "too little weight to propose")
// clang-format on

namespace pouw::inline v1::economics {

POUW_ERRORS("economics", POUW_ECONOMICS_ERRORS)

}  // namespace pouw::inline v1::economics

#undef POUW_ECONOMICS_ERRORS
