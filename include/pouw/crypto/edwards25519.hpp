/// The whole group of the curve edwards25519, of order 8q. RFC 9381 needs it, because its verification rule
/// covers points with a component of small order, which libsodium's scalar multiplication refuses.
///
/// The other protocols of the library use ristretto255.hpp, where such points do not exist.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/scalar.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace pouw::inline v1::crypto {

/// A point of the curve, in its canonical encoding.
/// Threads: immutable; shareable.
class POUW_API EdwardsPoint {
  public:
    static constexpr std::size_t size = 32;

    /// The identity, (0, 1).
    EdwardsPoint() noexcept { bytes_[0] = 1; }

    /// The point that `data` encodes, of any order. Each point has one encoding.
    /// Errors: core::errc::wrong_length; errc::invalid_point for a point off the curve, for y >= p, and for x
    ///     = 0 with the sign bit set.
    /// Cost: about 12 µs.
    /// Source: RFC 9381 section 5.5 (`string_to_point`); RFC 8032 section 5.1.3.
    [[nodiscard]] static core::result<EdwardsPoint> decode(core::ByteView data) noexcept;

    [[nodiscard]] std::span<const std::uint8_t, 32> view() const noexcept { return bytes_; }
    [[nodiscard]] bool is_identity() const noexcept { return *this == EdwardsPoint{}; }

    /// Whether the point lies in the group of order q and is not the identity.
    /// Cost: about 40 µs.
    [[nodiscard]] bool has_prime_order() const noexcept;

    /// Whether 8 times the point is the identity. Eight points have this property.
    [[nodiscard]] bool has_small_order() const noexcept;

    /// The product of 8 and the point. It is of prime order or the identity.
    /// Cost: about 36 µs.
    [[nodiscard]] EdwardsPoint times_cofactor() const noexcept;

    /// The product of `n` and a point of any order. Not constant time.
    /// Cost: about 85 µs; up to 250 µs where the point has a component of small order.
    friend POUW_API EdwardsPoint operator*(const Scalar& n, const EdwardsPoint& point) noexcept;

    /// The same product for a secret scalar, in constant time.
    /// Expects: a point of prime order, and `n` other than zero.
    friend POUW_API EdwardsPoint operator*(const SecretScalar& n, const EdwardsPoint& point);

    /// The product of `n` and the generator.
    /// Cost: about 15 µs.
    [[nodiscard]] static EdwardsPoint multiply_base(const Scalar& n) noexcept;
    /// The same product for a secret scalar, in constant time.
    /// Expects: `n` other than zero.
    [[nodiscard]] static EdwardsPoint multiply_base(const SecretScalar& n);

    friend POUW_API EdwardsPoint operator+(const EdwardsPoint& a, const EdwardsPoint& b) noexcept;
    friend POUW_API EdwardsPoint operator-(const EdwardsPoint& a, const EdwardsPoint& b) noexcept;
    friend bool operator==(const EdwardsPoint&, const EdwardsPoint&) = default;

  private:
    std::array<std::uint8_t, size> bytes_{};
};

}  // namespace pouw::inline v1::crypto
