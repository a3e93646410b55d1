/// The lab: every attack against one config, and the controls that show that the attacks work.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
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

/// How many of everything.
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
    std::uint64_t races = 0;  ///< of the reduced network, for the pass rate by race; 0 or at least 3

    /// All of them times a factor, at least what the statistics need.
    [[nodiscard]] Samples scaled(double factor) const;
};

/// What is examined.
struct POUW_API Subject {
    std::string name;
    pow::ModelConfig config;
    double gate = 1.03;
    Samples samples;
    /// What the covariance must yield at binding input: fraction of the permutations kept, and gain in their
    /// chance to pass at 1/900. Where empty, any gain will do.
    std::vector<std::pair<double, double>> covariance_lifts{};
};

/// The reduced config of quick runs: it is itself sound.
[[nodiscard]] POUW_API Subject quick_subject();

/// A preset with samples for about half an hour on two cores. Errors: pow::errc::unknown_preset.
[[nodiscard]] POUW_API core::result<Subject> preset_subject(std::string_view name);

/// Called now and then with what is being done and the part done of the whole run, 0..1.
using LabProgress = std::function<void(std::string_view step, double fraction)>;

/// A network that is broken on purpose.
struct POUW_API Control {
    enum class Method {
        first_moment,   ///< by the permutation alone, with the mean of other outputs
        second_moment,  ///< by the permutation alone, with the covariance of other outputs
        early_exit,     ///< by the state behind the best layer
        collisions,     ///< by inputs that coincide
    };
    Variant variant;
    Method method = Method::first_moment;
    double required = 1;
    bool weak = false;  ///< needs many outputs
};

struct POUW_API LabOptions {
    std::uint64_t seed = 0;  ///< of races, nonces and permutations: the same seed, the same report
    unsigned threads = 1;
    std::string backend{};  ///< as in pow::select_backend
    LabProgress progress{};
    std::stop_token stop{};
    /// Instead of the usual controls: for tests of the lab itself.
    std::optional<std::vector<Control>> controls{};
};

/// The controls of a config.
[[nodiscard]] POUW_API std::vector<Control> controls(const pow::ModelConfig& config);

/// Runs everything. After a stop request the report holds what was finished and is not complete. Errors:
/// those of `pow::Race::create` and of the backend.
[[nodiscard]] POUW_API core::result<Report> run(const Subject& subject, const LabOptions& options);

}  // namespace pouw::inline v1::soundness
