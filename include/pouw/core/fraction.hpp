/// Exact fractions: probabilities, shares and thresholds.
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"

#include <compare>
#include <cstdint>
#include <numeric>

namespace pouw::inline v1::core {

/// A rational number that is not negative. Comparison is by value: 2/4 equals 1/2.
struct POUW_API Fraction {
    std::uint64_t numerator = 0;
    std::uint64_t denominator = 1;  ///< at least 1

    constexpr Fraction() = default;
    /// Expects: `denominator >= 1`.
    constexpr Fraction(std::uint64_t n, std::uint64_t d) : numerator{n}, denominator{d} {
        POUW_EXPECTS(d >= 1);
    }

    /// The fraction of two numbers from outside.
    /// Errors: errc::invalid_fraction for a denominator of 0.
    [[nodiscard]] static constexpr result<Fraction> create(std::uint64_t n, std::uint64_t d) {
        if (d == 0) return fail(errc::invalid_fraction, "the denominator is 0");
        return Fraction{n, d};
    }

    /// Whether the number lies above 0 and is at most 1.
    [[nodiscard]] constexpr bool is_share() const noexcept {
        return numerator >= 1 && numerator <= denominator;
    }
    /// Whether the number lies above 0 and below 1.
    [[nodiscard]] constexpr bool is_probability() const noexcept {
        return numerator >= 1 && numerator < denominator;
    }
    /// The same number in lowest terms.
    [[nodiscard]] constexpr Fraction reduced() const {
        const std::uint64_t divisor = std::gcd(numerator, denominator);
        return {numerator / divisor, denominator / divisor};
    }
    /// 1 minus the number.
    /// Expects: a number of at most 1.
    [[nodiscard]] constexpr Fraction complement() const {
        POUW_EXPECTS(numerator <= denominator);
        return {denominator - numerator, denominator};
    }

    friend constexpr std::weak_ordering operator<=>(const Fraction& a, const Fraction& b) noexcept {
        __extension__ using Wide = unsigned __int128;
        const Wide left = Wide{a.numerator} * b.denominator;
        const Wide right = Wide{b.numerator} * a.denominator;
        return left < right   ? std::weak_ordering::less
               : left > right ? std::weak_ordering::greater
                              : std::weak_ordering::equivalent;
    }
    friend constexpr bool operator==(const Fraction& a, const Fraction& b) noexcept { return (a <=> b) == 0; }
};

/// `floor(share · amount)`.
/// Expects: `share.is_share()`.
[[nodiscard]] constexpr std::uint64_t part_rounded_down(const Fraction& share, std::uint64_t amount) {
    POUW_EXPECTS(share.is_share());
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>(Wide{amount} * share.numerator / share.denominator);
}

/// `ceil(share · amount)`.
/// Expects: `share.is_share()`.
[[nodiscard]] constexpr std::uint64_t part_rounded_up(const Fraction& share, std::uint64_t amount) {
    POUW_EXPECTS(share.is_share());
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((Wide{amount} * share.numerator + (share.denominator - 1)) /
                                      share.denominator);
}

/// Whether `part / whole >= share`, exactly. It holds when both `part` and `whole` are 0.
/// Expects: `share.is_share()`.
[[nodiscard]] constexpr bool is_at_least(std::uint64_t part, std::uint64_t whole, const Fraction& share) {
    POUW_EXPECTS(share.is_share());
    __extension__ using Wide = unsigned __int128;
    return Wide{part} * share.denominator >= Wide{whole} * share.numerator;
}

}  // namespace pouw::inline v1::core
