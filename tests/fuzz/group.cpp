// Scalars and points: what decodes encodes to the same bytes, and obeys the group.
#include "fuzz/fuzz.hpp"

#include "pouw/crypto/edwards25519.hpp"
#include "pouw/crypto/initialize.hpp"
#include "pouw/crypto/ristretto255.hpp"
#include "pouw/crypto/scalar.hpp"

#include <algorithm>

using namespace pouw;
using fuzz::require;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    require(crypto::initialize().has_value());
    const core::ByteView input{data, size};
    const auto is_input = [&](core::ByteView encoded) {
        return std::equal(encoded.begin(), encoded.end(), input.begin(), input.end());
    };
    if (const auto scalar = crypto::Scalar::decode(input)) {
        require(is_input(scalar->view()));
        require(crypto::Scalar::multiply_add(*scalar, 0x80000001u, *scalar) ==
                *scalar * crypto::Scalar{0x80000001u} + *scalar);
    }
    if (const auto point = crypto::RistrettoPoint::decode(input)) {
        require(is_input(point->view()));
        require(crypto::Scalar{2} * *point == *point + *point);
    }
    if (const auto point = crypto::EdwardsPoint::decode(input)) {
        require(is_input(point->view()));
        require(crypto::Scalar{8} * *point == point->times_cofactor());
        require(point->has_small_order() == point->times_cofactor().is_identity());
    }
    return 0;
}
