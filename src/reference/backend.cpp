/// docs/spec/pow.md section 4 on whole arrays: [position][coordinate], the positions of all nonces of a batch
/// below each other. It must not include anything of src/pow: what both backends used could be wrong in both.
#include "pouw/reference/backend.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"

#include <Eigen/Core>
#include <gsl/util>
#include <xtensor/xmath.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xvectorize.hpp>
#include <xtensor/xview.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace pouw::inline v1::reference {
namespace {

using pow::FfnKind;
using pow::Input;
using pow::LayerTensor;
using pow::ModelConfig;
using pow::TensorId;

using Array = xt::xtensor<std::int64_t, 2>;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Weights read at a time, or one row where that is longer.
constexpr std::uint64_t tile_size = std::uint64_t{1} << 18;

// Views of one layout as the other.
// ---------------------------------------------------------------------------

template <typename Integer>
Matrix to_matrix(const Integer* data, std::size_t rows, std::size_t columns) {
    using Integers = Eigen::Matrix<Integer, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    return Eigen::Map<const Integers>{data, gsl::narrow_cast<Eigen::Index>(rows),
                                      gsl::narrow_cast<Eigen::Index>(columns)}
        .template cast<double>();
}

Matrix to_matrix(const Array& x) { return to_matrix(x.data(), x.shape(0), x.shape(1)); }

Array to_array(const Matrix& x) {
    Array out = Array::from_shape({static_cast<std::size_t>(x.rows()), static_cast<std::size_t>(x.cols())});
    std::transform(x.data(), x.data() + x.size(), out.data(),
                   [](double value) { return static_cast<std::int64_t>(value); });
    return out;
}

// Element by element.
// -----------------------------------------------------------------------------------------

std::int64_t power_of_two(std::uint32_t exponent) { return std::int64_t{1} << exponent; }

/// a / b rounded down; b > 0.
std::int64_t floor_divide(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

std::int64_t floor_remainder(std::int64_t a, std::int64_t b) { return a - b * floor_divide(a, b); }

Array saturated(const Array& x) { return xt::clip(x, -127, 127); }

/// x / 2^shift to the nearest integer, halves up: floor((2x + 2^shift) / 2^(shift + 1)).
Array rounded(const Array& x, std::uint32_t shift) {
    return xt::vectorize(floor_divide)(2 * x + power_of_two(shift), power_of_two(shift + 1));
}

/// The triangle wave: z in -128..128 stays, the other half of the period -256..255 is mirrored at ±128.
Array folded(const Array& z) {
    const Array period = xt::vectorize(floor_remainder)(z + 256, std::int64_t{512}) - 256;
    return saturated(xt::where(period > 128, 256 - period, xt::where(period < -128, -256 - period, period)));
}

/// The integer square root: the floating-point one, put right.
std::uint64_t integer_root(std::uint64_t n) {
    constexpr std::uint64_t largest = 0xffffffff;
    auto root = std::min(static_cast<std::uint64_t>(std::sqrt(static_cast<double>(n))), largest);
    while (root * root > n) --root;
    while (root < largest && (root + 1) * (root + 1) <= n) ++root;
    return root;
}

/// `norm` of every row.
Array normed(const Array& y) {
    const std::uint64_t one = integer_root(std::uint64_t{y.shape(1)} << 48) * 32;
    const xt::xtensor<std::uint64_t, 2> wide = xt::cast<std::uint64_t>(y);
    Array out = Array::from_shape(y.shape());
    for (std::size_t row = 0; row < y.shape(0); ++row) {
        const auto values = xt::view(wide, row, xt::all());
        const std::uint64_t square = xt::sum<std::uint64_t>(values * values)();
        const std::uint64_t gain = one / std::max<std::uint64_t>(1, integer_root(square));
        xt::view(out, row, xt::all()) = xt::cast<std::int64_t>(values * gain);  // modulo 2^64
    }
    // (x + 2^23) >> 24 for every x, without its overflow.
    const Array halves = xt::vectorize(floor_divide)(out, power_of_two(23));
    return saturated(xt::vectorize(floor_divide)(halves + 1, std::int64_t{2}));
}

/// 2^-(e / 2^shift) with 15 fraction bits, linear between whole exponents, and 0 from 16 on.
Array attention_weights(const Array& e, std::uint32_t shift) {
    const std::int64_t unit = power_of_two(shift);
    const Array exponent = xt::vectorize(floor_divide)(e, unit);
    const Array mantissa = (2 * unit - (e - exponent * unit)) * power_of_two(14 - shift);
    const auto scale = xt::vectorize([](std::int64_t n) { return std::int64_t{1} << n; });
    const Array weights = xt::vectorize(floor_divide)(mantissa, scale(xt::minimum(exponent, 16)));
    return xt::where(exponent > 15, 0, weights);
}

/// One head of one nonce: q, k and v are [position][coordinate of the head].
Array attended(const Array& q, const Array& k, const Array& v, std::uint32_t shift) {
    const Array scores = to_array(to_matrix(q) * to_matrix(k).transpose());
    const Array largest = xt::amax(scores, {1}, xt::keep_dims);
    const Array weights = attention_weights(largest - scores, shift);
    const Array total = xt::sum(weights, {1}, xt::keep_dims);
    const Array mixed = to_array(to_matrix(weights) * to_matrix(v));
    return saturated(rounded(mixed * xt::vectorize(floor_divide)(power_of_two(24), total), 24));
}

// The network.
// ------------------------------------------------------------------------------------------------

class ReferencePass final : public pow::ForwardPass {
  public:
    ReferencePass(const ModelConfig& config, std::shared_ptr<const pow::TensorSource> source,
                  std::size_t batch)
        : config_{config},
          source_{std::move(source)},
          batch_{batch},
          scratch_(std::max<std::uint64_t>({tile_size, config.model_dim, config.ffn_dim})) {}

    core::result<void> run(std::span<const Input> inputs, std::span<std::int8_t> outputs,
                           std::stop_token stop) override {
        POUW_EXPECTS(inputs.size() <= batch_ && outputs.size() >= inputs.size() * config_.model_dim);
        if (inputs.empty()) return {};
        Array h = embed(inputs);
        for (std::uint32_t layer = 0; layer < config_.layers; ++layer) {
            if (stop.stop_requested()) return core::fail(core::errc::cancelled);
            h = attention_block(layer, h);
            h = feed_forward_block(layer, h);
        }
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            const auto last = xt::view(h, (i + 1) * config_.sequence_length - 1, xt::all());
            std::transform(last.begin(), last.end(),
                           outputs.subspan(i * config_.model_dim, config_.model_dim).begin(),
                           [](std::int64_t value) { return static_cast<std::int8_t>(value); });
        }
        return {};
    }

  private:
    /// Row `index` of a tensor.
    xt::xtensor<std::int64_t, 1> row(TensorId id, std::uint64_t index) {
        const auto values = source_->rows(id, index, 1, scratch_);
        xt::xtensor<std::int64_t, 1> out = xt::xtensor<std::int64_t, 1>::from_shape({values.size()});
        std::copy(values.begin(), values.end(), out.begin());
        return out;
    }

    Array embed(std::span<const Input> inputs) {
        const std::size_t length = config_.sequence_length;
        Array sum = Array::from_shape({inputs.size() * length, config_.model_dim});
        for (std::size_t position = 0; position < sum.shape(0); ++position) {
            const auto& [tokens, noise] = inputs[position / length];
            const std::size_t index = position % length;
            const auto own = std::span{noise}.subspan(index * config_.model_dim, config_.model_dim);
            auto place = xt::view(sum, position, xt::all());
            std::copy(own.begin(), own.end(), place.begin());
            place += row(pow::token_embedding, tokens[index]) + row(pow::position_embedding, index);
        }
        return normed(sum);
    }

    /// x times the transpose of a tensor of `layer`.
    Array product(const Array& x, std::uint32_t layer, LayerTensor which) {
        const TensorId id = pow::layer_tensor(layer, which);
        const auto [rows, columns] = pow::tensor_shape(config_, id);
        const Matrix left = to_matrix(x);
        Array out = Array::from_shape({x.shape(0), rows});
        const std::uint64_t step = std::max<std::uint64_t>(1, tile_size / columns);
        for (std::uint64_t first = 0; first < rows; first += step) {
            const std::uint64_t count = std::min(step, rows - first);
            const auto weights = source_->rows(id, first, count, scratch_);
            const Matrix tile = to_matrix(weights.data(), count, columns);
            xt::view(out, xt::all(), xt::range(first, first + count)) = to_array(left * tile.transpose());
        }
        return out;
    }

    Array attention_block(std::uint32_t layer, const Array& h) {
        const auto projected = [&](LayerTensor which) {
            return saturated(rounded(product(h, layer, which), config_.qkv_shift));
        };
        const Array q = projected(LayerTensor::query);
        const Array k = projected(LayerTensor::key);
        const Array v = projected(LayerTensor::value);
        Array c = Array::from_shape(h.shape());
        for (std::size_t first = 0; first < h.shape(0); first += config_.sequence_length) {
            for (std::size_t head = 0; head < config_.heads; ++head) {
                const auto part = [&](auto& x) {
                    return xt::view(x, xt::range(first, first + config_.sequence_length),
                                    xt::range(head * config_.head_dim(), (head + 1) * config_.head_dim()));
                };
                part(c) = attended(part(q), part(k), part(v), config_.score_shift);
            }
        }
        return normed(h * power_of_two(config_.attention_residual_shift) +
                      product(c, layer, LayerTensor::output));
    }

    Array feed_forward_block(std::uint32_t layer, const Array& h) {
        Array a = folded(rounded(product(h, layer, LayerTensor::ffn_in), config_.ffn_shift));
        if (config_.ffn_kind == FfnKind::gated) {
            const Array up = saturated(rounded(product(h, layer, LayerTensor::ffn_up), config_.up_shift));
            a = saturated(rounded(a * up, config_.gate_shift));
        }
        return normed(h * power_of_two(config_.ffn_residual_shift) + product(a, layer, LayerTensor::ffn_out));
    }

    ModelConfig config_;
    std::shared_ptr<const pow::TensorSource> source_;
    std::size_t batch_;
    std::vector<std::int8_t> scratch_;
};

class ReferenceNetwork final : public pow::Network {
  public:
    ReferenceNetwork(const ModelConfig& config, std::shared_ptr<const pow::TensorSource> source)
        : config_{config}, source_{std::move(source)} {}

    [[nodiscard]] core::result<std::unique_ptr<pow::ForwardPass>> forward_pass(
        std::size_t batch) const override {
        POUW_EXPECTS(batch >= 1);
        return std::unique_ptr<pow::ForwardPass>{std::make_unique<ReferencePass>(config_, source_, batch)};
    }
    [[nodiscard]] bool streams() const noexcept override { return true; }
    /// Generating the weights should cost less than multiplying by them.
    [[nodiscard]] std::size_t preferred_batch() const noexcept override {
        return std::max<std::size_t>(1, 64 / config_.sequence_length);
    }
    [[nodiscard]] std::uint64_t memory_bytes() const noexcept override { return source_->memory_bytes(); }

  private:
    ModelConfig config_;
    std::shared_ptr<const pow::TensorSource> source_;
};

class ReferenceBackend final : public pow::Backend {
  public:
    [[nodiscard]] std::string_view name() const noexcept override { return "reference"; }
    [[nodiscard]] std::string_view description() const noexcept override {
        return "float64 products on Eigen and xtensor: an independent check, slow";
    }
    [[nodiscard]] bool supported() const noexcept override { return true; }
    [[nodiscard]] core::result<std::shared_ptr<const pow::Network>> load(
        const ModelConfig& config, std::shared_ptr<const pow::TensorSource> source,
        const pow::LoadOptions&) const override {
        return std::shared_ptr<const pow::Network>{
            std::make_shared<ReferenceNetwork>(config, std::move(source))};
    }
};

}  // namespace

const pow::Backend& backend() noexcept {
    static const ReferenceBackend instance;
    return instance;
}

void register_backend() {
    [[maybe_unused]] static const bool once = [] {
        pow::register_backend(backend(), -1);
        return true;
    }();
}

}  // namespace pouw::inline v1::reference
