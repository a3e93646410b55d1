#include "pouw/crypto/sealed_answer.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/crypto/errc.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>

namespace pouw::inline v1::crypto {
namespace {

MasterSeed seed_of(std::uint8_t fill) {
    MasterSeed seed;
    std::fill(seed.fill().begin(), seed.fill().end(), fill);
    return seed;
}

class SealedAnswerTest : public testing::Test {
  protected:
    [[nodiscard]] SealedPrompt prompt_of(std::uint8_t task, const SealingKey& reply) const {
        PromptSubject subject;
        subject.task.bytes[0] = task;
        const auto data = SealedPrompt::seal(subject, core::Bytes{1, 2}, {recipient.public_key()},
                                             reply.public_key(), user);
        return SealedPrompt::decode(data.value()).value();
    }
    [[nodiscard]] core::Bytes sealed() const { return SealedAnswer::seal(prompt, body, executor).value(); }
    /// The bytes with the executor's own signature made anew: what a dishonest executor can send.
    [[nodiscard]] core::Bytes resigned(core::Bytes data) const {
        data.resize(data.size() - Signature::size);
        core::append(data, executor.sign(hash(domain::answer, data)).view());
        return data;
    }
    [[nodiscard]] core::result<core::Bytes> open(core::ByteView data) const {
        return SealedAnswer::decode(data).value().open(prompt, executor.public_key(), reply_key);
    }

    SealingKey recipient = SealingKey::derive(seed_of(1));
    SigningKey executor = SigningKey::derive(seed_of(1));
    SigningKey user = SigningKey::derive(seed_of(2));
    SealingKey reply_key = SealingKey::generate();
    SealedPrompt prompt = prompt_of(7, reply_key);
    core::Bytes body{'b', 'e', 'c', 'a', 'u', 's', 'e'};

    // version, executor, prompt, task; then the sealed key, the commitment, the nonce, the size.
    static constexpr std::size_t sealed_key = 4 + 32 + 32 + 32;
    static constexpr std::size_t size_field = sealed_key + 80 + 32 + 24;
};

TEST_F(SealedAnswerTest, TheUserAloneReadsIt) {
    const core::Bytes data = sealed();
    const SealedAnswer answer = SealedAnswer::decode(data).value();
    EXPECT_EQ(answer.executor(), executor.public_key());
    EXPECT_EQ(answer.prompt(), prompt.id());
    EXPECT_EQ(answer.task(), prompt.subject().task);
    EXPECT_EQ(answer.body_size(), body.size());
    EXPECT_EQ(answer.encode(), data);
    EXPECT_EQ(answer.open(prompt, executor.public_key(), reply_key).value(), body);
    // Not even the executor, with the key that opened the prompt.
    EXPECT_EQ(answer.open(prompt, executor.public_key(), recipient).error(),
              (core::error{crypto::errc::not_a_recipient, "not the reply key of the prompt"}));
    EXPECT_EQ(std::search(data.begin(), data.end(), body.begin(), body.end()), data.end());
}

TEST_F(SealedAnswerTest, BodiesOfEverySize) {
    for (const std::size_t size : {0u, 1u, 63u, 64u, 65u, 100000u}) {
        body.assign(size, 7);
        EXPECT_EQ(open(sealed()).value(), body);
    }
    EXPECT_DEATH((void)SealedAnswer::seal(prompt, core::Bytes(answer_limit + 1), executor), "");
}

TEST_F(SealedAnswerTest, IsToOnePromptOfOneExecutor) {
    const SealedAnswer answer = SealedAnswer::decode(sealed()).value();
    // Another prompt of the same user, task and reply key is another prompt.
    const SealedPrompt same_task = prompt_of(7, reply_key);
    EXPECT_NE(same_task.id(), prompt.id());
    EXPECT_EQ(answer.open(same_task, executor.public_key(), reply_key).error().code,
              crypto::errc::other_prompt);
    EXPECT_EQ(answer.open(prompt_of(8, reply_key), executor.public_key(), reply_key).error().code,
              crypto::errc::other_prompt);
    EXPECT_EQ(answer.open(prompt, user.public_key(), reply_key).error().code, crypto::errc::other_sender);
}

TEST_F(SealedAnswerTest, NobodyPassesItOffAsHisOwn) {
    // A node copies the sealed body of another under its own name and signature: it does not open.
    const SigningKey thief = SigningKey::derive(seed_of(3));
    core::Bytes stolen = sealed();
    std::copy(thief.public_key().bytes.begin(), thief.public_key().bytes.end(), stolen.begin() + 4);
    stolen.resize(stolen.size() - Signature::size);
    core::append(stolen, thief.sign(hash(domain::answer, stolen)).view());
    const SealedAnswer answer = SealedAnswer::decode(stolen).value();
    EXPECT_EQ(answer.open(prompt, executor.public_key(), reply_key).error().code, crypto::errc::other_sender);
    EXPECT_EQ(answer.open(prompt, thief.public_key(), reply_key).error().code,
              crypto::errc::unopenable_answer);
}

TEST_F(SealedAnswerTest, PromptAndTaskAreBoundToTheBody) {
    const SealedPrompt other = prompt_of(8, reply_key);
    core::Bytes moved = sealed();
    std::copy(other.id().bytes.begin(), other.id().bytes.end(), moved.begin() + 36);
    std::copy(other.subject().task.bytes.begin(), other.subject().task.bytes.end(), moved.begin() + 68);
    const SealedAnswer answer = SealedAnswer::decode(resigned(moved)).value();
    EXPECT_EQ(answer.open(other, executor.public_key(), reply_key).error(),
              (core::error{crypto::errc::unopenable_answer, "another content key than committed to"}));
    // The prompt's id with the task of another prompt.
    core::Bytes mixed = sealed();
    mixed[68] ^= 1;
    EXPECT_EQ(open(resigned(mixed)).error(),
              (core::error{crypto::errc::other_prompt, "its task is another"}));
}

TEST_F(SealedAnswerTest, NoBitCanBeChanged) {
    core::Bytes data = sealed();
    for (std::size_t bit = 0; bit < 8 * data.size(); ++bit) {
        data[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        EXPECT_FALSE(SealedAnswer::decode(data)) << bit;
        data[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    }
    for (std::size_t size = 0; size < data.size(); ++size) {
        EXPECT_FALSE(SealedAnswer::decode(core::ByteView{data}.first(size))) << size;
    }
    for (const std::size_t size : {std::size_t{0}, std::size_t{3}, sealed_key, size_field, data.size() - 1}) {
        EXPECT_EQ(SealedAnswer::decode(core::ByteView{data}.first(size)).error().code, core::errc::truncated);
    }
    data.push_back(0);
    EXPECT_EQ(SealedAnswer::decode(data).error().code, core::errc::trailing_bytes);
}

TEST_F(SealedAnswerTest, RefusesOtherEncodings) {
    core::Bytes other = sealed();
    other[0] = 2;
    EXPECT_EQ(SealedAnswer::decode(resigned(other)).error().code, core::errc::unsupported_version);
    // A ciphertext without room for its authenticator.
    core::Bytes empty = sealed();
    empty.resize(size_field);
    empty.insert(empty.end(), {15, 0, 0, 0});
    empty.resize(empty.size() + 15 + Signature::size);
    EXPECT_EQ(SealedAnswer::decode(resigned(empty)).error().code, crypto::errc::invalid_answer);
    core::Bytes long_size = sealed();
    std::fill_n(long_size.begin() + size_field, 4, std::uint8_t{0xff});
    EXPECT_EQ(SealedAnswer::decode(resigned(long_size)).error().code, core::errc::truncated);
    core::Bytes bad_key = sealed();
    std::fill_n(bad_key.begin() + 4, 32, std::uint8_t{0});
    EXPECT_EQ(SealedAnswer::decode(bad_key).error().code, crypto::errc::invalid_public_key);
    core::Bytes unsigned_answer = sealed();
    unsigned_answer.back() ^= 1;
    EXPECT_EQ(SealedAnswer::decode(unsigned_answer).error().code, crypto::errc::invalid_signature);
}

TEST_F(SealedAnswerTest, ADishonestExecutorIsFound) {
    core::Bytes no_key = sealed();
    no_key[sealed_key] ^= 1;
    EXPECT_EQ(open(resigned(no_key)).error(),
              (core::error{crypto::errc::unopenable_answer, "the sealed key"}));
    core::Bytes other_key = sealed();
    const core::Bytes chosen(32, 9);
    ASSERT_EQ(crypto_box_seal(other_key.data() + sealed_key, chosen.data(), chosen.size(),
                              reply_key.public_key().bytes.data()),
              0);
    EXPECT_EQ(open(resigned(other_key)).error(),
              (core::error{crypto::errc::unopenable_answer, "another content key than committed to"}));
    core::Bytes other_body = sealed();
    other_body[size_field + 4] ^= 1;
    EXPECT_EQ(open(resigned(other_body)).error(), (core::error{crypto::errc::unopenable_answer, "the body"}));
}

TEST_F(SealedAnswerTest, SealingTwiceSharesNothing) { EXPECT_NE(sealed(), sealed()); }

}  // namespace
}  // namespace pouw::inline v1::crypto
