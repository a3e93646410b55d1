/// The scalar operations of docs/spec/pow.md sections 0 and 4, one function a definition.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>

namespace pouw::inline v1::pow {

/// `sat`: to -127..127.
template <typename Integer>
[[nodiscard]] constexpr std::int8_t saturate(Integer x) noexcept {
    return static_cast<std::int8_t>(std::clamp<Integer>(x, -127, 127));
}

/// `round(x, shift) = (x + 2^(shift-1)) >> shift`: half up. Expects shift >= 1 and no overflow of the sum.
template <typename Integer>
[[nodiscard]] constexpr Integer round_shift(Integer x, std::uint32_t shift) noexcept {
    return (x + (Integer{1} << (shift - 1))) >> shift;
}

/// The odd triangle wave of period 512 and amplitude 127.
[[nodiscard]] constexpr std::int8_t fold(std::int32_t z) noexcept {
    const std::int32_t t = static_cast<std::int32_t>((static_cast<std::uint32_t>(z) + 128u) & 511u);
    return saturate(std::min(t, 512 - t) - 128);
}

/// The exact integer square root, bit by bit: floating-point roots are exact only below 2^53.
[[nodiscard]] constexpr std::uint64_t isqrt(std::uint64_t x) noexcept {
    std::uint64_t root = 0;
    std::uint64_t bit = x == 0 ? 0 : std::uint64_t{1} << ((std::bit_width(x) - 1) / 2 * 2);
    for (; bit != 0; bit >>= 2) {
        if (x >= root + bit) {
            x -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return root;
}

/// `norm(y)`: to root mean square 32. Sums and products modulo 2^64.
constexpr void norm(std::span<const std::int32_t> y, std::span<std::int8_t> out) noexcept {
    std::uint64_t sum = 0;
    for (const std::int32_t value : y) {
        const auto wide = static_cast<std::uint64_t>(std::int64_t{value});
        sum += wide * wide;
    }
    const std::uint64_t r = std::max<std::uint64_t>(1, isqrt(sum));
    const std::uint64_t g = isqrt(std::uint64_t{y.size()} << 48) * 32 / r;
    for (std::size_t i = 0; i < y.size(); ++i) {
        const auto scaled = static_cast<std::int64_t>(static_cast<std::uint64_t>(std::int64_t{y[i]}) * g);
        out[i] = saturate(((scaled >> 23) + 1) >> 1);  // round(scaled, 24), without its overflow
    }
}

/// The weight of a score that lies `distance` below the largest: 2^-(distance / 2^shift), piecewise linear,
/// with 15 fraction bits.
[[nodiscard]] constexpr std::int32_t attention_weight(std::int32_t distance, std::uint32_t shift) noexcept {
    const std::int32_t halvings = distance >> shift;
    if (halvings > 15) return 0;
    const std::int32_t remainder = distance & ((1 << shift) - 1);
    return (((2 << shift) - remainder) << (14 - shift)) >> halvings;
}

}  // namespace pouw::inline v1::pow
