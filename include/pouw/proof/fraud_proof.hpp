/// Fraud proofs: the evidence that a node signed a false nonce. docs/spec/proofs.md section 8.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/result.hpp"
#include "pouw/proof/commitment.hpp"

namespace pouw::proof {

/// A signed commitment and one nonce below its root. Anybody can check it with one forward pass.
struct FraudProof {
    Commitment commitment;
    Opening opening;  ///< shows the false nonce and nothing else

    friend bool operator==(const FraudProof&, const FraudProof&) = default;
};

/// The canonical encoding: about 1.5 KB for ten million nonces.
[[nodiscard]] core::Bytes encode(const FraudProof& proof);

/// The inverse of `encode`, and of nothing else. Errors: core::errc::truncated, core::errc::trailing_bytes,
/// core::errc::invalid_magic, core::errc::unsupported_version, and those of the commitment and the opening.
[[nodiscard]] core::result<FraudProof> decode_fraud_proof(core::ByteView data);

/// All that costs no forward pass: the commitment is of the expected race, model, threshold and node and
/// signed by it, and the opening shows one nonce below its root. The nonce. Errors: those of `verify_terms`
/// and `Opened::check`; errc::wrong_samples unless exactly one nonce is shown.
[[nodiscard]] core::result<std::uint64_t> accused_nonce(const FraudProof& proof, const Expected& expected);

/// Convicts the node, or refuses: the false nonce with what it comes to. Expects `race` to be of the expected
/// config and seed. Cost: one forward pass. Errors: those of `accused_nonce`; errc::passing_nonce;
/// core::errc::cancelled.
[[nodiscard]] core::result<FalseNonce> verify(const FraudProof& proof, const Expected& expected,
                                              const pow::Race& race, std::stop_token stop = {});

}  // namespace pouw::proof
