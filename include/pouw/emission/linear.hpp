/// A schedule whose reward declines by a constant amount at every step, as Morpheus's does by day. With a
/// decline of 0 the reward is constant.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/emission/errc.hpp"
#include "pouw/emission/schedule.hpp"

#include <algorithm>

namespace pouw::inline v1::emission {

/// A schedule with `reward(h) = max(0, initial_reward - decrease · h)` for h < length, and 0 from there on.
template <AmountType AmountT>
class POUW_API LinearSchedule {
  public:
    using Amount = AmountT;

    struct Params {
        Amount initial_reward = 0;                       // base units a step, >= 0
        Amount decrease = 0;                             // base units less each step, >= 0
        Step length = std::numeric_limits<Step>::max();  // steps that may pay at all
    };

    /// The schedule with these parameters.
    /// Errors: errc::invalid_schedule for a negative parameter; errc::supply_overflow when the total does not
    ///     fit the amount.
    [[nodiscard]] static constexpr core::result<LinearSchedule> create(const Params& params) {
        if (params.initial_reward < 0 || params.decrease < 0)
            return core::fail(errc::invalid_schedule, "a negative reward or decrease");
        const auto initial = static_cast<core::uint128>(params.initial_reward);
        const auto decrease = static_cast<core::uint128>(params.decrease);
        core::uint128 paying = params.length;
        if (decrease > 0) paying = std::min(paying, initial / decrease + (initial % decrease != 0 ? 1u : 0u));
        if (initial == 0) paying = 0;
        if (paying == 0) return LinearSchedule{params, 0, 0};
        // initial < 2^127, and the decreases before the last paying step are less than `initial`.
        const core::uint256 twice = core::multiply(paying, 2 * initial - decrease * (paying - 1));
        const auto total = to_amount<Amount>(core::divide(twice, 2).quotient);
        if (!total) return core::fail(total.error().code);
        return LinearSchedule{params, static_cast<Step>(paying), *total};
    }

    [[nodiscard]] constexpr Amount reward(Step h) const noexcept {
        return h < paying_ ? params_.initial_reward - params_.decrease * static_cast<Amount>(h) : Amount{0};
    }
    /// The amount issued before the step `h`.
    /// Cost: O(1).
    [[nodiscard]] constexpr Amount cumulative(Step h) const noexcept {
        if (h >= paying_) return total_;
        if (h == 0) return 0;
        // Twice the total fits the unsigned type.
        using Unsigned = std::conditional_t<std::same_as<Amount, std::int64_t>, std::uint64_t, core::uint128>;
        const auto k = static_cast<Unsigned>(h);
        const Unsigned first_and_last = 2 * static_cast<Unsigned>(params_.initial_reward) -
                                        static_cast<Unsigned>(params_.decrease) * (k - 1);
        return static_cast<Amount>(k * first_and_last / 2);
    }
    [[nodiscard]] constexpr Amount total() const noexcept { return total_; }
    /// The phase: 0 while the schedule pays, 1 from then on.
    [[nodiscard]] constexpr std::uint64_t phase(Step h) const noexcept { return h < paying_ ? 0 : 1; }

    /// The number of steps with a reward above 0.
    [[nodiscard]] constexpr Step paying_steps() const noexcept { return paying_; }
    [[nodiscard]] constexpr const Params& params() const noexcept { return params_; }

  private:
    constexpr LinearSchedule(const Params& params, Step paying, Amount total) noexcept
        : params_{params}, paying_{paying}, total_{total} {}

    Params params_;
    Step paying_;
    Amount total_;
};

}  // namespace pouw::inline v1::emission
