/// Verification of a commitment by sample. docs/spec/proofs.md section 7.
#pragma once

#include "pouw/core/fraction.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/secret.hpp"
#include "pouw/proof/commitment.hpp"
#include "pouw/proof/fraud_proof.hpp"
#include "pouw/stats/sampling.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

namespace pouw::proof {

/// Randomness that nobody knew when the commitment was published: the output of a beacon that was drawn after
/// it. Never the race's own seed or an earlier block: who knows the samples beforehand commits to true nonces
/// there and to nothing elsewhere (a deployed network had this).
struct PostCommitmentSeed {
    std::array<std::uint8_t, 32> bytes{};
};

/// Randomness that the verifier drew by itself and tells nobody before the openings are in. It convinces only
/// the verifier. Moved, never copied; wiped.
class PrivateSeed {
  public:
    /// From the system's random generator.
    [[nodiscard]] static PrivateSeed generate() noexcept;
    explicit PrivateSeed(std::span<const std::uint8_t, 32> bytes) noexcept;

    /// For the node that is to answer, once its commitment is fixed.
    [[nodiscard]] std::span<const std::uint8_t, 32> reveal() const noexcept { return bytes_.reveal(); }

  private:
    PrivateSeed() = default;
    crypto::Secret<struct PrivateSeedTag, 32> bytes_;
};

/// The ranks to open: `samples` different ones below the claim's count, in the order in which they are drawn;
/// all of them, in that order too, when there are no more. The first samples are the same for every number of
/// samples, so that the number, once large enough, cannot be chosen to advantage. Uniform but for at most
/// 2^-64 of bias a draw. Expects `samples <= stats::largest_sample`. Cost: about 0.5 µs a sample.
[[nodiscard]] std::vector<std::uint64_t> sample_ranks(const PostCommitmentSeed& seed,
                                                      const CommitmentClaim& claim, std::uint64_t samples);
[[nodiscard]] std::vector<std::uint64_t> sample_ranks(const PrivateSeed& seed, const CommitmentClaim& claim,
                                                      std::uint64_t samples);

/// What a check by sample is to achieve: to catch whoever has at least this share of false nonces, but for
/// one chance in 2^soundness_bits.
struct SampleTerms {
    core::Fraction false_fraction;  ///< a share above 0
    std::uint32_t soundness_bits = 0;
};

/// The number of samples that the terms ask for at this count. Errors: stats::errc::too_many_samples.
[[nodiscard]] core::result<std::uint64_t> samples_for(const SampleTerms& terms, std::uint64_t count);

/// The outcome. Only a valid commitment has weight.
struct SampleVerdict {
    std::optional<core::error> refusal;  ///< why the commitment is refused; nothing when it is valid
    std::uint64_t claimed = 0;           ///< nonces in the commitment
    std::uint64_t samples = 0;           ///< nonces in the opening
    std::uint64_t evaluated = 0;         ///< of them, recomputed
    std::uint64_t passed = 0;            ///< of them, found to pass
    std::uint32_t soundness_bits = 0;    ///< reached, when valid; `stats::certain` when all were checked
    std::optional<FalseNonce> false_nonce;
    std::optional<FraudProof> fraud_proof;  ///< with every false nonce

    [[nodiscard]] bool valid() const noexcept { return !refusal; }
    [[nodiscard]] std::uint64_t weight() const noexcept { return valid() ? claimed : 0; }
};

/// All that costs no forward pass: the opening leads to the committed root, shows exactly the sampled nonces
/// and nothing else, and enough of them. The number of samples is taken from the opening; it may exceed the
/// one asked for. Errors: those of `Opened::check`; errc::wrong_samples; stats::errc::too_many_samples;
/// errc::insufficient_soundness.
[[nodiscard]] core::result<Opened> check_samples(const CommitmentClaim& claim, const Opening& opening,
                                                 const PostCommitmentSeed& seed, const SampleTerms& terms);
[[nodiscard]] core::result<Opened> check_samples(const CommitmentClaim& claim, const Opening& opening,
                                                 const PrivateSeed& seed, const SampleTerms& terms);

/// Recomputes the nonces that `opened` shows, in ascending order, until the first that does not pass.
/// Expects `race` to be of the commitment's model and race, and `opened` to be of the commitment's tree.
/// The soundness is that against `terms.false_fraction`. Errors: core::errc::cancelled.
[[nodiscard]] core::result<SampleVerdict> verify_sampled(const Commitment& commitment, const Opened& opened,
                                                         const SampleTerms& terms, const pow::Race& race,
                                                         const VerifyOptions& options = {});

/// The full verdict: the terms, the samples, then their nonces with `race`. Expects `race` to be of the
/// expected config and seed. Cost: one forward pass a sample. Errors: core::errc::cancelled. (A refused
/// commitment is no error but a verdict.)
[[nodiscard]] core::result<SampleVerdict> verify(const Commitment& commitment, const Opening& opening,
                                                 const PostCommitmentSeed& seed, const SampleTerms& terms,
                                                 const Expected& expected, const pow::Race& race,
                                                 const VerifyOptions& options = {});
[[nodiscard]] core::result<SampleVerdict> verify(const Commitment& commitment, const Opening& opening,
                                                 const PrivateSeed& seed, const SampleTerms& terms,
                                                 const Expected& expected, const pow::Race& race,
                                                 const VerifyOptions& options = {});

}  // namespace pouw::proof
