/// How many samples catch a cheat, and how surely. docs/spec/proofs.md section 7.
///
/// The setting: of `population` claims at least `marked` are false; `samples` of them, drawn uniformly
/// without replacement, are checked; the cheat is missed when none of them is marked. The chance of that is
/// exactly
///
///     miss = C(population - marked, samples) / C(population, samples)
///          = product over i < samples of (population - marked - i) / (population - i),
///
/// and the soundness is the largest integer `s` with miss <= 2^-s. It is decided exactly: by a bound in
/// 128-bit integers that is rounded up at every step, and where that comes close to a power of two, by
/// integers of any size.
#pragma once

#include "pouw/core/fraction.hpp"
#include "pouw/core/result.hpp"

#include <cstdint>

namespace pouw::stats {

/// The soundness of a check that cannot miss.
inline constexpr std::uint32_t certain = UINT32_MAX;

/// The largest number of samples that `samples_for` returns: more forward passes are better spent on the
/// whole.
inline constexpr std::uint64_t largest_sample = std::uint64_t{1} << 20;

/// The least number of false claims that a cheat of at least this share has: `max(1, ceil(share ·
/// population))`; 0 when there is no claim. Expects `share.is_share()`.
[[nodiscard]] std::uint64_t marked_at_least(std::uint64_t population, const core::Fraction& share);

/// The soundness, as above; `certain` when no sample can avoid the marked ones, or when nothing is claimed.
/// Expects `samples <= population`, `marked` in 1..population (0 for population 0), and that `marked` or
/// `samples` is at most `largest_sample`. Cost: about 20 ns for each sample or marked claim, whichever are
/// fewer.
[[nodiscard]] std::uint32_t soundness_bits(std::uint64_t population, std::uint64_t marked,
                                           std::uint64_t samples);

/// The smallest number of samples whose soundness is at least `bits`. Expectations on `population` and
/// `marked` as above. Errors: errc::too_many_samples above `largest_sample`. Cost: at most 21 times that of
/// the result's soundness.
[[nodiscard]] core::result<std::uint64_t> samples_for(std::uint64_t population, std::uint64_t marked,
                                                      std::uint32_t bits);

/// The smallest number of independent checks, each of which finds something with the chance `found`, that
/// together find it at least once with at least the chance `confidence`: the smallest n with (1 - found)^n <=
/// 1 - confidence, exactly. 459 checks find, 99 times in 100, whoever cheats 1 time in 100. Errors:
/// errc::too_many_samples above `largest_sample`. Expects `found.is_share()`, `confidence.is_share()`, and a
/// confidence below 1 unless `found` is 1. Cost: about 30 ns a check of the result; where the comparison is
/// closer than one part in 2^100, that of integers of 64 n bits.
[[nodiscard]] core::result<std::uint64_t> checks_to_detect(const core::Fraction& found,
                                                           const core::Fraction& confidence);

}  // namespace pouw::stats
