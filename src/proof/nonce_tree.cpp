#include "pouw/proof/nonce_tree.hpp"

#include "proof/tree_hash.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/proof/errc.hpp"

#include <algorithm>

namespace pouw::inline v1::proof {
namespace {

using core::fail;

void sort_unique(std::vector<std::uint64_t>& values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

/// The part of ascending values that lies in low..high.
std::span<const std::uint64_t> within(std::span<const std::uint64_t> values, std::uint64_t low,
                                      std::uint64_t high) {
    const auto first = std::lower_bound(values.begin(), values.end(), low);
    const auto end = std::upper_bound(first, values.end(), high);
    return {first, end};
}

}  // namespace

NonceTree::NonceTree(const TreeOptions& options) : options_{options} { POUW_EXPECTS(options.bucket >= 1); }

NonceTree::NonceTree(std::span<const std::uint64_t> nonces, const TreeOptions& options) : NonceTree{options} {
    for (const std::uint64_t nonce : nonces) insert(nonce);
}

std::uint64_t NonceTree::count_of(Reference reference) const noexcept {
    return reference.is_bucket ? buckets_[reference.index].nonces.size() : nodes_[reference.index].count;
}

std::uint64_t NonceTree::count() const noexcept { return buckets_.empty() ? 0 : count_of(top_); }

bool NonceTree::contains(std::uint64_t nonce) const noexcept {
    if (buckets_.empty()) return false;
    Reference place = top_;
    while (!place.is_bucket) {
        const Node& node = nodes_[place.index];
        if (prefix_at(nonce, node.height) != node.prefix) return false;
        place = node.children[is_right(nonce, node.height)];
    }
    const auto& nonces = buckets_[place.index].nonces;
    return std::binary_search(nonces.begin(), nonces.end(), nonce);
}

NonceTree::Reference NonceTree::add_bucket(std::vector<std::uint64_t> nonces) {
    POUW_ENSURES(buckets_.size() < UINT32_MAX);
    buckets_.push_back({.nonces = std::move(nonces), .digest = {}, .stale = true});
    return {static_cast<std::uint32_t>(buckets_.size() - 1), true};
}

NonceTree::Reference NonceTree::add_node(std::uint8_t height, std::uint64_t prefix, Reference left,
                                         Reference right) {
    nodes_.push_back({.prefix = prefix,
                      .count = count_of(left) + count_of(right),
                      .digest = {},
                      .children = {left, right},
                      .height = height,
                      .stale = true});
    return {static_cast<std::uint32_t>(nodes_.size() - 1), false};
}

bool NonceTree::insert(std::uint64_t nonce) {
    if (contains(nonce)) return false;
    top_ = buckets_.empty() ? add_bucket({nonce}) : insert_into(top_, nonce);
    return true;
}

/// What stands in the place after a new nonce was added to it.
NonceTree::Reference NonceTree::insert_into(Reference place, std::uint64_t nonce) {
    if (place.is_bucket) return insert_into_bucket(place, nonce);
    const std::uint8_t height = nodes_[place.index].height;
    const std::uint64_t prefix = nodes_[place.index].prefix;
    if (prefix_at(nonce, height) == prefix) {
        const bool side = is_right(nonce, height);
        const Reference child = insert_into(nodes_[place.index].children[side], nonce);
        Node& node = nodes_[place.index];
        node.children[side] = child;
        ++node.count;
        node.stale = true;
        return place;
    }
    const std::uint8_t parting = parting_height(nonce, prefix);
    const Reference alone = add_bucket({nonce});
    const bool side = is_right(nonce, parting);
    return add_node(parting, prefix_at(nonce, parting), side ? place : alone, side ? alone : place);
}

NonceTree::Reference NonceTree::insert_into_bucket(Reference place, std::uint64_t nonce) {
    auto& nonces = buckets_[place.index].nonces;
    nonces.insert(std::upper_bound(nonces.begin(), nonces.end(), nonce), nonce);
    buckets_[place.index].stale = true;
    if (nonces.size() <= options_.bucket) return place;
    const std::uint8_t height = parting_height(nonces.front(), nonces.back());
    const std::uint64_t prefix = prefix_at(nonces.front(), height);
    const auto split = nonces.begin() + static_cast<std::ptrdiff_t>(split_of(nonces, height));
    std::vector<std::uint64_t> right{split, nonces.end()};
    nonces.erase(split, nonces.end());
    return add_node(height, prefix, place, add_bucket(std::move(right)));
}

crypto::Hash256 NonceTree::refresh(Reference reference) {
    if (reference.is_bucket) {
        Bucket& bucket = buckets_[reference.index];
        if (bucket.stale) bucket.digest = subtree_of(bucket.nonces).digest;
        bucket.stale = false;
        return bucket.digest;
    }
    Node& node = nodes_[reference.index];
    if (node.stale) {
        const Subtree left{refresh(node.children[0]), count_of(node.children[0])};
        const Subtree right{refresh(node.children[1]), count_of(node.children[1])};
        node.digest = node_digest(node.height, node.prefix, left, right);
    }
    node.stale = false;
    return node.digest;
}

TreeRoot NonceTree::root() {
    if (buckets_.empty()) return empty_tree_root();
    return tree_root({refresh(top_), count()});
}

/// Writes the items of an opening in preorder. Digests of the tree are fresh.
class NonceTree::Opener {
  public:
    Opener(const NonceTree& tree, Opening& out) : tree_{tree}, out_{out} {}

    /// What of the request lies in one place.
    struct Wanted {
        std::span<const std::uint64_t> ranks;   // below the count of the place, after subtraction of `rank`
        std::span<const std::uint64_t> nonces;  // in the place
        std::span<const std::uint64_t>
            bounds;              // a range ends below the bound and another nonce follows: inside the place
        std::uint64_t rank = 0;  // of the first nonce of the place

        [[nodiscard]] bool nothing() const noexcept {
            return ranks.empty() && nonces.empty() && bounds.empty();
        }

        /// Of the place low..high that begins with the nonce of rank `first` and has `count`.
        [[nodiscard]] Wanted in(std::uint64_t low, std::uint64_t high, std::uint64_t first,
                                std::uint64_t count) const {
            Wanted out{
                .ranks = within(ranks, first, first + (count - 1)),
                .nonces = within(nonces, low, high),
                .bounds = low == high ? std::span<const std::uint64_t>{} : within(bounds, low + 1, high),
                .rank = first};
            return out;
        }
    };

    void place(Reference reference, const Wanted& wanted) {
        if (reference.is_bucket) {
            const Bucket& bucket = tree_.buckets_[reference.index];
            if (wanted.nothing()) return stub({bucket.digest, bucket.nonces.size()});
            return place(std::span<const std::uint64_t>{bucket.nonces}, wanted);
        }
        const Node& node = tree_.nodes_[reference.index];
        if (wanted.nothing()) return stub({node.digest, node.count});
        add_node(node.height, node.prefix);
        const auto [left, right] =
            halves(node.height, node.prefix, wanted, tree_.count_of(node.children[0]), node.count);
        place(node.children[0], left);
        place(node.children[1], right);
    }

  private:
    void place(std::span<const std::uint64_t> nonces, const Wanted& wanted) {
        if (wanted.nothing()) return stub(subtree_of(nonces));
        if (nonces.size() == 1) {
            out_.items_.push_back(
                {.kind = Opening::Kind::leaf, .height = 0, .prefix = nonces[0], .count = 0, .digest = {}});
            return;
        }
        const std::uint8_t height = parting_height(nonces.front(), nonces.back());
        const std::uint64_t prefix = prefix_at(nonces.front(), height);
        const std::size_t split = split_of(nonces, height);
        add_node(height, prefix);
        const auto [left, right] = halves(height, prefix, wanted, split, nonces.size());
        place(nonces.first(split), left);
        place(nonces.subspan(split), right);
    }

    static std::pair<Wanted, Wanted> halves(std::uint8_t height, std::uint64_t prefix, const Wanted& wanted,
                                            std::uint64_t left_count, std::uint64_t count) {
        const std::uint64_t middle = right_low(prefix, height);
        return {wanted.in(prefix, middle - 1, wanted.rank, left_count),
                wanted.in(middle, place_end(prefix, height), wanted.rank + left_count, count - left_count)};
    }

    void add_node(std::uint8_t height, std::uint64_t prefix) {
        out_.items_.push_back(
            {.kind = Opening::Kind::node, .height = height, .prefix = prefix, .count = 0, .digest = {}});
    }
    void stub(const Subtree& subtree) {
        out_.items_.push_back({.kind = Opening::Kind::stub,
                               .height = 0,
                               .prefix = 0,
                               .count = subtree.count,
                               .digest = subtree.digest});
    }

    const NonceTree& tree_;
    Opening& out_;
};

core::result<Opening> NonceTree::open(OpeningRequest request) {
    std::vector<std::uint64_t> bounds;
    for (const NonceRange& range : request.ranges) {
        bounds.push_back(range.first);
        if (range.last != UINT64_MAX) bounds.push_back(range.last + 1);
    }
    sort_unique(request.ranks);
    sort_unique(request.nonces);
    sort_unique(bounds);
    if (!request.ranks.empty() && request.ranks.back() >= count()) return fail(errc::rank_out_of_range);
    Opening out;
    if (buckets_.empty()) return out;
    refresh(top_);
    const Opener::Wanted all{.ranks = request.ranks, .nonces = request.nonces, .bounds = bounds, .rank = 0};
    Opener{*this, out}.place(top_, all.in(0, UINT64_MAX, 0, count()));
    return out;
}

NonceTree NonceTree::restricted(std::span<const NonceRange> ranges) const {
    POUW_EXPECTS(are_ascending(ranges));
    NonceTree out{options_};
    if (!buckets_.empty()) out.copy_restricted(*this, top_, 0, 64, ranges);
    return out;
}

/// Makes the part of `from` that lies in the ranges the top of this tree; leaves the top alone when there is
/// none.
void NonceTree::copy_restricted(const NonceTree& source, Reference from, std::uint64_t low,
                                std::uint32_t bits, std::span<const NonceRange> ranges) {
    const Overlap covered = overlap(low, place_end(low, bits), ranges);
    if (covered == Overlap::none) return;
    if (from.is_bucket) {
        Bucket bucket = source.buckets_[from.index];
        if (covered == Overlap::part) {
            const auto outside = [&](std::uint64_t nonce) {
                return overlap(nonce, nonce, ranges) == Overlap::none;
            };
            bucket.stale |= std::erase_if(bucket.nonces, outside) > 0;
        }
        if (bucket.nonces.empty()) return;
        top_ = add_bucket({});
        buckets_.back() = std::move(bucket);
        return;
    }
    const Node& node = source.nodes_[from.index];
    const auto half_bits = static_cast<std::uint32_t>(node.height - 1);
    const std::size_t before = buckets_.size();
    copy_restricted(source, node.children[0], node.prefix, half_bits, ranges);
    const std::size_t between = buckets_.size();
    const Reference left = top_;
    copy_restricted(source, node.children[1], right_low(node.prefix, node.height), half_bits, ranges);
    if (before == between || between == buckets_.size()) return;  // at most one half has nonces: it moves up
    top_ = add_node(node.height, node.prefix, left, top_);
    if (nodes_.back().count == node.count) {
        nodes_.back().digest = node.digest;
        nodes_.back().stale = node.stale;
    }
}

void NonceTree::collect(Reference reference, std::vector<std::uint64_t>& out) const {
    if (reference.is_bucket) {
        const auto& nonces = buckets_[reference.index].nonces;
        out.insert(out.end(), nonces.begin(), nonces.end());
        return;
    }
    for (const Reference child : nodes_[reference.index].children) collect(child, out);
}

std::vector<std::uint64_t> NonceTree::nonces() const {
    std::vector<std::uint64_t> out;
    out.reserve(count());
    if (!buckets_.empty()) collect(top_, out);
    return out;
}

}  // namespace pouw::inline v1::proof
