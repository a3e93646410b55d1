/// The codec of nonce sets: adaptive Rice coding of gaps, one encoding a set. docs/spec/proofs.md section 1.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/result.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pouw::proof {

/// The state that coder and decoder of gaps share: how long gaps have been so far.
class GapModel {
  public:
    static constexpr std::uint32_t escape_quotient = 24;  ///< from here on a gap is written out
    /// 256 short gaps of this parameter, each below 24 · 2^51, still sum to less than 2^64.
    static constexpr std::uint32_t largest_parameter = 51;

    /// The Rice parameter `k` for the next gap.
    [[nodiscard]] std::uint32_t parameter() const noexcept { return parameter_; }

    /// Learns from a gap that was coded with the current parameter.
    void learn(std::uint64_t gap) noexcept;

  private:
    std::uint64_t sum_ = 64;
    std::uint64_t weight_ = 1;
    std::uint32_t parameter_ = 5;  // the smallest k with 1 · 2^(k+1) >= 64
};

/// Encodes nonces as they come. About 12 ns a nonce.
class NonceEncoder {
  public:
    /// Expects nonces in strictly ascending order.
    void add(std::uint64_t nonce);

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

    /// The encoding of all nonces added so far. The encoder may go on afterwards.
    [[nodiscard]] core::Bytes bytes() const;

  private:
    void put(std::uint64_t bits, std::uint32_t size);

    GapModel model_;
    core::Bytes bytes_;
    std::uint64_t pending_ = 0;  // bits that do not fill a byte yet
    std::uint32_t pending_size_ = 0;
    std::uint64_t count_ = 0;
    std::uint64_t last_ = 0;
};

/// Decodes nonces one by one from untrusted bytes. About 12 ns a nonce; no memory.
class NonceDecoder {
  public:
    /// `data` must outlive the decoder. Errors: core::errc::count_too_large.
    [[nodiscard]] static core::result<NonceDecoder> create(core::ByteView data, std::uint64_t count) noexcept;

    [[nodiscard]] std::uint64_t remaining() const noexcept { return remaining_; }

    /// The next nonce. Expects `remaining() > 0`, and no error before.
    /// Errors: core::errc::truncated, core::errc::non_canonical, errc::nonce_overflow.
    [[nodiscard]] core::result<std::uint64_t> next() noexcept;

    /// What must hold after the last nonce. Expects `remaining() == 0`.
    /// Errors: core::errc::trailing_bytes, core::errc::non_canonical (a padding bit that is one).
    [[nodiscard]] core::result<void> finish() const noexcept;

  private:
    NonceDecoder(core::ByteView data, std::uint64_t count) noexcept : data_{data}, remaining_{count} {}
    [[nodiscard]] std::uint64_t peek(std::uint64_t position) const noexcept;
    [[nodiscard]] std::uint64_t take(std::uint32_t size) noexcept;

    core::ByteView data_;
    std::uint64_t position_ = 0;  // in bits
    std::uint64_t remaining_;
    std::uint64_t next_base_ = 0;  // the smallest nonce that may come next
    bool exhausted_ = false;       // 2^64 - 1 was the last nonce
    GapModel model_;
};

/// A whole set at once. Expects strictly ascending nonces.
[[nodiscard]] core::Bytes encode_nonces(std::span<const std::uint64_t> nonces);

/// The inverse of `encode_nonces`, and of nothing else. Memory: at most 64 bytes for a byte of `data`.
/// Errors: those of NonceDecoder.
[[nodiscard]] core::result<std::vector<std::uint64_t>> decode_nonces(core::ByteView data,
                                                                     std::uint64_t count);

}  // namespace pouw::proof
