// Powers of a fraction against a bound, exactly.
#pragma once

#include "stats/approximation.hpp"
#include "stats/natural.hpp"

#include "pouw/core/fraction.hpp"

#include <compare>
#include <cstdint>

namespace pouw::inline v1::stats {

/// Compares `base`, `base^2`, `base^3`, ... with `limit`, one after the other.
class PowerComparison {
  public:
    /// Expects both fractions to be positive.
    PowerComparison(const core::Fraction& base, const core::Fraction& limit) : base_{base}, limit_{limit} {
        bound_.multiply(limit.numerator, limit.denominator);
    }

    /// The next power against the limit. Cost: 25 ns; where the two are equal to 110 bits, that of integers
    /// of as many words as the exponent.
    [[nodiscard]] std::strong_ordering next() {
        power_.multiply(base_.numerator, base_.denominator);
        ++exponent_;
        if (certainly_less(power_, bound_)) return std::strong_ordering::less;
        if (certainly_less(bound_, power_)) return std::strong_ordering::greater;
        Natural left{limit_.denominator};
        Natural right{limit_.numerator};
        left.multiply_by_power(base_.numerator, exponent_);
        right.multiply_by_power(base_.denominator, exponent_);
        return left <=> right;
    }

  private:
    core::Fraction base_;
    core::Fraction limit_;
    Approximation bound_;
    Approximation power_;
    std::uint64_t exponent_ = 0;
};

}  // namespace pouw::inline v1::stats
