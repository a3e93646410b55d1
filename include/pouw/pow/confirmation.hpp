/// A second evaluation of what a search found.
///
/// A false nonce convicts its node, whether a cheat, a flipped bit or a fault of a driver put it there. So
/// nothing is signed that was computed once. A second backend shares neither code nor layout nor, for a
/// device, memory with the first; the same backend in other scratch memory finds flipped bits alone.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/pow/race.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pouw::inline v1::pow {

/// Who evaluates a second time, and how.
struct POUW_API ConfirmationOptions {
    /// The second backend; null: the supported one of the highest priority, at least 0, that is another than
    /// the race's and passes its known-answer test; where there is none, the race's own. With the race's own
    /// (`&race.backend()`), its network is used.
    const Backend* backend = nullptr;
    /// Whether another backend keeps its weights. Else it generates them at every call: some tenths of a
    /// second for whitepaper, in 64 MiB.
    bool stored = false;
    unsigned threads = 1;  ///< at least 1
};

/// Evaluates the solutions of one node in one race a second time; keeps the scratch memory between calls.
/// Threads: one at a time.
class POUW_API Confirmation {
  public:
    /// Expects: a threshold of at least 1; a backend that lives as long as the program.
    /// Errors: those of `Race::create` for the second backend.
    [[nodiscard]] static core::result<Confirmation> create(const Race& race, const NodeSeed& node,
                                                           std::uint64_t threshold,
                                                           const ConfirmationOptions& options = {});

    /// The solutions that pass a second time with the same length and distance, in their order. That one is
    /// left out means that one of the two evaluations was wrong.
    /// Errors: errc::backend_failed.
    [[nodiscard]] core::result<std::vector<Solution>> confirm(std::span<const Solution> solutions);

    /// Who evaluates.
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
