/// Who computes the forward pass: backends, their registry and the rule that chooses one.
///
/// A `Backend` makes a `Network` (weights laid out for it; immutable, shared by all threads), which makes one
/// `ForwardPass` for each thread (scratch memory). All backends give the same bits.
#pragma once

#include "pouw/core/result.hpp"
#include "pouw/pow/condition.hpp"
#include "pouw/pow/config.hpp"
#include "pouw/pow/tensor.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

namespace pouw::pow {

/// The network for one thread at a time.
class ForwardPass {
  public:
    virtual ~ForwardPass() = default;

    /// The outputs of `inputs`, one after another: `outputs[i × model_dim + c]`. Expects at most `batch`
    /// inputs of the config's shape, and room for their outputs. Errors: core::errc::cancelled, asked between
    /// layers.
    [[nodiscard]] virtual core::result<void> run(std::span<const Input> inputs,
                                                 std::span<std::int8_t> outputs, std::stop_token stop) = 0;
};

/// The network with its weights. Immutable; shareable between threads.
class Network {
  public:
    virtual ~Network() = default;

    /// Scratch for `batch` inputs at a time, at least 1.
    [[nodiscard]] virtual std::unique_ptr<ForwardPass> forward_pass(std::size_t batch) const = 0;

    /// The batch from which on larger ones gain little.
    [[nodiscard]] virtual std::size_t preferred_batch() const noexcept = 0;

    /// Bytes of weights in memory; 0 when they are streamed.
    [[nodiscard]] virtual std::uint64_t memory_bytes() const noexcept = 0;
};

/// One way to compute. Stateless and shareable.
class Backend {
  public:
    virtual ~Backend() = default;

    [[nodiscard]] virtual std::string_view name() const noexcept = 0;
    [[nodiscard]] virtual std::string_view description() const noexcept = 0;

    /// Whether this machine can run it (processor and operating system).
    [[nodiscard]] virtual bool supported() const noexcept = 0;

    /// Lays out the weights of `source`. Expects a valid config and `supported()`. Errors:
    /// core::errc::cancelled.
    [[nodiscard]] virtual core::result<std::shared_ptr<const Network>> load(
        const ModelConfig& config, std::shared_ptr<const TensorSource> source,
        const LoadOptions& options) const = 0;
};

/// All registered backends, the fastest first. Thread-safe.
[[nodiscard]] std::vector<const Backend*> backends();

/// Adds a backend of another target (pouw::reference, pouw::cuda) behind those that are there; it is never
/// chosen unless named. `backend` must live as long as the program. Expects a new name. Thread-safe.
void register_backend(const Backend& backend);

/// The backend to use: the one named; else the one that the environment variable POUW_BACKEND names; else the
/// first of the built-in ones that this machine supports. It has passed its known-answer test (run once,
/// about 10 ms). Errors: errc::unknown_backend, errc::unsupported_backend, errc::failed_self_test.
/// Thread-safe.
[[nodiscard]] core::result<const Backend*> select_backend(std::string_view name = {});

/// Runs the known-answer test of a backend, whether it ran before or not. Errors: errc::failed_self_test.
[[nodiscard]] core::result<void> self_test(const Backend& backend);

/// The specification as code; every other backend must equal it.
[[nodiscard]] const Backend& scalar_backend() noexcept;

}  // namespace pouw::pow
