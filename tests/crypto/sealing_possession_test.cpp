#include "pouw/crypto/sealing_possession.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/crypto/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pouw::inline v1::crypto {
namespace {

core::NodeId node_of(std::uint8_t number) {
    core::NodeId node;
    node.bytes.fill(number);
    return node;
}

class SealingPossessionTest : public testing::Test {
  protected:
    const core::ChainId chain{"test"};
    const core::NodeId node = node_of(3);
    SealingKey key = SealingKey::generate();
    SealingPossession proof = prove_possession(key, chain, node);
};

TEST_F(SealingPossessionTest, HoldsForItsKeyChainAndNode) {
    EXPECT_TRUE(check_possession(chain, node, key.public_key(), proof));
    EXPECT_EQ(prove_possession(key, chain, node), proof);
    const auto refused = [&](const core::ChainId& c, const core::NodeId& n, const SealingPublicKey& k) {
        const auto checked = check_possession(c, n, k, proof);
        return !checked && checked.error().code == crypto::errc::false_possession;
    };
    EXPECT_TRUE(refused("another", node, key.public_key()));
    EXPECT_TRUE(refused(chain, node_of(4), key.public_key()));
    EXPECT_TRUE(refused(chain, node, SealingKey::generate().public_key()));
}

TEST_F(SealingPossessionTest, OfManyKeys) {
    for (int i = 0; i < 50; ++i) {
        const SealingKey other = SealingKey::generate();
        EXPECT_TRUE(check_possession(chain, node, other.public_key(), prove_possession(other, chain, node)));
    }
}

TEST_F(SealingPossessionTest, NeedsTheSecret) {
    // The proof of one key with the point of another, and the point of the opposite sign.
    SealingPossession other = proof;
    other.point = prove_possession(SealingKey::generate(), chain, node).point;
    EXPECT_EQ(check_possession(chain, node, key.public_key(), other).error(),
              (core::error{crypto::errc::false_possession, "the point is not that of the sealing key"}));
    other.point = EdwardsPoint{} - proof.point;
    EXPECT_EQ(check_possession(chain, node, key.public_key(), other).error().code,
              crypto::errc::false_possession);
    other = proof;
    other.response = other.response + Scalar{1};
    EXPECT_EQ(check_possession(chain, node, key.public_key(), other).error().code,
              crypto::errc::false_possession);
    EXPECT_EQ(check_possession(chain, node, key.public_key(), {}).error().code,
              crypto::errc::false_possession);
    EXPECT_EQ(check_possession(chain, node, {}, proof).error().code, crypto::errc::invalid_public_key);
    // A component of small order leaves the u-coordinate's multiples alone, and is refused.
    const EdwardsPoint order_two =
        EdwardsPoint::decode(
            core::from_hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f").value())
            .value();
    other = proof;
    other.point = proof.point + order_two;
    EXPECT_EQ(check_possession(chain, node, key.public_key(), other).error().code,
              crypto::errc::false_possession);
}

TEST_F(SealingPossessionTest, EveryBitIsBound) {
    const core::Bytes good = proof.encode();
    ASSERT_EQ(good.size(), SealingPossession::size);
    EXPECT_EQ(SealingPossession::decode(good).value(), proof);
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        core::Bytes bad = good;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        const auto decoded = SealingPossession::decode(bad);
        EXPECT_TRUE(!decoded || !check_possession(chain, node, key.public_key(), *decoded)) << bit;
    }
    for (const std::size_t size : {std::size_t{0}, good.size() - 1}) {
        EXPECT_EQ(SealingPossession::decode(core::ByteView{good}.first(size)).error().code,
                  core::errc::wrong_length);
    }
    core::Bytes bad = good;
    std::fill_n(bad.begin(), 32, std::uint8_t{0xff});
    EXPECT_EQ(SealingPossession::decode(bad).error().code, crypto::errc::invalid_point);
    for (const std::ptrdiff_t scalar : {32, 64}) {
        bad = good;
        std::fill_n(bad.begin() + scalar, 32, std::uint8_t{0xff});
        EXPECT_EQ(SealingPossession::decode(bad).error().code, crypto::errc::invalid_scalar);
    }
}

}  // namespace
}  // namespace pouw::inline v1::crypto
