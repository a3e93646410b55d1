/// Thresholds from samples, with what they promise. docs/spec/judgement.md section 9.
///
/// Nothing is assumed about how distances are distributed. The threshold is one of the honest samples, chosen
/// so that the true rate of honest results above it is at most the rate asked for, but for a stated chance of
/// having drawn odd samples. All in integers, so that a chain can repeat a calibration that somebody
/// proposes.
#pragma once

#include "pouw/core/result.hpp"
#include "pouw/stats/probability.hpp"

#include <cstdint>
#include <span>

namespace pouw::judgement {

/// Rates in millionths.
struct Calibration {
    std::uint32_t threshold = 0;
    std::uint32_t false_rejections_at_most = 0;  ///< rate of honest results above the threshold
    std::uint32_t detections_at_least = 0;       ///< rate of fraudulent results above it
};

/// What a calibration must reach: probabilities that `stats::checked_probability` accepts.
struct CalibrationGoal {
    core::Fraction false_rejections;  ///< the most
    core::Fraction detections;        ///< the least, in a single comparison
    core::Fraction error;             ///< the chance with which either bound may be wrong
};

/// The smallest honest sample that keeps the goal as threshold. The samples are distances, or anything else
/// of which much is suspicious, each of another, independent request. Errors:
/// errc::too_few_calibration_samples when no honest sample keeps it: at least ln(error) / ln(1 -
/// false_rejections) are needed, 299 for 1% with an error of 5%; errc::inseparable_samples when the threshold
/// misses too many of the fraudulent ones. Cost: a sort and some 60 binomial tests.
[[nodiscard]] core::result<Calibration> calibrate(std::span<const std::uint32_t> honest,
                                                  std::span<const std::uint32_t> fraudulent,
                                                  const CalibrationGoal& goal);

}  // namespace pouw::judgement
