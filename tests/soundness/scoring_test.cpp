#include "soundness/scoring.hpp"

#include "soundness/normal.hpp"

#include "pouw/pow/threshold.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace pouw::inline v1::soundness {
namespace {

constexpr std::size_t dim = 128;

std::vector<std::int8_t> balanced_target() {
    std::vector<std::int8_t> out(dim, 32);
    std::fill(out.begin(), out.begin() + dim / 2, std::int8_t{-32});
    return out;
}

/// Rows of root mean square 32, as a norm leaves them; whole numbers but for the norm.
Matrix random_outputs(test::Normal& normal, Eigen::Index rows) {
    Matrix out(rows, static_cast<Eigen::Index>(dim));
    for (Eigen::Index i = 0; i < out.size(); ++i) out.data()[i] = static_cast<float>(normal());
    for (Eigen::Index i = 0; i < rows; ++i) {
        const float scale = 32 * std::sqrt(static_cast<float>(dim)) / out.row(i).norm();
        out.row(i) = (scale * out.row(i).array()).round().min(127).max(-127);
    }
    return out;
}

/// As near to `outputs` as a correlation says.
Matrix approximation_of(test::Normal& normal, const Matrix& outputs, double correlation) {
    const Matrix noise = random_outputs(normal, outputs.rows());
    return static_cast<float>(correlation) * outputs +
           static_cast<float>(std::sqrt(1 - correlation * correlation)) * noise;
}

TEST(Permutations, ScoresAreTheDistancesOfTheSpecification) {
    const auto target = balanced_target();
    constexpr std::uint64_t seed = 5;
    const Permutations permutations{target, 70, seed};
    test::Normal normal{1};
    const Matrix outputs = random_outputs(normal, 50);
    const Matrix scores = permutations.scores(outputs, 2);
    std::array<std::uint8_t, 32> key{};
    key[0] = seed;
    for (Eigen::Index i = 0; i < outputs.rows(); ++i) {
        std::vector<std::int8_t> output(dim);
        for (std::size_t c = 0; c < dim; ++c)
            output[c] = static_cast<std::int8_t>(outputs(i, static_cast<Eigen::Index>(c)));
        for (std::uint32_t j = 0; j < 70; ++j) {
            const auto permutation = pow::shuffle(key, j, dim);
            const double expected = static_cast<double>(pow::squared_distance(output, permutation, target));
            const double length = static_cast<double>(pow::squared_length(output)) + 1024.0 * dim;
            ASSERT_EQ(length - 2 * static_cast<double>(scores(i, j)), expected);
        }
    }
}

TEST(Experiment, CountsPassesAsTheSpecificationDoes) {
    const Permutations permutations{balanced_target(), 1000, 1};
    test::Normal normal{2};
    const Matrix outputs = random_outputs(normal, 60);
    const Experiment experiment{outputs, permutations, {200000, 220000}, 2};
    std::array<int, 2> passes{};
    for (Eigen::Index i = 0; i < outputs.rows(); ++i) {
        for (std::size_t j = 0; j < permutations.count(); ++j) {
            const auto target = permutations.target(j);
            double distance = 0;
            for (std::size_t c = 0; c < dim; ++c) {
                const double difference =
                    outputs(i, static_cast<Eigen::Index>(c)) - static_cast<float>(target[c]);
                distance += difference * difference;
            }
            passes[0] += distance < 200000 ? 1 : 0;
            passes[1] += distance < 220000 ? 1 : 0;
        }
    }
    EXPECT_GT(passes[0], 10);
    EXPECT_DOUBLE_EQ(experiment.measured_rate(0), passes[0] / 60000.0);
    EXPECT_DOUBLE_EQ(experiment.measured_rate(1), passes[1] / 60000.0);
}

TEST(Experiment, ItsOwnQuantilesGiveThePassRates) {
    const Permutations permutations{balanced_target(), 4096, 1};
    test::Normal normal{3};
    const Matrix outputs = random_outputs(normal, 300);
    const Experiment experiment{outputs, permutations, {}, 2};
    EXPECT_NEAR(experiment.measured_rate(0) * 900, 1, 0.05);
    EXPECT_NEAR(experiment.measured_rate(1) * 50, 1, 0.02);
}

TEST(Experiment, IntervalsCoverTheTruthOfUselessKnowledge) {
    constexpr int trials = 150;
    int of_outputs = 0;
    int of_permutations = 0;
    int measured = 0;
    test::Normal normal{4};
    for (int trial = 0; trial < trials; ++trial) {
        const Permutations permutations{balanced_target(), 1024, static_cast<std::uint64_t>(trial)};
        const Matrix outputs = random_outputs(normal, 200);
        const Experiment experiment{outputs, permutations, {}, 2};
        const Matrix other = random_outputs(normal, 200);
        const auto by_output = experiment.measure({.approximation = other}, {0, 100}, {100, 100})[1];
        const auto by_permutation =
            experiment.measure({.approximation = other.topRows(1)}, {0, 100}, {100, 100})[1];
        ASSERT_GE(by_output.kept.size(), 6);  // the sixth fraction is 0.1
        ASSERT_GE(by_permutation.kept.size(), 6);
        const auto covers = [](const KeptGain& gain) { return gain.lift.low <= 1 && 1 <= gain.lift.high; };
        of_outputs += covers(by_output.kept[5]) ? 1 : 0;
        of_permutations += covers(by_permutation.kept[5]) ? 1 : 0;
        ++measured;
    }
    EXPECT_EQ(measured, trials);
    EXPECT_GE(of_outputs, 143);  // 99% of 150 less 4.5 standard deviations
    EXPECT_GE(of_permutations, 143);
}

TEST(Experiment, FindsTheGainOfKnownCorrelations) {
    const Permutations permutations{balanced_target(), 8192, 1};
    test::Normal normal{5};
    const Matrix outputs = random_outputs(normal, 600);
    const Experiment experiment{outputs, permutations, {}, 2};
    for (const double correlation : {0.1, 0.3, 0.7}) {
        const Knowledge knowledge{.approximation = approximation_of(normal, outputs, correlation),
                                  .cost = 0.01};
        const auto speed_ups = experiment.measure(knowledge, {0, 300}, {300, 300});
        for (const SpeedUp& speed_up : speed_ups) {
            const double expected = expected_gain(correlation, speed_up.rate, 0.01, 1).speed_up;
            // The fractions are few and the choice is cautious: some of the gain lies between them.
            EXPECT_LE(speed_up.chosen.speed_up.low, expected) << correlation << " at " << speed_up.rate;
            EXPECT_GE(1.25 * speed_up.chosen.speed_up.high, expected)
                << correlation << " at " << speed_up.rate;
            EXPECT_GT(speed_up.chosen.speed_up.low, 1);
        }
    }
}

TEST(Experiment, AscertainsTheWholeGainOfAMeanThatAllOutputsShare) {
    const Permutations permutations{balanced_target(), 8192, 1};
    test::Normal normal{6};
    Matrix outputs = random_outputs(normal, 200);
    const Matrix mean = random_outputs(normal, 1);
    for (Eigen::Index i = 0; i < outputs.rows(); ++i)
        outputs.row(i) = (0.9F * mean.row(0) + 0.436F * outputs.row(i)).array().round();
    const Experiment experiment{outputs, permutations, {}, 2};
    const auto speed_up = experiment.measure({.approximation = mean}, {0, 100}, {100, 100})[1];
    EXPECT_GT(speed_up.chosen.speed_up.low, 10);
    EXPECT_LT(speed_up.chosen.speed_up.estimate, 50);
}

}  // namespace
}  // namespace pouw::inline v1::soundness
