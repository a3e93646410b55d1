/// The codec of nonce sets: adaptive Rice coding of gaps, one encoding for each set.
/// Source: docs/spec/proofs.md section 1.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::proof {

/// The state that the encoder and the decoder of gaps share: a running mean of the gaps.
class POUW_API GapModel {
  public:
    static constexpr std::uint32_t escape_quotient = 24;  ///< from this quotient on, a gap is written out
    /// 256 short gaps of this parameter, each below 24 · 2^51, still sum to less than 2^64.
    static constexpr std::uint32_t largest_parameter = 51;

    /// The Rice parameter `k` for the next gap.
    [[nodiscard]] std::uint32_t parameter() const noexcept { return parameter_; }

    /// Updates the state with a gap that was coded with the current parameter.
    void learn(std::uint64_t gap) noexcept;

  private:
    std::uint64_t sum_ = 64;
    std::uint64_t weight_ = 1;
    std::uint32_t parameter_ = 5;  // the smallest k with 1 · 2^(k+1) >= 64
};

/// Encodes nonces one by one.
/// Cost: about 12 ns for each nonce.
class POUW_API NonceEncoder {
  public:
    /// Appends a nonce.
    /// Expects: a nonce above the one before.
    void add(std::uint64_t nonce);

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

    /// The encoding of all nonces added so far. More nonces may follow.
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

/// Decodes nonces one by one from untrusted bytes.
/// Cost: about 12 ns for each nonce; no memory.
class POUW_API NonceDecoder {
  public:
    /// Expects: `data` that outlives the decoder.
    /// Errors: core::errc::count_too_large.
    [[nodiscard]] static core::result<NonceDecoder> create(core::ByteView data, std::uint64_t count) noexcept;

    [[nodiscard]] std::uint64_t remaining() const noexcept { return remaining_; }

    /// The next nonce.
    /// Expects: `remaining() > 0`; no error before.
    /// Errors: core::errc::truncated, core::errc::non_canonical, errc::nonce_overflow.
    [[nodiscard]] core::result<std::uint64_t> next() noexcept;

    /// Checks what follows the last nonce.
    /// Expects: `remaining() == 0`.
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

/// The encoding of a whole set.
/// Expects: strictly ascending nonces.
[[nodiscard]] POUW_API core::Bytes encode_nonces(std::span<const std::uint64_t> nonces);

/// The inverse of `encode_nonces`, and of nothing else.
/// Errors: those of NonceDecoder.
/// Cost: memory of at most 64 bytes for a byte of `data`.
[[nodiscard]] POUW_API core::result<std::vector<std::uint64_t>> decode_nonces(core::ByteView data,
                                                                              std::uint64_t count);

}  // namespace pouw::inline v1::proof
