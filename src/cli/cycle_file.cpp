#include "cli/cycle_file.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/economics/errc.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace pouw::cli {
namespace {

using namespace economics;

/// An epoch being read: its settlement is created when the first task comes, or at the end.
struct OpenEpoch {
    Issuance issuance;
    std::optional<Ledger> ledger;
    std::optional<Settlement> settlement;
};

ReputationCurve read_curve(Fields fields) {
    ReputationCurve curve;
    curve.growth = static_cast<Growth>(fields.choice("growth", {"linear", "exponential", "deployed"}));
    curve.epochs_to_full = fields.u32("epochs_to_full");
    curve.step = fields.rate("step_ppm");
    curve.forgiven = fields.rate("forgiven_ppm");
    curve.penalty = fields.u32("penalty");
    fields.finish();
    if (const auto checked = check(curve); !checked) throw Rejected{fields.path(), checked.error()};
    return curve;
}

Rules read_rules(Fields fields) {
    Rules rules;
    rules.training = fields.rate("training_ppm");
    rules.work_tolerance = fields.rate("work_tolerance_ppm");
    rules.check_tolerance = fields.rate("check_tolerance_ppm");
    rules.tolerated_false_results = fields.u32("tolerated_false_results");
    rules.reporter_share = fields.rate("reporter_share_ppm");
    rules.bounty_share = fields.rate("bounty_share_ppm");
    rules.bounty_cap = fields.rate("bounty_cap_ppm");
    rules.report_deposit = fields.amount("report_deposit");
    fields.finish();
    if (const auto checked = check(rules); !checked) throw Rejected{fields.path(), checked.error()};
    return rules;
}

Issuance read_issuance(Fields fields) {
    Issuance issuance;
    issuance.subsidy = fields.rate("subsidy_ppm");
    issuance.minimum = fields.amount("minimum");
    issuance.left = fields.amount("left");
    fields.finish();
    if (const auto checked = issued(issuance, 0); !checked) throw Rejected{fields.path(), checked.error()};
    return issuance;
}

/// The convictions of the epoch, in the order in which they count.
void apply_convictions(Settlement& settlement, Fields& fields) {
    fields.each("convictions", [&](Fields& entry) {
        core::Conviction conviction;
        conviction.node = entry.key("node");
        conviction.ground = static_cast<core::Ground>(
            1 + entry.choice("ground", {"false_nonce", "beacon_misbehaviour", "contradicting_votes",
                                        "withheld_check", "silence", "false_results", "failed_checks",
                                        "passed_false_result"}));
        conviction.evidence.bytes = entry.key("evidence").bytes;
        conviction.height = entry.u64("height");
        if (const auto applied = settlement.apply(conviction); !applied)
            throw Rejected{entry.path(), applied.error()};
    });
}

OpenEpoch open_epoch(const Json& header) {
    Fields fields{header, ""};
    const core::Epoch epoch = fields.u64("epoch");
    const core::Epoch settled = fields.u64("settled");
    const ReputationCurve curve = read_curve(fields.object("curve"));
    const Rules rules = read_rules(fields.object("rules"));
    OpenEpoch out;
    out.issuance = read_issuance(fields.object("issuance"));
    std::vector<weights::NodeWeight> weights;
    std::vector<core::NodeId> without_weight;
    std::vector<NodeReputation> reputations;
    fields.each("nodes", [&](Fields& node) {
        weights.push_back({node.key("node"), node.u64("weight")});
        if (weights.back().weight == 0) without_weight.push_back(weights.back().node);
        reputations.push_back({weights.back().node, {node.u32("epochs"), node.u64("lost_ppm")}});
    });
    auto ledger = Ledger::create(curve, settled, std::move(reputations));
    if (!ledger) throw Rejected{"nodes", ledger.error()};
    const auto judges = weights::WeightTable::create(weights);
    if (!judges) throw Rejected{"nodes", judges.error()};
    auto settlement = ledger->create_settlement(epoch, *judges, without_weight, rules);
    if (!settlement) {
        const bool order = settlement.error().code == economics::errc::epoch_out_of_order;
        throw Rejected{order ? "epoch" : "nodes", settlement.error()};
    }
    apply_convictions(*settlement, fields);
    // The tasks themselves have been taken out of the stream, or are about to come.
    if (header.contains("tasks") && !fields.take("tasks").is_array())
        throw Rejected{"tasks", "wrong_type", "expected an array"};
    fields.finish();
    out.ledger = *std::move(ledger);
    out.settlement = *std::move(settlement);
    return out;
}

std::optional<validation::Ruling> read_ruling(Fields& fields) {
    if (fields.is_null("ruling")) {
        fields.take("ruling");
        return {};
    }
    return static_cast<validation::Ruling>(
        fields.choice("ruling", {"open", "valid", "invalid", "undecided"}));
}

void add_task(OpenEpoch& epoch, const Json& json, std::size_t index, const OnTask& on_task) {
    Fields fields{json, Fields::element("tasks", index)};
    TaskRecord task;
    task.task.id.bytes = fields.key("id").bytes;
    task.epoch = fields.u64("epoch");
    task.height = fields.u64("height");
    task.task.executor = fields.key("executor");
    task.requester = fields.key("requester");
    task.limit = fields.amount("limit");
    task.cost = fields.amount("cost");
    task.work = fields.u64("work");
    task.answer = static_cast<Answer>(fields.choice("answer", {"given", "missed", "planted"}));
    if (fields.is_null("report_deposit")) {
        fields.take("report_deposit");
    } else {
        task.report_deposit = fields.amount("report_deposit");
    }
    std::vector<Check> checks;
    fields.each("checks", [&](Fields& check) {
        checks.push_back({check.key("validator"), {}});
        const std::size_t verdict = check.choice("verdict", {"invalid", "valid", "missing"});
        if (verdict < 2) checks.back().verdict = static_cast<validation::Verdict>(verdict);
    });
    task.ruling = read_ruling(fields);
    std::vector<validation::Vote> votes;
    fields.each("votes", [&](Fields& vote) {
        votes.emplace_back().voter = vote.key("voter");
        votes.back().verdict = static_cast<validation::Verdict>(vote.choice("verdict", {"invalid", "valid"}));
    });
    fields.finish();
    task.checks = checks;
    task.votes = votes;
    const auto outcome = epoch.settlement->add(task);
    if (!outcome) throw Rejected{fields.path(), outcome.error()};
    on_task(task, *outcome);
}

}  // namespace

SettledEpoch settle_epoch(std::istream& in, const OnTask& on_task) {
    std::optional<OpenEpoch> epoch;
    const Json header =
        parse_object(in, "tasks", [&](const Json& before, const Json& task, std::size_t index) {
            if (!epoch) epoch = open_epoch(before);
            add_task(*epoch, task, index, on_task);
        });
    if (!header.contains("tasks")) throw Rejected{"tasks", "missing_field", "is missing"};
    if (!header["tasks"].is_array()) throw Rejected{"tasks", "wrong_type", "expected an array"};
    if (!epoch) epoch = open_epoch(header);
    const auto statement = epoch->settlement->close(epoch->issuance);
    if (!statement) throw Rejected{"issuance", statement.error()};
    Ledger ledger = *epoch->ledger;
    const auto applied = ledger.apply(*statement);
    POUW_ENSURES(applied.has_value());
    return {*statement, std::move(ledger)};
}

Json to_json(const Payout& payout) {
    return {{"owner", name(payout.owner)},
            {"id", payout.owner == Owner::node || payout.owner == Owner::requester
                       ? Json(core::to_hex(payout.id.view()))
                       : Json()},
            {"reason", name(payout.reason)},
            {"amount", core::to_decimal(payout.amount)}};
}

std::vector<Payout> requester_payouts(const TaskRecord& task, const TaskOutcome& outcome) {
    std::vector<Payout> out;
    const auto pay = [&](Reason reason, core::Amount amount) {
        if (amount > 0) out.push_back({Owner::requester, task.requester, reason, amount});
    };
    pay(Reason::unspent, outcome.unspent);
    pay(Reason::refund, outcome.refund);
    pay(Reason::deposit, outcome.deposit);
    return out;
}

Json to_json(const SettledEpoch& settled) {
    const Statement& statement = settled.statement;
    Json out{{"payouts", Json::array()},
             {"convictions", Json::array()},
             {"reputations", Json::array()},
             {"paid_in", core::to_decimal(statement.paid_in)},
             {"issued", core::to_decimal(statement.issued)},
             {"paid_to_requesters", core::to_decimal(statement.paid_to_requesters)},
             {"paid_out", core::to_decimal(statement.paid_out)}};
    for (const Payout& payout : statement.payouts) out["payouts"].push_back(to_json(payout));
    for (const core::Conviction& conviction : statement.convictions) {
        out["convictions"].push_back({{"node", core::to_hex(conviction.node.view())},
                                      {"ground", name(conviction.ground)},
                                      {"height", std::to_string(conviction.height.value)}});
    }
    for (const NodeRecord& node : statement.records) {
        const Reputation reputation = settled.ledger.reputation_of(node.node);
        out["reputations"].push_back(
            {{"node", core::to_hex(node.node.view())},
             {"convicted", node.record.convicted},
             {"missed_ppm", std::to_string(node.record.missed.ppm())},
             {"epochs", std::to_string(reputation.epochs)},
             {"lost_ppm", std::to_string(reputation.lost_ppm)},
             {"reputation_ppm", std::to_string(settled.ledger.rate_of(node.node).ppm())}});
    }
    return out;
}

}  // namespace pouw::cli
