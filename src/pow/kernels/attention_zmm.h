/// Attention of one nonce where its heads have four coordinates and its sequence is short, as in the presets:
/// 16 heads at a time, with AVX-512 VNNI.
#pragma once

#include "pow/kernels/attention.h"
#include "pow/kernels/zmm.h"

namespace pouw::inline v1::pow::kernels {
namespace {

constexpr std::size_t short_sequence = 16;

/// Keys and values of 16 heads.
struct ShortHeads {
    __m512i keys[short_sequence];
    __m512i offsets[short_sequence];        ///< 128 times the sum of each key
    __m512i values[short_sequence / 2][4];  ///< coordinates of two positions, as pairs of words
    __m512i sums[4];                        ///< 2^14 times the sum of each coordinate
};

/// The coordinates of two positions, one pair of words a head.
[[gnu::always_inline]] inline void pair_coordinates(__m512i first, __m512i second, __m512i (&out)[4]) {
    constexpr __mmask32 upper = 0xaaaaaaaa;
    const __m512i even_first = _mm512_srai_epi16(_mm512_slli_epi16(first, 8), 8);
    const __m512i even_second = _mm512_srai_epi16(_mm512_slli_epi16(second, 8), 8);
    const __m512i odd_first = _mm512_srai_epi16(first, 8);
    const __m512i odd_second = _mm512_srai_epi16(second, 8);
    out[0] = _mm512_mask_blend_epi16(upper, even_first, _mm512_slli_epi32(even_second, 16));
    out[1] = _mm512_mask_blend_epi16(upper, odd_first, _mm512_slli_epi32(odd_second, 16));
    out[2] = _mm512_mask_blend_epi16(upper, _mm512_srli_epi32(even_first, 16), even_second);
    out[3] = _mm512_mask_blend_epi16(upper, _mm512_srli_epi32(odd_first, 16), odd_second);
}

[[gnu::always_inline]] inline void load_heads(const Heads& x, std::size_t first, ShortHeads& out) {
    const std::size_t stride = x.heads * 4;
    for (__m512i& sum : out.sums) sum = _mm512_setzero_si512();
    for (std::size_t t = 0; t < x.length; ++t) {
        out.keys[t] = load(x.key + t * stride + first);
        out.offsets[t] = _mm512_dpbusd_epi32(_mm512_setzero_si512(), _mm512_set1_epi8(-128), out.keys[t]);
    }
    for (std::size_t t = 0; t < x.length; t += 2) {
        const std::int8_t* const values = x.value + t * stride + first;
        const __m512i second = t + 1 < x.length ? load(values + stride) : _mm512_setzero_si512();
        pair_coordinates(load(values), second, out.values[t / 2]);
        for (std::size_t i = 0; i < 4; ++i)
            out.sums[i] = _mm512_dpwssd_epi32(out.sums[i], out.values[t / 2][i], _mm512_set1_epi16(1 << 14));
    }
}

/// floor(2^24 / z) for z in 2^15..2^24: both are floating-point numbers, and the quotient is cut off,
/// whatever the mode of rounding; no quotient below an integer is cut to it or above.
[[gnu::always_inline]] inline __m512i reciprocals_zmm(__m512i z) {
    constexpr int cut = _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC;
    const __m512 quotient = _mm512_div_round_ps(_mm512_castsi512_ps(_mm512_set1_epi32(0x4b800000)),  // 2^24
                                                _mm512_cvt_roundepi32_ps(z, cut), cut);
    return _mm512_cvtt_roundps_epi32(quotient, _MM_FROUND_NO_EXC);
}

[[gnu::always_inline]] inline __m512i attention_weights_zmm(__m512i distance, __m128i shift, __m128i rest,
                                                            __m512i one) {
    const __m512i remainder = _mm512_and_si512(distance, _mm512_sub_epi32(one, _mm512_set1_epi32(1)));
    const __m512i linear = _mm512_sll_epi32(_mm512_sub_epi32(_mm512_add_epi32(one, one), remainder), rest);
    return _mm512_srlv_epi32(linear, _mm512_srl_epi32(distance, shift));  // 0 from 32 halvings on
}

/// One query of 16 heads. A weight is at most 2^15: less 2^14 it is a word.
[[gnu::always_inline]] inline __m512i attend_to_short(const Heads& x, const ShortHeads& heads,
                                                      __m512i query) {
    const __m128i shift = count(x.score_shift);
    const __m128i rest = count(14 - x.score_shift);
    const __m512i one = _mm512_set1_epi32(1 << x.score_shift);
    __m512i scores[short_sequence];
    __m512i largest = _mm512_set1_epi32(INT32_MIN);
    for (std::size_t t = 0; t < x.length; ++t) {
        scores[t] = _mm512_sub_epi32(
            _mm512_dpbusd_epi32(_mm512_setzero_si512(), offset(query), heads.keys[t]), heads.offsets[t]);
        largest = _mm512_max_epi32(largest, scores[t]);
    }
    __m512i z = _mm512_setzero_si512();
    __m512i sums[4] = {heads.sums[0], heads.sums[1], heads.sums[2], heads.sums[3]};
    for (std::size_t t = 0; t < x.length; t += 2) {
        const __m512i first = attention_weights_zmm(_mm512_sub_epi32(largest, scores[t]), shift, rest, one);
        const __m512i second =
            t + 1 < x.length
                ? attention_weights_zmm(_mm512_sub_epi32(largest, scores[t + 1]), shift, rest, one)
                : _mm512_setzero_si512();
        z = _mm512_add_epi32(z, _mm512_add_epi32(first, second));
        const __m512i pair = _mm512_sub_epi16(_mm512_or_si512(first, _mm512_slli_epi32(second, 16)),
                                              _mm512_set1_epi16(1 << 14));
        for (std::size_t i = 0; i < 4; ++i)
            sums[i] = _mm512_dpwssd_epi32(sums[i], heads.values[t / 2][i], pair);
    }
    const __m512i reciprocal = reciprocals_zmm(z);
    // |sum| <= 127 z, so that nothing need be saturated.
    __m512i bytes = _mm512_setzero_si512();
    for (int i = 3; i >= 0; --i) {
        const __m512i rounded = _mm512_srai_epi32(
            _mm512_add_epi32(_mm512_mullo_epi32(sums[i], reciprocal), _mm512_set1_epi32(1 << 23)), 24);
        bytes =
            _mm512_or_si512(_mm512_slli_epi32(bytes, 8), _mm512_and_si512(rounded, _mm512_set1_epi32(255)));
    }
    return bytes;
}

inline void attend_zmm(const Heads& x) {
    if (x.head_dim != 4 || x.length > short_sequence || x.heads % 16 != 0) return attend(x);
    const std::size_t stride = x.heads * 4;
    ShortHeads heads;
    for (std::size_t first = 0; first < stride; first += 64) {
        load_heads(x, first, heads);
        for (std::size_t query = 0; query < x.queries; ++query) {
            const std::size_t at = query * stride + first;
            _mm512_storeu_si512(x.output + at, attend_to_short(x, heads, load(x.query + at)));
        }
    }
}

}  // namespace
}  // namespace pouw::inline v1::pow::kernels
