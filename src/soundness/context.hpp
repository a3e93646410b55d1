/// What the parts of one run share.
#pragma once

#include "pouw/soundness/lab.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace pouw::soundness {

/// Outputs and states as integers, a quarter of the memory of `Matrix`.
using Bytes = Eigen::Matrix<std::int8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Seeds, threads, progress and the report of a run.
class Context {
  public:
    Context(const Subject& subject, const LabOptions& options);

    [[nodiscard]] const Subject& subject() const { return subject_; }
    [[nodiscard]] unsigned threads() const { return options_.threads; }
    [[nodiscard]] const LabOptions& options() const { return options_; }
    [[nodiscard]] bool stopped() const { return options_.stop.stop_requested(); }

    /// Seed of the race, and keys of a config in it.
    [[nodiscard]] pow::RaceSeed race_seed() const { return race_seed_; }
    [[nodiscard]] pow::WeightsKey weights_key(const pow::ModelConfig& config) const;
    [[nodiscard]] std::vector<pow::Input> inputs(const pow::ModelConfig& config, std::uint64_t first,
                                                 std::size_t count) const;
    [[nodiscard]] std::vector<std::int8_t> target(const pow::ModelConfig& config) const;

    /// Tells what is being done, at a fraction of the run.
    void step(std::string_view what, double fraction) const;

    Report report;

  private:
    const Subject& subject_;
    const LabOptions& options_;
    pow::RaceSeed race_seed_;
    pow::NodeSeed node_seed_;
};

/// Operations of the products of one layer at one position, of a whole forward pass, and of a permutation
/// with the score of a vector under it (a shuffle, one product and sum a coordinate), as a fraction of a
/// pass.
[[nodiscard]] double layer_cost(const pow::ModelConfig& config);
[[nodiscard]] double permutation_cost(const pow::ModelConfig& config);

/// The exact forward pass of many nonces, and what it went through.
struct Recording {
    Matrix outputs;            ///< a row a nonce
    std::vector<Bytes> exits;  ///< the last position behind `layer` layers, for 0..layers-1
};

/// Expects a config of the variant. An interrupted recording has no outputs.
[[nodiscard]] Recording record(const Context& context, const Engine& engine,
                               std::span<const pow::Input> inputs, bool with_exits);

/// Attacks that know the permutation alone; the mean or covariance is learnt on the first half of the
/// outputs.
[[nodiscard]] AttackResult first_moment(const Context& context, const Variant& variant,
                                        const Experiment& experiment, const Matrix& outputs,
                                        const MeanPower* power);
[[nodiscard]] AttackResult second_moment(const Context& context, const Variant& variant,
                                         const Experiment& experiment, const Matrix& outputs,
                                         const Permutations& permutations);

/// One attack a layer.
[[nodiscard]] std::vector<AttackResult> early_exits(const Context& context, const Variant& variant,
                                                    const Experiment& experiment, const Recording& recording);

/// All controls, into the report.
void run_controls(Context& context);

}  // namespace pouw::soundness
