/// Reads the vectors of tests/vectors/emission and compares amounts of 128 bits readably.
#pragma once

#include "vectors.hpp"

#include "pouw/core/wide.hpp"
#include "pouw/emission/schedule.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pouw::test {

using core::int128;
using core::uint128;

/// Decimal text of any integer, to compare and to print.
template <typename Integer>
std::string text(Integer value) {
    if constexpr (std::is_same_v<Integer, uint128>) {
        return core::to_decimal(value);
    } else {
        return core::to_decimal(static_cast<int128>(value));
    }
}
inline std::string text(std::uint64_t value) { return std::to_string(value); }

inline uint128 u128(const Json& decimal) { return core::from_decimal(decimal.get<std::string>()).value(); }
inline int128 i128(const Json& decimal) { return static_cast<int128>(u128(decimal)); }
inline std::int64_t i64(const Json& decimal) { return static_cast<std::int64_t>(u128(decimal)); }
inline std::string str(const Json& value) { return value.get<std::string>(); }

/// A fixed sequence of 64-bit numbers (splitmix64) for property tests.
class Sequence {
  public:
    explicit Sequence(std::uint64_t seed) : state_{seed} {}
    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    std::uint64_t below(std::uint64_t bound) {
        return static_cast<std::uint64_t>((uint128{next()} * bound) >> 64);
    }
    /// A number of any magnitude: as many small as large ones.
    std::uint64_t any_size() { return next() >> below(64); }

  private:
    std::uint64_t state_;
};

}  // namespace pouw::test
