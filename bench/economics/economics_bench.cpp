// An epoch of 1,000 nodes and 10 million tasks, one in ten checked, settled task by task: `ratio` is the time
// over that of as many 64-bit divisions, one after the other, so that figures of different machines compare;
// `within_goal` says whether it took under 5 s. Tasks are made as they are settled; `making` is what that
// alone costs, and is part of the time.

#include "pouw/economics/settlement.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstring>

namespace pouw::inline v1::economics {
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

/// A task and what its record views.
struct Made {
    TaskRecord task;
    Check checks[2];
};

/// Tasks in an order that no branch predictor knows, made some at a time as a block brings them; `fee` sets
/// how large the amounts are.
template <typename Use>
void each_task(std::span<const weights::NodeWeight> nodes, core::Amount fee, Use use) {
    const auto count_of_nodes = static_cast<std::uint32_t>(nodes.size());
    std::uint64_t state = 8;
    const auto below = [&](std::uint64_t bound) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        return static_cast<std::uint32_t>((core::uint128{state} * bound) >> 64);
    };
    const auto make = [&](Made& made, std::uint64_t number) {
        const std::uint32_t executor = below(count_of_nodes);
        const std::uint64_t ascending = __builtin_bswap64(number);
        std::memcpy(made.task.task.id.bytes.data(), &ascending, sizeof ascending);
        made.task.task.executor = nodes[executor].node;
        made.task.limit = fee + below(1'000);
        made.task.cost = fee;
        made.task.work = 1'000;
        std::size_t count = 0;
        if (below(10) == 0) {
            const std::uint32_t first = below(count_of_nodes - 2);
            for (std::uint32_t i = first; count < 1 + (state >> 40) % 2; ++i) {
                if (i % count_of_nodes != executor)
                    made.checks[count++] = {nodes[i % count_of_nodes].node, validation::Verdict::valid};
            }
            if (count == 2 && made.checks[1].validator < made.checks[0].validator)
                std::swap(made.checks[0], made.checks[1]);
        }
        made.task.checks = std::span{made.checks, count};
    };
    Made some[50];
    for (std::uint64_t number = 0; number < tasks; number += std::size(some)) {
        for (std::size_t i = 0; i < std::size(some); ++i) make(some[i], number + i);
        for (const Made& made : some) use(made.task);
    }
}

void settle(benchmark::State& state, core::Amount fee) {
    const auto nodes = some_nodes(1'000);
    const auto table = weights::WeightTable::create(nodes).value();
    double best = 1e9;
    for (auto _ : state) {
        const auto start = std::chrono::steady_clock::now();
        Settlement settlement = Settlement::create({}, table, {}, {}, {}).value();
        each_task(nodes, fee, [&](const TaskRecord& task) {
            if (!settlement.add(task)) state.SkipWithError("refused");
        });
        benchmark::DoNotOptimize(
            settlement.close(Issuance{core::Rate::percent(90), 0, core::max_amount / 2}).value());
        best = std::min(best, seconds_of(std::chrono::steady_clock::now() - start));
    }
    const auto start = std::chrono::steady_clock::now();
    each_task(nodes, fee, [](const TaskRecord& task) { benchmark::DoNotOptimize(&task); });
    state.counters["making"] = seconds_of(std::chrono::steady_clock::now() - start);
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(tasks));
    state.counters["ratio"] = best / unit_seconds();
    state.counters["within_goal"] = best < goal_seconds ? 1 : 0;
}

BENCHMARK_CAPTURE(settle, nano_coins, core::Amount{1'000'000})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(settle, wei, core::Amount{1'000'000'000'000'000'000} * 1'000'000)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pouw::inline v1::economics
