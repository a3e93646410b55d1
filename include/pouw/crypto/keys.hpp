/// The master seed of a node and the Ed25519 signing key derived from it.
///
/// A node keeps one secret, the master seed. Each of its keys is derived from the seed under a domain of its
/// own and has a type of its own, so that a program that uses one key as another does not compile. (A VRF
/// proof and a signature that are made with the same key reveal the key.)
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/secret.hpp"

#include <string_view>

namespace pouw::inline v1::crypto {

/// The master seed of a node.
using MasterSeed = LongLivedSecret<struct MasterSeedTag, 32>;
/// An Ed25519 public key, which is the id of its node.
using PublicKey = core::NodeId;
/// An Ed25519 signature.
using Signature = core::FixedBytes<struct SignatureTag, 64>;

/// A new seed from the system's random generator.
[[nodiscard]] POUW_API MasterSeed generate_master_seed() noexcept;

/// The text of a key file: `pouw-master-seed-v1:`, 64 lower-case hexadecimal digits, a line feed.
using MasterSeedText = Secret<struct MasterSeedTextTag, 85>;
/// The key file of a master seed.
/// Expects: a seed that is not empty.
[[nodiscard]] POUW_API MasterSeedText encode_master_seed(const MasterSeed& seed) noexcept;

/// The seed of a key file: the inverse of `encode_master_seed`. Other text is refused, and so is a seed of
/// zeros, which is what a program writes that forgot to fill its seed.
/// Errors: errc::invalid_key_file.
[[nodiscard]] POUW_API core::result<MasterSeed> decode_master_seed(std::string_view text) noexcept;

/// The seed of one derived key: BLAKE2b-256 keyed with the master seed and personalised by the tag.
using DerivedSeed = LongLivedSecret<struct DerivedSeedTag, 32>;
/// Derives the seed of the key that the tag names.
/// Expects: a master seed that is not empty.
[[nodiscard]] POUW_API DerivedSeed derive_seed(const MasterSeed& master, const DomainTag& tag) noexcept;

/// 64 secret bytes, enough to become a scalar without bias: BLAKE2b-512 of `data`, keyed with the seed and
/// personalised by the tag. The function is deterministic; to derive a nonce, put everything that the nonce
/// is used for into `data`.
using WideSecret = Secret<struct WideSecretTag, 64>;
/// Derives 64 secret bytes from a derived seed.
/// Expects: a seed that is not empty.
[[nodiscard]] POUW_API WideSecret derive_wide(const DerivedSeed& seed, const DomainTag& tag,
                                              core::ByteView data) noexcept;

/// Checks that `data` is an Ed25519 public key.
/// Errors: core::errc::wrong_length; errc::invalid_public_key unless `data` is the canonical encoding of a
///     point of prime order (not the identity, no torsion component).
/// Cost: about 40 µs.
[[nodiscard]] POUW_API core::result<PublicKey> checked_public_key(core::ByteView data) noexcept;

/// An Ed25519 signing key. A key that was moved from does not sign: that is a violated contract.
/// Threads: shareable for signing.
/// Source: RFC 8032.
class POUW_API SigningKey {
  public:
    /// The signing key of a node.
    /// Expects: a master seed that is not empty.
    [[nodiscard]] static SigningKey derive(const MasterSeed& master) noexcept;

    /// The key of a 32-byte private key of RFC 8032, for keys that were not made by this library.
    [[nodiscard]] static SigningKey from_seed(std::span<const std::uint8_t, 32> seed) noexcept;

    [[nodiscard]] const PublicKey& public_key() const noexcept { return public_key_; }

    /// Signs the 32 bytes of `digest`. Sign domain-separated digests only.
    /// Cost: about 16 µs.
    [[nodiscard]] Signature sign(const Hash256& digest) const noexcept;

  private:
    SigningKey() = default;

    LongLivedSecret<struct SigningKeyTag, 64> secret_;
    PublicKey public_key_;
};

/// Whether `signature` is a signature of `digest` by `key`, under the rule of libsodium 1.0.18, whichever is
/// linked.
/// Expects: a key that `checked_public_key` accepts.
/// Cost: about 50 µs; 90 µs with versions whose own rule has the cofactor.
/// Source: docs/spec/proofs.md section 2.
[[nodiscard]] POUW_API bool verify(const PublicKey& key, const Hash256& digest,
                                   const Signature& signature) noexcept;

}  // namespace pouw::inline v1::crypto
