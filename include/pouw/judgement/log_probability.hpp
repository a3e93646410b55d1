/// The conversion of a model's floating-point results to the integers of a record.
///
/// Everything after this conversion is in integers, and the conversion decides nothing: two machines whose
/// models differ in the last digit may get records that differ in the last unit.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/judgement/record.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::judgement {

/// The surprisal -ln p in units of 2^-16 nat, rounded to the nearest unit.
/// Errors: errc::invalid_log_probability for NaN, the infinities, numbers that do not round to 0 or less, and
///     numbers below -65535.
[[nodiscard]] POUW_API core::result<std::uint32_t> surprisal(double log_probability);

/// The `count` most probable tokens in the order of a record, from the logits of all tokens; the logit of
/// token i is the i-th. Minus infinity marks a token that cannot occur.
/// Errors: errc::invalid_log_probability for NaN and infinity anywhere; errc::invalid_record_size when fewer
///     than `count` tokens can occur, or for a count of 0 or above `InferenceRecord::most_candidates`.
/// Cost: about 10 ns for each logit.
[[nodiscard]] POUW_API core::result<std::vector<Candidate>> top_candidates(std::span<const float> logits,
                                                                           std::uint32_t count);

}  // namespace pouw::inline v1::judgement
