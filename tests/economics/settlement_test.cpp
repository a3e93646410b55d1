#include "pouw/economics/settlement.hpp"

#include "random.hpp"

#include "pouw/core/describe.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/economics/errc.hpp"
#include "pouw/economics/ledger.hpp"
#include "pouw/validation/errc.hpp"
#include "pouw/weights/errc.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>

namespace pouw::economics {
namespace {

AccountId key(std::uint32_t n, std::uint8_t kind = 0) {
    AccountId out;
    out.bytes[0] = kind;
    for (int i = 0; i < 4; ++i)
        out.bytes[static_cast<std::size_t>(31 - i)] = static_cast<std::uint8_t>(n >> (8 * i));
    return out;
}
constexpr NodeIndex node(std::uint32_t place) { return NodeIndex{place}; }
std::string text(core::Amount amount) { return core::to_decimal(amount); }

std::vector<weights::NodeWeight> nodes_of(std::span<const std::uint64_t> weights) {
    std::vector<weights::NodeWeight> out;
    for (const std::uint64_t w : weights) out.push_back({key(static_cast<std::uint32_t>(out.size())), w});
    return out;
}

constexpr Cycle cycle{.number = 1, .race = 6};

Settlement three_nodes(const Rules& rules = {}) {
    const std::uint64_t weights[] = {10, 20, 30, 0};
    return Settlement::open(cycle, nodes_of(weights), rules).value();
}

Task paid_task(std::uint64_t id, core::Amount limit = 1'000) {
    return {.id = id,
            .race = 6,
            .executor = node(0),
            .payer = key(1, 9),
            .limit = limit,
            .cost = limit,
            .work = 1,
            .answer = Answer::given,
            .report_deposit = {},
            .checks = {},
            .votes = {}};
}

/// The sum of the lines of one owner.
core::Amount sum_of(const Statement& statement, const AccountId& id, Owner owner = Owner::node) {
    core::Amount sum = 0;
    for (const Payout& payout : statement.payouts) {
        if (payout.owner == owner && payout.id == id) sum += payout.amount;
    }
    return sum;
}

TEST(Settlement, RefusesWithTheExactErrorAndChangesNothing) {
    const Check flagged[] = {{node(1), Verdict::invalid}};
    const Check by_stranger[] = {{node(4), Verdict::valid}};
    const Check by_itself[] = {{node(0), Verdict::valid}};
    const Check without_weight[] = {{node(3), Verdict::valid}};
    const Check twice[] = {{node(1), Verdict::valid}, {node(1), Verdict::invalid}};
    const Check descending[] = {{node(2), Verdict::valid}, {node(1), Verdict::invalid}};
    const Vote vote_by_stranger[] = {{NodeIndex{UINT32_MAX}, true}};
    const Vote vote_by_itself[] = {{node(0), true}};
    const Vote vote_twice[] = {{node(1), true}, {node(1), true}};
    const Vote vote[] = {{node(1), true}};
    struct Case {
        core::error_code error;
        std::function<void(Task&)> spoil;
    };
    const Case cases[] = {
        {validation::errc::duplicate_task, [](Task& t) { t.id = 7; }},
        {validation::errc::task_out_of_order, [](Task& t) { t.id = 6; }},
        {validation::errc::weights_changed, [](Task& t) { t.race = 7; }},
        {economics::errc::unknown_node, [](Task& t) { t.executor = node(4); }},
        {core::errc::invalid_amount, [](Task& t) { t.limit = -1; }},
        {core::errc::invalid_amount, [](Task& t) { t.cost = -1; }},
        {core::errc::invalid_amount, [](Task& t) { t.report_deposit = -1; }},
        {core::errc::overflow, [](Task& t) { t.limit = core::max_amount; }},
        {core::errc::overflow, [](Task& t) { t.report_deposit = core::max_amount - 1'000; }},
        {economics::errc::no_result, [](Task& t) { t.answer = Answer::missed; }},
        {economics::errc::no_result,
         [&](Task& t) { t.answer = Answer::missed, t.cost = 0, t.checks = flagged; }},
        {economics::errc::no_result, [](Task& t) { t.answer = Answer::planted, t.report_deposit = 100; }},
        {economics::errc::no_result,
         [&](Task& t) { t.answer = Answer::planted, t.checks = flagged, t.votes = vote; }},
        {economics::errc::unknown_node, [&](Task& t) { t.checks = by_stranger; }},
        {validation::errc::own_work, [&](Task& t) { t.checks = by_itself; }},
        {validation::errc::no_voting_weight, [&](Task& t) { t.checks = without_weight; }},
        {economics::errc::duplicate_verdict, [&](Task& t) { t.checks = twice; }},
        {economics::errc::verdict_out_of_order, [&](Task& t) { t.checks = descending; }},
        {economics::errc::unknown_node, [&](Task& t) { t.checks = flagged, t.votes = vote_by_stranger; }},
        {validation::errc::own_work, [&](Task& t) { t.checks = flagged, t.votes = vote_by_itself; }},
        {economics::errc::duplicate_verdict, [&](Task& t) { t.checks = flagged, t.votes = vote_twice; }},
        {validation::errc::own_work, [](Task& t) { t.payer = key(0), t.report_deposit = 100; }},
        {economics::errc::insufficient_deposit, [](Task& t) { t.report_deposit = 99; }},
        {economics::errc::unexpected_vote, [&](Task& t) { t.votes = vote; }},
    };
    Rules rules;
    rules.report_deposit = 100;
    Settlement settlement = three_nodes(rules);
    ASSERT_TRUE(settlement.add(paid_task(7)));
    const Statement before = settlement.close(core::Amount{5}).value();
    for (const Case& c : cases) {
        Task task = paid_task(8);
        c.spoil(task);
        const auto outcome = settlement.add(task);
        ASSERT_FALSE(outcome) << c.error.name();
        EXPECT_EQ(outcome.error().code, c.error) << core::describe(outcome.error());
        EXPECT_EQ(settlement.close(core::Amount{5}).value(), before) << c.error.name();
    }
    EXPECT_TRUE(settlement.add(paid_task(8)));  // as if nothing had happened
    EXPECT_EQ(text(settlement.fees()), "2000");
    EXPECT_EQ(settlement.close(core::Amount{-1}).error().code, core::errc::invalid_amount);
    EXPECT_EQ(settlement.close(core::max_amount).error().code, core::errc::overflow);
    EXPECT_EQ(three_nodes().close(core::Amount{1}).error().code, core::errc::no_weight);
}

TEST(Settlement, OpensWithSaneNodesAndRules) {
    const auto error = [](const Rules& rules) { return Settlement::open(cycle, {}, rules).error().code; };
    EXPECT_EQ(error({.work_tolerance = core::Rate::percent(100)}), economics::errc::invalid_rules);
    EXPECT_EQ(error({.check_tolerance = core::Rate::percent(100)}), economics::errc::invalid_rules);
    EXPECT_EQ(error({.bounty_cap = core::Rate::percent(100)}), economics::errc::invalid_rules);
    EXPECT_EQ(error({.reporter_share = core::Rate::percent(60), .bounty_share = core::Rate::percent(41)}),
              economics::errc::invalid_rules);
    EXPECT_EQ(error({.report_deposit = -1}), core::errc::invalid_amount);
    std::vector<weights::NodeWeight> nodes{{key(1), UINT64_MAX}, {key(2), 1}};
    EXPECT_EQ(Settlement::open(cycle, nodes, {}).error().code, core::errc::overflow);
    nodes = {{key(1), 1}, {key(1), 1}};
    EXPECT_EQ(Settlement::open(cycle, nodes, {}).error().code, weights::errc::duplicate_node);
    nodes = {{key(2), 1}, {key(1), 1}};
    EXPECT_EQ(Settlement::open(cycle, nodes, {}).error().code, core::errc::non_canonical);
}

TEST(Settlement, TheFirstTaskMayHaveTheIdZero) {
    Settlement settlement = three_nodes();
    EXPECT_TRUE(settlement.add(paid_task(0)));
    EXPECT_EQ(settlement.add(paid_task(0)).error().code, validation::errc::duplicate_task);
    EXPECT_TRUE(settlement.add(paid_task(UINT64_MAX)));
    EXPECT_EQ(settlement.add(paid_task(UINT64_MAX)).error().code, validation::errc::duplicate_task);
}

// The training share is of the sum of the fees: a thousand fees of 1 pay what one of 1000 pays.
TEST(Settlement, DustPaysTheTrainingFundToo) {
    Settlement settlement = three_nodes();
    for (std::uint64_t id = 0; id < 1'000; ++id) ASSERT_TRUE(settlement.add(paid_task(id, 1)));
    EXPECT_EQ(text(sum_of(settlement.close(core::Amount{0}).value(), {}, Owner::training)), "200");
}

// A node's own fraud pays it nothing, whoever of its friends reports it: less than honesty.
TEST(Settlement, BountiesAndAwardsAreCapped) {
    Rules rules{
        .training = {}, .reporter_share = core::Rate::percent(50), .bounty_share = core::Rate::percent(50)};
    Settlement settlement = three_nodes(rules);
    for (std::uint64_t id = 0; id < 100; ++id) ASSERT_TRUE(settlement.add(paid_task(id)));
    Task small = paid_task(100, 10);
    small.executor = node(2);
    ASSERT_TRUE(settlement.add(small));
    const Vote votes[] = {{node(1), false}, {node(2), false}};
    Task reported = paid_task(101);
    reported.report_deposit = 0;
    reported.votes = votes;
    const TaskOutcome outcome = settlement.add(reported).value();
    EXPECT_EQ(outcome.ruling, Ruling::invalid);
    EXPECT_EQ(text(outcome.refund), "1000");
    const Statement statement = settlement.close(core::Amount{0}).value();
    EXPECT_EQ(text(sum_of(statement, key(0))), "0");
    EXPECT_EQ(text(sum_of(statement, key(1))), "0");   // it voted, and worked for nothing: half of nothing
    EXPECT_EQ(text(sum_of(statement, key(2))), "15");  // 10 and half of it
    EXPECT_EQ(text(sum_of(statement, key(1, 9), Owner::user)), "5");  // half of what an honest node earned
    EXPECT_EQ(text(sum_of(statement, {}, Owner::reserve)), "99990");
}

/// Chances of one in n.
class Sequence : public test::Random {
  public:
    using test::Random::Random;
    std::uint32_t below(std::uint64_t bound) { return static_cast<std::uint32_t>(below64(bound)); }
    bool one_in(std::uint64_t n) { return below(n) == 0; }
};

/// A cycle with cheats, reports, refunds, planted results, missed tasks and nodes without weight.
void settle_at_random(std::uint64_t seed, std::uint32_t count, std::uint64_t tasks) {
    Sequence random{seed};
    std::vector<std::uint64_t> weights(count);
    for (auto& w : weights) w = random.one_in(4) ? 0 : random.next() >> (20 + random.below(40));
    Rules rules{.training = core::Rate::percent(random.below(101)),
                .work_tolerance = core::Rate::percent(random.below(100)),
                .check_tolerance = core::Rate::percent(random.below(100)),
                .tolerated_false_results = random.below(3),
                .reporter_share = core::Rate::percent(random.below(51)),
                .bounty_share = core::Rate::percent(random.below(51)),
                .bounty_cap = core::Rate::percent(random.below(100))};
    Settlement settlement = Settlement::open(cycle, nodes_of(weights), rules).value();
    core::Amount in = 0;
    core::Amount out = 0;
    const int size = static_cast<int>(random.below(60));
    for (std::uint64_t id = 0; id < tasks; ++id) {
        Task task = paid_task(id, static_cast<core::Amount>(random.next() >> size));
        task.executor = node(random.below(count));
        task.cost = random.one_in(3) ? task.limit / 2 : (random.one_in(5) ? task.limit + 1 : task.limit);
        task.work = random.next() >> random.below(64);
        task.payer = key(random.below(50), 9);
        std::vector<Check> checks;
        std::vector<Vote> votes;
        task.answer =
            random.one_in(10) ? Answer::missed : (random.one_in(10) ? Answer::planted : Answer::given);
        if (task.answer == Answer::missed) task.cost = 0;
        const auto judges = [&](std::uint64_t one_in, auto use) {
            for (std::uint32_t i = random.below(one_in); i < count; i += 1 + random.below(one_in)) {
                if (weights[i] > 0 && node(i) != task.executor) use(node(i));
            }
        };
        if (task.answer != Answer::missed && random.one_in(3)) {
            judges(count, [&](NodeIndex n) { checks.push_back({n, static_cast<Verdict>(random.below(3))}); });
        }
        if (task.answer == Answer::given) {
            if (random.one_in(5)) task.report_deposit = static_cast<core::Amount>(random.below(1'000));
            const bool flagged = std::any_of(checks.begin(), checks.end(),
                                             [](const Check& c) { return c.verdict == Verdict::invalid; });
            const bool guilty = random.one_in(2);
            if (task.report_deposit || flagged) {
                judges(1 + count / 2'000, [&](NodeIndex n) {
                    votes.push_back({n, random.one_in(8) ? guilty : !guilty});
                });
            }
        }
        task.checks = checks;
        task.votes = votes;
        const auto outcome = settlement.add(task);
        ASSERT_TRUE(outcome) << core::describe(outcome.error());
        in += task.limit + task.report_deposit.value_or(0);
        for (const core::Amount part : {outcome->unspent, outcome->refund, outcome->deposit})
            ASSERT_TRUE(part >= 0);
        out += outcome->to_user();
    }
    const Issuance rule{core::Rate::percent(random.below(95)),
                        static_cast<core::Amount>(random.below(1'000'000)), core::max_amount / 4};
    const Statement statement = settlement.close(rule).value();
    in += statement.issued;
    std::map<std::tuple<Owner, AccountId, Reason>, int> lines;
    for (const Payout& payout : statement.payouts) {
        ASSERT_TRUE(payout.amount > 0);
        out += payout.amount;
        if (payout.owner == Owner::user) continue;
        ASSERT_EQ(++lines[std::make_tuple(payout.owner, payout.id, payout.reason)], 1);
    }
    EXPECT_EQ(text(in), text(out));
    for (const NodeConduct& c : statement.conduct) {
        if (c.conduct.convicted) {
            EXPECT_EQ(text(sum_of(statement, c.node)), "0");
        }
    }
    EXPECT_EQ(settlement.close(rule).value(), statement);
}

TEST(Settlement, ConservesEveryUnitOfRandomCycles) {
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        SCOPED_TRACE(seed);
        settle_at_random(seed, 1 + static_cast<std::uint32_t>(seed % 23), seed % 90);
    }
}
TEST(Settlement, ConservesEveryUnitWithOneNode) { settle_at_random(1'000, 1, 1'000); }
TEST(Settlement, ConservesEveryUnitAmongTenThousandNodes) { settle_at_random(1'001, 10'000, 2'000); }

TEST(Ledger, TakesCyclesInTheirOrder) {
    Ledger ledger = Ledger::make({}).value();
    const std::uint64_t weights[] = {1, 1};
    const auto nodes = nodes_of(weights);
    for (const std::uint64_t wrong : {std::uint64_t{0}, std::uint64_t{2}, UINT64_MAX})
        EXPECT_EQ(ledger.open({wrong, 6}, nodes, {}).error().code, economics::errc::cycle_out_of_order);
    Settlement first = ledger.open({1, 6}, nodes, {}).value();
    ASSERT_TRUE(first.add(paid_task(0)));
    const Statement statement = first.close(core::Amount{0}).value();
    ASSERT_TRUE(ledger.apply(statement));
    EXPECT_EQ(ledger.standing_of(key(0)), (Standing{1, 0}));
    EXPECT_EQ(ledger.standing_of(key(1)), Standing{});  // idle
    const Ledger before = ledger;
    EXPECT_EQ(ledger.apply(statement).error().code, economics::errc::cycle_out_of_order);  // the same again
    EXPECT_EQ(ledger, before);
    EXPECT_EQ(Ledger::make({}, UINT64_MAX).value().open({0, 6}, nodes, {}).error().code,
              economics::errc::cycle_out_of_order);

    // Somebody new, somebody absent.
    const std::vector<weights::NodeWeight> others{{key(0, 1), 5}};
    Settlement second = ledger.open({2, 6}, others, {}).value();
    ASSERT_TRUE(second.add(paid_task(0)));
    ASSERT_TRUE(ledger.apply(second.close(core::Amount{0}).value()));
    EXPECT_EQ(ledger.nodes().size(), 3u);
    EXPECT_EQ(ledger.standing_of(key(0)), (Standing{1, 0}));
    EXPECT_EQ(ledger.standing_of(key(0, 1)), (Standing{1, 0}));
    EXPECT_EQ(Ledger::make({}, 0, {{key(1), {}}, {key(1), {}}}).error().code, weights::errc::duplicate_node);
    EXPECT_EQ(Ledger::make({}, 0, {{key(1), {}}, {key(0), {}}}).error().code, core::errc::non_canonical);
}

}  // namespace
}  // namespace pouw::economics
