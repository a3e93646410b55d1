/// Random numbers for tests.
#pragma once

#include "pouw/core/wide.hpp"

#include <cstdint>

namespace pouw::inline v1::test {

/// splitmix64: the same numbers on every platform.
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_{seed} {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    /// 0 .. bound-1; the bias is below bound / 2^32.
    std::uint32_t below(std::uint32_t bound) {
        return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32);
    }
    /// 0 .. bound-1, for any bound.
    std::uint64_t below64(std::uint64_t bound) {
        return static_cast<std::uint64_t>((core::uint128{next()} * bound) >> 64);
    }
    /// A number of any magnitude: as many small as large ones.
    std::uint64_t any_size() { return next() >> below(64); }

  private:
    std::uint64_t state_;
};

}  // namespace pouw::inline v1::test
