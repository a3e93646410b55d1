/// The group ristretto255: a group of prime order q with one encoding for each element.
/// Source: RFC 9496.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/scalar.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace pouw::inline v1::crypto {

/// An element of the group, in its canonical encoding.
/// Threads: immutable; shareable.
class POUW_API RistrettoPoint {
  public:
    static constexpr std::size_t size = 32;

    /// The identity, whose encoding is 32 zero bytes.
    RistrettoPoint() = default;

    /// The element that `data` encodes, the identity included. A protocol that has no place for the identity
    /// asks `is_identity`.
    /// Errors: core::errc::wrong_length; errc::invalid_point unless `data` is the canonical encoding
    ///     (libsodium 1.0.18 itself ignores the top bit).
    /// Cost: about 4 µs.
    [[nodiscard]] static core::result<RistrettoPoint> decode(core::ByteView data) noexcept;

    /// The element that a hash derives: uniform, and of unknown discrete logarithm.
    /// Source: RFC 9496 section 4.3.4.
    [[nodiscard]] static RistrettoPoint from_hash(std::span<const std::uint8_t, 64> hash) noexcept;

    [[nodiscard]] std::span<const std::uint8_t, 32> view() const noexcept { return bytes_; }
    [[nodiscard]] bool is_identity() const noexcept { return *this == RistrettoPoint{}; }

    /// The product of a scalar and an element, in constant time. Zero and the identity are legal operands.
    /// Cost: about 55 µs.
    friend POUW_API RistrettoPoint operator*(const Scalar& n, const RistrettoPoint& point) noexcept;
    friend POUW_API RistrettoPoint operator*(const SecretScalar& n, const RistrettoPoint& point) noexcept;

    /// The product of `n` and the generator, in constant time.
    /// Cost: about 16 µs.
    [[nodiscard]] static RistrettoPoint multiply_base(const Scalar& n) noexcept;
    [[nodiscard]] static RistrettoPoint multiply_base(const SecretScalar& n) noexcept;

    /// The sum and the difference of two elements.
    /// Cost: about 13 µs.
    friend POUW_API RistrettoPoint operator+(const RistrettoPoint& a, const RistrettoPoint& b) noexcept;
    friend POUW_API RistrettoPoint operator-(const RistrettoPoint& a, const RistrettoPoint& b) noexcept;
    friend bool operator==(const RistrettoPoint&, const RistrettoPoint&) = default;

  private:
    std::array<std::uint8_t, size> bytes_{};
};

}  // namespace pouw::inline v1::crypto
