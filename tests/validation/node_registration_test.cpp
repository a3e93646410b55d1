#include "pouw/validation/node_registration.hpp"

#include "validation/network.hpp"

#include "pouw/beacon/errc.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/validation/errc.hpp"
#include "pouw/vrf/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <span>

namespace pouw::inline v1::validation {
namespace {

using namespace test;

crypto::MasterSeed seed_of(std::uint8_t number) {
    crypto::MasterSeed seed;
    seed.fill()[0] = number;
    return seed;
}

class NodeRegistrations : public testing::Test {
  protected:
    [[nodiscard]] static NodeRegistration of(std::uint8_t number, const Membership& membership = {0, 5, 9},
                                             const core::ChainId& chain = test_chain) {
        return NodeRegistration::create(chain, seed_of(number), membership);
    }
    /// With the node's own signature made anew: what a dishonest node can send.
    [[nodiscard]] static NodeRegistration resigned(NodeRegistration registration, std::uint8_t number = 1) {
        registration.signature = crypto::SigningKey::derive(seed_of(number)).sign(registration.digest());
        return registration;
    }
    [[nodiscard]] static core::error refusal(const NodeRegistration& registration) {
        const auto verified = registration.verify(test_chain);
        EXPECT_FALSE(verified);
        return verified ? core::error{} : verified.error();
    }

    const NodeRegistration good = of(1);
    const NodeRegistration other = of(2);
};

TEST_F(NodeRegistrations, HoldTheKeysOfTheSeed) {
    ASSERT_TRUE(good.verify(test_chain));
    EXPECT_EQ(good.keys.node, crypto::SigningKey::derive(seed_of(1)).public_key());
    EXPECT_EQ(good.keys.vrf_key, vrf::SecretKey::derive(seed_of(1)).public_key());
    EXPECT_EQ(good.keys.sealing_key, crypto::SealingKey::derive(seed_of(1)).public_key());
    EXPECT_EQ(of(1), good);
    EXPECT_NE(other.keys.node, good.keys.node);
    // As selection and ceremonies take them.
    EXPECT_EQ(good.vrf_registration(7).vrf_key, good.keys.vrf_key);
    EXPECT_EQ(good.vrf_registration(7).height, core::Height{7});
    EXPECT_EQ(good.vrf_registration(7).joins, core::Epoch{5});
    EXPECT_EQ(good.vrf_registration(7).leaves, core::Epoch{9});
    const auto holder = good.holder(11);
    EXPECT_EQ(holder.weight, 11u);
    EXPECT_TRUE(beacon::check_possession<beacon::Ristretto255>(test_chain, holder.node, holder.share_key,
                                                               holder.possession));
}

TEST_F(NodeRegistrations, HaveOneEncoding) {
    const core::Bytes bytes = good.encode();
    ASSERT_EQ(bytes.size(), NodeRegistration::size);
    EXPECT_EQ(NodeRegistration::decode(bytes).value(), good);
    EXPECT_EQ(NodeRegistration::decode(bytes)->encode(), bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_EQ(NodeRegistration::decode(core::ByteView{bytes}.first(size)).error().code,
                  core::errc::wrong_length);
    }
    core::Bytes longer = bytes;
    longer.push_back(0);
    EXPECT_EQ(NodeRegistration::decode(longer).error().code, core::errc::wrong_length);
    core::Bytes bad = bytes;
    bad[0] = 2;
    EXPECT_EQ(NodeRegistration::decode(bad).error().code, core::errc::unsupported_version);
    // The share key, its proof, and the point and scalars of the proof of the sealing key.
    const auto spoilt = [&](std::size_t place) {
        core::Bytes changed = bytes;
        std::fill_n(changed.begin() + static_cast<std::ptrdiff_t>(place), 32, std::uint8_t{0xff});
        return NodeRegistration::decode(changed).error().code;
    };
    constexpr std::size_t share_key = 4 + 32 + 32 + 24 + 32 + 80;
    EXPECT_EQ(spoilt(share_key), crypto::errc::invalid_point);
    EXPECT_EQ(spoilt(share_key + 32), crypto::errc::invalid_scalar);
    EXPECT_EQ(spoilt(share_key + 64), crypto::errc::invalid_scalar);
    EXPECT_EQ(spoilt(share_key + 128), crypto::errc::invalid_point);
    EXPECT_EQ(spoilt(share_key + 160), crypto::errc::invalid_scalar);
    EXPECT_EQ(spoilt(share_key + 192), crypto::errc::invalid_scalar);
}

TEST_F(NodeRegistrations, EveryBitIsBound) {
    // Each costs a verification of its signature, so one bit in seven.
    const core::Bytes bytes = good.encode();
    for (std::size_t bit = 0; bit < 8 * bytes.size(); bit += 7) {
        core::Bytes bad = bytes;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        const auto decoded = NodeRegistration::decode(bad);
        EXPECT_TRUE(!decoded || !decoded->verify(test_chain)) << bit;
    }
}

TEST_F(NodeRegistrations, AreOfOneChainAndSignedByTheNode) {
    EXPECT_EQ(good.verify("another").error().code, validation::errc::other_chain);
    // The chain's digest moved, and signed again: the proofs are bound to the chain.
    NodeRegistration moved = good;
    moved.chain = crypto::chain_digest("another");
    EXPECT_EQ(resigned(moved).verify("another").error(),
              (core::error{crypto::errc::false_possession, "the VRF key"}));
    NodeRegistration foreign = good;
    foreign.signature = other.signature;
    EXPECT_EQ(refusal(foreign).code, crypto::errc::invalid_signature);
    foreign = good;
    foreign.keys.node = {};
    EXPECT_EQ(refusal(foreign).code, crypto::errc::invalid_public_key);
    // Whoever signs the proofs of another node under its own name has no proofs.
    foreign = good;
    foreign.keys.node = other.keys.node;
    EXPECT_EQ(refusal(resigned(foreign, 2)), (core::error{crypto::errc::false_possession, "the VRF key"}));
}

TEST_F(NodeRegistrations, EveryKeyNeedsItsProof) {
    NodeRegistration changed = good;
    changed.keys.vrf_key = other.keys.vrf_key;
    EXPECT_EQ(refusal(resigned(changed)), (core::error{crypto::errc::false_possession, "the VRF key"}));
    changed = good;
    changed.vrf_possession = other.vrf_possession;
    EXPECT_EQ(refusal(resigned(changed)), (core::error{crypto::errc::false_possession, "the VRF key"}));
    changed = good;
    changed.keys.vrf_key = {};
    EXPECT_EQ(refusal(resigned(changed)).code, vrf::errc::invalid_vrf_key);

    changed = good;
    changed.keys.share_key = other.keys.share_key;
    EXPECT_EQ(refusal(resigned(changed)), (core::error{crypto::errc::false_possession, "the share key"}));
    changed.share_possession = other.share_possession;
    EXPECT_EQ(refusal(resigned(changed)), (core::error{crypto::errc::false_possession, "the share key"}));
    changed.keys.share_key = {};
    EXPECT_EQ(refusal(resigned(changed)).code, crypto::errc::identity_point);

    changed = good;
    changed.keys.sealing_key = other.keys.sealing_key;
    EXPECT_EQ(refusal(resigned(changed)), (core::error{crypto::errc::false_possession, "the sealing key"}));
    changed.sealing_possession = other.sealing_possession;
    EXPECT_EQ(refusal(resigned(changed)), (core::error{crypto::errc::false_possession, "the sealing key"}));
    changed.keys.sealing_key = {};
    EXPECT_EQ(refusal(resigned(changed)).code, crypto::errc::invalid_public_key);
}

TEST_F(NodeRegistrations, NoKeyHasTwoUses) {
    // The secret key of the signatures as VRF key, with a true proof.
    const crypto::DerivedSeed signing = crypto::derive_seed(seed_of(1), crypto::domain::signing_key);
    const auto vrf_key = vrf::SecretKey::from_seed(signing.reveal());
    NodeRegistration changed = good;
    changed.keys.vrf_key = vrf_key.public_key();
    changed.vrf_possession = vrf::prove_possession(vrf_key, test_chain, good.keys.node);
    EXPECT_EQ(changed.keys.vrf_key.bytes, changed.keys.node.bytes);
    EXPECT_EQ(refusal(resigned(changed)).code, validation::errc::reused_key);
}

TEST_F(NodeRegistrations, TheNegativeOfAKeyIsTheSameKey) {
    // Who knows a secret knows its negative, so the sign does not make two keys of one.
    const auto negative = [](std::span<const std::uint8_t, 32> key) {
        std::array<std::uint8_t, 32> out{};
        std::copy(key.begin(), key.end(), out.begin());
        out[31] ^= 0x80;
        return out;
    };
    for (const bool negated : {false, true}) {
        const auto key = [&](std::span<const std::uint8_t, 32> bytes) {
            const std::array<std::uint8_t, 32> opposite = negative(bytes);
            return negated ? opposite : negative(opposite);
        };
        const auto point = [&](std::span<const std::uint8_t, 32> bytes) {
            return crypto::EdwardsPoint::decode(key(bytes)).value();
        };
        NodeRegistration changed = good;
        changed.keys.vrf_key.bytes = key(good.keys.node.bytes);
        EXPECT_EQ(refusal(resigned(changed)).code, validation::errc::reused_key);
        changed = good;
        changed.sealing_possession.point = point(good.keys.node.bytes);
        EXPECT_EQ(refusal(resigned(changed)).code, validation::errc::reused_key);
        changed = good;
        changed.sealing_possession.point = point(good.keys.vrf_key.bytes);
        EXPECT_EQ(refusal(resigned(changed)).code, validation::errc::reused_key);
    }
    // Another key of the same sign, and its negative, are others.
    NodeRegistration changed = good;
    changed.keys.vrf_key.bytes = negative(other.keys.node.bytes);
    EXPECT_EQ(refusal(resigned(changed)).code, crypto::errc::false_possession);
}

TEST_F(NodeRegistrations, MembershipsAreEpochs) {
    const Membership membership{0, 5, 9};
    for (std::uint64_t epoch = 0; epoch < 12; ++epoch)
        EXPECT_EQ(membership.includes(epoch), epoch >= 5 && epoch < 9);
    EXPECT_TRUE((Membership{0, 5}.includes(UINT64_MAX - 1)));
    EXPECT_TRUE((Membership{0, 5}.includes(UINT64_MAX)));  // it never leaves
    EXPECT_FALSE((Membership{1, 7, 7}.includes(7)));
    EXPECT_TRUE(of(1, {1, 7, 7}).verify(test_chain));
    NodeRegistration inverted = good;
    inverted.membership = {0, 5, 4};
    EXPECT_EQ(refusal(resigned(inverted)).code, validation::errc::invalid_membership);
    EXPECT_DEATH((void)of(1, {0, 5, 4}), "");
}

TEST_F(NodeRegistrations, FollowEachOther) {
    EXPECT_TRUE(verify_succession(nullptr, good, 4));
    EXPECT_EQ(verify_succession(nullptr, good, 5).error().code, validation::errc::invalid_membership);
    EXPECT_EQ(verify_succession(nullptr, of(1, {1, 5, 9}), 4).error().code,
              validation::errc::stale_registration);
    // It leaves, in the epoch after the present one.
    const NodeRegistration leaving = of(1, {1, 7, 7});
    EXPECT_TRUE(verify_succession(&good, leaving, 6));
    EXPECT_EQ(verify_succession(&good, leaving, 7).error().code, validation::errc::invalid_membership);
    // The same again, an older one, and one with a gap.
    EXPECT_EQ(verify_succession(&good, good, 0).error().code, validation::errc::stale_registration);
    EXPECT_EQ(verify_succession(&leaving, good, 0).error().code, validation::errc::stale_registration);
    EXPECT_EQ(verify_succession(&leaving, leaving, 0).error().code, validation::errc::stale_registration);
    EXPECT_EQ(verify_succession(&good, of(1, {2, 7, 9}), 0).error().code,
              validation::errc::stale_registration);
    EXPECT_EQ(verify_succession(&good, of(1, {1, 4, 9}), 0).error(),
              (core::error{validation::errc::invalid_membership, "the registration before joins later"}));
    EXPECT_TRUE(verify_succession(&leaving, of(1, {2, 7, 9}), 0));
    // The last number has no successor.
    const NodeRegistration last = of(1, {UINT64_MAX, 5, 9});
    EXPECT_EQ(verify_succession(&last, of(1, {0, 6, 9}), 0).error().code,
              validation::errc::stale_registration);
    EXPECT_DEATH((void)verify_succession(&good, other, 0), "");
}

}  // namespace
}  // namespace pouw::inline v1::validation
