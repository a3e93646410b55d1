#include "emission_vectors.hpp"

#include "pouw/core/apportion.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/emission/chains/first_takes_remainder.hpp"
#include "pouw/emission/errc.hpp"
#include "pouw/emission/supply_ledger.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace pouw::inline v1::emission {
namespace {

using core::int128;
using core::uint128;
using test::Json;
using test::Random;
using test::text;

template <typename Amount>
std::vector<std::string> texts(const std::vector<Amount>& values) {
    std::vector<std::string> out;
    for (const Amount value : values) out.push_back(text(value));
    return out;
}

TEST(Allocation, EqualsTheReference) {
    const Json operations = test::load_vectors("emission/operations.json");
    for (const Json& row : operations.at("allocations")) {
        std::vector<std::uint64_t> weights;
        for (const Json& w : row.at("weights")) weights.push_back(test::u64(w));
        const int128 amount = test::i128(row.at("amount"));
        const auto largest = row.at("largest_remainder").get<std::vector<std::string>>();
        const auto first = row.at("first_takes_remainder").get<std::vector<std::string>>();
        ASSERT_EQ(texts(core::apportion(amount, weights).value()), largest) << row;
        ASSERT_EQ(texts(allocate_first_takes_remainder(amount, weights).value()), first) << row;
        if (amount > INT64_MAX) continue;
        const auto small = static_cast<std::int64_t>(amount);
        ASSERT_EQ(texts(core::apportion(small, weights).value()), largest) << row;
        ASSERT_EQ(texts(allocate_first_takes_remainder(small, weights).value()), first) << row;
    }
}

TEST(Allocation, ConservesAndKeepsTheQuota) {
    Random random{1};
    for (int i = 0; i < 2000; ++i) {
        std::vector<std::uint64_t> weights(1 + random.below64(20));
        for (auto& w : weights) w = random.below64(3) == 0 ? 0 : random.any_size();
        weights[random.below64(weights.size())] = 1 + random.below64(100);
        const auto amount = static_cast<std::int64_t>(random.any_size() >> 1);
        uint128 total = 0;
        for (const auto w : weights) total += w;
        const auto parts = core::apportion(amount, weights).value();
        int128 sum = 0;
        for (std::size_t k = 0; k < parts.size(); ++k) {
            const auto floor = static_cast<std::int64_t>(
                core::multiply_divide_floor(static_cast<uint128>(amount), weights[k], total).value());
            ASSERT_GE(parts[k], floor);
            ASSERT_LE(parts[k], floor + 1);
            sum += parts[k];
        }
        ASSERT_EQ(text(sum), text(amount));
        const auto first = allocate_first_takes_remainder(amount, weights).value();
        sum = 0;
        for (const auto part : first) sum += part;
        ASSERT_EQ(text(sum), text(amount));
    }
}

TEST(Allocation, OrderDecidesOnlyTies) {
    const std::vector<std::uint64_t> ascending{1, 2, 4};
    const std::vector<std::uint64_t> descending{4, 2, 1};
    auto a = core::apportion<std::int64_t>(10, ascending).value();
    const auto b = core::apportion<std::int64_t>(10, descending).value();
    std::reverse(a.begin(), a.end());
    EXPECT_EQ(a, b);
    // 5 at 70 to 30: remainders are equal, the first id has the unit.
    EXPECT_EQ(core::apportion<std::int64_t>(5, std::vector<std::uint64_t>{70, 30}).value(),
              (std::vector<std::int64_t>{4, 1}));
    EXPECT_EQ(core::apportion<std::int64_t>(5, std::vector<std::uint64_t>{30, 70}).value(),
              (std::vector<std::int64_t>{2, 3}));
}

TEST(Allocation, RefusesWhatIsOutOfRange) {
    const std::vector<std::uint64_t> none{0, 0};
    const std::vector<std::uint64_t> one{1};
    EXPECT_EQ(core::apportion<std::int64_t>(5, none).error().code, core::errc::no_weight);
    EXPECT_EQ(core::apportion<std::int64_t>(5, std::vector<std::uint64_t>{}).error().code,
              core::errc::no_weight);
    EXPECT_EQ(core::apportion<std::int64_t>(-1, one).error().code, core::errc::invalid_amount);
    EXPECT_EQ(allocate_first_takes_remainder<std::int64_t>(5, none).error().code, core::errc::no_weight);
    EXPECT_EQ(allocate_first_takes_remainder<std::int64_t>(-1, one).error().code, core::errc::invalid_amount);
}

TEST(SupplyLedger, HoldsItsInvariants) {
    Random random{2};
    auto ledger = SupplyLedger<std::int64_t>::create(1'000'000).value();
    for (int i = 0; i < 20'000; ++i) {
        const auto amount = static_cast<std::int64_t>(random.below64(5'000)) - 10;
        const auto before = ledger;
        core::result<void> done;
        switch (random.below64(6)) {
            case 0:
                done = ledger.mint(amount);
                break;
            case 1:
                done = ledger.distribute(amount);
                break;
            case 2:
                done = ledger.reclaim(amount);
                break;
            case 3:
                done = ledger.burn(amount);
                break;
            case 4:
                done = ledger.burn_held(amount);
                break;
            default:
                done = ledger.reissue(amount);
                break;
        }
        if (!done) {
            ASSERT_EQ(ledger, before);
        }
        ASSERT_LE(ledger.minted(), ledger.cap());
        ASSERT_EQ(ledger.minted(), ledger.distributed() + ledger.burned() + ledger.held());
        ASSERT_GE(std::min({ledger.distributed(), ledger.burned(), ledger.held()}), 0);
    }
    EXPECT_EQ(ledger.minted(), ledger.cap());
}

TEST(SupplyLedger, NamesTheReason) {
    EXPECT_EQ(SupplyLedger<std::int64_t>::create(-1).error().code, core::errc::invalid_amount);
    auto ledger = SupplyLedger<int128>::create(core::int128_max).value();
    EXPECT_TRUE(ledger.mint(core::int128_max));
    EXPECT_EQ(ledger.mint(1).error().code, emission::errc::cap_exceeded);
    EXPECT_EQ(ledger.mint(-1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(ledger.burn(1).error().code, emission::errc::insufficient_balance);
    EXPECT_EQ(ledger.reclaim(1).error().code, emission::errc::insufficient_balance);
    EXPECT_EQ(ledger.reissue(1).error().code, emission::errc::insufficient_balance);
    EXPECT_EQ(ledger.distribute(-1).error().code, core::errc::invalid_amount);
    EXPECT_TRUE(ledger.distribute(5));
    EXPECT_TRUE(ledger.burn(5));
    EXPECT_EQ(text(ledger.burned()), "5");
}

TEST(Wide, DivisionsEqualTheReference) {
    const Json operations = test::load_vectors("emission/operations.json");
    for (const Json& row : operations.at("wide_divisions")) {
        const core::Division d =
            core::divide(core::multiply(test::u128(row[0]), test::u128(row[1])), test::u128(row[2]));
        ASSERT_EQ(text(d.quotient.high), test::str(row[3])) << row;
        ASSERT_EQ(text(d.quotient.low), test::str(row[4])) << row;
        ASSERT_EQ(text(d.remainder), test::str(row[5])) << row;
        const auto floor =
            core::multiply_divide_floor(test::u128(row[0]), test::u128(row[1]), test::u128(row[2]));
        ASSERT_EQ(floor.has_value(), d.quotient.high == 0);
        const auto ceil =
            core::multiply_divide_ceil(test::u128(row[0]), test::u128(row[1]), test::u128(row[2]));
        if (ceil) {
            ASSERT_EQ(text(*ceil), text(d.quotient.low + (d.remainder != 0 ? 1u : 0u)));
        }
    }
}

TEST(Wide, QuotientTimesDivisorAndRemainderIsTheDividend) {
    Random random{3};
    const auto any = [&] {
        const uint128 x = (uint128{random.next()} << 64) | random.next();
        return x >> random.below64(128);
    };
    for (int i = 0; i < 50'000; ++i) {
        const core::uint256 dividend{any(), any()};
        const uint128 divisor = any() | 1u;
        const core::Division d = core::divide(dividend, divisor);
        ASSERT_LT(d.remainder, divisor);
        core::uint256 back = core::multiply(d.quotient.low, divisor);
        back.high += d.quotient.high * divisor;  // exact: the dividend has 256 bits
        back.low += d.remainder;
        back.high += back.low < d.remainder ? 1u : 0u;
        ASSERT_EQ(back, dividend);
    }
}

TEST(Wide, DecimalRoundTrip) {
    EXPECT_EQ(core::to_decimal(core::uint128_max), "340282366920938463463374607431768211455");
    EXPECT_EQ(core::to_decimal(-core::int128_max - 1), "-170141183460469231731687303715884105728");
    EXPECT_EQ(core::to_decimal(int128{0}), "0");
    EXPECT_EQ(core::from_decimal("340282366920938463463374607431768211455").value(), core::uint128_max);
    EXPECT_EQ(core::from_decimal("340282366920938463463374607431768211456").error().code,
              core::errc::overflow);
    EXPECT_EQ(core::from_decimal("1000000000000000000000000000000000000000").error().code,
              core::errc::overflow);
    for (const char* wrong : {"", "-1", "+1", "01", " 1", "1 ", "1.0", "0x1", "1e3"})
        EXPECT_EQ(core::from_decimal(wrong).error().code, core::errc::invalid_amount) << wrong;
}

TEST(WideDeathTest, DivisionByZeroIsAContractViolation) {
    EXPECT_DEATH((void)core::divide({1, 1}, 0), "");
    EXPECT_DEATH((void)core::subtract({0, 1}, {0, 2}), "");
}

}  // namespace
}  // namespace pouw::inline v1::emission
