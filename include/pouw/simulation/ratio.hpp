/// Exact rational numbers that are not negative, for break-evens.
#pragma once

#include "pouw/core/amount.hpp"
#include "pouw/core/contract.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/wide.hpp"

#include <compare>
#include <optional>

namespace pouw::inline v1::simulation {

/// A ratio of two 128-bit integers, in lowest terms. Operations give nothing where the exact result does not
/// fit.
class POUW_API Ratio {
  public:
    constexpr Ratio() = default;
    constexpr Ratio(std::uint64_t whole) : numerator_{whole} {}
    constexpr Ratio(core::Rate rate) : Ratio{rate.ppm(), core::Rate::one} {}
    /// The ratio of two integers.
    /// Expects: `denominator > 0`.
    constexpr Ratio(core::uint128 numerator, core::uint128 denominator) {
        POUW_EXPECTS(denominator > 0);
        const core::uint128 g = gcd(numerator, denominator);
        numerator_ = numerator / g;
        denominator_ = denominator / g;
    }

    [[nodiscard]] constexpr core::uint128 numerator() const noexcept { return numerator_; }
    [[nodiscard]] constexpr core::uint128 denominator() const noexcept { return denominator_; }

    friend constexpr bool operator==(const Ratio&, const Ratio&) = default;
    friend constexpr std::strong_ordering operator<=>(const Ratio& a, const Ratio& b) {
        return core::multiply(a.numerator_, b.denominator_) <=> core::multiply(b.numerator_, a.denominator_);
    }

    [[nodiscard]] static constexpr core::uint128 gcd(core::uint128 a, core::uint128 b) {
        while (b != 0) {
            a %= b;
            std::swap(a, b);
        }
        return a;
    }

  private:
    core::uint128 numerator_ = 0;
    core::uint128 denominator_ = 1;
};

/// A ratio, or nothing after an operation whose result did not fit.
using Rational = std::optional<Ratio>;

[[nodiscard]] constexpr Rational operator*(const Rational& a, const Rational& b) {
    if (!a || !b) return std::nullopt;
    const core::uint128 g = Ratio::gcd(a->numerator(), b->denominator());
    const core::uint128 h = Ratio::gcd(b->numerator(), a->denominator());
    const auto numerator = core::checked_multiply(a->numerator() / g, b->numerator() / h);
    const auto denominator = core::checked_multiply(a->denominator() / h, b->denominator() / g);
    if (!numerator || !denominator) return std::nullopt;
    return Ratio{*numerator, *denominator};
}

/// The quotient; nothing where `b` is 0.
[[nodiscard]] constexpr Rational operator/(const Rational& a, const Rational& b) {
    if (!b || b->numerator() == 0) return std::nullopt;
    return a * Rational{Ratio{b->denominator(), b->numerator()}};
}

[[nodiscard]] constexpr Rational operator+(const Rational& a, const Rational& b) {
    if (!a || !b) return std::nullopt;
    const core::uint128 g = Ratio::gcd(a->denominator(), b->denominator());
    const auto left = core::checked_multiply(a->numerator(), b->denominator() / g);
    const auto right = core::checked_multiply(b->numerator(), a->denominator() / g);
    const auto denominator = core::checked_multiply(a->denominator(), b->denominator() / g);
    if (!left || !right || !denominator) return std::nullopt;
    const auto numerator = core::checked_add(*left, *right);
    if (!numerator) return std::nullopt;
    return Ratio{*numerator, *denominator};
}

/// The difference `max(0, a - b)`, because no quantity here is negative.
[[nodiscard]] constexpr Rational operator-(const Rational& a, const Rational& b) {
    if (!a || !b) return std::nullopt;
    if (*a <= *b) return Ratio{};
    const core::uint128 g = Ratio::gcd(a->denominator(), b->denominator());
    const auto left = core::checked_multiply(a->numerator(), b->denominator() / g);
    const auto right = core::checked_multiply(b->numerator(), a->denominator() / g);
    const auto denominator = core::checked_multiply(a->denominator(), b->denominator() / g);
    if (!left || !right || !denominator) return std::nullopt;
    return Ratio{*left - *right, *denominator};
}

}  // namespace pouw::inline v1::simulation
