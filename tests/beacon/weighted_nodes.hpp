/// Nodes with weights, and their subsets, for tests of tickets.
#pragma once

#include "pouw/beacon/tickets.hpp"
#include "pouw/core/bytes.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace pouw::inline v1::test {

/// One node for each weight, in ascending order of their ids as numbers.
inline std::vector<beacon::WeightedNode> nodes_of(const std::vector<std::uint64_t>& weights) {
    std::vector<beacon::WeightedNode> nodes(weights.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto id = core::to_le(std::uint64_t{i});
        std::copy(id.begin(), id.end(), nodes[i].node.bytes.begin());
        nodes[i].weight = weights[i];
    }
    return nodes;
}

/// Calls `use(weight, tickets held)` for every subset of the nodes.
template <typename Use>
void for_each_subset(const std::vector<std::uint64_t>& weights, const std::vector<std::uint32_t>& tickets,
                     const Use& use) {
    for (std::uint32_t set = 0; set < 1u << weights.size(); ++set) {
        beacon::WideWeight weight = 0;
        std::uint32_t held = 0;
        for (std::size_t i = 0; i < weights.size(); ++i) {
            if ((set >> i & 1) == 0) continue;
            weight += weights[i];
            held += tickets[i];
        }
        use(weight, held);
    }
}

}  // namespace pouw::inline v1::test
