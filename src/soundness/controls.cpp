#include "soundness/context.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace pouw::soundness {
namespace {

/// The attack that the control is known to fall to.
AttackResult attack(const Context& context, const Control& control) {
    const Variant& variant = control.variant;
    const Engine engine{variant, context.weights_key(variant.config), context.threads()};
    const Samples& samples = context.subject().samples;
    const auto count =
        static_cast<std::size_t>(control.weak ? samples.weak_outputs : samples.control_outputs);
    const bool exits = control.method == Control::Method::early_exit;
    const Recording recording = record(context, engine, context.inputs(variant.config, 0, count), exits);
    if (context.stopped()) return {};
    const Permutations permutations{context.target(variant.config),
                                    static_cast<std::size_t>(samples.permutations), context.options().seed};
    const Experiment experiment{recording.outputs, permutations, {}, context.threads()};
    switch (control.method) {
        case Control::Method::first_moment:
            return first_moment(context, variant, experiment, recording.outputs, nullptr);
        case Control::Method::second_moment:
            return second_moment(context, variant, experiment, recording.outputs, permutations);
        case Control::Method::early_exit:
        case Control::Method::collisions:
            break;
    }
    const std::vector<AttackResult> all = early_exits(context, variant, experiment, recording);
    if (all.empty()) return {};
    return *std::max_element(all.begin(), all.end(), [](const AttackResult& a, const AttackResult& b) {
        return a.speed_ups[0].chosen.speed_up.low < b.speed_ups[0].chosen.speed_up.low;
    });
}

}  // namespace

std::vector<Control> controls(const pow::ModelConfig& config) {
    using Method = Control::Method;
    pow::ModelConfig plain = config;
    if (plain.ffn_kind == pow::FfnKind::gated) {
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
          .config = textbook,
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
        {{.name = "weights of mean 0.5", .config = plain, .weight_mean = 0.5F},
         Method::first_moment,
         1,
         true},
    };
}

void run_controls(Context& context) {
    const std::vector<Control> all =
        context.options().controls ? *context.options().controls : controls(context.subject().config);
    for (std::size_t i = 0; i < all.size() && !context.stopped(); ++i) {
        context.step(fmt::format("control: {}", all[i].variant.name),
                     0.5 + 0.5 * static_cast<double>(i) / static_cast<double>(all.size()));
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

}  // namespace pouw::soundness
