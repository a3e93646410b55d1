/// Attacks that know some of a nonce's evaluation: early exit, and short cuts through layers.
#include "soundness/context.hpp"
#include "soundness/linear_map.hpp"
#include "soundness/products.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace pouw::inline v1::soundness {
namespace {

/// Numbers of last layers that short cuts are tried on.
constexpr std::array<std::uint32_t, 3> last_layers{1, 2, 4};

Matrix real(const Bytes& values) { return values.cast<float>(); }

/// All positions of a nonce in one row.
Matrix nonce_rows(const Bytes& states, std::size_t nonces) {
    const auto rows = static_cast<Eigen::Index>(nonces);
    return Eigen::Map<const Bytes>{states.data(), rows, states.size() / rows}.cast<float>();
}

/// A linear map learnt on the first half of the outputs, applied to all. What of the output is in proportion
/// to the state itself is taken out first, so that the map has only the rest to learn.
Matrix learnt_outputs(const Matrix& features, const Matrix& last, const Matrix& outputs, unsigned threads) {
    const Eigen::Index half = outputs.rows() / 2;
    const float proportion = last.topRows(half).cwiseProduct(outputs.topRows(half)).sum() /
                             std::max(1.0F, last.topRows(half).squaredNorm());
    const Matrix rest = outputs.topRows(half) - proportion * last.topRows(half);
    const Matrix map = linear_map(features.topRows(half), rest, threads);
    return multiplied(features, map, threads) + proportion * last;
}

/// What a forward pass to the end of layer `done` layers costs.
double prefix_cost(const Variant& variant, std::size_t done) {
    return static_cast<double>(done) * layer_cost(variant.config);
}

struct ShortCut {
    std::string name;
    Approximation approximation;
};

std::vector<ShortCut> short_cut_list(const pow::ModelConfig& config) {
    std::vector<ShortCut> list;
    for (const unsigned bits : {4U, 3U, 2U})
        list.push_back({fmt::format("weights of {} bits", bits), {.weight_bits = bits}});
    for (const unsigned bits : {4U, 3U, 2U})
        list.push_back({fmt::format("activations of {} bits", bits), {.activation_bits = bits}});
    list.push_back({"weights and activations of 4 bits", {.weight_bits = 4, .activation_bits = 4}});
    list.push_back({"2 of 4 weights", {.sparse_weights = true}});
    for (const int quarters : {3, 2, 1})
        list.push_back({fmt::format("{} of 4 hidden units", quarters), {.ffn_units = quarters / 4.0}});
    list.push_back({"matrices of half rank", {.rank = config.model_dim / 2}});
    list.push_back({"matrices of an eighth of the rank", {.rank = config.model_dim / 8}});
    list.push_back({"attention to the strongest key", {.attention = Attention::strongest}});
    list.push_back({"attention to the own position", {.attention = Attention::own}});
    list.push_back({"no attention", {.attention = Attention::none}});
    list.push_back({"no feed-forward block", {.skip_ffn = true}});
    return list;
}

/// Short cuts from one set of exact states on.
class ShortCutRun {
  public:
    ShortCutRun(const Context& context, const Engine& engine, const Experiment& experiment,
                const Recording& recording)
        : context_{context},
          engine_{engine},
          variant_{engine.variant()},
          experiment_{experiment},
          recording_{recording} {}

    std::vector<AttackResult> run() {
        const std::uint32_t layers = variant_.config.layers;
        for (const std::uint32_t k : last_layers) {
            if (k >= layers) continue;
            for (const ShortCut& cut : short_cut_list(variant_.config)) in_last_layers(k, cut);
            if (context_.stopped()) return results_;
            const auto surrogates = learn_surrogates(k);
            add("linear surrogate of the feed-forward block", fmt::format("learnt, in the last {} layers", k),
                layers - k,
                approximated(layers - k, nonces(),
                             [&](std::uint32_t layer) {
                                 return Approximation{.ffn_surrogate = surrogates.at(layer)};
                             }),
                Approximation{.ffn_surrogate = surrogates.begin()->second}.cost(variant_.config),
                nonces() / 2);
        }
        context_.step("short cuts in all layers", 0.7);
        for (const ShortCut& cut : short_cut_list(variant_.config)) in_all_layers(cut);
        for (std::uint32_t skipped = 1; skipped <= layers / 2; skipped *= 2) skip_in_the_middle(skipped);
        return results_;
    }

  private:
    using Choice = std::function<Approximation(std::uint32_t)>;

    [[nodiscard]] std::size_t nonces() const { return static_cast<std::size_t>(recording_.outputs.rows()); }
    [[nodiscard]] std::size_t few() const {
        return std::min(nonces(), static_cast<std::size_t>(context_.subject().samples.approximations));
    }

    /// Outputs of the first `count` nonces from the states before `layer`.
    Matrix approximated(std::uint32_t layer, std::size_t count, const Choice& choice) {
        const auto rows = static_cast<Eigen::Index>(count * variant_.config.sequence_length);
        return outputs_from(context_, engine_, recording_.states.at(layer).topRows(rows).cast<float>(), layer,
                            choice);
    }

    /// `share`: arithmetic of the short cut relative to that of the layers from `layer` on.
    void add(std::string family, std::string attack, std::uint32_t layer, Matrix approximation, double share,
             std::size_t learnt) {
        if (approximation.size() == 0) return;
        const double done = prefix_cost(variant_, layer);
        Knowledge knowledge{.approximation = std::move(approximation),
                            .cost = done + share * (1 - done) + permutation_cost(variant_.config),
                            .completion = 1 - done};
        const auto rows = knowledge.approximation.rows();
        const Experiment* experiment = &experiment_;
        AttackResult result;
        if (rows == recording_.outputs.rows()) {
            result = measure_approximation(*experiment, recording_.outputs, std::move(knowledge), learnt);
        } else {
            const Matrix outputs = recording_.outputs.topRows(rows);
            const Experiment part{outputs, experiment_.drawn(), experiment_.thresholds(), context_.threads()};
            result = measure_approximation(part, outputs, std::move(knowledge), learnt);
        }
        result.family = std::move(family);
        result.attack = std::move(attack);
        result.variant = variant_.name;
        results_.push_back(std::move(result));
    }

    void in_last_layers(std::uint32_t k, const ShortCut& cut) {
        if (context_.stopped()) return;
        context_.step(fmt::format("{} in the last {} layers", cut.name, k), 0.6);
        const std::uint32_t first = variant_.config.layers - k;
        add("short cut in the last layers", fmt::format("{}, last {}", cut.name, k), first,
            approximated(first, nonces(), [&](std::uint32_t) { return cut.approximation; }),
            cut.approximation.cost(variant_.config), 0);
    }

    void in_all_layers(const ShortCut& cut) {
        if (context_.stopped()) return;
        add("short cut in all layers", cut.name, 0,
            approximated(0, few(), [&](std::uint32_t) { return cut.approximation; }),
            cut.approximation.cost(variant_.config), 0);
    }

    void skip_in_the_middle(std::uint32_t skipped) {
        if (context_.stopped()) return;
        const std::uint32_t middle = variant_.config.layers / 2;
        const auto choice = [&](std::uint32_t layer) {
            const bool skip = layer < middle + skipped;
            return skip ? Approximation{.attention = Attention::none, .skip_ffn = true} : Approximation{};
        };
        const double share = 1 - skipped * layer_cost(variant_.config) / (1 - prefix_cost(variant_, middle));
        add("layers skipped in the middle", fmt::format("{} layers", skipped), middle,
            approximated(middle, few(), choice), std::max(0.0, share), 0);
    }

    /// Linear maps in place of the feed-forward blocks of the last k layers, learnt on half of the nonces.
    std::map<std::uint32_t, std::shared_ptr<const Matrix>> learn_surrogates(std::uint32_t k) {
        std::map<std::uint32_t, std::shared_ptr<const Matrix>> out;
        for (std::uint32_t layer = variant_.config.layers - k; layer < variant_.config.layers; ++layer) {
            auto& map = surrogates_[layer];
            if (!map) {
                const Bytes& all = recording_.mid_states.at(layer);
                const auto length = static_cast<Eigen::Index>(variant_.config.sequence_length);
                const Matrix states = real(all.topRows(all.rows() / length / 2 * length));
                const Matrix branch = engine_.feed_forward(*engine_.load(layer), states);
                map = std::make_shared<const Matrix>(
                    linear_map(states, branch, context_.threads()).transpose());
            }
            out[layer] = map;
        }
        return out;
    }

    const Context& context_;
    const Engine& engine_;
    const Variant& variant_;
    const Experiment& experiment_;
    const Recording& recording_;
    std::map<std::uint32_t, std::shared_ptr<const Matrix>> surrogates_;
    std::vector<AttackResult> results_;
};

}  // namespace

std::vector<AttackResult> early_exits(const Context& context, const Variant& variant,
                                      const Experiment& experiment, const Recording& recording, bool learnt) {
    const auto rows = static_cast<std::size_t>(recording.outputs.rows());
    std::vector<AttackResult> out;
    const auto add = [&](std::size_t layer, std::string family, Matrix approximation, double extra,
                         std::size_t taught) {
        const double done = prefix_cost(variant, layer);
        AttackResult result = measure_approximation(experiment, recording.outputs,
                                                    {.approximation = std::move(approximation),
                                                     .cost = done + extra + permutation_cost(variant.config),
                                                     .completion = 1 - done},
                                                    taught);
        result.family = std::move(family);
        result.attack = fmt::format("after {} layers", layer);
        result.variant = variant.name;
        out.push_back(std::move(result));
    };
    const double dim = variant.config.model_dim;
    const double map_cost = 2 * dim * dim / static_cast<double>(pow::operations_per_nonce(variant.config));
    for (std::size_t layer = 0; layer < recording.exits.size() && !context.stopped(); ++layer) {
        context.step(
            fmt::format("{}: early exit after {} layers", variant.name, layer),
            learnt ? 0.45 + 0.1 * static_cast<double>(layer) / static_cast<double>(recording.exits.size())
                   : 0.8);
        const Matrix last = real(recording.exits[layer]);
        add(layer, "early exit", last, 0, 0);
        if (!learnt) continue;
        add(layer, "early exit, linear map", learnt_outputs(last, last, recording.outputs, context.threads()),
            map_cost, rows / 2);
        const auto all = recording.states.find(static_cast<std::uint32_t>(layer));
        if (all == recording.states.end()) continue;
        const Matrix features = nonce_rows(all->second, rows);
        add(layer, "early exit, linear map of all positions",
            learnt_outputs(features, last, recording.outputs, context.threads()),
            map_cost * variant.config.sequence_length, rows / 2);
    }
    return out;
}

Recorded needed_by_short_cuts(const pow::ModelConfig& config) {
    Recorded out{.exits = true, .states = {0, config.layers / 2}, .mid_states = {}};
    for (const std::uint32_t k : last_layers) {
        if (k >= config.layers) continue;
        for (std::uint32_t layer = config.layers - k; layer < config.layers; ++layer) {
            out.states.insert(layer);
            out.mid_states.insert(layer);
        }
    }
    return out;
}

std::vector<AttackResult> short_cuts(const Context& context, const Engine& engine,
                                     const Experiment& experiment, const Recording& recording) {
    return ShortCutRun{context, engine, experiment, recording}.run();
}

}  // namespace pouw::inline v1::soundness
