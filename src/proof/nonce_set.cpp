#include "pouw/proof/nonce_set.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/proof/errc.hpp"

#include <algorithm>
#include <bit>

namespace pouw::inline v1::proof {
using core::fail;

void GapModel::learn(std::uint64_t gap) noexcept {
    const bool escaped = (gap >> parameter_) >= escape_quotient;
    sum_ += escaped ? std::uint64_t{1} << std::min(parameter_ + 6, 55u) : gap;
    if (++weight_ == 256) {
        sum_ /= 2;
        weight_ = 128;
    }
    while (parameter_ > 0 && weight_ << parameter_ >= sum_) --parameter_;
    while (parameter_ < largest_parameter && weight_ << (parameter_ + 1) < sum_) ++parameter_;
}

/// Appends up to 64 bits, the least significant first.
void NonceEncoder::put(std::uint64_t bits, std::uint32_t size) {
    while (size > 0) {
        const std::uint32_t taken = std::min(size, 8 - pending_size_);
        pending_ |= (bits & ((std::uint64_t{1} << taken) - 1)) << pending_size_;
        pending_size_ += taken;
        bits = taken == 64 ? 0 : bits >> taken;
        size -= taken;
        if (pending_size_ == 8) {
            bytes_.push_back(static_cast<std::uint8_t>(pending_));
            pending_ = 0;
            pending_size_ = 0;
        }
    }
}

void NonceEncoder::add(std::uint64_t nonce) {
    POUW_EXPECTS(count_ == 0 || nonce > last_);
    const std::uint64_t gap = count_ == 0 ? nonce : nonce - last_ - 1;
    const std::uint32_t k = model_.parameter();
    const std::uint64_t quotient = gap >> k;
    if (quotient < GapModel::escape_quotient) {
        put((std::uint64_t{1} << quotient) - 1, static_cast<std::uint32_t>(quotient) + 1);
        put(gap, k);
    } else {
        put((std::uint64_t{1} << GapModel::escape_quotient) - 1, GapModel::escape_quotient);
        put(gap, 64);
    }
    model_.learn(gap);
    last_ = nonce;
    ++count_;
}

core::Bytes NonceEncoder::bytes() const {
    core::Bytes out = bytes_;
    if (pending_size_ > 0) out.push_back(static_cast<std::uint8_t>(pending_));
    return out;
}

core::result<NonceDecoder> NonceDecoder::create(core::ByteView data, std::uint64_t count) noexcept {
    if (count > 8 * static_cast<std::uint64_t>(data.size())) return fail(core::errc::count_too_large);
    return NonceDecoder{data, count};
}

/// The bits from `position` on, at least 57 of them; zeros beyond the end.
std::uint64_t NonceDecoder::peek(std::uint64_t position) const noexcept {
    const std::size_t first = position / 8;
    std::uint64_t bits = 0;
    if (first + 8 <= data_.size()) {
        bits = core::load_le<std::uint64_t>(data_.subspan(first, 8));
    } else {
        for (std::size_t i = first; i < data_.size(); ++i)
            bits |= std::uint64_t{data_[i]} << (8 * (i - first));
    }
    return bits >> (position % 8);
}

/// The next `size` bits, at most 64. The caller checks afterwards that they were there.
std::uint64_t NonceDecoder::take(std::uint32_t size) noexcept {
    if (size > 32) {
        const std::uint64_t low = take(32);
        return low | take(size - 32) << 32;
    }
    const std::uint64_t bits = peek(position_) & ((std::uint64_t{1} << size) - 1);
    position_ += size;
    return bits;
}

core::result<std::uint64_t> NonceDecoder::next() noexcept {
    POUW_EXPECTS(remaining_ > 0);
    const std::uint32_t k = model_.parameter();
    const auto ones = static_cast<std::uint32_t>(std::countr_one(peek(position_)));
    std::uint64_t gap = 0;
    if (ones < GapModel::escape_quotient) {
        position_ += ones + 1;
        gap = std::uint64_t{ones} << k | take(k);
    } else {
        position_ += GapModel::escape_quotient;
        gap = take(64);
    }
    if (position_ > 8 * static_cast<std::uint64_t>(data_.size())) return fail(core::errc::truncated);
    if (ones >= GapModel::escape_quotient && gap >> k < GapModel::escape_quotient)
        return fail(core::errc::non_canonical);
    if (exhausted_ || gap > UINT64_MAX - next_base_) return fail(errc::nonce_overflow);
    const std::uint64_t nonce = next_base_ + gap;
    model_.learn(gap);
    exhausted_ = nonce == UINT64_MAX;
    next_base_ = nonce + 1;
    --remaining_;
    return nonce;
}

core::result<void> NonceDecoder::finish() const noexcept {
    POUW_EXPECTS(remaining_ == 0);
    if (8 * static_cast<std::uint64_t>(data_.size()) - position_ >= 8)
        return fail(core::errc::trailing_bytes);
    if (peek(position_) != 0) return fail(core::errc::non_canonical);
    return {};
}

core::Bytes encode_nonces(std::span<const std::uint64_t> nonces) {
    NonceEncoder encoder;
    for (const std::uint64_t nonce : nonces) encoder.add(nonce);
    return encoder.bytes();
}

core::result<std::vector<std::uint64_t>> decode_nonces(core::ByteView data, std::uint64_t count) {
    auto decoder = NonceDecoder::create(data, count);
    if (!decoder) return decoder.error();
    std::vector<std::uint64_t> nonces;
    nonces.reserve(count);
    while (decoder->remaining() > 0) {
        const auto nonce = decoder->next();
        if (!nonce) return nonce.error();
        nonces.push_back(*nonce);
    }
    if (auto end = decoder->finish(); !end) return end.error();
    return nonces;
}

}  // namespace pouw::inline v1::proof
