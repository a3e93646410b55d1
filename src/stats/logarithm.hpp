// Natural logarithms of fractions, between two bounds of any precision.
#pragma once

#include "stats/natural.hpp"

#include "pouw/core/contract.hpp"

#include <bit>
#include <cstdint>

namespace pouw::inline v1::stats {

/// A number between two multiples of 2^-bits.
struct FixedPoint {
    Natural lower;
    Natural upper;

    void multiply(std::uint64_t factor) {
        lower.multiply(factor);
        upper.multiply(factor);
    }
    void add(const FixedPoint& other) {
        lower.add(other.lower);
        upper.add(other.upper);
    }
};

namespace detail {

/// More digits than are wanted: so that the error of a sum of some thousand terms stays below one unit.
inline constexpr std::uint64_t guard_bits = 32;

/// 2 artanh(z) from below, z = numerator / denominator, in units of 2^-bits: twice the sum of
/// z^(2i+1)/(2i+1). Expects 3 · numerator <= denominator, so that the terms fall by the factor 9 at least.
inline Natural twice_artanh(std::uint64_t numerator, std::uint64_t denominator, std::uint64_t bits) {
    Natural power{2};
    power.multiply_by_power_of_two(bits);
    power.multiply(numerator);
    power.divide(denominator);
    Natural sum{0};
    for (std::uint64_t odd = 1; !power.is_zero(); odd += 2) {
        Natural term = power;
        term.divide(odd);
        sum.add(term);
        for (int square = 0; square < 2; ++square) {
            power.multiply(numerator);
            power.divide(denominator);
        }
    }
    return sum;
}

}  // namespace detail

/// ln(numerator / denominator), in units of 2^-bits; the bounds are at most two units apart. Expects
/// 0 < denominator <= numerator < 2^62 and bits <= 2^16.
inline FixedPoint logarithm(std::uint64_t numerator, std::uint64_t denominator, std::uint64_t bits) {
    POUW_EXPECTS(0 < denominator && denominator <= numerator && numerator >> 62 == 0 && bits <= 1u << 16);
    const std::uint64_t inner = bits + detail::guard_bits;
    // numerator / denominator = 2^e · m with m between 1 and 2, so that (m-1)/(m+1) is at most 1/3.
    auto exponent = static_cast<std::uint64_t>(std::bit_width(numerator) - std::bit_width(denominator));
    if (denominator << exponent > numerator) --exponent;
    const std::uint64_t shifted = denominator << exponent;
    Natural sum = detail::twice_artanh(1, 3, inner);  // ln 2
    sum.multiply(exponent);
    sum.add(detail::twice_artanh(numerator - shifted, numerator + shifted, inner));
    // At most 63 logarithms of at most 2^15 terms, each of which lacks less than 3 units.
    Natural upper = sum;
    upper.add(Natural{std::uint64_t{1} << 25});
    for (Natural* bound : {&sum, &upper}) bound->divide(std::uint64_t{1} << detail::guard_bits);
    upper.add(Natural{1});
    return {sum, upper};
}

}  // namespace pouw::inline v1::stats
