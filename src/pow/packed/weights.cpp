#include "pow/packed/weights.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/core/parallel.hpp"

#include <algorithm>

namespace pouw::inline v1::pow {

using kernels::Kernels;
using kernels::panel_rows;
using kernels::Panels;

namespace {

/// What the rounding of a product adds before it shifts; `fold` expects 128 above.
std::int32_t rounding(const ModelConfig& config, LayerTensor which) {
    const auto half = [](std::uint32_t shift) { return 1u << (shift - 1); };
    switch (which) {
        case LayerTensor::query:
        case LayerTensor::key:
        case LayerTensor::value:
            return static_cast<std::int32_t>(half(config.qkv_shift));
        case LayerTensor::ffn_up:
            return static_cast<std::int32_t>(half(config.up_shift));
        case LayerTensor::ffn_in:
            return static_cast<std::int32_t>(half(config.ffn_shift) + (128u << config.ffn_shift));
        case LayerTensor::output:
        case LayerTensor::ffn_out:
            break;
    }
    return 0;
}

/// Packs 64 rows of a tensor; `place(block)` is where the weights of a block go.
template <typename Place>
void pack(const Kernels& kernels, const ModelConfig& config, LayerTensor which, const std::int8_t* rows,
          const Place& place, std::int32_t* bias) {
    const LayerLayout layout{config};
    std::fill_n(bias, panel_rows, rounding(config, which));
    const std::size_t columns = layout.columns(which);
    if (which != LayerTensor::ffn_out) {
        kernels.pack(rows, columns, columns, place(std::size_t{0}), bias);
        return;
    }
    for (std::size_t block = 0; block < layout.blocks(); ++block)
        kernels.pack(rows + block * block_columns, columns, layout.width(block), place(block), bias);
}

class StoredReader final : public PackedWeights {
  public:
    explicit StoredReader(std::shared_ptr<const StoredWeights> stored) : stored_{std::move(stored)} {}
    Panels panels(std::uint32_t layer, LayerTensor which, std::size_t index, std::size_t count,
                  std::size_t block) override {
        return stored_->panels(layer, which, index, count, block);
    }
    const std::int8_t* embedding(TensorId id, std::uint64_t row, std::span<std::int8_t>) override {
        return stored_->embedding(id, row);
    }

  private:
    std::shared_ptr<const StoredWeights> stored_;
};

/// One panel in memory, with all its columns, generated when it is asked for.
class StreamedWeights final : public PackedWeights {
  public:
    StreamedWeights(const Kernels& kernels, const ModelConfig& config,
                    std::shared_ptr<const TensorSource> source)
        : kernels_{&kernels},
          config_{config},
          layout_{config},
          source_{std::move(source)},
          rows_{panel_rows * std::max<std::size_t>(config.model_dim, config.ffn_dim)},
          packed_{rows_.bytes()} {}

    Panels panels(std::uint32_t layer, LayerTensor which, std::size_t index, std::size_t,
                  std::size_t block) override {
        const TensorId id = layer_tensor(layer, which);
        const std::size_t columns = layout_.columns(which);
        const auto place = [this](std::size_t b) { return packed_.data() + b * block_columns * panel_rows; };
        if (id != id_ || index != index_) {
            const auto rows =
                source_->raw_rows(id, index * panel_rows, panel_rows, {rows_.data(), panel_rows * columns});
            pack(*kernels_, config_, which, rows.data(), place, bias_);
            id_ = id;
            index_ = index;
        }
        return {place(block), bias_, which == LayerTensor::ffn_out ? layout_.width(block) : columns};
    }
    const std::int8_t* embedding(TensorId id, std::uint64_t row, std::span<std::int8_t> scratch) override {
        return source_->rows(id, row, 1, scratch).data();
    }

  private:
    const Kernels* kernels_;
    ModelConfig config_;
    LayerLayout layout_;
    std::shared_ptr<const TensorSource> source_;
    Memory<std::int8_t> rows_;
    Memory<std::int8_t> packed_;
    std::int32_t bias_[panel_rows]{};
    TensorId id_ = token_embedding;  // no tensor of a layer
    std::size_t index_ = 0;
};

}  // namespace

StoredWeights::StoredWeights(const Kernels& kernels, const ModelConfig& config)
    : kernels_{&kernels},
      config_{config},
      layout_{config},
      tokens_{std::size_t{config.vocab_size} * config.model_dim},
      positions_{std::size_t{config.sequence_length} * config.model_dim},
      // A kernel fetches ahead, which needs no memory there.
      weights_{config.layers * layout_.weight_count()},
      bias_{config.layers * layout_.bias_count()} {}

core::result<void> StoredWeights::fill(const TensorSource& source, const LoadOptions& options) {
    std::vector<Piece> pieces = list_pieces();
    std::vector<Memory<std::int8_t>> scratch(options.threads);
    const auto work = [&](std::uint64_t index, unsigned worker) {
        const auto& [id, first, count] = pieces[index];
        const std::uint64_t columns = tensor_shape(config_, id).columns;
        if (scratch[worker].bytes() < count * columns) {
            scratch[worker] = Memory<std::int8_t>{std::max(
                panel_rows * std::max<std::size_t>(config_.model_dim, config_.ffn_dim), count * columns)};
        }
        fill(source, pieces[index], {scratch[worker].data(), count * columns});
    };
    if (!core::parallel_for(pieces.size(), options.threads, options.progress, options.stop, work))
        return core::fail(core::errc::cancelled);
    return {};
}

Panels StoredWeights::panels(std::uint32_t layer, LayerTensor which, std::size_t index, std::size_t count,
                             std::size_t block) const {
    const PanelPlace place = layout_.place(which, index, block);
    return {weights(layer) + place.weights, bias(layer) + place.bias,
            which == LayerTensor::ffn_out ? layout_.width(block) : layout_.columns(which), count};
}

const std::int8_t* StoredWeights::embedding(TensorId id, std::uint64_t row) const {
    return (id == token_embedding ? tokens_ : positions_).data() + row * config_.model_dim;
}

std::uint64_t StoredWeights::memory_bytes() const noexcept {
    return tokens_.bytes() + positions_.bytes() + weights_.bytes() + bias_.bytes();
}

std::vector<StoredWeights::Piece> StoredWeights::list_pieces() const {
    std::vector<Piece> pieces;
    for (const TensorId id : tensors(config_)) {
        const std::uint64_t rows = tensor_shape(config_, id).rows;
        for (std::uint64_t first = 0; first < rows; first += panel_rows)
            pieces.push_back({id, first, std::min<std::uint64_t>(panel_rows, rows - first)});
    }
    return pieces;
}

void StoredWeights::fill(const TensorSource& source, const Piece& piece,
                         std::span<std::int8_t> scratch) const {
    if (piece.id == token_embedding || piece.id == position_embedding) {
        const auto rows = source.rows(piece.id, piece.first, piece.count, scratch);
        const Memory<std::int8_t>& embedding = piece.id == token_embedding ? tokens_ : positions_;
        std::copy(rows.begin(), rows.end(), embedding.data() + piece.first * config_.model_dim);
        return;
    }
    const auto rows = source.raw_rows(piece.id, piece.first, piece.count, scratch);
    const std::uint32_t layer = (piece.id - 16) / 8;
    const auto which = static_cast<LayerTensor>((piece.id - 16) % 8);
    const std::size_t index = piece.first / panel_rows;
    pack(
        *kernels_, config_, which, rows.data(),
        [&](std::size_t block) { return weights(layer) + layout_.place(which, index, block).weights; },
        bias(layer) + layout_.place(which, index, 0).bias);
}

std::int8_t* StoredWeights::weights(std::uint32_t layer) const {
    return weights_.data() + layer * layout_.weight_count();
}

std::int32_t* StoredWeights::bias(std::uint32_t layer) const {
    return bias_.data() + layer * layout_.bias_count();
}

std::unique_ptr<PackedWeights> read_stored(std::shared_ptr<const StoredWeights> stored) {
    return std::make_unique<StoredReader>(std::move(stored));
}

std::unique_ptr<PackedWeights> stream_weights(const Kernels& kernels, const ModelConfig& config,
                                              std::shared_ptr<const TensorSource> source) {
    return std::make_unique<StreamedWeights>(kernels, config, std::move(source));
}

}  // namespace pouw::inline v1::pow
