/// What every emission schedule is: a monotone count of base units by step, and what follows from it.
///
/// A *step* is a block, an epoch, a day or a second, counted from the start of the emission: each schedule
/// says which. `cumulative(h)` is what the steps before h have issued: `cumulative(0)` is what exists at the
/// start, and a payout over the steps [a, b) is `cumulative(b) - cumulative(a)`, which makes payouts
/// additive. A schedule is checked when it is made, so that no step, up to 2^64 - 1, overflows: its queries
/// cannot fail.
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

/// How many blocks, epochs or units of time have passed since the start of the emission.
using Step = std::uint64_t;

/// An amount in base units: 64 bits where the supply fits (1e-8 and 1e-9 coins), 128 bits for 1e-18 ("wei").
template <typename T>
concept AmountType = std::same_as<T, std::int64_t> || std::same_as<T, core::int128>;

template <AmountType Amount>
inline constexpr Amount max_amount = std::same_as<Amount, std::int64_t>
                                         ? static_cast<Amount>(INT64_MAX)
                                         : static_cast<Amount>(core::int128_max);

/// `value` as an amount; errc::supply_overflow when it is too large.
template <AmountType Amount>
[[nodiscard]] constexpr core::result<Amount> to_amount(const core::uint256& value) {
    if (value > core::uint256{0, static_cast<core::uint128>(max_amount<Amount>)})
        return core::fail(errc::supply_overflow);
    return static_cast<Amount>(value.low);
}

/// The common interface.
///  * `reward(h)`: what the step h issues
///  * `cumulative(h)`: what is issued before the step h; monotone, never above `total()`
///  * `total()`: the most that is ever issued
///  * `phase(h)`: reductions of the reward before h, from 0; each schedule says what it counts
template <typename S>
concept Schedule = AmountType<typename S::Amount> && requires(const S& schedule, Step h) {
    { schedule.reward(h) } -> std::same_as<typename S::Amount>;
    { schedule.cumulative(h) } -> std::same_as<typename S::Amount>;
    { schedule.total() } -> std::same_as<typename S::Amount>;
    { schedule.phase(h) } -> std::same_as<std::uint64_t>;
};

/// What the steps [from, to) issue; errc::invalid_interval when to < from. 0 for an interval of zero.
/// Additive: payout(a, c) == payout(a, b) + payout(b, c), but for a schedule that declares a `payout` of its
/// own, for the sake of a deployed contract that is not additive.
template <Schedule S>
[[nodiscard]] constexpr core::result<typename S::Amount> payout(const S& schedule, Step from, Step to) {
    if (to < from) return core::fail(errc::invalid_interval);
    if constexpr (requires { schedule.payout(from, to); }) {
        return schedule.payout(from, to);
    } else {
        return schedule.cumulative(to) - schedule.cumulative(from);
    }
}

/// What is not issued yet before the step h.
template <Schedule S>
[[nodiscard]] constexpr typename S::Amount remaining(const S& schedule, Step h) {
    return schedule.total() - schedule.cumulative(h);
}

/// The first step before which `amount` is issued: the smallest h with cumulative(h) >= amount.
/// core::errc::invalid_amount when negative; errc::never_issued when no step up to 2^64 - 1 reaches it.
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

/// `out[i] = cumulative(steps[i])`.
/// Expects: spans of one length.
template <Schedule S>
constexpr void cumulative(const S& schedule, std::span<const Step> steps, std::span<typename S::Amount> out) {
    POUW_EXPECTS(steps.size() == out.size());
    for (std::size_t i = 0; i < steps.size(); ++i) out[i] = schedule.cumulative(steps[i]);
}

/// `out[i] = reward(steps[i])`.
/// Expects: spans of one length.
template <Schedule S>
constexpr void rewards(const S& schedule, std::span<const Step> steps, std::span<typename S::Amount> out) {
    POUW_EXPECTS(steps.size() == out.size());
    for (std::size_t i = 0; i < steps.size(); ++i) out[i] = schedule.reward(steps[i]);
}

}  // namespace pouw::inline v1::emission
