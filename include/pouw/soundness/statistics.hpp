/// Estimates with intervals. All intervals are two-sided 99% intervals.
#pragma once

#include "pouw/core/export.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::soundness {

/// Half the width of a 99% interval of a normal law, in standard deviations.
inline constexpr double interval_sigma = 2.5758293035489004;

/// An estimate with its interval.
struct POUW_API Interval {
    double low = 0;
    double estimate = 0;
    double high = 0;
};

/// The upper tail of the standard normal law, and its inverse.
/// Expects: for the inverse, 0 < p < 1.
[[nodiscard]] POUW_API double normal_tail(double z);
[[nodiscard]] POUW_API double normal_tail_quantile(double p);

/// The Clopper-Pearson interval of a proportion; without a success its upper end is near 5.3/n.
/// Expects: `successes <= trials`, `trials > 0`.
[[nodiscard]] POUW_API Interval binomial_interval(std::uint64_t successes, std::uint64_t trials);

/// The gain of an attacker who knows, before the forward pass, a score that correlates with the honest score
/// by `correlation`: solutions per operation over honest work, at the best fraction to keep. A nonce is a
/// solution with probability `rate`. The score costs `cost` of a forward pass, and the rest of a kept nonce
/// costs `completion`. Both scores are taken as jointly normal. The gain is at least that of keeping
/// everything.
struct POUW_API Gain {
    double keep = 1;
    double speed_up = 1;
};
/// Computes the gain as above.
[[nodiscard]] POUW_API Gain expected_gain(double correlation, double rate, double cost, double completion);

/// The share of the outputs' power that lies in their mean, estimated without bias from vectors that arrive
/// one by one. The component along (1, ..., 1) does not count, because targets are balanced.
class POUW_API MeanPower {
  public:
    /// The estimator for vectors of `dim` values. `groups` is the number of blocks of the jackknife.
    /// Expects: at least 10 groups.
    MeanPower(std::size_t dim, std::size_t groups = 100);

    /// Adds row `index`, which belongs to group `index % groups`.
    void add(std::size_t index, std::span<const float> output);

    /// The estimate and the jackknife interval of |mean|² / mean |x|². The estimate can be below 0.
    [[nodiscard]] Interval share() const;
    [[nodiscard]] std::size_t count() const;
    /// The mean of all vectors added.
    [[nodiscard]] std::vector<float> mean() const;

  private:
    std::size_t dim_;
    std::vector<std::vector<double>> sums_;
    std::vector<std::size_t> counts_;
    std::vector<double> squares_;
};

}  // namespace pouw::inline v1::soundness
