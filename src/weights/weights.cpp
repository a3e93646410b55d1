#include "pouw/weights/weights.hpp"

#include "pouw/core/apportion.hpp"
#include "pouw/core/checked.hpp"
#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/version.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/weights/errc.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>

namespace pouw::inline v1::weights {
namespace {

using core::fail;

__extension__ using Wide = unsigned __int128;

constexpr std::string_view magic = "pouwwgt1";
constexpr std::size_t node_size = core::NodeId::size + 8;

bool by_node(const NodeWeight& a, const NodeWeight& b) { return a.node < b.node; }

/// The number of heaviest nodes that end at the limit: the smallest for which the others, scaled to share
/// what is left, do not exceed it. `heaviest_first` is in descending order of weight.
std::size_t nodes_at_limit(std::span<const std::uint64_t> heaviest_first, std::uint64_t total,
                           std::uint64_t limit) {
    std::uint64_t others = std::accumulate(heaviest_first.begin(), heaviest_first.end(), std::uint64_t{0});
    std::uint64_t left = total;
    for (std::size_t capped = 0; capped < heaviest_first.size(); ++capped) {
        if (Wide{heaviest_first[capped]} * left <= Wide{limit} * others) return capped;
        others -= heaviest_first[capped];
        left -= limit;
    }
    return heaviest_first.size();
}

}  // namespace

core::result<WeightTable> WeightTable::create(std::span<const NodeWeight> results) {
    WeightTable out;
    out.nodes_.assign(results.begin(), results.end());
    std::sort(out.nodes_.begin(), out.nodes_.end(), by_node);
    const auto same = [](const NodeWeight& a, const NodeWeight& b) { return a.node == b.node; };
    if (std::adjacent_find(out.nodes_.begin(), out.nodes_.end(), same) != out.nodes_.end()) {
        return fail(errc::duplicate_node);
    }
    for (const NodeWeight& node : out.nodes_) {
        const auto total = core::checked_add(out.total_, node.weight);
        if (!total) return fail(core::errc::overflow, "the total weight exceeds 2^64 - 1");
        out.total_ = *total;
    }
    std::erase_if(out.nodes_, [](const NodeWeight& node) { return node.weight == 0; });
    return out;
}

WeightTable WeightTable::capped(const core::Fraction& cap) const {
    POUW_EXPECTS(cap.is_share());
    const std::uint64_t limit = core::part_rounded_down(cap, total_);
    std::vector<std::uint64_t> heaviest_first;
    for (const NodeWeight& node : nodes_) heaviest_first.push_back(node.weight);
    std::sort(heaviest_first.begin(), heaviest_first.end(), std::greater<>{});
    // What a cap of an earlier table left over is nobody's here too.
    const std::uint64_t assigned = total_ - unassigned_;
    const std::size_t at_limit = nodes_at_limit(heaviest_first, assigned, limit);
    const bool everybody = at_limit == nodes_.size();
    const std::uint64_t lightest_capped = at_limit == 0 ? 0 : heaviest_first[at_limit - 1];

    WeightTable out = *this;
    std::vector<NodeWeight*> below;
    for (NodeWeight& node : out.nodes_) {
        if (everybody || (at_limit > 0 && node.weight >= lightest_capped)) {
            node.weight = limit;
        } else {
            below.push_back(&node);
        }
    }
    if (!below.empty()) {
        std::vector<std::uint64_t> weights;
        for (const NodeWeight* node : below) weights.push_back(node->weight);
        // Fewer units are left than there are remainders above 0, so that nobody at the limit gets one.
        const auto parts =
            core::apportion(assigned - limit * (nodes_.size() - below.size()), weights).value();
        for (std::size_t i = 0; i < below.size(); ++i) below[i]->weight = parts[i];
    }
    std::uint64_t sum = 0;
    for (const NodeWeight& node : out.nodes_) sum += node.weight;
    POUW_ENSURES(sum <= total_);
    out.unassigned_ = total_ - sum;
    std::erase_if(out.nodes_, [](const NodeWeight& node) { return node.weight == 0; });
    return out;
}

WeightTable WeightTable::without(std::span<const core::Conviction> convictions) const {
    std::vector<core::NodeId> convicted;
    for (const core::Conviction& conviction : convictions) convicted.push_back(conviction.node);
    std::sort(convicted.begin(), convicted.end());
    WeightTable out = *this;
    std::erase_if(out.nodes_, [&](const NodeWeight& node) {
        if (!std::binary_search(convicted.begin(), convicted.end(), node.node)) return false;
        out.total_ -= node.weight;
        return true;
    });
    return out;
}

std::uint64_t WeightTable::weight_of(const core::NodeId& node) const noexcept {
    const auto found = std::lower_bound(nodes_.begin(), nodes_.end(), NodeWeight{node, 0}, by_node);
    return found == nodes_.end() || found->node != node ? 0 : found->weight;
}

core::Fraction WeightTable::share_of(const core::NodeId& node) const noexcept {
    return total_ == 0 ? core::Fraction{} : core::Fraction{weight_of(node), total_};
}

std::uint64_t WeightTable::support(std::span<const core::NodeId> voters) const {
    std::vector<core::NodeId> distinct{voters.begin(), voters.end()};
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    std::uint64_t sum = 0;
    for (const core::NodeId& voter : distinct) sum += weight_of(voter);
    return sum;
}

bool WeightTable::is_majority(std::uint64_t support) const noexcept { return 2 * Wide{support} > total_; }

core::Bytes WeightTable::encode() const {
    core::Bytes out{magic.begin(), magic.end()};
    core::append(out, core::to_le(core::spec_version));
    core::append(out, core::to_le(unassigned_));
    core::append(out, core::to_le(static_cast<std::uint32_t>(nodes_.size())));
    out.reserve(out.size() + node_size * nodes_.size());
    for (const NodeWeight& node : nodes_) {
        core::append(out, node.node.view());
        core::append(out, core::to_le(node.weight));
    }
    return out;
}

core::result<WeightTable> WeightTable::decode(core::ByteView data) {
    core::Reader reader{data};
    const core::ByteView start = reader.take(magic.size());
    if (!reader.ok()) return fail(core::errc::truncated);
    if (!std::equal(start.begin(), start.end(), magic.begin())) return fail(core::errc::invalid_magic);
    const auto version = reader.integer<std::uint32_t>();
    WeightTable out;
    out.unassigned_ = reader.integer<std::uint64_t>();
    out.total_ = out.unassigned_;
    const auto count = reader.integer<std::uint32_t>();
    if (!reader.ok()) return fail(core::errc::truncated);
    if (version != core::spec_version) return fail(core::errc::unsupported_version);
    if (count > reader.rest().size() / node_size) return fail(core::errc::count_too_large);
    if (reader.rest().size() > node_size * count) return fail(core::errc::trailing_bytes);
    out.nodes_.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto node = reader.fixed<core::NodeId>();
        const auto weight = reader.integer<std::uint64_t>();
        if (weight == 0) return fail(core::errc::non_canonical, "a weight of 0");
        if (i > 0 && node == out.nodes_.back().node) return fail(errc::duplicate_node);
        if (i > 0 && node < out.nodes_.back().node) return fail(core::errc::non_canonical, "the ids descend");
        const auto total = core::checked_add(out.total_, weight);
        if (!total) return fail(core::errc::overflow, "the total weight exceeds 2^64 - 1");
        out.total_ = *total;
        out.nodes_.push_back({node, weight});
    }
    // Last, because it costs most.
    for (const NodeWeight& node : out.nodes_) {
        if (const auto key = crypto::checked_public_key(node.node.view()); !key) return key.error();
    }
    return out;
}

crypto::Hash256 WeightTable::digest() const { return crypto::hash(crypto::domain::voting, encode()); }

core::result<WeightTable> WeightTable::with_unassigned(std::uint64_t weight) const {
    if (weight > UINT64_MAX - total_) return core::fail(core::errc::overflow, "the sum of the weights");
    WeightTable out = *this;
    out.total_ += weight;
    out.unassigned_ += weight;
    return out;
}

WeightSchedule::WeightSchedule(WeightTable genesis) : current_{std::move(genesis)} {
    POUW_EXPECTS(!current_.nodes().empty());
}

void WeightSchedule::advance(WeightTable earned) {
    if (!earned.nodes().empty()) current_ = std::move(earned);
}

}  // namespace pouw::inline v1::weights
