// Every distribution of weights has a ticket table, and the table keeps the bound that it states. POUW_LONG
// runs all of them.
#include "beacon/weighted_nodes.hpp"

#include "pouw/beacon/errc.hpp"
#include "pouw/beacon/tickets.hpp"
#include "pouw/core/bytes.hpp"
#include "pouw/core/describe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <random>
#include <vector>

namespace pouw::inline v1::beacon {
namespace {

using test::nodes_of;
using Weights = std::vector<std::uint64_t>;

bool is_long() { return std::getenv("POUW_LONG") != nullptr; }

/// The bound over all subsets, by its definition.
AdversaryBound bound_by_definition(const Weights& weights, const TicketTable& table) {
    AdversaryBound out{~WideWeight{0}, ~WideWeight{0}};
    test::for_each_subset(weights, table.tickets, [&](WideWeight weight, std::uint32_t held) {
        if (held >= table.threshold) out.secrecy = std::min(out.secrecy, weight - 1);
        if (table.total - held < table.threshold) out.liveness = std::min(out.liveness, weight - 1);
    });
    return out;
}

void check_small(const Weights& weights, const TicketRules& rules) {
    const auto with_weight = std::count_if(weights.begin(), weights.end(), [](auto w) { return w != 0; });
    const auto table = allot_tickets(nodes_of(weights), rules);
    if (with_weight < rules.minimum_holders) {
        const auto expected = with_weight == 0 ? errc::invalid_weights : errc::too_few_holders;
        ASSERT_EQ(table.error().code, expected);
        return;
    }
    ASSERT_TRUE(table) << core::describe(table.error()) << testing::PrintToString(weights);
    ASSERT_LE(table->total, rules.maximum_tickets);
    ASSERT_EQ(table->threshold, table->total / 2 + 1);
    ASSERT_EQ(std::accumulate(table->tickets.begin(), table->tickets.end(), 0u), table->total);
    ASSERT_GE(std::count_if(table->tickets.begin(), table->tickets.end(), [](auto t) { return t != 0; }),
              rules.minimum_holders);
    const AdversaryBound expected = bound_by_definition(weights, *table);
    ASSERT_TRUE(table->bound().secrecy == expected.secrecy) << testing::PrintToString(weights);
    ASSERT_TRUE(table->bound().liveness == expected.liveness) << testing::PrintToString(weights);
}

TEST(Distributions, AllOfUpToSevenNodesHaveATableThatKeepsItsBound) {
    const std::uint64_t heaviest = is_long() ? 9 : 5;
    std::uint64_t checked = 0;
    Weights weights(7, 0);
    for (;;) {
        for (const core::Fraction fraction : {core::Fraction{1, 3}, core::Fraction{2, 5}}) {
            for (const std::uint32_t maximum : {1u, 4u, 7u, 16u, 512u}) {
                for (const std::uint32_t minimum : {1u, 4u}) {
                    if (minimum > maximum) continue;
                    check_small(weights, {fraction, maximum, minimum, {0, 1}});
                    ++checked;
                }
            }
        }
        if (HasFatalFailure()) return;
        // The next one in descending order of its weights.
        const auto next = std::find_if(weights.rbegin(), weights.rend(), [&](const auto& weight) {
            return weight < (&weight == weights.data() ? heaviest : *(&weight - 1));
        });
        if (next == weights.rend()) break;
        ++*next;
        std::fill(weights.rbegin(), next, 0);
    }
    EXPECT_EQ(checked, (is_long() ? 11440u : 792u) * 18);
}

enum class Shape : std::uint8_t { zipf, equal, whale, sybils, any };

/// Weights of `count` nodes.
Weights random_weights(std::mt19937_64& random, Shape shape, std::size_t count) {
    Weights weights(count, 1 + random() % 1000000);
    const std::uint64_t unit = 1 + random() % (std::uint64_t{1} << 40);
    switch (shape) {
        case Shape::zipf:
            for (std::size_t i = 0; i < count; ++i) weights[i] = 1 + unit / (i + 1);
            break;
        case Shape::equal:
            break;
        case Shape::whale:
            weights[0] *= 1 + random() % (2 * count);
            break;
        case Shape::sybils: {
            // A part of the nodes has up to 40% of the weight, spread over as many keys as it likes.
            const std::size_t keys = 1 + random() % count;
            for (std::size_t i = 0; i < count; ++i) {
                weights[i] = i < keys ? 1 + unit / keys : 1 + unit * 3 / (2 * (count - keys + 1));
            }
            break;
        }
        case Shape::any:
            for (auto& weight : weights) weight = random() >> (random() % 64);
            weights[0] |= 1;
            break;
    }
    return weights;
}

/// The most tickets of a set of this weight that takes the cheapest tickets first: an adversary that is easy
/// to find.
std::uint32_t greedy_tickets(const Weights& weights, const TicketTable& table, WideWeight weight) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (table.tickets[i] != 0) order.push_back(i);
    }
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return WideWeight{weights[a]} * table.tickets[b] < WideWeight{weights[b]} * table.tickets[a];
    });
    std::uint32_t held = 0;
    for (const std::size_t i : order) {
        if (weights[i] > weight) continue;
        weight -= weights[i];
        held += table.tickets[i];
    }
    return held;
}

void check_large(const Weights& weights, const TicketRules& rules) {
    const auto table = allot_tickets(nodes_of(weights), rules);
    const auto with_weight = std::count_if(weights.begin(), weights.end(), [](auto w) { return w != 0; });
    if (with_weight < rules.minimum_holders) {
        ASSERT_EQ(table.error().code, beacon::errc::too_few_holders);
        return;
    }
    ASSERT_TRUE(table) << core::describe(table.error());
    ASSERT_LE(table->total, rules.maximum_tickets);
    const AdversaryBound bound = table->bound();
    ASSERT_LT(greedy_tickets(weights, *table, bound.secrecy), table->threshold);
    ASSERT_LE(greedy_tickets(weights, *table, bound.liveness), table->total - table->threshold);
    // What the chain asked, or a good part of what the nodes weigh that can hold tickets.
    Weights sorted = weights;
    std::sort(sorted.rbegin(), sorted.rend());
    if (sorted.size() > rules.maximum_tickets) sorted.resize(rules.maximum_tickets);
    const WideWeight kept = std::accumulate(sorted.begin(), sorted.end(), WideWeight{0});
    const WideWeight asked = part_of(rules.adversary, table->total_weight);
    ASSERT_TRUE(bound.both() >= asked || bound.both() * 4 >= kept)
        << static_cast<double>(bound.both()) / static_cast<double>(kept) << " of " << weights.size();
}

TEST(Distributions, RandomOnesOfUpToFiveThousandNodesHaveATable) {
    std::mt19937_64 random{7};
    const std::uint32_t rounds = is_long() ? 100000 : 2000;
    for (std::uint32_t round = 0; round < rounds && !HasFatalFailure(); ++round) {
        const auto shape = static_cast<Shape>(round % 5);
        const std::size_t count = 1 + random() % (std::uint64_t{5000} >> (random() % 10));
        SCOPED_TRACE(testing::Message() << "round " << round << ", " << count << " nodes");
        check_large(random_weights(random, shape, count), {{2, 5}, 512, 1 + round % 4, {0, 1}});
    }
}

// The coalition of the attack: what it holds lowers the bound by its own weight at most.
TEST(Distributions, SybilsLowerTheBoundByTheirOwnWeightAtMost) {
    for (const std::uint64_t honest : {20u, 70u, 100u, 300u, 600u}) {
        const TicketRules rules{{2, 5}, 512, 4, {0, 1}};
        const Weights alone(honest, 1000000);
        const AdversaryBound before = allot_tickets(nodes_of(alone), rules).value().bound();
        for (const std::uint64_t percent : {5u, 13u, 25u, 40u}) {
            for (const std::uint64_t keys : {1u, 20u, 200u, 400u, 4000u}) {
                Weights weights = alone;
                const std::uint64_t coalition = honest * 1000000 * percent / (100 - percent);
                weights.insert(weights.end(), keys, coalition / keys);
                const auto table = allot_tickets(nodes_of(weights), rules);
                ASSERT_TRUE(table);
                EXPECT_TRUE(table->bound().both() * 100 >= before.both() * 97)
                    << honest << " honest, " << percent << "% in " << keys << " keys: "
                    << static_cast<double>(table->bound().both()) / static_cast<double>(table->total_weight);
            }
        }
    }
}

}  // namespace
}  // namespace pouw::inline v1::beacon
