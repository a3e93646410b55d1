/// The price of a unit of compute: the weighted median of the nodes' votes, epoch by epoch.
/// Source: White paper, Appendix J.
#pragma once

#include "pouw/core/amount.hpp"
#include "pouw/core/bytes.hpp"
#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/weights/weights.hpp"

#include <optional>
#include <vector>

namespace pouw::inline v1::economics {

/// Scales of a coin of 9 decimals. The paper spells them icon, micoin ("milli-coins"), uicon ("micro-coins")
/// and nicoin ("nano-coins"). The base unit is the nano.
enum class Denomination : std::uint64_t { nano = 1, micro = 1'000, milli = 1'000'000, coin = 1'000'000'000 };

/// An amount of a denomination in base units.
/// Errors: core::errc::invalid_amount for a negative amount; core::errc::overflow.
[[nodiscard]] constexpr core::result<core::Amount> to_base(core::Amount amount, Denomination unit) {
    if (amount < 0) return core::fail(core::errc::invalid_amount);
    if (amount > core::max_amount / static_cast<std::uint64_t>(unit)) return core::fail(core::errc::overflow);
    return amount * static_cast<std::uint64_t>(unit);
}

/// Whole units of a denomination.
/// Expects: `base >= 0`.
[[nodiscard]] constexpr core::Amount from_base_rounded_down(core::Amount base, Denomination unit) {
    POUW_EXPECTS(base >= 0);
    return base / static_cast<std::uint64_t>(unit);
}

/// A price and the weight behind it.
struct POUW_API WeightedPrice {
    core::Amount price = 0;
    std::uint64_t weight = 0;
};

/// The lower weighted median: the smallest price such that at least half of the weight votes for it or less.
/// Nothing when there is no weight. The result is one of the prices and does not depend on their order.
/// Cost: O(n log n).
[[nodiscard]] POUW_API std::optional<core::Amount> lower_weighted_median(std::vector<WeightedPrice> votes);

/// The bounds of a price.
struct POUW_API PriceBounds {
    core::Amount lowest = 1;
    core::Amount highest = core::max_amount;
    /// The most that an epoch changes the price, as a share of the present price, and at least 1 unit;
    /// nothing lets the price become the median at once, as the paper has it. docs/economics.md says what a
    /// cap protects against.
    std::optional<core::Rate> step{};

    friend constexpr bool operator==(const PriceBounds&, const PriceBounds&) = default;
};

/// The present price and the votes for the next one. A vote counts until its node changes it; a node that
/// never voted votes for the present price. The book is a value: a copy is a state to which a program can
/// return.
class POUW_API PriceBook {
  public:
    /// The book at the start of `epoch`, with the price `genesis`.
    /// Errors: errc::price_out_of_bounds for a genesis price outside the bounds; errc::invalid_rules for
    ///     bounds that are not 1 <= lowest <= highest.
    [[nodiscard]] static core::result<PriceBook> create(core::Amount genesis, const PriceBounds& bounds,
                                                        core::Epoch epoch = 0);

    /// The price of a unit of compute, in base units.
    [[nodiscard]] core::Amount price() const noexcept { return price_; }
    /// The epoch in which the price holds.
    [[nodiscard]] core::Epoch epoch() const noexcept { return epoch_; }
    [[nodiscard]] const PriceBounds& bounds() const noexcept { return bounds_; }
    /// The price that the node votes for, if it voted.
    [[nodiscard]] std::optional<core::Amount> vote_of(const core::NodeId& node) const;

    /// Sets or replaces the vote of a node of the table.
    /// Errors: errc::unknown_node for a node without weight; errc::price_out_of_bounds.
    [[nodiscard]] core::result<void> vote(const core::NodeId& node, core::Amount price,
                                          const weights::WeightTable& weights);

    /// Ends the epoch and returns the price of the next one: the median by these weights, as far as a cap on
    /// the step allows. Votes of nodes without weight are dropped, so that a node that leaves and returns
    /// does not bring back an old vote. Without any weight the price stays. Errors: errc::epoch_out_of_order
    /// unless `epoch` is the present one.
    [[nodiscard]] core::result<core::Amount> close(core::Epoch epoch, const weights::WeightTable& weights);

    /// Takes other bounds, which governance decided. The price moves to the nearest one that they allow, and
    /// votes outside of them are dropped.
    /// Errors: errc::invalid_rules for bounds that are not 1 <= lowest <= highest; nothing changes then.
    [[nodiscard]] core::result<void> adjust(const PriceBounds& bounds);

    /// The whole state, the bounds included.
    [[nodiscard]] core::Bytes save() const;

    /// Restores a state that `save` gave.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version, core::errc::count_too_large; core::errc::non_canonical unless a
    ///     step is there or not, and for nodes that do not ascend; core::errc::rate_above_one;
    ///     errc::invalid_rules; errc::price_out_of_bounds for the price and for votes.
    [[nodiscard]] static core::result<PriceBook> restore(core::ByteView data);

    friend bool operator==(const PriceBook&, const PriceBook&) = default;

  private:
    struct Entry {
        core::NodeId node;
        core::Amount price;

        friend bool operator==(const Entry&, const Entry&) = default;
    };

    PriceBook(core::Amount price, const PriceBounds& bounds, core::Epoch epoch)
        : price_{price}, bounds_{bounds}, epoch_{epoch} {}

    [[nodiscard]] bool is_allowed(core::Amount price) const {
        return bounds_.lowest <= price && price <= bounds_.highest;
    }
    [[nodiscard]] core::Amount step_towards(core::Amount wanted) const;
    /// The first entry that is not below the node.
    [[nodiscard]] std::vector<Entry>::const_iterator find(const core::NodeId& node) const;

    core::Amount price_;
    PriceBounds bounds_;
    core::Epoch epoch_;
    std::vector<Entry> votes_;  // ascending
};

/// The price rule of the deployed network, from one block to the next: the price holds while 40% to 60% of
/// the capacity is used, else moves by 5% of the distance, at most 2%; truncated, at least 1. Below 50 units
/// it cannot rise again, because 2% of them are less than one unit.
/// Errors: core::errc::invalid_amount unless the price is at least 1; core::errc::overflow.
[[nodiscard]] POUW_API core::result<core::Amount> deployed_next_price(core::Amount price, core::Rate used);

}  // namespace pouw::inline v1::economics
