/// Voting weights: who judges with how many votes, in exact integers. docs/weights.md.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/keys.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pouw::weights {

/// What one node's verified work came to.
struct NodeWeight {
    crypto::PublicKey node;
    std::uint64_t weight = 0;

    friend bool operator==(const NodeWeight&, const NodeWeight&) = default;
};

/// A share of the total, not reduced. Of an empty table: 0 / 1.
struct Share {
    std::uint64_t part = 0;
    std::uint64_t whole = 1;

    friend bool operator==(const Share&, const Share&) = default;
};

/// The weights of one race. Immutable; shareable between threads. Nodes are in ascending order of their keys
/// and have a weight of at least 1; the total is below 2^64.
class WeightTable {
  public:
    /// Nobody has a vote.
    WeightTable() = default;

    /// The table of verified results, in any order; nodes of weight 0 are left out. A node has one result:
    /// work of several machines under one key is merged before it is claimed (`proof::merge`). Errors:
    /// errc::duplicate_node; core::errc::overflow when the total exceeds 2^64 - 1.
    [[nodiscard]] static core::result<WeightTable> create(std::span<const NodeWeight> results);

    /// The table with no node above `floor(cap · total)`. What is above goes to the nodes below the cap in
    /// proportion to their weights, again and again until nobody exceeds it; whole units by largest
    /// remainder, ties to the smaller key. When every node is at the cap, the rest is nobody's: it counts in
    /// the total and never votes, so that the cap holds against the total whatever the number of nodes, and
    /// the total never changes. Nodes whose weight would be 0 (a cap below one unit) are left out. Expects
    /// `cap.is_share()`. Cost: a sort.
    [[nodiscard]] WeightTable capped(const core::Fraction& cap) const;

    /// Ascending in the key.
    [[nodiscard]] std::span<const NodeWeight> nodes() const noexcept { return nodes_; }

    /// All weights and what is nobody's.
    [[nodiscard]] std::uint64_t total() const noexcept { return total_; }

    /// What the cap took and no node could take over.
    [[nodiscard]] std::uint64_t unassigned() const noexcept { return unassigned_; }

    /// 0 for a node that is not in the table. Cost: a binary search.
    [[nodiscard]] std::uint64_t weight_of(const crypto::PublicKey& node) const noexcept;
    [[nodiscard]] Share share_of(const crypto::PublicKey& node) const noexcept;

    /// The summed weight of the voters, each counted once however often it is named. Cost: a sort of
    /// `voters`.
    [[nodiscard]] std::uint64_t support(std::span<const crypto::PublicKey> voters) const;

    /// Strictly more than half of the total, exactly. Of an empty table nothing is a majority.
    [[nodiscard]] bool is_majority(std::uint64_t support) const noexcept;

    /// The canonical encoding: 24 bytes and 40 a node.
    [[nodiscard]] core::Bytes encode() const;

    /// The inverse of `encode`, and of nothing else. Keys are not checked to be points: a node that is none
    /// cannot sign a vote. Memory: as the bytes. Errors: core::errc::truncated, core::errc::trailing_bytes,
    /// core::errc::invalid_magic, core::errc::unsupported_version, core::errc::count_too_large,
    /// errc::duplicate_node, core::errc::non_canonical (keys that descend, a weight of 0),
    /// core::errc::overflow.
    [[nodiscard]] static core::result<WeightTable> decode(core::ByteView data);

    /// `H("pouw.voting.v1", encode())`.
    [[nodiscard]] crypto::Hash256 digest() const;

    /// The table with `weight` more that no node has: what a table is made of that was written down after a
    /// cap.
    /// Errors: core::errc::overflow when the total exceeds 2^64 - 1.
    [[nodiscard]] core::result<WeightTable> with_unassigned(std::uint64_t weight) const;

    friend bool operator==(const WeightTable&, const WeightTable&) = default;

  private:
    std::vector<NodeWeight> nodes_;
    std::uint64_t total_ = 0;
    std::uint64_t unassigned_ = 0;
};

/// Which table judges: that of the race before, and of genesis the first one. So nobody judges the race by
/// which he got his votes.
class Succession {
  public:
    /// Expects somebody to have a vote.
    explicit Succession(WeightTable genesis);

    /// Who judges the present race.
    [[nodiscard]] const WeightTable& judges() const noexcept { return judges_; }

    /// Ends the present race with these weights: they judge the next one. Where nobody has a vote the judges
    /// stay.
    void conclude(WeightTable of_the_race);

  private:
    WeightTable judges_;
};

}  // namespace pouw::weights
