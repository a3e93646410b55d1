/// The commitment to a set of nonces: a sparse Merkle sum tree.
///
/// The path of a nonce is the nonce itself, so that a set has one tree and a nonce has one place. Chains of
/// single children are left out: the tree of n nonces has n - 1 nodes. Every node binds the number of nonces
/// on either side, so that the i-th nonce has one place too. Two different nonces at one rank, or one nonce
/// at two ranks, would break BLAKE2b.
/// Source: docs/spec/proofs.md section 4.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/proof/opening.hpp"
#include "pouw/proof/range.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::proof {

/// The request for an opening: what it shows of a tree. Each list may be in any order.
struct POUW_API OpeningRequest {
    std::vector<std::uint64_t> ranks{};   ///< the nonces of these ranks (0 is the smallest nonce)
    std::vector<std::uint64_t> nonces{};  ///< these nonces, or that they are absent
    std::vector<NonceRange> ranges{};     ///< how many nonces lie in each range, without showing them
};

/// The memory that a tree uses, traded for time. No digest depends on it.
struct POUW_API TreeOptions {
    /// Subtrees of up to this number of nonces are recomputed when they are opened; at least 1.
    std::size_t bucket = 32;
};

/// A set of nonces that grows, with its tree. Nonces come in any order, from one machine or from several.
/// Digests are kept for subtrees of more than a bucket and recomputed below.
/// Cost: memory of about 20 bytes for each nonce.
/// Threads: one at a time; `root` and `open` write too.
class POUW_API NonceTree {
  public:
    /// The empty tree.
    /// Expects: a bucket of at least 1.
    explicit NonceTree(const TreeOptions& options = {});

    /// The tree of these nonces, which may be in any order.
    /// Expects: a bucket of at least 1.
    /// Cost: as of `insert`.
    explicit NonceTree(std::span<const std::uint64_t> nonces, const TreeOptions& options = {});

    /// Adds a nonce. Returns false, and changes nothing, when the set contains it.
    /// Cost: about 0.2 µs; no hash.
    bool insert(std::uint64_t nonce);

    [[nodiscard]] std::uint64_t count() const noexcept;

    /// Root and count of the nonces inserted so far.
    /// Cost: two hashes for each nonce that is new since the last call, and about 60 for each place that
    ///     changed.
    [[nodiscard]] TreeRoot root();

    /// The opening against `root()` that shows what is requested: one multiproof for all of it.
    /// Errors: errc::rank_out_of_range.
    /// Cost: as of `root`, and about 60 hashes for each item of the request.
    [[nodiscard]] core::result<Opening> open(OpeningRequest request);

    /// The tree of the nonces that lie in the ranges. It opens an earlier root at any later time: a node that
    /// scans each of its ranges upwards has, below the earlier bounds, the same nonces as then.
    /// Expects: `are_ascending(ranges)`.
    /// Cost: about 20 ns for each nonce; subtrees that lie in a range are not hashed again.
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
    class POUW_LOCAL Opener;

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

}  // namespace pouw::inline v1::proof
