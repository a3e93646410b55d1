/// Proofs: the signed set of solutions of one node in one Race.
/// Source: docs/spec/proofs.md section 2.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/proof/terms.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::proof {

/// The claim of a node about a Race: under these terms, these nonces are solutions.
struct POUW_API Claim {
    Terms terms;
    std::vector<std::uint64_t> nonces;  ///< strictly ascending

    friend bool operator==(const Claim&, const Claim&) = default;
};

/// The size of a proof without its nonces and its signature, in bytes.
inline constexpr std::size_t proof_header_size = 132;
/// The size of a proof without its nonces, in bytes.
inline constexpr std::size_t proof_overhead = proof_header_size + crypto::Signature::size;

/// A claim with the signature of its node. A value of this type is not verified: see verify.hpp.
struct POUW_API Proof {
    Claim claim;
    crypto::Signature signature;

    /// The canonical encoding.
    /// Expects: a claim as for `signing_digest`.
    [[nodiscard]] core::Bytes encode() const;

    /// The inverse of `encode`, and of nothing else. The signature is not verified.
    /// Errors: core::errc::truncated, core::errc::invalid_magic, core::errc::unsupported_version,
    ///     pow::errc::invalid_threshold, crypto::errc::invalid_public_key, core::errc::trailing_bytes, and
    ///     those of `decode_nonces`.
    /// Cost: memory of at most 64 bytes for a byte of `data`.
    [[nodiscard]] static core::result<Proof> decode(core::ByteView data);

    /// Decodes a proof of the expected terms. The terms are compared and the signature is verified over the
    /// bytes as they are, before a nonce is decoded: bytes of anybody else cost no more than their hash. What
    /// it returns passes `verify_terms`.
    /// Errors: those of `decode`, `verify_terms` for terms, crypto::errc::invalid_signature.
    [[nodiscard]] static core::result<Proof> decode_verified(const Terms& expected, core::ByteView data);

    /// The terms that the bytes of a proof claim, for a caller that is to say which of them it expects.
    /// Errors: those of `decode` that come before the nonces.
    [[nodiscard]] static core::result<Terms> claimed_terms(core::ByteView data);

    friend bool operator==(const Proof&, const Proof&) = default;
};

/// The 32 bytes to sign, for keys that are held elsewhere.
/// Expects: a threshold of at least 1; strictly ascending nonces.
[[nodiscard]] POUW_API crypto::Hash256 signing_digest(const Claim& claim);

/// The proof of a claim and a signature that was made elsewhere.
/// Expects: a claim as for `signing_digest`.
/// Errors: crypto::errc::invalid_signature unless the node signed the claim's digest.
[[nodiscard]] POUW_API core::result<Proof> attach_signature(Claim claim, const crypto::Signature& signature);

/// The proof, signed here.
/// Expects: a claim as for `signing_digest`, of the node whose key this is.
[[nodiscard]] POUW_API Proof sign(Claim claim, const crypto::SigningKey& key);

/// The union of one node's claims, found on several machines. A nonce that two of them found counts once.
/// Expects: at least one claim.
/// Errors: those of `verify_terms` where the terms of a claim differ from those of the first.
[[nodiscard]] POUW_API core::result<Claim> merge(std::span<const Claim> claims);

}  // namespace pouw::inline v1::proof
