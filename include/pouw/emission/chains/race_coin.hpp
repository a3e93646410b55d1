/// Race Coin of the PoW 2.0 white paper: the core incentive of 600 million coins in twelve batches. It is
/// paid as a subsidy on the fees of developers, with a yearly minimum. Base unit: 1e-9 coin (nano).
///
/// The other parts of the supply are 160 million coins for the founders, 120 million for top providers
/// (race_coin_top.hpp) and 120 million for the liquidity pool (race_coin_pool.hpp).
/// Source: White paper, Appendices E and F.
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/core/state.hpp"
#include "pouw/emission/schedule.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace pouw::inline v1::emission::race_coin {

/// A coin in base units, and the supply with its four parts.
inline constexpr std::int64_t coin = 1'000'000'000;
inline constexpr std::int64_t total_supply = 1'000'000'000 * coin;
inline constexpr std::int64_t core_incentive = 600'000'000 * coin;
inline constexpr std::int64_t top_provider_reward = 120'000'000 * coin;
inline constexpr std::int64_t liquidity_pool = 120'000'000 * coin;
inline constexpr std::int64_t founders = 160'000'000 * coin;
static_assert(core_incentive + top_provider_reward + liquidity_pool + founders == total_supply);

/// The size and the number of the batches of the core incentive.
inline constexpr std::int64_t batch = total_supply / 20;  // 5% of the supply
inline constexpr std::uint32_t batches = 12;
static_assert(batch * batches == core_incentive);

/// The share of the subsidy in what a node is paid during the batch n, unrounded: (9/10) · (4/5)^(n-1). The
/// table of the paper prints it with two decimals.
/// Expects: 1 <= n <= 12.
[[nodiscard]] constexpr core::Fraction subsidy_rate(std::uint32_t n) {
    POUW_EXPECTS(1 <= n && n <= batches);
    core::Fraction s{9, 10};
    for (std::uint32_t i = 1; i < n; ++i) s = {s.numerator * 4, s.denominator * 5};
    return s;
}

/// The share of the subsidy as the public legacy code keeps it: rounded half up to four decimals after every
/// step, in units of 1e-4. From batch 5 on its fees differ from the paper's table.
/// Expects: 1 <= n <= 12.
[[nodiscard]] constexpr std::uint32_t legacy_subsidy_rate(std::uint32_t n) {
    POUW_EXPECTS(1 <= n && n <= batches);
    std::uint32_t rate = 9000;
    for (std::uint32_t i = 1; i < n; ++i) rate = (rate * 8 + 5) / 10;
    return rate;
}

namespace detail {

/// The unit of fees is 1/fee_scale nano. In these units the fee that earns one nano of subsidy is an integer
/// in every batch.
inline constexpr std::uint64_t fee_scale = 9ull << 22;  // 9 · 4^11

/// The scaled fee that earns one nano in the batch n: (1 - s) / s · fee_scale.
constexpr std::uint64_t fee_per_nano(std::uint32_t n) {
    const core::Fraction s = subsidy_rate(n);
    return (s.denominator - s.numerator) * (fee_scale / s.numerator);
}

inline constexpr auto fees_per_nano = [] {
    std::array<std::uint64_t, batches> out{};
    for (std::uint32_t n = 1; n <= batches; ++n) out[n - 1] = fee_per_nano(n);
    return out;
}();

}  // namespace detail

/// The fees that exhaust a batch, exactly: 50 million coins · (1 - s) / s.
struct POUW_API BatchFees {
    core::uint128 scaled;  // in units of 1/denominator nano
    static constexpr std::uint64_t denominator = detail::fee_scale;

    [[nodiscard]] constexpr std::int64_t nano_floor() const {
        return static_cast<std::int64_t>(scaled / denominator);
    }
    /// The fees in whole coins, rounded half up: the column "fees paid by developers" of the paper's table.
    [[nodiscard]] constexpr std::int64_t coins_half_up() const {
        const core::uint128 unit = core::uint128{denominator} * static_cast<std::uint64_t>(coin);
        return static_cast<std::int64_t>((2 * scaled + unit) / (2 * unit));
    }
};
/// The fees that exhaust the batch n.
/// Expects: 1 <= n <= 12.
[[nodiscard]] constexpr BatchFees fees_of_batch(std::uint32_t n) {
    POUW_EXPECTS(1 <= n && n <= batches);
    return {core::uint128{static_cast<std::uint64_t>(batch)} * detail::fees_per_nano[n - 1]};
}

/// The state of the core incentive. Equal states continue equally, however they were reached.
struct POUW_API CoreState {
    std::int64_t issued = 0;  // nano, 0 to core_incentive
    core::uint128 carry = 0;  // paid fees too small yet to earn one nano, in 1/(9 · 4^11) nano

    /// The batch that pays now, from 1; 12 when all batches are exhausted.
    [[nodiscard]] constexpr std::uint32_t batch_number() const noexcept {
        return std::min(batches, static_cast<std::uint32_t>(issued / batch) + 1);
    }
    [[nodiscard]] constexpr std::int64_t left() const noexcept { return core_incentive - issued; }

    friend constexpr bool operator==(const CoreState&, const CoreState&) = default;
};

/// The subsidy that fees earn, and the state after them.
struct POUW_API CoreStep {
    std::int64_t subsidy = 0;  // nano, minted on top of the fees
    CoreState next;
};

/// The subsidy on `fees` nano paid by developers: fees · s / (1 - s), "up to 9X" in batch 1, each part at the
/// rate of its batch, across any number of batches, and at most what is left. It is exact: a fraction of a
/// nano is carried, so that fees paid in parts earn as much as fees paid at once.
/// Errors: core::errc::invalid_amount for negative fees or a state out of range.
/// Cost: O(batches crossed).
[[nodiscard]] constexpr core::result<CoreStep> subsidise(const CoreState& state, std::int64_t fees) {
    if (fees < 0) return core::fail(core::errc::invalid_amount, "negative fees");
    if (state.issued < 0 || state.issued > core_incentive || state.carry >> 64 != 0)
        return core::fail(core::errc::invalid_amount, "a state out of range");
    core::uint128 left = state.carry + core::uint128{static_cast<std::uint64_t>(fees)} * detail::fee_scale;
    CoreState next{state.issued, 0};
    while (next.issued < core_incentive) {
        const std::int64_t n = next.issued / batch;
        const core::uint128 fee = detail::fees_per_nano[static_cast<std::size_t>(n)];
        const auto to_end = static_cast<std::uint64_t>((n + 1) * batch - next.issued);
        if (left < to_end * fee) {
            next.issued += static_cast<std::int64_t>(left / fee);
            next.carry = left % fee;
            break;
        }
        left -= to_end * fee;
        next.issued = (n + 1) * batch;
    }
    return CoreStep{next.issued - state.issued, next};
}

/// The subsidy as a schedule by work, without the minimum issuance: the step is the number of nanos of fees
/// ever paid. The phase counts exhausted batches.
/// Cost: O(12).
class POUW_API SubsidyByFees {
  public:
    using Amount = std::int64_t;

    [[nodiscard]] constexpr Amount reward(Step fees) const {
        return fees == std::numeric_limits<Step>::max() ? 0 : cumulative(fees + 1) - cumulative(fees);
    }
    [[nodiscard]] constexpr Amount cumulative(Step fees) const { return state(fees).issued; }
    [[nodiscard]] constexpr Amount total() const noexcept { return core_incentive; }
    [[nodiscard]] constexpr std::uint64_t phase(Step fees) const {
        return static_cast<std::uint64_t>(cumulative(fees) / batch);
    }

    [[nodiscard]] constexpr CoreState state(Step fees) const {
        // All batches are exhausted long before 2^63 nanos of fees.
        return subsidise({}, static_cast<std::int64_t>(std::min<Step>(fees, INT64_MAX))).value().next;
    }
};

/// The minimum issuance by day: 5% of the supply in the first year of 365 days and half as much in each
/// following year, spread evenly. `cumulative(d)` is the floor of the exact amount, so that no rounding of a
/// day is lost or added up (34,247 coins a day in year 3, as printed, would be 155 coins too many). The sum
/// converges to 100 million coins, two batches. Without demand the batches 3 to 12 are therefore never
/// reached, and `total()`, the core incentive, is never issued. The phase counts exhausted batches.
class POUW_API MinimumIssuance {
  public:
    using Amount = std::int64_t;

    static constexpr Step days_per_year = 365;
    static constexpr Amount first_year = total_supply / 20;

    [[nodiscard]] constexpr Amount reward(Step d) const {
        return d == std::numeric_limits<Step>::max() ? 0 : cumulative(d + 1) - cumulative(d);
    }
    /// The amount issued before the day `d`.
    /// Cost: O(1).
    [[nodiscard]] constexpr Amount cumulative(Step d) const {
        const Step year = d / days_per_year;
        // What is still to come: first_year · (2 - r/365) / 2^year with r the day of the year. Its ceiling is
        // 1 from the year 57 on, for ever.
        if (year >= 57) return 2 * first_year - 1;
        const core::uint128 coming =
            core::uint128{static_cast<std::uint64_t>(first_year)} * (2 * days_per_year - d % days_per_year);
        const core::uint128 divisor = core::uint128{days_per_year} << year;
        return 2 * first_year - static_cast<Amount>((coming + divisor - 1) / divisor);
    }
    [[nodiscard]] constexpr Amount total() const noexcept { return core_incentive; }
    [[nodiscard]] constexpr std::uint64_t phase(Step d) const {
        return static_cast<std::uint64_t>(cumulative(d) / batch);
    }
};

/// The core incentive day by day: the subsidy on what developers pay and, where it is below the minimum of
/// the day, the difference, which is distributed among the nodes that worked. Both count towards the batches.
/// The object is a value: copy it to look ahead.
class POUW_API CoreIssuance {
  public:
    [[nodiscard]] constexpr Step day() const noexcept { return day_; }
    [[nodiscard]] constexpr const CoreState& state() const noexcept { return state_; }
    /// The subsidies of the open day so far.
    [[nodiscard]] constexpr std::int64_t subsidised_today() const noexcept { return today_; }

    /// The subsidy on `fees` nano of the open day.
    /// Errors: core::errc::invalid_amount for negative fees.
    [[nodiscard]] constexpr core::result<std::int64_t> pay_fees(std::int64_t fees) {
        const auto step = subsidise(state_, fees);
        if (!step) return core::fail(step.error().code, step.error().detail);
        state_ = step->next;
        today_ += step->subsidy;
        return step->subsidy;
    }
    /// Ends the day and returns the amount that is minted to reach its minimum. It is at most what is left.
    [[nodiscard]] constexpr std::int64_t close_day() {
        const std::int64_t minimum = MinimumIssuance{}.reward(day_);
        const std::int64_t top_up = std::min(std::max<std::int64_t>(minimum - today_, 0), state_.left());
        state_.issued += top_up;
        if (state_.left() == 0) state_.carry = 0;
        today_ = 0;
        ++day_;
        return top_up;
    }

    /// The whole state.
    [[nodiscard]] core::Bytes save() const {
        core::Bytes out = core::start_state(state_magic);
        core::append(out, core::to_le(day_));
        core::append(out, core::to_le(today_));
        core::append(out, core::to_le(state_.issued));
        core::append(out, core::to_le(static_cast<std::uint64_t>(state_.carry)));  // below the fee of a nano
        return out;
    }
    /// Restores a state that `save` gave.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version; core::errc::invalid_amount for a negative amount or more than the
    ///     core incentive; core::errc::inconsistent_state for carried fees that earn a nano, and for less
    ///     issued than the minimum of the days before and the subsidies of this one.
    [[nodiscard]] static core::result<CoreIssuance> restore(core::ByteView data) {
        core::Reader reader{data};
        if (const auto start = core::take_state_start(reader, state_magic); !start) return start.error();
        CoreIssuance out;
        out.day_ = reader.integer<Step>();
        out.today_ = core::take_signed<std::int64_t>(reader);
        out.state_.issued = core::take_signed<std::int64_t>(reader);
        out.state_.carry = reader.integer<std::uint64_t>();
        if (const auto end = core::check_state_end(reader); !end) return end.error();
        const CoreState& state = out.state_;
        if (out.today_ < 0 || state.issued < 0 || state.issued > core_incentive)
            return core::fail(core::errc::invalid_amount);
        const bool exhausted = state.left() == 0;
        if (state.carry >= (exhausted ? 1 : detail::fees_per_nano[state.batch_number() - 1]))
            return core::fail(core::errc::inconsistent_state, "carried fees that earn a nano");
        if (state.issued - out.today_ < MinimumIssuance{}.cumulative(out.day_))
            return core::fail(core::errc::inconsistent_state, "less issued than the minimum");
        return out;
    }

    friend constexpr bool operator==(const CoreIssuance&, const CoreIssuance&) = default;

  private:
    static constexpr std::string_view state_magic = "pouwcor1";

    Step day_ = 0;
    std::int64_t today_ = 0;
    CoreState state_;
};

/// The subsidy as the public legacy code computed it, only for replaying its history: trunc(work / (1 -
/// rate)), with at most one batch crossed, so that it can exceed the supply.
///  * paid, supply: the subsidy paid so far and in all; work: fees; base units, >= 0, and supply >= 1
///  * rate: of the open batch, in 1e-4, below 10000
/// Errors: core::errc::invalid_amount out of these ranges, or for a supply without batches;
///     core::errc::overflow when the amount exceeds 63 bits.
[[nodiscard]] constexpr core::result<std::int64_t> legacy_subsidy(std::int64_t paid, std::int64_t work,
                                                                  std::uint32_t rate, std::int64_t supply) {
    if (paid < 0 || work < 0 || supply < 1 || rate >= 10'000) return core::fail(core::errc::invalid_amount);
    if (paid >= supply) return std::int64_t{0};
    // A batch is 5% of the supply, rounded half up; below 10 units there is none.
    const core::uint128 unit = (static_cast<core::uint128>(supply) * 5 + 50) / 100;
    if (unit == 0) return core::fail(core::errc::invalid_amount, "a supply without batches");
    const core::uint128 so_far = static_cast<core::uint128>(paid);
    const core::uint128 cutoff = (so_far / unit + 1) * unit;
    // In 1e-5, since the next rate is not rounded yet.
    const core::uint128 keep = 100'000 - 10 * core::uint128{rate};
    const core::uint128 next_keep = 100'000 - 8 * core::uint128{rate};
    core::uint128 subsidy = static_cast<core::uint128>(work) * 100'000 / keep;
    if (so_far + subsidy > cutoff) {
        subsidy = cutoff - so_far;
        if (cutoff < static_cast<core::uint128>(supply)) {
            const core::uint128 used = subsidy * keep / 100'000;
            subsidy += (static_cast<core::uint128>(work) - used) * 100'000 / next_keep;
        }
    }
    if (subsidy > static_cast<core::uint128>(INT64_MAX)) return core::fail(core::errc::overflow);
    return static_cast<std::int64_t>(subsidy);
}

}  // namespace pouw::inline v1::emission::race_coin
