#include "soundness/context.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/core/parallel.hpp"
#include "pouw/pow/threshold.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>

namespace pouw::inline v1::soundness {

Context::Context(const Subject& subject, const LabOptions& options)
    : subject_{subject},
      options_{options},
      race_seed_{pow::race_seed(
          {.chain_id = "pouw.soundness", .height = options.seed, .block_hash = {}, .beacon = {}})} {}

pow::WeightsKey Context::weights_key(const pow::ModelConfig& config) const {
    return pow::weights_key(pow::race_key(race_seed_, pow::model_id(config)));
}

pow::NodeSeed Context::node_seed(std::uint8_t key) {
    return pow::node_seed(std::array<std::uint8_t, 1>{key});
}

std::vector<pow::Input> Context::inputs(const pow::ModelConfig& config, std::uint64_t first,
                                        std::size_t count, std::uint8_t node) const {
    const pow::RaceKey key = pow::race_key(race_seed_, pow::model_id(config));
    std::vector<pow::Input> out;
    out.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        out.push_back(pow::make_input(config, pow::input_seed(key, node_seed(node), first + i)));
    return out;
}

std::vector<std::int8_t> Context::target(const pow::ModelConfig& config) const {
    return pow::make_target(config, weights_key(config));
}

void Context::step(std::string_view what, double fraction) const {
    if (options_.progress) options_.progress(what, fraction);
}

void Context::add(std::vector<AttackResult> results) {
    for (AttackResult& result : results) {
        result.verdict = judge(result, subject_.gate);
        report.attacks.push_back(std::move(result));
    }
}

void Context::fail(const core::error& error) const {
    if (error.code == core::errc::cancelled) return;
    const std::lock_guard lock{failure_mutex_};
    if (!failure_) failure_ = error;
}

std::optional<core::error> Context::failure() const {
    const std::lock_guard lock{failure_mutex_};
    return failure_;
}

std::array<double, 2> closed_form_thresholds(const pow::ModelConfig& config) {
    std::array<double, 2> out{};
    for (std::size_t r = 0; r < out.size(); ++r) {
        const auto denominator = static_cast<std::uint64_t>(std::lround(1 / pass_rates[r]));
        out[r] = static_cast<double>(pow::threshold_for(config, 1, denominator).value());
    }
    return out;
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

bool network_outputs(const Context& context, const pow::Network& network, const pow::ModelConfig& config,
                     std::size_t count, const std::function<void(std::size_t, pow::Input&)>& change,
                     const std::function<void(std::size_t, std::span<const std::int8_t>)>& use) {
    const std::size_t batch = network.preferred_batch();
    const std::size_t blocks = (count + batch - 1) / batch;
    const std::size_t dim = config.model_dim;
    const std::stop_token stop = context.options().stop;
    std::vector<std::unique_ptr<pow::ForwardPass>> passes(context.threads());
    std::mutex mutex;
    const auto compute = [&](std::uint64_t block, unsigned worker) {
        if (context.failure()) return;
        auto& pass = passes[worker];
        if (!pass) {
            auto made = network.forward_pass(batch);
            if (!made) return context.fail(made.error());
            pass = *std::move(made);
        }
        const std::size_t first = block * batch;
        std::vector<pow::Input> inputs = context.inputs(config, first, std::min(batch, count - first));
        for (std::size_t i = 0; i < inputs.size(); ++i) change(first + i, inputs[i]);
        std::vector<std::int8_t> values(inputs.size() * dim);
        if (auto done = pass->run(inputs, values, stop); !done) return context.fail(done.error());
        const std::lock_guard lock{mutex};
        for (std::size_t i = 0; i < inputs.size(); ++i)
            use(first + i, std::span{values}.subspan(i * dim, dim));
    };
    return core::parallel_for(blocks, context.threads(), {}, stop, compute) && !context.failure();
}

Recording record(const Context& context, const Engine& engine, std::span<const pow::Input> inputs,
                 const Recorded& recorded) {
    Recording out;
    Matrix states = engine.embed(inputs);
    for (std::uint32_t layer = 0; layer < engine.variant().config.layers; ++layer) {
        if (recorded.exits) out.exits.push_back(engine.outputs(states).cast<std::int8_t>());
        if (recorded.states.contains(layer)) out.states[layer] = states.cast<std::int8_t>();
        Matrix middle;
        const bool wanted = recorded.mid_states.contains(layer);
        if (!engine.apply(*engine.load(layer), states, context.options().stop, wanted ? &middle : nullptr))
            return {};
        if (wanted) out.mid_states[layer] = middle.cast<std::int8_t>();
    }
    out.outputs = engine.outputs(states);
    return out;
}

Matrix outputs_from(const Context& context, const Engine& engine, Matrix states, std::uint32_t first,
                    const std::function<Approximation(std::uint32_t)>& approximation) {
    for (std::uint32_t layer = first; layer < engine.variant().config.layers; ++layer) {
        if (!engine.apply(*engine.load(layer, approximation(layer)), states, context.options().stop))
            return {};
    }
    return engine.outputs(states);
}

AttackResult measure_approximation(const Experiment& experiment, const Matrix& outputs, Knowledge knowledge,
                                   std::size_t learnt) {
    const auto rows = static_cast<std::size_t>(outputs.rows());
    const std::size_t choose = learnt > 0 ? rows / 8 : rows / 2;
    const std::size_t test = rows - learnt - choose;
    AttackResult result;
    result.cost = knowledge.cost;
    result.completion = knowledge.completion;
    result.outputs = test;
    result.permutations = experiment.permutations();
    result.output_binding = OutputBinding::exact_outputs;
    result.speed_ups = experiment.measure(knowledge, {learnt, choose}, {learnt + choose, test});
    std::uint64_t exact = 0;
    for (Eigen::Index i = 0; i < outputs.rows(); ++i)
        exact += outputs.row(i) == knowledge.approximation.row(i) ? 1U : 0U;
    result.exact_outputs = binomial_interval(exact, rows);
    return result;
}

}  // namespace pouw::inline v1::soundness
