/// The search for nonces that pass.
#pragma once

#include "pouw/core/result.hpp"
#include "pouw/pow/race.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

namespace pouw::pow {

/// Which nonces are tried, and how.
struct MinerOptions {
    std::uint64_t first = 0;
    std::uint64_t stride = 1;  ///< at least 1; n machines take first = 0..n-1 and stride = n
    std::optional<std::uint64_t>
        count{};            ///< number of nonces; without it, until stopped or 2^64 - 1 is reached
    unsigned threads = 1;   ///< at least 1
    std::size_t batch = 0;  ///< nonces a thread evaluates together; 0: as the network prefers
};

/// How far a run is.
struct MinerProgress {
    std::uint64_t nonces_tried = 0;
    std::uint64_t proofs = 0;
};

/// Whether `first + stride × (count - 1)` is at most 2^64 - 1.
[[nodiscard]] bool fits(const MinerOptions& options) noexcept;

/// Runs one node's search in one race.
class Miner {
  public:
    using HitCallback = std::function<void(const Evaluation&)>;
    using MinerProgressCallback = std::function<void(const MinerProgress&)>;

    /// Expects a threshold of at least 1.
    Miner(Race race, const NodeSeed& node, std::uint64_t threshold);

    /// Tries nonces until the count is reached or `stop` is requested. Both callbacks run on the calling
    /// thread; hits come in ascending order whatever the number of threads. A hit is evaluated a second time,
    /// alone, in other scratch memory, before it is handed over: a claim that memory or processor falsified
    /// would convict its node. After a stop, what whole batches had found is handed over before the function
    /// returns; a batch in flight is dropped and not counted. Expects `fits(options)`. Exceptions of
    /// callbacks and std::bad_alloc end the run and pass through.
    MinerProgress run(const MinerOptions& options, const HitCallback& on_hit,
                      const MinerProgressCallback& on_progress = {}, std::stop_token stop = {});

    /// Hits of the last run whose second evaluation differed: above 0 the machine cannot be trusted.
    [[nodiscard]] std::uint64_t faults() const noexcept { return faults_; }

  private:
    Race race_;
    NodeSeed node_;
    std::uint64_t threshold_;
    std::uint64_t faults_ = 0;
};

}  // namespace pouw::pow
