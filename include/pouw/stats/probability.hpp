/// Probabilities of the tests: fractions strictly between 0 and 1.
#pragma once

#include "pouw/core/fraction.hpp"
#include "pouw/core/result.hpp"
#include "pouw/stats/errc.hpp"

#include <cstdint>
#include <numeric>

namespace pouw::stats {

/// A probability above 0 and below 1, in lowest terms, with a denominator below 2^31. Immutable.
class Probability {
  public:
    /// errc::invalid_probability for 0, for 1 and more, and for a denominator of 2^31 or more in lowest
    /// terms.
    [[nodiscard]] static constexpr core::result<Probability> create(const core::Fraction& value) {
        if (value.numerator == 0 || value.numerator >= value.denominator) {
            return core::fail(errc::invalid_probability, "it is not between 0 and 1");
        }
        const std::uint64_t divisor = std::gcd(value.numerator, value.denominator);
        if (value.denominator / divisor > INT32_MAX) {
            return core::fail(errc::invalid_probability, "its denominator in lowest terms is 2^31 or more");
        }
        return Probability{value.numerator / divisor, value.denominator / divisor};
    }

    [[nodiscard]] constexpr std::uint64_t numerator() const noexcept { return numerator_; }
    [[nodiscard]] constexpr std::uint64_t denominator() const noexcept { return denominator_; }

    [[nodiscard]] constexpr core::Fraction fraction() const noexcept { return {numerator_, denominator_}; }

    /// The numerator of `1 - p`.
    [[nodiscard]] constexpr std::uint64_t rest() const noexcept { return denominator_ - numerator_; }

    /// `1 - p`.
    [[nodiscard]] constexpr Probability complement() const noexcept { return {rest(), denominator_}; }

    [[nodiscard]] friend constexpr bool operator<(const Probability& a, const Probability& b) noexcept {
        return a.numerator_ * b.denominator_ < b.numerator_ * a.denominator_;
    }
    friend constexpr bool operator==(const Probability&, const Probability&) = default;

  private:
    constexpr Probability(std::uint64_t numerator, std::uint64_t denominator) noexcept
        : numerator_{numerator}, denominator_{denominator} {}

    std::uint64_t numerator_;
    std::uint64_t denominator_;
};

}  // namespace pouw::stats
