/// The weights of a Race: which tensors there are, and where their rows come from. docs/spec/pow.md
/// section 3.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/progress.hpp"
#include "pouw/core/result.hpp"
#include "pouw/pow/config.hpp"
#include "pouw/pow/seeds.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

namespace pouw::inline v1::pow {

/// The number of a tensor is the id of the stream that holds it.
using TensorId = std::uint32_t;

inline constexpr TensorId token_embedding = 0;     ///< vocab_size × model_dim
inline constexpr TensorId position_embedding = 1;  ///< sequence_length × model_dim
inline constexpr TensorId target_stream = 2;       ///< no tensor: the words that shuffle the target

/// The tensors of one layer, in the order of their ids.
enum class LayerTensor : std::uint32_t {
    query = 0,   ///< Wq: model_dim × model_dim
    key = 1,     ///< Wk: model_dim × model_dim
    value = 2,   ///< Wv: model_dim × model_dim
    output = 3,  ///< Wo: model_dim × model_dim
    ffn_in = 4,  ///< W1: ffn_dim × model_dim; in a gated block the gate
    ffn_up = 5,  ///< W3: ffn_dim × model_dim; gated blocks only
    ffn_out = 6  ///< W2: model_dim × ffn_dim
};

[[nodiscard]] constexpr TensorId layer_tensor(std::uint32_t layer, LayerTensor which) noexcept {
    return 16 + 8 * layer + static_cast<std::uint32_t>(which);
}

struct POUW_API TensorShape {
    std::uint64_t rows = 0;
    std::uint64_t columns = 0;
};

/// Rows and columns of a tensor. Expects a valid config that has this tensor.
[[nodiscard]] POUW_API TensorShape tensor_shape(const ModelConfig& config, TensorId id);

/// Every tensor of a config, in ascending id.
[[nodiscard]] POUW_API std::vector<TensorId> tensors(const ModelConfig& config);

/// Where the weights come from. Immutable; shareable between threads.
class POUW_API TensorSource {
  public:
    virtual ~TensorSource() = default;

    /// Rows `first .. first+count-1` of a tensor, row-major. The result views either memory of the source or
    /// `scratch`, whose first `count × columns` bytes may be written. Expects the rows to exist and the
    /// scratch to hold them.
    [[nodiscard]] virtual std::span<const std::int8_t> rows(TensorId id, std::uint64_t first,
                                                            std::uint64_t count,
                                                            std::span<std::int8_t> scratch) const = 0;
    /// The same, but -128 may still stand for 0: saves a pass over the bytes to whoever reads it so.
    [[nodiscard]] virtual std::span<const std::int8_t> raw_rows(TensorId id, std::uint64_t first,
                                                                std::uint64_t count,
                                                                std::span<std::int8_t> scratch) const {
        return rows(id, first, count, scratch);
    }
    /// The key that the weights are generated from, as the specification prescribes: whoever has it needs no
    /// rows. Nothing where the weights are others.
    [[nodiscard]] virtual std::optional<WeightsKey> weights_key() const noexcept { return std::nullopt; }
    /// Bytes of weights that the source keeps in memory.
    [[nodiscard]] virtual std::uint64_t memory_bytes() const noexcept = 0;
};

/// The weights that the specification prescribes, generated anew at every call.
class POUW_API StreamedTensors final : public TensorSource {
  public:
    StreamedTensors(const ModelConfig& config, const WeightsKey& key) noexcept : config_{config}, key_{key} {}

    [[nodiscard]] std::span<const std::int8_t> rows(TensorId id, std::uint64_t first, std::uint64_t count,
                                                    std::span<std::int8_t> scratch) const override;
    [[nodiscard]] std::span<const std::int8_t> raw_rows(TensorId id, std::uint64_t first, std::uint64_t count,
                                                        std::span<std::int8_t> scratch) const override;
    [[nodiscard]] std::optional<WeightsKey> weights_key() const noexcept override { return key_; }
    [[nodiscard]] std::uint64_t memory_bytes() const noexcept override { return 0; }

  private:
    ModelConfig config_;
    WeightsKey key_;
};

/// How a network is brought into memory.
struct POUW_API LoadOptions {
    bool stored = true;    ///< keep all weights; otherwise generate them at every pass, in little memory
    unsigned threads = 1;  ///< at least 1
    core::ProgressCallback progress{};
    std::stop_token stop{};
};

/// A copy of every tensor of `source` in memory. Cost: one byte a parameter, and the time to generate them.
/// Errors: core::errc::cancelled.
[[nodiscard]] POUW_API core::result<std::shared_ptr<const TensorSource>> store_tensors(
    const ModelConfig& config, const TensorSource& source, const LoadOptions& options);

/// Bytes of a stream as weights: int8, with -128 read as 0, so that their mean is exactly 0.
POUW_API void bytes_to_weights(std::span<std::int8_t> bytes) noexcept;

}  // namespace pouw::inline v1::pow
