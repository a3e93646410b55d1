#include "pouw/crypto/edwards25519.hpp"

#include <gsl/gsl>
#include <sodium.h>

#include <algorithm>

namespace pouw::crypto {
namespace {

/// Whether the encoded y is below p = 2^255 - 19.
bool has_canonical_y(core::ByteView data) noexcept {
    if ((data[31] & 0x7f) != 0x7f || data[0] < 0xed) return true;
    return !std::all_of(data.begin() + 1, data.begin() + 31, [](std::uint8_t byte) { return byte == 0xff; });
}

/// The two points with x = 0 are (0, 1) and (0, -1); neither may carry the sign bit.
bool is_negative_zero(core::ByteView data) noexcept {
    if ((data[31] & 0x80) == 0) return false;
    const auto middle_is = [&](std::uint8_t value) {
        return std::all_of(data.begin() + 1, data.begin() + 31,
                           [=](std::uint8_t byte) { return byte == value; });
    };
    return (data[0] == 0x01 && data[31] == 0x80 && middle_is(0)) ||
           (data[0] == 0xec && data[31] == 0xff && middle_is(0xff));
}

}  // namespace

core::result<EdwardsPoint> EdwardsPoint::decode(core::ByteView data) noexcept {
    if (data.size() != size) return core::fail(core::errc::wrong_length, "a point has 32 bytes");
    if (!has_canonical_y(data) || is_negative_zero(data)) return core::fail(core::errc::invalid_point);
    // libsodium's own check of a point refuses seven eighths of the curve; its addition refuses no point of
    // it.
    const EdwardsPoint identity;
    EdwardsPoint out;
    if (crypto_core_ed25519_add(out.bytes_.data(), data.data(), identity.bytes_.data()) != 0) {
        return core::fail(core::errc::invalid_point);
    }
    return out;
}

bool EdwardsPoint::has_prime_order() const noexcept {
    return crypto_core_ed25519_is_valid_point(bytes_.data()) == 1;
}

EdwardsPoint EdwardsPoint::times_cofactor() const noexcept {
    const EdwardsPoint twice = *this + *this;
    const EdwardsPoint fourfold = twice + twice;
    return fourfold + fourfold;
}

EdwardsPoint operator*(const Scalar& n, const EdwardsPoint& point) noexcept {
    if (n.is_zero()) return EdwardsPoint{};
    EdwardsPoint out;
    if (crypto_scalarmult_ed25519_noclamp(out.bytes_.data(), n.view().data(), point.bytes_.data()) == 0) {
        return out;
    }
    // The point is not of prime order. With n = 8m + r: n·P = m·(8P) + r·P, where 8P is of prime order or the
    // identity.
    std::array<std::uint8_t, Scalar::size> eighth{};
    for (std::size_t i = 0; i < Scalar::size; ++i) {
        const unsigned next = i + 1 < Scalar::size ? n.view()[i + 1] : 0u;
        eighth[i] = static_cast<std::uint8_t>((n.view()[i] | (next << 8)) >> 3);
    }
    EdwardsPoint sum;
    const EdwardsPoint cleared = point.times_cofactor();
    if (!cleared.is_identity() && !sodium_is_zero(eighth.data(), eighth.size())) {
        const int code =
            crypto_scalarmult_ed25519_noclamp(sum.bytes_.data(), eighth.data(), cleared.bytes_.data());
        Ensures(code == 0);
    }
    for (unsigned rest = n.view()[0] & 7u; rest > 0; --rest) sum = sum + point;
    return sum;
}

EdwardsPoint operator*(const SecretScalar& n, const EdwardsPoint& point) {
    EdwardsPoint out;
    const int code =
        crypto_scalarmult_ed25519_noclamp(out.bytes_.data(), n.reveal().data(), point.bytes_.data());
    Expects(code == 0);
    return out;
}

EdwardsPoint EdwardsPoint::multiply_base(const Scalar& n) noexcept {
    EdwardsPoint out;
    // The call fails for n = 0 and has then written the identity.
    if (n.is_zero()) return out;
    const int code = crypto_scalarmult_ed25519_base_noclamp(out.bytes_.data(), n.view().data());
    Ensures(code == 0);
    return out;
}

EdwardsPoint EdwardsPoint::multiply_base(const SecretScalar& n) {
    EdwardsPoint out;
    const int code = crypto_scalarmult_ed25519_base_noclamp(out.bytes_.data(), n.reveal().data());
    Expects(code == 0);
    return out;
}

EdwardsPoint operator+(const EdwardsPoint& a, const EdwardsPoint& b) noexcept {
    EdwardsPoint out;
    const int code = crypto_core_ed25519_add(out.bytes_.data(), a.bytes_.data(), b.bytes_.data());
    Ensures(code == 0);
    return out;
}

EdwardsPoint operator-(const EdwardsPoint& a, const EdwardsPoint& b) noexcept {
    EdwardsPoint out;
    const int code = crypto_core_ed25519_sub(out.bytes_.data(), a.bytes_.data(), b.bytes_.data());
    Ensures(code == 0);
    return out;
}

}  // namespace pouw::crypto
