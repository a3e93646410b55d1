/// Bytes: spans, strong fixed-size values, little-endian integers, strict hexadecimal, and a bounded reader.
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pouw::inline v1::core {

/// A view of bytes.
using ByteView = std::span<const std::uint8_t>;
/// Bytes with an owner.
using Bytes = std::vector<std::uint8_t>;

/// A value of `Size` bytes with a meaning: values with different tags do not convert into each other.
/// Comparison is lexicographic and not constant time; crypto/secret.hpp has the type of secrets.
template <typename Tag, std::size_t Size>
struct POUW_API FixedBytes {
    static constexpr std::size_t size = Size;
    std::array<std::uint8_t, Size> bytes{};

    /// The value of exactly `Size` bytes.
    /// Errors: errc::wrong_length for any other number of bytes.
    [[nodiscard]] static result<FixedBytes> from(ByteView data) noexcept {
        if (data.size() != Size) return fail(errc::wrong_length);
        FixedBytes out;
        for (std::size_t i = 0; i < Size; ++i) out.bytes[i] = data[i];
        return out;
    }
    [[nodiscard]] constexpr std::span<const std::uint8_t, Size> view() const noexcept { return bytes; }

    friend constexpr auto operator<=>(const FixedBytes&, const FixedBytes&) = default;
};

/// The integer at the start of `data`, least significant byte first.
/// Expects: at least `sizeof(Unsigned)` bytes.
template <typename Unsigned>
[[nodiscard]] constexpr Unsigned load_le(ByteView data) {
    POUW_EXPECTS(data.size() >= sizeof(Unsigned));
    Unsigned value = 0;
    for (std::size_t i = 0; i < sizeof(Unsigned); ++i)
        value |= static_cast<Unsigned>(Unsigned{data[i]} << (8 * i));
    return value;
}

/// The bytes of `value`, least significant first.
template <typename Unsigned>
[[nodiscard]] constexpr std::array<std::uint8_t, sizeof(Unsigned)> to_le(Unsigned value) noexcept {
    std::array<std::uint8_t, sizeof(Unsigned)> out{};
    for (std::size_t i = 0; i < sizeof(Unsigned); ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * i));
    return out;
}

/// The bytes of signed 8-bit integers.
[[nodiscard]] inline ByteView as_bytes(std::span<const std::int8_t> values) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size()};
}

/// Appends `data` to `out`.
inline void append(Bytes& out, ByteView data) {
    const std::size_t size = out.size();
    out.resize(size + data.size());
    for (std::size_t i = 0; i < data.size(); ++i) out[size + i] = data[i];
}

/// The bytes in lower-case hexadecimal, two digits for each byte.
[[nodiscard]] inline std::string to_hex(ByteView data) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(2 * data.size());
    for (const std::uint8_t byte : data) {
        out.push_back(digits[byte >> 4]);
        out.push_back(digits[byte & 15]);
    }
    return out;
}

/// Parses strict hexadecimal of either case: digits only, and an even number of them.
/// Errors: errc::invalid_hex.
[[nodiscard]] inline result<Bytes> from_hex(std::string_view text) {
    const auto digit = [](char c) -> int {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        if (c >= 'A' && c <= 'F') return c - 'A' + 10;
        return -1;
    };
    if (text.size() % 2 != 0) return fail(errc::invalid_hex, "an odd number of digits");
    Bytes out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit(text[i]);
        const int low = digit(text[i + 1]);
        if (high < 0 || low < 0) return fail(errc::invalid_hex, "a character that is no hexadecimal digit");
        out.push_back(static_cast<std::uint8_t>(16 * high + low));
    }
    return out;
}

/// A reader that takes fields off the front of untrusted bytes. After the first read that is too short, every
/// read yields zeros and `ok()` is false, so that a decoder can read a whole header and ask once.
class POUW_API Reader {
  public:
    explicit Reader(ByteView data) noexcept : rest_{data} {}

    [[nodiscard]] ByteView take(std::size_t size) noexcept {
        if (size > rest_.size()) {
            ok_ = false;
            rest_ = {};
            return {};
        }
        const ByteView front = rest_.first(size);
        rest_ = rest_.subspan(size);
        return front;
    }
    template <typename Unsigned>
    [[nodiscard]] Unsigned integer() noexcept {
        const ByteView front = take(sizeof(Unsigned));
        return front.empty() ? Unsigned{0} : load_le<Unsigned>(front);
    }
    template <typename Fixed>
    [[nodiscard]] Fixed fixed() noexcept {
        const ByteView front = take(Fixed::size);
        return front.empty() ? Fixed{} : *Fixed::from(front);
    }
    [[nodiscard]] ByteView rest() const noexcept { return rest_; }
    [[nodiscard]] bool ok() const noexcept { return ok_; }

  private:
    ByteView rest_;
    bool ok_ = true;
};

}  // namespace pouw::inline v1::core
