#include "pouw/core/describe.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/chacha20.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/crypto/evidence.hpp"
#include "pouw/crypto/initialize.hpp"
#include "pouw/crypto/keys.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace pouw::inline v1::crypto {
namespace {

template <typename Fixed>
Fixed from_hex(std::string_view hex) {
    return Fixed::from(*core::from_hex(hex)).value();
}

std::string_view text_of(const MasterSeedText& text) {
    return {reinterpret_cast<const char*>(text.reveal().data()), MasterSeedText::size};
}

TEST(Initialize, AcceptsThisLibsodium) { EXPECT_TRUE(initialize()) << core::describe(initialize().error()); }

TEST(Domain, TagsAreDistinct) {
    std::set<std::array<std::uint8_t, 16>> seen;
    for (const DomainTag& tag : domain::all) EXPECT_TRUE(seen.insert(tag.bytes).second);
}

TEST(Evidence, TheDigestIsTheTaggedHash) {
    const core::Bytes encoded{1, 2, 3};
    EXPECT_EQ(evidence_digest(encoded).bytes, hash(DomainTag{"pouw.evidence.v1"}, encoded).bytes);
    EXPECT_NE(evidence_digest(encoded), evidence_digest({}));
}

TEST(Blake2b, IncrementalEqualsOneShot) {
    core::Bytes data(1000);
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i);
    for (const std::size_t cut : {0u, 1u, 127u, 128u, 129u, 999u, 1000u}) {
        const core::ByteView view = data;
        EXPECT_EQ(Hasher{domain::race}.update(view.first(cut)).update(view.subspan(cut)).finish(),
                  hash(domain::race, data));
    }
    EXPECT_NE(hash(domain::race, data), hash(domain::node, data));
    EXPECT_NE(hash(domain::race, data), blake2b_256(data));
}

TEST(ChaCha20, AnyOffsetIsTheSameStream) {
    std::array<std::uint8_t, 32> key{};
    key[5] = 7;
    const ChaCha20Stream stream{key, 0x80000001u};
    core::Bytes whole(1000);
    stream.read(0, whole);
    for (std::size_t offset = 0; offset < 200; ++offset) {
        for (const std::size_t size : {0u, 1u, 63u, 64u, 65u, 130u}) {
            core::Bytes part(size, 0xaa);
            stream.read(offset, part);
            EXPECT_TRUE(
                std::equal(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(offset)));
        }
    }
}

TEST(ChaCha20, ReachesItsLastByteAndNoFurther) {
    const ChaCha20Stream stream{std::array<std::uint8_t, 32>{}, 0};
    core::Bytes tail(100);
    stream.read(ChaCha20Stream::length - tail.size(), tail);
    std::array<std::uint8_t, 1> last{};
    stream.read(ChaCha20Stream::length - 1, last);
    EXPECT_EQ(last[0], tail.back());
    EXPECT_DEATH(stream.read(ChaCha20Stream::length, last), "");
    EXPECT_DEATH(stream.read(UINT64_MAX, last), "");
}

// RFC 8032 section 7.1, test 3: the message is two bytes there, so only the key pair applies; our messages
// are digests.
TEST(SigningKey, PublicKeyOfRfc8032) {
    const auto seed = from_hex<Hash256>("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7");
    EXPECT_EQ(SigningKey::from_seed(seed.bytes).public_key(),
              from_hex<PublicKey>("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"));
}

TEST(SigningKey, SignsAndVerifies) {
    const SigningKey key = SigningKey::derive(generate_master_seed());
    const Hash256 digest = blake2b_256({});
    const Signature signature = key.sign(digest);
    EXPECT_TRUE(verify(key.public_key(), digest, signature));
    for (std::size_t i = 0; i < Signature::size; ++i) {
        Signature flipped = signature;
        flipped.bytes[i] ^= 1;
        EXPECT_FALSE(verify(key.public_key(), digest, flipped)) << i;
    }
    EXPECT_FALSE(verify(key.public_key(), hash(domain::proof, {}), signature));
}

TEST(SigningKey, IsAFunctionOfTheMasterSeed) {
    MasterSeed seed;
    std::fill(seed.fill().begin(), seed.fill().end(), std::uint8_t{1});
    const SigningKey first = SigningKey::derive(seed);
    EXPECT_EQ(first.public_key(), SigningKey::derive(seed).public_key());
    // The signing key is not the seed itself: another use of the seed cannot collide with it.
    EXPECT_NE(first.public_key(), SigningKey::from_seed(seed.reveal()).public_key());
    // hashlib.blake2b(digest_size=32, key=b'\x01' * 32, person=b'pouw.sign-key.v1')
    EXPECT_EQ(core::to_hex(derive_seed(seed, domain::signing_key).reveal()),
              "d4d2f6f0fe87234aae8b1200e39f716cba1ebef0e6bbfc9c7964c5f46b306814");
}

TEST(MasterSeed, TextRoundTrip) {
    const MasterSeed seed = generate_master_seed();
    const MasterSeedText text = encode_master_seed(seed);
    EXPECT_TRUE(text_of(text).starts_with("pouw-master-seed-v1:"));
    EXPECT_EQ(*decode_master_seed(text_of(text)), seed);
}

TEST(MasterSeed, RefusesEveryOtherText) {
    const std::string good{text_of(encode_master_seed(generate_master_seed()))};
    std::string upper = good;
    upper[30] = 'A';
    std::string last = good;
    last.back() = ' ';
    std::string version = good;
    version[18] = '2';
    std::string digit = good;
    digit[40] = 'g';
    for (const std::string& bad :
         {std::string{}, good + "\n", good.substr(0, 84), upper, last, version, digit}) {
        const auto r = decode_master_seed(bad);
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error().code, crypto::errc::invalid_key_file);
    }
}

TEST(Secret, IsWipedWhenMovedFrom) {
    MasterSeed seed = generate_master_seed();
    const MasterSeed moved = std::move(seed);
    const MasterSeed empty;
    EXPECT_TRUE(seed == empty);  // NOLINT(bugprone-use-after-move): that is what is tested
    EXPECT_FALSE(moved == empty);
    EXPECT_TRUE(seed.is_empty());
    EXPECT_FALSE(moved.is_empty());
    // The memory too: it is readable once it counts as filled.
    EXPECT_TRUE(std::ranges::all_of(seed.fill(), [](std::uint8_t byte) { return byte == 0; }));
    MasterSeed assigned;
    assigned = MasterSeed{};
    EXPECT_TRUE(assigned.is_empty());
    EXPECT_FALSE(seed == assigned);  // zeros that somebody wrote are no empty secret
}

// A key of zeros is one that everybody has.
TEST(SecretDeathTest, EmptySecretsMakeNoKeys) {
    EXPECT_DEATH((void)SigningKey::derive(MasterSeed{}), "filled_");
    EXPECT_DEATH((void)encode_master_seed(MasterSeed{}), "filled_");
    EXPECT_DEATH((void)derive_wide(DerivedSeed{}, domain::signing_key, {}), "filled_");
    MasterSeed seed = generate_master_seed();
    const MasterSeed moved = std::move(seed);
    EXPECT_DEATH((void)SigningKey::derive(seed), "filled_");  // NOLINT(bugprone-use-after-move)
    SigningKey key = SigningKey::derive(moved);
    const SigningKey other = std::move(key);
    EXPECT_TRUE(verify(other.public_key(), blake2b_256({}), other.sign(blake2b_256({}))));
    EXPECT_DEATH((void)key.sign(blake2b_256({})), "filled_");  // NOLINT(bugprone-use-after-move)
}

TEST(MasterSeed, RefusesAKeyFileOfZeros) {
    std::string zeros = "pouw-master-seed-v1:";
    zeros.append(64, '0').append("\n");
    EXPECT_EQ(decode_master_seed(zeros).error().code, crypto::errc::invalid_key_file);
    std::string one = zeros;
    one[83] = '1';
    EXPECT_TRUE(decode_master_seed(one));
}

TEST(PublicKey, RefusesAllButPrimeOrder) {
    EXPECT_TRUE(checked_public_key(
        *core::from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")));
    EXPECT_EQ(checked_public_key(core::Bytes(31)).error().code, core::errc::wrong_length);
    EXPECT_EQ(checked_public_key(core::Bytes(33)).error().code, core::errc::wrong_length);
    for (const char* bad : {
             // The eight points of small order, and aliases of them.
             "0100000000000000000000000000000000000000000000000000000000000000",
             "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
             "0000000000000000000000000000000000000000000000000000000000000000",
             "0000000000000000000000000000000000000000000000000000000000000080",
             "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
             "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
             "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
             "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
             "0100000000000000000000000000000000000000000000000000000000000080",
             "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
             // Non-canonical: y = p, y = p + 3.
             "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
             "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
             // Not on the curve.
             "0200000000000000000000000000000000000000000000000000000000000000",
         }) {
        const auto r = checked_public_key(*core::from_hex(bad));
        ASSERT_FALSE(r) << bad;
        EXPECT_EQ(r.error().code, crypto::errc::invalid_public_key) << bad;
    }
}

}  // namespace
}  // namespace pouw::inline v1::crypto
