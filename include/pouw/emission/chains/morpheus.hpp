/// Morpheus (MOR): five pools whose daily reward declines linearly, as the public contract pays them; the
/// tail emission of the paper; the compute budget of Yellowstone. Base unit: 1e-18 MOR (wei).
///
/// Source: MorpheusAIs/SmartContracts (getPeriodReward), Morpheus-Lumerin-Node (SessionRouter), and the
///     articles "Morpheus Token Economics" and "Morpheus Yellowstone Compute Model".
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/core/state.hpp"
#include "pouw/emission/errc.hpp"
#include "pouw/emission/schedule.hpp"
#include "pouw/emission/vesting.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

namespace pouw::inline v1::emission::morpheus {

using core::int128;

/// A MOR in base units.
inline constexpr int128 mor = 1'000'000'000'000'000'000;
inline constexpr int128 max_supply = 42'000'000 * mor;

/// A time in seconds since 1970, as the contract counts it.
using Timestamp = std::uint64_t;
inline constexpr Timestamp day = 86'400;

/// The start of the payout, 2024-02-08 12:00 UTC.
inline constexpr Timestamp payout_start = 1'707'393'600;

/// The locks of the contract, in seconds: capital is withdrawn after at least 7 days, and rewards are claimed
/// after at least 90 days (the bootstrap of the article).
inline constexpr Timestamp withdraw_lock = 604'800;
inline constexpr Timestamp claim_lock = 7'776'000;
static_assert(claim_lock == 90 * day);

/// A pool of the contract: it pays `initial_reward` in the first interval and `decrease` less in each
/// interval that follows.
struct POUW_API Pool {
    int128 initial_reward = 0;  // wei an interval, >= 0
    int128 decrease = 0;        // wei an interval, >= 0; 0: for ever
    Timestamp payout_start = 0;
    Timestamp interval = 0;  // seconds; 0: the pool pays nothing

    friend constexpr bool operator==(const Pool&, const Pool&) = default;
};

/// The pools by their index in the contract.
enum class PoolIndex : std::uint8_t { capital = 0, code = 1, community = 2, compute = 3, protection = 4 };

namespace detail {
inline constexpr Pool pool_of_24_percent{3456 * mor, 592'558'728'240'000'000, payout_start, day};
inline constexpr Pool pool_of_4_percent{576 * mor, 98'759'788'040'000'000, payout_start, day};
}  // namespace detail

/// The five pools: four of 24% and one of 4% for protection. Together they pay 14,400 MOR on the first day
/// and 2.468994701 MOR less on each day that follows.
inline constexpr std::array<Pool, 5> pools{detail::pool_of_24_percent, detail::pool_of_24_percent,
                                           detail::pool_of_24_percent, detail::pool_of_24_percent,
                                           detail::pool_of_4_percent};

/// The pool of an index.
[[nodiscard]] constexpr const Pool& pool(PoolIndex index) { return pools[static_cast<std::size_t>(index)]; }

/// The number of intervals in which a pool pays.
/// Expects: `decrease > 0`, `initial_reward >= 0`.
[[nodiscard]] constexpr core::uint128 paying_intervals(const Pool& pool) {
    POUW_EXPECTS(pool.decrease > 0 && pool.initial_reward >= 0);
    const auto reward = static_cast<core::uint128>(pool.initial_reward);
    const auto decrease = static_cast<core::uint128>(pool.decrease);
    return reward / decrease + (reward % decrease != 0 ? 1u : 0u);
}

namespace detail {

/// The reward of the k-th interval.
/// Expects: `k` below the number of paying intervals.
constexpr core::uint128 reward_in(const Pool& pool, core::uint128 k) {
    return static_cast<core::uint128>(pool.initial_reward - pool.decrease * static_cast<int128>(k));
}

/// The payment for `seconds` of the k-th interval, rounded down. It is at most the reward.
/// Expects: `seconds <= interval`.
constexpr core::uint128 part_of(const Pool& pool, core::uint128 k, core::uint128 seconds) {
    return core::divide(core::multiply(reward_in(pool, k), seconds), pool.interval).quotient.low;
}

/// The payment for the intervals [first, last), by the sum of an arithmetic series.
constexpr core::uint256 whole_intervals(const Pool& pool, core::uint128 first, core::uint128 last) {
    if (first >= last) return {};
    const core::uint128 ends = reward_in(pool, first) + reward_in(pool, last - 1);
    return core::divide(core::multiply(last - first, ends), 2).quotient;
}

}  // namespace detail

/// The payment of the contract for [start, end), bit for bit: for the part of the interval that contains
/// `start`, for the whole intervals, and for the part of the interval that contains `end`. Each of the two
/// parts is rounded down by itself. Therefore payments are not additive: 10 days of the compute pool in 70
/// calls are 30 wei less than in one call. The payment is 0 when end <= start or the interval is 0.
/// Errors: errc::invalid_schedule for a negative reward or decrease; errc::supply_overflow when 128 signed
///     bits do not hold the amount (the contract reverts).
/// Cost: O(1).
[[nodiscard]] constexpr core::result<int128> period_reward(const Pool& pool, Timestamp start, Timestamp end) {
    using core::uint128;
    if (pool.initial_reward < 0 || pool.decrease < 0)
        return core::fail(errc::invalid_schedule, "a negative reward or decrease");
    if (pool.interval == 0) return int128{0};
    // Seconds since the payout starts.
    const uint128 from = start < pool.payout_start ? 0u : start - pool.payout_start;
    uint128 to = end < pool.payout_start ? 0u : end - pool.payout_start;
    if (pool.decrease > 0) {
        const auto last = core::checked_multiply(paying_intervals(pool), uint128{pool.interval});
        if (last) to = std::min(to, *last);
    }
    if (from >= to) return int128{0};

    const uint128 first = from / pool.interval;
    const uint128 last = to / pool.interval;
    if (first == last) return static_cast<int128>(detail::part_of(pool, first, to - from));
    const uint128 before = from % pool.interval;
    const uint128 after = to % pool.interval;
    const uint128 head = before != 0 ? detail::part_of(pool, first, pool.interval - before) : 0u;
    const uint128 tail = after != 0 ? detail::part_of(pool, last, after) : 0u;
    core::uint256 sum = detail::whole_intervals(pool, first + (before != 0 ? 1u : 0u), last);
    const uint128 parts = head + tail;  // each below 2^127
    sum.low += parts;
    sum.high += sum.low < parts ? 1u : 0u;
    return to_amount<int128>(sum);
}

/// The rule by which the five pools pay for a stretch of time.
enum class Rule : std::uint8_t {
    contract,  // period_reward of the stretch: what the contract pays; not additive
    additive,  // difference of what is paid from the start on: the last stretch carries the remainder
};

/// The schedule of the five pools together, by steps of time since the payout start. Both rules have the same
/// `cumulative`. They differ by a few wei in the reward of a step that does not begin on a whole day.
template <Rule R>
class POUW_API FivePools {
  public:
    using Amount = int128;

    /// The schedule with steps of `step` seconds, by default a day.
    /// Expects: `step >= 1`.
    constexpr explicit FivePools(Timestamp step = day) : step_{step} { POUW_EXPECTS(step >= 1); }

    [[nodiscard]] constexpr Amount reward(Step h) const {
        return payout(h, h == std::numeric_limits<Step>::max() ? h : h + 1);
    }
    /// The amount issued before the step `h`.
    /// Cost: O(1).
    [[nodiscard]] constexpr Amount cumulative(Step h) const { return period(0, h); }
    /// The total, 41,999,999.998839372 MOR. It is 0.00116 MOR below the 42 million of the paper.
    [[nodiscard]] constexpr Amount total() const { return cumulative(std::numeric_limits<Step>::max()); }
    /// The number of epochs of 5,833 days before `h`. The epoch 0 is the emission; the later ones belong to
    /// the tail emission, which no contract pays yet.
    [[nodiscard]] constexpr std::uint64_t phase(Step h) const {
        const core::uint128 seconds = core::uint128{h} * step_;
        return static_cast<std::uint64_t>(seconds / (paying_intervals(pools[0]) * day));
    }
    /// The payout of the steps [from, to) under the rule.
    /// Expects: `from <= to`.
    [[nodiscard]] constexpr Amount payout(Step from, Step to) const {
        POUW_EXPECTS(from <= to);
        return R == Rule::contract ? period(from, to) : cumulative(to) - cumulative(from);
    }

  private:
    [[nodiscard]] constexpr Timestamp start_of(Step h) const {
        // All pools have long ended 2^60 s after the start.
        const core::uint128 seconds =
            std::min<core::uint128>(core::uint128{h} * step_, std::uint64_t{1} << 60);
        return payout_start + static_cast<Timestamp>(seconds);
    }
    [[nodiscard]] constexpr Amount period(Step from, Step to) const {
        static_assert(pools[0] == pools[1] && pools[0] == pools[2] && pools[0] == pools[3]);
        return 4 * period_reward(pools[0], start_of(from), start_of(to)).value() +
               period_reward(pools[4], start_of(from), start_of(to)).value();
    }

    Timestamp step_;
};

/// The schedules of the two rules.
using ContractSchedule = FivePools<Rule::contract>;
using AdditiveSchedule = FivePools<Rule::additive>;

// Tail emission ---------------------------------------------------------------------------------------------

/// The number of days in an epoch of the tail emission, which is as long as the emission itself. ("5,883" in
/// one place of the article is a misprint.)
inline constexpr Step tail_epoch_days = 5'833;

/// The emission of the next epoch: half of the amount that was burned in the last one, at most 16% of the
/// circulating amount, both rounded down.
/// Expects: amounts of at least 0.
[[nodiscard]] constexpr int128 tail_emission(int128 burned, int128 circulating) {
    POUW_EXPECTS(burned >= 0 && circulating >= 0);
    return std::min(burned / 2, emission::detail::fraction_of(circulating, 16, 100));
}

/// The tail emission from epoch to epoch. Only coins that were burned before are emitted, so that the supply
/// never exceeds the emission of the first epoch.
class POUW_API TailEpochs {
  public:
    /// The state at the end of the emission, with `emitted` coins, of which `burned` coins are burned.
    /// Errors: core::errc::invalid_amount unless 0 <= burned <= emitted.
    [[nodiscard]] static constexpr core::result<TailEpochs> create(int128 emitted, int128 burned) {
        if (burned < 0 || emitted < burned) return core::fail(core::errc::invalid_amount);
        return TailEpochs{emitted - burned, burned};
    }

    /// The coins that circulate when the epoch begins.
    [[nodiscard]] constexpr int128 circulating() const noexcept { return circulating_; }
    /// The amount that the epoch emits.
    [[nodiscard]] constexpr int128 emission() const noexcept { return emission_; }
    /// The emission of the epoch by day, exact to the wei: the cumulative floor over 5,833 days.
    [[nodiscard]] constexpr VestingSchedule<int128> days() const {
        return VestingSchedule<int128>::create({emission_, 0, 0, tail_epoch_days}).value();
    }
    /// The next epoch, when `burned` coins were burned in this one.
    /// Errors: core::errc::invalid_amount for a negative amount; errc::insufficient_balance for more coins
    ///     than exist.
    [[nodiscard]] constexpr core::result<TailEpochs> next(int128 burned) const {
        if (burned < 0) return core::fail(core::errc::invalid_amount);
        if (burned > circulating_ + emission_) return core::fail(errc::insufficient_balance);
        return TailEpochs{circulating_ + emission_ - burned, burned};
    }

    /// The whole state.
    [[nodiscard]] core::Bytes save() const {
        core::Bytes out = core::start_state(state_magic);
        core::append(out, core::to_le(circulating_));
        core::append(out, core::to_le(emission_));
        return out;
    }
    /// Restores a state that `save` gave.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version; core::errc::invalid_amount for a negative amount;
    ///     core::errc::inconsistent_state for an emission above 16% of what circulates; core::errc::overflow
    ///     when what circulates and what was burned, at least twice the emission, exceed 127 bits.
    [[nodiscard]] static core::result<TailEpochs> restore(core::ByteView data) {
        core::Reader reader{data};
        if (const auto start = core::take_state_start(reader, state_magic); !start) return start.error();
        const auto circulating = core::take_signed<int128>(reader);
        const auto emission = core::take_signed<int128>(reader);
        if (const auto end = core::check_state_end(reader); !end) return end.error();
        if (circulating < 0 || emission < 0) return core::fail(core::errc::invalid_amount);
        // Twice the emission is the least that was burned.
        if (emission > (core::int128_max - circulating) / 2) return core::fail(core::errc::overflow);
        const TailEpochs out{circulating, 2 * emission};
        if (out.emission_ != emission)
            return core::fail(core::errc::inconsistent_state, "an emission above its limit");
        return out;
    }

    friend constexpr bool operator==(const TailEpochs&, const TailEpochs&) = default;

  private:
    static constexpr std::string_view state_magic = "pouwtai1";

    constexpr TailEpochs(int128 circulating, int128 burned)
        : circulating_{circulating}, emission_{tail_emission(burned, circulating)} {}

    int128 circulating_;
    int128 emission_;
};

// Compute: Yellowstone --------------------------------------------------------------------------------------

/// The start of the UTC day that contains `now`.
[[nodiscard]] constexpr Timestamp start_of_day(Timestamp now) noexcept { return now - now % day; }

/// The balance of the compute contract at the start of the day: the emission to the compute pool, less
/// `claimed`, which nodes have claimed.
/// Errors: errc::insufficient_balance when more was claimed (the contract reverts);
///     core::errc::invalid_amount for a negative `claimed`.
[[nodiscard]] constexpr core::result<int128> compute_balance(Timestamp now, int128 claimed) {
    if (claimed < 0) return core::fail(core::errc::invalid_amount);
    const auto emitted = period_reward(pool(PoolIndex::compute), payout_start, start_of_day(now));
    if (!emitted) return emitted;
    if (claimed > *emitted) return core::fail(errc::insufficient_balance);
    return *emitted - claimed;
}

/// The budget's share of the balance in the article's example at launch, and in the contract: 1%.
inline constexpr core::Fraction example_budget_share{1, 100};

/// The budget of a day: a fixed share of the balance at the end of the day before, rounded down, so that the
/// balance never runs out. The article also draws a schedule with half of it.
/// Expects: `balance >= 0`, `share.is_share()`.
[[nodiscard]] constexpr int128 compute_budget(int128 balance,
                                              const core::Fraction& share = example_budget_share) {
    POUW_EXPECTS(balance >= 0 && share.is_share());
    return emission::detail::fraction_of(balance, share.numerator, share.denominator);
}

/// The supply as the contract counts it: the emission to the other four pools, and `claimed` from the compute
/// pool. (The article divides by all MOR instead.)
/// Errors: core::errc::invalid_amount for a negative `claimed`; errc::supply_overflow when the sum exceeds
///     127 bits.
[[nodiscard]] constexpr core::result<int128> supply_without_compute(Timestamp now, int128 claimed) {
    if (claimed < 0) return core::fail(core::errc::invalid_amount);
    int128 sum = claimed;
    for (std::size_t i = 0; i < pools.size(); ++i) {
        if (i == static_cast<std::size_t>(PoolIndex::compute)) continue;
        const auto emitted = period_reward(pools[i], payout_start, start_of_day(now));
        if (!emitted) return emitted;
        const auto next = core::checked_add(sum, *emitted);
        if (!next) return core::fail(errc::supply_overflow);
        sum = *next;
    }
    return sum;
}

/// The amount that a stake may spend in a day: floor(stake · balance / (100 · supply_without_compute)), as
/// the contract computes it; 0 while there is no supply.
/// Errors: core::errc::invalid_amount for a negative stake; those of `compute_balance` and
///     `supply_without_compute`; core::errc::overflow when the amount exceeds 127 bits.
[[nodiscard]] constexpr core::result<int128> stipend(int128 stake, Timestamp now, int128 claimed) {
    if (stake < 0) return core::fail(core::errc::invalid_amount);
    const auto balance = compute_balance(now, claimed);
    if (!balance) return balance;
    const auto supply = supply_without_compute(now, claimed);
    if (!supply) return supply;
    static_assert(example_budget_share.numerator == 1);
    const auto divisor = core::checked_multiply(static_cast<core::uint128>(*supply),
                                                core::uint128{example_budget_share.denominator});
    if (!divisor) return core::fail(core::errc::overflow);
    if (*divisor == 0) return int128{0};
    const auto out = core::multiply_divide_floor(static_cast<core::uint128>(stake),
                                                 static_cast<core::uint128>(*balance), *divisor);
    if (!out || *out > static_cast<core::uint128>(core::int128_max)) return core::fail(core::errc::overflow);
    return static_cast<int128>(*out);
}

/// MaxIPS of the article: the inferences a second ("IPS") that the budget of a day buys, floor(budget · price
/// / ips_price · 1000). `budget` is in wei and at least 0. `price` is in quote units for a MOR and at least
/// 0. `ips_price` is in the same quote units for 1000 IPS and at least 1.
/// Errors: core::errc::invalid_amount out of these ranges; core::errc::overflow above 2^128 - 1.
[[nodiscard]] constexpr core::result<core::uint128> max_ips(int128 budget, std::int64_t price,
                                                            std::int64_t ips_price) {
    if (budget < 0 || price < 0 || ips_price < 1) return core::fail(core::errc::invalid_amount);
    const auto quote =
        core::checked_multiply(core::uint128{static_cast<std::uint64_t>(price)}, core::uint128{1000});
    const auto out =
        core::multiply_divide_floor(static_cast<core::uint128>(budget), *quote,
                                    static_cast<core::uint128>(mor) * static_cast<std::uint64_t>(ips_price));
    if (!out) return core::fail(core::errc::overflow);
    return *out;
}

/// UserMax of the article: the IPS a day to which `balance` wei out of `supply` wei give access,
/// `floor(max_ips · balance / supply)`. (The printed 48.067 and 480.067 are wrong: 47,999.94 and 479,999.45.)
/// Errors: core::errc::invalid_amount unless 0 <= balance <= supply and supply >= 1.
[[nodiscard]] constexpr core::result<core::uint128> user_max(core::uint128 max_ips, int128 balance,
                                                             int128 supply) {
    if (balance < 0 || supply < 1 || balance > supply) return core::fail(core::errc::invalid_amount);
    return core::multiply_divide_floor(max_ips, static_cast<core::uint128>(balance),
                                       static_cast<core::uint128>(supply))
        .value();
}

/// AccessRate of the article: the IPS a day to which 1 MOR gives access, rounded down.
/// Errors: those of `user_max`.
[[nodiscard]] constexpr core::result<core::uint128> access_rate(core::uint128 max_ips, int128 supply) {
    return user_max(max_ips, mor, supply);
}

/// The index of the bid that wins a request: the bid of the lowest price per unit among those that are live,
/// and among equal prices the bid of the lowest id, so that every router decides alike.
///  * Bid: a type with members `price` and `id` that compare
///  * is_live(bid): asked in the order of price, until one is live
/// Errors: errc::no_live_bid.
template <typename Bid, typename IsLive>
[[nodiscard]] core::result<std::size_t> select_bid(std::span<const Bid> bids, IsLive is_live) {
    std::vector<std::size_t> order(bids.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::tie(bids[a].price, bids[a].id, a) < std::tie(bids[b].price, bids[b].id, b);
    });
    for (const std::size_t i : order)
        if (is_live(bids[i])) return i;
    return core::fail(errc::no_live_bid);
}

}  // namespace pouw::inline v1::emission::morpheus
