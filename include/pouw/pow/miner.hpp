/// The search for solutions.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/pow/confirmation.hpp"
#include "pouw/pow/race.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

namespace pouw::inline v1::pow {

/// The progress of a run.
struct POUW_API MinerProgress {
    std::uint64_t nonces_tried = 0;
    std::uint64_t solutions = 0;  ///< found, some of them not confirmed yet
};

/// The options of a run. Both callbacks run on the thread that called `Miner::run`.
struct POUW_API MinerOptions {
    std::uint64_t first = 0;
    std::uint64_t stride = 1;  ///< at least 1; n machines take first = 0..n-1 and stride = n
    std::optional<std::uint64_t>
        count{};            ///< number of nonces; without it, until stopped or 2^64 - 1 is reached
    unsigned threads = 1;   ///< at least 1; for a device, two keep it busy
    std::size_t batch = 0;  ///< nonces a thread evaluates together; 0: as the network prefers
    ConfirmationOptions confirmation{};

    /// Receives each confirmed solution. Solutions come in ascending order for any number of threads.
    std::function<void(const Solution&)> on_solution{};
    std::function<void(const MinerProgress&)> progress{};
    /// Ends the run. The solutions found are confirmed first; a batch in flight is dropped and not counted.
    std::stop_token stop{};
};

/// The report of a run, however it ended.
struct POUW_API MinerReport {
    std::uint64_t nonces_tried = 0;
    std::uint64_t solutions = 0;  ///< handed over
    /// The number of solutions that were not confirmed and were dropped. When it is above 0, this machine or
    /// the backend cannot be trusted.
    std::uint64_t faults = 0;
    /// The solutions found when the second backend had failed and the scalar backend could not replace it. Do
    /// not sign them.
    std::vector<Solution> unconfirmed{};
    /// The error that ended the run before its count or a stop did, such as errc::backend_failed.
    std::optional<core::error> error{};
    const Backend* failed{};  ///< whose error it is, where that is known
};

/// Whether `first + stride × (count - 1)` is at most 2^64 - 1.
[[nodiscard]] POUW_API bool fits(const MinerOptions& options) noexcept;

/// The search of one node in one race.
class POUW_API Miner {
  public:
    /// Expects: a threshold of at least 1.
    Miner(Race race, const NodeSeed& node, std::uint64_t threshold);

    /// Tries nonces until the count is reached, a stop is requested, or a backend fails. Where the backend
    /// offers a search, the miner uses it. Every solution is confirmed before it is handed over: the first
    /// one at once, and later ones together, so that confirmations take at most about a thirtieth of the
    /// time. std::bad_alloc and the exceptions of the callbacks end the run and leave the function.
    /// Expects: `fits(options)`; a stride of at least 1; at least 1 thread.
    /// Errors: in the report, together with everything that was found before: errc::backend_failed of the
    ///     race's backend or of the second backend, which the scalar backend then replaces; those of
    ///     `Confirmation::create`.
    [[nodiscard]] MinerReport run(const MinerOptions& options);

  private:
    Race race_;
    NodeSeed node_;
    std::uint64_t threshold_;
};

}  // namespace pouw::inline v1::pow
