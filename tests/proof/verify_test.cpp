#include "pouw/proof/verify.hpp"

#include "proof/fixture.hpp"
#include "vectors.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/pow/errc.hpp"
#include "pouw/proof/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace pouw::inline v1::proof {
namespace {

using pouw::test::Json;
using test::node_key;
using test::outcomes;
using test::tiny_claim;
using test::tiny_config;
using test::tiny_race;
using test::tiny_terms;
using test::unsound;

std::uint64_t first_false_nonce() {
    return static_cast<std::uint64_t>(std::find(outcomes().begin(), outcomes().end(), false) -
                                      outcomes().begin());
}

Proof proof_with(std::vector<std::uint64_t> nonces) {
    Claim claim = tiny_claim();
    claim.nonces = std::move(nonces);
    return sign(claim, node_key());
}

TEST(Verify, AcceptsAnHonestProof) {
    const Proof proof = sign(tiny_claim(), node_key());
    const auto verdict = verify(tiny_terms(), proof, tiny_race(), unsound());
    ASSERT_TRUE(verdict);
    EXPECT_TRUE(verdict->valid());
    EXPECT_EQ(verdict->weight(), proof.claim.nonces.size());
    EXPECT_EQ(verdict->passed, verdict->claimed);
    EXPECT_GE(verdict->claimed, 8u);
}

TEST(Verify, AcceptsTheEmptyProof) {
    const auto verdict = verify_streamed(tiny_config(), tiny_terms(), proof_with({}), "", unsound());
    EXPECT_TRUE(verdict->valid());
    EXPECT_EQ(verdict->weight(), 0u);
}

TEST(Verify, ComparesTheTermsInOrder) {
    const Proof proof = sign(tiny_claim(), node_key());
    Terms other = tiny_terms();
    other.threshold += 1;
    EXPECT_EQ(verify_terms(other, proof).error().code, proof::errc::threshold_mismatch);
    other.node = node_key(2).public_key();
    EXPECT_EQ(verify_terms(other, proof).error().code, proof::errc::node_mismatch);
    other.race_seed.bytes[0] ^= 1;
    EXPECT_EQ(verify_terms(other, proof).error().code, proof::errc::race_mismatch);
    other.model.bytes[0] ^= 1;
    EXPECT_EQ(verify_terms(other, proof).error().code, proof::errc::model_mismatch);
    EXPECT_TRUE(verify_terms(tiny_terms(), proof));
}

TEST(Verify, AnotherChainOrHeightIsAnotherRace) {
    const Proof proof = sign(tiny_claim(), node_key());
    for (const pow::ChainState& state :
         {pow::ChainState{.chain_id = "bitcoin2", .height = 0, .block_hash = {}, .beacon = {}},
          pow::ChainState{.chain_id = "bitcoin", .height = 1, .block_hash = {}, .beacon = {}}}) {
        Terms other = tiny_terms();
        other.race_seed = pow::race_seed(state);
        EXPECT_EQ(verify_terms(other, proof).error().code, proof::errc::race_mismatch);
    }
}

TEST(Verify, EveryFlippedBitOfTheSignatureIsRefused) {
    const Proof good = sign(tiny_claim(), node_key());
    for (std::size_t bit = 0; bit < 8 * crypto::Signature::size; ++bit) {
        Proof proof = good;
        proof.signature.bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        EXPECT_EQ(verify_terms(tiny_terms(), proof).error().code, crypto::errc::invalid_signature) << bit;
    }
}

TEST(Verify, ASignatureOfAnotherClaimIsRefused) {
    Proof proof = sign(tiny_claim(), node_key());
    proof.claim.nonces.pop_back();
    const auto verdict = verify_streamed(tiny_config(), tiny_terms(), proof, "", unsound());
    EXPECT_EQ(verdict->refusal->code, crypto::errc::invalid_signature);
    EXPECT_EQ(verdict->evaluated, 0u);
    EXPECT_EQ(verdict->weight(), 0u);
}

TEST(Verify, OneFalseNonceConvicts) {
    std::vector<std::uint64_t> nonces = test::nonces_that_pass();
    nonces.push_back(first_false_nonce());
    std::sort(nonces.begin(), nonces.end());
    const auto verdict = verify(tiny_terms(), proof_with(nonces), tiny_race(), unsound());
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->refusal->code, proof::errc::false_nonce);
    ASSERT_EQ(verdict->false_nonces.size(), 1u);
    EXPECT_EQ(verdict->false_nonces[0].nonce, first_false_nonce());
    EXPECT_GE(verdict->false_nonces[0].squared_distance, tiny_terms().threshold);
    EXPECT_EQ(verdict->weight(), 0u);
}

TEST(Verify, JudgesAllWhenAsked) {
    std::vector<std::uint64_t> all(outcomes().size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    const auto verdict =
        verify(tiny_terms(), proof_with(all), tiny_race(), unsound({.stop_at_first_failure = false}));
    ASSERT_TRUE(verdict);
    const auto passing = static_cast<std::uint64_t>(std::count(outcomes().begin(), outcomes().end(), true));
    EXPECT_EQ(verdict->passed, passing);
    EXPECT_EQ(verdict->evaluated, all.size());
    EXPECT_EQ(verdict->false_nonces.size(), all.size() - passing);
    for (const FalseNonce& bad : verdict->false_nonces) EXPECT_FALSE(outcomes()[bad.nonce]);
}

TEST(Verify, TheVerdictDoesNotDependOnThreadsOrMemory) {
    std::vector<std::uint64_t> all(outcomes().size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    const Proof proof = proof_with(all);
    const pow::Race race = tiny_race();
    for (const unsigned threads : {1u, 2u, 3u, 7u, 100u}) {
        for (const auto& verdict :
             {verify(tiny_terms(), proof, race, unsound({.threads = threads})),
              verify_streamed(tiny_config(), tiny_terms(), proof, "", unsound({.threads = threads}))}) {
            ASSERT_TRUE(verdict);
            EXPECT_EQ(verdict->false_nonces.at(0).nonce, first_false_nonce());
            EXPECT_EQ(verdict->evaluated, first_false_nonce() + 1);
        }
    }
}

TEST(Verify, CanBeCancelled) {
    std::stop_source stop;
    stop.request_stop();
    const auto verdict = verify_streamed(tiny_config(), tiny_terms(), sign(tiny_claim(), node_key()), "",
                                         unsound({.stop = stop.get_token()}));
    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.error().code, core::errc::cancelled);
}

TEST(Verify, ReportsProgressToTheEnd) {
    const Proof proof = sign(tiny_claim(), node_key());
    std::uint64_t last = 0;
    const auto progress = [&](std::uint64_t done, std::uint64_t total) {
        EXPECT_GT(done, last);
        EXPECT_EQ(total, proof.claim.nonces.size());
        last = done;
    };
    const auto verdict = verify(tiny_terms(), proof, tiny_race(), unsound({.progress = progress}));
    ASSERT_TRUE(verdict);
    EXPECT_EQ(last, proof.claim.nonces.size());
}

TEST(Verify, AModelThatIsNotKnownToBeSoundHasNoWeight) {
    const Proof proof = sign(tiny_claim(), node_key());
    for (const auto& verdict :
         {verify(tiny_terms(), proof, tiny_race()), verify_streamed(tiny_config(), tiny_terms(), proof)}) {
        ASSERT_TRUE(verdict);
        EXPECT_EQ(verdict->refusal->code, pow::errc::unsound_config);
        EXPECT_EQ(verdict->evaluated, 0u);
        EXPECT_EQ(verdict->weight(), 0u);
    }
}

TEST(Verify, AVerdictWithoutAllNoncesHasNoWeight) {
    Verdict verdict;
    verdict.claimed = 5;
    EXPECT_EQ(verdict.weight(), 0u);
    verdict.passed = 5;
    EXPECT_EQ(verdict.weight(), 5u);
}

core::result<Proof> decode_verified(core::ByteView data) {
    return Proof::decode_verified(tiny_terms(), data);
}

TEST(DecodeVerified, IsDecodeAndVerifyTerms) {
    const Proof proof = sign(tiny_claim(), node_key());
    const core::Bytes good = proof.encode();
    EXPECT_EQ(decode_verified(good).value(), proof);
    EXPECT_EQ(Proof::claimed_terms(good).value(), tiny_terms());
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_EQ(decode_verified(core::ByteView{good}.first(size)).error().code, core::errc::truncated);
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        core::Bytes bytes = good;
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        EXPECT_FALSE(decode_verified(bytes)) << bit;
        const auto header = Proof::claimed_terms(bytes);
        if (!header || *header == tiny_terms()) continue;
        EXPECT_EQ(decode_verified(bytes).error().code, verify_terms(tiny_terms(), *header).error().code);
    }
}

TEST(DecodeVerified, VerifiesTheSignatureBeforeTheNonces) {
    const Proof proof = sign(tiny_claim(), node_key());
    // A count that no string of this length has: told of unsigned bytes only by `decode`.
    core::Bytes bytes = proof.encode();
    std::fill_n(bytes.begin() + 116, 8, std::uint8_t{255});
    EXPECT_EQ(Proof::decode(bytes).error().code, core::errc::count_too_large);
    EXPECT_EQ(decode_verified(bytes).error().code, crypto::errc::invalid_signature);
    // Signed by the node itself it is still refused, for what it is.
    const core::ByteView claim = core::ByteView{bytes}.first(bytes.size() - crypto::Signature::size);
    const auto signature = node_key().sign(crypto::hash(crypto::domain::proof, claim));
    std::copy(signature.bytes.begin(), signature.bytes.end(), bytes.end() - crypto::Signature::size);
    EXPECT_EQ(decode_verified(bytes).error().code, core::errc::count_too_large);
}

TEST(Verify, AnUnknownBackendIsAnError) {
    EXPECT_EQ(
        verify_streamed(tiny_config(), tiny_terms(), sign(tiny_claim(), node_key()), "abacus", unsound())
            .error()
            .code,
        pow::errc::unknown_backend);
}

TEST(Verify, Vectors) {
    const std::map<std::string, core::error_code> codes{
        {"truncated", core::errc::truncated},
        {"magic", core::errc::invalid_magic},
        {"spec_version", core::errc::unsupported_version},
        {"threshold_zero", pow::errc::invalid_threshold},
        {"count_too_large", core::errc::count_too_large},
        {"ends_inside_gap", core::errc::truncated},
        {"byte_left_over", core::errc::trailing_bytes},
        {"model", proof::errc::model_mismatch},
        {"race_seed", proof::errc::race_mismatch},
        {"node", proof::errc::node_mismatch},
        {"threshold", proof::errc::threshold_mismatch},
        {"invalid_public_key", crypto::errc::invalid_public_key},
        {"signature", crypto::errc::invalid_signature},
        {"false_nonce", proof::errc::false_nonce}};
    const Json vectors = pouw::test::load_vectors("proof/proofs.json");
    for (const auto& vector : vectors["cases"]) {
        const std::string name = vector["name"];
        const Json& terms = vector["expected"];
        pow::ModelConfig config = pow::preset(terms["preset"].get<std::string>()).value();
        config.permutation_binding =
            static_cast<pow::PermutationBinding>(terms["permutation_binding"].get<std::uint32_t>());
        const Terms expected{.model = pow::model_id(config),
                             .race_seed = pouw::test::fixed<pow::RaceSeed>(terms["race_seed"]),
                             .node = pouw::test::fixed<core::NodeId>(terms["node"]),
                             .threshold = pouw::test::u64(terms["threshold"])};
        const core::Bytes bytes = pouw::test::bytes(vector["proof"]);
        const auto proof = Proof::decode(bytes);
        std::optional<core::error> refusal;
        if (proof) {
            EXPECT_EQ(proof->encode(), bytes) << name;
            const auto verdict = verify_streamed(config, expected, *proof, "", unsound());
            ASSERT_TRUE(verdict) << name;
            refusal = verdict->refusal;
            if (vector.contains("false_nonce")) {
                EXPECT_EQ(verdict->false_nonces.at(0).nonce, pouw::test::u64(vector["false_nonce"])) << name;
            }
        } else {
            refusal = proof.error();
        }
        EXPECT_EQ(!refusal, vector["accept"].get<bool>()) << name;
        // `length` is truncated or trailing_bytes here, whichever the length says.
        if (refusal && vector["reason"] != "length") {
            EXPECT_EQ(refusal->code, codes.at(vector["reason"])) << name;
        }
        if (vector.contains("signer_seed") && vector["accept"]) {
            const auto seed = pouw::test::fixed<crypto::Hash256>(vector["signer_seed"]);
            EXPECT_EQ(sign(proof->claim, crypto::SigningKey::from_seed(seed.bytes)), *proof) << name;
            EXPECT_EQ(core::to_hex(signing_digest(proof->claim).view()), vector["signing_digest"]) << name;
        }
    }
    EXPECT_GE(vectors["cases"].size(), 20u);
}

}  // namespace
}  // namespace pouw::inline v1::proof
