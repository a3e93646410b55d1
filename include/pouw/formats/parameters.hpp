/// The parameters of a chain's economy as JSON. docs/formats.md has the schemas.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/economics/pricing.hpp"
#include "pouw/economics/reputation.hpp"
#include "pouw/economics/rewards.hpp"
#include "pouw/economics/settlement.hpp"
#include "pouw/formats/parsed.hpp"

#include <string>
#include <string_view>

namespace pouw::inline v1::formats {

/// The rules of a settlement.
/// Errors: those of the text; economics::errc::invalid_rules.
[[nodiscard]] POUW_API parsed<economics::Rules> parse_rules(std::string_view text, const Limits& limits = {});
/// Expects: no negative amount.
[[nodiscard]] POUW_API std::string to_json(const economics::Rules& rules);

/// The curve of reputation.
/// Errors: those of the text; economics::errc::invalid_rules.
[[nodiscard]] POUW_API parsed<economics::ReputationCurve> parse_reputation_curve(std::string_view text,
                                                                                 const Limits& limits = {});
/// The JSON of a curve.
[[nodiscard]] POUW_API std::string to_json(const economics::ReputationCurve& curve);

/// The rule by which an epoch issues coins.
/// Errors: those of the text; economics::errc::invalid_rules for a subsidy of 1.
[[nodiscard]] POUW_API parsed<economics::Issuance> parse_issuance(std::string_view text,
                                                                  const Limits& limits = {});
/// Expects: no negative amount.
[[nodiscard]] POUW_API std::string to_json(const economics::Issuance& issuance);

/// The bounds of a price. `open_prices` checks that they fit each other and a price.
/// Errors: those of the text.
[[nodiscard]] POUW_API parsed<economics::PriceBounds> parse_price_bounds(std::string_view text,
                                                                         const Limits& limits = {});
/// Expects: no negative amount.
[[nodiscard]] POUW_API std::string to_json(const economics::PriceBounds& bounds);

}  // namespace pouw::inline v1::formats
