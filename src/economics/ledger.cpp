#include "pouw/economics/ledger.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/economics/errc.hpp"
#include "pouw/weights/errc.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace pouw::inline v1::economics {

Ledger::Ledger(const ReputationCurve& curve, core::Epoch settled, std::vector<NodeReputation> nodes)
    : curve_{curve}, settled_{settled}, nodes_{std::move(nodes)} {}

core::result<Ledger> Ledger::create(const ReputationCurve& curve, core::Epoch settled,
                                    std::vector<NodeReputation> nodes) {
    if (const auto checked = check(curve); !checked) return checked.error();
    for (std::size_t i = 1; i < nodes.size(); ++i) {
        if (nodes[i].node == nodes[i - 1].node) return core::fail(weights::errc::duplicate_node);
        if (nodes[i].node < nodes[i - 1].node) return core::fail(core::errc::non_canonical, "nodes descend");
    }
    return Ledger{curve, settled, std::move(nodes)};
}

Reputation Ledger::reputation_of(const core::NodeId& node) const {
    const auto at = find(node);
    return at == nodes_.end() ? Reputation{} : at->reputation;
}

core::Rate Ledger::rate_of(const core::NodeId& node) const {
    return reputation_rounded_down(reputation_of(node), curve_);
}

core::result<Settlement> Ledger::create_settlement(core::Epoch epoch, const weights::WeightTable& judges,
                                                   std::span<const core::NodeId> without_weight,
                                                   std::span<const core::NodeId> unregistered,
                                                   const Rules& rules,
                                                   std::optional<HeightRange> heights) const {
    if (!is_next(epoch)) return core::fail(errc::epoch_out_of_order);
    return Settlement::create(epoch, judges, without_weight, unregistered, rules, heights);
}

core::result<void> Ledger::apply(const Statement& statement) {
    if (!is_next(statement.epoch)) return core::fail(errc::epoch_out_of_order);
    std::vector<NodeReputation> next;
    next.reserve(nodes_.size() + statement.records.size());
    auto old = nodes_.begin();
    for (const NodeRecord& entry : statement.records) {
        for (; old != nodes_.end() && old->node < entry.node; ++old) next.push_back(*old);
        Reputation reputation;
        if (old != nodes_.end() && old->node == entry.node) reputation = (old++)->reputation;
        next.push_back({entry.node, advance(reputation, entry.record, curve_)});
    }
    next.insert(next.end(), old, nodes_.end());
    nodes_ = std::move(next);
    settled_ = statement.epoch;
    return {};
}

void Ledger::apply(const core::Conviction& conviction) {
    const auto at = find(conviction.node);
    if (at != nodes_.end()) nodes_[static_cast<std::size_t>(at - nodes_.cbegin())].reputation = {};
}

bool Ledger::is_next(core::Epoch epoch) const noexcept {
    return settled_.value != std::numeric_limits<std::uint64_t>::max() && epoch == settled_ + 1;
}

std::vector<NodeReputation>::const_iterator Ledger::find(const core::NodeId& node) const {
    const auto at =
        std::lower_bound(nodes_.begin(), nodes_.end(), node,
                         [](const NodeReputation& entry, const core::NodeId& id) { return entry.node < id; });
    return at != nodes_.end() && at->node == node ? at : nodes_.end();
}

}  // namespace pouw::inline v1::economics
