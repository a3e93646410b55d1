/// Sample sizes and soundness of checks by sample.
///
/// Of `population` claims at least `marked` are false; `samples` claims, drawn uniformly without replacement,
/// are checked. The check misses when no sample is marked. The probability of a miss is hypergeometric:
///
///     miss = C(population - marked, samples) / C(population, samples)
///          = product over i < samples of (population - marked - i) / (population - i),
///
/// and the soundness is the largest integer `s` with miss <= 2^-s. The decision is exact: a bound in 128-bit
/// integers that is rounded up at every step, and, close to a power of two, integers of any size.
/// Source: docs/spec/proofs.md section 7.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/core/result.hpp"

#include <cstdint>

namespace pouw::inline v1::stats {

/// The soundness of a check that cannot miss.
inline constexpr std::uint32_t certain = UINT32_MAX;

/// The largest number of samples that `samples_for` returns, 2^20. A check that needs more samples checks all
/// claims.
inline constexpr std::uint64_t largest_sample = std::uint64_t{1} << 20;

/// The least number of false claims when they are at least this share: `max(1, ceil(share · population))`; 0
/// for a population of 0.
/// Expects: `share.is_share()`.
[[nodiscard]] POUW_API std::uint64_t marked_at_least(std::uint64_t population, const core::Fraction& share);

/// The soundness of a check in bits, as above; `certain` when every sample contains a marked claim, and for a
/// population of 0.
/// Expects: `samples <= population`; `marked` in 1..population (0 for a population of 0); `marked` or
///     `samples` at most `largest_sample`.
/// Cost: about 20 ns for each sample or marked claim, whichever are fewer.
[[nodiscard]] POUW_API std::uint32_t soundness_bits(std::uint64_t population, std::uint64_t marked,
                                                    std::uint64_t samples);

/// The smallest number of samples with a soundness of at least `bits`.
/// Expects: `marked` in 1..population (0 for a population of 0).
/// Errors: errc::too_many_samples above `largest_sample`.
/// Cost: at most 21 times that of the result's soundness.
[[nodiscard]] POUW_API core::result<std::uint64_t> samples_for(std::uint64_t population, std::uint64_t marked,
                                                               std::uint32_t bits);

/// The smallest number of independent checks, each of which detects with probability `found`, that detect at
/// least once with probability `confidence`: the smallest n with (1 - found)^n <= 1 - confidence, exactly.
/// 459 checks detect a cheat in 1 case of 100 with 99% confidence.
/// Expects: `found.is_share()`, `confidence.is_share()`, a confidence below 1 unless `found` is 1.
/// Errors: errc::too_many_samples above `largest_sample`.
/// Cost: about 30 ns for each check of the result; where the two sides agree to one part in 2^100, that of
///     integers of 64 n bits.
[[nodiscard]] POUW_API core::result<std::uint64_t> checks_to_detect(const core::Fraction& found,
                                                                    const core::Fraction& confidence);

}  // namespace pouw::inline v1::stats
