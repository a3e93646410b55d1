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
#include <utility>
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
/// with probability 2^-soundness_bits. Every target demands at least one sample of a set that is not empty.
class POUW_API SoundnessTarget {
  public:
    /// Errors: errc::invalid_target unless the fraction is a share above 0 and the bits are at least 1.
    [[nodiscard]] static core::result<SoundnessTarget> create(const core::Fraction& false_fraction,
                                                              std::uint32_t soundness_bits) noexcept;

    [[nodiscard]] const core::Fraction& false_fraction() const noexcept { return false_fraction_; }
    [[nodiscard]] std::uint32_t soundness_bits() const noexcept { return soundness_bits_; }

    friend bool operator==(const SoundnessTarget&, const SoundnessTarget&) = default;

  private:
    SoundnessTarget(const core::Fraction& false_fraction, std::uint32_t soundness_bits) noexcept
        : false_fraction_{false_fraction}, soundness_bits_{soundness_bits} {}

    core::Fraction false_fraction_;
    std::uint32_t soundness_bits_;
};

/// The ranks to open: `samples` different ones below the claim's count, in the order in which they are drawn.
/// A count below that yields all ranks, in such an order. A smaller sample is a prefix of a larger one.
/// Uniform up to a bias of 2^-64 for each draw. Seed, node and root decide the ranks, and nothing else does:
/// other declared ranges give no second draw.
/// Expects: `samples <= stats::largest_sample`.
/// Cost: about 0.5 µs for each sample.
[[nodiscard]] POUW_API std::vector<std::uint64_t> sample_ranks(const SamplingSeed& seed,
                                                               const CommitmentClaim& claim,
                                                               std::uint64_t samples);
/// The same for a private seed.
[[nodiscard]] POUW_API std::vector<std::uint64_t> sample_ranks(const PrivateSeed& seed,
                                                               const CommitmentClaim& claim,
                                                               std::uint64_t samples);

/// The number of samples that the target needs at this count: what a node opens and a verifier demands. At
/// least 1 where the count is.
/// Errors: stats::errc::too_many_samples.
[[nodiscard]] POUW_API core::result<std::uint64_t> samples_for(const SoundnessTarget& target,
                                                               std::uint64_t count);

/// The limits of the opening that a target demands of a commitment: `Opening::decode` takes them, so that a
/// longer opening is refused before it is built.
/// Errors: stats::errc::too_many_samples.
[[nodiscard]] POUW_API core::result<OpeningLimits> opening_limits(const SoundnessTarget& target,
                                                                  const CommitmentClaim& claim);

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
    /// A commitment without a sample that passed has no weight.
    [[nodiscard]] std::uint64_t weight() const noexcept {
        const bool checked = samples >= 1 && passed == samples && soundness_bits >= 1;
        return valid() && checked ? claimed : 0;
    }
};

/// An opening that shows exactly the nonces that a seed draws of a commitment, as many as a target needs.
/// Only `verify_samples` makes one. Threads: immutable; shareable.
class POUW_API VerifiedSamples {
  public:
    [[nodiscard]] const VerifiedOpening& opening() const noexcept { return opening_; }

    /// The soundness that the samples reach: at least that of the target; `stats::certain` when all nonces
    /// are shown.
    [[nodiscard]] std::uint32_t soundness_bits() const noexcept { return soundness_bits_; }

    /// Whether these are the samples of this claim.
    [[nodiscard]] bool are_of(const CommitmentClaim& claim) const noexcept {
        return tree_ == claim.tree && node_ == claim.terms.node;
    }

  private:
    class POUW_LOCAL Check;
    friend POUW_API core::result<VerifiedSamples> verify_samples(const SamplingSeed&, const SoundnessTarget&,
                                                                 const CommitmentClaim&, const Opening&);
    friend POUW_API core::result<VerifiedSamples> verify_samples(const PrivateSeed&, const SoundnessTarget&,
                                                                 const CommitmentClaim&, const Opening&);

    VerifiedSamples(VerifiedOpening opening, const CommitmentClaim& claim, std::uint32_t soundness_bits)
        : opening_{std::move(opening)},
          tree_{claim.tree},
          node_{claim.terms.node},
          soundness_bits_{soundness_bits} {}

    VerifiedOpening opening_;
    TreeRoot tree_;
    core::NodeId node_;
    std::uint32_t soundness_bits_;
};

/// Verifies the part of a sample that needs no forward pass: the opening shows exactly as many nonces as the
/// target needs at the committed count, leads to the committed root, and shows the sampled nonces and nothing
/// else.
/// Errors: stats::errc::too_many_samples; errc::insufficient_soundness (fewer nonces), errc::wrong_samples
///     (more or other ones); those of `VerifiedOpening::create`.
[[nodiscard]] POUW_API core::result<VerifiedSamples> verify_samples(const SamplingSeed& seed,
                                                                    const SoundnessTarget& target,
                                                                    const CommitmentClaim& claim,
                                                                    const Opening& opening);
/// The same for a private seed.
/// Errors: as above.
[[nodiscard]] POUW_API core::result<VerifiedSamples> verify_samples(const PrivateSeed& seed,
                                                                    const SoundnessTarget& target,
                                                                    const CommitmentClaim& claim,
                                                                    const Opening& opening);

/// Recomputes the samples, in ascending order, up to the first that is no solution. A model that is not known
/// to be sound is refused as by `verify`.
/// Expects: `samples.are_of(commitment.claim)`, of a commitment that passes `verify_terms`; a race of its
///     model and seed; at least 1 thread.
/// Errors: core::errc::cancelled; pow::errc::backend_failed.
/// Cost: one forward pass for each sample.
[[nodiscard]] POUW_API core::result<SampleVerdict> recompute_samples(const Commitment& commitment,
                                                                     const VerifiedSamples& samples,
                                                                     const pow::Race& race,
                                                                     const VerifyOptions& options = {});

/// What was recomputed of the nonces that an opening shows. Whoever opened chose them: they say nothing of
/// the other nonces, and give no weight.
struct POUW_API ShownNonces {
    std::uint64_t shown = 0;
    std::uint64_t evaluated = 0;
    std::uint64_t passed = 0;
    std::optional<FalseNonce> false_nonce;
    std::optional<FraudProof> fraud_proof;  ///< of the false nonce
};

/// Recomputes the nonces that any opening shows, in ascending order, up to the first that is no solution.
/// Expects: an opening of the commitment's tree; a race of its model and seed; at least 1 thread.
/// Errors: core::errc::cancelled; pow::errc::backend_failed.
/// Cost: one forward pass for each nonce.
[[nodiscard]] POUW_API core::result<ShownNonces> recompute_shown(const Commitment& commitment,
                                                                 const VerifiedOpening& opening,
                                                                 const pow::Race& race,
                                                                 const VerifyOptions& options = {});

/// The verdict on a commitment: the model, the terms, the signature, the samples, then their nonces,
/// recomputed with `race`. A refused commitment is a verdict and no error. A model that is not known to be
/// sound is refused (pow::errc::unsound_config), unless the options allow it.
/// Expects: a race of the expected model and seed; at least 1 thread.
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
