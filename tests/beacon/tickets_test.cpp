#include "pouw/beacon/tickets.hpp"

#include "beacon/weighted_nodes.hpp"

#include "pouw/beacon/errc.hpp"
#include "pouw/core/describe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <random>

namespace pouw::inline v1::beacon {
namespace {

using core::Fraction;
using test::nodes_of;

TicketRules rules_of(Fraction fraction) { return {fraction, ticket_limit, 1}; }

/// The guarantee by its definition, over all subsets.
Guarantee by_definition(const std::vector<std::uint64_t>& weights, const std::vector<std::uint32_t>& tickets,
                        std::uint32_t threshold) {
    WideWeight least_reaching = ~WideWeight{0};
    WideWeight greatest_below = 0;
    test::for_each_subset(weights, tickets, [&](WideWeight weight, std::uint32_t held) {
        if (held >= threshold) {
            least_reaching = std::min(least_reaching, weight);
        } else {
            greatest_below = std::max(greatest_below, weight);
        }
    });
    return {least_reaching - 1, greatest_below + 1};
}

std::uint64_t random_weight(std::mt19937_64& random) {
    switch (random() % 4) {
        case 0:
            return random() % 4;
        case 1:
            return random() % 1000;
        case 2:
            return random() >> (random() % 64);
        default:
            return random();
    }
}

TEST(Tickets, GuaranteeIsExactForEverySubset) {
    std::mt19937_64 random{1};
    for (int round = 0; round < 300; ++round) {
        const std::size_t count = 1 + random() % 12;
        std::vector<std::uint64_t> weights(count);
        for (auto& weight : weights) weight = random_weight(random);
        if (std::all_of(weights.begin(), weights.end(), [](auto w) { return w == 0; })) weights[0] = 1;
        for (const Fraction fraction : {Fraction{1, 3}, Fraction{2, 5}, Fraction{9, 20}, Fraction{1, 10}}) {
            const auto table = allot_tickets(nodes_of(weights), rules_of(fraction));
            ASSERT_TRUE(table) << core::describe(table.error());
            ASSERT_EQ(std::accumulate(table->tickets.begin(), table->tickets.end(), 0u), table->total);
            ASSERT_EQ(table->threshold, table->total / 2 + 1);
            const Guarantee expected = by_definition(weights, table->tickets, table->threshold);
            ASSERT_TRUE(table->guarantee.maximum_adversary == expected.maximum_adversary);
            ASSERT_TRUE(table->guarantee.minimum_honest == expected.minimum_honest);
            const WideWeight asked = part_of(fraction, table->total_weight);
            ASSERT_TRUE(table->guarantee.maximum_adversary >= asked);
            ASSERT_TRUE(table->guarantee.minimum_honest <= table->total_weight - asked);
        }
    }
}

TEST(Tickets, StayWithinTheBoundOfTheTheorem) {
    std::mt19937_64 random{2};
    for (const std::size_t count : {1u, 2u, 10u, 100u, 300u}) {
        for (const auto& [fraction, per_node] :
             {std::pair{Fraction{1, 3}, 4.0 / 3}, std::pair{Fraction{2, 5}, 2.4},
              std::pair{Fraction{9, 20}, 4.95}}) {
            std::vector<std::uint64_t> weights(count);
            for (auto& weight : weights) weight = random_weight(random) | 1;
            const auto table = allot_tickets(nodes_of(weights), rules_of(fraction));
            ASSERT_TRUE(table);
            EXPECT_LE(table->total,
                      static_cast<std::uint32_t>(per_node * static_cast<double>(count) + 1e-9) + 1);
            const auto equal =
                allot_tickets(nodes_of(std::vector<std::uint64_t>(count, 7)), rules_of(fraction));
            ASSERT_TRUE(equal);
            EXPECT_LE(equal->total,
                      static_cast<std::uint32_t>(per_node * static_cast<double>(count) + 1e-9) + 1);
        }
    }
}

TEST(Tickets, DoNotDependOnTheOrder) {
    std::mt19937_64 random{3};
    for (int round = 0; round < 20; ++round) {
        std::vector<std::uint64_t> weights(40);
        for (auto& weight : weights) weight = random() % 5;
        weights[0] = 9;
        std::vector<WeightedNode> nodes = nodes_of(weights);
        const auto expected = allot_tickets(nodes, rules_of({2, 5}));
        ASSERT_TRUE(expected);
        std::vector<std::size_t> order(nodes.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
        std::vector<WeightedNode> shuffled;
        for (const std::size_t i : order) shuffled.push_back(nodes[i]);
        const auto table = allot_tickets(shuffled, rules_of({2, 5}));
        ASSERT_TRUE(table);
        for (std::size_t i = 0; i < order.size(); ++i)
            EXPECT_EQ(table->tickets[i], expected->tickets[order[i]]);
    }
}

TEST(Tickets, EqualWeightsAreSharedEqually) {
    const auto table = allot_tickets(nodes_of(std::vector<std::uint64_t>(5, 100)), rules_of({2, 5}));
    ASSERT_TRUE(table);
    EXPECT_EQ(table->tickets, (std::vector<std::uint32_t>(5, 1)));
    EXPECT_EQ(table->threshold, 3u);
}

TEST(Tickets, SumsBeyond64Bits) {
    const auto table = allot_tickets(nodes_of(std::vector<std::uint64_t>(20, UINT64_MAX)), rules_of({2, 5}));
    ASSERT_TRUE(table);
    EXPECT_TRUE(table->total_weight == WideWeight{UINT64_MAX} * 20);
    EXPECT_TRUE(table->guarantee.maximum_adversary >= WideWeight{UINT64_MAX} * 8);
}

TEST(Tickets, OneHolderOfMostWeightLeavesOthersTheirTickets) {
    const auto nodes = nodes_of({1000000, 1, 1, 1});
    const auto alone = allot_tickets(nodes, rules_of({1, 3}));
    ASSERT_TRUE(alone);
    EXPECT_EQ(alone->total, 1u);
    EXPECT_EQ(allot_tickets(nodes_of({5, 0}), {{1, 3}, 512, 2}).error().code, beacon::errc::too_few_holders);
    // Where the due times give the others no ticket, they have one each and the heaviest more than they do.
    const auto four = allot_tickets(nodes, {{1, 3}, 512, 4});
    ASSERT_TRUE(four);
    EXPECT_EQ(four->tickets, (std::vector<std::uint32_t>{4, 1, 1, 1}));
    EXPECT_TRUE(four->bound().both() == 999999);
}

TEST(Tickets, AreAsManyAsTheMinimumOfHoldersNeeds) {
    // One node above the adversary's third could hold the only ticket; four hands need more tickets.
    const auto nodes = nodes_of({40, 30, 20, 10});
    EXPECT_EQ(allot_tickets(nodes, rules_of({1, 3}))->total, 1u);
    const auto spread = allot_tickets(nodes, {{1, 3}, 512, 4});
    ASSERT_TRUE(spread);
    EXPECT_EQ(std::count(spread->tickets.begin(), spread->tickets.end(), 0u), 0);
    EXPECT_TRUE(spread->guarantee.maximum_adversary >= 33);
    EXPECT_EQ(allot_tickets(nodes, {{1, 3}, 512, 5}).error().code, beacon::errc::too_few_holders);
}

TEST(Tickets, RefusesWhatItCannotPromise) {
    const auto nodes = nodes_of({5, 4, 3, 2, 1});
    Fraction undefined{1, 3};
    undefined.denominator = 0;
    // The last one is 1/4 modulo 2^32, the width of the encoding.
    for (const Fraction& fraction :
         {Fraction{0, 3}, Fraction{1, 2}, Fraction{2, 3}, Fraction{3, 5}, undefined, Fraction{1, 65537},
          Fraction{UINT64_MAX, 3}, Fraction{UINT64_MAX, UINT64_MAX},
          Fraction{(1ull << 32) + 1, (1ull << 32) + 4}}) {
        EXPECT_EQ(allot_tickets(nodes, rules_of(fraction)).error().code, beacon::errc::invalid_ceremony);
    }
    EXPECT_EQ(allot_tickets(nodes, {{2, 5}, 0, 1}).error().code, beacon::errc::invalid_ceremony);
    EXPECT_EQ(allot_tickets(nodes, {{2, 5}, ticket_limit + 1, 1}).error().code,
              beacon::errc::invalid_ceremony);
    EXPECT_EQ(allot_tickets(nodes, {{2, 5}, 512, 0}).error().code, beacon::errc::invalid_ceremony);
    EXPECT_EQ(allot_tickets({}, rules_of({2, 5})).error().code, beacon::errc::invalid_weights);
    EXPECT_EQ(allot_tickets(nodes_of({0, 0}), rules_of({2, 5})).error().code, beacon::errc::invalid_weights);
    EXPECT_EQ(allot_tickets(nodes, {{2, 5}, 3, 4}).error().code, beacon::errc::invalid_ceremony);
    EXPECT_EQ(allot_tickets(nodes, {{2, 5}, 512, 1, {1, 2}}).error().code, beacon::errc::invalid_ceremony);
    EXPECT_EQ(allot_tickets(nodes, {{2, 5}, 512, 1, {1, 65537}}).error().code,
              beacon::errc::invalid_ceremony);
    auto twice = nodes;
    twice[1].node = twice[0].node;
    EXPECT_EQ(allot_tickets(twice, rules_of({2, 5})).error().code, beacon::errc::duplicate_holder);
}

TEST(Tickets, AreCutToTheHeaviestAndRefusedOnlyBelowTheChainsBound) {
    const auto nodes = nodes_of(std::vector<std::uint64_t>(100, 1));
    const auto table = allot_tickets(nodes, {{9, 20}, 20, 1, {9, 100}});
    ASSERT_TRUE(table);
    EXPECT_EQ(table->total, 19u);
    EXPECT_EQ(std::count(table->tickets.begin(), table->tickets.begin() + 19, 1u), 19);
    EXPECT_TRUE(table->bound().secrecy == 9 && table->bound().liveness == 9);
    EXPECT_TRUE(table->guarantee.minimum_honest == 91);
    EXPECT_EQ(allot_tickets(nodes, {{9, 20}, 20, 1, {1, 10}}).error().code, beacon::errc::weak_guarantee);
    EXPECT_TRUE(allot_tickets(nodes, {{9, 20}, 1, 1, {0, 1}}));
    // Weight outside counts with the adversary.
    const auto part = allot_tickets(nodes, {{2, 5}, 512, 1, {1, 10}}, 150);
    ASSERT_TRUE(part);
    EXPECT_TRUE(part->total_weight == 250);
    EXPECT_TRUE(part->bound().both() >= 40 && part->bound().both() <= 50);
}

TEST(Tickets, WeightZeroHoldsNone) {
    const auto table = allot_tickets(nodes_of({5, 0, 5, 0, 5}), rules_of({1, 3}));
    ASSERT_TRUE(table);
    EXPECT_EQ(table->tickets[1], 0u);
    EXPECT_EQ(table->tickets[3], 0u);
}

TEST(TicketsDeathTest, GuaranteeOfNothing) {
    const std::vector<std::uint64_t> weights{1};
    const std::vector<std::uint32_t> tickets{1};
    EXPECT_DEATH((void)guarantee_of(weights, tickets, 0), "");
    EXPECT_DEATH((void)guarantee_of(weights, tickets, 2), "");
}

}  // namespace
}  // namespace pouw::inline v1::beacon
