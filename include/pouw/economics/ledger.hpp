/// The reputation of every node, from epoch to epoch.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/conviction.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/economics/settlement.hpp"

#include <optional>
#include <span>
#include <vector>

namespace pouw::inline v1::economics {

/// A node and its reputation.
struct POUW_API NodeReputation {
    core::NodeId node;
    Reputation reputation;

    friend bool operator==(const NodeReputation&, const NodeReputation&) = default;
};

/// The reputations after the epoch that was settled last. The ledger is a value: a copy is a state to which a
/// program can return.
class POUW_API Ledger {
  public:
    /// The ledger after the epoch `settled`; `nodes` ascend in their ids.
    /// Errors: those of `check(curve)`; weights::errc::duplicate_node; core::errc::non_canonical for nodes
    ///     that descend.
    [[nodiscard]] static core::result<Ledger> create(const ReputationCurve& curve, core::Epoch settled = 0,
                                                     std::vector<NodeReputation> nodes = {});

    /// The epoch settled last; 0 before the first one, which is 1.
    [[nodiscard]] core::Epoch settled() const noexcept { return settled_; }
    [[nodiscard]] const ReputationCurve& curve() const noexcept { return curve_; }
    /// The nodes, ascending. Nodes that never took part are not among them.
    [[nodiscard]] std::span<const NodeReputation> nodes() const noexcept { return nodes_; }

    /// The reputation of a node; that of a newcomer for a node that never took part.
    /// Cost: a binary search.
    [[nodiscard]] Reputation reputation_of(const core::NodeId& node) const;
    /// The reputation of a node as a number from 0 to 1, rounded down.
    [[nodiscard]] core::Rate rate_of(const core::NodeId& node) const;

    /// The settlement of the next epoch; the arguments are those of `Settlement::create`.
    /// Errors: errc::epoch_out_of_order unless `epoch` follows the one settled last; those of
    ///     `Settlement::create`.
    [[nodiscard]] core::result<Settlement> create_settlement(core::Epoch epoch,
                                                             const weights::WeightTable& judges,
                                                             std::span<const core::NodeId> without_weight,
                                                             std::span<const core::NodeId> unregistered,
                                                             const Rules& rules,
                                                             std::optional<HeightRange> heights = {}) const;

    /// Takes over the epoch records of a statement. A refused statement changes nothing.
    /// Errors: errc::epoch_out_of_order.
    /// Cost: O(n).
    [[nodiscard]] core::result<void> apply(const Statement& statement);

    /// Takes a conviction that came after the statement of its epoch. The node's reputation falls to 0. A
    /// node that never took part has no reputation to lose.
    void apply(const core::Conviction& conviction);

    /// The whole state, the curve included.
    [[nodiscard]] core::Bytes save() const;

    /// Restores a state that `save` gave.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version, core::errc::count_too_large; core::errc::non_canonical for an
    ///     unknown growth; core::errc::rate_above_one; those of `create`.
    [[nodiscard]] static core::result<Ledger> restore(core::ByteView data);

    friend bool operator==(const Ledger&, const Ledger&) = default;

  private:
    Ledger(const ReputationCurve& curve, core::Epoch settled, std::vector<NodeReputation> nodes);

    [[nodiscard]] bool is_next(core::Epoch epoch) const noexcept;
    /// The node's place, or the end.
    [[nodiscard]] std::vector<NodeReputation>::const_iterator find(const core::NodeId& node) const;

    ReputationCurve curve_;
    core::Epoch settled_;
    std::vector<NodeReputation> nodes_;
};

}  // namespace pouw::inline v1::economics
