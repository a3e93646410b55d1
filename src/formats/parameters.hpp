/// The parameters as parts of other texts.
#pragma once

#include "formats/fields.hpp"
#include "formats/json.hpp"

#include "pouw/economics/pricing.hpp"
#include "pouw/economics/reputation.hpp"
#include "pouw/economics/rewards.hpp"
#include "pouw/economics/settlement.hpp"

namespace pouw::inline v1::formats {

[[nodiscard]] economics::Rules read_rules(Fields& fields);
[[nodiscard]] economics::ReputationCurve read_reputation_curve(Fields& fields);
[[nodiscard]] economics::Issuance read_issuance(Fields& fields);
[[nodiscard]] economics::PriceBounds read_price_bounds(Fields& fields);

[[nodiscard]] Json json_of(const economics::Rules& rules);
[[nodiscard]] Json json_of(const economics::ReputationCurve& curve);
[[nodiscard]] Json json_of(const economics::Issuance& issuance);
[[nodiscard]] Json json_of(const economics::PriceBounds& bounds);

}  // namespace pouw::inline v1::formats
