/// Integers modulo q = 2^252 + 27742317777372353535851937790883648493, the order of the prime-order group of
/// edwards25519 and of ristretto255. The encoding has 32 bytes, the least significant first, and is always
/// below q.
///
/// `Scalar` is public and copied. `SecretScalar` is moved and wiped, and its operations are constant time.
/// Only the named functions below turn one into the other.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/secret.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pouw::inline v1::crypto {

/// A public scalar.
/// Cost: 0.1 µs for an operation; 30 µs for `inverse`.
class POUW_API Scalar {
  public:
    static constexpr std::size_t size = 32;

    /// Zero.
    Scalar() = default;
    explicit Scalar(std::uint64_t value) noexcept;

    /// The scalar that `data` encodes.
    /// Errors: core::errc::wrong_length; errc::invalid_scalar unless the integer is below q.
    [[nodiscard]] static core::result<Scalar> decode(core::ByteView data) noexcept;

    /// The 512-bit integer `wide`, least significant byte first, modulo q. A hash becomes a scalar in this
    /// way without bias.
    [[nodiscard]] static Scalar reduce(std::span<const std::uint8_t, 64> wide) noexcept;

    [[nodiscard]] std::span<const std::uint8_t, 32> view() const noexcept { return bytes_; }
    [[nodiscard]] bool is_zero() const noexcept;

    /// The inverse of the scalar.
    /// Expects: a scalar other than zero.
    [[nodiscard]] Scalar inverse() const;

    /// The value `a·x + b`, the step of Horner's rule. It is twelve times as fast as a general product.
    [[nodiscard]] static Scalar multiply_add(const Scalar& a, std::uint32_t x, const Scalar& b) noexcept;

    friend POUW_API Scalar operator+(const Scalar& a, const Scalar& b) noexcept;
    friend POUW_API Scalar operator-(const Scalar& a, const Scalar& b) noexcept;
    friend POUW_API Scalar operator*(const Scalar& a, const Scalar& b) noexcept;
    friend POUW_API Scalar operator-(const Scalar& a) noexcept;
    friend bool operator==(const Scalar&, const Scalar&) = default;

  private:
    friend class SecretScalar;

    std::array<std::uint8_t, size> bytes_{};
};

/// A secret scalar, such as a key, a nonce or a coefficient. Every operation is constant time.
class POUW_API SecretScalar {
  public:
    static constexpr std::size_t size = Scalar::size;

    /// Zero. A scalar that was moved from is none: to use it violates a contract.
    SecretScalar() noexcept { (void)bytes_.fill(); }

    /// The secret scalar of a 512-bit integer: see `Scalar::reduce`.
    [[nodiscard]] static SecretScalar reduce(std::span<const std::uint8_t, 64> wide) noexcept;

    [[nodiscard]] std::span<const std::uint8_t, 32> reveal() const noexcept { return bytes_.reveal(); }

    /// The inverse of the scalar, in constant time.
    /// Expects: a scalar other than zero.
    [[nodiscard]] SecretScalar inverse() const;

    /// The value `a·x + b` for a public `x`.
    [[nodiscard]] static SecretScalar multiply_add(const SecretScalar& a, std::uint32_t x,
                                                   const SecretScalar& b) noexcept;

    /// The same value as a public scalar, for a secret that is to be published.
    [[nodiscard]] Scalar disclose() const noexcept;

    /// A copy of the secret. Copies are made by this function alone.
    [[nodiscard]] SecretScalar clone() const noexcept;

  private:
    Secret<struct SecretScalarTag, size> bytes_;
};

/// The response of a Schnorr proof, `nonce + challenge·secret`. It hides `secret` as long as `nonce` is
/// random and used once.
[[nodiscard]] POUW_API Scalar respond(const SecretScalar& nonce, const Scalar& challenge,
                                      const SecretScalar& secret) noexcept;

}  // namespace pouw::inline v1::crypto
