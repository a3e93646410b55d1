/// Morpheus (MOR): five pools whose daily reward declines linearly, as the public contract pays them; the
/// tail emission of the paper; the compute budget of Yellowstone. Base unit: 1e-18 MOR (wei).
///
/// Sources: MorpheusAIs/SmartContracts (getPeriodReward), Morpheus-Lumerin-Node (SessionRouter), the
/// articles "Morpheus Token Economics" and "Morpheus Yellowstone Compute Model".
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/export.hpp"
#include "pouw/emission/errc.hpp"
#include "pouw/emission/schedule.hpp"
#include "pouw/emission/vesting.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <span>
#include <tuple>
#include <vector>

namespace pouw::inline v1::emission::morpheus {

using core::int128;

inline constexpr int128 mor = 1'000'000'000'000'000'000;
inline constexpr int128 max_supply = 42'000'000 * mor;

/// Seconds since 1970, as the contract counts.
using Timestamp = std::uint64_t;
inline constexpr Timestamp day = 86'400;

/// 2024-02-08 12:00 UTC.
inline constexpr Timestamp payout_start = 1'707'393'600;

/// Locks of the contract, in seconds: capital stays 7 days before it is withdrawn, rewards 90 days (the
/// bootstrap of the article) before they are claimed.
inline constexpr Timestamp withdraw_lock = 604'800;
inline constexpr Timestamp claim_lock = 7'776'000;
static_assert(claim_lock == 90 * day);

/// A pool of the contract: `initial_reward` in the first interval, `decrease` less in each that follows.
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

/// 24% each, and 4% for protection: together 14,400 MOR a day, less 2.468994701 a day.
inline constexpr std::array<Pool, 5> pools{detail::pool_of_24_percent, detail::pool_of_24_percent,
                                           detail::pool_of_24_percent, detail::pool_of_24_percent,
                                           detail::pool_of_4_percent};

[[nodiscard]] constexpr const Pool& pool(PoolIndex index) { return pools[static_cast<std::size_t>(index)]; }

/// Intervals in which a pool pays.
/// Expects: decrease > 0.
[[nodiscard]] constexpr core::uint128 paying_intervals(const Pool& pool) {
    POUW_EXPECTS(pool.decrease > 0 && pool.initial_reward >= 0);
    const auto reward = static_cast<core::uint128>(pool.initial_reward);
    const auto decrease = static_cast<core::uint128>(pool.decrease);
    return reward / decrease + (reward % decrease != 0 ? 1u : 0u);
}

namespace detail {

/// The reward of the k-th interval.
/// Expects: k below the paying intervals.
constexpr core::uint128 reward_in(const Pool& pool, core::uint128 k) {
    return static_cast<core::uint128>(pool.initial_reward - pool.decrease * static_cast<int128>(k));
}

/// What `seconds` of the k-th interval pay, rounded down.
/// Expects: seconds <= interval: it is at most the reward.
constexpr core::uint128 part_of(const Pool& pool, core::uint128 k, core::uint128 seconds) {
    return core::divide(core::multiply(reward_in(pool, k), seconds), pool.interval).quotient.low;
}

/// What the intervals [first, last) pay, by Gauss.
constexpr core::uint256 whole_intervals(const Pool& pool, core::uint128 first, core::uint128 last) {
    if (first >= last) return {};
    const core::uint128 ends = reward_in(pool, first) + reward_in(pool, last - 1);
    return core::divide(core::multiply(last - first, ends), 2).quotient;
}

}  // namespace detail

/// What the contract pays for [start, end), bit for bit: the part of the interval in which `start` lies, the
/// whole intervals, and the part of the one in which `end` lies, the two parts rounded down each by itself.
/// So it is not additive: 10 days of the compute pool in 70 calls are 30 wei less than in one. 0 when end <=
/// start or the interval is 0.
/// Errors: errc::invalid_schedule for a negative reward or decrease, errc::supply_overflow when 128 bits do
/// not hold the amount (the contract reverts).
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

/// How the five pools are paid over a stretch of time.
enum class Rule : std::uint8_t {
    contract,  // period_reward of the stretch: what the contract pays; not additive
    additive,  // difference of what is paid from the start on: the last stretch carries the remainder
};

/// The five pools together, by steps of time since the payout start. Both rules have the same `cumulative`;
/// they differ by a few wei in the reward of a step that does not begin on a whole day.
template <Rule R>
class POUW_API FivePools {
  public:
    using Amount = int128;

    /// `step`: the seconds of a step, by default a day.
    /// Expects: `step >= 1`.
    constexpr explicit FivePools(Timestamp step = day) : step_{step} { POUW_EXPECTS(step >= 1); }

    [[nodiscard]] constexpr Amount reward(Step h) const {
        return payout(h, h == std::numeric_limits<Step>::max() ? h : h + 1);
    }
    /// Cost: O(1).
    [[nodiscard]] constexpr Amount cumulative(Step h) const { return period(0, h); }
    /// 41,999,999.998839372 MOR: 0.00116 short of the 42 million of the paper.
    [[nodiscard]] constexpr Amount total() const { return cumulative(std::numeric_limits<Step>::max()); }
    /// Epochs of 5,833 days before h: 0 is the emission, 1 and more belong to the tail emission, which no
    /// contract pays yet.
    [[nodiscard]] constexpr std::uint64_t phase(Step h) const {
        const core::uint128 seconds = core::uint128{h} * step_;
        return static_cast<std::uint64_t>(seconds / (paying_intervals(pools[0]) * day));
    }
    /// By the rule.
    /// Expects: from <= to.
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

using ContractSchedule = FivePools<Rule::contract>;
using AdditiveSchedule = FivePools<Rule::additive>;

// Tail emission ---------------------------------------------------------------------------------------------

/// Days of an epoch of the tail emission: as long as the emission itself. ("5,883" in one place of the
/// article is a misprint.)
inline constexpr Step tail_epoch_days = 5'833;

/// What the next epoch emits: half of what was burned in the last one, at most 16% of what circulates, both
/// rounded down.
/// Expects: amounts >= 0.
[[nodiscard]] constexpr int128 tail_emission(int128 burned, int128 circulating) {
    POUW_EXPECTS(burned >= 0 && circulating >= 0);
    return std::min(burned / 2, emission::detail::fraction_of(circulating, 16, 100));
}

/// The tail emission from epoch to epoch. Nothing is emitted that was not burned before, so the supply never
/// exceeds what the first epoch emitted.
class POUW_API TailEpochs {
  public:
    /// At the end of the emission, with `emitted` coins out of which `burned` are gone.
    /// Errors: core::errc::invalid_amount unless 0 <= burned <= emitted.
    [[nodiscard]] static constexpr core::result<TailEpochs> create(int128 emitted, int128 burned) {
        if (burned < 0 || emitted < burned) return core::fail(core::errc::invalid_amount);
        return TailEpochs{emitted - burned, burned};
    }

    /// Coins that circulate when the epoch begins.
    [[nodiscard]] constexpr int128 circulating() const noexcept { return circulating_; }
    /// What the epoch emits.
    [[nodiscard]] constexpr int128 emission() const noexcept { return emission_; }
    /// The same by day, to the last wei: cumulative floor over 5,833 days.
    [[nodiscard]] constexpr VestingSchedule<int128> days() const {
        return VestingSchedule<int128>::create({emission_, 0, 0, tail_epoch_days}).value();
    }
    /// The next epoch, after `burned` coins were burned in this one.
    /// Errors: core::errc::invalid_amount when negative, errc::insufficient_balance when more than there are.
    [[nodiscard]] constexpr core::result<TailEpochs> next(int128 burned) const {
        if (burned < 0) return core::fail(core::errc::invalid_amount);
        if (burned > circulating_ + emission_) return core::fail(errc::insufficient_balance);
        return TailEpochs{circulating_ + emission_ - burned, burned};
    }

  private:
    constexpr TailEpochs(int128 circulating, int128 burned)
        : circulating_{circulating}, emission_{tail_emission(burned, circulating)} {}

    int128 circulating_;
    int128 emission_;
};

// Compute: Yellowstone --------------------------------------------------------------------------------------

/// The start of the UTC day in which `now` lies.
[[nodiscard]] constexpr Timestamp start_of_day(Timestamp now) noexcept { return now - now % day; }

/// What the compute contract holds at the start of the day: emitted to the compute pool, less `claimed` by
/// providers.
/// Errors: errc::insufficient_balance when more was claimed (the contract reverts);
/// core::errc::invalid_amount when `claimed` is negative.
[[nodiscard]] constexpr core::result<int128> compute_balance(Timestamp now, int128 claimed) {
    if (claimed < 0) return core::fail(core::errc::invalid_amount);
    const auto emitted = period_reward(pool(PoolIndex::compute), payout_start, start_of_day(now));
    if (!emitted) return emitted;
    if (claimed > *emitted) return core::fail(errc::insufficient_balance);
    return *emitted - claimed;
}

/// The budget of a day: 1% of the balance at its start, rounded down.
/// Expects: balance >= 0.
[[nodiscard]] constexpr int128 compute_budget(int128 balance) {
    POUW_EXPECTS(balance >= 0);
    return balance / 100;
}

/// What the contract counts as supply: emitted to the other four pools, and `claimed` from the compute pool.
/// (The article divides by all MOR instead.) core::errc::invalid_amount when `claimed` is negative.
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

/// What a stake may spend a day: floor(stake · balance / (100 · supply_without_compute)), as the contract; 0
/// while there is no supply.
/// Errors: core::errc::invalid_amount; core::errc::overflow when it exceeds 127 bits.
[[nodiscard]] constexpr core::result<int128> stipend(int128 stake, Timestamp now, int128 claimed) {
    if (stake < 0) return core::fail(core::errc::invalid_amount);
    const auto balance = compute_balance(now, claimed);
    if (!balance) return balance;
    const auto supply = supply_without_compute(now, claimed);
    if (!supply) return supply;
    const auto divisor = core::checked_multiply(static_cast<core::uint128>(*supply), core::uint128{100});
    if (!divisor) return core::fail(core::errc::overflow);
    if (*divisor == 0) return int128{0};
    const auto out = core::multiply_divide_floor(static_cast<core::uint128>(stake),
                                                 static_cast<core::uint128>(*balance), *divisor);
    if (!out || *out > static_cast<core::uint128>(core::int128_max)) return core::fail(core::errc::overflow);
    return static_cast<int128>(*out);
}

/// MaxIPS of the article: the inferences a second ("IPS") that the budget of a day buys,
/// floor(budget · price / ips_price · 1000).
///  * budget: wei, >= 0
///  * price: quote units per MOR, >= 0
///  * ips_price: the same quote units per 1000 IPS, >= 1
/// Errors: core::errc::invalid_amount out of these ranges; core::errc::overflow above 2^128.
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

/// UserMax of the article: the IPS a day that `balance` wei out of `supply` wei give access to,
/// floor(max_ips · balance / supply). (The printed 48.067 and 480.067 are wrong: 47,999.94 and 479,999.45.)
/// Errors: core::errc::invalid_amount unless 0 <= balance <= supply and supply >= 1.
[[nodiscard]] constexpr core::result<core::uint128> user_max(core::uint128 max_ips, int128 balance,
                                                             int128 supply) {
    if (balance < 0 || supply < 1 || balance > supply) return core::fail(core::errc::invalid_amount);
    return core::multiply_divide_floor(max_ips, static_cast<core::uint128>(balance),
                                       static_cast<core::uint128>(supply))
        .value();
}

/// AccessRate of the article: the IPS a day that 1 MOR gives access to, rounded down.
/// Errors: those of `user_max`.
[[nodiscard]] constexpr core::result<core::uint128> access_rate(core::uint128 max_ips, int128 supply) {
    return user_max(max_ips, mor, supply);
}

/// The bid that wins a request: the lowest price per unit among those that are live; of equal prices the
/// lowest id, so that every router decides alike. Returns its index; errc::no_live_bid.
///  * Bid: a type with members `price` and `id` that compare
///  * is_live(bid): asked in the order of price, until one is live
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
