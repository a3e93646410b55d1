/// Secret bytes: types that wipe them, memory for those that live long, and comparison in constant time.
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/core/export.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace pouw::inline v1::crypto {

/// Overwrites memory with zeros. The compiler does not remove the call.
POUW_API void wipe(void* memory, std::size_t size) noexcept;

/// Whether both hold the same bytes, in constant time.
/// Expects: equal sizes.
[[nodiscard]] POUW_API bool equal(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);

/// Whether the system has locked the memory of all long-lived secrets so far. It refuses when the process may
/// lock no more (`ulimit -l`); the secrets are then usable all the same, and may reach the swap.
/// Threads: safe.
[[nodiscard]] POUW_API bool long_lived_secrets_are_locked() noexcept;

namespace detail {

/// A slot of 64 bytes for a long-lived secret. The process ends when no memory is left.
inline constexpr std::size_t locked_slot_size = 64;
[[nodiscard]] POUW_API void* take_locked_slot() noexcept;
POUW_API void give_back_locked_slot(void* slot) noexcept;

}  // namespace detail

/// An object of at most 64 bytes in memory that stays out of core dumps and, as far as the process may lock
/// memory, out of the swap. Pages that nobody can touch lie before and behind it. For keys and seeds that
/// live as long as their node does.
/// Cost: 0.1 µs, and one page for 63 objects.
/// Threads: like `Object`.
template <typename Object>
class Locked {
    static_assert(sizeof(Object) <= detail::locked_slot_size && alignof(Object) <= detail::locked_slot_size);
    static_assert(std::is_nothrow_default_constructible_v<Object>);

  public:
    Locked() noexcept : object_{::new (detail::take_locked_slot()) Object{}} {}
    Locked(Locked&& other) noexcept : Locked{} { *object_ = std::move(*other.object_); }
    Locked& operator=(Locked&& other) noexcept {
        *object_ = std::move(*other.object_);
        return *this;
    }
    ~Locked() {
        object_->~Object();
        detail::give_back_locked_slot(object_);
    }

    [[nodiscard]] Object& operator*() noexcept { return *object_; }
    [[nodiscard]] const Object& operator*() const noexcept { return *object_; }

  private:
    Object* object_;
};

/// `Size` secret bytes. They are moved and never copied; they are wiped when they are moved from and when
/// they are destroyed. A secret that was never filled, or that was moved from, is empty: it has no bytes to
/// reveal, so that nobody makes a key of zeros. `Tag` makes secrets of different purposes different types. A
/// `LongLived` one has its bytes in `Locked` memory.
template <typename Tag, std::size_t Size, bool LongLived = false>
class POUW_API Secret {
  public:
    static constexpr std::size_t size = Size;

    /// The empty secret.
    Secret() = default;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    Secret(Secret&& other) noexcept : filled_{other.filled_} {
        bytes() = other.bytes();
        other.wipe();
    }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            bytes() = other.bytes();
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
        return bytes();
    }
    /// The bytes, for writing. The secret is not empty afterwards.
    [[nodiscard]] std::span<std::uint8_t, Size> fill() noexcept {
        filled_ = true;
        return bytes();
    }
    /// Whether the secret was never filled, or was moved from.
    [[nodiscard]] bool is_empty() const noexcept { return !filled_; }

    /// Comparison in constant time. An empty secret equals empty ones only.
    friend bool operator==(const Secret& a, const Secret& b) noexcept {
        return a.filled_ == b.filled_ && equal(a.bytes(), b.bytes());
    }

  private:
    using Bytes = std::array<std::uint8_t, Size>;

    [[nodiscard]] Bytes& bytes() noexcept {
        if constexpr (LongLived) {
            return *bytes_;
        } else {
            return bytes_;
        }
    }
    [[nodiscard]] const Bytes& bytes() const noexcept {
        if constexpr (LongLived) {
            return *bytes_;
        } else {
            return bytes_;
        }
    }
    void wipe() noexcept {
        crypto::wipe(bytes().data(), Size);
        filled_ = false;
    }

    std::conditional_t<LongLived, Locked<Bytes>, Bytes> bytes_{};
    bool filled_ = false;
};

/// A secret for keys and seeds that live as long as their node does.
template <typename Tag, std::size_t Size>
using LongLivedSecret = Secret<Tag, Size, true>;

}  // namespace pouw::inline v1::crypto
