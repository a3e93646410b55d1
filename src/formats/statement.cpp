#include "pouw/formats/statement.hpp"

#include "formats/conviction.hpp"
#include "formats/fields.hpp"
#include "formats/json.hpp"

namespace pouw::inline v1::formats {

using namespace economics;

namespace {

constexpr std::uint8_t owners = static_cast<std::uint8_t>(Owner::reserve) + 1;
constexpr std::uint8_t reasons = static_cast<std::uint8_t>(Reason::shortfall) + 1;

bool is_fund(Owner owner) { return owner == Owner::training || owner == Owner::reserve; }

Payout read_payout(Fields& fields) {
    Payout out;
    out.owner = fields.choice<Owner>(
        "owner", owners, [](Owner owner) { return name(owner); }, "node, requester, training, reserve");
    if (is_fund(out.owner)) {
        if (!fields.take_null("id")) fields.refuse("id", core::fail(errc::contradiction));
    } else {
        out.id = fields.bytes<AccountId>("id");
    }
    out.reason = fields.choice<Reason>(
        "reason", reasons, [](Reason reason) { return name(reason); },
        "executed, checked, judged, issued, bounty, unspent, refund, deposit, award, fees, forfeited, "
        "shortfall");
    out.amount = fields.amount("amount");
    return out;
}

NodeRecord read_record(Fields& fields) {
    NodeRecord out;
    out.node = fields.bytes<core::NodeId>("node");
    out.record.convicted = fields.boolean("convicted");
    out.record.worked = fields.boolean("worked");
    out.record.missed = fields.rate("missed_ppm");
    return out;
}

Statement read_statement(Fields& fields) {
    Statement out;
    out.epoch = fields.u64("epoch");
    fields.each("payouts", [&](Fields& payout) { out.payouts.push_back(read_payout(payout)); });
    fields.each("convictions",
                [&](Fields& conviction) { out.convictions.push_back(read_conviction(conviction)); });
    fields.each("records", [&](Fields& record) { out.records.push_back(read_record(record)); });
    out.paid_in = fields.amount("paid_in");
    out.issued = fields.amount("issued");
    out.paid_to_requesters = fields.amount("paid_to_requesters");
    out.paid_out = fields.amount("paid_out");
    return out;
}

Json payout_json(const Payout& payout) {
    return {{"owner", name(payout.owner)},
            {"id", is_fund(payout.owner) ? Json{} : json_of(payout.id)},
            {"reason", name(payout.reason)},
            {"amount", json_of(payout.amount)}};
}

Json record_json(const NodeRecord& node) {
    return {{"node", json_of(node.node)},
            {"convicted", node.record.convicted},
            {"worked", node.record.worked},
            {"missed_ppm", json_of(node.record.missed)}};
}

}  // namespace

parsed<Statement> parse_statement(std::string_view text, const Limits& limits) {
    return parse_text<Statement>(text, limits, read_statement);
}

std::string to_json(const Statement& statement) {
    Json json{{"epoch", json_of(statement.epoch)},
              {"payouts", Json::array()},
              {"convictions", Json::array()},
              {"records", Json::array()},
              {"paid_in", json_of(statement.paid_in)},
              {"issued", json_of(statement.issued)},
              {"paid_to_requesters", json_of(statement.paid_to_requesters)},
              {"paid_out", json_of(statement.paid_out)}};
    for (const Payout& payout : statement.payouts) json["payouts"].push_back(payout_json(payout));
    for (const core::Conviction& conviction : statement.convictions)
        json["convictions"].push_back(json_of(conviction));
    for (const NodeRecord& record : statement.records) json["records"].push_back(record_json(record));
    return text_of(json);
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

std::string to_json(const core::TaskId& task, const Payout& payout) {
    Json json{{"task", json_of(task)}};
    json.update(payout_json(payout));
    return text_of(json);
}

std::string reputations_to_json(const Statement& statement, const Ledger& ledger) {
    Json out = Json::array();
    for (const NodeRecord& record : statement.records) {
        const Reputation reputation = ledger.reputation_of(record.node);
        out.push_back({{"node", json_of(record.node)},
                       {"epochs", json_of(reputation.epochs)},
                       {"lost_ppm", json_of(reputation.lost_ppm)},
                       {"reputation_ppm", json_of(ledger.rate_of(record.node))}});
    }
    return text_of(out);
}

}  // namespace pouw::inline v1::formats
