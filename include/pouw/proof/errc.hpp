/// The errors of `pouw::proof`.
#pragma once

#include "pouw/core/error.hpp"

#include <cstdint>

// clang-format off
#define POUW_PROOF_ERRORS(X) \
    X(nonce_overflow, 302, "a nonce exceeds 2^64 - 1") \
    X(model_mismatch, 303, "the proof is for another model") \
    X(race_mismatch, 304, "the proof is for another race") \
    X(node_mismatch, 305, "the proof is of another node") \
    X(threshold_mismatch, 306, "the proof is for another threshold") \
    X(false_nonce, 307, "a claimed nonce does not pass") \
    X(root_mismatch, 308, "the root differs") \
    X(count_mismatch, 309, "the count differs") \
    X(rank_out_of_range, 310, "a rank is not below the count") \
    X(wrong_samples, 311, "the opening does not show exactly the nonces asked for") \
    X(insufficient_soundness, 312, "the samples do not reach the soundness asked for") \
    X(passing_nonce, 313, "the accused nonce passes") \
    X(invalid_ranges, 314, "the declared nonce ranges overlap, descend or cannot hold the count") \
    X(not_an_extension, 315, "the commitment does not continue the earlier one") \
    X(nonce_outside_ranges, 316, "a committed nonce lies outside the declared ranges") \
    X(invalid_target, 317, "a check by sample needs a share of false nonces and a soundness of at least 1 bit")
// clang-format on

namespace pouw::inline v1::proof {

POUW_ERRORS("proof", POUW_PROOF_ERRORS)

}  // namespace pouw::inline v1::proof

#undef POUW_PROOF_ERRORS
