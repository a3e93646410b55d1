#include "pouw/beacon/tickets.hpp"

#include "pouw/beacon/errc.hpp"
#include "pouw/core/contract.hpp"

#include <algorithm>
#include <numeric>
#include <queue>

namespace pouw::inline v1::beacon {
namespace {

using core::fail;
using core::result;

constexpr WideWeight unreachable = ~WideWeight{0};

/// The least weight of a set with `wanted` tickets or more.
WideWeight least_weight_of(std::span<const std::uint64_t> weights, std::span<const std::uint32_t> tickets,
                           std::uint32_t wanted) {
    std::vector<WideWeight> least(wanted + std::size_t{1}, unreachable);
    least[0] = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (tickets[i] == 0) continue;
        for (std::size_t have = wanted; have > 0; --have) {
            const WideWeight before = least[have > tickets[i] ? have - tickets[i] : 0];
            if (before != unreachable) least[have] = std::min(least[have], before + weights[i]);
        }
    }
    return least[wanted];
}

/// The greatest weight of a set with `allowed` tickets or fewer.
WideWeight greatest_weight_of(std::span<const std::uint64_t> weights, std::span<const std::uint32_t> tickets,
                              std::uint32_t allowed) {
    std::vector<WideWeight> greatest(allowed + std::size_t{1}, 0);
    WideWeight without_tickets = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (tickets[i] == 0) {
            without_tickets += weights[i];
            continue;
        }
        for (std::size_t room = allowed; room >= tickets[i]; --room) {
            greatest[room] = std::max(greatest[room], greatest[room - tickets[i]] + weights[i]);
        }
    }
    return greatest[allowed] + without_tickets;
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

/// The owners of the first `count` tickets, by rank.
std::vector<std::size_t> ticket_order(std::span<const std::uint64_t> weights, const core::Fraction& fraction,
                                      std::uint32_t count) {
    std::priority_queue<Claim, std::vector<Claim>, Later> claims;
    for (std::size_t rank = 0; rank < weights.size(); ++rank) {
        if (weights[rank] != 0) claims.push({fraction.denominator - fraction.numerator, weights[rank], rank});
    }
    std::vector<std::size_t> owners;
    owners.reserve(count);
    while (owners.size() < count) {
        Claim claim = claims.top();
        claims.pop();
        owners.push_back(claim.rank);
        claim.numerator += fraction.denominator;
        claims.push(claim);
    }
    return owners;
}

/// A set with `wanted` tickets or more, taken where tickets are cheapest: quick to find and light, if not the
/// lightest.
WideWeight weight_of_greedy_set(std::span<const std::uint64_t> weights,
                                std::span<const std::uint32_t> tickets, std::uint32_t wanted) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (tickets[i] != 0) order.push_back(i);
    }
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return WideWeight{weights[a]} * tickets[b] < WideWeight{weights[b]} * tickets[a];
    });
    WideWeight weight = 0;
    std::uint32_t held = 0;
    for (auto i = order.begin(); held < wanted; ++i) {
        weight += weights[*i];
        held += tickets[*i];
    }
    return weight;
}

/// Whether every set that the adversary can be has fewer than half of the tickets.
bool is_safe(std::span<const std::uint64_t> weights, std::span<const std::uint32_t> tickets,
             std::uint32_t total, WideWeight adversary) {
    const std::uint32_t half = (total + 1) / 2;
    return weight_of_greedy_set(weights, tickets, half) > adversary &&
           least_weight_of(weights, tickets, half) > adversary;
}

result<void> check_rules(const TicketRules& rules) {
    const auto& [numerator, denominator] = rules.adversary;
    if (numerator == 0 || denominator > 65536 || numerator >= (denominator + 1) / 2) {
        return fail(errc::invalid_ceremony, "the adversary's fraction is outside (0, 1/2)");
    }
    if (rules.maximum_tickets == 0 || rules.maximum_tickets > ticket_limit) {
        return fail(errc::invalid_ceremony, "the maximum of tickets is 0 or above the limit");
    }
    if (rules.minimum_holders == 0) return fail(errc::invalid_ceremony, "the minimum of holders is 0");
    return {};
}

result<void> check_nodes(std::span<const WeightedNode> nodes) {
    if (nodes.size() > holder_limit) return fail(errc::invalid_weights, "too many nodes");
    std::vector<core::NodeId> ids;
    ids.reserve(nodes.size());
    for (const WeightedNode& node : nodes) ids.push_back(node.node);
    std::sort(ids.begin(), ids.end());
    if (std::adjacent_find(ids.begin(), ids.end()) != ids.end()) return fail(errc::duplicate_holder);
    return {};
}

/// Positions of the nodes, the heaviest first, ties by id.
std::vector<std::size_t> ranking(std::span<const WeightedNode> nodes) {
    std::vector<std::size_t> order(nodes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
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
    POUW_EXPECTS(weights.size() == tickets.size() && threshold > 0);
    const WideWeight least = least_weight_of(weights, tickets, threshold);
    POUW_EXPECTS(least != unreachable);
    return {least - 1, greatest_weight_of(weights, tickets, threshold - 1) + 1};
}

result<TicketTable> allot_tickets(std::span<const WeightedNode> nodes, const TicketRules& rules) {
    if (const auto checked = check_rules(rules); !checked) return checked.error();
    if (const auto checked = check_nodes(nodes); !checked) return checked.error();
    const std::vector<std::size_t> order = ranking(nodes);
    std::vector<std::uint64_t> weights;
    weights.reserve(nodes.size());
    for (const std::size_t i : order) weights.push_back(nodes[i].weight);
    TicketTable table;
    for (const std::uint64_t weight : weights) table.total_weight += weight;
    if (table.total_weight == 0) return fail(errc::invalid_weights, "no node has weight");

    const std::uint32_t limit = rules.maximum_tickets;
    const std::vector<std::size_t> owners = ticket_order(weights, rules.adversary, limit);
    const WideWeight adversary = part_of(rules.adversary, table.total_weight);
    std::vector<std::uint32_t> ranked(weights.size());
    std::uint32_t total = 0;
    std::uint32_t holders = 0;
    do {
        if (total == limit) {
            return fail(holders < rules.minimum_holders ? errc::too_few_holders : errc::too_many_tickets);
        }
        holders += ranked[owners[total]]++ == 0;
        ++total;
    } while (holders < rules.minimum_holders || !is_safe(weights, ranked, total, adversary));
    table.total = total;
    table.threshold = total / 2 + 1;
    table.guarantee = guarantee_of(weights, ranked, table.threshold);
    table.tickets.resize(nodes.size());
    for (std::size_t rank = 0; rank < order.size(); ++rank) table.tickets[order[rank]] = ranked[rank];
    POUW_ENSURES(table.guarantee.maximum_adversary >= adversary &&
                 table.guarantee.minimum_honest <= table.total_weight - adversary);
    return table;
}

}  // namespace pouw::inline v1::beacon
