/// What the parts of one run share.
#pragma once

#include "soundness/engine.hpp"
#include "soundness/scoring.hpp"

#include "pouw/pow/race.hpp"
#include "pouw/soundness/lab.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

namespace pouw::inline v1::soundness {

/// Outputs and states as integers, a quarter of the memory of `Matrix`.
using Bytes = Eigen::Matrix<std::int8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Seeds, threads, progress and the report of a run.
class Context {
  public:
    Context(const Subject& subject, const LabOptions& options);

    [[nodiscard]] const Subject& subject() const { return subject_; }
    [[nodiscard]] unsigned threads() const { return options_.threads; }
    [[nodiscard]] const LabOptions& options() const { return options_; }
    /// Whether the run is to end: a stop was requested, or a backend failed.
    [[nodiscard]] bool stopped() const { return options_.stop.stop_requested() || failure(); }

    /// Keeps the first error that is not a stop.
    /// Threads: safe.
    void fail(const core::error& error) const;
    [[nodiscard]] std::optional<core::error> failure() const;

    /// Seed of the race, and keys of a config in it.
    [[nodiscard]] pow::RaceSeed race_seed() const { return race_seed_; }
    [[nodiscard]] pow::WeightsKey weights_key(const pow::ModelConfig& config) const;
    /// Inputs of a number of nonces of one of the keys.
    [[nodiscard]] std::vector<pow::Input> inputs(const pow::ModelConfig& config, std::uint64_t first,
                                                 std::size_t count, std::uint8_t key = 0) const;
    [[nodiscard]] static pow::NodeSeed node_seed(std::uint8_t key);
    [[nodiscard]] std::vector<std::int8_t> target(const pow::ModelConfig& config) const;

    /// Tells what is being done, at a fraction of the run.
    void step(std::string_view what, double fraction) const;

    /// Adds attacks against the subject to the report, with their verdicts.
    void add(std::vector<AttackResult> results);

    Report report;

  private:
    const Subject& subject_;
    const LabOptions& options_;
    pow::RaceSeed race_seed_;
    mutable std::mutex failure_mutex_;
    mutable std::optional<core::error> failure_;
};

/// The thresholds of the pass rates in closed form.
[[nodiscard]] std::array<double, 2> closed_form_thresholds(const pow::ModelConfig& config);

/// Operations of the products of one layer at one position, of a whole forward pass, and of a permutation
/// with the score of a vector under it (a shuffle, one product and sum a coordinate), as a fraction of a
/// pass.
[[nodiscard]] double layer_cost(const pow::ModelConfig& config);
[[nodiscard]] double permutation_cost(const pow::ModelConfig& config);

/// Outputs of a backend's network, on all threads. `change` alters the input of index 0..count-1 before it is
/// run; `use` receives the outputs, one thread at a time, in no particular order. Returns false when stopped.
/// A failure of the backend stops the run.
[[nodiscard]] bool network_outputs(const Context& context, const pow::Network& network,
                                   const pow::ModelConfig& config, std::size_t count,
                                   const std::function<void(std::size_t, pow::Input&)>& change,
                                   const std::function<void(std::size_t, std::span<const std::int8_t>)>& use);

/// The exact forward pass of many nonces, and what it went through.
struct Recording {
    Matrix outputs;                             ///< a row a nonce
    std::vector<Bytes> exits;                   ///< the last position behind `layer` layers, for 0..layers-1
    std::map<std::uint32_t, Bytes> states;      ///< all positions before some layers
    std::map<std::uint32_t, Bytes> mid_states;  ///< all positions between the blocks of some layers
};

/// What is recorded besides the outputs.
struct Recorded {
    bool exits = false;
    std::set<std::uint32_t> states{};
    std::set<std::uint32_t> mid_states{};
};

/// An interrupted recording has no outputs.
[[nodiscard]] Recording record(const Context& context, const Engine& engine,
                               std::span<const pow::Input> inputs, const Recorded& recorded);

/// The same from states before layer `first` on, with a short cut in every layer. Empty when stopped.
[[nodiscard]] Matrix outputs_from(const Context& context, const Engine& engine, Matrix states,
                                  std::uint32_t first,
                                  const std::function<Approximation(std::uint32_t)>& approximation);

/// One attack by knowledge of some of a nonce's evaluation, with the rate of exact outputs. `learnt` rows
/// taught it.
[[nodiscard]] AttackResult measure_approximation(const Experiment& experiment, const Matrix& outputs,
                                                 Knowledge knowledge, std::size_t learnt);

/// A value without an error.
[[nodiscard]] inline Interval exactly(double value) { return {value, value, value}; }

/// The average of independent shares.
[[nodiscard]] Interval average(std::span<const Interval> shares);

/// The gain of an attacker who knows the mean of the outputs, of which this is the share of their power.
[[nodiscard]] std::array<Interval, 2> bound_by_power(const Interval& share, double cost);

/// Attacks that know the permutation alone; the mean or covariance is learnt on the first half of the
/// outputs, the mean on outputs of its own where there are.
[[nodiscard]] AttackResult first_moment(const Variant& variant, const Experiment& experiment,
                                        const Matrix& outputs, const MeanPower* others = nullptr);
/// Bounds from the mean given the node's key.
[[nodiscard]] AttackResult key_moment(const Variant& variant, std::span<const MeanPower> by_key);
/// A network whose weights have a mean of half a unit, on a backend: for information.
[[nodiscard]] std::vector<AttackResult> shifted_weights(const Context& context, const Variant& variant,
                                                        const pow::Backend& backend);
/// The same by the token at each position, for inputs with chosen tokens.
[[nodiscard]] std::vector<AttackResult> token_moments(const Context& context, const Variant& variant,
                                                      const pow::Race& race, const Permutations& permutations,
                                                      std::array<double, 2> thresholds);
[[nodiscard]] AttackResult second_moment(const Context& context, const Variant& variant,
                                         const Experiment& experiment, const Matrix& outputs,
                                         const Permutations& permutations);

/// One attack a layer, plain; and with learnt linear maps from the last position, and, where recorded, from
/// all.
[[nodiscard]] std::vector<AttackResult> early_exits(const Context& context, const Variant& variant,
                                                    const Experiment& experiment, const Recording& recording,
                                                    bool learnt);

/// Short cuts through the last layers, from recorded exact states on, and through all of them.
[[nodiscard]] std::vector<AttackResult> short_cuts(const Context& context, const Engine& engine,
                                                   const Experiment& experiment, const Recording& recording);

/// Layers before which `short_cuts` needs the states, and within which those between the blocks.
[[nodiscard]] Recorded needed_by_short_cuts(const pow::ModelConfig& config);

/// A number of layers that follow one another, or one block of each, left out.
struct Skip {
    LayerRange layers;
    Approximation approximation{.attention = Attention::none, .skip_ffn = true};

    /// Operations that are left, as a fraction of a forward pass.
    [[nodiscard]] double cost(const pow::ModelConfig& config) const;
};

/// What comes of it.
struct SkipOutcome {
    Skip skip;
    Interval exact_outputs;
    Interval cosine;  ///< with the exact outputs
};

/// Outputs where each of the skips is left out by itself, compared with the exact ones. Nothing when stopped.
/// Cost: a forward pass an input and skip, from where it ends.
[[nodiscard]] std::vector<SkipOutcome> skip_outcomes(const Context& context, const Engine& engine,
                                                     std::span<const pow::Input> inputs,
                                                     std::span<const Skip> skips);

/// What `skipped_layers` shows.
struct SkippedLayers {
    std::vector<AttackResult> attacks;  ///< by length of the run: its worst place
    std::vector<HealthResult> health;
    std::vector<Curve> curves;
};

/// Every layer left out in turn, and runs of 2, 4, 8 ... at every place in steps of half their length; each
/// block of every layer too, where `blocks`. Where outputs come out exact, the runs that save most are
/// computed again, on as many nonces as it takes to tell that this is a gain.
[[nodiscard]] SkippedLayers skipped_layers(const Context& context, const Engine& engine, bool blocks);

/// Relations between the outputs of related inputs, and parts of a forward pass that two inputs might share.
[[nodiscard]] std::vector<AttackResult> relations(const Context& context, const Engine& engine,
                                                  const pow::Network& network, const Experiment& experiment,
                                                  const Recording& recording,
                                                  std::span<const pow::Input> inputs);

/// One control. Nothing that counts when it was stopped.
[[nodiscard]] ControlResult run_control(const Context& context, const Control& control);

/// All controls, into the report.
void run_controls(Context& context);

}  // namespace pouw::inline v1::soundness
