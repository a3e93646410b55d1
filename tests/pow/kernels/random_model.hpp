/// Random valid configs, and weights and inputs that random ones would never reach. Reproducible from a seed.
#pragma once

#include "pouw/pow/backend.hpp"

#include <algorithm>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace pouw::inline v1::test {

using Random = std::mt19937_64;

/// A small valid config: every kind of shape, at a cost of some ten million products.
inline pow::ModelConfig random_config(Random& random) {
    const auto below = [&](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
    pow::ModelConfig config;
    do {
        config = {};
        config.vocab_size = 1u << below(8);
        config.sequence_length = below(4) == 0 ? 1 + below(80) : 1 + below(8);
        config.layers = 1 + below(3);
        config.model_dim = 64 * (1 + below(config.sequence_length > 8 ? 2 : 6));
        std::vector<std::uint32_t> divisors;
        for (std::uint32_t d = 1; d <= config.model_dim; ++d) {
            if (config.model_dim % d == 0) divisors.push_back(d);
        }
        config.heads = below(3) == 0 ? config.model_dim / 4
                                     : divisors[below(static_cast<std::uint32_t>(divisors.size()))];
        config.ffn_dim = 64 * (1 + below(config.sequence_length > 8 ? 4 : 20));
        config.ffn_kind = below(2) == 0 ? pow::FfnKind::plain : pow::FfnKind::gated;
        const auto shift = [&](std::uint32_t usual) { return below(3) == 0 ? 1 + below(24) : usual; };
        config.qkv_shift = shift(9);
        config.score_shift = below(15);
        config.ffn_shift = shift(7);
        if (config.ffn_kind == pow::FfnKind::gated) {
            config.up_shift = shift(9);
            config.gate_shift = shift(6);
        }
        config.attention_residual_shift = below(17);
        config.ffn_residual_shift = below(17);
    } while (!pow::validate(config));
    return config;
}

inline std::string describe(const pow::ModelConfig& c) {
    std::ostringstream out;
    out << "vocab " << c.vocab_size << " seq " << c.sequence_length << " layers " << c.layers << " dim "
        << c.model_dim << " heads " << c.heads << " ffn " << c.ffn_dim
        << (c.ffn_kind == pow::FfnKind::gated ? " gated" : " plain") << " shifts " << c.qkv_shift << ' '
        << c.score_shift << ' ' << c.ffn_shift << ' ' << c.up_shift << ' ' << c.gate_shift << ' '
        << c.attention_residual_shift << ' ' << c.ffn_residual_shift;
    return out.str();
}

/// What the weights look like. `rows`: whole rows of one sign, so that sums reach their bounds.
enum class Pattern : std::size_t { random, signs, largest, smallest, zero, rows };
inline constexpr std::size_t pattern_count = 6;

/// Weights of a pattern: a function of tensor, row and column.
class PatternTensors final : public pow::TensorSource {
  public:
    PatternTensors(const pow::ModelConfig& config, Pattern pattern, std::uint64_t seed)
        : config_{config}, pattern_{pattern}, seed_{seed} {}

    [[nodiscard]] std::span<const std::int8_t> rows(pow::TensorId id, std::uint64_t first,
                                                    std::uint64_t count,
                                                    std::span<std::int8_t> scratch) const override {
        const std::uint64_t columns = pow::tensor_shape(config_, id).columns;
        for (std::uint64_t row = 0; row < count; ++row) {
            std::uint64_t state = seed_ + (first + row) * 0x9e3779b97f4a7c15u + id * 0xd1b54a32d192ed03u;
            const std::int8_t sign_of_row = mix(state) % 2 == 0 ? std::int8_t{127} : std::int8_t{-127};
            for (std::uint64_t column = 0; column < columns; ++column)
                scratch[row * columns + column] = weight(sign_of_row, ++state);
        }
        return scratch.first(count * columns);
    }
    [[nodiscard]] std::uint64_t memory_bytes() const noexcept override { return 0; }

  private:
    [[nodiscard]] static std::uint64_t mix(std::uint64_t x) {
        x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
        x = (x ^ x >> 27) * 0x94d049bb133111ebu;
        return x ^ x >> 31;
    }
    [[nodiscard]] std::int8_t weight(std::int8_t sign_of_row, std::uint64_t state) const {
        switch (pattern_) {
            case Pattern::random:
                return static_cast<std::int8_t>(static_cast<int>(mix(state) % 255) - 127);
            case Pattern::signs:
                return mix(state) % 2 == 0 ? std::int8_t{127} : std::int8_t{-127};
            case Pattern::largest:
                return 127;
            case Pattern::smallest:
                return -127;
            case Pattern::zero:
                return 0;
            case Pattern::rows:
                return sign_of_row;
        }
        return 0;
    }
    pow::ModelConfig config_;
    Pattern pattern_;
    std::uint64_t seed_;
};

inline std::vector<pow::Input> random_inputs(const pow::ModelConfig& config, std::size_t count,
                                             Random& random) {
    std::vector<pow::Input> out(count);
    for (pow::Input& input : out) {
        const bool extreme = random() % 3 == 0;
        for (std::uint32_t i = 0; i < config.sequence_length; ++i)
            input.tokens.push_back(static_cast<std::uint32_t>(random() % config.vocab_size));
        for (std::uint64_t i = 0; i < std::uint64_t{config.sequence_length} * config.model_dim; ++i) {
            const int value = static_cast<int>(random() % 255) - 127;
            input.noise.push_back(static_cast<std::int8_t>(!extreme ? value : value < 0 ? -127 : 127));
        }
    }
    return out;
}

}  // namespace pouw::inline v1::test
