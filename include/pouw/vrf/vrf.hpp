/// A verifiable random function: ECVRF-EDWARDS25519-SHA512-TAI of RFC 9381 (docs/spec/vrf.md).
///
/// For one public key and one input `alpha` there is exactly one output `beta` that verifies. An Ed25519
/// signature is no substitute: its owner can make any number of valid ones and pick among their hashes.
///
/// The key is a type of its own and derived under a domain of its own. Never use the seed of an Ed25519 key:
/// one signature and one VRF proof under the same key reveal it.
///
/// `alpha` and `beta` are public; hashing `alpha` to the curve takes a time that depends on it.
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

using PublicKey = core::FixedBytes<struct VrfPublicKeyTag, 32>;

/// `Gamma (32) ‖ c (16) ‖ s (32)`. More than one proof of the same output may verify: key nothing on a proof
/// or on its hash, only on the output.
using Proof = core::FixedBytes<struct VrfProofTag, 80>;

/// `beta`, the 64 bytes of RFC 9381. Unpredictable without the secret key, and unique.
using Output = core::FixedBytes<struct VrfOutputTag, 64>;

/// A secret VRF key.
/// Threads: shareable for proving.
class POUW_API SecretKey {
  public:
    /// The VRF key of a node.
    /// Expects: `crypto::initialize()` succeeds.
    [[nodiscard]] static SecretKey derive(const crypto::MasterSeed& master);

    /// From the 32-byte secret key `SK` of RFC 9381 itself.
    /// Expects: `crypto::initialize()` succeeds.
    [[nodiscard]] static SecretKey from_seed(std::span<const std::uint8_t, 32> seed);

    [[nodiscard]] const PublicKey& public_key() const noexcept { return public_key_; }

    /// `ECVRF_prove` (section 5.1). Deterministic; constant time in the key.
    /// Cost: about 250 µs plus 2 µs a KiB of `alpha`.
    [[nodiscard]] Proof prove(core::ByteView alpha) const;

  private:
    SecretKey() = default;

    crypto::SecretScalar scalar_;
    crypto::Secret<struct VrfNonceTag, 32> nonce_key_;
    PublicKey public_key_;
};

/// `ECVRF_verify` with `validate_key` (section 5.3): the output, if `proof` is one of `alpha` under `key`.
/// The verdict is the RFC's for every input: a key or a Gamma with a component of small order may verify (and
/// always gives the one output), a key of small order never does.
/// Errors: errc::invalid_vrf_key; errc::invalid_vrf_proof if Gamma is no point or s >= q;
///     errc::false_vrf_proof; crypto::errc::unsafe_libsodium.
/// Cost: about 310 µs.
[[nodiscard]] POUW_API core::result<Output> verify(const PublicKey& key, core::ByteView alpha,
                                                   const Proof& proof);

/// `ECVRF_proof_to_hash` (section 5.2): the output that `proof` would prove. It verifies nothing: for one's
/// own proofs and those already verified.
/// Errors: errc::invalid_vrf_proof.
[[nodiscard]] POUW_API core::result<Output> proof_to_hash(const Proof& proof);

/// `data` as a VRF key to be registered: stricter than `verify`, it takes points of prime order only.
/// Errors: core::errc::wrong_length, errc::invalid_vrf_key.
/// Cost: about 40 µs.
[[nodiscard]] POUW_API core::result<PublicKey> checked_public_key(core::ByteView data) noexcept;

/// Proof that the node that registers a VRF key knows its secret: the VRF proof of
/// `"pouw.vrf-pop.v1" 0x00 ‖ LE64(|chain_id|) ‖ chain_id ‖ node`. Inputs of other uses start with other tags.
[[nodiscard]] POUW_API Proof prove_possession(const SecretKey& key, const core::ChainId& chain_id,
                                              const core::NodeId& node);

/// What a chain asks before it registers `key`, 32 bytes from outside, for `node`: `checked_public_key` and
/// the proof of possession. A chain fixes the registered keys of an epoch before the epoch's beacon output
/// may be known (`beacon::Output::known_at`); whoever chooses a key afterwards chooses the outputs. Errors:
/// those of `checked_public_key`; crypto::errc::false_possession.
[[nodiscard]] POUW_API core::result<PublicKey> check_registration(const core::ChainId& chain_id,
                                                                  const core::NodeId& node,
                                                                  core::ByteView key,
                                                                  const Proof& possession);

}  // namespace pouw::inline v1::vrf
