/// Proofs: what a node claims of a Race, signed. docs/spec/proofs.md section 2.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/result.hpp"
#include "pouw/core/version.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/pow/config.hpp"
#include "pouw/pow/seeds.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pouw::proof {

/// "Under this race, model and threshold, these nonces of mine pass."
struct Claim {
    core::ModelId model_id;
    pow::RaceSeed race_seed;
    crypto::PublicKey public_key;
    std::uint64_t threshold = 0;        ///< at least 1
    std::vector<std::uint64_t> nonces;  ///< strictly ascending

    friend bool operator==(const Claim&, const Claim&) = default;
};

/// A claim with the signature of its node. Not verified by being one: see verify.hpp.
struct Proof {
    Claim claim;
    crypto::Signature signature;

    friend bool operator==(const Proof&, const Proof&) = default;
};

/// Bytes of a proof beside its nonces.
inline constexpr std::size_t proof_header_size = 132;
inline constexpr std::size_t proof_overhead = proof_header_size + crypto::Signature::size;

/// The 32 bytes to sign, for keys that are held elsewhere. Expects a threshold of at least 1 and ascending
/// nonces.
[[nodiscard]] crypto::Hash256 signing_digest(const Claim& claim);

/// The proof made of a claim and a signature that was made elsewhere.
/// Errors: crypto::errc::invalid_signature unless it is one of the claim's digest by the claim's key.
[[nodiscard]] core::result<Proof> attach_signature(Claim claim, const crypto::Signature& signature);

/// The proof, signed here. Expects the claim's key to be that of `key`.
[[nodiscard]] Proof sign(Claim claim, const crypto::SigningKey& key);

/// The canonical encoding. Expectations as of `signing_digest`.
[[nodiscard]] core::Bytes encode(const Proof& proof);

/// The inverse of `encode`, and of nothing else; the signature is not verified. Memory: at most 64 bytes for
/// a byte of `data`. Errors: core::errc::truncated, core::errc::invalid_magic,
/// core::errc::unsupported_version, crypto::errc::invalid_public_key, pow::errc::invalid_threshold,
/// core::errc::trailing_bytes, and those of the nonce set.
[[nodiscard]] core::result<Proof> decode(core::ByteView data);

/// The union of one node's claims, found on several machines; a nonce that two of them found counts once.
/// Expects at least one claim. Errors: errc::model_mismatch, errc::race_mismatch, errc::key_mismatch,
/// errc::threshold_mismatch where a claim differs from the first.
[[nodiscard]] core::result<Claim> merge(std::span<const Claim> claims);

}  // namespace pouw::proof
