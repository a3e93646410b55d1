#include "pouw/pow/miner.hpp"

#include "support.hpp"

#include "pouw/pow/threshold.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <new>
#include <stdexcept>

namespace pouw::pow {
namespace {

using test::HookedBackend;

const Race& tiny_race() {
    static const Race race = test::make_race(test::preset("tiny"), "scalar");
    return race;
}

/// About one nonce in six passes.
std::uint64_t easy_threshold() { return threshold_for(test::preset("tiny"), 1, 6).value(); }

struct Search {
    std::vector<std::uint64_t> hits;
    MinerProgress progress;
    std::vector<std::uint64_t> tried;  ///< as reported after each step
};

Search mine(Miner& miner, const MinerOptions& options) {
    Search run;
    run.progress = miner.run(
        options, [&](const Evaluation& hit) { run.hits.push_back(hit.nonce); },
        [&](const MinerProgress& progress) { run.tried.push_back(progress.nonces_tried); });
    return run;
}

Search mine(const MinerOptions& options) {
    Miner miner{tiny_race(), test::check_node_seed(), easy_threshold()};
    return mine(miner, options);
}

constexpr std::uint64_t sample = 60;

const std::vector<std::uint64_t>& hits_of_sample() {
    static const std::vector<std::uint64_t> hits = mine({.count = sample}).hits;
    return hits;
}

TEST(Miner, FindsWhatEvaluationFinds) {
    std::vector<std::uint64_t> expected;
    Evaluator evaluator{tiny_race(), test::check_node_seed(), 1};
    for (std::uint64_t nonce = 0; nonce < sample; ++nonce) {
        if (evaluator.evaluate(std::span{&nonce, 1}).value().front().passes(easy_threshold())) {
            expected.push_back(nonce);
        }
    }
    EXPECT_GT(expected.size(), 3u);
    EXPECT_LT(expected.size(), 25u);
    EXPECT_EQ(hits_of_sample(), expected);
}

TEST(Miner, SameHitsForAnyThreadsAndBatch) {
    for (const unsigned threads : {1u, 2u, 5u}) {
        for (const std::size_t batch : {0u, 1u, 3u, 60u, 100u}) {
            const Search run = mine({.count = sample, .threads = threads, .batch = batch});
            EXPECT_EQ(run.hits, hits_of_sample()) << threads << ' ' << batch;
            EXPECT_EQ(run.progress.nonces_tried, sample);
            EXPECT_EQ(run.progress.proofs, run.hits.size());
            EXPECT_TRUE(std::is_sorted(run.tried.begin(), run.tried.end()));
            EXPECT_EQ(run.tried.back(), sample);
        }
    }
}

TEST(Miner, StridesPartitionTheNonces) {
    for (const std::uint64_t machines : {2u, 7u}) {
        std::vector<std::uint64_t> hits;
        for (std::uint64_t machine = 0; machine < machines; ++machine) {
            const std::uint64_t count = (sample - machine + machines - 1) / machines;
            const Search run =
                mine({.first = machine, .stride = machines, .count = count, .threads = 2, .batch = 3});
            EXPECT_TRUE(std::is_sorted(run.hits.begin(), run.hits.end()));
            hits.insert(hits.end(), run.hits.begin(), run.hits.end());
        }
        std::sort(hits.begin(), hits.end());
        EXPECT_EQ(hits, hits_of_sample());
    }
}

TEST(Miner, HandsOverTheEvaluation) {
    Miner miner{tiny_race(), test::check_node_seed(), 277114};  // nonce 0 has d2 277113
    int hits = 0;
    miner.run({.count = 1}, [&](const Evaluation& hit) {
        ++hits;
        EXPECT_EQ(hit.nonce, 0u);
        EXPECT_EQ(hit.squared_distance, 277113u);
        EXPECT_EQ(test::digest(hit.output),
                  "f55321ed39b5d4605feb26145fa018d69c4e9cb488a6530f8bd690d0539a5d32");
        EXPECT_EQ(hit.tokens, (std::vector<std::uint32_t>{42, 24, 206, 217}));
    });
    EXPECT_EQ(hits, 1);
    Miner stricter{tiny_race(), test::check_node_seed(), 277113};
    EXPECT_EQ(stricter.run({.count = 1}, [](const Evaluation&) { FAIL(); }).proofs, 0u);
}

TEST(Miner, ACountOfZeroTriesNothing) {
    for (const unsigned threads : {1u, 4u}) {
        const Search run = mine({.first = UINT64_MAX, .count = 0, .threads = threads});
        EXPECT_TRUE(run.hits.empty());
        EXPECT_TRUE(run.tried.empty());
        EXPECT_EQ(run.progress.nonces_tried, 0u);
    }
}

TEST(Miner, TheRangeEndsAtTheLastNonce) {
    const std::uint64_t first = UINT64_MAX - 29;
    Miner miner{tiny_race(), test::check_node_seed(), easy_threshold()};
    const Search all = mine(miner, {.first = first, .threads = 2, .batch = 4});
    EXPECT_EQ(all.progress.nonces_tried, 30u);
    EXPECT_EQ(mine(miner, {.first = first, .count = 30}).hits, all.hits);
    for (const std::uint64_t hit : all.hits) EXPECT_GE(hit, first);
    EXPECT_EQ(mine(miner, {.first = first, .stride = 7}).progress.nonces_tried, 5u);
    EXPECT_EQ(mine(miner, {.first = UINT64_MAX}).progress.nonces_tried, 1u);
    EXPECT_EQ(mine(miner, {.first = 5, .stride = UINT64_MAX}).progress.nonces_tried, 1u);
    EXPECT_EQ(mine(miner, {.first = 0, .stride = UINT64_MAX}).progress.nonces_tried, 2u);
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
        std::vector<std::uint64_t> hits;
        const MinerProgress progress = miner.run(
            {.threads = threads, .batch = 2},
            [&](const Evaluation& hit) {
                hits.push_back(hit.nonce);
                if (hits.size() == 2) stop.request_stop();
            },
            {}, stop.get_token());
        ASSERT_GE(hits.size(), 2u);
        EXPECT_EQ(progress.proofs, hits.size());
        EXPECT_EQ(progress.nonces_tried % 2, 0u);  // whole batches
        EXPECT_TRUE(std::is_sorted(hits.begin(), hits.end()));
        if (threads == 1) {
            // Nothing that was tried is lost.
            EXPECT_EQ(hits, mine({.count = progress.nonces_tried}).hits);
        }
        EXPECT_EQ(hits[0], hits_of_sample()[0]);
        EXPECT_EQ(hits[1], hits_of_sample()[1]);
    }
}

TEST(Miner, AStopBeforehandTriesNothing) {
    std::stop_source stop;
    stop.request_stop();
    Miner miner{tiny_race(), test::check_node_seed(), UINT64_MAX};
    const MinerProgress progress = miner.run(
        {.threads = 2}, [](const Evaluation&) { FAIL(); }, {}, stop.get_token());
    EXPECT_EQ(progress.nonces_tried, 0u);
}

TEST(Miner, ExceptionsOfCallbacksPassThrough) {
    Miner miner{tiny_race(), test::check_node_seed(), easy_threshold()};
    const auto ignore = [](const Evaluation&) {};
    for (const unsigned threads : {1u, 3u}) {
        EXPECT_THROW(miner.run({.count = sample, .threads = threads},
                               [](const Evaluation&) { throw std::runtime_error{"full disk"}; }),
                     std::runtime_error);
        EXPECT_THROW(miner.run({.count = sample, .threads = threads}, ignore,
                               [](const MinerProgress&) { throw std::runtime_error{"closed terminal"}; }),
                     std::runtime_error);
    }
    EXPECT_EQ(mine(miner, {.count = sample}).hits, hits_of_sample());  // and it can run again
}

TEST(Miner, ExceptionsOfABackendPassThrough) {
    HookedBackend::Use backend{test::hooked_backend("throwing")};
    const Race race = test::make_race(test::preset("tiny"), "throwing");
    backend.hook([](std::span<std::int8_t>) { throw std::bad_alloc{}; });
    Miner miner{race, test::check_node_seed(), easy_threshold()};
    for (const unsigned threads : {1u, 3u}) {
        EXPECT_THROW(miner.run({.count = sample, .threads = threads}, [](const Evaluation&) {}),
                     std::bad_alloc);
    }
}

// A flipped bit must not convict its node: the second evaluation drops the hit and counts a fault.
TEST(Miner, TheSecondEvaluationCatchesAFault) {
    HookedBackend::Use backend{test::hooked_backend("flips a bit once")};
    const Race race = test::make_race(test::preset("tiny"), "flips a bit once");
    Miner miner{race, test::check_node_seed(), UINT64_MAX};  // every nonce whose output has not collapsed
    ASSERT_EQ(mine(miner, {.count = 6, .batch = 2}).progress.proofs, 6u);
    EXPECT_EQ(miner.faults(), 0u);

    std::atomic<int> passes{0};
    backend.hook([&](std::span<std::int8_t> outputs) {
        if (passes++ == 0) outputs[3] ^= 1;
    });
    const Search faulty = mine(miner, {.count = 6, .batch = 2});
    EXPECT_EQ(miner.faults(), 1u);
    EXPECT_EQ(faulty.hits, (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
    EXPECT_EQ(faulty.progress.nonces_tried, 6u);
    EXPECT_EQ(faulty.progress.proofs, 5u);

    // The count is that of the last run.
    EXPECT_EQ(mine(miner, {.count = 6, .batch = 2}).hits.size(), 6u);
    EXPECT_EQ(miner.faults(), 0u);
}

TEST(MinerDeathTest, Contracts) {
    const auto ignore = [](const Evaluation&) {};
    EXPECT_DEATH(Miner(tiny_race(), test::check_node_seed(), 0), "");
    Miner miner{tiny_race(), test::check_node_seed(), 1};
    EXPECT_DEATH(miner.run({.stride = 0, .count = 1}, ignore), "");
    EXPECT_DEATH(miner.run({.count = 1, .threads = 0}, ignore), "");
    EXPECT_DEATH(miner.run({.first = UINT64_MAX, .count = 2}, ignore), "");
}

}  // namespace
}  // namespace pouw::pow
