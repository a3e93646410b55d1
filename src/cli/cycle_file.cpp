#include "cli/cycle_file.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/economics/errc.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

namespace pouw::cli {
namespace {

using namespace economics;

/// A cycle being read: opened when its first task comes, or at the end.
struct OpenCycle {
    std::vector<weights::NodeWeight> nodes;
    Issuance issuance;
    std::optional<Ledger> ledger;
    std::optional<Settlement> settlement;

    [[nodiscard]] NodeIndex index_of(const AccountId& node) const {
        const auto at =
            std::lower_bound(nodes.begin(), nodes.end(), node,
                             [](const weights::NodeWeight& n, const AccountId& key) { return n.node < key; });
        // A place outside the list: the settlement refuses it with the right error in the right order.
        if (at == nodes.end() || at->node != node)
            return NodeIndex{std::numeric_limits<std::uint32_t>::max()};
        return NodeIndex{static_cast<std::uint32_t>(at - nodes.begin())};
    }
};

ReputationCurve read_curve(Fields fields) {
    ReputationCurve curve;
    curve.growth = static_cast<Growth>(fields.choice("growth", {"linear", "exponential", "deployed"}));
    curve.cycles_to_full = fields.u32("cycles_to_full");
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

OpenCycle open_cycle(const Json& header) {
    Fields fields{header, ""};
    Cycle cycle{.number = fields.u64("cycle"), .race = fields.u64("race")};
    const std::uint64_t settled = fields.u64("settled");
    const ReputationCurve curve = read_curve(fields.object("curve"));
    const Rules rules = read_rules(fields.object("rules"));
    OpenCycle out;
    out.issuance = read_issuance(fields.object("issuance"));
    std::vector<NodeStanding> standings;
    fields.each("nodes", [&](Fields& node) {
        out.nodes.push_back({node.key("node"), node.u64("weight")});
        standings.push_back({out.nodes.back().node, {node.u32("cycles"), node.u64("lost_ppm")}});
    });
    // The tasks themselves have been taken out of the stream, or are about to come.
    if (header.contains("tasks") && !fields.take("tasks").is_array())
        throw Rejected{"tasks", "wrong_type", "expected an array"};
    fields.finish();
    auto ledger = Ledger::make(curve, settled, std::move(standings));
    if (!ledger) throw Rejected{"nodes", ledger.error()};
    auto settlement = ledger->open(cycle, out.nodes, rules);
    if (!settlement) {
        const bool order = settlement.error().code == economics::errc::cycle_out_of_order;
        throw Rejected{order ? "cycle" : "nodes", settlement.error()};
    }
    out.ledger = *std::move(ledger);
    out.settlement = *std::move(settlement);
    return out;
}

void add_task(OpenCycle& cycle, const Json& json, std::size_t index, const OnTask& on_task) {
    Fields fields{json, Fields::element("tasks", index)};
    Task task;
    task.id = fields.u64("id");
    task.race = fields.u64("race");
    task.executor = cycle.index_of(fields.key("executor"));
    task.payer = fields.key("payer");
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
        checks.push_back({cycle.index_of(check.key("node")),
                          static_cast<Verdict>(check.choice("verdict", {"valid", "invalid", "missing"}))});
    });
    std::vector<Vote> votes;
    fields.each("votes", [&](Fields& vote) {
        votes.push_back({cycle.index_of(vote.key("node")), vote.boolean("valid")});
    });
    fields.finish();
    task.checks = checks;
    task.votes = votes;
    const auto outcome = cycle.settlement->add(task);
    if (!outcome) throw Rejected{fields.path(), outcome.error()};
    on_task(task, *outcome);
}

}  // namespace

SettledCycle settle_cycle(std::istream& in, const OnTask& on_task) {
    std::optional<OpenCycle> cycle;
    const Json header =
        parse_object(in, "tasks", [&](const Json& before, const Json& task, std::size_t index) {
            if (!cycle) cycle = open_cycle(before);
            add_task(*cycle, task, index, on_task);
        });
    if (!header.contains("tasks")) throw Rejected{"tasks", "missing_field", "is missing"};
    if (!header["tasks"].is_array()) throw Rejected{"tasks", "wrong_type", "expected an array"};
    if (!cycle) cycle = open_cycle(header);
    const auto statement = cycle->settlement->close(cycle->issuance);
    if (!statement) throw Rejected{"issuance", statement.error()};
    Ledger ledger = *cycle->ledger;
    const auto applied = ledger.apply(*statement);
    POUW_ENSURES(applied.has_value());
    return {*statement, std::move(ledger)};
}

Json to_json(const Payout& payout) {
    return {{"owner", name(payout.owner)},
            {"id", payout.owner == Owner::node || payout.owner == Owner::user
                       ? Json(core::to_hex(payout.id.view()))
                       : Json()},
            {"reason", name(payout.reason)},
            {"amount", core::to_decimal(payout.amount)}};
}

std::vector<Payout> user_payouts(const Task& task, const TaskOutcome& outcome) {
    std::vector<Payout> out;
    const auto pay = [&](Reason reason, core::Amount amount) {
        if (amount > 0) out.push_back({Owner::user, task.payer, reason, amount});
    };
    pay(Reason::unspent, outcome.unspent);
    pay(Reason::refund, outcome.refund);
    pay(Reason::deposit, outcome.deposit);
    return out;
}

Json to_json(const SettledCycle& settled) {
    const Statement& statement = settled.statement;
    Json out{{"payouts", Json::array()},
             {"standings", Json::array()},
             {"paid_in", core::to_decimal(statement.paid_in)},
             {"issued", core::to_decimal(statement.issued)},
             {"paid_to_users", core::to_decimal(statement.paid_to_users)},
             {"paid_out", core::to_decimal(statement.paid_out)}};
    for (const Payout& payout : statement.payouts) out["payouts"].push_back(to_json(payout));
    for (const NodeConduct& node : statement.conduct) {
        const Standing standing = settled.ledger.standing_of(node.node);
        out["standings"].push_back(
            {{"node", core::to_hex(node.node.view())},
             {"convicted", node.conduct.convicted},
             {"missed_ppm", std::to_string(node.conduct.missed.ppm())},
             {"cycles", std::to_string(standing.cycles)},
             {"lost_ppm", std::to_string(standing.lost_ppm)},
             {"reputation_ppm", std::to_string(settled.ledger.reputation_of(node.node).ppm())}});
    }
    return out;
}

}  // namespace pouw::cli
