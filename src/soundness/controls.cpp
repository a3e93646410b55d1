#include "soundness/context.hpp"
#include "soundness/health.hpp"
#include "soundness/structure.hpp"

#include "pouw/soundness/reuse.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace pouw::inline v1::soundness {
namespace {

/// With a shared mean few permutations decide for all outputs: many are needed, and few outputs.
constexpr std::size_t permutations_by_mean = 65536;

/// Nonces that share all tokens, where there is no noise.
AttackResult collisions(const Context& context, const Variant& variant) {
    // What the arithmetic supposes: equal tokens give equal outputs.
    const Engine engine{variant, context.weights_key(variant.config), context.threads()};
    std::vector<pow::Input> inputs = context.inputs(variant.config, 0, 2);
    inputs[1].tokens = inputs[0].tokens;
    const Matrix outputs = forward(engine, inputs, context.options().stop);
    if (outputs.size() == 0 || outputs.row(0) != outputs.row(1)) return {};
    return input_collisions(variant, {});
}

/// The strongest of several attacks, by the lower end of what decides.
AttackResult strongest(std::span<const AttackResult> attacks) {
    if (attacks.empty()) return {};
    return *std::max_element(
        attacks.begin(), attacks.end(),
        [](const AttackResult& a, const AttackResult& b) { return a.decisive().low < b.decisive().low; });
}

/// The attack that the control is known to fall to.
AttackResult attack(const Context& context, const Control& control) {
    const Variant& variant = control.variant;
    if (control.method == Control::Method::collisions) return collisions(context, variant);
    const Engine engine{variant, context.weights_key(variant.config), context.threads()};
    if (control.method == Control::Method::skipped_layers)
        return strongest(skipped_layers(context, engine, false).attacks);
    const Samples& samples = context.subject().samples;
    const std::size_t count = control.weak ? samples.weak_outputs : samples.control_outputs;
    const bool exits = control.method == Control::Method::early_exit;
    const Recording recording =
        record(context, engine, context.inputs(variant.config, 0, count), {.exits = exits});
    if (context.stopped()) return {};
    const bool by_mean = control.method == Control::Method::first_moment && !control.weak;
    const std::size_t drawn = by_mean ? permutations_by_mean : static_cast<std::size_t>(samples.permutations);
    const Permutations permutations{context.target(variant.config), drawn, context.options().seed};
    const Experiment experiment{recording.outputs, permutations, {}, context.threads()};
    if (control.method == Control::Method::second_moment)
        return second_moment(context, variant, experiment, recording.outputs, permutations);
    if (control.method == Control::Method::first_moment) {
        AttackResult result = first_moment(variant, experiment, recording.outputs);
        if (control.weak) {
            MeanPower power{variant.config.model_dim};
            for (std::size_t i = 0; i < count; ++i)
                power.add(i, {recording.outputs.row(static_cast<Eigen::Index>(i)).data(),
                              variant.config.model_dim});
            result.bound = bound_by_power(power.share(), result.cost);
        }
        return result;
    }
    return strongest(early_exits(context, variant, experiment, recording, false));
}

/// The properties of a network that are findings; the control names the one that must be among them.
std::optional<HealthResult> finding(const Context& context, const Control& control) {
    const Engine engine{control.variant, context.weights_key(control.variant.config), context.threads()};
    for (HealthResult& result : structure(context, engine).results) {
        if (result.verdict == Verdict::finding && result.property.find(control.property) != std::string::npos)
            return std::move(result);
    }
    return std::nullopt;
}

Control control_of(Variant variant, Control::Method method, std::string property) {
    Control control;
    control.variant = std::move(variant);
    control.method = method;
    control.property = std::move(property);
    return control;
}

/// Appends networks with work that need not be done.
void add_sabotaged(std::vector<Control>& out, const pow::ModelConfig& config) {
    using Method = Control::Method;
    const std::uint32_t eighth = std::max(1U, config.layers / 8);
    Variant variant{.config = config};
    variant.name = fmt::format("layers {} to {} the identity", eighth, 2 * eighth - 1);
    variant.identity_layers = {eighth, eighth};
    out.push_back(control_of(variant, Method::skipped_layers, ""));
    variant.name = "the last layer the identity";
    variant.identity_layers = {config.layers - 1, 1};
    out.push_back(control_of(variant, Method::structure, "power over that of the residual stream"));
    variant = {.name = "hidden units in identical pairs", .config = config, .paired_units = true};
    out.push_back(control_of(variant, Method::structure, "hidden units: equal"));
    variant = {.name = "layers tied in pairs", .config = config, .tied_layers = 2};
    out.push_back(control_of(variant, Method::structure, "tensors equal"));
}

}  // namespace

std::vector<Control> controls(const pow::ModelConfig& config) {
    using Method = Control::Method;
    pow::ModelConfig plain = config;
    if (plain.ffn_kind ==
        pow::FfnKind::gated) {  // the mean of a gated textbook block is 0: it has other weaknesses
        plain.ffn_dim = std::min(plain.ffn_dim, 8192U);
        plain.ffn_kind = pow::FfnKind::plain;
        plain.up_shift = 0;
        plain.gate_shift = 0;
    }
    // A textbook activation wants inputs of about 1, here 32, instead of some folds of them.
    pow::ModelConfig textbook = plain;
    textbook.ffn_shift += 4;
    textbook.ffn_residual_shift -= 2;
    pow::ModelConfig shallow = plain;
    shallow.layers = 2;
    // Small gains come with small weights, which make the branches weaker still: 0.02 √512 for each of two
    // matrices.
    pow::ModelConfig deployed = textbook;
    deployed.attention_residual_shift += 2;
    deployed.ffn_residual_shift += 4;
    const auto pre_norm = Arrangement::pre_norm_causal;
    std::vector<Control> all{
        {{.name = "ReLU, post-norm", .config = textbook, .activation = Activation::relu},
         Method::first_moment,
         50},
        {{.name = "GELU, post-norm", .config = textbook, .activation = Activation::gelu},
         Method::first_moment,
         1},
        {{.name = "GELU, pre-norm, causal",
          .config = textbook,
          .activation = Activation::gelu,
          .arrangement = pre_norm},
         Method::early_exit,
         1},
        {{.name = "norm gains of 0.02",
          .config = deployed,
          .activation = Activation::gelu,
          .arrangement = pre_norm,
          .norm_gain = 0.02F},
         Method::early_exit,
         100},
        {{.name = "2 layers", .config = shallow}, Method::early_exit, 1},
        {{.name = "asymmetric fold", .config = plain, .activation = Activation::asymmetric_fold},
         Method::first_moment,
         1,
         true},
        {{.name = "weights of mean 0.5 on a scale of -1 to 1", .config = plain, .weight_mean = 63.5F},
         Method::first_moment,
         1},
        {{.name = "no input noise", .config = config, .input_noise = false}, Method::collisions, 1},
    };
    add_sabotaged(all, config);
    return all;
}

ControlResult run_control(const Context& context, const Control& control) {
    ControlResult result;
    result.control = control.variant.name;
    result.required = control.required;
    if (control.method == Control::Method::structure) {
        result.condition = "a finding";
        result.property = finding(context, control);
        result.verdict = result.property ? Verdict::flagged : Verdict::missed;
        if (!result.property) result.property.emplace().property = control.property;
        return result;
    }
    result.condition = fmt::format("above {}", control.required);
    result.attack = attack(context, control);
    const double wanted = std::max(control.required, finding_level);
    result.verdict = result.attack.decisive().low > wanted ? Verdict::flagged : Verdict::missed;
    return result;
}

void run_controls(Context& context) {
    const std::vector<Control> all =
        context.options().controls ? *context.options().controls : controls(context.subject().config);
    for (std::size_t i = 0; i < all.size() && !context.stopped(); ++i) {
        context.step(fmt::format("control: {}", all[i].variant.name),
                     0.8 + 0.2 * static_cast<double>(i) / static_cast<double>(all.size()));
        ControlResult result = run_control(context, all[i]);
        if (context.stopped()) return;
        context.report.controls.push_back(std::move(result));
    }
}

}  // namespace pouw::inline v1::soundness
