/// The price of a unit of compute: the weighted median of the providers' votes, epoch by epoch. White paper,
/// Appendix J.
#pragma once

#include "pouw/core/amount.hpp"
#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/economics/errc.hpp"
#include "pouw/weights/weights.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

namespace pouw::economics {

/// Scales of a coin of 9 decimals. The paper spells them icon, micoin ("milli-coins"), uicon ("micro-coins")
/// and nicoin
/// ("nano-coins"). The base unit is the nano.
enum class Denomination : std::uint64_t { nano = 1, micro = 1'000, milli = 1'000'000, coin = 1'000'000'000 };

/// In base units. core::errc::invalid_amount for a negative amount, core::errc::overflow.
[[nodiscard]] constexpr core::result<core::Amount> to_base(core::Amount amount, Denomination unit) {
    if (amount < 0) return core::fail(core::errc::invalid_amount);
    if (amount > core::max_amount / static_cast<std::uint64_t>(unit)) return core::fail(core::errc::overflow);
    return amount * static_cast<std::uint64_t>(unit);
}

/// Whole units of a denomination. Expects `base >= 0`.
[[nodiscard]] constexpr core::Amount from_base_rounded_down(core::Amount base, Denomination unit) {
    POUW_EXPECTS(base >= 0);
    return base / static_cast<std::uint64_t>(unit);
}

/// A price and the weight behind it.
struct WeightedPrice {
    core::Amount price = 0;
    std::uint64_t weight = 0;
};

/// The lower weighted median: the smallest price such that at least half of the weight votes for it or less.
/// Nothing when there is no weight. It is one of the prices, whatever their order. O(n log n).
[[nodiscard]] inline std::optional<core::Amount> lower_weighted_median(std::vector<WeightedPrice> votes) {
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

/// Where a price may lie and how far it may move.
struct PriceBounds {
    core::Amount lowest = 1;
    core::Amount highest = core::max_amount;
    core::Rate step = core::Rate::percent(
        100);  ///< of the present price, the most that an epoch changes it; at least 1 unit

    friend constexpr bool operator==(const PriceBounds&, const PriceBounds&) = default;
};

/// The price now, the votes for the next one. A vote stands until its node changes it; who never voted votes
/// for the present price. A value.
class PriceBook {
  public:
    /// errc::price_out_of_bounds for a genesis price outside the bounds; errc::invalid_rules for bounds that
    /// are not 1 <= lowest <= highest.
    [[nodiscard]] static core::result<PriceBook> make(core::Amount genesis, const PriceBounds& bounds,
                                                      std::uint64_t epoch = 0) {
        if (bounds.lowest < 1 || bounds.highest < bounds.lowest) return core::fail(errc::invalid_rules);
        if (genesis < bounds.lowest || genesis > bounds.highest) return core::fail(errc::price_out_of_bounds);
        return PriceBook{genesis, bounds, epoch};
    }

    /// Base units a unit of compute.
    [[nodiscard]] core::Amount price() const noexcept { return price_; }
    /// The epoch in which it holds.
    [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }
    /// What the node votes for, if it voted.
    [[nodiscard]] std::optional<core::Amount> vote_of(const crypto::PublicKey& node) const {
        const auto at = find(node);
        return at != votes_.end() && at->node == node ? std::optional{at->price} : std::nullopt;
    }

    /// Sets or replaces the vote of a node of the table. errc::unknown_node for a stranger;
    /// errc::price_out_of_bounds.
    [[nodiscard]] core::result<void> vote(const crypto::PublicKey& node, core::Amount price,
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

    /// Ends the epoch: the median by these weights becomes the price of the next one, as far as the step
    /// allows. Votes of nodes without weight are dropped, so that leaving and returning brings no old vote
    /// back. Without any weight the price stays. errc::epoch_out_of_order unless `epoch` is the present one.
    [[nodiscard]] core::result<core::Amount> close(std::uint64_t epoch, const weights::WeightTable& weights) {
        if (epoch != epoch_ || epoch == UINT64_MAX) return core::fail(errc::epoch_out_of_order);
        std::erase_if(votes_, [&](const Entry& entry) { return weights.weight_of(entry.node) == 0; });
        std::vector<WeightedPrice> all;
        for (const weights::NodeWeight& node : weights.nodes())
            all.push_back({vote_of(node.node).value_or(price_), node.weight});
        if (const auto median = lower_weighted_median(std::move(all))) price_ = step_towards(*median);
        ++epoch_;
        return price_;
    }

  private:
    struct Entry {
        crypto::PublicKey node;
        core::Amount price;
    };

    PriceBook(core::Amount price, const PriceBounds& bounds, std::uint64_t epoch)
        : price_{price}, bounds_{bounds}, epoch_{epoch} {}

    /// A step of less than a unit would hold a low price for ever.
    [[nodiscard]] core::Amount step_towards(core::Amount wanted) const {
        const core::Amount step = std::max<core::Amount>(1, core::part_rounded_down(bounds_.step, price_));
        if (wanted > price_) return price_ + std::min(step, wanted - price_);
        return price_ - std::min(step, price_ - wanted);
    }

    [[nodiscard]] std::vector<Entry>::const_iterator find(const crypto::PublicKey& node) const {
        return std::lower_bound(
            votes_.begin(), votes_.end(), node,
            [](const Entry& entry, const crypto::PublicKey& key) { return entry.node < key; });
    }

    core::Amount price_;
    PriceBounds bounds_;
    std::uint64_t epoch_;
    std::vector<Entry> votes_;  // ascending
};

/// The deployed network's price of one block to the next, which replaced its vote: it holds while 40% to 60%
/// of the capacity is used, else moves by 5% of the distance, at most 2%; truncated, at least 1. Below 50
/// units it cannot rise again: 2% of them are no unit. core::errc::invalid_amount unless the price is at
/// least 1; core::errc::overflow.
[[nodiscard]] constexpr core::result<core::Amount> deployed_next_price(core::Amount price, core::Rate used) {
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

}  // namespace pouw::economics
