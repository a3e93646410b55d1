/// AVX-512 VNNI: 64 rows × 6 positions in 24 registers of 16 sums.
///
/// vpdpbusd multiplies unsigned with signed bytes and adds four products without saturation. Activations are
/// encoded with an offset of 128; the bias takes 128 times the sum of a row away again.
#include "pow/kernels/attention.h"
#include "pow/kernels/kernels.h"

#include <immintrin.h>

namespace pouw::pow::kernels {
namespace {

constexpr std::size_t tile_positions = 6;
constexpr std::size_t vectors = panel_rows / 16;  // of 16 rows each
constexpr std::size_t line = 64;

using Encoded = std::uint8_t;

template <std::size_t I>
struct Index {
    static constexpr std::size_t value = I;
};

/// body(Index<0>), body(Index<1>), ...: arrays that are indexed by these alone live in registers.
template <std::size_t Count, std::size_t I = 0, typename Body>
[[gnu::always_inline]] inline void unroll(const Body& body) {
    if constexpr (I < Count) {
        body(Index<I>{});
        unroll<Count, I + 1>(body);
    }
}

struct Sums {
    __m512i of[vectors];
};

[[gnu::always_inline]] inline __m512i load(const void* values) { return _mm512_loadu_si512(values); }

/// Without this between a loop and what follows, g++ 12 keeps the sums twice, in registers and on the stack.
[[gnu::always_inline]] inline void settle(Sums& sums) {
    asm("" : "+v"(sums.of[0]), "+v"(sums.of[1]), "+v"(sums.of[2]), "+v"(sums.of[3]));
}

/// The sums of 64 rows for `Positions` positions. `begin(position)` gives what they begin with;
/// `end(position, sums)` takes them.
template <std::size_t Positions, typename Begin, typename End>
[[gnu::always_inline]] inline void tile_i32_u8s8_64xn_avx512vnni(const Panel& panel, const Encoded* x,
                                                                 std::size_t stride, const Begin& begin,
                                                                 const End& end) {
    Sums sums[Positions];
    unroll<Positions>([&](auto p) __attribute__((always_inline)) { sums[p.value] = begin(p.value); });
    const std::int8_t* w = panel.weights;
    for (std::size_t k = 0; k < panel.depth; k += 4, w += 4 * panel_rows) {
        Sums weights;
        unroll<vectors>([&](auto v) __attribute__((always_inline)) {
            weights.of[v.value] = load(w + line * v.value);
        });
        unroll<Positions>([&](auto p) __attribute__((always_inline)) {
            std::int32_t four;
            __builtin_memcpy(&four, x + p.value * stride + k, 4);
            const __m512i activations = _mm512_set1_epi32(four);
            unroll<vectors>([&](auto v) __attribute__((always_inline)) {
                sums[p.value].of[v.value] =
                    _mm512_dpbusd_epi32(sums[p.value].of[v.value], activations, weights.of[v.value]);
            });
        });
    }
    unroll<Positions>([&](auto p) __attribute__((always_inline)) {
        settle(sums[p.value]);
        end(p.value, sums[p.value]);
    });
}

/// All positions, tile by tile, while the next panel is fetched into the second-level cache.
template <typename Begin, typename End>
[[gnu::always_inline]] inline void multiply(const Panel& panel, const Operand& x, const Begin& begin,
                                            const End& end) {
    const auto* values = static_cast<const Encoded*>(x.values);
    const std::size_t lines = panel_rows * panel.depth / line;
    const std::size_t tiles = (x.positions + tile_positions - 1) / tile_positions;
    const std::int8_t* const next = panel.weights + panel_rows * panel.depth;
    std::size_t fetched = 0;
    for (std::size_t tile = 0; tile < tiles; ++tile) {
        for (; fetched < lines * (tile + 1) / tiles; ++fetched)
            _mm_prefetch(reinterpret_cast<const char*>(next) + line * fetched, _MM_HINT_T1);
        const std::size_t first = tile * tile_positions;
        const Encoded* const at = values + first * x.stride;
        const auto run = [&](auto count) __attribute__((always_inline)) {
            tile_i32_u8s8_64xn_avx512vnni<count.value>(
                panel, at,
                x.stride, [&](std::size_t p) __attribute__((always_inline)) { return begin(first + p); },
                [&](std::size_t p, const Sums& sums)
                    __attribute__((always_inline)) { end(first + p, sums); });
        };
        switch (x.positions - first) {
            case 1:
                run(Index<1>{});
                break;
            case 2:
                run(Index<2>{});
                break;
            case 3:
                run(Index<3>{});
                break;
            case 4:
                run(Index<4>{});
                break;
            case 5:
                run(Index<5>{});
                break;
            default:
                run(Index<tile_positions>{});
        }
    }
}

[[gnu::always_inline]] inline Sums load_sums(const std::int32_t* values) {
    Sums sums;
    for (std::size_t v = 0; v < vectors; ++v) sums.of[v] = load(values + 16 * v);
    return sums;
}

[[gnu::always_inline]] inline void store_sums(const Sums& sums, std::int32_t* out) {
    for (std::size_t v = 0; v < vectors; ++v) _mm512_storeu_si512(out + 16 * v, sums.of[v]);
}

/// Undoes the order in which the packing instructions leave bytes: they work on 128 bits at a time.
[[gnu::always_inline]] inline __m512i in_order(__m512i packed) {
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    return _mm512_permutexvar_epi32(order, packed);
}

/// sat(sum >> shift), 64 bytes.
[[gnu::always_inline]] inline __m512i saturated(const Sums& sums, __m128i shift) {
    const __m512i words =
        _mm512_packs_epi32(_mm512_sra_epi32(sums.of[0], shift), _mm512_sra_epi32(sums.of[1], shift));
    const __m512i more =
        _mm512_packs_epi32(_mm512_sra_epi32(sums.of[2], shift), _mm512_sra_epi32(sums.of[3], shift));
    return in_order(_mm512_max_epi8(_mm512_packs_epi16(words, more), _mm512_set1_epi8(-127)));
}

/// With t = (sum >> shift) mod 512: min(t, 512 - t), 32 words.
[[gnu::always_inline]] inline __m512i waves(__m512i a, __m512i b, __m128i shift) {
    const __m512i period = _mm512_set1_epi32(511);
    const __m512i words = _mm512_packs_epi32(_mm512_and_si512(_mm512_srl_epi32(a, shift), period),
                                             _mm512_and_si512(_mm512_srl_epi32(b, shift), period));
    return _mm512_min_epi16(words, _mm512_sub_epi16(_mm512_set1_epi16(512), words));
}

/// fold((sum >> shift) - 128) + 128: the wave, held within 1..255. 64 bytes.
[[gnu::always_inline]] inline __m512i folded(const Sums& sums, __m128i shift) {
    const __m512i bytes =
        _mm512_packus_epi16(waves(sums.of[0], sums.of[1], shift), waves(sums.of[2], sums.of[3], shift));
    return in_order(_mm512_max_epu8(bytes, _mm512_set1_epi8(1)));
}

[[gnu::always_inline]] inline __m128i shift_count(std::uint32_t shift) {
    return _mm_cvtsi32_si128(static_cast<int>(shift));
}

void project_s8_64xn_avx512vnni(const Panel& panel, const Operand& x, std::uint32_t shift, std::int8_t* out,
                                std::size_t stride) {
    const __m128i count = shift_count(shift);
    multiply(
        panel, x, [&](std::size_t) __attribute__((always_inline)) { return load_sums(panel.bias); },
        [&](std::size_t position, const Sums& sums) __attribute__((always_inline)) {
            _mm512_storeu_si512(out + position * stride, saturated(sums, count));
        });
}

void fold_u8_64xn_avx512vnni(const Panel& panel, const Operand& x, std::uint32_t shift, void* out,
                             std::size_t stride) {
    const __m128i count = shift_count(shift);
    auto* const encoded = static_cast<Encoded*>(out);
    multiply(
        panel, x, [&](std::size_t) __attribute__((always_inline)) { return load_sums(panel.bias); },
        [&](std::size_t position, const Sums& sums) __attribute__((always_inline)) {
            _mm512_storeu_si512(encoded + position * stride, folded(sums, count));
        });
}

void fold_gate_u8_64xn_avx512vnni(const Panel& panel, const Operand& x, std::uint32_t shift,
                                  const std::int8_t* up, std::uint32_t gate_shift, void* out,
                                  std::size_t stride) {
    const __m128i count = shift_count(shift);
    const __m128i gate_count = shift_count(gate_shift);
    const __m512i half = _mm512_set1_epi32(1 << (gate_shift - 1));
    const __m512i offset = _mm512_set1_epi8(-128);
    auto* const encoded = static_cast<Encoded*>(out);
    multiply(
        panel, x, [&](std::size_t) __attribute__((always_inline)) { return load_sums(panel.bias); },
        [&](std::size_t position, const Sums& sums) __attribute__((always_inline)) {
            std::int8_t fold[panel_rows];
            _mm512_storeu_si512(fold, _mm512_xor_si512(folded(sums, count), offset));
            Sums gated;
            for (std::size_t v = 0; v < vectors; ++v) {
                const auto wide = [&](const std::int8_t* bytes) {
                    return _mm512_cvtepi8_epi32(
                        _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * v)));
                };
                gated.of[v] =
                    _mm512_add_epi32(_mm512_mullo_epi32(wide(fold), wide(up + position * stride)), half);
            }
            _mm512_storeu_si512(encoded + position * stride,
                                _mm512_xor_si512(saturated(gated, gate_count), offset));
        });
}

void add_residual_i32_64xn_avx512vnni(const Panel& panel, const Operand& x, const std::int8_t* h,
                                      std::uint32_t residual_shift, std::int32_t* y, std::size_t stride) {
    const __m128i count = shift_count(residual_shift);
    multiply(
        panel, x,
        [&](std::size_t position) __attribute__((always_inline)) {
            Sums sums = load_sums(panel.bias);
            for (std::size_t v = 0; v < vectors; ++v) {
                const void* bytes = h + position * stride + 16 * v;
                const __m512i wide =
                    _mm512_cvtepi8_epi32(_mm_loadu_si128(static_cast<const __m128i*>(bytes)));
                sums.of[v] = _mm512_add_epi32(sums.of[v], _mm512_sll_epi32(wide, count));
            }
            return sums;
        },
        [&](std::size_t position, const Sums& sums)
            __attribute__((always_inline)) { store_sums(sums, y + position * stride); });
}

void add_i32_64xn_avx512vnni(const Panel& panel, const Operand& x, std::int32_t* y, std::size_t stride) {
    multiply(
        panel, x,
        [&](std::size_t position) __attribute__((always_inline)) { return load_sums(y + position * stride); },
        [&](std::size_t position, const Sums& sums)
            __attribute__((always_inline)) { store_sums(sums, y + position * stride); });
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

void pack_64xk_avx512vnni(const std::int8_t* rows, std::size_t stride, std::size_t depth, std::int8_t* packed,
                          std::int32_t* bias) {
    for (std::size_t v = 0; v < vectors; ++v) {
        __m512i sum = _mm512_setzero_si512();
        for (std::size_t column = 0; column < depth; column += line) {
            __m512i block[16];
            for (std::size_t r = 0; r < 16; ++r) block[r] = load(rows + (16 * v + r) * stride + column);
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
    const __m512i offset = _mm512_set1_epi8(-128);
    for (std::size_t i = 0; i < count; i += line)
        _mm512_storeu_si512(static_cast<Encoded*>(encoded) + i, _mm512_xor_si512(load(values + i), offset));
}

std::uint64_t sum_of_squares_avx512(const std::int32_t* y, std::size_t count) {
    __m512i even = _mm512_setzero_si512();
    __m512i odd = _mm512_setzero_si512();
    for (std::size_t i = 0; i < count; i += 16) {
        const __m512i values = load(y + i);
        const __m512i shifted = _mm512_srli_epi64(values, 32);
        even = _mm512_add_epi64(even, _mm512_mul_epi32(values, values));
        odd = _mm512_add_epi64(odd, _mm512_mul_epi32(shifted, shifted));
    }
    return static_cast<std::uint64_t>(_mm512_reduce_add_epi64(_mm512_add_epi64(even, odd)));
}

void scale_s8_avx512(const std::int32_t* y, std::size_t count, std::uint64_t factor, std::int8_t* out) {
    const __m512i wide_factor = _mm512_set1_epi64(static_cast<long long>(factor));
    const __m512i half = _mm512_set1_epi64(1 << 23);
    for (std::size_t i = 0; i < count; i += 8) {
        const __m512i values =
            _mm512_cvtepi32_epi64(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(y + i)));
        const __m512i rounded =
            _mm512_srai_epi64(_mm512_add_epi64(_mm512_mullo_epi64(values, wide_factor), half), 24);
        const __m128i bytes = _mm512_cvtsepi64_epi8(_mm512_max_epi64(rounded, _mm512_set1_epi64(-127)));
        _mm_storel_epi64(reinterpret_cast<__m128i*>(out + i), bytes);
    }
}

}  // namespace

const Kernels avx512_vnni{sizeof(Encoded),
                          pack_64xk_avx512vnni,
                          encode_u8_avx512vnni,
                          project_s8_64xn_avx512vnni,
                          fold_u8_64xn_avx512vnni,
                          fold_gate_u8_64xn_avx512vnni,
                          add_residual_i32_64xn_avx512vnni,
                          add_i32_64xn_avx512vnni,
                          sum_of_squares_avx512,
                          scale_s8_avx512,
                          attend};

}  // namespace pouw::pow::kernels
