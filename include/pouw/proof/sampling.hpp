/// Verification of commitments by sample.
/// Source: docs/spec/proofs.md section 7.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/secret.hpp"
#include "pouw/proof/commitment.hpp"
#include "pouw/proof/fraud_proof.hpp"
#include "pouw/proof/verify.hpp"
#include "pouw/stats/sampling.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pouw::inline v1::proof {

/// The public seed of a sample: a beacon output that was drawn after the commitment was published. Never make
/// one from the race seed or from an earlier block: a node that knows the samples beforehand commits to true
/// nonces there and to nothing elsewhere (a deployed network had this fault).
class POUW_API SamplingSeed {
  public:
    explicit SamplingSeed(const core::BeaconOutput& drawn_after_the_commitment) noexcept
        : output_{drawn_after_the_commitment} {}

    [[nodiscard]] std::span<const std::uint8_t, 32> bytes() const noexcept { return output_.bytes; }

    friend bool operator==(const SamplingSeed&, const SamplingSeed&) = default;

  private:
    core::BeaconOutput output_;
};

/// The secret seed of a sample, which the verifier draws by itself and tells nobody before the commitment is
/// fixed. The check convinces this verifier alone. Move-only; wiped.
class POUW_API PrivateSeed {
  public:
    /// A new seed from the system's random generator.
    [[nodiscard]] static PrivateSeed generate() noexcept;
    explicit PrivateSeed(std::span<const std::uint8_t, 32> bytes) noexcept;

    /// The bytes, for the node that is to answer, once its commitment is fixed.
    [[nodiscard]] std::span<const std::uint8_t, 32> reveal() const noexcept { return bytes_.reveal(); }

  private:
    PrivateSeed() = default;
    crypto::Secret<struct PrivateSeedTag, 32> bytes_;
};

/// The target of a check by sample: it detects every node with at least this share of false nonces, except
/// with probability 2^-soundness_bits.
struct POUW_API SoundnessTarget {
    core::Fraction false_fraction;  ///< a share above 0
    std::uint32_t soundness_bits = 0;
};

/// The ranks to open: `samples` different ones below the claim's count, in the order in which they are drawn.
/// A count below that yields all ranks, in such an order. A smaller sample is a prefix of a larger one, so
/// that nobody gains by choosing the size. Uniform up to a bias of 2^-64 for each draw.
/// Expects: `samples <= stats::largest_sample`; a claim as for `signing_digest`.
/// Cost: about 0.5 µs for each sample.
[[nodiscard]] POUW_API std::vector<std::uint64_t> sample_ranks(const SamplingSeed& seed,
                                                               const CommitmentClaim& claim,
                                                               std::uint64_t samples);
/// The same for a private seed.
[[nodiscard]] POUW_API std::vector<std::uint64_t> sample_ranks(const PrivateSeed& seed,
                                                               const CommitmentClaim& claim,
                                                               std::uint64_t samples);

/// The number of samples that the target needs at this count.
/// Expects: `false_fraction.is_share()`.
/// Errors: stats::errc::too_many_samples.
[[nodiscard]] POUW_API core::result<std::uint64_t> samples_for(const SoundnessTarget& target,
                                                               std::uint64_t count);

/// The outcome of a check by sample. Only a valid commitment has weight.
struct POUW_API SampleVerdict {
    std::optional<core::error> refusal;  ///< why the commitment is refused; nothing when it is valid
    std::uint64_t claimed = 0;           ///< the nonces of the commitment
    std::uint64_t samples = 0;           ///< the nonces of the opening
    std::uint64_t evaluated = 0;         ///< those of them that were recomputed
    std::uint64_t passed = 0;            ///< those of them that are solutions
    std::uint32_t soundness_bits = 0;    ///< reached, when valid; `stats::certain` when all were checked
    std::optional<FalseNonce> false_nonce;
    std::optional<FraudProof> fraud_proof;  ///< of the false nonce

    [[nodiscard]] bool valid() const noexcept { return !refusal; }
    [[nodiscard]] std::uint64_t weight() const noexcept { return valid() ? claimed : 0; }
};

/// Verifies the part of a sample that needs no forward pass: the opening leads to the committed root and
/// shows exactly the sampled nonces, enough of them, and nothing else. The number of samples is taken from
/// the opening; it may exceed the number that the target needs.
/// Expects: `false_fraction.is_share()`; a claim as for `signing_digest`.
/// Errors: those of `VerifiedOpening::create`; stats::errc::too_many_samples; errc::wrong_samples;
///     errc::insufficient_soundness.
[[nodiscard]] POUW_API core::result<VerifiedOpening> verify_samples(const SamplingSeed& seed,
                                                                    const SoundnessTarget& target,
                                                                    const CommitmentClaim& claim,
                                                                    const Opening& opening);
/// The same for a private seed.
/// Errors: as above.
[[nodiscard]] POUW_API core::result<VerifiedOpening> verify_samples(const PrivateSeed& seed,
                                                                    const SoundnessTarget& target,
                                                                    const CommitmentClaim& claim,
                                                                    const Opening& opening);

/// Recomputes the nonces that the opening shows, in ascending order, up to the first that is no solution. The
/// verdict states the soundness against `target.false_fraction`.
/// Expects: a race of the commitment's model and seed; an opening of the commitment's tree; at least 1
///     thread.
/// Errors: core::errc::cancelled; pow::errc::backend_failed.
/// Cost: one forward pass for each sample.
[[nodiscard]] POUW_API core::result<SampleVerdict> recompute_samples(const SoundnessTarget& target,
                                                                     const Commitment& commitment,
                                                                     const VerifiedOpening& opening,
                                                                     const pow::Race& race,
                                                                     const VerifyOptions& options = {});

/// The verdict on a commitment: the terms, the signature, the samples, then their nonces, recomputed with
/// `race`. A refused commitment is a verdict and no error.
/// Expects: a race of the expected model and seed; `false_fraction.is_share()`; at least 1 thread.
/// Errors: core::errc::cancelled; pow::errc::backend_failed.
/// Cost: one forward pass for each sample.
[[nodiscard]] POUW_API core::result<SampleVerdict> verify(const Terms& expected, const SamplingSeed& seed,
                                                          const SoundnessTarget& target,
                                                          const Commitment& commitment,
                                                          const Opening& opening, const pow::Race& race,
                                                          const VerifyOptions& options = {});
/// The same for a private seed.
/// Errors: as above.
[[nodiscard]] POUW_API core::result<SampleVerdict> verify(const Terms& expected, const PrivateSeed& seed,
                                                          const SoundnessTarget& target,
                                                          const Commitment& commitment,
                                                          const Opening& opening, const pow::Race& race,
                                                          const VerifyOptions& options = {});

}  // namespace pouw::inline v1::proof
