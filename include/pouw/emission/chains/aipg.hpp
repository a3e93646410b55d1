/// AI Power Grid: the white paper's halvings, and what the public chain really pays. Base unit: 1e-8 AIPG.
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/emission/table.hpp"

namespace pouw::inline v1::emission::aipg {

inline constexpr std::int64_t coin = 100'000'000;

/// The 200 million coins of the paper: on the chain a bound for any amount. Neither schedule reaches it.
inline constexpr std::int64_t max_money = 200'000'000 * coin;

/// The white paper: 500 coins a block, "first halvening" at 100,000 blocks, read as a halving every 100,000.
/// It issues 99,999,999.985 coins, half of the stated supply. Phase: halvings.
inline constexpr HalvingSchedule<std::int64_t> paper =
    HalvingSchedule<std::int64_t>::create({500 * coin, 100'000}).value();

/// The public chain, after a community vote of January 2024. It issues 160,693,359.2175 coins; from the
/// height 37,200,000 on, nothing. (The chain's own code shifts by 64 and more from the height 76,050,000,
/// which is undefined; here that is 0.) Phase: halvings of the reward.
inline constexpr TableSchedule<std::int64_t, 5> chain =
    TableSchedule<std::int64_t, 5>::create({{{0, 50'000'000'000, 100'000},
                                             {500'000, 1'562'500'000, 0},
                                             {3'525'000, 781'250'000, 525'000},
                                             {4'575'000, 195'312'500, 0},
                                             {8'850'000, 97'656'250, 1'050'000}}})
        .value();

/// From this block on the operations wallet takes 60% instead of 5%.
inline constexpr Step operations_raise_height = 710'000;

/// The part of a block's reward that goes to the operations wallet, rounded down: 5% as in the paper.
/// Expects: reward >= 0.
[[nodiscard]] constexpr std::int64_t operations_share(std::int64_t reward) {
    POUW_EXPECTS(reward >= 0);
    return static_cast<std::int64_t>(static_cast<core::uint128>(reward) * 5 / 100);
}

/// The same on the public chain, whose share depends on the height.
[[nodiscard]] constexpr std::int64_t operations_share(std::int64_t reward, Step height) {
    POUW_EXPECTS(reward >= 0);
    const core::uint128 percent = height < operations_raise_height ? 5 : 60;
    return static_cast<std::int64_t>(static_cast<core::uint128>(reward) * percent / 100);
}

/// What a validator must hold ("approximately 10,000" in the paper).
inline constexpr std::int64_t validator_minimum = 10'000 * coin;

[[nodiscard]] constexpr bool may_validate(std::int64_t balance) noexcept {
    return balance >= validator_minimum;
}

/// Blocks a year of 365 days, at one a minute.
inline constexpr Step blocks_per_year = 365 * 1440;

}  // namespace pouw::inline v1::emission::aipg
