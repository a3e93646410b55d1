// What the independent implementations (tests/reference/collateral.py, training_fund.py) come to: every
// result, every error, and every state, byte for byte.
#include "vectors.hpp"

#include "pouw/crypto/blake2b.hpp"
#include "pouw/economics/collateral.hpp"
#include "pouw/economics/training_fund.hpp"

#include <gtest/gtest.h>

namespace pouw::inline v1::economics {
namespace {

using test::fixed;
using test::Json;
using test::u64;

std::string text(core::Amount amount) { return core::to_decimal(amount); }

core::Amount amount(const Json& decimal) {
    const auto digits = decimal.get<std::string>();
    if (digits == "-1") return -1;
    return static_cast<core::Amount>(core::from_decimal(digits).value());
}

core::Rate rate(const Json& ppm) { return core::Rate::create(u64(ppm)).value(); }

/// The result of a call, as the file has it.
template <typename Result, typename ToJson>
Json outcome(const Result& result, const ToJson& to_json) {
    if (!result) return {{"error", result.error().code.name()}};
    return {{"result", to_json(*result)}};
}
Json outcome(const core::result<void>& result) {
    if (!result) return {{"error", result.error().code.name()}};
    return Json::object();
}

Json expected(const Json& step) {
    Json out = Json::object();
    for (const char* name : {"error", "result"})
        if (step.contains(name)) out[name] = step[name];
    return out;
}

template <typename State>
void expect_state(const State& state, const Json& step) {
    EXPECT_EQ(core::to_hex(crypto::blake2b_256(state.save()).view()), step["state"].get<std::string>());
}

Json call(Collateral& state, const Json& step) {
    const auto node = fixed<core::NodeId>(step["node"]);
    const std::string name = step["call"];
    if (name == "slash") {
        const core::Conviction conviction{node, core::Ground::false_results,
                                          fixed<core::EvidenceDigest>(step["evidence"]), u64(step["height"])};
        std::optional<AccountId> finder;
        if (!step["finder"].is_null()) finder = fixed<AccountId>(step["finder"]);
        return outcome(state.slash(conviction, u64(step["epoch"]), finder), [](const Slash& slash) {
            return Json{text(slash.taken), text(slash.award), text(slash.forfeited)};
        });
    }
    const auto owner = fixed<AccountId>(step["owner"]);
    if (name == "lock") return outcome(state.lock(node, owner, amount(step["amount"])));
    const core::Height height = u64(step["height"]);
    if (name == "withdraw")
        return outcome(state.withdraw(node, owner, height), [](core::Amount paid) { return text(paid); });
    if (name == "unlock")
        return outcome(state.unlock(node, owner, amount(step["amount"]), height),
                       [](core::Height release) { return std::to_string(release.value); });
    return outcome(state.move(node, fixed<core::NodeId>(step["to"]), owner, amount(step["amount"]), height));
}

TEST(Vectors, Collateral) {
    const Json file = test::load_vectors("economics/collateral.json");
    for (const Json& history : file["histories"]) {
        const Json& rules = history["rules"];
        auto state = Collateral::create({.minimum = amount(rules["minimum"]),
                                         .unbonding = u64(rules["unbonding"]),
                                         .slash_rate = rate(rules["slash_rate"]),
                                         .finder_share = rate(rules["finder_share"]),
                                         .moves_between_nodes = rules["moves"] == "1"})
                         .value();
        for (const Json& step : history["steps"]) {
            SCOPED_TRACE(step.dump());
            ASSERT_EQ(call(state, step), expected(step));
            expect_state(state, step);
        }
        EXPECT_EQ(core::to_hex(state.save()), history["end"].get<std::string>());
        EXPECT_EQ(Collateral::restore(test::bytes(history["end"])).value(), state);
    }
}

std::vector<Contribution> contributions(const Json& list) {
    std::vector<Contribution> out;
    for (const Json& entry : list) out.push_back({fixed<AccountId>(entry[0]), u64(entry[1])});
    return out;
}

Json to_json(const std::vector<Payment>& payments) {
    Json out = Json::array();
    for (const Payment& payment : payments)
        out.push_back({core::to_hex(payment.account.view()), text(payment.amount)});
    return out;
}

Experiment experiment(const Json& json) {
    Experiment out{fixed<AccountId>(json["grantee"]),
                   fixed<crypto::Hash256>(json["method"]),
                   fixed<crypto::Hash256>(json["parameters"]),
                   fixed<crypto::Hash256>(json["data"]),
                   {}};
    for (const Json& milestone : json["milestones"])
        out.milestones.push_back(
            {u64(milestone["units"]), amount(milestone["amount"]), u64(milestone["deadline"])});
    return out;
}

weights::WeightTable table(const Json& list) {
    std::vector<weights::NodeWeight> nodes;
    for (const Json& entry : list) nodes.push_back({fixed<core::NodeId>(entry[0]), u64(entry[1])});
    return weights::WeightTable::create(nodes).value();
}

validation::Ruling ruling(const Json& name) {
    for (const auto ruling : {validation::Ruling::open, validation::Ruling::valid,
                              validation::Ruling::invalid, validation::Ruling::undecided})
        if (name == validation::name(ruling)) return ruling;
    throw std::runtime_error{"an unknown ruling"};
}

Json attest(TrainingFund& fund, const Json& step) {
    const std::vector<Contribution> computed = contributions(step["contributions"]);
    const Attestation attestation{u64(step["milestone"]), ruling(step["ruling"]), computed};
    return outcome(fund.attest(u64(step["number"]), attestation, u64(step["epoch"]), amount(step["price"])),
                   [](const Release& release) {
                       return Json{{"to_grantee", text(release.to_grantee)},
                                   {"compute", to_json(release.compute)},
                                   {"returned", text(release.returned)},
                                   {"ended", release.ended}};
                   });
}

Json call(TrainingFund& fund, const Json& step) {
    const auto of_amount = [](core::Amount amount) { return text(amount); };
    const std::string name = step["call"];
    if (name == "deposit") return outcome(fund.deposit(amount(step["amount"])));
    if (name == "convict") {
        core::Conviction conviction;
        conviction.node = fixed<core::NodeId>(step["node"]);
        return {{"result", text(fund.apply(conviction))}};
    }
    const core::Epoch epoch = u64(step["epoch"]);
    if (name == "statement") {
        Statement statement;
        statement.epoch = epoch;
        const core::Amount sum = amount(step["amount"]);
        statement.payouts = {{Owner::node, {}, Reason::executed, 5},
                             {Owner::training, {}, Reason::issued, sum / 3},
                             {Owner::training, {}, Reason::fees, sum - sum / 3},
                             {Owner::reserve, {}, Reason::forfeited, 7}};
        return outcome(fund.apply(statement), of_amount);
    }
    if (name == "propose")
        return outcome(fund.propose(experiment(step["experiment"]), epoch),
                       [](ProposalNumber number) { return std::to_string(number); });
    if (name == "expire") return {{"result", text(fund.expire(epoch))}};
    if (name == "attest") return attest(fund, step);
    const ProposalNumber number = u64(step["number"]);
    if (name == "vote")
        return outcome(fund.vote(number, fixed<core::NodeId>(step["node"]), step["approve"], epoch,
                                 table(step["weights"])));
    return outcome(fund.conclude(number, epoch, table(step["weights"]), amount(step["price"])),
                   [](const GrantDecision& decision) {
                       return Json{std::string{economics::name(decision.outcome)}, text(decision.locked)};
                   });
}

TEST(Vectors, TrainingFund) {
    const Json file = test::load_vectors("economics/training_fund.json");
    for (const Json& history : file["histories"]) {
        auto fund = TrainingFund::create(
                        {u64(history["rules"]["voting_epochs"]), rate(history["rules"]["grant_share"])})
                        .value();
        for (const Json& step : history["steps"]) {
            SCOPED_TRACE(step.dump());
            ASSERT_EQ(call(fund, step), expected(step));
            expect_state(fund, step);
        }
        EXPECT_EQ(core::to_hex(fund.save()), history["end"].get<std::string>());
        EXPECT_EQ(TrainingFund::restore(test::bytes(history["end"])).value(), fund);
    }
}

TEST(Vectors, RevenueShares) {
    const Json file = test::load_vectors("economics/training_fund.json");
    for (const Json& row : file["shares"]) {
        const auto share =
            revenue_share(amount(row["revenue"]), rate(row["share"]), contributions(row["contributions"]))
                .value();
        EXPECT_EQ(to_json(share.contributors), row["contributors"]) << row;
        EXPECT_EQ(text(share.rest), row["rest"].get<std::string>()) << row;
    }
}

}  // namespace
}  // namespace pouw::inline v1::economics
