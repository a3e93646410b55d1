/// The ChaCha20 keystream as a seekable stream of bytes: `stream(key, id)` of the specification.
/// Source: RFC 8439; docs/spec/pow.md section 2.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace pouw::inline v1::crypto {

/// The keystream under `key` with the 96-bit nonce `LE32(id) ‖ 0^8`, with the block counter starting at 0.
/// Threads: immutable; shareable.
class POUW_API ChaCha20Stream {
  public:
    /// The length of a stream in bytes: 2^32 blocks of 64 bytes.
    static constexpr std::uint64_t length = std::uint64_t{1} << 38;

    ChaCha20Stream(std::span<const std::uint8_t, 32> key, std::uint32_t id) noexcept;

    /// Fills `out` with the bytes from `offset` on.
    /// Expects: `offset + out.size() <= length`.
    /// Cost: that of the bytes read and of at most two more blocks, for every `offset`.
    void read(std::uint64_t offset, std::span<std::uint8_t> out) const noexcept;

  private:
    std::array<std::uint8_t, 32> key_;
    std::array<std::uint8_t, 12> nonce_{};
};

}  // namespace pouw::inline v1::crypto
