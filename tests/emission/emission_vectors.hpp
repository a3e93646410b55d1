/// Reads the vectors of tests/vectors/emission and compares amounts of 128 bits readably.
#pragma once

#include "random.hpp"
#include "vectors.hpp"

#include "pouw/core/wide.hpp"
#include "pouw/emission/schedule.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pouw::inline v1::test {

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

}  // namespace pouw::inline v1::test
