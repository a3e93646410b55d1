/// What the processor can do and the operating system lets it do.
#pragma once

namespace pouw::inline v1::pow {

struct CpuFeatures {
    bool avx2 = false;
    bool avx_vnni = false;       ///< 256-bit VNNI in VEX encoding
    bool avx512vl_vnni = false;  ///< 256-bit VNNI in EVEX encoding
    bool avx512_vnni = false;    ///< F, BW, DQ, VL and VNNI
    bool amx_int8 = false;       ///< tiles of bytes, which the system lets this process use; and avx512_vnni
    bool neon_dotprod = false;
};

/// Asks the processor, and the system for the use of the tile registers: cheap, but not free.
[[nodiscard]] CpuFeatures detect_cpu_features() noexcept;

}  // namespace pouw::inline v1::pow
