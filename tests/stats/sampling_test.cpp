#include "pouw/stats/sampling.hpp"

#include "vectors.hpp"

#include "pouw/stats/errc.hpp"

#include <gtest/gtest.h>

namespace pouw::inline v1::stats {
namespace {

using core::Fraction;

TEST(Sampling, Vectors) {
    const test::Json vectors = test::load_vectors("proof/soundness.json");
    for (const auto& vector : vectors["cases"]) {
        const std::uint64_t population = test::u64(vector["population"]);
        const Fraction share{test::u64(vector["numerator"]), test::u64(vector["denominator"])};
        const std::uint64_t marked = marked_at_least(population, share);
        EXPECT_EQ(marked, test::u64(vector["marked"]));
        const auto bits = vector["bits"].get<std::uint32_t>();
        const auto samples = samples_for(population, marked, bits);
        ASSERT_TRUE(samples);
        EXPECT_EQ(*samples, test::u64(vector["samples"])) << population << " " << bits;
        // The exact soundness, computed with rationals of any size.
        const std::uint32_t reached = soundness_bits(population, marked, *samples);
        EXPECT_EQ(reached, vector["reached"].is_null() ? certain : vector["reached"].get<std::uint32_t>());
    }
    EXPECT_GE(vectors["cases"].size(), 100u);
}

TEST(Sampling, SmallCasesAreExact) {
    // One marked of two: one sample misses it one time in two, two samples never.
    EXPECT_EQ(soundness_bits(2, 1, 0), 0u);
    EXPECT_EQ(soundness_bits(2, 1, 1), 1u);
    EXPECT_EQ(soundness_bits(2, 1, 2), certain);
    // 3/4 · 2/3 = 1/2 exactly, which reaches one bit.
    EXPECT_EQ(soundness_bits(4, 1, 1), 0u);
    EXPECT_EQ(soundness_bits(4, 1, 2), 1u);
    EXPECT_EQ(soundness_bits(4, 1, 3), 2u);
    EXPECT_EQ(soundness_bits(1, 1, 1), certain);
    EXPECT_EQ(soundness_bits(0, 0, 0), certain);
    EXPECT_EQ(*samples_for(0, 0, 64), 0u);
    EXPECT_EQ(*samples_for(1, 1, 0), 0u);
    EXPECT_EQ(*samples_for(1, 1, 1), 1u);
    EXPECT_EQ(*samples_for(UINT64_MAX, UINT64_MAX, 4096), 1u);
}

TEST(Sampling, FewerSamplesDoNotReachIt) {
    for (const std::uint64_t population : {10u, 100u, 12345u, 10000000u}) {
        for (const std::uint64_t denominator : {2u, 7u, 100u}) {
            const std::uint64_t marked = marked_at_least(population, {1, denominator});
            for (const std::uint32_t bits : {1u, 20u, 64u}) {
                const std::uint64_t samples = *samples_for(population, marked, bits);
                EXPECT_GE(soundness_bits(population, marked, samples), bits);
                ASSERT_GE(samples, 1u);
                EXPECT_LT(soundness_bits(population, marked, samples - 1), bits);
            }
        }
    }
}

TEST(Sampling, TooManySamplesAreRefused) {
    EXPECT_EQ(samples_for(UINT64_MAX, 1, 1).error().code, stats::errc::too_many_samples);
    EXPECT_EQ(samples_for(1u << 21, 1, 1).value(), 1u << 20);
    // One half exactly, which no chain of rounded fractions would reach.
    EXPECT_EQ(soundness_bits(6, 1, 3), 1u);
    EXPECT_EQ(soundness_bits(1'000'006, 1, 500'003), 1u);
    EXPECT_EQ(soundness_bits(1'000'006, 500'003, 1), 1u);
    EXPECT_EQ(samples_for((1u << 21) + 2, 1, 1).error().code, stats::errc::too_many_samples);
}

TEST(Sampling, SharesAreRoundedTowardsTheVerifier) {
    EXPECT_EQ(marked_at_least(0, {1, 100}), 0u);
    EXPECT_EQ(marked_at_least(1, {1, 100}), 1u);
    EXPECT_EQ(marked_at_least(100, {1, 100}), 1u);
    EXPECT_EQ(marked_at_least(101, {1, 100}), 2u);
    EXPECT_EQ(marked_at_least(UINT64_MAX, {1, 1}), UINT64_MAX);
    EXPECT_EQ(marked_at_least(UINT64_MAX, {UINT64_MAX, UINT64_MAX}), UINT64_MAX);
    EXPECT_EQ(core::part_rounded_down({1, 3}, 10), 3u);
    EXPECT_EQ(core::part_rounded_up({1, 3}, 10), 4u);
    EXPECT_TRUE(core::is_at_least(1, 3, {1, 3}));
    EXPECT_FALSE(core::is_at_least(1, 4, {1, 3}));
    EXPECT_TRUE(core::is_at_least(0, 0, {1, 1}));
    EXPECT_TRUE(core::is_at_least(UINT64_MAX, UINT64_MAX, {UINT64_MAX, UINT64_MAX}));
    EXPECT_FALSE((Fraction{0, 1}.is_share()));
    EXPECT_FALSE((Fraction{2, 1}.is_share()));
}

TEST(Detection, TiesAreExact) {
    // (1/2)^n against 2^-n: reached exactly, which no rounding decides.
    for (std::uint64_t n = 1; n < 64; ++n) {
        const std::uint64_t all = std::uint64_t{1} << n;
        EXPECT_EQ(checks_to_detect({1, 2}, {all - 1, all}).value(), n);
    }
    // (2/3)^2 = 4/9, and (2/3)^40 in lowest terms.
    EXPECT_EQ(checks_to_detect({1, 3}, {5, 9}).value(), 2u);
    const std::uint64_t three_to_the_40 = 12157665459056928801u;
    const std::uint64_t two_to_the_40 = std::uint64_t{1} << 40;
    EXPECT_EQ(checks_to_detect({1, 3}, {three_to_the_40 - two_to_the_40, three_to_the_40}).value(), 40u);
    EXPECT_EQ(checks_to_detect({1, 3}, {three_to_the_40 - two_to_the_40 + 1, three_to_the_40}).value(), 41u);
}

TEST(Detection, EdgesOfTheRange) {
    EXPECT_EQ(checks_to_detect({1, 1}, {1, 1}).value(), 1u);
    EXPECT_EQ(checks_to_detect({7, 7}, {1, 2}).value(), 1u);
    EXPECT_EQ(checks_to_detect({UINT64_MAX - 1, UINT64_MAX}, {UINT64_MAX - 1, UINT64_MAX}).value(), 1u);
    EXPECT_EQ(checks_to_detect({1, UINT64_MAX}, {1, UINT64_MAX}).value(), 1u);
    EXPECT_EQ(checks_to_detect({1, UINT64_MAX}, {1, 2}).error().code, stats::errc::too_many_samples);
    // 460,515 checks at 1 in 100,000.
    EXPECT_EQ(checks_to_detect({1, 100000}, {99, 100}).value(), 460515u);
}

TEST(DetectionDeathTest, NothingIsCertainButCertainty) {
    EXPECT_DEATH((void)checks_to_detect({1, 2}, {1, 1}), "");
    EXPECT_DEATH((void)checks_to_detect({0, 2}, {1, 2}), "");
    EXPECT_DEATH((void)checks_to_detect({1, 2}, {0, 1}), "");
}

TEST(SamplingDeathTest, CallersKnowTheirPopulation) {
    EXPECT_DEATH((void)soundness_bits(10, 0, 1), "");
    EXPECT_DEATH((void)soundness_bits(10, 11, 1), "");
    EXPECT_DEATH((void)soundness_bits(10, 1, 11), "");
    EXPECT_DEATH((void)marked_at_least(10, {0, 1}), "");
}

}  // namespace
}  // namespace pouw::inline v1::stats
