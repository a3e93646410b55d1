// Scalars, edwards25519 and ristretto255: strict decoding and the laws of a group.
#include "vectors.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/crypto/edwards25519.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/crypto/ristretto255.hpp"
#include "pouw/crypto/scalar.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

#include <array>
#include <random>
#include <set>
#include <string>

namespace pouw::inline v1::crypto {
namespace {

using test::Json;

using Wide = std::array<std::uint8_t, 64>;
using Encoded = std::array<std::uint8_t, 32>;

/// q in little-endian bytes.
constexpr Encoded order{0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                        0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                        0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

Scalar random_scalar(std::mt19937_64& random) {
    Wide wide{};
    for (auto& byte : wide) byte = static_cast<std::uint8_t>(random());
    return Scalar::reduce(wide);
}

std::vector<Scalar> edge_scalars() {
    const Scalar one{1};
    return {Scalar{}, one, Scalar{2}, Scalar{UINT64_MAX}, -one, -Scalar{2}, -Scalar{UINT64_MAX}};
}

TEST(Scalar, DecodesWhatIsBelowTheOrder) {
    Encoded data = order;
    EXPECT_EQ(Scalar::decode(data).error().code, crypto::errc::invalid_scalar);
    data[0] += 1;
    EXPECT_EQ(Scalar::decode(data).error().code, crypto::errc::invalid_scalar);
    data[0] -= 2;
    EXPECT_EQ(Scalar::decode(data).value(), -Scalar{1});
    EXPECT_TRUE(Scalar::decode(Encoded{}).value().is_zero());
    for (unsigned bit = 253; bit < 256; ++bit) {
        Encoded high{};
        high[bit / 8] = static_cast<std::uint8_t>(1u << (bit % 8));
        EXPECT_EQ(Scalar::decode(high).error().code, crypto::errc::invalid_scalar) << bit;
        high[0] = 1;
        EXPECT_EQ(Scalar::decode(high).error().code, crypto::errc::invalid_scalar) << bit;
    }
    Encoded full;
    full.fill(0xff);
    EXPECT_EQ(Scalar::decode(full).error().code, crypto::errc::invalid_scalar);
    EXPECT_EQ(Scalar::decode(core::Bytes(31)).error().code, core::errc::wrong_length);
    EXPECT_EQ(Scalar::decode(core::Bytes(33)).error().code, core::errc::wrong_length);
}

TEST(Scalar, IsAField) {
    std::mt19937_64 random{1};
    for (int i = 0; i < 200; ++i) {
        const Scalar a = random_scalar(random);
        const Scalar b = random_scalar(random);
        const Scalar c = random_scalar(random);
        EXPECT_EQ((a + b) * c, a * c + b * c);
        EXPECT_EQ(a - b + b, a);
        EXPECT_EQ(-a + a, Scalar{});
        EXPECT_EQ(a * a.inverse(), Scalar{1});
    }
    EXPECT_DEATH((void)Scalar{}.inverse(), "");
}

TEST(Scalar, SmallMultiplyAddEqualsTheGeneralProduct) {
    std::mt19937_64 random{2};
    std::vector<Scalar> values = edge_scalars();
    for (int i = 0; i < 40; ++i) values.push_back(random_scalar(random));
    std::vector<std::uint32_t> factors{0, 1, 2, 3, 255, 65535, 1u << 31, UINT32_MAX};
    for (int i = 0; i < 8; ++i) factors.push_back(static_cast<std::uint32_t>(random()));
    for (const Scalar& a : values) {
        for (const Scalar& b : values) {
            for (const std::uint32_t x : factors) {
                ASSERT_EQ(Scalar::multiply_add(a, x, b), a * Scalar{x} + b);
            }
        }
    }
}

TEST(SecretScalar, ComputesAsThePublicOne) {
    std::mt19937_64 random{3};
    for (int i = 0; i < 100; ++i) {
        Wide a{};
        Wide b{};
        for (auto& byte : a) byte = static_cast<std::uint8_t>(random());
        for (auto& byte : b) byte = static_cast<std::uint8_t>(random());
        const SecretScalar secret_a = SecretScalar::reduce(a);
        const SecretScalar secret_b = SecretScalar::reduce(b);
        const Scalar public_a = Scalar::reduce(a);
        const Scalar public_b = Scalar::reduce(b);
        const Scalar factor{random()};
        EXPECT_EQ(secret_a.disclose(), public_a);
        EXPECT_EQ(secret_a.inverse().disclose(), public_a.inverse());
        EXPECT_EQ(SecretScalar::multiply_add(secret_a, 77, secret_b).disclose(),
                  Scalar::multiply_add(public_a, 77, public_b));
        EXPECT_EQ(respond(secret_a, factor, secret_b), public_a + factor * public_b);
    }
}

TEST(Ristretto255, RefusesBadEncodings) {
    const Json vectors = test::load_vectors("crypto/ristretto255.json");
    for (const Json& bad : vectors["bad_encodings"]) {
        EXPECT_EQ(RistrettoPoint::decode(test::bytes(bad)).error().code, crypto::errc::invalid_point) << bad;
    }
    EXPECT_EQ(RistrettoPoint::decode(core::Bytes(31)).error().code, core::errc::wrong_length);
    EXPECT_EQ(RistrettoPoint::decode(core::Bytes(33)).error().code, core::errc::wrong_length);
}

TEST(Ristretto255, RefusesTheTopBitThatLibsodiumIgnores) {
    const Json vectors = test::load_vectors("crypto/ristretto255.json");
    ASSERT_EQ(vectors["base_multiples"].size(), 16u);
    for (const Json& good : vectors["base_multiples"]) {
        core::Bytes alias = test::bytes(good);
        ASSERT_TRUE(RistrettoPoint::decode(alias));
        alias[31] |= 0x80;
        EXPECT_EQ(RistrettoPoint::decode(alias).error().code, crypto::errc::invalid_point) << good;
    }
}

TEST(Ristretto255, MultiplesOfTheGenerator) {
    const Json vectors = test::load_vectors("crypto/ristretto255.json");
    RistrettoPoint sum;
    const RistrettoPoint one = RistrettoPoint::multiply_base(Scalar{1});
    for (std::uint64_t i = 0; i < 16; ++i) {
        const RistrettoPoint expected =
            RistrettoPoint::decode(test::bytes(vectors["base_multiples"][i])).value();
        EXPECT_EQ(sum, expected);
        EXPECT_EQ(RistrettoPoint::multiply_base(Scalar{i}), expected);
        EXPECT_EQ(Scalar{i} * one, expected);
        sum = sum + one;
    }
}

TEST(Ristretto255, FromHash) {
    const Json vectors = test::load_vectors("crypto/ristretto255.json");
    for (const Json& vector : vectors["from_hash"]) {
        const core::Bytes input = test::bytes(vector["uniform"]);
        EXPECT_EQ(core::to_hex(RistrettoPoint::from_hash(std::span<const std::uint8_t, 64>{input}).view()),
                  vector["point"]);
    }
}

TEST(Ristretto255, IdentityAndZeroAreOrdinaryOperands) {
    std::mt19937_64 random{4};
    const Scalar n = random_scalar(random);
    const RistrettoPoint point = RistrettoPoint::multiply_base(n);
    const RistrettoPoint identity;
    EXPECT_EQ(RistrettoPoint::decode(Encoded{}).value(), identity);
    EXPECT_TRUE(identity.is_identity());
    EXPECT_EQ(Scalar{} * point, identity);
    EXPECT_EQ(n * identity, identity);
    EXPECT_EQ(RistrettoPoint::multiply_base(Scalar{}), identity);
    EXPECT_EQ(SecretScalar{} * point, identity);
    EXPECT_EQ(RistrettoPoint::multiply_base(SecretScalar{}), identity);
    EXPECT_EQ(point - point, identity);
    EXPECT_EQ(point + identity, point);
    EXPECT_EQ(-Scalar{1} * point + point, identity);
}

TEST(Ristretto255, IsAGroup) {
    std::mt19937_64 random{5};
    for (int i = 0; i < 20; ++i) {
        const Scalar a = random_scalar(random);
        const Scalar b = random_scalar(random);
        const RistrettoPoint point = RistrettoPoint::multiply_base(a);
        EXPECT_EQ(b * point, RistrettoPoint::multiply_base(a * b));
        EXPECT_EQ(point + RistrettoPoint::multiply_base(b), RistrettoPoint::multiply_base(a + b));
        EXPECT_EQ(point - RistrettoPoint::multiply_base(b), RistrettoPoint::multiply_base(a - b));
    }
}

EdwardsPoint edwards(const char* hex) { return EdwardsPoint::decode(*core::from_hex(hex)).value(); }

/// A point of order 8.
EdwardsPoint eighth() { return edwards("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"); }

TEST(Edwards25519, DecodesPointsOfEveryOrderOnce) {
    for (const char* good : {"0100000000000000000000000000000000000000000000000000000000000000",
                             "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                             "0000000000000000000000000000000000000000000000000000000000000000",
                             "0000000000000000000000000000000000000000000000000000000000000080",
                             "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"}) {
        const auto r = EdwardsPoint::decode(*core::from_hex(good));
        ASSERT_TRUE(r) << good;
        EXPECT_EQ(core::to_hex(r->view()), good);
        EXPECT_FALSE(r->has_prime_order());
        EXPECT_TRUE(r->times_cofactor().is_identity());
    }
    for (const char* bad : {"0100000000000000000000000000000000000000000000000000000000000080",
                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                            "0200000000000000000000000000000000000000000000000000000000000000"}) {
        EXPECT_EQ(EdwardsPoint::decode(*core::from_hex(bad)).error().code, crypto::errc::invalid_point)
            << bad;
    }
}

TEST(Edwards25519, KnowsItsEightPointsOfSmallOrder) {
    EdwardsPoint point;
    std::set<std::string> seen;
    for (int i = 0; i < 8; ++i) {
        EXPECT_TRUE(point.has_small_order()) << i;
        EXPECT_TRUE(point.times_cofactor().is_identity());
        seen.insert(core::to_hex(point.view()));
        point = point + eighth();
    }
    EXPECT_EQ(seen.size(), 8u);
    EXPECT_TRUE(point.is_identity());
    const EdwardsPoint base = EdwardsPoint::multiply_base(Scalar{1});
    EXPECT_FALSE(base.has_small_order());
    EXPECT_FALSE((base + eighth()).has_small_order());
}

TEST(Edwards25519, MultipliesPointsOfEveryOrder) {
    std::mt19937_64 random{6};
    std::vector<Scalar> scalars = edge_scalars();
    for (std::uint64_t i = 3; i < 20; ++i) scalars.emplace_back(i);
    for (int i = 0; i < 5; ++i) scalars.push_back(random_scalar(random));
    const Scalar a = random_scalar(random);
    for (const Scalar& n : scalars) {
        // n·(aB + T) = n·aB + (n mod 8)·T.
        EdwardsPoint small;
        for (unsigned i = 0; i < (n.view()[0] & 7u); ++i) small = small + eighth();
        const EdwardsPoint clean = n * EdwardsPoint::multiply_base(a);
        EXPECT_EQ(clean, EdwardsPoint::multiply_base(n * a));
        EXPECT_EQ(n * (EdwardsPoint::multiply_base(a) + eighth()), clean + small);
        EXPECT_EQ(n * eighth(), small);
        EXPECT_EQ(n * EdwardsPoint{}, EdwardsPoint{});
    }
    EXPECT_TRUE(EdwardsPoint::multiply_base(a).has_prime_order());
    EXPECT_FALSE((EdwardsPoint::multiply_base(a) + eighth()).has_prime_order());
    EXPECT_EQ((EdwardsPoint::multiply_base(a) + eighth()).times_cofactor(),
              EdwardsPoint::multiply_base(Scalar{8} * a));
}

}  // namespace
}  // namespace pouw::inline v1::crypto
