#include "soundness/context.hpp"
#include "soundness/health.hpp"

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

/// The attack that the control is known to fall to.
AttackResult attack(const Context& context, const Control& control) {
    const Variant& variant = control.variant;
    if (control.method == Control::Method::collisions) return collisions(context, variant);
    const Engine engine{variant, context.weights_key(variant.config), context.threads()};
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
    const std::vector<AttackResult> all = early_exits(context, variant, experiment, recording, false);
    if (all.empty()) return {};
    return *std::max_element(all.begin(), all.end(), [](const AttackResult& a, const AttackResult& b) {
        return a.speed_ups[0].chosen.speed_up.low < b.speed_ups[0].chosen.speed_up.low;
    });
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
    textbook.ffn_shift += 3;
    textbook.ffn_residual_shift -= 2;
    pow::ModelConfig shallow = plain;
    shallow.layers = 2;
    // Small gains come with small weights, which make the branches weaker still: 0.02 √512 for each of two
    // matrices.
    pow::ModelConfig deployed = textbook;
    deployed.attention_residual_shift += 2;
    deployed.ffn_residual_shift += 4;
    const auto pre_norm = Arrangement::pre_norm_causal;
    return {
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
}

void run_controls(Context& context) {
    const std::vector<Control> all =
        context.options().controls ? *context.options().controls : controls(context.subject().config);
    for (std::size_t i = 0; i < all.size() && !context.stopped(); ++i) {
        context.step(fmt::format("control: {}", all[i].variant.name),
                     0.8 + 0.2 * static_cast<double>(i) / static_cast<double>(all.size()));
        ControlResult result;
        result.control = all[i].variant.name;
        result.required = all[i].required;
        result.condition = fmt::format("above {}", all[i].required);
        result.attack = attack(context, all[i]);
        if (context.stopped()) return;
        const Interval speed_up = result.attack.decisive();
        result.verdict =
            speed_up.low > std::max(all[i].required, finding_level) ? Verdict::flagged : Verdict::missed;
        context.report.controls.push_back(std::move(result));
    }
}

}  // namespace pouw::inline v1::soundness
