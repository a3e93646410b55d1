#include "emission_vectors.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/emission/chains/aipg.hpp"
#include "pouw/emission/chains/bitcoin.hpp"
#include "pouw/emission/chains/bittensor.hpp"
#include "pouw/emission/chains/ethereum.hpp"
#include "pouw/emission/chains/heurist.hpp"
#include "pouw/emission/chains/morpheus.hpp"
#include "pouw/emission/chains/race_coin.hpp"
#include "pouw/emission/errc.hpp"
#include "pouw/emission/exponential.hpp"
#include "pouw/emission/linear.hpp"
#include "pouw/emission/supply_ledger.hpp"
#include "pouw/emission/table.hpp"
#include "pouw/emission/vesting.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace pouw::inline v1::emission {
namespace {

using core::int128;
using test::Json;
using test::Random;
using test::text;

constexpr Step top = std::numeric_limits<Step>::max();

using Constant = LinearSchedule<int128>;

/// Calls `visit(name, schedule)` for every schedule that has vectors.
template <typename Visit>
void each_schedule(Visit visit) {
    visit("bitcoin", bitcoin::schedule);
    visit("aipg-paper", aipg::paper);
    visit("aipg-chain", aipg::chain);
    visit("aipg-chain-with-genesis", aipg::chain_with_genesis);
    visit("ethereum",
          ethereum::Schedule::create({.supply = 72'000'000 * ethereum::ether, .merge = 7, .years = 100})
              .value());
    visit("bittensor", bittensor::schedule);
    visit("bittensor/issuance", bittensor::ByIssuance{});
    visit("exponential", ExponentialSchedule::create(exponential_default).value());
    visit("exponential/mainnet", ExponentialSchedule::create(exponential_mainnet).value());
    visit("morpheus/day", morpheus::ContractSchedule{});
    visit("morpheus/second", morpheus::ContractSchedule{1});
    visit("morpheus-additive/day", morpheus::AdditiveSchedule{});
    visit("morpheus-additive/second", morpheus::AdditiveSchedule{1});
    visit("race-coin/minimum", race_coin::MinimumIssuance{});
    visit("race-coin/demand", race_coin::SubsidyByFees{});
    visit("heurist", heurist::Release{});
    visit("generic/constant", Constant::create({INT64_MAX, 0, top}).value());
    visit("generic/linear", LinearSchedule<std::int64_t>::create({1'000'000, 7, 1000}).value());
    visit("generic/halving-wei",
          HalvingSchedule<int128>::create({int128{1'000'000'000'000'000} * 1'000'000'000'000'000, 1'000'000})
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
            const Step h = test::u64(row[0]);
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
        Random random{8};
        const auto total = schedule.total();
        EXPECT_LE(schedule.cumulative(top), total);
        for (int i = 0; i < 3000; ++i) {
            std::array<Step, 3> h{random.any_size(), random.any_size(), random.any_size()};
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
        EXPECT_EQ(payout(schedule, 1, 0).error().code, emission::errc::invalid_interval);
        EXPECT_EQ(payout(schedule, top, top - 1).error().code, emission::errc::invalid_interval);
    });
}

TEST(Schedules, TheHeightOfAnAmountIsTheFirstOne) {
    each_schedule([](const std::string& name, const auto& schedule) {
        SCOPED_TRACE(name);
        using Amount = typename std::decay_t<decltype(schedule)>::Amount;
        const Amount reached = schedule.cumulative(top);
        Random random{9};
        for (int i = 0; i < 200; ++i) {
            const auto amount = static_cast<Amount>(
                core::multiply_divide_floor(static_cast<core::uint128>(reached), random.next(), top).value());
            const Step h = step_of(schedule, amount).value();
            ASSERT_GE(schedule.cumulative(h), amount);
            if (h > 0) {
                ASSERT_LT(schedule.cumulative(h - 1), amount);
            }
        }
        EXPECT_EQ(step_of(schedule, Amount{0}).value(), 0u);
        EXPECT_EQ(step_of(schedule, Amount{-1}).error().code, core::errc::invalid_amount);
        EXPECT_EQ(step_of(schedule, reached + 1).error().code, emission::errc::never_issued);
    });
}

TEST(Schedules, ManyHeightsAtOnce) {
    const std::vector<Step> heights{0, 209'999, 210'000, top};
    std::vector<std::int64_t> out(heights.size());
    cumulative(bitcoin::schedule, heights, out);
    EXPECT_EQ(out, (std::vector<std::int64_t>{0, 1'049'995'000'000'000, 1'050'000'000'000'000,
                                              2'099'999'997'690'000}));
    rewards(bitcoin::schedule, heights, out);
    EXPECT_EQ(out, (std::vector<std::int64_t>{5'000'000'000, 5'000'000'000, 2'500'000'000, 0}));
}

TEST(SchedulesDeathTest, SpansOfDifferentLengthsAreAContractViolation) {
    const std::vector<Step> heights(2);
    std::vector<std::int64_t> out(1);
    EXPECT_DEATH(cumulative(bitcoin::schedule, heights, out), "");
    EXPECT_DEATH(rewards(bitcoin::schedule, heights, out), "");
}

// Making a schedule checks it -------------------------------------------------------------------------------

TEST(Halving, RefusesWhatIsOutOfRange) {
    using Halving = HalvingSchedule<std::int64_t>;
    EXPECT_EQ(Halving::create({-1, 1}).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(Halving::create({1, 0}).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(Halving::create({INT64_MAX, 1}).error().code, emission::errc::supply_overflow);
    EXPECT_EQ(Halving::create({1, top}).error().code, emission::errc::supply_overflow);
    EXPECT_EQ(HalvingSchedule<int128>::create({INT64_MAX, top}).value().cumulative(top),
              int128{INT64_MAX} * top);
    EXPECT_EQ(Halving::create({1, INT64_MAX}).value().cumulative(top), INT64_MAX);
    EXPECT_EQ(Halving::create({INT64_MAX / 2, 1}).value().total(), INT64_MAX - 1 - 62);
    EXPECT_EQ(Halving::create({0, top}).value().cumulative(top), 0);
    EXPECT_EQ(HalvingSchedule<int128>::create({core::int128_max, 1}).error().code,
              emission::errc::supply_overflow);
    EXPECT_EQ(HalvingSchedule<int128>::create({int128{1} << 64, top}).error().code,
              emission::errc::supply_overflow);
}

TEST(Linear, RefusesWhatIsOutOfRange) {
    using Linear = LinearSchedule<std::int64_t>;
    EXPECT_EQ(Linear::create({-1, 0, 1}).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(Linear::create({1, -1, 1}).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(Linear::create({1, 0, top}).error().code, emission::errc::supply_overflow);
    EXPECT_EQ(Linear::create({INT64_MAX, 1, top}).error().code, emission::errc::supply_overflow);
    EXPECT_EQ(Linear::create({1, 0, INT64_MAX}).value().cumulative(top), INT64_MAX);
    EXPECT_EQ(Linear::create({INT64_MAX, INT64_MAX, top}).value().total(), INT64_MAX);
    EXPECT_EQ(Linear::create({0, 0, top}).value().total(), 0);
    EXPECT_EQ(LinearSchedule<int128>::create({core::int128_max, 1, top}).error().code,
              emission::errc::supply_overflow);
    EXPECT_EQ(text(LinearSchedule<int128>::create({core::int128_max, 0, 1}).value().cumulative(5)),
              text(core::int128_max));
}

TEST(Table, RefusesWhatIsOutOfRange) {
    using Table = TableSchedule<std::int64_t, 2>;
    EXPECT_EQ(Table::create({{{1, 1, 0}, {2, 0, 0}}}).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(Table::create({{{0, 1, 0}, {0, 0, 0}}}).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(Table::create({{{0, -1, 0}, {1, 0, 0}}}).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(Table::create({{{0, 1, 0}, {5, 1, 0}}}).error().code, emission::errc::supply_overflow);
    EXPECT_EQ(Table::create({{{0, INT64_MAX, 0}, {1, 1, 1}}}).error().code, emission::errc::supply_overflow);
    const Table table = Table::create({{{0, 4, 0}, {5, 8, 2}}}).value();
    EXPECT_EQ(table.total(), 5 * 4 + 2 * (8 + 4 + 2 + 1));
    EXPECT_EQ(table.cumulative(top), table.total());
    EXPECT_EQ(table.reward(4), 4);
    EXPECT_EQ(table.reward(8), 4);
    EXPECT_EQ(table.phase(4), 0u);
    EXPECT_EQ(table.phase(7), 2u);
}

TEST(IssuanceHalving, RefusesWhatIsOutOfRange) {
    EXPECT_EQ(IssuanceHalvingSchedule::create({0, 1}).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(IssuanceHalvingSchedule::create({1, -1}).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(IssuanceHalving::create({-5, 1}).error().code, emission::errc::invalid_schedule);
}

TEST(IssuanceHalving, NeverPassesTheSupply) {
    Random random{10};
    for (int i = 0; i < 2000; ++i) {
        const auto supply = static_cast<std::int64_t>(random.any_size() >> 1) + (i % 2);
        if (supply < 1) continue;
        const auto reward = static_cast<std::int64_t>(random.any_size() >> 1);
        const auto schedule = IssuanceHalvingSchedule::create({supply, reward}).value();
        ASSERT_LE(schedule.total(), supply);
        // Block by block, as a chain does it.
        std::int64_t issued = 0;
        for (Step h = 0; h < 200; ++h) {
            ASSERT_EQ(schedule.cumulative(h), issued) << supply << ' ' << reward << ' ' << h;
            ASSERT_EQ(schedule.reward(h), schedule.rule().reward_at(issued));
            issued += schedule.reward(h);
        }
    }
}

TEST(Exponential, RefusesWhatIsOutOfRange) {
    const auto code = [](std::int64_t reward, core::Fraction k, std::int64_t cap) {
        return ExponentialSchedule::create({reward, k, cap}).error().code;
    };
    EXPECT_EQ(code(0, {1, 2}, 1), emission::errc::invalid_schedule);
    EXPECT_EQ(code(1, {0, 2}, 1), emission::errc::invalid_schedule);
    EXPECT_EQ(code(1, {3, 2}, 1), emission::errc::invalid_schedule);
    EXPECT_EQ(core::Fraction::create(1, 0).error().code, core::errc::invalid_fraction);
    EXPECT_EQ(code(1, {1, 2}, 0), emission::errc::invalid_schedule);
    EXPECT_EQ(code(2, {1, top}, INT64_MAX), emission::errc::invalid_schedule);
    EXPECT_EQ(ExponentialSchedule::uncapped_reward({0, {1, 2}, 1}, 3).error().code,
              emission::errc::invalid_schedule);
}

TEST(Exponential, TheTableEqualsTheDirectPower) {
    const auto schedule = ExponentialSchedule::create(exponential_default).value();
    for (Step n = 0; n + 1 < schedule.paying_epochs(); n += 97)
        ASSERT_EQ(schedule.reward(n), ExponentialSchedule::uncapped_reward(exponential_default, n).value())
            << n;
    EXPECT_EQ(ExponentialSchedule::uncapped_reward(exponential_default, 80'000).value(), 0);
    EXPECT_EQ(ExponentialSchedule::uncapped_reward(exponential_default, top).value(), 0);
}

TEST(Exponential, StopsAtTheCapOrAtZero) {
    const auto capped = ExponentialSchedule::create(exponential_default).value();
    EXPECT_EQ(capped.total(), exponential_default.cap);
    EXPECT_EQ(capped.paying_epochs(), 17'570u);
    EXPECT_LT(capped.reward(17'569),
              ExponentialSchedule::uncapped_reward(exponential_default, 17'569).value());
    const auto small = ExponentialSchedule::create({100, {1, 1}, INT64_MAX}).value();
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
    for (Step h = 0; h < 14'000'000; h += 1'000) sum += bitcoin::schedule.reward(h) * 1'000;
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

TEST(Aipg, TheGenesisBlockPaysItsCoinbaseInsteadOfItsSubsidy) {
    const auto& with = aipg::chain_with_genesis;
    EXPECT_EQ(with.reward(0), 500'000'000'000);
    EXPECT_EQ(with.reward(1), 50'000'000'000);
    Random random{6};
    for (int i = 0; i < 2000; ++i) {
        const Step h = 1 + random.below(80'000'000);
        ASSERT_EQ(with.reward(h), aipg::chain.reward(h)) << h;
        ASSERT_EQ(with.cumulative(h), aipg::chain.cumulative(h) + 4'500 * aipg::coin) << h;
    }
    EXPECT_EQ(with.total(), 16'069'785'921'750'000);
    EXPECT_EQ(with.total() - aipg::genesis_coinbase, 16'069'285'921'750'000);
}

TEST(Ethereum, IssuesTheSharesOfTheSupplyBeforeAndAfterTheMerge) {
    using ethereum::ether;
    const auto schedule =
        ethereum::Schedule::create({.supply = 100'000 * ether, .merge = 2, .years = 4}).value();
    // 6.7% of 100,000 and of 106,700, then 0.52% of 113,848.9 and of 114,440.91428.
    EXPECT_EQ(text(schedule.reward(0)), text(6'700 * ether));
    EXPECT_EQ(text(schedule.reward(1)), text(71'489 * ether / 10));
    EXPECT_EQ(text(schedule.reward(2)), text(59'201'428 * ether / 100'000));
    EXPECT_EQ(text(schedule.supply_at(3)), text(11'444'091'428 * ether / 100'000));
    EXPECT_EQ(text(schedule.reward(4)), "0");
    EXPECT_EQ(text(schedule.cumulative(9)), text(schedule.total()));
    EXPECT_EQ(schedule.phase(1), 0u);
    EXPECT_EQ(schedule.phase(2), 1u);
    using ethereum::Schedule;
    EXPECT_EQ(Schedule::create({.supply = 0}).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(Schedule::create({.supply = 1, .years = 1'001}).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(Schedule::create({.supply = core::int128_max, .years = 1}).error().code,
              emission::errc::supply_overflow);
    EXPECT_EQ(text(Schedule::create({.supply = core::int128_max}).value().total()), "0");
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
    const Json operations = test::load_vectors("emission/operations.json");
    for (const Json& row : operations.at("vesting")) {
        const auto schedule = VestingSchedule<int128>::create({test::i128(row[0]), test::i128(row[1]),
                                                               test::u64(row[2]), test::u64(row[3])})
                                  .value();
        ASSERT_EQ(text(schedule.cumulative(test::u64(row[4]))), test::str(row[5])) << row;
        if (test::u128(row[0]) > INT64_MAX) continue;
        const auto small = VestingSchedule<std::int64_t>::create(
                               {test::i64(row[0]), test::i64(row[1]), test::u64(row[2]), test::u64(row[3])})
                               .value();
        ASSERT_EQ(text(small.cumulative(test::u64(row[4]))), test::str(row[5])) << row;
    }
}

TEST(Vesting, EveryUnitIsReleasedOnce) {
    Random random{11};
    for (int i = 0; i < 300; ++i) {
        const auto amount = static_cast<std::int64_t>(random.any_size() >> 1);
        const Step duration = random.below64(200);
        const auto schedule = VestingSchedule<std::int64_t>::create(
                                  {amount, amount / 7, random.below64(duration + 1), duration})
                                  .value();
        std::int64_t sum = schedule.cumulative(0);
        for (Step t = 0; t < duration + 2; ++t) sum += schedule.reward(t);
        ASSERT_EQ(sum, amount);
    }
}

TEST(Vesting, RefusesWhatIsOutOfRange) {
    using Vesting = VestingSchedule<std::int64_t>;
    EXPECT_EQ(Vesting::create({-1, 0, 0, 1}).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(Vesting::create({5, -1, 0, 1}).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(Vesting::create({5, 6, 0, 1}).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(Vesting::create({5, 0, 9, 3}).value().cumulative(8), 0);
    EXPECT_EQ(Vesting::create({5, 0, 9, 3}).value().cumulative(9), 5);
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

TEST(EpochVesting, AddsUpEpochByEpoch) {
    EpochVesting<std::int64_t> account;
    EXPECT_TRUE(account.add(1003, 4));
    EXPECT_EQ(account.release(), 253);
    EXPECT_TRUE(account.add(500, 3));
    EXPECT_EQ(account.vesting(), 1250);
    EXPECT_EQ(account.release(), 250 + 168);
    EXPECT_EQ(account.release(), 250 + 166);
    EXPECT_EQ(account.release(), 250 + 166);
    EXPECT_EQ(account.release(), 0);
    EXPECT_EQ(account.vesting(), 0);
    EXPECT_EQ(account.add(-1, 1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(account.add(1, 0).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(account.add(1, EpochVesting<std::int64_t>::max_epochs + 1).error().code,
              emission::errc::invalid_schedule);
    EXPECT_TRUE(account.add(INT64_MAX, 1));
    EXPECT_EQ(account.add(1, 1).error().code, emission::errc::supply_overflow);
}

// Any parameters --------------------------------------------------------------------------------------------

/// A positive amount of any size, up to the largest.
template <AmountType Amount>
Amount any_amount(Random& random) {
    const core::uint128 bits = (core::uint128{random.next()} << 64) | random.next();
    const auto positive = bits & static_cast<core::uint128>(max_amount<Amount>);
    return static_cast<Amount>(positive >> random.below64(8 * sizeof(Amount) - 1));
}

core::uint256 plus(const core::uint256& a, const core::uint256& b) {
    const core::uint128 low = a.low + b.low;
    return {a.high + b.high + (low < a.low ? 1u : 0u), low};
}

/// Checks a made schedule, or the refusal, against the exact total.
template <typename S>
void expect_total(const core::result<S>& schedule, const core::uint256& total) {
    using Amount = typename S::Amount;
    if (total > core::uint256{0, static_cast<core::uint128>(max_amount<Amount>)}) {
        ASSERT_FALSE(schedule);
        ASSERT_EQ(schedule.error().code, emission::errc::supply_overflow);
        return;
    }
    ASSERT_TRUE(schedule);
    ASSERT_EQ(text(schedule->total()), text(total.low));
    ASSERT_EQ(text(schedule->cumulative(top)), text(total.low));
    typename S::Amount sum = 0;
    for (Step h = 0; h < 70; ++h) {
        ASSERT_EQ(text(schedule->cumulative(h)), text(sum)) << h;
        sum += schedule->reward(h);
    }
    // Near the end of the range nothing wraps.
    for (Step h = top - 3; h < top; ++h)
        ASSERT_EQ(text(schedule->cumulative(h + 1) - schedule->cumulative(h)), text(schedule->reward(h)))
            << h;
}

template <AmountType Amount>
void halvings_of_any_parameters() {
    Random random{12};
    for (int i = 0; i < 4000; ++i) {
        const Amount reward = any_amount<Amount>(random);
        const Step interval = random.any_size() | 1;
        core::uint256 total;
        Step left = top;
        for (std::uint64_t k = 0; k < 8 * sizeof(Amount) && left > 0; ++k) {
            const Step part = std::min(left, interval);
            total = plus(total, core::multiply(static_cast<core::uint128>(reward >> k), part));
            left -= part;
        }
        expect_total(HalvingSchedule<Amount>::create({reward, interval}), total);
        if (::testing::Test::HasFatalFailure()) FAIL() << text(reward) << ' ' << interval;
    }
}

TEST(AnyParameters, Halving) {
    halvings_of_any_parameters<std::int64_t>();
    halvings_of_any_parameters<int128>();
}

template <AmountType Amount>
void linear_of_any_parameters() {
    Random random{13};
    for (int i = 0; i < 4000; ++i) {
        const Amount reward = any_amount<Amount>(random);
        const Amount decrease = i % 3 == 0 ? Amount{0} : any_amount<Amount>(random);
        const Step length = random.any_size();
        const auto made = LinearSchedule<Amount>::create({reward, decrease, length});
        // The exact total by Gauss: n · (first + last), halved.
        core::uint128 n = length;
        if (decrease > 0)
            n = std::min(n, static_cast<core::uint128>(reward / decrease + (reward % decrease != 0 ? 1 : 0)));
        core::uint256 total;
        if (n > 0 && reward > 0) {
            const auto last =
                static_cast<core::uint128>(reward) - static_cast<core::uint128>(decrease) * (n - 1);
            total = core::divide(core::multiply(n, static_cast<core::uint128>(reward) + last), 2).quotient;
        }
        expect_total(made, total);
        if (::testing::Test::HasFatalFailure())
            FAIL() << text(reward) << ' ' << text(decrease) << ' ' << length;
    }
}

TEST(AnyParameters, Linear) {
    linear_of_any_parameters<std::int64_t>();
    linear_of_any_parameters<int128>();
}

template <AmountType Amount>
void table_of_any_parameters() {
    Random random{14};
    for (int i = 0; i < 4000; ++i) {
        std::array<TableRow<Amount>, 4> rows{};
        std::set<Step> starts{0};
        while (starts.size() < rows.size())
            starts.insert(i % 2 == 0 ? random.any_size() : random.below64(60));
        std::size_t k = 0;
        for (const Step first : starts) {
            rows[k].first = first;
            rows[k].reward = any_amount<Amount>(random) >> random.below64(8 * sizeof(Amount) - 1);
            rows[k].halving_interval = random.below64(3) == 0 ? 0 : 1 + random.below64(40);
            ++k;
        }
        if (i % 5 != 0) rows.back().halving_interval = 1 + random.below64(1000);
        core::uint256 total;
        for (k = 0; k < rows.size(); ++k) {
            Step left = (k + 1 < rows.size() ? rows[k + 1].first : top) - rows[k].first;
            Amount reward = rows[k].reward;
            while (left > 0 && reward > 0) {
                const Step part =
                    rows[k].halving_interval == 0 ? left : std::min(left, rows[k].halving_interval);
                total = plus(total, core::multiply(static_cast<core::uint128>(reward), part));
                left -= part;
                reward >>= 1;
            }
        }
        expect_total(TableSchedule<Amount, 4>::create(rows), total);
        if (::testing::Test::HasFatalFailure()) FAIL() << i;
    }
}

TEST(AnyParameters, Table) {
    table_of_any_parameters<std::int64_t>();
    table_of_any_parameters<int128>();
}

TEST(AnyParameters, Exponential) {
    Random random{15};
    for (int i = 0; i < 200; ++i) {
        const auto reward = static_cast<std::int64_t>(random.any_size() >> 1) + 1;
        const std::uint64_t denominator = 1 + random.below64(2'000);
        const core::Fraction k{1 + random.below64(denominator), denominator};
        const auto cap = static_cast<std::int64_t>(random.any_size() >> 1) + 1;
        const auto schedule = ExponentialSchedule::create({reward, k, cap});
        ASSERT_TRUE(schedule) << reward << ' ' << k.numerator << '/' << k.denominator;
        ASSERT_LE(schedule->total(), cap);
        ASSERT_EQ(schedule->reward(0), std::min(reward, cap));
        ASSERT_EQ(schedule->cumulative(top), schedule->total());
        for (Step n = 0; n + 1 < schedule->paying_epochs(); ++n)
            ASSERT_GE(schedule->reward(n), schedule->reward(n + 1));
    }
}

// The figures of the public implementations, one by one -----------------------------------------------------

TEST(PublicVectors, ExponentialEpochs) {
    const auto exact = [](const ExponentialSchedule::Params& p, Step n) {
        return ExponentialSchedule::uncapped_reward(p, n).value();
    };
    EXPECT_EQ(exact(exponential_default, 1), 284'864'657'146'472);
    EXPECT_EQ(exact(exponential_default, 74), 275'156'267'097'679);
    EXPECT_EQ(exact(exponential_default, 86), 273'592'337'808'033);
    EXPECT_EQ(exact(exponential_default, 99), 271'908'110'525'520);
    EXPECT_EQ(exact(exponential_default, 100), 271'778'984'842'798);
    EXPECT_EQ(exact(exponential_default, 1'460), 142'449'732'098'060);
    EXPECT_EQ(exact(exponential_default, 10'000), 2'465'733'132'889);
    EXPECT_EQ(exact(exponential_mainnet, 1), 322'846'611'432'668);
    EXPECT_EQ(exact(exponential_mainnet, 1'460), 161'443'029'711'134);
    // Half of the first reward after 1,459.26 epochs.
    EXPECT_GT(2 * exact(exponential_default, 1'459), exponential_default.initial_reward);
    EXPECT_LT(2 * exact(exponential_default, 1'460), exponential_default.initial_reward);
    // Without a cap the sums would be 600,142,511.28 and 680,161,512.79 coins.
    const auto uncapped = [](ExponentialSchedule::Params p) {
        p.cap = INT64_MAX;
        return (ExponentialSchedule::create(p).value().total() + 5'000'000) / 10'000'000;
    };
    EXPECT_EQ(uncapped(exponential_default), 60'014'251'128);
    EXPECT_EQ(uncapped(exponential_mainnet), 68'016'151'279);
}

TEST(PublicVectors, AipgAsItsDocumentsHaveIt) {
    // The documents begin the slower halvings one step earlier than the code does. Rounded down as any chain
    // does they issue 148,315,429.53 coins; the 148,315,429.6875 of plain fractions are not reached.
    const auto documents = TableSchedule<std::int64_t, 5>::create({{{0, 50'000'000'000, 100'000},
                                                                    {500'000, 1'562'500'000, 0},
                                                                    {3'000'000, 781'250'000, 525'000},
                                                                    {4'575'000, 97'656'250, 0},
                                                                    {8'850'000, 48'828'125, 1'050'000}}})
                               .value();
    EXPECT_EQ(documents.total(), 14'831'542'953'000'000);
    EXPECT_GT(aipg::chain.total() - documents.total(), 12'000'000 * aipg::coin);
}

TEST(PublicVectors, BitcoinHeights) {
    const auto at = [](Step h) { return bitcoin::schedule.reward(h); };
    EXPECT_EQ(at(0), 5'000'000'000);
    EXPECT_EQ(at(209'999), 5'000'000'000);
    EXPECT_EQ(at(210'000), 2'500'000'000);
    EXPECT_EQ(at(840'000), 312'500'000);
    EXPECT_EQ(at(6'719'999), 2);
    EXPECT_EQ(at(6'720'000), 1);
    EXPECT_EQ(at(6'929'999), 1);
    EXPECT_EQ(at(6'930'000), 0);
    EXPECT_EQ(at(64 * 210'000), 0);
}

TEST(PublicVectors, MorpheusYears) {
    const auto year = [](Step y) {
        return text((morpheus::ContractSchedule{}.cumulative(365 * y) + morpheus::mor / 2) / morpheus::mor);
    };
    EXPECT_EQ(year(1), "5091985");
    EXPECT_EQ(year(2), "9855038");
    EXPECT_EQ(year(3), "14289159");
}

}  // namespace
}  // namespace pouw::inline v1::emission
