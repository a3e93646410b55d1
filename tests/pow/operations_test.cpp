#include "pow/operations.hpp"

#include "support.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace pouw::inline v1::pow {
namespace {

using test::Random;
using Wide = unsigned __int128;

TEST(Operations, Saturate) {
    for (const int x : {-127, -1, 0, 1, 127}) EXPECT_EQ(saturate(x), x);
    EXPECT_EQ(saturate(128), 127);
    EXPECT_EQ(saturate(-128), -127);
    EXPECT_EQ(saturate(INT64_MAX), 127);
    EXPECT_EQ(saturate(INT64_MIN), -127);
}

TEST(Operations, RoundShiftRoundsHalvesUp) {
    for (int x = -64; x <= 64; ++x) {
        for (std::uint32_t shift = 1; shift <= 4; ++shift) {
            EXPECT_EQ(round_shift(x, shift), std::floor(x / std::exp2(shift) + 0.5)) << x << ' ' << shift;
        }
    }
}

bool is_root(std::uint64_t root, std::uint64_t x) {
    return Wide{root} * root <= x && x < (Wide{root} + 1) * (Wide{root} + 1);
}

TEST(Operations, IsqrtNearSquares) {
    // The last perfect squares below 2^53, 2^62 and 2^64, the first above, and some that doubles get wrong.
    for (const std::uint64_t k :
         {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{94906265}, std::uint64_t{94906266},
          std::uint64_t{94906267}, (std::uint64_t{1} << 31) - 1, std::uint64_t{1} << 31,
          (std::uint64_t{1} << 31) + 1, (std::uint64_t{1} << 32) - 2, (std::uint64_t{1} << 32) - 1}) {
        const std::uint64_t square = k * k;
        EXPECT_EQ(isqrt(square - 1), k - 1) << k;
        EXPECT_EQ(isqrt(square), k) << k;
        EXPECT_EQ(isqrt(square + 1), k) << k;
        EXPECT_EQ(isqrt(square + 2 * k), k) << k;
    }
    EXPECT_EQ(isqrt(0), 0u);
    EXPECT_EQ(isqrt(UINT64_MAX), 0xffffffffu);
}

TEST(Operations, IsqrtIsTheFloorOfTheRoot) {
    for (std::uint64_t x = 0; x < 100'000; ++x) ASSERT_TRUE(is_root(isqrt(x), x)) << x;
    Random random{1};
    for (int i = 0; i < 200'000; ++i) {
        const std::uint64_t x = random.next() >> random.below(64);
        ASSERT_TRUE(is_root(isqrt(x), x)) << x;
        const std::uint64_t k = random.next() >> 32;
        ASSERT_EQ(isqrt(k * k), k);
        if (k != 0) {
            ASSERT_EQ(isqrt(k * k - 1), k - 1);
        }
    }
}

/// The definition in 128 bits, rounding by floating-point-free division.
std::vector<std::int8_t> wide_norm(const std::vector<std::int32_t>& y) {
    Wide sum = 0;
    for (const std::int64_t value : y) sum += static_cast<Wide>(value * value);
    std::uint64_t r = 0;
    for (int bit = 32; bit >= 0; --bit) {
        const std::uint64_t next = r + (std::uint64_t{1} << bit);
        if (Wide{next} * next <= sum) r = next;
    }
    std::uint64_t one = 0;
    for (int bit = 32; bit >= 0; --bit) {
        const std::uint64_t next = one + (std::uint64_t{1} << bit);
        if (Wide{next} * next <= Wide{y.size()} << 48) one = next;
    }
    const __int128 gain = one * 32 / std::max<std::uint64_t>(r, 1);
    std::vector<std::int8_t> out;
    for (const std::int32_t value : y) {
        const __int128 doubled = 2 * gain * value + (1 << 24);
        __int128 quotient = doubled / (1 << 25);
        if (doubled % (1 << 25) < 0) --quotient;
        out.push_back(saturate(static_cast<std::int64_t>(quotient)));
    }
    return out;
}

std::vector<std::int8_t> normed(const std::vector<std::int32_t>& y) {
    std::vector<std::int8_t> out(y.size());
    norm(y, out);
    return out;
}

TEST(Operations, NormOfZeroAndOneHot) {
    std::vector<std::int32_t> y(64);
    EXPECT_EQ(normed(y), std::vector<std::int8_t>(64));
    for (const std::int32_t value : {1, -1, 5, -5, INT32_MAX, -INT32_MAX}) {
        y.assign(64, 0);
        y[17] = value;
        const std::vector<std::int8_t> out = normed(y);
        EXPECT_EQ(out[17], value > 0 ? 127 : -127);  // 32 · 8 saturates
        EXPECT_EQ(std::count(out.begin(), out.end(), 0), 63);
    }
    EXPECT_EQ(normed(std::vector<std::int32_t>(128, -3000)), std::vector<std::int8_t>(128, -32));
}

TEST(Operations, NormEqualsItsDefinition) {
    Random random{2};
    for (const std::uint32_t size : {64u, 128u, 192u, 512u}) {
        for (std::uint32_t bits = 1; bits <= 28; ++bits) {
            std::vector<std::int32_t> y(size);
            for (std::int32_t& value : y) {
                value = static_cast<std::int32_t>(random.below(2u << bits)) - (1 << bits);
            }
            ASSERT_EQ(normed(y), wide_norm(y)) << size << ' ' << bits;
        }
    }
}

// A root that is off by one changes the gain. Sums of squares k² - 1, k² and k² + 1 made of a few
// coordinates.
TEST(Operations, NormNearSquares) {
    for (const std::uint64_t k : {std::uint64_t{3}, std::uint64_t{4093}, std::uint64_t{94906266},
                                  std::uint64_t{1} << 31, (std::uint64_t{1} << 32) - 1}) {
        for (const int offset : {-1, 0, 1}) {
            std::uint64_t rest = k * k + static_cast<std::uint64_t>(offset);
            std::vector<std::int32_t> y(64);
            for (std::int32_t& value : y) {
                value = static_cast<std::int32_t>(std::min<std::uint64_t>(isqrt(rest), INT32_MAX));
                rest -= static_cast<std::uint64_t>(std::int64_t{value} * value);
            }
            ASSERT_EQ(rest, 0u);
            EXPECT_EQ(normed(y), wide_norm(y)) << k << ' ' << offset;
        }
    }
}

// Where the sum wraps to a small one, a product may lie so close to 2^63 that adding 2^23 to round it would
// wrap once more. Only products wrap: it is rounded upwards, and saturates.
TEST(Operations, NormRoundsWithoutOverflow) {
    std::vector<std::int32_t> y(2624);
    y[0] = -335380600;
    std::uint64_t rest = 1 - static_cast<std::uint64_t>(std::int64_t{y[0]} * y[0]);  // the sum is 2^64 + 1
    for (std::size_t i = 1; i < y.size(); ++i) {
        y[i] = static_cast<std::int32_t>(std::min<std::uint64_t>(isqrt(rest), INT32_MAX));
        rest -= static_cast<std::uint64_t>(std::int64_t{y[i]} * y[i]);
    }
    ASSERT_EQ(rest, 0u);
    EXPECT_EQ(normed(y)[0], 127);
}

TEST(Operations, FoldIsAnOddTriangleWave) {
    for (std::int32_t z = -127; z <= 127; ++z) EXPECT_EQ(fold(z), z);
    for (std::int32_t z = 0; z <= 1 << 20; ++z) {
        ASSERT_EQ(fold(-z), -fold(z)) << z;
        ASSERT_EQ(fold(z + 512), fold(z)) << z;
        ASSERT_EQ(fold(256 - z), fold(z)) << z;
        ASSERT_LE(std::abs(fold(z + 1) - fold(z)), 1) << z;
    }
    int sum = 0;
    for (std::int32_t z = 0; z < 512; ++z) sum += fold(z);
    EXPECT_EQ(sum, 0);
    // It needs only the low nine bits, also at the ends of the range.
    for (const std::int32_t z : {INT32_MAX, INT32_MAX - 511, INT32_MIN, INT32_MIN + 700}) {
        EXPECT_EQ(fold(z), fold(z & 511)) << z;
    }
}

TEST(Operations, AttentionWeightIsPiecewiseLinear) {
    for (std::uint32_t shift = 0; shift <= 14; ++shift) {
        const std::int32_t unit = 1 << shift;
        EXPECT_EQ(attention_weight(0, shift), 32768);
        std::int32_t before = 32768;
        for (std::int32_t e = 1; e <= 18 * unit; ++e) {
            const std::int32_t w = attention_weight(e, shift);
            ASSERT_LE(w, before);
            ASSERT_GE(w, 0);
            const double x = static_cast<double>(e) / unit;
            // The chord of 2^-x lies at most 6.2% above it; flooring takes less than 1.
            ASSERT_LE(w, 32768 * std::exp2(-x) * 1.0615 + 1e-9) << e << ' ' << shift;
            ASSERT_GT(w, e >= 16 * unit ? -1 : 32768 * std::exp2(-x) - 1) << e << ' ' << shift;
            before = w;
        }
        for (std::int32_t octave = 0; octave <= 15; ++octave) {
            EXPECT_EQ(attention_weight(octave * unit, shift), 32768 >> octave);
        }
        EXPECT_EQ(attention_weight(16 * unit, shift), 0);
        EXPECT_EQ(attention_weight(2 * 16129 * 8192, shift), 0);
    }
}

}  // namespace
}  // namespace pouw::inline v1::pow
