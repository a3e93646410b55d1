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
    /* collateral and the training fund */ \
    X(unknown_stake, 1050, "the node has no stake") \
    X(other_owner, 1051, "the stake belongs to another account") \
    X(insufficient_stake, 1052, "the node's stake is smaller") \
    X(stake_fixed, 1053, "stakes do not move between nodes") \
    X(same_node, 1054, "a stake would move to its own node") \
    X(stake_liable, 1055, "the node received a stake that another node still answers for") \
    X(too_many_entries, 1056, "the stake has too many open entries") \
    X(duplicate_evidence, 1057, "the evidence was used against the node before") \
    X(unbalanced_state, 1058, "the coins of a state do not add up") \
    X(unknown_proposal, 1060, "no such proposal or grant, or its vote is over") \
    X(invalid_milestones, 1061, "the milestones are none, too many, empty or out of order") \
    X(milestone_out_of_order, 1062, "the milestone is not the next one") \
    X(undecided_ruling, 1063, "the votes decided nothing") \
    X(too_many_units, 1064, "more units of compute than were granted") \
    /* governance */ \
    X(unknown_parameter, 1070, "no such parameter") \
    X(duplicate_proposal, 1071, "the proposal was made already") \
    X(too_many_proposals, 1072, "too many proposals are undecided or not active yet") \
    X(insufficient_weight, 1073, "too little weight to propose")
// clang-format on

namespace pouw::inline v1::economics {

POUW_ERRORS("economics", POUW_ECONOMICS_ERRORS)

}  // namespace pouw::inline v1::economics

#undef POUW_ECONOMICS_ERRORS
