/// What the tests of the formats have in common.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/formats/parsed.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace pouw::inline v1::formats {

/// An id whose last byte is `n`.
template <typename Bytes>
[[nodiscard]] Bytes id(std::uint8_t n) {
    Bytes out;
    out.bytes.back() = n;
    return out;
}

/// `text` with the first `from` replaced, which must be there.
[[nodiscard]] inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from << " in " << text;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

/// Expects the refusal of a text at a place.
template <typename T>
void expect_refused(const parsed<T>& parsed, const core::error_code& code, std::string_view path) {
    ASSERT_FALSE(parsed.has_value()) << code.name() << " at " << path;
    EXPECT_EQ(parsed.error().code.name(), code.name());
    EXPECT_EQ(parsed.refusal().path, path);
}

}  // namespace pouw::inline v1::formats
