/// Amounts, rates, and how both are multiplied and divided. White paper, chapters 6 and 9.
#pragma once

#include "pouw/core/result.hpp"
#include "pouw/core/wide.hpp"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

namespace pouw::economics {

/// Base units of the chain's coin, 0 to 2^127 - 1: 64 bits are too few for coins of 18 decimals.
using Amount = core::int128;
inline constexpr Amount max_amount = core::int128_max;

/// A share from 0 to 1 in parts per million.
class Rate {
  public:
    static constexpr std::uint32_t one = 1'000'000;

    constexpr Rate() = default;

    /// errc::rate_above_one.
    [[nodiscard]] static constexpr core::result<Rate> from_ppm(std::uint64_t ppm) {
        if (ppm > one) return core::fail(core::errc::rate_above_one);
        return Rate{static_cast<std::uint32_t>(ppm)};
    }
    /// For constants. Expects `percent <= 100`.
    [[nodiscard]] static constexpr Rate percent(std::uint32_t percent) {
        Expects(percent <= 100);
        return Rate{percent * 10'000};
    }
    [[nodiscard]] constexpr std::uint32_t ppm() const noexcept { return ppm_; }
    /// 1 - rate.
    [[nodiscard]] constexpr Rate rest() const noexcept { return Rate{one - ppm_}; }

    friend constexpr auto operator<=>(const Rate&, const Rate&) = default;

  private:
    constexpr explicit Rate(std::uint32_t ppm) : ppm_{ppm} {}

    std::uint32_t ppm_ = 0;
};

/// floor(rate · amount). Expects `amount >= 0`.
[[nodiscard]] constexpr Amount part_rounded_down(Rate rate, Amount amount) {
    Expects(amount >= 0);
    // Whole millions and the rest apart: the product of the whole would not fit. Most amounts fit 64 bits,
    // where division is several times as fast.
    if (amount <= UINT64_MAX / Rate::one) {
        return static_cast<std::uint64_t>(amount) * rate.ppm() / Rate::one;
    }
    return amount / Rate::one * rate.ppm() + amount % Rate::one * rate.ppm() / Rate::one;
}

/// ceil(rate · amount). Expects `amount >= 0`.
[[nodiscard]] constexpr Amount part_rounded_up(Rate rate, Amount amount) {
    return amount - part_rounded_down(rate.rest(), amount);
}

/// floor(amount · numerator / denominator). Expects `amount >= 0`, `numerator <= denominator`, `denominator >
/// 0`.
[[nodiscard]] constexpr Amount scaled_rounded_down(Amount amount, core::uint128 numerator,
                                                   core::uint128 denominator) {
    Expects(amount >= 0 && numerator <= denominator && denominator > 0);
    return static_cast<Amount>(
        core::divide(core::multiply(static_cast<core::uint128>(amount), numerator), denominator)
            .quotient.low);
}

/// `amount` in proportion to weights of 128 bits, by largest remainder: each owner has floor(amount · w / W),
/// the units left go one each to the largest remainders, of equal ones to the first. Weights stand in
/// ascending order of the owners' ids. O(n log n). errc::no_weight when all weights are 0; errc::overflow
/// when they exceed 2^128 - 1 together. Expects `amount >= 0`.
[[nodiscard]] inline core::result<std::vector<Amount>> divide_by_weight(
    Amount amount, std::span<const core::uint128> weights) {
    Expects(amount >= 0);
    core::uint128 total = 0;
    for (const core::uint128 w : weights) {
        const auto sum = core::checked_add(total, w);
        if (!sum) return core::fail(core::errc::overflow, "the sum of the weights");
        total = *sum;
    }
    if (total == 0) return core::fail(core::errc::no_weight);
    std::vector<Amount> parts(weights.size());
    std::vector<core::uint128> remainders(weights.size());
    Amount left = amount;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const auto d = core::divide(core::multiply(static_cast<core::uint128>(amount), weights[i]), total);
        parts[i] = static_cast<Amount>(d.quotient.low);
        remainders[i] = d.remainder;
        left -= parts[i];
    }
    if (left == 0) return parts;
    std::vector<std::size_t> order(weights.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
    for (std::size_t i = 0; i < static_cast<std::size_t>(left); ++i) ++parts[order[i]];
    return parts;
}

}  // namespace pouw::economics
