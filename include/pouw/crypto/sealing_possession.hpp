/// The proof that the owner of a node knows the secret of its sealing key.
///
/// The sealing key is the u-coordinate of a point A of prime order on edwards25519. The proof names A and is
/// a Schnorr proof of its logarithm, bound to chain, node and key. Without it a node could register the
/// sealing key of another, and receive prompts that it cannot read. Source: docs/spec/sealed_prompt.md,
/// "Possession of a sealing key".
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/edwards25519.hpp"
#include "pouw/crypto/scalar.hpp"
#include "pouw/crypto/sealed_prompt.hpp"

#include <cstddef>

namespace pouw::inline v1::crypto {

/// A proof of possession of a sealing key.
struct POUW_API SealingPossession {
    static constexpr std::size_t size = EdwardsPoint::size + 2 * Scalar::size;

    EdwardsPoint point;  ///< A
    Scalar challenge;
    Scalar response;

    /// The bytes `point ‖ challenge ‖ response`.
    [[nodiscard]] core::Bytes encode() const;
    /// The inverse of `encode`.
    /// Errors: core::errc::wrong_length; errc::invalid_point; errc::invalid_scalar.
    [[nodiscard]] static core::result<SealingPossession> decode(core::ByteView data);

    friend bool operator==(const SealingPossession&, const SealingPossession&) = default;
};

/// The proof that the node which registers the sealing key knows its secret. The function is deterministic,
/// and constant time in the key. Expects: `crypto::initialize()` succeeds. Cost: about 40 µs.
[[nodiscard]] POUW_API SealingPossession prove_possession(const SealingKey& key,
                                                          const core::ChainId& chain_id,
                                                          const core::NodeId& node);

/// Checks that the owner of `node` knows the secret of `key`.
/// Errors: errc::invalid_public_key for a key of small order or one that is not canonical;
///     errc::false_possession.
/// Cost: about 250 µs.
[[nodiscard]] POUW_API core::result<void> check_possession(const core::ChainId& chain_id,
                                                           const core::NodeId& node,
                                                           const SealingPublicKey& key,
                                                           const SealingPossession& possession);

}  // namespace pouw::inline v1::crypto
