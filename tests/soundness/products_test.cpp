#include "soundness/products.hpp"

#include "soundness/linear_map.hpp"
#include "soundness/normal.hpp"

#include <gtest/gtest.h>

namespace pouw::inline v1::soundness {
namespace {

Matrix whole_numbers(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed) {
    Matrix out(rows, columns);
    for (Eigen::Index i = 0; i < out.size(); ++i) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        out.data()[i] = static_cast<float>(static_cast<int>(seed >> 40 & 0xff) - 127);
    }
    return out;
}

TEST(Products, EqualEigensForEveryShape) {
    for (const Eigen::Index rows : {1, 3, 11, 12, 13, 50}) {
        for (const Eigen::Index inner : {1, 64, 700}) {
            for (const Eigen::Index columns : {1, 31, 32, 33, 200}) {
                const Matrix a = whole_numbers(rows, inner, 1);
                const Matrix b = whole_numbers(inner, columns, 2);
                EXPECT_EQ(multiplied(a, b, 2), Matrix(a * b)) << rows << " × " << inner << " × " << columns;
            }
        }
    }
}

TEST(Products, AddsToWhatIsThere) {
    const Matrix a = whole_numbers(5, 64, 3);
    const Matrix b = whole_numbers(64, 64, 4);
    const PackedMatrix packed{std::span<const float>{b.data(), 64 * 64}, 64, 64};
    Matrix c = Matrix::Constant(5, 32, 7);
    multiply({a.data() + 16, 5, 64}, packed, {16, 48}, {32, 32}, {c.data(), 5, 32}, true);
    const Matrix expected = a.rightCols(48) * b.bottomRightCorner(32, 48).transpose();
    EXPECT_EQ(c, Matrix(expected.array() + 7));
}

TEST(LinearMap, IsFoundAmongNoise) {
    test::Normal normal{9};
    const auto random = [&](Eigen::Index rows, Eigen::Index columns) {
        Matrix out(rows, columns);
        for (Eigen::Index i = 0; i < out.size(); ++i) out.data()[i] = static_cast<float>(normal());
        return out;
    };
    const Matrix map = random(20, 8);
    const Matrix features = random(5000, 20);
    const Matrix targets = features * map + random(5000, 8);
    EXPECT_LT((linear_map(features, targets, 2) - map).norm() / map.norm(), 0.03);
    // What features do not tell is not read into them.
    EXPECT_LT(linear_map(features, random(5000, 8), 2).norm() / map.norm(), 0.05);
}

}  // namespace
}  // namespace pouw::inline v1::soundness
