/// AVX2: 16 rows × 6 positions in 12 registers of 8 sums.
///
/// Bytes are widened to words, whose products vpmaddwd adds in pairs without saturation; the instruction for
/// bytes, vpmaddubsw, saturates and is of no use. Weights are widened as they are loaded, once for six
/// positions; activations are encoded as words.
#include "pow/kernels/attention.h"
#include "pow/kernels/kernels.h"
#include "pow/kernels/ymm.h"

#include <immintrin.h>

namespace pouw::inline v1::pow::kernels {
namespace {

/// i32 += s16 × s8, 16 rows × 6 positions.
struct I32S16S8_16x6_Avx2 : Rows16<I32S16S8_16x6_Avx2> {
    using Product = RegisterTile<I32S16S8_16x6_Avx2>;
    using Encoded = std::int16_t;
    static constexpr std::size_t step = 2;

    [[gnu::always_inline]] static Vector load_weights(const std::int8_t* micro_panel, std::size_t vector) {
        return _mm256_cvtepi8_epi16(load_16(micro_panel + 16 * vector));
    }
    [[gnu::always_inline]] static Vector broadcast(const Encoded* activations) {
        std::int32_t two;
        __builtin_memcpy(&two, activations, sizeof two);
        return _mm256_set1_epi32(two);
    }
    [[gnu::always_inline]] static Vector multiply_add(Vector sum, Vector activations, Vector weights) {
        return _mm256_add_epi32(sum, _mm256_madd_epi16(activations, weights));
    }
    [[gnu::always_inline]] static void store_encoded(Bytes bytes, Encoded* out) {
        store_32(out, _mm256_cvtepi8_epi16(bytes));
    }
};

using Isa = I32S16S8_16x6_Avx2;

/// 8 rows of 8 pairs of weights become 8 pairs of 8 rows.
[[gnu::always_inline]] inline void transpose(__m128i (&rows)[8]) {
    __m128i twos[8];
    for (int i = 0; i < 8; i += 2) {
        twos[i] = _mm_unpacklo_epi16(rows[i], rows[i + 1]);
        twos[i + 1] = _mm_unpackhi_epi16(rows[i], rows[i + 1]);
    }
    __m128i fours[8];
    for (int i = 0; i < 8; i += 4) {
        fours[i] = _mm_unpacklo_epi32(twos[i], twos[i + 2]);
        fours[i + 1] = _mm_unpackhi_epi32(twos[i], twos[i + 2]);
        fours[i + 2] = _mm_unpacklo_epi32(twos[i + 1], twos[i + 3]);
        fours[i + 3] = _mm_unpackhi_epi32(twos[i + 1], twos[i + 3]);
    }
    for (int i = 0; i < 4; ++i) {
        rows[2 * i] = _mm_unpacklo_epi64(fours[i], fours[i + 4]);
        rows[2 * i + 1] = _mm_unpackhi_epi64(fours[i], fours[i + 4]);
    }
}

/// Bytes as weights: -128 is 0.
[[gnu::always_inline]] inline __m128i weights(__m128i bytes) {
    return _mm_andnot_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(-128)), bytes);
}

/// There is no offset to make up for.
void pack_16xk_avx2(const std::int8_t* rows, std::size_t stride, std::size_t depth, std::int8_t* packed,
                    std::int32_t*) {
    for (std::size_t row = 0; row < panel_rows; row += 8) {
        std::int8_t* const micro_panel = packed + row / 16 * 16 * depth + row % 16 * 2;
        for (std::size_t column = 0; column < depth; column += 16) {
            __m128i block[8];
            for (std::size_t r = 0; r < 8; ++r)
                block[r] = weights(load_16(rows + (row + r) * stride + column));
            transpose(block);
            for (std::size_t pair = 0; pair < 8; ++pair)
                store_16(micro_panel + (column + 2 * pair) * 16, block[pair]);
        }
    }
}

void encode_s16_avx2(const std::int8_t* values, std::size_t size, void* encoded) {
    for (std::size_t i = 0; i < size; i += 16)
        Isa::store_encoded(load_16(values + i), static_cast<Isa::Encoded*>(encoded) + i);
}

}  // namespace

const Kernels avx2{sizeof(Isa::Encoded),
                   192,
                   pack_16xk_avx2,
                   encode_s16_avx2,
                   project<Isa>,
                   fold<Isa>,
                   fold_gate<Isa>,
                   add_residual<Isa>,
                   add<Isa>,
                   sum_of_squares_ymm,
                   scale_s8_ymm,
                   attend};

}  // namespace pouw::inline v1::pow::kernels
