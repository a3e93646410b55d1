#include "pouw/stats/sequential.hpp"

#include "stats/logarithm.hpp"
#include "stats/natural.hpp"
#include "stats/power.hpp"
#include "stats/powers.hpp"

#include "pouw/stats/errc.hpp"

#include <numeric>
#include <optional>

namespace pouw::inline v1::stats {
namespace {

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
    return value.numerator != 0 && value.numerator / value.denominator < std::uint64_t{1} << 32;
}

/// Whether `gains · gain >= losses · loss + limit`; nothing when bounds of 2^-80 do not tell.
std::optional<bool> compare(std::uint32_t gains, const LogarithmBounds& gain, std::uint32_t losses,
                            const LogarithmBounds& loss, const LogarithmBounds& limit) {
    if (int128{gains} * gain.lower >= int128{losses} * loss.upper + limit.upper) return true;
    if (int128{gains} * gain.upper < int128{losses} * loss.lower + limit.lower) return false;
    return std::nullopt;
}

/// The logarithm of a limit that is a ratio, or that is given by its logarithm.
template <typename Ratio>
FixedPoint limit_logarithm(const Ratio& limit, std::uint64_t bits) {
    return logarithm(limit.numerator, limit.denominator, bits);
}
FixedPoint limit_logarithm(const core::Fraction& limit, std::uint64_t bits) {
    return fixed_point(limit, bits);
}

/// Whether `gain^gains = loss^losses · limit`.
template <typename Ratio>
bool equal(std::uint32_t gains, const Ratio& gain, std::uint32_t losses, const Ratio& loss,
           const Ratio& limit) {
    return is_one({{gain.numerator, gains},
                   {gain.denominator, -std::int64_t{gains}},
                   {loss.numerator, -std::int64_t{losses}},
                   {loss.denominator, losses},
                   {limit.numerator, -1},
                   {limit.denominator, 1}});
}
/// The same for the limit e^limit. e to a rational power other than 0 is transcendental, and so equals no
/// fraction.
template <typename Ratio>
bool equal(std::uint32_t, const Ratio&, std::uint32_t, const Ratio&, const core::Fraction&) {
    return false;
}

/// Whether `gain^gains >= loss^losses · limit`: by logarithms of ever more digits, which end unless both are
/// equal.
template <typename Ratio, typename Limit>
bool compare_exactly(std::uint32_t gains, const Ratio& gain, std::uint32_t losses, const Ratio& loss,
                     const Limit& limit) {
    if (equal(gains, gain, losses, loss, limit)) return true;
    for (std::uint64_t bits = 2 * LogarithmBounds::fraction_bits;; bits *= 2) {
        FixedPoint left = logarithm(gain.numerator, gain.denominator, bits);
        left.multiply(gains);
        FixedPoint right = logarithm(loss.numerator, loss.denominator, bits);
        right.multiply(losses);
        right.add(limit_logarithm(limit, bits));
        if (left.lower >= right.upper) return true;
        if (left.upper < right.lower) return false;
    }
}

}  // namespace

SequentialTest::Factor SequentialTest::factor(std::uint64_t numerator, std::uint64_t denominator) {
    const std::uint64_t divisor = std::gcd(numerator, denominator);
    const Ratio ratio{numerator / divisor, denominator / divisor};
    return {ratio, narrow(logarithm(ratio.numerator, ratio.denominator, LogarithmBounds::fraction_bits))};
}

/// likely / unlikely.
SequentialTest::Limit SequentialTest::limit_of_ratio(const core::Fraction& likely,
                                                     const core::Fraction& unlikely) {
    const Factor quotient =
        factor(likely.numerator * unlikely.denominator, likely.denominator * unlikely.numerator);
    return {quotient.ratio, quotient.logarithm};
}

SequentialTest::Limit SequentialTest::limit_of_logarithm(const core::Fraction& logarithm) {
    return {logarithm, narrow(fixed_point(logarithm, LogarithmBounds::fraction_bits))};
}

core::result<SequentialTest> SequentialTest::create(const core::Fraction& honest,
                                                    const core::Fraction& dishonest,
                                                    const ErrorRates& errors) {
    const auto alpha = checked_probability(errors.false_positive);
    if (!alpha) return alpha.error();
    const auto beta = checked_probability(errors.false_negative);
    if (!beta) return beta.error();
    if (*alpha >= beta->complement()) {
        return fail(errc::invalid_test, "the rates of error add up to 1 or more");
    }
    return create(honest, dishonest, limit_of_ratio(beta->complement(), *alpha),
                  limit_of_ratio(alpha->complement(), *beta));
}

core::result<SequentialTest> SequentialTest::create(const core::Fraction& honest,
                                                    const core::Fraction& dishonest,
                                                    const LogarithmLimits& limits) {
    if (!is_limit(limits.rejection) || !is_limit(limits.acceptance)) {
        return fail(errc::invalid_test, "a limit is not above 0 and below 2^32");
    }
    return create(honest, dishonest, limit_of_logarithm(limits.rejection),
                  limit_of_logarithm(limits.acceptance));
}

core::result<SequentialTest> SequentialTest::create(const core::Fraction& honest,
                                                    const core::Fraction& dishonest, const Limit& rejection,
                                                    const Limit& acceptance) {
    const auto p0 = checked_probability(honest);
    if (!p0) return p0.error();
    const auto p1 = checked_probability(dishonest);
    if (!p1) return p1.error();
    if (*p0 >= *p1) return fail(errc::invalid_test, "the honest rate is not below the dishonest one");
    return SequentialTest{*p0, *p1, rejection, acceptance};
}

SequentialTest::SequentialTest(const core::Fraction& honest, const core::Fraction& dishonest,
                               const Limit& rejection, const Limit& acceptance)
    : honest_{honest},
      dishonest_{dishonest},
      failure_{factor(dishonest.numerator * honest.denominator, honest.numerator * dishonest.denominator)},
      pass_{factor(honest.complement().numerator * dishonest.denominator,
                   dishonest.complement().numerator * honest.denominator)},
      rejection_{rejection},
      acceptance_{acceptance} {}

bool SequentialTest::reaches(std::uint32_t gains, const Factor& gain, std::uint32_t losses,
                             const Factor& loss, const Limit& limit) {
    if (const auto known = compare(gains, gain.logarithm, losses, loss.logarithm, limit.logarithm))
        return *known;
    return std::visit(
        [&](const auto& exact) { return compare_exactly(gains, gain.ratio, losses, loss.ratio, exact); },
        limit.exact);
}

Decision SequentialTest::decide(std::uint32_t failures, std::uint32_t passes) const {
    if (reaches(failures, failure_, passes, pass_, rejection_)) return Decision::rejected;
    if (reaches(passes, pass_, failures, failure_, acceptance_)) return Decision::accepted;
    return Decision::undecided;
}

LogarithmBounds SequentialTest::log_likelihood_ratio(std::uint32_t failures,
                                                     std::uint32_t passes) const noexcept {
    const LogarithmBounds& gain = failure_.logarithm;
    const LogarithmBounds& loss = pass_.logarithm;
    return {int128{failures} * gain.lower - int128{passes} * loss.upper,
            int128{failures} * gain.upper - int128{passes} * loss.lower};
}

core::result<std::uint32_t> run_to_convict(const core::Fraction& honest_rate, const core::Fraction& limit) {
    const auto rate = checked_probability(honest_rate);
    if (!rate) return rate.error();
    const auto bound = checked_probability(limit);
    if (!bound) return bound.error();
    PowerComparison chance{*rate, *bound};
    for (std::uint32_t run = 1; run <= longest_run; ++run) {
        if (chance.next() < 0) return run;
    }
    return fail(errc::invalid_test, "no run of at most 65536 failures is improbable enough");
}

}  // namespace pouw::inline v1::stats
