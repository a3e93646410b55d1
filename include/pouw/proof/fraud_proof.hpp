/// Fraud proofs: the evidence that a node signed a false nonce.
/// Source: docs/spec/proofs.md section 8.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/conviction.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/proof/commitment.hpp"
#include "pouw/proof/verify.hpp"

#include <cstdint>

namespace pouw::inline v1::proof {

/// A signed commitment and one nonce below its root. One forward pass verifies it.
struct POUW_API FraudProof {
    Commitment commitment;
    Opening opening;  ///< shows the false nonce and nothing else

    /// The canonical encoding: about 1.5 KB for ten million nonces.
    /// Expects: a claim as for `signing_digest`.
    [[nodiscard]] core::Bytes encode() const;

    /// The inverse of `encode`, and of nothing else. The opening is limited to one leaf and to the count of
    /// the commitment before it is built.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version, and those of the commitment and the opening.
    /// Cost: memory of at most 64 bytes for a byte of `data`.
    [[nodiscard]] static core::result<FraudProof> decode(core::ByteView data);

    friend bool operator==(const FraudProof&, const FraudProof&) = default;
};

/// The conviction that a fraud proof gives. Only `verify` makes one.
class POUW_API VerifiedFraudProof {
  public:
    [[nodiscard]] const core::NodeId& node() const noexcept { return node_; }
    [[nodiscard]] const FalseNonce& false_nonce() const noexcept { return false_nonce_; }
    /// `crypto::evidence_digest` of the encoded fraud proof.
    [[nodiscard]] const core::EvidenceDigest& evidence() const noexcept { return evidence_; }

    /// The conviction by this fraud proof in the block of this height.
    [[nodiscard]] core::Conviction conviction(core::Height height) const noexcept {
        return {node_, core::Ground::false_nonce, evidence_, height};
    }

    friend bool operator==(const VerifiedFraudProof&, const VerifiedFraudProof&) = default;

  private:
    friend POUW_API core::result<VerifiedFraudProof> verify(const Terms& expected, const FraudProof& proof,
                                                            const pow::Race& race,
                                                            const VerifyOptions& options);

    VerifiedFraudProof(const core::NodeId& node, const FalseNonce& nonce, const core::EvidenceDigest& digest)
        : node_{node}, false_nonce_{nonce}, evidence_{digest} {}

    core::NodeId node_;
    FalseNonce false_nonce_;
    core::EvidenceDigest evidence_;
};

/// The nonce that a fraud proof accuses, after all that needs no forward pass: the commitment has the
/// expected terms and the node's signature, and the opening shows one nonce below its root.
/// Errors: those of `verify_terms` for a commitment and of `VerifiedOpening::create`; errc::wrong_samples
///     unless exactly one nonce is shown.
[[nodiscard]] POUW_API core::result<std::uint64_t> accused_nonce(const Terms& expected,
                                                                 const FraudProof& proof);

/// Verifies a fraud proof: the nonce is recomputed and is no solution. The result convicts the node.
/// Expects: a race of the expected model and seed; at least 1 thread.
/// Errors: those of `accused_nonce`; errc::passing_nonce; core::errc::cancelled; pow::errc::backend_failed.
/// Cost: one forward pass.
[[nodiscard]] POUW_API core::result<VerifiedFraudProof> verify(const Terms& expected, const FraudProof& proof,
                                                               const pow::Race& race,
                                                               const VerifyOptions& options = {});

}  // namespace pouw::inline v1::proof
