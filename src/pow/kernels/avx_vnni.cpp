/// VNNI on 256 bits: 16 rows × 6 positions in 12 registers of 8 sums.
///
/// vpdpbusd multiplies unsigned with signed bytes and adds four products without saturation. Activations are
/// encoded with an offset of 128; the bias takes 128 times the sum of a row away again. The source is
/// compiled twice: for AVX-VNNI, and for AVX-512VL, whose processors have the same instruction in another
/// encoding.
#include "pow/kernels/attention.h"
#include "pow/kernels/kernels.h"
#include "pow/kernels/ymm.h"

#include <immintrin.h>

namespace pouw::inline v1::pow::kernels {
namespace {

[[gnu::always_inline]] inline __m256i add_products(__m256i sum, __m256i u8, __m256i s8) {
#if defined(__AVX512VNNI__)
    return _mm256_dpbusd_epi32(sum, u8, s8);
#else
    return _mm256_dpbusd_avx_epi32(sum, u8, s8);
#endif
}

/// i32 += u8 × s8, 16 rows × 6 positions.
struct I32U8S8_16x6_AvxVnni : Rows16<I32U8S8_16x6_AvxVnni> {
    using Product = RegisterTile<I32U8S8_16x6_AvxVnni>;
    using Encoded = std::uint8_t;
    static constexpr std::size_t step = 4;

    [[gnu::always_inline]] static Vector load_weights(const std::int8_t* micro_panel, std::size_t vector) {
        return load_32(micro_panel + 32 * vector);
    }
    [[gnu::always_inline]] static Vector broadcast(const Encoded* activations) {
        std::int32_t four;
        __builtin_memcpy(&four, activations, sizeof four);
        return _mm256_set1_epi32(four);
    }
    [[gnu::always_inline]] static Vector multiply_add(Vector sum, Vector activations, Vector weights) {
        return add_products(sum, activations, weights);
    }
    [[gnu::always_inline]] static void store_encoded(Bytes bytes, Encoded* out) {
        store_16(out, _mm_xor_si128(bytes, _mm_set1_epi8(-128)));
    }
};

using Isa = I32U8S8_16x6_AvxVnni;

/// 8 rows of 8 groups of four weights become 8 groups of 8 rows.
[[gnu::always_inline]] inline void transpose(__m256i (&rows)[8]) {
    __m256i twos[8];
    for (int i = 0; i < 8; i += 2) {
        twos[i] = _mm256_unpacklo_epi32(rows[i], rows[i + 1]);
        twos[i + 1] = _mm256_unpackhi_epi32(rows[i], rows[i + 1]);
    }
    __m256i fours[8];
    for (int i = 0; i < 8; i += 4) {
        fours[i] = _mm256_unpacklo_epi64(twos[i], twos[i + 2]);
        fours[i + 1] = _mm256_unpackhi_epi64(twos[i], twos[i + 2]);
        fours[i + 2] = _mm256_unpacklo_epi64(twos[i + 1], twos[i + 3]);
        fours[i + 3] = _mm256_unpackhi_epi64(twos[i + 1], twos[i + 3]);
    }
    for (int i = 0; i < 4; ++i) {
        rows[i] = _mm256_permute2x128_si256(fours[i], fours[i + 4], 0x20);
        rows[i + 4] = _mm256_permute2x128_si256(fours[i], fours[i + 4], 0x31);
    }
}

/// Bytes as weights: -128 is 0.
[[gnu::always_inline]] inline __m256i weights(__m256i bytes) {
    return _mm256_andnot_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(-128)), bytes);
}

void pack_16xk_avxvnni(const std::int8_t* rows, std::size_t stride, std::size_t depth, std::int8_t* packed,
                       std::int32_t* bias) {
    for (std::size_t row = 0; row < panel_rows; row += 8) {
        std::int8_t* const micro_panel = packed + row / 16 * 16 * depth + row % 16 * 4;
        __m256i sum = _mm256_setzero_si256();
        for (std::size_t column = 0; column < depth; column += 32) {
            __m256i block[8];
            for (std::size_t r = 0; r < 8; ++r)
                block[r] = weights(load_32(rows + (row + r) * stride + column));
            transpose(block);
            for (std::size_t group = 0; group < 8; ++group) {
                sum = add_products(sum, _mm256_set1_epi8(1), block[group]);
                store_32(micro_panel + (column + 4 * group) * 16, block[group]);
            }
        }
        store_32(bias + row, _mm256_sub_epi32(load_32(bias + row), _mm256_slli_epi32(sum, 7)));
    }
}

void encode_u8_avxvnni(const std::int8_t* values, std::size_t size, void* encoded) {
    for (std::size_t i = 0; i < size; i += 16)
        Isa::store_encoded(load_16(values + i), static_cast<Isa::Encoded*>(encoded) + i);
}

}  // namespace

#if defined(__AVX512VNNI__)
const Kernels avx512vl_vnni
#else
const Kernels avx_vnni
#endif
    {sizeof(Isa::Encoded),
     192,
     pack_16xk_avxvnni,
     encode_u8_avxvnni,
     project<Isa>,
     fold<Isa>,
     fold_gate<Isa>,
     add_residual<Isa>,
     add<Isa>,
     sum_of_squares_ymm,
     scale_s8_ymm,
     attend};

}  // namespace pouw::inline v1::pow::kernels
