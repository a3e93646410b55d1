// Ten million heights at once, of every schedule: `ratio` is the time over that of ten million 64-bit
// divisions, one after the other, so that figures of different machines compare; `within_goal` says whether
// it took under 0.5 s of one core.

#include "pouw/emission/chains/aipg.hpp"
#include "pouw/emission/chains/bitcoin.hpp"
#include "pouw/emission/chains/bittensor.hpp"
#include "pouw/emission/chains/heurist.hpp"
#include "pouw/emission/chains/morpheus.hpp"
#include "pouw/emission/chains/race_coin.hpp"
#include "pouw/emission/exponential.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <ctime>
#include <vector>

namespace pouw::inline v1::emission {
namespace {

constexpr std::size_t count = 10'000'000;
constexpr double goal_seconds = 0.5;

/// Heights over the life of a schedule and a tenth beyond it, in an order that no branch predictor knows.
std::vector<Step> some_heights(Step life) {
    std::vector<Step> out(count);
    std::uint64_t state = 8;
    for (Step& h : out) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        h = static_cast<Step>((core::uint128{state} * (life + life / 10 + 1)) >> 64);
    }
    return out;
}

/// Time of this process on a core: what others run beside it does not count.
double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// The unit cost: divisions that wait for each other.
double unit_seconds() {
    static const double seconds = [] {
        const double start = cpu_seconds();
        std::uint64_t x = UINT64_MAX;
        for (std::size_t i = 0; i < count; ++i) x = (UINT64_MAX - i) / (x | 1) + i;
        benchmark::DoNotOptimize(x);
        return cpu_seconds() - start;
    }();
    return seconds;
}

template <Schedule S>
void cumulative_of(benchmark::State& state, const S& schedule, Step life) {
    const std::vector<Step> heights = some_heights(life);
    std::vector<typename S::Amount> out(count);
    double best = 1e9;
    for (auto _ : state) {
        const double start = cpu_seconds();
        cumulative(schedule, heights, out);
        benchmark::DoNotOptimize(out.data());
        best = std::min(best, cpu_seconds() - start);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
    state.counters["ratio"] = best / unit_seconds();
    state.counters["within_goal"] = best < goal_seconds ? 1 : 0;
}

#define POUW_BENCH(name, schedule, life) \
    BENCHMARK_CAPTURE(cumulative_of, name, schedule, life)->Unit(benchmark::kMillisecond)

POUW_BENCH(bitcoin, bitcoin::schedule, 6'930'000);
POUW_BENCH(aipg_paper, aipg::paper, 3'600'000);
POUW_BENCH(aipg_chain, aipg::chain, 37'200'000);
POUW_BENCH(bittensor, bittensor::schedule, 300'000'000);
POUW_BENCH(exponential, ExponentialSchedule::create(exponential_default).value(), 17'570);
POUW_BENCH(morpheus_day, morpheus::ContractSchedule{}, 5'833);
POUW_BENCH(morpheus_second, morpheus::AdditiveSchedule{1}, 5'833 * morpheus::day);
POUW_BENCH(race_coin_minimum, race_coin::MinimumIssuance{}, 365 * 57);
POUW_BENCH(race_coin_demand, race_coin::SubsidyByFees{}, 2'411'536'717'000'000'000);
POUW_BENCH(heurist, heurist::Release{}, 120);

/// Building the one table there is.
void exponential_table(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(ExponentialSchedule::create(exponential_default));
}
BENCHMARK(exponential_table)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pouw::inline v1::emission
