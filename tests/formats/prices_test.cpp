#include "pouw/formats/prices.hpp"

#include "formats/texts.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/economics/errc.hpp"
#include "pouw/weights/errc.hpp"

#include <chrono>

namespace pouw::inline v1::formats {
namespace {

using core::NodeId;

Prices prices() {
    return {.epoch = 4,
            .price = 100,
            .bounds = {1, 1000, core::Rate::percent(100)},
            .nodes = {{id<NodeId>(2), 3}, {id<NodeId>(1), 1}},
            .votes = {{id<NodeId>(2), 150}, {id<NodeId>(1), 90}}};
}

TEST(Prices, AreWrittenAndRead) { EXPECT_EQ(parse_prices(to_json(prices())).value(), prices()); }

TEST(Prices, AreClosed) {
    auto open = open_prices(prices()).value();
    EXPECT_EQ(open.book.vote_of(id<NodeId>(1)), 90);
    EXPECT_EQ(open.weights.total(), 4u);
    EXPECT_EQ(open.book.close(4, open.weights).value(), 150);
    EXPECT_EQ(open.book.epoch(), core::Epoch{5});
}

TEST(Prices, RefusalsNameTheField) {
    const auto refused = [](auto change, const core::error_code& code, std::string_view path) {
        Prices changed = prices();
        change(changed);
        expect_refused(open_prices(changed), code, path);
    };
    refused([](Prices& p) { p.price = 1001; }, economics::errc::price_out_of_bounds, "price");
    refused([](Prices& p) { p.bounds.lowest = 0; }, economics::errc::invalid_rules, "bounds");
    refused([](Prices& p) { p.epoch = UINT64_MAX; }, economics::errc::epoch_out_of_order, "epoch");
    refused([](Prices& p) { p.nodes[1].node = p.nodes[0].node; }, weights::errc::duplicate_node, "nodes");
    refused([](Prices& p) { p.nodes[1].weight = UINT64_MAX; }, core::errc::overflow, "nodes");
    refused([](Prices& p) { p.votes[1].node = id<NodeId>(7); }, economics::errc::unknown_node, "votes[1]");
    refused([](Prices& p) { p.votes[0].price = 1001; }, economics::errc::price_out_of_bounds, "votes[0]");
    refused([](Prices& p) { p.votes[1] = p.votes[0]; }, economics::errc::duplicate_verdict, "votes[1]");
    // The first in the text, whatever the order of the nodes.
    refused([](Prices& p) { p.votes[0].price = p.votes[1].price = 0; }, economics::errc::price_out_of_bounds,
            "votes[0]");
}

TEST(Prices, VotesInAnyOrderTakeLittleTime) {
    Prices many = prices();
    many.nodes.clear();
    many.votes.clear();
    for (std::uint32_t i = 200'000; i > 0; --i) {
        NodeId node;
        for (std::size_t byte = 0; byte < 4; ++byte)
            node.bytes[byte] = static_cast<std::uint8_t>(i >> (24 - 8 * byte));
        many.nodes.push_back({node, 1});
        many.votes.push_back({node, 2 + i % 100});
    }
    const auto start = std::chrono::steady_clock::now();
    auto parsed = parse_prices(to_json(many));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_TRUE(open_prices(*parsed).has_value());
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{60});
}

}  // namespace
}  // namespace pouw::inline v1::formats
