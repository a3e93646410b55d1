#include "pouw/stats/sequential.hpp"

#include "stats/approximation.hpp"
#include "stats/logarithm.hpp"
#include "stats/natural.hpp"

#include <gsl/gsl>

#include <numeric>
#include <optional>

namespace pouw::stats {
namespace {

using core::errc;
using core::fail;
using core::int128;

LogarithmBounds narrow(const FixedPoint& value) { return {value.lower.to_int128(), value.upper.to_int128()}; }

FixedPoint fixed_point(const core::Fraction& value, std::uint64_t bits) {
    Natural lower{value.numerator};
    lower.multiply_by_power_of_two(bits);
    lower.divide(value.denominator);
    Natural upper = lower;
    upper.add(Natural{1});
    return {lower, upper};
}

bool is_limit(const core::Fraction& value) {
    return value.denominator != 0 && value.numerator != 0 &&
           value.numerator / value.denominator < std::uint64_t{1} << 32;
}

/// Whether `gain >= loss + limit`, each log being known to 2^-80; nothing when that is not enough.
std::optional<bool> reaches(std::uint32_t gains, const LogarithmBounds& gain, std::uint32_t losses,
                            const LogarithmBounds& loss, const LogarithmBounds& limit) {
    if (int128{gains} * gain.lower >= int128{losses} * loss.upper + limit.upper) return true;
    if (int128{gains} * gain.upper < int128{losses} * loss.lower + limit.lower) return false;
    return std::nullopt;
}

/// Whether `gain^gains >= loss^losses · limit`, in integers.
template <typename Ratio>
bool reaches_exactly(std::uint32_t gains, const Ratio& gain, std::uint32_t losses, const Ratio& loss,
                     const Ratio& limit) {
    Natural left{limit.denominator};
    Natural right{limit.numerator};
    left.multiply_by_power(gain.numerator, gains);
    right.multiply_by_power(gain.denominator, gains);
    left.multiply_by_power(loss.denominator, losses);
    right.multiply_by_power(loss.numerator, losses);
    return left >= right;
}

/// The same for the limit e^limit, by logarithms of ever more digits. They end: e to a rational power other
/// than 0 is transcendental, and so equals no fraction.
template <typename Ratio>
bool reaches_exactly(std::uint32_t gains, const Ratio& gain, std::uint32_t losses, const Ratio& loss,
                     const core::Fraction& limit) {
    for (std::uint64_t bits = 2 * LogarithmBounds::fraction_bits;; bits *= 2) {
        FixedPoint left = logarithm(gain.numerator, gain.denominator, bits);
        left.multiply(gains);
        FixedPoint right = logarithm(loss.numerator, loss.denominator, bits);
        right.multiply(losses);
        right.add(fixed_point(limit, bits));
        if (left.lower >= right.upper) return true;
        if (left.upper < right.lower) return false;
    }
}

template <typename Ratio>
Ratio reduced(std::uint64_t numerator, std::uint64_t denominator) {
    const std::uint64_t divisor = std::gcd(numerator, denominator);
    return {numerator / divisor, denominator / divisor};
}

}  // namespace

core::result<SequentialTest> SequentialTest::create(const core::Fraction& honest,
                                                    const core::Fraction& dishonest,
                                                    const ErrorRates& errors) {
    const auto convicted = Probability::create(errors.convicted);
    if (!convicted) return core::unexpected{convicted.error()};
    const auto missed = Probability::create(errors.missed);
    if (!missed) return core::unexpected{missed.error()};
    if (!(*convicted < missed->complement()))
        return fail(errc::invalid_test, "the rates of error add up to 1 or more");
    const RatioLimits limits{.rejection = reduced<Ratio>(missed->rest() * convicted->denominator(),
                                                         missed->denominator() * convicted->numerator()),
                             .acceptance = reduced<Ratio>(convicted->rest() * missed->denominator(),
                                                          convicted->denominator() * missed->numerator())};
    return create(honest, dishonest, Limits{limits});
}

core::result<SequentialTest> SequentialTest::create(const core::Fraction& honest,
                                                    const core::Fraction& dishonest,
                                                    const LogarithmLimits& limits) {
    if (!is_limit(limits.rejection) || !is_limit(limits.acceptance)) {
        return fail(errc::invalid_test, "a limit is not above 0 and below 2^32");
    }
    return create(honest, dishonest, Limits{limits});
}

core::result<SequentialTest> SequentialTest::create(const core::Fraction& honest,
                                                    const core::Fraction& dishonest, const Limits& limits) {
    const auto p0 = Probability::create(honest);
    if (!p0) return core::unexpected{p0.error()};
    const auto p1 = Probability::create(dishonest);
    if (!p1) return core::unexpected{p1.error()};
    if (!(*p0 < *p1)) return fail(errc::invalid_test, "the honest rate is not below the dishonest one");
    return SequentialTest{*p0, *p1, limits};
}

SequentialTest::SequentialTest(const Probability& honest, const Probability& dishonest, const Limits& limits)
    : honest_{honest},
      dishonest_{dishonest},
      limits_{limits},
      failure_ratio_{reduced<Ratio>(dishonest.numerator() * honest.denominator(),
                                    honest.numerator() * dishonest.denominator())},
      pass_ratio_{
          reduced<Ratio>(honest.rest() * dishonest.denominator(), dishonest.rest() * honest.denominator())} {
    constexpr std::uint64_t bits = LogarithmBounds::fraction_bits;
    const auto log = [](const Ratio& ratio) {
        return narrow(logarithm(ratio.numerator, ratio.denominator, bits));
    };
    failure_ = log(failure_ratio_);
    pass_ = log(pass_ratio_);
    if (const auto* ratios = std::get_if<RatioLimits>(&limits_)) {
        rejection_ = log(ratios->rejection);
        acceptance_ = log(ratios->acceptance);
    } else {
        const auto& logarithms = std::get<LogarithmLimits>(limits_);
        rejection_ = narrow(fixed_point(logarithms.rejection, bits));
        acceptance_ = narrow(fixed_point(logarithms.acceptance, bits));
    }
}

bool SequentialTest::rejects(std::uint32_t failures, std::uint32_t passes) const {
    if (const auto known = reaches(failures, failure_, passes, pass_, rejection_)) return *known;
    return std::visit(
        [&](const auto& limits) {
            return reaches_exactly(failures, failure_ratio_, passes, pass_ratio_, limits.rejection);
        },
        limits_);
}

bool SequentialTest::accepts(std::uint32_t failures, std::uint32_t passes) const {
    if (const auto known = reaches(passes, pass_, failures, failure_, acceptance_)) return *known;
    return std::visit(
        [&](const auto& limits) {
            return reaches_exactly(passes, pass_ratio_, failures, failure_ratio_, limits.acceptance);
        },
        limits_);
}

Decision SequentialTest::decide(std::uint32_t failures, std::uint32_t passes) const {
    if (rejects(failures, passes)) return Decision::rejected;
    if (accepts(failures, passes)) return Decision::accepted;
    return Decision::undecided;
}

LogarithmBounds SequentialTest::log_likelihood_ratio(std::uint32_t failures,
                                                     std::uint32_t passes) const noexcept {
    return {int128{failures} * failure_.lower - int128{passes} * pass_.upper,
            int128{failures} * failure_.upper - int128{passes} * pass_.lower};
}

core::result<std::uint32_t> run_to_convict(const Probability& honest_rate, const Probability& limit) {
    Approximation bound;
    bound.multiply(limit.numerator(), limit.denominator());
    Approximation chance;
    for (std::uint32_t run = 1; run <= longest_run; ++run) {
        chance.multiply(honest_rate.numerator(), honest_rate.denominator());
        if (certainly_less(chance, bound)) return run;
        if (certainly_less(bound, chance)) continue;
        Natural left{limit.denominator()};
        Natural right{limit.numerator()};
        left.multiply_by_power(honest_rate.numerator(), run);
        right.multiply_by_power(honest_rate.denominator(), run);
        if (left < right) return run;
    }
    return fail(errc::invalid_test, "so long a run is no rule");
}

}  // namespace pouw::stats
