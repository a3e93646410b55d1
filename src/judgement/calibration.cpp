#include "pouw/judgement/calibration.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/judgement/errc.hpp"
#include "pouw/stats/binomial.hpp"
#include "pouw/stats/probability.hpp"

#include <algorithm>
#include <vector>

namespace pouw::inline v1::judgement {
namespace {

std::uint32_t count_above(std::span<const std::uint32_t> samples, std::uint32_t threshold) {
    return static_cast<std::uint32_t>(std::count_if(
        samples.begin(), samples.end(), [&](std::uint32_t sample) { return sample > threshold; }));
}

}  // namespace

core::result<Calibration> calibrate(std::span<const std::uint32_t> honest,
                                    std::span<const std::uint32_t> fraudulent, const CalibrationGoal& goal) {
    POUW_EXPECTS(honest.size() <= UINT32_MAX && fraudulent.size() <= UINT32_MAX);
    for (const core::Fraction& probability : {goal.false_positive_rate, goal.detection_rate, goal.error}) {
        if (const auto checked = stats::checked_probability(probability); !checked) return checked.error();
    }
    std::vector<std::uint32_t> sorted{honest.begin(), honest.end()};
    std::sort(sorted.begin(), sorted.end());
    // The true quantile lies above the sample of rank r only when at least r samples lie below it, each with
    // a probability of at most 1 - false_positive_rate: that many "failures" must be as rare as the error.
    const auto n = static_cast<std::uint32_t>(sorted.size());
    const auto below = stats::BinomialTest::create(goal.false_positive_rate.complement(), goal.error).value();
    const auto critical = below.critical_failures(n);
    if (!critical) return core::fail(errc::too_few_calibration_samples);
    const std::uint32_t rank = *critical;
    Calibration out;
    out.threshold = sorted[rank - 1];
    out.false_positive_rate = stats::clopper_pearson_upper(n, n - rank, goal.error);
    out.detection_rate = stats::clopper_pearson_lower(static_cast<std::uint32_t>(fraudulent.size()),
                                                      count_above(fraudulent, out.threshold), goal.error);
    if (out.detection_rate.fraction() < goal.detection_rate) return core::fail(errc::inseparable_samples);
    return out;
}

}  // namespace pouw::inline v1::judgement
