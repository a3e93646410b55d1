/// The report of a run of the lab, and its text.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/pow/config.hpp"
#include "pouw/soundness/gain.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pouw::inline v1::soundness {

/// The verdict on an attack, a control or a property.
enum class Verdict {
    passed,       ///< the upper end of the interval is within the gate
    undecided,    ///< neither within the gate nor a finding: more samples are needed. Not passed
    finding,      ///< the lower end of the interval shows a gain
    flagged,      ///< a control that was recognised as broken
    missed,       ///< a control that was not recognised: the lab cannot be trusted
    information,  ///< reported without a gate
};

/// The name of a verdict.
[[nodiscard]] POUW_API std::string_view to_string(Verdict verdict);

/// The effect of binding output on an attack.
enum class OutputBinding {
    exact_outputs,  ///< an approximation helps only where it is exact: the rate of that is measured
    impossible,     ///< the permutation is not known before the output: not possible by construction
    same,           ///< the binding makes no difference to the attack
};

/// The result of one attack on one network, at binding input.
struct POUW_API AttackResult {
    std::string family;              ///< short, shared by kindred attacks: "early exit"
    std::string attack;              ///< what exactly: "after layer 12"
    std::string variant;             ///< the network
    double cost = 0;                 ///< fraction of a forward pass before the decision
    double completion = 1;           ///< fraction of a forward pass to complete a kept nonce
    std::uint64_t outputs = 0;       ///< on which the gain was measured
    std::uint64_t permutations = 0;  ///< under each of them
    std::array<SpeedUp, 2> speed_ups{};
    /// A bound on the gain of any attacker of this kind, where the measured gain cannot be as tight as the
    /// gate.
    std::optional<std::array<Interval, 2>> bound{};
    OutputBinding output_binding = OutputBinding::impossible;
    std::optional<Interval> exact_outputs{};  ///< rate of exact outputs
    Verdict verdict = Verdict::information;
    std::string note{};

    /// The interval that decides: the bound where there is one, otherwise the chosen measurement; the worse
    /// of both rates.
    [[nodiscard]] Interval decisive() const;

    /// The gain of whoever takes the approximation for the output, at any binding: the rate of exact outputs
    /// over the cost. Nothing where it was not measured.
    [[nodiscard]] std::optional<Interval> exact_gain() const;
};

/// The measurement of a property of the network or of its outputs.
struct POUW_API HealthResult {
    std::string property;
    Interval value;
    std::string expected;
    Verdict verdict = Verdict::information;
    std::string note{};
};

/// The result of a control, a network that the lab must recognise as broken.
struct POUW_API ControlResult {
    std::string control;
    double required = 1;                     ///< the factor that the attack must exceed
    std::string condition;                   ///< in words
    AttackResult attack;                     ///< the strongest
    std::optional<HealthResult> property{};  ///< where no attack but a property of the network shows it
    Verdict verdict = Verdict::missed;
};

/// The points of one line of a plot.
struct POUW_API Curve {
    std::string plot;  ///< file name without extension
    std::string title;
    std::string x_label;
    std::string y_label;
    std::string name;  ///< of this line
    bool logarithmic_y = false;
    std::vector<std::pair<double, Interval>> points;
};

/// The report of a run.
struct POUW_API Report {
    std::string subject;  ///< name of the config
    pow::ModelConfig config;
    std::uint64_t seed = 0;
    double gate = 0;  ///< upper end allowed
    bool complete = false;
    double seconds = 0;
    std::vector<std::pair<std::string, std::uint64_t>> samples;  ///< what was drawn, and how many
    std::vector<AttackResult> attacks;
    std::vector<ControlResult> controls;
    std::vector<HealthResult> health;
    std::vector<Curve> curves;

    /// Whether every attack passed and every control was flagged. An interrupted run has not passed.
    [[nodiscard]] bool passed() const;
};

/// The lower end of an interval from which a gain counts as a finding.
inline constexpr double finding_level = 1.01;

/// The verdict on an attack against the subject: on its decisive interval and, where an output was exact, on
/// the gain by exact outputs. Where none was, the upper end of that gain says how many were computed, and
/// nothing of the network.
[[nodiscard]] POUW_API Verdict judge(const AttackResult& result, double gate);

/// The verdict on an attack in words. At binding output an attack by the permutation alone is impossible, and
/// the text never calls it passed: its result at binding input is a second line of defence.
[[nodiscard]] POUW_API std::string_view verdict_on(const AttackResult& attack,
                                                   const pow::ModelConfig& config);

/// Tables in Markdown.
[[nodiscard]] POUW_API std::string to_markdown(const Report& report);

}  // namespace pouw::inline v1::soundness
