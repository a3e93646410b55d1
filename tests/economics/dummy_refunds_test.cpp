#include "pouw/economics/dummy_refunds.hpp"

#include "random.hpp"
#include "vectors.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/economics/errc.hpp"
#include "pouw/validation/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

namespace pouw::inline v1::economics {
namespace {

using test::Json;
using test::Random;

AccountId account(std::uint32_t number) {
    AccountId out;
    out.bytes[31] = static_cast<std::uint8_t>(number);
    out.bytes[30] = static_cast<std::uint8_t>(number >> 8);
    return out;
}

std::string text(core::Amount amount) { return core::to_decimal(amount); }

validation::EpochBeacon beacon_of(core::Epoch epoch, const core::BeaconOutput& output,
                                  const core::ChainId& chain = "test") {
    return validation::EpochBeacon::create(chain, epoch, {output, 100, 120}).value();
}

/// The beacon of the epoch that follows, from a number.
validation::EpochBeacon next_of(const DummyRefunds& refunds, std::uint64_t number = 1) {
    core::BeaconOutput output;
    const auto bytes = core::to_le(number + 1000 * refunds.epoch().value);
    std::copy(bytes.begin(), bytes.end(), output.bytes.begin());
    return beacon_of(refunds.epoch() + 1, output);
}

DummyRefunds make(const RefundRules& rules, core::Epoch epoch = 0) {
    return DummyRefunds::create("test", rules, epoch).value();
}

core::Amount amount(const Json& decimal) {
    return static_cast<core::Amount>(core::from_decimal(decimal.get<std::string>()).value());
}

void run_step(DummyRefunds& refunds, const Json& step, const core::ChainId& chain) {
    if (step.contains("fund")) {
        EXPECT_TRUE(refunds.fund(test::fixed<AccountId>(step["fund"][0]), amount(step["fund"][1])));
    } else if (step.contains("owe")) {
        EXPECT_TRUE(refunds.owe(test::fixed<AccountId>(step["owe"][0]), amount(step["owe"][1])));
    } else {
        const auto output = test::fixed<core::BeaconOutput>(step["close"]);
        Json given = Json::array();
        for (const Refund& refund : refunds.close(beacon_of(refunds.epoch() + 1, output, chain)).value()) {
            EXPECT_EQ(text(refund.amount), text(refunds.rules().unit));
            given.push_back({core::to_hex(refund.source.view()), core::to_hex(refund.payer.view())});
        }
        EXPECT_EQ(given, step["refunds"]);
    }
}

TEST(RefundVectors, HistoriesWithARestoreAfterEachStep) {
    const Json vectors = test::load_vectors("economics/dummy_refunds.json");
    const core::Bytes raw = test::bytes(vectors.at("chain_id"));
    const core::ChainId chain{core::ByteView{raw}};
    for (const Json& history : vectors.at("histories")) {
        const Json& rules = history.at("rules");
        const auto u32 = [&](const char* name) {
            return static_cast<std::uint32_t>(test::u64(rules.at(name)));
        };
        DummyRefunds refunds = DummyRefunds::create(chain,
                                                    {.unit = amount(rules.at("unit")),
                                                     .units_per_payer = u32("units_per_payer"),
                                                     .shortest = u32("shortest"),
                                                     .longest = u32("longest")},
                                                    test::u64(history.at("epoch")))
                                   .value();
        for (const Json& step : history.at("steps")) {
            run_step(refunds, step, chain);
            const core::Bytes saved = refunds.save();
            ASSERT_EQ(core::to_hex(crypto::blake2b_256(saved).view()), step.at("state"));
            const auto restored = DummyRefunds::restore(saved);
            ASSERT_TRUE(restored) << restored.error().code.name();
            ASSERT_TRUE(*restored == refunds);
            refunds = *restored;
        }
        EXPECT_EQ(core::to_hex(refunds.save()), history.at("final"));
    }
}

TEST(DummyRefunds, RefusesWhatIsOutOfRange) {
    const auto refuses = [](const RefundRules& rules) {
        return DummyRefunds::create("test", rules).error().code == economics::errc::invalid_rules;
    };
    EXPECT_TRUE(refuses({.unit = 0}));
    EXPECT_TRUE(refuses({.units_per_payer = 0}));
    EXPECT_TRUE(refuses({.units_per_payer = 65'536}));
    EXPECT_TRUE(refuses({.shortest = 0}));
    EXPECT_TRUE(refuses({.shortest = 3, .longest = 2}));
    EXPECT_TRUE(refuses({.longest = 65'536}));

    DummyRefunds refunds = make({}, 7);
    EXPECT_TRUE(refunds.fund(account(1), core::max_amount));
    EXPECT_TRUE(refunds.owe(account(2), core::max_amount));
    const DummyRefunds before = refunds;
    EXPECT_EQ(refunds.fund(account(1), 0).error().code, core::errc::invalid_amount);
    EXPECT_EQ(refunds.fund(account(1), 1).error().code, core::errc::overflow);
    EXPECT_EQ(refunds.owe(account(1), -1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(refunds.owe(account(1), 1).error().code, core::errc::overflow);
    EXPECT_EQ(refunds.close(beacon_of(8, {}, "other")).error().code, validation::errc::other_chain);
    EXPECT_EQ(refunds.close(beacon_of(7, {})).error().code, economics::errc::epoch_out_of_order);
    EXPECT_EQ(refunds.close(beacon_of(9, {})).error().code, economics::errc::epoch_out_of_order);
    EXPECT_TRUE(refunds == before);
    EXPECT_EQ(make({}, UINT64_MAX - 29).close(beacon_of(UINT64_MAX - 28, {})).error().code,
              core::errc::overflow);
    EXPECT_EQ(make({}, UINT64_MAX).close(beacon_of(0, {})).error().code, economics::errc::epoch_out_of_order);
}

TEST(DummyRefunds, LessThanAUnitWaitsAndEachUnitComesInItsWindow) {
    DummyRefunds refunds = make({.unit = 100, .units_per_payer = 3, .shortest = 2, .longest = 5});
    ASSERT_TRUE(refunds.fund(account(1), 10'000));
    ASSERT_TRUE(refunds.owe(account(2), 99));
    for (int epoch = 0; epoch < 10; ++epoch) EXPECT_TRUE(refunds.close(next_of(refunds))->empty());
    ASSERT_TRUE(refunds.owe(account(2), 451));  // five units and a half
    std::vector<std::uint64_t> when;
    for (std::uint64_t epoch = 1; epoch < 12; ++epoch) {
        for (const Refund& refund : refunds.close(next_of(refunds)).value()) {
            EXPECT_EQ(refund, (Refund{account(1), account(2), 100}));
            when.push_back(epoch);
        }
    }
    ASSERT_EQ(when.size(), 5u);
    // Three units were drawn in the first epoch, two in the second.
    EXPECT_GE(when.front(), 2u);
    EXPECT_GE(when.back(), 3u);
    EXPECT_LE(when.back(), 6u);
    EXPECT_EQ(text(refunds.owed_to(account(2))), "50");
    EXPECT_EQ(text(refunds.held_from(account(1))), "9500");
    EXPECT_EQ(text(refunds.refunded()), "500");
}

TEST(DummyRefunds, NobodyRefundsHimselfAndAnEmptyPoolWaits) {
    DummyRefunds refunds = make({.unit = 10, .units_per_payer = 9, .longest = 1});
    ASSERT_TRUE(refunds.owe(account(1), 30));
    EXPECT_TRUE(refunds.close(next_of(refunds))->empty());
    ASSERT_TRUE(refunds.fund(account(1), 1'000));
    ASSERT_TRUE(refunds.fund(account(2), 9));
    EXPECT_TRUE(refunds.close(next_of(refunds))->empty());
    ASSERT_TRUE(refunds.fund(account(2), 15));
    const auto paid = refunds.close(next_of(refunds)).value();
    ASSERT_EQ(paid.size(), 2u);
    EXPECT_EQ(paid[0].source, account(2));
    EXPECT_EQ(text(refunds.owed_to(account(1))), "10");
    EXPECT_EQ(text(refunds.held_from(account(2))), "4");
    ASSERT_TRUE(refunds.fund(account(3), 10));
    EXPECT_EQ(refunds.close(next_of(refunds))->size(), 1u);
    EXPECT_EQ(text(refunds.owed()), "0");
    EXPECT_EQ(text(refunds.held_from(account(3))), "0");
}

/// Delay and source say nothing about the payer: both are uniform, whoever is owed.
TEST(DummyRefunds, DelaysAndSourcesAreUniform) {
    DummyRefunds refunds = make({.unit = 1, .units_per_payer = 2, .shortest = 1, .longest = 4});
    std::array<std::uint32_t, 5> delays{};
    std::array<std::uint32_t, 4> sources{};
    for (std::uint32_t i = 0; i < 4; ++i) ASSERT_TRUE(refunds.fund(account(i), 1'000'000));
    for (std::uint32_t round = 0; round < 3000; ++round) {
        ASSERT_TRUE(refunds.owe(account(100), 1));
        for (std::size_t delay = 1; delay <= 4; ++delay) {
            for (const Refund& refund : refunds.close(next_of(refunds, round)).value()) {
                ++delays[delay];
                ++sources[refund.source.bytes[31]];
            }
        }
    }
    for (std::size_t delay = 1; delay <= 4; ++delay) EXPECT_NEAR(delays[delay], 750, 120);
    for (const std::uint32_t count : sources) EXPECT_NEAR(count, 750, 120);
}

TEST(DummyRefunds, ThousandStepsConserveAndEndAsWithoutRestores) {
    Random random{5};
    DummyRefunds refunds = make({.unit = 7, .units_per_payer = 4, .shortest = 1, .longest = 9});
    DummyRefunds twin = refunds;
    core::Amount funded = 0;
    core::Amount costs = 0;
    core::Amount paid = 0;
    for (int i = 0; i < 1000; ++i) {
        const AccountId who = account(random.below(12));
        const core::Amount coins = 1 + random.below(60);
        const std::uint32_t kind = random.below(4);
        if (kind == 0) {
            ASSERT_TRUE(refunds.fund(who, coins) && twin.fund(who, coins));
            funded += coins;
        } else if (kind < 3) {
            ASSERT_TRUE(refunds.owe(who, coins) && twin.owe(who, coins));
            costs += coins;
        } else {
            const auto next = next_of(refunds);
            const auto made = refunds.close(next).value();
            ASSERT_TRUE(made == twin.close(next).value());
            for (const Refund& refund : made) {
                ASSERT_NE(refund.source, refund.payer);
                paid += refund.amount;
            }
        }
        refunds = DummyRefunds::restore(refunds.save()).value();
        ASSERT_TRUE(refunds == twin);
        ASSERT_EQ(text(refunds.held() + paid), text(funded));
        ASSERT_EQ(text(refunds.owed() + paid), text(costs));
        ASSERT_EQ(text(refunds.refunded()), text(paid));
        core::Amount owed = 0;
        core::Amount held = 0;
        for (std::uint32_t n = 0; n < 12; ++n) {
            owed += refunds.owed_to(account(n));
            held += refunds.held_from(account(n));
        }
        ASSERT_EQ(text(owed), text(refunds.owed()));
        ASSERT_EQ(text(held), text(refunds.held()));
    }
    EXPECT_GT(paid, core::Amount{1000});
}

class RefundStates : public testing::Test {
  protected:
    RefundStates() {
        EXPECT_TRUE(refunds.fund(account(1), 5));
        EXPECT_TRUE(refunds.fund(account(2), 5));
        EXPECT_TRUE(refunds.owe(account(3), 25));
        EXPECT_TRUE(refunds.owe(account(4), 25));
        EXPECT_TRUE(refunds.close(next_of(refunds)));
        saved = refunds.save();
    }
    [[nodiscard]] std::string error_with(std::size_t place, core::ByteView bytes) const {
        core::Bytes bad = saved;
        std::copy(bytes.begin(), bytes.end(), bad.begin() + static_cast<std::ptrdiff_t>(place));
        const auto restored = DummyRefunds::restore(bad);
        return restored ? "" : std::string{restored.error().code.name()};
    }

    DummyRefunds refunds = make({.unit = 10, .units_per_payer = 2, .shortest = 30, .longest = 40}, 5);
    core::Bytes saved;
    static constexpr std::size_t unit_at = 8 + 4 + 32;
    static constexpr std::size_t epoch_at = unit_at + 16 + 12;
    static constexpr std::size_t pool_at = epoch_at + 8 + 16;
    static constexpr std::size_t waiting_at = pool_at + 4 + 2 * 48;
    static constexpr std::size_t scheduled_at = waiting_at + 4 + 2 * 48;
};

TEST_F(RefundStates, RefusalsNameTheirReason) {
    ASSERT_TRUE(DummyRefunds::restore(saved).value() == refunds);
    for (std::size_t size = 0; size < saved.size(); ++size)
        EXPECT_FALSE(DummyRefunds::restore(core::ByteView{saved}.first(size))) << size;
    core::Bytes longer = saved;
    longer.push_back(0);
    EXPECT_EQ(DummyRefunds::restore(longer).error().code, core::errc::trailing_bytes);
    const auto four = [](std::uint32_t value) { return core::to_le(value); };
    const auto eight = [](std::uint64_t value) { return core::to_le(value); };
    const auto wide = [](core::uint128 value) { return core::to_le(value); };
    EXPECT_EQ(error_with(0, four(0)), "invalid_magic");
    EXPECT_EQ(error_with(8, four(2)), "unsupported_version");
    EXPECT_EQ(error_with(unit_at, wide(0)), "invalid_rules");
    EXPECT_EQ(error_with(unit_at, wide(core::uint128{1} << 127)), "invalid_amount");
    EXPECT_EQ(error_with(unit_at + 16, four(0)), "invalid_rules");
    EXPECT_EQ(error_with(epoch_at + 8, wide(static_cast<core::uint128>(core::max_amount))), "overflow");
    EXPECT_EQ(error_with(pool_at, four(1'000)), "count_too_large");
    EXPECT_EQ(error_with(pool_at + 4 + 32, wide(0)), "non_canonical");
    EXPECT_EQ(error_with(pool_at + 4, account(2).view()), "non_canonical");
    EXPECT_EQ(error_with(waiting_at + 4, account(4).view()), "non_canonical");
    EXPECT_EQ(error_with(scheduled_at + 4, eight(epoch_at)), "non_canonical");
    EXPECT_EQ(error_with(scheduled_at + 4 + 40, eight(0)), "non_canonical");
    EXPECT_EQ(error_with(scheduled_at + 4 + 40, eight(23)), "non_canonical");
}

TEST_F(RefundStates, MutationsAreRefusedOrAreStates) {
    Random random{9};
    int restored_states = 0;
    for (int i = 0; i < 10'000; ++i) {
        core::Bytes bad = saved;
        for (std::uint32_t changes = 1 + random.below(3); changes > 0; --changes)
            bad[random.below(static_cast<std::uint32_t>(bad.size()))] ^=
                static_cast<std::uint8_t>(1 + random.below(255));
        if (const auto restored = DummyRefunds::restore(bad)) {
            ASSERT_EQ(restored->save(), bad);
            ++restored_states;
        }
    }
    EXPECT_GT(restored_states, 0);
}

}  // namespace
}  // namespace pouw::inline v1::economics
