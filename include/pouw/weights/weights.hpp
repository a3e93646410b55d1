/// Voting weights: the weight of each node's vote, in exact integers.
/// Source: docs/weights.md.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/conviction.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::weights {

/// A node and its weight.
struct POUW_API NodeWeight {
    core::NodeId node;
    std::uint64_t weight = 0;

    friend bool operator==(const NodeWeight&, const NodeWeight&) = default;
};

/// The weights of one epoch. The nodes are in ascending order of their ids, each with a weight of at least 1.
/// The total is below 2^64.
/// Threads: immutable; shareable.
class POUW_API WeightTable {
  public:
    /// The empty table, in which no node votes.
    WeightTable() = default;

    /// The table of verified results, which may be in any order. Nodes of weight 0 are left out. Each node
    /// has one result: claims of several machines under one key are merged before (`proof::merge`).
    /// Errors: errc::duplicate_node; core::errc::overflow when the total exceeds 2^64 - 1.
    [[nodiscard]] static core::result<WeightTable> create(std::span<const NodeWeight> results);

    /// The table in which no node exceeds `limit = floor(cap · total)`. The nodes below the limit receive the
    /// excess in proportion to their weights, by largest remainder, until none exceeds it. When all nodes are
    /// at the limit, the rest is unassigned: it counts in the total and never votes. The total stays the
    /// same. Nodes whose weight would be 0 (a limit of 0) are left out.
    /// Expects: `cap.is_share()`.
    /// Cost: a sort.
    [[nodiscard]] WeightTable capped(const core::Fraction& cap) const;

    /// The table without the convicted nodes. The total falls by their weights; the unassigned weight and the
    /// weights of the other nodes stay the same. Convictions of nodes that are not in the table, and further
    /// ones of the same node, change nothing. A cap that must hold afterwards is applied afterwards.
    /// Cost: a sort of the convictions.
    [[nodiscard]] WeightTable without(std::span<const core::Conviction> convictions) const;

    /// The nodes, ascending in their ids.
    [[nodiscard]] std::span<const NodeWeight> nodes() const noexcept { return nodes_; }

    /// The sum of all weights and of the unassigned weight.
    [[nodiscard]] std::uint64_t total() const noexcept { return total_; }

    /// The weight that a cap took from nodes and that no node could receive.
    [[nodiscard]] std::uint64_t unassigned() const noexcept { return unassigned_; }

    /// The weight of a node; 0 for a node that is not in the table.
    /// Cost: a binary search.
    [[nodiscard]] std::uint64_t weight_of(const core::NodeId& node) const noexcept;

    /// The share of a node, `weight_of(node) / total()`; 0/1 for the empty table.
    /// Cost: a binary search.
    [[nodiscard]] core::Fraction share_of(const core::NodeId& node) const noexcept;

    /// The sum of the weights of the voters. A voter that is named several times counts once.
    /// Cost: a sort of `voters`.
    [[nodiscard]] std::uint64_t support(std::span<const core::NodeId> voters) const;

    /// Whether `support` is strictly more than half of the total, unassigned weight included. This is the
    /// only majority of the library.
    [[nodiscard]] bool is_majority(std::uint64_t support) const noexcept;

    /// The smallest support that is a majority: `floor(total / 2) + 1`.
    [[nodiscard]] std::uint64_t majority_threshold() const noexcept { return total_ / 2 + 1; }

    /// The canonical encoding: 24 bytes and 40 for each node.
    [[nodiscard]] core::Bytes encode() const;

    /// The inverse of `encode`, and of nothing else. Every id is the key by which its node's votes are
    /// verified, so that an id that is no such key is refused.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version, core::errc::count_too_large, errc::duplicate_node,
    ///     core::errc::non_canonical (descending ids, a weight of 0), core::errc::overflow;
    ///     crypto::errc::invalid_public_key after all others.
    /// Cost: memory as large as the bytes; about 40 µs for each node.
    [[nodiscard]] static core::result<WeightTable> decode(core::ByteView data);

    /// The digest of the table, `H("pouw.voting.v1", encode())`.
    [[nodiscard]] crypto::Hash256 digest() const;

    /// The table with additional weight that no node has. It restores a table that was written down after a
    /// cap.
    /// Errors: core::errc::overflow when the total exceeds 2^64 - 1.
    [[nodiscard]] core::result<WeightTable> with_unassigned(std::uint64_t weight) const;

    friend bool operator==(const WeightTable&, const WeightTable&) = default;

  private:
    std::vector<NodeWeight> nodes_;
    std::uint64_t total_ = 0;
    std::uint64_t unassigned_ = 0;
};

/// The weight schedule: the table that votes in each epoch. It is the table of the epoch before, and in the
/// first epoch that of genesis. No node votes on the Race in which it earns its votes.
class POUW_API WeightSchedule {
  public:
    /// Expects: a table with at least one node.
    explicit WeightSchedule(WeightTable genesis);

    /// The table that votes in the present epoch.
    [[nodiscard]] const WeightTable& current() const noexcept { return current_; }

    /// Ends the present epoch. The weights that nodes earned in it vote in the next one. When it gave no node
    /// any weight, the current table stays.
    void advance(WeightTable earned);

  private:
    WeightTable current_;
};

}  // namespace pouw::inline v1::weights
