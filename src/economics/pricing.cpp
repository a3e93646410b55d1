#include "pouw/economics/pricing.hpp"

#include "pouw/core/wide.hpp"
#include "pouw/economics/errc.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace pouw::inline v1::economics {

std::optional<core::Amount> lower_weighted_median(std::vector<WeightedPrice> votes) {
    std::sort(votes.begin(), votes.end(),
              [](const WeightedPrice& a, const WeightedPrice& b) { return a.price < b.price; });
    core::uint128 total = 0;
    for (const WeightedPrice& vote : votes) total += vote.weight;
    core::uint128 below = 0;
    for (const WeightedPrice& vote : votes) {
        below += vote.weight;
        if (vote.weight > 0 && below >= total - below) return vote.price;
    }
    return std::nullopt;
}

core::result<PriceBook> PriceBook::create(core::Amount genesis, const PriceBounds& bounds,
                                          core::Epoch epoch) {
    if (bounds.lowest < 1 || bounds.highest < bounds.lowest) return core::fail(errc::invalid_rules);
    if (genesis < bounds.lowest || genesis > bounds.highest) return core::fail(errc::price_out_of_bounds);
    return PriceBook{genesis, bounds, epoch};
}

std::optional<core::Amount> PriceBook::vote_of(const core::NodeId& node) const {
    const auto at = find(node);
    return at != votes_.end() && at->node == node ? std::optional{at->price} : std::nullopt;
}

core::result<void> PriceBook::vote(const core::NodeId& node, core::Amount price,
                                   const weights::WeightTable& weights) {
    if (weights.weight_of(node) == 0) return core::fail(errc::unknown_node);
    if (price < bounds_.lowest || price > bounds_.highest) return core::fail(errc::price_out_of_bounds);
    const auto at = votes_.begin() + (find(node) - votes_.cbegin());
    if (at != votes_.end() && at->node == node) {
        at->price = price;
    } else {
        votes_.insert(at, {node, price});
    }
    return {};
}

core::result<core::Amount> PriceBook::close(core::Epoch epoch, const weights::WeightTable& weights) {
    if (epoch != epoch_ || epoch.value == std::numeric_limits<std::uint64_t>::max())
        return core::fail(errc::epoch_out_of_order);
    std::erase_if(votes_, [&](const Entry& entry) { return weights.weight_of(entry.node) == 0; });
    std::vector<WeightedPrice> all;
    for (const weights::NodeWeight& node : weights.nodes())
        all.push_back({vote_of(node.node).value_or(price_), node.weight});
    if (const auto median = lower_weighted_median(std::move(all))) price_ = step_towards(*median);
    ++epoch_;
    return price_;
}

core::result<void> PriceBook::adjust(const PriceBounds& bounds) {
    if (bounds.lowest < 1 || bounds.highest < bounds.lowest) return core::fail(errc::invalid_rules);
    bounds_ = bounds;
    price_ = std::clamp(price_, bounds.lowest, bounds.highest);
    std::erase_if(votes_, [&](const Entry& entry) {
        return entry.price < bounds.lowest || entry.price > bounds.highest;
    });
    return {};
}

/// A step of less than a unit would hold a low price for ever.
core::Amount PriceBook::step_towards(core::Amount wanted) const {
    if (!bounds_.step) return wanted;
    const core::Amount step = std::max<core::Amount>(1, core::part_rounded_down(*bounds_.step, price_));
    if (wanted > price_) return price_ + std::min(step, wanted - price_);
    return price_ - std::min(step, price_ - wanted);
}

std::vector<PriceBook::Entry>::const_iterator PriceBook::find(const core::NodeId& node) const {
    return std::lower_bound(votes_.begin(), votes_.end(), node,
                            [](const Entry& entry, const core::NodeId& id) { return entry.node < id; });
}

core::result<core::Amount> deployed_next_price(core::Amount price, core::Rate used) {
    if (price < 1) return core::fail(core::errc::invalid_amount);
    // In parts of 20 million: 5% of one part per million is one of them.
    constexpr std::uint64_t one = 20'000'000;
    std::uint64_t factor = one;
    if (used.ppm() < 400'000) factor -= std::min<std::uint64_t>(400'000 - used.ppm(), one / 50);
    if (used.ppm() > 600'000) factor += std::min<std::uint64_t>(used.ppm() - 600'000, one / 50);
    const auto next = core::multiply_divide_floor(static_cast<core::uint128>(price), factor, one);
    if (!next || *next > static_cast<core::uint128>(core::max_amount))
        return core::fail(core::errc::overflow);
    return std::max<core::Amount>(1, static_cast<core::Amount>(*next));
}

}  // namespace pouw::inline v1::economics
