#include "pouw/economics/settlement.hpp"

#include "economics/rulings.hpp"
#include "random.hpp"

#include "pouw/core/describe.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/chain_digest.hpp"
#include "pouw/crypto/evidence.hpp"
#include "pouw/economics/errc.hpp"
#include "pouw/economics/ledger.hpp"
#include "pouw/validation/errc.hpp"
#include "pouw/validation/voting.hpp"
#include "pouw/weights/errc.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>

namespace pouw::inline v1::economics {
namespace {

using test::ruling_of;
using test::task_id;
using test::vote_of;
using validation::Ruling;
using validation::Verdict;

core::NodeId key(std::uint32_t n, std::uint8_t kind = 0) {
    core::NodeId out;
    out.bytes[0] = kind;
    for (int i = 0; i < 4; ++i)
        out.bytes[static_cast<std::size_t>(31 - i)] = static_cast<std::uint8_t>(n >> (8 * i));
    return out;
}
std::string text(core::Amount amount) { return core::to_decimal(amount); }

weights::WeightTable table_of(std::span<const std::uint64_t> weights) {
    std::vector<weights::NodeWeight> out;
    for (const std::uint64_t w : weights) out.push_back({key(static_cast<std::uint32_t>(out.size())), w});
    return weights::WeightTable::create(out).value();
}
std::vector<core::NodeId> without_weight(std::span<const std::uint64_t> weights) {
    std::vector<core::NodeId> out;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (weights[i] == 0) out.push_back(key(static_cast<std::uint32_t>(i)));
    }
    return out;
}

constexpr core::Epoch epoch = 6;

TrainingShare training_of(std::uint32_t percent) {
    return TrainingShare::create({}, core::Rate::percent(100), core::Rate::percent(percent)).value();
}

/// Rules by which the first false result convicts.
const Rules strict{.conviction = FixedCount{}};

Settlement four_nodes(const Rules& rules = strict, std::optional<HeightRange> heights = {}) {
    const std::uint64_t weights[] = {10, 20, 30, 0};
    return Settlement::create(epoch, table_of(weights), without_weight(weights), {}, rules, heights).value();
}

TaskRecord paid_task(std::uint64_t id, core::Amount limit = 1'000) {
    TaskRecord out;
    out.task = {task_id(id), key(0)};
    out.epoch = epoch;
    out.height = 100 + id;
    out.requester = key(1, 9);
    out.limit = limit;
    out.cost = limit;
    out.work = 1;
    return out;
}

/// The sum of the lines of one owner.
core::Amount sum_of(const Statement& statement, const AccountId& id, Owner owner = Owner::node) {
    core::Amount sum = 0;
    for (const Payout& payout : statement.payouts) {
        if (payout.owner == owner && payout.id == id) sum += payout.amount;
    }
    return sum;
}

EpochRecord record_of(const Statement& statement, const core::NodeId& node) {
    for (const NodeRecord& entry : statement.records) {
        if (entry.node == node) return entry.record;
    }
    ADD_FAILURE() << "no such node";
    return {};
}

// One majority: that of the table, of which a cap may have left a part to nobody.
TEST(Settlement, RulesAsTheVotingDoes) {
    std::vector<crypto::SigningKey> keys;
    for (std::uint8_t n = 0; n < 5; ++n)
        keys.push_back(crypto::SigningKey::from_seed(std::array<std::uint8_t, 32>{n}));
    std::vector<weights::NodeWeight> results;
    for (const crypto::SigningKey& k : keys) results.push_back({k.public_key(), 20});
    const auto judges = weights::WeightTable::create(results).value().capped({1, 10});
    ASSERT_EQ(judges.total(), 100u);
    ASSERT_EQ(judges.unassigned(), 50u);
    EXPECT_FALSE(judges.is_majority(40));

    for (std::size_t against = 0; against <= 4; ++against) {
        // All others together have 40 of 100: whatever they vote, nothing is a majority.
        validation::Voting voting{core::ChainId{"chain"}, epoch, judges};
        const validation::Subject subject{
            crypto::chain_digest(core::ChainId{"chain"}), epoch, {task_id(1), keys[0].public_key()}, {}};
        ASSERT_TRUE(voting.open(subject, 10));
        for (std::size_t i = 0; i < against; ++i)
            ASSERT_TRUE(voting.apply(cast_vote(subject, Verdict::invalid, keys[i + 1]), 5).verdict);
        const auto votes = voting.votes(subject.task.id).value();

        TaskRecord task = paid_task(1);
        task.task = subject.task;
        task.report_deposit = 0;
        task.ruling = voting.ruling(subject.task.id, 11).value();
        task.votes = votes;
        EXPECT_EQ(task.ruling, Ruling::undecided);
        Settlement settlement = Settlement::create(epoch, judges, {}, {}, {}).value();
        EXPECT_EQ(text(settlement.add(task).value().refund), "0");
        const Statement statement = settlement.close(core::Amount{0}).value();
        EXPECT_TRUE(statement.convictions.empty()) << against;
        EXPECT_FALSE(record_of(statement, keys[0].public_key()).convicted) << against;
        EXPECT_EQ(text(sum_of(statement, keys[0].public_key())), "800");
    }
}

/// What makes a task one that is refused, and with which error.
struct Refusal {
    core::error_code error;
    std::function<void(TaskRecord&)> spoil;
};

const Check flagged[] = {{key(1), Verdict::invalid}};
const validation::Vote vote[] = {vote_of(key(1), Verdict::valid)};

std::vector<Refusal> refused_amounts() {
    return {
        {validation::errc::duplicate_task, [](TaskRecord& t) { t.task.id = task_id(7); }},
        {validation::errc::task_out_of_order, [](TaskRecord& t) { t.task.id = task_id(6); }},
        {validation::errc::other_epoch, [](TaskRecord& t) { t.epoch = 7; }},
        {errc::unknown_node, [](TaskRecord& t) { t.task.executor = key(4); }},
        {core::errc::invalid_amount, [](TaskRecord& t) { t.limit = -1; }},
        {core::errc::invalid_amount, [](TaskRecord& t) { t.cost = -1; }},
        {core::errc::invalid_amount, [](TaskRecord& t) { t.report_deposit = -1; }},
        {core::errc::overflow, [](TaskRecord& t) { t.limit = core::max_amount; }},
        {core::errc::overflow, [](TaskRecord& t) { t.report_deposit = core::max_amount - 1'000; }},
        {validation::errc::own_work, [](TaskRecord& t) { t.requester = key(0), t.report_deposit = 100; }},
        {errc::insufficient_deposit, [](TaskRecord& t) { t.report_deposit = 99; }},
    };
}

std::vector<Refusal> refused_results() {
    return {
        {errc::no_result, [](TaskRecord& t) { t.answer = Answer::missed; }},
        {errc::no_result, [](TaskRecord& t) { t.answer = Answer::missed, t.cost = 0, t.checks = flagged; }},
        {errc::no_result,
         [](TaskRecord& t) { t.answer = Answer::missed, t.cost = 0, t.ruling = Ruling::undecided; }},
        {errc::no_result, [](TaskRecord& t) { t.answer = Answer::planted, t.report_deposit = 100; }},
        {errc::no_result,
         [](TaskRecord& t) { t.answer = Answer::planted, t.checks = flagged, t.votes = vote; }},
        {errc::no_result,
         [](TaskRecord& t) { t.answer = Answer::planted, t.checks = flagged, t.ruling = Ruling::undecided; }},
        {errc::unexpected_vote, [](TaskRecord& t) { t.votes = vote, t.ruling = Ruling::undecided; }},
        {errc::unexpected_vote, [](TaskRecord& t) { t.ruling = Ruling::undecided; }},
        {errc::open_ruling, [](TaskRecord& t) { t.checks = flagged, t.votes = vote; }},
        {errc::open_ruling, [](TaskRecord& t) { t.checks = flagged; }},
        {errc::open_ruling, [](TaskRecord& t) { t.report_deposit = 100; }},
        {errc::open_ruling, [](TaskRecord& t) { t.checks = flagged, t.ruling = Ruling::open; }},
        {errc::unsupported_ruling, [](TaskRecord& t) { t.checks = flagged, t.ruling = Ruling::valid; }},
        {errc::unsupported_ruling,
         [](TaskRecord& t) { t.checks = flagged, t.votes = vote, t.ruling = Ruling::invalid; }},
    };
}

std::vector<Refusal> refused_judgements() {
    static const Check by_stranger[] = {{key(4), Verdict::valid}};
    static const Check by_itself[] = {{key(0), Verdict::valid}};
    static const Check by_nobody[] = {{key(3), Verdict::valid}};
    static const Check twice[] = {{key(1), Verdict::valid}, {key(1), Verdict::invalid}};
    static const Check descending[] = {{key(2), Verdict::valid}, {key(1), Verdict::invalid}};
    static const validation::Vote vote_by_stranger[] = {vote_of(key(UINT32_MAX), Verdict::valid)};
    static const validation::Vote vote_by_itself[] = {vote_of(key(0), Verdict::valid)};
    static const validation::Vote vote_twice[] = {vote_of(key(1), Verdict::valid),
                                                  vote_of(key(1), Verdict::valid)};
    return {
        {errc::unknown_node, [](TaskRecord& t) { t.checks = by_stranger; }},
        {validation::errc::own_work, [](TaskRecord& t) { t.checks = by_itself; }},
        {validation::errc::no_voting_weight, [](TaskRecord& t) { t.checks = by_nobody; }},
        {errc::duplicate_verdict, [](TaskRecord& t) { t.checks = twice; }},
        {errc::verdict_out_of_order, [](TaskRecord& t) { t.checks = descending; }},
        {errc::unknown_node, [](TaskRecord& t) { t.checks = flagged, t.votes = vote_by_stranger; }},
        {validation::errc::own_work, [](TaskRecord& t) { t.checks = flagged, t.votes = vote_by_itself; }},
        {errc::duplicate_verdict, [](TaskRecord& t) { t.checks = flagged, t.votes = vote_twice; }},
    };
}

TEST(Settlement, RefusesWithTheExactErrorAndChangesNothing) {
    Rules rules;
    rules.report_deposit = 100;
    Settlement settlement = four_nodes(rules);
    ASSERT_TRUE(settlement.add(paid_task(7)));
    const Statement before = settlement.close(core::Amount{5}).value();
    for (const auto& cases : {refused_amounts(), refused_results(), refused_judgements()}) {
        for (const Refusal& c : cases) {
            TaskRecord task = paid_task(8);
            c.spoil(task);
            const auto outcome = settlement.add(task);
            ASSERT_FALSE(outcome) << c.error.name();
            EXPECT_EQ(outcome.error().code, c.error) << core::describe(outcome.error());
            EXPECT_EQ(settlement.close(core::Amount{5}).value(), before) << c.error.name();
        }
    }
    EXPECT_TRUE(settlement.add(paid_task(8)));  // as if nothing had happened
    EXPECT_EQ(text(settlement.fees()), "2000");
    EXPECT_EQ(settlement.close(core::Amount{-1}).error().code, core::errc::invalid_amount);
    EXPECT_EQ(settlement.close(core::max_amount).error().code, core::errc::overflow);
    EXPECT_EQ(four_nodes().close(core::Amount{1}).error().code, core::errc::no_weight);
}

TEST(Settlement, IsCreatedWithSaneNodesAndRules) {
    const auto error = [](const Rules& rules) {
        return Settlement::create(epoch, {}, {}, {}, rules).error().code;
    };
    EXPECT_EQ(error({.work_tolerance = core::Rate::percent(100)}), errc::invalid_rules);
    EXPECT_EQ(error({.check_tolerance = core::Rate::percent(100)}), errc::invalid_rules);
    EXPECT_EQ(error({.vote_tolerance = core::Rate::percent(100)}), errc::invalid_rules);
    using judgement::EpochRule;
    EXPECT_EQ(error({.conviction = EpochRule{{0, 1}, {1, 2}}}), errc::invalid_rules);
    EXPECT_EQ(error({.conviction = EpochRule{{1, 2}, {1, 1}}}), errc::invalid_rules);
    EXPECT_EQ(error({.conviction = EpochRule{{1, 2}, {1, 1ull << 31}}}), errc::invalid_rules);
    EXPECT_EQ(error({.bounty_cap = core::Rate::percent(100)}), errc::invalid_rules);
    EXPECT_EQ(error({.reporter_share = core::Rate::percent(60), .bounty_share = core::Rate::percent(41)}),
              errc::invalid_rules);
    EXPECT_EQ(error({.report_deposit = -1}), core::errc::invalid_amount);
    const std::uint64_t weights[] = {1, 1};
    const auto judges = table_of(weights);
    EXPECT_EQ(Settlement::create(epoch, judges, {{key(1)}}, {}, {}).error().code,
              weights::errc::duplicate_node);
    EXPECT_EQ(Settlement::create(epoch, judges, {{key(5), key(5)}}, {}, {}).error().code,
              weights::errc::duplicate_node);
    const auto settlement = Settlement::create(epoch, judges, {{key(9), key(5)}}, {}, {}).value();
    ASSERT_EQ(settlement.nodes().size(), 4u);
    EXPECT_EQ(settlement.nodes()[2], key(5));
    EXPECT_EQ(settlement.nodes()[3], key(9));
    EXPECT_EQ(settlement.epoch(), epoch);
}

TEST(Settlement, TheFirstTaskMayHaveTheIdZero) {
    Settlement settlement = four_nodes();
    EXPECT_TRUE(settlement.add(paid_task(0)));
    EXPECT_EQ(settlement.add(paid_task(0)).error().code, validation::errc::duplicate_task);
    TaskRecord last = paid_task(0);
    last.task.id.bytes.fill(0xff);
    EXPECT_TRUE(settlement.add(last));
    EXPECT_EQ(settlement.add(last).error().code, validation::errc::duplicate_task);
}

// A key that nobody can select checks nothing: what its owner executes pays it nothing.
TEST(Settlement, ANodeWithoutAVrfKeyKeepsNothing) {
    const std::uint64_t weights[] = {10, 20, 30, 0};
    const auto judges = table_of(weights);
    const auto create = [&](std::span<const core::NodeId> unregistered) {
        return Settlement::create(epoch, judges, without_weight(weights), unregistered, {});
    };
    Settlement settlement = create({{key(0)}}).value();
    ASSERT_TRUE(settlement.add(paid_task(1)));  // by node 0
    TaskRecord other = paid_task(2);
    other.task.executor = key(1);
    ASSERT_TRUE(settlement.add(other));
    TaskRecord checked = paid_task(3);
    checked.task.executor = key(1);
    const Check without_key[] = {{key(0), Verdict::valid}, {key(2), Verdict::valid}};
    checked.checks = without_key;
    EXPECT_EQ(settlement.add(checked).error().code, validation::errc::unregistered_key);
    const Check with_key[] = {{key(2), Verdict::valid}};
    checked.checks = with_key;
    ASSERT_TRUE(settlement.add(checked));
    const Statement statement = settlement.close(core::Amount{3'000}).value();
    EXPECT_EQ(text(sum_of(statement, key(0))), "0");
    EXPECT_EQ(record_of(statement, key(0)), (EpochRecord{false, true, core::Rate::percent(100)}));
    // 800 of the fees each; the work is 1 each, so each third of 2400 is 800, and the checked one is halved
    // (the validator's half of 1 is 0).
    EXPECT_EQ(text(sum_of(statement, key(1))), "2800");
    EXPECT_EQ(text(sum_of(statement, key(2))), "400");
    EXPECT_EQ(record_of(statement, key(2)).missed, core::Rate{});
    EXPECT_EQ(text(sum_of(statement, {}, Owner::reserve)), "1600");
    // It loses reputation: an epoch gained for its work and one lost for its checks.
    Ledger ledger = Ledger::create({}, 5, {{key(0), {7, 0}}}).value();
    const core::Rate before = ledger.rate_of(key(0));
    ASSERT_TRUE(ledger.apply(statement));
    EXPECT_EQ(ledger.rate_of(key(0)), before);
    EXPECT_EQ(ledger.reputation_of(key(0)), (Reputation{8, 1'000'000}));

    EXPECT_EQ(create({{key(3)}}).error().code, errc::unknown_node);  // without weight nobody needs a key
    EXPECT_EQ(create({{key(8)}}).error().code, errc::unknown_node);
    EXPECT_EQ(create({{key(0), key(0)}}).error().code, weights::errc::duplicate_node);
}

TEST(Settlement, ANodeWithoutAVrfKeyMissesItsShareWithoutWork) {
    const std::uint64_t weights[] = {10, 20};
    Settlement settlement = Settlement::create(epoch, table_of(weights), {}, {{key(0)}}, {}).value();
    const Statement statement = settlement.close(core::Amount{0}).value();
    EXPECT_EQ(record_of(statement, key(0)), (EpochRecord{false, false, core::Rate::percent(100)}));
    EXPECT_EQ(record_of(statement, key(1)), EpochRecord{});
}

// Appendix F: issuance is for work that somebody pays for.
TEST(Settlement, WorkThatNobodyPaidForEarnsNoIssuance) {
    const auto issued_to = [](core::Amount limit, core::Amount cost) {
        Settlement settlement = four_nodes();
        TaskRecord own = paid_task(1, limit);
        own.cost = cost;
        own.work = 1'000;
        EXPECT_TRUE(settlement.add(own));
        TaskRecord paid = paid_task(2, 1'000);
        paid.task.executor = key(1);
        paid.work = 1'000;
        EXPECT_TRUE(settlement.add(paid));
        const Statement statement = settlement.close(core::Amount{10'000}).value();  // 8,000 for work
        for (const Payout& payout : statement.payouts) {
            if (payout.owner == Owner::node && payout.id == key(0) && payout.reason == Reason::issued)
                return text(payout.amount);
        }
        return std::string{"none"};
    };
    EXPECT_EQ(issued_to(1'000, 1'000), "4000");
    EXPECT_EQ(issued_to(5'000, 1'000), "4000");
    EXPECT_EQ(issued_to(0, 1'000), "none");  // a request with limit 0 to oneself
    EXPECT_EQ(issued_to(0, 0), "none");
    EXPECT_EQ(issued_to(1, core::max_amount), "none");
    EXPECT_EQ(issued_to(500, 1'000), "2667");  // credit 500 of 1500: 8000 / 3 = 2666.7
    EXPECT_EQ(issued_to(250, 1'000), "1600");  // 250 of 1250
    Settlement free = four_nodes();
    ASSERT_TRUE(free.add(paid_task(1, 0)));
    EXPECT_FALSE(free.has_work());
    EXPECT_EQ(text(free.close(Issuance{{}, 1'000, 1'000}).value().issued), "0");
}

// The training share is of the sum of the fees: a thousand fees of 1 pay what one of 1000 pays.
TEST(Settlement, DustPaysTheTrainingFundToo) {
    Settlement settlement = four_nodes();
    for (std::uint64_t id = 0; id < 1'000; ++id) ASSERT_TRUE(settlement.add(paid_task(id, 1)));
    EXPECT_EQ(text(sum_of(settlement.close(core::Amount{0}).value(), {}, Owner::training)), "200");
}

// Of 1000 of fees and 1000 of issuance, governance's 25% are 500.
TEST(Settlement, TheTrainingShareDecidesTheRate) {
    Rules rules;
    ASSERT_TRUE(rules.training.adjust(core::Rate::percent(25), 5));
    Settlement settlement = four_nodes(rules);
    ASSERT_TRUE(settlement.add(paid_task(1)));
    const Statement statement = settlement.close(core::Amount{1'000}).value();
    EXPECT_EQ(text(sum_of(statement, {}, Owner::training)), "500");
    EXPECT_EQ(text(sum_of(statement, key(0))), "1500");
}

// A node's own fraud pays it nothing, whoever of its friends reports it: less than honesty.
TEST(Settlement, BountiesAndAwardsAreCapped) {
    Rules rules{.training = training_of(0),
                .conviction = FixedCount{},
                .reporter_share = core::Rate::percent(50),
                .bounty_share = core::Rate::percent(50)};
    Settlement settlement = four_nodes(rules);
    for (std::uint64_t id = 0; id < 100; ++id) ASSERT_TRUE(settlement.add(paid_task(id)));
    TaskRecord small = paid_task(100, 10);
    small.task.executor = key(2);
    ASSERT_TRUE(settlement.add(small));
    const validation::Vote votes[] = {vote_of(key(1), Verdict::invalid), vote_of(key(2), Verdict::invalid)};
    TaskRecord reported = paid_task(101);
    reported.report_deposit = 0;
    reported.ruling = Ruling::invalid;
    reported.votes = votes;
    const TaskOutcome outcome = settlement.add(reported).value();
    EXPECT_EQ(text(outcome.refund), "1000");
    const Statement statement = settlement.close(core::Amount{0}).value();
    EXPECT_EQ(text(sum_of(statement, key(0))), "0");
    EXPECT_EQ(text(sum_of(statement, key(1))), "0");   // it voted, and worked for nothing: half of nothing
    EXPECT_EQ(text(sum_of(statement, key(2))), "15");  // 10 and half of it
    EXPECT_EQ(text(sum_of(statement, key(1, 9), Owner::requester)), "5");  // half of the honest mean
    EXPECT_EQ(text(sum_of(statement, {}, Owner::reserve)), "99990");

    // The ruling makes a conviction: its evidence are the votes for it.
    core::Bytes encoded = votes[0].encode();
    core::append(encoded, votes[1].encode());
    ASSERT_EQ(statement.convictions.size(), 1u);
    EXPECT_EQ(statement.convictions[0],
              (core::Conviction{key(0), core::Ground::false_results, crypto::evidence_digest(encoded),
                                reported.height}));
}

/// Node 0 earns 800 eight times; then its results are ruled invalid as the cases say.
class Reported : public testing::Test {
  protected:
    enum class By { report, check, both };

    Reported() {
        for (std::uint64_t id = 0; id < 8; ++id) {
            EXPECT_TRUE(settlement.add(paid_task(id)));
            TaskRecord other = paid_task(100 + id);
            other.task.executor = key(1);
            others.push_back(other);
        }
    }
    void rule_invalid(std::uint64_t id, By by, const AccountId& requester = key(1, 9)) {
        TaskRecord task = paid_task(id);
        task.requester = requester;
        if (by != By::check) task.report_deposit = 0;
        if (by != By::report) task.checks = flags;
        task.ruling = Ruling::invalid;
        task.votes = votes;
        EXPECT_TRUE(settlement.add(task));
    }
    /// What the reporter is awarded.
    std::string award() {
        for (const TaskRecord& task : others) EXPECT_TRUE(settlement.add(task));
        const Statement statement = settlement.close(core::Amount{0}).value();
        EXPECT_EQ(text(sum_of(statement, key(0))), "0");
        EXPECT_EQ(text(statement.paid_in), text(statement.paid_out + statement.paid_to_requesters));
        for (const Payout& payout : statement.payouts) {
            if (payout.reason == Reason::award) return text(payout.amount);
        }
        return "none";
    }

    const Check flags[1] = {{key(1), Verdict::invalid}};
    const validation::Vote votes[2] = {vote_of(key(1), Verdict::invalid), vote_of(key(2), Verdict::invalid)};
    std::vector<TaskRecord> others;
    Settlement settlement = four_nodes();
};

// 25% of 6400.
TEST_F(Reported, AnAwardIsForAReportThatConvicts) {
    rule_invalid(20, By::report);
    EXPECT_EQ(award(), "1600");
}
TEST_F(Reported, NoAwardForWhatACheckFound) {
    rule_invalid(20, By::both);
    EXPECT_EQ(award(), "none");
}
// A node that a check has caught reports another false result of its own, which comes first.
TEST_F(Reported, NoAwardWhereACheckFindsAnotherFalseResult) {
    rule_invalid(20, By::report);
    rule_invalid(21, By::check);
    EXPECT_EQ(award(), "none");
}
TEST_F(Reported, NoAwardWhereEvidenceConvictsToo) {
    rule_invalid(20, By::report);
    ASSERT_TRUE(settlement.apply({key(0), core::Ground::withheld_check, {}, 9}));
    EXPECT_EQ(award(), "none");
}
TEST_F(Reported, AnotherReportTakesNoAward) {
    rule_invalid(20, By::report);
    rule_invalid(21, By::report, key(2, 9));
    EXPECT_EQ(award(), "1600");
}
TEST_F(Reported, NoAwardToTheKeyOfAConvictedNode) {
    rule_invalid(20, By::report, key(3));
    ASSERT_TRUE(settlement.apply({key(3), core::Ground::silence, {}, 9}));
    EXPECT_EQ(award(), "none");
}
TEST_F(Reported, AToleratedFalseResultTakesNoAward) {
    settlement = four_nodes({.conviction = FixedCount{1}});
    for (std::uint64_t id = 0; id < 8; ++id) ASSERT_TRUE(settlement.add(paid_task(id)));
    rule_invalid(20, By::check);
    rule_invalid(21, By::report);
    EXPECT_EQ(award(), "1600");
}

/// An epoch of node 0, whose results node 1 checks and nodes 1 and 2 judge.
class Rulings : public testing::Test {
  protected:
    static constexpr judgement::EpochRule honest_errors{{1, 100}, {1, 1'000'000}};

    /// So many results of node 0, in any order.
    struct Results {
        int found = 0;     ///< false, found by a check
        int reported = 0;  ///< false, found by a report
        int passed = 0;    ///< checked and right
        int refused = 0;   ///< reported and right
        int unchecked = 0;
    };

    Statement settle(const Results& results, const Rules& rules = {}, bool descending = false) {
        std::vector<TaskRecord> tasks;
        const auto add = [&](int count, TaskRecord task) {
            tasks.insert(tasks.end(), static_cast<std::size_t>(count), task);
        };
        TaskRecord task = paid_task(0);
        add(results.unchecked, task);
        task.checks = passes;
        add(results.passed, task);
        task.checks = flags;
        task.ruling = Ruling::invalid;
        task.votes = against;
        add(results.found, task);
        task.checks = {};
        task.report_deposit = 0;
        add(results.reported, task);
        task.ruling = Ruling::valid;
        task.votes = cleared;
        add(results.refused, task);
        if (descending) std::reverse(tasks.begin(), tasks.end());
        Settlement settlement = four_nodes(rules);
        std::uint64_t id = 0;
        for (TaskRecord& t : tasks) {
            t.task.id = task_id(++id);
            EXPECT_TRUE(settlement.add(t));
        }
        const Statement statement = settlement.close(core::Amount{0}).value();
        EXPECT_EQ(text(statement.paid_in), text(statement.paid_out + statement.paid_to_requesters));
        return statement;
    }
    bool convicts(const Results& results, const Rules& rules = {}) {
        return record_of(settle(results, rules), key(0)).convicted;
    }

    const Check passes[1] = {{key(1), Verdict::valid}};
    const Check flags[1] = {{key(1), Verdict::invalid}};
    const validation::Vote against[2] = {vote_of(key(1), Verdict::invalid),
                                         vote_of(key(2), Verdict::invalid)};
    const validation::Vote cleared[2] = {vote_of(key(1), Verdict::valid), vote_of(key(2), Verdict::valid)};
};

// The least number of false results that an honest node, wrong in 1 of 100, has in at most 1 of a million
// epochs, by the binomial distribution: 5 of 10, 9 of 100, 29 of 1000.
TEST_F(Rulings, ConvictByTheBinomialTest) {
    EXPECT_FALSE(convicts({.found = 1}));
    EXPECT_FALSE(convicts({.found = 4, .passed = 6}));
    EXPECT_TRUE(convicts({.found = 5, .passed = 5}));
    EXPECT_FALSE(convicts({.found = 8, .passed = 92}));
    EXPECT_TRUE(convicts({.found = 9, .passed = 91}));
    EXPECT_TRUE(convicts({.found = 9, .passed = 91, .unchecked = 10'000}));
    EXPECT_FALSE(convicts({.reported = 28, .unchecked = 972}));
    EXPECT_TRUE(convicts({.reported = 29, .unchecked = 971}));
    // The rule of a deployed network's figures: 1 of 10, at 1 of 20.
    const Rules deployed{.conviction = judgement::EpochRule{{1, 10}, {1, 20}}};
    EXPECT_FALSE(convicts({.found = 9, .passed = 41}, deployed));
    EXPECT_TRUE(convicts({.found = 10, .passed = 40}, deployed));
}

TEST_F(Rulings, ConvictByAFixedCountAsTheSpecialCase) {
    for (const std::uint32_t tolerated : {0u, 1u, 5u}) {
        const int edge = static_cast<int>(tolerated);
        EXPECT_FALSE(convicts({.found = edge, .passed = 3}, {.conviction = FixedCount{tolerated}}));
        EXPECT_TRUE(convicts({.found = edge + 1, .passed = 300}, {.conviction = FixedCount{tolerated}}));
        EXPECT_TRUE(
            convicts({.reported = edge + 1, .unchecked = 300}, {.conviction = FixedCount{tolerated}}));
    }
}

// Reports are no draws at random. Those on right results, which a cheat can order, do not thin out what
// checks find; those on false results alone do not make a rate.
TEST_F(Rulings, ReportsDoNotMoveTheTestOfTheChecks) {
    EXPECT_TRUE(convicts({.found = 5, .passed = 5, .refused = 1'000}));
    EXPECT_FALSE(convicts({.found = 4, .reported = 4, .passed = 6, .unchecked = 986}));
}

TEST_F(Rulings, TheOrderOfTheTasksDoesNotMatter) {
    const Results results{.found = 6, .reported = 3, .passed = 4, .refused = 2, .unchecked = 5};
    const Statement one = settle(results);
    const Statement other = settle(results, {}, true);
    EXPECT_EQ(one.payouts, other.payouts);
    EXPECT_EQ(one.records, other.records);
    EXPECT_TRUE(record_of(one, key(0)).convicted);
}

// 10 checked of 100, 1 false: three tenths of what it earned, a quarter of which is for the voters.
TEST_F(Rulings, AFalseResultWithinTheRateCostsWhatItStandsFor) {
    const Statement fined = settle({.found = 1, .passed = 9, .unchecked = 90});
    // 90 results at 800 and 9 at 400: 75600.
    EXPECT_EQ(text(sum_of(fined, key(0))), "52920");
    EXPECT_FALSE(record_of(fined, key(0)).convicted);
    // It checked for 3600, and its part of 5670 by weight, 1890, is capped at half of that.
    EXPECT_EQ(text(sum_of(fined, key(1))), "5400");
    EXPECT_EQ(text(sum_of(fined, {}, Owner::reserve)), "20880");
    EXPECT_EQ(
        text(sum_of(settle({.found = 1, .passed = 9, .unchecked = 90}, {.false_result_fine = 0}), key(0))),
        "75600");
    EXPECT_EQ(text(sum_of(settle({.found = 1, .passed = 9}, {.false_result_fine = 10}), key(0))), "0");
    EXPECT_EQ(text(sum_of(settle({.found = 1, .passed = 9}, {.false_result_fine = UINT32_MAX}), key(0))),
              "0");
    // A report stands for itself: the fee goes back.
    EXPECT_EQ(text(sum_of(settle({.reported = 1, .passed = 9, .unchecked = 90}), key(0))), "75600");
}

// The evidence names all votes against the node: that of one ruling is its votes, and each further ruling
// adds its own to the evidence before.
TEST_F(Rulings, TheEvidenceIsThatOfAllVotesAgainstTheNode) {
    core::Bytes votes = against[0].encode();
    core::append(votes, against[1].encode());
    const core::EvidenceDigest once = crypto::evidence_digest(votes);
    const Rules none{.conviction = FixedCount{}};
    EXPECT_EQ(settle({.found = 1}, none).convictions,
              (std::vector{core::Conviction{key(0), core::Ground::false_results, once, 100}}));
    core::Bytes both{once.view().begin(), once.view().end()};
    core::append(both, votes);
    EXPECT_EQ(settle({.found = 1, .reported = 1}, none).convictions[0].evidence,
              crypto::evidence_digest(both));
}

// Reports alone: half of the ten results. The report with the smallest id is awarded.
TEST_F(Rulings, OfSeveralReportsTheFirstIsAwarded) {
    Settlement settlement = four_nodes({});
    for (std::uint64_t id = 0; id < 10; ++id) {
        TaskRecord task = paid_task(id);
        if (id % 2 == 1) {
            task.requester = key(static_cast<std::uint32_t>(id), 9);
            task.report_deposit = 0;
            task.ruling = Ruling::invalid;
            task.votes = against;
        }
        ASSERT_TRUE(settlement.add(task));
    }
    TaskRecord other = paid_task(20, 10'000);
    other.task.executor = key(2);
    ASSERT_TRUE(settlement.add(other));
    const Statement statement = settlement.close(core::Amount{0}).value();
    EXPECT_TRUE(record_of(statement, key(0)).convicted);
    EXPECT_EQ(text(sum_of(statement, key(1, 9), Owner::requester)), "1000");  // of 4000
    EXPECT_EQ(text(sum_of(statement, key(3, 9), Owner::requester)), "0");
}

/// Node 0 executes what the others vote on, and every node does one task.
class VoteDuty : public testing::Test {
  protected:
    using Votes = std::vector<validation::Vote>;

    void vote(std::uint64_t id, const Votes& votes, Ruling ruling) {
        TaskRecord task = paid_task(id, 0);
        task.report_deposit = 0;
        task.votes = votes;
        task.ruling = ruling;
        ASSERT_TRUE(settlement.add(task));
    }
    Statement close() {
        for (std::uint32_t n = 0; n < 4; ++n) {
            TaskRecord task = paid_task(1'000 + n, 1'250);
            task.task.executor = key(n);
            EXPECT_TRUE(settlement.add(task));
        }
        return settlement.close(core::Amount{0}).value();
    }
    Settlement settlement = four_nodes({});
    const Votes both{vote_of(key(1), Verdict::valid), vote_of(key(2), Verdict::valid)};
    const Votes one{vote_of(key(2), Verdict::valid)};
};

// 1000 each. Of 20 votes node 1 missed 4, and 1% is tolerated: 1000 · 16 / 19.8.
TEST_F(VoteDuty, AnAbstentionIsAMissedDuty) {
    for (std::uint64_t id = 0; id < 20; ++id) vote(id, id < 4 ? one : both, Ruling::valid);
    const Statement statement = close();
    EXPECT_EQ(text(sum_of(statement, key(1))), "808");
    EXPECT_EQ(record_of(statement, key(1)).missed, core::Rate::percent(20));
    // The executor owed none, nor did the node without weight.
    EXPECT_EQ(text(sum_of(statement, key(0))), "1000");
    EXPECT_EQ(text(sum_of(statement, key(2))), "1000");
    EXPECT_EQ(text(sum_of(statement, key(3))), "1000");
    EXPECT_EQ(record_of(statement, key(3)).missed, core::Rate{});
}

TEST_F(VoteDuty, AVoteAgainstTheRulingIsAMissedDuty) {
    for (std::uint64_t id = 0; id < 20; ++id) {
        vote(id,
             {vote_of(key(1), id < 4 ? Verdict::invalid : Verdict::valid), vote_of(key(2), Verdict::valid)},
             Ruling::valid);
    }
    EXPECT_EQ(text(sum_of(close(), key(1))), "808");
}

// Where nothing is decided nobody was wrong, and the executor is paid: those who stayed away are charged.
TEST_F(VoteDuty, AnUndecidedVoteChargesWhoAbstained) {
    for (std::uint64_t id = 0; id < 20; ++id)
        vote(id, id < 4 ? Votes{} : Votes{vote_of(key(1), Verdict::invalid)}, Ruling::undecided);
    const Statement statement = close();
    EXPECT_EQ(text(sum_of(statement, key(0))), "1000");
    EXPECT_EQ(text(sum_of(statement, key(1))), "808");
    EXPECT_EQ(text(sum_of(statement, key(2))), "0");
    EXPECT_TRUE(statement.convictions.empty());
}

// 1000 · 9 / 9.9.
TEST_F(VoteDuty, TheOnlyVoteOfAnEpochIsATenth) {
    vote(1, one, Ruling::valid);
    const Statement statement = close();
    EXPECT_EQ(text(sum_of(statement, key(1))), "909");
    EXPECT_EQ(record_of(statement, key(1)).missed, core::Rate::percent(10));
}

// Of a fee of 1000 the executor has its half of 800; of the validators' half the one that was right has 200,
// and the part of the wrong one goes to those who voted so, by weight.
TEST_F(VoteDuty, ClearingAnHonestExecutorIsPaid) {
    const std::uint64_t weights[] = {10, 20, 30, 40};
    settlement = Settlement::create(epoch, table_of(weights), {}, {}, {}).value();
    const Check checks[] = {{key(1), Verdict::invalid}, {key(2), Verdict::valid}, {key(3), std::nullopt}};
    const Votes votes{vote_of(key(1), Verdict::invalid), vote_of(key(2), Verdict::valid),
                      vote_of(key(3), Verdict::valid)};
    TaskRecord task = paid_task(1);
    task.work = 100;
    task.checks = checks;
    task.votes = votes;
    task.ruling = Ruling::valid;
    ASSERT_TRUE(settlement.add(task));
    std::map<std::pair<AccountId, Reason>, std::string> paid;
    const Statement statement = settlement.close(core::Amount{1'000}).value();
    for (const Payout& payout : statement.payouts) {
        if (payout.owner == Owner::node) paid[{payout.id, payout.reason}] = text(payout.amount);
    }
    EXPECT_EQ((paid[{key(0), Reason::executed}]), "400");
    EXPECT_EQ((paid[{key(0), Reason::issued}]),
              "600");  // its half of 800, and the quarter of the wrong check
    EXPECT_EQ((paid[{key(2), Reason::checked}]), "200");
    EXPECT_EQ((paid[{key(2), Reason::issued}]), "200");
    EXPECT_EQ((paid[{key(2), Reason::judged}]), "86");  // 30 of 70 of 200
    EXPECT_EQ(text(sum_of(statement, key(1))), "0");
    EXPECT_EQ(record_of(statement, key(1)).missed, core::Rate::percent(100));
    EXPECT_EQ(text(statement.paid_in + statement.issued), text(statement.paid_out));
}

constexpr core::Ground grounds[] = {core::Ground::false_nonce,
                                    core::Ground::beacon_misbehaviour,
                                    core::Ground::contradicting_votes,
                                    core::Ground::withheld_check,
                                    core::Ground::silence,
                                    core::Ground::false_results,
                                    core::Ground::failed_checks,
                                    core::Ground::passed_false_result};

TEST(Convictions, ForfeitEverythingToTheReserve) {
    for (const core::Ground ground : grounds) {
        Settlement settlement = four_nodes();
        TaskRecord others = paid_task(0);
        others.task.executor = key(1);
        ASSERT_TRUE(settlement.add(others));
        ASSERT_TRUE(settlement.add(paid_task(1)));
        const core::Conviction conviction{key(0), ground, {}, 5};
        ASSERT_TRUE(settlement.apply(conviction));
        ASSERT_TRUE(settlement.add(paid_task(2)));  // what it earns afterwards is forfeited too
        const Statement statement = settlement.close(core::Amount{0}).value();
        EXPECT_EQ(text(sum_of(statement, key(0))), "0");
        EXPECT_EQ(text(sum_of(statement, key(1))), "800");
        EXPECT_EQ(text(sum_of(statement, {}, Owner::reserve)), "1600");
        EXPECT_EQ(statement.convictions, std::vector{conviction});
        EXPECT_TRUE(record_of(statement, key(0)).convicted);
        EXPECT_FALSE(record_of(statement, key(1)).convicted);

        Ledger ledger = Ledger::create({}, 5, {{key(0), {7, 0}}, {key(1), {7, 0}}}).value();
        ASSERT_TRUE(ledger.apply(statement));
        EXPECT_EQ(ledger.reputation_of(key(0)), Reputation{});
        EXPECT_EQ(ledger.rate_of(key(0)), core::Rate{});
        EXPECT_EQ(ledger.reputation_of(key(1)), (Reputation{8, 0}));
    }
}

TEST(Convictions, AreRefusedForStrangersAndOtherHeights) {
    Settlement settlement = four_nodes(strict, HeightRange{100, 200});
    ASSERT_TRUE(settlement.add(paid_task(1)));
    const Statement before = settlement.close(core::Amount{0}).value();
    const auto error = [&](const core::NodeId& node, core::Height height) {
        return settlement.apply({node, core::Ground::silence, {}, height}).error().code;
    };
    EXPECT_EQ(error(key(4), 150), errc::unknown_node);
    EXPECT_EQ(error(key(0), 99), core::errc::too_early);
    EXPECT_EQ(error(key(0), 201), core::errc::too_late);
    EXPECT_EQ(settlement.close(core::Amount{0}).value(), before);
    EXPECT_TRUE(settlement.apply({key(0), core::Ground::silence, {}, 100}));
    EXPECT_TRUE(settlement.apply({key(3), core::Ground::silence, {}, 200}));  // without weight
    EXPECT_EQ(settlement.close(core::Amount{0}).value().convictions.size(), 2u);
}

// Whoever comes second convicts nobody: neither a second piece of evidence nor a vote afterwards.
TEST(Convictions, OfANodeCountOnceInAnEpoch) {
    Settlement settlement = four_nodes();
    TaskRecord others = paid_task(0);
    others.task.executor = key(1);
    ASSERT_TRUE(settlement.add(others));
    ASSERT_TRUE(settlement.add(paid_task(1)));
    const core::Conviction first{key(0), core::Ground::false_nonce, {}, 5};
    ASSERT_TRUE(settlement.apply(first));
    const Statement before = settlement.close(core::Amount{0}).value();
    ASSERT_TRUE(settlement.apply(first));
    ASSERT_TRUE(settlement.apply({key(0), core::Ground::silence, {}, 6}));
    EXPECT_EQ(settlement.close(core::Amount{0}).value(), before);

    const validation::Vote votes[] = {vote_of(key(1), Verdict::invalid), vote_of(key(2), Verdict::invalid)};
    TaskRecord reported = paid_task(2);
    reported.report_deposit = 0;
    reported.ruling = Ruling::invalid;
    reported.votes = votes;
    ASSERT_TRUE(settlement.add(reported));
    const Statement after = settlement.close(core::Amount{0}).value();
    EXPECT_EQ(after.convictions, before.convictions);
    EXPECT_EQ(after.payouts, before.payouts);  // no bounty, no award
}

/// Chances of one in n.
class Sequence : public test::Random {
  public:
    using test::Random::Random;
    std::uint32_t below(std::uint64_t bound) { return static_cast<std::uint32_t>(below64(bound)); }
    bool one_in(std::uint64_t n) { return below(n) == 0; }
};

/// An epoch with cheats, reports, refunds, planted results, missed tasks, convictions of every ground and
/// nodes without weight.
class RandomEpoch {
  public:
    RandomEpoch(std::uint64_t seed, std::uint32_t count)
        : random_{seed},
          weights_(count),
          judges_{random_weights()},
          unregistered_{random_unregistered()},
          settlement_{create()} {}

    void run(std::uint64_t tasks) {
        const int size = static_cast<int>(random_.below(60));
        for (std::uint64_t id = 0; id < tasks; ++id) {
            if (random_.one_in(20)) convict();
            take(id, static_cast<core::Amount>(random_.next() >> size));
            if (testing::Test::HasFatalFailure()) return;
        }
        check_statement();
    }

  private:
    weights::WeightTable random_weights() {
        for (auto& w : weights_) w = random_.one_in(4) ? 0 : random_.next() >> (20 + random_.below(40));
        return table_of(weights_);
    }
    std::vector<core::NodeId> random_unregistered() {
        Sequence own{weights_.size()};
        std::vector<core::NodeId> out;
        for (const weights::NodeWeight& node : judges_.nodes()) {
            if (own.one_in(8)) out.push_back(node.node);
        }
        return out;
    }
    [[nodiscard]] bool is_registered(const core::NodeId& node) const {
        return std::find(unregistered_.begin(), unregistered_.end(), node) == unregistered_.end();
    }
    ConvictionRule random_conviction() {
        if (random_.one_in(2)) return FixedCount{random_.below(3)};
        return judgement::EpochRule{{1, 2 + random_.below(100)}, {1, 2 + random_.below(1'000)}};
    }
    Settlement create() {
        const Rules rules{.training = training_of(random_.below(101)),
                          .work_tolerance = core::Rate::percent(random_.below(100)),
                          .check_tolerance = core::Rate::percent(random_.below(100)),
                          .vote_tolerance = core::Rate::percent(random_.below(100)),
                          .conviction = random_conviction(),
                          .false_result_fine = random_.below(5),
                          .reporter_share = core::Rate::percent(random_.below(51)),
                          .bounty_share = core::Rate::percent(random_.below(51)),
                          .bounty_cap = core::Rate::percent(random_.below(100))};
        return Settlement::create(epoch, judges_, without_weight(weights_), unregistered_, rules).value();
    }
    core::NodeId any_node() { return key(random_.below(weights_.size())); }

    void convict() {
        const core::Conviction conviction{
            any_node(), grounds[random_.below(std::size(grounds))], {}, random_.below(1'000)};
        ASSERT_TRUE(settlement_.apply(conviction));
        convicted_.try_emplace(conviction.node, conviction);
    }

    /// Some of the nodes that may judge a task.
    template <typename Use>
    void judges_of(const TaskRecord& task, std::uint64_t one_in, Use use) {
        for (std::uint32_t i = random_.below(one_in); i < weights_.size(); i += 1 + random_.below(one_in)) {
            if (weights_[i] > 0 && key(i) != task.task.executor) use(key(i));
        }
    }

    void take(std::uint64_t id, core::Amount limit) {
        TaskRecord task = paid_task(id, limit);
        task.task.executor = any_node();
        task.cost = random_.one_in(3) ? task.limit / 2 : (random_.one_in(5) ? task.limit + 1 : task.limit);
        task.work = random_.next() >> random_.below(64);
        task.requester = key(random_.below(50), 9);
        task.answer =
            random_.one_in(10) ? Answer::missed : (random_.one_in(10) ? Answer::planted : Answer::given);
        if (task.answer == Answer::missed) task.cost = 0;
        std::vector<Check> checks;
        if (task.answer != Answer::missed && random_.one_in(3)) {
            judges_of(task, weights_.size(), [&](const core::NodeId& node) {
                const std::optional<Verdict> verdicts[] = {Verdict::valid, Verdict::invalid, std::nullopt};
                if (!is_registered(node)) return;
                checks.push_back({node, verdicts[random_.below(3)]});
            });
        }
        task.checks = checks;
        std::vector<validation::Vote> votes;
        if (task.answer == Answer::given) hold_vote(task, votes);
        task.votes = votes;
        const auto outcome = settlement_.add(task);
        ASSERT_TRUE(outcome) << core::describe(outcome.error());
        in_ += task.limit + task.report_deposit.value_or(0);
        for (const core::Amount part : {outcome->unspent, outcome->refund, outcome->deposit})
            ASSERT_TRUE(part >= 0);
        out_ += outcome->to_requester();
    }

    void hold_vote(TaskRecord& task, std::vector<validation::Vote>& votes) {
        if (random_.one_in(5)) task.report_deposit = static_cast<core::Amount>(random_.below(1'000));
        const bool doubted = std::any_of(task.checks.begin(), task.checks.end(),
                                         [](const Check& c) { return c.verdict == Verdict::invalid; });
        const bool guilty = random_.one_in(2);
        if (!task.report_deposit && !doubted) return;
        judges_of(task, 1 + weights_.size() / 2'000, [&](const core::NodeId& node) {
            const bool valid = random_.one_in(8) ? guilty : !guilty;
            votes.push_back(vote_of(node, valid ? Verdict::valid : Verdict::invalid));
        });
        task.ruling = ruling_of(votes, judges_);
    }

    void check_statement() {
        const Issuance rule{core::Rate::percent(random_.below(95)),
                            static_cast<core::Amount>(random_.below(1'000'000)), core::max_amount / 4};
        const Statement statement = settlement_.close(rule).value();
        in_ += statement.issued;
        std::map<std::tuple<Owner, AccountId, Reason>, int> lines;
        for (const Payout& payout : statement.payouts) {
            ASSERT_TRUE(payout.amount > 0);
            out_ += payout.amount;
            if (payout.owner == Owner::requester) continue;
            ASSERT_EQ(++lines[std::make_tuple(payout.owner, payout.id, payout.reason)], 1);
        }
        EXPECT_EQ(text(in_), text(out_));
        std::vector<core::NodeId> convicted;
        for (const NodeRecord& entry : statement.records) {
            if (!entry.record.convicted) continue;
            EXPECT_EQ(text(sum_of(statement, entry.node)), "0");
            convicted.push_back(entry.node);
        }
        ASSERT_EQ(convicted.size(), statement.convictions.size());
        for (std::size_t i = 0; i < convicted.size(); ++i)
            EXPECT_EQ(statement.convictions[i].node, convicted[i]);
        for (const core::NodeId& node : unregistered_) {
            EXPECT_EQ(text(sum_of(statement, node)), "0");
            EXPECT_EQ(record_of(statement, node).missed, core::Rate::percent(100));
        }
        for (const auto& [node, conviction] : convicted_) EXPECT_TRUE(record_of(statement, node).convicted);
        EXPECT_EQ(settlement_.close(rule).value(), statement);
    }

    Sequence random_;
    std::vector<std::uint64_t> weights_;
    weights::WeightTable judges_;
    std::vector<core::NodeId> unregistered_;
    Settlement settlement_;
    std::map<core::NodeId, core::Conviction> convicted_;
    core::Amount in_ = 0;
    core::Amount out_ = 0;
};

TEST(Settlement, ConservesEveryUnitOfTenThousandRandomEpochs) {
    for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
        SCOPED_TRACE(seed);
        RandomEpoch{seed, 1 + static_cast<std::uint32_t>(seed % 23)}.run(seed % 40);
    }
}
/// An epoch of ten nodes. The first four are honest and heavy enough to rule without the others, who cheat,
/// flag, abstain and lie at random, and are reported.
class HonestMajority {
  public:
    static constexpr std::uint32_t honest = 4;

    HonestMajority(std::uint64_t seed, const Rules& rules)
        : random_{seed}, settlement_{Settlement::create(epoch, judges_, {}, {}, rules).value()} {}

    Statement play(std::uint64_t tasks) {
        for (std::uint64_t id = 0; id < tasks; ++id) play_task(id);
        return settlement_.close(Issuance{core::Rate::percent(50), 1'000, core::max_amount / 4}).value();
    }

  private:
    static bool is_honest(const core::NodeId& node) { return node < key(honest); }
    core::NodeId any_node() { return key(random_.below(10)); }

    void play_task(std::uint64_t id) {
        TaskRecord task = paid_task(id, 1 + static_cast<core::Amount>(random_.below(10'000)));
        task.work = random_.below(1'000);
        task.task.executor = any_node();
        const bool mine = is_honest(task.task.executor);
        if (!mine && random_.one_in(10)) task.answer = Answer::missed, task.cost = 0;
        if (task.answer == Answer::given && random_.one_in(20)) task.answer = Answer::planted;
        const bool is_false = task.answer == Answer::planted || (!mine && random_.one_in(3));
        const Verdict truth = is_false ? Verdict::invalid : Verdict::valid;
        std::vector<Check> checks;
        for (std::uint32_t n = 0; task.answer != Answer::missed && n < 10; ++n) {
            if (key(n) == task.task.executor || !random_.one_in(5)) continue;
            const std::optional<Verdict> verdicts[] = {Verdict::valid, Verdict::invalid, std::nullopt};
            checks.push_back({key(n), is_honest(key(n)) ? truth : verdicts[random_.below(3)]});
        }
        task.checks = checks;
        if (task.answer == Answer::given && random_.one_in(4)) task.report_deposit = 100;
        std::vector<validation::Vote> votes;
        const bool doubted = std::any_of(checks.begin(), checks.end(),
                                         [](const Check& c) { return c.verdict == Verdict::invalid; });
        if (task.answer == Answer::given && (doubted || task.report_deposit)) {
            for (std::uint32_t n = 0; n < 10; ++n) {
                if (key(n) == task.task.executor || (n >= honest && random_.one_in(2))) continue;
                const bool lies = n >= honest && random_.one_in(2);
                votes.push_back(vote_of(key(n), lies != is_false ? Verdict::invalid : Verdict::valid));
            }
            task.ruling = ruling_of(votes, judges_);
            ASSERT_EQ(task.ruling, is_false ? Ruling::invalid : Ruling::valid);
        }
        task.votes = votes;
        ASSERT_TRUE(settlement_.add(task));
    }

    Sequence random_;
    const weights::WeightTable judges_ =
        table_of(std::array<std::uint64_t, 10>{10, 10, 10, 10, 1, 1, 2, 1, 1, 2});
    Settlement settlement_;
};

// Whatever others do, under any rules: an honest node is not convicted, misses nothing, and keeps all that it
// earned, which is what it would keep if nothing were ever punished.
TEST(Settlement, AnHonestNodeLosesNothing) {
    const core::Rate nearly_all = core::Rate::create(999'999).value();
    const Rules lenient{.work_tolerance = nearly_all,
                        .check_tolerance = nearly_all,
                        .vote_tolerance = nearly_all,
                        .conviction = FixedCount{UINT32_MAX},
                        .false_result_fine = 0};
    const Rules severe{.work_tolerance = {},
                       .check_tolerance = {},
                       .vote_tolerance = {},
                       .conviction = FixedCount{},
                       .false_result_fine = UINT32_MAX};
    for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
        const std::uint64_t tasks = seed % 120;
        const Statement free = HonestMajority{seed, lenient}.play(tasks);
        for (const Rules& rules : {Rules{}, severe, strict}) {
            const Statement statement = HonestMajority{seed, rules}.play(tasks);
            for (std::uint32_t n = 0; n < HonestMajority::honest; ++n) {
                const auto earned = [&](const Statement& s) {
                    core::Amount sum = 0;
                    for (const Payout& payout : s.payouts) {
                        if (payout.owner == Owner::node && payout.id == key(n) &&
                            payout.reason != Reason::bounty)
                            sum += payout.amount;
                    }
                    return sum;
                };
                ASSERT_EQ(text(earned(statement)), text(earned(free))) << seed;
                const EpochRecord record = record_of(statement, key(n));
                ASSERT_FALSE(record.convicted);
                ASSERT_EQ(record.missed, core::Rate{});
            }
        }
    }
}
TEST(Settlement, ConservesEveryUnitWithOneNode) { RandomEpoch(1'000, 1).run(1'000); }
TEST(Settlement, ConservesEveryUnitAmongTenThousandNodes) { RandomEpoch(1'001, 10'000).run(2'000); }

TEST(Ledger, TakesEpochsInTheirOrder) {
    Ledger ledger = Ledger::create({}, 5).value();
    const std::uint64_t weights[] = {1, 1};
    const auto judges = table_of(weights);
    for (const core::Epoch wrong : {core::Epoch{5}, core::Epoch{7}, core::Epoch{UINT64_MAX}})
        EXPECT_EQ(ledger.create_settlement(wrong, judges, {}, {}, {}).error().code, errc::epoch_out_of_order);
    Settlement first = ledger.create_settlement(6, judges, {}, {}, {}).value();
    ASSERT_TRUE(first.add(paid_task(0)));
    const Statement statement = first.close(core::Amount{0}).value();
    ASSERT_TRUE(ledger.apply(statement));
    EXPECT_EQ(ledger.reputation_of(key(0)), (Reputation{1, 0}));
    EXPECT_EQ(ledger.reputation_of(key(1)), Reputation{});  // idle
    const Ledger before = ledger;
    EXPECT_EQ(ledger.apply(statement).error().code, errc::epoch_out_of_order);  // the same again
    EXPECT_EQ(ledger, before);
    EXPECT_EQ(Ledger::create({}, UINT64_MAX).value().create_settlement(0, judges, {}, {}, {}).error().code,
              errc::epoch_out_of_order);

    // Somebody new, somebody absent.
    Settlement second = ledger.create_settlement(7, {}, {{key(0, 1)}}, {}, {}).value();
    TaskRecord task = paid_task(0);
    task.epoch = 7;
    task.task.executor = key(0, 1);
    ASSERT_TRUE(second.add(task));
    ASSERT_TRUE(ledger.apply(second.close(core::Amount{0}).value()));
    EXPECT_EQ(ledger.nodes().size(), 3u);
    EXPECT_EQ(ledger.reputation_of(key(0)), (Reputation{1, 0}));
    EXPECT_EQ(ledger.reputation_of(key(0, 1)), (Reputation{1, 0}));
    EXPECT_EQ(Ledger::create({}, 0, {{key(1), {}}, {key(1), {}}}).error().code,
              weights::errc::duplicate_node);
    EXPECT_EQ(Ledger::create({}, 0, {{key(1), {}}, {key(0), {}}}).error().code, core::errc::non_canonical);
}

TEST(Ledger, AConvictionAfterTheStatementResetsTheReputation) {
    Ledger ledger = Ledger::create({}, 5, {{key(0), {7, 3}}, {key(1), {7, 3}}}).value();
    ledger.apply(core::Conviction{key(0), core::Ground::failed_checks, {}, 9});
    ledger.apply(core::Conviction{key(5), core::Ground::failed_checks, {}, 9});  // never took part
    EXPECT_EQ(ledger.reputation_of(key(0)), Reputation{});
    EXPECT_EQ(ledger.reputation_of(key(1)), (Reputation{7, 3}));
    EXPECT_EQ(ledger.nodes().size(), 2u);
}

}  // namespace
}  // namespace pouw::inline v1::economics
