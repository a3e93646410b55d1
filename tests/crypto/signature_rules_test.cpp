// Verification by equations, with every rule in a switch: the start-up check must name the rule that is
// switched off.
#include "crypto/signature_rules.hpp"

#include "pouw/crypto/edwards25519.hpp"
#include "pouw/crypto/initialize.hpp"
#include "pouw/crypto/scalar.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>
#include <optional>

namespace pouw::inline v1::crypto {
namespace {

struct Rules {
    bool equation = true;
    bool s_below_q = true;
    bool canonical_r = true;
    bool large_r = true;
    bool canonical_key = true;
    bool large_key = true;
    bool no_cofactor = true;
    bool key_of_prime_order = true;
    bool registered_keys_are_canonical = true;
};
Rules rules;
constexpr std::array<std::uint8_t, 32> identity_bytes{1};

/// The point of an encoding, which may be one of the identity that is not canonical.
std::optional<EdwardsPoint> decode(core::ByteView data, bool canonical) {
    if (const auto point = EdwardsPoint::decode(data)) return *point;
    const EdwardsPoint identity;
    core::Bytes folded{data.begin(), data.end()};
    if (folded[0] == 0xee && folded[31] == 0x7f) return canonical ? std::nullopt : std::optional{identity};
    folded[31] &= 0x7f;
    const bool negative = std::equal(folded.begin(), folded.end(), identity.view().begin());
    return negative && !canonical ? std::optional{identity} : std::nullopt;
}

Scalar challenge(const PublicKey& key, const Hash256& digest, core::ByteView r) {
    core::Bytes data{r.begin(), r.end()};
    core::append(data, key.view());
    core::append(data, digest.view());
    std::array<std::uint8_t, 64> hashed{};
    crypto_hash_sha512(hashed.data(), data.data(), data.size());
    return Scalar::reduce(hashed);
}

bool verify_by_equation(const PublicKey& key, const Hash256& digest, const Signature& signature) noexcept {
    const core::ByteView r_bytes = signature.view().first<32>();
    const core::ByteView s_bytes = signature.view().last<32>();
    if (rules.s_below_q && !Scalar::decode(s_bytes)) return false;
    std::array<std::uint8_t, 64> wide{};
    std::copy(s_bytes.begin(), s_bytes.end(), wide.begin());
    const Scalar s = Scalar::reduce(wide);
    const auto a = decode(key.bytes, rules.canonical_key);
    const auto r = decode(r_bytes, rules.canonical_r);
    if (!a || !r) return false;
    if ((rules.large_key && a->has_small_order()) || (rules.large_r && r->has_small_order())) return false;
    const EdwardsPoint rest = EdwardsPoint::multiply_base(s) - challenge(key, digest, r_bytes) * *a - *r;
    return !rules.equation || (rules.no_cofactor ? rest.is_identity() : rest.has_small_order());
}

bool accepts_by_equation(const PublicKey& key) noexcept {
    const auto point = decode(key.bytes, rules.registered_keys_are_canonical);
    if (!point || (rules.large_key && point->has_small_order())) return false;
    return !rules.key_of_prime_order || point->has_small_order() || point->has_prime_order();
}

std::string broken() {
    const char* rule = broken_rule(verify_by_equation, accepts_by_equation);
    return rule ? rule : "";
}

class SignatureRules : public testing::Test {
  protected:
    SignatureRules() {
        EXPECT_TRUE(initialize());
        rules = {};
    }
};

TEST_F(SignatureRules, AllHoldHere) { EXPECT_EQ(broken(), ""); }

TEST_F(SignatureRules, AnEquationThatIsNotChecked) {
    rules.equation = false;
    EXPECT_EQ(broken(), "false signatures are refused");
}

TEST_F(SignatureRules, SAboveQ) {
    rules.s_below_q = false;
    EXPECT_EQ(broken(), "S is below q");
}

TEST_F(SignatureRules, RWithTwoEncodings) {
    rules.canonical_r = rules.large_r = false;
    EXPECT_EQ(broken(), "the encoding of R is canonical");
}

TEST_F(SignatureRules, ROfSmallOrder) {
    rules.large_r = false;
    EXPECT_EQ(broken(), "R is not of small order");
}

TEST_F(SignatureRules, ACofactor) {
    rules.no_cofactor = false;
    EXPECT_EQ(broken(), "the equation has no cofactor");
}

TEST_F(SignatureRules, AKeyWithTwoEncodings) {
    rules.canonical_key = rules.large_key = false;
    EXPECT_EQ(broken(), "the encoding of the key is canonical");
}

TEST_F(SignatureRules, AKeyOfSmallOrder) {
    rules.large_key = false;
    EXPECT_EQ(broken(), "the key is not of small order");
}

TEST_F(SignatureRules, ARegisteredKeyOfMixedOrder) {
    rules.key_of_prime_order = false;
    EXPECT_EQ(broken(), "no key has a component of small order");
}

TEST_F(SignatureRules, RegisteredKeysAreJudgedByThemselves) {
    const SignatureVerifier verifier = verify_by_equation;
    const auto rule_with = [&](KeyCheck accepts) { return std::string{broken_rule(verifier, accepts)}; };
    EXPECT_EQ(rule_with([](const PublicKey&) noexcept { return false; }), "keys of prime order are accepted");
    EXPECT_EQ(rule_with([](const PublicKey& key) noexcept {
                  const auto point = EdwardsPoint::decode(key.bytes);
                  // The check of libsodium before the correction: it missed one component of order 2.
                  return point && !point->has_small_order() &&
                         (point->has_prime_order() || key.bytes[0] == 0x95);
              }),
              "no key has a component of order 2 (CVE-2025-69277)");
    EXPECT_EQ(rule_with([](const PublicKey& key) noexcept {
                  return accepts_by_equation(key) || key.bytes == identity_bytes;
              }),
              "no key is of small order");
    EXPECT_EQ(rule_with([](const PublicKey& key) noexcept {
                  return accepts_by_equation(key) || (key.bytes[0] == 0xee && key.bytes[31] == 0x7f);
              }),
              "the encoding of a registered key is canonical");
}

// Some versions of libsodium verify with the cofactor: both must come to the same verdicts.
TEST_F(SignatureRules, ALibraryWithACofactorIsMadeStrict) {
    EXPECT_FALSE(ignores_small_order(verify_by_equation));
    rules.no_cofactor = false;
    EXPECT_TRUE(ignores_small_order(verify_by_equation));
    const auto strict = [](const PublicKey& key, const Hash256& digest, const Signature& signature) noexcept {
        return verify_without_cofactor(verify_by_equation, key, digest, signature);
    };
    EXPECT_EQ(broken_rule(strict, accepts_by_equation), nullptr);
}

}  // namespace
}  // namespace pouw::inline v1::crypto
