/// A verifiable random function: ECVRF-EDWARDS25519-SHA512-TAI.
/// Source: RFC 9381; docs/spec/vrf.md.
///
/// For one public key and one input `alpha`, exactly one output `beta` verifies. An Ed25519 signature is no
/// substitute: its owner can make any number of valid signatures and choose among their hashes.
///
/// The key has a type of its own and is derived under a domain of its own. Never use the seed of an Ed25519
/// key: a signature and a VRF proof under the same key reveal it.
///
/// `alpha` and `beta` are public. The time of hashing `alpha` to the curve depends on `alpha`.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/crypto/scalar.hpp"
#include "pouw/crypto/secret.hpp"

#include <cstdint>
#include <span>

namespace pouw::inline v1::vrf {

/// A VRF public key.
using PublicKey = core::FixedBytes<struct VrfPublicKeyTag, 32>;

/// A VRF proof, `Gamma (32) ‖ c (16) ‖ s (32)`. More than one proof of the same output may verify: identify a
/// proof by its output, never by its bytes or their hash.
using Proof = core::FixedBytes<struct VrfProofTag, 80>;

/// The VRF output `beta`, 64 bytes. It is unique, and nobody can predict it without the secret key.
using Output = core::FixedBytes<struct VrfOutputTag, 64>;

/// A secret VRF key.
/// Threads: shareable for proving.
class POUW_API SecretKey {
  public:
    /// The VRF key of a node.
    /// Expects: `crypto::initialize()` succeeds.
    [[nodiscard]] static SecretKey derive(const crypto::MasterSeed& master);

    /// The VRF key of the 32-byte secret key `SK` of RFC 9381.
    /// Expects: `crypto::initialize()` succeeds.
    [[nodiscard]] static SecretKey from_seed(std::span<const std::uint8_t, 32> seed);

    [[nodiscard]] const PublicKey& public_key() const noexcept { return public_key_; }

    /// The proof of the output for `alpha`. The function is deterministic, and constant time in the key.
    /// Cost: about 250 µs, and 2 µs for each KiB of `alpha`.
    /// Source: RFC 9381 section 5.1 (`ECVRF_prove`).
    [[nodiscard]] Proof prove(core::ByteView alpha) const;

  private:
    SecretKey() = default;

    crypto::Locked<crypto::SecretScalar> scalar_;
    crypto::LongLivedSecret<struct VrfNonceTag, 32> nonce_key_;
    PublicKey public_key_;
};

/// Verifies a proof and returns the output of `alpha` under `key`. The verdict is that of the RFC for every
/// input: a proof may verify under a key or with a Gamma that has a component of small order (and always
/// gives the one output), and no proof verifies under a key of small order.
/// Errors: errc::invalid_vrf_key; errc::invalid_vrf_proof when Gamma is no point or s >= q;
///     errc::false_vrf_proof; crypto::errc::unsafe_libsodium.
/// Cost: about 310 µs.
/// Source: RFC 9381 section 5.3 (`ECVRF_verify` with `validate_key`).
[[nodiscard]] POUW_API core::result<Output> verify(const PublicKey& key, core::ByteView alpha,
                                                   const Proof& proof);

/// The output that `proof` proves if it is valid. The function verifies nothing: use it for proofs of your
/// own and for proofs that were verified.
/// Errors: errc::invalid_vrf_proof.
/// Source: RFC 9381 section 5.2 (`ECVRF_proof_to_hash`).
[[nodiscard]] POUW_API core::result<Output> proof_to_hash(const Proof& proof);

/// Checks that `data` is a VRF key that may be registered. It is stricter than `verify` and accepts points of
/// prime order only.
/// Errors: core::errc::wrong_length; errc::invalid_vrf_key.
/// Cost: about 40 µs.
[[nodiscard]] POUW_API core::result<PublicKey> checked_public_key(core::ByteView data) noexcept;

/// The proof that the node that registers a VRF key knows its secret: the VRF proof of `"pouw.vrf-pop.v1"
/// 0x00 ‖ LE64(|chain_id|) ‖ chain_id ‖ node`. Inputs of other uses start with other tags.
[[nodiscard]] POUW_API Proof prove_possession(const SecretKey& key, const core::ChainId& chain_id,
                                              const core::NodeId& node);

/// Checks a registration, before a chain registers `key`, 32 bytes from outside, for `node`:
/// `checked_public_key` and the proof of possession. A chain fixes the registered keys of an epoch before the
/// beacon output of the epoch may be known (`beacon::Output::known_at`). A node that chooses its key later
/// chooses its outputs.
/// Errors: those of `checked_public_key`; crypto::errc::false_possession.
[[nodiscard]] POUW_API core::result<PublicKey> check_registration(const core::ChainId& chain_id,
                                                                  const core::NodeId& node,
                                                                  core::ByteView key,
                                                                  const Proof& possession);

}  // namespace pouw::inline v1::vrf
