/// The interface of emission schedules, a monotone count of base units by step, and the functions that follow
/// from it.
///
/// A *step* is a block, an epoch, a day or a second, counted from the start of the emission; each schedule
/// says which. `cumulative(h)` is the amount that the steps before h issue. `cumulative(0)` is the amount
/// that exists at the start. The payout of the steps [a, b) is `cumulative(b) - cumulative(a)`, so that
/// payouts are additive. The creation of a schedule checks that no step up to 2^64 - 1 overflows, and
/// therefore its queries cannot fail.
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/result.hpp"
#include "pouw/core/wide.hpp"
#include "pouw/emission/errc.hpp"

#include <concepts>
#include <cstdint>
#include <limits>
#include <span>

namespace pouw::inline v1::emission {

/// The number of blocks, epochs or units of time since the start of the emission.
using Step = std::uint64_t;

/// The type of an amount in base units: 64 bits where the supply fits (coins of 8 and 9 decimals), 128 bits
/// for 18 decimals ("wei").
template <typename T>
concept AmountType = std::same_as<T, std::int64_t> || std::same_as<T, core::int128>;

/// The largest amount of a type.
template <AmountType Amount>
inline constexpr Amount max_amount = std::same_as<Amount, std::int64_t>
                                         ? static_cast<Amount>(INT64_MAX)
                                         : static_cast<Amount>(core::int128_max);

/// The number `value` as an amount.
/// Errors: errc::supply_overflow when it is too large.
template <AmountType Amount>
[[nodiscard]] constexpr core::result<Amount> to_amount(const core::uint256& value) {
    if (value > core::uint256{0, static_cast<core::uint128>(max_amount<Amount>)})
        return core::fail(errc::supply_overflow);
    return static_cast<Amount>(value.low);
}

/// The common interface of schedules.
///  * `reward(h)`: the amount that the step h issues
///  * `cumulative(h)`: the amount issued before the step h; monotone, never above `total()`
///  * `total()`: the largest amount that is ever issued
///  * `phase(h)`: the number of reductions of the reward before h; each schedule says what it counts
template <typename S>
concept Schedule = AmountType<typename S::Amount> && requires(const S& schedule, Step h) {
    { schedule.reward(h) } -> std::same_as<typename S::Amount>;
    { schedule.cumulative(h) } -> std::same_as<typename S::Amount>;
    { schedule.total() } -> std::same_as<typename S::Amount>;
    { schedule.phase(h) } -> std::same_as<std::uint64_t>;
};

/// The amount that the steps [from, to) issue; 0 for an empty interval. Payouts are additive, payout(a, c) ==
/// payout(a, b) + payout(b, c), except for a schedule with a `payout` of its own, which follows a deployed
/// contract that is not additive.
/// Errors: errc::invalid_interval when to < from.
template <Schedule S>
[[nodiscard]] constexpr core::result<typename S::Amount> payout(const S& schedule, Step from, Step to) {
    if (to < from) return core::fail(errc::invalid_interval);
    if constexpr (requires { schedule.payout(from, to); }) {
        return schedule.payout(from, to);
    } else {
        return schedule.cumulative(to) - schedule.cumulative(from);
    }
}

/// The amount that is not issued yet before the step h.
template <Schedule S>
[[nodiscard]] constexpr typename S::Amount remaining(const S& schedule, Step h) {
    return schedule.total() - schedule.cumulative(h);
}

/// The first step before which `amount` is issued: the smallest h with cumulative(h) >= amount.
/// Errors: core::errc::invalid_amount for a negative amount; errc::never_issued when no step up to 2^64 - 1
///     reaches it.
/// Cost: 64 queries.
template <Schedule S>
[[nodiscard]] constexpr core::result<Step> step_of(const S& schedule, typename S::Amount amount) {
    if (amount < 0) return core::fail(core::errc::invalid_amount);
    Step low = 0;
    Step high = std::numeric_limits<Step>::max();
    if (schedule.cumulative(high) < amount) return core::fail(errc::never_issued);
    while (low < high) {
        const Step middle = low + (high - low) / 2;
        if (schedule.cumulative(middle) >= amount) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/// Computes `out[i] = cumulative(steps[i])` for every i.
/// Expects: spans of equal length.
template <Schedule S>
constexpr void cumulative(const S& schedule, std::span<const Step> steps, std::span<typename S::Amount> out) {
    POUW_EXPECTS(steps.size() == out.size());
    for (std::size_t i = 0; i < steps.size(); ++i) out[i] = schedule.cumulative(steps[i]);
}

/// Computes `out[i] = reward(steps[i])` for every i.
/// Expects: spans of equal length.
template <Schedule S>
constexpr void rewards(const S& schedule, std::span<const Step> steps, std::span<typename S::Amount> out) {
    POUW_EXPECTS(steps.size() == out.size());
    for (std::size_t i = 0; i < steps.size(); ++i) out[i] = schedule.reward(steps[i]);
}

}  // namespace pouw::inline v1::emission
