/// The chance of an output to pass, before its permutation is known.
#pragma once

#include "soundness/engine.hpp"

#include "pouw/pow/config.hpp"
#include "pouw/soundness/gain.hpp"
#include "pouw/soundness/report.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::soundness {

/// The closed form of the chance that an output passes under a random permutation. Its direction is taken as
/// uniform on the sphere; of the output only |x|² counts and, because targets are balanced, the sum of its
/// values.
class PassChance {
  public:
    /// Expects a valid config.
    PassChance(const pow::ModelConfig& config, double threshold);

    /// The chance given |x|² alone.
    [[nodiscard]] double given_length(double square) const;
    /// The chance given |x|² and the sum of the values.
    [[nodiscard]] double given(double square, double sum) const;

  private:
    double dim_;
    double target_square_;
    double threshold_;
};

/// What an output tells of its chance, and the chances at the pass rates.
struct OutputChance {
    double square = 0;                  ///< |x|²
    std::array<double, 2> by_length{};  ///< given |x|² alone
    std::array<double, 2> chance{};     ///< given |x|² and the sum
};

/// Computes the chances of outputs of one config, at the closed-form thresholds of the pass rates.
class ChanceOf {
  public:
    /// Expects a valid config.
    explicit ChanceOf(const pow::ModelConfig& config);
    [[nodiscard]] OutputChance operator()(std::span<const float> output) const;

  private:
    std::array<PassChance, 2> by_rate_;
};

/// How far the chances of outputs lie apart, and what a filter would gain that knew them for nothing: bounds
/// on every prediction. Expects at least 1000 outputs.
[[nodiscard]] std::vector<HealthResult> chance_spread(std::span<const OutputChance> outputs);

/// A prediction of the chance, made before the output is known.
struct ChancePrediction {
    std::vector<double> scores{};  ///< one an output; higher: more likely to pass
    double cost = 0;               ///< as in `Knowledge`
    double completion = 1;
};

/// The correlation of a prediction with the logarithm of the chance at the rarer rate, on `count` outputs.
[[nodiscard]] Interval correlation(std::span<const double> scores, std::span<const OutputChance> outputs);

/// The gain of an attacker who keeps the nonces with the highest predictions. The fraction is chosen on the
/// outputs from `choose` on and measured on those from `test` on, by their chances, which is far more precise
/// than counting passes. Expects one score an output, and choose < test < the number of outputs.
[[nodiscard]] std::array<SpeedUp, 2> measure_prediction(const ChancePrediction& prediction,
                                                        std::span<const OutputChance> outputs,
                                                        std::size_t choose, std::size_t test);

}  // namespace pouw::inline v1::soundness
