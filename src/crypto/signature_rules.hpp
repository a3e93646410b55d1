// The rules by which signatures are verified, which all nodes of a chain must share, and a vector for each of
// them that another rule judges otherwise.
#pragma once

#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/keys.hpp"

namespace pouw::inline v1::crypto {

using SignatureVerifier = bool (*)(const PublicKey&, const Hash256&, const Signature&) noexcept;
using KeyCheck = bool (*)(const PublicKey&) noexcept;

/// The first rule that the functions do not follow; null when they follow all.
/// Source: docs/spec/proofs.md section 2.
[[nodiscard]] const char* broken_rule(SignatureVerifier verify, KeyCheck accepts) noexcept;

/// Whether a component of small order in R makes no difference to `verify`. In libsodium that
/// is so in some versions.
[[nodiscard]] bool ignores_small_order(SignatureVerifier verify) noexcept;

/// The verdict without cofactor, by a function that verifies with it: R must be of prime order.
/// Expects: a key of prime order.
[[nodiscard]] bool verify_without_cofactor(SignatureVerifier with_cofactor, const PublicKey& key,
                                           const Hash256& digest, const Signature& signature) noexcept;

}  // namespace pouw::inline v1::crypto
