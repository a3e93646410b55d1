// Scalars and points: what decodes encodes to the same bytes, and obeys the group.
#include "fuzz/fuzz.hpp"

#include "pouw/crypto/edwards25519.hpp"
#include "pouw/crypto/ristretto255.hpp"
#include "pouw/crypto/scalar.hpp"

namespace pouw::inline v1::fuzz {
namespace {

void decode(core::ByteView data) {
    (void)crypto::Scalar::decode(data).has_value();
    (void)crypto::RistrettoPoint::decode(data).has_value();
    (void)crypto::EdwardsPoint::decode(data).has_value();
}

bool check(core::ByteView data) {
    if (const auto scalar = crypto::Scalar::decode(data)) {
        require(equal(scalar->view(), data));
        require(crypto::Scalar::multiply_add(*scalar, 0x80000001u, *scalar) ==
                *scalar * crypto::Scalar{0x80000001u} + *scalar);
    }
    if (const auto point = crypto::RistrettoPoint::decode(data)) {
        require(equal(point->view(), data));
        require(crypto::Scalar{2} * *point == *point + *point);
    }
    if (const auto point = crypto::EdwardsPoint::decode(data)) {
        require(equal(point->view(), data));
        require(crypto::Scalar{8} * *point == point->times_cofactor());
        require(point->has_small_order() == point->times_cofactor().is_identity());
    }
    return true;
}

}  // namespace

const Target target{.decode = decode, .check = check, .bounds = bounds_with_keys(3)};

}  // namespace pouw::inline v1::fuzz
