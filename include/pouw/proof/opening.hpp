/// Openings: the part of a tree of nonces that shows what was asked for.
///
/// An opening is a Merkle multiproof: one opening of several leaves shares the nodes of their paths. It is
/// the tree with whole subtrees replaced by their digest and count. Verified against a root, it answers which
/// nonce has a rank, whether a nonce is in the set, how many nonces lie in a range, and what the root of an
/// earlier, smaller set was. Where it does not show enough to answer, it says so.
/// Source: docs/spec/proofs.md sections 4 and 5.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/proof/range.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pouw::inline v1::proof {

/// Root and count of a set of nonces. The root binds the count as well.
struct POUW_API TreeRoot {
    crypto::Hash256 root;
    std::uint64_t count = 0;

    friend bool operator==(const TreeRoot&, const TreeRoot&) = default;
};

/// Root and count of the empty set.
[[nodiscard]] POUW_API TreeRoot empty_tree_root() noexcept;

/// The largest opening that a decoder builds. What a commitment and a number of samples allow is known before
/// the opening is read.
struct POUW_API OpeningLimits {
    std::uint64_t nonces = UINT64_MAX;  ///< below the root, shown or not: the count of the commitment
    std::uint64_t leaves = UINT64_MAX;  ///< nonces that are shown
};

/// A tree with subtrees replaced by their digest and count. A value of this type is not verified: see
/// `VerifiedOpening`.
class POUW_API Opening {
  public:
    /// The opening of the empty tree.
    Opening() = default;

    /// The canonical encoding.
    [[nodiscard]] core::Bytes encode() const;

    /// The inverse of `encode`, and of nothing else. The limits are checked before anything is built.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version, core::errc::non_canonical (a height above that of its place, bits
    ///     beyond the prefix, a count not in its shortest form), core::errc::count_too_large (more nonces
    ///     than the place holds), core::errc::overflow (a count above 2^64 - 1); errc::count_mismatch and
    ///     errc::wrong_samples for more nonces and more leaves than the limits allow.
    /// Cost: memory of at most 64 bytes for a byte of `data`, and of 56 bytes for each place that is shown.
    [[nodiscard]] static core::result<Opening> decode(core::ByteView data, const OpeningLimits& limits = {});

    /// The encoding without magic and version, for formats that contain an opening.
    [[nodiscard]] core::Bytes encode_body() const;

    /// The inverse of `encode_body`, and of nothing else.
    /// Errors: as of `decode`.
    [[nodiscard]] static core::result<Opening> decode_body(core::ByteView data,
                                                           const OpeningLimits& limits = {});

    /// The number of nonces that the opening shows.
    [[nodiscard]] std::uint64_t leaf_count() const noexcept;

    /// The root that the opening leads to. Anybody can make such an opening, and the root proves nothing by
    /// itself.
    /// Errors: core::errc::overflow (more than 2^64 - 1 nonces).
    [[nodiscard]] core::result<TreeRoot> implied_root() const;

    friend bool operator==(const Opening&, const Opening&) = default;

  private:
    friend class NonceTree;
    friend class VerifiedOpening;
    class POUW_LOCAL Parser;
    class POUW_LOCAL Measure;

    enum class Kind : std::uint8_t { leaf, node, stub };
    /// One place of the tree, in preorder. The unused members of each kind are 0.
    struct Item {
        Kind kind = Kind::leaf;
        std::uint8_t height = 0;   // node: 1..64
        std::uint64_t prefix = 0;  // leaf: the nonce; node: the smallest nonce that could lie below
        std::uint64_t count = 0;   // stub: at least 1
        crypto::Hash256 digest;    // stub

        friend bool operator==(const Item&, const Item&) = default;
    };
    std::vector<Item> items_;
};

/// An opening that leads to the root that the caller expects.
/// Threads: immutable; shareable.
class POUW_API VerifiedOpening {
  public:
    /// A nonce that is shown.
    struct Leaf {
        std::uint64_t rank = 0;
        std::uint64_t nonce = 0;

        friend bool operator==(const Leaf&, const Leaf&) = default;
    };
    /// The answer of an opening about a nonce.
    enum class Presence { present, absent, not_shown };

    /// Errors: errc::count_mismatch, errc::root_mismatch, core::errc::overflow (more than 2^64 - 1 nonces).
    /// Cost: one hash (0.15 µs) for each node and leaf that is shown; 64 bytes of memory each.
    ///     Decode it with `OpeningLimits`: the count of a commitment is the node's own choice.
    [[nodiscard]] static core::result<VerifiedOpening> create(const TreeRoot& expected, Opening opening);

    [[nodiscard]] const Opening& opening() const noexcept { return opening_; }
    [[nodiscard]] std::uint64_t count() const noexcept;

    /// The nonces that are shown, ascending in rank and nonce.
    [[nodiscard]] std::span<const Leaf> leaves() const noexcept { return leaves_; }

    /// The nonce of a rank; nothing when it is not shown.
    [[nodiscard]] std::optional<std::uint64_t> at(std::uint64_t rank) const;

    /// Whether the nonce is in the set.
    [[nodiscard]] Presence find(std::uint64_t nonce) const;

    /// The number of nonces in the ranges; nothing when it is not shown.
    /// Expects: `are_ascending(ranges)`.
    [[nodiscard]] std::optional<std::uint64_t> count_in(std::span<const NonceRange> ranges) const;

    /// Root and count of the nonces in the ranges; nothing when they are not shown.
    /// Expects: `are_ascending(ranges)`.
    [[nodiscard]] std::optional<TreeRoot> restricted(std::span<const NonceRange> ranges) const;

    /// The opening that shows this nonce alone.
    /// Expects: `find(nonce) == Presence::present`.
    [[nodiscard]] Opening narrowed_to(std::uint64_t nonce) const;

    /// Whether the opening shows nonces and nothing that they do not need. An opening of ranks that does is
    /// the only one of them.
    [[nodiscard]] bool shows_leaves_only() const;

  private:
    /// What was computed for the item of the same index.
    struct Shown {
        crypto::Hash256 digest;
        std::uint64_t count = 0;
        std::size_t end = 0;  // the item behind its subtree
    };
    struct Part {
        crypto::Hash256 digest;
        std::uint64_t count = 0;
    };
    class POUW_LOCAL Checker;
    class POUW_LOCAL Restriction;

    friend class Opening;

    explicit VerifiedOpening(Opening opening) : opening_{std::move(opening)} {}
    [[nodiscard]] core::result<TreeRoot> compute();
    void narrow(std::size_t index, std::uint64_t nonce, Opening& out) const;

    Opening opening_;
    std::vector<Shown> shown_;
    std::vector<Leaf> leaves_;
};

}  // namespace pouw::inline v1::proof
