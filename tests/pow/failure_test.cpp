/// A backend that fails: who asked for the work is told, and keeps what was found.
#include "failing_backend.hpp"
#include "support.hpp"

#include "pouw/pow/errc.hpp"
#include "pouw/pow/miner.hpp"
#include "pouw/pow/threshold.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pouw::inline v1::pow {
namespace {

using test::FailingBackend;

const FailingBackend failing{"failing"};

/// The backend works until it is told to fail.
Race failing_race() {
    failing.fail_after(FailingBackend::never);
    return Race::create(test::preset("tiny"), test::check_race_seed(), failing).value();
}

constexpr std::int64_t after[]{0, 1, 2, 5};
constexpr std::size_t batch = 2;
constexpr std::uint64_t count = 40;

TEST(Failure, OfLoadReachesTheRace) {
    failing_race();  // passes its known-answer test
    failing.fail_load(true);
    const auto race = Race::create(test::preset("tiny"), test::check_race_seed(), failing);
    failing.fail_load(false);
    ASSERT_FALSE(race);
    EXPECT_EQ(race.error().code, pow::errc::backend_failed);
}

TEST(Failure, OfTheSelfTestIsTold) {
    failing.fail_after(1);
    EXPECT_EQ(self_test(failing).error().code, pow::errc::backend_failed);
    failing.fail_after(FailingBackend::never);
    EXPECT_TRUE(self_test(failing));
}

TEST(Failure, OfScratchReachesEveryEvaluator) {
    const Race race = failing_race();
    failing.fail_after(0, FailingBackend::With::error, false);
    EXPECT_EQ(race.network().forward_pass(1).error().code, pow::errc::backend_failed);
    EXPECT_EQ(Evaluator::create(race, NodeSeed{}, 1).error().code, pow::errc::backend_failed);
    EXPECT_EQ(TeamEvaluator::create(race, NodeSeed{}, 2).error().code, pow::errc::backend_failed);
    for (const unsigned threads : {1u, 2u}) {
        const MinerReport report = Miner{race, NodeSeed{}, 1}.run({.count = 10, .threads = threads});
        ASSERT_TRUE(report.error);
        EXPECT_EQ(report.error->code, pow::errc::backend_failed);
        EXPECT_EQ(report.nonces_tried, 0u);
    }
}

TEST(Failure, ReachesTheCallerOfEvaluators) {
    const Race race = failing_race();
    const std::vector<std::uint64_t> nonces{1, 2, 3, 4};
    for (const unsigned threads : {1u, 2u, 4u}) {
        for (const std::int64_t batches : after) {
            TeamEvaluator team = TeamEvaluator::create(race, NodeSeed{}, threads, nonces.size()).value();
            failing.fail_after(batches * threads);
            for (std::int64_t i = 0; i < batches; ++i) EXPECT_EQ(team.evaluate(nonces).value().size(), 4u);
            for (int again = 0; again < 2; ++again)
                EXPECT_EQ(team.evaluate(nonces).error().code, pow::errc::backend_failed) << threads;
        }
        // One of several threads is enough.
        TeamEvaluator team = TeamEvaluator::create(race, NodeSeed{}, threads, nonces.size()).value();
        failing.fail_after(threads - 1);
        EXPECT_EQ(team.evaluate(nonces).error().code, pow::errc::backend_failed) << threads;
        failing.fail_after(threads - 1, FailingBackend::With::bad_alloc);
        EXPECT_THROW((void)team.evaluate(nonces), std::bad_alloc);
    }
}

/// The solutions among the first `tried` nonces.
std::vector<std::uint64_t> solutions_of(std::uint64_t threshold, std::uint64_t tried) {
    const Race race = test::make_race(test::preset("tiny"), "scalar");
    std::vector<std::uint64_t> out;
    const auto keep = [&](const Solution& solution) { out.push_back(solution.nonce); };
    const MinerReport report =
        Miner{race, test::check_node_seed(), threshold}.run({.count = tried, .on_solution = keep});
    EXPECT_FALSE(report.error);
    return out;
}

TEST(Failure, OfTheMinersBackendKeepsWhatWasFound) {
    const std::uint64_t threshold = threshold_for(test::preset("tiny"), 1, 3).value();
    const std::vector<std::uint64_t> all = solutions_of(threshold, count);
    ASSERT_GT(all.size(), 4u);
    const Race race = failing_race();
    for (const unsigned threads : {1u, 2u}) {
        for (const std::int64_t batches : after) {
            std::vector<std::uint64_t> found;
            const auto keep = [&](const Solution& solution) { found.push_back(solution.nonce); };
            failing.fail_after(batches);
            const MinerReport report = Miner{race, test::check_node_seed(), threshold}.run(
                {.count = count, .threads = threads, .batch = batch, .on_solution = keep});
            ASSERT_TRUE(report.error) << threads << ' ' << batches;
            EXPECT_EQ(report.error->code, pow::errc::backend_failed);
            // Another thread's batch is dropped when the run ends.
            const std::uint64_t computed = static_cast<std::uint64_t>(batches) * batch;
            EXPECT_LE(report.nonces_tried, computed);
            EXPECT_GE(report.nonces_tried + (threads - 1) * batch, computed);
            EXPECT_EQ(report.solutions, found.size());
            EXPECT_EQ(report.faults, 0u);
            EXPECT_TRUE(report.unconfirmed.empty());
            EXPECT_TRUE(std::includes(all.begin(), all.end(), found.begin(), found.end()));
            if (threads == 1) {
                EXPECT_EQ(found, solutions_of(threshold, report.nonces_tried));
            }
        }
    }
}

TEST(Failure, OfTheSecondBackendKeepsWhatWasFound) {
    const std::uint64_t threshold = threshold_for(test::preset("tiny"), 1, 3).value();
    const Race race = test::make_race(test::preset("tiny"), "scalar");
    for (const unsigned threads : {1u, 2u}) {
        for (const std::int64_t batches : {0, 1}) {
            failing_race();
            failing.fail_after(batches);
            std::vector<std::uint64_t> found;
            const auto keep = [&](const Solution& solution) { found.push_back(solution.nonce); };
            const MinerReport report =
                Miner{race, test::check_node_seed(), threshold}.run({.count = count,
                                                                     .threads = threads,
                                                                     .batch = batch,
                                                                     .confirmation = {.backend = &failing},
                                                                     .on_solution = keep});
            ASSERT_TRUE(report.error) << threads << ' ' << batches;
            EXPECT_EQ(report.error->code, pow::errc::backend_failed);
            EXPECT_EQ(report.failed, &failing);
            EXPECT_EQ(report.faults, 0u);
            EXPECT_TRUE(report.unconfirmed.empty());
            EXPECT_EQ(report.solutions, found.size());
            ASSERT_FALSE(found.empty());
            if (threads == 1) {
                EXPECT_EQ(found, solutions_of(threshold, report.nonces_tried));
            }
        }
    }
}

TEST(Failure, OfTheSecondBackendsLoadIsToldBeforeTheSearch) {
    const Race race = test::make_race(test::preset("tiny"), "scalar");
    failing_race();
    failing.fail_load(true);
    const MinerReport report =
        Miner{race, NodeSeed{}, 1}.run({.count = count, .confirmation = {.backend = &failing}});
    failing.fail_load(false);
    ASSERT_TRUE(report.error);
    EXPECT_EQ(report.error->code, pow::errc::backend_failed);
    EXPECT_EQ(report.nonces_tried, 0u);
}

TEST(Failure, BadAllocOfAWorkerPassesThroughTheMiner) {
    const Race race = failing_race();
    for (const unsigned threads : {1u, 2u}) {
        for (const std::int64_t batches : after) {
            failing.fail_after(batches, FailingBackend::With::bad_alloc);
            EXPECT_THROW(
                (void)Miner(race, NodeSeed{}, 1).run({.count = count, .threads = threads, .batch = batch}),
                std::bad_alloc);
        }
    }
}

}  // namespace
}  // namespace pouw::inline v1::pow
