/// The vectors that the independent implementation in tests/reference made of trees, openings, samples and
/// commitments.
#include "proof/fixture.hpp"
#include "vectors.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/pow/errc.hpp"
#include "pouw/proof/errc.hpp"
#include "pouw/proof/sampling.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace pouw::inline v1::proof {
namespace {

using pouw::test::fixed;
using pouw::test::Json;
using pouw::test::load_vectors;
using pouw::test::u64;

std::vector<std::uint64_t> numbers(const Json& list) {
    std::vector<std::uint64_t> out;
    for (const Json& number : list) out.push_back(u64(number));
    return out;
}

std::vector<NonceRange> ranges_of(const Json& list) {
    std::vector<NonceRange> out;
    for (const Json& range : list) out.push_back({u64(range[0]), u64(range[1])});
    return out;
}

TEST(CommitmentVectors, TreesAndOpenings) {
    const Json vectors = load_vectors("proof/trees.json");
    std::size_t openings = 0;
    for (const Json& vector : vectors["cases"]) {
        const std::string name = vector["name"];
        const auto nonces = numbers(vector["nonces"]);
        NonceTree tree{nonces, {.bucket = 1 + openings % 40}};
        const TreeRoot expected{fixed<crypto::Hash256>(vector["root"]), u64(vector["count"])};
        EXPECT_EQ(tree.root(), expected) << name;
        for (const Json& shown : vector["openings"]) {
            ++openings;
            const auto ranges = ranges_of(shown["ranges"]);
            const auto asked = numbers(shown["nonces"]);
            const auto opening = tree.open({numbers(shown["ranks"]), asked, ranges});
            const core::Bytes bytes = pouw::test::bytes(shown["bytes"]);
            EXPECT_EQ(opening->encode(), bytes) << name;
            const auto decoded = Opening::decode(bytes);
            ASSERT_TRUE(decoded) << name;
            EXPECT_EQ(*decoded, *opening) << name;
            const auto opened = VerifiedOpening::create(expected, *decoded);
            ASSERT_TRUE(opened) << name;
            ASSERT_EQ(opened->leaves().size(), shown["leaves"].size()) << name;
            for (std::size_t i = 0; i < opened->leaves().size(); ++i) {
                EXPECT_EQ(opened->leaves()[i].rank, u64(shown["leaves"][i][0]));
                EXPECT_EQ(opened->leaves()[i].nonce, u64(shown["leaves"][i][1]));
            }
            for (std::size_t i = 0; i < asked.size(); ++i) {
                EXPECT_EQ(opened->find(asked[i]), shown["present"][i].get<bool>()
                                                      ? VerifiedOpening::Presence::present
                                                      : VerifiedOpening::Presence::absent);
            }
            const auto restricted = opened->restricted(ranges);
            ASSERT_TRUE(restricted) << name;
            EXPECT_EQ(restricted->count, u64(shown["count_in_ranges"])) << name;
            EXPECT_EQ(core::to_hex(restricted->root.view()), shown["root_in_ranges"]) << name;
        }
    }
    EXPECT_GE(openings, 80u);
}

TEST(CommitmentVectors, BadOpenings) {
    const std::map<std::string, core::error_code> codes{{"truncated", core::errc::truncated},
                                                        {"magic", core::errc::invalid_magic},
                                                        {"spec_version", core::errc::unsupported_version},
                                                        {"height", core::errc::non_canonical},
                                                        {"prefix_bits", core::errc::non_canonical},
                                                        {"count_form", core::errc::non_canonical},
                                                        {"no_room", core::errc::count_too_large},
                                                        {"overflow", core::errc::overflow},
                                                        {"trailing_bytes", core::errc::trailing_bytes},
                                                        {"count", proof::errc::count_mismatch}};
    const Json vectors = load_vectors("proof/bad_openings.json");
    for (const Json& bad : vectors["cases"]) {
        const auto opening = Opening::decode(pouw::test::bytes(bad["bytes"]));
        const core::error_code code = opening
                                          ? VerifiedOpening::create(empty_tree_root(), *opening).error().code
                                          : opening.error().code;
        EXPECT_EQ(code, codes.at(bad["reason"])) << bad["name"];
    }
    EXPECT_GE(vectors["cases"].size(), 25u);
}

TEST(CommitmentVectors, Samples) {
    const Json vectors = load_vectors("proof/samples.json");
    for (const Json& vector : vectors["cases"]) {
        core::Bytes bytes = pouw::test::bytes(vector["signed_part"]);
        bytes.resize(bytes.size() + crypto::Signature::size);
        const auto commitment = Commitment::decode(bytes);
        ASSERT_TRUE(commitment);
        const SamplingSeed seed{fixed<core::BeaconOutput>(vector["seed"])};
        EXPECT_EQ(sample_ranks(seed, commitment->claim, u64(vector["samples"])), numbers(vector["ranks"]));
    }
    EXPECT_GE(vectors["cases"].size(), 5u);
}

TEST(CommitmentVectors, CommitmentsAndFraudProofs) {
    const std::map<std::string, core::error_code> codes{
        {"truncated", core::errc::truncated},
        {"trailing_bytes", core::errc::trailing_bytes},
        {"magic", core::errc::invalid_magic},
        {"spec_version", core::errc::unsupported_version},
        {"threshold_zero", pow::errc::invalid_threshold},
        {"root_of_nothing", proof::errc::root_mismatch},
        {"ranges", proof::errc::invalid_ranges},
        {"invalid_public_key", crypto::errc::invalid_public_key},
        {"race_seed", proof::errc::race_mismatch},
        {"threshold", proof::errc::threshold_mismatch},
        {"signature", crypto::errc::invalid_signature},
        {"false_nonce", proof::errc::false_nonce}};
    const Json vectors = load_vectors("proof/commitments.json");
    const Json& terms = vectors["expected"];
    const pow::ModelConfig config = pow::preset(terms["preset"].get<std::string>()).value();
    const Terms expected{.model = pow::model_id(config),
                         .race_seed = fixed<pow::RaceSeed>(terms["race_seed"]),
                         .node = fixed<core::NodeId>(terms["node"]),
                         .threshold = u64(terms["threshold"])};
    const auto key = crypto::SigningKey::from_seed(fixed<crypto::Hash256>(terms["signer_seed"]).bytes);
    const pow::Race race = pow::Race::create(config, expected.race_seed).value();
    const core::Fraction share{u64(terms["false_fraction"][0]), u64(terms["false_fraction"][1])};
    const auto target =
        SoundnessTarget::create(share, static_cast<std::uint32_t>(u64(terms["soundness"]))).value();
    int convicted = 0;
    for (const Json& vector : vectors["cases"]) {
        const std::string name = vector["name"];
        const core::Bytes bytes = pouw::test::bytes(vector["commitment"]);
        const std::string reason = vector["reason"].is_null() ? "" : vector["reason"].get<std::string>();
        const auto commitment = Commitment::decode(bytes);
        if (!commitment) {
            EXPECT_EQ(commitment.error().code, codes.at(reason)) << name;
            continue;
        }
        EXPECT_EQ(commitment->encode(), bytes) << name;
        const SamplingSeed seed{fixed<core::BeaconOutput>(vector["seed"])};
        const auto opening = Opening::decode(pouw::test::bytes(vector["opening"]));
        ASSERT_TRUE(opening) << name;
        const auto verdict = verify(expected, seed, target, *commitment, *opening, race, test::unsound());
        ASSERT_TRUE(verdict) << name;
        if (reason.empty()) {
            EXPECT_FALSE(verdict->refusal) << name;
            EXPECT_EQ(core::to_hex(signing_digest(commitment->claim).view()), vector["signing_digest"])
                << name;
            EXPECT_EQ(sign(commitment->claim, key), *commitment) << name;
            EXPECT_EQ(commitment->claim.ranges, ranges_of(vector["ranges"])) << name;
        } else if (reason == "wrong_opening") {
            EXPECT_TRUE(verdict->refusal->code == proof::errc::count_mismatch ||
                        verdict->refusal->code == proof::errc::root_mismatch)
                << name;
        } else if (reason != "false_nonce") {
            EXPECT_EQ(verdict->refusal->code, codes.at(reason)) << name;
        }
        if (!vector.contains("accused")) continue;
        const core::Bytes accusation = pouw::test::bytes(vector["fraud_proof"]);
        const auto fraud_proof = FraudProof::decode(accusation);
        ASSERT_TRUE(fraud_proof) << name;
        EXPECT_EQ(fraud_proof->encode(), accusation) << name;
        const auto judged = verify(expected, *fraud_proof, race);
        EXPECT_EQ(judged.has_value(), vector["guilty"].get<bool>()) << name;
        if (judged) {
            ++convicted;
            EXPECT_EQ(judged->false_nonce().nonce, u64(vector["accused"])) << name;
        } else {
            EXPECT_EQ(judged.error().code, proof::errc::passing_nonce) << name;
        }
    }
    EXPECT_GE(convicted, 2);
    EXPECT_GE(vectors["cases"].size(), 20u);
}

}  // namespace
}  // namespace pouw::inline v1::proof
