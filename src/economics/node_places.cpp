#include "pouw/economics/node_places.hpp"

#include "pouw/core/contract.hpp"

#include <algorithm>
#include <bit>
#include <functional>

namespace pouw::inline v1::economics {

NodePlaces::NodePlaces(std::vector<core::NodeId> nodes) : nodes_{std::move(nodes)} {
    POUW_EXPECTS(nodes_.size() < none);
    POUW_EXPECTS(std::adjacent_find(nodes_.begin(), nodes_.end(), std::greater_equal<>{}) == nodes_.end());
    if (nodes_.empty()) return;
    const auto& first = nodes_.front().bytes;
    const auto& last = nodes_.back().bytes;
    // All nodes begin with the bytes in which the first and the last one agree.
    const auto differs = std::mismatch(first.begin(), first.end(), last.begin()).first;
    offset_ =
        std::min<std::size_t>(static_cast<std::size_t>(differs - first.begin()), core::NodeId::size - 8);
    lowest_ = digits_of(nodes_.front());
    const std::uint64_t range = digits_of(nodes_.back()) - lowest_;
    // Between one and two buckets for each node.
    while (range >> shift_ >= std::bit_ceil(2 * nodes_.size())) ++shift_;
    buckets_ = (range >> shift_) + 1;
    starts_.assign(buckets_ + 1, 0);
    for (const core::NodeId& node : nodes_) ++starts_[((digits_of(node) - lowest_) >> shift_) + 1];
    for (std::size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
}

std::uint32_t NodePlaces::find(const core::NodeId& node, std::uint32_t begin,
                               std::uint32_t end) const noexcept {
    const auto first = nodes_.begin() + begin;
    const auto last = nodes_.begin() + end;
    const auto at = std::lower_bound(first, last, node);
    return at != last && *at == node ? static_cast<std::uint32_t>(at - nodes_.begin()) : none;
}

}  // namespace pouw::inline v1::economics
