#include "pouw/crypto/ristretto255.hpp"

#include "crypto/declassify.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/errc.hpp"

#include <sodium.h>

#include <algorithm>

namespace pouw::inline v1::crypto {

core::result<RistrettoPoint> RistrettoPoint::decode(core::ByteView data) noexcept {
    if (data.size() != size) return core::fail(core::errc::wrong_length, "a group element has 32 bytes");
    if ((data[31] & 0x80) != 0 || crypto_core_ristretto255_is_valid_point(data.data()) != 1) {
        return core::fail(errc::invalid_point);
    }
    RistrettoPoint out;
    std::copy(data.begin(), data.end(), out.bytes_.begin());
    return out;
}

RistrettoPoint RistrettoPoint::from_hash(std::span<const std::uint8_t, 64> hash) noexcept {
    RistrettoPoint out;
    const int code = crypto_core_ristretto255_from_hash(out.bytes_.data(), hash.data());
    POUW_ENSURES(code == 0);
    return out;
}

// Of a decoded element libsodium's multiplications fail only where the product is the identity, and have then
// written its encoding; the code is of no further interest.
RistrettoPoint operator*(const Scalar& n, const RistrettoPoint& point) noexcept {
    RistrettoPoint out;
    if (crypto_scalarmult_ristretto255(out.bytes_.data(), n.view().data(), point.bytes_.data()) != 0)
        return {};
    return out;
}

RistrettoPoint operator*(const SecretScalar& n, const RistrettoPoint& point) noexcept {
    RistrettoPoint out;
    const int code =
        crypto_scalarmult_ristretto255(out.bytes_.data(), n.reveal().data(), point.bytes_.data());
    declassify(code);
    declassify(out);
    if (code != 0) return {};
    return out;
}

RistrettoPoint RistrettoPoint::multiply_base(const Scalar& n) noexcept {
    RistrettoPoint out;
    if (crypto_scalarmult_ristretto255_base(out.bytes_.data(), n.view().data()) != 0) return {};
    return out;
}

RistrettoPoint RistrettoPoint::multiply_base(const SecretScalar& n) noexcept {
    RistrettoPoint out;
    const int code = crypto_scalarmult_ristretto255_base(out.bytes_.data(), n.reveal().data());
    declassify(code);
    declassify(out);
    if (code != 0) return {};
    return out;
}

RistrettoPoint operator+(const RistrettoPoint& a, const RistrettoPoint& b) noexcept {
    RistrettoPoint out;
    const int code = crypto_core_ristretto255_add(out.bytes_.data(), a.bytes_.data(), b.bytes_.data());
    POUW_ENSURES(code == 0);
    return out;
}

RistrettoPoint operator-(const RistrettoPoint& a, const RistrettoPoint& b) noexcept {
    RistrettoPoint out;
    const int code = crypto_core_ristretto255_sub(out.bytes_.data(), a.bytes_.data(), b.bytes_.data());
    POUW_ENSURES(code == 0);
    return out;
}

}  // namespace pouw::inline v1::crypto
