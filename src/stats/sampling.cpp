#include "pouw/stats/sampling.hpp"

#include "pouw/core/wide.hpp"

#include <gsl/gsl>

#include <algorithm>
#include <bit>
#include <vector>

namespace pouw::stats {
namespace {

__extension__ using Wide = unsigned __int128;

/// An upper bound of a product of fractions, each below 1: `mantissa · 2^-(126 + exponent)`.
class UpperBound {
  public:
    /// Rounded up, with an error of less than one part in 2^124. Expects 0 < numerator < denominator.
    void multiply(std::uint64_t numerator, std::uint64_t denominator) {
        // Both with their highest bit set: the quotient lies between 1/2 and 2, and that of 192 bits by 64
        // below 2^128.
        const int lower = std::countl_zero(numerator);
        const int upper = std::countl_zero(denominator);
        numerator <<= lower;
        denominator <<= upper;
        const Wide low = Wide{static_cast<std::uint64_t>(mantissa_)} * numerator;
        const Wide high = Wide{static_cast<std::uint64_t>(mantissa_ >> 64)} * numerator + (low >> 64);
        const Wide rest = ((high % denominator) << 64) | static_cast<std::uint64_t>(low);
        mantissa_ = ((high / denominator) << 64) + rest / denominator;
        if (rest % denominator != 0) ++mantissa_;
        exponent_ += lower - upper;
        normalise();
    }

    /// The bound lies in [2^-exponent, 2^-(exponent - 1)).
    [[nodiscard]] std::uint32_t exponent() const noexcept { return static_cast<std::uint32_t>(exponent_); }

    /// Whether the true product could still be 2^-exponent or less: a million factors err by less than one
    /// part in 2^104.
    [[nodiscard]] bool is_close_to_power() const noexcept {
        return mantissa_ - (Wide{1} << 126) < Wide{1} << 26;
    }

  private:
    void normalise() {
        if (mantissa_ >= Wide{1} << 127) {
            mantissa_ = (mantissa_ + 1) >> 1;
            --exponent_;
        }
        while (mantissa_ < Wide{1} << 126) {
            mantissa_ <<= 1;
            ++exponent_;
        }
    }

    Wide mantissa_ = Wide{1} << 126;  // at least 2^126, at most 2^127
    std::int64_t exponent_ = 0;
};

/// A natural number of any size.
class Natural {
  public:
    void multiply(std::uint64_t factor) {
        std::uint64_t carry = 0;
        for (std::uint64_t& limb : limbs_) {
            const Wide product = Wide{limb} * factor + carry;
            limb = static_cast<std::uint64_t>(product);
            carry = static_cast<std::uint64_t>(product >> 64);
        }
        if (carry != 0) limbs_.push_back(carry);
    }
    void multiply_by_power_of_two(std::uint32_t exponent) {
        limbs_.insert(limbs_.begin(), exponent / 64, 0);
        multiply(std::uint64_t{1} << (exponent % 64));
    }
    friend bool operator<=(const Natural& a, const Natural& b) {
        if (a.limbs_.size() != b.limbs_.size()) return a.limbs_.size() < b.limbs_.size();
        return !std::lexicographical_compare(b.limbs_.rbegin(), b.limbs_.rend(), a.limbs_.rbegin(),
                                             a.limbs_.rend());
    }

  private:
    std::vector<std::uint64_t> limbs_{1};  // least significant first, the last one not 0
};

/// The chance to miss as `factors` fractions `(top - i) / (bottom - i)`, all numerators positive.
struct Miss {
    std::uint64_t top;
    std::uint64_t bottom;
    std::uint64_t factors;

    /// Whether the product is at most 2^-bits, exactly.
    [[nodiscard]] bool is_at_most(std::uint32_t bits) const {
        Natural numerator;
        Natural denominator;
        for (std::uint64_t i = 0; i < factors; ++i) {
            numerator.multiply(top - i);
            denominator.multiply(bottom - i);
        }
        numerator.multiply_by_power_of_two(bits);
        return numerator <= denominator;
    }
};

std::uint32_t soundness_of(const Miss& miss) {
    UpperBound bound;
    for (std::uint64_t i = 0; i < miss.factors; ++i) bound.multiply(miss.top - i, miss.bottom - i);
    const bool reaches = bound.is_close_to_power() && miss.is_at_most(bound.exponent());
    return reaches ? bound.exponent() : bound.exponent() - 1;
}

/// Bounds of a power of a fraction, fixed point with 127 fractional bits.
struct PowerBounds {
    Wide low = Wide{1} << 127;
    Wide high = Wide{1} << 127;

    /// Rounded outwards. Expects numerator < denominator.
    void multiply(std::uint64_t numerator, std::uint64_t denominator) {
        low = core::multiply_divide_floor(low, numerator, denominator).value();
        high = core::multiply_divide_ceil(high, numerator, denominator).value();
    }
};

/// Whether (numerator / denominator)^exponent <= limit, exactly.
bool power_is_at_most(const core::Fraction& base, std::uint64_t exponent, const core::Fraction& limit) {
    Natural left;
    Natural right;
    for (std::uint64_t i = 0; i < exponent; ++i) {
        left.multiply(base.numerator);
        right.multiply(base.denominator);
    }
    left.multiply(limit.denominator);
    right.multiply(limit.numerator);
    return left <= right;
}

void expect_population(std::uint64_t population, std::uint64_t marked) {
    Expects(marked <= population);
    Expects(marked >= 1 || population == 0);
}

}  // namespace

std::uint64_t marked_at_least(std::uint64_t population, const core::Fraction& share) {
    return std::min(population, std::max<std::uint64_t>(1, core::part_rounded_up(share, population)));
}

std::uint32_t soundness_bits(std::uint64_t population, std::uint64_t marked, std::uint64_t samples) {
    expect_population(population, marked);
    Expects(samples <= population);
    // Marked and drawn may change places: C(n-m, k) / C(n, k) = C(n-k, m) / C(n, m).
    const std::uint64_t factors = std::min(marked, samples);
    Expects(factors <= largest_sample);
    if (population == 0 || samples > population - marked) return certain;
    return soundness_of(
        {.top = population - std::max(marked, samples), .bottom = population, .factors = factors});
}

core::result<std::uint64_t> samples_for(std::uint64_t population, std::uint64_t marked, std::uint32_t bits) {
    expect_population(population, marked);
    if (population == 0) return std::uint64_t{0};
    const auto reaches = [&](std::uint64_t samples) {
        return soundness_bits(population, marked, samples) >= bits;
    };
    std::uint64_t enough = std::min(population, largest_sample);
    if (!reaches(enough)) return core::fail(core::errc::too_many_samples);
    // The soundness grows with the samples.
    for (std::uint64_t too_few = 0; enough > 0;) {
        const std::uint64_t middle = too_few + (enough - too_few) / 2;
        if (reaches(middle)) {
            enough = middle;
        } else {
            too_few = middle + 1;
        }
        if (too_few == enough) break;
    }
    return enough;
}

core::result<std::uint64_t> checks_to_detect(const core::Fraction& found, const core::Fraction& confidence) {
    Expects(found.is_share() && confidence.is_share());
    const core::Fraction passed{found.denominator - found.numerator, found.denominator};
    const core::Fraction allowed{confidence.denominator - confidence.numerator, confidence.denominator};
    if (passed.numerator == 0) return std::uint64_t{1};
    Expects(allowed.numerator >= 1);
    const Wide low_limit =
        core::multiply_divide_floor(Wide{1} << 127, allowed.numerator, allowed.denominator).value();
    const Wide high_limit =
        core::multiply_divide_ceil(Wide{1} << 127, allowed.numerator, allowed.denominator).value();
    PowerBounds power;
    for (std::uint64_t checks = 1; checks <= largest_sample; ++checks) {
        power.multiply(passed.numerator, passed.denominator);
        if (power.low > high_limit) continue;
        if (power.high <= low_limit || power_is_at_most(passed, checks, allowed)) return checks;
    }
    return core::fail(core::errc::too_many_samples);
}

}  // namespace pouw::stats
