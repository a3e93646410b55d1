/// Openings: the part of a tree of nonces that shows what was asked for. docs/spec/proofs.md sections 4
/// and 5.
///
/// One kind of opening serves for everything: it is the tree with whole subtrees cut down to their digest and
/// count. Checked against a root, it answers which nonce has a rank, whether a nonce is there, how many lie
/// in a range, and what the root of an earlier, smaller set was; of what it does not show it says so.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/proof/range.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pouw::proof {

/// Root and count of a set of nonces. The root binds the count as well.
struct TreeRoot {
    crypto::Hash256 root;
    std::uint64_t count = 0;

    friend bool operator==(const TreeRoot&, const TreeRoot&) = default;
};

/// `TreeRoot` of no nonce.
[[nodiscard]] TreeRoot empty_tree_root() noexcept;

/// A tree with subtrees cut down. Not checked against a root by being one: see `Opened`.
class Opening {
  public:
    /// Cut down to nothing: the opening of the empty tree.
    Opening() = default;

    /// The canonical encoding.
    [[nodiscard]] core::Bytes encode() const;

    /// The inverse of `encode`, and of nothing else. Memory: at most 200 bytes for a byte of `data`.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    /// core::errc::unsupported_version, core::errc::non_canonical (a height above that of its place, bits
    /// beyond the prefix, a count not in its shortest form), core::errc::count_too_large (more nonces than
    /// the place has), core::errc::overflow (a count above 2^64 - 1).
    [[nodiscard]] static core::result<Opening> decode(core::ByteView data);

    /// The root that it leads to, whoever's that is: it proves nothing by itself.
    /// Errors: core::errc::overflow (more than 2^64 - 1 nonces).
    [[nodiscard]] core::result<TreeRoot> implied_root() const;

    friend bool operator==(const Opening&, const Opening&) = default;

  private:
    friend class NonceTree;
    friend class Opened;
    friend core::result<Opening> decode_opening_body(core::ByteView data);
    friend core::Bytes encode_opening_body(const Opening& opening);
    class Parser;

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

/// The encoding without magic and version, for files that hold an opening. Errors as of `Opening::decode`.
[[nodiscard]] core::Bytes encode_opening_body(const Opening& opening);
[[nodiscard]] core::result<Opening> decode_opening_body(core::ByteView data);

/// An opening that leads to the root it was checked against. Immutable; shareable between threads.
class Opened {
  public:
    /// A nonce that is shown.
    struct Leaf {
        std::uint64_t rank = 0;
        std::uint64_t nonce = 0;

        friend bool operator==(const Leaf&, const Leaf&) = default;
    };
    enum class Presence { present, absent, not_shown };

    /// Errors: errc::count_mismatch, errc::root_mismatch, core::errc::overflow (more than 2^64 - 1 nonces).
    /// Cost: one hash (0.15 µs) for each node and leaf that is shown.
    [[nodiscard]] static core::result<Opened> check(Opening opening, const TreeRoot& expected);

    [[nodiscard]] const Opening& opening() const noexcept { return opening_; }
    [[nodiscard]] std::uint64_t count() const noexcept;

    /// The nonces that are shown, ascending in rank and nonce.
    [[nodiscard]] std::span<const Leaf> leaves() const noexcept { return leaves_; }

    /// The nonce of a rank; nothing when it is not shown.
    [[nodiscard]] std::optional<std::uint64_t> at(std::uint64_t rank) const;

    [[nodiscard]] Presence find(std::uint64_t nonce) const;

    /// How many nonces lie in ascending ranges; nothing when it is not shown. Expects
    /// `are_ascending(ranges)`.
    [[nodiscard]] std::optional<std::uint64_t> count_in(std::span<const NonceRange> ranges) const;

    /// Root and count of the nonces that lie in ascending ranges; nothing when it is not shown.
    /// Expects `are_ascending(ranges)`.
    [[nodiscard]] std::optional<TreeRoot> restricted(std::span<const NonceRange> ranges) const;

    /// The opening that shows this nonce alone. Expects `find(nonce) == present`.
    [[nodiscard]] Opening narrowed_to(std::uint64_t nonce) const;

    /// Whether it shows nonces and nothing that they do not need: for nonces by rank it is then the only
    /// opening.
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
    class Checker;
    class Restriction;

    friend class Opening;

    explicit Opened(Opening opening) : opening_{std::move(opening)} {}
    [[nodiscard]] core::result<TreeRoot> compute();
    void narrow(std::size_t index, std::uint64_t nonce, Opening& out) const;

    Opening opening_;
    std::vector<Shown> shown_;
    std::vector<Leaf> leaves_;
};

}  // namespace pouw::proof
