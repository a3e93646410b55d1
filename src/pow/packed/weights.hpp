/// The weights as the kernels read them: all of them in memory, or one panel at a time.
#pragma once

#include "pow/kernels/kernels.h"
#include "pow/packed/layout.hpp"
#include "pow/packed/memory.hpp"

#include "pouw/core/result.hpp"
#include "pouw/pow/tensor.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace pouw::inline v1::pow {

/// Where a pass gets its weights.
class PackedWeights {
  public:
    virtual ~PackedWeights() = default;
    /// Panel `index` of a tensor and those behind it, at most `count` together; of W2 the part in `block`.
    /// Valid until the next call.
    [[nodiscard]] virtual kernels::Panels panels(std::uint32_t layer, LayerTensor which, std::size_t index,
                                                 std::size_t count, std::size_t block) = 0;
    /// A row of an embedding; may be written to `scratch`.
    [[nodiscard]] virtual const std::int8_t* embedding(TensorId id, std::uint64_t row,
                                                       std::span<std::int8_t> scratch) = 0;
};

/// All weights, packed. Immutable once filled.
class StoredWeights {
  public:
    StoredWeights(const kernels::Kernels& kernels, const ModelConfig& config);

    /// Generates and packs.
    /// Errors: core::errc::cancelled.
    core::result<void> fill(const TensorSource& source, const LoadOptions& options);

    /// Expects: panels of one block, if the tensor has some.
    [[nodiscard]] kernels::Panels panels(std::uint32_t layer, LayerTensor which, std::size_t index,
                                         std::size_t count, std::size_t block) const;
    [[nodiscard]] const std::int8_t* embedding(TensorId id, std::uint64_t row) const;
    [[nodiscard]] std::uint64_t memory_bytes() const noexcept;

  private:
    /// Rows that are generated together: a panel, or a part of an embedding.
    struct Piece {
        TensorId id;
        std::uint64_t first;
        std::uint64_t count;
    };

    [[nodiscard]] std::vector<Piece> list_pieces() const;
    void fill(const TensorSource& source, const Piece& piece, std::span<std::int8_t> scratch) const;
    [[nodiscard]] std::int8_t* weights(std::uint32_t layer) const;
    [[nodiscard]] std::int32_t* bias(std::uint32_t layer) const;

    const kernels::Kernels* kernels_;
    ModelConfig config_;
    LayerLayout layout_;
    Memory<std::int8_t> tokens_;
    Memory<std::int8_t> positions_;
    Memory<std::int8_t> weights_;
    Memory<std::int32_t> bias_;
};

/// Reads stored weights.
[[nodiscard]] std::unique_ptr<PackedWeights> read_stored(std::shared_ptr<const StoredWeights> stored);

/// Generates a panel, with all its columns, when it is asked for, and keeps that one alone.
[[nodiscard]] std::unique_ptr<PackedWeights> stream_weights(const kernels::Kernels& kernels,
                                                            const ModelConfig& config,
                                                            std::shared_ptr<const TensorSource> source);

}  // namespace pouw::inline v1::pow
