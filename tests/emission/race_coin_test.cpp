#include "pouw/emission/chains/race_coin.hpp"

#include "emission_vectors.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/emission/chains/race_coin_founders.hpp"
#include "pouw/emission/chains/race_coin_pool.hpp"
#include "pouw/emission/chains/race_coin_top.hpp"
#include "pouw/emission/errc.hpp"

#include <gtest/gtest.h>

namespace pouw::inline v1::emission::race_coin {
namespace {

using test::Json;
using test::Random;
using test::text;

Json vectors() { return test::load_vectors("emission/operations.json"); }

TEST(RaceCore, DaysEqualTheReference) {
    const Json operations = vectors();
    for (const Json& run : operations.at("race_days")) {
        CoreIssuance issuance;
        for (const Json& day : run) {
            for (std::size_t i = 0; i < day.at("fees").size(); ++i)
                ASSERT_EQ(text(issuance.pay_fees(test::i64(day.at("fees")[i])).value()),
                          test::str(day.at("subsidies")[i]));
            ASSERT_EQ(text(issuance.close_day()), test::str(day.at("top_up")));
            ASSERT_EQ(text(issuance.state().issued), test::str(day.at("issued")));
        }
    }
}

TEST(RaceCore, FeesInPartsEarnWhatTheyEarnAtOnce) {
    Random random{5};
    for (int i = 0; i < 500; ++i) {
        CoreState state;
        std::uint64_t paid = 0;
        for (int k = 0; k < 20; ++k) {
            const auto fees = static_cast<std::int64_t>(random.below64(400'000'000 * std::uint64_t{coin}) >>
                                                        random.below64(60));
            const CoreStep step = subsidise(state, fees).value();
            ASSERT_EQ(step.subsidy, step.next.issued - state.issued);
            ASSERT_LE(step.next.issued, core_incentive);
            state = step.next;
            paid += static_cast<std::uint64_t>(fees);
        }
        ASSERT_EQ(state, SubsidyByFees{}.state(paid));
    }
}

TEST(RaceCore, OneStepCrossesAllBatches) {
    // 2,411,536,717 coins of fees exhaust the 600 million, to the coin.
    const CoreStep all = subsidise({}, 2'411'536'718 * coin).value();
    EXPECT_EQ(all.subsidy, core_incentive);
    EXPECT_EQ(all.next.left(), 0);
    EXPECT_EQ(all.next.carry, 0u);
    EXPECT_EQ(all.next.batch_number(), 12u);
    EXPECT_LT(subsidise({}, 2'411'536'716 * coin).value().subsidy, core_incentive);
    EXPECT_EQ(subsidise(all.next, INT64_MAX).value().subsidy, 0);
    EXPECT_EQ(subsidise({}, INT64_MAX).value().subsidy, core_incentive);
    // The end of batch 1 needs 5,555,555.55... coins.
    EXPECT_EQ(subsidise({}, 5'555'555'555'555'555).value().next.batch_number(), 1u);
    EXPECT_EQ(subsidise({}, 5'555'555'555'555'556).value().next.batch_number(), 2u);
}

TEST(RaceCore, RefusesWhatIsOutOfRange) {
    EXPECT_EQ(subsidise({}, -1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(subsidise({-1, 0}, 1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(subsidise({core_incentive + 1, 0}, 1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(subsidise({0, core::uint128_max}, 1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(CoreIssuance{}.pay_fees(-1).error().code, core::errc::invalid_amount);
}

TEST(RaceCoreDeathTest, ABatchOutsideTheTableIsAContractViolation) {
    EXPECT_DEATH((void)subsidy_rate(0), "");
    EXPECT_DEATH((void)subsidy_rate(13), "");
    EXPECT_DEATH((void)legacy_subsidy_rate(0), "");
    EXPECT_DEATH((void)fees_of_batch(13), "");
}

TEST(RaceCore, WithoutDemandTheMinimumIsIssued) {
    CoreIssuance issuance;
    for (Step d = 0; d < 5000; ++d) {
        (void)issuance.close_day();
        ASSERT_EQ(issuance.state().issued, MinimumIssuance{}.cumulative(d + 1));
    }
    EXPECT_EQ(issuance.day(), 5000u);
}

TEST(RaceCore, DemandAboveTheMinimumIsNotToppedUp) {
    CoreIssuance issuance;
    EXPECT_EQ(issuance.pay_fees(20'000 * coin).value(), 180'000 * coin);
    EXPECT_EQ(issuance.subsidised_today(), 180'000 * coin);
    EXPECT_EQ(issuance.close_day(), 0);
    EXPECT_EQ(issuance.subsidised_today(), 0);
    EXPECT_EQ(issuance.pay_fees(10'000 * coin).value(), 90'000 * coin);
    EXPECT_EQ(issuance.close_day(), MinimumIssuance{}.reward(1) - 90'000 * coin);
    // Exhausted by demand: the minimum is not minted on top.
    EXPECT_TRUE(issuance.pay_fees(INT64_MAX));
    EXPECT_EQ(issuance.state().issued, core_incentive);
    EXPECT_EQ(issuance.close_day(), 0);
    EXPECT_EQ(issuance.close_day(), 0);
}

TEST(RaceCore, LegacyEqualsTheReference) {
    const Json operations = vectors();
    for (const Json& row : operations.at("race_legacy"))
        ASSERT_EQ(text(legacy_subsidy(test::i64(row[0]), test::i64(row[1]),
                                      static_cast<std::uint32_t>(test::u64(row[2])), test::i64(row[3]))
                           .value()),
                  test::str(row[4]))
            << row;
    EXPECT_EQ(legacy_subsidy(0, 1000, 9000, 600'000'000'000).value(), 10'000);
    EXPECT_EQ(legacy_subsidy(0, 100'000, 9000, 200'000).value(),
              363'571);  // above the supply: why it is legacy
    EXPECT_EQ(legacy_subsidy(-1, 1, 9000, 100).error().code, core::errc::invalid_amount);
    EXPECT_EQ(legacy_subsidy(1, -1, 9000, 100).error().code, core::errc::invalid_amount);
    EXPECT_EQ(legacy_subsidy(1, 1, 10'000, 100).error().code, core::errc::invalid_amount);
    EXPECT_EQ(legacy_subsidy(1, 1, 9000, 0).error().code, core::errc::invalid_amount);
    EXPECT_EQ(legacy_subsidy(0, 1, 9000, 9).error().code, core::errc::invalid_amount);
    EXPECT_EQ(legacy_subsidy(0, INT64_MAX, 9999, INT64_MAX).error().code, core::errc::overflow);
}

// Top providers ---------------------------------------------------------------------------------------------

using Top = TopProviders<std::uint64_t>;
using Ranking = std::vector<Candidate<std::uint64_t>>;

std::int64_t sum(const std::vector<Top::Payout>& payouts) {
    std::int64_t out = 0;
    for (const auto& p : payouts) out += p.amount;
    return out;
}

TEST(RaceTop, ThreeProvidersServeFourYears) {
    constexpr std::uint64_t year = 31'536'000;
    const Ranking ranking{{1, true}, {2, true}, {3, true}, {4, true}};
    auto top = Top::create({}, 1'000).value();
    EXPECT_TRUE(top.advance(1'000, ranking)->empty());
    EXPECT_EQ(top.holder(2), std::optional<std::uint64_t>{3});
    for (std::uint64_t y = 1; y <= 4; ++y) {
        EXPECT_TRUE(top.advance(1'000 + y * year - 1, ranking)->empty());
        const auto paid = top.advance(1'000 + y * year, ranking).value();
        EXPECT_EQ(paid, (std::vector<Top::Payout>{
                            {1, 10'000'000 * coin}, {2, 10'000'000 * coin}, {3, 10'000'000 * coin}}));
    }
    EXPECT_EQ(top.paid(), top_provider_reward);
    EXPECT_TRUE(top.advance(1'000 + 9 * year, ranking)->empty());
}

TEST(RaceTop, TheHeirTakesWhatIsLeft) {
    constexpr std::uint64_t year = 31'536'000;
    auto top = Top::create({top_provider_reward, 1, 4, year, year / 10}, 0).value();
    EXPECT_TRUE(top.advance(0, Ranking{{1, true}, {2, true}})->empty());
    EXPECT_EQ(sum(top.advance(year, Ranking{{1, true}, {2, true}}).value()), 30'000'000 * coin);
    // A failure of a tenth of the year is allowed, a second more is not.
    EXPECT_TRUE(top.advance(year + year / 10, Ranking{{2, true}})->empty());
    EXPECT_EQ(top.holder(0), std::optional<std::uint64_t>{1});
    EXPECT_TRUE(top.advance(year + year / 10 + 1, Ranking{{2, true}, {1, false}})->empty());
    EXPECT_EQ(top.holder(0), std::optional<std::uint64_t>{2});
    const std::uint64_t since = year + year / 10 + 1;
    EXPECT_TRUE(top.advance(since + year - 1, Ranking{{1, true}, {2, true}})->empty());
    const auto late = top.advance(since + 3 * year, Ranking{{1, true}, {2, true}}).value();
    EXPECT_EQ(late.size(), 3u);
    EXPECT_EQ(sum(late), 90'000'000 * coin);
    EXPECT_EQ(top.paid(), top_provider_reward);
}

TEST(RaceTop, ConservesUnderAnyHistory) {
    Random random{6};
    for (int run = 0; run < 50; ++run) {
        auto top = Top::create({1'000'003, 3, 4, 100, 10}, 0).value();
        std::int64_t paid = 0;
        std::uint64_t now = 0;
        for (int i = 0; i < 300; ++i) {
            now += random.below64(30);
            Ranking ranking;
            for (std::uint64_t id = 0; id < 6; ++id) ranking.push_back({id, random.below64(8) != 0});
            paid += sum(top.advance(now, ranking).value());
            ASSERT_EQ(paid, top.paid());
            for (std::size_t a = 0; a < 3; ++a)
                for (std::size_t b = 0; b < a; ++b)
                    ASSERT_TRUE(!top.holder(a) || top.holder(a) != top.holder(b));
        }
        ASSERT_EQ(paid, 1'000'003);
    }
}

TEST(RaceTop, RefusesWhatIsOutOfRange) {
    EXPECT_EQ(Top::create({-1, 3, 4, 1, 0}, 0).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(Top::create({1, 0, 4, 1, 0}, 0).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(Top::create({1, 3, 0, 1, 0}, 0).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(Top::create({1, 3, 4, 0, 0}, 0).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(Top::create({1, 5'000, 4, 1, 0}, 0).error().code, emission::errc::invalid_schedule);
    auto top = Top::create({}, 5).value();
    EXPECT_EQ(top.advance(4, {}).error().code, emission::errc::time_reversed);
}

// Liquidity pool --------------------------------------------------------------------------------------------

LiquidityPool::Params params(const Json& rule) {
    LiquidityPool::Params out;
    out.price.kind =
        test::str(rule.at("kind")) == "doubling" ? PriceRule::Kind::doubling : PriceRule::Kind::linear_step;
    out.price.first = rule.at("first").get<std::int64_t>();
    out.price.step = rule.at("step").get<std::int64_t>();
    return out;
}

TEST(RacePool, RunsEqualTheReference) {
    const Json operations = vectors();
    for (const Json& sale : operations.at("race_pool")) {
        auto pool = LiquidityPool::create(params(sale.at("rule"))).value();
        for (const Json& step : sale.at("run")) {
            const std::int64_t coins = test::i64(step.at("coins"));
            const bool buys = test::str(step.at("op")) == "buy";
            const auto done = buys ? pool.buy(coins) : pool.sell_back(coins);
            if (step.at("result").is_null()) {
                ASSERT_FALSE(done) << step;
                ASSERT_EQ(done.error().code,
                          buys ? emission::errc::sold_out : emission::errc::insufficient_reserve)
                    << step;
            } else {
                ASSERT_TRUE(done) << step;
                ASSERT_EQ(text(*done), test::str(step.at("result"))) << step;
            }
            ASSERT_EQ(text(pool.sold()), test::str(step.at("sold"))) << step;
            ASSERT_EQ(text(pool.held()), test::str(step.at("held"))) << step;
            ASSERT_EQ(text(pool.reserve()), test::str(step.at("reserve"))) << step;
            ASSERT_EQ(text(pool.price()), test::str(step.at("price"))) << step;
            ASSERT_EQ(text(pool.achieved_price()), test::str(step.at("achieved"))) << step;
            ASSERT_GE(pool.reserve(), 0);
        }
    }
}

TEST(RacePool, ShowsThatItIsNotFullyReserved) {
    auto pool = LiquidityPool::create({}).value();
    const std::int64_t phase = 12'000'000 * coin;
    EXPECT_EQ(pool.phases(), 10);
    EXPECT_EQ(pool.buy(phase).value(), 60'000'000'000);  // $60,000
    EXPECT_EQ(pool.price(), 10'000);
    // Nobody has paid the price of phase 2 yet.
    EXPECT_EQ(pool.achieved_price(), 5'000);
    EXPECT_EQ(pool.liability(phase), 60'000'000'000);
    EXPECT_EQ(pool.coverage(phase), (core::Fraction{60'000'000'000, 60'000'000'000}));
    EXPECT_EQ(pool.payable_coins(), 12'000'000 * coin);
    EXPECT_EQ(pool.buy(coin).value(), 10'000);  // a cent
    EXPECT_EQ(pool.achieved_price(), 10'000);
    EXPECT_EQ(pool.liability(phase), 120'000'000'000);
    EXPECT_EQ(pool.coverage(phase), (core::Fraction{60'000'010'000, 120'000'000'000}));
    EXPECT_EQ(pool.payable_coins(), 6'000'001 * coin);
    EXPECT_EQ(pool.sell_back(6'000'001 * coin + 100'000).error().code, emission::errc::insufficient_reserve);
    EXPECT_EQ(pool.sell_back(6'000'001 * coin).value(), 60'000'010'000);
    EXPECT_EQ(pool.reserve(), 0);
    EXPECT_EQ(pool.sell_back(coin).error().code, emission::errc::insufficient_reserve);
}

// White paper, Appendix E: the pool pays "the latest achieved price". At each boundary of phases that is the
// price of the phase that is sold out, until somebody pays the next one.
TEST(RacePool, BuysBackAtTheLatestAchievedPrice) {
    auto pool = LiquidityPool::create({}).value();
    const std::int64_t phase = 12'000'000 * coin;
    EXPECT_EQ(pool.achieved_price(), 0);
    EXPECT_EQ(pool.payable_coins(), 0);
    EXPECT_EQ(pool.sell_back(1).error().code, emission::errc::insufficient_reserve);  // nobody bought yet
    EXPECT_EQ(pool.held(), 0);
    for (std::int64_t k = 0; k < 10; ++k) {
        ASSERT_TRUE(pool.buy(phase - 1));
        EXPECT_EQ(pool.sell_back(coin).value(), 5'000 << k);
        ASSERT_TRUE(pool.buy(1));  // the last one of the phase
        EXPECT_EQ(pool.price(), 5'000 << std::min<std::int64_t>(k + 1, 9));
        EXPECT_EQ(pool.sell_back(coin).value(), 5'000 << k);
    }
    EXPECT_EQ(pool.sold(), liquidity_pool);
    EXPECT_EQ(pool.achieved_price(), 2'560'000);
}

TEST(RacePool, RefusesWhatIsOutOfRange) {
    const auto code = [](LiquidityPool::Params p) { return LiquidityPool::create(p).error().code; };
    using Kind = PriceRule::Kind;
    EXPECT_EQ(code({0, 1, {}}), emission::errc::invalid_schedule);
    EXPECT_EQ(code({1, 0, {}}), emission::errc::invalid_schedule);
    EXPECT_EQ(code({1, 1, {Kind::doubling, 0, 0}}), emission::errc::invalid_schedule);
    EXPECT_EQ(code({1, 1, {Kind::linear_step, 1, -1}}), emission::errc::invalid_schedule);
    EXPECT_EQ(code({1001, 1, {Kind::linear_step, 1, 0}}), emission::errc::invalid_schedule);
    EXPECT_EQ(code({100, 1, {Kind::doubling, 1, 0}}), emission::errc::supply_overflow);
    EXPECT_EQ(code({64, 1, {Kind::doubling, 1, 0}}), emission::errc::supply_overflow);
    EXPECT_EQ(code({2, 1, {Kind::linear_step, 1, INT64_MAX}}), emission::errc::supply_overflow);
    EXPECT_EQ(code({INT64_MAX, INT64_MAX, {Kind::linear_step, coin + 1, 0}}),
              emission::errc::supply_overflow);
    // Nanos bought one by one are rounded up each: in the end the reserve does not hold what all cost.
    auto full = LiquidityPool::create({coin, coin, {Kind::linear_step, INT64_MAX - 1'000, 0}}).value();
    EXPECT_EQ(full.cost(coin).value(), INT64_MAX - 1'000);
    for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(full.buy(1));
    const std::int64_t reserve = full.reserve();
    EXPECT_EQ(full.buy(coin - 10'000).error().code, core::errc::overflow);
    EXPECT_EQ(full.reserve(), reserve);
    EXPECT_EQ(full.sold(), 10'000);
    auto pool = LiquidityPool::create({}).value();
    EXPECT_EQ(pool.buy(-1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(pool.buy(liquidity_pool + 1).error().code, emission::errc::sold_out);
    EXPECT_EQ(pool.sell_back(-1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(pool.sell_back(total_supply + 1).error().code, core::errc::invalid_amount);
}

TEST(RaceFounders, TheReleaseIsTheChainsChoice) {
    const auto at_once = founders_schedule(0, 0, 0).value();
    EXPECT_EQ(at_once.cumulative(0), founders);
    const auto vested = founders_schedule(10'000'000 * coin, 365, 4 * 365).value();
    EXPECT_EQ(vested.cumulative(0), 10'000'000 * coin);
    EXPECT_EQ(vested.cumulative(364), 10'000'000 * coin);
    EXPECT_EQ(vested.cumulative(365), 47'500'000 * coin);
    EXPECT_EQ(vested.cumulative(4 * 365), founders);
    EXPECT_EQ(vested.total(), founders);
    EXPECT_EQ(founders_schedule(founders + 1, 0, 0).error().code, errc::invalid_schedule);
    EXPECT_EQ(founders_schedule(-1, 0, 0).error().code, errc::invalid_schedule);
}

}  // namespace
}  // namespace pouw::inline v1::emission::race_coin
