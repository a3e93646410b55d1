/// What a run of the lab spends its time on, at the shapes of whitepaper, on one thread. The unit of each is
/// the part that no implementation can do without.
#include "formula.hpp"
#include "soundness/products.hpp"
#include "soundness/scoring.hpp"

#include "pouw/pow/condition.hpp"

#include <algorithm>
#include <vector>

namespace pouw::inline v1::soundness {
namespace {

constexpr std::size_t positions = 1024;
constexpr std::size_t nonces = 256;

pow::ModelConfig whitepaper() { return pow::preset("whitepaper").value(); }

/// Whole numbers of some -127..127.
Matrix some_matrix(std::size_t rows, std::size_t columns) {
    Matrix out(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns));
    for (Eigen::Index i = 0; i < out.size(); ++i) out.data()[i] = static_cast<float>(i * 89 % 255 - 127);
    return out;
}

Permutations some_permutations(std::size_t count) {
    return Permutations{pow::make_target(whitepaper(), pow::WeightsKey{}), count, 0};
}

/// States times a matrix of model_dim × model_dim.
struct Product {
    std::size_t dim = whitepaper().model_dim;
    Matrix states = some_matrix(positions, dim);
    Matrix weights = some_matrix(dim, dim);
    PackedMatrix packed{std::span<const float>{weights.data(), dim* dim}, dim, dim};
    Matrix sums{states.rows(), weights.rows()};

    void run() {
        multiply({states.data(), positions, dim}, packed, {0, dim}, {0, dim}, {sums.data(), positions, dim},
                 false);
        benchmark::DoNotOptimize(sums.data());
    }
};

/// Products of states with a matrix of model_dim × model_dim. The unit: the same by Eigen, as it was built.
void multiply_states(benchmark::State& state) {
    Product product;
    bench::compare(
        state, [&] { product.run(); },
        [&] {
            product.sums.noalias() = product.states * product.weights.transpose();
            benchmark::DoNotOptimize(product.sums.data());
        });
}
BENCHMARK(multiply_states)->Unit(benchmark::kMillisecond);

/// A layer at all positions of 256 nonces. The unit: its products alone, as many of model_dim × model_dim.
void apply_layer(benchmark::State& state) {
    const pow::ModelConfig config = whitepaper();
    const Engine engine{Variant{.config = config}, pow::WeightsKey{}, 1};
    const auto layer = engine.load(1);
    Product product;
    const std::size_t products = 4 + 2 * config.ffn_dim / product.dim;
    bench::compare(
        state,
        [&] {
            Matrix states = product.states;
            benchmark::DoNotOptimize(engine.apply(*layer, states));
        },
        [&] {
            for (std::size_t i = 0; i < products; ++i) product.run();
        });
}
BENCHMARK(apply_layer)->Unit(benchmark::kMillisecond);

/// Weights generated, packed for products. The unit: generated.
void load_layer(benchmark::State& state) {
    const pow::ModelConfig config = whitepaper();
    const Engine engine{Variant{.config = config}, pow::WeightsKey{}, 1};
    const pow::StreamedTensors source{config, pow::WeightsKey{}};
    std::vector<std::int8_t> scratch(std::size_t{config.model_dim} *
                                     std::max(config.model_dim, config.ffn_dim));
    bench::compare(
        state, [&] { benchmark::DoNotOptimize(engine.load(1)); },
        [&] {
            for (const pow::TensorId id : pow::tensors(config)) {
                if (id < pow::layer_tensor(1, pow::LayerTensor::query) ||
                    id >= pow::layer_tensor(2, pow::LayerTensor::query))
                    continue;
                const auto [rows, columns] = pow::tensor_shape(config, id);
                benchmark::DoNotOptimize(source.rows(id, 0, rows, scratch));
            }
        });
}
BENCHMARK(load_layer)->Unit(benchmark::kMillisecond);

/// 1,024 permutations of the target. The unit: the permutations alone.
void draw_permutations(benchmark::State& state) {
    const pow::ModelConfig config = whitepaper();
    const std::vector<std::int8_t> output(config.model_dim, 1);
    bench::compare(
        state, [] { benchmark::DoNotOptimize(some_permutations(1024).count()); },
        [&] {
            for (std::uint64_t nonce = 0; nonce < 1024; ++nonce) {
                benchmark::DoNotOptimize(pow::make_permutation(
                    config, pow::input_seed(pow::RaceKey{}, pow::NodeSeed{}, nonce), output));
            }
        });
}
BENCHMARK(draw_permutations)->Unit(benchmark::kMillisecond);

/// An attack measured: 256 approximations against 4,096 permutations. The unit: the products of one of both
/// halves with the permuted targets.
void measure_attack(benchmark::State& state) {
    const std::size_t dim = whitepaper().model_dim;
    const Permutations permutations = some_permutations(4096);
    const Matrix outputs = some_matrix(nonces, dim);
    const Experiment experiment{outputs, permutations, {0, 0}, 1};
    const Knowledge knowledge{.approximation = outputs, .cost = 0.5, .completion = 0.5};
    bench::compare(
        state,
        [&] {
            benchmark::DoNotOptimize(
                experiment.measure(knowledge, {0, nonces / 2}, {nonces / 2, nonces / 2}));
        },
        [&] { benchmark::DoNotOptimize(permutations.scores(outputs, 1)); });
}
BENCHMARK(measure_attack)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pouw::inline v1::soundness
