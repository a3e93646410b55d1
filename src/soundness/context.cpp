#include "soundness/context.hpp"

#include <array>

namespace pouw::soundness {

Context::Context(const Subject& subject, const LabOptions& options)
    : subject_{subject},
      options_{options},
      race_seed_{pow::race_seed(
          {.chain_id = "pouw.soundness", .height = options.seed, .block_hash = {}, .randomness = {}})},
      node_seed_{pow::node_seed(std::array<std::uint8_t, 1>{1})} {}

pow::WeightsKey Context::weights_key(const pow::ModelConfig& config) const {
    return pow::weights_key(pow::race_key(race_seed_, pow::model_id(config)));
}

std::vector<pow::Input> Context::inputs(const pow::ModelConfig& config, std::uint64_t first,
                                        std::size_t count) const {
    const pow::RaceKey key = pow::race_key(race_seed_, pow::model_id(config));
    std::vector<pow::Input> out;
    out.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        out.push_back(pow::make_input(config, pow::input_seed(key, node_seed_, first + i)));
    return out;
}

std::vector<std::int8_t> Context::target(const pow::ModelConfig& config) const {
    return pow::make_target(config, weights_key(config));
}

void Context::step(std::string_view what, double fraction) const {
    if (options_.progress) options_.progress(what, fraction);
}

double layer_cost(const pow::ModelConfig& config) {
    const double dim = config.model_dim;
    const double matrices = config.ffn_kind == pow::FfnKind::gated ? 3 : 2;
    const double products = 4 * dim * dim + matrices * dim * config.ffn_dim;
    return 2 * products * config.sequence_length / static_cast<double>(pow::operations_per_nonce(config));
}

double permutation_cost(const pow::ModelConfig& config) {
    constexpr double shuffle = 16;  // ChaCha20 and a swap
    constexpr double product = 2;
    return (shuffle + product) * config.model_dim / static_cast<double>(pow::operations_per_nonce(config));
}

Recording record(const Context& context, const Engine& engine, std::span<const pow::Input> inputs,
                 bool with_exits) {
    Recording out;
    Matrix states = engine.embed(inputs);
    for (std::uint32_t layer = 0; layer < engine.variant().config.layers; ++layer) {
        if (with_exits) out.exits.push_back(engine.outputs(states).cast<std::int8_t>());
        if (!engine.apply(*engine.load(layer), states, context.options().stop)) return {};
    }
    out.outputs = engine.outputs(states);
    return out;
}

}  // namespace pouw::soundness
