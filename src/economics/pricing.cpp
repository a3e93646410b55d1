#include "pouw/economics/pricing.hpp"

#include "pouw/core/state.hpp"
#include "pouw/core/wide.hpp"
#include "pouw/economics/errc.hpp"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

namespace pouw::inline v1::economics {
namespace {

constexpr std::string_view prices_magic = "pouwprc1";
constexpr std::size_t price_vote_size = core::NodeId::size + sizeof(core::Amount);

core::result<PriceBounds> take_bounds(core::Reader& reader) {
    PriceBounds out;
    out.lowest = core::take_signed<core::Amount>(reader);
    out.highest = core::take_signed<core::Amount>(reader);
    const auto steps = reader.integer<std::uint8_t>();
    if (steps > 1) return core::fail(core::errc::non_canonical, "steps of a price");
    if (steps == 1) {
        const auto step = core::Rate::create(reader.integer<std::uint32_t>());
        if (!step) return step.error();
        out.step = *step;
    }
    return out;
}

}  // namespace

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
    if (!is_allowed(price)) return core::fail(errc::price_out_of_bounds);
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

core::Bytes PriceBook::save() const {
    core::Bytes out = core::start_state(prices_magic);
    core::append(out, core::to_le(bounds_.lowest));
    core::append(out, core::to_le(bounds_.highest));
    out.push_back(bounds_.step ? 1 : 0);
    if (bounds_.step) core::append(out, core::to_le(bounds_.step->ppm()));
    core::append(out, core::to_le(price_));
    core::append(out, core::to_le(epoch_.value));
    core::append(out, core::to_le(static_cast<std::uint32_t>(votes_.size())));
    for (const Entry& vote : votes_) {
        core::append(out, vote.node.view());
        core::append(out, core::to_le(vote.price));
    }
    return out;
}

core::result<PriceBook> PriceBook::restore(core::ByteView data) {
    core::Reader reader{data};
    if (const auto start = core::take_state_start(reader, prices_magic); !start) return start.error();
    const auto bounds = take_bounds(reader);
    if (!bounds) return bounds.error();
    const auto price = core::take_signed<core::Amount>(reader);
    const core::Epoch epoch = reader.integer<std::uint64_t>();
    const auto count = core::take_count(reader, price_vote_size);
    if (!count) return count.error();
    auto out = create(price, *bounds, epoch);
    if (!out) return out;
    out->votes_.reserve(*count);
    for (std::uint32_t i = 0; i < *count; ++i) {
        const auto node = reader.fixed<core::NodeId>();
        const auto vote = core::take_signed<core::Amount>(reader);
        if (i > 0 && node <= out->votes_.back().node)
            return core::fail(core::errc::non_canonical, "the voters descend");
        if (!out->is_allowed(vote)) return core::fail(errc::price_out_of_bounds, "a vote");
        out->votes_.push_back({node, vote});
    }
    if (const auto end = core::check_state_end(reader); !end) return end.error();
    return out;
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
