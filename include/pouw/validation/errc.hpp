/// The errors of `pouw::validation`.
#pragma once

#include "pouw/core/error.hpp"

#include <cstdint>

// clang-format off
#define POUW_VALIDATION_ERRORS(X) \
    X(unregistered_key, 700, "no such VRF key is registered for the node") \
    X(late_registration, 701, "the VRF key was registered when the beacon could be known already") \
    X(not_selected, 702, "the VRF output does not select the node") \
    X(was_selected, 703, "the VRF output selects the node") \
    X(inconsistent_weights, 704, "the weights exceed their total") \
    X(unknown_task, 705, "no such task") \
    X(already_answered, 706, "the question is answered already") \
    X(early_output, 707, "the beacon output is not younger than what it is to decide") \
    X(no_executor, 708, "no node is left that could take the task") \
    X(false_dummy, 709, "the request is not the dummy task of this VRF output") \
    X(other_chain, 710, "the message is of another chain") \
    X(other_epoch, 711, "the message is of another epoch") \
    X(other_executor, 712, "the message is about the work of another executor") \
    X(other_result, 713, "the message is about another result of the task") \
    X(already_voted, 714, "the node has voted on this result already") \
    X(contradicting_vote, 715, "the node has signed the opposite vote on this result") \
    X(invalid_image_record, 716, "a field of the image record is out of range") \
    X(other_image, 717, "the record is of another image request") \
    X(output_mismatch, 718, "the image comes out different from the record") \
    X(own_work, 719, "a node judges its own work") \
    X(no_voting_weight, 720, "a node without weight checks or votes") \
    X(duplicate_task, 721, "a task has the id of the one before") \
    X(task_out_of_order, 722, "the id of a task is below the one before") \
    X(weights_changed, 723, "a task was judged by other weights than those of its epoch") \
    X(invalid_beacon_output, 724, "a beacon output is complete before anybody may know it") \
    X(invalid_membership, 725, "the epochs of the registration are not those of a membership") \
    X(stale_registration, 726, "the registration does not follow the one before") \
    X(reused_key, 727, "two keys of the registration are one key") \
    /* certificates of blocks */ \
    X(no_majority, 740, "the signers have no majority of the weight") \
    X(other_weights, 741, "the table of weights is another one than the one named") \
    X(other_height, 742, "the vote is for a block of another height") \
    X(other_block, 743, "the vote is for another block of this height") \
    X(stale_certificate, 744, "the certificate is not of a later block")
// clang-format on

namespace pouw::inline v1::validation {

POUW_ERRORS("validation", POUW_VALIDATION_ERRORS)

}  // namespace pouw::inline v1::validation

#undef POUW_VALIDATION_ERRORS
