/// Relations between inputs that outputs might inherit, and parts of a forward pass that inputs might share.
#include "soundness/context.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace pouw::inline v1::soundness {
namespace {

using Inputs = std::vector<pow::Input>;

void exchange(pow::Input& input, std::size_t a, std::size_t b, std::size_t dim) {
    std::swap(input.tokens[a], input.tokens[b]);
    const auto noise = [&](std::size_t position) {
        return input.noise.begin() + static_cast<std::ptrdiff_t>(position * dim);
    };
    std::swap_ranges(noise(a), noise(a + 1), noise(b));
}

/// Share of the rows of `a` at positions below `positions` that equal those of `b`.
Interval equal_rows(const Matrix& a, const Matrix& b, std::size_t length, std::size_t positions) {
    std::uint64_t equal = 0;
    std::uint64_t all = 0;
    for (Eigen::Index row = 0; row < a.rows(); ++row) {
        if (static_cast<std::size_t>(row) % length >= positions) continue;
        equal += a.row(row) == b.row(row) ? 1U : 0U;
        ++all;
    }
    return binomial_interval(equal, all);
}

/// A gain that is 1 / (1 - share saved), where a part of the work is saved in a fraction of the cases.
AttackResult saving(const Variant& variant, std::string attack, const Interval& cases, double part,
                    std::size_t outputs) {
    AttackResult result;
    result.family = "caching";
    result.attack = std::move(attack);
    result.variant = variant.name;
    result.outputs = outputs;
    const auto gain = [part](double fraction) { return 1 / (1 - fraction * part); };
    const Interval value{gain(cases.low), gain(cases.estimate), gain(cases.high)};
    result.bound = {value, value};
    result.output_binding = OutputBinding::same;
    return result;
}

/// What two inputs share that have the same tokens, and two that differ in the last position alone.
std::vector<AttackResult> shared_work(const Engine& engine, std::span<const pow::Input> inputs) {
    const Variant& variant = engine.variant();
    const std::size_t dim = variant.config.model_dim;
    const std::size_t length = variant.config.sequence_length;
    const std::size_t count = inputs.size();
    Inputs other_noise(inputs.begin(), inputs.end());
    Inputs other_end = other_noise;
    for (std::size_t i = 0; i < count; ++i) {
        const pow::Input& next = inputs[(i + 1) % count];
        other_noise[i].noise = next.noise;
        other_end[i].tokens.back() = next.tokens.back();
        const auto last = static_cast<std::ptrdiff_t>((length - 1) * dim);
        std::copy(next.noise.begin() + last, next.noise.end(), other_end[i].noise.begin() + last);
    }
    const auto first_layer = engine.load(0);
    Matrix own = engine.embed(inputs);
    Matrix of_noise = engine.embed(other_noise);
    Matrix of_end = engine.embed(other_end);
    std::vector<AttackResult> results;
    results.push_back(saving(variant, "first layer, by tokens", equal_rows(own, of_noise, length, length),
                             layer_cost(variant.config), count));
    (void)engine.apply(*first_layer, own);
    (void)engine.apply(*first_layer, of_end);
    results.push_back(saving(variant, "all but the last position, by prefix",
                             equal_rows(own, of_end, length, length - 1),
                             static_cast<double>(length - 1) / static_cast<double>(length), count));
    return results;
}

}  // namespace

std::vector<AttackResult> relations(const Context& context, const Engine& engine, const pow::Network& network,
                                    const Experiment& experiment, const Recording& recording,
                                    std::span<const pow::Input> inputs) {
    const Variant& variant = engine.variant();
    const std::size_t dim = variant.config.model_dim;
    const std::size_t length = variant.config.sequence_length;
    std::vector<AttackResult> results;
    const auto relation = [&](std::string attack, const Matrix& outputs, const Experiment& part,
                              Matrix approximation) {
        AttackResult result = measure_approximation(
            part, outputs,
            {.approximation = std::move(approximation), .cost = permutation_cost(variant.config)}, 0);
        result.family = "symmetry";
        result.attack = std::move(attack);
        result.variant = variant.name;
        results.push_back(std::move(result));
    };
    context.step("symmetries", 0.77);
    for (std::size_t position = 0; position + 1 < length; ++position) {
        Matrix exchanged(recording.outputs.rows(), recording.outputs.cols());
        if (!network_outputs(
                context, network, variant.config, inputs.size(),
                [&](std::size_t, pow::Input& input) { exchange(input, position, position + 1, dim); },
                [&](std::size_t i, std::span<const std::int8_t> output) {
                    std::copy(output.begin(), output.end(),
                              exchanged.row(static_cast<Eigen::Index>(i)).data());
                })) {
            return results;
        }
        relation(fmt::format("positions {} and {} exchanged", position, position + 1), recording.outputs,
                 experiment, std::move(exchanged));
    }
    {
        // Four times the nonces of the other approximations, or the interval would not be tight enough.
        const auto some = std::min<std::size_t>(inputs.size(), 4 * context.subject().samples.approximations);
        const Matrix outputs = recording.outputs.topRows(static_cast<Eigen::Index>(some));
        const Experiment part{outputs, experiment.drawn(), experiment.thresholds(), context.threads()};
        Matrix negated = outputs_from(context, engine, -engine.embed(inputs.first(some)), 0,
                                      [](std::uint32_t) { return Approximation{}; });
        if (negated.size() == 0) return results;
        relation("negated input", outputs, part, -negated);
    }

    const std::size_t count = std::min<std::size_t>(inputs.size(), context.subject().samples.approximations);
    for (AttackResult& result : shared_work(engine, inputs.first(count)))
        results.push_back(std::move(result));
    return results;
}

}  // namespace pouw::inline v1::soundness
