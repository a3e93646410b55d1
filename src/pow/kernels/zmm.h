/// What the 512-bit kernels share: everything but the product itself. 64 rows are four registers of sums, and
/// 64 bytes.
#pragma once

#include "pow/kernels/epilogues.h"

#include <immintrin.h>

namespace pouw::inline v1::pow::kernels {
namespace {

constexpr std::size_t line = 64;

[[gnu::always_inline]] inline __m512i load(const void* values) { return _mm512_loadu_si512(values); }

[[gnu::always_inline]] inline __m128i load_16(const void* values) {
    return _mm_loadu_si128(static_cast<const __m128i*>(values));
}

[[gnu::always_inline]] inline __m128i count(std::uint32_t shift) {
    return _mm_cvtsi32_si128(static_cast<int>(shift));
}

/// Signed bytes to unsigned ones that are 128 larger, and back.
[[gnu::always_inline]] inline __m512i offset(__m512i bytes) {
    return _mm512_xor_si512(bytes, _mm512_set1_epi8(-128));
}

/// Undoes the order in which the packing instructions leave bytes: they work on 128 bits at a time.
[[gnu::always_inline]] inline __m512i in_order(__m512i packed) {
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    return _mm512_permutexvar_epi32(order, packed);
}

/// 16 rows of 16 groups of four weights become 16 groups of 16 rows.
[[gnu::always_inline]] inline void transpose(__m512i (&rows)[16]) {
    __m512i pairs[16];
    for (int i = 0; i < 16; i += 2) {
        pairs[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
        pairs[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
    }
    // fours[4 * i + j]: rows 4i..4i+3, column j of each group of four columns.
    __m512i fours[16];
    for (int i = 0; i < 16; i += 4) {
        fours[i] = _mm512_unpacklo_epi64(pairs[i], pairs[i + 2]);
        fours[i + 1] = _mm512_unpackhi_epi64(pairs[i], pairs[i + 2]);
        fours[i + 2] = _mm512_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
        fours[i + 3] = _mm512_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
    }
    for (int j = 0; j < 4; ++j) {
        const __m512i low = _mm512_shuffle_i32x4(fours[j], fours[j + 4], 0x88);
        const __m512i high = _mm512_shuffle_i32x4(fours[j + 8], fours[j + 12], 0x88);
        const __m512i low_odd = _mm512_shuffle_i32x4(fours[j], fours[j + 4], 0xdd);
        const __m512i high_odd = _mm512_shuffle_i32x4(fours[j + 8], fours[j + 12], 0xdd);
        rows[j] = _mm512_shuffle_i32x4(low, high, 0x88);
        rows[j + 8] = _mm512_shuffle_i32x4(low, high, 0xdd);
        rows[j + 4] = _mm512_shuffle_i32x4(low_odd, high_odd, 0x88);
        rows[j + 12] = _mm512_shuffle_i32x4(low_odd, high_odd, 0xdd);
    }
}

/// Bytes as weights: -128 is 0.
[[gnu::always_inline]] inline __m512i weights(__m512i bytes) {
    return _mm512_maskz_mov_epi8(_mm512_cmpneq_epi8_mask(bytes, _mm512_set1_epi8(-128)), bytes);
}

/// With t = (sum >> shift) mod 512: min(t, 512 - t), 32 words.
[[gnu::always_inline]] inline __m512i waves(__m512i a, __m512i b, __m128i shift) {
    const __m512i period = _mm512_set1_epi32(511);
    const __m512i words = _mm512_packs_epi32(_mm512_and_si512(_mm512_srl_epi32(a, shift), period),
                                             _mm512_and_si512(_mm512_srl_epi32(b, shift), period));
    return _mm512_min_epi16(words, _mm512_sub_epi16(_mm512_set1_epi16(512), words));
}

/// sat(round(a * b, shift)) of 32 words whose products fit a word.
[[gnu::always_inline]] inline __m512i products(__m256i a, __m256i b, std::uint32_t shift) {
    const __m512i words = _mm512_mullo_epi16(_mm512_cvtepi8_epi16(a), _mm512_cvtepi8_epi16(b));
    const __m128i before = count(shift - 1);
    // (p + 2^(shift-1)) >> shift without leaving the word.
    const __m512i halves = _mm512_sra_epi16(words, before);
    return _mm512_srai_epi16(_mm512_add_epi16(halves, _mm512_set1_epi16(1)), 1);
}

/// The results of a product of 64 rows; what does the product inherits from it.
template <typename Isa>
struct Rows64 {
    using Vector = __m512i;
    using Bytes = __m512i;
    static constexpr std::size_t micro_panel_rows = 64;
    static constexpr std::size_t tile_positions = 6;
    static constexpr std::size_t vectors = 4;

    template <typename Tile>
    [[gnu::always_inline]] static void optimisation_barrier(Tile& sums) {
        asm("" : "+v"(sums.of[0]), "+v"(sums.of[1]), "+v"(sums.of[2]), "+v"(sums.of[3]));
    }

    [[gnu::always_inline]] static Sums<Isa> load_sums(const std::int32_t* sums) {
        return {{load(sums), load(sums + 16), load(sums + 32), load(sums + 48)}};
    }
    template <typename Tile>
    [[gnu::always_inline]] static void store_sums(const Tile& sums, std::int32_t* out) {
        unroll<vectors>([&](auto v) __attribute__((always_inline)) {
            _mm512_storeu_si512(out + 16 * v.value, sums.of[v.value]);
        });
    }
    /// sums + (h << shift)
    template <typename Tile>
    [[gnu::always_inline]] static Tile add_shifted(Tile sums, const std::int8_t* h, std::uint32_t shift) {
        unroll<vectors>([&](auto v) __attribute__((always_inline)) {
            const __m512i wide = _mm512_cvtepi8_epi32(load_16(h + 16 * v.value));
            sums.of[v.value] = _mm512_add_epi32(sums.of[v.value], _mm512_sll_epi32(wide, count(shift)));
        });
        return sums;
    }

    [[gnu::always_inline]] static Bytes load_bytes(const std::int8_t* bytes) { return load(bytes); }
    [[gnu::always_inline]] static void store_bytes(Bytes bytes, std::int8_t* out) {
        _mm512_storeu_si512(out, bytes);
    }
    /// sat(sum >> shift)
    template <typename Tile>
    [[gnu::always_inline]] static Bytes saturated(const Tile& sums, std::uint32_t shift) {
        const __m128i by = count(shift);
        const __m512i low =
            _mm512_packs_epi32(_mm512_sra_epi32(sums.of[0], by), _mm512_sra_epi32(sums.of[1], by));
        const __m512i high =
            _mm512_packs_epi32(_mm512_sra_epi32(sums.of[2], by), _mm512_sra_epi32(sums.of[3], by));
        return in_order(_mm512_max_epi8(_mm512_packs_epi16(low, high), _mm512_set1_epi8(-127)));
    }
    /// fold((sum >> shift) - 128): the wave, held within 1..255, less 128.
    template <typename Tile>
    [[gnu::always_inline]] static Bytes folded(const Tile& sums, std::uint32_t shift) {
        const __m128i by = count(shift);
        const __m512i bytes =
            _mm512_packus_epi16(waves(sums.of[0], sums.of[1], by), waves(sums.of[2], sums.of[3], by));
        return in_order(offset(_mm512_max_epu8(bytes, _mm512_set1_epi8(1))));
    }
    /// sat(round(a * b, shift))
    [[gnu::always_inline]] static Bytes gated(Bytes a, Bytes b, std::uint32_t shift) {
        const __m512i low = products(_mm512_castsi512_si256(a), _mm512_castsi512_si256(b), shift);
        const __m512i high =
            products(_mm512_extracti64x4_epi64(a, 1), _mm512_extracti64x4_epi64(b, 1), shift);
        const __m512i bytes = _mm512_max_epi8(_mm512_packs_epi16(low, high), _mm512_set1_epi8(-127));
        return _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), bytes);
    }
};

inline std::uint64_t sum_of_squares_zmm(const std::int32_t* y, std::size_t count) {
    __m512i even = _mm512_setzero_si512();
    __m512i odd = _mm512_setzero_si512();
    for (std::size_t i = 0; i < count; i += 16) {
        const __m512i values = load(y + i);
        const __m512i shifted = _mm512_srli_epi64(values, 32);
        even = _mm512_add_epi64(even, _mm512_mul_epi32(values, values));
        odd = _mm512_add_epi64(odd, _mm512_mul_epi32(shifted, shifted));
    }
    // Not _mm512_reduce_add_epi64: that ends in signed additions, which must not wrap.
    std::uint64_t sums[8];
    _mm512_storeu_si512(sums, _mm512_add_epi64(even, odd));
    std::uint64_t sum = 0;
    for (const std::uint64_t part : sums) sum += part;
    return sum;
}

/// Where no product with any 32-bit value leaves 54 bits, so that the result is one of 32.
inline void scale_s8_zmm_short(const std::int32_t* y, std::size_t count, std::uint64_t factor,
                               std::int8_t* out) {
    const __m512i by = _mm512_set1_epi64(static_cast<long long>(factor));
    const __m512i half = _mm512_set1_epi64(1 << 23);
    for (std::size_t i = 0; i < count; i += 16) {
        const __m512i values = load(y + i);
        const __m512i even = _mm512_add_epi64(_mm512_mul_epi32(values, by), half);
        const __m512i odd = _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(values, 32), by), half);
        const __m512i rounded =
            _mm512_mask_blend_epi32(0xaaaa, _mm512_srli_epi64(even, 24), _mm512_slli_epi64(odd, 8));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i),
                         _mm512_cvtsepi32_epi8(_mm512_max_epi32(rounded, _mm512_set1_epi32(-127))));
    }
}

inline void scale_s8_zmm(const std::int32_t* y, std::size_t count, std::uint64_t factor, std::int8_t* out) {
    if (factor < std::uint64_t{1} << 23) return scale_s8_zmm_short(y, count, factor, out);
    const __m512i wide_factor = _mm512_set1_epi64(static_cast<long long>(factor));
    const __m512i one = _mm512_set1_epi64(1);
    for (std::size_t i = 0; i < count; i += 8) {
        const __m512i values =
            _mm512_cvtepi32_epi64(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(y + i)));
        // round(p, 24), without the overflow of p + 2^23
        const __m512i halves = _mm512_srai_epi64(_mm512_mullo_epi64(values, wide_factor), 23);
        const __m512i rounded = _mm512_srai_epi64(_mm512_add_epi64(halves, one), 1);
        const __m128i bytes = _mm512_cvtsepi64_epi8(_mm512_max_epi64(rounded, _mm512_set1_epi64(-127)));
        _mm_storel_epi64(reinterpret_cast<__m128i*>(out + i), bytes);
    }
}

}  // namespace
}  // namespace pouw::inline v1::pow::kernels
