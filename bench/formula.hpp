/// What a benchmark is compared with: the group operations that its formula cannot do without, timed in the
/// same process. The counter `ratio` is the cost of the whole over theirs.
#pragma once

#include <benchmark/benchmark.h>

#include <ctime>

namespace pouw::inline v1::bench {

/// Processor seconds of one call, over many.
template <typename Run>
double seconds_of(Run run, int calls) {
    const std::clock_t start = std::clock();
    for (int i = 0; i < calls; ++i) run();
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / calls;
}

/// Benchmarks `whole` and reports its ratio to `formula`. The two alternate, so that a change of the clock
/// frequency meets both.
template <typename Whole, typename Formula>
void compare(benchmark::State& state, Whole whole, Formula formula) {
    double of_whole = 0;
    double of_formula = 0;
    for (auto _ : state) {
        of_whole += seconds_of(whole, 1);
        state.PauseTiming();
        of_formula += seconds_of(formula, 1);
        state.ResumeTiming();
    }
    state.counters["ratio"] = of_whole / of_formula;
}

}  // namespace pouw::inline v1::bench
