#include "validation/weighted_draw.hpp"

#include "pouw/crypto/uniform.hpp"

#include <algorithm>
#include <utility>

namespace pouw::inline v1::validation::detail {

std::vector<std::size_t> draw_by_weight(const crypto::Hash256& key, std::span<const std::uint64_t> ends,
                                        std::vector<std::size_t> gone, std::uint64_t count) {
    const auto start_of = [&](std::size_t position) { return position == 0 ? 0 : ends[position - 1]; };
    const auto weight_of = [&](std::size_t position) { return ends[position] - start_of(position); };
    std::uint64_t left = ends.empty() ? 0 : ends.back();
    for (const std::size_t position : gone) left -= weight_of(position);
    crypto::UniformDraws draws{key};
    std::vector<std::size_t> out;
    while (out.size() < count && left > 0) {
        // A point on the line of the weights that are left, moved to where it lies with the gone ones in
        // between.
        std::uint64_t point = draws.below(left);
        for (const std::size_t position : gone) {
            if (point < start_of(position)) break;
            point += weight_of(position);
        }
        const auto end = std::upper_bound(ends.begin(), ends.end(), point);
        const auto position = static_cast<std::size_t>(end - ends.begin());
        out.push_back(position);
        left -= weight_of(position);
        gone.insert(std::lower_bound(gone.begin(), gone.end(), position), position);
    }
    return out;
}

}  // namespace pouw::inline v1::validation::detail
