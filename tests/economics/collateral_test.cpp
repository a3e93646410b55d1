#include "pouw/economics/collateral.hpp"

#include "random.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/economics/errc.hpp"
#include "pouw/emission/chains/aipg.hpp"
#include "pouw/emission/chains/heurist.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace pouw::inline v1::economics {
namespace {

using economics::errc;

std::string text(core::Amount amount) { return core::to_decimal(amount); }
core::NodeId key(std::uint8_t n) {
    core::NodeId out;
    out.bytes[31] = n;
    return out;
}
const AccountId alice = key(101);
const AccountId bob = key(102);
const AccountId finder = key(103);

/// A conviction of a node by the evidence of this number.
core::Conviction conviction(const core::NodeId& node, std::uint8_t evidence, core::Height height = 0) {
    core::Conviction out{node, core::Ground::false_results, {}, height};
    out.evidence.bytes[0] = evidence;
    return out;
}

/// 10% of the stake for a conviction, half of it for the finder, 100 blocks of unbonding, 1,000 units for
/// duty.
CollateralRules rules() {
    return {.minimum = 1'000,
            .unbonding = 100,
            .slash_rate = core::Rate::percent(10),
            .finder_share = core::Rate::percent(50),
            .moves_between_nodes = true};
}
Collateral collateral() { return Collateral::create(rules()).value(); }

void expect_balance(const Collateral& state) {
    EXPECT_EQ(text(state.paid_in()),
              text(state.held() + state.withdrawn() + state.awarded() + state.forfeited()));
}

TEST(Collateral, AStakeLocksUnlocksAndLeavesAfterTheUnbonding) {
    auto state = collateral();
    EXPECT_FALSE(state.qualifies(key(1), 1));
    EXPECT_TRUE(state.lock(key(1), alice, 999));
    EXPECT_FALSE(state.qualifies(key(1), 1));
    EXPECT_TRUE(state.qualifies(key(1), 1, 1));  // with a coin of the other kind
    EXPECT_TRUE(state.lock(key(1), alice, 501));
    EXPECT_TRUE(state.qualifies(key(1), 1));
    EXPECT_EQ(state.unlock(key(1), alice, 500, 7).value(), core::Height{107});
    EXPECT_TRUE(state.qualifies(key(1), 1));
    EXPECT_EQ(state.unlock(key(1), alice, 1, 8).value(), core::Height{108});
    EXPECT_FALSE(state.qualifies(key(1), 1));  // what unbonds does not count
    EXPECT_EQ(state.withdraw(key(1), alice, 106).error().code, core::errc::too_early);
    EXPECT_EQ(text(state.withdraw(key(1), alice, 107).value()), "500");
    EXPECT_EQ(text(state.held()), "1000");
    EXPECT_EQ(state.unlock(key(1), alice, 999, 200).value(), core::Height{300});
    EXPECT_EQ(text(state.withdraw(key(1), alice, 300).value()), "1000");
    EXPECT_EQ(state.find(key(1)), nullptr);  // the next owner may be another one
    EXPECT_TRUE(state.lock(key(1), bob, 1));
    expect_balance(state);
}

TEST(Collateral, RequestsOfOneBlockAreOneEntryAndTheirNumberIsBounded) {
    auto state = collateral();
    EXPECT_TRUE(state.lock(key(1), alice, 1'000));
    for (std::uint64_t i = 0; i < Collateral::max_entries; ++i) {
        EXPECT_TRUE(state.unlock(key(1), alice, 1, i));
        EXPECT_TRUE(state.unlock(key(1), alice, 1, i));
    }
    EXPECT_EQ(state.find(key(1))->unbonding.size(), Collateral::max_entries);
    EXPECT_EQ(state.unlock(key(1), alice, 1, 64).error().code, errc::too_many_entries);
    EXPECT_TRUE(state.unlock(key(1), alice, 1, 63));
    EXPECT_EQ(text(state.withdraw(key(1), alice, 100).value()), "2");
    EXPECT_TRUE(state.unlock(key(1), alice, 1, 64));
}

TEST(Collateral, RefusesAndChangesNothing) {
    EXPECT_EQ(Collateral::create({}).error().code, errc::invalid_rules);  // no slash rate is invented
    EXPECT_EQ(Collateral::create({.minimum = -1, .slash_rate = core::Rate::percent(1)}).error().code,
              core::errc::invalid_amount);
    auto state = collateral();
    EXPECT_TRUE(state.lock(key(1), alice, 100));
    EXPECT_TRUE(state.lock(key(2), bob, 100));
    const Collateral before = state;
    EXPECT_EQ(state.lock(key(1), alice, 0).error().code, core::errc::invalid_amount);
    EXPECT_EQ(state.lock(key(1), bob, 1).error().code, errc::other_owner);
    EXPECT_EQ(state.lock(key(3), bob, core::max_amount).error().code, core::errc::overflow);
    EXPECT_EQ(state.unlock(key(3), alice, 1, 0).error().code, errc::unknown_stake);
    EXPECT_EQ(state.unlock(key(1), bob, 1, 0).error().code, errc::other_owner);
    EXPECT_EQ(state.unlock(key(1), alice, 0, 0).error().code, core::errc::invalid_amount);
    EXPECT_EQ(state.unlock(key(1), alice, 101, 0).error().code, errc::insufficient_stake);
    EXPECT_EQ(state.unlock(key(1), alice, 1, UINT64_MAX - 99).error().code, core::errc::overflow);
    EXPECT_EQ(state.withdraw(key(3), alice, 0).error().code, errc::unknown_stake);
    EXPECT_EQ(state.withdraw(key(1), bob, 0).error().code, errc::other_owner);
    EXPECT_EQ(state.withdraw(key(1), alice, UINT64_MAX).error().code, core::errc::too_early);
    EXPECT_EQ(state.move(key(3), key(1), alice, 1, 0).error().code, errc::unknown_stake);
    EXPECT_EQ(state.move(key(1), key(2), bob, 1, 0).error().code, errc::other_owner);
    EXPECT_EQ(state.move(key(1), key(2), alice, 1, 0).error().code, errc::other_owner);
    EXPECT_EQ(state.move(key(1), key(1), alice, 1, 0).error().code, errc::same_node);
    EXPECT_EQ(state.move(key(1), key(3), alice, 0, 0).error().code, core::errc::invalid_amount);
    EXPECT_EQ(state.move(key(1), key(3), alice, 101, 0).error().code, errc::insufficient_stake);
    EXPECT_EQ(state.move(key(1), key(3), alice, 1, UINT64_MAX).error().code, core::errc::overflow);
    EXPECT_EQ(state, before);
}

TEST(Collateral, AConvictionTakesFromStakeAndUnbondingAndPaysItsFinder) {
    auto state = collateral();
    EXPECT_TRUE(state.lock(key(1), alice, 2'001));
    EXPECT_TRUE(state.unlock(key(1), alice, 1'000, 5));
    // 10% of 1,001 and of 1,000, rounded up; half for the finder, rounded down.
    EXPECT_EQ(state.slash(conviction(key(1), 1, 50), 3, finder).value(), (Slash{201, 100, 101}));
    EXPECT_EQ(text(state.find(key(1))->bonded), "900");
    EXPECT_EQ(text(state.find(key(1))->unbonding[0].amount), "900");
    // Released and not withdrawn yet: still there.
    EXPECT_EQ(state.slash(conviction(key(1), 2, 500), 4).value(), (Slash{180, 0, 180}));
    EXPECT_EQ(text(state.withdraw(key(1), alice, 500).value()), "810");
    EXPECT_EQ(state.slash(conviction(key(1), 3, 501), 5, finder).value(), (Slash{81, 40, 41}));
    expect_balance(state);
}

TEST(Collateral, EvidenceCountsOnceAndAnEpochConvictsOnce) {
    auto state = collateral();
    EXPECT_TRUE(state.lock(key(1), alice, 1'000));
    EXPECT_TRUE(state.lock(key(2), alice, 1'000));
    EXPECT_EQ(text(state.slash(conviction(key(1), 1), 3).value().taken), "100");
    EXPECT_EQ(state.slash(conviction(key(1), 1), 3).error().code, errc::duplicate_evidence);
    EXPECT_EQ(state.slash(conviction(key(1), 2), 3).value(), Slash{});  // the epoch has convicted it
    EXPECT_EQ(state.slash(conviction(key(1), 2), 4).error().code, errc::duplicate_evidence);
    EXPECT_EQ(state.slash(conviction(key(1), 3), 2).error().code, errc::epoch_out_of_order);
    EXPECT_EQ(text(state.slash(conviction(key(1), 3), 4).value().taken), "90");
    EXPECT_EQ(text(state.slash(conviction(key(2), 1), 3).value().taken), "100");  // another node
    // Evidence against a node without a stake is used up as well.
    EXPECT_EQ(state.slash(conviction(key(3), 1), 3).value(), Slash{});
    EXPECT_TRUE(state.lock(key(3), alice, 1'000));
    EXPECT_EQ(state.slash(conviction(key(3), 1), 4).error().code, errc::duplicate_evidence);
    expect_balance(state);
}

TEST(Collateral, AConvictedNodeHasNoDutiesForTheRestOfTheEpoch) {
    auto state = collateral();
    EXPECT_TRUE(state.slash(conviction(key(1), 1), 3));
    // Another conviction in epoch 3 would take nothing of this stake.
    EXPECT_TRUE(state.lock(key(1), alice, 5'000));
    EXPECT_FALSE(state.qualifies(key(1), 3));
    EXPECT_FALSE(state.qualifies(key(1), 3, 5'000));
    EXPECT_TRUE(state.qualifies(key(1), 4));
}

TEST(Collateral, NobodyIsPaidForFindingItself) {
    for (const AccountId& own : {key(1), alice}) {
        auto state = collateral();
        EXPECT_TRUE(state.lock(key(1), alice, 1'000));
        EXPECT_EQ(state.slash(conviction(key(1), 1), 3, own).value(), (Slash{100, 0, 100}));
    }
    // Nor the owner whose stake has moved on.
    auto state = collateral();
    EXPECT_TRUE(state.lock(key(1), alice, 1'000));
    EXPECT_TRUE(state.move(key(1), key(2), alice, 1'000, 0));
    EXPECT_EQ(state.slash(conviction(key(1), 1, 10), 3, alice).value(), (Slash{100, 0, 100}));
}

TEST(Collateral, ASmallStakeIsTakenInFull) {
    auto state = collateral();
    EXPECT_TRUE(state.lock(key(1), alice, 20));
    for (std::uint64_t i = 0; i < 20; ++i) EXPECT_TRUE(state.unlock(key(1), alice, 1, i));
    // Twenty entries of 1: rounding down would take nothing.
    EXPECT_EQ(text(state.slash(conviction(key(1), 1, 20), 1).value().taken), "20");
    EXPECT_EQ(state.find(key(1)), nullptr);
}

TEST(Collateral, AStakeMovesAtOnceAndAnswersForBothNodes) {
    auto state = collateral();
    EXPECT_TRUE(state.lock(key(1), alice, 2'000));
    EXPECT_TRUE(state.move(key(1), key(2), alice, 1'500, 10));
    EXPECT_TRUE(state.qualifies(key(2), 1));
    EXPECT_FALSE(state.qualifies(key(1), 1));
    EXPECT_EQ(state.move(key(2), key(3), alice, 1, 109).error().code, errc::stake_liable);
    // The node that it left: 50 of its own and 150 of what moved.
    EXPECT_EQ(text(state.slash(conviction(key(1), 1, 109), 1).value().taken), "200");
    EXPECT_EQ(text(state.find(key(2))->bonded), "1350");
    EXPECT_EQ(text(state.slash(conviction(key(2), 1, 109), 1).value().taken), "135");
    // From height 110 on it answers for the new node alone, and may move on.
    EXPECT_EQ(text(state.slash(conviction(key(1), 2, 110), 2).value().taken), "45");
    EXPECT_TRUE(state.move(key(2), key(3), alice, 1'215, 110));
    EXPECT_EQ(state.find(key(2)), nullptr);
    EXPECT_EQ(text(state.find(key(3))->bonded), "1215");
    expect_balance(state);
}

TEST(Collateral, WhatMovedAndUnbondsIsReachedToo) {
    auto state = collateral();
    EXPECT_TRUE(state.lock(key(1), alice, 1'000));
    EXPECT_TRUE(state.move(key(1), key(2), alice, 1'000, 10));
    EXPECT_EQ(state.unlock(key(2), alice, 1'000, 10).value(), core::Height{110});
    EXPECT_EQ(text(state.slash(conviction(key(1), 1, 109), 1).value().taken), "100");
    EXPECT_EQ(text(state.withdraw(key(2), alice, 110).value()), "900");
    EXPECT_TRUE(state.stakes().empty());
    expect_balance(state);
}

TEST(Collateral, AChainMayForbidMoves) {
    CollateralRules fixed = rules();
    fixed.moves_between_nodes = false;
    auto state = Collateral::create(fixed).value();
    EXPECT_TRUE(state.lock(key(1), alice, 1'000));
    EXPECT_EQ(state.move(key(1), key(2), alice, 1, 0).error().code, errc::stake_fixed);
}

TEST(Collateral, LiabilitiesAreBounded) {
    auto state = collateral();
    EXPECT_TRUE(state.lock(key(2), alice, 1));
    for (std::uint8_t i = 0; i < Collateral::max_entries; ++i) {
        EXPECT_TRUE(state.lock(key(10 + i), alice, 10));
        EXPECT_TRUE(state.move(key(10 + i), key(2), alice, 10, i));
    }
    EXPECT_TRUE(state.lock(key(3), alice, 10));
    EXPECT_EQ(state.move(key(3), key(2), alice, 10, 99).error().code, errc::too_many_entries);
    EXPECT_TRUE(state.move(key(3), key(2), alice, 10, 100));  // the first one is over
    EXPECT_EQ(state.find(key(2))->liabilities.size(), Collateral::max_entries);
}

TEST(Collateral, PayoutsJoinTheStake) {
    auto state = collateral();
    EXPECT_TRUE(state.join({Owner::node, key(1), Reason::executed, 600}, alice));
    EXPECT_TRUE(state.join({Owner::node, key(1), Reason::issued, 400}, alice));
    EXPECT_TRUE(state.qualifies(key(1), 1));
    EXPECT_EQ(state.join({Owner::requester, key(1), Reason::refund, 1}, alice).error().code,
              errc::unknown_node);
    EXPECT_EQ(state.join({Owner::training, {}, Reason::fees, 1}, alice).error().code, errc::unknown_node);
    EXPECT_EQ(state.join({Owner::node, key(1), Reason::issued, 1}, bob).error().code, errc::other_owner);
    EXPECT_EQ(text(state.held()), "1000");
}

TEST(Collateral, HeuristsTwoCoins) {
    using namespace emission;
    constexpr std::uint64_t month = blocks_rounded_up(heurist::unlock_seconds, 60);
    static_assert(month == 43'200);
    static_assert(blocks_rounded_up(heurist::unlock_seconds, 7) == 370'286);
    CollateralRules coins{.minimum = heurist::StakeBoost{}.minimum,
                          .unbonding = month,
                          .slash_rate = core::Rate::percent(20),
                          .finder_share = core::Rate::percent(100),
                          .moves_between_nodes = true};
    auto hue = Collateral::create(coins).value();
    coins.unbonding = 0;
    auto escrowed = Collateral::create(coins).value();
    EXPECT_TRUE(hue.lock(key(1), alice, 9'000 * heurist::hue));
    EXPECT_FALSE(hue.qualifies(key(1), 1));
    EXPECT_TRUE(escrowed.join({Owner::node, key(1), Reason::issued, 1'000 * heurist::hue}, alice));
    EXPECT_TRUE(hue.qualifies(key(1), 1, escrowed.find(key(1))->bonded));
    // 30 days for HUE, none for esHUE.
    EXPECT_EQ(hue.unlock(key(1), alice, heurist::hue, 5).value(), core::Height{43'205});
    EXPECT_EQ(escrowed.unlock(key(1), alice, heurist::hue, 5).value(), core::Height{5});
    EXPECT_EQ(text(escrowed.withdraw(key(1), alice, 5).value()), text(heurist::hue));
    EXPECT_EQ(hue.withdraw(key(1), alice, 43'204).error().code, core::errc::too_early);
    // A fifth of the stake for the validator that found the fraud.
    EXPECT_EQ(text(hue.slash(conviction(key(1), 1, 9), 1, finder).value().award), text(1'800 * heurist::hue));
    EXPECT_TRUE(escrowed.move(key(1), key(2), alice, 999 * heurist::hue, 9));
    EXPECT_TRUE(escrowed.find(key(2))->liabilities.empty());
}

TEST(Collateral, AiPowerGridsValidators) {
    using namespace emission;
    auto state =
        Collateral::create({.minimum = aipg::validator_minimum, .slash_rate = core::Rate::percent(5)})
            .value();
    EXPECT_TRUE(state.lock(key(1), key(1), aipg::validator_minimum));
    EXPECT_TRUE(state.qualifies(key(1), 1));
    EXPECT_EQ(text(state.slash(conviction(key(1), 1), 1).value().taken), "50000000000");
    EXPECT_FALSE(state.qualifies(key(1), 2));
}

// ----------------------------------------------------------------------------------------------------------------

/// A call of any kind with arguments of any kind; most are taken.
void act(Collateral& state, test::Random& random, core::Height now, std::uint64_t step) {
    const core::NodeId node = key(static_cast<std::uint8_t>(random.below(6)));
    const Stake* const stake = state.find(node);
    const AccountId owner = stake != nullptr ? stake->owner : random.below(3) == 0 ? bob : alice;
    const core::Amount bonded = stake != nullptr ? stake->bonded : 0;
    const core::Amount amount = bonded >> random.below(4);
    switch (random.below(12)) {
        case 0:
        case 1:
        case 2:
        case 3:
            (void)state.lock(node, owner, random.any_size() >> 8).has_value();
            break;
        case 4:
        case 5:
            (void)state.unlock(node, owner, amount, now).has_value();
            break;
        case 6:
        case 7:
            (void)state.withdraw(node, owner, now).has_value();
            break;
        case 8:
        case 9:
        case 10:
            (void)state.move(node, key(static_cast<std::uint8_t>(random.below(6))), owner, amount, now)
                .has_value();
            break;
        default: {
            core::Conviction by = conviction(node, static_cast<std::uint8_t>(random.below(200)), now);
            (void)state.slash(by, step / 30, random.below(2) == 0 ? std::optional{finder} : std::nullopt)
                .has_value();
        }
    }
}

TEST(Collateral, RandomHistoriesConserveAndSurviveARestartAtEveryStep) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
        CollateralRules own = rules();
        own.slash_rate = core::Rate::create(1 + seed * 249'999).value();
        auto kept = Collateral::create(own).value();
        auto restarted = kept;
        test::Random random{seed};
        test::Random again{seed};
        std::size_t most = 0;
        for (std::uint64_t step = 0; step < 1'000; ++step) {
            const core::Height now = 3 * step;
            act(kept, random, now, step);
            act(restarted, again, now, step);
            const core::Bytes saved = restarted.save();
            restarted = Collateral::restore(saved).value();
            ASSERT_EQ(restarted, kept);
            ASSERT_EQ(restarted.save(), saved);
            ASSERT_EQ(text(kept.paid_in()),
                      text(kept.held() + kept.withdrawn() + kept.awarded() + kept.forfeited()));
            most = std::max(most, kept.stakes().size());
        }
        EXPECT_EQ(kept.save(), restarted.save());
        EXPECT_GE(most, 4u);
        EXPECT_GT(kept.withdrawn(), 0);
        EXPECT_GT(kept.forfeited(), 0);
    }
}

/// Nothing that an owner does within the unbonding period saves its stake from a conviction.
TEST(Collateral, NoPlanOfTheOwnerEscapesAConviction) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        test::Random random{seed};
        CollateralRules all = rules();
        all.slash_rate = core::Rate::percent(100);
        auto state = Collateral::create(all).value();
        EXPECT_TRUE(state.lock(key(1), alice, 1'000));
        for (std::uint64_t height = 0; height < 100; height += 1 + random.below(5)) {
            for (std::uint8_t n = 1; n < 5; ++n) {
                const Stake* const stake = state.find(key(n));
                const core::Amount part = stake == nullptr ? 0 : stake->bonded >> random.below(3);
                (void)state
                    .move(key(n), key(static_cast<std::uint8_t>(1 + random.below(4))), alice, part, height)
                    .has_value();
                (void)state.unlock(key(n), alice, part / 2, height).has_value();
                (void)state.withdraw(key(n), alice, height).has_value();
            }
        }
        EXPECT_EQ(text(state.slash(conviction(key(1), 1, 99), 1).value().taken), "1000") << seed;
    }
}

// ----------------------------------------------------------------------------------------------------------------

/// A state with everything in it. `stakes_at` is where its number of stakes stands.
Collateral full_state() {
    auto state = collateral();
    EXPECT_TRUE(state.lock(key(1), alice, 5'000));
    EXPECT_TRUE(state.lock(key(2), bob, 300));
    EXPECT_TRUE(state.unlock(key(1), alice, 100, 1));
    EXPECT_TRUE(state.unlock(key(1), alice, 100, 2));
    EXPECT_TRUE(state.move(key(1), key(3), alice, 1'000, 3));
    EXPECT_TRUE(state.move(key(1), key(3), alice, 1'000, 4));
    EXPECT_TRUE(state.slash(conviction(key(2), 1), 1, finder));
    EXPECT_TRUE(state.slash(conviction(key(2), 2), 2, finder));
    return state;
}
constexpr std::size_t rules_at = 12;
constexpr std::size_t flag_at = rules_at + 32;
constexpr std::size_t sums_at = flag_at + 1;
constexpr std::size_t stakes_at = sums_at + 64;
constexpr std::size_t first_at = stakes_at + 4;

void expect_refused(const std::function<void(core::Bytes&)>& change, core::error_code code) {
    core::Bytes data = full_state().save();
    change(data);
    const auto restored = Collateral::restore(data);
    ASSERT_FALSE(restored);
    EXPECT_EQ(restored.error().code, code);
}

TEST(Collateral, RestoreRefusesEachFault) {
    const core::Bytes good = full_state().save();
    ASSERT_EQ(Collateral::restore(good).value(), full_state());
    for (std::size_t size = 0; size < good.size(); ++size)
        ASSERT_FALSE(Collateral::restore(core::ByteView{good}.first(size)));
    expect_refused([](core::Bytes& data) { data.resize(20); }, core::errc::truncated);
    expect_refused([](core::Bytes& data) { data.push_back(0); }, core::errc::trailing_bytes);
    expect_refused([](core::Bytes& data) { data[7] = '2'; }, core::errc::invalid_magic);
    expect_refused([](core::Bytes& data) { data[8] = 2; }, core::errc::unsupported_version);
    expect_refused([](core::Bytes& data) { data[rules_at + 15] = 0x80; }, core::errc::invalid_amount);
    expect_refused([](core::Bytes& data) { data[rules_at + 24 + 3] = 1; }, core::errc::rate_above_one);
    expect_refused([](core::Bytes& data) { std::fill_n(data.begin() + rules_at + 24, 4, 0); },
                   errc::invalid_rules);
    expect_refused([](core::Bytes& data) { data[flag_at] = 2; }, core::errc::non_canonical);
    expect_refused([](core::Bytes& data) { data[flag_at] = 0; }, core::errc::non_canonical);  // liabilities
    expect_refused([](core::Bytes& data) { data[sums_at] ^= 1; }, errc::unbalanced_state);
    expect_refused([](core::Bytes& data) { data[sums_at + 32] ^= 1; }, errc::unbalanced_state);
    expect_refused([](core::Bytes& data) { data[stakes_at + 1] = 1; }, core::errc::count_too_large);
    // The first stake: node, owner, bonded, two unbonding entries, no liability.
    constexpr std::size_t bonded_at = first_at + 64;
    constexpr std::size_t entries_at = bonded_at + 16;
    expect_refused([](core::Bytes& data) { data[first_at + 31] = 9; }, core::errc::non_canonical);
    expect_refused([](core::Bytes& data) { data[bonded_at] ^= 1; }, errc::unbalanced_state);
    expect_refused([](core::Bytes& data) { data[entries_at] = 65; }, core::errc::count_too_large);
    expect_refused([](core::Bytes& data) { data[entries_at + 4] = 102; }, core::errc::non_canonical);
    expect_refused([](core::Bytes& data) { data[entries_at + 4] = 99; }, core::errc::non_canonical);
    expect_refused([](core::Bytes& data) { data[entries_at + 12] = 0; }, core::errc::invalid_amount);
    // The last record: its evidence stands at the end.
    expect_refused([](core::Bytes& data) { data[data.size() - 32] = 1; }, core::errc::non_canonical);
    expect_refused([](core::Bytes& data) { data[data.size() - 68] = 3; }, core::errc::count_too_large);
}

}  // namespace
}  // namespace pouw::inline v1::economics
