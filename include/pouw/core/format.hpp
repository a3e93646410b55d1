/// Formatters for fmt: ids, errors and numbers as text. The library itself does not include this header; a
/// program that includes it links fmt.
///
///     fmt::print("{} at {}: {}\n", node, height, result.error());
///
/// Width, fill and alignment work as for strings.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/describe.hpp"
#include "pouw/core/error.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/rate.hpp"

#include <fmt/core.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace pouw::inline v1::core::detail {

/// A formatter of the text that `text_of` returns.
template <typename T, std::string (*text_of)(const T&)>
struct POUW_API TextFormatter : fmt::formatter<std::string_view> {
    template <typename Context>
    auto format(const T& value, Context& context) const {
        return fmt::formatter<std::string_view>::format(text_of(value), context);
    }
};

template <typename Tag, std::size_t Size>
[[nodiscard]] std::string text_of(const FixedBytes<Tag, Size>& bytes) {
    return to_hex(bytes.view());
}
template <typename Tag>
[[nodiscard]] std::string text_of(const Ordinal<Tag>& ordinal) {
    return std::to_string(ordinal.value);
}
[[nodiscard]] inline std::string text_of(const error& e) { return describe(e); }
[[nodiscard]] inline std::string text_of(const error_code& code) { return std::string{code.name()}; }
[[nodiscard]] inline std::string text_of(const Fraction& fraction) {
    return std::to_string(fraction.numerator) + '/' + std::to_string(fraction.denominator);
}
[[nodiscard]] inline std::string text_of(const Rate& rate) { return std::to_string(rate.ppm()) + " ppm"; }

}  // namespace pouw::inline v1::core::detail

/// Writes an id as lower-case hexadecimal.
template <typename Tag, std::size_t Size>
struct fmt::formatter<pouw::core::FixedBytes<Tag, Size>>
    : pouw::core::detail::TextFormatter<pouw::core::FixedBytes<Tag, Size>,
                                        pouw::core::detail::text_of<Tag, Size>> {};

/// Writes the number of a height or an epoch.
template <typename Tag>
struct fmt::formatter<pouw::core::Ordinal<Tag>>
    : pouw::core::detail::TextFormatter<pouw::core::Ordinal<Tag>, pouw::core::detail::text_of<Tag>> {};

/// Writes the message of an error, and its detail where there is one.
template <>
struct fmt::formatter<pouw::core::error>
    : pouw::core::detail::TextFormatter<pouw::core::error, pouw::core::detail::text_of> {};

/// Writes the stable name of an error code.
template <>
struct fmt::formatter<pouw::core::error_code>
    : pouw::core::detail::TextFormatter<pouw::core::error_code, pouw::core::detail::text_of> {};

/// Writes a fraction as `1/3`, not reduced.
template <>
struct fmt::formatter<pouw::core::Fraction>
    : pouw::core::detail::TextFormatter<pouw::core::Fraction, pouw::core::detail::text_of> {};

/// Writes a rate as `250000 ppm`.
template <>
struct fmt::formatter<pouw::core::Rate>
    : pouw::core::detail::TextFormatter<pouw::core::Rate, pouw::core::detail::text_of> {};
