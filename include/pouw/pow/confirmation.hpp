/// Confirmation: a second evaluation of the solutions of a search, before they are signed.
///
/// A false nonce convicts its node, whether the node cheated, a bit flipped or a driver failed. Therefore no
/// solution is signed that was computed once. A second backend shares no code or layout with the first and,
/// where one of them is a device, no memory. The same backend in other scratch memory detects flipped bits
/// only.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/pow/race.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pouw::inline v1::pow {

/// The options of a confirmation.
struct POUW_API ConfirmationOptions {
    /// The second backend. Null chooses the supported backend of the highest priority, at least 0, that
    /// differs from the race's and passes its known-answer test; where there is none, the race's own. The
    /// race's own backend (`&race.backend()`) uses the network of the race.
    const Backend* backend = nullptr;
    /// Whether a backend other than the race's keeps its weights. Otherwise it generates them at every call,
    /// which takes some tenths of a second for whitepaper, in 64 MiB.
    bool stored = false;
    unsigned threads = 1;  ///< at least 1
};

/// Evaluates the solutions of one node in one race a second time. It keeps the scratch memory between calls.
/// Threads: one at a time.
class POUW_API Confirmation {
  public:
    /// The confirmation of the solutions of `node` in `race`.
    /// Expects: a threshold of at least 1; at least 1 thread; a backend that lives as long as the program.
    /// Errors: those of `Race::create` for the second backend.
    [[nodiscard]] static core::result<Confirmation> create(const Race& race, const NodeSeed& node,
                                                           std::uint64_t threshold,
                                                           const ConfirmationOptions& options = {});

    /// The solutions that pass a second time with the same length and distance, in their order. Where a
    /// solution is missing, one of the two evaluations was wrong.
    /// Errors: errc::backend_failed.
    [[nodiscard]] core::result<std::vector<Solution>> confirm(std::span<const Solution> solutions);

    /// The backend of the second evaluation.
    [[nodiscard]] const Backend& backend() const noexcept { return race_.backend(); }

  private:
    Confirmation(Race race, const NodeSeed& node, std::uint64_t threshold, unsigned threads)
        : race_{std::move(race)}, node_{node}, threshold_{threshold}, threads_{threads} {}

    Race race_;
    NodeSeed node_;
    std::uint64_t threshold_;
    unsigned threads_;
    std::optional<TeamEvaluator> team_;  ///< made when it is first needed
};

}  // namespace pouw::inline v1::pow
