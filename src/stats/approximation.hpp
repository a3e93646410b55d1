// Positive numbers of any magnitude between two bounds that differ in the 120th bit: what decides nearly
// always.
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/core/wide.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace pouw::inline v1::stats {

/// A positive number: at least `mantissa · 2^exponent`, and above that by less than `8 · roundings ·
/// 2^exponent`. Every operation rounds down and loses less than one part in 2^125, so that `roundings`
/// operations lose less than `roundings` parts in 2^124, of a mantissa below 2^127.
class Approximation {
  public:
    /// One.
    Approximation() = default;

    /// Expects both factors to be positive.
    void multiply(std::uint64_t numerator, std::uint64_t denominator) {
        POUW_EXPECTS(numerator != 0 && denominator != 0);
        // Both with their highest bit set: the quotient lies between 1/2 and 2, and that of 192 bits by 64
        // below 2^128.
        const int lower = std::countl_zero(numerator);
        const int upper = std::countl_zero(denominator);
        numerator <<= lower;
        denominator <<= upper;
        const core::uint128 low = core::uint128{static_cast<std::uint64_t>(mantissa_)} * numerator;
        const core::uint128 high =
            core::uint128{static_cast<std::uint64_t>(mantissa_ >> 64)} * numerator + (low >> 64);
        const core::uint128 rest = ((high % denominator) << 64) | static_cast<std::uint64_t>(low);
        mantissa_ = ((high / denominator) << 64) + rest / denominator;
        exponent_ += upper - lower;
        rounded();
    }

    /// The sum. Expects fewer than 2^56 operations in both.
    [[nodiscard]] friend Approximation operator+(const Approximation& a, const Approximation& b) {
        Approximation sum = a.exponent_ >= b.exponent_ ? a : b;
        const Approximation& smaller = a.exponent_ >= b.exponent_ ? b : a;
        const std::int64_t shift = sum.exponent_ - smaller.exponent_;
        if (shift < 128) sum.mantissa_ += smaller.mantissa_ >> shift;
        sum.roundings_ = std::max(a.roundings_, b.roundings_);
        sum.rounded();
        return sum;
    }

    /// Whether `a < b` beyond doubt.
    [[nodiscard]] friend bool certainly_less(const Approximation& a, const Approximation& b) {
        if (a.exponent_ > b.exponent_) return false;
        if (a.exponent_ + 2 <= b.exponent_) return true;
        return a.upper() < b.mantissa_ << (b.exponent_ - a.exponent_);
    }

    /// Whether the number is less than one part in 2^120 of the other beyond doubt.
    [[nodiscard]] bool is_negligible_beside(const Approximation& other) const {
        return exponent_ + 122 <= other.exponent_;
    }

    /// The largest `s` for which the lower, or the upper, bound is at most 2^-s.
    [[nodiscard]] std::int64_t bits_of_lower() const noexcept {
        return -(exponent_ + 126) - (mantissa_ == core::uint128{1} << 126 ? 0 : 1);
    }
    [[nodiscard]] std::int64_t bits_of_upper() const noexcept {
        if (roundings_ == 0) return bits_of_lower();
        return -(exponent_ + 127) - (upper() <= core::uint128{1} << 127 ? 0 : 1);
    }

  private:
    [[nodiscard]] core::uint128 upper() const { return mantissa_ + core::uint128{8} * roundings_; }

    void rounded() {
        ++roundings_;
        POUW_EXPECTS(roundings_ < std::uint64_t{1} << 56);
        if (mantissa_ >= core::uint128{1} << 127) {
            mantissa_ >>= 1;
            ++exponent_;
        }
        while (mantissa_ < core::uint128{1} << 126) {
            mantissa_ <<= 1;
            --exponent_;
        }
    }

    core::uint128 mantissa_ = core::uint128{1} << 126;  // at least 2^126, below 2^127
    std::int64_t exponent_ = -126;
    std::uint64_t roundings_ = 0;
};

}  // namespace pouw::inline v1::stats
