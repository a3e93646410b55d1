#include "pouw/emission/chains/morpheus.hpp"

#include "emission_vectors.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/emission/errc.hpp"

#include <gtest/gtest.h>

namespace pouw::inline v1::emission::morpheus {
namespace {

using test::Json;
using test::text;

Json vectors() { return test::load_vectors("emission/operations.json"); }

TEST(Morpheus, PeriodsEqualTheReference) {
    const Json operations = vectors();
    for (const Json& row : operations.at("morpheus_periods")) {
        const Pool pool{test::i128(row[0]), test::i128(row[1]), test::u64(row[2]), test::u64(row[3])};
        ASSERT_EQ(text(period_reward(pool, test::u64(row[4]), test::u64(row[5])).value()), test::str(row[6]))
            << row;
    }
}

TEST(Morpheus, TheContractsOwnVectors) {
    // 1e18 · x / 10 in hours from the start, interval 8 h.
    constexpr Timestamp hour = 3600;
    const auto pays = [](std::int64_t decrease, Timestamp from, Timestamp to) {
        return text(period_reward({100 * mor, decrease * mor, 0, 8 * hour}, from * hour, to * hour).value() *
                    10 / mor);
    };
    EXPECT_EQ(pays(2, 0, 2), "250");
    EXPECT_EQ(pays(2, 0, 8), "1000");
    EXPECT_EQ(pays(2, 16, 18), "240");
    EXPECT_EQ(pays(2, 0, 10), "1245");
    EXPECT_EQ(pays(2, 6, 14), "985");
    EXPECT_EQ(pays(2, 14, 24), "1205");
    EXPECT_EQ(pays(2, 0, 24), "2940");
    EXPECT_EQ(pays(2, 6, 30), "2895");
    EXPECT_EQ(pays(50, 0, 1000), "1500");
    EXPECT_EQ(pays(51, 0, 1000), "1490");
    EXPECT_EQ(pays(51, 12, 1000), "245");
}

TEST(Morpheus, TheContractIsNotAdditive) {
    const Pool& compute = pool(PoolIndex::compute);
    const auto at_once = period_reward(compute, payout_start, payout_start + 10 * day).value();
    EXPECT_EQ(text(at_once), "34533334857229200000000");
    int128 in_parts = 0;
    Timestamp t = payout_start;
    for (int i = 0; i < 70; ++i) {
        const Timestamp next = std::min<Timestamp>(t + 12'347, payout_start + 10 * day);
        in_parts += period_reward(compute, t, next).value();
        t = next;
    }
    EXPECT_EQ(t, payout_start + 10 * day);
    EXPECT_EQ(text(at_once - in_parts), "30");
}

TEST(Morpheus, DaysOfThePublicTable) {
    const auto days = [](Step d) { return text(ContractSchedule{}.cumulative(d) / 1'000'000'000); };
    EXPECT_EQ(days(1), "14400000000000");
    EXPECT_EQ(days(2), "28797531005299");
    EXPECT_EQ(days(13), "187007418413322");
    EXPECT_EQ(days(90), "1286111676222495");
    EXPECT_EQ(days(91), "1300289466699405");
    EXPECT_EQ(days(201), "2844773206509900");
    EXPECT_EQ(days(365), "5091984682012570");
    EXPECT_EQ(days(730), "9855037544984415");
    EXPECT_EQ(days(5830), "41999990123143965");
    EXPECT_EQ(days(5833), "41999999998839372");
    EXPECT_EQ(days(1'000'000), "41999999998839372");
    EXPECT_EQ(payout_start + 5833 * day, 2'211'364'800u);  // 2040-01-28 12:00 UTC
}

TEST(Morpheus, ComputeEqualsTheReference) {
    const Json operations = vectors();
    for (const Json& row : operations.at("morpheus_compute")) {
        const Timestamp now = test::u64(row[0]);
        const int128 claimed = test::i128(row[1]);
        const int128 balance = compute_balance(now, claimed).value();
        ASSERT_EQ(text(balance), test::str(row[3])) << row;
        ASSERT_EQ(text(compute_budget(balance)), test::str(row[4])) << row;
        ASSERT_EQ(text(supply_without_compute(now, claimed).value()), test::str(row[5])) << row;
        ASSERT_EQ(text(stipend(test::i128(row[2]), now, claimed).value()), test::str(row[6])) << row;
    }
    // 2024-05-02T09:19:57Z
    EXPECT_EQ(text(compute_balance(1'714'641'597, 0).value()), "286534931460577320000000");
}

TEST(Morpheus, TheBudgetIsAnyShareOfTheBalanceAndNeverTheWholeOfIt) {
    const Json operations = vectors();
    for (const Json& row : operations.at("morpheus_budgets")) {
        const core::Fraction share{test::u64(row[1]), test::u64(row[2])};
        ASSERT_EQ(text(compute_budget(test::i128(row[0]), share)), test::str(row[3])) << row;
    }
    // Half of the balance every day, with the emission of the compute pool: it decays and is never spent.
    int128 balance = 312'069 * mor;
    for (int d = 0; d < 1'000; ++d) {
        const int128 budget = compute_budget(balance, {1, 2});
        ASSERT_GT(budget, int128{0});
        ASSERT_LT(budget, balance);
        const Timestamp start = payout_start + static_cast<Timestamp>(90 + d) * day;
        balance += period_reward(pool(PoolIndex::compute), start, start + day).value() - budget;
    }
    EXPECT_LT(balance, 2 * 3456 * mor);
    EXPECT_DEATH((void)compute_budget(1, {0, 1}), "is_share");
    EXPECT_DEATH((void)compute_budget(1, {2, 1}), "is_share");
    EXPECT_DEATH((void)compute_budget(-1), "balance");
}

TEST(Morpheus, TailEqualsTheReference) {
    const Json operations = vectors();
    for (const Json& epochs : operations.at("morpheus_tail")) {
        auto tail = TailEpochs::create(42'000'000 * mor, test::i128(epochs[0][0])).value();
        for (std::size_t i = 0; i < epochs.size(); ++i) {
            if (i > 0) tail = tail.next(test::i128(epochs[i][0])).value();
            ASSERT_EQ(text(tail.circulating()), test::str(epochs[i][1]));
            ASSERT_EQ(text(tail.emission()), test::str(epochs[i][2]));
            ASSERT_EQ(text(tail.days().cumulative(1)), test::str(epochs[i][3]));
            ASSERT_EQ(text(tail.days().cumulative(5832)), test::str(epochs[i][4]));
            ASSERT_EQ(text(tail.days().cumulative(5833)), text(tail.emission()));
            ASSERT_LE(tail.circulating() + tail.emission(), max_supply);
        }
    }
}

TEST(Morpheus, RefusesWhatIsOutOfRange) {
    EXPECT_EQ(period_reward({-1, 0, 0, 1}, 0, 1).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(period_reward({1, -1, 0, 1}, 0, 1).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(period_reward({core::int128_max, 0, 0, 1}, 0, 2).error().code, emission::errc::supply_overflow);
    EXPECT_EQ(period_reward({core::int128_max, 0, 0, 4}, 2, 7).error().code, emission::errc::supply_overflow);
    EXPECT_EQ(text(period_reward({core::int128_max, 0, 0, 4}, 2, 4).value()), text(core::int128_max / 2));
    EXPECT_EQ(text(period_reward({1, 0, 0, 1}, 0, UINT64_MAX).value()), "18446744073709551615");
    EXPECT_EQ(compute_balance(payout_start + 2 * day, 7000 * mor).error().code,
              emission::errc::insufficient_balance);
    EXPECT_EQ(compute_balance(payout_start, -1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(supply_without_compute(payout_start, -1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(supply_without_compute(payout_start + 9 * day, core::int128_max).error().code,
              emission::errc::supply_overflow);
    EXPECT_EQ(stipend(-1, payout_start, 0).error().code, core::errc::invalid_amount);
    EXPECT_EQ(text(stipend(core::int128_max, payout_start, 0).value()), "0");
    EXPECT_EQ(TailEpochs::create(5, 6).error().code, core::errc::invalid_amount);
    EXPECT_EQ(TailEpochs::create(5, -1).error().code, core::errc::invalid_amount);
    const auto tail = TailEpochs::create(100, 20).value();
    EXPECT_EQ(tail.next(-1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(tail.next(91).error().code, emission::errc::insufficient_balance);
    EXPECT_EQ(text(tail.next(90).value().circulating()), "0");
    EXPECT_EQ(max_ips(-1, 1, 1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(max_ips(1, -1, 1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(max_ips(1, 1, 0).error().code, core::errc::invalid_amount);
    EXPECT_EQ(max_ips(core::int128_max, INT64_MAX, 1).error().code, core::errc::overflow);
    EXPECT_EQ(user_max(1, 2, 1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(user_max(1, 0, 0).error().code, core::errc::invalid_amount);
    EXPECT_EQ(user_max(1, -1, 1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(text(user_max(core::uint128_max, 7, 7).value()), text(core::uint128_max));
    EXPECT_EQ(text(access_rate(62'413'800'000, 1'300'289 * mor).value()), "47999");
    EXPECT_EQ(access_rate(1, mor - 1).error().code, core::errc::invalid_amount);
}

struct Bid {
    std::uint64_t id;
    std::int64_t price;
};

TEST(Morpheus, TheCheapestLiveBidWins) {
    const std::vector<Bid> bids{{7, 30}, {3, 10}, {9, 10}, {1, 20}};
    std::vector<std::uint64_t> asked;
    const auto live_from = [&](std::int64_t price) {
        return [&asked, price](const Bid& bid) {
            asked.push_back(bid.id);
            return bid.price >= price;
        };
    };
    EXPECT_EQ(select_bid<Bid>(bids, live_from(0)).value(), 1u);  // the lower id of two at 10
    EXPECT_EQ(asked, (std::vector<std::uint64_t>{3}));
    asked.clear();
    EXPECT_EQ(select_bid<Bid>(bids, live_from(15)).value(), 3u);
    EXPECT_EQ(asked, (std::vector<std::uint64_t>{3, 9, 1}));
    EXPECT_EQ(select_bid<Bid>(bids, live_from(31)).error().code, emission::errc::no_live_bid);
    EXPECT_EQ(select_bid<Bid>({}, live_from(0)).error().code, emission::errc::no_live_bid);
}

}  // namespace
}  // namespace pouw::inline v1::emission::morpheus
