/// The scalar backend: docs/spec/pow.md section 4 as code, step by step and in its names. It is written to be
/// read beside that page; the only concession to speed is that a row of weights serves a whole batch while it
/// is in cache.
#include "pow/operations.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/pow/backend.hpp"

#include <algorithm>
#include <vector>

namespace pouw::inline v1::pow {
namespace {

using Activations = std::vector<std::int8_t>;  // [position][coordinate], positions of all nonces of a batch

/// Weights are fetched in tiles of at most this many bytes (or one row), so that a streamed network needs no
/// more.
constexpr std::uint64_t scalar_tile_bytes = std::uint64_t{1} << 18;

[[nodiscard]] std::int32_t dot(const std::int8_t* a, const std::int8_t* b, std::size_t size) noexcept {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < size; ++i) sum += std::int32_t{a[i]} * std::int32_t{b[i]};
    return sum;
}

class ScalarPass final : public ForwardPass {
  public:
    ScalarPass(const ModelConfig& config, std::shared_ptr<const TensorSource> source, std::size_t batch)
        : config_{config}, source_{std::move(source)}, batch_{batch} {
        const std::uint64_t longest_row = std::max(config.model_dim, config.ffn_dim);
        tile_.resize(std::max(scalar_tile_bytes, longest_row));
        const std::size_t positions = batch * config.sequence_length;
        for (Activations* values : {&h_, &q_, &k_, &v_, &c_}) values->resize(positions * config.model_dim);
        a_.resize(positions * config.ffn_dim);
        if (config.ffn_kind == FfnKind::gated) up_.resize(a_.size());
        y_.resize(positions * config.model_dim);
    }

    core::result<void> run(std::span<const Input> inputs, std::span<std::int8_t> outputs,
                           std::stop_token stop) override {
        POUW_EXPECTS(inputs.size() <= batch_ && outputs.size() >= inputs.size() * config_.model_dim);
        positions_ = inputs.size() * config_.sequence_length;
        embed(inputs);
        for (std::uint32_t layer = 0; layer < config_.layers; ++layer) {
            if (stop.stop_requested()) return core::fail(core::errc::cancelled);
            attention_block(layer);
            feed_forward_block(layer);
        }
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            const std::size_t last = (i + 1) * config_.sequence_length - 1;
            std::copy_n(at(h_, last), config_.model_dim,
                        outputs.begin() + static_cast<std::ptrdiff_t>(i * config_.model_dim));
        }
        return {};
    }

  private:
    [[nodiscard]] std::int8_t* at(Activations& values, std::size_t position) const noexcept {
        return values.data() + position * config_.model_dim;
    }

    /// h = norm(embedding[token] + position[index] + noise[index])
    void embed(std::span<const Input> inputs) {
        const std::size_t dim = config_.model_dim;
        std::vector<std::int8_t> scratch(2 * dim);
        std::vector<std::int32_t> sum(dim);
        for (std::size_t position = 0; position < positions_; ++position) {
            const Input& input = inputs[position / config_.sequence_length];
            const std::size_t index = position % config_.sequence_length;
            const auto token =
                source_->rows(token_embedding, input.tokens[index], 1, std::span{scratch}.first(dim));
            const auto place = source_->rows(position_embedding, index, 1, std::span{scratch}.subspan(dim));
            for (std::size_t i = 0; i < dim; ++i) sum[i] = token[i] + place[i] + input.noise[index * dim + i];
            norm(sum, {at(h_, position), dim});
        }
    }

    /// Calls `epilogue(position, row, sum)` for every entry of `x W^T`.
    template <typename Epilogue>
    void multiply(TensorId id, const Activations& x, const Epilogue& epilogue) {
        const auto [rows, columns] = tensor_shape(config_, id);
        const std::uint64_t step = std::max<std::uint64_t>(1, scalar_tile_bytes / columns);
        for (std::uint64_t first = 0; first < rows; first += step) {
            const std::uint64_t count = std::min(step, rows - first);
            const std::int8_t* weights = source_->rows(id, first, count, tile_).data();
            for (std::uint64_t row = 0; row < count; ++row, weights += columns) {
                for (std::size_t position = 0; position < positions_; ++position) {
                    epilogue(position, first + row, dot(x.data() + position * columns, weights, columns));
                }
            }
        }
    }

    /// q, k, v = sat(round(h W^T, qkv_shift))
    void project(TensorId id, Activations& out) {
        multiply(id, h_, [&](std::size_t position, std::uint64_t row, std::int32_t sum) {
            at(out, position)[row] = saturate(round_shift(sum, config_.qkv_shift));
        });
    }

    void attention_block(std::uint32_t layer) {
        project(layer_tensor(layer, LayerTensor::query), q_);
        project(layer_tensor(layer, LayerTensor::key), k_);
        project(layer_tensor(layer, LayerTensor::value), v_);
        for (std::size_t first = 0; first < positions_; first += config_.sequence_length) {
            for (std::uint32_t head = 0; head < config_.heads; ++head) attend(first, head);
        }
        // h = norm((h << attention_residual_shift) + c Wo^T)
        add_and_norm(layer_tensor(layer, LayerTensor::output), c_, config_.attention_residual_shift);
    }

    /// One head of one nonce, whose positions begin at `first`: every query sees every position.
    void attend(std::size_t first, std::uint32_t head) {
        const std::size_t length = config_.sequence_length;
        const std::size_t size = config_.head_dim();
        const std::size_t offset = head * size;
        std::vector<std::int32_t>& w = attention_weights_;
        w.resize(length);
        for (std::size_t query = first; query < first + length; ++query) {
            for (std::size_t t = 0; t < length; ++t)
                w[t] = dot(at(q_, query) + offset, at(k_, first + t) + offset, size);
            const std::int32_t largest = *std::max_element(w.begin(), w.end());
            std::int32_t z = 0;
            for (std::int32_t& value : w) {
                value = attention_weight(largest - value, config_.score_shift);
                z += value;
            }
            const std::int32_t reciprocal = (1 << 24) / z;
            for (std::size_t i = offset; i < offset + size; ++i) {
                std::int32_t sum = 0;
                for (std::size_t t = 0; t < length; ++t) sum += w[t] * at(v_, first + t)[i];
                at(c_, query)[i] = saturate(round_shift(sum * reciprocal, 24));
            }
        }
    }

    void feed_forward_block(std::uint32_t layer) {
        const std::uint32_t width = config_.ffn_dim;
        if (config_.ffn_kind == FfnKind::gated) {
            multiply(layer_tensor(layer, LayerTensor::ffn_up), h_,
                     [&](std::size_t position, std::uint64_t row, std::int32_t sum) {
                         up_[position * width + row] = saturate(round_shift(sum, config_.up_shift));
                     });
        }
        multiply(layer_tensor(layer, LayerTensor::ffn_in), h_,
                 [&](std::size_t position, std::uint64_t row, std::int32_t sum) {
                     const std::size_t index = position * width + row;
                     const std::int8_t folded = fold(round_shift(sum, config_.ffn_shift));
                     a_[index] =
                         config_.ffn_kind == FfnKind::gated
                             ? saturate(round_shift(std::int32_t{folded} * up_[index], config_.gate_shift))
                             : folded;
                 });
        // h = norm((h << ffn_residual_shift) + a W2^T)
        add_and_norm(layer_tensor(layer, LayerTensor::ffn_out), a_, config_.ffn_residual_shift);
    }

    void add_and_norm(TensorId id, const Activations& branch, std::uint32_t residual_shift) {
        const std::size_t dim = config_.model_dim;
        multiply(id, branch, [&](std::size_t position, std::uint64_t row, std::int32_t sum) {
            y_[position * dim + row] = sum + std::int32_t{at(h_, position)[row]} * (1 << residual_shift);
        });
        for (std::size_t position = 0; position < positions_; ++position) {
            norm({y_.data() + position * dim, dim}, {at(h_, position), dim});
        }
    }

    ModelConfig config_;
    std::shared_ptr<const TensorSource> source_;
    std::size_t batch_;
    std::size_t positions_ = 0;
    std::vector<std::int8_t> tile_;
    Activations h_, q_, k_, v_, c_, a_, up_;
    std::vector<std::int32_t> y_;
    std::vector<std::int32_t> attention_weights_;
};

class ScalarNetwork final : public Network {
  public:
    ScalarNetwork(const ModelConfig& config, std::shared_ptr<const TensorSource> source, bool streams)
        : config_{config}, source_{std::move(source)}, streams_{streams} {}

    [[nodiscard]] core::result<std::unique_ptr<ForwardPass>> forward_pass(std::size_t batch) const override {
        POUW_EXPECTS(batch >= 1);
        return std::unique_ptr<ForwardPass>{std::make_unique<ScalarPass>(config_, source_, batch)};
    }
    [[nodiscard]] bool streams() const noexcept override { return streams_; }
    /// A row of weights should serve many positions, and their activations should stay in the second-level
    /// cache.
    [[nodiscard]] std::size_t preferred_batch() const noexcept override {
        return std::max<std::size_t>(1, 16 / config_.sequence_length);
    }
    [[nodiscard]] std::uint64_t memory_bytes() const noexcept override { return source_->memory_bytes(); }

  private:
    ModelConfig config_;
    std::shared_ptr<const TensorSource> source_;
    bool streams_;
};

class ScalarBackend final : public Backend {
  public:
    [[nodiscard]] std::string_view name() const noexcept override { return "scalar"; }
    [[nodiscard]] std::string_view description() const noexcept override {
        return "portable C++: the specification as code";
    }
    [[nodiscard]] bool supported() const noexcept override { return true; }
    [[nodiscard]] core::result<std::shared_ptr<const Network>> load(
        const ModelConfig& config, std::shared_ptr<const TensorSource> source,
        const LoadOptions& options) const override {
        if (options.stored) {
            auto stored = store_tensors(config, *source, options);
            if (!stored) return stored.error();
            source = *std::move(stored);
        }
        return std::shared_ptr<const Network>{
            std::make_shared<ScalarNetwork>(config, std::move(source), !options.stored)};
    }
};

}  // namespace

const Backend& scalar_backend() noexcept {
    static const ScalarBackend backend;
    return backend;
}

}  // namespace pouw::inline v1::pow
