#include "pouw/crypto/polynomial.hpp"

#include "pouw/crypto/scalar.hpp"

#include <gtest/gtest.h>

#include <random>

namespace pouw::inline v1::crypto {
namespace {

std::vector<Scalar> random_scalars(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random{seed};
    std::vector<Scalar> out;
    for (std::size_t i = 0; i < count; ++i) {
        std::array<std::uint8_t, 64> wide{};
        for (auto& byte : wide) byte = static_cast<std::uint8_t>(random());
        out.push_back(Scalar::reduce(wide));
    }
    return out;
}

TEST(Polynomial, EvaluatesAsPowers) {
    const std::vector<Scalar> coefficients = random_scalars(9, 1);
    for (const std::uint32_t x : {0u, 1u, 2u, 4096u, UINT32_MAX}) {
        Scalar expected;
        Scalar power{1};
        for (const Scalar& coefficient : coefficients) {
            expected = expected + coefficient * power;
            power = power * Scalar{x};
        }
        EXPECT_EQ(evaluate<Scalar>(coefficients, x), expected);
    }
    EXPECT_EQ(evaluate<Scalar>({}, 5), Scalar{});
}

TEST(Polynomial, InterpolatesAtZero) {
    for (std::size_t degree = 0; degree < 12; ++degree) {
        const std::vector<Scalar> coefficients = random_scalars(degree + 1, degree);
        std::vector<std::uint32_t> points;
        for (std::uint32_t i = 0; i <= degree; ++i) points.push_back((7 * i + 3) % 101 + 1);
        const std::vector<Scalar> weights = lagrange_at_zero<Scalar>(points);
        Scalar sum;
        for (std::size_t i = 0; i < points.size(); ++i) {
            sum = sum + weights[i] * evaluate<Scalar>(coefficients, points[i]);
        }
        EXPECT_EQ(sum, coefficients[0]);
    }
    EXPECT_TRUE(lagrange_at_zero<Scalar>({}).empty());
}

TEST(Polynomial, InvertsAll) {
    for (const std::size_t count : {0u, 1u, 2u, 33u}) {
        const std::vector<Scalar> scalars = random_scalars(count, 5);
        std::vector<Scalar> inverses = scalars;
        invert_all(std::span<Scalar>{inverses});
        for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(inverses[i], scalars[i].inverse());
    }
}

TEST(PolynomialDeathTest, PointsAreDistinctAndNotZero) {
    EXPECT_DEATH((void)lagrange_at_zero<Scalar>(std::vector<std::uint32_t>{1, 0}), "");
}

}  // namespace
}  // namespace pouw::inline v1::crypto
