/// From cycle to cycle: which one is next, and the standing of every node.
#pragma once

#include "pouw/core/errc.hpp"
#include "pouw/economics/errc.hpp"
#include "pouw/economics/settlement.hpp"
#include "pouw/weights/errc.hpp"

namespace pouw::economics {

struct NodeStanding {
    AccountId node;
    Standing standing;

    friend bool operator==(const NodeStanding&, const NodeStanding&) = default;
};

/// The standings after the last settled cycle. A value.
class Ledger {
  public:
    /// `nodes` ascend in their keys. Errors: of `check(curve)`; weights::errc::duplicate_node,
    /// core::errc::non_canonical.
    [[nodiscard]] static core::result<Ledger> make(const ReputationCurve& curve, std::uint64_t settled = 0,
                                                   std::vector<NodeStanding> nodes = {}) {
        if (const auto checked = check(curve); !checked) return checked.error();
        for (std::size_t i = 1; i < nodes.size(); ++i) {
            if (nodes[i].node == nodes[i - 1].node) return core::fail(weights::errc::duplicate_node);
            if (nodes[i].node < nodes[i - 1].node)
                return core::fail(core::errc::non_canonical, "nodes descend");
        }
        return Ledger{curve, settled, std::move(nodes)};
    }

    /// The cycle settled last; 0 before the first, which is 1.
    [[nodiscard]] std::uint64_t settled() const noexcept { return settled_; }
    [[nodiscard]] const ReputationCurve& curve() const noexcept { return curve_; }
    /// Ascending; nodes that never took part are not in it.
    [[nodiscard]] std::span<const NodeStanding> nodes() const noexcept { return nodes_; }

    /// That of a newcomer for a node that never took part. Cost: a binary search.
    [[nodiscard]] Standing standing_of(const AccountId& node) const {
        const auto at = find(node);
        return at != nodes_.end() && at->node == node ? at->standing : Standing{};
    }
    [[nodiscard]] core::Rate reputation_of(const AccountId& node) const {
        return reputation_rounded_down(standing_of(node), curve_);
    }

    /// errc::cycle_out_of_order unless the cycle follows the one settled last; else as `Settlement::open`.
    [[nodiscard]] core::result<Settlement> open(const Cycle& cycle,
                                                std::span<const weights::NodeWeight> nodes,
                                                const Rules& rules) const {
        if (!is_next(cycle)) return core::fail(errc::cycle_out_of_order);
        return Settlement::open(cycle, nodes, rules);
    }

    /// Takes over the standings of a settled cycle. errc::cycle_out_of_order, and nothing changes. O(n).
    [[nodiscard]] core::result<void> apply(const Statement& statement) {
        if (!is_next(statement.cycle)) return core::fail(errc::cycle_out_of_order);
        std::vector<NodeStanding> next;
        next.reserve(nodes_.size() + statement.conduct.size());
        auto old = nodes_.begin();
        for (const NodeConduct& c : statement.conduct) {
            for (; old != nodes_.end() && old->node < c.node; ++old) next.push_back(*old);
            Standing standing;
            if (old != nodes_.end() && old->node == c.node) standing = (old++)->standing;
            next.push_back({c.node, advance(standing, c.conduct, curve_)});
        }
        next.insert(next.end(), old, nodes_.end());
        nodes_ = std::move(next);
        settled_ = statement.cycle.number;
        return {};
    }

    friend bool operator==(const Ledger&, const Ledger&) = default;

  private:
    Ledger(const ReputationCurve& curve, std::uint64_t settled, std::vector<NodeStanding> nodes)
        : curve_{curve}, settled_{settled}, nodes_{std::move(nodes)} {}

    [[nodiscard]] bool is_next(const Cycle& cycle) const noexcept {
        return settled_ != UINT64_MAX && cycle.number == settled_ + 1;
    }
    [[nodiscard]] std::vector<NodeStanding>::const_iterator find(const AccountId& node) const {
        return std::lower_bound(
            nodes_.begin(), nodes_.end(), node,
            [](const NodeStanding& entry, const AccountId& key) { return entry.node < key; });
    }

    ReputationCurve curve_;
    std::uint64_t settled_;
    std::vector<NodeStanding> nodes_;
};

}  // namespace pouw::economics
