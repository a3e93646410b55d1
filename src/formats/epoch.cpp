#include "pouw/formats/epoch.hpp"

#include "formats/conviction.hpp"
#include "formats/fields.hpp"
#include "formats/json.hpp"
#include "formats/parameters.hpp"

#include "pouw/economics/errc.hpp"
#include "pouw/validation/ruling.hpp"
#include "pouw/validation/vote.hpp"

namespace pouw::inline v1::formats {

using namespace economics;

namespace {

constexpr std::string_view answer_names[] = {"given", "missed", "planted"};

std::string_view answer_name(Answer answer) { return answer_names[static_cast<std::size_t>(answer)]; }

std::string element(std::string_view list, std::size_t index) {
    const Place text{.name = list, .index = index};
    return text.path();
}

EpochNode read_node(Fields& fields) {
    EpochNode out;
    out.node = fields.bytes<core::NodeId>("node");
    out.weight = fields.u64("weight");
    out.reputation.epochs = fields.u32("epochs");
    out.reputation.lost_ppm = fields.u64("lost_ppm");
    return out;
}

EpochHead read_head(Fields& fields) {
    EpochHead out;
    out.epoch = fields.u64("epoch");
    out.settled = fields.u64("settled");
    fields.object("curve", [&](Fields& curve) { out.curve = read_reputation_curve(curve); });
    fields.object("rules", [&](Fields& rules) { out.rules = read_rules(rules); });
    fields.object("issuance", [&](Fields& issuance) { out.issuance = read_issuance(issuance); });
    fields.each("nodes", [&](Fields& node) { out.nodes.push_back(read_node(node)); });
    if (fields.has("unassigned")) out.unassigned = fields.u64("unassigned");
    fields.each("unregistered",
                [&](Fields& node) { out.unregistered.push_back(node.bytes<core::NodeId>("node")); });
    if (fields.has("convictions")) {
        fields.each("convictions",
                    [&](Fields& conviction) { out.convictions.push_back(read_conviction(conviction)); });
    }
    return out;
}

/// A task, and the checks and votes that it views.
struct OwnedTask {
    TaskRecord record;
    std::vector<Check> checks;
    std::vector<validation::Vote> votes;
};

Check read_check(Fields& fields) {
    Check out;
    out.validator = fields.bytes<core::NodeId>("validator");
    const auto verdict = fields.choice<std::uint8_t>(
        "verdict", 3,
        [](std::uint8_t v) { return v == 2 ? "missing" : name(static_cast<validation::Verdict>(v)); },
        "valid, invalid, missing");
    if (verdict < 2) out.verdict = static_cast<validation::Verdict>(verdict);
    return out;
}

void read_task(Fields& fields, OwnedTask& out) {
    TaskRecord& task = out.record;
    task = {};
    task.task.id = fields.bytes<core::TaskId>("id");
    task.epoch = fields.u64("epoch");
    task.height = fields.u64("height");
    task.task.executor = fields.bytes<core::NodeId>("executor");
    task.requester = fields.bytes<AccountId>("requester");
    task.limit = fields.amount("limit");
    task.cost = fields.amount("cost");
    task.work = fields.u64("work");
    task.answer = fields.choice<Answer>("answer", 3, answer_name, "given, missed, planted");
    if (!fields.take_null("report_deposit")) task.report_deposit = fields.amount("report_deposit");
    out.checks.clear();
    fields.each("checks", [&](Fields& check) { out.checks.push_back(read_check(check)); });
    out.votes.clear();
    fields.each("votes", [&](Fields& vote) {
        validation::Vote& v = out.votes.emplace_back();
        v.subject.epoch = task.epoch;
        v.subject.task = task.task;
        v.voter = vote.bytes<core::NodeId>("voter");
        v.verdict = vote.choice<validation::Verdict>(
            "verdict", 2, [](validation::Verdict verdict) { return name(verdict); }, "valid, invalid");
    });
    task.checks = out.checks;
    task.votes = out.votes;
}

Json task_json(const TaskRecord& task) {
    Json json{{"id", json_of(task.task.id)},
              {"epoch", json_of(task.epoch)},
              {"height", json_of(task.height)},
              {"executor", json_of(task.task.executor)},
              {"requester", json_of(task.requester)},
              {"limit", json_of(task.limit)},
              {"cost", json_of(task.cost)},
              {"work", json_of(task.work)},
              {"answer", answer_name(task.answer)},
              {"report_deposit", json_of(task.report_deposit)},
              {"checks", Json::array()},
              {"votes", Json::array()}};
    for (const Check& check : task.checks) {
        json["checks"].push_back({{"validator", json_of(check.validator)},
                                  {"verdict", check.verdict ? name(*check.verdict) : "missing"}});
    }
    for (const validation::Vote& vote : task.votes)
        json["votes"].push_back({{"voter", json_of(vote.voter)}, {"verdict", name(vote.verdict)}});
    return json;
}

Json head_json(const EpochHead& head) {
    Json json{{"epoch", json_of(head.epoch)},
              {"settled", json_of(head.settled)},
              {"curve", json_of(head.curve)},
              {"rules", json_of(head.rules)},
              {"issuance", json_of(head.issuance)},
              {"nodes", Json::array()},
              {"unassigned", json_of(head.unassigned)},
              {"unregistered", Json::array()},
              {"convictions", Json::array()}};
    for (const EpochNode& node : head.nodes) {
        json["nodes"].push_back({{"node", json_of(node.node)},
                                 {"weight", json_of(node.weight)},
                                 {"epochs", json_of(node.reputation.epochs)},
                                 {"lost_ppm", json_of(node.reputation.lost_ppm)}});
    }
    for (const core::Conviction& conviction : head.convictions)
        json["convictions"].push_back(json_of(conviction));
    for (const core::NodeId& node : head.unregistered)
        json["unregistered"].push_back({{"node", json_of(node)}});
    return json;
}

}  // namespace

parsed<OpenEpoch> open_epoch(const EpochHead& head) {
    std::vector<NodeReputation> reputations;
    std::vector<weights::NodeWeight> weighted;
    std::vector<core::NodeId> without_weight;
    for (const EpochNode& node : head.nodes) {
        reputations.push_back({node.node, node.reputation});
        if (node.weight == 0) without_weight.push_back(node.node);
        weighted.push_back({node.node, node.weight});
    }
    if (const auto checked = check(head.curve); !checked) return Refusal{checked.error(), "curve"};
    auto ledger = Ledger::create(head.curve, head.settled, std::move(reputations));
    if (!ledger) return Refusal{ledger.error(), "nodes"};
    if (const auto checked = check(head.rules); !checked) return Refusal{checked.error(), "rules"};
    const auto assigned = weights::WeightTable::create(weighted);
    if (!assigned) return Refusal{assigned.error(), "nodes"};
    auto judges = assigned->with_unassigned(head.unassigned);
    if (!judges) return Refusal{judges.error(), "unassigned"};
    auto settlement =
        ledger->create_settlement(head.epoch, *judges, without_weight, head.unregistered, head.rules);
    if (!settlement) {
        // The nodes are sound: the ledger has taken them.
        const bool order = settlement.error().code == economics::errc::epoch_out_of_order;
        return Refusal{settlement.error(), order ? "epoch" : "unregistered"};
    }
    for (std::size_t i = 0; i < head.convictions.size(); ++i) {
        if (const auto applied = settlement->apply(head.convictions[i]); !applied)
            return Refusal{applied.error(), element("convictions", i)};
    }
    return OpenEpoch{*std::move(judges), *std::move(ledger), *std::move(settlement), head.issuance};
}

std::optional<Refusal> read_epoch(const NextPiece& next, const EpochEvents& events, const Limits& limits) {
    Document document;
    OwnedTask task;
    const Stream stream{.name = "tasks",
                        .header = [&](Value value) -> std::optional<Refusal> {
                            std::optional<Refusal> refusal;
                            Fields fields{value, refusal};
                            const EpochHead head = read_head(fields);
                            fields.finish();
                            if (refusal || !events.head) return refusal;
                            return events.head(head);
                        },
                        .element = [&](Value value, std::size_t index) -> std::optional<Refusal> {
                            std::optional<Refusal> refusal;
                            Fields fields{value, Place{.name = "tasks", .index = index}, refusal};
                            read_task(fields, task);
                            fields.finish();
                            if (refusal || !events.task) return refusal;
                            const auto taken = events.task(task.record);
                            if (taken) return {};
                            return Refusal{taken.error(), element("tasks", index)};
                        }};
    return read_document(next, limits, &stream, document);
}

parsed<SettledEpoch> settle_epoch(const NextPiece& next, const OnTask& on_task, const Limits& limits) {
    std::optional<OpenEpoch> epoch;
    const EpochEvents events{.head = [&](const EpochHead& head) -> std::optional<Refusal> {
                                 auto opened = open_epoch(head);
                                 if (!opened) return opened.refusal();
                                 epoch = *std::move(opened);
                                 return {};
                             },
                             .task = [&](const TaskRecord& task) -> core::result<void> {
                                 TaskRecord ruled = task;
                                 if (!task.votes.empty() || needs_vote(task))
                                     ruled.ruling = validation::final_ruling(epoch->judges, task.votes);
                                 const auto outcome = epoch->settlement.add(ruled);
                                 if (!outcome) return outcome.error();
                                 if (on_task) on_task(ruled, *outcome);
                                 return {};
                             }};
    if (auto refusal = read_epoch(next, events, limits)) return *std::move(refusal);
    auto statement = epoch->settlement.close(epoch->issuance);
    if (!statement) return Refusal{statement.error(), "issuance"};
    const auto applied = epoch->ledger.apply(*statement);
    POUW_ENSURES(applied.has_value());
    return SettledEpoch{*std::move(statement), std::move(epoch->ledger)};
}

parsed<SettledEpoch> settle_epoch(std::string_view text, const OnTask& on_task, const Limits& limits) {
    return settle_epoch(in_one_piece(text), on_task, limits);
}

std::string to_json(const EpochHead& head, std::span<const TaskRecord> tasks) {
    std::string out = text_of(head_json(head));
    out.back() = ',';
    out += "\"tasks\":[";
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        if (i > 0) out += ',';
        out += text_of(task_json(tasks[i]));
    }
    return out += "]}";
}

}  // namespace pouw::inline v1::formats
