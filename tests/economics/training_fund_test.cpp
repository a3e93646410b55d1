#include "pouw/economics/training_fund.hpp"

#include "random.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/economics/errc.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace pouw::inline v1::economics {
namespace {

using economics::errc;
using validation::Ruling;

std::string text(core::Amount amount) { return core::to_decimal(amount); }
core::NodeId key(std::uint8_t n) {
    core::NodeId out;
    out.bytes[31] = n;
    return out;
}
const AccountId team = key(100);

/// Three nodes, of which two are a majority.
weights::WeightTable voters() {
    return weights::WeightTable::create(
               std::vector<weights::NodeWeight>{{key(1), 10}, {key(2), 10}, {key(3), 10}})
        .value();
}

Experiment experiment(std::vector<Milestone> milestones, const AccountId& grantee = team) {
    Experiment out{grantee, {}, {}, {}, std::move(milestones)};
    out.method.bytes[0] = 1;
    out.parameters.bytes[0] = 2;
    out.data.bytes[0] = 3;
    return out;
}

/// A vote of two epochs, at most half for the grantees, and 10,000 coins.
TrainingFund fund(core::Amount coins = 10'000) {
    auto out = TrainingFund::create({2, core::Rate::percent(50)}).value();
    EXPECT_TRUE(out.deposit(coins));
    return out;
}

/// Proposes in epoch 1, votes with all nodes, and concludes in epoch 3 at the price 7.
ProposalNumber granted(TrainingFund& fund, const Experiment& wanted) {
    const ProposalNumber number = fund.propose(wanted, 1).value();
    for (std::uint8_t n = 1; n <= 3; ++n) EXPECT_TRUE(fund.vote(number, key(n), true, 2, voters()));
    EXPECT_EQ(fund.conclude(number, 3, voters(), 7).value().outcome, GrantOutcome::granted);
    return number;
}

void expect_balance(const TrainingFund& fund) {
    EXPECT_EQ(text(fund.paid_in()),
              text(fund.spent_on_compute() + fund.spent_on_grantees() + fund.locked() + fund.free()));
}

TEST(TrainingFund, TakesTheTrainingPayoutsOfEachEpochOnce) {
    auto state = TrainingFund::create({}).value();
    Statement statement;
    statement.epoch = 4;
    statement.payouts = {{Owner::node, key(1), Reason::executed, 800},
                         {Owner::training, {}, Reason::issued, 150},
                         {Owner::training, {}, Reason::fees, 50},
                         {Owner::reserve, {}, Reason::forfeited, 9}};
    EXPECT_EQ(text(state.apply(statement).value()), "200");
    EXPECT_EQ(state.apply(statement).error().code, errc::epoch_out_of_order);
    statement.epoch = 3;
    EXPECT_EQ(state.apply(statement).error().code, errc::epoch_out_of_order);
    statement.epoch = 6;  // an epoch without a statement
    EXPECT_EQ(text(state.apply(statement).value()), "200");
    EXPECT_EQ(text(state.free()), "400");
    statement.epoch = 7;
    statement.payouts = {{Owner::training, {}, Reason::fees, core::max_amount}};
    EXPECT_EQ(state.apply(statement).error().code, core::errc::overflow);
    EXPECT_EQ(state.deposit(-1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(text(state.paid_in()), "400");
    EXPECT_EQ(TrainingFund::create({.voting_epochs = 0}).error().code, errc::invalid_rules);
}

TEST(TrainingFund, PaysUnitsOfComputeAtThePriceOfTheEpoch) {
    auto state = fund();
    const auto number = granted(state, experiment({{100, 300, 5}, {50, 0, 9}}));
    EXPECT_EQ(text(state.locked()), "1350");  // 100 · 7 + 300 and 50 · 7
    EXPECT_EQ(text(state.free()), "8650");
    const std::vector<Contribution> computed{{key(1), 60}, {key(2), 30}};
    const auto first = state.attest(number, {0, Ruling::valid, computed}, 4, 6).value();
    EXPECT_EQ(first, (Release{300, {{key(1), 360}, {key(2), 180}}, 160, false}));
    EXPECT_EQ(text(state.spent_on_compute()), "540");
    EXPECT_EQ(text(state.spent_on_grantees()), "300");
    // The price has risen: the 350 coins are divided by units.
    const std::vector<Contribution> later{{key(1), 20}, {key(2), 20}, {key(3), 10}};
    const auto last = state.attest(number, {1, Ruling::valid, later}, 9, 8).value();
    EXPECT_EQ(last, (Release{0, {{key(1), 140}, {key(2), 140}, {key(3), 70}}, 0, true}));
    EXPECT_TRUE(state.proposals().empty());
    EXPECT_EQ(text(state.locked()), "0");
    expect_balance(state);
}

TEST(TrainingFund, AGrantNeedsMoreThanHalfOfAllWeight) {
    for (const int approving : {1, 2}) {
        auto state = fund();
        const auto number = state.propose(experiment({{1, 0, 3}}), 1).value();
        const auto table = weights::WeightTable::create(
                               std::vector<weights::NodeWeight>{{key(1), 10}, {key(2), 1}, {key(3), 9}})
                               .value();
        for (std::uint8_t n = 1; n <= 3; ++n)
            EXPECT_TRUE(state.vote(number, key(n), n <= approving, 1, table));
        const auto outcome = state.conclude(number, 3, table, 7).value();
        EXPECT_EQ(outcome.outcome, approving == 2 ? GrantOutcome::granted : GrantOutcome::rejected);
    }
}

TEST(TrainingFund, VotesCountWithTheWeightsOfTheEpochThatConcludes) {
    auto state = fund();
    const auto number = state.propose(experiment({{1, 0, 3}}), 1).value();
    EXPECT_TRUE(state.vote(number, key(1), true, 1, voters()));
    EXPECT_TRUE(state.vote(number, key(2), true, 2, voters()));
    // Node 2 is gone: its vote is not a vote of the nodes that came instead.
    const auto next =
        weights::WeightTable::create(std::vector<weights::NodeWeight>{{key(1), 10}, {key(4), 10}}).value();
    EXPECT_EQ(state.conclude(number, 3, next, 7).value().outcome, GrantOutcome::rejected);
}

TEST(TrainingFund, RefusedExperimentsMayBeProposedAsOftenAsItTakes) {
    auto state = fund();
    const Experiment wanted = experiment({{100, 0, 30}});
    for (core::Epoch epoch = 1; epoch < 20; epoch = epoch + 3) {
        const auto number = state.propose(wanted, epoch).value();
        EXPECT_EQ(state.proposals().at(number).experiment, wanted);
        EXPECT_TRUE(state.vote(number, key(1), true, epoch, voters()));
        EXPECT_EQ(state.conclude(number, epoch + 2, voters(), 7).value(),
                  (GrantDecision{GrantOutcome::rejected, 0}));
        EXPECT_EQ(state.vote(number, key(2), true, epoch, voters()).error().code, errc::unknown_proposal);
    }
    EXPECT_EQ(granted(state, wanted), 7u);
}

TEST(TrainingFund, GrantsWhatItHasAndNoMoreThanTheGranteesShare) {
    // 10,000 coins: 1,428 units at 7.
    const auto outcome = [](std::vector<Milestone> milestones, core::Amount price) {
        auto state = fund();
        const auto number = state.propose(experiment(std::move(milestones)), 1).value();
        for (std::uint8_t n = 1; n <= 3; ++n) EXPECT_TRUE(state.vote(number, key(n), true, 2, voters()));
        const auto decision = state.conclude(number, 3, voters(), price).value();
        expect_balance(state);
        return decision;
    };
    EXPECT_EQ(outcome({{1'428, 0, 3}}, 7), (GrantDecision{GrantOutcome::granted, 9'996}));
    EXPECT_EQ(outcome({{1'429, 0, 3}}, 7), (GrantDecision{GrantOutcome::unfunded, 0}));
    EXPECT_EQ(outcome({{1'428, 0, 3}, {1, 0, 4}}, 7), (GrantDecision{GrantOutcome::unfunded, 0}));
    EXPECT_EQ(outcome({{0, 5'000, 3}, {714, 0, 4}}, 7), (GrantDecision{GrantOutcome::granted, 9'998}));
    EXPECT_EQ(outcome({{0, 5'000, 3}, {0, 1, 4}}, 7), (GrantDecision{GrantOutcome::unfunded, 0}));
    EXPECT_EQ(outcome({{UINT64_MAX, 0, 3}}, core::max_amount), (GrantDecision{GrantOutcome::unfunded, 0}));
    EXPECT_EQ(outcome({{UINT64_MAX, 0, 3}}, 0), (GrantDecision{GrantOutcome::granted, 0}));
    // What was granted before counts for the share.
    auto state = fund();
    (void)granted(state, experiment({{0, 3'000, 9}}));
    const auto number = state.propose(experiment({{0, 2'001, 9}}), 1).value();
    for (std::uint8_t n = 1; n <= 3; ++n) EXPECT_TRUE(state.vote(number, key(n), true, 2, voters()));
    EXPECT_EQ(state.conclude(number, 3, voters(), 7).value().outcome, GrantOutcome::unfunded);
}

TEST(TrainingFund, AMilestoneThatFailsReturnsTheRest) {
    auto state = fund();
    const auto number = granted(state, experiment({{0, 100, 4}, {0, 200, 6}, {10, 300, 9}}));
    EXPECT_TRUE(state.attest(number, {0, Ruling::valid}, 4, 7));
    EXPECT_EQ(state.attest(number, {1, Ruling::invalid}, 5, 7).value(), (Release{0, {}, 570, true}));
    EXPECT_EQ(text(state.free()), "9900");
    EXPECT_EQ(state.attest(number, {1, Ruling::valid}, 5, 7).error().code, errc::unknown_proposal);
    expect_balance(state);
}

TEST(TrainingFund, AMissedDeadlineReturnsTheRest) {
    auto state = fund();
    const auto number = granted(state, experiment({{0, 100, 4}, {0, 200, 6}}));
    EXPECT_EQ(text(state.expire(4)), "0");
    EXPECT_TRUE(state.attest(number, {0, Ruling::valid}, 4, 7));
    EXPECT_EQ(state.attest(number, {1, Ruling::valid}, 7, 7).error().code, core::errc::too_late);
    EXPECT_EQ(text(state.expire(6)), "0");
    EXPECT_EQ(text(state.expire(7)), "200");
    EXPECT_TRUE(state.proposals().empty());
    const auto open = state.propose(experiment({{0, 1, 9}}), 7).value();
    EXPECT_EQ(text(state.expire(10)), "0");
    EXPECT_EQ(state.vote(open, key(1), true, 7, voters()).error().code, errc::unknown_proposal);
    expect_balance(state);
}

TEST(TrainingFund, AConvictionOfTheGranteeTakesBackWhatIsNotReleased) {
    auto state = fund();
    const auto number = granted(state, experiment({{0, 100, 4}, {10, 200, 6}}));
    const auto other = granted(state, experiment({{0, 50, 4}}, key(101)));
    const auto open = state.propose(experiment({{0, 1, 9}}), 3).value();
    EXPECT_TRUE(state.attest(number, {0, Ruling::valid}, 4, 7));
    core::Conviction conviction;
    conviction.node = team;
    EXPECT_EQ(text(state.apply(conviction)), "270");
    EXPECT_EQ(text(state.apply(conviction)), "0");
    EXPECT_FALSE(state.proposals().contains(number));
    EXPECT_FALSE(state.proposals().contains(open));
    EXPECT_TRUE(state.proposals().contains(other));
    EXPECT_EQ(text(state.spent_on_grantees()), "100");
    expect_balance(state);
}

TEST(TrainingFund, RefusesAndChangesNothing) {
    auto state = fund();
    const auto grant = granted(state, experiment({{10, 100, 4}, {0, 200, 6}}));
    const auto open = state.propose(experiment({{0, 1, 9}}), 3).value();
    EXPECT_TRUE(state.vote(open, key(1), true, 3, voters()));
    const TrainingFund before = state;
    const auto refused = [&](std::vector<Milestone> milestones, core::Epoch epoch = 3) {
        return state.propose(experiment(std::move(milestones)), epoch).error().code;
    };
    EXPECT_EQ(refused({}), errc::invalid_milestones);
    EXPECT_EQ(refused(std::vector<Milestone>(65, {1, 0, 9})), errc::invalid_milestones);
    EXPECT_EQ(refused({{0, 0, 9}}), errc::invalid_milestones);
    EXPECT_EQ(refused({{0, 1, 4}}), errc::invalid_milestones);  // before the vote is over
    EXPECT_EQ(refused({{0, 1, 9}, {0, 1, 9}}), errc::invalid_milestones);
    EXPECT_EQ(refused({{0, -1, 9}}), core::errc::invalid_amount);
    EXPECT_EQ(refused({{0, core::max_amount, 9}, {0, 1, 10}}), core::errc::overflow);
    EXPECT_EQ(refused({{UINT64_MAX, 0, 9}, {1, 0, 10}}), core::errc::overflow);
    EXPECT_EQ(refused({{0, 1, UINT64_MAX}}, UINT64_MAX - 1), core::errc::overflow);

    EXPECT_EQ(state.vote(9, key(1), true, 3, voters()).error().code, errc::unknown_proposal);
    EXPECT_EQ(state.vote(grant, key(1), true, 1, voters()).error().code, errc::voting_closed);
    EXPECT_EQ(state.vote(open, key(2), true, 5, voters()).error().code, errc::voting_closed);
    EXPECT_EQ(state.vote(open, key(9), true, 4, voters()).error().code, errc::unknown_node);
    EXPECT_EQ(state.vote(open, key(1), false, 4, voters()).error().code, errc::duplicate_verdict);

    EXPECT_EQ(state.conclude(9, 5, voters(), 7).error().code, errc::unknown_proposal);
    EXPECT_EQ(state.conclude(grant, 5, voters(), 7).error().code, errc::voting_closed);
    EXPECT_EQ(state.conclude(open, 4, voters(), 7).error().code, errc::voting_open);
    EXPECT_EQ(state.conclude(open, 5, voters(), -1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(state, before);
}

TEST(TrainingFund, RefusesAttestationsAndChangesNothing) {
    auto state = fund();
    const auto grant = granted(state, experiment({{10, 100, 4}, {0, 200, 6}}));
    const auto open = state.propose(experiment({{0, 1, 9}}), 3).value();
    const TrainingFund before = state;
    const auto attest = [&](std::size_t milestone, Ruling ruling, core::Epoch epoch = 4,
                            core::Amount price = 7, const std::vector<Contribution>& computed = {}) {
        return state.attest(grant, {milestone, ruling, computed}, epoch, price).error().code;
    };
    EXPECT_EQ(state.attest(9, {0, Ruling::valid}, 4, 7).error().code, errc::unknown_proposal);
    EXPECT_EQ(state.attest(open, {0, Ruling::valid}, 4, 7).error().code, errc::voting_open);
    EXPECT_EQ(attest(1, Ruling::valid), errc::milestone_out_of_order);
    EXPECT_EQ(attest(0, Ruling::valid, 5), core::errc::too_late);
    EXPECT_EQ(attest(0, Ruling::open), errc::open_ruling);
    EXPECT_EQ(attest(0, Ruling::undecided), errc::undecided_ruling);
    EXPECT_EQ(attest(0, Ruling::valid, 4, -1), core::errc::invalid_amount);
    EXPECT_EQ(attest(0, Ruling::valid, 4, 7, {{key(1), 0}}), core::errc::invalid_amount);
    EXPECT_EQ(attest(0, Ruling::valid, 4, 7, {{key(2), 1}, {key(1), 1}}), core::errc::non_canonical);
    EXPECT_EQ(attest(0, Ruling::valid, 4, 7, {{key(1), 1}, {key(1), 1}}), core::errc::non_canonical);
    EXPECT_EQ(attest(0, Ruling::valid, 4, 7, {{key(1), 5}, {key(2), 6}}), errc::too_many_units);
    EXPECT_EQ(attest(0, Ruling::valid, 4, 7, {{key(1), UINT64_MAX}, {key(2), 11}}), errc::too_many_units);
    EXPECT_EQ(state, before);
}

TEST(RevenueShare, DividesExactlyByContributions) {
    const std::vector<Contribution> contributors{{key(1), 1}, {key(2), 1}, {key(3), 1}};
    const auto share = revenue_share(1'000, core::Rate::percent(10), contributors).value();
    EXPECT_EQ(share, (RevenueShare{{{key(1), 34}, {key(2), 33}, {key(3), 33}}, 900}));
    EXPECT_EQ(revenue_share(1'000, core::Rate::percent(10), {}).value(), (RevenueShare{{}, 1'000}));
    EXPECT_EQ(revenue_share(-1, {}, contributors).error().code, core::errc::invalid_amount);
    const std::vector<Contribution> twice{{key(1), 1}, {key(1), 1}};
    EXPECT_EQ(revenue_share(1, {}, twice).error().code, core::errc::non_canonical);
    EXPECT_EQ(divide_by_units(1, {}).error().code, core::errc::no_weight);
}

// ----------------------------------------------------------------------------------------------------------------

std::vector<Milestone> any_milestones(test::Random& random, core::Epoch epoch) {
    std::vector<Milestone> out;
    for (std::uint32_t left = 1 + random.below(3); left > 0; --left) {
        epoch = epoch + (1 + random.below(4));
        out.push_back({1 + random.below(50), random.below(2) * core::Amount{random.below(1'000)}, epoch});
    }
    return out;
}

/// What a chain and its nodes do with one proposal; not all of it is taken.
void act_on(TrainingFund& state, test::Random& random, core::Epoch epoch, ProposalNumber number) {
    const TrainingFund::Proposal& proposal = state.proposals().at(number);
    const core::Amount price = random.below(12);
    if (proposal.is_granted()) {
        const std::vector<Contribution> computed{{key(1), 1 + random.below(20)},
                                                 {key(2), 1 + random.below(20)}};
        const std::span<const Contribution> given{computed.data(), random.below(3)};
        const Ruling ruling = random.below(8) == 0 ? Ruling::invalid : Ruling::valid;
        (void)state.attest(number, {proposal.next(), ruling, given}, epoch, price).has_value();
    } else if (epoch >= proposal.ends) {
        (void)state.conclude(number, epoch, voters(), price).has_value();
    } else {
        const core::NodeId node = key(static_cast<std::uint8_t>(1 + random.below(3)));
        (void)state.vote(number, node, random.below(8) != 0, epoch, voters()).has_value();
    }
}

void act(TrainingFund& state, test::Random& random, core::Epoch epoch) {
    const auto grantee = key(static_cast<std::uint8_t>(100 + random.below(3)));
    const std::uint32_t kind = random.below(100);
    if (kind < 5) {
        EXPECT_TRUE(state.deposit(random.below(5'000)));
    } else if (kind < 15 && state.proposals().size() < 5) {
        EXPECT_TRUE(state.propose(
            experiment(any_milestones(random, epoch + state.rules().voting_epochs), grantee), epoch));
    } else if (kind < 17) {
        core::Conviction conviction;
        conviction.node = grantee;
        (void)state.apply(conviction);
    } else if (kind < 25) {
        (void)state.expire(epoch);
    } else if (!state.proposals().empty()) {
        auto at = state.proposals().begin();
        std::advance(at, random.below(static_cast<std::uint32_t>(state.proposals().size())));
        act_on(state, random, epoch, at->first);
    }
}

TEST(TrainingFund, RandomHistoriesConserveAndSurviveARestartAtEveryStep) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
        auto kept = TrainingFund::create({1 + seed % 3, core::Rate::percent(60)}).value();
        auto restarted = kept;
        test::Random random{seed};
        test::Random again{seed};
        for (std::uint64_t step = 0; step < 1'000; ++step) {
            act(kept, random, step / 15);
            act(restarted, again, step / 15);
            const core::Bytes saved = restarted.save();
            restarted = TrainingFund::restore(saved).value();
            ASSERT_EQ(restarted, kept);
            ASSERT_EQ(restarted.save(), saved);
            ASSERT_EQ(text(kept.paid_in()),
                      text(kept.spent_on_compute() + kept.spent_on_grantees() + kept.locked() + kept.free()));
        }
        EXPECT_EQ(kept.save(), restarted.save());
        EXPECT_GT(kept.spent_on_compute(), 0);
        EXPECT_GT(kept.spent_on_grantees(), 0);
    }
}

// ----------------------------------------------------------------------------------------------------------------

/// A grant whose first milestone is paid, and a proposal with two votes.
TrainingFund full_state() {
    auto state = fund();
    const auto number = granted(state, experiment({{0, 100, 4}, {0, 200, 6}, {10, 300, 9}}));
    EXPECT_TRUE(state.attest(number, {0, Ruling::valid}, 4, 7));
    const auto open = state.propose(experiment({{0, 1, 9}}), 3).value();
    EXPECT_TRUE(state.vote(open, key(1), true, 3, voters()));
    EXPECT_TRUE(state.vote(open, key(2), false, 3, voters()));
    return state;
}
constexpr std::size_t sums_at = 12 + 8 + 4 + 8;
constexpr std::size_t next_at = sums_at + 64;
constexpr std::size_t count_at = next_at + 8;
constexpr std::size_t first_at = count_at + 4;
constexpr std::size_t milestones_at = first_at + 8 + 4 * 32;
constexpr std::size_t stage_at = milestones_at + 4 + 3 * 32;

void expect_refused(const std::function<void(core::Bytes&)>& change, core::error_code code) {
    core::Bytes data = full_state().save();
    change(data);
    const auto restored = TrainingFund::restore(data);
    ASSERT_FALSE(restored);
    EXPECT_EQ(restored.error().code, code);
}

TEST(TrainingFund, RestoreRefusesEachFault) {
    const core::Bytes good = full_state().save();
    ASSERT_EQ(TrainingFund::restore(good).value(), full_state());
    for (std::size_t size = 0; size < good.size(); ++size)
        ASSERT_FALSE(TrainingFund::restore(core::ByteView{good}.first(size)));
    expect_refused([](core::Bytes& data) { data.resize(40); }, core::errc::truncated);
    expect_refused([](core::Bytes& data) { data.push_back(0); }, core::errc::trailing_bytes);
    expect_refused([](core::Bytes& data) { data[7] = '2'; }, core::errc::invalid_magic);
    expect_refused([](core::Bytes& data) { data[8] = 2; }, core::errc::unsupported_version);
    expect_refused([](core::Bytes& data) { data[12] = 0; }, errc::invalid_rules);
    expect_refused([](core::Bytes& data) { data[23] = 1; }, core::errc::rate_above_one);
    expect_refused([](core::Bytes& data) { data[sums_at + 15] = 0x80; }, core::errc::invalid_amount);
    expect_refused([](core::Bytes& data) { data[sums_at] ^= 1; }, errc::unbalanced_state);
    // Less for the grantees than they have: 600 of 10,000 coins, at 5%.
    expect_refused(
        [](core::Bytes& data) {
            const auto share = core::to_le(std::uint32_t{50'000});
            std::copy(share.begin(), share.end(), data.begin() + 20);
        },
        errc::unbalanced_state);
    expect_refused([](core::Bytes& data) { data[next_at] = 1; }, core::errc::non_canonical);
    expect_refused([](core::Bytes& data) { data[count_at + 1] = 1; }, core::errc::count_too_large);
    expect_refused([](core::Bytes& data) { data[first_at] = 1; }, core::errc::non_canonical);
    expect_refused([](core::Bytes& data) { data[milestones_at] = 65; }, core::errc::count_too_large);
    expect_refused([](core::Bytes& data) { data[milestones_at + 4 + 24] = 6; }, errc::invalid_milestones);
    expect_refused([](core::Bytes& data) { data[stage_at] = 2; }, core::errc::non_canonical);
    expect_refused([](core::Bytes& data) { data[stage_at + 1] = 3; }, core::errc::non_canonical);
    expect_refused([](core::Bytes& data) { data[stage_at + 5] = 199; }, core::errc::non_canonical);
    expect_refused([](core::Bytes& data) { data[stage_at + 5] = 201; }, core::errc::non_canonical);
    // The last votes.
    expect_refused([](core::Bytes& data) { data.back() = 2; }, core::errc::non_canonical);
    expect_refused([](core::Bytes& data) { data[data.size() - 2] = 1; }, core::errc::non_canonical);
    expect_refused([](core::Bytes& data) { data[data.size() - 70] = 3; }, core::errc::count_too_large);
    expect_refused([](core::Bytes& data) { data[data.size() - 78] = 10; }, errc::invalid_milestones);
    expect_refused([](core::Bytes& data) { data[data.size() - 78] = 1; }, core::errc::non_canonical);
}

}  // namespace
}  // namespace pouw::inline v1::economics
