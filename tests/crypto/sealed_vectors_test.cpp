#include "vectors.hpp"

#include "pouw/crypto/sealed_answer.hpp"
#include "pouw/crypto/sealing_possession.hpp"

#include <gtest/gtest.h>

namespace pouw::inline v1::crypto {
namespace {

using test::bytes;
using test::fixed;
using test::Json;
using test::load_vectors;

SealingKey key_of(const Json& secret) {
    const core::Bytes data = bytes(secret);
    return SealingKey::from_secret(std::span<const std::uint8_t, 32>{data});
}

TEST(SealedVectors, Prompts) {
    const Json file = load_vectors("crypto/sealed.json");
    ASSERT_GE(file["prompts"].size(), 5u);
    for (const Json& vector : file["prompts"]) {
        const auto prompt = SealedPrompt::decode(bytes(vector["prompt"]));
        ASSERT_TRUE(prompt);
        EXPECT_EQ(prompt->encode(), bytes(vector["prompt"]));
        EXPECT_EQ(prompt->id(), fixed<Hash256>(vector["id"]));
        EXPECT_EQ(prompt->sender(), fixed<PublicKey>(vector["sender"]));
        EXPECT_EQ(prompt->subject().task, fixed<core::TaskId>(vector["task"]));
        EXPECT_EQ(prompt->subject().model, fixed<core::InferenceModelId>(vector["model"]));
        EXPECT_EQ(prompt->reply_key(), fixed<SealingPublicKey>(vector["reply_key"]));
        EXPECT_EQ(prompt->reply_key(), key_of(vector["reply_secret"]).public_key());
        EXPECT_EQ(prompt->recipients().size(), vector["recipients"].size());
        for (const Json& secret : vector["recipients"])
            EXPECT_EQ(prompt->open(key_of(secret)).value(), bytes(vector["body"]));
    }
}

TEST(SealedVectors, Answers) {
    const Json file = load_vectors("crypto/sealed.json");
    ASSERT_GE(file["answers"].size(), 5u);
    for (const Json& vector : file["answers"]) {
        const auto prompt = SealedPrompt::decode(bytes(vector["prompt"])).value();
        const auto answer = SealedAnswer::decode(bytes(vector["answer"]));
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->encode(), bytes(vector["answer"]));
        const auto executor = fixed<core::NodeId>(vector["executor"]);
        EXPECT_EQ(answer->executor(), executor);
        EXPECT_EQ(answer->open(prompt, executor, key_of(vector["reply_secret"])).value(),
                  bytes(vector["body"]));
    }
}

TEST(SealedVectors, BytesThatAreNone) {
    const Json file = load_vectors("crypto/sealed.json");
    ASSERT_GE(file["bad_prompts"].size() + file["bad_answers"].size(), 15u);
    for (const Json& vector : file["bad_prompts"]) {
        const auto decoded = SealedPrompt::decode(bytes(vector["bytes"]));
        ASSERT_FALSE(decoded) << vector["comment"];
        EXPECT_EQ(decoded.error().code.name(), vector["error"].get<std::string>()) << vector["comment"];
    }
    for (const Json& vector : file["bad_answers"]) {
        const auto decoded = SealedAnswer::decode(bytes(vector["bytes"]));
        ASSERT_FALSE(decoded) << vector["comment"];
        EXPECT_EQ(decoded.error().code.name(), vector["error"].get<std::string>()) << vector["comment"];
    }
}

TEST(SealedVectors, Possessions) {
    const Json file = load_vectors("crypto/sealed.json");
    ASSERT_GE(file["possessions"].size(), 11u);
    for (const Json& vector : file["possessions"]) {
        const core::ChainId chain{core::ByteView{bytes(vector["chain_id"])}};
        const auto node = fixed<core::NodeId>(vector["node"]);
        const SealingKey key = key_of(vector["secret"]);
        EXPECT_EQ(key.public_key(), fixed<SealingPublicKey>(vector["key"]));
        const auto proof = SealingPossession::decode(bytes(vector["proof"]));
        const auto checked = proof ? check_possession(chain, node, key.public_key(), *proof)
                                   : core::result<void>{proof.error()};
        EXPECT_EQ(checked.has_value(), !vector.contains("error")) << vector["comment"];
        if (!checked) {
            EXPECT_EQ(checked.error().code.name(), vector.value("error", "")) << vector["comment"];
        } else {
            EXPECT_EQ(prove_possession(key, chain, node), *proof);
        }
    }
}

}  // namespace
}  // namespace pouw::inline v1::crypto
