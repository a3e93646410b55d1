#include "pouw/soundness/statistics.hpp"

#include "soundness/normal.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace pouw::inline v1::soundness {
namespace {

TEST(Normal, TailAndItsInverse) {
    EXPECT_DOUBLE_EQ(normal_tail(0), 0.5);
    EXPECT_NEAR(normal_tail(3.0902323061678132), 0.001, 1e-15);
    for (const double p : {1e-9, 1.0 / 900, 0.02, 0.5, 0.99})
        EXPECT_NEAR(normal_tail(normal_tail_quantile(p)) / p, 1, 1e-9);
}

TEST(Binomial, ClopperAndPearson) {
    // By exact sums in another language.
    EXPECT_NEAR(binomial_interval(5, 50).low, 0.0222178148, 1e-8);
    EXPECT_NEAR(binomial_interval(5, 50).high, 0.2580497288, 1e-8);
    EXPECT_NEAR(binomial_interval(40, 1000).low, 0.0257601493, 1e-8);
    EXPECT_NEAR(binomial_interval(40, 1000).high, 0.0587864417, 1e-8);
    EXPECT_EQ(binomial_interval(0, 100).low, 0);
    EXPECT_NEAR(binomial_interval(0, 100).high, 1 - std::pow(0.005, 0.01), 1e-12);
    EXPECT_EQ(binomial_interval(100, 100).high, 1);
}

TEST(ExpectedGain, NothingIsGainedByNoise) {
    EXPECT_NEAR(expected_gain(0, 1.0 / 900, 0, 1).speed_up, 1, 1e-4);
    EXPECT_NEAR(expected_gain(0, 1.0 / 900, 0.5, 0.5).speed_up, 1, 1e-4);
    EXPECT_LT(expected_gain(0, 1.0 / 900, 0.5, 1).speed_up, 1);
}

TEST(ExpectedGain, AllIsGainedByTheOutputItself) {
    const Gain gain = expected_gain(1, 1.0 / 900, 1e-5, 1);
    EXPECT_NEAR(gain.speed_up, 1 / (1e-5 + 1.0 / 900), 9);
    EXPECT_NEAR(gain.keep, 1.0 / 900, 1e-4);
    EXPECT_NEAR(expected_gain(1, 1.0 / 50, 0.01, 1).speed_up, 1 / 0.03, 1);
}

TEST(ExpectedGain, GrowsWithCorrelationAndFallsWithCost) {
    double before = 0;
    for (const double correlation : {0.01, 0.05, 0.1, 0.3, 0.6, 0.9}) {
        const double gain = expected_gain(correlation, 1.0 / 900, 1e-5, 1).speed_up;
        EXPECT_GT(gain, before);
        EXPECT_LT(expected_gain(correlation, 1.0 / 900, 0.5, 1).speed_up, gain);
        before = gain;
    }
}

TEST(ExpectedGain, EqualsSimulation) {
    test::Normal normal{1};
    constexpr double correlation = 0.5;
    constexpr int draws = 2'000'000;
    const Gain gain = expected_gain(correlation, 1.0 / 50, 0.01, 1);
    const double cut = normal_tail_quantile(1.0 / 50);
    const double score_cut = normal_tail_quantile(gain.keep);
    int solutions = 0;
    for (int i = 0; i < draws; ++i) {
        const double score = normal();
        const double pass = correlation * score + std::sqrt(1 - correlation * correlation) * normal();
        if (score > score_cut && pass > cut) ++solutions;
    }
    const double simulated = solutions / (draws / 50.0) / (0.01 + gain.keep);
    EXPECT_NEAR(simulated / gain.speed_up, 1, 0.03);
}

/// Outputs with a constant part.
std::vector<std::vector<float>> vectors(test::Normal& normal, std::size_t count, std::size_t dim,
                                        double mean) {
    std::vector<std::vector<float>> out(count, std::vector<float>(dim));
    for (auto& vector : out) {
        for (std::size_t i = 0; i < dim; ++i)
            vector[i] = static_cast<float>(32 * (normal() + (i % 2 == 0 ? mean : -mean)));
    }
    return out;
}

TEST(MeanPower, IntervalsCoverTheTruth) {
    test::Normal normal{2};
    for (const double mean : {0.0, 0.1}) {
        constexpr int trials = 300;
        const double truth = mean * mean / (1 + mean * mean);
        int covered = 0;
        double sum = 0;
        for (int trial = 0; trial < trials; ++trial) {
            MeanPower power{32};
            const auto all = vectors(normal, 400, 32, mean);
            for (std::size_t i = 0; i < all.size(); ++i) power.add(i, all[i]);
            const Interval share = power.share();
            covered += share.low <= truth && truth <= share.high ? 1 : 0;
            sum += share.estimate;
        }
        EXPECT_GE(covered, 289) << mean;  // 99% of 300 less 4.6 standard deviations
        EXPECT_NEAR(sum / trials, truth, 3e-4) << mean;
    }
}

TEST(MeanPower, IgnoresWhatBalancedTargetsIgnore) {
    MeanPower power{64};
    test::Normal normal{3};
    const auto all = vectors(normal, 1000, 64, 0);
    for (std::size_t i = 0; i < all.size(); ++i) {
        std::vector<float> shifted = all[i];
        for (float& value : shifted) value += 100;
        power.add(i, shifted);
    }
    EXPECT_LT(power.share().low, 0);
    EXPECT_LT(power.share().high, 0.001);
    EXPECT_EQ(power.count(), 1000);
}

}  // namespace
}  // namespace pouw::inline v1::soundness
