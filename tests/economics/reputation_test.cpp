#include "pouw/economics/reputation.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/economics/errc.hpp"

#include <gtest/gtest.h>

namespace pouw::inline v1::economics {
namespace {

core::Rate ppm(std::uint64_t value) { return core::Rate::create(value).value(); }

TEST(Rate, IsAtMostOne) {
    EXPECT_EQ(core::Rate::create(1'000'000).value(), core::Rate::percent(100));
    EXPECT_EQ(core::Rate::create(1'000'001).error().code, core::errc::rate_above_one);
    EXPECT_EQ(core::Rate::create(UINT64_MAX).error().code, core::errc::rate_above_one);
    EXPECT_EQ(core::Rate::percent(20).complement(), core::Rate::percent(80));
    EXPECT_DEATH((void)core::Rate::percent(101), "");
}

TEST(Rate, PartsOfAmountsOfAnySize) {
    EXPECT_EQ(core::part_rounded_down(core::Rate::percent(20), 99) == 19, true);
    EXPECT_EQ(core::part_rounded_up(core::Rate::percent(20), 99) == 20, true);
    EXPECT_TRUE(core::part_rounded_down(core::Rate::percent(100), core::max_amount) == core::max_amount);
    EXPECT_TRUE(core::part_rounded_down(core::Rate{}, core::max_amount) == 0);
    for (const core::Amount amount :
         {core::Amount{UINT64_MAX} / 1'000'000 - 1, core::Amount{UINT64_MAX} / 1'000'000 + 1,
          core::Amount{UINT64_MAX} + 7, core::max_amount - 3}) {
        const auto exact =
            core::multiply_divide_floor(static_cast<core::uint128>(amount), 123'457, 1'000'000).value();
        EXPECT_TRUE(core::part_rounded_down(ppm(123'457), amount) == static_cast<core::Amount>(exact));
    }
    EXPECT_DEATH((void)core::part_rounded_down(core::Rate::percent(1), -1), "");
}

TEST(Reputation, StartsAtNothingGrowsAndIsResetByConviction) {
    for (const Growth growth : {Growth::linear, Growth::exponential, Growth::deployed}) {
        const ReputationCurve curve{.growth = growth};
        Reputation reputation;
        core::Rate before = reputation_rounded_down(reputation, curve);
        EXPECT_EQ(before, core::Rate{});
        for (int i = 0; i < 200; ++i) {
            reputation = advance(reputation, {.convicted = false, .worked = true, .missed = {}}, curve);
            const core::Rate now = reputation_rounded_down(reputation, curve);
            EXPECT_GE(now, before);
            before = now;
        }
        EXPECT_GT(before, ppm(999'980));
        EXPECT_EQ(advance(reputation, {.convicted = false, .worked = false, .missed = {}}, curve),
                  reputation);
        EXPECT_EQ(advance(reputation, {.convicted = true, .worked = true, .missed = {}}, curve),
                  Reputation{});
    }
}

TEST(Reputation, LinearAndExponentialSteps) {
    const ReputationCurve linear{.growth = Growth::linear, .epochs_to_full = 3};
    EXPECT_EQ(reputation_rounded_down({.epochs = 1}, linear), ppm(333'333));
    EXPECT_EQ(reputation_rounded_down({.epochs = 2}, linear), ppm(666'666));
    EXPECT_EQ(reputation_rounded_down({.epochs = 3}, linear), ppm(1'000'000));
    EXPECT_EQ(reputation_rounded_down({.epochs = UINT32_MAX}, linear), ppm(1'000'000));
    const ReputationCurve half{.growth = Growth::exponential, .step = core::Rate::percent(50)};
    EXPECT_EQ(reputation_rounded_down({.epochs = 1}, half), ppm(500'000));
    EXPECT_EQ(reputation_rounded_down({.epochs = 3}, half), ppm(875'000));
    EXPECT_EQ(reputation_rounded_down({.epochs = UINT32_MAX}, half), ppm(999'999));
    const ReputationCurve tenth{.growth = Growth::exponential};
    EXPECT_EQ(reputation_rounded_down({.epochs = 2}, tenth), ppm(190'000));
}

// The deployed network's figures.
TEST(Reputation, OfTheDeployedNetwork) {
    const auto percent = [](Reputation reputation, std::uint32_t full, std::uint32_t penalty = 1) {
        return reputation_rounded_down(
                   reputation, {.growth = Growth::deployed, .epochs_to_full = full, .penalty = penalty})
                   .ppm() /
               10'000;
    };
    EXPECT_EQ(percent({.epochs = 10}, 30), 33u);
    EXPECT_EQ(percent({.epochs = 20}, 30), 66u);
    EXPECT_EQ(percent({.epochs = 31}, 30), 100u);
    EXPECT_EQ(percent({.epochs = 10, .lost_ppm = 500'000}, 10), 95u);
    EXPECT_EQ(percent({.epochs = 10, .lost_ppm = 500'000}, 10, 2), 90u);
    const ReputationCurve curve{
        .growth = Growth::deployed, .epochs_to_full = 10, .forgiven = core::Rate::percent(10)};
    Reputation reputation;
    for (const std::uint32_t missed : {25u, 50u, 50u, 50u, 75u, 50u, 10u, 5u, 0u, 0u})
        reputation = advance(
            reputation, {.convicted = false, .worked = true, .missed = core::Rate::percent(missed)}, curve);
    EXPECT_EQ(percent(reputation, 10), 70u);
    EXPECT_EQ(percent(reputation, 10, 2), 40u);
    EXPECT_EQ(percent({.epochs = 1, .lost_ppm = UINT64_MAX}, 10, UINT32_MAX), 0u);
}

TEST(Reputation, RefusesCurvesThatDoNotGrow) {
    EXPECT_EQ(check(ReputationCurve{.epochs_to_full = 0}).error().code, economics::errc::invalid_rules);
    EXPECT_EQ(check(ReputationCurve{.step = ppm(999)}).error().code, economics::errc::invalid_rules);
    // The slowest that is allowed still ends.
    (void)reputation_rounded_down({.epochs = UINT32_MAX},
                                  {.growth = Growth::exponential, .step = ppm(1'000)});
}

TEST(CheckRate, FallsWithTrafficAndReputation) {
    const std::pair<std::uint64_t, std::uint64_t> steps[] = {
        {0, 1'000'000},  {100, 1'000'000}, {2'550, 525'000}, {3'775, 287'500},    {5'000, 50'000},
        {6'250, 40'000}, {7'500, 30'000},  {10'000, 10'000}, {UINT64_MAX, 10'000}};
    for (const auto& [traffic, rate] : steps)
        EXPECT_EQ(lowest_check_rate_rounded_up(traffic), ppm(rate)) << traffic;
    core::Rate before = core::Rate::percent(100);
    for (std::uint64_t traffic = 0; traffic < 11'000; ++traffic) {
        EXPECT_LE(lowest_check_rate_rounded_up(traffic), before);
        before = lowest_check_rate_rounded_up(traffic);
    }
    EXPECT_EQ(check_rate_rounded_up(core::Rate{}, core::Rate::percent(1)), core::Rate::percent(100));
    EXPECT_EQ(check_rate_rounded_up(core::Rate::percent(100), core::Rate::percent(1)),
              core::Rate::percent(1));
    EXPECT_EQ(check_rate_rounded_up(core::Rate::percent(100), core::Rate::percent(10)),
              core::Rate::percent(10));
    EXPECT_EQ(check_rate_rounded_up(core::Rate::percent(50), core::Rate::percent(10)),
              core::Rate::percent(55));
    EXPECT_EQ(check_rate_rounded_up(ppm(1), ppm(1)), ppm(1'000'000));  // 1 - 0.000000999999, up
}

}  // namespace
}  // namespace pouw::inline v1::economics
