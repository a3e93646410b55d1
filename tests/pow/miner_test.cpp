#include "pouw/pow/miner.hpp"

#include "support.hpp"

#include "pouw/pow/threshold.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <new>
#include <stdexcept>

namespace pouw::inline v1::pow {
namespace {

using test::HookedBackend;

const Race& tiny_race() {
    static const Race race = test::make_race(test::preset("tiny"), "scalar");
    return race;
}

/// About one nonce in six passes.
std::uint64_t easy_threshold() { return threshold_for(test::preset("tiny"), 1, 6).value(); }

struct Mined {
    std::vector<std::uint64_t> solutions;
    MinerReport report;
    std::vector<std::uint64_t> tried;  ///< as reported after each step
};

Mined mine(Miner& miner, MinerOptions options) {
    Mined run;
    options.on_solution = [&](const Solution& solution) { run.solutions.push_back(solution.nonce); };
    options.progress = [&](const MinerProgress& progress) { run.tried.push_back(progress.nonces_tried); };
    run.report = miner.run(options);
    return run;
}

Mined mine(const MinerOptions& options) {
    Miner miner{tiny_race(), test::check_node_seed(), easy_threshold()};
    return mine(miner, options);
}

constexpr std::uint64_t sample = 60;

const std::vector<std::uint64_t>& solutions_of_sample() {
    static const std::vector<std::uint64_t> found = mine({.count = sample}).solutions;
    return found;
}

TEST(Miner, FindsWhatEvaluationFinds) {
    std::vector<std::uint64_t> expected;
    Evaluator evaluator = Evaluator::create(tiny_race(), test::check_node_seed(), 1).value();
    for (std::uint64_t nonce = 0; nonce < sample; ++nonce) {
        if (evaluator.evaluate(std::span{&nonce, 1}).value().front().passes(easy_threshold())) {
            expected.push_back(nonce);
        }
    }
    EXPECT_GT(expected.size(), 3u);
    EXPECT_LT(expected.size(), 25u);
    EXPECT_EQ(solutions_of_sample(), expected);
}

TEST(Miner, SameSolutionsForAnyThreadsAndBatch) {
    for (const unsigned threads : {1u, 2u, 5u}) {
        for (const std::size_t batch : {0u, 1u, 3u, 60u, 100u}) {
            const Mined run = mine({.count = sample, .threads = threads, .batch = batch});
            EXPECT_EQ(run.solutions, solutions_of_sample()) << threads << ' ' << batch;
            EXPECT_EQ(run.report.nonces_tried, sample);
            EXPECT_EQ(run.report.solutions, run.solutions.size());
            EXPECT_TRUE(std::is_sorted(run.tried.begin(), run.tried.end()));
            EXPECT_EQ(run.tried.back(), sample);
        }
    }
}

TEST(Miner, StridesPartitionTheNonces) {
    for (const std::uint64_t machines : {2u, 7u}) {
        std::vector<std::uint64_t> solutions;
        for (std::uint64_t machine = 0; machine < machines; ++machine) {
            const std::uint64_t count = (sample - machine + machines - 1) / machines;
            const Mined run =
                mine({.first = machine, .stride = machines, .count = count, .threads = 2, .batch = 3});
            EXPECT_TRUE(std::is_sorted(run.solutions.begin(), run.solutions.end()));
            solutions.insert(solutions.end(), run.solutions.begin(), run.solutions.end());
        }
        std::sort(solutions.begin(), solutions.end());
        EXPECT_EQ(solutions, solutions_of_sample());
    }
}

TEST(Miner, HandsOverTheSolution) {
    Miner miner{tiny_race(), test::check_node_seed(), 277114};  // nonce 0 has d2 277113
    std::vector<Solution> found;
    const auto keep = [&](const Solution& solution) { found.push_back(solution); };
    EXPECT_EQ(miner.run({.count = 1, .on_solution = keep}).solutions, 1u);
    const std::uint64_t nonce = 0;
    Evaluator evaluator = Evaluator::create(tiny_race(), test::check_node_seed(), 1).value();
    const Evaluation evaluation = evaluator.evaluate(std::span{&nonce, 1}).value().front();
    EXPECT_EQ(evaluation.squared_distance, 277113u);
    EXPECT_EQ(found, (std::vector<Solution>{evaluation.solution()}));
    Miner stricter{tiny_race(), test::check_node_seed(), 277113};
    EXPECT_EQ(stricter.run({.count = 1}).solutions, 0u);
}

TEST(Miner, ACountOfZeroTriesNothing) {
    for (const unsigned threads : {1u, 4u}) {
        const Mined run = mine({.first = UINT64_MAX, .count = 0, .threads = threads});
        EXPECT_TRUE(run.solutions.empty());
        EXPECT_TRUE(run.tried.empty());
        EXPECT_EQ(run.report.nonces_tried, 0u);
    }
}

TEST(Miner, TheRangeEndsAtTheLastNonce) {
    const std::uint64_t first = UINT64_MAX - 29;
    Miner miner{tiny_race(), test::check_node_seed(), easy_threshold()};
    const Mined all = mine(miner, {.first = first, .threads = 2, .batch = 4});
    EXPECT_EQ(all.report.nonces_tried, 30u);
    EXPECT_EQ(mine(miner, {.first = first, .count = 30}).solutions, all.solutions);
    for (const std::uint64_t nonce : all.solutions) EXPECT_GE(nonce, first);
    EXPECT_EQ(mine(miner, {.first = first, .stride = 7}).report.nonces_tried, 5u);
    EXPECT_EQ(mine(miner, {.first = UINT64_MAX}).report.nonces_tried, 1u);
    EXPECT_EQ(mine(miner, {.first = 5, .stride = UINT64_MAX}).report.nonces_tried, 1u);
    EXPECT_EQ(mine(miner, {.first = 0, .stride = UINT64_MAX}).report.nonces_tried, 2u);
}

TEST(Miner, Fits) {
    const auto range = [](std::uint64_t first, std::uint64_t stride, std::optional<std::uint64_t> count) {
        return fits({.first = first, .stride = stride, .count = count});
    };
    EXPECT_TRUE(range(UINT64_MAX, 1, 1));
    EXPECT_FALSE(range(UINT64_MAX, 1, 2));
    EXPECT_TRUE(range(UINT64_MAX, 1, 0));
    EXPECT_TRUE(range(UINT64_MAX, UINT64_MAX, {}));
    EXPECT_TRUE(range(0, 1, UINT64_MAX));
    EXPECT_FALSE(range(2, 1, UINT64_MAX));
    EXPECT_TRUE(range(0, std::uint64_t{1} << 63, 2));
    EXPECT_FALSE(range(0, std::uint64_t{1} << 63, 3));
    EXPECT_FALSE(range(0, std::uint64_t{1} << 33, std::uint64_t{1} << 33));
}

TEST(Miner, AStopKeepsWhatWasFound) {
    for (const unsigned threads : {1u, 3u}) {
        Miner miner{tiny_race(), test::check_node_seed(), easy_threshold()};
        std::stop_source stop;
        std::vector<std::uint64_t> solutions;
        const MinerReport report = miner.run({.threads = threads,
                                              .batch = 2,
                                              .on_solution =
                                                  [&](const Solution& solution) {
                                                      solutions.push_back(solution.nonce);
                                                      if (solutions.size() == 2) stop.request_stop();
                                                  },
                                              .stop = stop.get_token()});
        ASSERT_GE(solutions.size(), 2u);
        EXPECT_FALSE(report.error);
        EXPECT_EQ(report.solutions, solutions.size());
        EXPECT_EQ(report.nonces_tried % 2, 0u);  // whole batches
        EXPECT_TRUE(std::is_sorted(solutions.begin(), solutions.end()));
        if (threads == 1) {
            // Nothing that was tried is lost.
            EXPECT_EQ(solutions, mine({.count = report.nonces_tried}).solutions);
        }
        EXPECT_EQ(solutions[0], solutions_of_sample()[0]);
        EXPECT_EQ(solutions[1], solutions_of_sample()[1]);
    }
}

TEST(Miner, AStopBeforehandTriesNothing) {
    std::stop_source stop;
    stop.request_stop();
    Miner miner{tiny_race(), test::check_node_seed(), UINT64_MAX};
    const MinerReport report =
        miner.run({.threads = 2, .on_solution = [](const Solution&) { FAIL(); }, .stop = stop.get_token()});
    EXPECT_EQ(report.nonces_tried, 0u);
    EXPECT_FALSE(report.error);
}

TEST(Miner, ExceptionsOfCallbacksPassThrough) {
    Miner miner{tiny_race(), test::check_node_seed(), easy_threshold()};
    for (const unsigned threads : {1u, 3u}) {
        const auto throw_on_solution = [](const Solution&) { throw std::runtime_error{"full disk"}; };
        EXPECT_THROW((void)miner.run({.count = sample, .threads = threads, .on_solution = throw_on_solution}),
                     std::runtime_error);
        const auto throw_on_progress = [](const MinerProgress&) {
            throw std::runtime_error{"closed terminal"};
        };
        EXPECT_THROW((void)miner.run({.count = sample, .threads = threads, .progress = throw_on_progress}),
                     std::runtime_error);
    }
    EXPECT_EQ(mine(miner, {.count = sample}).solutions, solutions_of_sample());  // and it can run again
}

TEST(Miner, ExceptionsOfABackendPassThrough) {
    HookedBackend::Use backend{test::hooked_backend("throwing")};
    const Race race = test::make_race(test::preset("tiny"), "throwing");
    backend.hook([](std::span<std::int8_t>) { throw std::bad_alloc{}; });
    Miner miner{race, test::check_node_seed(), easy_threshold()};
    for (const unsigned threads : {1u, 3u})
        EXPECT_THROW((void)miner.run({.count = sample, .threads = threads}), std::bad_alloc);
}

// A flipped bit must not convict its node: the second evaluation drops the solution and counts a fault.
TEST(Miner, TheSecondEvaluationCatchesAFault) {
    HookedBackend::Use backend{test::hooked_backend("flips a bit once")};
    const Race race = test::make_race(test::preset("tiny"), "flips a bit once");
    Miner miner{race, test::check_node_seed(), UINT64_MAX};  // every nonce whose output has not collapsed
    const Backend* const seconds[]{nullptr, &race.backend(), &scalar_backend()};
    for (const Backend* second : seconds) {
        const MinerOptions options{.count = 6, .batch = 2, .confirmation = {.backend = second}};
        backend.hook({});
        const Mined right = mine(miner, options);
        EXPECT_EQ(right.report.solutions, 6u);
        EXPECT_EQ(right.report.faults, 0u);

        std::atomic<int> passes{0};
        backend.hook([&](std::span<std::int8_t> outputs) {
            if (passes++ == 0) outputs[3] ^= 1;
        });
        const Mined faulty = mine(miner, options);
        EXPECT_EQ(faulty.report.faults, 1u);
        EXPECT_EQ(faulty.solutions, (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
        EXPECT_EQ(faulty.report.nonces_tried, 6u);
        EXPECT_EQ(faulty.report.solutions, 5u);
        EXPECT_FALSE(faulty.report.error);
    }
}

TEST(MinerDeathTest, Contracts) {
    EXPECT_DEATH(Miner(tiny_race(), test::check_node_seed(), 0), "");
    Miner miner{tiny_race(), test::check_node_seed(), 1};
    EXPECT_DEATH((void)miner.run({.stride = 0, .count = 1}), "");
    EXPECT_DEATH((void)miner.run({.count = 1, .threads = 0}), "");
    EXPECT_DEATH((void)miner.run({.first = UINT64_MAX, .count = 2}), "");
}

}  // namespace
}  // namespace pouw::inline v1::pow
