#include "pouw/pow/race.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/parallel.hpp"

#include <algorithm>
#include <iterator>

namespace pouw::pow {
namespace {

/// Activations of a team over streamed weights; with tiles of weights a verification stays below 64 MiB.
constexpr std::uint64_t streamed_activations = std::uint64_t{32} << 20;

std::size_t team_batch(const Race& race, unsigned threads) {
    POUW_EXPECTS(threads >= 1);
    if (race.network().memory_bytes() != 0) return race.network().preferred_batch();
    const ModelConfig& config = race.config();
    // What a nonce takes, generously: activations, queries, keys, values, sums and the hidden units.
    const std::uint64_t per_nonce =
        std::uint64_t{config.sequence_length} *
        (12 * std::uint64_t{config.model_dim} + 2 * std::uint64_t{config.ffn_dim});
    return std::max<std::uint64_t>(1, streamed_activations / threads / per_nonce);
}

}  // namespace

struct Race::State {
    ModelConfig config;
    RaceSeed seed;
    RaceKey key;
    std::vector<std::int8_t> target;
    const Backend* backend;
    std::shared_ptr<const Network> network;
};

core::result<Race> Race::create(const ModelConfig& config, const RaceSeed& seed, std::string_view backend,
                                const LoadOptions& options) {
    POUW_EXPECTS(options.threads >= 1);
    if (auto valid = validate(config); !valid) return valid.error();
    const auto chosen = select_backend(backend);
    if (!chosen) return chosen.error();

    const RaceKey key = race_key(seed, model_id(config));
    const WeightsKey weights = weights_key(key);
    auto network = (*chosen)->load(config, std::make_shared<StreamedTensors>(config, weights), options);
    if (!network) return network.error();
    return Race{std::make_shared<const State>(
        State{config, seed, key, make_target(config, weights), *chosen, *std::move(network)})};
}

const ModelConfig& Race::config() const noexcept { return state_->config; }
const RaceSeed& Race::seed() const noexcept { return state_->seed; }
const RaceKey& Race::key() const noexcept { return state_->key; }
std::span<const std::int8_t> Race::target() const noexcept { return state_->target; }
const Backend& Race::backend() const noexcept { return *state_->backend; }
const Network& Race::network() const noexcept { return *state_->network; }

Evaluator::Evaluator(Race race, const NodeSeed& node, std::size_t batch)
    : race_{std::move(race)}, node_{node}, batch_{batch}, pass_{race_.network().forward_pass(batch)} {}

core::result<std::vector<Evaluation>> Evaluator::evaluate(std::span<const std::uint64_t> nonces,
                                                          std::stop_token stop) {
    POUW_EXPECTS(nonces.size() <= batch_);
    const ModelConfig& config = race_.config();
    std::vector<InputSeed> seeds;
    std::vector<Input> inputs;
    for (const std::uint64_t nonce : nonces) {
        seeds.push_back(input_seed(race_.key(), node_, nonce));
        inputs.push_back(make_input(config, seeds.back()));
    }
    std::vector<std::int8_t> outputs(nonces.size() * config.model_dim);
    if (auto done = pass_->run(inputs, outputs, stop); !done) return done.error();

    std::vector<Evaluation> evaluations;
    for (std::size_t i = 0; i < nonces.size(); ++i) {
        const auto output =
            std::span<const std::int8_t>{outputs}.subspan(i * config.model_dim, config.model_dim);
        const auto permutation = make_permutation(config, seeds[i], output);
        evaluations.push_back({.nonce = nonces[i],
                               .tokens = std::move(inputs[i].tokens),
                               .output = {output.begin(), output.end()},
                               .squared_length = squared_length(output),
                               .squared_distance = squared_distance(output, permutation, race_.target())});
    }
    return evaluations;
}

TeamEvaluator::TeamEvaluator(const Race& race, const NodeSeed& node, unsigned threads, std::size_t batch)
    : batch_{batch != 0 ? batch : team_batch(race, threads)} {
    POUW_EXPECTS(threads >= 1);
    for (unsigned i = 0; i < threads; ++i) team_.emplace_back(race, node, batch_);
}

core::result<std::vector<Evaluation>> TeamEvaluator::evaluate(std::span<const std::uint64_t> nonces,
                                                              std::stop_token stop) {
    POUW_EXPECTS(nonces.size() <= round_size());
    const std::size_t share = (nonces.size() + team_.size() - 1) / team_.size();
    const std::size_t parts = share == 0 ? 0 : (nonces.size() + share - 1) / share;
    std::vector<std::vector<Evaluation>> found(parts);
    const bool done = core::parallel_for(parts, static_cast<unsigned>(parts), {}, stop, [&](std::uint64_t i) {
        const std::size_t first = i * share;
        auto part = team_[i].evaluate(nonces.subspan(first, std::min(share, nonces.size() - first)), stop);
        if (part) found[i] = *std::move(part);
    });
    if (!done) return core::fail(core::errc::cancelled);
    std::vector<Evaluation> all;
    for (auto& part : found) std::move(part.begin(), part.end(), std::back_inserter(all));
    return all;
}

}  // namespace pouw::pow
