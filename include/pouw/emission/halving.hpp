/// Schedules whose reward halves: by time, `reward >> (h / interval)`, as in Bitcoin, and by issuance, as in
/// Bittensor.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/emission/errc.hpp"
#include "pouw/emission/schedule.hpp"

#include <array>
#include <bit>

namespace pouw::inline v1::emission {

namespace detail {

/// The number of bits of the type. A shift by this number or more is undefined in C++, and yields 0 here.
template <AmountType Amount>
inline constexpr std::uint64_t amount_bits = 8 * sizeof(Amount);

template <AmountType Amount>
constexpr Amount halved(Amount reward, std::uint64_t times) noexcept {
    return times < amount_bits<Amount> ? reward >> times : Amount{0};
}

/// The sum of `reward >> k` over all k >= 0, which is 2·reward - popcount(reward) (Legendre).
template <AmountType Amount>
constexpr core::uint128 sum_of_halvings(Amount reward) noexcept {
    const auto bits = static_cast<core::uint128>(reward);
    const int ones = std::popcount(static_cast<std::uint64_t>(bits)) +
                     std::popcount(static_cast<std::uint64_t>(bits >> 64));
    return 2 * bits - static_cast<core::uint128>(ones);
}

/// The exact amount that the first `count` steps of a halving issue. It may exceed `Amount`.
/// Cost: O(1).
template <AmountType Amount>
constexpr core::uint256 sum_of_halving(Amount reward, Step interval, Step count) {
    const Amount last = halved(reward, count / interval);
    const core::uint128 whole = sum_of_halvings(reward) - sum_of_halvings(last);
    core::uint256 out = core::multiply(whole, interval);
    const core::uint256 part = core::multiply(static_cast<core::uint128>(last), count % interval);
    out.low += part.low;
    out.high += part.high + (out.low < part.low ? 1u : 0u);
    return out;
}

}  // namespace detail

/// A schedule whose reward halves every `interval` steps, rounded down, until it is 0.
template <AmountType AmountT>
class POUW_API HalvingSchedule {
  public:
    using Amount = AmountT;

    struct Params {
        Amount initial_reward = 0;  // base units a step, >= 0
        Step interval = 0;          // steps between halvings, >= 1
    };

    /// The schedule with these parameters.
    /// Errors: errc::invalid_schedule for parameters out of range; errc::supply_overflow when the total does
    ///     not fit the amount.
    [[nodiscard]] static constexpr core::result<HalvingSchedule> create(const Params& params) {
        if (params.initial_reward < 0) return core::fail(errc::invalid_schedule, "a negative reward");
        if (params.interval == 0) return core::fail(errc::invalid_schedule, "an interval of zero");
        const auto total = to_amount<Amount>(
            detail::sum_of_halving(params.initial_reward, params.interval, std::numeric_limits<Step>::max()));
        if (!total) return core::fail(total.error().code);
        return HalvingSchedule{params, *total};
    }

    [[nodiscard]] constexpr Amount reward(Step h) const noexcept {
        return detail::halved(params_.initial_reward, phase(h));
    }
    /// The amount issued before the step `h`.
    /// Cost: O(1).
    [[nodiscard]] constexpr Amount cumulative(Step h) const noexcept {
        // No part exceeds the total, which fits: the type's own arithmetic does.
        const Amount last = reward(h);
        return static_cast<Amount>(whole_ - detail::sum_of_halvings(last)) *
                   static_cast<Amount>(params_.interval) +
               last * static_cast<Amount>(h % params_.interval);
    }
    [[nodiscard]] constexpr Amount total() const noexcept { return total_; }
    /// The number of halvings before `h`, also after the reward is 0.
    [[nodiscard]] constexpr std::uint64_t phase(Step h) const noexcept { return h / params_.interval; }

    [[nodiscard]] constexpr const Params& params() const noexcept { return params_; }

  private:
    constexpr HalvingSchedule(const Params& params, Amount total) noexcept
        : params_{params}, total_{total}, whole_{detail::sum_of_halvings(params.initial_reward)} {}

    Params params_;
    Amount total_;
    core::uint128 whole_;
};

/// A reward that halves whenever half of the remaining supply is issued: `initial_reward >> k` with the
/// largest k for which (supply - issued) · 2^k <= supply. The issuance decides and not the time: coins that
/// return to the supply (recycling, burning) delay the halvings.
class POUW_API IssuanceHalving {
  public:
    struct Params {
        std::int64_t supply = 0;          // base units, >= 1
        std::int64_t initial_reward = 0;  // base units a block, >= 0
    };

    /// The rule with these parameters.
    /// Errors: errc::invalid_schedule for parameters out of range.
    [[nodiscard]] static constexpr core::result<IssuanceHalving> create(const Params& params) {
        if (params.supply < 1) return core::fail(errc::invalid_schedule, "no supply");
        if (params.initial_reward < 0) return core::fail(errc::invalid_schedule, "a negative reward");
        return IssuanceHalving{params};
    }

    /// The number of halvings at an issuance of `issued` base units: 0 for a negative issuance, 64 from the
    /// supply on.
    [[nodiscard]] constexpr std::uint64_t halvings(std::int64_t issued) const noexcept {
        if (issued <= 0) return 0;
        if (issued >= params_.supply) return detail::amount_bits<std::int64_t>;
        const auto ratio = static_cast<std::uint64_t>(params_.supply / (params_.supply - issued));
        return static_cast<std::uint64_t>(std::bit_width(ratio)) - 1;
    }
    /// The amount that a block issues at an issuance of `issued` base units. It is at most what is left, and
    /// 0 from the supply on.
    [[nodiscard]] constexpr std::int64_t reward_at(std::int64_t issued) const noexcept {
        const std::int64_t reward = detail::halved(params_.initial_reward, halvings(issued));
        const std::int64_t left = issued >= params_.supply ? 0 : params_.supply - (issued > 0 ? issued : 0);
        return reward < left ? reward : left;
    }

    [[nodiscard]] constexpr const Params& params() const noexcept { return params_; }

  private:
    constexpr explicit IssuanceHalving(const Params& params) noexcept : params_{params} {}

    Params params_;
};

/// A schedule of issuance-driven halvings by block, when every block issues its reward and no coins return.
/// Cost: O(log n).
class POUW_API IssuanceHalvingSchedule {
  public:
    using Amount = std::int64_t;

    /// The schedule of a rule with these parameters.
    /// Errors: those of `IssuanceHalving::create`.
    [[nodiscard]] static constexpr core::result<IssuanceHalvingSchedule> create(
        const IssuanceHalving::Params& params) {
        const auto rule = IssuanceHalving::create(params);
        if (!rule) return core::fail(rule.error().code, rule.error().detail);
        IssuanceHalvingSchedule out{*rule};
        Era era{0, 0, rule->reward_at(0), rule->halvings(0)};
        while (era.reward > 0) {
            out.eras_[out.count_++] = era;
            // The era ends with the first block that finds the next threshold, or the last unit, issued.
            const std::int64_t left = params.supply >> (era.halvings + 1);
            const std::int64_t missing = params.supply - left - era.issued;
            const std::int64_t blocks = (missing + era.reward - 1) / era.reward;
            era.issued += blocks * era.reward;
            era.first += static_cast<Step>(blocks);
            era.reward = rule->reward_at(era.issued);
            era.halvings = rule->halvings(era.issued);
        }
        out.eras_[out.count_++] = era;
        return out;
    }

    [[nodiscard]] constexpr Amount reward(Step h) const noexcept { return era(h).reward; }
    [[nodiscard]] constexpr Amount cumulative(Step h) const noexcept {
        const Era& e = era(h);
        return e.reward == 0 ? e.issued : e.issued + static_cast<Amount>(h - e.first) * e.reward;
    }
    /// The total issuance. It is below the supply, because the reward rounds down to 0 before the supply is
    /// issued.
    [[nodiscard]] constexpr Amount total() const noexcept { return eras_[count_ - 1].issued; }
    /// The number of halvings before `h`.
    [[nodiscard]] constexpr std::uint64_t phase(Step h) const noexcept { return era(h).halvings; }

    [[nodiscard]] constexpr const IssuanceHalving& rule() const noexcept { return rule_; }

  private:
    struct Era {
        Step first = 0;
        std::int64_t issued = 0;  // before `first`
        std::int64_t reward = 0;
        std::uint64_t halvings = 0;
    };

    constexpr explicit IssuanceHalvingSchedule(const IssuanceHalving& rule) noexcept : rule_{rule} {}

    [[nodiscard]] constexpr const Era& era(Step h) const noexcept {
        std::size_t low = 0;
        std::size_t high = count_;
        while (high - low > 1) {
            const std::size_t middle = (low + high) / 2;
            (eras_[middle].first <= h ? low : high) = middle;
        }
        return eras_[low];
    }

    IssuanceHalving rule_;
    // A reward of 63 bits halves 63 times before it is 0.
    std::array<Era, 66> eras_{};
    std::size_t count_ = 0;
};

}  // namespace pouw::inline v1::emission
