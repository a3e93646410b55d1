/// Integers modulo q = 2^252 + 27742317777372353535851937790883648493, the order of the prime-order group of
/// edwards25519 and of ristretto255. Encoded in 32 bytes, least significant first, always below q.
///
/// `Scalar` is public and is copied; `SecretScalar` is moved, wiped, and handled in constant time. Nothing
/// turns one into the other but the named functions below.
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

/// A public scalar. Cost of an operation: 0.1 µs; of `inverse`: 30 µs.
class POUW_API Scalar {
  public:
    static constexpr std::size_t size = 32;

    /// Zero.
    Scalar() = default;
    explicit Scalar(std::uint64_t value) noexcept;

    /// The scalar that `data` encodes.
    /// Errors: core::errc::wrong_length; errc::invalid_scalar unless it is below q.
    [[nodiscard]] static core::result<Scalar> decode(core::ByteView data) noexcept;

    /// The 512-bit integer `wide`, least significant byte first, modulo q: how a hash becomes a scalar
    /// without bias.
    [[nodiscard]] static Scalar reduce(std::span<const std::uint8_t, 64> wide) noexcept;

    [[nodiscard]] std::span<const std::uint8_t, 32> view() const noexcept { return bytes_; }
    [[nodiscard]] bool is_zero() const noexcept;

    /// 1 / this.
    /// Expects: a scalar other than zero.
    [[nodiscard]] Scalar inverse() const;

    /// `a·x + b`, twelve times as fast as a general product. The step of Horner's rule at small points.
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

/// A secret scalar: a key, a nonce, a coefficient. Every operation is constant time.
class POUW_API SecretScalar {
  public:
    static constexpr std::size_t size = Scalar::size;

    /// Zero.
    SecretScalar() = default;

    /// As `Scalar::reduce`.
    [[nodiscard]] static SecretScalar reduce(std::span<const std::uint8_t, 64> wide) noexcept;

    [[nodiscard]] std::span<const std::uint8_t, 32> reveal() const noexcept { return bytes_.reveal(); }

    /// 1 / this.
    /// Expects: a scalar other than zero.
    [[nodiscard]] SecretScalar inverse() const;

    /// `a·x + b` for a public x.
    [[nodiscard]] static SecretScalar multiply_add(const SecretScalar& a, std::uint32_t x,
                                                   const SecretScalar& b) noexcept;

    /// The same value as a public scalar: for a secret whose time has come.
    [[nodiscard]] Scalar disclose() const noexcept;

    /// A second holder of the same secret. Copies are asked for by name.
    [[nodiscard]] SecretScalar clone() const noexcept;

  private:
    Secret<struct SecretScalarTag, size> bytes_;
};

/// `nonce + challenge·secret`: the answer of a Schnorr-type proof, which hides `secret` as long as `nonce` is
/// random and used once.
[[nodiscard]] POUW_API Scalar respond(const SecretScalar& nonce, const Scalar& challenge,
                                      const SecretScalar& secret) noexcept;

}  // namespace pouw::inline v1::crypto
