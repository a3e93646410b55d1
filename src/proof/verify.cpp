#include "pouw/proof/verify.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/crypto/initialize.hpp"
#include "pouw/proof/errc.hpp"

#include <algorithm>

namespace pouw::proof {
namespace {

using core::fail;
using core::result;

Verdict refuse(const Proof& proof, const core::error& reason) {
    return {.refusal = reason,
            .claimed = proof.claim.nonces.size(),
            .evaluated = 0,
            .passed = 0,
            .false_nonces = {}};
}

}  // namespace

result<void> verify_terms(const Proof& proof, const Expected& expected) {
    const Claim& claim = proof.claim;
    if (auto ready = crypto::initialize(); !ready) return ready;
    if (claim.model_id != pow::model_id(expected.config)) return fail(errc::model_mismatch);
    if (claim.race_seed != expected.race_seed) return fail(errc::race_mismatch);
    if (claim.public_key != expected.public_key) return fail(errc::key_mismatch);
    if (claim.threshold != expected.threshold) return fail(errc::threshold_mismatch);
    if (!crypto::verify(claim.public_key, signing_digest(claim), proof.signature))
        return fail(crypto::errc::invalid_signature);
    return {};
}

result<Verdict> verify(const Proof& proof, const Expected& expected, const pow::Race& race,
                       const VerifyOptions& options) {
    POUW_EXPECTS(options.threads >= 1);
    POUW_EXPECTS(race.config() == expected.config && race.seed() == expected.race_seed);
    if (auto terms = verify_terms(proof, expected); !terms) return refuse(proof, terms.error());

    Verdict verdict;
    verdict.claimed = proof.claim.nonces.size();
    if (verdict.claimed == 0) return verdict;
    // In rounds of one batch a thread, each judged in order: the first failure is the same for any number of
    // threads.
    const std::span<const std::uint64_t> nonces{proof.claim.nonces};
    auto team =
        pow::TeamEvaluator::create(race, pow::node_seed(proof.claim.public_key.view()), options.threads);
    if (!team) return team.error();
    while (verdict.evaluated < verdict.claimed) {
        const std::size_t size = std::min<std::size_t>(team->round_size(), nonces.size() - verdict.evaluated);
        const auto evaluations = team->evaluate(nonces.subspan(verdict.evaluated, size), options.stop);
        if (!evaluations) return evaluations.error();
        for (const pow::Evaluation& evaluation : *evaluations) {
            ++verdict.evaluated;
            if (evaluation.passes(expected.threshold)) {
                ++verdict.passed;
                continue;
            }
            verdict.refusal = core::error{errc::false_nonce};
            verdict.false_nonces.push_back(
                {evaluation.nonce, evaluation.squared_distance, evaluation.squared_length});
            if (options.stop_at_first_failure) return verdict;
        }
        if (options.progress) options.progress(verdict.evaluated, verdict.claimed);
    }
    return verdict;
}

result<Verdict> verify_streamed(const Proof& proof, const Expected& expected, std::string_view backend,
                                const VerifyOptions& options) {
    if (auto terms = verify_terms(proof, expected); !terms) return refuse(proof, terms.error());
    const auto race = pow::Race::create(
        expected.config, expected.race_seed, backend,
        {.stored = false, .threads = options.threads, .progress = {}, .stop = options.stop});
    if (!race) return race.error();
    return verify(proof, expected, *race, options);
}

}  // namespace pouw::proof
