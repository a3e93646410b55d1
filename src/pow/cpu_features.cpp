#include "pow/cpu_features.hpp"

#include <cstdint>

#if defined(__x86_64__)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace pouw::inline v1::pow {

#if defined(__x86_64__)
namespace {

struct Registers {
    unsigned eax = 0;
    unsigned ebx = 0;
    unsigned ecx = 0;
    unsigned edx = 0;
};

/// Zeros where the processor has no such leaf.
Registers cpuid(unsigned leaf, unsigned subleaf) noexcept {
    Registers r;
    __get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx);
    return r;
}

constexpr bool has(unsigned value, unsigned bit) noexcept { return (value >> bit & 1u) != 0; }

/// XCR0: the register state that the operating system saves for a thread. Without it a processor's
/// instructions are of no use, whatever it reports.
std::uint64_t saved_state() noexcept {
    const bool osxsave = has(cpuid(1, 0).ecx, 27);
    if (!osxsave) return 0;
    unsigned low = 0;
    unsigned high = 0;
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return std::uint64_t{high} << 32 | low;
}

/// Asks the system for the tile registers, whose state it keeps for those processes alone that ask. It refuses where
/// a thread's alternative signal stack is too small for that state.
bool request_tiles() noexcept {
#if defined(__linux__) && defined(SYS_arch_prctl)
    constexpr long request_permission = 0x1023;  // ARCH_REQ_XCOMP_PERM
    constexpr long tile_data = 18;
    return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
    return false;
#endif
}

}  // namespace

CpuFeatures detect_cpu_features() noexcept {
    constexpr std::uint64_t tiles = 0x60000;  // configuration and data
    constexpr std::uint64_t ymm = 0x6;   // XMM, YMM
    constexpr std::uint64_t zmm = 0xe6;  // and opmask, upper halves, upper registers
    const std::uint64_t state = saved_state();
    const Registers extended = cpuid(7, 0);
    const Registers more = cpuid(7, 1);
    const bool avx512 = (state & zmm) == zmm && has(extended.ebx, 16) && has(extended.ebx, 17) &&
                        has(extended.ebx, 30) && has(extended.ebx, 31);  // F, DQ, BW, VL
    CpuFeatures features;
    features.avx2 = (state & ymm) == ymm && has(extended.ebx, 5);
    features.avx_vnni = features.avx2 && has(more.eax, 4);
    features.avx512_vnni = features.avx2 && avx512 && has(extended.ecx, 11);
    features.avx512vl_vnni = features.avx512_vnni;
    features.amx_int8 = features.avx512_vnni && (state & tiles) == tiles && has(extended.edx, 24) &&
                        has(extended.edx, 25) && request_tiles();
    return features;
}

#elif defined(__aarch64__) && defined(__linux__)

CpuFeatures detect_cpu_features() noexcept {
    constexpr unsigned long dot_product = 1ul << 20;  // HWCAP_ASIMDDP
    CpuFeatures features;
    features.neon_dotprod = (getauxval(AT_HWCAP) & dot_product) != 0;
    return features;
}

#else

CpuFeatures detect_cpu_features() noexcept { return {}; }

#endif

}  // namespace pouw::inline v1::pow
