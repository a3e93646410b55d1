/// The votes on the price of a unit of compute as JSON. docs/formats.md has the schema.
#pragma once

#include "pouw/core/amount.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/economics/pricing.hpp"
#include "pouw/formats/parsed.hpp"
#include "pouw/weights/weights.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pouw::inline v1::formats {

/// A node's vote on the price.
struct POUW_API PriceVote {
    core::NodeId node;
    core::Amount price = 0;

    friend bool operator==(const PriceVote&, const PriceVote&) = default;
};

/// The price of an epoch and the votes for the price of the next one.
struct POUW_API Prices {
    core::Epoch epoch;
    core::Amount price = 0;  ///< of this epoch
    economics::PriceBounds bounds;
    std::vector<weights::NodeWeight> nodes;
    std::vector<PriceVote> votes;

    friend bool operator==(const Prices&, const Prices&) = default;
};

/// The price book of an epoch with its votes, and the weights by which they count.
/// `book.close(book.epoch(), weights)` gives the next price.
struct POUW_API OpenPrices {
    economics::PriceBook book;
    weights::WeightTable weights;
};

/// The prices of a text. `open_prices` checks that the values fit each other.
/// Errors: those of the text.
[[nodiscard]] POUW_API parsed<Prices> parse_prices(std::string_view text, const Limits& limits = {});

/// The price book of these prices and votes. The path of a refusal is the path in the text.
/// Errors: economics::errc::price_out_of_bounds, economics::errc::invalid_rules,
///     economics::errc::epoch_out_of_order for an epoch after which none comes,
///     economics::errc::unknown_node, economics::errc::duplicate_verdict; those of
///     `weights::WeightTable::create`.
/// Cost: O(n log n).
[[nodiscard]] POUW_API parsed<OpenPrices> open_prices(const Prices& prices);

/// The JSON of prices.
/// Expects: no negative amount.
[[nodiscard]] POUW_API std::string to_json(const Prices& prices);

}  // namespace pouw::inline v1::formats
