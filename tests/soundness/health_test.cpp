#include "soundness/health.hpp"

#include "random.hpp"
#include "soundness/networks.hpp"
#include "soundness/normal.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/pow/race.hpp"
#include "pouw/pow/threshold.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace pouw::inline v1::soundness {
namespace {

using Eigen::Index;

// Outputs made up
// ---------------------------------------------------------------------------

/// Normal outputs with these standard deviations, scaled to the length that the network's have.
Matrix outputs_of(std::size_t rows, std::span<const double> deviations, std::uint64_t seed,
                  double common = 0) {
    test::Normal normal{seed};
    const auto dim = static_cast<Index>(deviations.size());
    Matrix out(static_cast<Index>(rows), dim);
    const double length = std::sqrt(0.99865 * 1024 * static_cast<double>(dim));
    for (Index i = 0; i < out.rows(); ++i) {
        for (Index c = 0; c < dim; ++c) {
            const double sign = c % 2 == 0 ? 1 : -1;
            out(i, c) =
                static_cast<float>(deviations[static_cast<std::size_t>(c)] * normal() + common * sign);
        }
        out.row(i) *= static_cast<float>(length) / out.row(i).norm();
    }
    return out;
}

Matrix even_outputs(std::size_t rows, std::size_t dim, std::uint64_t seed) {
    const std::vector<double> deviations(dim, 1);
    return outputs_of(rows, deviations, seed);
}

/// What `spectrum` measures; the config and the gate decide its verdict alone.
Interval spectrum_excess(const Matrix& outputs) {
    return spectrum(outputs, pow::preset("tiny").value(), 1.1).results.front().value;
}

bool contains(const Interval& interval, double value) {
    return interval.low <= value && value <= interval.high;
}

TEST(MeanPowerHealth, EvenOutputsHaveNone) {
    const HealthResult result = mean_power(even_outputs(3000, 64, 1), 1.5);
    EXPECT_TRUE(contains(result.value, 0));
    EXPECT_LT(result.value.high, 1e-3);
    EXPECT_NE(result.verdict, Verdict::finding);
}

TEST(MeanPowerHealth, ACommonPartIsAFinding) {
    const std::vector<double> deviations(64, 1);
    const HealthResult result = mean_power(outputs_of(1000, deviations, 2, 1.0 / 3), 1.03);  // 1/9 to 1
    EXPECT_TRUE(contains(result.value, 0.1));
    EXPECT_GT(result.value.low, 0.08);
    EXPECT_EQ(result.verdict, Verdict::finding);
}

TEST(MeanPowerHealth, TooFewOutputsSayNothing) {
    EXPECT_EQ(mean_power(even_outputs(40, 64, 3), 1.03).verdict, Verdict::information);
}

TEST(PairwiseCosines, EvenOutputs) {
    const auto results = pairwise_cosines(even_outputs(2000, 128, 4));
    ASSERT_EQ(results.size(), 3U);
    EXPECT_TRUE(contains(results[0].value, 0));
    EXPECT_TRUE(contains(results[1].value, 1));
    EXPECT_NE(results[0].verdict, Verdict::finding);
    EXPECT_EQ(results[2].verdict, Verdict::passed);
}

TEST(PairwiseCosines, OneRepeatedOrNegatedOutputIsAFinding) {
    for (const float sign : {1.0F, -1.0F}) {
        Matrix outputs = even_outputs(600, 128, 5);
        outputs.row(17) = sign * outputs.row(590);
        EXPECT_EQ(pairwise_cosines(outputs)[2].verdict, Verdict::finding);
    }
}

TEST(PairwiseCosines, AlikeOutputsAreAFinding) {
    const std::vector<double> deviations(64, 1);
    EXPECT_EQ(pairwise_cosines(outputs_of(1000, deviations, 6, 1.0 / 3))[0].verdict, Verdict::finding);
}

TEST(Spectrum, ExcessOfKnownSpectra) {
    EXPECT_TRUE(contains(spectrum_excess(even_outputs(4000, 128, 7)), 1));
    std::vector<double> deviations(128, std::sqrt(0.5));
    std::fill(deviations.begin(), deviations.begin() + 64, std::sqrt(1.5));
    const Interval excess = spectrum_excess(outputs_of(4000, deviations, 8));
    // Half of the power's variance: 128 (64 · 1.5² + 64 · 0.5²) / 128²; the common length of all takes a
    // little.
    EXPECT_NEAR(excess.estimate, 1.25, 0.015);
    EXPECT_LT(excess.high - excess.low, 0.03);
    const Interval one_direction = spectrum_excess(outputs_of(200, std::vector<double>(64, 0.01), 9, 1));
    EXPECT_NEAR(one_direction.estimate, 63, 0.1);
}

TEST(Spectrum, JudgedAtBindingInputAlone) {
    pow::ModelConfig config = pow::preset("tiny").value();
    std::vector<double> deviations(128, std::sqrt(0.5));
    std::fill(deviations.begin(), deviations.begin() + 64, std::sqrt(1.5));
    const Matrix outputs = outputs_of(2000, deviations, 10);
    const Health bound = spectrum(outputs, config, 1.03);
    EXPECT_EQ(bound.results.at(0).verdict, Verdict::information);
    ASSERT_EQ(bound.curves.size(), 2U);
    EXPECT_EQ(bound.curves[0].points.size(), 127U);
    config.permutation_binding = pow::PermutationBinding::input;
    EXPECT_EQ(spectrum(outputs, config, 1.03).results.at(0).verdict, Verdict::finding);
}

TEST(Spectrum, TheLawOfEvenOutputsFitsEvenOutputs) {
    const Health even = spectrum(even_outputs(1000, 128, 11), pow::preset("tiny").value(), 1.03);
    ASSERT_EQ(even.curves.size(), 2U);
    for (const std::size_t at :
         {std::size_t{5}, std::size_t{30}, std::size_t{63}, std::size_t{96}, std::size_t{120}}) {
        const double measured = even.curves[0].points[at].second.estimate;
        EXPECT_NEAR(even.curves[1].points[at].second.estimate, measured, 0.05 * measured + 0.01) << at;
    }
}

TEST(Intervals, CoverTheTruthAsOftenAsTheySay) {
    constexpr int runs = 300;
    int power = 0;
    int excess = 0;
    int cosines = 0;
    for (std::uint64_t run = 0; run < runs; ++run) {
        const Matrix outputs = even_outputs(120, 32, 100 + run);
        power += contains(mean_power(outputs, 1.03).value, 0) ? 1 : 0;
        excess += contains(spectrum_excess(outputs), 1) ? 1 : 0;
        cosines += contains(pairwise_cosines(outputs)[0].value, 0) ? 1 : 0;
    }
    // 99% of 300: at least 290 of them in all but one in a thousand cases.
    EXPECT_GE(power, 290);
    EXPECT_GE(excess, 290);
    EXPECT_GE(cosines, 290);
}

TEST(SquaredLengths, CollapsedOutputsAreAFinding) {
    Matrix outputs = even_outputs(1000, 128, 12);
    auto results = squared_lengths(outputs);
    ASSERT_EQ(results.size(), 3U);
    EXPECT_EQ(results[0].verdict, Verdict::passed);
    EXPECT_EQ(results[2].verdict, Verdict::passed);
    EXPECT_EQ(results[2].value.estimate, 0);
    outputs.topRows(30) *= 0.9F;
    results = squared_lengths(outputs);
    EXPECT_EQ(results[2].verdict, Verdict::finding);
    EXPECT_DOUBLE_EQ(results[2].value.estimate, 0.03);
    outputs *= 0.9F;
    EXPECT_EQ(squared_lengths(outputs)[0].verdict, Verdict::finding);
}

TEST(DistanceLaw, ADirectionUniformOnTheSphereFollowsTheClosedForm) {
    const pow::ModelConfig config = pow::preset("tiny").value();
    const Permutations permutations{pow::make_target(config, {}), 2000, 1};
    const Health even = distance_law(config, even_outputs(2000, 128, 13), permutations, 1);
    ASSERT_EQ(even.results.size(), 6U);
    for (const HealthResult& result : even.results) {
        EXPECT_NE(result.verdict, Verdict::finding) << result.property;
        EXPECT_LT(result.value.low, 1.05) << result.property;
        EXPECT_GT(result.value.high, 0.95) << result.property;
    }
    // Shorter outputs pass less often far out, though their directions are as even.
    const Health shorter = distance_law(config, 0.9F * even_outputs(2000, 128, 13), permutations, 1);
    EXPECT_EQ(shorter.results[4].verdict, Verdict::finding);
}

TEST(DistanceLaw, CountsWhatTheConditionCounts) {
    const pow::ModelConfig config = pow::preset("tiny").value();
    const auto target = pow::make_target(config, {});
    const Permutations permutations{target, 50, 3};
    Matrix outputs = even_outputs(40, 128, 14);
    outputs = outputs.array().round();
    const std::uint64_t threshold = pow::threshold_for(config, 1, 2).value();
    std::size_t below = 0;
    for (Index i = 0; i < outputs.rows(); ++i)
        for (std::size_t j = 0; j < permutations.count(); ++j) {
            double d2 = 0;
            for (Index c = 0; c < outputs.cols(); ++c) {
                const double off =
                    static_cast<double>(outputs(i, c)) - permutations.target(j)[static_cast<std::size_t>(c)];
                d2 += off * off;
            }
            below += d2 < static_cast<double>(threshold) ? 1U : 0U;
        }
    const double expected = static_cast<double>(below) / (40 * 50) / pow::probability(config, threshold);
    EXPECT_NEAR(distance_law(config, outputs, permutations, 2).results.at(0).value.estimate, expected, 1e-12);
}

// Networks
// ---------------------------------------------------------------------------

using test::engine_of;
using test::inputs_of;
using test::key_of;
using test::named;
using test::tiny;

TEST(Forward, BackendAndEngineAgree) {
    const pow::ModelConfig config = tiny();
    const auto race = pow::Race::create(config, test::race_seed());
    ASSERT_TRUE(race);
    const auto inputs = inputs_of(config, 150);
    const Matrix by_backend = forward(*race, inputs, 2);
    ASSERT_EQ(by_backend.rows(), 150);
    EXPECT_EQ(by_backend, forward(engine_of(config), inputs));
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(forward(*race, inputs, 2, stop.get_token()).rows(), 0);
    EXPECT_EQ(forward(engine_of(config), inputs, stop.get_token()).rows(), 0);
}

TEST(MeanPowerHealth, ReluIsAFindingAndFoldIsNot) {
    const pow::ModelConfig config = tiny(20);
    const auto inputs = inputs_of(config, 400);
    const HealthResult relu = mean_power(forward(engine_of(config, Activation::relu), inputs), 1.03);
    EXPECT_EQ(relu.verdict, Verdict::finding);
    EXPECT_GT(relu.value.low, 0.1);
    const HealthResult fold = mean_power(forward(engine_of(config), inputs), 1.03);
    EXPECT_NE(fold.verdict, Verdict::finding);
    EXPECT_LT(fold.value.high, 0.01);
}

// A claim about networks, which takes minutes under sanitizers: they meet the same code in the tests around
// it.
#if !defined(POUW_SANITIZED)
/// The product of two odd functions is even, so nothing makes the mean of a gated block 0.
TEST(MeanPowerHealth, AGatedBlockHasAMeanUnlessItsGateIsEvenOrFoldsMore) {
    pow::ModelConfig config = pow::preset("tiny-gated").value();
    config.layers = 32;
    config.ffn_dim = 1024;
    const auto share = [](const pow::ModelConfig& c) {
        const auto race = pow::Race::create(c, test::race_seed());
        return mean_power(forward(race.value(), inputs_of(c, 5000), 1), 1.03).value;
    };
    EXPECT_GT(share(config).low, 3e-4);
    const Matrix even = forward(engine_of(config, Activation::even_fold), inputs_of(config, 2500));
    EXPECT_LT(mean_power(even, 1.03).value.high, 3e-4);
    --config.ffn_shift;
    EXPECT_LT(share(config).high, 3e-4);
}
#endif

TEST(MeanPowerHealth, ThePositionStillShowsAfterFourLayers) {
    const pow::ModelConfig config = tiny();
    const auto race = pow::Race::create(config, test::race_seed());
    ASSERT_TRUE(race);
    EXPECT_EQ(mean_power(forward(*race, inputs_of(config, 3000), 1), 1.03).verdict, Verdict::finding);
}

TEST(DistanceLaw, OfANetwork) {
    const pow::ModelConfig config = tiny(8);
    const auto race = pow::Race::create(config, test::race_seed());
    ASSERT_TRUE(race);
    const Matrix outputs = forward(*race, inputs_of(config, 2000), 1);
    const Permutations permutations{race->target(), 1024, 2};
    const Health health = distance_law(config, outputs, permutations, 1);
    EXPECT_NE(named(health, "1 in 50").verdict, Verdict::finding);
    EXPECT_NE(named(health, "1 in 900").verdict, Verdict::finding);
}

TEST(Avalanche, DepthMakesIt) {
    const auto verdict = [](std::uint32_t layers, std::string_view what) {
        const pow::ModelConfig config = tiny(layers);
        const Engine engine = engine_of(config);
        const Health health = avalanche(
            engine, [&](std::span<const pow::Input> inputs) { return forward(engine, inputs); },
            inputs_of(config, 24));
        return named(health, what).verdict;
    };
    EXPECT_EQ(verdict(2, "token bit flipped: cosine"), Verdict::finding);
    EXPECT_EQ(verdict(2, "noise bit flipped: cosine"), Verdict::finding);
    EXPECT_NE(verdict(16, "token bit flipped: cosine"), Verdict::finding);
    EXPECT_NE(verdict(16, "noise bit flipped: cosine"), Verdict::finding);
}

TEST(Avalanche, WithoutNoiseOnlyTokensFlip) {
    const pow::ModelConfig config = tiny(2);
    const Engine engine{Variant{.name = "test", .config = config, .input_noise = false}, key_of(config), 1};
    std::size_t computed = 0;
    const Health health = avalanche(
        engine,
        [&](std::span<const pow::Input> inputs) {
            computed = inputs.size();
            return forward(engine, inputs);
        },
        inputs_of(config, 3));
    EXPECT_EQ(computed, 3U * (1 + 4 * 8));
    EXPECT_EQ(health.curves.size(), 1U);
}

}  // namespace
}  // namespace pouw::inline v1::soundness
