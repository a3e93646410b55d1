/// The simulation of whole beacon ceremonies in one process, with an adversary. It shows what the strategies
/// of a coalition achieve against the ceremony, and against naive commit-reveal, which leaves out the nodes
/// that withhold. It serves the choice of parameters, and no node needs it.
#pragma once

#include "pouw/beacon/ceremony.hpp"
#include "pouw/beacon/group.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace pouw::inline v1::simulation {

/// The strategy of the coalition. All other nodes follow the rules, in random blocks and a random order.
enum class CeremonyStrategy : std::uint8_t {
    honest,    ///< follows the rules
    withhold,  ///< sees all other secrets, then reveals the subset that turns naive commit-reveal to its wish
    silent,    ///< deals, then neither reveals nor decrypts
    absent,    ///< never deals
    late,      ///< sends one block after each window
    equivocate,  ///< signs two deals, then withholds as above
    lie,         ///< reveals false secrets and false shares
};
/// The names of the strategies, in the order of their values.
inline constexpr std::array<std::string_view, 7> ceremony_strategy_names{
    "honest", "withhold", "silent", "absent", "late", "equivocate", "lie"};

/// The strategy of a name; nothing for another name.
[[nodiscard]] POUW_API std::optional<CeremonyStrategy> ceremony_strategy_from(std::string_view name) noexcept;

/// The nodes of the ceremonies, their coalition and the rules.
struct POUW_API CeremonyScenario {
    std::vector<std::uint64_t> weights;  ///< of each node
    std::vector<bool> coalition;         ///< which nodes belong to it
    CeremonyStrategy strategy = CeremonyStrategy::honest;
    /// Holders beside the nodes whose registrations are false in turn: without weight, without the key, with
    /// the identity as key, with the key of a node. Each but the first kind weighs as much as the heaviest
    /// node.
    std::uint32_t bad_registrants = 0;
    beacon::Parameters parameters{{4, 2, 4}, {{2, 5}, 512, 1}, 64};
    std::uint64_t seed = 0;  ///< of keys and of chance
    /// Blocks of recovery after which a ceremony counts as stalled.
    std::uint32_t patience = 20;
    /// The number of times that the reveals of one ceremony are run again in another order, from another
    /// random subset of them.
    std::uint32_t repetitions = 1;
};

/// The scenario with the weight of the coalition spread over this number of keys, equally but for the
/// remainder.
/// Expects: at least one key; one coalition mark for each weight.
[[nodiscard]] POUW_API CeremonyScenario split_coalition(CeremonyScenario scenario, std::uint32_t keys);

/// The result of one simulated ceremony.
struct POUW_API SimulatedCeremony {
    std::optional<core::BeaconOutput> output;  ///< empty if it was abandoned or stalled
    bool abandoned = false;
    std::uint64_t latency = 0;                   ///< blocks from the start of dealing to the output
    std::array<std::uint32_t, 6> convictions{};  ///< by number of the misbehaviour
    std::uint32_t repeated = 0;                  ///< repetitions that ended with an output
    std::uint32_t differing = 0;                 ///< of them, those with another output: a fault
    core::BeaconOutput naive_output;             ///< of naive commit-reveal under the same strategy
};

/// Nodes with keys, ready for any number of ceremonies.
/// Threads: shareable.
template <beacon::Group G>
class POUW_API CeremonySimulation {
  public:
    /// Expects: one coalition mark for each weight.
    /// Errors: those of `beacon::Setup::create`.
    [[nodiscard]] static core::result<CeremonySimulation> create(CeremonyScenario scenario);

    /// The ceremony of `epoch`. The result depends on the scenario and the epoch alone.
    [[nodiscard]] SimulatedCeremony run(core::Epoch epoch) const;

    [[nodiscard]] const CeremonyScenario& scenario() const noexcept { return scenario_; }
    /// The setup of epoch 0; other epochs have the same tickets.
    [[nodiscard]] const beacon::Setup<G>& setup() const noexcept { return *setup_; }

  private:
    struct Node {
        crypto::SigningKey signing_key;
        beacon::Participant<G> participant;
        bool in_coalition = false;
    };
    class POUW_LOCAL Run;

    CeremonySimulation() = default;

    void add_bad_registrants(const core::ChainId& chain_id);

    CeremonyScenario scenario_;
    std::vector<Node> nodes_;                 ///< in the order of the setup's holders
    std::vector<beacon::Holder<G>> holders_;  ///< as registered, false ones too
    std::shared_ptr<const beacon::Setup<G>> setup_;
};

extern template class POUW_API CeremonySimulation<beacon::Ristretto255>;

}  // namespace pouw::inline v1::simulation
