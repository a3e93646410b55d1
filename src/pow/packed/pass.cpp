#include "pow/packed/pass.hpp"

#include "pow/operations.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace pouw::inline v1::pow {
namespace {

using kernels::Kernels;
using kernels::Operand;
using kernels::panel_rows;
using kernels::Panels;

class PackedPass final : public ForwardPass {
  public:
    PackedPass(const Kernels& kernels, const ModelConfig& config, std::unique_ptr<PackedWeights> weights,
               std::size_t batch, const PassPlan& plan)
        : kernels_{&kernels},
          config_{config},
          layout_{config},
          weights_{std::move(weights)},
          batch_{batch},
          plan_{plan},
          dim_{config.model_dim},
          norm_numerator_{isqrt(std::uint64_t{config.model_dim} << 48) * 32} {
        allocate();
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
    /// One piece of memory for everything, which then lies on few large pages where the system has them.
    void allocate() {
        const std::size_t positions = plan_.group * config_.sequence_length;
        const std::size_t blocks = plan_.keep_all_columns ? layout_.blocks() : 1;
        const std::size_t columns = positions * blocks * block_columns;
        const bool gated = config_.ffn_kind == FfnKind::gated;
        std::size_t size = 0;
        const auto place = [&size](std::size_t bytes) {
            const std::size_t offset = size;
            size += (bytes + cache_line - 1) / cache_line * cache_line;
            return offset;
        };
        const std::size_t y = place(positions * dim_ * sizeof *y_);
        const std::size_t h = place(positions * dim_);
        const std::size_t a = place(columns * kernels_->encoded_bytes);
        const std::size_t x = place(positions * dim_ * kernels_->encoded_bytes);
        const std::size_t up = place(gated ? positions * block_columns : 0);
        const std::size_t q = place(positions * dim_);
        const std::size_t k = place(positions * dim_);
        const std::size_t v = place(positions * dim_);
        const std::size_t c = place(positions * dim_);
        memory_ = Memory<std::uint8_t>{size};
        const auto at = [this](std::size_t offset) { return static_cast<void*>(memory_.data() + offset); };
        const auto bytes = [&at](std::size_t offset) { return static_cast<std::int8_t*>(at(offset)); };
        y_ = static_cast<std::int32_t*>(at(y));
        a_ = memory_.data() + a;
        x_ = memory_.data() + x;
        h_ = bytes(h);
        up_ = bytes(up);
        q_ = bytes(q);
        k_ = bytes(k);
        v_ = bytes(v);
        c_ = bytes(c);
    }

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
        std::copy_n(h_, nonces_ * dim_, outputs.begin());
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
                std::int32_t* y = y_ + (nonce * queries_ + index) * dim_;
                for (std::size_t i = 0; i < dim_; ++i) y[i] = token[i] + place[i] + noise[i];
            }
        }
        norm();
    }

    /// h = norm(y)
    void norm() {
        for (std::size_t position = 0; position < positions(); ++position) {
            const std::int32_t* y = y_ + position * dim_;
            const std::uint64_t r = std::max<std::uint64_t>(1, isqrt(kernels_->sum_of_squares(y, dim_)));
            kernels_->scale(y, dim_, norm_numerator_ / r, h_ + position * dim_);
        }
    }

    [[nodiscard]] Operand encoded(const std::int8_t* values) const {
        kernels_->encode(values, positions() * dim_, x_);
        return {x_, dim_, positions()};
    }

    /// Calls `multiply(panels, row)` for the panels of rows `first` to `end` of a tensor; `row` counts from
    /// `first`.
    template <typename Multiply>
    void for_each_panels(std::uint32_t layer, LayerTensor which, std::size_t first, std::size_t end,
                         std::size_t block, const Multiply& multiply) {
        for (std::size_t row = first; row < end;) {
            const Panels panels =
                weights_->panels(layer, which, row / panel_rows, (end - row) / panel_rows, block);
            multiply(panels, row - first);
            row += panels.count * panel_rows;
        }
    }

    /// q, k or v = sat(round(h W^T, qkv_shift))
    void project(std::uint32_t layer, LayerTensor which, const Operand& x, std::int8_t* out) {
        for_each_panels(layer, which, 0, dim_, 0, [&](const Panels& panels, std::size_t row) {
            kernels_->project(panels, x, config_.qkv_shift, out + row, dim_);
        });
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
        for_each_panels(layer, LayerTensor::output, 0, dim_, 0, [&](const Panels& panels, std::size_t row) {
            kernels_->add_residual(panels, x, h_ + row, config_.attention_residual_shift, y_ + row, dim_);
        });
        norm();
    }

    /// Beyond its keys and values, the last layer is needed for the last position of each nonce alone.
    void keep_last_positions() {
        for (std::size_t nonce = 0; nonce < nonces_; ++nonce) {
            const std::size_t last = (nonce + 1) * queries_ - 1;
            std::memmove(h_ + nonce * dim_, h_ + last * dim_, dim_);
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
                          .query = q_ + nonce * queries_ * dim_,
                          .key = k_ + nonce * length * dim_,
                          .value = v_ + nonce * length * dim_,
                          .output = c_ + nonce * queries_ * dim_});
    }

    void feed_forward_block(std::uint32_t layer) {
        const Operand x = encoded(h_);
        if (plan_.keep_all_columns) {
            for (std::size_t block = 0; block < layout_.blocks(); ++block) widen(layer, block, x);
            for (std::size_t row = 0; row < dim_; row += panel_rows) {
                for (std::size_t block = 0; block < layout_.blocks(); ++block)
                    narrow(layer, block, row, row + panel_rows);
            }
        } else {
            for (std::size_t block = 0; block < layout_.blocks(); ++block) {
                widen(layer, block, x);
                narrow(layer, block, 0, dim_);
            }
        }
        norm();
    }

    /// The encoded columns of `a` in a block.
    [[nodiscard]] std::uint8_t* columns(std::size_t block) const {
        const std::size_t size = positions() * block_columns * kernels_->encoded_bytes;
        return a_ + (plan_.keep_all_columns ? block * size : 0);
    }

    /// Plain: a = fold(round(h W1^T, ffn_shift)). Gated: a = sat(round(fold(round(h W1^T, ffn_shift)) *
    /// sat(round(h W3^T, up_shift)), gate_shift)). The columns of one block.
    void widen(std::uint32_t layer, std::size_t block, const Operand& x) {
        const std::size_t first = block * block_columns;
        const std::size_t end = first + layout_.width(block);
        const bool gated = config_.ffn_kind == FfnKind::gated;
        if (gated) {
            for_each_panels(layer, LayerTensor::ffn_up, first, end, 0,
                            [&](const Panels& panels, std::size_t row) {
                                kernels_->project(panels, x, config_.up_shift, up_ + row, block_columns);
                            });
        }
        for_each_panels(layer, LayerTensor::ffn_in, first, end, 0,
                        [&](const Panels& panels, std::size_t row) {
                            std::uint8_t* out = columns(block) + row * kernels_->encoded_bytes;
                            if (gated) {
                                kernels_->fold_gate(panels, x, config_.ffn_shift, up_ + row,
                                                    config_.gate_shift, out, block_columns);
                            } else {
                                kernels_->fold(panels, x, config_.ffn_shift, out, block_columns);
                            }
                        });
    }

    /// The part of (h << ffn_residual_shift) + a W2^T that one block adds to the rows `first` to `end`.
    void narrow(std::uint32_t layer, std::size_t block, std::size_t first, std::size_t end) {
        const Operand a{columns(block), block_columns, positions()};
        for_each_panels(
            layer, LayerTensor::ffn_out, first, end, block, [&](const Panels& panels, std::size_t row) {
                std::int32_t* const y = y_ + first + row;
                if (block == 0) {
                    kernels_->add_residual(panels, a, h_ + first + row, config_.ffn_residual_shift, y, dim_);
                } else {
                    kernels_->add(panels, a, y, dim_);
                }
            });
    }

    const Kernels* kernels_;
    ModelConfig config_;
    LayerLayout layout_;
    std::unique_ptr<PackedWeights> weights_;
    std::size_t batch_;
    PassPlan plan_;
    std::size_t dim_;
    std::uint64_t norm_numerator_;
    std::size_t nonces_ = 0;
    std::size_t queries_ = 0;      ///< positions of a nonce that are still computed: all, at last one
    Memory<std::uint8_t> memory_;  ///< of what follows
    std::int8_t *h_ = nullptr, *q_ = nullptr, *k_ = nullptr, *v_ = nullptr, *c_ = nullptr, *up_ = nullptr;
    std::uint8_t *x_ = nullptr, *a_ = nullptr;  ///< encoded: what a product reads, and the columns of `a`
    std::int32_t* y_ = nullptr;
};

}  // namespace

std::unique_ptr<ForwardPass> make_packed_pass(const Kernels& kernels, const ModelConfig& config,
                                              std::unique_ptr<PackedWeights> weights, std::size_t batch,
                                              const PassPlan& plan) {
    return std::make_unique<PackedPass>(kernels, config, std::move(weights), batch, plan);
}

}  // namespace pouw::inline v1::pow
