#include "soundness/races.hpp"

#include "soundness/networks.hpp"
#include "soundness/normal.hpp"

#include "pouw/core/errc.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace pouw::inline v1::soundness {
namespace {

/// Rates around 1/900 that differ by `deviation`, measured with an error, both relative.
std::vector<RaceChance> races_of(std::size_t count, double deviation, double error, std::uint64_t seed) {
    test::Normal normal{seed};
    std::vector<RaceChance> out;
    for (std::size_t i = 0; i < count; ++i) {
        const double rate = 1 + deviation * normal();
        out.push_back({(rate + error * normal()) / 900, error / 900});
    }
    return out;
}

TEST(ExcessDeviation, OneRateOrMany) {
    const Interval one = excess_deviation(races_of(60, 0, 0.003, 1));
    EXPECT_EQ(one.low, 0);
    EXPECT_LT(one.high, 0.003);
    const Interval many = excess_deviation(races_of(60, 0.006, 0.003, 2));
    EXPECT_GT(many.low, 0.002);
    EXPECT_LT(many.low, 0.006);
    EXPECT_GT(many.high, 0.006);
}

TEST(ExcessDeviation, CoversTheTruthAsOftenAsItSays) {
    int covered = 0;
    for (std::uint64_t run = 0; run < 300; ++run) {
        const Interval seen = excess_deviation(races_of(24, 0.0022, 0.002, 100 + run));
        covered += seen.low <= 0.0022 && seen.high >= 0.0022 ? 1 : 0;
    }
    EXPECT_GE(covered, 288);
}

TEST(MeanChanceByRace, OfASmallNetwork) {
    const auto health =
        mean_chance_by_race(test::tiny(), "tiny", {.races = 6, .nonces = 300, .seed = 0}, 1.10, 2);
    ASSERT_TRUE(health);
    ASSERT_EQ(health->results.size(), 3U);
    EXPECT_LT(health->results[0].value.estimate, 0.05);
    EXPECT_NE(health->results[2].verdict, Verdict::finding);
    EXPECT_NEAR(health->results[2].value.estimate, 1, 0.05);
    ASSERT_EQ(health->curves.size(), 2U);
    EXPECT_EQ(health->curves[0].points.size(), 6U);
}

TEST(MeanChanceByRace, EndsWhenStopped) {
    std::stop_source stop;
    stop.request_stop();
    const auto stopped = mean_chance_by_race(test::tiny(), "tiny", {.races = 3, .nonces = 500, .seed = 0},
                                             1.10, 1, {}, stop.get_token());
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, core::errc::cancelled);
}

}  // namespace
}  // namespace pouw::inline v1::soundness
