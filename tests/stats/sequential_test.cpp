#include "pouw/stats/sequential.hpp"

#include "random.hpp"
#include "stats/powers.hpp"
#include "vectors.hpp"

#include "pouw/stats/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace pouw::inline v1::stats {
namespace {

using core::Fraction;
using test::fraction;
using test::Json;

SequentialTest test_of(const Json& vector) {
    const Fraction honest = fraction(vector["honest"]);
    const Fraction dishonest = fraction(vector["dishonest"]);
    if (vector.contains("errors")) {
        const ErrorRates errors{fraction(vector["errors"][0]), fraction(vector["errors"][1])};
        return SequentialTest::create(honest, dishonest, errors).value();
    }
    const LogarithmLimits limits{fraction(vector["limits"][0]), fraction(vector["limits"][1])};
    return SequentialTest::create(honest, dishonest, limits).value();
}

SequentialTest deployed(std::uint64_t honest_percent) {
    return SequentialTest::create({honest_percent, 100}, {1, 5}, LogarithmLimits{{4, 1}, {4, 1}}).value();
}

double nats(core::int128 value) {
    return static_cast<double>(value) / static_cast<double>(core::int128{1} << 80);
}

TEST(Sequential, DecisionsOfADenseGrid) {
    const Json vectors = test::load_vectors("stats/sequential.json");
    for (const Json& vector : vectors["tests"]) {
        const SequentialTest sequential = test_of(vector);
        for (std::uint32_t failures = 0; failures < vector["rows"].size(); ++failures) {
            const std::string row = vector["rows"][failures];
            for (std::uint32_t passes = 0; passes < row.size(); ++passes) {
                const char decision = "uar"[static_cast<std::size_t>(sequential.decide(failures, passes))];
                ASSERT_EQ(decision, row[passes]) << vector["honest"] << failures << ' ' << passes;
            }
        }
    }
    EXPECT_GE(vectors["tests"].size(), 10u);
}

TEST(Sequential, BoundsOfTheLogarithmHoldTheTruth) {
    const Json vectors = test::load_vectors("stats/sequential.json");
    for (const Json& vector : vectors["tests"]) {
        const SequentialTest sequential = test_of(vector);
        const core::int128 failure{static_cast<core::int128>(
            core::from_decimal(vector["logarithms"][0].get<std::string>()).value())};
        const core::int128 pass{static_cast<core::int128>(
            core::from_decimal(vector["logarithms"][1].get<std::string>()).value())};
        const LogarithmBounds of_failure = sequential.log_likelihood_ratio(1, 0);
        EXPECT_TRUE(of_failure.lower <= failure && failure < of_failure.upper &&
                    of_failure.upper - of_failure.lower <= 2);
        const LogarithmBounds of_pass = sequential.log_likelihood_ratio(0, 1);
        EXPECT_TRUE(of_pass.lower < -pass && -pass <= of_pass.upper && of_pass.upper - of_pass.lower <= 2);
        const LogarithmBounds many = sequential.log_likelihood_ratio(UINT32_MAX, UINT32_MAX);
        EXPECT_LE(many.upper - many.lower, core::int128{4} * UINT32_MAX);
    }
}

TEST(Sequential, KnownFigures) {
    const SequentialTest accuracy = deployed(5);
    EXPECT_NEAR(nats(accuracy.log_likelihood_ratio(1, 0).lower), 1.3863, 5e-5);
    EXPECT_NEAR(nats(accuracy.log_likelihood_ratio(0, 1).lower), -0.17185, 5e-6);
    EXPECT_EQ(accuracy.decide(2, 0), Decision::undecided);
    EXPECT_EQ(accuracy.decide(3, 0), Decision::rejected);
    EXPECT_EQ(accuracy.decide(0, 23), Decision::undecided);
    EXPECT_EQ(accuracy.decide(0, 24), Decision::accepted);
    const SequentialTest downtime = deployed(10);
    EXPECT_NEAR(nats(downtime.log_likelihood_ratio(1, 0).lower), 0.6931, 5e-5);
    EXPECT_NEAR(nats(downtime.log_likelihood_ratio(0, 1).lower), -0.11778, 5e-6);
    EXPECT_EQ(downtime.decide(5, 0), Decision::undecided);
    EXPECT_EQ(downtime.decide(6, 0), Decision::rejected);
}

// The ratio is 2 after a failure and 2/3 after a pass; the bounds are 2 and 1/2.
TEST(Sequential, TiesDecide) {
    const auto sequential = SequentialTest::create({1, 4}, {1, 2}, ErrorRates{{1, 3}, {1, 3}}).value();
    EXPECT_EQ(sequential.decide(0, 0), Decision::undecided);
    EXPECT_EQ(sequential.decide(1, 0), Decision::rejected);
    EXPECT_EQ(sequential.decide(0, 1), Decision::undecided);
    EXPECT_EQ(sequential.decide(0, 2), Decision::accepted);
    // (1/3, 2/3): a failure is worth a pass. 2^6 = 64 = (1 - 1/65) / (1/65), with however many pairs besides.
    const auto even = SequentialTest::create({1, 3}, {2, 3}, ErrorRates{{1, 65}, {1, 65}}).value();
    for (const std::uint32_t pairs : {0u, 1u, 50'000u, 2'000'000'000u}) {
        EXPECT_EQ(even.decide(pairs + 5, pairs), Decision::undecided);
        EXPECT_EQ(even.decide(pairs + 6, pairs), Decision::rejected);
        EXPECT_EQ(even.decide(pairs, pairs + 6), Decision::accepted);
    }
}

// In integers these are powers of four billion bits.
TEST(Sequential, TiesOfBillionsOfChecksTakeNoTime) {
    // A failure gains 15/14 and a pass loses 15/14; the limits are 15/14 too.
    const auto even = SequentialTest::create({14, 29}, {15, 29}, ErrorRates{{14, 29}, {14, 29}}).value();
    EXPECT_EQ(even.decide(UINT32_MAX, UINT32_MAX - 1), Decision::rejected);
    EXPECT_EQ(even.decide(UINT32_MAX, UINT32_MAX), Decision::undecided);
    EXPECT_EQ(even.decide(UINT32_MAX - 1, UINT32_MAX), Decision::accepted);
}

TEST(Sequential, ProductsOfPowersThatAreOne) {
    constexpr std::int64_t many = INT64_C(1) << 40;
    EXPECT_TRUE(is_one({}));
    EXPECT_TRUE(is_one({{1, 7}, {9, 0}}));
    EXPECT_TRUE(is_one({{6, many}, {2, -many}, {3, -many}}));
    EXPECT_TRUE(is_one({{12, 5}, {18, 5}, {6, -15}}));
    EXPECT_TRUE(is_one({{UINT64_C(1) << 63, many}, {8, -21 * many}}));
    EXPECT_TRUE(
        is_one({{UINT64_C(4294967291) * 4294967279, many}, {4294967291, -many}, {4294967279, -many}}));
    EXPECT_FALSE(is_one({{6, many}, {2, -many}, {3, 1 - many}}));
    EXPECT_FALSE(is_one({{12, 5}, {18, 5}, {6, -14}}));
    EXPECT_FALSE(is_one({{UINT64_MAX, 1}, {UINT64_MAX - 1, -1}}));
    EXPECT_FALSE(is_one({{2, 1}}));
    test::Random random{5};
    for (int i = 0; i < 2000; ++i) {
        // Exponents of 2, 3, 5 and 7 say what the product is.
        constexpr std::uint64_t primes[]{2, 3, 5, 7};
        std::vector<Power> powers;
        std::int64_t total[4]{};
        for (int j = 0; j < 6; ++j) {
            Power power{1, static_cast<std::int64_t>(random.below(7)) - 3};
            for (std::size_t k = 0; k < 4; ++k) {
                for (std::uint64_t n = random.below(3); n > 0; --n) {
                    power.base *= primes[k];
                    total[k] += power.exponent;
                }
            }
            powers.push_back(power);
        }
        if (i % 2 == 0) {  // half of them are made to be one
            for (std::size_t k = 0; k < 4; ++k) powers.push_back({primes[k], -std::exchange(total[k], 0)});
        }
        EXPECT_EQ(is_one(powers),
                  std::all_of(std::begin(total), std::end(total), [](auto n) { return n == 0; }));
    }
}

/// The best approximations of `value` / 2^80 by fractions of 64 bits: each is closer than 1/denominator^2.
std::vector<Fraction> convergents(core::uint128 value) {
    std::vector<Fraction> out;
    core::uint128 a = value, b = core::uint128{1} << 80;
    core::uint128 h = 1, h_before = 0, k = 0, k_before = 1;
    while (b != 0) {
        const core::uint128 digit = a / b;
        std::swap(h_before, h);
        std::swap(k_before, k);
        h += digit * h_before;
        k += digit * k_before;
        if (h >> 64 != 0 || k >> 64 != 0) break;
        out.push_back({static_cast<std::uint64_t>(h), static_cast<std::uint64_t>(k)});
        a %= b;
        std::swap(a, b);
    }
    return out;
}

// Limits so close to ln 4 that its bounds of 2^-80 do not tell which is larger.
TEST(Sequential, LimitsThatNeedMoreDigits) {
    const Json vectors = test::load_vectors("stats/sequential.json");
    const core::uint128 floor_of_log =
        core::from_decimal(vectors["tests"][0]["logarithms"][0].get<std::string>()).value();
    std::size_t tried = 0;
    for (const core::uint128 unit : {0u, 1u}) {
        for (const Fraction& limit : convergents(floor_of_log + unit)) {
            if (limit.denominator < std::uint64_t{1} << 45) continue;
            const auto sequential =
                SequentialTest::create({1, 20}, {1, 5}, LogarithmLimits{limit, {4, 1}}).value();
            EXPECT_EQ(sequential.decide(1, 0), unit == 0 ? Decision::rejected : Decision::undecided);
            const auto mirrored =
                SequentialTest::create({4, 5}, {19, 20}, LogarithmLimits{{4, 1}, limit}).value();
            EXPECT_EQ(mirrored.decide(0, 1), unit == 0 ? Decision::accepted : Decision::undecided);
            ++tried;
        }
    }
    EXPECT_GT(tried, 10u);
}

/// The share of simulated nodes with this failure rate, in 1/100, that end with the decision.
double share_of(const SequentialTest& sequential, std::uint32_t failures_percent, Decision wanted) {
    constexpr int nodes = 20'000;
    test::Random random{failures_percent};
    int found = 0;
    for (int node = 0; node < nodes; ++node) {
        std::uint32_t failures = 0, passes = 0;
        Decision decision = Decision::undecided;
        while (decision == Decision::undecided) {
            ++(random.below(100) < failures_percent ? failures : passes);
            decision = sequential.decide(failures, passes);
        }
        found += decision == wanted;
    }
    return static_cast<double>(found) / nodes;
}

// Wald: of the honest at most convicted / (1 - missed) are rejected, of the dishonest at most missed / (1 -
// convicted) accepted.
TEST(Sequential, ErrorsAreBounded) {
    const auto sequential = SequentialTest::create({1, 20}, {1, 5}, ErrorRates{{1, 50}, {1, 20}}).value();
    // Four standard deviations of 20,000 nodes.
    EXPECT_LE(share_of(sequential, 5, Decision::rejected), 0.02 / 0.95 + 0.004);
    EXPECT_LE(share_of(sequential, 20, Decision::accepted), 0.05 / 0.98 + 0.0062);
    EXPECT_GE(share_of(sequential, 20, Decision::rejected), 0.93);
}

TEST(Sequential, RunsThatConvict) {
    const Json vectors = test::load_vectors("stats/sequential.json");
    for (const Json& vector : vectors["runs"]) {
        const auto run = run_to_convict(fraction(vector["rate"]), fraction(vector["limit"]));
        if (vector["run"] == 0) {
            EXPECT_EQ(run.error().code, stats::errc::invalid_test) << vector.dump();
        } else {
            EXPECT_EQ(run.value(), vector["run"]) << vector.dump();
        }
    }
    EXPECT_EQ(run_to_convict({1, 20}, {1, 1'000'000}).value(), 5u);
    EXPECT_EQ(run_to_convict({1, 1}, {1, 2}).error().code, stats::errc::invalid_probability);
    EXPECT_EQ(run_to_convict({1, 2}, {0, 1}).error().code, stats::errc::invalid_probability);
}

TEST(Sequential, NoTestOfNonsense) {
    const LogarithmLimits four{{4, 1}, {4, 1}};
    const ErrorRates errors{{1, 100}, {1, 100}};
    for (const Fraction& bad : {Fraction{0, 1}, Fraction{1, 1}, Fraction{3, 2}}) {
        EXPECT_EQ(SequentialTest::create(bad, {1, 5}, four).error().code, stats::errc::invalid_probability);
        EXPECT_EQ(SequentialTest::create({1, 20}, bad, errors).error().code,
                  stats::errc::invalid_probability);
        EXPECT_EQ(SequentialTest::create({1, 20}, {1, 5}, ErrorRates{bad, {1, 9}}).error().code,
                  stats::errc::invalid_probability);
        EXPECT_EQ(SequentialTest::create({1, 20}, {1, 5}, ErrorRates{{1, 9}, bad}).error().code,
                  stats::errc::invalid_probability);
    }
    EXPECT_EQ(SequentialTest::create({1, 5}, {1, 5}, four).error().code, stats::errc::invalid_test);
    EXPECT_EQ(SequentialTest::create({2, 5}, {1, 5}, four).error().code, stats::errc::invalid_test);
    EXPECT_EQ(SequentialTest::create({1, 20}, {1, 5}, ErrorRates{{1, 2}, {1, 2}}).error().code,
              stats::errc::invalid_test);
    for (const Fraction& bad : {Fraction{0, 1}, Fraction{std::uint64_t{1} << 32, 1}}) {
        EXPECT_EQ(SequentialTest::create({1, 20}, {1, 5}, LogarithmLimits{bad, {4, 1}}).error().code,
                  stats::errc::invalid_test);
        EXPECT_EQ(SequentialTest::create({1, 20}, {1, 5}, LogarithmLimits{{4, 1}, bad}).error().code,
                  stats::errc::invalid_test);
    }
}

}  // namespace
}  // namespace pouw::inline v1::stats
