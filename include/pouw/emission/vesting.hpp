/// Vesting: linear release over time with a cliff, exact to the last unit.
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/state.hpp"
#include "pouw/emission/errc.hpp"
#include "pouw/emission/schedule.hpp"

#include <cstdint>
#include <deque>
#include <string_view>

namespace pouw::inline v1::emission {

namespace detail {

/// The value floor(amount · numerator / denominator).
/// Expects: `numerator <= denominator`, so that the value fits.
template <AmountType Amount>
constexpr Amount fraction_of(Amount amount, std::uint64_t numerator, std::uint64_t denominator) {
    if constexpr (std::same_as<Amount, std::int64_t>) {
        return static_cast<Amount>(static_cast<core::uint128>(amount) * numerator / denominator);
    } else {
        return static_cast<Amount>(
            core::divide(core::multiply(static_cast<core::uint128>(amount), numerator), denominator)
                .quotient.low);
    }
}

}  // namespace detail

/// A vesting schedule. `upfront` is released at time 0 and the rest linearly over `duration`. Nothing of the
/// rest is released before `cliff`, and the part that has grown until then is released at the cliff. The
/// linear part at time t is floor(rest · t / duration). Every payout is a difference of such floors, and the
/// last one contains the remainder.
template <AmountType AmountT>
class POUW_API VestingSchedule {
  public:
    using Amount = AmountT;

    struct Params {
        Amount amount = 0;   // base units, >= 0
        Amount upfront = 0;  // base units of it at time 0, <= amount
        Step cliff = 0;      // units of time
        Step duration = 0;   // units of time, counted from 0; below the cliff: all at the cliff
    };

    /// The schedule with these parameters.
    /// Errors: errc::invalid_schedule for parameters out of range.
    [[nodiscard]] static constexpr core::result<VestingSchedule> create(const Params& params) {
        if (params.amount < 0 || params.upfront < 0 || params.upfront > params.amount)
            return core::fail(errc::invalid_schedule, "an amount out of range");
        return VestingSchedule{params};
    }

    /// The amount that the time unit [t, t + 1) releases.
    [[nodiscard]] constexpr Amount reward(Step t) const {
        return t == std::numeric_limits<Step>::max() ? Amount{0} : cumulative(t + 1) - cumulative(t);
    }
    /// The amount that is released at time t, `upfront` included.
    /// Cost: O(1).
    [[nodiscard]] constexpr Amount cumulative(Step t) const {
        if (t < params_.cliff) return params_.upfront;
        if (t >= params_.duration) return params_.amount;
        return params_.upfront + detail::fraction_of(params_.amount - params_.upfront, t, params_.duration);
    }
    [[nodiscard]] constexpr Amount total() const noexcept { return params_.amount; }
    /// The phase: 0 before the cliff, 1 while the amount vests, 2 when all is released.
    [[nodiscard]] constexpr std::uint64_t phase(Step t) const noexcept {
        if (t < params_.cliff) return 0;
        return t < params_.duration ? 1 : 2;
    }

    [[nodiscard]] constexpr const Params& params() const noexcept { return params_; }

  private:
    constexpr explicit VestingSchedule(const Params& params) noexcept : params_{params} {}

    Params params_;
};

/// The part of one epoch in the deployed network's vesting of a reward over `epochs` epochs: equal parts, and
/// the remainder in the first epoch. 1003 over 4 gives 253, 250, 250, 250.
/// Expects: `amount >= 0`, `epochs >= 1`, `epoch < epochs`.
template <AmountType Amount>
[[nodiscard]] constexpr Amount first_takes_remainder(Amount amount, std::uint32_t epochs,
                                                     std::uint32_t epoch) {
    POUW_EXPECTS(amount >= 0 && epochs >= 1 && epoch < epochs);
    const auto parts = static_cast<Amount>(epochs);
    return amount / parts + (epoch == 0 ? amount % parts : Amount{0});
}

/// Rewards that vest by epoch as in the deployed network: each reward by `first_takes_remainder`, added up by
/// epoch, so that an account has one list for any number of rewards.
/// Cost: O(epochs) for each reward that is added.
template <AmountType Amount>
class POUW_API EpochVesting {
  public:
    static constexpr std::uint32_t max_epochs = 1u << 16;

    /// Vests `amount` over the next `epochs` epochs.
    /// Errors: core::errc::invalid_amount for a negative amount; errc::invalid_schedule unless 1 <= epochs <=
    ///     max_epochs; errc::supply_overflow when the sum of everything that vests does not fit the amount.
    [[nodiscard]] core::result<void> add(Amount amount, std::uint32_t epochs) {
        if (amount < 0) return core::fail(core::errc::invalid_amount);
        if (epochs < 1 || epochs > max_epochs) return core::fail(errc::invalid_schedule);
        if (amount > max_amount<Amount> - vesting_) return core::fail(errc::supply_overflow);
        if (parts_.size() < epochs) parts_.resize(epochs);
        for (std::uint32_t e = 0; e < epochs; ++e) parts_[e] += first_takes_remainder(amount, epochs, e);
        vesting_ += amount;
        return {};
    }
    /// Ends an epoch and returns the amount that it releases.
    [[nodiscard]] Amount release() {
        if (parts_.empty()) return 0;
        const Amount released = parts_.front();
        parts_.pop_front();
        vesting_ -= released;
        return released;
    }
    /// The amount that is not released yet.
    [[nodiscard]] Amount vesting() const noexcept { return vesting_; }

    /// The whole state. What vests is the sum of the epochs, and no part of the bytes.
    [[nodiscard]] core::Bytes save() const {
        core::Bytes out = core::start_state(state_magic);
        core::append(out, core::to_le(static_cast<std::uint32_t>(parts_.size())));
        for (const Amount part : parts_) core::append(out, core::to_le(part));
        return out;
    }
    /// Restores a state that `save` gave for the same type of amount.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version, core::errc::count_too_large; errc::invalid_schedule for more than
    ///     `max_epochs`; core::errc::invalid_amount for a negative amount; core::errc::inconsistent_state for
    ///     an epoch that releases more than the one before, which no reward does; errc::supply_overflow.
    [[nodiscard]] static core::result<EpochVesting> restore(core::ByteView data) {
        core::Reader reader{data};
        if (const auto start = core::take_state_start(reader, state_magic); !start) return start.error();
        const auto count = core::take_count(reader, sizeof(Amount));
        if (!count) return count.error();
        if (*count > max_epochs) return core::fail(errc::invalid_schedule, "too many epochs");
        EpochVesting out;
        for (std::uint32_t e = 0; e < *count; ++e) {
            const auto part = core::take_signed<Amount>(reader);
            if (part < 0) return core::fail(core::errc::invalid_amount);
            if (e > 0 && part > out.parts_.back())
                return core::fail(core::errc::inconsistent_state, "a part that grows");
            if (part > max_amount<Amount> - out.vesting_) return core::fail(errc::supply_overflow);
            out.parts_.push_back(part);
            out.vesting_ += part;
        }
        if (const auto end = core::check_state_end(reader); !end) return end.error();
        return out;
    }

    friend bool operator==(const EpochVesting&, const EpochVesting&) = default;

  private:
    static constexpr std::string_view state_magic = "pouwves1";

    std::deque<Amount> parts_;  // the next epoch's first
    Amount vesting_ = 0;
};

}  // namespace pouw::inline v1::emission
