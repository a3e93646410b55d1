/// Polynomials over the scalars of a group, and interpolation at zero, for secret sharing.
///
/// The functions are templates over the scalar type, so that tests can run the same code exhaustively on a
/// small group.
#pragma once

#include "pouw/core/contract.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::crypto {

/// The value at `x` of the polynomial with these coefficients, the constant term first. It is constant time
/// in the coefficients if the type's `multiply_add` is.
/// Cost: about 15 ns for each coefficient.
template <typename Scalar>
[[nodiscard]] Scalar evaluate(std::span<const Scalar> coefficients, std::uint32_t x) {
    Scalar sum{};
    for (std::size_t i = coefficients.size(); i-- > 0;) sum = Scalar::multiply_add(sum, x, coefficients[i]);
    return sum;
}

/// Replaces each scalar by its inverse.
/// Expects: scalars other than zero.
/// Cost: one inversion, and three products for each scalar.
template <typename Scalar>
void invert_all(std::span<Scalar> scalars) {
    if (scalars.empty()) return;
    std::vector<Scalar> prefixes;
    prefixes.reserve(scalars.size());
    Scalar product{1};
    for (const Scalar& scalar : scalars) {
        prefixes.push_back(product);
        product = product * scalar;
    }
    Scalar inverse = product.inverse();
    for (std::size_t i = scalars.size(); i-- > 0;) {
        const Scalar original = scalars[i];
        scalars[i] = inverse * prefixes[i];
        inverse = inverse * original;
    }
}

/// The Lagrange coefficients at zero. The values at `points`, multiplied by them, add up to the value at zero
/// of the polynomial of lower degree through these values. The coefficient of point j is the product of m /
/// (m - j) over the other points m.
/// Expects: distinct points other than zero.
/// Cost: 15 ns for each pair of points, and one inversion.
template <typename Scalar>
[[nodiscard]] std::vector<Scalar> lagrange_at_zero(std::span<const std::uint32_t> points) {
    Scalar numerator{1};
    for (const std::uint32_t point : points) {
        POUW_EXPECTS(point != 0);
        numerator = Scalar::multiply_add(numerator, point, Scalar{});
    }
    std::vector<Scalar> weights;
    weights.reserve(points.size());
    for (const std::uint32_t point : points) {
        // The numerator has the factor j of this point too; the denominator takes it away.
        Scalar denominator{point};
        bool negative = false;
        for (const std::uint32_t other : points) {
            if (other == point) continue;
            const std::uint32_t distance = other > point ? other - point : point - other;
            negative ^= other < point;
            denominator = Scalar::multiply_add(denominator, distance, Scalar{});
        }
        weights.push_back(negative ? -denominator : denominator);
    }
    invert_all(std::span<Scalar>{weights});
    for (Scalar& weight : weights) weight = weight * numerator;
    return weights;
}

}  // namespace pouw::inline v1::crypto
