/// Secret bytes: a type that wipes them, and comparison in constant time.
#pragma once

#include "pouw/core/export.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pouw::inline v1::crypto {

/// Overwrites memory with zeros. The compiler does not remove the call.
POUW_API void wipe(void* memory, std::size_t size) noexcept;

/// Whether both hold the same bytes, in constant time.
/// Expects: equal sizes.
[[nodiscard]] POUW_API bool equal(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);

/// `Size` secret bytes. They are moved and never copied; they are wiped when they are moved from and when
/// they are destroyed. `Tag` makes secrets of different purposes different types.
template <typename Tag, std::size_t Size>
class POUW_API Secret {
  public:
    static constexpr std::size_t size = Size;

    Secret() = default;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    Secret(Secret&& other) noexcept : bytes_{other.bytes_} { other.wipe(); }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            bytes_ = other.bytes_;
            other.wipe();
        }
        return *this;
    }
    ~Secret() { wipe(); }

    [[nodiscard]] std::span<const std::uint8_t, Size> reveal() const noexcept { return bytes_; }
    [[nodiscard]] std::span<std::uint8_t, Size> fill() noexcept { return bytes_; }

    /// Comparison in constant time.
    friend bool operator==(const Secret& a, const Secret& b) noexcept { return equal(a.bytes_, b.bytes_); }

  private:
    void wipe() noexcept { crypto::wipe(bytes_.data(), Size); }

    std::array<std::uint8_t, Size> bytes_{};
};

}  // namespace pouw::inline v1::crypto
