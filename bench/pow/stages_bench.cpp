/// The stages of a Race on each backend: inputs, one nonce, a batch of tiny nonces, streamed weights,
/// permutation.
#include "pouw/crypto/initialize.hpp"
#include "pouw/pow/race.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace pouw::inline v1::pow {
namespace {

InputSeed seed_of(std::uint64_t nonce) { return input_seed(RaceKey{}, NodeSeed{}, nonce); }

void make_inputs(benchmark::State& state) {
    const ModelConfig config = preset("whitepaper").value();
    std::uint64_t nonce = 0;
    for (auto _ : state) benchmark::DoNotOptimize(make_input(config, seed_of(nonce++)));
}
BENCHMARK(make_inputs);

void permute(benchmark::State& state) {
    const ModelConfig config = preset("whitepaper").value();
    const std::vector<std::int8_t> output(config.model_dim, 1);
    const auto target = make_target(config, WeightsKey{});
    for (auto _ : state)
        benchmark::DoNotOptimize(
            squared_distance(output, make_permutation(config, seed_of(0), output), target));
}
BENCHMARK(permute);

void evaluate(benchmark::State& state, const Backend& backend, const char* preset_name, bool stored) {
    const ModelConfig config = preset(preset_name).value();
    const auto batch = static_cast<std::size_t>(state.range(0));
    const auto race = Race::create(config, RaceSeed{}, backend.name(), {.stored = stored});
    if (!race) return state.SkipWithError("no such race");
    auto evaluator = Evaluator::create(*race, NodeSeed{}, batch);
    if (!evaluator) return state.SkipWithError("no such evaluator");
    std::vector<std::uint64_t> nonces(batch);
    for (auto _ : state) {
        for (std::uint64_t& nonce : nonces) ++nonce;
        benchmark::DoNotOptimize(evaluator->evaluate(nonces));
    }
    state.counters["nonces/s"] =
        benchmark::Counter(static_cast<double>(batch), benchmark::Counter::kIsIterationInvariantRate);
}

const bool registered = [] {
    if (!crypto::initialize()) return false;
    for (const Backend* backend : backends()) {
        if (!backend->supported()) continue;
        const auto add = [backend](const char* name, const char* model, bool stored, std::int64_t batch) {
            benchmark::RegisterBenchmark(
                (std::string{name} + "/" + std::string{backend->name()}).c_str(),
                [=](benchmark::State& state) { evaluate(state, *backend, model, stored); })
                ->Arg(batch)
                ->Unit(benchmark::kMillisecond);
        };
        add("tiny", "tiny", true, 48);
        add("tiny_streamed", "tiny", false, 48);
        add("whitepaper_one_nonce", "whitepaper", true, 1);
        if (backend != &scalar_backend()) add("whitepaper_batch", "whitepaper", true, 48);
    }
    return true;
}();

}  // namespace
}  // namespace pouw::inline v1::pow
