/// Bitcoin: 50 coins a block, halved every 210,000 blocks. Base unit: 1e-8 coin.
#pragma once

#include "pouw/emission/halving.hpp"

namespace pouw::inline v1::emission::bitcoin {

/// A coin in base units.
inline constexpr std::int64_t coin = 100'000'000;

/// The bound of every amount and every running sum. It is not the total of the schedule.
inline constexpr std::int64_t max_money = 21'000'000 * coin;

/// Whether an amount lies in 0..max_money.
[[nodiscard]] constexpr bool money_range(std::int64_t value) noexcept {
    return value >= 0 && value <= max_money;
}

/// The schedule. A step is a block, counted from the genesis block 0. The phase counts halvings. The total is
/// 2,099,999,997,690,000.
inline constexpr HalvingSchedule<std::int64_t> schedule =
    HalvingSchedule<std::int64_t>::create({50 * coin, 210'000}).value();

}  // namespace pouw::inline v1::emission::bitcoin
