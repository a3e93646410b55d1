/// A Race: one model under one race seed, ready to evaluate nonces.
#pragma once

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

namespace pouw::pow {

/// Immutable and cheap to copy: copies share target and weights, between threads too.
class Race {
  public:
    /// Derives keys and target and loads the weights. `backend` as in `select_backend`. Time and memory: the
    /// generation of `parameter_count(config)` bytes (608 MB for whitepaper) when stored, next to nothing
    /// when not. Errors: errc::invalid_config, those of `select_backend` and of `crypto::initialize`,
    /// core::errc::cancelled.
    [[nodiscard]] static core::result<Race> create(const ModelConfig& config, const RaceSeed& seed,
                                                   std::string_view backend = {},
                                                   const LoadOptions& options = {});

    [[nodiscard]] const ModelConfig& config() const noexcept;
    [[nodiscard]] const RaceSeed& seed() const noexcept;
    [[nodiscard]] const RaceKey& key() const noexcept;
    [[nodiscard]] std::span<const std::int8_t> target() const noexcept;
    [[nodiscard]] const Backend& backend() const noexcept;
    [[nodiscard]] const Network& network() const noexcept;

  private:
    struct State;
    explicit Race(std::shared_ptr<const State> state) noexcept : state_{std::move(state)} {}
    std::shared_ptr<const State> state_;
};

/// Evaluates nonces of one node in one thread at a time; keeps the scratch memory between calls.
class Evaluator {
  public:
    /// `batch`: the largest number of nonces in a call, at least 1.
    Evaluator(Race race, const NodeSeed& node, std::size_t batch);

    /// One evaluation a nonce, in order. Expects at most `batch` nonces. Errors: core::errc::cancelled.
    [[nodiscard]] core::result<std::vector<Evaluation>> evaluate(std::span<const std::uint64_t> nonces,
                                                                 std::stop_token stop = {});

  private:
    Race race_;
    NodeSeed node_;
    std::size_t batch_;
    std::unique_ptr<ForwardPass> pass_;
};

/// Evaluates nonces of one node on several threads.
class TeamEvaluator {
  public:
    /// `batch`: nonces a thread evaluates together; 0: as the network prefers, or, for streamed weights,
    /// which are generated once a batch, as many as 32 MiB of activations hold. Expects at least one thread.
    TeamEvaluator(const Race& race, const NodeSeed& node, unsigned threads, std::size_t batch = 0);

    /// The largest number of nonces in a call: one batch a thread.
    [[nodiscard]] std::size_t round_size() const noexcept { return batch_ * team_.size(); }

    /// One evaluation a nonce, in order, whatever the number of threads. Expects at most `round_size()`
    /// nonces. Errors: core::errc::cancelled.
    [[nodiscard]] core::result<std::vector<Evaluation>> evaluate(std::span<const std::uint64_t> nonces,
                                                                 std::stop_token stop = {});

  private:
    std::size_t batch_;
    std::vector<Evaluator> team_;
};

}  // namespace pouw::pow
