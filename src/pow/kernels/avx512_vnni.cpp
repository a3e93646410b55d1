/// AVX-512 VNNI: 64 rows × 6 positions in 24 registers of 16 sums.
///
/// vpdpbusd multiplies unsigned with signed bytes and adds four products without saturation. Activations are
/// encoded with an offset of 128; the bias takes 128 times the sum of a row away again.
#include "pow/kernels/attention_zmm.h"
#include "pow/kernels/kernels.h"
#include "pow/kernels/zmm.h"

#include <immintrin.h>

namespace pouw::inline v1::pow::kernels {
namespace {

/// i32 += u8 × s8, 64 rows × 6 positions: 24 registers of sums, four of weights.
struct I32U8S8_64x6_Avx512Vnni : Rows64<I32U8S8_64x6_Avx512Vnni> {
    using Product = RegisterTile<I32U8S8_64x6_Avx512Vnni>;
    using Encoded = std::uint8_t;
    static constexpr std::size_t step = 4;

    [[gnu::always_inline]] static Vector load_weights(const std::int8_t* micro_panel, std::size_t vector) {
        return load(micro_panel + line * vector);
    }
    [[gnu::always_inline]] static Vector broadcast(const Encoded* activations) {
        std::int32_t four;
        __builtin_memcpy(&four, activations, sizeof four);
        return _mm512_set1_epi32(four);
    }
    [[gnu::always_inline]] static Vector multiply_add(Vector sum, Vector activations, Vector weights) {
        return _mm512_dpbusd_epi32(sum, activations, weights);
    }
    [[gnu::always_inline]] static void store_encoded(Bytes bytes, Encoded* out) {
        _mm512_storeu_si512(out, offset(bytes));
    }
};

using Isa = I32U8S8_64x6_Avx512Vnni;

void pack_64xk_avx512vnni(const std::int8_t* rows, std::size_t stride, std::size_t depth, std::int8_t* packed,
                          std::int32_t* bias) {
    for (std::size_t v = 0; v < Isa::vectors; ++v) {
        __m512i sum = _mm512_setzero_si512();
        for (std::size_t column = 0; column < depth; column += line) {
            __m512i block[16];
            for (std::size_t r = 0; r < 16; ++r)
                block[r] = weights(load(rows + (16 * v + r) * stride + column));
            transpose(block);
            for (std::size_t group = 0; group < 16; ++group) {
                sum = _mm512_dpbusd_epi32(sum, _mm512_set1_epi8(1), block[group]);
                _mm512_storeu_si512(packed + (column + 4 * group) * panel_rows + line * v, block[group]);
            }
        }
        std::int32_t* const out = bias + 16 * v;
        _mm512_storeu_si512(out, _mm512_sub_epi32(load(out), _mm512_slli_epi32(sum, 7)));
    }
}

void encode_u8_avx512vnni(const std::int8_t* values, std::size_t count, void* encoded) {
    for (std::size_t i = 0; i < count; i += line)
        _mm512_storeu_si512(static_cast<Isa::Encoded*>(encoded) + i, offset(load(values + i)));
}

}  // namespace

const Kernels avx512_vnni{sizeof(Isa::Encoded),
                          192,
                          pack_64xk_avx512vnni,
                          encode_u8_avx512vnni,
                          project<Isa>,
                          fold<Isa>,
                          fold_gate<Isa>,
                          add_residual<Isa>,
                          add<Isa>,
                          sum_of_squares_zmm,
                          scale_s8_zmm,
                          attend_zmm};

}  // namespace pouw::inline v1::pow::kernels
