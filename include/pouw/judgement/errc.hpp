/// The errors of `pouw::judgement`.
#pragma once

#include "pouw/core/error.hpp"

#include <cstdint>

// clang-format off
#define POUW_JUDGEMENT_ERRORS(X) \
    X(invalid_log_probability, 800, "not the logarithm of a probability: NaN, infinite or above 0") \
    X(invalid_record_size, 801, "an inference record without tokens or candidates, or with too many") \
    X(duplicate_candidate, 802, "a candidate stands twice at one position") \
    X(candidate_out_of_order, 803, "candidates do not descend in their probability, or ascend in their token where equal") \
    X(excess_probability, 804, "the probabilities of one position exceed 1") \
    X(length_mismatch, 805, "the records have different numbers of tokens, of candidates or of features") \
    X(token_mismatch, 806, "the recomputation is of other tokens") \
    X(request_mismatch, 807, "the record answers another request") \
    X(invalid_sampling, 808, "invalid settings of the sampler") \
    X(already_convicted, 809, "the node is convicted for this epoch") \
    X(too_many_checks, 810, "more checks than an epoch counts") \
    X(too_few_calibration_samples, 811, "too few samples for the confidence asked for") \
    X(inseparable_samples, 812, "no threshold tells the fraudulent samples from the honest ones so often") \
    /* images */ \
    X(invalid_features, 813, "an image without features, or with too many") \
    X(image_mismatch, 814, "the pixels are not those of the image that was claimed")
// clang-format on

namespace pouw::inline v1::judgement {

POUW_ERRORS("judgement", POUW_JUDGEMENT_ERRORS)

}  // namespace pouw::inline v1::judgement

#undef POUW_JUDGEMENT_ERRORS
