/// Statistical health: what the outputs of a sound network look like, each property measured with a 99%
/// interval.
///
/// A property with a clear criterion passes or is a finding; where the sample is too small to say, or nothing
/// is demanded, the verdict is `information`. Everything is a function of the arguments: the same sample, the
/// same report.
#pragma once

#include "soundness/engine.hpp"
#include "soundness/scoring.hpp"

#include "pouw/core/result.hpp"
#include "pouw/pow/race.hpp"
#include "pouw/soundness/report.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace pouw::inline v1::soundness {

/// Properties, and curves that show them.
struct Health {
    std::vector<HealthResult> results;
    std::vector<Curve> curves;

    void append(Health other);
};

/// The mean of independent values, at least 2, with the interval of Student's law.
[[nodiscard]] Interval mean_of(std::span<const double> values);

/// The share of the values that differ. Expects as many of both.
[[nodiscard]] double share_different(std::span<const float> a, std::span<const float> b);

// Outputs
// ---------------------------------------------------------------------------

/// The outputs of inputs, one a row; no rows when it was stopped or a backend failed.
using Forward = std::function<Matrix(std::span<const pow::Input>)>;

/// Computes them with the backend of a race, or layer by layer.
[[nodiscard]] Matrix forward(const pow::Race& race, std::span<const pow::Input> inputs, unsigned threads,
                             std::stop_token stop = {});
[[nodiscard]] Matrix forward(const Engine& engine, std::span<const pow::Input> inputs,
                             std::stop_token stop = {});

// Properties of independent outputs
// ---------------------------------------------------------------------------

/// The share of the outputs' power that lies in their mean. A finding where its lower end lets the
/// permutation alone gain (`expected_gain` above `finding_level` at the rarer pass rate), passed where its
/// upper end stays within `gate`. The interval is about ± 3 · sqrt(2/dim) / outputs: it takes some 60,000
/// outputs to tell 1.03 at 512 dimensions.
[[nodiscard]] HealthResult mean_power(const MeanPower& power, double gate);

/// The same of outputs at hand, at least 10.
[[nodiscard]] HealthResult mean_power(const Matrix& outputs, double gate);

/// Mean and standard deviation of the cosines of disjoint pairs, and the largest of all pairs. Independent
/// outputs have mean 0, a deviation of 1/sqrt(dim) if they fill all directions evenly, and no pair beyond
/// what a normal law of that deviation shows once in a million runs: duplicates, multiples, collapsed
/// outputs. Expects at least 8 outputs; the largest is sought among the first 4096. Cost: their square times
/// dim.
[[nodiscard]] std::vector<HealthResult> pairwise_cosines(const Matrix& outputs);

/// d · tr S² / (tr S)² of the outputs' second moments S, without bias, from products of different outputs
/// alone: 1 if all directions are alike, d if there is but one. The direction (1, ..., 1) does not count
/// (targets are balanced), so d is dim - 1. Judged only at binding input, by the gain that `scan_lift`
/// predicts; the curve shows the eigenvalues relative to their mean beside those of as many even outputs (law
/// of Marchenko and Pastur). Expects at least 40 outputs.
[[nodiscard]] Health spectrum(const Matrix& outputs, const pow::ModelConfig& config, double gate);

/// Mean and standard deviation of |output|², which rounding and saturation make 523,580 ± 740 at whitepaper
/// (0.99865 · 1024 · dim): a finding where the mean is more than 0.5% off. And the share below the 960 · dim
/// that the proof condition demands: a finding above 0.001, passed within 0.01 (one output in some thousands
/// at 128 dimensions, where a few saturated coordinates weigh more).
[[nodiscard]] std::vector<HealthResult> squared_lengths(const Matrix& outputs);

/// P(d2 < T) over all outputs under all permutations, relative to the closed form, at the thresholds where
/// that is 1/2, 1/10, 1/50, 1/100, 1/900 and 1/10000. The intervals count outputs and permutations, not
/// pairs. Passed within 2%, and within 1% from 1/50 up; below 512 dimensions the closed form is not claimed
/// so exact, and 5% pass. Cost: outputs times permutations times dim.
[[nodiscard]] Health distance_law(const pow::ModelConfig& config, const Matrix& outputs,
                                  const Permutations& permutations, unsigned threads);

/// The share of the nonces whose distance under their own permutation is below the thresholds for 1/50, 1/100
/// and 1/900, relative to the closed form: information, for these are as few as the outputs.
[[nodiscard]] std::vector<HealthResult> own_permutations(const pow::ModelConfig& config,
                                                         std::span<const std::uint64_t> squared_distances);

// Sensitivity
// ---------------------------------------------------------------------------

/// What one flipped bit of an input does to the output: every token bit of every position, and every bit of a
/// noise byte of every position. Cosine of the two outputs (0 if they are independent; a finding beyond 0.01,
/// passed within 0.02) and share of coordinates that differ (compared with independent outputs). A small
/// change of noise can vanish in the rounding of the first norm: these are counted by themselves, and left
/// out of the rest. `engine` gives the states before the first layer, `forward` the outputs. Cost:
/// sequence_length · (log2 vocab_size + 8) forward passes an input. Expects at least 2 inputs; without noise
/// only token bits are flipped.
[[nodiscard]] Health avalanche(const Engine& engine, const Forward& forward,
                               std::span<const pow::Input> inputs);

/// How a change grows: one unit added to one coordinate before the first layer, and one byte of noise moved
/// by 127. After every layer the share of the coordinates of all positions that differ, and the squared
/// distance relative to that of independent states. All is information but the distance of the outputs, which
/// must be 1: passed within 0.05, a finding below 0.98. Without noise only the first change is made. Cost:
/// three forward passes an input. Expects at least 2 inputs. Nothing is returned when it was stopped.
[[nodiscard]] Health difference_growth(const Engine& engine, std::span<const pow::Input> inputs,
                                       std::stop_token stop = {});

}  // namespace pouw::inline v1::soundness
