/// What the 256-bit kernels share: everything but the product itself. 16 rows are two registers of sums, and
/// 16 bytes.
#pragma once

#include "pow/kernels/epilogues.h"

#include <immintrin.h>

namespace pouw::inline v1::pow::kernels {
namespace {

[[gnu::always_inline]] inline __m256i load_32(const void* values) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(values));
}

[[gnu::always_inline]] inline __m128i load_16(const void* values) {
    return _mm_loadu_si128(static_cast<const __m128i*>(values));
}

[[gnu::always_inline]] inline void store_32(void* out, __m256i value) {
    _mm256_storeu_si256(static_cast<__m256i*>(out), value);
}

[[gnu::always_inline]] inline void store_16(void* out, __m128i value) {
    _mm_storeu_si128(static_cast<__m128i*>(out), value);
}

[[gnu::always_inline]] inline __m128i count(std::uint32_t shift) {
    return _mm_cvtsi32_si128(static_cast<int>(shift));
}

/// 16 words in order, out of two registers packed 128 bits at a time, as bytes with saturation to -128..127.
[[gnu::always_inline]] inline __m128i narrowed(__m256i words) {
    const __m256i in_order = _mm256_permute4x64_epi64(words, 0xd8);
    return _mm_packs_epi16(_mm256_castsi256_si128(in_order), _mm256_extracti128_si256(in_order, 1));
}

/// The results of a product of 16 rows; what does the product inherits from it.
template <typename Isa>
struct Rows16 {
    using Vector = __m256i;
    using Bytes = __m128i;
    static constexpr std::size_t micro_panel_rows = 16;
    static constexpr std::size_t tile_positions = 6;
    static constexpr std::size_t vectors = 2;

    template <typename Tile>
    [[gnu::always_inline]] static void optimisation_barrier(Tile& sums) {
        asm("" : "+x"(sums.of[0]), "+x"(sums.of[1]));
    }
    [[gnu::always_inline]] static Sums<Isa> load_sums(const std::int32_t* sums) {
        return {{load_32(sums), load_32(sums + 8)}};
    }
    template <typename Tile>
    [[gnu::always_inline]] static void store_sums(const Tile& sums, std::int32_t* out) {
        store_32(out, sums.of[0]);
        store_32(out + 8, sums.of[1]);
    }
    /// sums + (h << shift)
    template <typename Tile>
    [[gnu::always_inline]] static Tile add_shifted(const Tile& sums, const std::int8_t* h,
                                                   std::uint32_t shift) {
        const __m128i bytes = load_16(h);
        const __m128i by = count(shift);
        const __m256i low = _mm256_sll_epi32(_mm256_cvtepi8_epi32(bytes), by);
        const __m256i high = _mm256_sll_epi32(_mm256_cvtepi8_epi32(_mm_srli_si128(bytes, 8)), by);
        return {{_mm256_add_epi32(sums.of[0], low), _mm256_add_epi32(sums.of[1], high)}};
    }

    [[gnu::always_inline]] static Bytes load_bytes(const std::int8_t* bytes) { return load_16(bytes); }
    [[gnu::always_inline]] static void store_bytes(Bytes bytes, std::int8_t* out) { store_16(out, bytes); }

    /// sat(sum >> shift)
    template <typename Tile>
    [[gnu::always_inline]] static Bytes saturated(const Tile& sums, std::uint32_t shift) {
        const __m128i by = count(shift);
        const __m256i words =
            _mm256_packs_epi32(_mm256_sra_epi32(sums.of[0], by), _mm256_sra_epi32(sums.of[1], by));
        return _mm_max_epi8(narrowed(words), _mm_set1_epi8(-127));
    }
    /// fold((sum >> shift) - 128): with t = (sum >> shift) mod 512 the wave min(t, 512 - t), less 128.
    template <typename Tile>
    [[gnu::always_inline]] static Bytes folded(const Tile& sums, std::uint32_t shift) {
        const __m128i by = count(shift);
        const __m256i period = _mm256_set1_epi32(511);
        const __m256i words = _mm256_packs_epi32(_mm256_and_si256(_mm256_srl_epi32(sums.of[0], by), period),
                                                 _mm256_and_si256(_mm256_srl_epi32(sums.of[1], by), period));
        const __m256i wave = _mm256_min_epi16(words, _mm256_sub_epi16(_mm256_set1_epi16(512), words));
        return _mm_max_epi8(narrowed(_mm256_sub_epi16(wave, _mm256_set1_epi16(128))), _mm_set1_epi8(-127));
    }
    /// sat(round(a * b, shift)), in words: (p + 2^(shift-1)) >> shift = ((p >> (shift-1)) + 1) >> 1.
    [[gnu::always_inline]] static Bytes gated(Bytes a, Bytes b, std::uint32_t shift) {
        const __m256i words = _mm256_mullo_epi16(_mm256_cvtepi8_epi16(a), _mm256_cvtepi8_epi16(b));
        const __m256i halves = _mm256_sra_epi16(words, count(shift - 1));
        const __m256i rounded = _mm256_srai_epi16(_mm256_add_epi16(halves, _mm256_set1_epi16(1)), 1);
        const __m128i bytes =
            _mm_packs_epi16(_mm256_castsi256_si128(rounded), _mm256_extracti128_si256(rounded, 1));
        return _mm_max_epi8(bytes, _mm_set1_epi8(-127));
    }
};

[[gnu::always_inline]] inline std::uint64_t add_lanes(__m256i sums) {
    std::uint64_t lane[4];
    store_32(lane, sums);
    return lane[0] + lane[1] + lane[2] + lane[3];
}

inline std::uint64_t sum_of_squares_ymm(const std::int32_t* y, std::size_t size) {
    __m256i even = _mm256_setzero_si256();
    __m256i odd = _mm256_setzero_si256();
    for (std::size_t i = 0; i < size; i += 8) {
        const __m256i values = load_32(y + i);
        const __m256i shifted = _mm256_srli_epi64(values, 32);
        even = _mm256_add_epi64(even, _mm256_mul_epi32(values, values));
        odd = _mm256_add_epi64(odd, _mm256_mul_epi32(shifted, shifted));
    }
    return add_lanes(_mm256_add_epi64(even, odd));
}

/// The low 64 bits of products of int32 (in the low halves) with a 64-bit factor, given in halves.
[[gnu::always_inline]] inline __m256i multiply_wide(__m256i values, __m256i low, __m256i high) {
    // y * f = y * (f mod 2^32, unsigned) + 2^32 * (y * (f >> 32)); the signed y is 2^32 too large where
    // negative.
    const __m256i product = _mm256_mul_epu32(values, low);
    const __m256i negative = _mm256_and_si256(_mm256_srai_epi32(values, 31), low);
    const __m256i upper = _mm256_sub_epi32(_mm256_mul_epu32(values, high), negative);
    return _mm256_add_epi64(product, _mm256_slli_epi64(upper, 32));
}

/// sat(round(p, 24)) of four 64-bit products, as 64-bit lanes.
[[gnu::always_inline]] inline __m256i rounded_and_saturated(__m256i product) {
    // There is no arithmetic shift of 64 bits: less 2^63 the value is unsigned, and 2^39 is what becomes of
    // that. Rounded in two steps, lest p + 2^23 overflow.
    const __m256i sign = _mm256_set1_epi64x(static_cast<long long>(std::uint64_t{1} << 63));
    const __m256i halves = _mm256_srli_epi64(_mm256_xor_si256(product, sign), 23);
    const __m256i shifted = _mm256_srli_epi64(_mm256_add_epi64(halves, _mm256_set1_epi64x(1)), 1);
    const __m256i value = _mm256_sub_epi64(shifted, _mm256_set1_epi64x(std::int64_t{1} << 39));
    const __m256i largest = _mm256_set1_epi64x(127);
    const __m256i smallest = _mm256_set1_epi64x(-127);
    const __m256i above = _mm256_blendv_epi8(value, largest, _mm256_cmpgt_epi64(value, largest));
    return _mm256_blendv_epi8(above, smallest, _mm256_cmpgt_epi64(smallest, above));
}

inline void scale_s8_ymm(const std::int32_t* y, std::size_t size, std::uint64_t factor, std::int8_t* out) {
    const __m256i low = _mm256_set1_epi64x(static_cast<long long>(factor & 0xffffffffu));
    const __m256i high = _mm256_set1_epi64x(static_cast<long long>(factor >> 32));
    for (std::size_t i = 0; i < size; i += 8) {
        const __m256i values = load_32(y + i);
        const __m256i even = rounded_and_saturated(multiply_wide(values, low, high));
        const __m256i odd = rounded_and_saturated(multiply_wide(_mm256_srli_epi64(values, 32), low, high));
        const __m256i together = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
        const __m128i words =
            _mm_packs_epi32(_mm256_castsi256_si128(together), _mm256_extracti128_si256(together, 1));
        _mm_storel_epi64(static_cast<__m128i*>(static_cast<void*>(out + i)), _mm_packs_epi16(words, words));
    }
}

}  // namespace
}  // namespace pouw::inline v1::pow::kernels
