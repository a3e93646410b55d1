/// The relation of threshold and probability: estimates for people and for the choice of parameters.
/// Consensus depends on the integer threshold alone.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/pow/config.hpp"

#include <cstdint>

namespace pouw::inline v1::pow {

/// The probability that an honest nonce has a distance below the threshold, P(d2 < threshold), in closed
/// form.
///
/// Given an output x of length |x|, the permuted output is a random direction, and d2 = |x|² + |t|² - 2 x·t
/// depends only on the cosine of its angle to the target. For a direction uniform on the sphere in d
/// dimensions, P(cosine > c) = ½ I_{1-c²}((d-1)/2, ½). |x|² is taken as 0.99865 × 1024 × d, its measured mean
/// (523,580 at 512). Its spread (±740) and the finite set of permutations change less than 0.5%. The result
/// agrees with samples of the whitepaper presets within 2% at 1/900 and 1% at 1/50.
///
/// The function uses IEEE additions, multiplications, divisions and square roots in a fixed order, so that it
/// gives the same value on every platform.
/// Expects: a valid config.
/// Cost: about 30 µs.
[[nodiscard]] POUW_API double probability(const ModelConfig& config, std::uint64_t threshold);

/// The largest threshold whose probability is at most `numerator / denominator`.
/// Expects: a valid config.
/// Errors: errc::invalid_threshold unless 0 < numerator < denominator, or where even the threshold 1 has a
///     higher probability.
[[nodiscard]] POUW_API core::result<std::uint64_t> threshold_for(const ModelConfig& config,
                                                                 std::uint64_t numerator,
                                                                 std::uint64_t denominator);

}  // namespace pouw::inline v1::pow
