#include "pouw/pow/bitcoin.hpp"

#include "pouw/pow/errc.hpp"

#include <sodium.h>

#include <algorithm>

namespace pouw::inline v1::pow {
namespace {

using core::fail;

constexpr std::size_t header_size = 80;
constexpr std::size_t bits_offset = 72;

/// The 256-bit target of the header's `bits` field, little-endian. The field is a floating-point number of
/// base 256: a byte of exponent over a sign bit and 23 bits of mantissa.
core::result<core::BlockHash> expand_target(std::uint32_t bits) noexcept {
    const std::uint32_t exponent = bits >> 24;
    const std::uint32_t mantissa = bits & 0x007fffff;
    if ((bits & 0x00800000) != 0) return fail(errc::invalid_block_header, "the target is negative");
    core::BlockHash target;
    for (std::uint32_t i = 0; i < 3; ++i) {
        const auto digit = static_cast<std::uint8_t>(mantissa >> (8 * i));
        const std::uint32_t position = exponent + i;  // of the digit, plus 3
        if (digit == 0 || position < 3) continue;
        if (position - 3 >= core::BlockHash::size)
            return fail(errc::invalid_block_header, "the target exceeds 256 bits");
        target.bytes[position - 3] = digit;
    }
    if (target == core::BlockHash{}) return fail(errc::invalid_block_header, "the target is zero");
    return target;
}

}  // namespace

core::result<core::BlockHash> bitcoin_block_hash(core::ByteView header) noexcept {
    if (header.size() != header_size) return fail(errc::invalid_block_header);
    auto target = expand_target(core::load_le<std::uint32_t>(header.subspan(bits_offset)));
    if (!target) return target;

    core::BlockHash hash;
    crypto_hash_sha256(hash.bytes.data(), header.data(), header.size());
    crypto_hash_sha256(hash.bytes.data(), hash.view().data(), hash.size);
    std::reverse(hash.bytes.begin(), hash.bytes.end());
    std::reverse(target->bytes.begin(), target->bytes.end());
    if (hash > *target) return fail(errc::insufficient_work);
    return hash;
}

}  // namespace pouw::inline v1::pow
