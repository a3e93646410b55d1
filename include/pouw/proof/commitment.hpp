/// Commitments: a node's signed claim of a Race by root and count alone.
/// Source: docs/spec/proofs.md section 6.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/proof/nonce_tree.hpp"
#include "pouw/proof/proof.hpp"
#include "pouw/proof/terms.hpp"

#include <cstddef>
#include <vector>

namespace pouw::inline v1::proof {

/// The claim of a commitment: under these terms, the nonces of this tree are solutions.
struct POUW_API CommitmentClaim {
    Terms terms;
    TreeRoot tree;
    /// The ranges of nonces that the node declares as scanned completely, ascending. Empty: the node declares
    /// nothing. A later commitment continues each of them upwards: see `verify_extension`.
    std::vector<NonceRange> ranges;

    friend bool operator==(const CommitmentClaim&, const CommitmentClaim&) = default;
};

/// The largest number of ranges in a commitment.
inline constexpr std::size_t largest_range_count = 4096;
/// The size of a commitment without ranges, in bytes.
inline constexpr std::size_t smallest_commitment = 160 + crypto::Signature::size;
/// The size of a commitment with the largest number of ranges, in bytes.
inline constexpr std::size_t largest_commitment = smallest_commitment + 16 * largest_range_count;

/// A claim with the signature of its node. A value of this type is not verified: see `verify_terms`.
struct POUW_API Commitment {
    CommitmentClaim claim;
    crypto::Signature signature;

    /// The canonical encoding.
    /// Expects: a claim as for `signing_digest`.
    [[nodiscard]] core::Bytes encode() const;

    /// The inverse of `encode`, and of nothing else. The signature is not verified.
    /// Errors: core::errc::truncated, core::errc::invalid_magic, core::errc::unsupported_version,
    ///     pow::errc::invalid_threshold, crypto::errc::invalid_public_key, errc::root_mismatch (count 0 with
    ///     another root than that of the empty tree), errc::invalid_ranges (also: too many of them, or too
    ///     small for the count), core::errc::trailing_bytes.
    /// Cost: memory of at most 64 bytes for a byte of `data`; about 0.1 ms for the key.
    [[nodiscard]] static core::result<Commitment> decode(core::ByteView data);

    friend bool operator==(const Commitment&, const Commitment&) = default;
};

/// The commitment to the nonces of a claim.
/// Expects: `are_ascending(ranges)`; at most `largest_range_count` of them.
/// Errors: errc::nonce_outside_ranges, where there are ranges.
/// Cost: about 0.5 µs for each nonce.
[[nodiscard]] POUW_API core::result<CommitmentClaim> commitment_claim(const Claim& claim,
                                                                      std::vector<NonceRange> ranges = {});

/// The 32 bytes to sign, for keys that are held elsewhere.
/// Expects: a threshold of at least 1; where there are ranges, ascending ones that can hold the count, at
///     most `largest_range_count` of them.
[[nodiscard]] POUW_API crypto::Hash256 signing_digest(const CommitmentClaim& claim);

/// The commitment of a claim and a signature that was made elsewhere.
/// Expects: a claim as for `signing_digest`.
/// Errors: crypto::errc::invalid_signature unless the node signed the claim's digest.
[[nodiscard]] POUW_API core::result<Commitment> attach_signature(CommitmentClaim claim,
                                                                 const crypto::Signature& signature);

/// The commitment, signed here.
/// Expects: a claim as for `signing_digest`, of the node whose key this is.
[[nodiscard]] POUW_API Commitment sign(CommitmentClaim claim, const crypto::SigningKey& key);

/// Compares the terms, then verifies the signature.
/// Errors: those of `verify_terms` for terms; crypto::errc::invalid_signature.
/// Cost: about 0.1 ms.
[[nodiscard]] POUW_API core::result<void> verify_terms(const Terms& expected, const Commitment& commitment);

/// Whether `later` continues `earlier`: it has the same terms, declares each of the earlier ranges with the
/// same start and at least the same end, and has, within the earlier ranges, exactly the earlier set.
/// `opening` shows the later tree as far as this needs: `NonceTree::open` with the earlier ranges. Signatures
/// are not verified. With the counts at an earlier height and at the end, a chain can demand a share of the
/// work by then (`core::is_at_least`).
/// Errors: errc::invalid_ranges when `earlier` declares none, or impossible ones; those of `verify_terms` for
///     terms; errc::not_an_extension; those of `VerifiedOpening::create`;
///     errc::wrong_samples when the opening does not show enough.
[[nodiscard]] POUW_API core::result<void> verify_extension(const CommitmentClaim& earlier,
                                                           const CommitmentClaim& later,
                                                           const Opening& opening);

/// Whether all nonces of a commitment lie in the ranges that it declares. `opening` shows the tree as far as
/// this needs: `NonceTree::open` with these ranges.
/// Errors: errc::invalid_ranges when `claim` declares none, or impossible ones; errc::nonce_outside_ranges;
/// those of `VerifiedOpening::create`; errc::wrong_samples when the
///     opening does not show enough.
[[nodiscard]] POUW_API core::result<void> verify_ranges(const CommitmentClaim& claim, const Opening& opening);

}  // namespace pouw::inline v1::proof
