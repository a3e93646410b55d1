// A transformer small enough to run a thousand times in a test, in the arithmetic of two machines, and
// cheaper ones that a cheat would run instead of it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <random>
#include <span>
#include <vector>

namespace example {

/// Whose numbers the standard fixes.
using Random = std::mt19937_64;

/// Nearly normal, of variance 1; the distributions of the standard library differ between platforms.
inline float normal(Random& random) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(random() >> 11) / 9007199254740992.0;
    return static_cast<float>(sum);
}

struct Matrix {
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<float> values{};

    static Matrix random(std::size_t rows, std::size_t columns, float scale, Random& random) {
        Matrix out{rows, columns, std::vector<float>(rows * columns)};
        for (float& value : out.values) value = scale * normal(random);
        return out;
    }
    [[nodiscard]] std::span<const float> row(std::size_t i) const {
        return std::span{values}.subspan(i * columns, columns);
    }

    /// Integers of so many bits with a scale a row, as inference in low precision stores weights.
    [[nodiscard]] Matrix quantised(int bits) const {
        Matrix out = *this;
        const float levels = static_cast<float>((1 << (bits - 1)) - 1);
        for (std::size_t i = 0; i < rows; ++i) {
            const std::span<float> line = std::span{out.values}.subspan(i * columns, columns);
            float largest = 0;
            for (const float value : line) largest = std::max(largest, std::abs(value));
            for (float& value : line) value = std::round(value * levels / largest) * largest / levels;
        }
        return out;
    }
};

/// Whose arithmetic: `single` keeps 24 bits of every intermediate value, `bfloat16` 8.
enum class Arithmetic { single, bfloat16 };

struct Layer {
    Matrix query, key, value, output, up, down;
};

class Transformer {
  public:
    static constexpr std::size_t vocabulary = 128;
    static constexpr std::size_t width = 32;
    static constexpr std::size_t heads = 4;
    static constexpr std::size_t hidden = 128;
    static constexpr std::size_t longest = 64;

    Transformer(std::size_t layers, std::uint64_t seed) {
        Random random{seed};
        const float narrow = 1 / std::sqrt(static_cast<float>(width));
        const float wide = 1 / std::sqrt(static_cast<float>(hidden));
        embedding_ = Matrix::random(vocabulary, width, 1, random);
        position_ = Matrix::random(longest, width, 0.5, random);
        for (std::size_t i = 0; i < layers; ++i) {
            Layer layer;
            for (Matrix* matrix : {&layer.query, &layer.key, &layer.value, &layer.output}) {
                *matrix = Matrix::random(width, width, narrow, random);
            }
            layer.up = Matrix::random(hidden, width, narrow, random);
            layer.down = Matrix::random(width, hidden, 1.5f * wide, random);
            layers_.push_back(layer);
        }
        // Logits of a spread that gives the best token about a third of the probability.
        head_ = Matrix::random(vocabulary, width, 2.2f * narrow, random);
    }

    /// The same with weights of so many bits.
    [[nodiscard]] Transformer quantised(int bits) const {
        Transformer out = *this;
        for (Layer& layer : out.layers_) {
            for (Matrix* matrix :
                 {&layer.query, &layer.key, &layer.value, &layer.output, &layer.up, &layer.down}) {
                *matrix = matrix->quantised(bits);
            }
        }
        out.head_ = head_.quantised(bits);
        return out;
    }

    /// A cheaper model that often agrees: without the last layers.
    [[nodiscard]] Transformer shortened(std::size_t layers) const {
        Transformer out = *this;
        out.layers_.resize(layers);
        return out;
    }

  private:
    friend class Run;

    Matrix embedding_;
    Matrix position_;
    std::vector<Layer> layers_;
    Matrix head_;
};

/// One text, token by token.
class Run {
  public:
    Run(const Transformer& model, Arithmetic arithmetic)
        : model_{model},
          arithmetic_{arithmetic},
          keys_(model.layers_.size()),
          values_(model.layers_.size()) {}

    /// The logits of the token after this one.
    std::vector<float> after(std::uint32_t token) {
        std::vector<float> state(Transformer::width);
        for (std::size_t i = 0; i < state.size(); ++i) {
            state[i] = rounded(model_.embedding_.row(token)[i] + model_.position_.row(length_)[i]);
        }
        for (std::size_t i = 0; i < model_.layers_.size(); ++i) {
            const Layer& layer = model_.layers_[i];
            add(state, product(layer.output, attention(i, normalised(state))));
            std::vector<float> inner = product(layer.up, normalised(state));
            for (float& value : inner) value = rounded(value / (1 + std::exp(-value)));
            add(state, product(layer.down, inner));
        }
        ++length_;
        return product(model_.head_, normalised(state));
    }

  private:
    [[nodiscard]] float rounded(float value) const {
        if (arithmetic_ == Arithmetic::single) return value;
        std::uint32_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        bits = (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000;
        std::memcpy(&value, &bits, sizeof bits);
        return value;
    }
    [[nodiscard]] std::vector<float> product(const Matrix& matrix, std::span<const float> vector) const {
        std::vector<float> out(matrix.rows);
        for (std::size_t i = 0; i < matrix.rows; ++i) {
            const std::span<const float> row = matrix.row(i);
            out[i] = rounded(std::inner_product(row.begin(), row.end(), vector.begin(), 0.0f));
        }
        return out;
    }
    [[nodiscard]] std::vector<float> normalised(std::span<const float> vector) const {
        float squares = 0;
        for (const float value : vector) squares += value * value;
        const float scale = 1 / std::sqrt(squares / static_cast<float>(vector.size()) + 1e-5f);
        std::vector<float> out;
        for (const float value : vector) out.push_back(rounded(value * scale));
        return out;
    }
    void add(std::vector<float>& state, std::span<const float> change) const {
        for (std::size_t i = 0; i < state.size(); ++i) state[i] = rounded(state[i] + change[i]);
    }
    std::vector<float> attention(std::size_t index, std::span<const float> input) {
        const Layer& layer = model_.layers_[index];
        const std::vector<float> query = product(layer.query, input);
        keys_[index].push_back(product(layer.key, input));
        values_[index].push_back(product(layer.value, input));
        constexpr std::size_t size = Transformer::width / Transformer::heads;
        std::vector<float> out(Transformer::width);
        for (std::size_t first = 0; first < Transformer::width; first += size) {
            std::vector<float> weights;
            float sum = 0;
            for (const auto& key : keys_[index]) {
                float score = 0;
                for (std::size_t i = first; i < first + size; ++i) score += query[i] * key[i];
                weights.push_back(rounded(std::exp(rounded(score / std::sqrt(static_cast<float>(size))))));
                sum += weights.back();
            }
            for (std::size_t i = first; i < first + size; ++i) {
                float mixed = 0;
                for (std::size_t j = 0; j < weights.size(); ++j) mixed += weights[j] * values_[index][j][i];
                out[i] = rounded(mixed / sum);
            }
        }
        return out;
    }

    const Transformer& model_;
    Arithmetic arithmetic_;
    std::size_t length_ = 0;
    std::vector<std::vector<std::vector<float>>> keys_;  // layer, position, element
    std::vector<std::vector<std::vector<float>>> values_;
};

}  // namespace example
