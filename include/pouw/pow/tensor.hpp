/// The weights of a Race: its tensors, and the sources of their rows.
/// Source: docs/spec/pow.md section 3.
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

/// The id of a tensor, which is the id of the stream that contains it.
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

/// The id of a tensor of a layer.
[[nodiscard]] constexpr TensorId layer_tensor(std::uint32_t layer, LayerTensor which) noexcept {
    return 16 + 8 * layer + static_cast<std::uint32_t>(which);
}

/// The shape of a tensor.
struct POUW_API TensorShape {
    std::uint64_t rows = 0;
    std::uint64_t columns = 0;
};

/// The shape of a tensor.
/// Expects: a valid config that has this tensor.
[[nodiscard]] POUW_API TensorShape tensor_shape(const ModelConfig& config, TensorId id);

/// The tensors of a config, in ascending order of their ids.
[[nodiscard]] POUW_API std::vector<TensorId> tensors(const ModelConfig& config);

/// A source of weights.
/// Threads: immutable; shareable.
class POUW_API TensorSource {
  public:
    virtual ~TensorSource() = default;

    /// The rows `first .. first+count-1` of a tensor, row-major. The result views either memory of the source
    /// or `scratch`, whose first `count × columns` bytes may be written.
    /// Expects: rows that exist; scratch memory that can hold them.
    [[nodiscard]] virtual std::span<const std::int8_t> rows(TensorId id, std::uint64_t first,
                                                            std::uint64_t count,
                                                            std::span<std::int8_t> scratch) const = 0;
    /// The same rows, where -128 may stand for 0. It saves one pass over the bytes for a caller that reads
    /// -128 as 0.
    [[nodiscard]] virtual std::span<const std::int8_t> raw_rows(TensorId id, std::uint64_t first,
                                                                std::uint64_t count,
                                                                std::span<std::int8_t> scratch) const {
        return rows(id, first, count, scratch);
    }
    /// The key from which the specification generates these weights; a caller that has the key needs no rows.
    /// Nothing where the weights are others.
    [[nodiscard]] virtual std::optional<WeightsKey> weights_key() const noexcept { return std::nullopt; }
    /// The bytes of weights that the source keeps in memory.
    [[nodiscard]] virtual std::uint64_t memory_bytes() const noexcept = 0;
};

/// The weights that the specification prescribes, generated again at every call.
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

/// The options of loading a network into memory.
struct POUW_API LoadOptions {
    bool stored = true;    ///< keep all weights; otherwise generate them at every pass, in little memory
    unsigned threads = 1;  ///< at least 1
    core::ProgressCallback progress{};
    std::stop_token stop{};
};

/// A copy of every tensor of `source` in memory.
/// Errors: core::errc::cancelled.
/// Cost: one byte for each parameter, and the time to generate them.
[[nodiscard]] POUW_API core::result<std::shared_ptr<const TensorSource>> store_tensors(
    const ModelConfig& config, const TensorSource& source, const LoadOptions& options);

/// Turns the bytes of a stream into weights: int8, with -128 replaced by 0, so that their mean is exactly 0.
POUW_API void bytes_to_weights(std::span<std::int8_t> bytes) noexcept;

}  // namespace pouw::inline v1::pow
