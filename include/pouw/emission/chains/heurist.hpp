/// Heurist (HUE, later HEU): the release of the supply by month, the vesting of esHUE with an early-exit
/// penalty, points for text and image work, and the threshold and boost of stakes. Base unit: 1e-18 HUE.
///
/// Source: the article "Running Heurist", the project's token page, and its public esHEU contract.
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/state.hpp"
#include "pouw/emission/errc.hpp"
#include "pouw/emission/schedule.hpp"
#include "pouw/emission/vesting.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace pouw::inline v1::emission::heurist {

using core::int128;

/// A HUE in base units.
inline constexpr int128 hue = 1'000'000'000'000'000'000;
inline constexpr int128 max_supply = 1'000'000'000 * hue;

// Release ---------------------------------------------------------------------------------------------------

/// One row of the token page. Months count from the generation event; `vesting_months` includes the cliff.
struct POUW_API Allocation {
    std::string_view name;
    std::int64_t coins = 0;
    std::uint32_t upfront_percent = 0;
    std::uint32_t cliff_months = 0;
    std::uint32_t vesting_months = 0;
};
/// The rows of the token page.
inline constexpr std::array<Allocation, 11> allocations{{
    {"testnet miners", 50'000'000, 100, 0, 0},
    {"liquidity", 28'000'000, 100, 0, 0},
    {"marketing", 18'500'000, 100, 0, 0},
    {"Imaginaries airdrop", 12'845'000, 100, 0, 0},
    {"grants", 300'000, 100, 0, 0},
    {"KOLs", 6'500'000, 20, 0, 6},
    {"unallocated grants", 6'855'000, 0, 3, 0},
    {"angels and VC", 60'000'000, 0, 3, 24},
    {"team and advisors", 150'000'000, 0, 3, 24},
    {"mining", 500'000'000, 0, 3, 120},
    {"treasury", 167'000'000, 0, 6, 48},
}};

/// The schedule of one row.
/// Expects: a row whose amounts fit.
[[nodiscard]] constexpr VestingSchedule<int128> vesting(const Allocation& row) {
    const int128 amount = row.coins * hue;
    return VestingSchedule<int128>::create(
               {amount, amount / 100 * row.upfront_percent, row.cliff_months, row.vesting_months})
        .value();
}

namespace detail {

inline constexpr Step first_cliff = 3;
inline constexpr Step last_month = 120;

/// The sum of the rows by month, up to the last month that releases anything.
inline constexpr auto released = [] {
    std::array<int128, last_month + 1> out{};
    for (Step month = 0; month <= last_month; ++month)
        for (const Allocation& row : allocations) out[month] += vesting(row).cumulative(month);
    return out;
}();
static_assert(released[last_month] == max_supply);

}  // namespace detail

/// The schedule of all rows together, by month. `cumulative(0)` is the amount that is free at the generation
/// event, 110,945,000 HUE. The phase is 0 before the first cliff, 1 while anything vests, and 2 when all is
/// released.
class POUW_API Release {
  public:
    using Amount = int128;

    [[nodiscard]] constexpr Amount reward(Step month) const noexcept {
        return month < detail::last_month ? detail::released[month + 1] - detail::released[month] : Amount{0};
    }
    /// The amount released at the start of the month.
    /// Cost: O(1), one look-up.
    [[nodiscard]] constexpr Amount cumulative(Step month) const noexcept {
        return detail::released[std::min(month, detail::last_month)];
    }
    [[nodiscard]] constexpr Amount total() const noexcept { return max_supply; }
    [[nodiscard]] constexpr std::uint64_t phase(Step month) const noexcept {
        if (month < detail::first_cliff) return 0;
        return month < detail::last_month ? 1 : 2;
    }
};

// esHUE -----------------------------------------------------------------------------------------------------

/// The duration of the vesting of esHUE.
inline constexpr std::uint64_t vesting_seconds = 365 * 86'400;
/// The delay after which unstaked HUE unlocks. esHUE unlocks at once. `economics::Collateral` counts it in
/// blocks: `economics::blocks_rounded_up`.
inline constexpr std::uint64_t unlock_seconds = 30 * 86'400;

/// An amount of esHUE that turns into HUE linearly from `start` to `end`, in seconds.
struct POUW_API EscrowVesting {
    int128 amount = 0;
    std::uint64_t start = 0;
    std::uint64_t end = 0;

    /// The whole state.
    [[nodiscard]] core::Bytes save() const {
        core::Bytes out = core::start_state(state_magic);
        core::append(out, core::to_le(amount));
        core::append(out, core::to_le(start));
        core::append(out, core::to_le(end));
        return out;
    }
    /// Restores a state that `save` gave.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version; core::errc::invalid_amount for a negative amount;
    ///     errc::time_reversed when end < start.
    [[nodiscard]] static core::result<EscrowVesting> restore(core::ByteView data) {
        core::Reader reader{data};
        if (const auto begun = core::take_state_start(reader, state_magic); !begun) return begun.error();
        EscrowVesting out;
        out.amount = core::take_signed<int128>(reader);
        out.start = reader.integer<std::uint64_t>();
        out.end = reader.integer<std::uint64_t>();
        if (const auto ended = core::check_state_end(reader); !ended) return ended.error();
        if (out.amount < 0) return core::fail(core::errc::invalid_amount);
        if (out.end < out.start) return core::fail(errc::time_reversed);
        return out;
    }

    friend constexpr bool operator==(const EscrowVesting&, const EscrowVesting&) = default;

  private:
    static constexpr std::string_view state_magic = "pouwesc1";
};

/// The penalty of a claim before the end, on the part that is not vested yet, as a fraction of 1e18: 10%.
inline constexpr int128 early_exit_penalty = hue / 10;

/// The amount of HUE for one esHUE, as a fraction of 1e18: pool · 1e18 / supply rounded down, and 1e18 while
/// either is 0.
/// Expects: amounts of at least 0.
/// Errors: core::errc::overflow when the rate exceeds 127 bits.
[[nodiscard]] constexpr core::result<int128> redemption_rate(int128 pool, int128 supply) {
    POUW_EXPECTS(pool >= 0 && supply >= 0);
    if (pool == 0 || supply == 0) return hue;
    const auto rate =
        core::multiply_divide_floor(static_cast<core::uint128>(pool), static_cast<core::uint128>(hue),
                                    static_cast<core::uint128>(supply));
    if (!rate || *rate > static_cast<core::uint128>(core::int128_max))
        return core::fail(core::errc::overflow);
    return static_cast<int128>(*rate);
}

/// The result of a claim.
struct POUW_API Claim {
    int128 vested = 0;   // esHUE that turned into HUE
    int128 penalty = 0;  // esHUE lost of the rest
    int128 paid = 0;     // HUE
    EscrowVesting rest;  // what goes on vesting, from now to the same end

    /// The esHUE that is burned: the vested part and the penalty.
    [[nodiscard]] constexpr int128 burned() const noexcept { return vested + penalty; }
};

/// The claim at the time `now`, as the public contract computes it. Of `amount`, floor(amount · (now - start)
/// / (end - start)) is vested; floor(rest · penalty) of the rest is lost; floor(vested · rate) is paid. From
/// the end on all is vested.
/// Errors: core::errc::invalid_amount for a negative amount, a penalty outside [0, 1] or a negative rate;
///     errc::time_reversed when now < start or end < start; core::errc::overflow when the payment exceeds 127
///     bits.
[[nodiscard]] constexpr core::result<Claim> claim(const EscrowVesting& v, std::uint64_t now,
                                                  int128 rate = hue, int128 penalty = early_exit_penalty) {
    if (v.amount < 0 || rate < 0 || penalty < 0 || penalty > hue)
        return core::fail(core::errc::invalid_amount);
    if (now < v.start || v.end < v.start) return core::fail(errc::time_reversed);
    const auto times = [](int128 amount, int128 fraction) {
        return core::multiply_divide_floor(static_cast<core::uint128>(amount),
                                           static_cast<core::uint128>(fraction),
                                           static_cast<core::uint128>(hue));
    };
    Claim out;
    out.vested =
        now >= v.end ? v.amount : emission::detail::fraction_of(v.amount, now - v.start, v.end - v.start);
    out.penalty = static_cast<int128>(*times(v.amount - out.vested, penalty));
    const auto paid = times(out.vested, rate);
    if (!paid || *paid > static_cast<core::uint128>(core::int128_max))
        return core::fail(core::errc::overflow);
    out.paid = static_cast<int128>(*paid);
    out.rest = {v.amount - out.burned(), now, std::max(now, v.end)};
    return out;
}

// Points ----------------------------------------------------------------------------------------------------

/// The multiplier of a model, in tenths: Mixtral 8x7b 10, an 8-billion model 5; SD 1.5 3, SDXL 10, SDXL with
/// LoRA 12. (The article counts one Waifu point for SD 1.5: 10.)
using MultiplierTenths = std::uint32_t;

/// Work is counted in units of which every point is a whole number, so that the sum is not rounded. Divide
/// the sum of the work by the units to get points.
inline constexpr std::uint64_t llama_units = 1'000 * 10;           // 1,000 tokens at multiplier 1
inline constexpr std::uint64_t waifu_units = 512 * 512 * 20 * 10;  // 512 x 512 pixels, 20 steps, multiplier 1

/// The units of text work, for input and output tokens.
[[nodiscard]] constexpr core::uint128 text_work(std::uint64_t tokens, MultiplierTenths multiplier) noexcept {
    return core::uint128{tokens} * multiplier;
}

/// The units of image work.
[[nodiscard]] constexpr core::uint128 image_work(std::uint32_t width, std::uint32_t height,
                                                 std::uint32_t steps, MultiplierTenths multiplier) noexcept {
    return core::uint128{width} * height * steps * multiplier;
}

// Stake -----------------------------------------------------------------------------------------------------

/// The boost of rewards by stake. A node with less than `minimum` earns nothing; above, its rewards grow
/// linearly with the stake up to `full`. The article fixes the two stakes and "in direct proportion", but not
/// the factors. They are parameters, and the defaults are 1 and 10, the ratio of the stakes.
struct POUW_API StakeBoost {
    int128 minimum = 10'000 * hue;          // >= 0
    int128 full = 100'000 * hue;            // > minimum
    std::uint32_t at_minimum_bps = 10'000;  // factor in 1e-4
    std::uint32_t at_full_bps = 100'000;    // >= at_minimum_bps
};

/// The product of `reward` and the boost of `stake`, rounded down; 0 below the minimum.
/// Errors: core::errc::invalid_amount for negative amounts; errc::invalid_schedule for a boost out of range;
///     core::errc::overflow when the product exceeds 127 bits.
[[nodiscard]] constexpr core::result<int128> boosted(const StakeBoost& boost, int128 reward, int128 stake) {
    if (reward < 0 || stake < 0) return core::fail(core::errc::invalid_amount);
    // The range of a stake has 95 bits, so that its product with a factor has 127.
    if (boost.minimum < 0 || boost.full <= boost.minimum || (boost.full >> 95) != 0 ||
        boost.at_full_bps < boost.at_minimum_bps)
        return core::fail(errc::invalid_schedule);
    if (stake < boost.minimum) return int128{0};
    const auto range = static_cast<core::uint128>(boost.full - boost.minimum);
    const auto above = static_cast<core::uint128>(std::min(stake, boost.full) - boost.minimum);
    const core::uint128 factor =
        boost.at_minimum_bps * range + (boost.at_full_bps - boost.at_minimum_bps) * above;
    const core::Division d =
        core::divide(core::multiply(static_cast<core::uint128>(reward), factor), 10'000 * range);
    if (d.quotient > core::uint256{0, static_cast<core::uint128>(core::int128_max)})
        return core::fail(core::errc::overflow);
    return static_cast<int128>(d.quotient.low);
}

}  // namespace pouw::inline v1::emission::heurist
