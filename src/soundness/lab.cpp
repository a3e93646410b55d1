#include "pouw/soundness/lab.hpp"

#include "soundness/context.hpp"
#include "soundness/exact_arithmetic.hpp"
#include "soundness/health.hpp"
#include "soundness/prediction.hpp"
#include "soundness/races.hpp"
#include "soundness/structure.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/pow/errc.hpp"
#include "pouw/pow/race.hpp"
#include "pouw/soundness/reuse.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>

namespace pouw::inline v1::soundness {
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
                                   .ffn_shift = 6,
                                   .attention_residual_shift = 10,
                                   .ffn_residual_shift = 12};

/// Keys whose nonces are drawn.
constexpr std::uint8_t keys = 2;

/// Calls `use(key, index, evaluation, output)` for as many nonces of every key; `index` counts through.
/// Returns false when stopped.
template <typename Use>
bool draw_outputs(const Context& context, const pow::Race& race, std::uint64_t count, const Use& use) {
    std::vector<std::uint64_t> nonces;
    std::vector<float> values(race.config().model_dim);
    std::uint64_t index = 0;
    for (std::uint8_t key = 0; key < keys; ++key) {
        auto evaluator = pow::TeamEvaluator::create(race, Context::node_seed(key), context.threads());
        if (!evaluator) {
            context.fail(evaluator.error());
            return false;
        }
        for (std::uint64_t next = 0; next < count / keys;) {
            nonces.clear();
            while (nonces.size() < evaluator->round_size() && next < count / keys) nonces.push_back(next++);
            const auto evaluations = evaluator->evaluate(nonces, context.options().stop);
            if (!evaluations) {
                context.fail(evaluations.error());
                return false;
            }
            for (const pow::Evaluation& evaluation : *evaluations) {
                std::copy(evaluation.output.begin(), evaluation.output.end(), values.begin());
                use(key, index++, evaluation, std::span<const float>{values});
            }
            context.step("outputs", 0.25 * static_cast<double>(index) / static_cast<double>(count));
        }
    }
    return true;
}

void append(Report& report, Health health) {
    std::move(health.results.begin(), health.results.end(), std::back_inserter(report.health));
    std::move(health.curves.begin(), health.curves.end(), std::back_inserter(report.curves));
}

/// Nonces that the sensitivity of the output is measured on.
constexpr std::size_t sensitivity_inputs = 32;

/// Races of the reduced network, and of the subject itself where that is another.
Health compare_races(const Context& context) {
    constexpr double reduced_gate = 1.10;
    const Subject& subject = context.subject();
    Health out;
    const auto compare = [&](const pow::ModelConfig& config, std::string_view name, std::uint64_t races,
                             std::uint64_t nonces, double gate) {
        if (races == 0 || context.stopped()) return;
        context.step(fmt::format("races of {}", name), 0.39);
        const RaceSample sample{.races = races, .nonces = nonces, .seed = context.options().seed};
        auto compared = mean_chance_by_race(config, name, sample, gate, context.threads(),
                                            context.options().backend, context.options().stop);
        if (compared)
            out.append(*std::move(compared));
        else
            context.fail(compared.error());
    };
    const Samples& samples = subject.samples;
    compare(reduced, "the reduced network", samples.races, samples.race_outputs, reduced_gate);
    compare(subject.config, subject.name, samples.own_races, samples.own_race_outputs, subject.gate);
    return out;
}

/// The outputs that are scored.
struct ScoredOutputs {
    Matrix values;
    std::vector<std::uint64_t> squared_distances;  ///< under the nonces' own permutations
};

/// Properties of the outputs by themselves, and the excess of their spectrum.
std::pair<Health, Interval> health_of_outputs(const Context& context, const MeanPower& power,
                                              const ScoredOutputs& outputs) {
    const Subject& subject = context.subject();
    context.step("health of the outputs", 0.39);
    Health health{.results = {mean_power(power, subject.gate)}, .curves = {}};
    for (auto* part : {&pairwise_cosines, &squared_lengths}) {
        for (HealthResult& result : (*part)(outputs.values)) health.results.push_back(std::move(result));
    }
    Health directions = spectrum(outputs.values, subject.config, subject.gate);
    const Interval excess = directions.results.front().value;
    health.append(std::move(directions));
    const Permutations permutations{context.target(subject.config), subject.samples.permutations,
                                    context.options().seed};
    health.append(distance_law(subject.config, outputs.values, permutations, context.threads()));
    for (HealthResult& result : own_permutations(subject.config, outputs.squared_distances))
        health.results.push_back(std::move(result));
    return {std::move(health), excess};
}

/// What the outputs look like, and what their spectrum and hashing alone are worth.
void measure_health(Context& context, const pow::Race& race, const MeanPower& power,
                    const ScoredOutputs& outputs) {
    const Subject& subject = context.subject();
    const Variant variant{.name = subject.name, .config = subject.config};
    auto [health, excess] = health_of_outputs(context, power, outputs);
    const Engine engine{variant, context.weights_key(subject.config), context.threads()};
    const std::vector<pow::Input> inputs = context.inputs(subject.config, 0, sensitivity_inputs);
    const std::stop_token stop = context.options().stop;
    const auto through_backend = [&](std::span<const pow::Input> changed) {
        Matrix outputs_of_changed = forward(race, changed, context.threads(), stop);
        if (outputs_of_changed.rows() == 0 && !stop.stop_requested())
            context.fail({pow::errc::backend_failed, ""});
        return outputs_of_changed;
    };
    if (!context.stopped()) health.append(avalanche(engine, through_backend, inputs));
    if (!context.stopped()) health.append(difference_growth(engine, inputs, stop));
    if (!context.stopped()) health.append(compare_races(context));
    if (context.stopped()) return;
    health.append({.results = {}, .curves = reuse_curves(variant, {})});
    append(context.report, std::move(health));
    for (AttackResult& attack : reuse_attacks(variant, {}, excess, subject.gate))
        context.report.attacks.push_back(std::move(attack));
}

/// As rows of integers, with what tells their nonces.
RawOutputs raw_outputs(const Context& context, const ScoredOutputs& outputs, std::uint64_t of_a_key) {
    const Bytes values = outputs.values.cast<std::int8_t>();
    RawOutputs out{.race_seed = context.race_seed(),
                   .keys = {},
                   .values = {values.data(), values.data() + values.size()},
                   .squared_distances = outputs.squared_distances};
    std::uint64_t left = outputs.squared_distances.size();
    for (std::uint8_t key = 0; left > 0; ++key) {
        out.keys.push_back({.node_seed = Context::node_seed(key), .nonces = std::min(left, of_a_key)});
        left -= out.keys.back().nonces;
    }
    return out;
}

/// The covariance of the outputs at binding input, a leak that the lab must see.
ControlResult covariance_control(const Context& context, const Variant& variant, const Experiment& experiment,
                                 const Matrix& outputs, const Permutations& permutations) {
    const auto& lifts = context.subject().covariance_lifts;
    ControlResult second;
    second.control = "binding input";
    second.attack = second_moment(context, variant, experiment, outputs, permutations);
    second.verdict = second.attack.decisive().low > finding_level ? Verdict::flagged : Verdict::missed;
    second.condition = "above 1";
    for (const KeptGain& gain : second.attack.speed_ups[0].kept) {
        const auto wanted = std::find_if(lifts.begin(), lifts.end(), [&](const auto& lift) {
            return std::abs(gain.keep / lift.first - 1) < 0.05;
        });
        if (wanted == lifts.end()) continue;
        second.condition += fmt::format("; best {:g}%: {:g}", 100 * wanted->first, wanted->second);
        second.attack.note +=
            fmt::format("{}best {:g}% of the permutations: {:.3f} ({:.3f} to {:.3f}) times as likely to pass",
                        second.attack.note.empty() ? "" : "; ", 100 * wanted->first, gain.lift.estimate,
                        gain.lift.low, gain.lift.high);
        if (wanted->second < gain.lift.low || wanted->second > gain.lift.high)
            second.verdict = Verdict::missed;
    }
    return second;
}

void attack_by_permutation(Context& context, const pow::Race& race) {
    const Subject& subject = context.subject();
    const Variant variant{.name = subject.name, .config = subject.config};
    const Samples& samples = subject.samples;
    MeanPower power{subject.config.model_dim};
    std::vector<MeanPower> by_key(keys, power);
    MeanPower unscored{subject.config.model_dim};
    const ChanceOf chance_of{subject.config};
    std::vector<OutputChance> chances;
    const std::uint64_t drawn = samples.outputs / keys * keys;
    const std::uint64_t scored =
        context.options().outputs_only ? drawn : std::min(samples.scored_outputs, drawn);
    ScoredOutputs scored_outputs{.values = Matrix(index_of(scored), index_of(subject.config.model_dim)),
                                 .squared_distances = {}};
    Matrix& outputs = scored_outputs.values;
    const auto use = [&](std::uint8_t key, std::uint64_t index, const pow::Evaluation& evaluation,
                         std::span<const float> output) {
        power.add(index, output);
        by_key[key].add(index, output);
        chances.push_back(chance_of(output));
        if (index < scored) {
            std::copy(output.begin(), output.end(), outputs.row(index_of(index)).data());
            scored_outputs.squared_distances.push_back(evaluation.squared_distance);
        } else {
            unscored.add(index, output);
        }
    };
    if (!draw_outputs(context, race, samples.outputs, use)) return;
    if (context.options().raw_outputs)
        context.options().raw_outputs(raw_outputs(context, scored_outputs, drawn / keys));
    if (context.options().outputs_only) {
        Health health = health_of_outputs(context, power, scored_outputs).first;
        for (HealthResult& result : chance_spread(chances)) health.results.push_back(std::move(result));
        context.report.health = std::move(health.results);
        context.report.curves = std::move(health.curves);
        return;
    }
    const Permutations permutations{context.target(subject.config), samples.shared_permutations,
                                    context.options().seed};
    const Experiment experiment{outputs, permutations, closed_form_thresholds(subject.config),
                                context.threads()};
    AttackResult first = first_moment(variant, experiment, outputs, &unscored);
    first.bound = bound_by_power(power.share(), first.cost);
    context.add({std::move(first)});
    context.add({key_moment(variant, by_key)});
    context.step("outputs of chosen tokens", 0.25);
    context.add(token_moments(context, variant, race, permutations, closed_form_thresholds(subject.config)));

    predict_from_inputs(context, variant, chances);
    context.step("weights of mean half a unit", 0.36);
    for (AttackResult& result : shifted_weights(context, variant, race.backend()))
        context.report.attacks.push_back(std::move(result));
    if (context.stopped()) return;
    context.step("covariance of the outputs", 0.38);
    context.report.controls.push_back(
        covariance_control(context, variant, experiment, outputs, permutations));
    if (!context.stopped()) measure_health(context, race, power, scored_outputs);
}

/// The curve of early exits.
Curve exit_curve(std::span<const AttackResult> results, std::string_view family,
                 const pow::ModelConfig& config) {
    Curve curve{.plot = "early_exit",
                .title = "Early exit: speed-up over honest work at 1/900, binding input",
                .x_label = "layers before the decision",
                .y_label = "speed-up",
                .name = std::string{family},
                .logarithmic_y = false,
                .points = {}};
    for (const AttackResult& result : results) {
        if (result.family != family) continue;
        const double layers = std::round((1 - result.completion) / layer_cost(config));
        curve.points.emplace_back(layers, result.speed_ups[0].chosen.speed_up);
    }
    return curve;
}

/// What every layer does: by leaving it out, and by the look of its weights and activations.
void examine_layers(Context& context, const Engine& engine) {
    if (context.stopped()) return;
    context.step("layers skipped anywhere", 0.73);
    SkippedLayers skipped = skipped_layers(context, engine, true);
    if (context.stopped()) return;
    context.add(std::move(skipped.attacks));
    context.step("structure of weights and activations", 0.75);
    Health health = structure(context, engine);
    if (context.stopped()) return;
    health.append({.results = std::move(skipped.health), .curves = std::move(skipped.curves)});
    append(context.report, std::move(health));
}

void attack_by_state(Context& context, const pow::Race& race) {
    const Subject& subject = context.subject();
    const Variant variant{.name = subject.name, .config = subject.config};
    const Engine engine{variant, context.weights_key(subject.config), context.threads()};
    context.step("states behind every layer", 0.4);
    const std::vector<pow::Input> inputs = context.inputs(subject.config, 0, subject.samples.states);
    const Recording recording = record(context, engine, inputs, needed_by_short_cuts(subject.config));
    if (context.stopped()) return;
    const Permutations permutations{context.target(subject.config), subject.samples.permutations,
                                    context.options().seed};
    const Experiment experiment{recording.outputs, permutations, closed_form_thresholds(subject.config),
                                context.threads()};
    std::vector<AttackResult> exits = early_exits(context, variant, experiment, recording, true);
    for (const std::string_view family : {"early exit", "early exit, linear map"})
        context.report.curves.push_back(exit_curve(exits, family, subject.config));
    context.add(std::move(exits));
    predict_from_states(context, engine, recording);
    context.add(short_cuts(context, engine, experiment, recording));
    examine_layers(context, engine);
    measure_exact_arithmetic(context, engine, recording);
    context.add(relations(context, engine, race.network(), experiment, recording, inputs));
}

}  // namespace

Samples Samples::scaled(double factor) const {
    const auto scale = [factor](std::uint64_t value, std::uint64_t least) {
        return std::max(least, static_cast<std::uint64_t>(static_cast<double>(value) * factor));
    };
    return {.outputs = scale(outputs, 1000),
            .token_outputs = scale(token_outputs, 1000),
            .scored_outputs = scale(scored_outputs, 1000),
            .states = scale(states, 256),
            .approximations = scale(approximations, 64),
            .permutations = scale(permutations, 1024),
            .shared_permutations = scale(shared_permutations, 4096),
            .control_outputs = scale(control_outputs, 256),
            .weak_outputs = scale(weak_outputs, 1000),
            .skipped = scale(skipped, 8),
            .races = races == 0 ? 0 : scale(races, 3),
            .race_outputs = scale(race_outputs, 100),
            .own_races = own_races == 0 ? 0 : scale(own_races, 3),
            .own_race_outputs = scale(own_race_outputs, 100)};
}

Subject quick_subject() {
    return {.name = "quick",
            .config = reduced,
            .gate = 1.10,
            .samples = {.outputs = 40000,
                        .token_outputs = 20000,
                        .scored_outputs = 8000,
                        .states = 2048,
                        .approximations = 256,
                        .permutations = 8192,
                        .shared_permutations = 16384,
                        .control_outputs = 512,
                        .weak_outputs = 20000,
                        .skipped = 64,
                        .races = 24,
                        .race_outputs = 1000}};
}

core::result<Subject> preset_subject(std::string_view name) {
    const auto config = pow::preset(name);
    if (!config) return config.error();
    Subject subject{.name = std::string{name},
                    .config = *config,
                    .gate = 1.03,
                    .samples = {.outputs = 100000,
                                .token_outputs = 80000,
                                .scored_outputs = 20000,
                                .states = 4096,
                                .approximations = 512,
                                .permutations = 16384,
                                .shared_permutations = 65536,
                                .control_outputs = 512,
                                .weak_outputs = 12000,
                                .skipped = 32,
                                .races = 48,
                                .race_outputs = 4000,
                                .own_races = 24,
                                .own_race_outputs = 512}};
    if (name == "whitepaper") subject.covariance_lifts = {{0.1, 1.29}, {0.01, 1.47}, {0.001, 1.65}};
    if (config->ffn_kind == pow::FfnKind::gated) {
        subject.gate = 1.10;
        subject.samples = {.outputs = 30000,
                           .token_outputs = 10000,
                           .scored_outputs = 10000,
                           .states = 1024,
                           .approximations = 128,
                           .permutations = 16384,
                           .shared_permutations = 65536,
                           .control_outputs = 512,
                           .weak_outputs = 12000,
                           .skipped = 8,
                           .races = 24,
                           .race_outputs = 2000,
                           .own_races = 8,
                           .own_race_outputs = 256};
    }
    return subject;
}

core::result<Report> run(const Subject& subject, const LabOptions& options) {
    POUW_EXPECTS(options.threads >= 1);
    const auto start = std::chrono::steady_clock::now();
    Context context{subject, options};
    Report& report = context.report;
    report.subject = subject.name;
    report.config = subject.config;
    report.seed = options.seed;
    report.gate = subject.gate;
    report.samples = {
        {"outputs", subject.samples.outputs},
        {"scored outputs", options.outputs_only ? subject.samples.outputs : subject.samples.scored_outputs},
        {"states", subject.samples.states},
        {"permutations", subject.samples.permutations}};
    context.step("weights", 0);
    {
        const auto race = pow::Race::create(subject.config, context.race_seed(), options.backend,
                                            {.threads = options.threads, .stop = options.stop});
        if (!race) {
            if (!options.stop.stop_requested()) return race.error();
        } else {
            attack_by_permutation(context, *race);
            if (!context.stopped() && !options.outputs_only) attack_by_state(context, *race);
        }
    }
    if (!context.stopped() && !options.outputs_only) run_controls(context);
    if (const auto failure = context.failure()) return *failure;
    report.complete = !context.stopped();
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return report;
}

}  // namespace pouw::inline v1::soundness
