// A cycle of 1,000 nodes and 10 million tasks, one in ten checked, settled task by task: `ratio` is the time
// over that of as many 64-bit divisions, one after the other, so that figures of different machines compare;
// `within_goal` says whether it took under 5 s. Tasks are made as they are settled; `making` is what that
// alone costs, and is part of the time.

#include "pouw/economics/settlement.hpp"

#include <benchmark/benchmark.h>

#include <chrono>

namespace pouw::economics {
namespace {

constexpr std::uint64_t tasks = 10'000'000;
constexpr double goal_seconds = 5;

double seconds_of(const std::chrono::steady_clock::duration& time) {
    return std::chrono::duration<double>(time).count();
}

/// The unit cost: divisions that wait for each other.
double unit_seconds() {
    static const double seconds = [] {
        const auto start = std::chrono::steady_clock::now();
        std::uint64_t x = UINT64_MAX;
        for (std::uint64_t i = 0; i < tasks; ++i) x = (UINT64_MAX - i) / (x | 1) + i;
        benchmark::DoNotOptimize(x);
        return seconds_of(std::chrono::steady_clock::now() - start);
    }();
    return seconds;
}

std::vector<weights::NodeWeight> some_nodes(std::uint32_t count) {
    std::vector<weights::NodeWeight> out(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        out[i].node.bytes[30] = static_cast<std::uint8_t>(i >> 8);
        out[i].node.bytes[31] = static_cast<std::uint8_t>(i);
        out[i].weight = 1 + i;
    }
    return out;
}

/// One task, in an order that no branch predictor knows; `fee` sets how large the amounts are.
template <typename Use>
void each_task(std::uint32_t nodes, core::Amount fee, Use use) {
    std::uint64_t state = 8;
    const auto below = [&](std::uint64_t bound) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        return static_cast<std::uint32_t>((core::uint128{state} * bound) >> 64);
    };
    Check checks[2];
    Task task;
    task.work = 1'000;
    for (task.id = 0; task.id < tasks; ++task.id) {
        const std::uint32_t executor = below(nodes);
        task.executor = NodeIndex{executor};
        task.limit = fee + below(1'000);
        task.cost = fee;
        std::size_t count = 0;
        if (below(10) == 0) {
            const std::uint32_t first = below(nodes - 2);
            for (std::uint32_t i = first; count < 1 + (state >> 40) % 2; ++i) {
                if (i % nodes != executor) checks[count++] = {NodeIndex{i % nodes}, Verdict::valid};
            }
            if (count == 2 && checks[1].node < checks[0].node) std::swap(checks[0], checks[1]);
        }
        task.checks = std::span{checks, count};
        use(task);
    }
}

void settle(benchmark::State& state, core::Amount fee) {
    const auto nodes = some_nodes(1'000);
    double best = 1e9;
    for (auto _ : state) {
        const auto start = std::chrono::steady_clock::now();
        Settlement settlement = Settlement::open({}, nodes, {}).value();
        each_task(1'000, fee, [&](const Task& task) {
            if (!settlement.add(task)) state.SkipWithError("refused");
        });
        benchmark::DoNotOptimize(
            settlement.close(Issuance{core::Rate::percent(90), 0, core::max_amount / 2}).value());
        best = std::min(best, seconds_of(std::chrono::steady_clock::now() - start));
    }
    const auto start = std::chrono::steady_clock::now();
    each_task(1'000, fee, [](const Task& task) { benchmark::DoNotOptimize(&task); });
    state.counters["making"] = seconds_of(std::chrono::steady_clock::now() - start);
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(tasks));
    state.counters["ratio"] = best / unit_seconds();
    state.counters["within_goal"] = best < goal_seconds ? 1 : 0;
}

BENCHMARK_CAPTURE(settle, nano_coins, core::Amount{1'000'000})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(settle, wei, core::Amount{1'000'000'000'000'000'000} * 1'000'000)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pouw::economics
