// Every state of emission: random histories with a restart after every step, bytes that nobody saved, and the
// exact error of states that no history leads to.
#include "states.hpp"

#include "pouw/core/ids.hpp"
#include "pouw/emission/chains/heurist.hpp"
#include "pouw/emission/chains/morpheus.hpp"
#include "pouw/emission/chains/race_coin.hpp"
#include "pouw/emission/chains/race_coin_pool.hpp"
#include "pouw/emission/chains/race_coin_top.hpp"
#include "pouw/emission/supply_ledger.hpp"
#include "pouw/emission/vesting.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace pouw::inline v1::emission {
namespace {

using core::int128;
using test::equals_the_reference;
using test::Json;
using test::numbers;
using test::Random;
using test::refusal;
using test::refuses_what_nobody_saved;
using test::survives_restarts;
using test::with;

/// The value, or nothing where it was refused.
template <typename Value>
std::optional<Value> answer(const core::result<Value>& result) {
    return result ? std::optional{*result} : std::nullopt;
}

// Ledger of the supply --------------------------------------------------------------------------------------

template <typename Amount>
class StatesOfAmounts : public testing::Test {};
using Amounts = testing::Types<std::int64_t, int128>;
TYPED_TEST_SUITE(StatesOfAmounts, Amounts);

TYPED_TEST(StatesOfAmounts, SupplyLedger) {
    using Ledger = SupplyLedger<TypeParam>;
    const auto step = [](Ledger& ledger, Random& random) {
        const auto amount = static_cast<TypeParam>(random.below(50));
        switch (random.below(6)) {
            case 0:
                return ledger.mint(amount).has_value();
            case 1:
                return ledger.distribute(amount).has_value();
            case 2:
                return ledger.reclaim(amount).has_value();
            case 3:
                return ledger.burn(amount).has_value();
            case 4:
                return ledger.burn_held(amount).has_value();
            default:
                return ledger.reissue(amount).has_value();
        }
    };
    const auto saved = survives_restarts(Ledger::create(2'000).value(), 1, step);
    refuses_what_nobody_saved<Ledger>(saved, 2);
    const auto last = Ledger::restore(saved.back()).value();
    EXPECT_EQ(last.minted(), last.held() + last.distributed() + last.burned());
}

TYPED_TEST(StatesOfAmounts, SupplyLedgerRefusesWhatBreaksItsInvariants) {
    using Ledger = SupplyLedger<TypeParam>;
    constexpr std::size_t width = sizeof(TypeParam);
    auto ledger = Ledger::create(10).value();
    ASSERT_TRUE(ledger.mint(8) && ledger.distribute(5) && ledger.burn(2));  // 3 held, 3 distributed, 2 burned
    EXPECT_EQ(refusal(ledger, 12, TypeParam{-1}), core::errc::invalid_amount);
    for (std::size_t part = 1; part < 4; ++part)
        EXPECT_EQ(refusal(ledger, 12 + part * width, TypeParam{-1}), core::errc::invalid_amount);
    EXPECT_EQ(refusal(ledger, 12, TypeParam{7}), emission::errc::cap_exceeded);
    EXPECT_EQ(refusal(ledger, 12 + width, max_amount<TypeParam>), emission::errc::cap_exceeded);
    EXPECT_EQ(refusal(ledger, 12 + 3 * width, TypeParam{5}), emission::errc::cap_exceeded);
    EXPECT_EQ(refusal(ledger, 12 + 3 * width, TypeParam{4}), core::error_code{});
}

// Vesting by epoch ------------------------------------------------------------------------------------------

TYPED_TEST(StatesOfAmounts, EpochVesting) {
    using Vesting = EpochVesting<TypeParam>;
    const auto step = [](Vesting& vesting, Random& random) -> TypeParam {
        if (random.below(2) == 0) return vesting.release();
        return vesting.add(static_cast<TypeParam>(random.below(1'000)), random.below(40)).has_value() ? 1 : 0;
    };
    const auto saved = survives_restarts(Vesting{}, 3, step);
    refuses_what_nobody_saved<Vesting>(saved, 4);
}

TYPED_TEST(StatesOfAmounts, EpochVestingRefusesWhatNoRewardsGive) {
    using Vesting = EpochVesting<TypeParam>;
    constexpr std::size_t width = sizeof(TypeParam);
    Vesting vesting;
    ASSERT_TRUE(vesting.add(11, 3));  // 5, 3, 3
    EXPECT_EQ(refusal(vesting, 12, std::uint32_t{4}), core::errc::count_too_large);
    EXPECT_EQ(refusal(vesting, 12, std::uint32_t{2}), core::errc::trailing_bytes);
    EXPECT_EQ(refusal(vesting, 16, TypeParam{-1}), core::errc::invalid_amount);
    EXPECT_EQ(refusal(vesting, 16, TypeParam{2}), core::errc::inconsistent_state);
    EXPECT_EQ(refusal(vesting, 16 + 2 * width, TypeParam{4}), core::errc::inconsistent_state);
    EXPECT_EQ(refusal(vesting, 16, max_amount<TypeParam>), emission::errc::supply_overflow);
    EXPECT_EQ(refusal(vesting, 16, TypeParam{max_amount<TypeParam> - 6}), core::error_code{});
    core::Bytes many = Vesting{}.save();
    many.resize(many.size() + width * (Vesting::max_epochs + 1));
    const auto count = core::to_le(Vesting::max_epochs + 1);
    EXPECT_EQ(Vesting::restore(with(many, 12, count)).error().code, emission::errc::invalid_schedule);
}

// Heurist ---------------------------------------------------------------------------------------------------

TEST(States, EscrowVesting) {
    using heurist::EscrowVesting;
    const auto step = [](EscrowVesting& vesting, Random& random) {
        if (vesting.amount == 0)
            vesting = {random.below(1'000) * heurist::hue, vesting.start, vesting.end + 50};
        const auto claim = heurist::claim(vesting, vesting.start + random.below(20)).value();
        vesting = claim.rest;
        return claim.paid;
    };
    const auto saved = survives_restarts(EscrowVesting{}, 5, step);
    refuses_what_nobody_saved<EscrowVesting>(saved, 6);
    const EscrowVesting vesting{5, 10, 20};
    EXPECT_EQ(refusal(vesting, 12, int128{-1}), core::errc::invalid_amount);
    EXPECT_EQ(refusal(vesting, 28, std::uint64_t{21}), emission::errc::time_reversed);
    EXPECT_EQ(refusal(vesting, 28, std::uint64_t{20}), core::error_code{});
}

// Morpheus --------------------------------------------------------------------------------------------------

TEST(States, TailEpochs) {
    using morpheus::TailEpochs;
    const auto step = [](TailEpochs& tail, Random& random) {
        const auto all = static_cast<std::uint64_t>(tail.circulating() + tail.emission());
        tail = tail.next(static_cast<int128>(random.below64(all + 1) >> random.below(40))).value();
        return tail.emission();
    };
    const auto saved = survives_restarts(TailEpochs::create(1'000'000'000'000, 7).value(), 7, step);
    refuses_what_nobody_saved<TailEpochs>(saved, 8);
}

TEST(States, TailEpochsRefusesAnEmissionThatNothingBurnedAllows) {
    const auto tail = morpheus::TailEpochs::create(1'100, 100).value();  // 1000 circulate, 50 are emitted
    EXPECT_EQ(refusal(tail, 12, int128{-1}), core::errc::invalid_amount);
    EXPECT_EQ(refusal(tail, 28, int128{-1}), core::errc::invalid_amount);
    EXPECT_EQ(refusal(tail, 28, int128{161}), core::errc::inconsistent_state);
    EXPECT_EQ(refusal(tail, 28, int128{160}), core::error_code{});
    EXPECT_EQ(refusal(tail, 12, core::int128_max - 99), core::errc::overflow);
    EXPECT_EQ(refusal(tail, 12, core::int128_max - 100), core::error_code{});
    // The largest state goes on.
    const auto full = morpheus::TailEpochs::create(core::int128_max, core::int128_max / 4).value();
    const auto restored = morpheus::TailEpochs::restore(full.save()).value();
    EXPECT_TRUE(restored.next(0).value() == full.next(0).value());
}

// Race Coin -------------------------------------------------------------------------------------------------

namespace race = race_coin;

TEST(States, CoreIssuance) {
    const auto step = [](race::CoreIssuance& issuance, Random& random) -> std::int64_t {
        if (random.below(4) == 0) return issuance.close_day();
        // So that the history crosses all batches.
        return issuance.pay_fees(static_cast<std::int64_t>(random.next() >> (6 + random.below(30)))).value();
    };
    const auto saved = survives_restarts(race::CoreIssuance{}, 9, step);
    const auto last = race::CoreIssuance::restore(saved.back()).value();
    EXPECT_EQ(last.state().left(), 0);
    refuses_what_nobody_saved<race::CoreIssuance>(saved, 10);
}

TEST(States, CoreIssuanceRefusesWhatNoDaysIssue) {
    constexpr std::size_t day = 12;
    constexpr std::size_t today = 20;
    constexpr std::size_t issued = 28;
    constexpr std::size_t carry = 36;
    race::CoreIssuance issuance;
    (void)issuance.close_day();
    const std::int64_t minimum = issuance.state().issued;
    EXPECT_EQ(refusal(issuance, issued, std::int64_t{-1}), core::errc::invalid_amount);
    EXPECT_EQ(refusal(issuance, issued, race::core_incentive + 1), core::errc::invalid_amount);
    EXPECT_EQ(refusal(issuance, today, std::int64_t{-1}), core::errc::invalid_amount);
    EXPECT_EQ(refusal(issuance, today, std::int64_t{1}), core::errc::inconsistent_state);
    EXPECT_EQ(refusal(issuance, day, std::uint64_t{2}), core::errc::inconsistent_state);
    EXPECT_EQ(refusal(issuance, day, std::uint64_t{0}), core::error_code{});
    EXPECT_EQ(refusal(issuance, issued, minimum - 1), core::errc::inconsistent_state);
    const std::uint64_t fee = race::detail::fees_per_nano[0];
    EXPECT_EQ(refusal(issuance, carry, fee), core::errc::inconsistent_state);
    EXPECT_EQ(refusal(issuance, carry, fee - 1), core::error_code{});
    ASSERT_TRUE(issuance.pay_fees(INT64_MAX));
    EXPECT_EQ(issuance.state().left(), 0);
    EXPECT_EQ(refusal(issuance, carry, std::uint64_t{1}), core::errc::inconsistent_state);
}

TEST(States, LiquidityPool) {
    const auto step = [](race::LiquidityPool& pool, Random& random) {
        const auto coins = static_cast<std::int64_t>(random.next() >> (12 + random.below(50)));
        const auto done = random.below(3) == 0 ? pool.sell_back(coins) : pool.buy(coins);
        return answer(done);
    };
    using Kind = race::PriceRule::Kind;
    for (const race::PriceRule& rule :
         {race::PriceRule{}, race::PriceRule{Kind::linear_step, 1'999'999'999, 7}}) {
        const auto pool =
            race::LiquidityPool::create({race::liquidity_pool, 12'000'000 * race::coin, rule}).value();
        const auto saved = survives_restarts(pool, 11, step);
        EXPECT_GT(race::LiquidityPool::restore(saved.back())->phase(), 3);
        refuses_what_nobody_saved<race::LiquidityPool>(saved, 12);
    }
    // Nano by nano, where every part is rounded up.
    const auto small =
        race::LiquidityPool::create({1'000, 100, {Kind::linear_step, 1'500'000'000, 100'000'000}});
    const auto nanos = [](race::LiquidityPool& pool, Random& random) {
        return answer(random.below(3) == 0 ? pool.sell_back(random.below(3)) : pool.buy(random.below(3)));
    };
    refuses_what_nobody_saved<race::LiquidityPool>(survives_restarts(*small, 13, nanos), 14);
}

TEST(States, LiquidityPoolRefusesWhatNoSalesLeave) {
    constexpr std::size_t coins = 12;
    constexpr std::size_t kind = 28;
    constexpr std::size_t first = 29;
    constexpr std::size_t sold = 45;
    constexpr std::size_t held = 53;
    constexpr std::size_t reserve = 61;
    auto pool = race::LiquidityPool::create({}).value();
    EXPECT_EQ(refusal(pool, reserve, std::int64_t{1}), core::errc::inconsistent_state);
    EXPECT_EQ(refusal(pool, held, std::int64_t{1}), core::errc::inconsistent_state);
    ASSERT_TRUE(pool.buy(race::coin) && pool.sell_back(race::coin / 2));  // 5000 in, 2500 out
    EXPECT_EQ(refusal(pool, coins, std::int64_t{0}), emission::errc::invalid_schedule);
    EXPECT_EQ(refusal(pool, coins, std::int64_t{-1}), emission::errc::invalid_schedule);
    EXPECT_EQ(refusal(pool, coins + 8, std::int64_t{1}), emission::errc::invalid_schedule);
    EXPECT_EQ(refusal(pool, kind, std::uint8_t{2}), core::errc::non_canonical);
    EXPECT_EQ(refusal(pool, first, INT64_MAX), emission::errc::supply_overflow);
    for (const std::size_t field : {sold, held, reserve})
        EXPECT_EQ(refusal(pool, field, std::int64_t{-1}), core::errc::invalid_amount);
    EXPECT_EQ(refusal(pool, sold, race::liquidity_pool + 1), core::errc::invalid_amount);
    EXPECT_EQ(refusal(pool, held, race::total_supply + 1), core::errc::invalid_amount);
    // A coin cost 5000 and half of one was paid back with at most 2500.
    EXPECT_EQ(refusal(pool, reserve, std::int64_t{2'499}), core::errc::inconsistent_state);
    EXPECT_EQ(refusal(pool, reserve, std::int64_t{2'501}), core::error_code{});
    // A coin sold nano by nano brings 1 each.
    EXPECT_EQ(refusal(pool, reserve, race::coin), core::error_code{});
    EXPECT_EQ(refusal(pool, reserve, race::coin + 1), core::errc::inconsistent_state);
}

using Top = race::TopProviders<core::NodeId>;

core::NodeId node(std::uint8_t n) {
    core::NodeId out;
    out.bytes[0] = n;
    return out;
}

TEST(States, TopProviders) {
    std::uint64_t now = 40;
    std::uint64_t restarted_now = 40;
    bool first = false;
    // The time is the chain's, and no part of the seats: each of the two histories has its own.
    const auto step = [&](Top& top, Random& random) {
        first = !first;
        std::uint64_t& time = first ? now : restarted_now;
        time += random.below(30);
        std::vector<race::Candidate<core::NodeId>> ranking;
        for (std::uint8_t id = 0; id < 6; ++id) ranking.push_back({node(id), random.below(8) != 0});
        return top.advance(time, ranking).value();
    };
    const auto saved = survives_restarts(Top::create({1'000'003, 3, 20, 100, 10}, 40).value(), 15, step);
    refuses_what_nobody_saved<Top>(saved, 16);
    EXPECT_EQ(Top::restore(saved.back())->paid(), 1'000'003);
}

TEST(States, TopProvidersRefusesWhatNoServiceLeads) {
    constexpr std::size_t total = 12;
    constexpr std::size_t seats = 20;
    constexpr std::size_t payouts = 24;
    constexpr std::size_t period = 28;
    constexpr std::size_t present = 44;
    constexpr std::size_t seat = 52;  // payouts ‖ 1 ‖ holder ‖ since ‖ missed
    constexpr std::size_t since = seat + 5 + 32;
    constexpr std::size_t missed = since + 8;
    auto top = Top::create({1'000, 2, 3, 100, 10}, 0).value();
    const std::array<race::Candidate<core::NodeId>, 2> both{{{node(1), true}, {node(2), true}}};
    const std::array<race::Candidate<core::NodeId>, 2> one{{{node(1), false}, {node(2), true}}};
    ASSERT_TRUE(top.advance(0, both) && top.advance(150, both) && top.advance(155, one));
    EXPECT_EQ(refusal(top, total, std::int64_t{-1}), emission::errc::invalid_schedule);
    EXPECT_EQ(refusal(top, seats, std::uint32_t{0}), emission::errc::invalid_schedule);
    EXPECT_EQ(refusal(top, seats, std::uint32_t{5'000}), emission::errc::invalid_schedule);
    EXPECT_EQ(refusal(top, seats, std::uint32_t{3'000}), core::errc::count_too_large);
    EXPECT_EQ(refusal(top, seats, std::uint32_t{1}), core::errc::trailing_bytes);
    EXPECT_EQ(refusal(top, seats, std::uint32_t{3}), core::errc::truncated);
    EXPECT_EQ(refusal(top, period, std::uint64_t{0}), emission::errc::invalid_schedule);
    EXPECT_EQ(refusal(top, seat + 4, std::uint8_t{2}), core::errc::non_canonical);
    EXPECT_EQ(refusal(top, seat + 5, std::uint8_t{2}), core::errc::inconsistent_state);  // holds both
    EXPECT_EQ(refusal(top, payouts, std::uint32_t{0}), emission::errc::invalid_schedule);
    EXPECT_EQ(refusal(top, seat, std::uint32_t{4}), core::errc::inconsistent_state);    // of 3 payouts
    EXPECT_EQ(refusal(top, seat, std::uint32_t{2}), core::errc::inconsistent_state);    // 200 s before 155
    EXPECT_EQ(refusal(top, since, std::uint64_t{99}), core::errc::inconsistent_state);  // before it was paid
    EXPECT_EQ(refusal(top, since, std::uint64_t{156}), core::errc::inconsistent_state);
    EXPECT_EQ(refusal(top, missed, std::uint64_t{11}), core::errc::inconsistent_state);
    EXPECT_EQ(refusal(top, missed, std::uint64_t{10}), core::error_code{});
    EXPECT_EQ(refusal(top, present, std::uint64_t{200}), core::errc::inconsistent_state);  // a payout is due
    EXPECT_EQ(refusal(top, present, std::uint64_t{199}), core::error_code{});
    EXPECT_EQ(refusal(top, present, std::uint64_t{104}), core::errc::inconsistent_state);  // 5 s are missed
}

// The reference ---------------------------------------------------------------------------------------------

const std::string file = "emission/states.json";
using Numbers = std::vector<int128>;

std::int64_t i64(int128 number) { return static_cast<std::int64_t>(number); }
std::uint64_t u64(int128 number) { return static_cast<std::uint64_t>(number); }
std::uint32_t u32(int128 number) { return static_cast<std::uint32_t>(number); }

TYPED_TEST(StatesOfAmounts, SupplyLedgerEqualsTheReference) {
    using Ledger = SupplyLedger<TypeParam>;
    const auto start = [](const Json& row) {
        return Ledger::create(static_cast<TypeParam>(numbers(row)[0])).value();
    };
    const auto play = [](Ledger& ledger, const std::string& operation, const Numbers& in) {
        const auto amount = static_cast<TypeParam>(in[0]);
        if (operation == "mint") (void)ledger.mint(amount).has_value();
        if (operation == "distribute") (void)ledger.distribute(amount).has_value();
        if (operation == "reclaim") (void)ledger.reclaim(amount).has_value();
        if (operation == "burn") (void)ledger.burn(amount).has_value();
        if (operation == "burn_held") (void)ledger.burn_held(amount).has_value();
        if (operation == "reissue") (void)ledger.reissue(amount).has_value();
    };
    equals_the_reference(file, "supply_ledger_" + std::to_string(8 * sizeof(TypeParam)), start, play);
}

TYPED_TEST(StatesOfAmounts, EpochVestingEqualsTheReference) {
    using Vesting = EpochVesting<TypeParam>;
    const auto play = [](Vesting& vesting, const std::string& operation, const Numbers& in) {
        if (operation == "release") {
            (void)vesting.release();
        } else {
            (void)vesting.add(static_cast<TypeParam>(in[0]), u32(in[1])).has_value();
        }
    };
    const auto start = [](const Json&) { return Vesting{}; };
    equals_the_reference(file, "epoch_vesting_" + std::to_string(8 * sizeof(TypeParam)), start, play);
}

TEST(States, ChainsEqualTheReference) {
    equals_the_reference(
        file, "escrow_vesting",
        [](const Json& row) {
            const Numbers in = numbers(row);
            return heurist::EscrowVesting{in[0], u64(in[1]), u64(in[2])};
        },
        [](heurist::EscrowVesting& vesting, const std::string&, const Numbers& in) {
            vesting = heurist::claim(vesting, u64(in[0])).value().rest;
        });
    equals_the_reference(
        file, "tail_epochs",
        [](const Json& row) {
            return morpheus::TailEpochs::create(numbers(row)[0], numbers(row)[1]).value();
        },
        [](morpheus::TailEpochs& tail, const std::string&, const Numbers& in) {
            tail = tail.next(in[0]).value();
        });
    equals_the_reference(
        file, "core_issuance", [](const Json&) { return race::CoreIssuance{}; },
        [](race::CoreIssuance& issuance, const std::string& operation, const Numbers& in) {
            if (operation == "close_day") {
                (void)issuance.close_day();
            } else {
                (void)issuance.pay_fees(i64(in[0])).value();
            }
        });
    equals_the_reference(
        file, "liquidity_pool",
        [](const Json& row) {
            using Kind = race::PriceRule::Kind;
            const Numbers in = numbers(row);
            const Kind kind = row[2] == "doubling" ? Kind::doubling : Kind::linear_step;
            return race::LiquidityPool::create({i64(in[0]), i64(in[1]), {kind, i64(in[3]), i64(in[4])}})
                .value();
        },
        [](race::LiquidityPool& pool, const std::string& operation, const Numbers& in) {
            (void)(operation == "buy" ? pool.buy(i64(in[0])) : pool.sell_back(i64(in[0]))).has_value();
        });
}

/// The keys of the reference by number, as its states have them.
std::vector<core::NodeId> keys_of_the_reference() {
    const Json vectors = test::load_vectors(file);
    std::vector<core::NodeId> out;
    for (const Json& key : vectors.at("keys")) out.push_back(test::fixed<core::NodeId>(key));
    return out;
}

TEST(States, TopProvidersEqualTheReference) {
    const auto keys = keys_of_the_reference();
    const auto start = [](const Json& row) {
        const Numbers in = numbers(row);
        return Top::create({i64(in[0]), u32(in[1]), u32(in[2]), u64(in[3]), u64(in[4])}, u64(in[5])).value();
    };
    const auto play = [&](Top& top, const std::string&, const Numbers& in) {
        std::vector<race::Candidate<core::NodeId>> ranking;
        for (std::size_t i = 1; i < in.size(); ++i) ranking.push_back({keys.at(u64(in[i])), true});
        (void)top.advance(u64(in[0]), ranking).value();
    };
    equals_the_reference(file, "top_providers", start, play);
}

}  // namespace
}  // namespace pouw::inline v1::emission
