// An epoch of a small chain, from the ceremony to the settlement: the outputs of one module are the inputs of
// the next, without conversion.
#include "pouw/beacon/ceremony.hpp"
#include "pouw/core/describe.hpp"
#include "pouw/economics/ledger.hpp"
#include "pouw/economics/reputation.hpp"
#include "pouw/economics/settlement.hpp"
#include "pouw/judgement/judge.hpp"
#include "pouw/validation/assignment.hpp"
#include "pouw/validation/challenge.hpp"
#include "pouw/validation/epoch_beacon.hpp"
#include "pouw/validation/errc.hpp"
#include "pouw/validation/report.hpp"
#include "pouw/validation/selection.hpp"
#include "pouw/validation/voting.hpp"
#include "pouw/vrf/vrf.hpp"
#include "pouw/weights/weights.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace pouw::inline v1 {
namespace {

using beacon::Ristretto255;
using validation::EpochBeacon;
using validation::Validators;

const core::ChainId chain{"seams"};
constexpr core::Epoch epoch = 7;
constexpr core::Height ceremony_start = 100;
constexpr core::Height early = 10;  // a block long before the ceremony

crypto::MasterSeed seed_of(std::uint8_t number) {
    crypto::MasterSeed seed;
    seed.fill()[0] = number;
    return seed;
}

/// A node with all its keys, derived from one master seed.
struct Node {
    explicit Node(std::uint8_t number, std::uint64_t voting_weight)
        : signing{crypto::SigningKey::derive(seed_of(number))},
          vrf_key{vrf::SecretKey::derive(seed_of(number))},
          participant{beacon::Participant<Ristretto255>::derive(seed_of(number), signing.public_key())},
          weight{voting_weight} {}

    [[nodiscard]] const core::NodeId& id() const { return signing.public_key(); }

    /// What the chain registers when it includes this node's VRF key in the block at `height`.
    [[nodiscard]] validation::Registration registration(core::Height height) const {
        const vrf::Proof possession = vrf::prove_possession(vrf_key, chain, id());
        const auto key = vrf::check_registration(chain, id(), vrf_key.public_key().view(), possession);
        return {id(), key.value(), height};
    }

    crypto::SigningKey signing;
    vrf::SecretKey vrf_key;
    beacon::Participant<Ristretto255> participant;
    std::uint64_t weight;
};

/// Five nodes and the state that their chain keeps.
class SmallChain : public testing::Test {
  protected:
    SmallChain() {
        std::vector<weights::NodeWeight> weights;
        for (std::uint8_t i = 0; i < 5; ++i) {
            const Node& node = nodes.emplace_back(i, 30u + 5u * i);
            weights.push_back({node.id(), node.weight});
            registrations.push_back(node.registration(early));
        }
        judges = weights::WeightTable::create(weights).value();
    }

    [[nodiscard]] const Node& node_of(const core::NodeId& id) const {
        return *std::find_if(nodes.begin(), nodes.end(), [&](const Node& node) { return node.id() == id; });
    }

    /// A ceremony of all nodes, the first of which deals and does not reveal.
    [[nodiscard]] std::shared_ptr<const beacon::Setup<Ristretto255>> setup() const {
        std::vector<beacon::Holder<Ristretto255>> holders;
        for (const weights::NodeWeight& node : judges.nodes())
            holders.push_back(node_of(node.node).participant.holder(chain, node.weight));
        const beacon::Parameters parameters{{3, 2, 3}, {{2, 5}, 512, 1}, 64};
        return beacon::Setup<Ristretto255>::create({chain, epoch, 0, ceremony_start}, parameters, holders)
            .value();
    }
    [[nodiscard]] beacon::Output run_ceremony() const {
        const auto frozen = setup();
        beacon::Ceremony<Ristretto255> ceremony{frozen};
        ceremony.advance(frozen->deal_start());
        for (const Node& node : nodes)
            EXPECT_TRUE(ceremony.apply(node.participant.deal(*frozen)->sign(node.signing)).verdict);
        ceremony.advance(frozen->reveal_start());
        for (const Node& node : std::span{nodes}.subspan(1))
            EXPECT_TRUE(ceremony.apply(node.participant.reveal(ceremony)->sign(node.signing)).verdict);
        ceremony.advance(frozen->recovery_start());
        for (const Node& node : nodes) {
            if (ceremony.output()) break;
            const auto shares = node.participant.shares(ceremony);
            if (!shares) continue;  // it holds no ticket
            EXPECT_TRUE(ceremony.apply(shares->sign(node.signing)).verdict);
        }
        return ceremony.output().value();
    }

    std::vector<Node> nodes;
    weights::WeightTable judges;
    std::vector<validation::Registration> registrations;
};

TEST_F(SmallChain, AVrfKeyRegisteredDuringTheRevealsIsRefused) {
    const beacon::Output output = run_ceremony();
    const EpochBeacon drawn = EpochBeacon::create(chain, epoch, output).value();
    EXPECT_EQ(drawn.known_at(), setup()->reveal_start());
    ASSERT_LT(output.known_at, output.height);
    // A node that has seen reveals, and may have the output in hand, registers a key before the ceremony is
    // complete.
    for (core::Height height = output.known_at; height <= output.height; ++height) {
        registrations[2] = nodes[2].registration(height);
        const Validators validators{drawn, judges, registrations};
        EXPECT_EQ(validators.find(nodes[2].id()).error().code, validation::errc::late_registration);
        const validation::Task task{{}, nodes[0].id()};
        EXPECT_EQ(select(validators, nodes[2].id(), nodes[2].vrf_key, task, {1, 1}).error().code,
                  validation::errc::late_registration);
    }
    // In the block before anybody may know the output it counts.
    registrations[2] = nodes[2].registration(output.known_at.value - 1);
    EXPECT_TRUE(Validators(drawn, judges, registrations).find(nodes[2].id()));
}

/// What the chain knows of a task when its votes are counted.
struct Settled {
    validation::Task task;
    std::vector<validation::Report> reports;  ///< ascending in their voters
    validation::Ruling ruling = validation::Ruling::open;
    std::vector<validation::Vote> votes;  ///< ascending in their voters
};

/// A request whose executor answers falsely: selected validators report it, and every other node votes.
class FalseResult : public SmallChain {
  protected:
    [[nodiscard]] validation::Task assign(std::span<const core::Conviction> convicted = {}) const {
        const validation::Request request{
            .requester = {}, .sequence = 0, .content = {}, .fixed_at = output.known_at.value - 1};
        const auto drawing = validation::Drawing::create(drawn, request).value();
        const validation::NodePool pool{judges, convicted};
        const core::NodeId relay = pool.relay(drawing, {}).value();
        return {drawing.task(), pool.executors(drawing, std::array{relay}, 1).value().front()};
    }
    /// The reports of the validators that are selected, each verified by everybody.
    [[nodiscard]] std::vector<validation::Report> check(const validation::Subject& subject) const {
        std::vector<validation::Report> out;
        for (const weights::NodeWeight& weight : validators.nodes()) {
            if (weight.node == subject.task.executor) continue;
            const Node& node = node_of(weight.node);
            const auto selection = select(validators, node.id(), node.vrf_key, subject.task, rate).value();
            if (!selection.selected) continue;
            out.push_back({cast_vote(subject, validation::Verdict::invalid, node.signing), selection.proof});
            EXPECT_TRUE(verify_report(validators, subject, rate, out.back()));
        }
        const core::NodeId guaranteed = validators.guaranteed(subject.task, rate).at(0);
        EXPECT_TRUE(std::any_of(out.begin(), out.end(), [&](const validation::Report& report) {
            return report.vote.voter == guaranteed;
        }));
        return out;
    }
    [[nodiscard]] Settled settle() const {
        Settled out;
        out.task = assign();
        const validation::Subject subject{drawn.chain(), drawn.epoch(), out.task, {}};
        out.reports = check(subject);
        validation::Voting voting{chain, epoch, judges};
        EXPECT_TRUE(voting.open(subject, deadline));
        for (const validation::Report& report : out.reports)
            EXPECT_TRUE(voting.apply(report.vote, deadline).verdict);
        for (const Node& node : nodes) {
            const validation::Vote vote = cast_vote(subject, validation::Verdict::invalid, node.signing);
            const bool reported = std::any_of(
                out.reports.begin(), out.reports.end(),
                [&](const validation::Report& report) { return report.vote.voter == vote.voter; });
            EXPECT_EQ(voting.apply(vote, deadline).verdict.has_value(),
                      !reported && vote.voter != out.task.executor);
        }
        out.ruling = voting.ruling(out.task.id, deadline).value();
        out.votes = voting.votes(out.task.id).value();
        return out;
    }

    beacon::Output output = run_ceremony();
    EpochBeacon drawn = EpochBeacon::create(chain, epoch, output).value();
    Validators validators{drawn, judges, registrations};
    core::Fraction rate{3, 1};
    core::Height deadline = output.height + 50;
};

TEST_F(FalseResult, GoesFromTheCeremonyToTheSettlement) {
    const Settled settled = settle();
    EXPECT_FALSE(settled.reports.empty());
    EXPECT_EQ(settled.votes.size(), 4u);
    EXPECT_EQ(settled.ruling, validation::Ruling::invalid);

    std::vector<economics::Check> checks;
    for (const validation::Report& report : settled.reports)
        checks.push_back({report.vote.voter, report.vote.verdict});
    economics::Ledger ledger =
        economics::Ledger::create({}, epoch.value - 1, {{settled.task.executor, {9, 0}}}).value();
    const economics::Rules rules{.conviction = economics::FixedCount{}};
    auto accounts = ledger.create_settlement(epoch, judges, {}, validators.unregistered(), rules).value();
    const auto paid = accounts.add({.task = settled.task,
                                    .epoch = epoch,
                                    .height = deadline,
                                    .requester = {},
                                    .limit = 100,
                                    .cost = 60,
                                    .work = 1,
                                    .checks = checks,
                                    .ruling = settled.ruling,
                                    .votes = settled.votes});
    ASSERT_TRUE(paid) << core::describe(paid.error());
    EXPECT_EQ(paid->to_requester(), 100u);  // answered by fraud
    const economics::Statement statement = accounts.close(core::Amount{0}).value();
    ASSERT_EQ(statement.convictions.size(), 1u);
    EXPECT_EQ(statement.convictions[0].node, settled.task.executor);
    EXPECT_EQ(statement.convictions[0].ground, core::Ground::false_results);
    EXPECT_EQ(statement.convictions[0].height, deadline);
    for (const economics::Payout& payout : statement.payouts) EXPECT_NE(payout.id, settled.task.executor);
    ASSERT_TRUE(ledger.apply(statement));
    EXPECT_EQ(ledger.reputation_of(settled.task.executor), economics::Reputation{});

    // The statement's convictions go into the next epoch as they are.
    const weights::WeightTable next = judges.without(statement.convictions);
    EXPECT_EQ(next.weight_of(settled.task.executor), 0u);
    const Validators others{drawn, judges, registrations, statement.convictions};
    EXPECT_EQ(others.total(), next.total());
    EXPECT_NE(assign(statement.convictions).executor, settled.task.executor);
}

// A node that registers no VRF key, or registers it too late, lowers the expected number of checks. It pays
// for that with all that it earns.
TEST_F(FalseResult, AMissingVrfKeyIsChargedToItsNode) {
    const validation::Task task = assign();
    const auto other = std::find_if(nodes.begin(), nodes.end(),
                                    [&](const Node& node) { return node.id() != task.executor; });
    std::vector<validation::Registration> some;
    for (const validation::Registration& registration : registrations) {
        if (registration.node == task.executor) continue;
        some.push_back(registration.node == other->id() ? other->registration(output.known_at)
                                                        : registration);
    }
    EXPECT_TRUE(validators.unregistered().empty());
    const Validators missing{drawn, judges, some};
    std::vector<core::NodeId> expected{task.executor, other->id()};
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(missing.unregistered(), expected);
    const core::Fraction tenth{1, 10};
    const auto all = expected_checks(validators, task.executor, tenth);
    const auto fewer = expected_checks(missing, task.executor, tenth);
    EXPECT_EQ(all.denominator, fewer.denominator);
    EXPECT_LT(fewer.numerator, all.numerator);

    auto accounts = economics::Settlement::create(epoch, judges, {}, missing.unregistered(), {}).value();
    ASSERT_TRUE(accounts.add({.task = task,
                              .epoch = epoch,
                              .height = deadline,
                              .requester = {},
                              .limit = 100,
                              .cost = 100,
                              .work = 1}));
    for (const economics::Payout& payout : accounts.close(core::Amount{100}).value().payouts)
        EXPECT_NE(payout.owner, economics::Owner::node);
    for (const economics::NodeRecord& record : accounts.close(core::Amount{0}).value().records) {
        const bool charged = std::binary_search(expected.begin(), expected.end(), record.node);
        EXPECT_EQ(record.record.missed, core::Rate::percent(charged ? 100 : 0));
    }
}

TEST_F(FalseResult, ConvictionsOfEveryKindAreTakenWherePowerIsGiven) {
    const validation::Task task = assign();
    const Node& culprit = node_of(task.executor);
    const core::Height height = deadline + 1;
    std::vector<core::Conviction> convictions;

    // Two deals in one ceremony.
    const auto frozen = setup();
    beacon::Ceremony<Ristretto255> ceremony{frozen};
    ceremony.advance(frozen->deal_start());
    const auto another = beacon::Participant<Ristretto255>::derive(seed_of(99), culprit.id());
    ASSERT_TRUE(ceremony.apply(culprit.participant.deal(*frozen)->sign(culprit.signing)).verdict);
    const auto repeated = ceremony.apply(another.deal(*frozen)->sign(culprit.signing));
    convictions.push_back(beacon::convict(*frozen, repeated.evidence.value(), height).value());

    // Votes both ways on another node's result.
    const validation::Subject subject{drawn.chain(), drawn.epoch(), {{}, {}}, {}};
    validation::Voting voting{chain, epoch, judges};
    ASSERT_TRUE(voting.open(subject, deadline));
    ASSERT_TRUE(
        voting.apply(cast_vote(subject, validation::Verdict::valid, culprit.signing), deadline).verdict);
    const auto refused =
        voting.apply(cast_vote(subject, validation::Verdict::invalid, culprit.signing), deadline);
    convictions.push_back(refused.evidence.value().conviction(drawn.chain(), height).value());

    // Silence when asked about a task.
    const std::array unchecked{validation::UncheckedTask{subject.task, {1, 2}, deadline - 1}};
    const beacon::Output younger{output.value, height, height + 5};
    const auto challenge = validation::Challenge::draw(validators, culprit.id(), unchecked, younger,
                                                       {deadline - 1, deadline, 1, height + 20});
    convictions.push_back(challenge.value().conviction(height + 20).value());

    // Failed checks.
    const judgement::RunRule run{{1, 20}, {1, 1'000'000}};
    const auto judge = judgement::Judge::create({.run = run}).value();
    judgement::Tally tally;
    while (tally.rule == judgement::Rule::none)
        tally = judge.after(tally, judgement::Outcome::failed).value();
    convictions.push_back(tally.conviction(culprit.id(), height).value());

    for (const core::Conviction& conviction : convictions) {
        EXPECT_EQ(conviction.node, culprit.id());
        const std::span one{&conviction, 1};
        const Validators without{drawn, judges, registrations, one};
        EXPECT_EQ(without.find(culprit.id()).error().code, validation::errc::no_voting_weight);
        EXPECT_NE(assign(one).executor, culprit.id());
        EXPECT_EQ(judges.without(one).weight_of(culprit.id()), 0u);
        auto accounts = economics::Settlement::create(epoch, judges, {}, {}, {}).value();
        ASSERT_TRUE(accounts.apply(conviction));
        const economics::Statement statement = accounts.close(core::Amount{0}).value();
        EXPECT_EQ(statement.convictions, std::vector{conviction});
        for (const economics::NodeRecord& record : statement.records) {
            const economics::Reputation after = advance({.epochs = 9, .lost_ppm = 0}, record.record, {});
            EXPECT_EQ(after.epochs == 0, record.node == culprit.id());
        }
    }
}

}  // namespace
}  // namespace pouw::inline v1
