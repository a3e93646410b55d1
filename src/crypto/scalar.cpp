#include "pouw/crypto/scalar.hpp"

#include "crypto/declassify.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/errc.hpp"

#include <sodium.h>

#include <algorithm>

namespace pouw::inline v1::crypto {
namespace {

__extension__ using Wide = unsigned __int128;

/// q = 2^252 + delta, in 64-bit limbs, least significant first.
constexpr std::array<std::uint64_t, 4> order{0x5812631a5cf5d3edu, 0x14def9dea2f79cd6u, 0,
                                             std::uint64_t{1} << 60};

using Limbs = std::array<std::uint64_t, 4>;

Limbs load(std::span<const std::uint8_t, 32> bytes) noexcept {
    Limbs out;
    for (std::size_t i = 0; i < 4; ++i) out[i] = core::load_le<std::uint64_t>(bytes.subspan(8 * i, 8));
    return out;
}

void store(const Limbs& limbs, std::span<std::uint8_t, 32> bytes) noexcept {
    for (std::size_t i = 0; i < 32; ++i) bytes[i] = static_cast<std::uint8_t>(limbs[i / 8] >> (8 * (i % 8)));
}

std::uint64_t subtract(Limbs& a, const Limbs& b) noexcept {
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const Wide difference = Wide{a[i]} - b[i] - borrow;
        a[i] = static_cast<std::uint64_t>(difference);
        borrow = static_cast<std::uint64_t>(difference >> 64) & 1;
    }
    return borrow;
}

void add(Limbs& a, const Limbs& b, std::uint64_t mask) noexcept {
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const Wide sum = Wide{a[i]} + (b[i] & mask) + carry;
        a[i] = static_cast<std::uint64_t>(sum);
        carry = static_cast<std::uint64_t>(sum >> 64);
    }
}

/// a·x + b modulo q for a, b < q, without a branch on any of them. With v = a·x + b = h·2^252 + l and
/// 2^252 = -delta modulo q: v = l - h·delta, where 0 <= h·delta < 2^158; so l - h·delta + q lies in (0, 2q).
void multiply_add_limbs(std::span<std::uint8_t, 32> out, std::span<const std::uint8_t, 32> a, std::uint32_t x,
                        std::span<const std::uint8_t, 32> b) noexcept {
    Limbs value = load(a);
    Limbs addend = load(b);
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const Wide product = Wide{value[i]} * x + addend[i] + carry;
        value[i] = static_cast<std::uint64_t>(product);
        carry = static_cast<std::uint64_t>(product >> 64);
    }
    const std::uint64_t high = (carry << 4) | (value[3] >> 60);
    value[3] &= (std::uint64_t{1} << 60) - 1;

    Limbs excess{};
    const Wide low_product = Wide{order[0]} * high;
    const Wide high_product = Wide{order[1]} * high + static_cast<std::uint64_t>(low_product >> 64);
    excess[0] = static_cast<std::uint64_t>(low_product);
    excess[1] = static_cast<std::uint64_t>(high_product);
    excess[2] = static_cast<std::uint64_t>(high_product >> 64);

    add(value, order, ~std::uint64_t{0});
    subtract(value, excess);
    const std::uint64_t borrow = subtract(value, order);
    add(value, order, std::uint64_t{0} - borrow);
    store(value, out);
    sodium_memzero(value.data(), sizeof value);
    sodium_memzero(addend.data(), sizeof addend);
}

}  // namespace

Scalar::Scalar(std::uint64_t value) noexcept {
    const auto low = core::to_le(value);
    std::copy(low.begin(), low.end(), bytes_.begin());
}

core::result<Scalar> Scalar::decode(core::ByteView data) noexcept {
    if (data.size() != size) return core::fail(core::errc::wrong_length, "a scalar has 32 bytes");
    std::array<std::uint8_t, 64> wide{};
    std::copy(data.begin(), data.end(), wide.begin());
    const Scalar reduced = reduce(wide);
    if (!std::equal(data.begin(), data.end(), reduced.bytes_.begin())) {
        return core::fail(errc::invalid_scalar);
    }
    return reduced;
}

Scalar Scalar::reduce(std::span<const std::uint8_t, 64> wide) noexcept {
    Scalar out;
    crypto_core_ed25519_scalar_reduce(out.bytes_.data(), wide.data());
    return out;
}

bool Scalar::is_zero() const noexcept { return *this == Scalar{}; }

Scalar Scalar::inverse() const {
    POUW_EXPECTS(!is_zero());
    Scalar out;
    const int code = crypto_core_ed25519_scalar_invert(out.bytes_.data(), bytes_.data());
    POUW_ENSURES(code == 0);
    return out;
}

Scalar Scalar::multiply_add(const Scalar& a, std::uint32_t x, const Scalar& b) noexcept {
    Scalar out;
    multiply_add_limbs(out.bytes_, a.bytes_, x, b.bytes_);
    return out;
}

// libsodium 1.0.18 adds wrongly when an operand is not reduced; every Scalar is.
Scalar operator+(const Scalar& a, const Scalar& b) noexcept {
    Scalar out;
    crypto_core_ed25519_scalar_add(out.bytes_.data(), a.bytes_.data(), b.bytes_.data());
    return out;
}

Scalar operator-(const Scalar& a, const Scalar& b) noexcept {
    Scalar out;
    crypto_core_ed25519_scalar_sub(out.bytes_.data(), a.bytes_.data(), b.bytes_.data());
    return out;
}

Scalar operator*(const Scalar& a, const Scalar& b) noexcept {
    Scalar out;
    crypto_core_ed25519_scalar_mul(out.bytes_.data(), a.bytes_.data(), b.bytes_.data());
    return out;
}

Scalar operator-(const Scalar& a) noexcept {
    Scalar out;
    crypto_core_ed25519_scalar_negate(out.bytes_.data(), a.bytes_.data());
    return out;
}

SecretScalar SecretScalar::reduce(std::span<const std::uint8_t, 64> wide) noexcept {
    SecretScalar out;
    crypto_core_ed25519_scalar_reduce(out.bytes_.fill().data(), wide.data());
    classify(out.bytes_.fill().data(), size);
    return out;
}

SecretScalar SecretScalar::inverse() const {
    SecretScalar out;
    const int code = crypto_core_ed25519_scalar_invert(out.bytes_.fill().data(), bytes_.reveal().data());
    declassify(code);
    POUW_EXPECTS(code == 0);
    classify(out.bytes_.fill().data(), size);
    return out;
}

SecretScalar SecretScalar::multiply_add(const SecretScalar& a, std::uint32_t x,
                                        const SecretScalar& b) noexcept {
    SecretScalar out;
    multiply_add_limbs(out.bytes_.fill(), a.bytes_.reveal(), x, b.bytes_.reveal());
    return out;
}

Scalar SecretScalar::disclose() const noexcept {
    Scalar out;
    std::copy(reveal().begin(), reveal().end(), out.bytes_.begin());
    declassify(out);
    return out;
}

SecretScalar SecretScalar::clone() const noexcept {
    SecretScalar out;
    std::copy(reveal().begin(), reveal().end(), out.bytes_.fill().begin());
    return out;
}

Scalar respond(const SecretScalar& nonce, const Scalar& challenge, const SecretScalar& secret) noexcept {
    Secret<struct ProductTag, Scalar::size> product;
    crypto_core_ed25519_scalar_mul(product.fill().data(), challenge.view().data(), secret.reveal().data());
    Secret<struct SumTag, Scalar::size> sum;
    crypto_core_ed25519_scalar_add(sum.fill().data(), nonce.reveal().data(), product.reveal().data());
    declassify(sum.reveal().data(), sum.size);
    const auto answer = Scalar::decode(sum.reveal());
    POUW_ENSURES(answer.has_value());
    return *answer;
}

}  // namespace pouw::inline v1::crypto
