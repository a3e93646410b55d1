/// A Race: one model under one race seed, which can evaluate nonces.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/pow/backend.hpp"
#include "pouw/pow/condition.hpp"
#include "pouw/pow/config.hpp"
#include "pouw/pow/seeds.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

namespace pouw::inline v1::pow {

/// A Race with its target and weights. Copies are cheap and share both.
/// Threads: immutable; shareable.
class POUW_API Race {
  public:
    /// Derives the keys and the target and loads the weights. `backend` names a backend as in
    /// `select_backend`.
    /// Expects: at least 1 thread.
    /// Errors: errc::invalid_config; those of `select_backend` and of `Backend::load`.
    /// Cost: when stored, the time and memory of `parameter_count(config)` bytes (608 MB for whitepaper);
    ///     little otherwise.
    [[nodiscard]] static core::result<Race> create(const ModelConfig& config, const RaceSeed& seed,
                                                   std::string_view backend = {},
                                                   const LoadOptions& options = {});

    /// The same race on a backend that need not be registered. The known-answer test of the backend runs
    /// before its first use.
    /// Expects: at least 1 thread; a backend that lives as long as the program.
    /// Errors: errc::invalid_config, errc::unsupported_backend; those of `self_test`, of `crypto::initialize`
    ///     and of `Backend::load`.
    [[nodiscard]] static core::result<Race> create(const ModelConfig& config, const RaceSeed& seed,
                                                   const Backend& backend, const LoadOptions& options = {});

    [[nodiscard]] const ModelConfig& config() const noexcept;
    [[nodiscard]] const RaceSeed& seed() const noexcept;
    [[nodiscard]] const RaceKey& key() const noexcept;
    [[nodiscard]] std::span<const std::int8_t> target() const noexcept;
    [[nodiscard]] const Backend& backend() const noexcept;
    [[nodiscard]] const Network& network() const noexcept;

  private:
    struct POUW_LOCAL State;
    explicit Race(std::shared_ptr<const State> state) noexcept : state_{std::move(state)} {}
    std::shared_ptr<const State> state_;
};

/// Evaluates nonces of one node. It keeps the scratch memory between calls.
/// Threads: one at a time.
class POUW_API Evaluator {
  public:
    /// The evaluator of the nonces of `node` in `race`. `batch` is the largest number of nonces in a call.
    /// Expects: a batch of at least 1.
    /// Errors: errc::backend_failed.
    [[nodiscard]] static core::result<Evaluator> create(Race race, const NodeSeed& node, std::size_t batch);

    /// One evaluation for each nonce, in order. The call equals `submit` and `wait`.
    /// Expects: at most `batch` nonces; no batch in flight.
    /// Errors: core::errc::cancelled; errc::backend_failed.
    [[nodiscard]] core::result<std::vector<Evaluation>> evaluate(std::span<const std::uint64_t> nonces,
                                                                 std::stop_token stop = {});

    /// Starts a batch. A device computes it while the caller does other work, such as a submission to a
    /// second evaluator.
    /// Expects: as `evaluate`.
    /// Errors: errc::backend_failed, and nothing is in flight then.
    [[nodiscard]] core::result<void> submit(std::span<const std::uint64_t> nonces, std::stop_token stop = {});

    /// The evaluations of the batch in flight.
    /// Expects: a batch in flight.
    /// Errors: as `evaluate`.
    [[nodiscard]] core::result<std::vector<Evaluation>> wait();

  private:
    Evaluator(Race race, const NodeSeed& node, std::size_t batch, std::unique_ptr<ForwardPass> pass);

    Race race_;
    NodeSeed node_;
    std::size_t batch_;
    // In this order: a pass may still compute in what it was given when it is destroyed.
    std::vector<std::uint64_t> nonces_;
    std::vector<InputSeed> seeds_;
    std::vector<Input> inputs_;
    std::vector<std::int8_t> outputs_;
    std::unique_ptr<ForwardPass> pass_;
};

/// Evaluates nonces of one node on several threads.
class POUW_API TeamEvaluator {
  public:
    /// The evaluator of the nonces of `node` in `race` on `threads` threads. `batch` is the number of nonces
    /// that a thread evaluates together. 0 chooses the batch that the network prefers or, for streamed
    /// weights, which are generated once for each batch, the largest batch whose activations fit 32 MiB in
    /// all threads together.
    /// Expects: at least 1 thread.
    /// Errors: errc::backend_failed.
    [[nodiscard]] static core::result<TeamEvaluator> create(const Race& race, const NodeSeed& node,
                                                            unsigned threads, std::size_t batch = 0);

    /// The largest number of nonces in a call: one batch for each thread.
    [[nodiscard]] std::size_t round_size() const noexcept { return batch_ * team_.size(); }

    /// One evaluation for each nonce, in order, for any number of threads.
    /// Expects: at most `round_size()` nonces.
    /// Errors: core::errc::cancelled; errc::backend_failed.
    [[nodiscard]] core::result<std::vector<Evaluation>> evaluate(std::span<const std::uint64_t> nonces,
                                                                 std::stop_token stop = {});

  private:
    TeamEvaluator(std::size_t batch, std::vector<Evaluator> team) : batch_{batch}, team_{std::move(team)} {}

    std::size_t batch_;
    std::vector<Evaluator> team_;
};

}  // namespace pouw::inline v1::pow
