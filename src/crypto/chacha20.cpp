#include "pouw/crypto/chacha20.hpp"

#include "pouw/core/contract.hpp"

#include <sodium.h>

#include <algorithm>

namespace pouw::inline v1::crypto {
namespace {

constexpr std::size_t block_size = 64;

}  // namespace

ChaCha20Stream::ChaCha20Stream(std::span<const std::uint8_t, 32> key, std::uint32_t id) noexcept {
    std::copy(key.begin(), key.end(), key_.begin());
    const auto id_bytes = core::to_le(id);
    std::copy(id_bytes.begin(), id_bytes.end(), nonce_.begin());
}

void ChaCha20Stream::read(std::uint64_t offset, std::span<std::uint8_t> out) const noexcept {
    POUW_EXPECTS(offset <= length && out.size() <= length - offset);
    const auto xor_keystream = [this](std::uint64_t block, std::span<std::uint8_t> data) {
        crypto_stream_chacha20_ietf_xor_ic(data.data(), data.data(), data.size(), nonce_.data(),
                                           static_cast<std::uint32_t>(block), key_.data());
    };
    if (const std::size_t skip = offset % block_size; skip != 0 && !out.empty()) {
        std::array<std::uint8_t, block_size> block{};
        xor_keystream(offset / block_size, block);
        const std::size_t size = std::min(out.size(), block_size - skip);
        std::copy_n(block.begin() + static_cast<std::ptrdiff_t>(skip), size, out.begin());
        out = out.subspan(size);
        offset += size;
    }
    if (out.empty()) return;
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    xor_keystream(offset / block_size, out);
}

}  // namespace pouw::inline v1::crypto
