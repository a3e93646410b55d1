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
using kernels::Panel;
using kernels::panel_rows;

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
    std::unique_ptr<PackedWeights> weights_;
    std::size_t batch_;
    PassPlan plan_;
    std::size_t dim_;
    std::uint64_t norm_numerator_;
    std::size_t nonces_ = 0;
    std::size_t queries_ = 0;  ///< positions of a nonce that are still computed: all, at last one
    Memory<std::int8_t> h_, q_, k_, v_, c_, up_;
    Memory<std::uint8_t> x_, a_;  ///< encoded: what a product reads, and the columns of `a`
    Memory<std::int32_t> y_;
};

}  // namespace

std::unique_ptr<ForwardPass> make_packed_pass(const Kernels& kernels, const ModelConfig& config,
                                              std::unique_ptr<PackedWeights> weights, std::size_t batch,
                                              const PassPlan& plan) {
    return std::make_unique<PackedPass>(kernels, config, std::move(weights), batch, plan);
}

}  // namespace pouw::inline v1::pow
