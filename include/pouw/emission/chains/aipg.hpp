/// AI Power Grid: the halvings of the white paper, and the rewards that the public chain pays. Base unit:
/// 1e-8 AIPG.
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/emission/table.hpp"

namespace pouw::inline v1::emission::aipg {

/// A coin in base units.
inline constexpr std::int64_t coin = 100'000'000;

/// The supply of the paper, 200 million coins. The chain bounds every amount by it; neither schedule reaches
/// it.
inline constexpr std::int64_t max_money = 200'000'000 * coin;

/// The schedule of the white paper: 500 coins a block, and "first halvening" at 100,000 blocks, read as a
/// halving every 100,000 blocks. It issues 99,999,999.985 coins, half of the stated supply. The phase counts
/// halvings.
inline constexpr HalvingSchedule<std::int64_t> paper =
    HalvingSchedule<std::int64_t>::create({500 * coin, 100'000}).value();

/// The schedule of the public chain since a community vote of January 2024. It issues 160,693,359.2175 coins,
/// and nothing from the height 37,200,000 on. (The chain's own code shifts by 64 and more from the height
/// 76,050,000 on, which is undefined in C++; here the result is 0.) The phase counts halvings of the reward.
inline constexpr TableSchedule<std::int64_t, 5> chain =
    TableSchedule<std::int64_t, 5>::create({{{0, 50'000'000'000, 100'000},
                                             {500'000, 1'562'500'000, 0},
                                             {3'525'000, 781'250'000, 525'000},
                                             {4'575'000, 195'312'500, 0},
                                             {8'850'000, 97'656'250, 1'050'000}}})
        .value();

/// The coinbase of the public chain's genesis block. Its output cannot be spent, as in Bitcoin.
inline constexpr std::int64_t genesis_coinbase = 5'000 * coin;

/// The schedule `chain` with the coinbase that the genesis block really has instead of the subsidy of its
/// height. It issues 160,697,859.2175 coins, of which 160,692,859.2175 can be spent. The phase counts the
/// genesis block and halvings of the reward.
inline constexpr TableSchedule<std::int64_t, 7> chain_with_genesis =
    TableSchedule<std::int64_t, 7>::create({{{0, genesis_coinbase, 0},
                                             {1, 50'000'000'000, 0},
                                             {100'000, 25'000'000'000, 100'000},
                                             {500'000, 1'562'500'000, 0},
                                             {3'525'000, 781'250'000, 525'000},
                                             {4'575'000, 195'312'500, 0},
                                             {8'850'000, 97'656'250, 1'050'000}}})
        .value();

/// The block from which on the operations wallet receives 60% instead of 5%.
inline constexpr Step operations_raise_height = 710'000;

/// The part of a block's reward for the operations wallet, as in the paper: 5%, rounded down.
/// Expects: `reward >= 0`.
[[nodiscard]] constexpr std::int64_t operations_share(std::int64_t reward) {
    POUW_EXPECTS(reward >= 0);
    return static_cast<std::int64_t>(static_cast<core::uint128>(reward) * 5 / 100);
}

/// The part of a block's reward for the operations wallet on the public chain, where the share depends on the
/// height.
/// Expects: `reward >= 0`.
[[nodiscard]] constexpr std::int64_t operations_share(std::int64_t reward, Step height) {
    POUW_EXPECTS(reward >= 0);
    const core::uint128 percent = height < operations_raise_height ? 5 : 60;
    return static_cast<std::int64_t>(static_cast<core::uint128>(reward) * percent / 100);
}

/// The least balance of a validator ("approximately 10,000" in the paper).
inline constexpr std::int64_t validator_minimum = 10'000 * coin;

/// Whether a node with this balance may validate.
[[nodiscard]] constexpr bool may_validate(std::int64_t balance) noexcept {
    return balance >= validator_minimum;
}

/// The number of blocks in a year of 365 days, at one block a minute.
inline constexpr Step blocks_per_year = 365 * 1440;

}  // namespace pouw::inline v1::emission::aipg
