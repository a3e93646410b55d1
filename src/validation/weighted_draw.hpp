/// Draws in proportion to weight: the one algorithm for executors, relays and guaranteed validators.
/// Source: docs/spec/validation.md section 4, "Draw".
#pragma once

#include "pouw/crypto/blake2b.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::validation::detail {

/// The first `count` positions that are drawn with the numbers of `key`, or fewer when no weight is left.
/// Each is drawn in proportion to weight among the positions that are neither in `gone` nor drawn before.
/// `ends` are the cumulative weights of the positions; a position without weight is never drawn. Expects:
/// `gone` strictly ascending. Cost: O(count + gone) for each position drawn.
[[nodiscard]] std::vector<std::size_t> draw_by_weight(const crypto::Hash256& key,
                                                      std::span<const std::uint64_t> ends,
                                                      std::vector<std::size_t> gone, std::uint64_t count);

}  // namespace pouw::inline v1::validation::detail
