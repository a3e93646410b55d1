#include "pouw/pow/race.hpp"

#include "pow/registry.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/parallel.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

namespace pouw::inline v1::pow {
namespace {

/// Activations of a team over streamed weights; with tiles of weights a verification stays below 64 MiB.
constexpr std::uint64_t streamed_activations = std::uint64_t{32} << 20;

std::size_t team_batch(const Race& race, unsigned threads) {
    POUW_EXPECTS(threads >= 1);
    if (!race.network().streams()) return race.network().preferred_batch();
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
    if (auto valid = validate(config); !valid) return valid.error();
    const auto chosen = select_backend(backend);
    if (!chosen) return chosen.error();
    return create(config, seed, **chosen, options);
}

core::result<Race> Race::create(const ModelConfig& config, const RaceSeed& seed, const Backend& backend,
                                const LoadOptions& options) {
    POUW_EXPECTS(options.threads >= 1);
    if (auto valid = validate(config); !valid) return valid.error();
    if (auto usable = require_usable(backend); !usable) return usable.error();

    const RaceKey key = race_key(seed, model_id(config));
    const WeightsKey weights = weights_key(key);
    auto network = backend.load(config, std::make_shared<StreamedTensors>(config, weights), options);
    if (!network) return network.error();
    return Race{std::make_shared<const State>(
        State{config, seed, key, make_target(config, weights), &backend, *std::move(network)})};
}

const ModelConfig& Race::config() const noexcept { return state_->config; }
const RaceSeed& Race::seed() const noexcept { return state_->seed; }
const RaceKey& Race::key() const noexcept { return state_->key; }
std::span<const std::int8_t> Race::target() const noexcept { return state_->target; }
const Backend& Race::backend() const noexcept { return *state_->backend; }
const Network& Race::network() const noexcept { return *state_->network; }

Evaluator::Evaluator(Race race, const NodeSeed& node, std::size_t batch, std::unique_ptr<ForwardPass> pass)
    : race_{std::move(race)}, node_{node}, batch_{batch}, pass_{std::move(pass)} {}

core::result<Evaluator> Evaluator::create(Race race, const NodeSeed& node, std::size_t batch) {
    POUW_EXPECTS(batch >= 1);
    auto pass = race.network().forward_pass(batch);
    if (!pass) return pass.error();
    return Evaluator{std::move(race), node, batch, *std::move(pass)};
}

core::result<std::vector<Evaluation>> Evaluator::evaluate(std::span<const std::uint64_t> nonces,
                                                          std::stop_token stop) {
    if (auto started = submit(nonces, std::move(stop)); !started) return started.error();
    return wait();
}

core::result<void> Evaluator::submit(std::span<const std::uint64_t> nonces, std::stop_token stop) {
    POUW_EXPECTS(nonces.size() <= batch_);
    nonces_.assign(nonces.begin(), nonces.end());
    seeds_.clear();
    inputs_.clear();
    for (const std::uint64_t nonce : nonces) {
        seeds_.push_back(input_seed(race_.key(), node_, nonce));
        inputs_.push_back(make_input(race_.config(), seeds_.back()));
    }
    outputs_.resize(nonces.size() * race_.config().model_dim);
    return pass_->submit(inputs_, outputs_, std::move(stop));
}

core::result<std::vector<Evaluation>> Evaluator::wait() {
    if (auto done = pass_->wait(); !done) return done.error();
    const ModelConfig& config = race_.config();
    std::vector<Evaluation> evaluations;
    for (std::size_t i = 0; i < nonces_.size(); ++i) {
        const auto output =
            std::span<const std::int8_t>{outputs_}.subspan(i * config.model_dim, config.model_dim);
        const auto permutation = make_permutation(config, seeds_[i], output);
        evaluations.push_back({.nonce = nonces_[i],
                               .tokens = std::move(inputs_[i].tokens),
                               .output = {output.begin(), output.end()},
                               .squared_length = squared_length(output),
                               .squared_distance = squared_distance(output, permutation, race_.target())});
    }
    return evaluations;
}

core::result<TeamEvaluator> TeamEvaluator::create(const Race& race, const NodeSeed& node, unsigned threads,
                                                  std::size_t batch) {
    POUW_EXPECTS(threads >= 1);
    if (batch == 0) batch = team_batch(race, threads);
    std::vector<Evaluator> team;
    for (unsigned i = 0; i < threads; ++i) {
        auto evaluator = Evaluator::create(race, node, batch);
        if (!evaluator) return evaluator.error();
        team.push_back(*std::move(evaluator));
    }
    return TeamEvaluator{batch, std::move(team)};
}

core::result<std::vector<Evaluation>> TeamEvaluator::evaluate(std::span<const std::uint64_t> nonces,
                                                              std::stop_token stop) {
    POUW_EXPECTS(nonces.size() <= round_size());
    const std::size_t share = (nonces.size() + team_.size() - 1) / team_.size();
    const std::size_t parts = share == 0 ? 0 : (nonces.size() + share - 1) / share;
    std::vector<std::vector<Evaluation>> found(parts);
    std::vector<std::optional<core::error>> errors(parts);
    const bool done = core::parallel_for(parts, static_cast<unsigned>(parts), {}, stop, [&](std::uint64_t i) {
        const std::size_t first = i * share;
        auto part = team_[i].evaluate(nonces.subspan(first, std::min(share, nonces.size() - first)), stop);
        if (part) {
            found[i] = *std::move(part);
        } else {
            errors[i] = part.error();
        }
    });
    // A failure says more than the stop that may have come with it.
    for (const auto& error : errors)
        if (error && error->code != core::errc::cancelled) return *error;
    for (const auto& error : errors)
        if (error) return *error;
    if (!done) return core::fail(core::errc::cancelled);
    std::vector<Evaluation> all;
    for (auto& part : found) std::move(part.begin(), part.end(), std::back_inserter(all));
    return all;
}

}  // namespace pouw::inline v1::pow
