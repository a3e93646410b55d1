#include "pouw/crypto/uniform.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>

namespace pouw::inline v1::crypto {
namespace {

Hash256 key(std::uint8_t byte) {
    Hash256 out;
    out.bytes.fill(byte);
    return out;
}

TEST(UniformDraws, AreTheStreamScaled) {
    const ChaCha20Stream stream{key(3).bytes, 0};
    UniformDraws draws{key(3)};
    for (std::uint64_t i = 0; i < 20; ++i) {
        std::array<std::uint8_t, 16> word{};
        stream.read(16 * i, word);
        // With the largest bound a draw is the upper half of the word, but for what the lower one carries.
        const auto upper = core::load_le<std::uint64_t>(core::ByteView{word}.subspan(8));
        const std::uint64_t draw = draws.below(UINT64_MAX);
        EXPECT_TRUE(draw == upper || draw + 1 == upper);
    }
}

TEST(UniformDraws, StayBelowTheBound) {
    UniformDraws draws{key(1)};
    std::array<int, 7> counts{};
    for (int i = 0; i < 7000; ++i) ++counts[draws.below(7)];
    for (const int count : counts) EXPECT_NEAR(count, 1000, 120);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(draws.below(1), 0u);
    EXPECT_DEATH((void)draws.below(0), "");
}

TEST(UniformDraws, DistinctIsTheStartOfAShuffle) {
    for (std::uint8_t k = 0; k < 20; ++k) {
        std::vector<std::uint64_t> all = UniformDraws{key(k)}.distinct(50, 50);
        const std::vector<std::uint64_t> some = UniformDraws{key(k)}.distinct(50, 12);
        EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin()));
        EXPECT_EQ(UniformDraws{key(k)}.distinct(50, UINT64_MAX), all);
        std::sort(all.begin(), all.end());
        for (std::uint64_t i = 0; i < 50; ++i) EXPECT_EQ(all[i], i);
    }
    EXPECT_TRUE(UniformDraws{key(0)}.distinct(0, 5).empty());
    EXPECT_TRUE(UniformDraws{key(0)}.distinct(5, 0).empty());
    EXPECT_EQ(UniformDraws{key(0)}.distinct(UINT64_MAX, 3).size(), 3u);
}

TEST(UniformDraws, AllOrdersAreEquallyLikely) {
    // 6 orders of 3: chi-square with 5 degrees of freedom, above 25.7 once in 10,000.
    // By a number: libstdc++ 12 compares vectors of words wrongly where the first byte is the highest.
    std::map<std::uint64_t, int> orders;
    for (std::uint32_t i = 0; i < 6000; ++i) {
        Hash256 seed;
        const auto bytes = core::to_le(i);
        std::copy(bytes.begin(), bytes.end(), seed.bytes.begin());
        const std::vector<std::uint64_t> order = UniformDraws{seed}.distinct(3, 3);
        ++orders[9 * order.at(0) + 3 * order.at(1) + order.at(2)];
    }
    int squares = 0;
    for (const auto& [order, count] : orders) squares += (count - 1000) * (count - 1000);
    EXPECT_EQ(orders.size(), 6u);
    EXPECT_LT(squares, 25'700);
}

}  // namespace
}  // namespace pouw::inline v1::crypto
