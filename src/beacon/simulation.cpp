#include "beacon/simulation_impl.hpp"

namespace pouw::beacon {

std::optional<Strategy> strategy_from(std::string_view name) noexcept {
    const auto found = std::find(strategy_names.begin(), strategy_names.end(), name);
    if (found == strategy_names.end()) return std::nullopt;
    return static_cast<Strategy>(found - strategy_names.begin());
}

template class Simulation<Ristretto255>;

}  // namespace pouw::beacon
