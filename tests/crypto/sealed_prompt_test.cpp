#include "pouw/crypto/sealed_prompt.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/core/version.hpp"
#include "pouw/crypto/errc.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>
#include <set>

namespace pouw::inline v1::crypto {
namespace {

MasterSeed seed_of(std::uint8_t fill) {
    MasterSeed seed;
    std::fill(seed.fill().begin(), seed.fill().end(), fill);
    return seed;
}

class SealedPromptTest : public testing::Test {
  protected:
    SealedPromptTest() {
        for (std::uint8_t i = 0; i < 5; ++i) executors.push_back(SealingKey::derive(seed_of(i)));
        subject.task.bytes[0] = 1;
        subject.model.bytes[0] = 2;
    }
    std::vector<SealingPublicKey> recipients(std::size_t count) const {
        std::vector<SealingPublicKey> out;
        for (std::size_t i = 0; i < count; ++i) out.push_back(executors[i].public_key());
        return out;
    }
    core::Bytes sealed(std::size_t count = 3) const {
        return SealedPrompt::seal(subject, body, recipients(count), reply_key.public_key(), sender).value();
    }
    /// The bytes with the sender's own signature made anew: what a dishonest sender can send.
    core::Bytes resigned(core::Bytes data) const {
        data.resize(data.size() - Signature::size);
        core::append(data, sender.sign(hash(domain::prompt, data)).view());
        return data;
    }

    std::vector<SealingKey> executors;
    SigningKey sender = SigningKey::derive(seed_of(100));
    SealingKey reply_key = SealingKey::generate();
    PromptSubject subject;
    core::Bytes body{'w', 'h', 'y', '?'};

    static constexpr std::size_t first_recipient = 4 + 32 + 32 + 32 + 32 + 4;
};

TEST_F(SealedPromptTest, OpensForEveryRecipientAndNobodyElse) {
    const core::Bytes data = sealed(3);
    const auto prompt = SealedPrompt::decode(data);
    ASSERT_TRUE(prompt);
    EXPECT_EQ(prompt->sender(), sender.public_key());
    EXPECT_EQ(prompt->subject(), subject);
    EXPECT_EQ(prompt->reply_key(), reply_key.public_key());
    EXPECT_EQ(prompt->id(), hash(domain::prompt, core::ByteView{data}.first(data.size() - Signature::size)));
    EXPECT_EQ(prompt->body_size(), body.size());
    EXPECT_EQ(prompt->encode(), data);
    for (std::size_t i = 0; i < executors.size(); ++i) {
        const auto opened = prompt->open(executors[i]);
        ASSERT_EQ(opened.has_value(), i < 3);
        EXPECT_TRUE(opened ? *opened == body : opened.error().code == crypto::errc::not_a_recipient);
    }
}

TEST_F(SealedPromptTest, BodiesOfEverySize) {
    for (const std::size_t size : {0u, 1u, 63u, 64u, 65u, 100000u}) {
        body.assign(size, 7);
        const auto prompt = SealedPrompt::decode(sealed(1));
        ASSERT_TRUE(prompt);
        EXPECT_EQ(*prompt->open(executors[0]), body);
    }
}

TEST_F(SealedPromptTest, NoBitCanBeChanged) {
    core::Bytes data = sealed(2);
    for (std::size_t bit = 0; bit < 8 * data.size(); ++bit) {
        data[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        EXPECT_FALSE(SealedPrompt::decode(data)) << bit;
        data[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    }
    for (std::size_t size = 0; size < data.size(); ++size) {
        EXPECT_FALSE(SealedPrompt::decode(core::ByteView{data}.first(size))) << size;
    }
    data.push_back(0);
    EXPECT_EQ(SealedPrompt::decode(data).error().code, core::errc::trailing_bytes);
}

TEST_F(SealedPromptTest, SealingTwiceSharesNothing) { EXPECT_NE(sealed(), sealed()); }

TEST_F(SealedPromptTest, ADishonestSenderCannotShowTwoBodies) {
    // The keys of two recipients are swapped, or belong to another prompt: nobody opens to anything.
    core::Bytes swapped = sealed(2);
    const auto first_key = swapped.begin() + static_cast<std::ptrdiff_t>(first_recipient + 2 * 32);
    std::swap_ranges(first_key, first_key + 80, first_key + 80);
    const auto prompt = SealedPrompt::decode(resigned(swapped));
    ASSERT_TRUE(prompt);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(prompt->open(executors[i]).error().code, crypto::errc::unopenable_prompt);
    }
    // A key that opens the box but is not the one committed to.
    core::Bytes other_key = sealed(1);
    const core::Bytes chosen(32, 9);
    ASSERT_EQ(crypto_box_seal(other_key.data() + first_recipient + 32, chosen.data(), chosen.size(),
                              executors[0].public_key().bytes.data()),
              0);
    const auto uncommitted = SealedPrompt::decode(resigned(other_key));
    ASSERT_TRUE(uncommitted);
    EXPECT_EQ(uncommitted->open(executors[0]).error(),
              (core::error{crypto::errc::unopenable_prompt, "another content key than committed to"}));
    core::Bytes other_body = sealed(1);
    other_body[other_body.size() - Signature::size - 1] ^= 1;
    const auto changed = SealedPrompt::decode(resigned(other_body));
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->open(executors[0]).error(),
              (core::error{crypto::errc::unopenable_prompt, "the body"}));
}

TEST_F(SealedPromptTest, SubjectAndRecipientsAreBoundToTheBody) {
    for (const std::size_t position : {std::size_t{36}, std::size_t{68}, std::size_t{100}}) {
        core::Bytes other = sealed(1);
        other[position] ^= 1;
        if (position == 100) {  // the reply key: another one, which is a key
            const SealingPublicKey key = SealingKey::generate().public_key();
            std::copy(key.bytes.begin(), key.bytes.end(),
                      other.begin() + static_cast<std::ptrdiff_t>(position));
        }
        const auto prompt = SealedPrompt::decode(resigned(other));
        ASSERT_TRUE(prompt);
        EXPECT_EQ(prompt->open(executors[0]).error().code, crypto::errc::unopenable_prompt);
    }
}

TEST_F(SealedPromptTest, AReplyKeyIsAKey) {
    const SealingPublicKey zero{};
    EXPECT_EQ(SealedPrompt::seal(subject, body, recipients(1), zero, sender).error().code,
              crypto::errc::invalid_public_key);
    core::Bytes data = sealed(1);
    std::fill_n(data.begin() + 100, 32, std::uint8_t{0});
    EXPECT_EQ(SealedPrompt::decode(resigned(data)).error().code, crypto::errc::invalid_public_key);
}

TEST_F(SealedPromptTest, ReplyKeysAreNewAndCanBeKept) {
    EXPECT_NE(SealingKey::generate().public_key(), SealingKey::generate().public_key());
    EXPECT_EQ(SealingKey::from_secret(reply_key.secret().reveal()).public_key(), reply_key.public_key());
}

TEST_F(SealedPromptTest, RefusesOtherEncodings) {
    core::Bytes unsorted = sealed(2);
    const auto first = unsorted.begin() + static_cast<std::ptrdiff_t>(first_recipient);
    std::swap_ranges(first, first + 32, first + 32);
    EXPECT_EQ(SealedPrompt::decode(resigned(unsorted)).error().code, crypto::errc::invalid_prompt);
    core::Bytes twice = sealed(2);
    std::copy_n(twice.begin() + static_cast<std::ptrdiff_t>(first_recipient), 32,
                twice.begin() + static_cast<std::ptrdiff_t>(first_recipient) + 32);
    EXPECT_EQ(SealedPrompt::decode(resigned(twice)).error().code, crypto::errc::invalid_prompt);
    core::Bytes none = sealed(1);
    none[first_recipient - 4] = 0;
    EXPECT_EQ(SealedPrompt::decode(resigned(none)).error().code, crypto::errc::invalid_prompt);
    core::Bytes many = sealed(1);
    many[first_recipient - 1] = 0xff;
    EXPECT_EQ(SealedPrompt::decode(resigned(many)).error().code, crypto::errc::invalid_prompt);
    // Version 1 had no reply key.
    for (const std::uint8_t number : {std::uint8_t{1}, std::uint8_t{3}, std::uint8_t{0x82}}) {
        core::Bytes other = sealed(1);
        other[0] = number;
        EXPECT_EQ(SealedPrompt::decode(resigned(other)).error().code, core::errc::unsupported_version);
    }
}

TEST_F(SealedPromptTest, SealsToNoBadKey) {
    // Points of small order: the shared secret would be known to everybody.
    for (const char* bad : {"0000000000000000000000000000000000000000000000000000000000000000",
                            "0100000000000000000000000000000000000000000000000000000000000000",
                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                            // Not canonical: p, p + 9, and the base point with the top bit.
                            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "0900000000000000000000000000000000000000000000000000000000000080"}) {
        const auto key = SealingPublicKey::from(*core::from_hex(bad)).value();
        EXPECT_EQ(checked_sealing_key(key.bytes).error().code, crypto::errc::invalid_public_key) << bad;
        EXPECT_EQ(SealedPrompt::seal(subject, body, {key}, reply_key.public_key(), sender).error().code,
                  crypto::errc::invalid_public_key)
            << bad;
    }
    EXPECT_TRUE(checked_sealing_key(executors[0].public_key().bytes));
    EXPECT_EQ(checked_sealing_key(core::Bytes(31)).error().code, core::errc::wrong_length);
}

TEST_F(SealedPromptTest, TwoNodesWithOneKeyAreOneRecipient) {
    const SealingPublicKey key = executors[0].public_key();
    const auto bytes = SealedPrompt::seal(subject, body, {key, executors[1].public_key(), key},
                                          reply_key.public_key(), sender);
    ASSERT_TRUE(bytes);
    const auto prompt = SealedPrompt::decode(*bytes);
    ASSERT_TRUE(prompt);
    EXPECT_EQ(prompt->recipients().size(), 2u);
    EXPECT_TRUE(prompt->open(executors[0]));
}

TEST_F(SealedPromptTest, CallersKeepTheContract) {
    const SealingPublicKey reply = reply_key.public_key();
    EXPECT_DEATH((void)SealedPrompt::seal(subject, body, {}, reply, sender), "");
    EXPECT_DEATH(
        (void)SealedPrompt::seal(subject, core::Bytes(prompt_limit + 1), recipients(1), reply, sender), "");
}

}  // namespace
}  // namespace pouw::inline v1::crypto
