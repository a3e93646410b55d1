/// The interface of a backend, which computes the network, and the registry of the backends.
///
/// A backend loads weights into a Network. A Network makes ForwardPasses, one for each thread that computes,
/// and Searches where the backend offers them. Every operation that can fail on a device returns
/// errc::backend_failed. A backend that has failed once may fail permanently, and its caller stops using it.
/// std::bad_alloc is the only exception.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/pow/condition.hpp"
#include "pouw/pow/config.hpp"
#include "pouw/pow/seeds.hpp"
#include "pouw/pow/tensor.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

namespace pouw::inline v1::pow {

/// The scratch memory for a batch of inputs, and the computation in it. At most one batch is in flight.
/// Threads: one at a time.
class POUW_API ForwardPass {
  public:
    virtual ~ForwardPass() = default;

    /// Computes the outputs of `inputs`, one after another: `outputs[i × model_dim + c]`.
    /// Expects: at most `batch` inputs of the config's shape; room for their outputs.
    /// Errors: core::errc::cancelled, which is asked between layers; errc::backend_failed.
    [[nodiscard]] virtual core::result<void> run(std::span<const Input> inputs,
                                                 std::span<std::int8_t> outputs, std::stop_token stop) = 0;

    /// Starts the batch that `run` computes; `wait` ends it. A device returns at once, so that the caller can
    /// prepare another batch meanwhile. The default implementation computes the batch in this call.
    /// Expects: as `run`; no batch in flight; spans that stay valid until `wait` returns.
    /// Errors: errc::backend_failed, and nothing is in flight then.
    [[nodiscard]] virtual core::result<void> submit(std::span<const Input> inputs,
                                                    std::span<std::int8_t> outputs, std::stop_token stop);

    /// Waits for the batch in flight. The outputs are defined when it succeeds.
    /// Expects: a batch in flight.
    /// Errors: as `run`.
    [[nodiscard]] virtual core::result<void> wait();

  private:
    std::optional<core::result<void>> submitted_;  ///< of the default: what `run` returned
};

/// The `count` nonces `first`, `first + stride`, and so on. The last is at most 2^64 - 1.
struct POUW_API NonceSequence {
    std::uint64_t first = 0;
    std::uint64_t stride = 1;  ///< at least 1
    std::uint64_t count = 0;

    /// The nonce at `index`.
    /// Expects: `index` below `count`.
    [[nodiscard]] constexpr std::uint64_t operator[](std::uint64_t index) const noexcept {
        return first + stride * index;
    }
    [[nodiscard]] constexpr bool contains(std::uint64_t nonce) const noexcept {
        return nonce >= first && (nonce - first) % stride == 0 && (nonce - first) / stride < count;
    }
};

/// The terms of a search, beside the network.
struct POUW_API SearchTerms {
    RaceKey race_key;
    NodeSeed node;
    std::vector<std::int8_t> target;  ///< model_dim values
    std::uint64_t threshold = 0;      ///< at least 1
};

/// A search that runs completely on a backend: inputs, forward passes, permutations and distances.
/// Threads: one at a time.
class POUW_API Search {
  public:
    virtual ~Search() = default;

    /// The solutions in `range`, in ascending order.
    /// Expects: at most `batch` nonces.
    /// Errors: core::errc::cancelled; errc::backend_failed.
    [[nodiscard]] virtual core::result<std::vector<Solution>> run(const NonceSequence& range,
                                                                  std::stop_token stop) = 0;
};

/// A network with its weights.
/// Threads: immutable; shareable.
class POUW_API Network {
  public:
    virtual ~Network() = default;

    /// The scratch memory for at most `batch` inputs at a time.
    /// Expects: a batch of at least 1.
    /// Errors: errc::backend_failed, such as for a device without enough memory.
    [[nodiscard]] virtual core::result<std::unique_ptr<ForwardPass>> forward_pass(
        std::size_t batch) const = 0;

    /// A search for ranges of at most `batch` nonces; null where the backend does not offer it, which is the
    /// default.
    /// Expects: a batch of at least 1; a target of model_dim values.
    /// Errors: errc::backend_failed.
    [[nodiscard]] virtual core::result<std::unique_ptr<Search>> search(const SearchTerms& terms,
                                                                       std::size_t batch) const;

    /// The smallest batch above which larger ones gain little.
    [[nodiscard]] virtual std::size_t preferred_batch() const noexcept = 0;

    /// Whether every pass generates the weights again, so that few large batches are faster than many small
    /// ones.
    [[nodiscard]] virtual bool streams() const noexcept = 0;

    /// The bytes of weights that are kept, in the memory of the machine or of a device.
    [[nodiscard]] virtual std::uint64_t memory_bytes() const noexcept = 0;
};

/// An implementation of the network.
/// Threads: stateless; shareable.
class POUW_API Backend {
  public:
    virtual ~Backend() = default;

    [[nodiscard]] virtual std::string_view name() const noexcept = 0;
    [[nodiscard]] virtual std::string_view description() const noexcept = 0;

    /// The instruction that computes its products, such as "vpdpbusd zmm"; empty where there is none to name.
    [[nodiscard]] virtual std::string_view instruction() const noexcept { return {}; }

    /// Whether this machine can run the backend (processor, operating system, device).
    [[nodiscard]] virtual bool supported() const noexcept = 0;

    /// The network with the weights of `source`. Where the source has a `weights_key`, the backend may
    /// generate the weights itself.
    /// Expects: a valid config; `supported()`.
    /// Errors: core::errc::cancelled; errc::backend_failed.
    [[nodiscard]] virtual core::result<std::shared_ptr<const Network>> load(
        const ModelConfig& config, std::shared_ptr<const TensorSource> source,
        const LoadOptions& options) const = 0;
};

/// All registered backends, by descending priority.
/// Threads: safe.
[[nodiscard]] POUW_API std::vector<const Backend*> backends();

/// Registers a backend. Where no backend is named, the supported backend of the highest priority is used; a
/// backend of negative priority is used only when it is named. The built-in priorities are scalar 0, avx2 and
/// neon-dotprod 100, avx-vnni 200, avx512-vnni 300, amx-int8 400. Backends of equal priority stand in the
/// order of registration.
/// Expects: a name that no other backend has; a backend that lives as long as the program.
/// Threads: safe.
POUW_API void register_backend(const Backend& backend, int priority);

/// The priority of a registered backend; nothing for another backend.
/// Threads: safe.
[[nodiscard]] POUW_API std::optional<int> priority(const Backend& backend);

/// The backend to use: the backend of this name; without a name, the backend that the environment variable
/// POUW_BACKEND names; without both, the supported backend of the highest priority. The result has passed its
/// known-answer test.
/// Errors: errc::unknown_backend, errc::unsupported_backend; those of `self_test` and of
///     `crypto::initialize`.
/// Cost: the known-answer test when a backend is first used: some milliseconds, and ten times as long for
///     scalar.
/// Threads: safe.
[[nodiscard]] POUW_API core::result<const Backend*> select_backend(std::string_view name = {});

/// Runs the known-answer test of a backend, whether or not it ran before. The test reaches every kernel of
/// the built-in backends, with batches that leave a remainder.
/// Expects: `backend.supported()`.
/// Errors: errc::failed_self_test; errc::backend_failed.
[[nodiscard]] POUW_API core::result<void> self_test(const Backend& backend);

/// The scalar backend, which follows the specification line by line. Every other backend must equal it.
[[nodiscard]] POUW_API const Backend& scalar_backend() noexcept;

}  // namespace pouw::inline v1::pow
