/// The soundness lab: it runs every attack against one config, and the controls that show that the attacks
/// work.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/pow/seeds.hpp"
#include "pouw/soundness/report.hpp"
#include "pouw/soundness/variant.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pouw::inline v1::soundness {

/// The number of samples of each kind.
struct POUW_API Samples {
    std::uint64_t outputs = 0;              ///< of the fastest backend, for the mean
    std::uint64_t token_outputs = 0;        ///< of the fastest backend, of inputs with chosen tokens
    std::uint64_t scored_outputs = 0;       ///< of the first, scored under the permutations
    std::uint64_t states = 0;               ///< nonces whose states are recorded behind every layer
    std::uint64_t approximations = 0;       ///< nonces computed approximately in all layers
    std::uint64_t permutations = 0;         ///< under which they are scored
    std::uint64_t shared_permutations = 0;  ///< for attacks by the permutation alone, where few decide
    std::uint64_t control_outputs = 0;      ///< nonces of a control with a strong effect
    std::uint64_t weak_outputs = 0;         ///< of one with a weak effect
    std::uint64_t skipped = 0;              ///< nonces computed without some of the layers
    std::uint64_t races = 0;         ///< of the reduced network, for the pass rate by race; 0 or at least 3
    std::uint64_t race_outputs = 0;  ///< of each of them
    std::uint64_t own_races = 0;     ///< of the config itself; 0 or at least 3
    std::uint64_t own_race_outputs = 0;  ///< of each of them

    /// All numbers times a factor, and at least the numbers that the statistics need.
    [[nodiscard]] Samples scaled(double factor) const;
};

/// The config that is examined.
struct POUW_API Subject {
    std::string name;
    pow::ModelConfig config;
    double gate = 1.03;
    Samples samples;
    /// The result that the covariance must give at binding input: the fraction of the permutations that is
    /// kept, and the gain in their probability of a solution at 1/900. Where the list is empty, any gain is
    /// accepted.
    std::vector<std::pair<double, double>> covariance_lifts{};
};

/// The reduced config for quick runs, which is itself sound.
[[nodiscard]] POUW_API Subject quick_subject();

/// A preset with samples for about half an hour on two cores.
/// Errors: pow::errc::unknown_preset.
[[nodiscard]] POUW_API core::result<Subject> preset_subject(std::string_view name);

/// Receives the name of the current step and the part of the whole run that is done, 0..1.
using LabProgress = std::function<void(std::string_view step, double fraction)>;

/// A control: a network that is broken on purpose.
struct POUW_API Control {
    enum class Method {
        first_moment,    ///< by the permutation alone, with the mean of other outputs
        second_moment,   ///< by the permutation alone, with the covariance of other outputs
        early_exit,      ///< by the state behind the best layer
        collisions,      ///< by inputs that coincide
        skipped_layers,  ///< by layers that are left out, wherever they stand
        structure,       ///< by what its weights and activations look like
    };
    Variant variant;
    Method method = Method::first_moment;
    double required = 1;
    bool weak = false;       ///< needs many outputs
    std::string property{};  ///< for `structure`: what must be a finding, or a part of its name
};

/// The outputs that a run scores, from which its figures can be computed independently.
struct POUW_API RawOutputs {
    /// The nonces 0, 1, 2 ... of one key.
    struct Key {
        pow::NodeSeed node_seed;
        std::uint64_t nonces = 0;
    };
    pow::RaceSeed race_seed;
    std::vector<Key> keys;                         ///< in the order of the rows
    std::vector<std::int8_t> values;               ///< one row of model_dim for each nonce
    std::vector<std::uint64_t> squared_distances;  ///< d2 of each nonce, under its own permutation
};

/// The options of a run.
struct POUW_API LabOptions {
    std::uint64_t seed = 0;  ///< of races, nonces and permutations: the same seed, the same report
    unsigned threads = 1;
    std::string backend{};  ///< as in pow::select_backend
    LabProgress progress{};
    std::stop_token stop{};
    /// Receives the outputs that are scored, once they are drawn.
    std::function<void(RawOutputs)> raw_outputs{};
    /// Scores every output, and measures their statistical health alone: no attacks, no controls.
    bool outputs_only = false;
    /// Replaces the usual controls, for tests of the lab itself.
    std::optional<std::vector<Control>> controls{};
};

/// The controls of a config.
[[nodiscard]] POUW_API std::vector<Control> controls(const pow::ModelConfig& config);

/// Runs all attacks and controls. After a stop request the report holds what was finished and is not
/// complete.
/// Expects: at least 1 thread.
/// Errors: those of `pow::Race::create` and of the backend.
[[nodiscard]] POUW_API core::result<Report> run(const Subject& subject, const LabOptions& options);

}  // namespace pouw::inline v1::soundness
