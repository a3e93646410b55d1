#include "pouw/crypto/edwards25519.hpp"

#include "crypto/declassify.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/errc.hpp"

#include <sodium.h>

#include <algorithm>

namespace pouw::inline v1::crypto {
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
    if (!has_canonical_y(data) || is_negative_zero(data)) return core::fail(errc::invalid_point);
    // libsodium's own check of a point refuses seven eighths of the curve; its addition refuses no point of
    // it.
    const EdwardsPoint identity;
    EdwardsPoint out;
    if (crypto_core_ed25519_add(out.bytes_.data(), data.data(), identity.bytes_.data()) != 0) {
        return core::fail(errc::invalid_point);
    }
    return out;
}

bool EdwardsPoint::has_prime_order() const noexcept {
    return crypto_core_ed25519_is_valid_point(bytes_.data()) == 1;
}

bool EdwardsPoint::has_small_order() const noexcept {
    // y = 1, -1, 0 (orders 1, 2, 4) and the two of order 8, each but for the sign of x.
    constexpr std::array<std::array<std::uint8_t, 32>, 5> ys{
        {{1},
         {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
          0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
         {0},
         {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
          0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
         {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
          0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a}}};
    std::array<std::uint8_t, 32> y = bytes_;
    y[31] &= 0x7f;
    return std::find(ys.begin(), ys.end(), y) != ys.end();
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
        POUW_ENSURES(code == 0);
    }
    for (unsigned rest = n.view()[0] & 7u; rest > 0; --rest) sum = sum + point;
    return sum;
}

EdwardsPoint operator*(const SecretScalar& n, const EdwardsPoint& point) {
    EdwardsPoint out;
    const int code =
        crypto_scalarmult_ed25519_noclamp(out.bytes_.data(), n.reveal().data(), point.bytes_.data());
    declassify(code);
    declassify(out);
    POUW_EXPECTS(code == 0);
    return out;
}

EdwardsPoint EdwardsPoint::multiply_base(const Scalar& n) noexcept {
    EdwardsPoint out;
    // The call fails for n = 0 and has then written the identity.
    if (n.is_zero()) return out;
    const int code = crypto_scalarmult_ed25519_base_noclamp(out.bytes_.data(), n.view().data());
    POUW_ENSURES(code == 0);
    return out;
}

EdwardsPoint EdwardsPoint::multiply_base(const SecretScalar& n) {
    EdwardsPoint out;
    const int code = crypto_scalarmult_ed25519_base_noclamp(out.bytes_.data(), n.reveal().data());
    declassify(code);
    declassify(out);
    POUW_EXPECTS(code == 0);
    return out;
}

EdwardsPoint operator+(const EdwardsPoint& a, const EdwardsPoint& b) noexcept {
    EdwardsPoint out;
    const int code = crypto_core_ed25519_add(out.bytes_.data(), a.bytes_.data(), b.bytes_.data());
    POUW_ENSURES(code == 0);
    return out;
}

EdwardsPoint operator-(const EdwardsPoint& a, const EdwardsPoint& b) noexcept {
    EdwardsPoint out;
    const int code = crypto_core_ed25519_sub(out.bytes_.data(), a.bytes_.data(), b.bytes_.data());
    POUW_ENSURES(code == 0);
    return out;
}

}  // namespace pouw::inline v1::crypto
