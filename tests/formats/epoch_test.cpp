#include "pouw/formats/epoch.hpp"

#include "formats/texts.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/economics/errc.hpp"
#include "pouw/formats/statement.hpp"
#include "pouw/validation/errc.hpp"
#include "pouw/validation/vote.hpp"
#include "pouw/weights/errc.hpp"

namespace pouw::inline v1::formats {
namespace {

using namespace economics;
using core::NodeId;
using validation::Verdict;

EpochHead head() {
    EpochHead out;
    out.epoch = 7;
    out.settled = 6;
    out.issuance = {core::Rate::percent(50), 10, 1'000'000};
    out.rules.conviction = FixedCount{};
    for (std::uint8_t n = 1; n <= 4; ++n)
        out.nodes.push_back({id<NodeId>(n), n < 4u ? 20u : 0u, {n, 5u * n}});
    return out;
}

/// Tasks with the checks and votes that they view.
struct Tasks {
    Tasks() {
        checks = {{id<NodeId>(1), Verdict::valid},
                  {id<NodeId>(2), Verdict::invalid},
                  {id<NodeId>(3), std::nullopt}};
        for (const std::uint8_t voter : {std::uint8_t{1}, std::uint8_t{2}}) {
            validation::Vote& vote = votes.emplace_back();
            vote.subject.epoch = 7;
            vote.subject.task = {id<core::TaskId>(2), id<NodeId>(4)};
            vote.voter = id<NodeId>(voter);
            vote.verdict = Verdict::invalid;
        }
        TaskRecord task;
        task.epoch = 7;
        task.height = 100;
        task.requester = id<NodeId>(50);
        task.limit = 1000;
        task.cost = 900;
        task.work = 9;
        task.task = {id<core::TaskId>(1), id<NodeId>(1)};
        records.push_back(task);
        task.task = {id<core::TaskId>(2), id<NodeId>(4)};
        task.checks = checks;
        task.votes = votes;
        task.report_deposit = 30;
        records.push_back(task);
        task = {};
        task.epoch = 7;
        task.task = {id<core::TaskId>(3), id<NodeId>(2)};
        task.answer = Answer::missed;
        task.limit = 5;
        records.push_back(task);
    }
    std::vector<Check> checks;
    std::vector<validation::Vote> votes;
    std::vector<TaskRecord> records;
};

std::string text() { return to_json(head(), Tasks{}.records); }

TEST(Epoch, TheHeadIsWrittenAndRead) {
    EpochHead with = head();
    with.unregistered = {with.nodes[0].node};
    with.unassigned = 9;
    with.convictions = {{id<NodeId>(1), core::Ground::false_nonce, id<core::EvidenceDigest>(2), 90}};
    for (const EpochHead& written : {head(), with}) {
        std::optional<EpochHead> read;
        const auto refusal = read_epoch(in_one_piece(to_json(written, {})),
                                        {.head = [&](const EpochHead& h) -> std::optional<Refusal> {
                                             read = h;
                                             return {};
                                         },
                                         .task = {}});
        ASSERT_FALSE(refusal.has_value()) << describe(*refusal);
        EXPECT_EQ(read, written);
    }
}

TEST(Epoch, TasksAreWrittenAndRead) {
    const Tasks tasks;
    std::size_t count = 0;
    const auto take = [&](const TaskRecord& read) -> core::result<void> {
        const TaskRecord& written = tasks.records[count++];
        EXPECT_EQ(read.task, written.task);
        EXPECT_EQ(read.epoch, written.epoch);
        EXPECT_EQ(read.height, written.height);
        EXPECT_EQ(read.requester, written.requester);
        EXPECT_TRUE(read.limit == written.limit && read.cost == written.cost && read.work == written.work);
        EXPECT_EQ(read.answer, written.answer);
        EXPECT_EQ(read.report_deposit.has_value(), written.report_deposit.has_value());
        EXPECT_TRUE(std::equal(read.checks.begin(), read.checks.end(), written.checks.begin(),
                               written.checks.end(), [](const Check& a, const Check& b) {
                                   return a.validator == b.validator && a.verdict == b.verdict;
                               }));
        EXPECT_TRUE(
            std::equal(read.votes.begin(), read.votes.end(), written.votes.begin(), written.votes.end()));
        EXPECT_FALSE(read.ruling.has_value());
        return {};
    };
    EXPECT_FALSE(read_epoch(in_one_piece(text()), {.head = {}, .task = take}).has_value());
    EXPECT_EQ(count, tasks.records.size());
}

TEST(Epoch, IsSettled) {
    std::vector<std::optional<validation::Ruling>> rulings;
    core::Amount to_requesters = 0;
    const auto settled = settle_epoch(text(), [&](const TaskRecord& task, const TaskOutcome& outcome) {
        rulings.push_back(task.ruling);
        to_requesters += outcome.to_requester();
    });
    ASSERT_TRUE(settled.has_value()) << describe(settled.refusal());
    const Statement& statement = settled->statement;
    EXPECT_EQ(rulings, (std::vector<std::optional<validation::Ruling>>{{}, validation::Ruling::invalid, {}}));
    EXPECT_TRUE(statement.paid_in == 1000 + 1030 + 5);
    EXPECT_TRUE(statement.paid_in + statement.issued == statement.paid_to_requesters + statement.paid_out);
    EXPECT_TRUE(to_requesters == statement.paid_to_requesters);
    EXPECT_EQ(settled->ledger.settled(), core::Epoch{7});
    ASSERT_EQ(statement.convictions.size(), 1u);
    EXPECT_EQ(statement.convictions[0].node, id<NodeId>(4));
    EXPECT_EQ(parse_statement(to_json(statement)).value(), statement);
}

TEST(Epoch, WeightOfNoNodeCountsAgainstAMajority) {
    EpochHead capped = head();
    capped.unassigned = 40;  // 40 of 100 say invalid
    std::optional<validation::Ruling> ruling;
    const auto settled =
        settle_epoch(to_json(capped, Tasks{}.records), [&](const TaskRecord& task, const TaskOutcome&) {
            if (task.ruling) ruling = task.ruling;
        });
    ASSERT_TRUE(settled.has_value()) << describe(settled.refusal());
    EXPECT_EQ(ruling, validation::Ruling::undecided);
    EXPECT_TRUE(settled->statement.convictions.empty());
}

TEST(Epoch, ConvictionsByEvidenceForfeit) {
    EpochHead with = head();
    with.convictions = {{id<NodeId>(1), core::Ground::false_nonce, id<core::EvidenceDigest>(2), 90}};
    const auto settled = settle_epoch(to_json(with, Tasks{}.records));
    ASSERT_TRUE(settled.has_value()) << describe(settled.refusal());
    EXPECT_EQ(settled->statement.convictions.size(), 2u);
    with.convictions[0].node = id<NodeId>(9);
    expect_refused(settle_epoch(to_json(with, {})), economics::errc::unknown_node, "convictions[0]");
}

TEST(Epoch, ComesInPiecesOfAnySize) {
    const std::string whole = text();
    const auto expected = settle_epoch(whole).value();
    for (const std::size_t size : {std::size_t{1}, std::size_t{7}, whole.size() - 1}) {
        std::string_view left = whole;
        std::string piece;  // what a caller may overwrite by the next call
        const auto next = [&]() -> std::string_view {
            piece = left.substr(0, size);
            left.remove_prefix(piece.size());
            return piece;
        };
        const auto settled = settle_epoch(next);
        ASSERT_TRUE(settled.has_value()) << size << describe(settled.refusal());
        EXPECT_EQ(settled->statement, expected.statement);
        EXPECT_EQ(settled->ledger, expected.ledger);
    }
}

TEST(Epoch, RefusalsOfTheTextNameTheField) {
    const auto refused = [](std::string_view from, std::string_view to, const core::error_code& code,
                            std::string_view path) {
        expect_refused(settle_epoch(replaced(text(), from, to)), code, path);
    };
    refused("\"epoch\":\"7\"", "\"epoch\":7", formats::errc::json_number, "epoch");
    refused("\"settled\":\"6\",", "", formats::errc::missing_field, "settled");
    refused("\"unregistered\":[],", "", formats::errc::missing_field, "unregistered");
    refused("{", "{\"settled\":\"6\",", formats::errc::duplicate_field, "settled");
    refused("{", "{\"tip\":\"6\",", formats::errc::unknown_field, "tip");
    refused("\"weight\":\"20\"", "\"weight\":\"2O\"", core::errc::invalid_amount, "nodes[0].weight");
    refused("\"tasks\":[", "\"tasks\":{}, \"jobs\":[", formats::errc::expected_array, "tasks");
    refused("\"tasks\":[", "\"tasks\":null, \"jobs\":[", formats::errc::expected_array, "tasks");
    refused("\"tasks\":[", "\"tasks\":[5,", formats::errc::expected_object, "tasks[0]");
    refused("\"tasks\":[", "\"tasks\":[[{}],", formats::errc::expected_object, "tasks[0]");
    refused("\"tasks\":[", "\"jobs\":[", formats::errc::missing_field, "tasks");
    refused("\"verdict\":\"missing\"", "\"verdict\":\"absent\"", formats::errc::expected_choice,
            "tasks[1].checks[2].verdict");
    refused("\"verdict\":\"missing\"", "\"verdict\":\"valid\",\"verdict\":\"valid\"",
            formats::errc::duplicate_field, "tasks[1].checks[2].verdict");
    refused("\"report_deposit\":\"30\"", "\"report_deposit\":false", formats::errc::expected_decimal,
            "tasks[1].report_deposit");
    refused("\"answer\":\"missed\"", "\"answer\":\"late\"", formats::errc::expected_choice,
            "tasks[2].answer");
    expect_refused(settle_epoch("{}"), formats::errc::missing_field, "tasks");
    expect_refused(settle_epoch(R"({"tasks":[]})"), formats::errc::missing_field, "epoch");
    const std::string open = text().substr(0, text().size() - 1);
    expect_refused(settle_epoch(open + ",\"tip\":\"1\"}"), formats::errc::misplaced_field, "tip");
    expect_refused(settle_epoch(open + ",\"tasks\":[]}"), formats::errc::duplicate_field, "tasks");
    expect_refused(settle_epoch(open + ",\"epoch\":\"7\"}"), formats::errc::duplicate_field, "epoch");
    expect_refused(settle_epoch(open), formats::errc::not_json, "tasks");
    expect_refused(settle_epoch(text(), {}, {.bytes = 900}), formats::errc::text_too_large, "");
}

TEST(Epoch, RefusalsOfTheSettlementNameTheField) {
    const auto refused = [](auto change, const core::error_code& code, std::string_view path) {
        EpochHead changed = head();
        Tasks tasks;
        change(changed, tasks.records);
        expect_refused(settle_epoch(to_json(changed, tasks.records)), code, path);
    };
    using Records = std::vector<TaskRecord>;
    refused([](EpochHead& h, Records&) { h.epoch = 8; }, economics::errc::epoch_out_of_order, "epoch");
    refused([](EpochHead& h, Records&) { h.curve.epochs_to_full = 0; }, economics::errc::invalid_rules,
            "curve");
    refused([](EpochHead& h, Records&) { h.rules.bounty_cap = core::Rate::percent(100); },
            economics::errc::invalid_rules, "rules");
    refused([](EpochHead& h, Records&) { h.issuance.subsidy = core::Rate::percent(100); },
            economics::errc::invalid_rules, "issuance");
    refused([](EpochHead& h, Records&) { h.nodes[1].node = h.nodes[0].node; }, weights::errc::duplicate_node,
            "nodes");
    refused([](EpochHead& h, Records&) { std::swap(h.nodes[0], h.nodes[1]); }, core::errc::non_canonical,
            "nodes");
    refused([](EpochHead& h, Records&) { h.nodes[0].weight = UINT64_MAX; }, core::errc::overflow, "nodes");
    refused([](EpochHead& h, Records&) { h.unassigned = UINT64_MAX; }, core::errc::overflow, "unassigned");
    refused([](EpochHead& h, Records&) { h.unregistered = {id<NodeId>(9)}; }, economics::errc::unknown_node,
            "unregistered");
    refused([](EpochHead&, Records& t) { t[1].task.id = t[0].task.id; }, validation::errc::duplicate_task,
            "tasks[1]");
    refused([](EpochHead&, Records& t) { t[1].epoch = 6; }, validation::errc::other_epoch, "tasks[1]");
    refused([](EpochHead&, Records& t) { t[2].task.executor = id<NodeId>(9); }, economics::errc::unknown_node,
            "tasks[2]");
    refused([](EpochHead&, Records& t) { t[1].report_deposit = std::nullopt, t[1].checks = {}; },
            economics::errc::unexpected_vote, "tasks[1]");
}

TEST(Epoch, EventsCanRefuse) {
    const auto head_refused =
        read_epoch(in_one_piece(text()), {.head = [](const EpochHead&) -> std::optional<Refusal> {
                                              return Refusal{core::fail(core::errc::cancelled), "here"};
                                          },
                                          .task = {}});
    EXPECT_EQ(head_refused, (Refusal{core::fail(core::errc::cancelled), "here"}));
    const auto task_refused = read_epoch(
        in_one_piece(text()), {.head = {}, .task = [](const TaskRecord& task) -> core::result<void> {
                                   if (task.answer == Answer::missed)
                                       return core::fail(core::errc::cancelled);
                                   return {};
                               }});
    EXPECT_EQ(task_refused, (Refusal{core::fail(core::errc::cancelled), "tasks[2]"}));
}

TEST(Statement, IsReadStrictly) {
    const std::string statement = to_json(settle_epoch(text()).value().statement);
    expect_refused(parse_statement(replaced(statement, "\"owner\":\"training\"", "\"owner\":\"user\"")),
                   formats::errc::expected_choice, "payouts[0].owner");
    expect_refused(parse_statement(replaced(statement, "\"id\":null", "\"id\":\"\"")),
                   formats::errc::contradiction, "payouts[0].id");
    expect_refused(parse_statement(replaced(statement, "\"false_results\"", "\"\"")),
                   formats::errc::expected_choice, "convictions[0].ground");
    expect_refused(parse_statement(replaced(statement, "\"false_results\"", "\"unknown\"")),
                   formats::errc::expected_choice, "convictions[0].ground");
    expect_refused(parse_statement(replaced(statement, "\"worked\":true", "\"worked\":\"true\"")),
                   formats::errc::expected_boolean, "records[0].worked");
    expect_refused(parse_statement(replaced(statement, "\"paid_out\":\"", "\"paid_out\":\"-")),
                   core::errc::invalid_amount, "paid_out");
}

TEST(Statement, PayoutsToARequester) {
    const Tasks tasks;
    const auto payouts = requester_payouts(tasks.records[0], {.unspent = 1, .refund = 0, .deposit = 3});
    ASSERT_EQ(payouts.size(), 2u);
    EXPECT_EQ(payouts[0], (Payout{Owner::requester, id<NodeId>(50), Reason::unspent, 1}));
    EXPECT_EQ(to_json(tasks.records[0].task.id, payouts[1]),
              R"({"task":")" + core::to_hex(id<core::TaskId>(1).view()) + R"(","owner":"requester","id":")" +
                  core::to_hex(id<NodeId>(50).view()) + R"(","reason":"deposit","amount":"3"})");
}

}  // namespace
}  // namespace pouw::inline v1::formats
