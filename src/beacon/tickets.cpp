#include "pouw/beacon/tickets.hpp"

#include "pouw/beacon/errc.hpp"
#include "pouw/core/contract.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <queue>
#include <utility>

namespace pouw::inline v1::beacon {
namespace {

using core::fail;
using core::result;

/// The least weight of a set with `wanted` tickets or more. `Sum` holds four times the sum of the weights.
template <typename Sum>
Sum least_weight_in(std::span<const std::uint64_t> weights, std::span<const std::uint32_t> tickets,
                    std::uint32_t wanted) {
    constexpr Sum unreachable = Sum{1} << (sizeof(Sum) * 8 - 2);
    std::vector<Sum> least(wanted + std::size_t{1}, unreachable);
    least[0] = 0;
    std::size_t reached = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const std::size_t held = tickets[i];
        if (held == 0) continue;
        const auto weight = static_cast<Sum>(weights[i]);
        reached = std::min<std::size_t>(wanted, reached + held);
        for (std::size_t have = reached; have > held; --have) {
            least[have] = std::min<Sum>(least[have], least[have - held] + weight);
        }
        for (std::size_t have = std::min(reached, held); have > 0; --have) {
            least[have] = std::min(least[have], weight);
        }
    }
    POUW_EXPECTS(least[wanted] < unreachable);
    return least[wanted];
}

WideWeight sum_of(std::span<const std::uint64_t> weights) {
    WideWeight sum = 0;
    for (const std::uint64_t weight : weights) sum += weight;
    return sum;
}

WideWeight least_weight_of(std::span<const std::uint64_t> weights, std::span<const std::uint32_t> tickets,
                           std::uint32_t wanted) {
    if (sum_of(weights) >> 61 == 0) return least_weight_in<std::uint64_t>(weights, tickets, wanted);
    return least_weight_in<WideWeight>(weights, tickets, wanted);
}

/// When a node of this weight gets its next ticket: ticket k of weight w at time (k - c) / w, for c the
/// adversary's fraction. The tickets at time s are then floor(s·w + c).
struct Claim {
    WideWeight numerator = 0;  ///< k·denominator - numerator of the fraction
    std::uint64_t weight = 0;
    std::size_t rank = 0;
};

struct Later {
    bool operator()(const Claim& a, const Claim& b) const noexcept {
        const WideWeight left = a.numerator * b.weight;
        const WideWeight right = b.numerator * a.weight;
        return left != right ? left > right : a.rank > b.rank;
    }
};

/// The owners of the first `count` tickets, by rank. The first tickets of the `spread` heaviest nodes are due
/// before all others.
std::vector<std::size_t> ticket_order(std::span<const std::uint64_t> weights, const core::Fraction& fraction,
                                      std::uint32_t count, std::uint32_t spread) {
    std::priority_queue<Claim, std::vector<Claim>, Later> claims;
    std::vector<std::size_t> owners;
    owners.reserve(count);
    for (std::size_t rank = 0; rank < weights.size(); ++rank) {
        WideWeight numerator = fraction.denominator - fraction.numerator;
        if (rank < spread) {
            owners.push_back(rank);
            numerator += fraction.denominator;
        }
        claims.push({numerator, weights[rank], rank});
    }
    while (owners.size() < count) {
        Claim claim = claims.top();
        claims.pop();
        owners.push_back(claim.rank);
        claim.numerator += fraction.denominator;
        claims.push(claim);
    }
    return owners;
}

/// Tickets that are handed out one by one, and quick bounds of the least weight that holds half of them.
class Allotment {
  public:
    explicit Allotment(std::span<const std::uint64_t> weights)
        : weights_{weights}, tickets_(weights.size()) {}

    void give(std::size_t rank) {
        ++total_;
        const bool is_new = tickets_[rank]++ == 0;
        auto place =
            is_new ? order_.insert(order_.end(), rank) : std::find(order_.begin(), order_.end(), rank);
        for (; place != order_.begin() && is_lighter(rank, *(place - 1)); --place) *place = *(place - 1);
        *place = rank;
    }

    [[nodiscard]] std::uint32_t total() const noexcept { return total_; }
    [[nodiscard]] std::uint32_t half() const noexcept { return (total_ + 1) / 2; }
    [[nodiscard]] std::size_t holders() const noexcept { return order_.size(); }
    [[nodiscard]] const std::vector<std::uint32_t>& tickets() const noexcept { return tickets_; }

    /// The least weight that has half of the tickets or more.
    [[nodiscard]] WideWeight least_weight() const { return least_weight_of(weights_, tickets_, half()); }

    struct Bounds {
        WideWeight low = 0;  ///< with a fraction of a node
        /// Of the sets that consist of one node and of as few as needed of the nodes with the lightest
        /// tickets before it.
        WideWeight high = 0;
    };
    /// Bounds of `least_weight()`.
    [[nodiscard]] Bounds bounds() const {
        std::vector<std::uint32_t> held{0};  // by the first nodes of the order
        std::vector<WideWeight> weight{0};
        held.reserve(order_.size() + 1);
        weight.reserve(order_.size() + 1);
        Bounds out{~WideWeight{0}, ~WideWeight{0}};
        for (const std::size_t i : order_) {
            const std::uint32_t before = half() - std::min(half(), tickets_[i]);
            if (held.back() >= before) {
                if (held.back() < half()) {
                    const WideWeight part = WideWeight{weights_[i]} * (half() - held.back());
                    out.low = weight.back() + (part + tickets_[i] - 1) / tickets_[i];
                }
                const auto fewest = std::lower_bound(held.begin(), held.end(), before) - held.begin();
                out.high = std::min(out.high, weight[static_cast<std::size_t>(fewest)] + weights_[i]);
            }
            held.push_back(held.back() + tickets_[i]);
            weight.push_back(weight.back() + weights_[i]);
        }
        return out;
    }

  private:
    /// By weight per ticket, then by rank.
    [[nodiscard]] bool is_lighter(std::size_t a, std::size_t b) const {
        const WideWeight left = WideWeight{weights_[a]} * tickets_[b];
        const WideWeight right = WideWeight{weights_[b]} * tickets_[a];
        return left != right ? left < right : a < b;
    }

    std::span<const std::uint64_t> weights_;
    std::vector<std::uint32_t> tickets_;
    std::vector<std::size_t> order_;  ///< of the nodes with tickets, the lightest tickets first
    std::uint32_t total_ = 0;
};

/// The least total that is in enough hands and of which no adversary of this weight has half; nothing if the
/// maximum does not suffice.
std::optional<std::vector<std::uint32_t>> least_safe(std::span<const std::uint64_t> weights,
                                                     const TicketRules& rules, WideWeight adversary) {
    Allotment allotment{weights};
    for (const std::size_t owner : ticket_order(weights, rules.adversary, rules.maximum_tickets, 0)) {
        allotment.give(owner);
        if (allotment.holders() < rules.minimum_holders) continue;
        const auto [low, high] = allotment.bounds();
        if (high <= adversary) continue;
        if (low > adversary || allotment.least_weight() > adversary) return allotment.tickets();
    }
    return std::nullopt;
}

/// The number of totals whose bound is computed exactly.
constexpr std::size_t exact_totals = 64;

/// The total of up to the maximum of which no adversary that is as heavy as can be has half.
std::vector<std::uint32_t> strongest(std::span<const std::uint64_t> weights, const TicketRules& rules) {
    const auto owners = ticket_order(weights, rules.adversary, rules.maximum_tickets, rules.minimum_holders);
    struct Candidate {
        WideWeight high;
        std::uint32_t total;
    };
    std::vector<Candidate> candidates;
    Allotment allotment{weights};
    for (const std::size_t owner : owners) {
        allotment.give(owner);
        if (allotment.total() < rules.minimum_holders) continue;
        candidates.push_back({allotment.bounds().high, allotment.total()});
    }
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
        return a.high != b.high ? a.high > b.high : a.total < b.total;
    });
    if (candidates.size() > exact_totals) candidates.resize(exact_totals);
    WideWeight best = 0;
    std::uint32_t chosen = 0;
    std::vector<std::uint32_t> out;
    for (const auto& [high, total] : candidates) {
        if (high < best) break;
        std::vector<std::uint32_t> tickets(weights.size());
        for (std::uint32_t k = 0; k < total; ++k) ++tickets[owners[k]];
        const WideWeight least = least_weight_of(weights, tickets, (total + 1) / 2);
        if (least < best || (least == best && total > chosen)) continue;
        best = least;
        chosen = total;
        out = std::move(tickets);
    }
    return out;
}

result<void> check_rules(const TicketRules& rules) {
    const auto& [numerator, denominator] = rules.adversary;
    if (numerator == 0 || denominator > 65536 || numerator >= (denominator + 1) / 2) {
        return fail(errc::invalid_ceremony, "the adversary's fraction is outside (0, 1/2)");
    }
    if (rules.maximum_tickets == 0 || rules.maximum_tickets > ticket_limit) {
        return fail(errc::invalid_ceremony, "the maximum of tickets is 0 or above the limit");
    }
    if (rules.minimum_holders == 0 || rules.minimum_holders > rules.maximum_tickets) {
        return fail(errc::invalid_ceremony, "the minimum of holders is 0 or above the maximum of tickets");
    }
    const auto& [least, of] = rules.minimum_adversary;
    if (of == 0 || of > 65536 || least >= (of + 1) / 2) {
        return fail(errc::invalid_ceremony, "the least fraction of an adversary is outside [0, 1/2)");
    }
    return {};
}

result<void> check_nodes(std::span<const WeightedNode> nodes) {
    std::vector<core::NodeId> ids;
    ids.reserve(nodes.size());
    for (const WeightedNode& node : nodes) ids.push_back(node.node);
    std::sort(ids.begin(), ids.end());
    if (std::adjacent_find(ids.begin(), ids.end()) != ids.end()) return fail(errc::duplicate_holder);
    return {};
}

/// Positions of the nodes with weight, the heaviest first, ties by id.
std::vector<std::size_t> ranking(std::span<const WeightedNode> nodes) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (nodes[i].weight != 0) order.push_back(i);
    }
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return nodes[a].weight != nodes[b].weight ? nodes[a].weight > nodes[b].weight
                                                  : nodes[a].node < nodes[b].node;
    });
    return order;
}

}  // namespace

WideWeight part_of(const core::Fraction& fraction, WideWeight total) noexcept {
    const WideWeight whole = total / fraction.denominator;
    const WideWeight rest = total % fraction.denominator;
    return whole * fraction.numerator + rest * fraction.numerator / fraction.denominator;
}

Guarantee guarantee_of(std::span<const std::uint64_t> weights, std::span<const std::uint32_t> tickets,
                       std::uint32_t threshold) {
    const std::uint32_t total = std::accumulate(tickets.begin(), tickets.end(), std::uint32_t{0});
    POUW_EXPECTS(weights.size() == tickets.size() && threshold > 0 && threshold <= total);
    // Where a set lacks the threshold, the others have more tickets than are left beside it.
    const WideWeight others = least_weight_of(weights, tickets, total - threshold + 1);
    return {least_weight_of(weights, tickets, threshold) - 1, sum_of(weights) - others + 1};
}

result<TicketTable> allot_tickets(std::span<const WeightedNode> nodes, const TicketRules& rules,
                                  WideWeight outside) {
    if (const auto checked = check_rules(rules); !checked) return checked.error();
    if (const auto checked = check_nodes(nodes); !checked) return checked.error();
    const std::vector<std::size_t> order = ranking(nodes);
    if (order.empty()) return fail(errc::invalid_weights, "no node has weight");
    if (order.size() < rules.minimum_holders) return fail(errc::too_few_holders);
    std::vector<std::uint64_t> weights;
    weights.reserve(order.size());
    for (const std::size_t i : order) weights.push_back(nodes[i].weight);
    TicketTable table;
    table.total_weight = sum_of(weights) + outside;

    // The lighter ones get no ticket whatever happens: in the order of their due times the heavier go first.
    const auto heaviest =
        std::span{weights}.first(std::min<std::size_t>(weights.size(), rules.maximum_tickets));
    const WideWeight adversary = part_of(rules.adversary, table.total_weight);
    auto safe = least_safe(heaviest, rules, adversary);
    const std::vector<std::uint32_t> ranked = safe ? *std::move(safe) : strongest(heaviest, rules);
    table.total = std::accumulate(ranked.begin(), ranked.end(), std::uint32_t{0});
    table.threshold = table.total / 2 + 1;
    table.guarantee = guarantee_of(heaviest, ranked, table.threshold);
    table.guarantee.minimum_honest += table.total_weight - sum_of(heaviest);
    table.tickets.resize(nodes.size());
    for (std::size_t rank = 0; rank < ranked.size(); ++rank) table.tickets[order[rank]] = ranked[rank];
    const WideWeight least = std::min(adversary, part_of(rules.minimum_adversary, table.total_weight));
    if (table.bound().both() < least) return fail(errc::weak_guarantee, "the tickets");
    return table;
}

}  // namespace pouw::inline v1::beacon
