/// Versions of the library and of the specification it implements.
#pragma once

#include <cstdint>
#include <string_view>

namespace pouw::core {

/// Version of the C++ API (semantic versioning; while 0.x, a minor release may break it).
inline constexpr std::string_view version = "0.1.0";

/// Version of the consensus rules (docs/spec). It travels in every proof and model id.
inline constexpr std::uint32_t spec_version = 1;

}  // namespace pouw::core
