#include "proof/recompute.hpp"

#include "proof/terms.hpp"

#include "pouw/core/contract.hpp"

#include <algorithm>

namespace pouw::inline v1::proof {

core::result<void> check_sound(const pow::ModelConfig& config, const VerifyOptions& options) {
    if (options.allow_unsound) return {};
    return pow::require_sound(config);
}

core::result<Recomputed> recompute(const Terms& terms, std::span<const std::uint64_t> nonces,
                                   const pow::Race& race, const VerifyOptions& options) {
    POUW_EXPECTS(options.threads >= 1);
    POUW_EXPECTS(is_race_of(terms, race));
    Recomputed out;
    // In rounds of one batch a thread, each judged in order: the first failure is the same for any number of
    // threads.
    if (nonces.empty()) return out;
    auto team = pow::TeamEvaluator::create(race, pow::node_seed(terms.node.view()), options.threads);
    if (!team) return team.error();
    while (out.evaluated < nonces.size()) {
        const std::size_t size = std::min<std::size_t>(team->round_size(), nonces.size() - out.evaluated);
        const auto evaluations = team->evaluate(nonces.subspan(out.evaluated, size), options.stop);
        if (!evaluations) return evaluations.error();
        POUW_ENSURES(evaluations->size() == size);
        for (const pow::Evaluation& evaluation : *evaluations) {
            ++out.evaluated;
            if (evaluation.passes(terms.threshold)) {
                ++out.passed;
                continue;
            }
            out.false_nonces.push_back(
                {evaluation.nonce, evaluation.squared_distance, evaluation.squared_length});
            if (options.stop_at_first_failure) return out;
        }
        if (options.progress) options.progress(out.evaluated, nonces.size());
    }
    return out;
}

}  // namespace pouw::inline v1::proof
