#include "soundness/prediction.hpp"

#include "soundness/networks.hpp"
#include "soundness/normal.hpp"

#include "pouw/pow/threshold.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace pouw::inline v1::soundness {
namespace {

/// Chances that vary as those of the whitepaper's outputs do, and in part with a signal of variance 1.
std::vector<OutputChance> chances_with(std::span<const double> signal, double share, std::uint64_t seed) {
    test::Normal normal{seed};
    std::vector<OutputChance> out(signal.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        const double z = std::sqrt(share) * signal[i] + std::sqrt(1 - share) * normal();
        for (std::size_t r = 0; r < pass_rates.size(); ++r)
            out[i].chance[r] = out[i].by_length[r] = pass_rates[r] * std::exp(0.05 * z);
    }
    return out;
}

std::vector<double> noise(std::size_t count, std::uint64_t seed) {
    test::Normal normal{seed};
    std::vector<double> out(count);
    for (double& value : out) value = normal();
    return out;
}

TEST(PassChance, OnAverageTheClosedForm) {
    for (const char* name : {"tiny", "whitepaper"}) {
        const pow::ModelConfig config = pow::preset(name).value();
        for (const std::uint64_t denominator : {std::uint64_t{50}, std::uint64_t{900}}) {
            const auto threshold = static_cast<double>(pow::threshold_for(config, 1, denominator).value());
            const PassChance chance{config, threshold};
            const double square = 0.99865 * 1024 * config.model_dim;
            const double expected = 1 / static_cast<double>(denominator);
            EXPECT_NEAR(chance.given_length(square) / expected, 1, 2e-3) << name;
            // The sum of a direction on the sphere is normal; its law gives back the chance without it.
            double mean = 0;
            constexpr int steps = 400;
            for (int i = 0; i < steps; ++i) {
                const double z = normal_tail_quantile((i + 0.5) / steps);
                mean += chance.given(square, z * std::sqrt(square)) / steps;
            }
            EXPECT_NEAR(mean / expected, 1, 5e-3) << name;
        }
    }
}

TEST(PassChance, ShorterOutputsPassMoreOftenUntilTheyAreCollapsed) {
    const pow::ModelConfig config = pow::preset("whitepaper").value();
    const PassChance chance{config, static_cast<double>(pow::threshold_for(config, 1, 900).value())};
    const double at_mean = chance.given_length(523580);
    // 727 is the standard deviation of |x|^2.
    EXPECT_NEAR(chance.given_length(523580 - 727) / at_mean, 1.05, 0.01);
    EXPECT_EQ(chance.given_length(960 * 512 - 1), 0);
    EXPECT_GT(chance.given_length(523580), chance.given(523580, 3000));
}

TEST(ChanceSpread, IsThatOfTheChances) {
    const std::vector<double> none(20000);
    const auto results = chance_spread(chances_with(none, 0, 1));
    ASSERT_EQ(results.size(), 5U);
    EXPECT_NEAR(results[0].value.estimate, 0.05, 0.002);
    EXPECT_NEAR(results[2].value.estimate, std::exp(0.05 * 0.798), 0.005);  // the mean of the upper half
    EXPECT_NEAR(results[3].value.estimate, std::exp(0.05 * 1.755), 0.01);
    EXPECT_GT(results[4].value.low, results[3].value.high);
}

TEST(Prediction, GainsWhatItKnows) {
    const std::vector<double> signal = noise(40000, 2);
    const auto known = chances_with(signal, 0.5, 3);
    const auto parts = PredictionParts::of(known.size());
    const Interval seen = correlation(signal, known);
    EXPECT_LT(seen.low, std::sqrt(0.5));
    EXPECT_GT(seen.high, std::sqrt(0.5));
    const auto gain = measure_prediction({.scores = signal}, known, parts.choose, parts.test);
    EXPECT_GT(gain[0].chosen.speed_up.low, 1.03);
    // The best 10% of half of the variance.
    const auto at = std::find_if(gain[0].kept.begin(), gain[0].kept.end(),
                                 [](const KeptGain& kept) { return kept.keep < 0.11; });
    ASSERT_NE(at, gain[0].kept.end());
    EXPECT_NEAR(at->lift.estimate, std::exp(0.05 * std::sqrt(0.5) * 1.755), 0.01);
    // What it costs is taken off.
    const auto late = measure_prediction({.scores = signal, .cost = 0.9, .completion = 0.1}, known,
                                         parts.choose, parts.test);
    EXPECT_LT(late[0].chosen.speed_up.high, 1);
}

TEST(Prediction, WithoutASignalThereIsNoGain) {
    const std::vector<double> signal = noise(40000, 4);
    const auto unknown = chances_with(signal, 0, 5);
    const auto parts = PredictionParts::of(unknown.size());
    const Interval seen = correlation(signal, unknown);
    EXPECT_LT(seen.low, 0);
    EXPECT_GT(seen.high, 0);
    const auto gain = measure_prediction({.scores = signal}, unknown, parts.choose, parts.test);
    EXPECT_LT(gain[0].chosen.speed_up.low, 1.001);
    EXPECT_LT(gain[0].chosen.speed_up.high, 1.01);
}

TEST(Prediction, IntervalsCoverTheTruthAsOftenAsTheySay) {
    int covered = 0;
    for (std::uint64_t run = 0; run < 200; ++run) {
        const std::vector<double> signal = noise(2000, 100 + run);
        const auto chances = chances_with(signal, 0, 1000 + run);
        const auto gain = measure_prediction({.scores = signal}, chances, 500, 1000);
        covered += gain[0].kept[2].lift.low <= 1 && gain[0].kept[2].lift.high >= 1 ? 1 : 0;
    }
    EXPECT_GE(covered, 192);
}

TEST(Tokens, ATokenThatHelpsIsLearnt) {
    constexpr std::uint32_t vocabulary = 16;
    test::Random random{6};
    std::vector<std::vector<std::uint32_t>> tokens;
    std::vector<double> signal;
    for (int i = 0; i < 20000; ++i) {
        tokens.push_back({random.below(vocabulary), random.below(vocabulary)});
        signal.push_back(tokens.back()[0] < vocabulary / 2 ? 1 : -1);
    }
    const auto outputs = chances_with(signal, 0.25, 7);
    const auto parts = PredictionParts::of(outputs.size());
    const auto values = learnt_values(outputs, parts.choose);
    std::vector<std::vector<double>> candidates;
    for (const bool pooled : {false, true})
        candidates.push_back(token_scores(tokens, values, parts.choose, 10, pooled));
    const auto scores = best_scores(candidates, outputs, parts);
    EXPECT_EQ(scores, candidates[0]);  // pooled, the other position's tokens blur it
    const Interval found = correlation(std::span{scores}.subspan(parts.test),
                                       std::span<const OutputChance>{outputs}.subspan(parts.test));
    EXPECT_GT(found.low, 0.45);
    EXPECT_LT(found.high, 0.55);
}

TEST(Ridge, LearnsALinearSignalFromManyFeatures) {
    constexpr std::size_t count = 4000;
    constexpr Eigen::Index features = 200;
    test::Normal normal{8};
    Matrix x(count, features);
    std::vector<double> signal;
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
        for (Eigen::Index c = 0; c < features; ++c) x(i, c) = static_cast<float>(normal());
        signal.push_back(static_cast<double>(x(i, 3) - x(i, 77)) / std::sqrt(2.0));
    }
    const auto outputs = chances_with(signal, 0.5, 9);
    const auto parts = PredictionParts::of(count);
    const auto values = learnt_values(outputs, parts.choose);
    Ridge ridge{features, 2};
    ridge.add(x.topRows(500), std::span{values}.first(500));
    ridge.add(x.middleRows(500, index_of(parts.choose) - 500),
              std::span{values}.subspan(500, parts.choose - 500));
    for (const Matrix& map : {ridge.coefficients(0.3F), ridge.marginal()}) {
        const Matrix predicted = x * map;
        const std::vector<double> scores(predicted.data(), predicted.data() + predicted.size());
        EXPECT_GT(correlation(std::span{scores}.subspan(parts.test),
                              std::span<const OutputChance>{outputs}.subspan(parts.test))
                      .low,
                  0.55);
    }
}

TEST(Ridge, SolvesItsEquations) {
    test::Normal normal{10};
    Matrix x(60, 5);
    for (Eigen::Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(normal());
    std::vector<float> y;
    for (Eigen::Index i = 0; i < x.rows(); ++i) y.push_back(2 * x(i, 1) - x(i, 4));
    Ridge ridge{5, 1};
    ridge.add(x, y);
    const Matrix map = ridge.coefficients(0.1F);
    const Matrix left = x.transpose() * x * map + 6 * map;
    EXPECT_LT((left - ridge.marginal()).norm(), 1e-2F * ridge.marginal().norm());
}

}  // namespace
}  // namespace pouw::inline v1::soundness
