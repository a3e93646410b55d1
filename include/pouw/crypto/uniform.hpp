/// Uniform numbers from a hash, the same for everybody who knows it.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/chacha20.hpp"

#include <cstdint>
#include <vector>

namespace pouw::inline v1::crypto {

/// Draws one after the other from `stream(key, 0)` of docs/spec/pow.md section 2.
/// Threads: not shareable.
class POUW_API UniformDraws {
  public:
    explicit UniformDraws(const Hash256& key) noexcept : stream_{key.bytes, 0} {}

    /// `floor(word · bound / 2^128)` with the stream's next 16 bytes as the number `word`: below `bound`,
    /// with a bias below 2^-64, so that no rejection is needed.
    /// Expects: `bound >= 1`.
    /// Cost: about 0.2 µs.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);

    /// The first `min(samples, count)` places of a Fisher-Yates shuffle of 0..count-1: different numbers, in
    /// the order in which they are drawn. The first ones are the same for every number of samples.
    /// Cost: about 0.5 µs a sample.
    /// Memory: in proportion to the samples.
    [[nodiscard]] std::vector<std::uint64_t> distinct(std::uint64_t count, std::uint64_t samples);

  private:
    ChaCha20Stream stream_;
    std::uint64_t offset_ = 0;
};

}  // namespace pouw::inline v1::crypto
