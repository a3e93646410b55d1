/// The apportionment of the deployed network. New chains use `core::apportion`.
#pragma once

#include "pouw/core/errc.hpp"
#include "pouw/core/result.hpp"
#include "pouw/core/wide.hpp"
#include "pouw/emission/schedule.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::emission {

/// The parts of `amount` in proportion to `weights`. Each owner has floor(amount · w / W). The first owner
/// with a part above 0 receives the remainder; where no part is above 0, the first owner with a weight
/// receives it. The order of the weights therefore matters.
/// Errors: core::errc::invalid_amount for a negative amount; core::errc::no_weight when all weights are 0.
/// Cost: O(n).
template <AmountType Amount>
[[nodiscard]] core::result<std::vector<Amount>> allocate_first_takes_remainder(
    Amount amount, std::span<const std::uint64_t> weights) {
    if (amount < 0) return core::fail(core::errc::invalid_amount, "a negative amount");
    core::uint128 total = 0;  // 2^64 weights of 64 bits fit
    for (const std::uint64_t weight : weights) total += weight;
    if (total == 0) return core::fail(core::errc::no_weight);
    std::vector<Amount> parts(weights.size());
    Amount left = amount;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const core::uint256 product = core::multiply(static_cast<core::uint128>(amount), weights[i]);
        parts[i] = static_cast<Amount>(core::divide(product, total).quotient.low);
        left -= parts[i];
    }
    auto first = std::find_if(parts.begin(), parts.end(), [](Amount part) { return part > 0; });
    if (first == parts.end()) {
        const auto weighted =
            std::find_if(weights.begin(), weights.end(), [](std::uint64_t weight) { return weight > 0; });
        first = parts.begin() + (weighted - weights.begin());
    }
    *first += left;
    return parts;
}

}  // namespace pouw::inline v1::emission
