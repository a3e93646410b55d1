/// The rewards of a task, with one function for each rule.
/// Source: White paper, chapters 6 and 9, Appendices F and K.
#pragma once

#include "pouw/core/amount.hpp"
#include "pouw/core/bytes.hpp"
#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/export.hpp"
#include "pouw/economics/errc.hpp"

namespace pouw::inline v1::economics {

/// The charge of a request. A request carries a maximum. It is cut off when the maximum is spent, and what
/// was spent is not returned.
struct POUW_API Charge {
    core::Amount charged = 0;
    core::Amount unspent = 0;  ///< goes back to the requester
    bool cut_off = false;

    friend constexpr bool operator==(const Charge&, const Charge&) = default;
};

/// The charge of a request with this maximum and this cost.
/// Errors: core::errc::invalid_amount for a negative limit or cost.
[[nodiscard]] constexpr core::result<Charge> charge(core::Amount limit, core::Amount cost) {
    if (limit < 0 || cost < 0) return core::fail(core::errc::invalid_amount, "a negative limit or cost");
    if (cost > limit) return Charge{limit, 0, true};
    return Charge{cost, limit - cost, false};
}

/// A reward, divided between the executor and the validators that checked it.
struct POUW_API Halves {
    core::Amount executor = 0;
    core::Amount validators = 0;

    friend constexpr bool operator==(const Halves&, const Halves&) = default;
};

/// The division of a reward: all of it for the executor of an unchecked task, otherwise half for the
/// validators, rounded down. With 1 task in 10 checked the executor has 95%, and with all tasks checked 50%.
/// Expects: `reward >= 0`.
[[nodiscard]] constexpr Halves split_validators_rounded_down(core::Amount reward, bool checked) {
    POUW_EXPECTS(reward >= 0);
    const core::Amount validators = checked ? reward >> 1 : 0;
    return {reward - validators, validators};
}

/// The part of the validator with the rank `rank` (ascending in the ids, from 0) of `count`: equal parts, and
/// the remaining units go, one each, to the first validators.
/// Expects: `amount >= 0`, `rank < count`.
[[nodiscard]] constexpr core::Amount equal_part(core::Amount amount, std::uint32_t rank,
                                                std::uint32_t count) {
    POUW_EXPECTS(amount >= 0 && rank < count);
    if (amount <= UINT64_MAX) {
        const auto small = static_cast<std::uint64_t>(amount);
        return small / count + (rank < small % count ? 1 : 0);
    }
    return amount / count + (rank < amount % count ? 1 : 0);
}

/// The deployed network's split of a fee: equal parts for the executor and each validator, and the remainder
/// for the executor. 100 among 3 gives 34, 33, 33.
/// Expects: `fee >= 0`.
[[nodiscard]] constexpr Halves deployed_split(core::Amount fee, std::uint32_t validators) {
    POUW_EXPECTS(fee >= 0);
    const core::Amount each = fee / (core::Amount{validators} + 1);
    return {fee - each * validators, each * validators};
}

/// The reward of a node that did `done` of `due` duties: all of `reward` when it missed at most the share
/// `tolerance`, otherwise in proportion to its part of the tolerated minimum:
///
///     floor(reward · min(1, done / (due · (1 - tolerance))))
///
/// A node without duties has missed none.
/// Expects: `reward >= 0`, `done <= due`, `tolerance < 1`.
[[nodiscard]] constexpr core::Amount after_shortfall_rounded_down(core::Amount reward, std::uint64_t done,
                                                                  std::uint64_t due, core::Rate tolerance) {
    POUW_EXPECTS(reward >= 0 && done <= due && tolerance.ppm() < core::Rate::one);
    const core::uint128 achieved = core::uint128{done} * core::Rate::one;
    const core::uint128 wanted = core::uint128{due} * tolerance.complement().ppm();
    return achieved >= wanted ? reward : core::scaled_rounded_down(reward, achieved, wanted);
}

/// The subsidy that is the share `rate` of what nodes receive: floor(fees · rate / (1 - rate)). At 90% the
/// nodes earn 10X for a fee of X: the fee and a subsidy of 9X. A chain with Race Coin's batches uses
/// `emission::race_coin::subsidise` instead, which crosses them.
/// Errors: core::errc::invalid_amount for negative fees; errc::invalid_rules for a rate of 1;
///     core::errc::overflow.
[[nodiscard]] constexpr core::result<core::Amount> subsidy_rounded_down(core::Amount fees, core::Rate rate) {
    if (fees < 0) return core::fail(core::errc::invalid_amount, "negative fees");
    if (rate.ppm() == core::Rate::one) return core::fail(errc::invalid_rules, "a subsidy of 100%");
    const auto out =
        core::multiply_divide_floor(static_cast<core::uint128>(fees), rate.ppm(), rate.complement().ppm());
    if (!out || *out > static_cast<core::uint128>(core::max_amount))
        return core::fail(core::errc::overflow, "the subsidy");
    return static_cast<core::Amount>(*out);
}

/// The rule of the dual reward: what an epoch issues beside the fees.
struct POUW_API Issuance {
    core::Rate subsidy{};      ///< the share of what nodes receive; below 1
    core::Amount minimum = 0;  ///< issued by work even without demand
    core::Amount left = 0;     ///< the most that may be issued

    friend constexpr bool operator==(const Issuance&, const Issuance&) = default;
};

/// The issuance of an epoch, min(left, max(subsidy on the fees, minimum)). The minimum adds nothing when
/// demand exceeds it. A subsidy that does not fit the amount is above what is left.
/// Errors: core::errc::invalid_amount for negative amounts; errc::invalid_rules for a subsidy of 1.
[[nodiscard]] constexpr core::result<core::Amount> issued(const Issuance& rule, core::Amount fees) {
    if (rule.minimum < 0 || rule.left < 0)
        return core::fail(core::errc::invalid_amount, "a negative issuance");
    const auto subsidy = subsidy_rounded_down(fees, rule.subsidy);
    if (!subsidy && subsidy.error().code == core::errc::overflow) return rule.left;
    if (!subsidy) return subsidy;
    return std::min(rule.left, std::max(*subsidy, rule.minimum));
}

/// The share of inference revenue (fees and issuance) that pays for the training of new models: the training
/// rate of settlement. It is 20% until the fifth year is over; then governance moves it. The paper gives no
/// bounds, and there are none unless a chain chooses some.
/// Source: White paper, Appendix K.
class POUW_API TrainingShare {
  public:
    static constexpr std::uint32_t fixed_years = 5;
    /// The share until governance decides on another.
    static constexpr core::Rate initial = core::Rate::percent(20);

    /// The share `rate`, to be moved between `lowest` and `highest`. A chain that starts leaves `rate` out;
    /// one that goes on gives what governance decided last. Errors: errc::invalid_rules unless 20% lies
    /// between the bounds; errc::share_out_of_bounds unless `rate`
    ///     does.
    [[nodiscard]] static constexpr core::result<TrainingShare> create(core::Rate lowest, core::Rate highest,
                                                                      core::Rate rate = initial) {
        if (lowest > initial || highest < initial) return core::fail(errc::invalid_rules);
        if (rate < lowest || rate > highest) return core::fail(errc::share_out_of_bounds);
        return TrainingShare{lowest, highest, rate};
    }
    /// The share of 20% without bounds.
    constexpr TrainingShare() = default;

    [[nodiscard]] constexpr core::Rate rate() const noexcept { return rate_; }
    [[nodiscard]] constexpr core::Rate lowest() const noexcept { return lowest_; }
    [[nodiscard]] constexpr core::Rate highest() const noexcept { return highest_; }

    /// Applies a decision of governance after `years` whole years of the network.
    /// Errors: errc::share_locked before five years; errc::share_out_of_bounds.
    [[nodiscard]] constexpr core::result<void> adjust(core::Rate rate, std::uint32_t years) {
        if (years < fixed_years) return core::fail(errc::share_locked);
        if (rate < lowest_ || rate > highest_) return core::fail(errc::share_out_of_bounds);
        rate_ = rate;
        return {};
    }

    /// The whole state, the bounds included.
    [[nodiscard]] core::Bytes save() const;

    /// Restores a state that `save` gave.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version, core::errc::rate_above_one; those of `create`.
    [[nodiscard]] static core::result<TrainingShare> restore(core::ByteView data);

    friend constexpr bool operator==(const TrainingShare&, const TrainingShare&) = default;

  private:
    constexpr TrainingShare(core::Rate lowest, core::Rate highest, core::Rate rate)
        : lowest_{lowest}, highest_{highest}, rate_{rate} {}

    core::Rate lowest_{};
    core::Rate highest_ = core::Rate::percent(100);
    core::Rate rate_ = initial;
};

}  // namespace pouw::inline v1::economics
