/// Calibration: a threshold from samples, with confidence bounds of its error rates.
///
/// The calibration assumes nothing about the distribution of distances. The threshold is one of the honest
/// samples. It is chosen so that the rate of honest results above it is at most the goal, except with a
/// stated probability that the samples are unusual. All computations are in integers, so that a chain can
/// repeat a calibration that a node proposes.
/// Source: docs/spec/judgement.md section 9.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/core/rate.hpp"
#include "pouw/core/result.hpp"

#include <cstdint>
#include <span>

namespace pouw::inline v1::judgement {

/// A threshold and the bounds of its rates.
struct POUW_API Calibration {
    std::uint32_t threshold = 0;
    core::Rate false_positive_rate;  ///< upper bound of the rate of honest results above the threshold
    core::Rate detection_rate;       ///< lower bound of the rate of fraudulent results above it
};

/// The bounds that a calibration must keep.
struct POUW_API CalibrationGoal {
    core::Fraction false_positive_rate;  ///< at most
    core::Fraction detection_rate;       ///< at least, in a single comparison
    core::Fraction error;                ///< the probability with which either bound may be wrong
};

/// The calibration whose threshold is the smallest honest sample that keeps the goal. Samples are distances,
/// or any other numbers that are large where they are suspicious. Each sample is of a different, independent
/// request.
/// Errors: stats::errc::invalid_probability for a goal that `stats::checked_probability` refuses;
///     errc::too_few_calibration_samples when no honest sample keeps the goal (at least ln(error) / ln(1 -
///     false_positive_rate) are needed, 299 for 1% with an error of 5%); errc::inseparable_samples when the
///     detection rate stays below the goal.
/// Cost: a sort and about 60 binomial tests.
[[nodiscard]] POUW_API core::result<Calibration> calibrate(std::span<const std::uint32_t> honest,
                                                           std::span<const std::uint32_t> fraudulent,
                                                           const CalibrationGoal& goal);

}  // namespace pouw::inline v1::judgement
