/// Exponential decay by epoch, floor(R0 · e^(-k·n)), computed exactly in integers.
///
/// The deployed networks compute this in the floating point of the C library. Libraries differ, and the
/// result is wrong by one unit in some epochs. Here two 128-bit fixed-point numbers enclose e^(-k·n), rounded
/// outwards at every step; where both give the same floor, it is the exact one. e^(-k·n) is irrational for a
/// rational k·n > 0, so that no floor is a tie. Where the enclosure does not decide a floor, the function
/// returns an error.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/emission/errc.hpp"
#include "pouw/emission/schedule.hpp"

#include <algorithm>
#include <vector>

namespace pouw::inline v1::emission {

namespace detail {

/// An enclosure of a number x in (0, 1], low <= x <= high, in fixed point with 127 fractional bits.
struct POUW_API Enclosure {
    core::uint128 low = 0;
    core::uint128 high = 0;
};

inline constexpr core::uint128 fixed_one = core::uint128{1} << 127;

constexpr core::uint128 fixed_multiply_floor(core::uint128 a, core::uint128 b) {
    const core::uint256 product = core::multiply(a, b);
    return (product.high << 1) | (product.low >> 127);
}

constexpr core::uint128 fixed_multiply_ceil(core::uint128 a, core::uint128 b) {
    return fixed_multiply_floor(a, b) + ((a * b) << 1 != 0 ? 1u : 0u);
}

constexpr Enclosure multiply(const Enclosure& a, const Enclosure& b) {
    return {fixed_multiply_floor(a.low, b.low), std::min(fixed_multiply_ceil(a.high, b.high), fixed_one)};
}

/// The enclosure of e^(-k) by its alternating series. The terms fall, so that the first omitted term bounds
/// the error.
/// Expects: 0 < k <= 1.
constexpr Enclosure exp_of_minus(const core::Fraction& k) {
    Enclosure term{fixed_one, fixed_one};
    Enclosure even = term;  // 1 + k^2/2! + ...
    Enclosure odd{};        // k + k^3/3! + ...
    for (std::uint64_t i = 1; term.high > 1; ++i) {
        const core::uint128 divisor = core::uint128{k.denominator} * i;
        const core::Division low = core::divide(core::multiply(term.low, k.numerator), divisor);
        const core::Division high = core::divide(core::multiply(term.high, k.numerator), divisor);
        term = {low.quotient.low, high.quotient.low + (high.remainder != 0 ? 1u : 0u)};
        Enclosure& sum = i % 2 == 0 ? even : odd;
        sum.low += term.low;
        sum.high += term.high;
    }
    return {even.low - odd.high - term.high, std::min(even.high - odd.low + term.high, fixed_one)};
}

/// The value floor(reward · x).
/// Errors: errc::precision_exhausted when the enclosure of x does not decide the floor.
constexpr core::result<std::int64_t> floor_of(std::int64_t reward, const Enclosure& x) {
    const auto r = static_cast<core::uint128>(reward);
    const core::uint128 low = fixed_multiply_floor(r, x.low);
    if (low != fixed_multiply_floor(r, x.high)) return core::fail(errc::precision_exhausted);
    return static_cast<std::int64_t>(low);
}

}  // namespace detail

/// The rewards of the deployed PoW 2.0 network by epoch: floor(R0 · e^(-k·n)) until a cap is reached.
class POUW_API ExponentialSchedule {
  public:
    using Amount = std::int64_t;

    struct Params {
        Amount initial_reward = 0;  // base units in the epoch 0, >= 1
        core::Fraction decay;       // per epoch: 0 < k <= 1
        Amount cap = 0;             // base units, >= 1: the reward that would pass it is cut
    };

    /// The largest number of paying epochs, which bounds the table to 32 MiB.
    static constexpr std::size_t max_epochs = std::size_t{1} << 22;

    /// The schedule with its table of cumulative amounts.
    /// Errors: errc::invalid_schedule for parameters out of range or more than `max_epochs` paying epochs;
    ///     errc::precision_exhausted when 127 fractional bits do not decide a reward, which has a probability
    ///     of about 1 in 10^6 for R0 < 2^63 and 10^5 epochs.
    /// Cost: 8 bytes and about 30 ns for each epoch, once.
    [[nodiscard]] static core::result<ExponentialSchedule> create(const Params& params) {
        if (const auto valid = check(params); !valid)
            return core::fail(valid.error().code, valid.error().detail);
        ExponentialSchedule out{params};
        const detail::Enclosure step = detail::exp_of_minus(params.decay);
        detail::Enclosure power{detail::fixed_one, detail::fixed_one};
        Amount issued = 0;
        while (issued < params.cap) {
            const auto reward = detail::floor_of(params.initial_reward, power);
            if (!reward) return core::fail(reward.error().code);
            if (*reward == 0) break;
            if (out.cumulative_.size() > max_epochs)
                return core::fail(errc::invalid_schedule, "too many epochs");
            issued += std::min(*reward, params.cap - issued);
            out.cumulative_.push_back(issued);
            power = detail::multiply(power, step);
        }
        return out;
    }

    /// The reward without the cap, floor(R0 · e^(-k·n)).
    /// Errors: those of `create`.
    /// Cost: O(log n).
    [[nodiscard]] static constexpr core::result<Amount> uncapped_reward(const Params& params, Step n) {
        if (const auto valid = check(params); !valid)
            return core::fail(valid.error().code, valid.error().detail);
        detail::Enclosure power{detail::fixed_one, detail::fixed_one};
        detail::Enclosure square = detail::exp_of_minus(params.decay);
        for (; n != 0; n >>= 1) {
            if (n % 2 == 1) power = detail::multiply(power, square);
            square = detail::multiply(square, square);
        }
        return detail::floor_of(params.initial_reward, power);
    }

    [[nodiscard]] Amount reward(Step n) const noexcept {
        return n < paying_epochs() ? cumulative_[n + 1] - cumulative_[n] : 0;
    }
    /// The amount issued before the epoch `n`.
    /// Cost: O(1), one look-up.
    [[nodiscard]] Amount cumulative(Step n) const noexcept {
        return cumulative_[std::min<Step>(n, paying_epochs())];
    }
    [[nodiscard]] Amount total() const noexcept { return cumulative_.back(); }
    /// The phase: 0 while the schedule pays, 1 from then on.
    [[nodiscard]] std::uint64_t phase(Step n) const noexcept { return n < paying_epochs() ? 0 : 1; }

    /// The number of epochs with a reward above 0. The cap may cut the last of them.
    [[nodiscard]] Step paying_epochs() const noexcept { return cumulative_.size() - 1; }
    [[nodiscard]] const Params& params() const noexcept { return params_; }

  private:
    explicit ExponentialSchedule(const Params& params) : params_{params}, cumulative_{0} {}

    [[nodiscard]] static constexpr core::result<void> check(const Params& params) {
        if (params.initial_reward < 1 || params.cap < 1)
            return core::fail(errc::invalid_schedule, "no reward, or no cap");
        if (params.decay.numerator == 0 || params.decay.numerator > params.decay.denominator)
            return core::fail(errc::invalid_schedule, "a decay outside (0, 1]");
        return {};
    }

    Params params_;
    std::vector<Amount> cumulative_;
};

/// The default genesis of the public chain: 285,000 coins in the first epoch, k = 0.000475, a cap of 600
/// million coins of 9 decimals. Epochs count from 0, the first that pays; the chain's own number is higher by
/// one.
inline constexpr ExponentialSchedule::Params exponential_default{
    285'000'000'000'000, {475, 1'000'000}, 600'000'000'000'000'000};

/// The main network of the public chain: 323,000 coins in the first epoch, a cap of 680 million coins.
inline constexpr ExponentialSchedule::Params exponential_mainnet{
    323'000'000'000'000, {475, 1'000'000}, 680'000'000'000'000'000};

}  // namespace pouw::inline v1::emission
