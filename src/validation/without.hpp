/// Tables of weights without the nodes that are convicted.
#pragma once

#include "pouw/core/conviction.hpp"
#include "pouw/weights/weights.hpp"

#include <algorithm>
#include <span>
#include <vector>

namespace pouw::validation {

/// The table in which convicted nodes have no weight.
[[nodiscard]] inline weights::WeightTable without(const weights::WeightTable& table,
                                                  std::span<const core::Conviction> convicted) {
    std::vector<core::NodeId> gone;
    for (const core::Conviction& conviction : convicted) gone.push_back(conviction.node);
    std::sort(gone.begin(), gone.end());
    std::vector<weights::NodeWeight> left;
    for (const weights::NodeWeight& node : table.nodes()) {
        if (!std::binary_search(gone.begin(), gone.end(), node.node)) left.push_back(node);
    }
    return weights::WeightTable::create(left).value();
}

}  // namespace pouw::validation
