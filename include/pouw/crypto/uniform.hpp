/// Uniform random numbers from a public hash: everybody who knows the hash draws the same numbers.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/chacha20.hpp"

#include <cstdint>
#include <vector>

namespace pouw::inline v1::crypto {

/// A sequence of draws from `stream(key, 0)`.
/// Threads: not shareable.
/// Source: docs/spec/pow.md section 2.
class POUW_API UniformDraws {
  public:
    explicit UniformDraws(const Hash256& key) noexcept : stream_{key.bytes, 0} {}

    /// A number below `bound`: `floor(word · bound / 2^128)`, where `word` is the number in the next 16 bytes
    /// of the stream. The bias is below 2^-64, so that no rejection is needed.
    /// Expects: `bound >= 1`.
    /// Cost: about 0.2 µs.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);

    /// The first `min(samples, count)` places of a Fisher-Yates shuffle of 0..count-1: distinct numbers, in
    /// the order in which they are drawn. A smaller number of samples gives a prefix of a larger one.
    /// Cost: about 0.5 µs for each sample; memory in proportion to the samples.
    [[nodiscard]] std::vector<std::uint64_t> distinct(std::uint64_t count, std::uint64_t samples);

  private:
    ChaCha20Stream stream_;
    std::uint64_t offset_ = 0;
};

}  // namespace pouw::inline v1::crypto
