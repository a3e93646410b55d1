#include "pouw/pow/tensor.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/parallel.hpp"
#include "pouw/crypto/chacha20.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace pouw::inline v1::pow {
namespace {

/// Bytes generated at a time: fits the second-level cache.
constexpr std::uint64_t tensor_tile_bytes = std::uint64_t{1} << 18;

/// All tensors in one piece of memory.
class StoredTensors final : public TensorSource {
  public:
    explicit StoredTensors(const ModelConfig& config) {
        for (const TensorId id : tensors(config)) {
            const auto [rows, columns] = tensor_shape(config, id);
            places_.emplace(id, Place{size_, rows, columns});
            size_ += rows * columns;
        }
        // Not a vector: that would write every byte twice.
        bytes_.reset(new std::int8_t[size_]);
    }

    [[nodiscard]] std::span<std::int8_t> place(TensorId id, std::uint64_t first, std::uint64_t count) const {
        const auto [offset, rows, columns] = places_.at(id);
        POUW_EXPECTS(first <= rows && count <= rows - first);
        return {bytes_.get() + offset + first * columns, count * columns};
    }
    [[nodiscard]] std::span<const std::int8_t> rows(TensorId id, std::uint64_t first, std::uint64_t count,
                                                    std::span<std::int8_t>) const override {
        return place(id, first, count);
    }
    [[nodiscard]] std::uint64_t memory_bytes() const noexcept override { return size_; }

  private:
    struct Place {
        std::uint64_t offset;
        std::uint64_t rows;
        std::uint64_t columns;
    };
    std::map<TensorId, Place> places_;
    std::uint64_t size_ = 0;
    std::unique_ptr<std::int8_t[]> bytes_;
};

struct Tile {
    TensorId id;
    std::uint64_t first;
    std::uint64_t count;
};

std::vector<Tile> tiles(const ModelConfig& config) {
    std::vector<Tile> out;
    for (const TensorId id : tensors(config)) {
        const auto [rows, columns] = tensor_shape(config, id);
        const std::uint64_t step = std::max<std::uint64_t>(1, tensor_tile_bytes / columns);
        for (std::uint64_t first = 0; first < rows; first += step) {
            out.push_back({id, first, std::min(step, rows - first)});
        }
    }
    return out;
}

}  // namespace

TensorShape tensor_shape(const ModelConfig& config, TensorId id) {
    if (id == token_embedding) return {config.vocab_size, config.model_dim};
    if (id == position_embedding) return {config.sequence_length, config.model_dim};
    POUW_EXPECTS(id >= 16 && (id - 16) / 8 < config.layers);
    switch (static_cast<LayerTensor>((id - 16) % 8)) {
        case LayerTensor::query:
        case LayerTensor::key:
        case LayerTensor::value:
        case LayerTensor::output:
            return {config.model_dim, config.model_dim};
        case LayerTensor::ffn_up:
            POUW_EXPECTS(config.ffn_kind == FfnKind::gated);
            [[fallthrough]];
        case LayerTensor::ffn_in:
            return {config.ffn_dim, config.model_dim};
        case LayerTensor::ffn_out:
            return {config.model_dim, config.ffn_dim};
    }
    POUW_EXPECTS(false);  // no tensor of a layer
    return {};
}

std::vector<TensorId> tensors(const ModelConfig& config) {
    std::vector<TensorId> out{token_embedding, position_embedding};
    for (std::uint32_t layer = 0; layer < config.layers; ++layer) {
        for (const LayerTensor which :
             {LayerTensor::query, LayerTensor::key, LayerTensor::value, LayerTensor::output,
              LayerTensor::ffn_in, LayerTensor::ffn_up, LayerTensor::ffn_out}) {
            if (which == LayerTensor::ffn_up && config.ffn_kind != FfnKind::gated) continue;
            out.push_back(layer_tensor(layer, which));
        }
    }
    return out;
}

void bytes_to_weights(std::span<std::int8_t> bytes) noexcept {
    for (std::int8_t& weight : bytes) weight = weight == -128 ? std::int8_t{0} : weight;
}

std::span<const std::int8_t> StreamedTensors::raw_rows(TensorId id, std::uint64_t first, std::uint64_t count,
                                                       std::span<std::int8_t> scratch) const {
    const auto [rows, columns] = tensor_shape(config_, id);
    POUW_EXPECTS(first <= rows && count <= rows - first && scratch.size() >= count * columns);
    const std::span<std::int8_t> out = scratch.first(count * columns);
    const crypto::ChaCha20Stream stream{key_.view(), id};
    stream.read(first * columns, {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
    return out;
}

std::span<const std::int8_t> StreamedTensors::rows(TensorId id, std::uint64_t first, std::uint64_t count,
                                                   std::span<std::int8_t> scratch) const {
    const std::size_t size = raw_rows(id, first, count, scratch).size();
    bytes_to_weights(scratch.first(size));
    return scratch.first(size);
}

core::result<std::shared_ptr<const TensorSource>> store_tensors(const ModelConfig& config,
                                                                const TensorSource& source,
                                                                const LoadOptions& options) {
    auto stored = std::make_shared<StoredTensors>(config);
    const std::vector<Tile> work = tiles(config);
    const bool done = core::parallel_for(
        work.size(), options.threads, options.progress, options.stop, [&](std::uint64_t index) {
            const Tile& tile = work[index];
            const std::span<std::int8_t> place = stored->place(tile.id, tile.first, tile.count);
            const auto rows = source.rows(tile.id, tile.first, tile.count, place);
            if (rows.data() != place.data()) std::copy(rows.begin(), rows.end(), place.begin());
        });
    if (!done) return core::fail(core::errc::cancelled);
    return std::shared_ptr<const TensorSource>{std::move(stored)};
}

}  // namespace pouw::inline v1::pow
