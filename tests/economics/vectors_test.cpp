// What the independent implementation (tests/reference/economics.py) comes to, to the last unit and to the
// exact error.
#include "vectors.hpp"

#include "pouw/economics/pricing.hpp"
#include "pouw/formats/epoch.hpp"
#include "pouw/formats/statement.hpp"

#include <gtest/gtest.h>

namespace pouw::inline v1::economics {
namespace {

using test::u64;
using Object = nlohmann::ordered_json;

Object load(const std::string& name) {
    std::ifstream file{std::string{POUW_VECTORS} + "/" + name};
    if (!file) throw std::runtime_error{"missing vector file " + name};
    return Object::parse(file);
}
core::Amount amount(const Object& decimal) {
    return static_cast<core::Amount>(core::from_decimal(decimal.get<std::string>()).value());
}
core::Rate rate(const Object& decimal) { return core::Rate::create(u64(decimal)).value(); }
std::uint32_t u32(const Object& decimal) { return static_cast<std::uint32_t>(u64(decimal)); }

Object settle(const Object& epoch) {
    Object requesters = Object::array();
    const auto settled =
        formats::settle_epoch(epoch.dump(), [&](const TaskRecord& task, const TaskOutcome& outcome) {
            for (const Payout& payout : formats::requester_payouts(task, outcome))
                requesters.push_back(Object::parse(formats::to_json(task.task.id, payout)));
        });
    if (!settled) return {{"error", settled.refusal().error.code.name()}, {"field", settled.refusal().path}};
    Object out{
        {"requesters", requesters},
        {"reputations", Object::parse(formats::reputations_to_json(settled->statement, settled->ledger))}};
    out.update(Object::parse(formats::to_json(settled->statement)));
    return out;
}

TEST(Vectors, Settlements) {
    const Object settlements = load("economics/settlements.json")["settlements"];
    for (const Object& entry : settlements)
        EXPECT_EQ(settle(entry["epoch"]).dump(), entry["result"].dump()) << entry["name"];
}

TEST(Vectors, Reputation) {
    const Object reputation = load("economics/operations.json")["reputation"];
    for (const Object& row : reputation) {
        const ReputationCurve curve{
            .growth = row[0] == "linear" ? Growth::linear
                                         : (row[0] == "deployed" ? Growth::deployed : Growth::exponential),
            .epochs_to_full = u32(row[3]),
            .step = rate(row[4]),
            .penalty = u32(row[5])};
        EXPECT_EQ(reputation_rounded_down({u32(row[1]), u64(row[2])}, curve), rate(row[6])) << row;
    }
    const Object lowest_check_rate = load("economics/operations.json")["lowest_check_rate"];
    for (const Object& row : lowest_check_rate)
        EXPECT_EQ(lowest_check_rate_rounded_up(u64(row[0])), rate(row[1])) << row;
    const Object check_rate = load("economics/operations.json")["check_rate"];
    for (const Object& row : check_rate)
        EXPECT_EQ(check_rate_rounded_up(rate(row[0]), rate(row[1])), rate(row[2])) << row;
}

TEST(Vectors, Prices) {
    const Object prices = load("economics/operations.json")["prices"];
    for (const Object& row : prices) {
        const core::Amount price = amount(row[0]);
        PriceBounds bounds;
        if (!row[1].is_null()) bounds.step = rate(row[1]);
        auto book = PriceBook::create(price, bounds).value();
        std::vector<weights::NodeWeight> nodes;
        for (const Object& node : row[2]) {
            nodes.push_back({{}, u64(node[0])});
            nodes.back().node.bytes[0] = static_cast<std::uint8_t>(nodes.size());
        }
        const auto table = weights::WeightTable::create(nodes).value();
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            const Object& vote = row[2][i][1];
            if (!vote.is_null()) {
                EXPECT_TRUE(book.vote(nodes[i].node, amount(vote), table));
            }
        }
        EXPECT_EQ(core::to_decimal(book.close(0, table).value()), row[3].get<std::string>()) << row;
    }
    const Object deployed_prices = load("economics/operations.json")["deployed_prices"];
    for (const Object& row : deployed_prices)
        EXPECT_EQ(core::to_decimal(deployed_next_price(amount(row[0]), rate(row[1])).value()),
                  row[2].get<std::string>())
            << row;
}

}  // namespace
}  // namespace pouw::inline v1::economics
