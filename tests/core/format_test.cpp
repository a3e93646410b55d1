#include "pouw/core/format.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/core/hash.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <unordered_map>
#include <unordered_set>

namespace pouw::inline v1::core {
namespace {

using Short = FixedBytes<struct ShortTag, 3>;

TEST(Format, BytesAreHexadecimal) {
    EXPECT_EQ(fmt::format("{}", Short{{0x00, 0xab, 0x0f}}), "00ab0f");
    EXPECT_EQ(fmt::format("{}", NodeId{}), std::string(64, '0'));
}

TEST(Format, OrdinalsAreTheirNumbers) {
    EXPECT_EQ(fmt::format("{} {}", Height{7}, Epoch{UINT64_MAX}), "7 18446744073709551615");
}

TEST(Format, ErrorsAreMessagesAndCodesAreNames) {
    EXPECT_EQ(fmt::format("{}", fail(errc::overflow, "the sum")), "the value is too large: the sum");
    EXPECT_EQ(fmt::format("{}", fail(errc::cancelled)), "cancelled");
    EXPECT_EQ(fmt::format("{}", error_code{errc::rate_above_one}), "rate_above_one");
    EXPECT_EQ(fmt::format("{}", error_code{}), "none");
}

TEST(Format, FractionsAndRates) {
    EXPECT_EQ(fmt::format("{} {}", Fraction{2, 4}, Rate::percent(25)), "2/4 250000 ppm");
}

TEST(Format, WidthAndAlignmentAreThoseOfStrings) {
    EXPECT_EQ(fmt::format("[{:>4}|{:*<8}]", Height{7}, Short{}), "[   7|000000**]");
}

TEST(Hash, IdsAreKeysOfUnorderedContainers) {
    std::unordered_map<NodeId, int> weights;
    NodeId other;
    other.bytes[31] = 1;
    weights[NodeId{}] = 1;
    weights[other] = 2;
    weights[NodeId{}] += 10;
    EXPECT_EQ(weights.size(), 2u);
    EXPECT_EQ(weights[NodeId{}], 11);
    EXPECT_EQ(weights[other], 2);
}

TEST(Hash, EveryByteOfAnIdCounts) {
    std::unordered_set<std::size_t> hashes;
    for (std::size_t i = 0; i < NodeId::size; ++i) {
        NodeId id;
        id.bytes[i] = 1;
        hashes.insert(std::hash<NodeId>{}(id));
    }
    EXPECT_EQ(hashes.size(), NodeId::size);
}

TEST(Hash, OrdinalsAndChains) {
    const std::unordered_set<Epoch> epochs{1, 2, 2, 3};
    EXPECT_EQ(epochs.size(), 3u);
    EXPECT_TRUE(epochs.contains(3));
    const std::unordered_set<ChainId> chains{"a", "b", "a"};
    EXPECT_EQ(chains.size(), 2u);
    EXPECT_TRUE(chains.contains("b"));
}

}  // namespace
}  // namespace pouw::inline v1::core
