/// Light clients: from a block that is trusted to a later one, over changes of the weights, by certificates
/// alone.
///
/// A checkpoint is as good as its source and its age. Keys whose weight has passed to others cost their
/// owners nothing: whoever buys more than half of an old table can sign another history from there on. A
/// client starts from a checkpoint that is younger than the time in which a chain convicts and punishes
/// signers. Source: docs/spec/validation.md section 7.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/validation/certificate.hpp"
#include "pouw/weights/weights.hpp"

#include <cstddef>
#include <span>

namespace pouw::inline v1::validation {

/// A final block, and the weights that sign the blocks after it.
struct POUW_API Checkpoint {
    static constexpr std::size_t size = 116;

    core::ChainDigest chain;
    core::Epoch epoch;  ///< the epoch whose weights sign the next block
    core::Height height;
    core::BlockHash block;
    crypto::Hash256 weights;  ///< the digest of these weights

    /// The encoding, of `size` bytes.
    [[nodiscard]] core::Bytes encode() const;
    /// The inverse of `encode`, and of nothing else.
    /// Errors: core::errc::wrong_length, core::errc::unsupported_version.
    [[nodiscard]] static core::result<Checkpoint> decode(core::ByteView data);

    friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// A certificate of a later block, and the table of its signers.
struct POUW_API CheckpointStep {
    weights::WeightTable weights;
    BlockCertificate certificate;
};

/// The checkpoint at the block of the certificate. Blocks between may be skipped, changes of the weights may
/// not.
/// Expects: at least 1 thread.
/// Errors: in this order, errc::other_weights for a table other than the trusted one; errc::stale_certificate
///     for a block that is not above the trusted one; those of `verify_certificate`; core::errc::overflow
///     after the last epoch.
/// Cost: that of `verify_certificate`, and a hash of the table.
[[nodiscard]] POUW_API core::result<Checkpoint> advance(const Checkpoint& trusted, const CheckpointStep& step,
                                                        unsigned threads = 1);

/// The checkpoint after all steps.
/// Expects: at least 1 thread.
/// Errors: those of `advance` for the first step that fails.
/// Cost: that of the steps.
[[nodiscard]] POUW_API core::result<Checkpoint> follow(const Checkpoint& trusted,
                                                       std::span<const CheckpointStep> steps,
                                                       unsigned threads = 1);

}  // namespace pouw::inline v1::validation
