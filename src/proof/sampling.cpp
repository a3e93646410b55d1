#include "pouw/proof/sampling.hpp"

#include "proof/recompute.hpp"
#include "proof/terms.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/crypto/uniform.hpp"
#include "pouw/proof/errc.hpp"
#include "pouw/stats/errc.hpp"

#include <algorithm>

namespace pouw::inline v1::proof {
namespace {

using core::fail;
using core::result;

using SeedView = std::span<const std::uint8_t, 32>;

std::vector<std::uint64_t> draw_ranks(SeedView seed, const CommitmentClaim& claim, std::uint64_t samples) {
    POUW_EXPECTS(samples <= stats::largest_sample);
    crypto::UniformDraws draws{crypto::Hasher{crypto::domain::sample}
                                   .update(seed)
                                   .update(claim.terms.node.view())
                                   .update(claim.tree.root.view())
                                   .finish()};
    return draws.distinct(claim.tree.count, samples);
}

/// Whether the opening shows the nonces of exactly these ranks.
bool shows(const VerifiedOpening& opening, std::vector<std::uint64_t> ranks) {
    std::sort(ranks.begin(), ranks.end());
    const auto same = [](std::uint64_t rank, const VerifiedOpening::Leaf& leaf) { return rank == leaf.rank; };
    return std::equal(ranks.begin(), ranks.end(), opening.leaves().begin(), opening.leaves().end(), same);
}

}  // namespace

/// The check that makes samples verified ones.
class VerifiedSamples::Check {
  public:
    static result<VerifiedSamples> run(SeedView seed, const SoundnessTarget& target,
                                       const CommitmentClaim& claim, const Opening& opening) {
        // First what costs nothing: the number of samples is fixed before anybody opens.
        const auto needed = samples_for(target, claim.tree.count);
        if (!needed) return needed.error();
        const std::uint64_t leaves = opening.leaf_count();
        if (leaves < *needed) return fail(errc::insufficient_soundness);
        if (leaves > *needed) return fail(errc::wrong_samples, "more nonces than asked for");
        auto verified = VerifiedOpening::create(claim.tree, opening);
        if (!verified) return verified.error();
        const bool exact =
            shows(*verified, draw_ranks(seed, claim, *needed)) && verified->shows_leaves_only();
        if (!exact) return fail(errc::wrong_samples);
        const std::uint64_t marked = stats::marked_at_least(claim.tree.count, target.false_fraction());
        return VerifiedSamples{*std::move(verified), claim,
                               stats::soundness_bits(claim.tree.count, marked, *needed)};
    }
};

namespace {

SampleVerdict refuse(const Commitment& commitment, const core::error& reason) {
    SampleVerdict verdict;
    verdict.refusal = reason;
    verdict.claimed = commitment.claim.tree.count;
    return verdict;
}

template <typename Seed>
result<SampleVerdict> verify_with(const Terms& expected, const Seed& seed, const SoundnessTarget& target,
                                  const Commitment& commitment, const Opening& opening, const pow::Race& race,
                                  const VerifyOptions& options) {
    POUW_EXPECTS(is_race_of(expected, race));
    if (auto sound = check_sound(race.config(), options); !sound) return refuse(commitment, sound.error());
    if (auto same = verify_terms(expected, commitment); !same) return refuse(commitment, same.error());
    const auto samples = verify_samples(seed, target, commitment.claim, opening);
    if (!samples) return refuse(commitment, samples.error());
    return recompute_samples(commitment, *samples, race, options);
}

}  // namespace

PrivateSeed PrivateSeed::generate() noexcept {
    const crypto::MasterSeed random = crypto::generate_master_seed();
    return PrivateSeed{random.reveal()};
}

PrivateSeed::PrivateSeed(SeedView bytes) noexcept {
    std::copy(bytes.begin(), bytes.end(), bytes_.fill().begin());
}

std::vector<std::uint64_t> sample_ranks(const SamplingSeed& seed, const CommitmentClaim& claim,
                                        std::uint64_t samples) {
    return draw_ranks(seed.bytes(), claim, samples);
}

std::vector<std::uint64_t> sample_ranks(const PrivateSeed& seed, const CommitmentClaim& claim,
                                        std::uint64_t samples) {
    return draw_ranks(seed.reveal(), claim, samples);
}

result<SoundnessTarget> SoundnessTarget::create(const core::Fraction& false_fraction,
                                                std::uint32_t soundness_bits) noexcept {
    if (!false_fraction.is_share() || soundness_bits == 0) return fail(errc::invalid_target);
    return SoundnessTarget{false_fraction, soundness_bits};
}

result<std::uint64_t> samples_for(const SoundnessTarget& target, std::uint64_t count) {
    const auto samples = stats::samples_for(count, stats::marked_at_least(count, target.false_fraction()),
                                            target.soundness_bits());
    POUW_ENSURES(!samples || count == 0 || *samples >= 1);
    return samples;
}

result<OpeningLimits> opening_limits(const SoundnessTarget& target, const CommitmentClaim& claim) {
    const auto samples = samples_for(target, claim.tree.count);
    if (!samples) return samples.error();
    return OpeningLimits{.nonces = claim.tree.count, .leaves = *samples};
}

result<VerifiedSamples> verify_samples(const SamplingSeed& seed, const SoundnessTarget& target,
                                       const CommitmentClaim& claim, const Opening& opening) {
    return VerifiedSamples::Check::run(seed.bytes(), target, claim, opening);
}

result<VerifiedSamples> verify_samples(const PrivateSeed& seed, const SoundnessTarget& target,
                                       const CommitmentClaim& claim, const Opening& opening) {
    return VerifiedSamples::Check::run(seed.reveal(), target, claim, opening);
}

result<ShownNonces> recompute_shown(const Commitment& commitment, const VerifiedOpening& opening,
                                    const pow::Race& race, const VerifyOptions& options) {
    std::vector<std::uint64_t> nonces;
    for (const VerifiedOpening::Leaf& leaf : opening.leaves()) nonces.push_back(leaf.nonce);
    VerifyOptions until_failure = options;
    until_failure.stop_at_first_failure = true;
    const auto found = recompute(commitment.claim.terms, nonces, race, until_failure);
    if (!found) return found.error();
    ShownNonces out{.shown = nonces.size(),
                    .evaluated = found->evaluated,
                    .passed = found->passed,
                    .false_nonce = {},
                    .fraud_proof = {}};
    if (found->false_nonces.empty()) return out;
    out.false_nonce = found->false_nonces.front();
    out.fraud_proof = FraudProof{commitment, opening.narrowed_to(out.false_nonce->nonce)};
    return out;
}

result<SampleVerdict> recompute_samples(const Commitment& commitment, const VerifiedSamples& samples,
                                        const pow::Race& race, const VerifyOptions& options) {
    POUW_EXPECTS(samples.are_of(commitment.claim));
    if (auto sound = check_sound(race.config(), options); !sound) return refuse(commitment, sound.error());
    auto found = recompute_shown(commitment, samples.opening(), race, options);
    if (!found) return found.error();
    SampleVerdict verdict;
    verdict.claimed = commitment.claim.tree.count;
    verdict.samples = found->shown;
    verdict.evaluated = found->evaluated;
    verdict.passed = found->passed;
    verdict.false_nonce = found->false_nonce;
    verdict.fraud_proof = std::move(found->fraud_proof);
    if (verdict.false_nonce) {
        verdict.refusal = fail(errc::false_nonce);
    } else {
        verdict.soundness_bits = samples.soundness_bits();
    }
    return verdict;
}

result<SampleVerdict> verify(const Terms& expected, const SamplingSeed& seed, const SoundnessTarget& target,
                             const Commitment& commitment, const Opening& opening, const pow::Race& race,
                             const VerifyOptions& options) {
    return verify_with(expected, seed, target, commitment, opening, race, options);
}

result<SampleVerdict> verify(const Terms& expected, const PrivateSeed& seed, const SoundnessTarget& target,
                             const Commitment& commitment, const Opening& opening, const pow::Race& race,
                             const VerifyOptions& options) {
    return verify_with(expected, seed, target, commitment, opening, race, options);
}

}  // namespace pouw::inline v1::proof
