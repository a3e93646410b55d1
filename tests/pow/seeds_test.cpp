#include "pouw/pow/seeds.hpp"

#include "support.hpp"

#include "pouw/crypto/blake2b.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

namespace pouw::inline v1::pow {
namespace {

using core::Bytes;

ChainState genesis() {
    return {.chain_id = "bitcoin",
            .height = 0,
            .block_hash =
                test::from_hex<core::BlockHash>("000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"),
            .beacon = {}};
}

core::ByteView bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST(Seeds, CheckValues) {
    EXPECT_EQ(race_seed(genesis()), test::check_race_seed());
    EXPECT_EQ(node_seed(*core::from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")),
              test::check_node_seed());
}

TEST(Seeds, RaceSeedIsTheHashOfItsParts) {
    const std::string_view chain{"a\0b", 3};
    ChainState state{.chain_id = chain, .height = 0x0102030405060708, .block_hash = {}, .beacon = {}};
    std::iota(state.block_hash.bytes.begin(), state.block_hash.bytes.end(), std::uint8_t{10});
    std::iota(state.beacon.bytes.begin(), state.beacon.bytes.end(), std::uint8_t{90});
    Bytes data{3, 0, 0, 0, 0, 0, 0, 0};
    core::append(data, bytes_of(chain));
    core::append(data, Bytes{8, 7, 6, 5, 4, 3, 2, 1});
    core::append(data, state.block_hash.view());
    core::append(data, state.beacon.view());
    EXPECT_EQ(race_seed(state).bytes, crypto::hash(crypto::domain::race, data).bytes);
}

TEST(Seeds, EveryPartOfTheChainStateCounts) {
    std::set<RaceSeed> seen{race_seed(genesis())};
    const auto is_new = [&](const ChainState& state) { return seen.insert(race_seed(state)).second; };
    ChainState state = genesis();
    state.chain_id = "bitcoi";
    EXPECT_TRUE(is_new(state));
    state.chain_id = "";
    EXPECT_TRUE(is_new(state));
    for (const std::uint64_t height : {std::uint64_t{1}, std::uint64_t{1} << 32, UINT64_MAX}) {
        state = genesis();
        state.height = height;
        EXPECT_TRUE(is_new(state));
    }
    for (std::size_t i = 0; i < 32; ++i) {
        state = genesis();
        state.block_hash.bytes[i] ^= 0x80;
        EXPECT_TRUE(is_new(state));
        state = genesis();
        state.beacon.bytes[i] ^= 1;
        EXPECT_TRUE(is_new(state));
    }
}

TEST(Seeds, NodeSeedCoversTheLengthOfTheKey) {
    std::set<NodeSeed> seen;
    for (std::size_t size = 1; size <= 64; ++size) EXPECT_TRUE(seen.insert(node_seed(Bytes(size))).second);
    const Bytes data{2, 0, 0, 0, 0, 0, 0, 0, 0xab, 0xcd};
    EXPECT_EQ(node_seed(Bytes{0xab, 0xcd}).bytes, crypto::hash(crypto::domain::node, data).bytes);
}

TEST(Seeds, ChainOfKeys) {
    const core::ModelId model = model_id(test::preset("tiny"));
    const RaceKey key = race_key(test::check_race_seed(), model);
    Bytes data;
    core::append(data, test::check_race_seed().view());
    core::append(data, model.view());
    EXPECT_EQ(key.bytes, crypto::hash(crypto::domain::race_key, data).bytes);
    EXPECT_EQ(weights_key(key).bytes, crypto::hash(crypto::domain::weights, key.view()).bytes);

    data.clear();
    core::append(data, key.view());
    core::append(data, test::check_node_seed().view());
    core::append(data, Bytes{8, 7, 6, 5, 4, 3, 2, 1});
    EXPECT_EQ(input_seed(key, test::check_node_seed(), 0x0102030405060708).bytes,
              crypto::hash(crypto::domain::input, data).bytes);
}

TEST(Seeds, NoTwoRacesShareWeights) {
    std::set<WeightsKey> seen;
    for (const Preset& preset : presets()) {
        EXPECT_TRUE(
            seen.insert(weights_key(race_key(test::check_race_seed(), model_id(preset.config)))).second);
        EXPECT_TRUE(seen.insert(weights_key(race_key(RaceSeed{}, model_id(preset.config)))).second);
    }
}

TEST(SeedsDeathTest, AKeyHas1To64Bytes) {
    EXPECT_DEATH((void)node_seed({}), "");
    EXPECT_DEATH((void)node_seed(Bytes(65)), "");
}

}  // namespace
}  // namespace pouw::inline v1::pow
