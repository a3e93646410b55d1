/// What the fuzz targets have in common: a check that does not vanish in release builds.
#pragma once

#include "pouw/core/bytes.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace pouw::fuzz {

inline void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace pouw::fuzz
