#include "pouw/proof/proof.hpp"

#include "proof/fixture.hpp"
#include "vectors.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/pow/errc.hpp"
#include "pouw/proof/errc.hpp"
#include "pouw/proof/nonce_set.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pouw::inline v1::proof {
namespace {

using test::node_key;
using test::tiny_claim;

core::error_code refusal_of(core::ByteView bytes) {
    const auto proof = Proof::decode(bytes);
    return proof ? core::error_code{} : proof.error().code;
}

TEST(Proof, RoundTrip) {
    const Proof proof = sign(tiny_claim(), node_key());
    const core::Bytes bytes = proof.encode();
    const auto decoded = Proof::decode(bytes);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, proof);
}

TEST(Proof, TheEmptyProofHas196Bytes) {
    Claim claim = tiny_claim();
    claim.nonces.clear();
    const core::Bytes bytes = sign(claim, node_key()).encode();
    EXPECT_EQ(bytes.size(), 196u);
    EXPECT_EQ(bytes.size(), proof_overhead);
    EXPECT_TRUE(Proof::decode(bytes));
}

TEST(Proof, SignedElsewhere) {
    const Claim claim = tiny_claim();
    const crypto::Signature signature = node_key().sign(signing_digest(claim));
    const auto attached = attach_signature(claim, signature);
    ASSERT_TRUE(attached);
    EXPECT_EQ(*attached, sign(claim, node_key()));
    crypto::Signature wrong = signature;
    wrong.bytes[3] ^= 1;
    EXPECT_EQ(attach_signature(claim, wrong).error().code, crypto::errc::invalid_signature);
}

TEST(Proof, EveryTruncationIsRefused) {
    const core::Bytes bytes = sign(tiny_claim(), node_key()).encode();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_EQ(refusal_of(core::ByteView{bytes}.first(size)), core::errc::truncated) << size;
    }
}

TEST(Proof, AnExtensionIsRefused) {
    core::Bytes bytes = sign(tiny_claim(), node_key()).encode();
    bytes.push_back(0);
    EXPECT_EQ(refusal_of(bytes), core::errc::trailing_bytes);
}

TEST(Proof, FieldsAreRefusedWithTheirReason) {
    const core::Bytes good = sign(tiny_claim(), node_key()).encode();
    const auto changed = [&](std::size_t offset, std::initializer_list<std::uint8_t> values) {
        core::Bytes bytes = good;
        std::copy(values.begin(), values.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
        return refusal_of(bytes);
    };
    EXPECT_EQ(changed(0, {'P'}), core::errc::invalid_magic);
    EXPECT_EQ(changed(8, {2}), core::errc::unsupported_version);
    EXPECT_EQ(changed(8, {0}), core::errc::unsupported_version);
    EXPECT_EQ(changed(108, {0, 0, 0, 0, 0, 0, 0, 0}), pow::errc::invalid_threshold);
    EXPECT_EQ(changed(116, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), core::errc::count_too_large);
    EXPECT_EQ(changed(116, {0xff, 0x00}), core::errc::count_too_large);
    EXPECT_EQ(changed(116, {static_cast<std::uint8_t>(tiny_claim().nonces.size() + 8)}),
              core::errc::truncated);
    EXPECT_EQ(changed(124, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), core::errc::truncated);
    EXPECT_EQ(changed(124, {0}), core::errc::trailing_bytes);
    // A key of small order: the identity.
    core::Bytes identity = good;
    std::fill_n(identity.begin() + 76, 32, std::uint8_t{0});
    identity[76] = 1;
    EXPECT_EQ(refusal_of(identity), crypto::errc::invalid_public_key);
    // A non-canonical key: y = p.
    std::fill_n(identity.begin() + 76, 32, std::uint8_t{0xff});
    identity[76] = 0xed;
    identity[107] = 0x7f;
    EXPECT_EQ(refusal_of(identity), crypto::errc::invalid_public_key);
}

TEST(Proof, MergeIsTheUnion) {
    Claim a = tiny_claim();
    Claim b = a;
    a.nonces = {1, 5, 9};
    b.nonces = {2, 5, UINT64_MAX};
    const Claim claims[]{a, b, a};
    EXPECT_EQ(merge(claims)->nonces, (std::vector<std::uint64_t>{1, 2, 5, 9, UINT64_MAX}));
    EXPECT_EQ(*merge(std::span{claims}.first(1)), a);
}

TEST(Proof, MergeRefusesAnotherSubject) {
    const Claim a = tiny_claim();
    const auto refusal = [&](auto change) {
        Claim b = a;
        change(b);
        const Claim claims[]{a, b};
        return merge(claims).error().code;
    };
    EXPECT_EQ(refusal([](Claim& c) { c.terms.model.bytes[0] ^= 1; }), proof::errc::model_mismatch);
    EXPECT_EQ(refusal([](Claim& c) { c.terms.race_seed.bytes[0] ^= 1; }), proof::errc::race_mismatch);
    EXPECT_EQ(refusal([](Claim& c) { c.terms.node.bytes[0] ^= 1; }), proof::errc::node_mismatch);
    EXPECT_EQ(refusal([](Claim& c) { ++c.terms.threshold; }), proof::errc::threshold_mismatch);
}

TEST(Proof, MergeVectors) {
    const pouw::test::Json vectors = pouw::test::load_vectors("proof/nonce_sets.json");
    for (const auto& merge_case : vectors["merges"]) {
        std::vector<Claim> claims;
        for (std::size_t i = 0; i < merge_case["parts"].size(); ++i) {
            claims.push_back(tiny_claim());
            claims.back().nonces = *decode_nonces(pouw::test::bytes(merge_case["parts"][i]),
                                                  pouw::test::u64(merge_case["part_counts"][i]));
        }
        const Claim merged = *merge(claims);
        EXPECT_EQ(merged.nonces.size(), pouw::test::u64(merge_case["count"]));
        std::vector<std::uint64_t> expected;
        for (const auto& nonce : merge_case["nonces"]) expected.push_back(pouw::test::u64(nonce));
        EXPECT_EQ(merged.nonces, expected);
    }
    EXPECT_FALSE(vectors["merges"].empty());
}

TEST(ProofDeathTest, TheCallerSignsItsOwnClaimsInOrder) {
    EXPECT_DEATH((void)sign(tiny_claim(), node_key(2)), "");
    Claim unordered = tiny_claim();
    unordered.nonces = {5, 4};
    EXPECT_DEATH((void)signing_digest(unordered), "");
    Claim no_threshold = tiny_claim();
    no_threshold.terms.threshold = 0;
    EXPECT_DEATH((void)signing_digest(no_threshold), "");
    EXPECT_DEATH((void)merge({}), "");
}

}  // namespace
}  // namespace pouw::inline v1::proof
