#include "formula.hpp"
#include "stats/approximation.hpp"

#include "pouw/stats/binomial.hpp"
#include "pouw/stats/sequential.hpp"

namespace pouw::inline v1::stats {
namespace {

/// The formula: what a sum takes for each of its terms, a thousand times.
void thousand_terms() {
    Approximation term;
    for (std::uint64_t i = 1; i <= 1000; ++i) term.multiply(50'000 - i, 50'000 + i);
    benchmark::DoNotOptimize(term);
}

/// Of 100,000 checks: at the number of failures that just convicts, so that both sums must be followed
/// furthest.
void decide(benchmark::State& state) {
    const auto denominator = static_cast<std::uint64_t>(state.range(0));
    const BinomialTest test = BinomialTest::create({1, denominator}, {1, 10'000'000}).value();
    const std::uint32_t critical = test.critical_failures(100'000).value();
    bench::compare(
        state, [&] { benchmark::DoNotOptimize(test.rejects(100'000, critical)); }, thousand_terms);
}
BENCHMARK(decide)->Arg(2)->Arg(10)->Arg(100)->Unit(benchmark::kMicrosecond);

void critical_failures(benchmark::State& state) {
    const BinomialTest test = BinomialTest::create({1, 10}, {1, 20}).value();
    bench::compare(
        state, [&] { benchmark::DoNotOptimize(test.critical_failures(100'000)); }, thousand_terms);
}
BENCHMARK(critical_failures)->Unit(benchmark::kMicrosecond);

/// The one kind of tie that large numbers know.
void decide_tie(benchmark::State& state) {
    const BinomialTest test = BinomialTest::create({1, 2}, {1, 2}).value();
    for (auto _ : state) benchmark::DoNotOptimize(test.rejects(99'999, 50'000));
}
BENCHMARK(decide_tie)->Unit(benchmark::kMillisecond);

void sequential(benchmark::State& state) {
    const auto test = SequentialTest::create({1, 20}, {1, 5}, LogarithmLimits{{4, 1}, {4, 1}}).value();
    std::uint32_t passes = 0;
    for (auto _ : state) benchmark::DoNotOptimize(test.decide(3, passes++ % 20));
}
BENCHMARK(sequential);

/// A tie of two likelihoods.
void sequential_tie(benchmark::State& state) {
    const auto test = SequentialTest::create({1, 3}, {2, 3}, ErrorRates{{1, 65}, {1, 65}}).value();
    for (auto _ : state) benchmark::DoNotOptimize(test.decide(50'006, 50'000));
}
BENCHMARK(sequential_tie)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace pouw::inline v1::stats
