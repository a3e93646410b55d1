/// NEON with dot products: 16 rows × 6 positions in 24 registers of 4 sums.
///
/// sdot multiplies signed bytes and adds four products without saturation, so activations need no encoding.
/// Little endian, as AArch64 systems are.
#include "pow/kernels/attention.h"
#include "pow/kernels/epilogues.h"
#include "pow/kernels/kernels.h"

#include <arm_neon.h>

namespace pouw::inline v1::pow::kernels {
namespace {

/// (p + 2^(shift-1)) >> shift = ((p >> (shift-1)) + 1) >> 1, in words. Right shifts are left shifts by less
/// than 0.
[[gnu::always_inline]] inline int16x8_t round_words(int16x8_t products, std::uint32_t shift) {
    const auto before = static_cast<std::int16_t>(1 - static_cast<std::int32_t>(shift));
    const int16x8_t halves = vshlq_s16(products, vdupq_n_s16(before));
    return vshrq_n_s16(vaddq_s16(halves, vdupq_n_s16(1)), 1);
}

/// i32 += s8 × s8, 16 rows × 6 positions.
struct I32S8S8_16x6_NeonDotprod {
    using Product = RegisterTile<I32S8S8_16x6_NeonDotprod>;
    using Encoded = std::int8_t;
    using Vector = int32x4_t;
    using Bytes = int8x16_t;
    using Tile = Sums<I32S8S8_16x6_NeonDotprod>;
    static constexpr std::size_t step = 4;
    static constexpr std::size_t micro_panel_rows = 16;
    static constexpr std::size_t tile_positions = 6;
    static constexpr std::size_t vectors = 4;

    [[gnu::always_inline]] static Vector load_weights(const std::int8_t* micro_panel, std::size_t vector) {
        return vreinterpretq_s32_s8(vld1q_s8(micro_panel + 16 * vector));
    }
    /// Not broadcast: sdot takes the four activations of a lane.
    [[gnu::always_inline]] static int8x8_t broadcast(const Encoded* activations) {
        std::int32_t four;
        __builtin_memcpy(&four, activations, sizeof four);
        return vreinterpret_s8_s32(int32x2_t{four, 0});
    }
    [[gnu::always_inline]] static Vector multiply_add(Vector sum, int8x8_t activations, Vector weights) {
        return vdotq_lane_s32(sum, vreinterpretq_s8_s32(weights), activations, 0);
    }
    [[gnu::always_inline]] static void optimisation_barrier(Tile& sums) {
        asm("" : "+w"(sums.of[0]), "+w"(sums.of[1]), "+w"(sums.of[2]), "+w"(sums.of[3]));
    }

    [[gnu::always_inline]] static Tile load_sums(const std::int32_t* sums) {
        return {{vld1q_s32(sums), vld1q_s32(sums + 4), vld1q_s32(sums + 8), vld1q_s32(sums + 12)}};
    }
    [[gnu::always_inline]] static void store_sums(const Tile& sums, std::int32_t* out) {
        unroll<vectors>([&](auto v) __attribute__((always_inline)) {
            vst1q_s32(out + 4 * v.value, sums.of[v.value]);
        });
    }
    /// sums + (h << shift)
    [[gnu::always_inline]] static Tile add_shifted(const Tile& sums, const std::int8_t* h,
                                                   std::uint32_t shift) {
        const int32x4_t by = vdupq_n_s32(static_cast<std::int32_t>(shift));
        const int8x16_t bytes = vld1q_s8(h);
        const int16x8_t low = vmovl_s8(vget_low_s8(bytes));
        const int16x8_t high = vmovl_high_s8(bytes);
        return {{vaddq_s32(sums.of[0], vshlq_s32(vmovl_s16(vget_low_s16(low)), by)),
                 vaddq_s32(sums.of[1], vshlq_s32(vmovl_high_s16(low), by)),
                 vaddq_s32(sums.of[2], vshlq_s32(vmovl_s16(vget_low_s16(high)), by)),
                 vaddq_s32(sums.of[3], vshlq_s32(vmovl_high_s16(high), by))}};
    }

    [[gnu::always_inline]] static Bytes load_bytes(const std::int8_t* bytes) { return vld1q_s8(bytes); }
    [[gnu::always_inline]] static void store_bytes(Bytes bytes, std::int8_t* out) { vst1q_s8(out, bytes); }
    [[gnu::always_inline]] static void store_encoded(Bytes bytes, Encoded* out) { vst1q_s8(out, bytes); }

    /// 16 words as bytes held within -127..127.
    [[gnu::always_inline]] static Bytes narrowed(int16x8_t low, int16x8_t high) {
        return vmaxq_s8(vqmovn_high_s16(vqmovn_s16(low), high), vdupq_n_s8(-127));
    }
    /// sat(sum >> shift)
    [[gnu::always_inline]] static Bytes saturated(const Tile& sums, std::uint32_t shift) {
        const int32x4_t by = vdupq_n_s32(-static_cast<std::int32_t>(shift));
        const int16x4_t low = vqmovn_s32(vshlq_s32(sums.of[0], by));
        const int16x4_t high = vqmovn_s32(vshlq_s32(sums.of[2], by));
        return narrowed(vqmovn_high_s32(low, vshlq_s32(sums.of[1], by)),
                        vqmovn_high_s32(high, vshlq_s32(sums.of[3], by)));
    }
    /// With t = (sum >> shift) mod 512: min(t, 512 - t) - 128, 8 words.
    [[gnu::always_inline]] static int16x8_t wave(int32x4_t a, int32x4_t b, std::uint32_t shift) {
        const int32x4_t by = vdupq_n_s32(-static_cast<std::int32_t>(shift));
        const uint32x4_t low = vshlq_u32(vreinterpretq_u32_s32(a), by);
        const uint32x4_t high = vshlq_u32(vreinterpretq_u32_s32(b), by);
        const uint16x8_t words = vandq_u16(vmovn_high_u32(vmovn_u32(low), high), vdupq_n_u16(511));
        const uint16x8_t height = vminq_u16(words, vsubq_u16(vdupq_n_u16(512), words));
        return vsubq_s16(vreinterpretq_s16_u16(height), vdupq_n_s16(128));
    }
    /// fold((sum >> shift) - 128)
    [[gnu::always_inline]] static Bytes folded(const Tile& sums, std::uint32_t shift) {
        return narrowed(wave(sums.of[0], sums.of[1], shift), wave(sums.of[2], sums.of[3], shift));
    }
    /// sat(round(a * b, shift))
    [[gnu::always_inline]] static Bytes gated(Bytes a, Bytes b, std::uint32_t shift) {
        return narrowed(round_words(vmull_s8(vget_low_s8(a), vget_low_s8(b)), shift),
                        round_words(vmull_high_s8(a, b), shift));
    }
};

using Isa = I32S8S8_16x6_NeonDotprod;

/// Bytes as weights: -128 is 0.
[[gnu::always_inline]] inline int8x16_t weights(int8x16_t bytes) {
    return vbicq_s8(bytes, vreinterpretq_s8_u8(vceqq_s8(bytes, vdupq_n_s8(-128))));
}

/// 4 rows of 4 groups of four weights become 4 groups of 4 rows. There is no offset to make up for.
void pack_16xk_neon(const std::int8_t* rows, std::size_t stride, std::size_t depth, std::int8_t* packed,
                    std::int32_t*) {
    for (std::size_t row = 0; row < panel_rows; row += 4) {
        std::int8_t* const micro_panel = packed + row / 16 * 16 * depth + row % 16 * 4;
        for (std::size_t column = 0; column < depth; column += 16) {
            const auto load = [&](std::size_t r) {
                return vreinterpretq_s32_s8(weights(vld1q_s8(rows + (row + r) * stride + column)));
            };
            const int32x4x2_t low = vzipq_s32(load(0), load(2));
            const int32x4x2_t high = vzipq_s32(load(1), load(3));
            const auto store = [&](std::size_t group, int32x4_t four_rows) {
                vst1q_s8(micro_panel + (column + 4 * group) * 16, vreinterpretq_s8_s32(four_rows));
            };
            const int32x4x2_t first = vzipq_s32(low.val[0], high.val[0]);
            const int32x4x2_t second = vzipq_s32(low.val[1], high.val[1]);
            store(0, first.val[0]);
            store(1, first.val[1]);
            store(2, second.val[0]);
            store(3, second.val[1]);
        }
    }
}

void encode_s8_neon(const std::int8_t* values, std::size_t size, void* encoded) {
    for (std::size_t i = 0; i < size; i += 16)
        vst1q_s8(static_cast<std::int8_t*>(encoded) + i, vld1q_s8(values + i));
}

std::uint64_t sum_of_squares_neon(const std::int32_t* y, std::size_t size) {
    int64x2_t low = vdupq_n_s64(0);
    int64x2_t high = vdupq_n_s64(0);
    for (std::size_t i = 0; i < size; i += 4) {
        const int32x4_t values = vld1q_s32(y + i);
        low = vaddq_s64(low, vmull_s32(vget_low_s32(values), vget_low_s32(values)));
        high = vaddq_s64(high, vmull_high_s32(values, values));
    }
    return static_cast<std::uint64_t>(vaddvq_s64(vaddq_s64(low, high)));
}

/// There is no vector product of 64 bits, and the scalar one is fast.
void scale_s8_neon(const std::int32_t* y, std::size_t size, std::uint64_t factor, std::int8_t* out) {
    for (std::size_t i = 0; i < size; ++i) {
        const auto product =
            static_cast<std::int64_t>(static_cast<std::uint64_t>(static_cast<std::int64_t>(y[i])) * factor);
        const std::int64_t rounded = ((product >> 23) + 1) >> 1;
        out[i] = static_cast<std::int8_t>(rounded > 127 ? 127 : rounded < -127 ? -127 : rounded);
    }
}

}  // namespace

const Kernels neon_dotprod{sizeof(Isa::Encoded),
                           192,
                           pack_16xk_neon,
                           encode_s8_neon,
                           project<Isa>,
                           fold<Isa>,
                           fold_gate<Isa>,
                           add_residual<Isa>,
                           add<Isa>,
                           sum_of_squares_neon,
                           scale_s8_neon,
                           attend};

}  // namespace pouw::inline v1::pow::kernels
