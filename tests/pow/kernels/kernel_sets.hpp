/// The kernel sets of this architecture, and which of them this machine runs.
#pragma once

#include "pow/cpu_features.hpp"
#include "pow/kernels/kernels.h"

#include <string>
#include <vector>

namespace pouw::inline v1::test {

struct KernelSet {
    std::string name;
    const pow::kernels::Kernels* kernels;
    bool supported;
};

inline std::vector<KernelSet> kernel_sets() {
    [[maybe_unused]] const pow::CpuFeatures cpu = pow::detect_cpu_features();
    return {
#define POUW_KERNELS(table, feature) {#table, &pow::kernels::table, cpu.feature},
#include "pow/kernels/kernels.def"
#undef POUW_KERNELS
    };
}

}  // namespace pouw::inline v1::test
