#include "pouw/weights/weights.hpp"

#include "random.hpp"
#include "vectors.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/weights/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

namespace pouw::inline v1::weights {
namespace {

using core::Fraction;
using pouw::test::Random;

core::NodeId node_id(std::uint64_t number) {
    core::NodeId out;
    const auto bytes = core::to_le(number);
    std::copy(bytes.rbegin(), bytes.rend(), out.bytes.begin());
    return out;
}

WeightTable table(const std::vector<std::uint64_t>& weights) {
    std::vector<NodeWeight> results;
    for (std::size_t i = 0; i < weights.size(); ++i) results.push_back({node_id(i), weights[i]});
    return *WeightTable::create(results);
}

/// A table of nodes that can sign votes.
WeightTable table_of_keys(const std::vector<std::uint64_t>& weights) {
    std::vector<NodeWeight> results;
    for (const std::uint64_t weight : weights) {
        std::array<std::uint8_t, 32> seed{};
        seed[0] = static_cast<std::uint8_t>(results.size());
        results.push_back({crypto::SigningKey::from_seed(seed).public_key(), weight});
    }
    return *WeightTable::create(results);
}

std::vector<std::uint64_t> weights_of(const WeightTable& table) {
    std::vector<std::uint64_t> out;
    for (const NodeWeight& node : table.nodes()) out.push_back(node.weight);
    return out;
}

TEST(WeightTable, SortsAndLeavesOutNothings) {
    const NodeWeight results[]{{node_id(9), 5}, {node_id(2), 0}, {node_id(1), 7}};
    const WeightTable table = *WeightTable::create(results);
    EXPECT_EQ(table.total(), 12u);
    ASSERT_EQ(table.nodes().size(), 2u);
    EXPECT_EQ(table.nodes()[0], (NodeWeight{node_id(1), 7}));
    EXPECT_EQ(table.weight_of(node_id(9)), 5u);
    EXPECT_EQ(table.weight_of(node_id(2)), 0u);
    EXPECT_EQ(table.share_of(node_id(9)), (Fraction{5, 12}));
    EXPECT_EQ(table.share_of(node_id(9)).denominator, 12u);
    EXPECT_EQ(WeightTable{}.share_of(node_id(9)), (Fraction{0, 1}));
}

TEST(WeightTable, RefusesDuplicatesAndOverflow) {
    const NodeWeight twice[]{{node_id(1), 5}, {node_id(2), 1}, {node_id(1), 7}};
    EXPECT_EQ(WeightTable::create(twice).error().code, weights::errc::duplicate_node);
    const NodeWeight zero_twice[]{{node_id(1), 0}, {node_id(1), 0}};
    EXPECT_EQ(WeightTable::create(zero_twice).error().code, weights::errc::duplicate_node);
    const NodeWeight large[]{{node_id(1), UINT64_MAX}, {node_id(2), 1}};
    EXPECT_EQ(WeightTable::create(large).error().code, core::errc::overflow);
    EXPECT_EQ(table({UINT64_MAX}).total(), UINT64_MAX);
}

TEST(WeightTable, AMajorityIsStrictlyMoreThanHalf) {
    EXPECT_FALSE(table({5, 5}).is_majority(5));
    EXPECT_TRUE(table({5, 5}).is_majority(6));
    EXPECT_TRUE(table({5, 6}).is_majority(6));
    EXPECT_FALSE(table({5, 6}).is_majority(5));
    EXPECT_FALSE(WeightTable{}.is_majority(0));
    // Where 64 bits would overflow.
    EXPECT_FALSE(table({UINT64_MAX}).is_majority(UINT64_MAX / 2));
    EXPECT_TRUE(table({UINT64_MAX}).is_majority(UINT64_MAX / 2 + 1));
    EXPECT_TRUE(table({UINT64_MAX}).is_majority(UINT64_MAX));
}

TEST(WeightTable, AVoterCountsOnce) {
    const WeightTable votes = table({3, 4, 5});
    const core::NodeId voters[]{node_id(2), node_id(0), node_id(2), node_id(2), node_id(77)};
    EXPECT_EQ(votes.support(voters), 8u);
    EXPECT_EQ(votes.support({}), 0u);
}

TEST(Cap, GivesTheExcessToTheOthersInProportion) {
    // 60 of 100 at 40%: the others share 60 in proportion 25 : 15.
    const WeightTable capped = table({60, 25, 15}).capped({40, 100});
    EXPECT_EQ(weights_of(capped),
              (std::vector<std::uint64_t>{40, 38, 22}));  // 37.5 and 22.5: the tie goes to the smaller key
    EXPECT_EQ(capped.unassigned(), 0u);
    EXPECT_EQ(capped.total(), 100u);
    // At 35% the second exceeds it once it has its part of the excess.
    EXPECT_EQ(weights_of(table({60, 25, 15}).capped({35, 100})), (std::vector<std::uint64_t>{35, 35, 30}));
}

TEST(Cap, WhatNobodyCanTakeIsNobodys) {
    const WeightTable capped = table({60, 25, 15}).capped({30, 100});
    EXPECT_EQ(weights_of(capped), (std::vector<std::uint64_t>{30, 30, 30}));
    EXPECT_EQ(capped.unassigned(), 10u);
    EXPECT_EQ(capped.total(), 100u);
    const WeightTable alone = table({100}).capped({30, 100});
    EXPECT_EQ(weights_of(alone), (std::vector<std::uint64_t>{30}));
    EXPECT_FALSE(alone.is_majority(alone.support(std::vector{node_id(0)})));
    const WeightTable none = table({3, 2}).capped({1, 100});
    EXPECT_TRUE(none.nodes().empty());
    EXPECT_EQ(none.unassigned(), 5u);
    EXPECT_FALSE(none.is_majority(0));
    EXPECT_EQ(WeightTable{}.capped({1, 2}), WeightTable{});
}

TEST(Cap, ChangesNothingWhereNobodyExceedsIt) {
    for (const auto& weights :
         {std::vector<std::uint64_t>{1, 2, 3}, {5, 5}, {UINT64_MAX / 2, UINT64_MAX / 2}}) {
        EXPECT_EQ(table(weights).capped({1, 2}), table(weights));
        EXPECT_EQ(table(weights).capped({1, 1}), table(weights));
    }
}

TEST(Cap, HoldsForRandomTables) {
    Random random{1};
    for (int round = 0; round < 20000; ++round) {
        std::vector<std::uint64_t> weights(1 + random.next() % 12);
        const std::uint64_t bits = 4 + random.next() % 57;
        for (std::uint64_t& weight : weights)
            weight = 1 + (random.next() >> (64 - bits)) / (1 + random.next() % 50);
        const WeightTable before = table(weights);
        Fraction cap{1 + random.next() % 100, 100};
        const WeightTable after = before.capped(cap);
        const std::uint64_t limit = core::part_rounded_down(cap, before.total());
        EXPECT_EQ(after.total(), before.total());
        std::uint64_t sum = after.unassigned();
        for (const NodeWeight& node : after.nodes()) {
            sum += node.weight;
            EXPECT_LE(node.weight, limit);
            // Nobody loses but to the cap, and the order stays, up to a unit of rounding.
            EXPECT_GE(node.weight, std::min(before.weight_of(node.node), limit));
        }
        EXPECT_EQ(sum, before.total());
        // Something is nobody's only when everybody is at the limit.
        if (after.unassigned() > 0) {
            for (const NodeWeight& node : after.nodes()) EXPECT_EQ(node.weight, limit);
        }
        EXPECT_EQ(after.capped(cap), after);
        for (std::size_t a = 0; a < weights.size(); ++a) {
            for (std::size_t b = 0; b < weights.size(); ++b) {
                if (weights[a] > weights[b]) {
                    EXPECT_GE(after.weight_of(node_id(a)) + 1, after.weight_of(node_id(b)));
                }
                if (weights[a] == weights[b] && a < b) {
                    EXPECT_GE(after.weight_of(node_id(a)), after.weight_of(node_id(b)));
                }
            }
        }
    }
}

TEST(WeightTableCodec, RoundTripAndDigest) {
    for (const WeightTable& votes :
         {WeightTable{}, table_of_keys({7}), table_of_keys({60, 25, 15}).capped({30, 100})}) {
        const core::Bytes bytes = votes.encode();
        EXPECT_EQ(bytes.size(), 24 + 40 * votes.nodes().size());
        EXPECT_EQ(*WeightTable::decode(bytes), votes);
        EXPECT_EQ(votes.digest(), crypto::hash(crypto::domain::voting, bytes));
    }
}

TEST(WeightTableCodec, RefusesWithTheReason) {
    const core::Bytes good = table({7, 8}).encode();
    const auto refusal = [](const core::Bytes& bytes) {
        const auto decoded = WeightTable::decode(bytes);
        return decoded ? core::error_code{} : decoded.error().code;
    };
    for (std::size_t size = 0; size < good.size(); ++size) {
        const core::error_code code =
            refusal({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)});
        EXPECT_EQ(code, size < 24 ? core::errc::truncated : core::errc::count_too_large) << size;
    }
    const auto changed = [&](std::size_t offset, std::initializer_list<int> values) {
        core::Bytes bytes = good;
        for (const int value : values) bytes[offset++] = static_cast<std::uint8_t>(value);
        return refusal(bytes);
    };
    core::Bytes longer = good;
    longer.push_back(0);
    EXPECT_EQ(refusal(longer), core::errc::trailing_bytes);
    EXPECT_EQ(changed(0, {'q'}), core::errc::invalid_magic);
    EXPECT_EQ(changed(8, {2}), core::errc::unsupported_version);
    EXPECT_EQ(changed(20, {3}), core::errc::count_too_large);
    EXPECT_EQ(changed(20, {255, 255, 255, 255}), core::errc::count_too_large);
    EXPECT_EQ(changed(20, {1}), core::errc::trailing_bytes);
    EXPECT_EQ(changed(56, {0}), core::errc::non_canonical);
    EXPECT_EQ(changed(71, {0}), weights::errc::duplicate_node);
    EXPECT_EQ(changed(31, {9}), core::errc::non_canonical);
    EXPECT_EQ(changed(12, {255, 255, 255, 255, 255, 255, 255, 255}), core::errc::overflow);
    EXPECT_EQ(changed(56, {255, 255, 255, 255, 255, 255, 255, 255}), core::errc::overflow);
}

// Votes are verified with the ids of a table that came from the network.
TEST(WeightTableCodec, RefusesIdsThatAreNoKeys) {
    const WeightTable good = table_of_keys({60, 25, 15});
    ASSERT_TRUE(WeightTable::decode(good.encode()));
    for (const char* id :
         {"0100000000000000000000000000000000000000000000000000000000000000",     // identity
          "0000000000000000000000000000000000000000000000000000000000000000",     // order 4
          "0200000000000000000000000000000000000000000000000000000000000000",     // no point
          "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"}) {  // not canonical
        std::vector<NodeWeight> nodes{good.nodes().begin(), good.nodes().end()};
        nodes.push_back({core::NodeId::from(*core::from_hex(id)).value(), 1});
        const auto decoded = WeightTable::decode(WeightTable::create(nodes)->encode());
        ASSERT_FALSE(decoded) << id;
        EXPECT_EQ(decoded.error().code, crypto::errc::invalid_public_key) << id;
    }
}

TEST(WeightTable, Vectors) {
    const std::map<std::string, core::error_code> codes{
        {"truncated", core::errc::truncated},
        {"magic", core::errc::invalid_magic},
        {"spec_version", core::errc::unsupported_version},
        {"count_too_large", core::errc::count_too_large},
        {"trailing_bytes", core::errc::trailing_bytes},
        {"weight_zero", core::errc::non_canonical},
        {"descending", core::errc::non_canonical},
        {"duplicate_node", weights::errc::duplicate_node},
        {"overflow", core::errc::overflow},
        {"invalid_public_key", crypto::errc::invalid_public_key}};
    const pouw::test::Json vectors = pouw::test::load_vectors("weights/weights.json");
    for (const auto& vector : vectors["tables"]) {
        std::vector<NodeWeight> results;
        for (const auto& node : vector["results"]) {
            results.push_back({pouw::test::fixed<core::NodeId>(node[0]), pouw::test::u64(node[1])});
        }
        WeightTable votes = *WeightTable::create(results);
        if (vector.contains("cap")) {
            votes = votes.capped({pouw::test::u64(vector["cap"][0]), pouw::test::u64(vector["cap"][1])});
        }
        EXPECT_EQ(core::to_hex(votes.encode()), vector["bytes"]) << vector["name"];
        EXPECT_EQ(core::to_hex(votes.digest().view()), vector["digest"]) << vector["name"];
        EXPECT_EQ(*WeightTable::decode(pouw::test::bytes(vector["bytes"])), votes) << vector["name"];
    }
    for (const auto& vector : vectors["bad"]) {
        const auto decoded = WeightTable::decode(pouw::test::bytes(vector["bytes"]));
        ASSERT_FALSE(decoded) << vector["name"];
        EXPECT_EQ(decoded.error().code, codes.at(vector["reason"])) << vector["name"];
    }
    EXPECT_GE(vectors["tables"].size(), 10u);
    EXPECT_GE(vectors["bad"].size(), 9u);
}

core::Conviction conviction_of(std::uint64_t number) {
    return {node_id(number), core::Ground::false_nonce, {}, 7};
}

TEST(Without, RemovesTheWeightOfTheConvicted) {
    const WeightTable keys = table_of_keys({60, 25, 15});
    const core::Conviction first[]{{keys.nodes()[0].node, core::Ground::false_nonce, {}, 7}};
    EXPECT_EQ(keys.without(first), *WeightTable::decode(keys.without(first).encode()));
    const WeightTable before = table({60, 25, 15});
    const core::Conviction convictions[]{conviction_of(1), conviction_of(9), conviction_of(1)};
    const WeightTable after = before.without(convictions);
    EXPECT_EQ(weights_of(after), (std::vector<std::uint64_t>{60, 15}));
    EXPECT_EQ(after.weight_of(node_id(1)), 0u);
    EXPECT_EQ(after.total(), 75u);
    EXPECT_EQ(before.without({}), before);
    EXPECT_EQ(WeightTable{}.without(convictions), WeightTable{});
}

TEST(Without, LeavesWhatIsUnassigned) {
    const WeightTable capped = table({60, 25, 15}).capped({30, 100});
    ASSERT_EQ(capped.unassigned(), 10u);
    const core::Conviction convictions[]{conviction_of(0), conviction_of(2)};
    const WeightTable after = capped.without(convictions);
    EXPECT_EQ(after.total(), 40u);
    EXPECT_EQ(after.unassigned(), 10u);
    EXPECT_TRUE(after.is_majority(after.weight_of(node_id(1))));
    const core::Conviction all[]{conviction_of(2), conviction_of(1), conviction_of(0)};
    EXPECT_EQ(capped.without(all).total(), 10u);
    EXPECT_TRUE(capped.without(all).nodes().empty());
}

TEST(WeightTable, TheMajorityThresholdIsTheLeastMajority) {
    for (const WeightTable& votes : {table({5, 5}), table({5, 6}), table({1}), table({UINT64_MAX})}) {
        EXPECT_TRUE(votes.is_majority(votes.majority_threshold()));
        EXPECT_FALSE(votes.is_majority(votes.majority_threshold() - 1));
    }
}

TEST(WeightTable, UnassignedWeightCanBeAdded) {
    const WeightTable capped = table({20, 20, 20, 20, 20}).capped({1, 10});
    ASSERT_EQ(capped.unassigned(), 50u);
    // What the nodes of a capped table and its unassigned weight were written down as.
    EXPECT_EQ(WeightTable::create(capped.nodes()).value().with_unassigned(50).value(), capped);
    const WeightTable of_keys = table_of_keys({20, 20, 20, 20, 20}).capped({1, 10});
    EXPECT_EQ(WeightTable::decode(of_keys.encode()).value(), of_keys);
    EXPECT_EQ(table({1}).with_unassigned(UINT64_MAX - 1).value().total(), UINT64_MAX);
    EXPECT_EQ(table({1}).with_unassigned(UINT64_MAX).error().code, core::errc::overflow);
    EXPECT_FALSE(WeightTable{}.with_unassigned(2).value().is_majority(1));
}

TEST(WeightSchedule, TheEpochBeforeVotesInThePresentOne) {
    WeightSchedule schedule{table({1, 1})};
    EXPECT_EQ(schedule.current(), table({1, 1}));
    schedule.advance(table({9}));
    EXPECT_EQ(schedule.current(), table({9}));
    schedule.advance(WeightTable{});
    EXPECT_EQ(schedule.current(), table({9}));
    EXPECT_DEATH(WeightSchedule{WeightTable{}}, "");
}

TEST(WeightTableDeathTest, ACapIsAShare) { EXPECT_DEATH((void)table({1}).capped({3, 2}), ""); }

}  // namespace
}  // namespace pouw::inline v1::weights
