/// What the fuzz targets have in common: the entry that each of them defines, and a check that does not
/// vanish in release builds.
#pragma once

#include "pouw/core/bytes.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

/// One run over any bytes. Ends the program when a promise is broken; -1 where there was nothing to try.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace pouw::inline v1::fuzz {

/// Ends the program when a promise is broken.
inline void require(bool holds, const char* promise = "see the target") {
    if (holds) return;
    std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
}

}  // namespace pouw::inline v1::fuzz
