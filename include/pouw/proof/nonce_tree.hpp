/// The commitment to a set of nonces: a sparse Merkle sum tree. docs/spec/proofs.md section 4.
///
/// The path of a nonce is the nonce itself, so that a set has one tree and no nonce two places; chains of
/// single children are left out, so that the tree of n nonces has n - 1 nodes; and every node binds the
/// number of nonces on either side, so that the i-th nonce has one place too. Whoever shows two different
/// nonces at one rank, or one nonce at two ranks, has broken BLAKE2b.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/proof/opening.hpp"
#include "pouw/proof/range.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pouw::proof {

/// What is to be shown of a tree, in any order.
struct Selection {
    std::vector<std::uint64_t> ranks{};   ///< the nonces of these ranks (0 is the smallest nonce)
    std::vector<std::uint64_t> nonces{};  ///< these nonces, or that they are absent
    std::vector<NonceRange> ranges{};     ///< how many nonces lie in each range, without showing them
};

/// How much of a tree is kept: memory against time. No digest depends on it.
struct TreeOptions {
    std::size_t bucket =
        32;  ///< subtrees of up to so many nonces are recomputed when they are opened; at least 1
};

/// A set of nonces that grows, with its tree. Nonces come in any order: from several machines, each with a
/// range of its own, as well as from one.
///
/// Digests are kept for subtrees of more than a bucket and recomputed below. Memory: about 20 bytes a nonce.
/// Not shared between threads while it is written to; `root` and `open` write too.
class NonceTree {
  public:
    explicit NonceTree(const TreeOptions& options = {});

    /// The tree of these nonces, in any order. Cost: as of `insert`.
    explicit NonceTree(std::span<const std::uint64_t> nonces, const TreeOptions& options = {});

    /// Adds a nonce. False, and no change, when it is there already. Cost: about 0.2 µs; no hash.
    bool insert(std::uint64_t nonce);

    [[nodiscard]] std::uint64_t count() const noexcept;

    /// Root and count of what was inserted so far. Cost: two hashes a nonce that is new since the last call,
    /// and about 60 for each place that changed.
    [[nodiscard]] TreeRoot root();

    /// The opening of what is selected against `root()`. Errors: errc::rank_out_of_range.
    /// Cost: as of `root`, and about 60 hashes for each item of the selection.
    [[nodiscard]] core::result<Opening> open(Selection selection);

    /// The tree of the nonces that lie in the ranges. So an earlier root is opened at any later time: a node
    /// that scans each of its ranges upwards has, below the bounds of then, the same nonces now. Expects
    /// ascending ranges
    /// (`are_ascending`). Cost: about 20 ns a nonce; subtrees that lie in a range are not hashed again.
    [[nodiscard]] NonceTree restricted(std::span<const NonceRange> ranges) const;

    /// The nonces in ascending order.
    [[nodiscard]] std::vector<std::uint64_t> nonces() const;

  private:
    /// An index into `nodes_`, or into `buckets_`.
    struct Reference {
        std::uint32_t index = 0;
        bool is_bucket = true;
    };
    /// A subtree of more than one bucket.
    struct Node {
        std::uint64_t prefix = 0;  // the smallest nonce that could lie below
        std::uint64_t count = 0;
        crypto::Hash256 digest;
        Reference children[2];
        std::uint8_t height = 0;  // bits of a nonce that are open below the prefix, 1..64
        bool stale = true;        // the digest is to be computed anew
    };
    /// A subtree small enough to be recomputed: ascending nonces, at least one.
    struct Bucket {
        std::vector<std::uint64_t> nonces;
        crypto::Hash256 digest;
        bool stale = true;
    };
    class Opener;

    [[nodiscard]] std::uint64_t count_of(Reference reference) const noexcept;
    [[nodiscard]] bool contains(std::uint64_t nonce) const noexcept;
    [[nodiscard]] Reference add_bucket(std::vector<std::uint64_t> nonces);
    [[nodiscard]] Reference add_node(std::uint8_t height, std::uint64_t prefix, Reference left,
                                     Reference right);
    [[nodiscard]] Reference insert_into(Reference place, std::uint64_t nonce);
    [[nodiscard]] Reference insert_into_bucket(Reference place, std::uint64_t nonce);
    crypto::Hash256 refresh(Reference reference);
    void copy_restricted(const NonceTree& source, Reference from, std::uint64_t low, std::uint32_t bits,
                         std::span<const NonceRange> ranges);
    void collect(Reference reference, std::vector<std::uint64_t>& out) const;

    TreeOptions options_;
    std::vector<Node> nodes_;
    std::vector<Bucket> buckets_;
    Reference top_;  // of the empty tree: no bucket
};

}  // namespace pouw::proof
