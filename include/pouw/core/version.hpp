/// The versions of the library and of the specification that it implements.
#pragma once

#include <cstdint>
#include <string_view>

/// The version of the C++ API (semantic versioning; while it is 0.x, a minor release may break the API). The
/// build reads it from these three lines.
#define POUW_VERSION_MAJOR 0
#define POUW_VERSION_MINOR 1
#define POUW_VERSION_PATCH 0

#define POUW_TEXT_OF_(value) #value
#define POUW_TEXT_OF(value) POUW_TEXT_OF_(value)

namespace pouw::inline v1::core {

/// The version as text, as in "0.1.0".
inline constexpr std::string_view version = POUW_TEXT_OF(POUW_VERSION_MAJOR) "." POUW_TEXT_OF(
    POUW_VERSION_MINOR) "." POUW_TEXT_OF(POUW_VERSION_PATCH);

/// The version of the consensus rules (docs/spec). Every proof and every model id contains it.
inline constexpr std::uint32_t spec_version = 1;

}  // namespace pouw::inline v1::core

static_assert(pouw::v1::core::spec_version == 1,
              "the inline namespace is named after the specification's version");

#undef POUW_TEXT_OF
#undef POUW_TEXT_OF_
