#include "fuzz/fuzz.hpp"

#include "pouw/weights/weights.hpp"

namespace pouw::inline v1::fuzz {
namespace {

void can_be_capped(const weights::WeightTable& table) {
    const auto capped = table.capped({3, 10});
    require(capped.total() == table.total(), "a cap keeps the total");
    for (const auto& node : capped.nodes()) {
        require(node.weight <= core::part_rounded_down({3, 10}, table.total()), "a cap holds");
    }
    require(weights::WeightTable::decode(capped.encode()).has_value(), "a capped table is a table");
}

}  // namespace

/// A node is 40 bytes and one check of a key.
const Target target = decoder_of<weights::WeightTable, can_be_capped>(
    Bounds{.time = {.fixed = 20'000 + key_time, .per_byte = key_time / 40}});

}  // namespace pouw::inline v1::fuzz
