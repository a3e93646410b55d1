/// Apportionment: a whole is divided in proportion to weights, and the parts add up to it exactly.
#pragma once

#include "pouw/core/errc.hpp"
#include "pouw/core/result.hpp"
#include "pouw/core/wide.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace pouw::inline v1::core {

/// The parts of `whole` in proportion to `weights`, by the method of largest remainder. Each owner has
/// floor(whole · w / W). The remaining units go, one each, to the largest remainders, and among equal
/// remainders to the first. The order of the weights decides ties and nothing else; give them in ascending
/// order of the owners' ids. `weights` is a vector or a span of unsigned integers.
/// Errors: errc::invalid_amount for a negative whole; errc::no_weight when all weights are 0; errc::overflow
///     when the sum of the weights exceeds 2^128 - 1.
/// Cost: O(n log n).
template <typename Whole, typename Weights>
[[nodiscard]] result<std::vector<Whole>> apportion(Whole whole, const Weights& weights) {
    if (whole < 0) return fail(errc::invalid_amount, "a negative amount");
    uint128 total = 0;
    for (const auto weight : weights) {
        const auto sum = checked_add(total, uint128{weight});
        if (!sum) return fail(errc::overflow, "the sum of the weights");
        total = *sum;
    }
    if (total == 0) return fail(errc::no_weight);
    std::vector<Whole> parts(weights.size());
    std::vector<uint128> remainders(weights.size());
    Whole left = whole;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const Division d = divide(multiply(static_cast<uint128>(whole), weights[i]), total);
        parts[i] = static_cast<Whole>(d.quotient.low);
        remainders[i] = d.remainder;
        left -= parts[i];
    }
    if (left == 0) return parts;
    std::vector<std::size_t> order(weights.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
    // Fewer units are left than there are remainders above 0.
    for (std::size_t i = 0; i < static_cast<std::size_t>(left); ++i) ++parts[order[i]];
    return parts;
}

}  // namespace pouw::inline v1::core
