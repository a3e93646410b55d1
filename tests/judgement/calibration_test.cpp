#include "pouw/judgement/calibration.hpp"

#include "judgement/vector_types.hpp"
#include "random.hpp"

#include "pouw/judgement/errc.hpp"
#include "pouw/stats/errc.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace pouw::inline v1::judgement {
namespace {

using test::Json;

CalibrationGoal goal(std::uint64_t false_positive_percent, std::uint64_t detection_percent) {
    const auto percent = [](std::uint64_t value) { return core::Fraction{value, 100}; };
    return {percent(false_positive_percent), percent(detection_percent), percent(5)};
}

TEST(Calibration, Vectors) {
    const Json vectors = test::load_vectors("judgement/calibrations.json");
    for (const Json& vector : vectors["cases"]) {
        const std::vector<std::uint32_t> honest = vector["honest"];
        const std::vector<std::uint32_t> fraudulent = vector["fraudulent"];
        const auto found =
            calibrate(honest, fraudulent,
                      {test::fraction(vector["false_positive_rate"]),
                       test::fraction(vector["detection_rate"]), test::fraction(vector["error"])});
        if (vector.contains("refused")) {
            EXPECT_EQ(found.error().code.name(), vector["refused"]);
            continue;
        }
        ASSERT_TRUE(found);
        EXPECT_EQ(found->threshold, vector["threshold"]);
        EXPECT_EQ(found->false_positive_rate.ppm(), vector["false_positive_rate_upper"]);
        EXPECT_EQ(found->detection_rate.ppm(), vector["detection_rate_lower"]);
    }
    EXPECT_GE(vectors["cases"].size(), 60u);
}

TEST(Calibration, NeedsAsManySamplesAsItsPromise) {
    std::vector<std::uint32_t> honest(299);
    std::iota(honest.begin(), honest.end(), 1u);
    const std::vector<std::uint32_t> fraudulent(100, 1000);
    const auto found = calibrate(honest, fraudulent, goal(1, 90)).value();
    EXPECT_EQ(found.threshold, 299u);
    EXPECT_LE(found.false_positive_rate.ppm(), 10'000u);
    EXPECT_GE(found.detection_rate.ppm(), 970'000u);
    honest.pop_back();
    EXPECT_EQ(calibrate(honest, fraudulent, goal(1, 90)).error().code,
              judgement::errc::too_few_calibration_samples);
    EXPECT_TRUE(calibrate(honest, fraudulent, goal(2, 90)));
    EXPECT_EQ(calibrate({}, fraudulent, goal(2, 90)).error().code,
              judgement::errc::too_few_calibration_samples);
}

TEST(Calibration, RefusesGoalsThatAreNoProbabilities) {
    const std::vector<std::uint32_t> samples(400, 1);
    const CalibrationGoal good = goal(1, 90);
    for (const core::Fraction& bad : {core::Fraction{0, 1}, core::Fraction{1, 1}, core::Fraction{3, 2}}) {
        for (const CalibrationGoal& wrong :
             {CalibrationGoal{bad, good.detection_rate, good.error},
              CalibrationGoal{good.false_positive_rate, bad, good.error},
              CalibrationGoal{good.false_positive_rate, good.detection_rate, bad}}) {
            EXPECT_EQ(calibrate(samples, samples, wrong).error().code, stats::errc::invalid_probability);
        }
    }
}

TEST(Calibration, SaysWhenNoThresholdSeparates) {
    std::vector<std::uint32_t> samples(400);
    std::iota(samples.begin(), samples.end(), 1u);
    EXPECT_EQ(calibrate(samples, samples, goal(1, 50)).error().code, judgement::errc::inseparable_samples);
    EXPECT_EQ(calibrate(samples, {}, goal(1, 1)).error().code, judgement::errc::inseparable_samples);
}

// The promise itself: thresholds from 299 samples let more than 1% of the honest pass above in at most 5% of
// calibrations.
TEST(Calibration, KeepsItsPromise) {
    test::Random random{6};
    const std::vector<std::uint32_t> fraudulent(100, UINT32_MAX);
    int broken = 0;
    constexpr int calibrations = 2000;
    for (int i = 0; i < calibrations; ++i) {
        std::vector<std::uint32_t> honest;
        for (int j = 0; j < 299; ++j) honest.push_back(random.below(1'000'000));
        broken += calibrate(honest, fraudulent, goal(1, 90))->threshold < 990'000;
    }
    // 100 expected; four standard deviations.
    EXPECT_LE(broken, 100 + 39);
    EXPECT_GE(broken, 100 - 39);
}

}  // namespace
}  // namespace pouw::inline v1::judgement
