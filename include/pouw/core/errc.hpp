/// Every way in which input can be wrong: one code, its number, and what it means in a few words.
///
/// Numbers are stable: new codes are added, none is reused. Each module owns a hundred.
#pragma once

#include <cstdint>
#include <string_view>

// clang-format off
#define POUW_ERROR_CODES(X)                                                                        \
    /* core */                                                                                     \
    X(truncated, 1, "the input is truncated")                                                      \
    X(trailing_bytes, 2, "the input has trailing bytes")                                           \
    X(wrong_length, 3, "wrong length")                                                             \
    X(invalid_hex, 4, "not a hexadecimal string")                                                  \
    X(invalid_magic, 5, "not a file of this format")                                               \
    X(unsupported_version, 6, "unsupported specification version")                                 \
    X(overflow, 7, "the value is too large")                                                       \
    X(cancelled, 8, "cancelled")                                                                   \
    X(invalid_fraction, 9, "not a fraction above 0 and at most 1")                                 \
    /* crypto */                                                                                   \
    X(unsafe_libsodium, 100, "the linked libsodium fails the start-up check")                      \
    X(invalid_public_key, 101, "the public key is not the canonical encoding of a point of prime order")\
    X(invalid_signature, 102, "the signature does not verify")                                     \
    X(invalid_key_file, 103, "not a pouw key file")                                                \
    X(invalid_point, 104, "not the canonical encoding of a group element")                         \
    X(invalid_scalar, 105, "not a canonical scalar: it is not below the group order")              \
    X(identity_point, 106, "the group's identity where no honest sender puts it")                  \
    X(false_possession, 107, "the proof of possession of the secret key does not verify")          \
    X(invalid_prompt, 108, "not a sealed prompt")                                                  \
    X(not_a_recipient, 109, "the prompt is not sealed to this key")                                \
    X(unopenable_prompt, 110, "the sealed prompt does not open to what its sender committed to")   \
    /* pow */                                                                                      \
    X(invalid_config, 200, "invalid model config")                                                 \
    X(unsound_config, 201, "the model config is not known to be sound")                            \
    X(unknown_preset, 202, "unknown preset")                                                       \
    X(unknown_backend, 203, "unknown backend")                                                     \
    X(unsupported_backend, 204, "this machine does not support the backend")                       \
    X(failed_self_test, 205, "the backend computes wrong values")                                  \
    X(invalid_block_header, 206, "not a Bitcoin block header of 80 bytes")                         \
    X(insufficient_work, 207, "the block header does not meet its own proof-of-work target")       \
    X(invalid_threshold, 208, "the threshold is 0, or the probability is outside (0, 1)")          \
    /* stats */                                                                                    \
    X(too_many_samples, 250, "the soundness asked for needs more samples than allowed")            \
    X(invalid_probability, 251, "not a probability above 0 and below 1 with a denominator below 2^31") \
    X(invalid_test, 252, "the parameters make no test")                                            \
    /* proof */                                                                                    \
    X(count_too_large, 300, "the count is larger than the bytes can hold")                         \
    X(non_canonical, 301, "non-canonical encoding")                                                \
    X(nonce_overflow, 302, "a nonce exceeds 2^64 - 1")                                             \
    X(model_mismatch, 303, "the proof is for another model")                                       \
    X(race_mismatch, 304, "the proof is for another race")                                         \
    X(key_mismatch, 305, "the proof is of another node")                                           \
    X(threshold_mismatch, 306, "the proof is for another threshold")                               \
    X(false_nonce, 307, "a claimed nonce does not pass")                                           \
    X(root_mismatch, 308, "the root is another")                                                   \
    X(count_mismatch, 309, "the count is another")                                                 \
    X(rank_out_of_range, 310, "a rank is not below the count")                                     \
    X(wrong_samples, 311, "the opening does not show exactly the nonces asked for")                \
    X(insufficient_soundness, 312, "the samples do not reach the soundness asked for")             \
    X(passing_nonce, 313, "the accused nonce passes")                                              \
    X(invalid_ranges, 314, "the declared nonce ranges overlap, descend or cannot hold the count")  \
    X(not_an_extension, 315, "the commitment does not continue the earlier one")                   \
    X(nonce_outside_ranges, 316, "a committed nonce lies outside the declared ranges")             \
    /* weights */                                                                                  \
    X(duplicate_node, 400, "a node has two weights")                                               \
    /* vrf */                                                                                      \
    X(invalid_vrf_key, 500, "the VRF key is no point of the curve, or one of small order")         \
    X(invalid_vrf_proof, 501, "not the encoding of a VRF proof")                                   \
    X(false_vrf_proof, 502, "the VRF proof is not one of this input by this key")                  \
    /* beacon */                                                                                   \
    X(invalid_weights, 600, "weights that no ticket table is made of")                             \
    X(invalid_ceremony, 601, "invalid ceremony parameters")                                        \
    X(too_few_holders, 602, "the weight is in too few hands")                                      \
    X(too_many_tickets, 603, "the asked guarantee needs more tickets than allowed")                \
    X(too_few_dealers, 604, "the dealers cannot promise one honest deal")                          \
    X(duplicate_holder, 605, "two holders have the same node or share key")                        \
    X(other_ceremony, 606, "the message is of another ceremony")                                   \
    X(unknown_sender, 607, "the sender has no such part in the ceremony")                          \
    X(malformed_message, 608, "the signed message has malformed content")                          \
    X(too_early, 609, "the message comes before its window")                                       \
    X(too_late, 610, "the message comes after its window")                                         \
    X(duplicate_message, 611, "the ceremony already has this message")                             \
    X(equivocation, 612, "the dealer has signed another deal")                                     \
    X(invalid_deal, 613, "the proof of correct sharing does not verify")                           \
    X(false_reveal, 614, "the revealed secret is not the one dealt")                               \
    X(other_recovery, 615, "the shares are of another recovery")                                   \
    X(invalid_shares, 616, "the proof of correct decryption does not verify")                      \
    X(no_misbehaviour, 617, "the evidence convicts nobody")                                        \
    X(invalid_state, 618, "not a state of this ceremony")                                          \
    /* validation */                                                                               \
    X(unregistered_key, 700, "no such VRF key is registered for the node")                         \
    X(late_registration, 701, "the VRF key was registered when the beacon could be known already") \
    X(not_selected, 702, "the VRF output does not select the node")                                \
    X(was_selected, 703, "the VRF output selects the node")                                        \
    X(inconsistent_weights, 704, "the weights exceed their total")                                 \
    X(unknown_task, 705, "no such task")                                                           \
    X(already_answered, 706, "the question is answered already")                                   \
    X(early_randomness, 707, "the randomness is not younger than what it is to decide")            \
    X(no_provider, 708, "no node is left that could take the task")                                \
    X(false_dummy, 709, "the request is not the dummy task of this VRF output")                    \
    X(other_chain, 710, "the message is of another chain")                                         \
    X(other_epoch, 711, "the message is of another epoch")                                         \
    X(other_executor, 712, "the message is about the work of another executor")                    \
    X(other_result, 713, "the message is about another result of the task")                        \
    X(already_voted, 714, "the node has voted on this result already")                             \
    X(contradicting_vote, 715, "the node has signed the opposite vote on this result")             \
    X(invalid_image_record, 716, "a field of the image record is out of range")                    \
    X(other_image, 717, "the record is of another image request")                                  \
    X(output_mismatch, 718, "the image comes out different from the record")                       \
    /* validation: judgement and comparison */                                                     \
    X(invalid_log_probability, 740, "not the logarithm of a probability: NaN, infinite or above 0") \
    X(invalid_record_size, 741, "an inference record without tokens or candidates, or with too many") \
    X(duplicate_candidate, 742, "a candidate stands twice at one position")                        \
    X(candidate_out_of_order, 743, "candidates do not descend in their probability, or ascend in their token where equal") \
    X(excess_probability, 744, "the probabilities of one position exceed 1")                       \
    X(length_mismatch, 745, "the records have different numbers of tokens or of candidates")       \
    X(token_mismatch, 746, "the recomputation is of other tokens")                                 \
    X(request_mismatch, 747, "the record answers another request")                                 \
    X(invalid_sampling, 748, "invalid settings of the sampler")                                    \
    X(already_convicted, 749, "the node is convicted for this cycle")                              \
    X(too_many_checks, 750, "more checks than a cycle counts")                                     \
    X(too_few_calibration_samples, 751, "too few samples for the confidence asked for")            \
    X(inseparable_samples, 752, "no threshold tells the fraudulent samples from the honest ones so often") \
    /* emission */                                                                                 \
    X(invalid_schedule, 900, "the parameters of the schedule are out of range")                    \
    X(supply_overflow, 901, "the schedule would issue more than an amount can hold")               \
    X(invalid_interval, 902, "the interval ends before it begins")                                 \
    X(never_issued, 903, "the schedule never issues that much")                                    \
    X(precision_exhausted, 904, "the precision does not decide the value of the schedule")         \
    X(invalid_amount, 905, "an amount is negative or out of range")                                \
    X(no_weight, 906, "there is no weight to divide among")                                        \
    X(cap_exceeded, 907, "more than the cap would be minted")                                      \
    X(insufficient_balance, 908, "more is taken than is held")                                     \
    X(sold_out, 909, "the pool has fewer coins left than are asked for")                           \
    X(insufficient_reserve, 910, "the reserve of the pool does not cover the payout")              \
    X(no_live_bid, 911, "no bid is live")                                                          \
    X(time_reversed, 912, "the time lies before the last one, or before the start")                \
    X(unknown_schedule, 913, "unknown emission schedule")                                          \
    /* economics */                                                                                \
    X(rate_above_one, 1000, "a rate is above 1")                                                   \
    X(invalid_rules, 1001, "the rules of the economy are out of range")                            \
    X(cycle_out_of_order, 1002, "the cycle does not follow the one settled last")                  \
    X(task_out_of_order, 1003, "the id of a task is below the one before")                         \
    X(duplicate_task, 1004, "a task has the id of the one before")                                 \
    X(weights_changed, 1005, "a task was judged by other weights than those of its cycle")         \
    X(unknown_node, 1006, "no node of the cycle")                                                  \
    X(no_voting_weight, 1007, "a node without weight checks or votes")                             \
    X(own_work, 1008, "a node judges its own work")                                                \
    X(verdict_out_of_order, 1009, "verdicts do not ascend in their nodes")                         \
    X(duplicate_verdict, 1010, "a node judges or votes twice")                                     \
    X(unexpected_vote, 1011, "a vote on a task that nobody flagged or reported")                   \
    X(no_result, 1012, "checks, votes, a report or a cost where there is no result of a user's request") \
    X(insufficient_deposit, 1013, "the deposit is too small")                                      \
    X(share_locked, 1014, "the training share is fixed for the first five years")                  \
    X(share_out_of_bounds, 1015, "the training share is outside its bounds")                       \
    X(price_out_of_bounds, 1016, "the price is outside its bounds")                                \
    X(epoch_out_of_order, 1017, "the epoch does not follow the one closed last")                   \
    X(duplicate_model, 1018, "the model is listed or proposed already")                            \
    X(unknown_model, 1019, "no such model")                                                        \
    X(voting_closed, 1020, "the vote is over")                                                     \
    X(voting_open, 1021, "the vote is not over yet")
// clang-format on

namespace pouw::core {

enum class errc : std::uint16_t {
#define POUW_ENUMERATOR(name, number, text) name = number,
    POUW_ERROR_CODES(POUW_ENUMERATOR)
#undef POUW_ENUMERATOR
};

/// The meaning of a code, for people.
[[nodiscard]] constexpr std::string_view message(errc code) noexcept {
    switch (code) {
#define POUW_CASE(name, number, text) \
    case errc::name:                  \
        return text;
        POUW_ERROR_CODES(POUW_CASE)
#undef POUW_CASE
    }
    return "unknown error";
}

/// The stable name of a code, for JSON and logs.
[[nodiscard]] constexpr std::string_view name(errc code) noexcept {
    switch (code) {
#define POUW_CASE(name, number, text) \
    case errc::name:                  \
        return #name;
        POUW_ERROR_CODES(POUW_CASE)
#undef POUW_CASE
    }
    return "unknown";
}

}  // namespace pouw::core

#undef POUW_ERROR_CODES
