/// The kernel sets of this architecture, and which of them this machine runs.
#pragma once

#include "pow/cpu_features.hpp"
#include "pow/kernels/kernels.h"

#include <string>
#include <vector>

namespace pouw::test {

struct KernelSet {
    std::string name;
    const pow::kernels::Kernels* kernels;
    bool supported;
};

inline std::vector<KernelSet> kernel_sets() {
    [[maybe_unused]] const pow::CpuFeatures cpu = pow::detect_cpu_features();
#if defined(__x86_64__)
    return {{"avx2", &pow::kernels::avx2, cpu.avx2},
            {"avx_vnni", &pow::kernels::avx_vnni, cpu.avx_vnni},
            {"avx512vl_vnni", &pow::kernels::avx512vl_vnni, cpu.avx512vl_vnni},
            {"avx512_vnni", &pow::kernels::avx512_vnni, cpu.avx512_vnni}};
#elif defined(__aarch64__)
    return {{"neon_dotprod", &pow::kernels::neon_dotprod, cpu.neon_dotprod}};
#else
    return {};
#endif
}

}  // namespace pouw::test
