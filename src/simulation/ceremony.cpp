#include "simulation/ceremony_impl.hpp"

namespace pouw::inline v1::simulation {

std::optional<CeremonyStrategy> ceremony_strategy_from(std::string_view name) noexcept {
    const auto found = std::find(ceremony_strategy_names.begin(), ceremony_strategy_names.end(), name);
    if (found == ceremony_strategy_names.end()) return std::nullopt;
    return static_cast<CeremonyStrategy>(found - ceremony_strategy_names.begin());
}

template class CeremonySimulation<beacon::Ristretto255>;

}  // namespace pouw::inline v1::simulation
