#include "pouw/stats/binomial.hpp"

#include "random.hpp"
#include "vectors.hpp"

#include "pouw/stats/errc.hpp"

#include <gtest/gtest.h>

#include <ctime>

namespace pouw::inline v1::stats {
namespace {

using core::Fraction;
using test::fraction;
using test::Json;

BinomialTest test_of(const Json& vector) {
    return BinomialTest::create(fraction(vector["rate"]), fraction(vector["significance"])).value();
}

TEST(Binomial, CriticalFailuresOfADenseGrid) {
    const Json vectors = test::load_vectors("stats/binomial.json");
    std::size_t convictions = 0;
    for (const Json& vector : vectors["dense"]) {
        const BinomialTest binomial = test_of(vector);
        for (std::uint32_t checks = 0; checks < vector["critical"].size(); ++checks) {
            const auto critical = vector["critical"][checks].get<std::uint32_t>();
            EXPECT_EQ(binomial.critical_failures(checks).value_or(0), critical) << vector["rate"] << checks;
            for (std::uint32_t failures = 0; failures <= checks; ++failures) {
                const bool convicts = critical != 0 && failures >= critical;
                ASSERT_EQ(binomial.rejects(checks, failures), convicts)
                    << vector["rate"] << checks << ' ' << failures;
                convictions += convicts;
            }
        }
    }
    EXPECT_GT(convictions, 50'000u);
}

TEST(Binomial, CriticalFailuresOfManyChecks) {
    const Json vectors = test::load_vectors("stats/binomial.json");
    for (const Json& vector : vectors["large"]) {
        const auto checks = vector["checks"].get<std::uint32_t>();
        const auto critical = vector["critical"].get<std::uint32_t>();
        EXPECT_EQ(test_of(vector).critical_failures(checks), critical) << vector.dump();
    }
    EXPECT_GE(vectors["large"].size(), 60u);
}

TEST(Binomial, PValuesAreExact) {
    const Json vectors = test::load_vectors("stats/binomial.json");
    for (const Json& vector : vectors["p_values"]) {
        EXPECT_EQ(p_value(vector["checks"], vector["failures"], fraction(vector["rate"])),
                  test::u64(vector["value"]))
            << vector.dump();
    }
}

TEST(Binomial, ConfidenceBounds) {
    const Json vectors = test::load_vectors("stats/binomial.json");
    for (const Json& vector : vectors["bounds"]) {
        const Fraction error = fraction(vector["error"]);
        EXPECT_EQ(clopper_pearson_upper(vector["trials"], vector["successes"], error).ppm(), vector["upper"])
            << vector.dump();
        EXPECT_EQ(clopper_pearson_lower(vector["trials"], vector["successes"], error).ppm(), vector["lower"])
            << vector.dump();
    }
}

// Where both sides are equal the test convicts: no bound can tell, integers must.
TEST(Binomial, TiesConvict) {
    const BinomialTest half = BinomialTest::create({1, 2}, {1, 2}).value();
    for (const std::uint32_t checks : {1u, 3u, 63u, 65u, 999u, 9'999u}) {
        EXPECT_EQ(half.critical_failures(checks), checks / 2 + 1) << checks;
        EXPECT_EQ(p_value(checks, checks / 2 + 1, half.honest_rate()), std::uint64_t{1} << 62);
    }
    // 1/2^20 of twenty failures in twenty checks; the smallest step below acquits.
    EXPECT_TRUE(BinomialTest::create({1, 2}, {1, 1 << 20})->rejects(20, 20));
    EXPECT_FALSE(BinomialTest::create({1, 2}, {1, (1 << 20) + 1})->rejects(20, 20));
    EXPECT_TRUE(BinomialTest::create({1, 20}, {1, 20})->rejects(1, 1));
    EXPECT_TRUE(BinomialTest::create({1, 20}, {39, 400})->rejects(2, 1));
    EXPECT_FALSE(BinomialTest::create({1, 20}, {389'999, 4'000'000})->rejects(2, 1));
}

/// Seconds of processor time, which other programs on the machine do not lengthen.
template <typename Work>
double processor_seconds(Work work) {
    const std::clock_t start = std::clock();
    work();
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

// In integers of a million bits each decision takes 40 s, and of four billion it never ends.
TEST(Binomial, TiesOfManyChecksTakeNoTime) {
    const BinomialTest half = BinomialTest::create({1, 2}, {1, 2}).value();
    const double seconds = processor_seconds([&] {
        for (const std::uint32_t checks : {999'999u, 1'000'001u, UINT32_MAX}) {
            EXPECT_TRUE(half.rejects(checks, checks / 2 + 1));
            EXPECT_FALSE(half.rejects(checks, checks / 2));
            EXPECT_EQ(half.critical_failures(checks), checks / 2 + 1);
            EXPECT_EQ(p_value(checks, checks / 2 + 1, half.honest_rate()), std::uint64_t{1} << 62);
            EXPECT_FALSE(upper_tail_is_at_most(checks, checks / 2 + 1, {1, 2}, {INT64_MAX, UINT64_MAX}));
        }
        EXPECT_EQ(half.critical_failures(1'000'000), 500'001u);
    });
    EXPECT_LT(seconds, 30);
}

// Limits that are convergents of the tail's continued fraction: 110 bits do not tell on which side they lie.
TEST(Binomial, NearTiesOfManyTrialsTakeMoreDigits) {
    const double seconds = processor_seconds([] {
        EXPECT_FALSE(
            upper_tail_is_at_most(1'000'000, 333'800, {1, 3}, {18761362201579089, 116271567521995478}));
        EXPECT_TRUE(
            upper_tail_is_at_most(1'000'000, 333'800, {1, 3}, {111179307967845017, 689022058981623125}));
        EXPECT_TRUE(
            upper_tail_is_at_most(1'000'001, 500'100, {1, 2}, {172185895561268127, 408485583074181157}));
        EXPECT_FALSE(
            upper_tail_is_at_most(1'000'001, 500'100, {1, 2}, {831670390019565083, 1973015054951413016}));
        // The same of the other tail.
        EXPECT_TRUE(upper_tail_is_at_most(1'000'000, 666'201, {2, 3},
                                          {116271567521995478 - 18761362201579089, 116271567521995478}));
        EXPECT_FALSE(upper_tail_is_at_most(1'000'000, 666'201, {2, 3},
                                           {689022058981623125 - 111179307967845017, 689022058981623125}));
    });
    EXPECT_LT(seconds, 10);
}

TEST(Binomial, KnownFigures) {
    // Deployed networks: 5 false of 200 at 5 in 10,000 below one in ten million, 8 of 1000; 28 of 200 at
    // 1/10.
    const BinomialTest rare = BinomialTest::create({5, 10'000}, {1, 10'000'000}).value();
    EXPECT_EQ(rare.critical_failures(200), 5u);
    EXPECT_EQ(rare.critical_failures(1000), 8u);
    EXPECT_EQ(BinomialTest::create({1, 10}, {1, 20})->critical_failures(200), 28u);
    EXPECT_EQ(BinomialTest::create({1, 50}, {1, 20})->critical_failures(200), 8u);
}

TEST(Binomial, OneMoreFailureNeverAcquits) {
    test::Random random{1};
    for (int i = 0; i < 300; ++i) {
        const std::uint64_t denominator = 2 + random.below(1u << 30);
        const Fraction rate{1 + random.below64(denominator - 1), denominator};
        const BinomialTest binomial =
            BinomialTest::create(rate, {1, 2 + random.any_size() % 1'000'000}).value();
        const std::uint32_t checks = random.below(1u << random.below(20));
        const auto critical = binomial.critical_failures(checks);
        if (!critical) {
            EXPECT_FALSE(binomial.rejects(checks, checks));
            continue;
        }
        EXPECT_TRUE(binomial.rejects(checks, *critical));
        EXPECT_FALSE(binomial.rejects(checks, *critical - 1));
        EXPECT_TRUE(binomial.rejects(checks, checks));
        const std::uint64_t value = p_value(checks, *critical, binomial.honest_rate());
        EXPECT_LE(
            core::multiply(value, binomial.significance().denominator).low,
            (core::uint128{binomial.significance().numerator} << 63) + binomial.significance().denominator);
    }
}

TEST(Binomial, BillionsOfChecks) {
    const BinomialTest binomial = BinomialTest::create({1, 10}, {1, 1'000'000}).value();
    const std::uint32_t critical = binomial.critical_failures(UINT32_MAX).value();
    // 4.7534 standard deviations of 19,661 above the mean of 429,496,729.5.
    EXPECT_NEAR(critical, 429'496'729.5 + 4.75342 * 19'660.8, 40);
}

TEST(Binomial, NoTestWithoutProbabilities) {
    for (const Fraction& bad : {Fraction{0, 1}, Fraction{1, 1}, Fraction{2, 1},
                                Fraction{1, std::uint64_t{1} << 31}, Fraction{UINT64_MAX - 1, UINT64_MAX}}) {
        EXPECT_EQ(checked_probability(bad).error().code, stats::errc::invalid_probability);
        EXPECT_EQ(BinomialTest::create(bad, {1, 2}).error().code, stats::errc::invalid_probability);
        EXPECT_EQ(BinomialTest::create({1, 2}, bad).error().code, stats::errc::invalid_probability);
    }
    EXPECT_EQ(BinomialTest::create({std::uint64_t{1} << 40, std::uint64_t{1} << 41}, {2, 4}).value(),
              BinomialTest::create({1, 2}, {1, 2}).value());
}

TEST(BinomialDeathTest, NoMoreFailuresThanChecks) {
    const BinomialTest binomial = BinomialTest::create({1, 2}, {1, 2}).value();
    EXPECT_DEATH((void)binomial.rejects(1, 2), "");
    EXPECT_DEATH((void)p_value(1, 2, binomial.honest_rate()), "");
    EXPECT_DEATH((void)clopper_pearson_upper(1, 2, binomial.honest_rate()), "");
    EXPECT_DEATH((void)clopper_pearson_lower(1, 2, binomial.honest_rate()), "");
}

TEST(BinomialDeathTest, ChancesAreProbabilities) {
    const Fraction half{1, 2};
    EXPECT_DEATH((void)upper_tail_is_at_most(2, 1, {1, 1}, half), "not a probability");
    EXPECT_DEATH((void)upper_tail_is_at_most(2, 1, {1, std::uint64_t{1} << 31}, half), "not a probability");
    EXPECT_DEATH((void)upper_tail_is_at_most(2, 1, half, {1, 1}), "is_probability");
    EXPECT_DEATH((void)p_value(2, 1, {0, 1}), "not a probability");
    EXPECT_DEATH((void)clopper_pearson_upper(2, 1, {1, 1}), "is_probability");
    EXPECT_DEATH((void)clopper_pearson_lower(2, 1, {0, 1}), "is_probability");
}

}  // namespace
}  // namespace pouw::inline v1::stats
