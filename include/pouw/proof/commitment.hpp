/// Commitments: a node's signed claim of a Race by root and count alone. docs/spec/proofs.md section 6.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/proof/nonce_tree.hpp"
#include "pouw/proof/proof.hpp"
#include "pouw/proof/verify.hpp"

#include <cstdint>
#include <vector>

namespace pouw::proof {

/// "Under this race, model and threshold, these many nonces of mine pass, and this is their tree."
struct CommitmentClaim {
    core::ModelId model_id;
    pow::RaceSeed race_seed;
    crypto::PublicKey public_key;
    std::uint64_t threshold = 0;  ///< at least 1
    TreeRoot tree;
    /// What was scanned, as far as the node declares it: in each of these ascending ranges, all of it. None:
    /// undeclared. A later commitment continues each of them upwards, see `check_extension`.
    std::vector<NonceRange> ranges;

    friend bool operator==(const CommitmentClaim&, const CommitmentClaim&) = default;
};

/// A claim with the signature of its node. Not verified by being one: see `verify_terms`.
struct Commitment {
    CommitmentClaim claim;
    crypto::Signature signature;

    friend bool operator==(const Commitment&, const Commitment&) = default;
};

inline constexpr std::size_t largest_range_count = 4096;
/// Bytes of a commitment without ranges.
inline constexpr std::size_t smallest_commitment = 160 + crypto::Signature::size;
inline constexpr std::size_t largest_commitment = smallest_commitment + 16 * largest_range_count;

/// The commitment to what a proof claims. Cost: about 0.5 µs a nonce. Expects `are_ascending(ranges)`, at
/// most `largest_range_count` of them. Errors: errc::nonce_outside_ranges, where there are ranges.
[[nodiscard]] core::result<CommitmentClaim> commitment_claim(const Claim& claim,
                                                             std::vector<NonceRange> ranges = {});

/// The 32 bytes to sign, for keys that are held elsewhere. Expects a threshold of at least 1 and, where there
/// are ranges, ascending ones that can hold the count.
[[nodiscard]] crypto::Hash256 signing_digest(const CommitmentClaim& claim);

/// The commitment made of a claim and a signature that was made elsewhere.
/// Errors: crypto::errc::invalid_signature unless it is one of the claim's digest by the claim's key.
[[nodiscard]] core::result<Commitment> attach_signature(CommitmentClaim claim,
                                                        const crypto::Signature& signature);

/// The commitment, signed here. Expects the claim's key to be that of `key`.
[[nodiscard]] Commitment sign(CommitmentClaim claim, const crypto::SigningKey& key);

/// The canonical encoding. Expectations as of `signing_digest`.
[[nodiscard]] core::Bytes encode(const Commitment& commitment);

/// The inverse of `encode`, and of nothing else; the signature is not verified. Errors:
/// core::errc::truncated, core::errc::invalid_magic, core::errc::unsupported_version,
/// crypto::errc::invalid_public_key, pow::errc::invalid_threshold, errc::root_mismatch (count 0 with another
/// root than that of no nonce), errc::invalid_ranges (also: too many, or too small for the count),
/// core::errc::trailing_bytes.
[[nodiscard]] core::result<Commitment> decode_commitment(core::ByteView data);

/// Compares model, race, key and threshold, then the signature.
/// Errors: errc::model_mismatch, errc::race_mismatch, errc::key_mismatch, errc::threshold_mismatch,
/// crypto::errc::invalid_signature, in this order. Cost: about 0.1 ms.
[[nodiscard]] core::result<void> verify_terms(const Commitment& commitment, const Expected& expected);

/// Whether `later` continues `earlier`: it is of the same node, race, model and threshold, declares each of
/// the earlier ranges with the same start and at least the same end, and has, within the earlier ranges,
/// exactly the earlier set: nothing was added below the bounds of then, and nothing taken away. `opening`
/// shows the later tree as far as this needs (`NonceTree::open` with the earlier ranges). With a count at an
/// earlier height and one at the end, a chain can demand a share of the work by then (`core::is_at_least`).
///
/// Expects `earlier` to declare ranges. Signatures are not verified here. Errors: errc::model_mismatch,
/// errc::race_mismatch, errc::key_mismatch, errc::threshold_mismatch; errc::not_an_extension; those of
/// `Opened::check`; errc::wrong_samples when the opening does not show enough.
[[nodiscard]] core::result<void> check_extension(const CommitmentClaim& earlier, const CommitmentClaim& later,
                                                 const Opening& opening);

/// Whether all nonces of a commitment lie in the ranges it declares. `opening` as above, with its own ranges.
/// Expects declared ranges. Errors: errc::nonce_outside_ranges, those of `Opened::check`,
/// errc::wrong_samples.
[[nodiscard]] core::result<void> check_ranges(const CommitmentClaim& claim, const Opening& opening);

}  // namespace pouw::proof
