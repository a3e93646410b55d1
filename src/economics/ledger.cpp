#include "pouw/economics/ledger.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/core/state.hpp"
#include "pouw/economics/errc.hpp"
#include "pouw/weights/errc.hpp"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

namespace pouw::inline v1::economics {
namespace {

constexpr std::string_view ledger_magic = "pouwled1";
constexpr std::size_t reputation_size = core::NodeId::size + 4 + 8;

core::result<ReputationCurve> take_curve(core::Reader& reader) {
    ReputationCurve out;
    const auto growth = reader.integer<std::uint8_t>();
    out.epochs_to_full = reader.integer<std::uint32_t>();
    const auto step = core::Rate::create(reader.integer<std::uint32_t>());
    const auto forgiven = core::Rate::create(reader.integer<std::uint32_t>());
    out.penalty = reader.integer<std::uint32_t>();
    if (!reader.ok()) return core::fail(core::errc::truncated, "the curve");
    if (growth > static_cast<std::uint8_t>(Growth::deployed))
        return core::fail(core::errc::non_canonical, "an unknown growth");
    if (!step) return step.error();
    if (!forgiven) return forgiven.error();
    out.growth = Growth{growth};
    out.step = *step;
    out.forgiven = *forgiven;
    return out;
}

}  // namespace

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

core::Bytes Ledger::save() const {
    core::Bytes out = core::start_state(ledger_magic);
    out.push_back(static_cast<std::uint8_t>(curve_.growth));
    for (const std::uint32_t value :
         {curve_.epochs_to_full, curve_.step.ppm(), curve_.forgiven.ppm(), curve_.penalty})
        core::append(out, core::to_le(value));
    core::append(out, core::to_le(settled_.value));
    core::append(out, core::to_le(static_cast<std::uint32_t>(nodes_.size())));
    out.reserve(out.size() + reputation_size * nodes_.size());
    for (const NodeReputation& entry : nodes_) {
        core::append(out, entry.node.view());
        core::append(out, core::to_le(entry.reputation.epochs));
        core::append(out, core::to_le(entry.reputation.lost_ppm));
    }
    return out;
}

core::result<Ledger> Ledger::restore(core::ByteView data) {
    core::Reader reader{data};
    if (const auto start = core::take_state_start(reader, ledger_magic); !start) return start.error();
    const auto curve = take_curve(reader);
    if (!curve) return curve.error();
    const core::Epoch settled = reader.integer<std::uint64_t>();
    const auto count = core::take_count(reader, reputation_size);
    if (!count) return count.error();
    std::vector<NodeReputation> nodes;
    nodes.reserve(*count);
    for (std::uint32_t i = 0; i < *count; ++i) {
        const auto node = reader.fixed<core::NodeId>();
        const auto epochs = reader.integer<std::uint32_t>();
        nodes.push_back({node, {epochs, reader.integer<std::uint64_t>()}});
    }
    if (const auto end = core::check_state_end(reader); !end) return end.error();
    return create(*curve, settled, std::move(nodes));
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
