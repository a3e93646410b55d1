/// Where the packed weights of a layer lie.
#pragma once

#include "pow/kernels/kernels.h"

#include "pouw/core/contract.hpp"
#include "pouw/pow/config.hpp"
#include "pouw/pow/tensor.hpp"

#include <algorithm>
#include <cstddef>

namespace pouw::inline v1::pow {

/// Columns of W2 that are multiplied at a time, which are as many rows of W1 (and W3): a panel of that depth
/// leaves room in the first-level cache, and what the columns take of a batch stays in the second.
inline constexpr std::size_t block_columns = 512;

/// A panel in memory: where the weights of each block begin and where the bias.
struct PanelPlace {
    std::size_t weights = 0;
    std::size_t bias = 0;
};

/// The order of the packed weights of a layer, which is the order in which a pass reads them: keys, values,
/// queries and output; then block by block of the feed-forward block up, in and out.
class LayerLayout {
  public:
    explicit LayerLayout(const ModelConfig& config)
        : dim_{config.model_dim}, ffn_{config.ffn_dim}, gated_{config.ffn_kind == FfnKind::gated} {}

    [[nodiscard]] std::size_t weight_count() const {
        return 4 * dim_ * dim_ + (gated_ ? 3 : 2) * dim_ * ffn_;
    }
    [[nodiscard]] std::size_t bias_count() const { return 5 * dim_ + (gated_ ? 2 : 1) * ffn_; }
    [[nodiscard]] std::size_t blocks() const { return (ffn_ + block_columns - 1) / block_columns; }
    /// Columns of W2 in a block.
    [[nodiscard]] std::size_t width(std::size_t block) const {
        return std::min(block_columns, ffn_ - block * block_columns);
    }
    [[nodiscard]] std::size_t rows(LayerTensor which) const {
        return which == LayerTensor::ffn_in || which == LayerTensor::ffn_up ? ffn_ : dim_;
    }
    [[nodiscard]] std::size_t columns(LayerTensor which) const {
        return which == LayerTensor::ffn_out ? ffn_ : dim_;
    }

    /// Panel `index` of a tensor; of W2 the part in `block`.
    [[nodiscard]] PanelPlace place(LayerTensor which, std::size_t index, std::size_t block) const {
        const std::size_t row = index * kernels::panel_rows;
        const std::size_t projections = 4 * dim_ * dim_;
        switch (which) {
            case LayerTensor::key:
                return {row * dim_, row};
            case LayerTensor::value:
                return {(dim_ + row) * dim_, dim_ + row};
            case LayerTensor::query:
                return {(2 * dim_ + row) * dim_, 2 * dim_ + row};
            case LayerTensor::output:
                return {(3 * dim_ + row) * dim_, 3 * dim_ + row};
            case LayerTensor::ffn_up:
                return {projections + feed_forward(row / block_columns) + row % block_columns * dim_,
                        5 * dim_ + ffn_ + row};
            case LayerTensor::ffn_in:
                return {projections + feed_forward(row / block_columns) + row % block_columns * dim_ +
                            (gated_ ? width(row / block_columns) * dim_ : 0),
                        5 * dim_ + row};
            case LayerTensor::ffn_out:
                return {projections + feed_forward(block) + ((gated_ ? 2 : 1) * dim_ + row) * width(block),
                        4 * dim_ + row};
        }
        POUW_EXPECTS(false);  // no tensor of a layer
        return {};
    }

  private:
    /// Where the weights of a block begin.
    [[nodiscard]] std::size_t feed_forward(std::size_t block) const {
        return block * block_columns * dim_ * (gated_ ? 3 : 2);
    }
    std::size_t dim_;
    std::size_t ffn_;
    bool gated_;
};

}  // namespace pouw::inline v1::pow
