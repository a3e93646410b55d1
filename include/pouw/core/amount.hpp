/// Amounts of coins, and their products with rates and fractions.
/// Source: White paper, chapters 6 and 9.
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/core/rate.hpp"
#include "pouw/core/wide.hpp"

#include <cstdint>

namespace pouw::inline v1::core {

/// An amount in base units of the chain's coin, 0 to 2^127 - 1. Coins of 18 decimals do not fit 64 bits.
using Amount = int128;
/// The largest amount.
inline constexpr Amount max_amount = int128_max;

/// `floor(rate · amount)`.
/// Expects: `amount >= 0`.
[[nodiscard]] constexpr Amount part_rounded_down(Rate rate, Amount amount) {
    POUW_EXPECTS(amount >= 0);
    // Whole millions and the rest apart: the product of the whole would not fit. Most amounts fit 64 bits,
    // where division is several times as fast.
    if (amount <= UINT64_MAX / Rate::one) {
        return static_cast<std::uint64_t>(amount) * rate.ppm() / Rate::one;
    }
    return amount / Rate::one * rate.ppm() + amount % Rate::one * rate.ppm() / Rate::one;
}

/// `ceil(rate · amount)`.
/// Expects: `amount >= 0`.
[[nodiscard]] constexpr Amount part_rounded_up(Rate rate, Amount amount) {
    return amount - part_rounded_down(rate.complement(), amount);
}

/// `floor(amount · numerator / denominator)`.
/// Expects: `amount >= 0`, `numerator <= denominator`, `denominator > 0`.
[[nodiscard]] constexpr Amount scaled_rounded_down(Amount amount, uint128 numerator, uint128 denominator) {
    POUW_EXPECTS(amount >= 0 && numerator <= denominator && denominator > 0);
    return static_cast<Amount>(
        divide(multiply(static_cast<uint128>(amount), numerator), denominator).quotient.low);
}

}  // namespace pouw::inline v1::core
