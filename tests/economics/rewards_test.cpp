#include "pouw/economics/rewards.hpp"

#include "pouw/core/apportion.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/economics/errc.hpp"
#include "pouw/economics/models.hpp"
#include "pouw/economics/pricing.hpp"
#include "pouw/emission/chains/first_takes_remainder.hpp"
#include "pouw/emission/chains/race_coin.hpp"
#include "pouw/emission/vesting.hpp"

#include <gtest/gtest.h>

namespace pouw::inline v1::economics {
namespace {

std::string text(core::Amount amount) { return core::to_decimal(amount); }

/// What the executor of `tasks` tasks of 1000 has, when one in `every` is checked.
core::Amount executor_of(int tasks, int every) {
    core::Amount sum = 0;
    for (int i = 0; i < tasks; ++i) sum += split_validators_rounded_down(1'000, i % every == 0).executor;
    return sum;
}

// White paper, chapter 6: every tenth task checked gives 95%, all checked half.
TEST(Rewards, TheCheckedHalf) {
    EXPECT_EQ(text(executor_of(1'000, 10)), "950000");
    EXPECT_EQ(text(executor_of(1'000, 1)), "500000");
    EXPECT_EQ(split_validators_rounded_down(7, true), (Halves{4, 3}));
    EXPECT_EQ(split_validators_rounded_down(1, true), (Halves{1, 0}));
    EXPECT_EQ(split_validators_rounded_down(7, false), (Halves{7, 0}));
}

// White paper, Appendix F: X tokens of fees let nodes earn up to 10X at 90%; the paper's 9X is the
// subsidy alone.
TEST(Rewards, TheSubsidyOnFees) {
    const core::Amount x = 1'000;
    const core::Amount subsidy = subsidy_rounded_down(x, core::Rate::percent(90)).value();
    EXPECT_EQ(text(subsidy), "9000");
    EXPECT_EQ(text(x + subsidy), "10000");
    // The table of Appendix F, and the exact schedule, agree in the first batch.
    EXPECT_EQ(text(subsidy_rounded_down(5'555'555, core::Rate::percent(90)).value()), "49999995");
    EXPECT_EQ(emission::race_coin::subsidise({}, 1'000).value().subsidy, 9'000);
    EXPECT_EQ(text(subsidy_rounded_down(1'000, core::Rate{}).value()), "0");
    EXPECT_EQ(subsidy_rounded_down(1'000, core::Rate::percent(100)).error().code,
              economics::errc::invalid_rules);
    EXPECT_EQ(subsidy_rounded_down(-1, core::Rate::percent(90)).error().code, core::errc::invalid_amount);
    EXPECT_EQ(subsidy_rounded_down(core::max_amount, core::Rate::percent(90)).error().code,
              core::errc::overflow);
}

TEST(Rewards, TheIssuanceIsTheLargerOfSubsidyAndMinimum) {
    const Issuance rule{core::Rate::percent(90), 5'000, 20'000};
    EXPECT_EQ(text(issued(rule, 0).value()), "5000");
    EXPECT_EQ(text(issued(rule, 555).value()), "5000");
    EXPECT_EQ(text(issued(rule, 1'000).value()), "9000");
    EXPECT_EQ(text(issued(rule, 1'000'000).value()), "20000");
    EXPECT_EQ(text(issued(rule, core::max_amount).value()), "20000");
    EXPECT_EQ(issued({core::Rate::percent(90), -1, 0}, 0).error().code, core::errc::invalid_amount);
    EXPECT_EQ(issued({core::Rate::percent(90), 0, -1}, 0).error().code, core::errc::invalid_amount);
    EXPECT_EQ(issued({core::Rate::percent(100), 0, 0}, 0).error().code, economics::errc::invalid_rules);
}

// White paper, chapter 9: a maximum, cut off when it is spent, and no refund then.
TEST(Rewards, TheMaximumOfARequest) {
    EXPECT_EQ(charge(100, 60).value(), (Charge{60, 40, false}));
    EXPECT_EQ(charge(100, 100).value(), (Charge{100, 0, false}));
    EXPECT_EQ(charge(100, 101).value(), (Charge{100, 0, true}));
    EXPECT_EQ(charge(-1, 0).error().code, core::errc::invalid_amount);
    EXPECT_EQ(charge(0, -1).error().code, core::errc::invalid_amount);
}

// White paper, Appendix K.
TEST(Rewards, TheTrainingShareMovesAfterYearFiveWithinBounds) {
    const auto percent = [](std::uint32_t value) { return core::Rate::percent(value); };
    TrainingShare share = TrainingShare::create(percent(10), percent(30)).value();
    EXPECT_EQ(share.rate(), core::Rate::percent(20));
    EXPECT_EQ(share.adjust(core::Rate::percent(25), 4).error().code, economics::errc::share_locked);
    EXPECT_EQ(share.adjust(core::Rate::percent(31), 5).error().code, economics::errc::share_out_of_bounds);
    EXPECT_EQ(share.adjust(core::Rate::percent(9), 5).error().code, economics::errc::share_out_of_bounds);
    EXPECT_EQ(share.rate(), core::Rate::percent(20));
    EXPECT_TRUE(share.adjust(core::Rate::percent(25), 5));
    EXPECT_EQ(share.rate(), core::Rate::percent(25));
    EXPECT_EQ(TrainingShare::create(percent(21), percent(30)).error().code, economics::errc::invalid_rules);
    EXPECT_EQ(TrainingShare::create(percent(10), percent(19)).error().code, economics::errc::invalid_rules);
    // A chain that goes on with what governance decided.
    EXPECT_EQ(TrainingShare::create(percent(10), percent(30), percent(25)).value(), share);
    EXPECT_EQ(TrainingShare::create(percent(10), percent(30), percent(9)).error().code,
              economics::errc::share_out_of_bounds);
    // The paper has no bounds.
    TrainingShare free;
    EXPECT_EQ(free.rate(), percent(20));
    EXPECT_EQ(free.adjust(percent(0), 4).error().code, economics::errc::share_locked);
    EXPECT_TRUE(free.adjust(percent(0), 5));
    EXPECT_TRUE(free.adjust(percent(100), 6));
}

TEST(Rewards, AShortfallReducesInProportion) {
    const core::Rate tolerance = core::Rate::percent(10);
    EXPECT_EQ(text(after_shortfall_rounded_down(1'000, 0, 0, tolerance)), "1000");
    EXPECT_EQ(text(after_shortfall_rounded_down(1'000, 100, 100, tolerance)), "1000");
    EXPECT_EQ(text(after_shortfall_rounded_down(1'000, 90, 100, tolerance)), "1000");
    EXPECT_EQ(text(after_shortfall_rounded_down(1'000, 89, 100, tolerance)), "988");
    EXPECT_EQ(text(after_shortfall_rounded_down(1'000, 45, 100, tolerance)), "500");
    EXPECT_EQ(text(after_shortfall_rounded_down(1'000, 0, 100, tolerance)), "0");
    EXPECT_EQ(text(after_shortfall_rounded_down(core::max_amount, UINT64_MAX / 2, UINT64_MAX, core::Rate{})),
              text(static_cast<core::Amount>(
                  core::multiply_divide_floor(core::uint128_max >> 1, UINT64_MAX / 2, UINT64_MAX).value())));
}

TEST(Rewards, SplitsOfTheDeployedNetwork) {
    EXPECT_EQ(deployed_split(100, 2), (Halves{34, 66}));
    EXPECT_EQ(deployed_split(100, 0), (Halves{100, 0}));
    const std::uint64_t equal[] = {1, 1, 1};
    EXPECT_EQ(emission::allocate_first_takes_remainder<std::int64_t>(100, equal).value(),
              (std::vector<std::int64_t>{34, 33, 33}));
    for (std::uint32_t count = 1; count < 9; ++count) {
        for (const core::Amount amount :
             {core::Amount{0}, core::Amount{5}, core::Amount{100}, core::max_amount}) {
            core::Amount sum = 0;
            for (std::uint32_t rank = 0; rank < count; ++rank) sum += equal_part(amount, rank, count);
            EXPECT_TRUE(sum == amount);
        }
    }
}

TEST(Rewards, DivisionByWideWeightsConserves) {
    const std::vector<core::uint128> thirds(3, core::uint128{1} << 120);
    const auto parts = core::apportion(100, thirds).value();
    EXPECT_TRUE(parts[0] == 34 && parts[1] == 33 && parts[2] == 33);
    EXPECT_EQ(core::apportion(1, std::vector<core::uint128>{0, 0}).error().code, core::errc::no_weight);
    EXPECT_EQ(core::apportion(1, std::vector<core::uint128>{core::uint128_max, 1}).error().code,
              core::errc::overflow);
    const auto wide =
        core::apportion(core::max_amount, std::vector<core::uint128>{core::uint128_max - 5, 2, 3}).value();
    EXPECT_TRUE(wide[0] + wide[1] + wide[2] == core::max_amount);
}

}  // namespace
}  // namespace pouw::inline v1::economics
