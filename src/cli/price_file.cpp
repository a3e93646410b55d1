#include "cli/price_file.hpp"

#include "pouw/economics/errc.hpp"
#include "pouw/weights/weights.hpp"

namespace pouw::cli {

ClosedEpoch close_epoch(std::istream& in) {
    const Json json = parse_object(in, "", {});
    Fields fields{json, ""};
    ClosedEpoch out;
    const core::Epoch epoch = fields.u64("epoch");
    out.before = fields.amount("price");
    Fields limits = fields.object("bounds");
    economics::PriceBounds bounds;
    bounds.lowest = limits.amount("lowest");
    bounds.highest = limits.amount("highest");
    bounds.step = limits.rate("step_ppm");
    limits.finish();
    auto book = economics::PriceBook::create(out.before, bounds, epoch);
    if (!book) {
        const bool price = book.error().code == economics::errc::price_out_of_bounds;
        throw Rejected{price ? "price" : "bounds", book.error()};
    }
    std::vector<weights::NodeWeight> nodes;
    fields.each("nodes", [&](Fields& node) { nodes.push_back({node.key("node"), node.u64("weight")}); });
    const auto table = weights::WeightTable::create(nodes);
    if (!table) throw Rejected{"nodes", table.error()};
    fields.each("votes", [&](Fields& vote) {
        const auto node = vote.key("node");
        if (book->vote_of(node)) throw Rejected{vote.path(), core::error{economics::errc::duplicate_verdict}};
        const auto voted = book->vote(node, vote.amount("price"), *table);
        if (!voted) throw Rejected{vote.path(), voted.error()};
    });
    fields.finish();
    const auto price = book->close(epoch, *table);
    if (!price) throw Rejected{"epoch", price.error()};
    out.price = *price;
    out.epoch = book->epoch().value;
    return out;
}

}  // namespace pouw::cli
