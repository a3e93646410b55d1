#include "pouw/core/parallel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace pouw::inline v1::core {
namespace {

TEST(Parallel, DoesEveryPieceOnce) {
    for (const unsigned threads : {1u, 2u, 7u}) {
        for (const std::uint64_t count : {0u, 1u, 3u, 1000u}) {
            std::vector<std::atomic<int>> seen(count);
            EXPECT_TRUE(parallel_for(count, threads, {}, {}, [&](std::uint64_t i) { ++seen[i]; }));
            for (const auto& times : seen) EXPECT_EQ(times, 1);
        }
    }
}

TEST(Parallel, AWorkerIsOneThread) {
    constexpr unsigned threads = 4;
    std::vector<std::thread::id> ids(threads);
    std::atomic<bool> mixed{false};
    const auto work = [&](std::uint64_t, unsigned worker) {
        const std::thread::id me = std::this_thread::get_id();
        if (ids.at(worker) == std::thread::id{}) ids[worker] = me;
        if (ids[worker] != me) mixed = true;
    };
    EXPECT_TRUE(parallel_for(500, threads, {}, {}, work));
    EXPECT_FALSE(mixed);
    EXPECT_TRUE(ids[0] == std::thread::id{} || ids[0] == std::this_thread::get_id());
}

TEST(Parallel, ReportsProgressFromTheCaller) {
    std::uint64_t before = 0;
    const auto progress = [&, caller = std::this_thread::get_id()](std::uint64_t done, std::uint64_t total) {
        EXPECT_EQ(std::this_thread::get_id(), caller);
        EXPECT_GE(done, before);
        EXPECT_EQ(total, 300u);
        before = done;
    };
    EXPECT_TRUE(parallel_for(300, 1, progress, {}, [](std::uint64_t) {}));
    EXPECT_EQ(before, 300u);
    before = 0;
    EXPECT_TRUE(parallel_for(300, 3, progress, {}, [](std::uint64_t) {}));
    EXPECT_LE(before, 300u);
}

TEST(Parallel, EndsWhenStopped) {
    for (const unsigned threads : {1u, 3u}) {
        std::stop_source stop;
        std::atomic<int> done{0};
        const auto work = [&](std::uint64_t) {
            if (++done == 10) stop.request_stop();
        };
        EXPECT_FALSE(parallel_for(100'000, threads, {}, stop.get_token(), work));
        EXPECT_LT(done, 10 + static_cast<int>(threads));
        EXPECT_FALSE(parallel_for(3, threads, {}, stop.get_token(), work)) << "it had been stopped before";
        EXPECT_LT(done, 10 + static_cast<int>(threads));
    }
}

TEST(Parallel, ThrowsWhatTheWorkThrows) {
    for (const unsigned threads : {1u, 3u}) {
        std::atomic<int> done{0};
        const auto work = [&](std::uint64_t i) {
            ++done;
            if (i == 5) throw std::runtime_error{"five"};
        };
        EXPECT_THROW(parallel_for(1'000'000, threads, {}, {}, work), std::runtime_error);
        EXPECT_LT(done, 1'000'000);
    }
}

}  // namespace
}  // namespace pouw::inline v1::core
