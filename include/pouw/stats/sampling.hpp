/// How many samples catch a cheat, and how surely. docs/spec/proofs.md section 6.
///
/// The setting: of `population` claims at least `marked` are false; `samples` of them, drawn uniformly without
/// replacement, are checked; the cheat is missed when none of them is marked. The chance of that is exactly
///
///     miss = C(population - marked, samples) / C(population, samples)
///          = product over i < samples of (population - marked - i) / (population - i).
///
/// It is computed as an upper bound in integers, every step rounded up, with a mantissa of 128 bits: the bound exceeds
/// the true value by less than one part in 2^90 for up to 2^20 samples and marked fractions up to 1 - 2^-16. So a
/// soundness stated here is never more than the true one, and it is the same number on every machine.
#pragma once

#include <cstdint>

#include "pouw/core/fraction.hpp"
#include "pouw/core/result.hpp"

namespace pouw::stats {

/// The soundness of a check that cannot miss.
inline constexpr std::uint32_t certain = UINT32_MAX;

/// The largest number of samples that `samples_for` returns: a million forward passes check nothing that a whole
/// recomputation would not check better.
inline constexpr std::uint64_t largest_sample = std::uint64_t{1} << 20;

/// An upper bound of a product of fractions, each at most 1: `mantissa · 2^-(127 + exponent)`.
class MissBound {
  public:
    /// Multiplies by `numerator / denominator`, rounded up. Expects `numerator <= denominator`, `denominator > 0`.
    void multiply_rounded_up(std::uint64_t numerator, std::uint64_t denominator);

    /// The largest `s` with bound <= 2^-s; `certain` when the bound is 0.
    [[nodiscard]] std::uint32_t soundness_bits() const noexcept;

  private:
    __extension__ using Wide = unsigned __int128;
    Wide mantissa_ = Wide{1} << 127;  // 0, or at least 2^127
    std::uint32_t exponent_ = 0;
};

/// The least number of false claims that a cheat of at least this share has: `max(1, ceil(share · population))`; 0 when
/// there is no claim. Expects `share.is_share()`.
[[nodiscard]] std::uint64_t marked_at_least(std::uint64_t population, const core::Fraction& share);

/// The largest `s` with miss <= 2^-s, as above; `certain` when no sample can avoid the marked ones, or when nothing is
/// claimed. Expects `samples <= population` and `marked` in 1..population (0 for population 0).
/// Cost: about 20 ns a sample.
[[nodiscard]] std::uint32_t soundness_bits_rounded_down(std::uint64_t population, std::uint64_t marked,
                                                        std::uint64_t samples);

/// The smallest number of samples whose soundness is at least `bits`. Expectations on `population` and `marked` as
/// above. Errors: errc::too_many_samples above `largest_sample`.
[[nodiscard]] core::result<std::uint64_t> samples_for(std::uint64_t population, std::uint64_t marked,
                                                      std::uint32_t bits);

}  // namespace pouw::stats
