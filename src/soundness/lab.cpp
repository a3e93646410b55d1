#include "pouw/soundness/lab.hpp"

#include "soundness/context.hpp"

#include "pouw/pow/race.hpp"
#include "pouw/pow/threshold.hpp"

#include <gsl/gsl>

#include <chrono>

namespace pouw::soundness {
namespace {

/// As deep as the whitepaper's, a quarter as wide.
constexpr pow::ModelConfig reduced{.vocab_size = 256,
                                   .sequence_length = 4,
                                   .layers = 64,
                                   .model_dim = 128,
                                   .heads = 32,
                                   .ffn_dim = 1024,
                                   .qkv_shift = 9,
                                   .score_shift = 10,
                                   .ffn_shift = 7,
                                   .attention_residual_shift = 10,
                                   .ffn_residual_shift = 12};

std::array<double, 2> closed_form_thresholds(const pow::ModelConfig& config) {
    std::array<double, 2> out{};
    for (std::size_t r = 0; r < out.size(); ++r) {
        const auto denominator = static_cast<std::uint64_t>(std::lround(1 / pass_rates[r]));
        out[r] = static_cast<double>(pow::threshold_for(config, 1, denominator).value());
    }
    return out;
}

/// Outputs of the fastest backend, one after another.
class OutputStream {
  public:
    OutputStream(const Context& context, const pow::Race& race)
        : context_{context},
          race_{race},
          evaluator_{race, pow::node_seed(std::array<std::uint8_t, 1>{1}), context.threads()} {}

    /// Calls `use(index, output)` for nonces 0..count-1. Returns false when stopped.
    template <typename Use>
    bool run(std::uint64_t count, const Use& use) {
        std::vector<std::uint64_t> nonces;
        std::vector<float> values(race_.config().model_dim);
        for (std::uint64_t next = 0; next < count;) {
            nonces.clear();
            while (nonces.size() < evaluator_.round_size() && next < count) nonces.push_back(next++);
            const auto evaluations = evaluator_.evaluate(nonces, context_.options().stop);
            if (!evaluations) return false;
            for (const pow::Evaluation& evaluation : *evaluations) {
                std::copy(evaluation.output.begin(), evaluation.output.end(), values.begin());
                use(evaluation.nonce, std::span<const float>{values});
            }
            context_.step("outputs", 0.25 * static_cast<double>(next) / static_cast<double>(count));
        }
        return true;
    }

  private:
    const Context& context_;
    const pow::Race& race_;
    pow::TeamEvaluator evaluator_;
};

void attack_by_permutation(Context& context, const pow::Race& race) {
    const Subject& subject = context.subject();
    const Variant variant{.name = subject.name, .config = subject.config};
    const Samples& samples = subject.samples;
    MeanPower power{subject.config.model_dim};
    Matrix outputs(static_cast<Eigen::Index>(samples.scored_outputs),
                   static_cast<Eigen::Index>(subject.config.model_dim));
    OutputStream stream{context, race};
    if (!stream.run(samples.outputs, [&](std::uint64_t index, std::span<const float> output) {
            power.add(index, output);
            if (index < samples.scored_outputs)
                std::copy(output.begin(), output.end(), outputs.row(static_cast<Eigen::Index>(index)).data());
        })) {
        return;
    }
    const Permutations permutations{context.target(subject.config), samples.permutations,
                                    context.options().seed};
    const Experiment experiment{outputs, permutations, closed_form_thresholds(subject.config),
                                context.threads()};
    AttackResult first = first_moment(variant, experiment, outputs);
    first.bound = bound_by_power(power.share(), first.cost);
    context.add({std::move(first)});
    context.step("outputs of chosen tokens", 0.2);
    context.add(token_moments(context, variant, race, permutations, closed_form_thresholds(subject.config)));

    ControlResult second;
    second.control = "binding input";
    second.required = 1;
    second.condition = "above 1";
    second.attack = second_moment(context, variant, experiment, outputs, permutations);
    second.verdict = second.attack.decisive().low > finding_level ? Verdict::flagged : Verdict::missed;
    context.report.controls.push_back(std::move(second));
}

void attack_by_state(Context& context) {
    const Subject& subject = context.subject();
    const Variant variant{.name = subject.name, .config = subject.config};
    const Engine engine{variant, context.weights_key(subject.config), context.threads()};
    context.step("states", 0.25);
    const std::vector<pow::Input> inputs = context.inputs(subject.config, 0, subject.samples.states);
    const Recording recording = record(context, engine, inputs, needed_by_short_cuts(subject.config));
    if (context.stopped()) return;
    const Permutations permutations{context.target(subject.config), subject.samples.permutations,
                                    context.options().seed};
    const Experiment experiment{recording.outputs, permutations, closed_form_thresholds(subject.config),
                                context.threads()};
    context.add(early_exits(context, variant, experiment, recording, true));
    context.add(short_cuts(context, engine, experiment, recording));
    context.add(relations(context, engine, experiment, recording, inputs));
}

}  // namespace

Samples Samples::scaled(double factor) const {
    const auto scale = [factor](std::uint64_t value, std::uint64_t least) {
        return std::max(least, static_cast<std::uint64_t>(static_cast<double>(value) * factor));
    };
    return {scale(outputs, 1000),        scale(token_outputs, 1000), scale(scored_outputs, 1000),
            scale(states, 256),          scale(approximations, 64),  scale(permutations, 1024),
            scale(control_outputs, 256), scale(weak_outputs, 1000)};
}

Subject quick_subject() {
    return {"quick", reduced, 1.10, {40000, 20000, 8000, 2048, 256, 8192, 512, 20000}};
}

core::result<Subject> preset_subject(std::string_view name) {
    const auto config = pow::preset(name);
    if (!config) return core::unexpected{config.error()};
    Subject subject{std::string{name}, *config, 1.03, {100000, 50000, 20000, 4096, 512, 16384, 512, 12000}};
    if (config->ffn_kind == pow::FfnKind::gated) {
        subject.gate = 1.10;
        subject.samples = {30000, 10000, 10000, 1024, 128, 16384, 512, 12000};
    }
    return subject;
}

core::result<Report> run(const Subject& subject, const LabOptions& options) {
    Expects(options.threads >= 1);
    const auto start = std::chrono::steady_clock::now();
    Context context{subject, options};
    Report& report = context.report;
    report.subject = subject.name;
    report.config = subject.config;
    report.seed = options.seed;
    report.gate = subject.gate;
    report.samples = {{"outputs", subject.samples.outputs},
                      {"scored outputs", subject.samples.scored_outputs},
                      {"states", subject.samples.states},
                      {"permutations", subject.samples.permutations}};
    context.step("weights", 0);
    {
        const auto race = pow::Race::create(subject.config, context.race_seed(), options.backend,
                                            {.threads = options.threads, .stop = options.stop});
        if (!race) {
            if (!options.stop.stop_requested()) return core::unexpected{race.error()};
        } else {
            attack_by_permutation(context, *race);
        }
    }
    if (!context.stopped()) attack_by_state(context);
    if (!context.stopped()) run_controls(context);
    report.complete = !context.stopped();
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return report;
}

}  // namespace pouw::soundness
