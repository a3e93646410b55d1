/// Exact fractions of whole amounts.
#pragma once

#include <gsl/gsl>

#include <cstdint>

namespace pouw::core {

/// A rational number; a share when `is_share()`. Not reduced: 2/4 and 1/2 are different values of equal
/// effect.
struct Fraction {
    std::uint64_t numerator = 0;
    std::uint64_t denominator = 1;

    /// Whether the number lies above 0 and is at most 1.
    [[nodiscard]] constexpr bool is_share() const noexcept {
        return numerator >= 1 && numerator <= denominator;
    }

    friend constexpr bool operator==(const Fraction&, const Fraction&) = default;
};

/// `floor(share · amount)`. Expects `is_share()`.
[[nodiscard]] constexpr std::uint64_t part_rounded_down(const Fraction& share, std::uint64_t amount) {
    Expects(share.is_share());
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>(Wide{amount} * share.numerator / share.denominator);
}

/// `ceil(share · amount)`. Expects `is_share()`.
[[nodiscard]] constexpr std::uint64_t part_rounded_up(const Fraction& share, std::uint64_t amount) {
    Expects(share.is_share());
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((Wide{amount} * share.numerator + (share.denominator - 1)) /
                                      share.denominator);
}

/// Whether `part / whole >= share`, exactly. Nothing of nothing is every share. Expects `is_share()`.
[[nodiscard]] constexpr bool is_at_least(std::uint64_t part, std::uint64_t whole, const Fraction& share) {
    Expects(share.is_share());
    __extension__ using Wide = unsigned __int128;
    return Wide{part} * share.denominator >= Wide{whole} * share.numerator;
}

}  // namespace pouw::core
