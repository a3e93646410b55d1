#include "pouw/proof/verify.hpp"

#include "proof/recompute.hpp"
#include "proof/terms.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/proof/errc.hpp"

namespace pouw::inline v1::proof {
namespace {

using core::result;

Verdict refuse(const Proof& proof, const core::error& reason) {
    Verdict verdict;
    verdict.refusal = reason;
    verdict.claimed = proof.claim.nonces.size();
    return verdict;
}

}  // namespace

result<void> verify_terms(const Terms& expected, const Proof& proof) {
    return verify_signed(expected, proof);
}

result<Verdict> verify(const Terms& expected, const Proof& proof, const pow::Race& race,
                       const VerifyOptions& options) {
    POUW_EXPECTS(options.threads >= 1);
    POUW_EXPECTS(is_race_of(expected, race));
    if (auto sound = check_sound(race.config(), options); !sound) return refuse(proof, sound.error());
    if (auto terms = verify_terms(expected, proof); !terms) return refuse(proof, terms.error());
    auto found = recompute(expected, proof.claim.nonces, race, options);
    if (!found) return found.error();
    Verdict verdict;
    verdict.claimed = proof.claim.nonces.size();
    verdict.evaluated = found->evaluated;
    verdict.passed = found->passed;
    verdict.false_nonces = std::move(found->false_nonces);
    if (!verdict.false_nonces.empty()) verdict.refusal = core::fail(errc::false_nonce);
    return verdict;
}

result<Verdict> verify_streamed(const pow::ModelConfig& config, const Terms& expected, const Proof& proof,
                                std::string_view backend, const VerifyOptions& options) {
    POUW_EXPECTS(pow::model_id(config) == expected.model);
    if (auto sound = check_sound(config, options); !sound) return refuse(proof, sound.error());
    if (auto terms = verify_terms(expected, proof); !terms) return refuse(proof, terms.error());
    const auto race = pow::Race::create(
        config, expected.race_seed, backend,
        {.stored = false, .threads = options.threads, .progress = {}, .stop = options.stop});
    if (!race) return race.error();
    return verify(expected, proof, *race, options);
}

}  // namespace pouw::inline v1::proof
