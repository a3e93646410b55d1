/// Layers, or one block of a layer, that are left out: nothing may come out exact.
#include "soundness/context.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace pouw::inline v1::soundness {
namespace {

using Eigen::Index;

std::uint32_t end_of(const Skip& skip) { return skip.layers.first + skip.layers.count; }

bool whole(const Skip& skip) {
    return skip.approximation.attention == Attention::none && skip.approximation.skip_ffn;
}

bool within(const Skip& part, const Skip& all) {
    return all.layers.first <= part.layers.first && end_of(part) <= end_of(all);
}

/// The exact forward pass and those of the skips that have ended, below each other.
class SkipPass {
  public:
    SkipPass(const Context& context, const Engine& engine, std::span<const pow::Input> inputs,
             std::span<const Skip> skips)
        : context_{context}, engine_{engine}, skips_{skips}, live_{engine.embed(inputs)} {
        rows_ = live_.rows();
        waiting_.resize(skips.size());
        place_.resize(skips.size());
    }

    /// Whether it was computed to the end.
    bool run() {
        const std::uint32_t layers = engine_.variant().config.layers;
        for (std::uint32_t layer = 0; layer < layers; ++layer) {
            resume(layer);
            if (!suspend(layer)) return false;
            if (!engine_.apply(*engine_.load(layer), live_, context_.options().stop)) return false;
        }
        resume(layers);
        outputs_ = engine_.outputs(live_);
        return true;
    }

    [[nodiscard]] SkipOutcome outcome(std::size_t index) const {
        const Index count = rows_ / engine_.variant().config.sequence_length;
        std::uint64_t exact = 0;
        double sum = 0;
        double squares = 0;
        for (Index i = 0; i < count; ++i) {
            const auto own = outputs_.row(i);
            const auto other = outputs_.row(place_[index] * count + i);
            exact += own == other ? 1U : 0U;
            const double norms = static_cast<double>(own.norm()) * static_cast<double>(other.norm());
            const double cosine = norms > 0 ? static_cast<double>(own.dot(other)) / norms : 1;
            sum += cosine;
            squares += cosine * cosine;
        }
        const auto n = static_cast<double>(count);
        const double mean = sum / n;
        const double width = interval_sigma * std::sqrt(std::max(0.0, squares / n - mean * mean) / n);
        return {skips_[index], binomial_interval(exact, size_of(count)), {mean - width, mean, mean + width}};
    }

  private:
    /// The skips that end before a layer join the exact pass.
    void resume(std::uint32_t layer) {
        Index all = live_.rows();
        for (std::size_t i = 0; i < skips_.size(); ++i) {
            if (end_of(skips_[i]) != layer) continue;
            place_[i] = all / rows_;
            all += rows_;
        }
        live_.conservativeResize(all, live_.cols());
        for (std::size_t i = 0; i < skips_.size(); ++i) {
            if (end_of(skips_[i]) != layer) continue;
            live_.middleRows(place_[i] * rows_, rows_) = waiting_[i];
            waiting_[i].resize(0, 0);
        }
    }

    /// Those that begin with a layer keep the exact states before it, but for the block that they compute.
    bool suspend(std::uint32_t layer) {
        for (std::size_t i = 0; i < skips_.size(); ++i) {
            if (skips_[i].layers.first != layer) continue;
            waiting_[i] = live_.topRows(rows_);
            if (whole(skips_[i])) continue;
            const auto part = engine_.load(layer, skips_[i].approximation);
            if (!engine_.apply(*part, waiting_[i], context_.options().stop)) return false;
        }
        return true;
    }

    const Context& context_;
    const Engine& engine_;
    std::span<const Skip> skips_;
    Matrix live_;
    Index rows_ = 0;
    std::vector<Matrix> waiting_;
    std::vector<Index> place_;
    Matrix outputs_;
};

/// Runs of one length, at every place in steps of half of it; blocks of one layer.
struct SkipGroup {
    std::string name;
    std::vector<Skip> skips;
};

std::vector<SkipGroup> skip_groups(const pow::ModelConfig& config, bool blocks) {
    std::vector<SkipGroup> groups;
    const std::uint32_t layers = config.layers;
    for (std::uint32_t length = 1; length <= std::max(1U, layers / 2); length *= 2) {
        SkipGroup group{.name = length == 1 ? "1 layer" : fmt::format("{} layers", length), .skips = {}};
        const std::uint32_t step = std::max(1U, length / 2);
        for (std::uint32_t first = 0; first + length <= layers; first += step)
            group.skips.push_back({.layers = {first, length}});
        groups.push_back(std::move(group));
    }
    if (!blocks) return groups;
    const std::array<std::pair<const char*, Approximation>, 2> parts{
        {{"attention of 1 layer", {.attention = Attention::none}},
         {"feed-forward block of 1 layer", {.skip_ffn = true}}}};
    for (const auto& [name, approximation] : parts) {
        SkipGroup group{.name = name, .skips = {}};
        for (std::uint32_t layer = 0; layer < layers; ++layer)
            group.skips.push_back({.layers = {layer, 1}, .approximation = approximation});
        groups.push_back(std::move(group));
    }
    return groups;
}

std::string place_of(const Skip& skip) {
    return skip.layers.count == 1 ? fmt::format("layer {}", skip.layers.first)
                                  : fmt::format("layers {} to {}", skip.layers.first, end_of(skip) - 1);
}

/// Nonces that a sure gain takes where all outputs are exact: binomial intervals end at 0.005^(1/n).
std::size_t nonces_to_decide(double cost) {
    constexpr double least = 256;  // a few in a hundred may be off by the rounding of a norm
    constexpr double most = 2048;
    const double wanted = finding_level * cost;
    if (wanted >= 1) return static_cast<std::size_t>(most);
    return static_cast<std::size_t>(std::clamp(2 * std::log(0.005) / std::log(wanted), least, most));
}

/// The runs with exact outputs that no other of them contains, those that save most first, at most four.
std::vector<SkipOutcome*> worth_confirming(std::vector<std::vector<SkipOutcome>>& outcomes,
                                           const pow::ModelConfig& config) {
    constexpr std::size_t most = 4;
    std::vector<SkipOutcome*> exact;
    for (std::vector<SkipOutcome>& group : outcomes) {
        for (SkipOutcome& outcome : group) {
            if (outcome.exact_outputs.estimate > 0.5) exact.push_back(&outcome);
        }
    }
    std::stable_sort(exact.begin(), exact.end(), [&](const SkipOutcome* a, const SkipOutcome* b) {
        return a->skip.cost(config) < b->skip.cost(config);
    });
    std::vector<SkipOutcome*> out;
    for (SkipOutcome* candidate : exact) {
        const bool contained = std::any_of(out.begin(), out.end(), [&](const SkipOutcome* larger) {
            return within(candidate->skip, larger->skip);
        });
        if (!contained && out.size() < most) out.push_back(candidate);
    }
    return out;
}

/// The worst place of a group, as an attack.
AttackResult attack_of(const SkipGroup& group, std::span<const SkipOutcome> outcomes, const Variant& variant,
                       std::size_t nonces) {
    const auto gain = [&](const SkipOutcome& o) { return o.exact_outputs.low / o.skip.cost(variant.config); };
    const SkipOutcome& worst =
        *std::max_element(outcomes.begin(), outcomes.end(),
                          [&](const SkipOutcome& a, const SkipOutcome& b) { return gain(a) < gain(b); });
    AttackResult result;
    result.family = "layers skipped anywhere";
    result.attack = fmt::format("{}, {} places", group.name, outcomes.size());
    result.variant = variant.name;
    result.cost = worst.skip.cost(variant.config);
    result.completion = 0;
    result.outputs = nonces * outcomes.size();
    result.output_binding = OutputBinding::exact_outputs;
    result.exact_outputs = worst.exact_outputs;
    result.bound = {*result.exact_gain(), *result.exact_gain()};
    if (worst.exact_outputs.estimate > 0) result.note = fmt::format("exact without {}", place_of(worst.skip));
    return result;
}

Curve curve_of(const SkipGroup& group, std::span<const SkipOutcome> outcomes) {
    Curve curve{.plot = "skipped_layers",
                .title = "Outputs without some layers: cosine with the exact ones",
                .x_label = "first layer that is left out",
                .y_label = "cosine",
                .name = group.name,
                .logarithmic_y = false,
                .points = {}};
    for (const SkipOutcome& outcome : outcomes)
        curve.points.emplace_back(outcome.skip.layers.first, outcome.cosine);
    return curve;
}

/// Layers that follow a skip in whose outputs nothing of the exact ones may be left.
constexpr std::uint32_t layers_to_forget = 24;

/// The largest cosine, in size, of skips with enough layers behind them.
HealthResult forgotten(std::span<const std::vector<SkipOutcome>> outcomes, const pow::ModelConfig& config,
                       std::size_t nonces) {
    HealthResult result{.property = fmt::format(
                            "without some layers, {} or more before the last: largest cosine of the outputs",
                            layers_to_forget),
                        .value = {},
                        .expected = ""};
    double largest = -1;
    double places = 0;
    for (const std::vector<SkipOutcome>& group : outcomes) {
        for (const SkipOutcome& outcome : group) {
            if (end_of(outcome.skip) + layers_to_forget > config.layers) continue;
            ++places;
            const double size = std::abs(outcome.cosine.estimate);
            if (size <= largest) continue;
            largest = size;
            result.value = outcome.cosine;
            result.note = "largest without " + place_of(outcome.skip);
        }
    }
    if (places == 0) return result;
    // The directions of outputs are not quite even: a fifth more than the deviation of a cosine.
    const double sigma = 1.2 / std::sqrt(static_cast<double>(config.model_dim) * static_cast<double>(nonces));
    constexpr double surprise = 1e-4;
    const double limit = sigma * normal_tail_quantile(surprise / 2 / places);
    result.expected = fmt::format("0; of {:.0f} places within {:.2g}", places, limit);
    result.verdict = largest > std::max(0.05, limit) ? Verdict::finding : Verdict::passed;
    return result;
}

}  // namespace

double Skip::cost(const pow::ModelConfig& config) const {
    // The last layer computes less than the others: it costs what these leave.
    const auto behind = [&](std::uint32_t layer) {
        return layer == config.layers ? 1 : layer * layer_cost(config);
    };
    const double skipped = behind(layers.first + layers.count) - behind(layers.first);
    return 1 - skipped * (1 - approximation.cost(config));
}

std::vector<SkipOutcome> skip_outcomes(const Context& context, const Engine& engine,
                                       std::span<const pow::Input> inputs, std::span<const Skip> skips) {
    SkipPass pass{context, engine, inputs, skips};
    if (!pass.run()) return {};
    std::vector<SkipOutcome> out;
    for (std::size_t i = 0; i < skips.size(); ++i) out.push_back(pass.outcome(i));
    return out;
}

SkippedLayers skipped_layers(const Context& context, const Engine& engine, bool blocks) {
    const Variant& variant = engine.variant();
    const std::size_t nonces = context.subject().samples.skipped;
    const std::vector<SkipGroup> groups = skip_groups(variant.config, blocks);
    std::vector<Skip> all;
    for (const SkipGroup& group : groups) all.insert(all.end(), group.skips.begin(), group.skips.end());
    const std::vector<SkipOutcome> flat =
        skip_outcomes(context, engine, context.inputs(variant.config, 0, nonces), all);
    if (flat.empty()) return {};
    std::vector<std::vector<SkipOutcome>> outcomes;
    auto next = flat.begin();
    for (const SkipGroup& group : groups) {
        outcomes.emplace_back(next, next + std::ssize(group.skips));
        next += std::ssize(group.skips);
    }
    SkippedLayers out;
    if (const HealthResult result = forgotten(outcomes, variant.config, nonces); !result.expected.empty())
        out.health.push_back(result);
    for (SkipOutcome* outcome : worth_confirming(outcomes, variant.config)) {
        const std::size_t count = nonces_to_decide(outcome->skip.cost(variant.config));
        const std::vector<SkipOutcome> again = skip_outcomes(
            context, engine, context.inputs(variant.config, nonces, count), {&outcome->skip, 1});
        if (again.empty()) return {};
        outcome->exact_outputs = again.front().exact_outputs;
    }
    for (std::size_t g = 0; g < groups.size(); ++g) {
        out.attacks.push_back(attack_of(groups[g], outcomes[g], variant, nonces));
        out.curves.push_back(curve_of(groups[g], outcomes[g]));
    }
    return out;
}

}  // namespace pouw::inline v1::soundness
