#include "soundness/context.hpp"

#include <fmt/core.h>

namespace pouw::soundness {

std::vector<AttackResult> early_exits(const Context& context, const Variant& variant,
                                      const Experiment& experiment, const Recording& recording) {
    const auto rows = static_cast<std::size_t>(recording.outputs.rows());
    std::vector<AttackResult> out;
    for (std::size_t layer = 0; layer < recording.exits.size() && !context.stopped(); ++layer) {
        AttackResult result;
        result.family = "early exit";
        result.attack = fmt::format("after {} layers", layer);
        result.variant = variant.name;
        const double done = static_cast<double>(layer) * layer_cost(variant.config);
        result.cost = done + permutation_cost(variant.config);
        result.completion = 1 - done;
        result.outputs = rows - rows / 2;
        result.permutations = experiment.permutations();
        result.output_binding = OutputBinding::exact_outputs;
        const Knowledge knowledge{.approximation = recording.exits[layer].cast<float>(),
                                  .cost = result.cost,
                                  .completion = result.completion};
        result.speed_ups = experiment.measure(knowledge, {0, rows / 2}, {rows / 2, rows - rows / 2});
        std::uint64_t exact = 0;
        for (Eigen::Index i = 0; i < recording.outputs.rows(); ++i)
            exact += recording.outputs.row(i) == knowledge.approximation.row(i) ? 1U : 0U;
        result.exact_outputs = binomial_interval(exact, rows);
        out.push_back(std::move(result));
    }
    return out;
}

}  // namespace pouw::soundness
