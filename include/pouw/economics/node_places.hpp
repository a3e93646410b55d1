/// The places of nodes in the sorted list of an epoch's nodes.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace pouw::inline v1::economics {

/// A sorted list of nodes, and buckets of equal ranges over the first bytes in which the ids differ. Ids that
/// their owners choose badly cost at most a binary search in their bucket.
class POUW_API NodePlaces {
  public:
    /// The result of `find` for a node that is not in the list.
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

    NodePlaces() = default;
    /// Expects: ids that ascend strictly, fewer than 2^32 - 1.
    /// Cost: O(n).
    explicit NodePlaces(std::vector<core::NodeId> nodes);

    /// The nodes, ascending.
    [[nodiscard]] std::span<const core::NodeId> nodes() const noexcept { return nodes_; }

    /// The place of a node, from 0, or `none`.
    /// Cost: a few ns for ids as key generation yields them, a binary search for others.
    [[nodiscard]] std::uint32_t find(const core::NodeId& node) const noexcept {
        const std::uint64_t bucket = (digits_of(node) - lowest_) >> shift_;
        if (bucket >= buckets_) return none;
        const std::uint32_t begin = starts_[bucket];
        const std::uint32_t end = starts_[bucket + 1];
        if (end - begin == 1) return nodes_[begin] == node ? begin : none;
        return find(node, begin, end);
    }

  private:
    /// The eight bytes from the first one in which the nodes differ, as a number. It ascends with the nodes.
    [[nodiscard]] std::uint64_t digits_of(const core::NodeId& node) const noexcept {
        std::uint64_t out = 0;
        for (std::size_t i = 0; i < 8; ++i) out = (out << 8) | node.bytes[offset_ + i];
        return out;
    }

    /// The place of a node among the places from `begin` to `end`, or `none`.
    [[nodiscard]] std::uint32_t find(const core::NodeId& node, std::uint32_t begin,
                                     std::uint32_t end) const noexcept;

    std::vector<core::NodeId> nodes_;
    std::vector<std::uint32_t> starts_;  // the first place of each bucket, and the number of nodes
    std::uint64_t buckets_ = 0;
    std::size_t offset_ = 0;
    std::uint64_t lowest_ = 0;
    unsigned shift_ = 0;
};

}  // namespace pouw::inline v1::economics
