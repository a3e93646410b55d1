#include "pouw/proof/sampling.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/crypto/uniform.hpp"
#include "pouw/proof/errc.hpp"
#include "pouw/stats/errc.hpp"

#include <algorithm>

namespace pouw::proof {
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

std::uint32_t soundness(const SampleTerms& terms, std::uint64_t count, std::uint64_t samples) {
    return stats::soundness_bits(count, stats::marked_at_least(count, terms.false_fraction), samples);
}

result<Opened> check(const CommitmentClaim& claim, const Opening& opening, SeedView seed,
                     const SampleTerms& terms) {
    auto opened = Opened::check(opening, claim.tree);
    if (!opened) return opened;
    const std::uint64_t samples = opened->leaves().size();
    if (samples > stats::largest_sample) return fail(stats::errc::too_many_samples);
    std::vector<std::uint64_t> ranks = draw_ranks(seed, claim, samples);
    std::sort(ranks.begin(), ranks.end());
    const bool exact =
        std::equal(ranks.begin(), ranks.end(), opened->leaves().begin(), opened->leaves().end(),
                   [](std::uint64_t rank, const Opened::Leaf& leaf) { return rank == leaf.rank; });
    if (!exact || !opened->shows_leaves_only()) return fail(errc::wrong_samples);
    if (soundness(terms, claim.tree.count, samples) < terms.soundness_bits)
        return fail(errc::insufficient_soundness);
    return opened;
}

SampleVerdict refuse(const Commitment& commitment, const core::error& reason) {
    SampleVerdict verdict;
    verdict.refusal = reason;
    verdict.claimed = commitment.claim.tree.count;
    return verdict;
}

result<SampleVerdict> verify_with(const Commitment& commitment, const Opening& opening, SeedView seed,
                                  const SampleTerms& terms, const Expected& expected, const pow::Race& race,
                                  const VerifyOptions& options) {
    POUW_EXPECTS(race.config() == expected.config && race.seed() == expected.race_seed);
    if (auto same = verify_terms(commitment, expected); !same) return refuse(commitment, same.error());
    const auto opened = check(commitment.claim, opening, seed, terms);
    if (!opened) return refuse(commitment, opened.error());
    return verify_sampled(commitment, *opened, terms, race, options);
}

}  // namespace

PrivateSeed PrivateSeed::generate() noexcept {
    const crypto::MasterSeed random = crypto::generate_master_seed();
    return PrivateSeed{random.reveal()};
}

PrivateSeed::PrivateSeed(SeedView bytes) noexcept {
    std::copy(bytes.begin(), bytes.end(), bytes_.fill().begin());
}

std::vector<std::uint64_t> sample_ranks(const PostCommitmentSeed& seed, const CommitmentClaim& claim,
                                        std::uint64_t samples) {
    return draw_ranks(seed.bytes, claim, samples);
}

std::vector<std::uint64_t> sample_ranks(const PrivateSeed& seed, const CommitmentClaim& claim,
                                        std::uint64_t samples) {
    return draw_ranks(seed.reveal(), claim, samples);
}

result<std::uint64_t> samples_for(const SampleTerms& terms, std::uint64_t count) {
    return stats::samples_for(count, stats::marked_at_least(count, terms.false_fraction),
                              terms.soundness_bits);
}

result<Opened> check_samples(const CommitmentClaim& claim, const Opening& opening,
                             const PostCommitmentSeed& seed, const SampleTerms& terms) {
    return check(claim, opening, seed.bytes, terms);
}

result<Opened> check_samples(const CommitmentClaim& claim, const Opening& opening, const PrivateSeed& seed,
                             const SampleTerms& terms) {
    return check(claim, opening, seed.reveal(), terms);
}

result<SampleVerdict> verify_sampled(const Commitment& commitment, const Opened& opened,
                                     const SampleTerms& terms, const pow::Race& race,
                                     const VerifyOptions& options) {
    POUW_EXPECTS(options.threads >= 1);
    const CommitmentClaim& claim = commitment.claim;
    POUW_EXPECTS(pow::model_id(race.config()) == claim.model_id && race.seed() == claim.race_seed);
    SampleVerdict verdict;
    verdict.claimed = claim.tree.count;
    verdict.samples = opened.leaves().size();
    verdict.soundness_bits = soundness(terms, verdict.claimed, verdict.samples);
    std::vector<std::uint64_t> nonces;
    for (const Opened::Leaf& leaf : opened.leaves()) nonces.push_back(leaf.nonce);
    if (nonces.empty()) return verdict;
    auto team = pow::TeamEvaluator::create(race, pow::node_seed(claim.public_key.view()), options.threads);
    if (!team) return team.error();
    for (std::span<const std::uint64_t> left{nonces}; !left.empty();) {
        const auto round = left.first(std::min(left.size(), team->round_size()));
        left = left.subspan(round.size());
        const auto evaluations = team->evaluate(round, options.stop);
        if (!evaluations) return evaluations.error();
        for (const pow::Evaluation& evaluation : *evaluations) {
            ++verdict.evaluated;
            if (evaluation.passes(claim.threshold)) {
                ++verdict.passed;
                continue;
            }
            verdict.refusal = core::error{errc::false_nonce};
            verdict.soundness_bits = 0;
            verdict.false_nonce = {evaluation.nonce, evaluation.squared_distance, evaluation.squared_length};
            verdict.fraud_proof = FraudProof{commitment, opened.narrowed_to(evaluation.nonce)};
            return verdict;
        }
        if (options.progress) options.progress(verdict.evaluated, verdict.samples);
    }
    return verdict;
}

result<SampleVerdict> verify(const Commitment& commitment, const Opening& opening,
                             const PostCommitmentSeed& seed, const SampleTerms& terms,
                             const Expected& expected, const pow::Race& race, const VerifyOptions& options) {
    return verify_with(commitment, opening, seed.bytes, terms, expected, race, options);
}

result<SampleVerdict> verify(const Commitment& commitment, const Opening& opening, const PrivateSeed& seed,
                             const SampleTerms& terms, const Expected& expected, const pow::Race& race,
                             const VerifyOptions& options) {
    return verify_with(commitment, opening, seed.reveal(), terms, expected, race, options);
}

}  // namespace pouw::proof
