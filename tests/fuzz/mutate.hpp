/// Mutations of seeds.
#pragma once

#include "random.hpp"

#include "pouw/core/bytes.hpp"

#include <vector>

namespace pouw::inline v1::fuzz {

/// One to four changes of `data`: bits, bytes, integers at the ends of their range, insertions, deletions,
/// stretches that are repeated, and parts of the other seeds. The result has at most `largest` bytes.
[[nodiscard]] core::Bytes mutated(core::Bytes data, const std::vector<core::Bytes>& seeds,
                                  test::Random& random, std::size_t largest);

}  // namespace pouw::inline v1::fuzz
