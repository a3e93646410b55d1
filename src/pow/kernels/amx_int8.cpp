/// AMX: 16 positions × 64 rows in four tiles of 16 × 16 sums, and AVX-512 for everything else.
///
/// tdpbssd multiplies signed bytes. The activations are the first operand, rows of 64 columns as they lie in
/// memory; the weights are the second, packed in groups of four columns.
#include "pow/kernels/attention_zmm.h"
#include "pow/kernels/kernels.h"
#include "pow/kernels/tile_product.h"
#include "pow/kernels/zmm.h"

#include <immintrin.h>

namespace pouw::inline v1::pow::kernels {
namespace {

/// i32 += s8 × s8, 64 rows × 16 positions.
struct I32S8S8_64x16_AmxInt8 : Rows64<I32S8S8_64x16_AmxInt8> {
    using Product = TileProduct<I32S8S8_64x16_AmxInt8>;
    using Encoded = std::int8_t;

    [[gnu::always_inline]] static Vector plus(Vector sum, const std::int32_t* more) {
        return _mm512_add_epi32(sum, _mm512_load_si512(more));
    }
    [[gnu::always_inline]] static void store_encoded(Bytes bytes, Encoded* out) {
        _mm512_storeu_si512(out, bytes);
    }
};

using Isa = I32S8S8_64x16_AmxInt8;

void pack_64xk_amxint8(const std::int8_t* rows, std::size_t stride, std::size_t depth, std::int8_t* packed,
                       std::int32_t*) {
    for (std::size_t column = 0; column < depth; column += tile_columns) {
        for (std::size_t v = 0; v < Isa::vectors; ++v) {
            __m512i block[16];
            for (std::size_t r = 0; r < 16; ++r)
                block[r] = weights(load(rows + (16 * v + r) * stride + column));
            transpose(block);
            std::int8_t* const tile = packed + column * panel_rows + tile_bytes * v;
            for (std::size_t group = 0; group < 16; ++group)
                _mm512_storeu_si512(tile + line * group, block[group]);
        }
    }
}

void encode_s8(const std::int8_t* values, std::size_t count, void* encoded) {
    for (std::size_t i = 0; i < count; i += line)
        _mm512_storeu_si512(static_cast<Isa::Encoded*>(encoded) + i, load(values + i));
}

}  // namespace

#if defined(POUW_EMULATED_TILES)
const Kernels amx_int8_emulated
#else
const Kernels amx_int8
#endif
    {sizeof(Isa::Encoded),
     368,  // so that all scratch of whitepaper lies on one page of 2 MB
     pack_64xk_amxint8,
     encode_s8,
     project<Isa>,
     fold<Isa>,
     fold_gate<Isa>,
     add_residual<Isa>,
     add<Isa>,
     sum_of_squares_zmm,
     scale_s8_zmm,
     attend_zmm};

}  // namespace pouw::inline v1::pow::kernels
