/// The master seed of a node and the Ed25519 signing key derived from it.
///
/// A node keeps one secret, the master seed. Every key it uses is derived from the seed under a domain of its
/// own and has a type of its own, so that using one as another does not compile. (A VRF proof and a signature
/// made with one key reveal the key.)
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/secret.hpp"

#include <string_view>

namespace pouw::inline v1::crypto {

using MasterSeed = Secret<struct MasterSeedTag, 32>;
/// An Ed25519 public key, which is the id of its node.
using PublicKey = core::NodeId;
using Signature = core::FixedBytes<struct SignatureTag, 64>;

/// A fresh seed from the system's random generator.
[[nodiscard]] POUW_API MasterSeed generate_master_seed() noexcept;

/// The text of a key file: `pouw-master-seed-v1:`, 64 lower-case hexadecimal digits, a line feed.
using MasterSeedText = Secret<struct MasterSeedTextTag, 85>;
[[nodiscard]] POUW_API MasterSeedText encode_master_seed(const MasterSeed& seed) noexcept;

/// The inverse of `encode_master_seed`, and of nothing else.
/// Errors: errc::invalid_key_file.
[[nodiscard]] POUW_API core::result<MasterSeed> decode_master_seed(std::string_view text) noexcept;

/// BLAKE2b-256 keyed with the seed, personalised by the tag: the seed of one derived key.
using DerivedSeed = Secret<struct DerivedSeedTag, 32>;
[[nodiscard]] POUW_API DerivedSeed derive_seed(const MasterSeed& master, const DomainTag& tag) noexcept;

/// BLAKE2b-512 of `data` keyed with the seed, personalised by the tag: 64 secret bytes, enough to become a
/// scalar without bias. Deterministic: who needs a nonce puts in `data` all that the nonce is used for.
using WideSecret = Secret<struct WideSecretTag, 64>;
[[nodiscard]] POUW_API WideSecret derive_wide(const DerivedSeed& seed, const DomainTag& tag,
                                              core::ByteView data) noexcept;

/// `data` as an Ed25519 public key.
/// Errors: core::errc::wrong_length; errc::invalid_public_key unless `data` is the canonical encoding of a
///     point of prime order (not the identity, no torsion component).
/// Cost: about 40 µs.
[[nodiscard]] POUW_API core::result<PublicKey> checked_public_key(core::ByteView data) noexcept;

/// An Ed25519 signing key (RFC 8032).
/// Threads: shareable for signing.
class POUW_API SigningKey {
  public:
    [[nodiscard]] static SigningKey derive(const MasterSeed& master) noexcept;

    /// From the 32-byte private key of RFC 8032 itself, for keys that were not made by this library.
    [[nodiscard]] static SigningKey from_seed(std::span<const std::uint8_t, 32> seed) noexcept;

    [[nodiscard]] const PublicKey& public_key() const noexcept { return public_key_; }

    /// Signs the 32 bytes of `digest`; callers sign domain-separated digests only.
    /// Cost: about 16 µs.
    [[nodiscard]] Signature sign(const Hash256& digest) const noexcept;

  private:
    SigningKey() = default;

    Secret<struct SigningKeyTag, 64> secret_;
    PublicKey public_key_;
};

/// Whether `signature` is one of `digest` by `key`: libsodium's rule, fixed in docs/spec/proofs.md section 2.
/// `key` itself is to be checked with `checked_public_key` before.
/// Cost: about 50 µs.
[[nodiscard]] POUW_API bool verify(const PublicKey& key, const Hash256& digest,
                                   const Signature& signature) noexcept;

}  // namespace pouw::inline v1::crypto
