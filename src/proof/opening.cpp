#include "pouw/proof/opening.hpp"

#include "proof/tree_hash.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/version.hpp"
#include "pouw/proof/errc.hpp"

#include <algorithm>
#include <string_view>

namespace pouw::inline v1::proof {
namespace {

using core::fail;
using core::result;

constexpr std::string_view opening_magic = "pouwopn1";
constexpr std::uint8_t leaf_byte = 0;
constexpr std::uint8_t stub_byte = 255;

/// The low `bits` bits of `value` in as few bytes as they need.
void put_bits(core::Bytes& out, std::uint64_t value, std::uint32_t bits) {
    for (std::uint32_t done = 0; done < bits; done += 8)
        out.push_back(static_cast<std::uint8_t>(value >> done));
}

/// LEB128.
void put_count(core::Bytes& out, std::uint64_t count) {
    for (; count >= 128; count >>= 7) out.push_back(static_cast<std::uint8_t>(count | 128));
    out.push_back(static_cast<std::uint8_t>(count));
}

result<std::uint64_t> take_bits(core::Reader& reader, std::uint32_t bits) {
    const core::ByteView bytes = reader.take((bits + 7) / 8);
    if (!reader.ok()) return fail(core::errc::truncated);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
    if (bits < 64 && value >> bits != 0) return fail(core::errc::non_canonical, "bits beyond the prefix");
    return value;
}

result<std::uint64_t> take_count(core::Reader& reader) {
    std::uint64_t count = 0;
    for (std::uint32_t shift = 0;; shift += 7) {
        const auto byte = reader.integer<std::uint8_t>();
        if (!reader.ok()) return fail(core::errc::truncated);
        if (shift == 63 && byte > 1) return fail(core::errc::overflow, "a count above 2^64 - 1");
        count |= static_cast<std::uint64_t>(byte & 127) << shift;
        if (byte >= 128) continue;
        if (byte == 0) return fail(core::errc::non_canonical, "a count of 0, or not in its shortest form");
        return count;
    }
}

/// Whether a place of `bits` open bits has room for `count` nonces.
bool has_room(std::uint32_t bits, std::uint64_t count) {
    return bits == 64 || count <= std::uint64_t{1} << bits;
}

}  // namespace

TreeRoot empty_tree_root() noexcept {
    return {crypto::Hasher{crypto::domain::set_root}.update(std::uint64_t{0}).finish(), 0};
}

/// Counts the items of an opening and compares them with the limits, before room is made for any.
class Opening::Measure {
  public:
    explicit Measure(const OpeningLimits& limits) : limits_{limits} {}

    result<void> add(const Item& item) {
        const std::uint64_t count = item.kind == Kind::leaf ? 1 : item.count;
        nonces_ = count > UINT64_MAX - nonces_ ? UINT64_MAX : nonces_ + count;
        leaves_ += item.kind == Kind::leaf;
        ++items_;
        if (nonces_ > limits_.nonces) return fail(errc::count_mismatch, "more nonces than committed to");
        if (leaves_ > limits_.leaves) return fail(errc::wrong_samples, "more nonces than asked for");
        return {};
    }
    [[nodiscard]] std::size_t items() const noexcept { return items_; }

  private:
    OpeningLimits limits_;
    std::uint64_t nonces_ = 0;
    std::uint64_t leaves_ = 0;
    std::size_t items_ = 0;
};

/// Encodes and decodes one place after the other, each relative to the place that its parent leaves for it:
/// `bits` open bits from `low` on. So a nonce in a wrong place cannot be written down.
class Opening::Parser {
  public:
    explicit Parser(core::ByteView data) : reader_{data} {}

    /// Gives the items of a place to `add`, which can refuse them.
    template <typename Add>
    result<void> place(std::uint64_t low, std::uint32_t bits, const Add& add) {
        const auto kind = reader_.integer<std::uint8_t>();
        if (!reader_.ok()) return fail(core::errc::truncated);
        if (kind == stub_byte) return stub(bits, add);
        if (kind > bits) return fail(core::errc::non_canonical, "a height above that of its place");
        const auto prefix = take_bits(reader_, bits - kind);
        if (!prefix) return prefix.error();
        if (kind == leaf_byte) {
            return add(
                Item{.kind = Kind::leaf, .height = 0, .prefix = low | *prefix, .count = 0, .digest = {}});
        }
        const std::uint64_t start = kind == 64 ? 0 : low | *prefix << kind;
        const Item node{.kind = Kind::node, .height = kind, .prefix = start, .count = 0, .digest = {}};
        if (auto added = add(node); !added) return added;
        const auto half_bits = static_cast<std::uint32_t>(kind - 1);
        if (auto left = place(start, half_bits, add); !left) return left;
        return place(right_low(start, kind), half_bits, add);
    }

    [[nodiscard]] bool at_end() const noexcept { return reader_.rest().empty(); }

    static void write(const std::vector<Item>& items, std::size_t& index, std::uint32_t bits,
                      core::Bytes& out) {
        const Item& item = items[index++];
        if (item.kind == Kind::stub) {
            out.push_back(stub_byte);
            put_count(out, item.count);
            core::append(out, item.digest.view());
            return;
        }
        out.push_back(item.height);
        const std::uint64_t place = item.height == 64 ? 0 : item.prefix >> item.height;
        const std::uint32_t open = bits - item.height;
        put_bits(out, open == 64 ? place : place & ((std::uint64_t{1} << open) - 1), open);
        if (item.kind == Kind::leaf) return;
        const auto half_bits = static_cast<std::uint32_t>(item.height - 1);
        write(items, index, half_bits, out);
        write(items, index, half_bits, out);
    }

  private:
    template <typename Add>
    result<void> stub(std::uint32_t bits, const Add& add) {
        const auto count = take_count(reader_);
        if (!count) return count.error();
        const auto digest = reader_.fixed<crypto::Hash256>();
        if (!reader_.ok()) return fail(core::errc::truncated);
        if (!has_room(bits, *count))
            return fail(core::errc::count_too_large, "more nonces than the place has");
        return add(Item{.kind = Kind::stub, .height = 0, .prefix = 0, .count = *count, .digest = digest});
    }

    core::Reader reader_;
};

core::Bytes Opening::encode_body() const {
    core::Bytes out;
    std::size_t index = 0;
    if (!items_.empty()) Parser::write(items_, index, 64, out);
    POUW_ENSURES(index == items_.size());
    return out;
}

result<Opening> Opening::decode_body(core::ByteView data, const OpeningLimits& limits) {
    Opening out;
    if (data.empty()) return out;
    Measure measure{limits};
    Parser check{data};
    const auto measured = check.place(0, 64, [&](const Item& item) { return measure.add(item); });
    if (!measured) return measured.error();
    if (!check.at_end()) return fail(core::errc::trailing_bytes);
    out.items_.reserve(measure.items());
    const auto built = Parser{data}.place(0, 64, [&](const Item& item) -> result<void> {
        out.items_.push_back(item);
        return {};
    });
    POUW_ENSURES(built.has_value());
    return out;
}

std::uint64_t Opening::leaf_count() const noexcept {
    return static_cast<std::uint64_t>(std::count_if(
        items_.begin(), items_.end(), [](const Item& item) { return item.kind == Kind::leaf; }));
}

core::Bytes Opening::encode() const {
    core::Bytes out{opening_magic.begin(), opening_magic.end()};
    core::append(out, core::to_le(core::spec_version));
    core::append(out, encode_body());
    return out;
}

result<Opening> Opening::decode(core::ByteView data, const OpeningLimits& limits) {
    core::Reader reader{data};
    const core::ByteView start = reader.take(opening_magic.size());
    if (!reader.ok()) return fail(core::errc::truncated);
    if (!std::equal(start.begin(), start.end(), opening_magic.begin()))
        return fail(core::errc::invalid_magic);
    const auto version = reader.integer<std::uint32_t>();
    if (!reader.ok()) return fail(core::errc::truncated);
    if (version != core::spec_version) return fail(core::errc::unsupported_version);
    return decode_body(reader.rest(), limits);
}

/// Computes digests and counts from the leaves up.
class VerifiedOpening::Checker {
  public:
    explicit Checker(VerifiedOpening& opened) : opened_{opened}, items_{opened.opening_.items_} {}

    result<Subtree> place(std::uint64_t rank) {
        const std::size_t index = opened_.shown_.size();
        opened_.shown_.emplace_back();
        const auto subtree = computed(items_[index], rank);
        if (!subtree) return subtree;
        opened_.shown_[index] = {subtree->digest, subtree->count, opened_.shown_.size()};
        return subtree;
    }

  private:
    result<Subtree> computed(const Opening::Item& item, std::uint64_t rank) {
        if (item.kind == Opening::Kind::stub) return Subtree{item.digest, item.count};
        if (item.kind == Opening::Kind::leaf) {
            opened_.leaves_.push_back({rank, item.prefix});
            return Subtree{leaf_digest(item.prefix), 1};
        }
        const auto left = place(rank);
        if (!left) return left;
        // Both counts are at most 2^63, what a half has room for: only the sum of two full halves does not
        // fit.
        const auto right = place(rank + left->count);
        if (!right) return right;
        if (left->count > UINT64_MAX - right->count)
            return fail(core::errc::overflow, "more than 2^64 - 1 nonces");
        return Subtree{node_digest(item.height, item.prefix, *left, *right), left->count + right->count};
    }

    VerifiedOpening& opened_;
    const std::vector<Opening::Item>& items_;
};

result<TreeRoot> VerifiedOpening::compute() {
    if (opening_.items_.empty()) return empty_tree_root();
    shown_.reserve(opening_.items_.size());
    const auto top = Checker{*this}.place(0);
    if (!top) return top.error();
    return tree_root(*top);
}

result<TreeRoot> Opening::implied_root() const { return VerifiedOpening{*this}.compute(); }

result<VerifiedOpening> VerifiedOpening::create(const TreeRoot& expected, Opening opening) {
    VerifiedOpening out{std::move(opening)};
    const auto computed = out.compute();
    if (!computed) return computed.error();
    if (computed->count != expected.count) return fail(errc::count_mismatch);
    if (computed->root != expected.root) return fail(errc::root_mismatch);
    return out;
}

std::uint64_t VerifiedOpening::count() const noexcept { return shown_.empty() ? 0 : shown_.front().count; }

std::optional<std::uint64_t> VerifiedOpening::at(std::uint64_t rank) const {
    const auto found =
        std::lower_bound(leaves_.begin(), leaves_.end(), rank,
                         [](const Leaf& leaf, std::uint64_t wanted) { return leaf.rank < wanted; });
    if (found == leaves_.end() || found->rank != rank) return std::nullopt;
    return found->nonce;
}

VerifiedOpening::Presence VerifiedOpening::find(std::uint64_t nonce) const {
    if (shown_.empty()) return Presence::absent;
    std::size_t index = 0;
    while (true) {
        const Opening::Item& item = opening_.items_[index];
        if (item.kind == Opening::Kind::stub) return Presence::not_shown;
        if (prefix_at(nonce, item.height) != item.prefix) return Presence::absent;
        if (item.kind == Opening::Kind::leaf) return Presence::present;
        index = is_right(nonce, item.height) ? shown_[index + 1].end : index + 1;
    }
}

/// Takes away what lies outside the ranges and joins what remains, without looking below what is cut down.
class VerifiedOpening::Restriction {
  public:
    Restriction(const VerifiedOpening& opened, std::span<const NonceRange> ranges)
        : opened_{opened}, ranges_{ranges} {}

    /// The part of a place that lies in the ranges (count 0: none); nothing when it is not shown.
    [[nodiscard]] std::optional<Subtree> place(std::size_t index, std::uint64_t low,
                                               std::uint32_t bits) const {
        const Opening::Item& item = opened_.opening_.items_[index];
        const Shown& shown = opened_.shown_[index];
        if (item.kind != Opening::Kind::stub) {  // the place may be larger than what can lie in it
            low = item.prefix;
            bits = item.height;
        }
        const Overlap covered = overlap(low, place_end(low, bits), ranges_);
        if (covered == Overlap::none) return Subtree{};
        if (covered == Overlap::whole) return Subtree{shown.digest, shown.count};
        if (item.kind == Opening::Kind::stub) return std::nullopt;
        return joined(index, item);
    }

  private:
    [[nodiscard]] std::optional<Subtree> joined(std::size_t index, const Opening::Item& item) const {
        const auto half_bits = static_cast<std::uint32_t>(item.height - 1);
        const auto left = place(index + 1, item.prefix, half_bits);
        if (!left) return std::nullopt;
        const auto right =
            place(opened_.shown_[index + 1].end, right_low(item.prefix, item.height), half_bits);
        if (!right) return std::nullopt;
        if (left->count == 0) return right;
        if (right->count == 0) return left;
        return Subtree{node_digest(item.height, item.prefix, *left, *right), left->count + right->count};
    }

    const VerifiedOpening& opened_;
    std::span<const NonceRange> ranges_;
};

std::optional<TreeRoot> VerifiedOpening::restricted(std::span<const NonceRange> ranges) const {
    POUW_EXPECTS(are_ascending(ranges));
    if (shown_.empty()) return empty_tree_root();
    const auto part = Restriction{*this, ranges}.place(0, 0, 64);
    if (!part) return std::nullopt;
    return part->count == 0 ? empty_tree_root() : tree_root(*part);
}

std::optional<std::uint64_t> VerifiedOpening::count_in(std::span<const NonceRange> ranges) const {
    const auto part = restricted(ranges);
    return part ? std::optional{part->count} : std::nullopt;
}

void VerifiedOpening::narrow(std::size_t index, std::uint64_t nonce, Opening& out) const {
    const Opening::Item& item = opening_.items_[index];
    if (item.kind == Opening::Kind::stub || prefix_at(nonce, item.height) != item.prefix) {
        out.items_.push_back({.kind = Opening::Kind::stub,
                              .height = 0,
                              .prefix = 0,
                              .count = shown_[index].count,
                              .digest = shown_[index].digest});
        return;
    }
    out.items_.push_back(item);
    if (item.kind == Opening::Kind::leaf) return;
    narrow(index + 1, nonce, out);
    narrow(shown_[index + 1].end, nonce, out);
}

Opening VerifiedOpening::narrowed_to(std::uint64_t nonce) const {
    POUW_EXPECTS(find(nonce) == Presence::present);
    Opening out;
    narrow(0, nonce, out);
    return out;
}

bool VerifiedOpening::shows_leaves_only() const {
    const auto& items = opening_.items_;
    for (std::size_t i = 0; i + 2 < items.size(); ++i) {
        const bool barren = items[i].kind == Opening::Kind::node &&
                            items[i + 1].kind == Opening::Kind::stub &&
                            items[i + 2].kind == Opening::Kind::stub;
        if (barren) return false;
    }
    return true;
}

}  // namespace pouw::inline v1::proof
