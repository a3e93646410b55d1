/// Integer arithmetic that reports an overflow instead of wrapping.
#pragma once

#include <concepts>
#include <optional>

namespace pouw::inline v1::core {

/// The sum; nothing where it overflows.
template <std::integral Integer>
[[nodiscard]] constexpr std::optional<Integer> checked_add(Integer a, Integer b) noexcept {
    Integer out{};
    if (__builtin_add_overflow(a, b, &out)) return std::nullopt;
    return out;
}

/// The product; nothing where it overflows.
template <std::integral Integer>
[[nodiscard]] constexpr std::optional<Integer> checked_multiply(Integer a, Integer b) noexcept {
    Integer out{};
    if (__builtin_mul_overflow(a, b, &out)) return std::nullopt;
    return out;
}

}  // namespace pouw::inline v1::core
