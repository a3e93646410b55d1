#include "simulation/ceremony_impl.hpp"

namespace pouw::inline v1::simulation {

std::optional<CeremonyStrategy> ceremony_strategy_from(std::string_view name) noexcept {
    const auto found = std::find(ceremony_strategy_names.begin(), ceremony_strategy_names.end(), name);
    if (found == ceremony_strategy_names.end()) return std::nullopt;
    return static_cast<CeremonyStrategy>(found - ceremony_strategy_names.begin());
}

CeremonyScenario split_coalition(CeremonyScenario scenario, std::uint32_t keys) {
    POUW_EXPECTS(keys > 0 && scenario.weights.size() == scenario.coalition.size());
    std::vector<std::uint64_t> weights;
    beacon::WideWeight whole = 0;
    for (std::size_t i = 0; i < scenario.weights.size(); ++i) {
        if (scenario.coalition[i]) {
            whole += scenario.weights[i];
        } else {
            weights.push_back(scenario.weights[i]);
        }
    }
    scenario.coalition.assign(weights.size(), false);
    for (std::uint32_t i = 0; i < keys; ++i) {
        weights.push_back(static_cast<std::uint64_t>(whole / keys + (i < whole % keys ? 1 : 0)));
    }
    scenario.coalition.resize(weights.size(), true);
    scenario.weights = std::move(weights);
    return scenario;
}

template class CeremonySimulation<beacon::Ristretto255>;

}  // namespace pouw::inline v1::simulation
