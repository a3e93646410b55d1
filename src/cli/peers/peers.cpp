#include "cli/peers/peers.hpp"

#include <Eigen/Core>
#include <dnnl.hpp>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace pouw::inline v1::cli {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Nonces computed together: more gains a library nothing.
constexpr std::size_t nonces = 64;

/// Layers with weights of their own, used in turn: more than any cache holds, less than the memory of small
/// machines.
constexpr std::size_t distinct_layers = 4;

/// The products of a layer, in order.
enum Product : std::size_t { query, key, value, output, ffn_in, ffn_out, product_count };

struct Shape {
    std::size_t rows, columns;
};

Shape shape(const pow::ModelConfig& c, std::size_t product) {
    if (product == ffn_in) return {c.ffn_dim, c.model_dim};
    if (product == ffn_out) return {c.model_dim, c.ffn_dim};
    return {c.model_dim, c.model_dim};
}

/// The forward pass around products that a library computes; the steps between them in float32, in one pass
/// each.
class Model : public Peer {
  public:
    explicit Model(const pow::ModelConfig& config)
        : config_{config}, positions_{nonces * config.sequence_length} {
        const auto matrix = [&](std::size_t columns) {
            return Matrix{static_cast<Eigen::Index>(positions_), static_cast<Eigen::Index>(columns)};
        };
        for (Matrix* m : {&h_, &q_, &k_, &v_, &c_, &y_}) *m = matrix(config.model_dim);
        a_ = matrix(config.ffn_dim);
    }

    [[nodiscard]] std::size_t batch() const override { return nonces; }

    void run() override {
        for (Eigen::Index i = 0; i < h_.size(); ++i) h_.data()[i] = static_cast<float>(i * 37 % 65 - 32);
        for (std::size_t layer = 0; layer < config_.layers; ++layer) {
            const std::size_t which = layer % distinct_layers;
            begin(h_);
            for (auto [product, out] : {std::pair{query, &q_}, std::pair{key, &k_}, std::pair{value, &v_}}) {
                multiply(which, product, h_, *out);
                const float scale = std::ldexp(1.0f, -static_cast<int>(config_.qkv_shift));
                *out = (*out * scale).array().round().min(127.0f).max(-127.0f);
            }
            attend();
            begin(c_);
            multiply(which, output, c_, y_);
            add_and_norm(config_.attention_residual_shift);
            begin(h_);
            multiply(which, ffn_in, h_, a_);
            fold();
            begin(a_);
            multiply(which, ffn_out, a_, y_);
            add_and_norm(config_.ffn_residual_shift);
        }
    }

  protected:
    [[nodiscard]] std::size_t positions() const { return positions_; }
    [[nodiscard]] const pow::ModelConfig& config() const { return config_; }

    /// Called with what the products that follow read.
    virtual void begin(const Matrix& x) = 0;
    /// out = x W^T
    virtual void multiply(std::size_t layer, std::size_t product, const Matrix& x, Matrix& out) = 0;

  private:
    void fold() {
        const float scale = std::ldexp(1.0f, -static_cast<int>(config_.ffn_shift));
        for (Eigen::Index i = 0; i < a_.size(); ++i) {
            const float z = std::floor(a_.data()[i] * scale + 0.5f) + 128.0f;
            const float t = z - 512.0f * std::floor(z * (1.0f / 512.0f));
            a_.data()[i] = std::min(127.0f, std::max(-127.0f, std::min(t, 512.0f - t) - 128.0f));
        }
    }

    void attend() {
        const std::size_t length = config_.sequence_length;
        const std::size_t size = config_.head_dim();
        const float unit = std::ldexp(1.0f, -static_cast<int>(config_.score_shift));
        std::vector<float> w(length);
        for (std::size_t query = 0; query < positions_; ++query) {
            const std::size_t first = query / length * length;
            for (std::size_t head = 0; head < config_.heads; ++head) {
                const auto at = [&](const Matrix& m, std::size_t position) {
                    return m.data() + position * config_.model_dim + head * size;
                };
                float largest = -1e30f;
                for (std::size_t t = 0; t < length; ++t) {
                    float score = 0;
                    for (std::size_t i = 0; i < size; ++i) score += at(q_, query)[i] * at(k_, first + t)[i];
                    w[t] = score * unit;
                    largest = std::max(largest, w[t]);
                }
                float z = 0;
                for (std::size_t t = 0; t < length; ++t) z += w[t] = std::exp2(w[t] - largest);
                float* out = c_.data() + query * config_.model_dim + head * size;
                for (std::size_t i = 0; i < size; ++i) {
                    float sum = 0;
                    for (std::size_t t = 0; t < length; ++t) sum += w[t] * at(v_, first + t)[i];
                    out[i] = std::floor(sum / z + 0.5f);
                }
            }
        }
    }

    void add_and_norm(std::uint32_t shift) {
        const float residual = std::ldexp(1.0f, static_cast<int>(shift));
        for (Eigen::Index p = 0; p < h_.rows(); ++p) {
            y_.row(p) += residual * h_.row(p);
            const float scale = 32.0f * std::sqrt(static_cast<float>(config_.model_dim)) / y_.row(p).norm();
            h_.row(p) = (y_.row(p) * scale).array().round().min(127.0f).max(-127.0f);
        }
    }

    pow::ModelConfig config_;
    std::size_t positions_;
    Matrix h_, q_, k_, v_, c_, y_, a_;
};

float weight(std::uint32_t& state) {
    state = state * 1664525u + 1013904223u;
    return static_cast<float>(static_cast<int>(state >> 24) - 128);
}

class EigenFloat final : public Model {
  public:
    explicit EigenFloat(const pow::ModelConfig& config) : Model{config} {
        std::uint32_t state = 1;
        for (std::size_t i = 0; i < distinct_layers * product_count; ++i) {
            const auto [rows, columns] = shape(config, i % product_count);
            Matrix& m = weights_.emplace_back(rows, columns);
            for (Eigen::Index j = 0; j < m.size(); ++j) m.data()[j] = weight(state);
        }
    }
    [[nodiscard]] std::string_view name() const override { return "Eigen float32"; }

  private:
    void begin(const Matrix&) override {}
    void multiply(std::size_t layer, std::size_t product, const Matrix& x, Matrix& out) override {
        out.noalias() = x * weights_[layer * product_count + product].transpose();
    }
    std::vector<Matrix> weights_;
};

/// oneDNN's matrix product with weights in the layout that it asks for.
class OneDnn final : public Model {
  public:
    OneDnn(const pow::ModelConfig& config, bool int8)
        : Model{config}, int8_{int8}, engine_{dnnl::engine::kind::cpu, 0}, stream_{engine_} {
        using dnnl::memory;
        const auto any = memory::format_tag::any;
        const auto source_type = int8 ? memory::data_type::u8 : memory::data_type::f32;
        const auto weight_type = int8 ? memory::data_type::s8 : memory::data_type::f32;
        const auto sum_type = int8 ? memory::data_type::s32 : memory::data_type::f32;
        std::uint32_t state = 1;
        for (std::size_t i = 0; i < distinct_layers * product_count; ++i) {
            const auto [rows, columns] = shape(config, i % product_count);
            const auto n = static_cast<memory::dim>(positions());
            const auto out = static_cast<memory::dim>(rows);
            const auto in = static_cast<memory::dim>(columns);
            const memory::desc x{{n, in}, source_type, memory::format_tag::ab};
            const memory::desc y{{n, out}, sum_type, memory::format_tag::ab};
            const dnnl::matmul::primitive_desc plan{{x, memory::desc{{in, out}, weight_type, any}, y},
                                                    engine_};
            memory plain{{{in, out}, weight_type, memory::format_tag::ba}, engine_};
            for (std::size_t j = 0; j < rows * columns; ++j) {
                if (int8) {
                    static_cast<std::int8_t*>(plain.get_data_handle())[j] =
                        static_cast<std::int8_t>(weight(state));
                } else {
                    static_cast<float*>(plain.get_data_handle())[j] = weight(state);
                }
            }
            memory packed{plan.weights_desc(), engine_};
            dnnl::reorder{plain, packed}.execute(stream_, plain, packed);
            products_.push_back({dnnl::matmul{plan}, packed, x, y});
        }
        bytes_.resize(positions() * std::max(config.model_dim, config.ffn_dim));
        sums_.resize(bytes_.size());
    }
    [[nodiscard]] std::string_view name() const override { return int8_ ? "oneDNN int8" : "oneDNN float32"; }

  private:
    struct Plan {
        dnnl::matmul product;
        dnnl::memory weights;
        dnnl::memory::desc x, y;
    };

    void begin(const Matrix& x) override {
        if (!int8_) return;
        for (Eigen::Index i = 0; i < x.size(); ++i)
            bytes_[static_cast<std::size_t>(i)] =
                static_cast<std::uint8_t>(static_cast<int>(x.data()[i]) + 128);
    }
    void multiply(std::size_t layer, std::size_t product, const Matrix& x, Matrix& out) override {
        const Plan& plan = products_[layer * product_count + product];
        void* const source = int8_ ? static_cast<void*>(bytes_.data()) : const_cast<float*>(x.data());
        void* const sums = int8_ ? static_cast<void*>(sums_.data()) : out.data();
        plan.product.execute(stream_, {{DNNL_ARG_SRC, dnnl::memory{plan.x, engine_, source}},
                                       {DNNL_ARG_WEIGHTS, plan.weights},
                                       {DNNL_ARG_DST, dnnl::memory{plan.y, engine_, sums}}});
        stream_.wait();
        if (!int8_) return;
        for (Eigen::Index i = 0; i < out.size(); ++i)
            out.data()[i] = static_cast<float>(sums_[static_cast<std::size_t>(i)]);
    }

    bool int8_;
    dnnl::engine engine_;
    dnnl::stream stream_;
    std::vector<Plan> products_;
    std::vector<std::uint8_t> bytes_;
    std::vector<std::int32_t> sums_;
};

}  // namespace

std::vector<std::unique_ptr<Peer>> make_peers(const pow::ModelConfig& config) {
    std::vector<std::unique_ptr<Peer>> peers;
    if (config.ffn_kind == pow::FfnKind::gated) return peers;
    omp_set_num_threads(1);
    peers.push_back(std::make_unique<EigenFloat>(config));
    peers.push_back(std::make_unique<OneDnn>(config, false));
    peers.push_back(std::make_unique<OneDnn>(config, true));
    return peers;
}

}  // namespace pouw::inline v1::cli
