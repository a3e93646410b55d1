#include "pouw/pow/confirmation.hpp"

#include "pow/registry.hpp"

#include "pouw/core/contract.hpp"

#include <algorithm>

namespace pouw::inline v1::pow {
namespace {

/// The best other backend; the race's own where there is none.
const Backend& second_backend(const Race& race) {
    for (const Backend* backend : backends()) {
        const bool by_default = priority(*backend).value_or(-1) >= 0 && backend->supported();
        if (backend != &race.backend() && by_default && require_usable(*backend)) return *backend;
    }
    return race.backend();
}

}  // namespace

core::result<Confirmation> Confirmation::create(const Race& race, const NodeSeed& node,
                                                std::uint64_t threshold, const ConfirmationOptions& options) {
    POUW_EXPECTS(threshold >= 1 && options.threads >= 1);
    const Backend& backend = options.backend != nullptr ? *options.backend : second_backend(race);
    if (&backend == &race.backend()) return Confirmation{race, node, threshold, options.threads};
    auto second = Race::create(race.config(), race.seed(), backend,
                               {.stored = options.stored, .threads = options.threads});
    if (!second) return second.error();
    return Confirmation{*std::move(second), node, threshold, options.threads};
}

core::result<std::vector<Solution>> Confirmation::confirm(std::span<const Solution> solutions) {
    std::vector<Solution> confirmed;
    if (solutions.empty()) return confirmed;
    if (!team_) {
        auto team = TeamEvaluator::create(race_, node_, threads_);
        if (!team) return team.error();
        team_ = *std::move(team);
    }
    while (!solutions.empty()) {
        const auto round = solutions.first(std::min(solutions.size(), team_->round_size()));
        solutions = solutions.subspan(round.size());
        std::vector<std::uint64_t> nonces;
        for (const Solution& solution : round) nonces.push_back(solution.nonce);
        const auto evaluations = team_->evaluate(nonces);
        if (!evaluations) return evaluations.error();
        for (std::size_t i = 0; i < round.size(); ++i) {
            const Evaluation& again = (*evaluations)[i];
            if (again.passes(threshold_) && again.solution() == round[i]) confirmed.push_back(round[i]);
        }
    }
    return confirmed;
}

}  // namespace pouw::inline v1::pow
