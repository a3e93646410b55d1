/// The same model on other libraries, for `pouw bench --compare`. Speed alone: what they compute is not
/// exact.
#pragma once

#include "pouw/pow/config.hpp"

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace pouw::inline v1::cli {

class Peer {
  public:
    virtual ~Peer() = default;
    [[nodiscard]] virtual std::string_view name() const = 0;
    /// Nonces that one run computes.
    [[nodiscard]] virtual std::size_t batch() const = 0;
    /// One forward pass of the batch on one thread.
    virtual void run() = 0;
};

/// The peers that were built in (POUW_BENCH_PEERS). None for a gated block.
[[nodiscard]] std::vector<std::unique_ptr<Peer>> make_peers(const pow::ModelConfig& config);

}  // namespace pouw::inline v1::cli
