/// Attention of one nonce, in the vectors of the language: each kernel source compiles it for its instruction
/// set. About one operation in two hundred is spent here at the presets.
#pragma once

#include "pow/kernels/kernels.h"

namespace pouw::inline v1::pow::kernels {
namespace {

#if defined(__AVX512F__)
constexpr std::size_t lanes = 16;
#elif defined(__AVX2__)
constexpr std::size_t lanes = 8;
#else
constexpr std::size_t lanes = 4;
#endif
typedef std::int32_t Lanes __attribute__((vector_size(4 * lanes)));
typedef std::uint32_t Words __attribute__((vector_size(4 * lanes)));

constexpr std::size_t longest_sequence = 512;

[[nodiscard]] inline std::int32_t larger(std::int32_t a, std::int32_t b) { return a > b ? a : b; }

/// 2^-(distance / 2^shift), piecewise linear, with 15 fraction bits: below 2^16, so that 16 halvings leave 0.
[[nodiscard]] inline std::int32_t attention_weight(std::int32_t distance, std::int32_t shift) {
    const std::int32_t halvings = distance >> shift;
    const std::int32_t remainder = distance & ((1 << shift) - 1);
    return (((2 << shift) - remainder) << (14 - shift)) >> (halvings > 31 ? 31 : halvings);
}

/// sat(round(sum * reciprocal, 24))
[[nodiscard]] inline std::int32_t normalised(std::int32_t sum, std::int32_t reciprocal) {
    const std::int32_t value = (sum * reciprocal + (1 << 23)) >> 24;
    return value > 127 ? 127 : value < -127 ? -127 : value;
}

/// Any shape: one head, one query at a time.
inline void attend_to_head(const Heads& x, std::size_t query, std::size_t head) {
    const std::size_t stride = x.heads * x.head_dim;
    const std::size_t first = head * x.head_dim;
    const std::int8_t* q = x.query + query * stride + first;
    const std::int8_t* k = x.key + first;
    std::int32_t w[longest_sequence];
    std::int32_t largest = INT32_MIN;
    for (std::size_t t = 0; t < x.length; ++t) {
        std::int32_t score = 0;
        for (std::size_t i = 0; i < x.head_dim; ++i) score += q[i] * k[t * stride + i];
        w[t] = score;
        largest = larger(largest, score);
    }
    std::int32_t z = 0;
    for (std::size_t t = 0; t < x.length; ++t) {
        w[t] = attention_weight(largest - w[t], static_cast<std::int32_t>(x.score_shift));
        z += w[t];
    }
    const std::int32_t reciprocal = (1 << 24) / z;
    for (std::size_t begin = first; begin < first + x.head_dim; begin += lanes) {
        const std::size_t left = first + x.head_dim - begin;
        const std::size_t count = left < lanes ? left : lanes;
        std::int32_t sum[lanes] = {};
        for (std::size_t t = 0; t < x.length; ++t) {
            const std::int8_t* v = x.value + t * stride + begin;
            for (std::size_t i = 0; i < count; ++i) sum[i] += w[t] * v[i];
        }
        std::int8_t* out = x.output + query * stride + begin;
        for (std::size_t i = 0; i < count; ++i)
            out[i] = static_cast<std::int8_t>(normalised(sum[i], reciprocal));
    }
}

/// Neighbouring heads of dimension 4, one lane a head: a vector for each of their four coordinates.
struct Coordinates {
    Lanes of[4];
};

[[gnu::always_inline]] inline Coordinates load_coordinates(const std::int8_t* heads) {
    Words words;
    __builtin_memcpy(&words, heads, sizeof words);
    return {{reinterpret_cast<Lanes>(words << 24) >> 24, reinterpret_cast<Lanes>(words << 16) >> 24,
             reinterpret_cast<Lanes>(words << 8) >> 24, reinterpret_cast<Lanes>(words) >> 24}};
}

[[gnu::always_inline]] inline Lanes dot(const Coordinates& a, const Coordinates& b) {
    return a.of[0] * b.of[0] + a.of[1] * b.of[1] + a.of[2] * b.of[2] + a.of[3] * b.of[3];
}

[[gnu::always_inline]] inline Lanes attention_weights(Lanes distance, std::int32_t shift) {
    const Lanes halvings = distance >> shift;
    const Lanes remainder = distance & (((Lanes{} + 1) << shift) - 1);
    return (((2 << shift) - remainder) << (14 - shift)) >> (halvings > 31 ? Lanes{} + 31 : halvings);
}

/// floor(2^24 / z) for z in 2^15..2^24, by long division: no vector unit divides integers.
[[gnu::always_inline]] inline Lanes reciprocals(Lanes z) {
    Lanes rest = Lanes{} + (1 << 24);
    Lanes quotient{};
    for (int bit = 9; bit >= 0; --bit) {
        const Lanes fits = z <= (rest >> bit);  // as z << bit may not fit
        rest -= fits & (z << bit);
        quotient |= fits & ((Lanes{} + 1) << bit);
    }
    return quotient;
}

/// sat(round(sum * reciprocal, 24)), as the lowest byte.
[[gnu::always_inline]] inline Words normalised_bytes(Lanes sum, Lanes reciprocal) {
    const Lanes value = (sum * reciprocal + (1 << 23)) >> 24;
    const Lanes low = value < -127 ? Lanes{} - 127 : value;
    return reinterpret_cast<Words>(low > 127 ? Lanes{} + 127 : low) & 255u;
}

/// As many neighbouring heads of dimension 4 as there are lanes, from `head` on.
inline void attend_to_heads_of_4(const Heads& x, std::size_t head) {
    const std::size_t stride = x.heads * 4;
    const std::size_t first = head * 4;
    const auto shift = static_cast<std::int32_t>(x.score_shift);
    Lanes scores[longest_sequence];
    for (std::size_t query = 0; query < x.queries; ++query) {
        const Coordinates q = load_coordinates(x.query + query * stride + first);
        Lanes largest = Lanes{} + INT32_MIN;
        for (std::size_t t = 0; t < x.length; ++t) {
            scores[t] = dot(q, load_coordinates(x.key + t * stride + first));
            largest = scores[t] > largest ? scores[t] : largest;
        }
        Lanes z{};
        Coordinates sum{};
        for (std::size_t t = 0; t < x.length; ++t) {
            const Coordinates v = load_coordinates(x.value + t * stride + first);
            const Lanes weights = attention_weights(largest - scores[t], shift);
            z += weights;
            sum.of[0] += weights * v.of[0];
            sum.of[1] += weights * v.of[1];
            sum.of[2] += weights * v.of[2];
            sum.of[3] += weights * v.of[3];
        }
        const Lanes reciprocal = reciprocals(z);
        const Words bytes =
            normalised_bytes(sum.of[0], reciprocal) | normalised_bytes(sum.of[1], reciprocal) << 8 |
            normalised_bytes(sum.of[2], reciprocal) << 16 | normalised_bytes(sum.of[3], reciprocal) << 24;
        __builtin_memcpy(x.output + query * stride + first, &bytes, sizeof bytes);
    }
}

inline void attend(const Heads& x) {
    std::size_t head = 0;
    if (x.head_dim == 4) {
        for (; head + lanes <= x.heads; head += lanes) attend_to_heads_of_4(x, head);
    }
    for (; head < x.heads; ++head) {
        for (std::size_t query = 0; query < x.queries; ++query) attend_to_head(x, query, head);
    }
}

}  // namespace
}  // namespace pouw::inline v1::pow::kernels
