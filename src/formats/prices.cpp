#include "pouw/formats/prices.hpp"

#include "formats/parameters.hpp"

#include "pouw/economics/errc.hpp"

#include <algorithm>
#include <numeric>

namespace pouw::inline v1::formats {
namespace {

std::string vote_path(std::size_t index) { return "votes[" + std::to_string(index) + "]"; }

/// Votes in ascending order of the nodes: in any other order each would be inserted in front of others.
std::optional<Refusal> vote_all(const Prices& prices, OpenPrices& open) {
    std::vector<std::size_t> order(prices.votes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return prices.votes[a].node < prices.votes[b].node;
    });
    std::optional<Refusal> first;
    std::size_t where = prices.votes.size();
    for (const std::size_t i : order) {
        const PriceVote& vote = prices.votes[i];
        const bool twice = open.book.vote_of(vote.node).has_value();
        const auto voted = twice ? core::result<void>{core::fail(economics::errc::duplicate_verdict)}
                                 : open.book.vote(vote.node, vote.price, open.weights);
        if (voted || i > where) continue;
        where = i;
        first = Refusal{voted.error(), vote_path(i)};
    }
    return first;
}

}  // namespace

parsed<Prices> parse_prices(std::string_view text, const Limits& limits) {
    return parse_text<Prices>(text, limits, [](Fields& fields) {
        Prices out;
        out.epoch = fields.u64("epoch");
        out.price = fields.amount("price");
        fields.object("bounds", [&](Fields& bounds) { out.bounds = read_price_bounds(bounds); });
        fields.each("nodes", [&](Fields& node) {
            out.nodes.push_back({node.bytes<core::NodeId>("node"), node.u64("weight")});
        });
        fields.each("votes", [&](Fields& vote) {
            out.votes.push_back({vote.bytes<core::NodeId>("node"), vote.amount("price")});
        });
        return out;
    });
}

parsed<OpenPrices> open_prices(const Prices& prices) {
    auto book = economics::PriceBook::create(prices.price, prices.bounds, prices.epoch);
    if (!book) {
        const bool price = book.error().code == economics::errc::price_out_of_bounds;
        return Refusal{book.error(), price ? "price" : "bounds"};
    }
    if (prices.epoch == core::Epoch{UINT64_MAX})
        return Refusal{core::fail(economics::errc::epoch_out_of_order), "epoch"};
    auto table = weights::WeightTable::create(prices.nodes);
    if (!table) return Refusal{table.error(), "nodes"};
    OpenPrices out{*std::move(book), *std::move(table)};
    if (auto refusal = vote_all(prices, out)) return *std::move(refusal);
    return out;
}

std::string to_json(const Prices& prices) {
    Json json{{"epoch", json_of(prices.epoch)},
              {"price", json_of(prices.price)},
              {"bounds", json_of(prices.bounds)},
              {"nodes", Json::array()},
              {"votes", Json::array()}};
    for (const weights::NodeWeight& node : prices.nodes)
        json["nodes"].push_back({{"node", json_of(node.node)}, {"weight", json_of(node.weight)}});
    for (const PriceVote& vote : prices.votes)
        json["votes"].push_back({{"node", json_of(vote.node)}, {"price", json_of(vote.price)}});
    return text_of(json);
}

}  // namespace pouw::inline v1::formats
