#include "pow/packed.hpp"

#include "pow/cpu_features.hpp"
#include "pow/kernels/kernels.h"
#include "pow/operations.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/parallel.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace pouw::pow {
namespace {

using kernels::Kernels;
using kernels::Operand;
using kernels::Panel;
using kernels::panel_rows;

/// Columns of W2 that are multiplied at a time, which are as many rows of W1 (and W3): a panel of that depth
/// leaves room in the first-level cache, and what the columns take of a batch stays in the second.
constexpr std::size_t block_columns = 512;

/// Positions computed together: activations and sums of 512 columns then take about 700 KB. More would read
/// the weights less often, but they arrive in time as it is.
constexpr std::size_t stored_positions = 192;

/// Where every pass generates the weights, which takes as long as some 200 positions, more is better; whoever
/// cares for memory asks for smaller batches.
constexpr std::size_t streamed_positions = 1024;

/// Uninitialised memory, on large pages where the system has them.
template <typename T>
class Memory {
  public:
    Memory() = default;
    explicit Memory(std::size_t size) : size_{size} {
        const auto alignment = std::align_val_t{bytes() >= huge_page ? huge_page : cache_line};
        values_ = {static_cast<T*>(::operator new(bytes(), alignment)), Free{alignment}};
#if defined(__linux__) && defined(MADV_HUGEPAGE)
        // Advice: that it is not taken costs time alone.
        if (bytes() >= huge_page) madvise(values_.get(), bytes(), MADV_HUGEPAGE);
#endif
    }

    [[nodiscard]] T* data() const noexcept { return values_.get(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return size_ * sizeof(T); }

  private:
    static constexpr std::size_t huge_page = std::size_t{1} << 21;
    static constexpr std::size_t cache_line = 64;
    struct Free {
        std::align_val_t alignment{cache_line};
        void operator()(T* values) const noexcept { ::operator delete(values, alignment); }
    };
    std::size_t size_ = 0;
    std::unique_ptr<T[], Free> values_;
};

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
        const std::size_t row = index * panel_rows;
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

/// Where a pass gets its weights.
class Weights {
  public:
    virtual ~Weights() = default;
    /// Panel `index` of a tensor; of W2 the part in `block`. Valid until the next call.
    [[nodiscard]] virtual Panel panel(std::uint32_t layer, LayerTensor which, std::size_t index,
                                      std::size_t block) = 0;
    /// A row of an embedding; may be written to `scratch`.
    [[nodiscard]] virtual const std::int8_t* embedding(TensorId id, std::uint64_t row,
                                                       std::span<std::int8_t> scratch) = 0;
};

/// All weights, packed.
class StoredWeights {
  public:
    StoredWeights(const Kernels& kernels, const ModelConfig& config)
        : kernels_{&kernels},
          config_{config},
          layout_{config},
          tokens_{std::size_t{config.vocab_size} * config.model_dim},
          positions_{std::size_t{config.sequence_length} * config.model_dim},
          // A kernel fetches ahead, which needs no memory there.
          weights_{config.layers * layout_.weight_count()},
          bias_{config.layers * layout_.bias_count()} {}

    /// Generates and packs. Errors: core::errc::cancelled.
    core::result<void> fill(const TensorSource& source, const LoadOptions& options) {
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

    [[nodiscard]] Panel panel(std::uint32_t layer, LayerTensor which, std::size_t index,
                              std::size_t block) const {
        const PanelPlace place = layout_.place(which, index, block);
        return {weights(layer) + place.weights, bias(layer) + place.bias,
                which == LayerTensor::ffn_out ? layout_.width(block) : layout_.columns(which)};
    }
    [[nodiscard]] const std::int8_t* embedding(TensorId id, std::uint64_t row) const {
        return (id == token_embedding ? tokens_ : positions_).data() + row * config_.model_dim;
    }
    [[nodiscard]] std::uint64_t memory_bytes() const noexcept {
        return tokens_.bytes() + positions_.bytes() + weights_.bytes() + bias_.bytes();
    }

  private:
    /// Rows that are generated together: a panel, or a part of an embedding.
    struct Piece {
        TensorId id;
        std::uint64_t first;
        std::uint64_t count;
    };

    [[nodiscard]] std::vector<Piece> list_pieces() const {
        std::vector<Piece> pieces;
        for (const TensorId id : tensors(config_)) {
            const std::uint64_t rows = tensor_shape(config_, id).rows;
            for (std::uint64_t first = 0; first < rows; first += panel_rows)
                pieces.push_back({id, first, std::min<std::uint64_t>(panel_rows, rows - first)});
        }
        return pieces;
    }

    void fill(const TensorSource& source, const Piece& piece, std::span<std::int8_t> scratch) const {
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

    [[nodiscard]] std::int8_t* weights(std::uint32_t layer) const {
        return weights_.data() + layer * layout_.weight_count();
    }
    [[nodiscard]] std::int32_t* bias(std::uint32_t layer) const {
        return bias_.data() + layer * layout_.bias_count();
    }

    const Kernels* kernels_;
    ModelConfig config_;
    LayerLayout layout_;
    Memory<std::int8_t> tokens_;
    Memory<std::int8_t> positions_;
    Memory<std::int8_t> weights_;
    Memory<std::int32_t> bias_;
};

class StoredAccess final : public Weights {
  public:
    explicit StoredAccess(std::shared_ptr<const StoredWeights> stored) : stored_{std::move(stored)} {}
    Panel panel(std::uint32_t layer, LayerTensor which, std::size_t index, std::size_t block) override {
        return stored_->panel(layer, which, index, block);
    }
    const std::int8_t* embedding(TensorId id, std::uint64_t row, std::span<std::int8_t>) override {
        return stored_->embedding(id, row);
    }

  private:
    std::shared_ptr<const StoredWeights> stored_;
};

/// One panel in memory, with all its columns, generated when it is asked for.
class StreamedAccess final : public Weights {
  public:
    StreamedAccess(const Kernels& kernels, const ModelConfig& config,
                   std::shared_ptr<const TensorSource> source)
        : kernels_{&kernels},
          config_{config},
          layout_{config},
          source_{std::move(source)},
          rows_{panel_rows * std::max<std::size_t>(config.model_dim, config.ffn_dim)},
          packed_{rows_.bytes()} {}

    Panel panel(std::uint32_t layer, LayerTensor which, std::size_t index, std::size_t block) override {
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

/// How a pass goes about it.
struct Plan {
    std::size_t group;      ///< nonces computed together
    bool keep_all_columns;  ///< W1 as a whole before W2, so that a panel of W2 is asked for once
};

class PackedPass final : public ForwardPass {
  public:
    PackedPass(const Kernels& kernels, const ModelConfig& config, std::unique_ptr<Weights> weights,
               std::size_t batch, const Plan& plan)
        : kernels_{&kernels},
          config_{config},
          layout_{config},
          weights_{std::move(weights)},
          batch_{batch},
          plan_{plan},
          dim_{config.model_dim},
          norm_numerator_{isqrt(std::uint64_t{config.model_dim} << 48) * 32} {
        const std::size_t positions = plan.group * config.sequence_length;
        for (Memory<std::int8_t>* values : {&h_, &q_, &k_, &v_, &c_})
            *values = Memory<std::int8_t>{positions * dim_};
        x_ = Memory<std::uint8_t>{positions * dim_ * kernels.encoded_bytes};
        const std::size_t blocks = plan.keep_all_columns ? layout_.blocks() : 1;
        a_ = Memory<std::uint8_t>{positions * blocks * block_columns * kernels.encoded_bytes};
        if (config.ffn_kind == FfnKind::gated) up_ = Memory<std::int8_t>{positions * block_columns};
        y_ = Memory<std::int32_t>{positions * dim_};
    }

    core::result<void> run(std::span<const Input> inputs, std::span<std::int8_t> outputs,
                           std::stop_token stop) override {
        POUW_EXPECTS(inputs.size() <= batch_ && outputs.size() >= inputs.size() * dim_);
        // Equal groups: a small one at the end would read all weights for little.
        const std::size_t groups = (inputs.size() + plan_.group - 1) / plan_.group;
        std::size_t first = 0;
        for (std::size_t i = 0; i < groups; ++i) {
            const std::size_t end = inputs.size() * (i + 1) / groups;
            if (!run_group(inputs.subspan(first, end - first), outputs.subspan(first * dim_), stop))
                return core::fail(core::errc::cancelled);
            first = end;
        }
        return {};
    }

  private:
    bool run_group(std::span<const Input> inputs, std::span<std::int8_t> outputs,
                   const std::stop_token& stop) {
        nonces_ = inputs.size();
        queries_ = config_.sequence_length;
        embed(inputs);
        for (std::uint32_t layer = 0; layer < config_.layers; ++layer) {
            if (stop.stop_requested()) return false;
            attention_block(layer);
            feed_forward_block(layer);
        }
        std::copy_n(h_.data(), nonces_ * dim_, outputs.begin());
        return true;
    }

    /// Positions still computed.
    [[nodiscard]] std::size_t positions() const { return nonces_ * queries_; }

    void embed(std::span<const Input> inputs) {
        std::vector<std::int8_t> scratch(2 * dim_);
        for (std::size_t nonce = 0; nonce < nonces_; ++nonce) {
            const Input& input = inputs[nonce];
            for (std::size_t index = 0; index < queries_; ++index) {
                const std::int8_t* token =
                    weights_->embedding(token_embedding, input.tokens[index], std::span{scratch}.first(dim_));
                const std::int8_t* place =
                    weights_->embedding(position_embedding, index, std::span{scratch}.subspan(dim_));
                const std::int8_t* noise = input.noise.data() + index * dim_;
                std::int32_t* y = y_.data() + (nonce * queries_ + index) * dim_;
                for (std::size_t i = 0; i < dim_; ++i) y[i] = token[i] + place[i] + noise[i];
            }
        }
        norm();
    }

    /// h = norm(y)
    void norm() {
        for (std::size_t position = 0; position < positions(); ++position) {
            const std::int32_t* y = y_.data() + position * dim_;
            const std::uint64_t r = std::max<std::uint64_t>(1, isqrt(kernels_->sum_of_squares(y, dim_)));
            kernels_->scale(y, dim_, norm_numerator_ / r, h_.data() + position * dim_);
        }
    }

    [[nodiscard]] Operand encoded(const Memory<std::int8_t>& values) const {
        kernels_->encode(values.data(), positions() * dim_, x_.data());
        return {x_.data(), dim_, positions()};
    }

    /// q, k or v = sat(round(h W^T, qkv_shift))
    void project(std::uint32_t layer, LayerTensor which, const Operand& x, const Memory<std::int8_t>& out) {
        for (std::size_t row = 0; row < dim_; row += panel_rows) {
            kernels_->project(weights_->panel(layer, which, row / panel_rows, 0), x, config_.qkv_shift,
                              out.data() + row, dim_);
        }
    }

    void attention_block(std::uint32_t layer) {
        Operand x = encoded(h_);
        project(layer, LayerTensor::key, x, k_);
        project(layer, LayerTensor::value, x, v_);
        if (layer + 1 == config_.layers) {
            keep_last_positions();
            x = encoded(h_);
        }
        project(layer, LayerTensor::query, x, q_);
        for (std::size_t nonce = 0; nonce < nonces_; ++nonce) attend(nonce);
        // h = norm((h << attention_residual_shift) + c Wo^T)
        x = encoded(c_);
        for (std::size_t row = 0; row < dim_; row += panel_rows) {
            kernels_->add_residual(weights_->panel(layer, LayerTensor::output, row / panel_rows, 0), x,
                                   h_.data() + row, config_.attention_residual_shift, y_.data() + row, dim_);
        }
        norm();
    }

    /// Beyond its keys and values, the last layer is needed for the last position of each nonce alone.
    void keep_last_positions() {
        for (std::size_t nonce = 0; nonce < nonces_; ++nonce) {
            const std::size_t last = (nonce + 1) * queries_ - 1;
            std::memmove(h_.data() + nonce * dim_, h_.data() + last * dim_, dim_);
        }
        queries_ = 1;
    }

    void attend(std::size_t nonce) {
        const std::size_t length = config_.sequence_length;
        kernels_->attend({.heads = config_.heads,
                          .head_dim = config_.head_dim(),
                          .length = length,
                          .queries = queries_,
                          .score_shift = config_.score_shift,
                          .query = q_.data() + nonce * queries_ * dim_,
                          .key = k_.data() + nonce * length * dim_,
                          .value = v_.data() + nonce * length * dim_,
                          .output = c_.data() + nonce * queries_ * dim_});
    }

    void feed_forward_block(std::uint32_t layer) {
        const Operand x = encoded(h_);
        if (plan_.keep_all_columns) {
            for (std::size_t block = 0; block < layout_.blocks(); ++block) widen(layer, block, x);
            for (std::size_t row = 0; row < dim_; row += panel_rows) {
                for (std::size_t block = 0; block < layout_.blocks(); ++block) narrow(layer, block, row);
            }
        } else {
            for (std::size_t block = 0; block < layout_.blocks(); ++block) {
                widen(layer, block, x);
                for (std::size_t row = 0; row < dim_; row += panel_rows) narrow(layer, block, row);
            }
        }
        norm();
    }

    /// The encoded columns of `a` in a block.
    [[nodiscard]] std::uint8_t* columns(std::size_t block) const {
        const std::size_t size = positions() * block_columns * kernels_->encoded_bytes;
        return a_.data() + (plan_.keep_all_columns ? block * size : 0);
    }

    /// Plain: a = fold(round(h W1^T, ffn_shift)). Gated: a = sat(round(fold(round(h W1^T, ffn_shift)) *
    /// sat(round(h W3^T, up_shift)), gate_shift)). The columns of one block.
    void widen(std::uint32_t layer, std::size_t block, const Operand& x) {
        const std::size_t first = block * block_columns / panel_rows;
        const std::size_t width = layout_.width(block);
        const bool gated = config_.ffn_kind == FfnKind::gated;
        for (std::size_t i = 0; gated && i < width; i += panel_rows) {
            kernels_->project(weights_->panel(layer, LayerTensor::ffn_up, first + i / panel_rows, 0), x,
                              config_.up_shift, up_.data() + i, block_columns);
        }
        for (std::size_t i = 0; i < width; i += panel_rows) {
            const Panel panel = weights_->panel(layer, LayerTensor::ffn_in, first + i / panel_rows, 0);
            std::uint8_t* out = columns(block) + i * kernels_->encoded_bytes;
            if (gated) {
                kernels_->fold_gate(panel, x, config_.ffn_shift, up_.data() + i, config_.gate_shift, out,
                                    block_columns);
            } else {
                kernels_->fold(panel, x, config_.ffn_shift, out, block_columns);
            }
        }
    }

    /// The part of (h << ffn_residual_shift) + a W2^T that one block adds to 64 rows.
    void narrow(std::uint32_t layer, std::size_t block, std::size_t row) {
        const Panel panel = weights_->panel(layer, LayerTensor::ffn_out, row / panel_rows, block);
        const Operand a{columns(block), block_columns, positions()};
        if (block == 0) {
            kernels_->add_residual(panel, a, h_.data() + row, config_.ffn_residual_shift, y_.data() + row,
                                   dim_);
        } else {
            kernels_->add(panel, a, y_.data() + row, dim_);
        }
    }

    const Kernels* kernels_;
    ModelConfig config_;
    LayerLayout layout_;
    std::unique_ptr<Weights> weights_;
    std::size_t batch_;
    Plan plan_;
    std::size_t dim_;
    std::uint64_t norm_numerator_;
    std::size_t nonces_ = 0;
    std::size_t queries_ = 0;  ///< positions of a nonce that are still computed: all, at last one
    Memory<std::int8_t> h_, q_, k_, v_, c_, up_;
    Memory<std::uint8_t> x_, a_;  ///< encoded: what a product reads, and the columns of `a`
    Memory<std::int32_t> y_;
};

/// At least one nonce, at most `positions`.
std::size_t nonces_of(const ModelConfig& config, std::size_t positions) {
    return std::max<std::size_t>(1, positions / config.sequence_length);
}

class StoredNetwork final : public Network {
  public:
    StoredNetwork(const Kernels& kernels, const ModelConfig& config,
                  std::shared_ptr<const StoredWeights> weights)
        : kernels_{&kernels}, config_{config}, weights_{std::move(weights)} {}

    std::unique_ptr<ForwardPass> forward_pass(std::size_t batch) const override {
        POUW_EXPECTS(batch >= 1);
        return std::make_unique<PackedPass>(
            *kernels_, config_, std::make_unique<StoredAccess>(weights_), batch,
            Plan{.group = std::min(batch, preferred_batch()), .keep_all_columns = false});
    }
    std::size_t preferred_batch() const noexcept override { return nonces_of(config_, stored_positions); }
    std::uint64_t memory_bytes() const noexcept override { return weights_->memory_bytes(); }

  private:
    const Kernels* kernels_;
    ModelConfig config_;
    std::shared_ptr<const StoredWeights> weights_;
};

class StreamedNetwork final : public Network {
  public:
    StreamedNetwork(const Kernels& kernels, const ModelConfig& config,
                    std::shared_ptr<const TensorSource> source)
        : kernels_{&kernels}, config_{config}, source_{std::move(source)} {}

    std::unique_ptr<ForwardPass> forward_pass(std::size_t batch) const override {
        POUW_EXPECTS(batch >= 1);
        return std::make_unique<PackedPass>(*kernels_, config_,
                                            std::make_unique<StreamedAccess>(*kernels_, config_, source_),
                                            batch, Plan{.group = batch, .keep_all_columns = true});
    }
    std::size_t preferred_batch() const noexcept override { return nonces_of(config_, streamed_positions); }
    std::uint64_t memory_bytes() const noexcept override { return source_->memory_bytes(); }

  private:
    const Kernels* kernels_;
    ModelConfig config_;
    std::shared_ptr<const TensorSource> source_;
};

class PackedBackend final : public Backend {
  public:
    PackedBackend(std::string_view name, std::string_view description, const Kernels& kernels,
                  bool supported) noexcept
        : name_{name}, description_{description}, kernels_{&kernels}, supported_{supported} {}

    std::string_view name() const noexcept override { return name_; }
    std::string_view description() const noexcept override { return description_; }
    bool supported() const noexcept override { return supported_; }

    core::result<std::shared_ptr<const Network>> load(const ModelConfig& config,
                                                      std::shared_ptr<const TensorSource> source,
                                                      const LoadOptions& options) const override {
        POUW_EXPECTS(supported_);
        if (!options.stored)
            return std::shared_ptr<const Network>{
                std::make_shared<StreamedNetwork>(*kernels_, config, std::move(source))};
        auto weights = std::make_shared<StoredWeights>(*kernels_, config);
        if (auto filled = weights->fill(*source, options); !filled) return filled.error();
        return std::shared_ptr<const Network>{
            std::make_shared<StoredNetwork>(*kernels_, config, std::move(weights))};
    }

  private:
    std::string_view name_;
    std::string_view description_;
    const Kernels* kernels_;
    bool supported_;
};

}  // namespace

std::vector<const Backend*> packed_backends() {
#if defined(__x86_64__) || defined(__aarch64__)
    static const CpuFeatures cpu = detect_cpu_features();
#endif
#if defined(__x86_64__)
    static const PackedBackend avx512_vnni{"avx512-vnni", "x86-64 with AVX-512 VNNI: 512 bits",
                                           kernels::avx512_vnni, cpu.avx512_vnni};
    static const PackedBackend avx_vnni{"avx-vnni", "x86-64 with AVX-VNNI: 256 bits", kernels::avx_vnni,
                                        cpu.avx_vnni};
    static const PackedBackend avx2{"avx2", "x86-64 with AVX2: bytes widened to words", kernels::avx2,
                                    cpu.avx2};
    return {&avx512_vnni, &avx_vnni, &avx2};
#elif defined(__aarch64__)
    static const PackedBackend neon_dotprod{"neon-dotprod", "AArch64 with NEON dot products",
                                            kernels::neon_dotprod, cpu.neon_dotprod};
    return {&neon_dotprod};
#else
    return {};
#endif
}

}  // namespace pouw::pow
