/// Dividing an amount by weights so that the parts add up to it, to the last unit.
///
/// Weights stand in ascending order of the owners' canonical ids: the order decides ties, and nothing else.
#pragma once

#include "pouw/core/errc.hpp"
#include "pouw/emission/schedule.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

namespace pouw::emission {

namespace detail {

/// floor(amount · weight / total) and the remainder. Expects weight <= total.
template <AmountType Amount>
constexpr core::Division share(Amount amount, std::uint64_t weight, core::uint128 total) {
    return core::divide(core::multiply(static_cast<core::uint128>(amount), weight), total);
}

template <AmountType Amount>
constexpr core::result<core::uint128> total_weight(Amount amount, std::span<const std::uint64_t> weights) {
    if (amount < 0) return core::fail(core::errc::invalid_amount, "a negative amount");
    core::uint128 total = 0;  // 2^64 weights of 64 bits fit
    for (const std::uint64_t w : weights) total += w;
    if (total == 0) return core::fail(core::errc::no_weight);
    return total;
}

}  // namespace detail

/// Largest remainder: each owner has floor(amount · w / W), and the units left over go one each to the
/// largest remainders, of equal ones to the first. Independent of the order but for ties. O(n log n).
/// core::errc::invalid_amount for a negative amount, core::errc::no_weight when all weights are 0.
template <AmountType Amount>
[[nodiscard]] core::result<std::vector<Amount>> allocate_largest_remainder(
    Amount amount, std::span<const std::uint64_t> weights) {
    const auto total = detail::total_weight(amount, weights);
    if (!total) return core::fail(total.error().code, total.error().detail);
    std::vector<Amount> parts(weights.size());
    std::vector<core::uint128> remainders(weights.size());
    Amount left = amount;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const core::Division d = detail::share(amount, weights[i], *total);
        parts[i] = static_cast<Amount>(d.quotient.low);
        remainders[i] = d.remainder;
        left -= parts[i];
    }
    std::vector<std::size_t> order(weights.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
    for (std::size_t i = 0; i < static_cast<std::size_t>(left); ++i) ++parts[order[i]];
    return parts;
}

/// The deployed network's rule, for compatibility: each owner has floor(amount · w / W), and the first one
/// with a part above 0 takes all that is left over; where no part is above 0, the first with a weight.
/// It depends on the order. O(n). Errors as above.
template <AmountType Amount>
[[nodiscard]] core::result<std::vector<Amount>> allocate_first_takes_remainder(
    Amount amount, std::span<const std::uint64_t> weights) {
    const auto total = detail::total_weight(amount, weights);
    if (!total) return core::fail(total.error().code, total.error().detail);
    std::vector<Amount> parts(weights.size());
    Amount left = amount;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        parts[i] = static_cast<Amount>(detail::share(amount, weights[i], *total).quotient.low);
        left -= parts[i];
    }
    auto first = std::find_if(parts.begin(), parts.end(), [](Amount part) { return part > 0; });
    if (first == parts.end()) {
        const auto weighted =
            std::find_if(weights.begin(), weights.end(), [](std::uint64_t w) { return w > 0; });
        first = parts.begin() + (weighted - weights.begin());
    }
    *first += left;
    return parts;
}

}  // namespace pouw::emission
