/// Integers of 128 and 256 bits: the compiler's 128-bit types, 256 bits for their products, and decimal text.
///
/// The header has what the consensus rules need: the exact product, the division of a product, and
/// comparison. All functions but `to_decimal` are constexpr.
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"

#include <algorithm>
#include <bit>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pouw::inline v1::core {

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

/// The largest integers of 128 bits.
inline constexpr uint128 uint128_max = ~uint128{0};
inline constexpr int128 int128_max = static_cast<int128>(uint128_max >> 1);

// std::integral excludes 128 bits without compiler extensions; these join the overloads of checked.hpp.
[[nodiscard]] constexpr std::optional<int128> checked_add(int128 a, int128 b) noexcept {
    int128 out{};
    if (__builtin_add_overflow(a, b, &out)) return std::nullopt;
    return out;
}

[[nodiscard]] constexpr std::optional<uint128> checked_add(uint128 a, uint128 b) noexcept {
    uint128 out{};
    if (__builtin_add_overflow(a, b, &out)) return std::nullopt;
    return out;
}

[[nodiscard]] constexpr std::optional<uint128> checked_multiply(uint128 a, uint128 b) noexcept {
    uint128 out{};
    if (__builtin_mul_overflow(a, b, &out)) return std::nullopt;
    return out;
}

/// An unsigned integer of 256 bits, `high · 2^128 + low`. The members are in the order of comparison.
struct POUW_API uint256 {
    uint128 high = 0;
    uint128 low = 0;

    friend constexpr auto operator<=>(const uint256&, const uint256&) = default;
};

/// The exact product of two 128-bit integers.
[[nodiscard]] constexpr uint256 multiply(uint128 a, uint128 b) noexcept {
    const auto low_half = [](uint128 x) { return static_cast<std::uint64_t>(x); };
    const uint128 ll = uint128{low_half(a)} * low_half(b);
    const uint128 lh = uint128{low_half(a)} * low_half(b >> 64);
    const uint128 hl = uint128{low_half(a >> 64)} * low_half(b);
    const uint128 hh = uint128{low_half(a >> 64)} * low_half(b >> 64);
    const uint128 middle = (ll >> 64) + low_half(lh) + low_half(hl);
    return {hh + (lh >> 64) + (hl >> 64) + (middle >> 64), (middle << 64) | low_half(ll)};
}

/// The difference `a - b`.
/// Expects: `a >= b`.
[[nodiscard]] constexpr uint256 subtract(const uint256& a, const uint256& b) {
    POUW_EXPECTS(a >= b);
    return {a.high - b.high - (a.low < b.low ? 1u : 0u), a.low - b.low};
}

/// A quotient and a remainder.
struct POUW_API Division {
    uint256 quotient;
    uint128 remainder;

    friend constexpr bool operator==(const Division&, const Division&) = default;
};

namespace detail {

/// One digit in base 2^64 of `(top · 2^64 + digit) / divisor`, and the remainder. The estimate from the
/// leading digits is at most 2 too large.
/// Expects: `top < divisor`, and the highest bit of `divisor` set.
struct POUW_API DigitStep {
    std::uint64_t quotient;
    uint128 remainder;
};
constexpr DigitStep divide_digit(uint128 top, std::uint64_t digit, uint128 divisor) {
    const uint128 leading = divisor >> 64;
    uint128 estimate = std::min<uint128>(top / leading, UINT64_MAX);
    const uint256 dividend{top >> 64, (top << 64) | digit};
    uint256 product = multiply(divisor, estimate);
    while (product > dividend) {
        product = subtract(product, {0, divisor});
        --estimate;
    }
    return {static_cast<std::uint64_t>(estimate), subtract(dividend, product).low};
}

/// The quotient and the remainder of `(top · 2^128 + low) / divisor`. The quotient has at most 128 bits.
/// Expects: `top < divisor`.
constexpr Division divide_below(uint128 top, uint128 low, uint128 divisor) {
    if (top == 0) return {{0, low / divisor}, low % divisor};
    if (divisor <= UINT64_MAX) {
        const uint128 first = (top << 64) | (low >> 64);
        const uint128 second = ((first % divisor) << 64) | static_cast<std::uint64_t>(low);
        return {{0, ((first / divisor) << 64) | (second / divisor)}, second % divisor};
    }
    const int shift = std::countl_zero(static_cast<std::uint64_t>(divisor >> 64));
    divisor <<= shift;
    if (shift != 0) top = (top << shift) | (low >> (128 - shift));
    low <<= shift;
    const DigitStep first = divide_digit(top, static_cast<std::uint64_t>(low >> 64), divisor);
    const DigitStep second = divide_digit(first.remainder, static_cast<std::uint64_t>(low), divisor);
    return {{0, (uint128{first.quotient} << 64) | second.quotient}, second.remainder >> shift};
}

}  // namespace detail

/// The quotient and the remainder of a division.
/// Expects: `divisor != 0`.
/// Cost: about 10 ns.
[[nodiscard]] constexpr Division divide(const uint256& dividend, uint128 divisor) {
    POUW_EXPECTS(divisor != 0);
    if (dividend.high == 0) return {{0, dividend.low / divisor}, dividend.low % divisor};
    Division out = detail::divide_below(dividend.high % divisor, dividend.low, divisor);
    out.quotient.high = dividend.high / divisor;
    return out;
}

/// The value floor(a · b / divisor), computed through 256 bits; nothing when it exceeds 128 bits.
/// Expects: `divisor != 0`.
[[nodiscard]] constexpr std::optional<uint128> multiply_divide_floor(uint128 a, uint128 b, uint128 divisor) {
    const Division d = divide(multiply(a, b), divisor);
    if (d.quotient.high != 0) return std::nullopt;
    return d.quotient.low;
}

/// The value ceil(a · b / divisor), computed through 256 bits; nothing when it exceeds 128 bits.
/// Expects: `divisor != 0`.
[[nodiscard]] constexpr std::optional<uint128> multiply_divide_ceil(uint128 a, uint128 b, uint128 divisor) {
    const Division d = divide(multiply(a, b), divisor);
    if (d.quotient.high != 0) return std::nullopt;
    return checked_add(d.quotient.low, uint128{d.remainder != 0});
}

/// The number in decimal digits.
[[nodiscard]] inline std::string to_decimal(uint128 value) {
    std::string out;
    do {
        out.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
        value /= 10;
    } while (value != 0);
    std::reverse(out.begin(), out.end());
    return out;
}

/// The number in decimal digits, with a minus sign before a negative one.
[[nodiscard]] inline std::string to_decimal(int128 value) {
    if (value >= 0) return to_decimal(static_cast<uint128>(value));
    std::string out{'-'};
    out += to_decimal(uint128{0} - static_cast<uint128>(value));
    return out;
}

/// Parses a number in strict decimal: digits only, no sign, and no leading zero except in "0".
/// Errors: errc::invalid_amount for other text; errc::overflow above 2^128 - 1.
[[nodiscard]] constexpr result<uint128> from_decimal(std::string_view text) {
    if (text.empty()) return fail(errc::invalid_amount, "no digits");
    if (text.size() > 1 && text.front() == '0') return fail(errc::invalid_amount, "a leading zero");
    uint128 value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return fail(errc::invalid_amount, "a character that is no digit");
        const auto shifted = checked_multiply(value, uint128{10});
        const auto next = shifted ? checked_add(*shifted, uint128(static_cast<unsigned>(c - '0'))) : shifted;
        if (!next) return fail(errc::overflow, "more than 128 bits");
        value = *next;
    }
    return value;
}

}  // namespace pouw::inline v1::core
