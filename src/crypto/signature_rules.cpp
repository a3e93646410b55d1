#include "crypto/signature_rules.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace pouw::inline v1::crypto {
namespace {

using Bytes32 = std::array<std::uint8_t, 32>;

consteval std::uint8_t nibble(char c) { return static_cast<std::uint8_t>(c >= 'a' ? c - 'a' + 10 : c - '0'); }

consteval Bytes32 hex(const char (&text)[65]) {
    Bytes32 out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = static_cast<std::uint8_t>(16 * nibble(text[2 * i]) + nibble(text[2 * i + 1]));
    }
    return out;
}

/// The key pair is that of RFC 8032 section 7.1, test 1, and the message 32 zero bytes. R and S of the first
/// vector are those of the RFC's signing rule; the others differ from it in what their rule names, and hold
/// the equation of verification, with or without the cofactor.
constexpr Bytes32 key = hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
constexpr Bytes32 good_r = hex("355c74053a380ab58b298de23adcca49f39b7ca50a2cec5b861f6c7fddf87c8a");
constexpr Bytes32 good_s = hex("53b78c7bb3959268c0db1edeb0440786839ef5defaad623290076198560b3c02");
/// The discrete logarithm of `good_r`: the S of a key that is the identity.
constexpr Bytes32 nonce = hex("44089aa5e535711c060d26cde50092c4940be06059dfe6acf5336750905bef07");
/// `good_r` and a point of order 8, and the S that goes with it.
constexpr Bytes32 mixed_r = hex("1982e1790f2b149a3f80c4c34d4d11952bf9090f324d607c7023802496350c77");
constexpr Bytes32 mixed_s = hex("9cee65c5915acfc7fe96565c441c03bfb975b8f1a62411cb318a7fa27efa6200");
/// The identity, (0, 1): its encoding, and the two others that a lenient decoder takes, y = p + 1 and -0.
constexpr Bytes32 identity = hex("0100000000000000000000000000000000000000000000000000000000000000");
constexpr Bytes32 identity_above_p = hex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
constexpr Bytes32 identity_negative = hex("0100000000000000000000000000000000000000000000000000000000000080");

struct Vector {
    const char* rule;
    Bytes32 key;
    Bytes32 r;
    Bytes32 s;
    bool valid;
};

constexpr std::array vectors{
    Vector{"valid signatures are accepted", key, good_r, good_s, true},
    Vector{"false signatures are refused", key, good_r,
           hex("52b78c7bb3959268c0db1edeb0440786839ef5defaad623290076198560b3c02"), false},
    Vector{"S is below q", key, good_r,
           hex("408b82d8cdf8a4c0967816818f3ee69a839ef5defaad623290076198560b3c12"), false},
    Vector{"the encoding of R is canonical", key, identity_above_p,
           hex("ecf269f0eef68ebae9b0a667607ea06c92ca67f81a0c424ac4680dbcb5ed730a"), false},
    Vector{"the encoding of R is canonical", key, identity_negative,
           hex("3e95941abec55f64fe0399dc425c3e6f7e061114fe8f220cfc246c09cfdaff0e"), false},
    Vector{"R is not of small order", key, identity,
           hex("b7d943a9d291382a6e0bc396e0b5b694836ab88e4e3b59bcf4c0080cf496e00e"), false},
    Vector{"the equation has no cofactor", key, mixed_r, mixed_s, false},
    Vector{"the encoding of the key is canonical", identity_above_p, good_r, nonce, false},
    Vector{"the encoding of the key is canonical", identity_negative, good_r, nonce, false},
    Vector{"the key is not of small order", identity, good_r, nonce, false},
};

/// Keys that a chain registers or refuses. The mixed ones are the generator and a point of order 8 or 2.
struct KeyVector {
    const char* rule;
    Bytes32 key;
    bool valid;
};

constexpr std::array key_vectors{
    KeyVector{"keys of prime order are accepted", key, true},
    KeyVector{"no key has a component of small order",
              hex("da99e28ba529cdde35a25fba9059e78ecaee239f99755b9b1aa4f65df00803e2"), false},
    KeyVector{"no key has a component of order 2 (CVE-2025-69277)",
              hex("9599999999999999999999999999999999999999999999999999999999999999"), false},
    KeyVector{"no key is of small order", identity, false},
    KeyVector{"no key is of small order",
              hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"), false},
    KeyVector{"the encoding of a registered key is canonical", identity_above_p, false},
    KeyVector{"the encoding of a registered key is canonical", identity_negative, false},
};

Signature signature_of(const Bytes32& r, const Bytes32& s) noexcept {
    Signature out;
    std::copy(s.begin(), s.end(), std::copy(r.begin(), r.end(), out.bytes.begin()));
    return out;
}

PublicKey key_of(const Bytes32& bytes) noexcept {
    PublicKey out;
    out.bytes = bytes;
    return out;
}

}  // namespace

const char* broken_rule(SignatureVerifier verify, KeyCheck accepts) noexcept {
    for (const Vector& vector : vectors) {
        const bool valid = verify(key_of(vector.key), Hash256{}, signature_of(vector.r, vector.s));
        if (valid != vector.valid) return vector.rule;
    }
    for (const KeyVector& vector : key_vectors) {
        if (accepts(key_of(vector.key)) != vector.valid) return vector.rule;
    }
    return nullptr;
}

bool ignores_small_order(SignatureVerifier verify) noexcept {
    return verify(key_of(key), Hash256{}, signature_of(mixed_r, mixed_s));
}

bool verify_without_cofactor(SignatureVerifier with_cofactor, const PublicKey& public_key,
                             const Hash256& digest, const Signature& signature) noexcept {
    return with_cofactor(public_key, digest, signature) &&
           crypto_core_ed25519_is_valid_point(signature.bytes.data()) == 1;
}

}  // namespace pouw::inline v1::crypto
