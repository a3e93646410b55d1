// Binary search over numbers.
#pragma once

namespace pouw::inline v1::stats {

/// The least of `low` .. `end` - 1 that satisfies what all larger ones satisfy too; `end` when none does.
template <typename Integer, typename Holds>
Integer least(Integer low, Integer end, Holds holds) {
    while (low < end) {
        const Integer middle = low + (end - low) / 2;
        if (holds(middle)) {
            end = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

}  // namespace pouw::inline v1::stats
