#include "pouw/crypto/initialize.hpp"

#include "crypto/signature_rules.hpp"

#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/chacha20.hpp"
#include "pouw/crypto/edwards25519.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/crypto/ristretto255.hpp"
#include "pouw/crypto/scalar.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace pouw::inline v1::crypto {
namespace {

using core::fail;
using core::result;

bool accepts_key(const PublicKey& key) noexcept { return checked_public_key(key.bytes).has_value(); }

template <std::size_t Size>
bool equals(core::ByteView actual, const std::array<std::uint8_t, Size>& expected) noexcept {
    return std::equal(actual.begin(), actual.end(), expected.begin(), expected.end());
}

/// First bytes of BLAKE2b-256("abc"), plain and under the tag `pouw.race.v1`.
bool blake2b_works() noexcept {
    constexpr std::array<std::uint8_t, 3> abc{'a', 'b', 'c'};
    constexpr std::array<std::uint8_t, 8> plain{0xbd, 0xdd, 0x81, 0x3c, 0x63, 0x42, 0x39, 0x72};
    constexpr std::array<std::uint8_t, 8> tagged{0xb1, 0x2d, 0x94, 0x1a, 0x9e, 0x2f, 0x93, 0x9f};
    return equals(blake2b_256(abc).view().first<8>(), plain) &&
           equals(hash(domain::race, abc).view().first<8>(), tagged);
}

/// Bytes 60..67 of RFC 8439 appendix A.1, vectors 1 and 2: across the border of blocks 0 and 1.
bool chacha20_works() noexcept {
    constexpr std::array<std::uint8_t, 32> key{};
    constexpr std::array<std::uint8_t, 8> expected{0xb2, 0xee, 0x65, 0x86, 0x9f, 0x07, 0xe7, 0xbe};
    std::array<std::uint8_t, 8> actual{};
    ChaCha20Stream{key, 0}.read(60, actual);
    return equals(actual, expected);
}

/// RFC 8032 section 7.1, test 1: the public key of its private key; and a signature round trip.
bool ed25519_works() noexcept {
    constexpr std::array<std::uint8_t, 32> seed{
        0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
        0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60};
    constexpr std::array<std::uint8_t, 8> expected{0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7};
    const SigningKey key = SigningKey::from_seed(seed);
    Hash256 digest;
    const Signature signature = key.sign(digest);
    digest.bytes[0] ^= 1;
    return equals(key.public_key().view().first<8>(), expected) &&
           verify(key.public_key(), Hash256{}, signature) && !verify(key.public_key(), digest, signature);
}

/// RFC 9496 appendix A.1: twice the generator, one generator more, and their difference; the encoding with
/// the top bit set, which libsodium 1.0.18 takes for the same element, is refused by ours.
bool ristretto255_works() noexcept {
    constexpr std::array<std::uint8_t, 8> twice{0x6a, 0x49, 0x32, 0x10, 0xf7, 0x49, 0x9c, 0xd1};
    const RistrettoPoint one = RistrettoPoint::multiply_base(Scalar{1});
    const RistrettoPoint two = Scalar{2} * one;
    std::array<std::uint8_t, 32> alias{};
    std::copy(two.view().begin(), two.view().end(), alias.begin());
    const bool canonical = RistrettoPoint::decode(alias).has_value();
    alias[31] |= 0x80;
    return canonical && !RistrettoPoint::decode(alias) && equals(two.view().first<8>(), twice) &&
           one + one == two && two - two == RistrettoPoint{};
}

/// The element derived from bytes 0 to 63, by an implementation of RFC 9496 apart; it ignores the top bit of
/// either half.
bool ristretto255_from_hash_works() noexcept {
    std::array<std::uint8_t, 64> input{};
    for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<std::uint8_t>(i);
    constexpr std::array<std::uint8_t, 8> expected{0x2e, 0x7c, 0x49, 0x64, 0xf9, 0x1f, 0x5f, 0x2b};
    const RistrettoPoint point = RistrettoPoint::from_hash(input);
    input[31] |= 0x80;
    return equals(point.view().first<8>(), expected) && RistrettoPoint::from_hash(input) == point;
}

/// (q - 1) + 2 = 1 by libsodium and by our own step; q is no canonical scalar.
bool scalars_work() noexcept {
    std::array<std::uint8_t, 32> order{0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                       0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14};
    order[31] = 0x10;
    const bool refuses_order = !Scalar::decode(order);
    const Scalar minus_one = -Scalar{1};
    order[0] -= 1;
    return refuses_order && equals(minus_one.view(), order) && minus_one + Scalar{2} == Scalar{1} &&
           Scalar::multiply_add(minus_one, 7, Scalar{9}) == Scalar{2};
}

/// What VRF proofs are verified by: the whole curve, of which every point has one encoding. T is of order 8,
/// and q = 5 modulo 8.
bool edwards25519_works() noexcept {
    constexpr std::array<std::uint8_t, 32> order_eight{
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
        0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05};
    std::array<std::uint8_t, 32> above_p{};
    above_p.fill(0xff);
    above_p[0] = 0xee;
    above_p[31] = 0x7f;
    std::array<std::uint8_t, 32> negative_zero{1};
    negative_zero[31] = 0x80;
    const auto torsion = EdwardsPoint::decode(order_eight);
    if (!torsion || EdwardsPoint::decode(above_p) || EdwardsPoint::decode(negative_zero)) return false;
    const EdwardsPoint mixed = EdwardsPoint::multiply_base(Scalar{1}) + *torsion;
    const EdwardsPoint fivefold = torsion->times_cofactor() - *torsion - *torsion - *torsion;
    return -Scalar{1} * mixed + mixed == fivefold && torsion->has_small_order() && !mixed.has_small_order() &&
           !mixed.has_prime_order() && (mixed - *torsion).has_prime_order();
}

/// RFC 7748: the zero key is of small order, and no secret is shared with it.
bool x25519_works() noexcept {
    constexpr std::array<std::uint8_t, 32> zero{};
    constexpr std::array<std::uint8_t, 32> base_point{9};
    std::array<std::uint8_t, 32> shared{};
    constexpr std::array<std::uint8_t, 32> scalar{5};
    return crypto_scalarmult_curve25519(shared.data(), scalar.data(), zero.data()) != 0 &&
           crypto_scalarmult_curve25519(shared.data(), scalar.data(), base_point.data()) == 0;
}

result<void> check() noexcept {
    if (sodium_init() < 0) return fail(errc::unsafe_libsodium, "sodium_init failed");
    if (!blake2b_works()) return fail(errc::unsafe_libsodium, "BLAKE2b");
    if (!chacha20_works()) return fail(errc::unsafe_libsodium, "ChaCha20");
    if (!ed25519_works()) return fail(errc::unsafe_libsodium, "Ed25519");
    if (const char* rule = broken_rule(verify, accepts_key)) return fail(errc::unsafe_libsodium, rule);
    if (!edwards25519_works()) return fail(errc::unsafe_libsodium, "edwards25519");
    if (!x25519_works()) return fail(errc::unsafe_libsodium, "X25519");
    if (!scalars_work()) return fail(errc::unsafe_libsodium, "arithmetic of scalars");
    if (!ristretto255_works()) return fail(errc::unsafe_libsodium, "ristretto255");
    if (!ristretto255_from_hash_works()) return fail(errc::unsafe_libsodium, "ristretto255 from a hash");
    return {};
}

}  // namespace

result<void> initialize() noexcept {
    static const result<void> verdict = check();
    return verdict;
}

}  // namespace pouw::inline v1::crypto
