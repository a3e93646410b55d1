#include "cli/bench_peaks.hpp"

#include <array>
#include <cstddef>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace pouw::inline v1::cli {
namespace {

// 14 sums hide the latency of every processor known to us, and fit the registers of all.
// Written as assembly: a compiler would take the loop apart, or keep a sum in memory.
#define POUW_EACH_SUM(instruction)                                                                           \
    instruction(0) instruction(1) instruction(2) instruction(3) instruction(4) instruction(5) instruction(6) \
        instruction(7) instruction(8) instruction(9) instruction(10) instruction(11) instruction(12)         \
            instruction(13)
#define POUW_SUMS 14

#if defined(__x86_64__)

#define POUW_CLOBBERS                                                                                 \
    "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", \
        "xmm12", "xmm13", "xmm14", "xmm15"

/// Zeroes registers 0..15, so that no denormal and no false dependency slows the loop.
#define POUW_ZERO "vzeroall\n\t"

/// Bytes as weights and activations are: a processor multiplies zeros faster, for want of heat.
struct alignas(64) RandomBytes {
    std::uint8_t of[1024];

    RandomBytes() noexcept {
        std::uint64_t state = 1;
        for (std::uint8_t& byte : of) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            byte = static_cast<std::uint8_t>(state >> 56);
        }
    }
};
const RandomBytes random_bytes;

#define POUW_RANDOM_ZMM "vmovdqu64 (%1), %%zmm14\n\tvmovdqu64 64(%1), %%zmm15\n\t"
#define POUW_RANDOM_YMM "vmovdqu (%1), %%ymm14\n\tvmovdqu 64(%1), %%ymm15\n\t"

#define POUW_PEAK_LOOP(name, random, body, operations)                                         \
    std::uint64_t name(std::uint64_t iterations) {                                             \
        std::uint64_t left = iterations;                                                       \
        asm volatile(POUW_ZERO random                                                          \
                     ".p2align 5\n1:\n\t" POUW_EACH_SUM(body) "dec %0\n\tjnz 1b\n\tvzeroupper" \
                     : "+r"(left)                                                              \
                     : "r"(&random_bytes)                                                      \
                     : POUW_CLOBBERS, "cc", "memory");                                         \
        return iterations * POUW_SUMS * (operations);                                          \
    }

#define POUW_DPBUSD_ZMM(i) "vpdpbusd %%zmm14, %%zmm15, %%zmm" #i "\n\t"
#define POUW_DPBUSD_YMM(i) "%{vex%} vpdpbusd %%ymm14, %%ymm15, %%ymm" #i "\n\t"
#define POUW_FMA_ZMM(i) "vfmadd231ps %%zmm14, %%zmm15, %%zmm" #i "\n\t"
#define POUW_FMA_YMM(i) "vfmadd231ps %%ymm14, %%ymm15, %%ymm" #i "\n\t"

POUW_PEAK_LOOP(dpbusd_zmm, POUW_RANDOM_ZMM, POUW_DPBUSD_ZMM, 2 * 64)
POUW_PEAK_LOOP(dpbusd_ymm, POUW_RANDOM_YMM, POUW_DPBUSD_YMM, 2 * 32)
POUW_PEAK_LOOP(fma_zmm, "", POUW_FMA_ZMM, 2 * 16)
POUW_PEAK_LOOP(fma_ymm, "", POUW_FMA_YMM, 2 * 8)

/// vpmaddwd does not add to a sum: a product takes a second instruction.
std::uint64_t maddwd_ymm(std::uint64_t iterations) {
    std::uint64_t left = iterations;
#define POUW_MADDWD(i, t) \
    "vpmaddwd %%ymm14, %%ymm15, %%ymm" #t "\n\tvpaddd %%ymm" #t ", %%ymm" #i ", %%ymm" #i "\n\t"
    asm volatile(POUW_ZERO POUW_RANDOM_YMM ".p2align 5\n1:\n\t" POUW_MADDWD(0, 8) POUW_MADDWD(1, 9)
                     POUW_MADDWD(2, 10) POUW_MADDWD(3, 11) POUW_MADDWD(4, 12) POUW_MADDWD(5, 13)
                         POUW_MADDWD(6, 8) POUW_MADDWD(7, 9) "dec %0\n\tjnz 1b\n\tvzeroupper"
                 : "+r"(left)
                 : "r"(&random_bytes)
                 : POUW_CLOBBERS, "cc", "memory");
#undef POUW_MADDWD
    return iterations * 8 * 2 * 16;
}

/// A product of tiles takes as long as some 14 of vectors, so there are as many fewer.
std::uint64_t tdpbssd(std::uint64_t iterations) {
    constexpr std::uint64_t sums = 6;
    const std::uint64_t rounds = iterations / 14 + 1;
    std::uint64_t left = rounds;
    struct alignas(64) {
        std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
        std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
        std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
    } shapes;
#define POUW_TDPBSSD(i) "tdpbssd %%tmm7, %%tmm6, %%tmm" #i "\n\t"
    asm volatile(
        "ldtilecfg %3\n\ttileloadd (%1,%2,1), %%tmm6\n\ttileloadd (%1,%2,1), %%tmm7\n\t.p2align "
        "5\n1:\n\t" POUW_TDPBSSD(0) POUW_TDPBSSD(1) POUW_TDPBSSD(2) POUW_TDPBSSD(3) POUW_TDPBSSD(4)
            POUW_TDPBSSD(5) "dec %0\n\tjnz 1b\n\ttilerelease"
        : "+r"(left)
        : "r"(&random_bytes), "r"(std::uint64_t{64}), "m"(shapes)
        : "cc", "memory");
#undef POUW_TDPBSSD
    return rounds * sums * 2 * 16 * 16 * 64;
}

constexpr std::array int8_loops{PeakLoop{"tdpbssd", tdpbssd}, PeakLoop{"vpdpbusd zmm", dpbusd_zmm},
                                PeakLoop{"vpdpbusd ymm", dpbusd_ymm}, PeakLoop{"vpmaddwd ymm", maddwd_ymm}};

#elif defined(__aarch64__)

#define POUW_CLOBBERS \
    "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15"
#define POUW_PEAK_LOOP(name, arch, body, operations)                                \
    std::uint64_t name(std::uint64_t iterations) {                                  \
        std::uint64_t left = iterations;                                            \
        asm volatile(arch "1:\n\t" POUW_EACH_SUM(body) "subs %0, %0, #1\n\tb.ne 1b" \
                     : "+r"(left)                                                   \
                     :                                                              \
                     : POUW_CLOBBERS, "cc");                                        \
        return iterations * POUW_SUMS * (operations);                               \
    }
#define POUW_SDOT(i) "sdot v" #i ".4s, v14.16b, v15.16b\n\t"
#define POUW_FMLA(i) "fmla v" #i ".4s, v14.4s, v15.4s\n\t"

POUW_PEAK_LOOP(sdot, ".arch_extension dotprod\n\t", POUW_SDOT, 2 * 16)
POUW_PEAK_LOOP(fmla, "movi v14.4s, #0\n\tmovi v15.4s, #0\n\t", POUW_FMLA, 2 * 4)

constexpr std::array int8_loops{PeakLoop{"sdot", sdot}};

#else

constexpr std::array<PeakLoop, 0> int8_loops{};

#endif

}  // namespace

PeakLoop int8_peak_of(std::string_view instruction) {
    for (const PeakLoop& loop : int8_loops)
        if (loop.instruction == instruction) return loop;
    return {"", nullptr};
}

PeakLoop float32_peak() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) return {"vfmadd231ps zmm", fma_zmm};
    if (__builtin_cpu_supports("fma")) return {"vfmadd231ps ymm", fma_ymm};
#elif defined(__aarch64__)
    return {"fmla", fmla};
#endif
    return {"", nullptr};
}

}  // namespace pouw::inline v1::cli
