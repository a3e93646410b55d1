/// The squares modulo the safe prime 2q + 1, for q the first such prime above 2^40: a group small enough to
/// run thousands of ceremonies, and large enough that no false proof passes by chance.
#pragma once

#include "pouw/beacon/group.hpp"
#include "pouw/core/bytes.hpp"
#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/errc.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace pouw::inline v1::beacon::toy {

inline constexpr std::uint64_t order = 1099511627933;
inline constexpr std::uint64_t modulus = 2 * order + 1;

__extension__ using Wide = unsigned __int128;

/// The number of multiplications of a point so far in this thread: what a check costs.
inline thread_local std::uint64_t multiplications = 0;
/// The number of points that were decoded.
inline thread_local std::uint64_t decoded_points = 0;

constexpr std::uint64_t multiply(std::uint64_t a, std::uint64_t b, std::uint64_t m) {
    return static_cast<std::uint64_t>(Wide{a} * b % m);
}

constexpr std::uint64_t power(std::uint64_t base, std::uint64_t exponent, std::uint64_t m) {
    std::uint64_t out = 1;
    for (; exponent > 0; exponent >>= 1) {
        if (exponent & 1) out = multiply(out, base, m);
        base = multiply(base, base, m);
    }
    return out;
}

constexpr std::uint64_t reduce(std::span<const std::uint8_t, 64> wide, std::uint64_t m) {
    std::uint64_t out = 0;
    for (std::size_t i = wide.size(); i-- > 0;) out = (out * 256 + wide[i]) % m;
    return out;
}

class Scalar {
  public:
    static constexpr std::size_t size = 8;
    Scalar() = default;
    explicit Scalar(std::uint64_t value) : bytes_{core::to_le(value % order)} {}

    [[nodiscard]] static core::result<Scalar> decode(core::ByteView data) {
        if (data.size() != size) return core::fail(core::errc::wrong_length);
        const auto value = core::load_le<std::uint64_t>(data);
        if (value >= order) return core::fail(crypto::errc::invalid_scalar);
        return Scalar{value};
    }
    [[nodiscard]] static Scalar reduce(std::span<const std::uint8_t, 64> wide) {
        return Scalar{toy::reduce(wide, order)};
    }
    [[nodiscard]] std::span<const std::uint8_t, 8> view() const { return bytes_; }
    [[nodiscard]] std::uint64_t value() const { return core::load_le<std::uint64_t>(bytes_); }
    [[nodiscard]] bool is_zero() const { return value() == 0; }
    [[nodiscard]] Scalar inverse() const {
        POUW_EXPECTS(!is_zero());
        return Scalar{power(value(), order - 2, order)};
    }
    [[nodiscard]] static Scalar multiply_add(const Scalar& a, std::uint32_t x, const Scalar& b) {
        return a * Scalar{x} + b;
    }
    friend Scalar operator+(const Scalar& a, const Scalar& b) { return Scalar{a.value() + b.value()}; }
    friend Scalar operator-(const Scalar& a, const Scalar& b) {
        return Scalar{a.value() + order - b.value()};
    }
    friend Scalar operator*(const Scalar& a, const Scalar& b) {
        return Scalar{toy::multiply(a.value(), b.value(), order)};
    }
    friend Scalar operator-(const Scalar& a) { return Scalar{order - a.value()}; }
    friend bool operator==(const Scalar&, const Scalar&) = default;

  private:
    std::array<std::uint8_t, size> bytes_{};
};

class SecretScalar {
  public:
    SecretScalar() = default;
    explicit SecretScalar(Scalar value) : value_{value} {}
    [[nodiscard]] static SecretScalar reduce(std::span<const std::uint8_t, 64> wide) {
        return SecretScalar{Scalar::reduce(wide)};
    }
    [[nodiscard]] static SecretScalar multiply_add(const SecretScalar& a, std::uint32_t x,
                                                   const SecretScalar& b) {
        return SecretScalar{Scalar::multiply_add(a.value_, x, b.value_)};
    }
    [[nodiscard]] SecretScalar inverse() const { return SecretScalar{value_.inverse()}; }
    [[nodiscard]] Scalar disclose() const { return value_; }
    friend Scalar respond(const SecretScalar& nonce, const Scalar& challenge, const SecretScalar& secret) {
        return nonce.value_ + challenge * secret.value_;
    }

  private:
    Scalar value_;
};

class Point {
  public:
    static constexpr std::size_t size = 8;
    Point() : bytes_{core::to_le(std::uint64_t{1})} {}

    [[nodiscard]] static core::result<Point> decode(core::ByteView data) {
        ++decoded_points;
        if (data.size() != size) return core::fail(core::errc::wrong_length);
        const auto value = core::load_le<std::uint64_t>(data);
        if (value == 0 || value >= modulus || power(value, order, modulus) != 1) {
            return core::fail(crypto::errc::invalid_point);
        }
        return Point{value};
    }
    [[nodiscard]] static Point from_hash(std::span<const std::uint8_t, 64> wide) {
        const std::uint64_t root = toy::reduce(wide, modulus - 2) + 1;
        return Point{toy::multiply(root, root, modulus)};
    }
    [[nodiscard]] static Point multiply_base(const Scalar& n) {
        ++multiplications;
        return Point{power(4, n.value(), modulus)};
    }
    [[nodiscard]] static Point multiply_base(const SecretScalar& n) { return multiply_base(n.disclose()); }
    [[nodiscard]] std::span<const std::uint8_t, 8> view() const { return bytes_; }
    [[nodiscard]] bool is_identity() const { return value() == 1; }
    friend Point operator*(const Scalar& n, const Point& point) {
        ++multiplications;
        return Point{power(point.value(), n.value(), modulus)};
    }
    friend Point operator*(const SecretScalar& n, const Point& point) { return n.disclose() * point; }
    friend Point operator+(const Point& a, const Point& b) {
        return Point{toy::multiply(a.value(), b.value(), modulus)};
    }
    friend Point operator-(const Point& a, const Point& b) {
        return Point{toy::multiply(a.value(), power(b.value(), order - 1, modulus), modulus)};
    }
    friend bool operator==(const Point&, const Point&) = default;

  private:
    explicit Point(std::uint64_t value) : bytes_{core::to_le(value)} {}
    [[nodiscard]] std::uint64_t value() const { return core::load_le<std::uint64_t>(bytes_); }

    std::array<std::uint8_t, size> bytes_;
};

struct ToyGroup {
    static constexpr std::string_view name = "toy";
    using Scalar = toy::Scalar;
    using SecretScalar = toy::SecretScalar;
    using Point = toy::Point;
};
static_assert(Group<ToyGroup>);
static_assert(order >= std::uint64_t{1} << 31, "or false proofs pass by chance");

}  // namespace pouw::inline v1::beacon::toy
