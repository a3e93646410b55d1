/// Secret bytes: a type that wipes them, and comparison in constant time.
#pragma once

#include "pouw/core/contract.hpp"
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
/// they are destroyed. A secret that was never filled, or that was moved from, is empty: it has no bytes to
/// reveal, so that nobody makes a key of zeros. `Tag` makes secrets of different purposes different types.
template <typename Tag, std::size_t Size>
class POUW_API Secret {
  public:
    static constexpr std::size_t size = Size;

    /// The empty secret.
    Secret() = default;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    Secret(Secret&& other) noexcept : bytes_{other.bytes_}, filled_{other.filled_} { other.wipe(); }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            bytes_ = other.bytes_;
            filled_ = other.filled_;
            other.wipe();
        }
        return *this;
    }
    ~Secret() { wipe(); }

    /// The bytes.
    /// Expects: a secret that is not empty.
    [[nodiscard]] std::span<const std::uint8_t, Size> reveal() const {
        POUW_EXPECTS(filled_);
        return bytes_;
    }
    /// The bytes, for writing. The secret is not empty afterwards.
    [[nodiscard]] std::span<std::uint8_t, Size> fill() noexcept {
        filled_ = true;
        return bytes_;
    }
    /// Whether the secret was never filled, or was moved from.
    [[nodiscard]] bool is_empty() const noexcept { return !filled_; }

    /// Comparison in constant time. An empty secret equals empty ones only.
    friend bool operator==(const Secret& a, const Secret& b) noexcept {
        return a.filled_ == b.filled_ && equal(a.bytes_, b.bytes_);
    }

  private:
    void wipe() noexcept {
        crypto::wipe(bytes_.data(), Size);
        filled_ = false;
    }

    std::array<std::uint8_t, Size> bytes_{};
    bool filled_ = false;
};

}  // namespace pouw::inline v1::crypto
