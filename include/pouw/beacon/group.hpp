/// The group of a ceremony, as a parameter: ristretto255 in production, and a small group in tests that
/// exhaust it.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/ristretto255.hpp"
#include "pouw/crypto/scalar.hpp"

#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>

namespace pouw::inline v1::beacon {

/// A group of prime order with one encoding for each element, and its public and secret scalars. The types
/// have the members and operators of crypto::RistrettoPoint, crypto::Scalar and crypto::SecretScalar.
template <typename G>
concept Group = requires(const typename G::Scalar& n, const typename G::SecretScalar& secret,
                         const typename G::Point& point, core::ByteView data,
                         std::span<const std::uint8_t, 64> wide) {
    { G::name } -> std::convertible_to<std::string_view>;
    { G::Point::decode(data) } -> std::same_as<core::result<typename G::Point>>;
    { G::Point::from_hash(wide) } -> std::same_as<typename G::Point>;
    { G::Point::multiply_base(n) } -> std::same_as<typename G::Point>;
    { G::Point::multiply_base(secret) } -> std::same_as<typename G::Point>;
    { n* point } -> std::same_as<typename G::Point>;
    { secret* point } -> std::same_as<typename G::Point>;
    { point + point } -> std::same_as<typename G::Point>;
    { point - point } -> std::same_as<typename G::Point>;
    { point.is_identity() } -> std::same_as<bool>;
    { G::Scalar::decode(data) } -> std::same_as<core::result<typename G::Scalar>>;
    { G::Scalar::reduce(wide) } -> std::same_as<typename G::Scalar>;
    { G::Scalar::multiply_add(n, 1u, n) } -> std::same_as<typename G::Scalar>;
    { G::SecretScalar::reduce(wide) } -> std::same_as<typename G::SecretScalar>;
    { G::SecretScalar::multiply_add(secret, 1u, secret) } -> std::same_as<typename G::SecretScalar>;
    { secret.inverse() } -> std::same_as<typename G::SecretScalar>;
    { secret.disclose() } -> std::same_as<typename G::Scalar>;
    { respond(secret, n, secret) } -> std::same_as<typename G::Scalar>;
};

/// The group of production.
struct POUW_API Ristretto255 {
    static constexpr std::string_view name = "ristretto255";
    using Point = crypto::RistrettoPoint;
    using Scalar = crypto::Scalar;
    using SecretScalar = crypto::SecretScalar;
};
static_assert(Group<Ristretto255>);

}  // namespace pouw::inline v1::beacon
