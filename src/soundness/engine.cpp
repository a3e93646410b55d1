#include "soundness/engine.hpp"

#include "soundness/products.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/parallel.hpp"
#include "pouw/crypto/chacha20.hpp"

#include <Eigen/QR>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

namespace pouw::inline v1::soundness {
namespace {

using pow::LayerTensor;
using pow::ModelConfig;
using Floats = std::vector<float>;

/// Rows that a thread carries through a layer at a time.
constexpr std::size_t block_rows = 240;
/// Hidden units computed at a time: their weights and activations fit in the second-level cache.
constexpr std::size_t unit_step = 512;

/// Root mean square of a state.
constexpr float state_rms = 32;

// Integer steps of docs/spec/pow.md section 4.
// ---------------------------------------------------------------------------

float saturated(std::int32_t x) { return static_cast<float>(std::clamp(x, -127, 127)); }

std::int32_t rounded(float sum, std::uint32_t shift) {
    return (static_cast<std::int32_t>(sum) + (1 << (shift - 1))) >> shift;
}

std::uint64_t integer_root(std::uint64_t n) {
    constexpr std::uint64_t largest = 0xffffffff;
    auto root = std::min(static_cast<std::uint64_t>(std::sqrt(static_cast<double>(n))), largest);
    while (root * root > n) --root;
    while (root < largest && (root + 1) * (root + 1) <= n) ++root;
    return root;
}

void exact_norm(const float* y, std::size_t size, bool floor, float* out) {
    std::uint64_t square = 0;
    for (std::size_t i = 0; i < size; ++i) {
        const auto value = static_cast<std::int64_t>(y[i]);
        square += static_cast<std::uint64_t>(value * value);
    }
    const std::uint64_t r = std::max<std::uint64_t>(1, integer_root(square));
    const auto gain = static_cast<std::int64_t>(integer_root(std::uint64_t{size} << 48) * 32 / r);
    for (std::size_t i = 0; i < size; ++i) {
        const std::int64_t scaled = static_cast<std::int64_t>(y[i]) * gain;
        const std::int64_t value = ((scaled >> 23) + (floor ? 0 : 1)) >> 1;
        out[i] = static_cast<float>(std::clamp<std::int64_t>(value, -127, 127));
    }
}

/// The norm of pre-norm networks, in real numbers, with its gains.
void real_norm(const float* y, std::size_t size, const Floats& gains, float* out) {
    double square = 0;
    for (std::size_t i = 0; i < size; ++i) square += static_cast<double>(y[i]) * static_cast<double>(y[i]);
    const auto scale =
        static_cast<float>(state_rms / std::sqrt(std::max(square / static_cast<double>(size), 1e-12)));
    for (std::size_t i = 0; i < size; ++i) out[i] = y[i] * scale * (gains.empty() ? 1.0F : gains[i]);
}

float gelu(float z) {
    const float x = z / state_rms;
    return z * 0.5F * (1 + std::erf(x / std::numbers::sqrt2_v<float>));
}

/// Values of an integer activation for z in -1024..1023, of which fold uses the residue.
class ActivationTable {
  public:
    explicit ActivationTable(Activation activation) {
        for (std::int32_t z = -range; z < range; ++z)
            values_[static_cast<std::size_t>(z + range)] = value(activation, z);
        periodic_ = activation != Activation::relu && activation != Activation::gelu;
    }
    [[nodiscard]] float operator()(std::int32_t z) const {
        const std::int32_t reduced = periodic_ ? (z & 511) : std::clamp(z, -range, range - 1);
        return values_[static_cast<std::size_t>(reduced + range)];
    }

  private:
    static constexpr std::int32_t range = 1024;

    static float value(Activation activation, std::int32_t z) {
        const std::int32_t t = (z + 128) & 511;
        switch (activation) {
            case Activation::fold:
                return saturated(std::min(t, 512 - t) - 128);
            case Activation::even_fold:
                return value(Activation::fold, z + 128);
            case Activation::asymmetric_fold:
                return static_cast<float>(std::min(t, 511 - t) - 128);
            case Activation::raised_fold:
                return std::min(127.0F, value(Activation::fold, z) + 2);
            case Activation::relu:
                return std::max(0.0F, saturated(z));
            case Activation::gelu:
                return std::nearbyint(std::min(127.0F, gelu(saturated(z))));
        }
        return 0;
    }

    std::array<float, 2 * range> values_{};
    bool periodic_ = false;
};

const ActivationTable& activation_table(Activation activation) {
    static const std::array<ActivationTable, 6> tables{
        ActivationTable{Activation::fold},        ActivationTable{Activation::asymmetric_fold},
        ActivationTable{Activation::raised_fold}, ActivationTable{Activation::even_fold},
        ActivationTable{Activation::relu},        ActivationTable{Activation::gelu}};
    return tables.at(static_cast<std::size_t>(activation));
}

// Approximations of weights and activations.
// ---------------------------------------------------------------------------

/// To `bits` bits on -128..128, in the middle of each step.
template <typename Value>
Floats quantised(std::span<const Value> values, unsigned bits, float span) {
    const float step = span / static_cast<float>(1U << bits);
    const float most = span / 2 - step / 2;
    Floats out(values.size());
    std::transform(values.begin(), values.end(), out.begin(), [=](Value value) {
        return std::clamp((std::floor(static_cast<float>(value) / step) + 0.5F) * step, -most, most);
    });
    return out;
}

/// Of four values in a row the two largest.
void make_sparse(std::span<float> values) {
    for (std::size_t i = 0; i + 4 <= values.size(); i += 4) {
        std::array<float, 4> size{};
        for (std::size_t j = 0; j < 4; ++j) size[j] = std::abs(values[i + j]);
        std::nth_element(size.begin(), size.begin() + 1, size.end(), std::greater<>{});
        std::size_t left = 2;
        for (std::size_t j = 0; j < 4; ++j) {
            const bool kept = left > 0 && std::abs(values[i + j]) >= size[1];
            kept ? --left : (values[i + j] = 0, left);
        }
    }
}

/// Near the best matrix of a rank: the space of the largest singular vectors, by subspace iteration.
Floats of_rank(std::span<const float> values, std::size_t rows, std::size_t columns, std::uint32_t rank,
               unsigned threads) {
    constexpr int iterations = 3;
    const Matrix full = Eigen::Map<const Matrix>{values.data(), index_of(rows), index_of(columns)};
    const bool tall = rows >= columns;
    const Matrix transposed = full.transpose();
    const Matrix gram = tall ? multiplied(transposed, full, threads) : multiplied(full, transposed, threads);
    const auto kept = std::min<Eigen::Index>(index_of(rank), gram.rows());
    Matrix basis = gram.leftCols(kept);
    for (int i = 0; i < iterations; ++i) {
        const Eigen::HouseholderQR<Eigen::MatrixXf> factors{
            Eigen::MatrixXf{multiplied(gram, basis, threads)}};
        basis = factors.householderQ() * Eigen::MatrixXf::Identity(gram.rows(), kept);
    }
    const Matrix projector = multiplied(basis, basis.transpose(), threads);
    const Matrix low = tall ? multiplied(full, projector, threads) : multiplied(projector, full, threads);
    return Floats(low.data(), low.data() + low.size());
}

/// The step count of activations that suits a normal law: about its best uniform quantiser.
float normal_span(unsigned bits) {
    constexpr std::array<float, 9> span_in_sigma{0, 3.2F, 4.0F, 4.7F, 5.4F, 6.0F, 6.7F, 7.3F, 8.0F};
    return span_in_sigma.at(std::min(bits, 8U)) * state_rms;
}

void quantise_rows(float* values, std::size_t count, unsigned bits, float span) {
    if (bits >= 8) return;
    const Floats out = quantised(std::span<const float>{values, count}, bits, span);
    std::copy(out.begin(), out.end(), values);
}

/// Gains of one norm: about normal, from a stream that no tensor uses.
Floats random_gains(const Variant& variant, const pow::WeightsKey& key, std::uint32_t id) {
    if (variant.norm_gain == 0) return {};
    constexpr std::size_t draws = 12;
    Floats gains(variant.config.model_dim);
    std::vector<std::uint8_t> bytes(draws * gains.size());
    crypto::ChaCha20Stream{key.bytes, 0x80000000U + id}.read(0, bytes);
    const float unit =
        std::sqrt(static_cast<float>(draws) * (65536 - 1) / 12.0F);  // of the sum of that many bytes
    for (std::size_t i = 0; i < gains.size(); ++i) {
        float sum = 0;
        for (std::size_t d = 0; d < draws; ++d) sum += static_cast<float>(bytes[draws * i + d]) - 127.5F;
        gains[i] = variant.norm_gain * sum / unit;
    }
    return gains;
}

}  // namespace

double Approximation::cost(const ModelConfig& config) const {
    const double dim = config.model_dim;
    const double precision = weight_bits * activation_bits / 64.0 * (sparse_weights ? 0.5 : 1);
    const auto matrix = [&](double rows, double columns) {
        return rank == 0 ? rows * columns : std::min(rows * columns, rank * (rows + columns));
    };
    const double matrices = config.ffn_kind == pow::FfnKind::gated ? 3 : 2;
    const double ffn = matrices * config.ffn_dim * dim;
    double own_attention = 0;
    if (attention == Attention::own) own_attention = 2 * matrix(dim, dim);
    if (attention == Attention::full || attention == Attention::strongest)
        own_attention = 4 * matrix(dim, dim);
    double own_ffn = skip_ffn ? 0 : matrices * matrix(config.ffn_dim * ffn_units, dim);
    if (ffn_surrogate) own_ffn = dim * dim;
    return precision * (own_attention + own_ffn) / (4 * dim * dim + ffn);
}

struct Engine::Layer {
    Approximation approximation;
    std::size_t units = 0;  ///< hidden units that are computed
    PackedMatrix query, key, value, output, in, up, out, surrogate;
    Floats attention_gains, ffn_gains;
};

namespace {

using Layer = Engine::Layer;

/// One block of rows on its way through a layer.
class BlockPass {
  public:
    BlockPass(const Variant& variant, const Layer& layer, float* states, std::size_t rows)
        : variant_{variant},
          config_{variant.config},
          layer_{layer},
          states_{states},
          rows_{rows},
          dim_{variant.config.model_dim},
          activation_{activation_table(variant.activation)} {}

    void attention() {
        if (layer_.approximation.attention != Attention::none)
            add_branch(attention_branch(), config_.attention_residual_shift);
    }

    [[nodiscard]] Floats attention_branch() {
        const Floats x = left_factor(layer_.attention_gains);
        const bool scores = layer_.approximation.attention != Attention::own;
        Floats q, k;
        if (scores) {
            q = projected(x, layer_.query);
            k = projected(x, layer_.key);
        }
        const Floats v = projected(x, layer_.value);
        Floats c = scores ? Floats(rows_ * dim_) : v;
        if (scores) {
            const std::size_t length = config_.sequence_length;
            for (std::size_t first = 0; first < rows_; first += length) {
                for (std::size_t head = 0; head < config_.heads; ++head) {
                    if (exact()) {
                        attend(q, k, v, first, head, c);
                    } else {
                        attend_causally(q, k, v, first, head, c);
                    }
                }
            }
        }
        quantise_rows(c.data(), c.size(), layer_.approximation.activation_bits,
                      normal_span(layer_.approximation.activation_bits));
        Floats y(rows_ * dim_);
        multiply(block(c, dim_), layer_.output, {0, dim_}, {0, dim_}, {y.data(), rows_, dim_}, false);
        return y;
    }

    void feed_forward() {
        if (!layer_.approximation.skip_ffn) add_branch(feed_forward_branch(), config_.ffn_residual_shift);
    }

    [[nodiscard]] Floats feed_forward_branch() {
        const Floats x = left_factor(layer_.ffn_gains);
        Floats y(rows_ * dim_);
        if (layer_.approximation.ffn_surrogate) {
            multiply(block(x, dim_), layer_.surrogate, {0, dim_}, {0, dim_}, {y.data(), rows_, dim_}, false);
            return y;
        }
        Floats hidden(rows_ * unit_step);
        for (std::size_t first = 0; first < layer_.units; first += unit_step) {
            const std::size_t units = std::min(unit_step, layer_.units - first);
            hidden_units(x, {first, units}, hidden);
            multiply({hidden.data(), rows_, unit_step}, layer_.out, {first, units}, {0, dim_},
                     {y.data(), rows_, dim_}, first > 0);
        }
        return y;
    }

    /// Writes all hidden units to `out`, which has a row for each of the rows.
    void hidden_units(float* out) {
        const Floats x = left_factor(layer_.ffn_gains);
        Floats hidden(rows_ * unit_step);
        for (std::size_t first = 0; first < layer_.units; first += unit_step) {
            const std::size_t units = std::min(unit_step, layer_.units - first);
            hidden_units(x, {first, units}, hidden);
            for (std::size_t row = 0; row < rows_; ++row)
                std::copy_n(&hidden[row * unit_step], units, out + row * layer_.units + first);
        }
    }

  private:
    [[nodiscard]] bool exact() const { return variant_.arrangement == Arrangement::post_norm; }

    static Block<const float> block(const Floats& values, std::size_t stride) {
        return {values.data(), values.size() / stride, stride};
    }

    /// What the products of a block read.
    [[nodiscard]] Floats left_factor(const Floats& gains) const {
        Floats x(states_, states_ + rows_ * dim_);
        if (!exact()) {
            for (std::size_t row = 0; row < rows_; ++row)
                real_norm(states_ + row * dim_, dim_, gains, &x[row * dim_]);
        }
        quantise_rows(x.data(), x.size(), layer_.approximation.activation_bits,
                      normal_span(layer_.approximation.activation_bits));
        return x;
    }

    [[nodiscard]] Floats projected(const Floats& x, const PackedMatrix& weights) const {
        Floats out(rows_ * dim_);
        multiply(block(x, dim_), weights, {0, dim_}, {0, dim_}, {out.data(), rows_, dim_}, false);
        if (exact()) {
            for (float& value : out) value = saturated(rounded(value, config_.qkv_shift));
        } else {
            const float scale = std::ldexp(1.0F, -static_cast<int>(config_.qkv_shift));
            for (float& value : out) value *= scale;
        }
        return out;
    }

    void attend(const Floats& q, const Floats& k, const Floats& v, std::size_t first, std::size_t head,
                Floats& c) {
        const std::size_t length = config_.sequence_length;
        const std::size_t size = config_.head_dim();
        const std::size_t offset = head * size;
        const std::uint32_t shift = config_.score_shift;
        weights_.resize(length);
        for (std::size_t query = first; query < first + length; ++query) {
            for (std::size_t t = 0; t < length; ++t) {
                const float* const own = &q[query * dim_ + offset];
                const float* const other = &k[(first + t) * dim_ + offset];
                float sum = 0;
                for (std::size_t i = 0; i < size; ++i) sum += own[i] * other[i];
                weights_[t] = static_cast<std::int32_t>(sum);
            }
            const std::int32_t largest = *std::max_element(weights_.begin(), weights_.end());
            std::int32_t total = 0;
            for (std::int32_t& weight : weights_) {
                const std::int32_t distance = largest - weight;
                const std::int32_t halvings = distance >> shift;
                const std::int32_t remainder = distance & ((1 << shift) - 1);
                weight = halvings > 15 ? 0 : (((2 << shift) - remainder) << (14 - shift)) >> halvings;
                if (layer_.approximation.attention == Attention::strongest && distance > 0) weight = 0;
                total += weight;
            }
            const std::int32_t reciprocal = (1 << 24) / total;
            for (std::size_t i = offset; i < offset + size; ++i) {
                std::int32_t sum = 0;
                for (std::size_t t = 0; t < length; ++t)
                    sum += weights_[t] * static_cast<std::int32_t>(v[(first + t) * dim_ + i]);
                c[query * dim_ + i] = saturated((sum * reciprocal + (1 << 23)) >> 24);
            }
        }
    }

    /// The same in real numbers, where a position sees those up to itself.
    void attend_causally(const Floats& q, const Floats& k, const Floats& v, std::size_t first,
                         std::size_t head, Floats& c) {
        const std::size_t length = config_.sequence_length;
        const std::size_t size = config_.head_dim();
        const std::size_t offset = head * size;
        const float unit = std::ldexp(1.0F, -static_cast<int>(config_.score_shift));
        Floats weights(length);
        for (std::size_t own = 0; own < length; ++own) {
            float total = 0;
            for (std::size_t t = 0; t <= own; ++t) {
                float sum = 0;
                for (std::size_t i = offset; i < offset + size; ++i)
                    sum += q[(first + own) * dim_ + i] * k[(first + t) * dim_ + i];
                weights[t] = std::exp2(std::min(sum * unit, 60.0F));
                total += weights[t];
            }
            for (std::size_t i = offset; i < offset + size; ++i) {
                float sum = 0;
                for (std::size_t t = 0; t <= own; ++t) sum += weights[t] * v[(first + t) * dim_ + i];
                c[(first + own) * dim_ + i] = sum / total;
            }
        }
    }

    /// Some hidden units of what the products read, at most `unit_step`.
    void hidden_units(const Floats& x, Range units, Floats& hidden) {
        const bool gated = config_.ffn_kind == pow::FfnKind::gated;
        gate_.resize(gated ? hidden.size() : 0);
        multiply(block(x, dim_), layer_.in, {0, dim_}, units, {hidden.data(), rows_, unit_step}, false);
        if (gated)
            multiply(block(x, dim_), layer_.up, {0, dim_}, units, {gate_.data(), rows_, unit_step}, false);
        activate(hidden, gate_, units.count);
    }

    /// Hidden units in place, with their gates.
    void activate(Floats& hidden, const Floats& gate, std::size_t units) const {
        for (std::size_t row = 0; row < rows_; ++row) {
            float* const a = &hidden[row * unit_step];
            if (exact()) {
                for (std::size_t i = 0; i < units; ++i) a[i] = activation_(rounded(a[i], config_.ffn_shift));
            } else {
                const float scale = std::ldexp(1.0F, -static_cast<int>(config_.ffn_shift));
                for (std::size_t i = 0; i < units; ++i) {
                    const float z = a[i] * scale;
                    a[i] = variant_.activation == Activation::gelu
                               ? gelu(z)
                               : activation_(static_cast<std::int32_t>(z));
                }
            }
            if (gate.empty()) continue;
            const float* const up = &gate[row * unit_step];
            for (std::size_t i = 0; i < units; ++i) {
                a[i] = saturated(
                    rounded(a[i] * saturated(rounded(up[i], config_.up_shift)), config_.gate_shift));
            }
        }
        quantise_rows(hidden.data(), hidden.size(), layer_.approximation.activation_bits, 256);
    }

    void add_branch(const Floats& branch, std::uint32_t residual_shift) {
        if (exact()) {
            const auto unit = static_cast<float>(1U << residual_shift);
            Floats sum(dim_);
            for (std::size_t row = 0; row < rows_; ++row) {
                float* const h = states_ + row * dim_;
                for (std::size_t i = 0; i < dim_; ++i) sum[i] = h[i] * unit + branch[row * dim_ + i];
                exact_norm(sum.data(), dim_, variant_.floor_norm, h);
            }
        } else {
            const float unit = std::ldexp(1.0F, -static_cast<int>(residual_shift));
            for (std::size_t i = 0; i < rows_ * dim_; ++i) states_[i] += branch[i] * unit;
        }
    }

    const Variant& variant_;
    const ModelConfig& config_;
    const Layer& layer_;
    float* states_;
    std::size_t rows_;
    std::size_t dim_;
    const ActivationTable& activation_;
    std::vector<std::int32_t> weights_;
    Floats gate_;
};

}  // namespace

Engine::Engine(Variant variant, const pow::WeightsKey& key, unsigned threads)
    : variant_{std::move(variant)}, source_{variant_, key}, key_{key}, threads_{threads} {
    POUW_EXPECTS(pow::validate(variant_.config) && threads >= 1);
}

Matrix Engine::embed(std::span<const pow::Input> inputs) const {
    const std::size_t dim = variant_.config.model_dim;
    const std::size_t length = variant_.config.sequence_length;
    Matrix states(index_of(inputs.size() * length), index_of(dim));
    std::vector<std::int8_t> scratch(2 * dim);
    Floats sum(dim);
    const Floats none;
    for (std::size_t row = 0; row < inputs.size() * length; ++row) {
        const pow::Input& input = inputs[row / length];
        const std::size_t index = row % length;
        const auto token =
            source_.rows(pow::token_embedding, input.tokens[index], 1, std::span{scratch}.first(dim));
        const auto place = source_.rows(pow::position_embedding, index, 1, std::span{scratch}.subspan(dim));
        for (std::size_t i = 0; i < dim; ++i) {
            const int noise = variant_.input_noise ? input.noise[index * dim + i] : 0;
            sum[i] = static_cast<float>(token[i] + place[i] + noise) + 2 * variant_.weight_mean;
        }
        float* const h = states.row(index_of(row)).data();
        if (variant_.arrangement == Arrangement::post_norm) {
            exact_norm(sum.data(), dim, variant_.floor_norm, h);
        } else {
            real_norm(sum.data(), dim, none, h);
        }
    }
    return states;
}

std::shared_ptr<const Engine::Layer> Engine::load(std::uint32_t layer,
                                                  const Approximation& approximation) const {
    const ModelConfig& config = variant_.config;
    POUW_EXPECTS(layer < config.layers);
    auto loaded = std::make_shared<Layer>();
    loaded->approximation = approximation;
    const auto wanted = static_cast<std::size_t>(std::lround(config.ffn_dim * approximation.ffn_units));
    loaded->units = std::clamp<std::size_t>((wanted + 31) / 32 * 32, 32, config.ffn_dim);
    std::vector<std::int8_t> scratch;
    const auto read = [&](LayerTensor which) {
        const auto id = pow::layer_tensor(layer, which);
        const auto [rows, columns] = pow::tensor_shape(config, id);
        scratch.resize(rows * columns);
        const auto values = source_.rows(id, 0, rows, scratch);
        if (approximation.weight_bits >= 8 && approximation.rank == 0 && !approximation.sparse_weights &&
            variant_.weight_mean == 0)
            return PackedMatrix{values, rows, columns};
        Floats real = approximation.weight_bits < 8 ? quantised(values, approximation.weight_bits, 256)
                                                    : Floats(values.begin(), values.end());
        if (approximation.sparse_weights) make_sparse(real);
        if (approximation.rank != 0) real = of_rank(real, rows, columns, approximation.rank, threads_);
        for (float& value : real) value += variant_.weight_mean;
        return PackedMatrix{std::span<const float>{real}, rows, columns};
    };
    const Attention attention = approximation.attention;
    if (attention == Attention::full || attention == Attention::strongest) {
        loaded->query = read(LayerTensor::query);
        loaded->key = read(LayerTensor::key);
    }
    if (attention != Attention::none) {
        loaded->value = read(LayerTensor::value);
        loaded->output = read(LayerTensor::output);
    }
    if (approximation.ffn_surrogate) {
        const Matrix& map = *approximation.ffn_surrogate;
        loaded->surrogate = PackedMatrix{std::span<const float>{map.data(), size_of(map.size())},
                                         size_of(map.rows()), size_of(map.cols())};
    } else if (!approximation.skip_ffn) {
        loaded->in = read(LayerTensor::ffn_in);
        if (config.ffn_kind == pow::FfnKind::gated) loaded->up = read(LayerTensor::ffn_up);
        loaded->out = read(LayerTensor::ffn_out);
    }
    loaded->attention_gains = random_gains(variant_, key_, 2 * layer);
    loaded->ffn_gains = random_gains(variant_, key_, 2 * layer + 1);
    return loaded;
}

template <typename Work>
bool Engine::in_row_blocks(std::stop_token stop, std::size_t rows, const Work& work) const {
    const std::size_t length = variant_.config.sequence_length;
    const std::size_t step = std::max(length, block_rows / length * length);
    return core::parallel_for((rows + step - 1) / step, threads_, {}, stop, [&](std::size_t block) {
        work(block * step, std::min(step, rows - block * step));
    });
}

bool Engine::apply(const Layer& layer, Matrix& states, std::stop_token stop, Matrix* after_attention) const {
    if (after_attention != nullptr) after_attention->resize(states.rows(), states.cols());
    return in_row_blocks(stop, size_of(states.rows()), [&](std::size_t first, std::size_t count) {
        BlockPass pass{variant_, layer, states.row(index_of(first)).data(), count};
        pass.attention();
        if (after_attention != nullptr) {
            after_attention->middleRows(index_of(first), index_of(count)) =
                states.middleRows(index_of(first), index_of(count));
        }
        pass.feed_forward();
    });
}

template <typename Compute>
Matrix Engine::computed(const Layer& layer, const Matrix& states, std::size_t columns,
                        const Compute& compute) const {
    Matrix scratch = states;
    Matrix out(states.rows(), index_of(columns));
    in_row_blocks({}, size_of(states.rows()), [&](std::size_t first, std::size_t count) {
        BlockPass pass{variant_, layer, scratch.row(index_of(first)).data(), count};
        compute(pass, out.row(index_of(first)).data());
    });
    return out;
}

Matrix Engine::attention(const Layer& layer, const Matrix& states) const {
    return computed(layer, states, size_of(states.cols()), [](BlockPass& pass, float* out) {
        const Floats branch = pass.attention_branch();
        std::copy(branch.begin(), branch.end(), out);
    });
}

Matrix Engine::feed_forward(const Layer& layer, const Matrix& states) const {
    return computed(layer, states, size_of(states.cols()), [](BlockPass& pass, float* out) {
        const Floats branch = pass.feed_forward_branch();
        std::copy(branch.begin(), branch.end(), out);
    });
}

Matrix Engine::hidden_units(const Layer& layer, const Matrix& states) const {
    return computed(layer, states, layer.units, [](BlockPass& pass, float* out) { pass.hidden_units(out); });
}

Matrix Engine::outputs(const Matrix& states) const {
    const auto length = static_cast<Eigen::Index>(variant_.config.sequence_length);
    Matrix out(states.rows() / length, states.cols());
    const Floats gains = random_gains(variant_, key_, 2 * variant_.config.layers);
    for (Eigen::Index i = 0; i < out.rows(); ++i) {
        out.row(i) = states.row((i + 1) * length - 1);
        if (variant_.arrangement == Arrangement::post_norm) continue;
        float* const row = out.row(i).data();
        const std::size_t size = size_of(out.cols());
        real_norm(row, size, gains, row);
        real_norm(row, size, {}, row);
        for (std::size_t c = 0; c < size; ++c)
            row[c] = saturated(static_cast<std::int32_t>(std::lround(row[c])));
    }
    return out;
}

}  // namespace pouw::inline v1::soundness
