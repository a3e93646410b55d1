#include "emission_vectors.hpp"

#include "pouw/emission/aipg.hpp"
#include "pouw/emission/bitcoin.hpp"
#include "pouw/emission/bittensor.hpp"
#include "pouw/emission/exponential.hpp"
#include "pouw/emission/heurist.hpp"
#include "pouw/emission/linear.hpp"
#include "pouw/emission/morpheus.hpp"
#include "pouw/emission/race_coin.hpp"
#include "pouw/emission/supply_ledger.hpp"
#include "pouw/emission/table.hpp"
#include "pouw/emission/vesting.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace pouw::emission {
namespace {

using core::errc;
using core::int128;
using test::Json;
using test::Sequence;
using test::text;

constexpr Height top = std::numeric_limits<Height>::max();

using Constant = LinearSchedule<int128>;

/// Calls `visit(name, schedule)` for every schedule that has vectors.
template <typename Visit>
void each_schedule(Visit visit) {
    visit("bitcoin", bitcoin::schedule);
    visit("aipg-paper", aipg::paper);
    visit("aipg-chain", aipg::chain);
    visit("bittensor", bittensor::schedule);
    visit("bittensor/issuance", bittensor::ByIssuance{});
    visit("exponential", ExponentialSchedule::make(exponential_default).value());
    visit("exponential/mainnet", ExponentialSchedule::make(exponential_mainnet).value());
    visit("morpheus/day", morpheus::ContractSchedule{});
    visit("morpheus/second", morpheus::ContractSchedule{1});
    visit("morpheus-additive/day", morpheus::AdditiveSchedule{});
    visit("morpheus-additive/second", morpheus::AdditiveSchedule{1});
    visit("race-coin/minimum", race_coin::MinimumIssuance{});
    visit("race-coin/demand", race_coin::SubsidyByFees{});
    visit("heurist", heurist::Release{});
    visit("generic/constant", Constant::make({INT64_MAX, 0, top}).value());
    visit("generic/linear", LinearSchedule<std::int64_t>::make({1'000'000, 7, 1000}).value());
    visit("generic/halving-wei",
          HalvingSchedule<int128>::make({int128{1'000'000'000'000'000} * 1'000'000'000'000'000, 1'000'000})
              .value());
}

TEST(Schedules, EqualTheReference) {
    const Json vectors = test::load_vectors("emission/schedules.json");
    std::set<std::string> seen;
    each_schedule([&](const std::string& name, const auto& schedule) {
        SCOPED_TRACE(name);
        seen.insert(name);
        const Json& expected = vectors.at(name);
        EXPECT_EQ(text(schedule.total()), test::str(expected.at("total")));
        for (const Json& row : expected.at("rows")) {
            const Height h = test::u64(row[0]);
            ASSERT_EQ(text(schedule.reward(h)), test::str(row[1])) << "reward at " << h;
            ASSERT_EQ(text(schedule.cumulative(h)), test::str(row[2])) << "cumulative at " << h;
            ASSERT_EQ(text(schedule.phase(h)), test::str(row[3])) << "phase at " << h;
        }
    });
    for (const auto& [name, rows] : vectors.items()) EXPECT_TRUE(seen.count(name)) << name;
}

TEST(Schedules, PayoutsAddUpAndNeverPassTheTotal) {
    each_schedule([](const std::string& name, const auto& schedule) {
        SCOPED_TRACE(name);
        const bool additive = name.rfind("morpheus/", 0) != 0;
        Sequence random{8};
        const auto total = schedule.total();
        EXPECT_LE(schedule.cumulative(top), total);
        for (int i = 0; i < 3000; ++i) {
            std::array<Height, 3> h{random.any_size(), random.any_size(), random.any_size()};
            if (i == 0) h = {0, std::uint64_t{1} << 63, top};
            std::sort(h.begin(), h.end());
            const auto [a, b, c] = h;
            const auto ab = payout(schedule, a, b).value();
            const auto bc = payout(schedule, b, c).value();
            const auto ac = payout(schedule, a, c).value();
            ASSERT_GE(ab, 0) << a << ' ' << b;
            ASSERT_GE(bc, 0) << b << ' ' << c;
            if (additive) {
                ASSERT_EQ(text(ab + bc), text(ac)) << a << ' ' << b << ' ' << c;
            } else {
                // Two pools round down at most two parts each: never more than at once.
                ASSERT_LE(ab + bc, ac);
                ASSERT_LE(ac - (ab + bc), 10);
            }
            ASSERT_LE(schedule.cumulative(c), total);
            ASSERT_EQ(text(remaining(schedule, c)), text(total - schedule.cumulative(c)));
            ASSERT_EQ(payout(schedule, b, b).value(), 0);
            // By issuance, the reward is the next block's: a height is one unit of many.
            if (a < top && additive && name != "bittensor/issuance") {
                ASSERT_EQ(text(schedule.reward(a)), text(payout(schedule, a, a + 1).value())) << a;
            }
            ASSERT_LE(schedule.phase(a), schedule.phase(b));
        }
        EXPECT_EQ(payout(schedule, 1, 0).error().code, errc::invalid_interval);
        EXPECT_EQ(payout(schedule, top, top - 1).error().code, errc::invalid_interval);
    });
}

TEST(Schedules, TheHeightOfAnAmountIsTheFirstOne) {
    each_schedule([](const std::string& name, const auto& schedule) {
        SCOPED_TRACE(name);
        using Amount = typename std::decay_t<decltype(schedule)>::Amount;
        const Amount reached = schedule.cumulative(top);
        Sequence random{9};
        for (int i = 0; i < 200; ++i) {
            const auto amount = static_cast<Amount>(
                core::multiply_divide_floor(static_cast<core::uint128>(reached), random.next(), top).value());
            const Height h = height_of(schedule, amount).value();
            ASSERT_GE(schedule.cumulative(h), amount);
            if (h > 0) {
                ASSERT_LT(schedule.cumulative(h - 1), amount);
            }
        }
        EXPECT_EQ(height_of(schedule, Amount{0}).value(), 0u);
        EXPECT_EQ(height_of(schedule, Amount{-1}).error().code, errc::invalid_amount);
        EXPECT_EQ(height_of(schedule, reached + 1).error().code, errc::never_issued);
    });
}

TEST(Schedules, ManyHeightsAtOnce) {
    const std::vector<Height> heights{0, 209'999, 210'000, top};
    std::vector<std::int64_t> out(heights.size());
    cumulative(bitcoin::schedule, heights, out);
    EXPECT_EQ(out, (std::vector<std::int64_t>{0, 1'049'995'000'000'000, 1'050'000'000'000'000,
                                              2'099'999'997'690'000}));
    rewards(bitcoin::schedule, heights, out);
    EXPECT_EQ(out, (std::vector<std::int64_t>{5'000'000'000, 5'000'000'000, 2'500'000'000, 0}));
}

TEST(SchedulesDeathTest, SpansOfDifferentLengthsAreAContractViolation) {
    const std::vector<Height> heights(2);
    std::vector<std::int64_t> out(1);
    EXPECT_DEATH(cumulative(bitcoin::schedule, heights, out), "");
    EXPECT_DEATH(rewards(bitcoin::schedule, heights, out), "");
}

// Making a schedule checks it -------------------------------------------------------------------------------

TEST(Halving, RefusesWhatIsOutOfRange) {
    using Halving = HalvingSchedule<std::int64_t>;
    EXPECT_EQ(Halving::make({-1, 1}).error().code, errc::invalid_schedule);
    EXPECT_EQ(Halving::make({1, 0}).error().code, errc::invalid_schedule);
    EXPECT_EQ(Halving::make({INT64_MAX, 1}).error().code, errc::supply_overflow);
    EXPECT_EQ(Halving::make({1, top}).error().code, errc::supply_overflow);
    EXPECT_EQ(Halving::make({1, INT64_MAX}).value().cumulative(top), INT64_MAX);
    EXPECT_EQ(Halving::make({INT64_MAX / 2, 1}).value().total(), INT64_MAX - 1 - 62);
    EXPECT_EQ(Halving::make({0, top}).value().cumulative(top), 0);
    EXPECT_EQ(HalvingSchedule<int128>::make({core::int128_max, 1}).error().code, errc::supply_overflow);
    EXPECT_EQ(HalvingSchedule<int128>::make({INT64_MAX, top}).error().code, errc::supply_overflow);
}

TEST(Linear, RefusesWhatIsOutOfRange) {
    using Linear = LinearSchedule<std::int64_t>;
    EXPECT_EQ(Linear::make({-1, 0, 1}).error().code, errc::invalid_schedule);
    EXPECT_EQ(Linear::make({1, -1, 1}).error().code, errc::invalid_schedule);
    EXPECT_EQ(Linear::make({1, 0, top}).error().code, errc::supply_overflow);
    EXPECT_EQ(Linear::make({INT64_MAX, 1, top}).error().code, errc::supply_overflow);
    EXPECT_EQ(Linear::make({1, 0, INT64_MAX}).value().cumulative(top), INT64_MAX);
    EXPECT_EQ(Linear::make({INT64_MAX, INT64_MAX, top}).value().total(), INT64_MAX);
    EXPECT_EQ(Linear::make({0, 0, top}).value().total(), 0);
    EXPECT_EQ(LinearSchedule<int128>::make({core::int128_max, 1, top}).error().code, errc::supply_overflow);
    EXPECT_EQ(text(LinearSchedule<int128>::make({core::int128_max, 0, 1}).value().cumulative(5)),
              text(core::int128_max));
}

TEST(Table, RefusesWhatIsOutOfRange) {
    using Table = TableSchedule<std::int64_t, 2>;
    EXPECT_EQ(Table::make({{{1, 1, 0}, {2, 0, 0}}}).error().code, errc::invalid_schedule);
    EXPECT_EQ(Table::make({{{0, 1, 0}, {0, 0, 0}}}).error().code, errc::invalid_schedule);
    EXPECT_EQ(Table::make({{{0, -1, 0}, {1, 0, 0}}}).error().code, errc::invalid_schedule);
    EXPECT_EQ(Table::make({{{0, 1, 0}, {5, 1, 0}}}).error().code, errc::supply_overflow);
    EXPECT_EQ(Table::make({{{0, INT64_MAX, 0}, {1, 1, 1}}}).error().code, errc::supply_overflow);
    const Table table = Table::make({{{0, 4, 0}, {5, 8, 2}}}).value();
    EXPECT_EQ(table.total(), 5 * 4 + 2 * (8 + 4 + 2 + 1));
    EXPECT_EQ(table.cumulative(top), table.total());
    EXPECT_EQ(table.reward(4), 4);
    EXPECT_EQ(table.reward(8), 4);
    EXPECT_EQ(table.phase(4), 0u);
    EXPECT_EQ(table.phase(7), 2u);
}

TEST(IssuanceHalving, RefusesWhatIsOutOfRange) {
    EXPECT_EQ(IssuanceHalvingSchedule::make({0, 1}).error().code, errc::invalid_schedule);
    EXPECT_EQ(IssuanceHalvingSchedule::make({1, -1}).error().code, errc::invalid_schedule);
    EXPECT_EQ(IssuanceHalving::make({-5, 1}).error().code, errc::invalid_schedule);
}

TEST(IssuanceHalving, NeverPassesTheSupply) {
    Sequence random{10};
    for (int i = 0; i < 2000; ++i) {
        const auto supply = static_cast<std::int64_t>(random.any_size() >> 1) + (i % 2);
        if (supply < 1) continue;
        const auto reward = static_cast<std::int64_t>(random.any_size() >> 1);
        const auto schedule = IssuanceHalvingSchedule::make({supply, reward}).value();
        ASSERT_LE(schedule.total(), supply);
        // Block by block, as a chain does it.
        std::int64_t issued = 0;
        for (Height h = 0; h < 200; ++h) {
            ASSERT_EQ(schedule.cumulative(h), issued) << supply << ' ' << reward << ' ' << h;
            ASSERT_EQ(schedule.reward(h), schedule.rule().reward_at(issued));
            issued += schedule.reward(h);
        }
    }
}

TEST(Exponential, RefusesWhatIsOutOfRange) {
    const auto code = [](std::int64_t reward, DecayRate k, std::int64_t cap) {
        return ExponentialSchedule::make({reward, k, cap}).error().code;
    };
    EXPECT_EQ(code(0, {1, 2}, 1), errc::invalid_schedule);
    EXPECT_EQ(code(1, {0, 2}, 1), errc::invalid_schedule);
    EXPECT_EQ(code(1, {3, 2}, 1), errc::invalid_schedule);
    EXPECT_EQ(code(1, {1, 0}, 1), errc::invalid_schedule);
    EXPECT_EQ(code(1, {1, 2}, 0), errc::invalid_schedule);
    EXPECT_EQ(code(2, {1, top}, INT64_MAX), errc::invalid_schedule);
    EXPECT_EQ(ExponentialSchedule::uncapped_reward({0, {1, 2}, 1}, 3).error().code, errc::invalid_schedule);
}

TEST(Exponential, TheTableEqualsTheDirectPower) {
    const auto schedule = ExponentialSchedule::make(exponential_default).value();
    for (Height n = 0; n + 1 < schedule.paying_epochs(); n += 97)
        ASSERT_EQ(schedule.reward(n), ExponentialSchedule::uncapped_reward(exponential_default, n).value())
            << n;
    EXPECT_EQ(ExponentialSchedule::uncapped_reward(exponential_default, 80'000).value(), 0);
    EXPECT_EQ(ExponentialSchedule::uncapped_reward(exponential_default, top).value(), 0);
}

TEST(Exponential, StopsAtTheCapOrAtZero) {
    const auto capped = ExponentialSchedule::make(exponential_default).value();
    EXPECT_EQ(capped.total(), exponential_default.cap);
    EXPECT_EQ(capped.paying_epochs(), 17'570u);
    EXPECT_LT(capped.reward(17'569),
              ExponentialSchedule::uncapped_reward(exponential_default, 17'569).value());
    const auto small = ExponentialSchedule::make({100, {1, 1}, INT64_MAX}).value();
    EXPECT_EQ(small.paying_epochs(), 5u);
    EXPECT_EQ(small.total(), 100 + 36 + 13 + 4 + 1);
}

TEST(Bitcoin, MoneyRange) {
    EXPECT_TRUE(bitcoin::money_range(0));
    EXPECT_TRUE(bitcoin::money_range(bitcoin::max_money));
    EXPECT_FALSE(bitcoin::money_range(-1));
    EXPECT_FALSE(bitcoin::money_range(bitcoin::max_money + 1));
    // The sum as upstream's own test takes it: every 1,000th height below 14 million.
    std::int64_t sum = 0;
    for (Height h = 0; h < 14'000'000; h += 1'000) sum += bitcoin::schedule.reward(h) * 1'000;
    EXPECT_EQ(sum, 2'099'999'997'690'000);
}

TEST(Bittensor, TheChainsThresholds) {
    const auto at = [](std::int64_t issued) { return bittensor::rule.reward_at(issued); };
    const std::int64_t tao = bittensor::tao;
    EXPECT_EQ(at(0), tao);
    EXPECT_EQ(at(10'500'000 * tao - 1), tao);
    EXPECT_EQ(at(10'500'000 * tao), tao / 2);
    EXPECT_EQ(at(15'749'999 * tao), 500'000'000);
    EXPECT_EQ(at(15'750'000 * tao), 250'000'000);
    EXPECT_EQ(at(15'800'000 * tao), 250'000'000);
    EXPECT_EQ(at(18'375'000 * tao), 125'000'000);
    EXPECT_EQ(at(19'687'500 * tao), 62'500'000);
    EXPECT_EQ(at(20'343'750 * tao), 31'250'000);
    EXPECT_EQ(at(20'979'493 * tao), 976'562);
    EXPECT_EQ(at(20'999'999 * tao), 59);
    EXPECT_EQ(at(21'000'000 * tao), 0);
    EXPECT_EQ(at(INT64_MAX), 0);
    EXPECT_EQ(at(-1), tao);
}

TEST(Aipg, TheChainsSubsidy) {
    const auto& chain = aipg::chain;
    EXPECT_EQ(chain.reward(399'999), 6'250'000'000);
    EXPECT_EQ(chain.reward(400'000), 3'125'000'000);
    EXPECT_EQ(chain.reward(500'000), 1'562'500'000);
    EXPECT_EQ(chain.reward(3'524'999), 1'562'500'000);
    EXPECT_EQ(chain.reward(3'525'000), 781'250'000);
    EXPECT_EQ(chain.reward(4'575'000), 195'312'500);
    EXPECT_EQ(chain.reward(8'849'999), 195'312'500);
    EXPECT_EQ(chain.reward(8'850'000), 97'656'250);
    EXPECT_EQ(chain.reward(36'150'000), 1);
    EXPECT_EQ(chain.reward(37'199'999), 1);
    EXPECT_EQ(chain.reward(37'200'000), 0);
    EXPECT_EQ(chain.reward(76'050'000), 0);
    EXPECT_EQ(chain.cumulative(500'000), 9'687'500'000'000'000);
    EXPECT_EQ(chain.cumulative(3'000'000), 13'593'750'000'000'000);
    EXPECT_EQ(chain.cumulative(8'850'000), 15'864'257'812'500'000);
    EXPECT_EQ(chain.total(), 16'069'335'921'750'000);
    EXPECT_LT(chain.total(), aipg::max_money);
}

TEST(Aipg, OperationsShareAndValidators) {
    EXPECT_EQ(aipg::operations_share(50'000'000'000), 2'500'000'000);
    EXPECT_EQ(aipg::operations_share(19), 0);
    EXPECT_EQ(aipg::operations_share(INT64_MAX), INT64_MAX / 20);
    EXPECT_EQ(aipg::operations_share(1'562'500'000, 709'999), 78'125'000);
    EXPECT_EQ(aipg::operations_share(1'562'500'000, 710'000), 937'500'000);
    EXPECT_FALSE(aipg::may_validate(aipg::validator_minimum - 1));
    EXPECT_TRUE(aipg::may_validate(1'000'000'000'000));
}

TEST(Vesting, EqualsTheReference) {
    for (const Json& row : test::load_vectors("emission/operations.json").at("vesting")) {
        const auto schedule = VestingSchedule<int128>::make({test::i128(row[0]), test::i128(row[1]),
                                                             test::u64(row[2]), test::u64(row[3])})
                                  .value();
        ASSERT_EQ(text(schedule.cumulative(test::u64(row[4]))), test::str(row[5])) << row;
        if (test::u128(row[0]) > INT64_MAX) continue;
        const auto small = VestingSchedule<std::int64_t>::make(
                               {test::i64(row[0]), test::i64(row[1]), test::u64(row[2]), test::u64(row[3])})
                               .value();
        ASSERT_EQ(text(small.cumulative(test::u64(row[4]))), test::str(row[5])) << row;
    }
}

TEST(Vesting, EveryUnitIsReleasedOnce) {
    Sequence random{11};
    for (int i = 0; i < 300; ++i) {
        const auto amount = static_cast<std::int64_t>(random.any_size() >> 1);
        const Height duration = random.below(200);
        const auto schedule =
            VestingSchedule<std::int64_t>::make({amount, amount / 7, random.below(duration + 1), duration})
                .value();
        std::int64_t sum = schedule.cumulative(0);
        for (Height t = 0; t < duration + 2; ++t) sum += schedule.reward(t);
        ASSERT_EQ(sum, amount);
    }
}

TEST(Vesting, RefusesWhatIsOutOfRange) {
    using Vesting = VestingSchedule<std::int64_t>;
    EXPECT_EQ(Vesting::make({-1, 0, 0, 1}).error().code, errc::invalid_schedule);
    EXPECT_EQ(Vesting::make({5, -1, 0, 1}).error().code, errc::invalid_schedule);
    EXPECT_EQ(Vesting::make({5, 6, 0, 1}).error().code, errc::invalid_schedule);
    EXPECT_EQ(Vesting::make({5, 0, 9, 3}).value().cumulative(8), 0);
    EXPECT_EQ(Vesting::make({5, 0, 9, 3}).value().cumulative(9), 5);
}

TEST(Vesting, TheFirstEpochTakesTheRemainder) {
    const auto parts = [](std::int64_t amount, std::uint32_t epochs) {
        std::vector<std::int64_t> out;
        for (std::uint32_t e = 0; e < epochs; ++e) out.push_back(first_takes_remainder(amount, epochs, e));
        return out;
    };
    EXPECT_EQ(parts(1003, 4), (std::vector<std::int64_t>{253, 250, 250, 250}));
    EXPECT_EQ(parts(500, 3), (std::vector<std::int64_t>{168, 166, 166}));
    EXPECT_EQ(parts(0, 2), (std::vector<std::int64_t>{0, 0}));
}

TEST(VestingDeathTest, AnEpochBeyondTheLastIsAContractViolation) {
    EXPECT_DEATH((void)first_takes_remainder<std::int64_t>(5, 2, 2), "");
    EXPECT_DEATH((void)first_takes_remainder<std::int64_t>(5, 0, 0), "");
    EXPECT_DEATH((void)first_takes_remainder<std::int64_t>(-5, 1, 0), "");
}

}  // namespace
}  // namespace pouw::emission
