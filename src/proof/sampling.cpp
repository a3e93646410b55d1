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
    crypto::UniformDraws draws{
        crypto::Hasher{crypto::domain::sample}.update(seed).update(signing_digest(claim).view()).finish()};
    return draws.distinct(claim.tree.count, samples);
}

std::uint32_t soundness(const SoundnessTarget& target, std::uint64_t count, std::uint64_t samples) {
    return stats::soundness_bits(count, stats::marked_at_least(count, target.false_fraction), samples);
}

result<VerifiedOpening> check(SeedView seed, const SoundnessTarget& target, const CommitmentClaim& claim,
                              const Opening& opening) {
    auto verified = VerifiedOpening::create(claim.tree, opening);
    if (!verified) return verified;
    const std::uint64_t samples = verified->leaves().size();
    if (samples > stats::largest_sample) return fail(stats::errc::too_many_samples);
    std::vector<std::uint64_t> ranks = draw_ranks(seed, claim, samples);
    std::sort(ranks.begin(), ranks.end());
    const bool exact =
        std::equal(ranks.begin(), ranks.end(), verified->leaves().begin(), verified->leaves().end(),
                   [](std::uint64_t rank, const VerifiedOpening::Leaf& leaf) { return rank == leaf.rank; });
    if (!exact || !verified->shows_leaves_only()) return fail(errc::wrong_samples);
    if (soundness(target, claim.tree.count, samples) < target.soundness_bits) {
        return fail(errc::insufficient_soundness);
    }
    return verified;
}

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
    if (auto same = verify_terms(expected, commitment); !same) return refuse(commitment, same.error());
    const auto verified = verify_samples(seed, target, commitment.claim, opening);
    if (!verified) return refuse(commitment, verified.error());
    return recompute_samples(target, commitment, *verified, race, options);
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

result<std::uint64_t> samples_for(const SoundnessTarget& target, std::uint64_t count) {
    return stats::samples_for(count, stats::marked_at_least(count, target.false_fraction),
                              target.soundness_bits);
}

result<VerifiedOpening> verify_samples(const SamplingSeed& seed, const SoundnessTarget& target,
                                       const CommitmentClaim& claim, const Opening& opening) {
    return check(seed.bytes(), target, claim, opening);
}

result<VerifiedOpening> verify_samples(const PrivateSeed& seed, const SoundnessTarget& target,
                                       const CommitmentClaim& claim, const Opening& opening) {
    return check(seed.reveal(), target, claim, opening);
}

result<SampleVerdict> recompute_samples(const SoundnessTarget& target, const Commitment& commitment,
                                        const VerifiedOpening& opening, const pow::Race& race,
                                        const VerifyOptions& options) {
    std::vector<std::uint64_t> nonces;
    for (const VerifiedOpening::Leaf& leaf : opening.leaves()) nonces.push_back(leaf.nonce);
    VerifyOptions until_failure = options;
    until_failure.stop_at_first_failure = true;
    const auto found = recompute(commitment.claim.terms, nonces, race, until_failure);
    if (!found) return found.error();
    SampleVerdict verdict;
    verdict.claimed = commitment.claim.tree.count;
    verdict.samples = nonces.size();
    verdict.evaluated = found->evaluated;
    verdict.passed = found->passed;
    if (found->false_nonces.empty()) {
        verdict.soundness_bits = soundness(target, verdict.claimed, verdict.samples);
        return verdict;
    }
    verdict.refusal = fail(errc::false_nonce);
    verdict.false_nonce = found->false_nonces.front();
    verdict.fraud_proof = FraudProof{commitment, opening.narrowed_to(verdict.false_nonce->nonce)};
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
