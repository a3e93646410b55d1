// How often something must happen for its chance to be small.
#pragma once

#include "stats/approximation.hpp"
#include "stats/natural.hpp"

#include "pouw/core/fraction.hpp"

#include <cstdint>
#include <optional>

namespace pouw::stats {

/// Whether a power must be below its limit, or may equal it.
enum class Relation : std::uint8_t { below, at_most };

/// The least exponent from 1 to `most` for which the power of `base` is below, or at most, `limit`, exactly.
/// Expects both to lie above 0, and the base below 1. Cost: 15 ns for each exponent.
inline std::optional<std::uint64_t> first_power(const core::Fraction& base, Relation relation,
                                                const core::Fraction& limit, std::uint64_t most) {
    Approximation bound;
    bound.multiply(limit.numerator, limit.denominator);
    Approximation power;
    for (std::uint64_t exponent = 1; exponent <= most; ++exponent) {
        power.multiply(base.numerator, base.denominator);
        if (certainly_less(power, bound)) return exponent;
        if (certainly_less(bound, power)) continue;
        Natural left{limit.denominator};
        Natural right{limit.numerator};
        left.multiply_by_power(base.numerator, exponent);
        right.multiply_by_power(base.denominator, exponent);
        if (left < right || (relation == Relation::at_most && left == right)) return exponent;
    }
    return std::nullopt;
}

}  // namespace pouw::stats
