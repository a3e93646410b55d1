/// Ranges of nonces: what a node declares as scanned.
#pragma once

#include "pouw/core/export.hpp"

#include <cstdint>
#include <span>

namespace pouw::inline v1::proof {

/// The nonces `first`..`last`, both included. The set of all nonces is a range.
struct POUW_API NonceRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;

    friend constexpr bool operator==(const NonceRange&, const NonceRange&) = default;
};

/// Whether each range has `first <= last` and begins after the end of the one before.
[[nodiscard]] constexpr bool are_ascending(std::span<const NonceRange> ranges) noexcept {
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        if (ranges[i].first > ranges[i].last) return false;
        if (i > 0 && ranges[i].first <= ranges[i - 1].last) return false;
    }
    return true;
}

/// Whether the ranges hold at least `count` nonces.
/// Expects: `are_ascending(ranges)`.
[[nodiscard]] constexpr bool can_hold(std::span<const NonceRange> ranges, std::uint64_t count) noexcept {
    for (const NonceRange& range : ranges) {
        const std::uint64_t beyond_first = range.last - range.first;
        if (count == 0 || count - 1 <= beyond_first) return true;
        count -= beyond_first + 1;
    }
    return count == 0;
}

/// The coverage of an interval by ranges.
enum class Overlap { none, part, whole };

/// The coverage of the nonces `low`..`high` by the ranges. Adjacent ranges may cover them together.
/// Expects: `are_ascending(ranges)`, `low <= high`.
[[nodiscard]] constexpr Overlap overlap(std::uint64_t low, std::uint64_t high,
                                        std::span<const NonceRange> ranges) noexcept {
    bool any = false;
    std::uint64_t next = low;  // the smallest nonce of the interval that is not known to be covered
    for (const NonceRange& range : ranges) {
        if (range.last < next) continue;
        if (range.first > high) break;
        any = true;
        if (range.first > next) return Overlap::part;
        if (range.last >= high) return Overlap::whole;
        next = range.last + 1;
    }
    return any ? Overlap::part : Overlap::none;
}

}  // namespace pouw::inline v1::proof
