#include "pouw/vrf/vrf.hpp"

#include "vectors.hpp"

#include "pouw/core/describe.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/edwards25519.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/vrf/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <type_traits>

namespace pouw::inline v1::vrf {
namespace {

using test::Json;

/// By value: what a range-for iterates over must outlive the file it was read from.
Json cases(const std::string& name) { return test::load_vectors(name)["vectors"]; }

SecretKey test_key(std::uint8_t fill) {
    std::array<std::uint8_t, 32> seed{};
    seed.fill(fill);
    return SecretKey::from_seed(seed);
}

const core::Bytes input{'t', 'a', 's', 'k'};

/// The verdict on encodings of any length, as a node sees them.
core::result<Output> verify_bytes(core::ByteView key, core::ByteView alpha, core::ByteView proof) {
    const auto public_key = PublicKey::from(key);
    if (!public_key) return public_key.error();
    const auto typed = Proof::from(proof);
    if (!typed) return typed.error();
    return verify(*public_key, alpha, *typed);
}

void check_vector(const Json& vector) {
    const core::Bytes seed = test::bytes(vector["SK"]);
    const SecretKey key = SecretKey::from_seed(std::span<const std::uint8_t, 32>{seed.data(), 32});
    const core::Bytes alpha = test::bytes(vector["alpha"]);
    EXPECT_EQ(core::to_hex(key.public_key().bytes), vector["PK"]);
    const Proof proof = key.prove(alpha);
    EXPECT_EQ(core::to_hex(proof.bytes), vector["pi"]);
    const auto verified = verify(key.public_key(), alpha, proof);
    ASSERT_TRUE(verified) << core::describe(verified.error());
    EXPECT_EQ(core::to_hex(verified->bytes), vector["beta"]);
    EXPECT_EQ(*verified, *proof_to_hash(proof));
}

TEST(Vrf, RfcExamples) {
    for (const Json& vector : cases("vrf/rfc9381.json")) check_vector(vector);
}

TEST(Vrf, ReferenceProofs) {
    for (const Json& vector : cases("vrf/honest.json")) check_vector(vector);
}

// Non-canonical encodings, points of small and mixed order, scalars out of range, challenges of old drafts:
// the verdict of an implementation apart, and the same output wherever both accept.
TEST(Vrf, ReferenceVerdicts) {
    std::size_t accepted = 0;
    for (const Json& vector : cases("vrf/verdicts.json")) {
        const auto r =
            verify_bytes(test::bytes(vector["PK"]), test::bytes(vector["alpha"]), test::bytes(vector["pi"]));
        EXPECT_EQ(r ? core::to_hex(r->bytes) : "", vector["beta"]) << vector.dump();
        accepted += r.has_value();
    }
    EXPECT_GE(accepted, 20u);
}

TEST(Vrf, ProofsOfAnotherSuiteAreInvalid) {
    for (const Json& vector : cases("vrf/rfc9381_other_suite.json")) {
        EXPECT_FALSE(
            verify_bytes(test::bytes(vector["PK"]), test::bytes(vector["alpha"]), test::bytes(vector["pi"])));
    }
}

// The RFC's verification lets a prover add a point of small order to Gamma: other proofs, the one output.
TEST(Vrf, TorsionInGammaChangesNoOutput) {
    std::set<std::string> proofs;
    std::set<std::string> outputs;
    for (const Json& vector : cases("vrf/verdicts.json")) {
        if (!vector["comment"].get<std::string>().starts_with("Gamma plus")) continue;
        if (vector["beta"].get<std::string>().empty()) continue;
        proofs.insert(vector["pi"]);
        outputs.insert(vector["beta"]);
    }
    EXPECT_GT(proofs.size(), 5u);
    EXPECT_EQ(outputs.size(), 1u);
}

TEST(Vrf, EveryFlippedBitInvalidates) {
    const SecretKey key = test_key(1);
    const Proof proof = key.prove(input);
    ASSERT_TRUE(verify(key.public_key(), input, proof));
    for (std::size_t bit = 0; bit < 8 * Proof::size; ++bit) {
        Proof flipped = proof;
        flipped.bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        EXPECT_FALSE(verify(key.public_key(), input, flipped)) << bit;
    }
}

TEST(Vrf, OtherLengthsAreNoProof) {
    const SecretKey key = test_key(1);
    const Proof good = key.prove(input);
    core::Bytes proof(good.bytes.begin(), good.bytes.end());
    proof.resize(100);
    for (std::size_t size = 0; size <= 100; ++size) {
        if (size == Proof::size) continue;
        EXPECT_EQ(verify_bytes(key.public_key().bytes, input, core::ByteView{proof}.first(size)).error().code,
                  core::errc::wrong_length);
    }
}

TEST(Vrf, OtherInputOrKeyIsFalse) {
    const SecretKey key = test_key(1);
    const SecretKey other = test_key(2);
    const Proof proof = key.prove(input);
    EXPECT_EQ(verify(key.public_key(), core::Bytes{'t', 'a', 's', 'l'}, proof).error().code,
              vrf::errc::false_vrf_proof);
    EXPECT_EQ(verify(key.public_key(), {}, proof).error().code, vrf::errc::false_vrf_proof);
    EXPECT_EQ(verify(other.public_key(), input, proof).error().code, vrf::errc::false_vrf_proof);
}

TEST(Vrf, NamesWhatIsWrong) {
    const SecretKey key = test_key(1);
    Proof proof = key.prove(input);
    PublicKey identity;
    identity.bytes[0] = 1;
    EXPECT_EQ(verify(identity, input, proof).error().code, vrf::errc::invalid_vrf_key);
    PublicKey off_curve;
    off_curve.bytes[0] = 2;
    EXPECT_EQ(verify(off_curve, input, proof).error().code, vrf::errc::invalid_vrf_key);
    Proof big_scalar = proof;
    big_scalar.bytes[79] |= 0x80;
    EXPECT_EQ(verify(key.public_key(), input, big_scalar).error().code, vrf::errc::invalid_vrf_proof);
    EXPECT_EQ(proof_to_hash(big_scalar).error().code, vrf::errc::invalid_vrf_proof);
    Proof no_point = proof;
    std::copy(off_curve.bytes.begin(), off_curve.bytes.end(), no_point.bytes.begin());
    EXPECT_EQ(verify(key.public_key(), input, no_point).error().code, vrf::errc::invalid_vrf_proof);
}

TEST(VrfKey, RegistrationIsStricterThanVerification) {
    std::size_t mixed = 0;
    for (const Json& vector : cases("vrf/verdicts.json")) {
        const std::string comment = vector["comment"];
        if (comment.starts_with("key ") || comment == "both") {
            EXPECT_EQ(checked_public_key(test::bytes(vector["PK"])).error().code, vrf::errc::invalid_vrf_key)
                << comment;
            mixed += !vector["beta"].get<std::string>().empty();
        }
    }
    EXPECT_GT(mixed, 0u);
    EXPECT_TRUE(checked_public_key(test_key(1).public_key().bytes));
    EXPECT_EQ(checked_public_key(core::Bytes(31)).error().code, core::errc::wrong_length);
    EXPECT_EQ(checked_public_key(core::Bytes(33)).error().code, core::errc::wrong_length);
}

TEST(VrfKey, PossessionIsBoundToChainAndNode) {
    const SecretKey key = test_key(3);
    const core::ChainId chain = "chain";
    core::NodeId node;
    node.bytes[0] = 9;
    const Proof proof = prove_possession(key, chain, node);
    EXPECT_EQ(check_registration(chain, node, key.public_key().bytes, proof).value(), key.public_key());

    core::NodeId other_node = node;
    other_node.bytes[31] ^= 1;
    for (const auto& r :
         {check_registration("c", node, key.public_key().bytes, proof),
          check_registration(chain, other_node, key.public_key().bytes, proof),
          check_registration(chain, node, test_key(4).public_key().bytes, proof),
          check_registration(chain, node, key.public_key().bytes, key.prove(chain.bytes()))}) {
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error().code, crypto::errc::false_possession);
    }
    EXPECT_EQ(check_registration(chain, node, core::Bytes(32), proof).error().code,
              vrf::errc::invalid_vrf_key);
}

TEST(VrfKey, IsAFunctionOfTheMasterSeedAndNotTheSigningKey) {
    const crypto::MasterSeed seed = crypto::generate_master_seed();
    const SecretKey key = SecretKey::derive(seed);
    EXPECT_EQ(key.public_key(), SecretKey::derive(seed).public_key());
    EXPECT_NE(key.public_key().bytes, crypto::SigningKey::derive(seed).public_key().bytes);
}

// One signature and one proof under the same key reveal it, so the types keep the keys apart.
static_assert(!std::is_constructible_v<SecretKey, crypto::SigningKey>);
static_assert(!std::is_convertible_v<crypto::PublicKey, PublicKey>);
static_assert(!std::is_convertible_v<PublicKey, crypto::PublicKey>);
static_assert(!std::is_copy_constructible_v<SecretKey>);

}  // namespace
}  // namespace pouw::inline v1::vrf
