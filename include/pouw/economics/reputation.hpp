/// Reputation: a number from 0 to 1 that follows from what a node did in past epochs and decides how often
/// its results are checked.
///
/// Reputation starts at 0, grows with every honest epoch along a curve that the chain chooses, falls with
/// missed duties, and returns to 0 when the node is convicted.
/// Source: White paper, chapter 6.
#pragma once

#include "pouw/core/amount.hpp"
#include "pouw/core/contract.hpp"
#include "pouw/core/export.hpp"
#include "pouw/economics/errc.hpp"

namespace pouw::inline v1::economics {

/// The state that a chain keeps of a node from epoch to epoch.
struct POUW_API Reputation {
    std::uint32_t epochs = 0;    ///< honest epochs with work since the start, or since the last conviction
    std::uint64_t lost_ppm = 0;  ///< the misses of these epochs, in millionths of an epoch

    friend constexpr bool operator==(const Reputation&, const Reputation&) = default;
};

/// The law by which reputation grows.
enum class Growth : std::uint8_t {
    linear,       ///< in equal steps, to 1 after `epochs_to_full`
    exponential,  ///< every epoch closes the share `step` of what is missing to 1
    deployed      ///< the deployed network's: linear, in whole percent
};

/// The curve along which reputation grows.
struct POUW_API ReputationCurve {
    Growth growth = Growth::linear;
    std::uint32_t epochs_to_full = 30;  ///< linear and deployed: at least 1
    core::Rate step =
        core::Rate::percent(10);  ///< exponential: at least 0.001, so that the sum over epochs is short
    core::Rate forgiven =
        core::Rate::percent(1);  ///< an epoch that missed no more than this share of its duties lost nothing
    std::uint32_t penalty = 1;   ///< epochs lost for an epoch missed entirely

    friend constexpr bool operator==(const ReputationCurve&, const ReputationCurve&) = default;
};

/// Checks that the curve is in range.
/// Errors: errc::invalid_rules for a curve that never grows, or that grows too slowly to be summed.
[[nodiscard]] constexpr core::result<void> check(const ReputationCurve& curve) {
    if (curve.epochs_to_full == 0) return core::fail(errc::invalid_rules, "epochs_to_full");
    if (curve.step.ppm() < 1'000) return core::fail(errc::invalid_rules, "step");
    return {};
}

/// The epoch record of a node: what it did in one epoch, as far as its reputation depends on it.
struct POUW_API EpochRecord {
    bool convicted = false;
    bool worked = false;  ///< it finished a task or a check
    core::Rate missed{};  ///< the share of its duties that it did not do

    friend constexpr bool operator==(const EpochRecord&, const EpochRecord&) = default;
};

/// The reputation after one more epoch. An epoch without work changes nothing, so that idle nodes gain none.
[[nodiscard]] constexpr Reputation advance(Reputation before, const EpochRecord& record,
                                           const ReputationCurve& curve) {
    if (record.convicted) return {};
    if (record.worked && before.epochs != UINT32_MAX) ++before.epochs;
    if (record.missed > curve.forgiven)
        before.lost_ppm += std::min<std::uint64_t>(record.missed.ppm(), UINT64_MAX - before.lost_ppm);
    return before;
}

/// The reputation as a number from 0 to 1, rounded down.
/// Expects: `check(curve)`.
/// Cost: O(1); for exponential growth O(epochs), at most about 14,000 steps.
[[nodiscard]] constexpr core::Rate reputation_rounded_down(const Reputation& reputation,
                                                           const ReputationCurve& curve) {
    POUW_EXPECTS(check(curve).has_value());
    const core::uint128 grown = core::uint128{reputation.epochs} * core::Rate::one;
    const core::uint128 lost = core::uint128{reputation.lost_ppm} * curve.penalty;
    const core::uint128 effective = grown > lost ? grown - lost : 0;  // in millionths of an epoch
    const auto rate = [](core::uint128 ppm) {
        return core::Rate::create(static_cast<std::uint64_t>(ppm)).value();
    };
    switch (curve.growth) {
        case Growth::linear:
            return rate(std::min<core::uint128>(core::Rate::one, effective / curve.epochs_to_full));
        case Growth::deployed:
            return rate(std::min<core::uint128>(
                            100, 100 * effective / (core::uint128{curve.epochs_to_full} * core::Rate::one)) *
                        10'000);
        case Growth::exponential:
            break;
    }
    // What is missing to 1 is rounded up after every epoch, and rests at ceil(1 / step) - 1 millionths or
    // below.
    std::uint64_t missing = core::Rate::one;
    for (core::uint128 epochs = effective / core::Rate::one; epochs > 0; --epochs) {
        const std::uint64_t next =
            (missing * curve.step.complement().ppm() + core::Rate::one - 1) / core::Rate::one;
        if (next == missing) break;
        missing = next;
    }
    return rate(core::Rate::one - missing);
}

/// The lowest expected number of checks of a task, for a reputation of 1, by the traffic of the network in
/// tasks an epoch: the deployed network's steps, linear between (100, 1), (5000, 5%) and (10000, 1%),
/// constant outside.
[[nodiscard]] constexpr core::Rate lowest_check_rate_rounded_up(std::uint64_t traffic) {
    if (traffic <= 100) return core::Rate::percent(100);
    if (traffic >= 10'000) return core::Rate::percent(1);
    const std::uint64_t above = traffic < 5'000 ? (5'000 - traffic) * 950'000 : (10'000 - traffic) * 40'000;
    const std::uint64_t base = traffic < 5'000 ? 50'000 : 10'000;
    const std::uint64_t span = traffic < 5'000 ? 4'900 : 5'000;
    return core::Rate::create(base + (above + span - 1) / span).value();
}

/// The expected number of checks of a task: 1 for a reputation of 0, `lowest` for a reputation of 1, and
/// linear between, 1 - (1 - lowest) · reputation.
[[nodiscard]] constexpr core::Rate check_rate_rounded_up(core::Rate reputation, core::Rate lowest) {
    const std::uint64_t saved = std::uint64_t{lowest.complement().ppm()} * reputation.ppm() / core::Rate::one;
    return core::Rate::create(core::Rate::one - saved).value();
}

}  // namespace pouw::inline v1::economics
