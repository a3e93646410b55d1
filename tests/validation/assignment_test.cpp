#include "pouw/validation/assignment.hpp"

#include "random.hpp"
#include "validation/network.hpp"

#include "pouw/validation/errc.hpp"
#include "pouw/vrf/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace pouw::inline v1::validation {
namespace {

using namespace test;
using pouw::test::Random;

Request request_of(std::uint64_t sequence) {
    return {filled<core::NodeId>(4), sequence, filled<crypto::Hash256>(5), 10};
}

Drawing drawing_of(std::uint64_t sequence) {
    return Drawing::create(make_epoch(), request_of(sequence)).value();
}

core::NodeId key(std::uint64_t number) { return numbered<core::NodeId>(number); }

weights::WeightTable table(const std::vector<std::uint64_t>& weights) {
    std::vector<weights::NodeWeight> nodes;
    for (std::size_t i = 0; i < weights.size(); ++i) nodes.push_back({key(i), weights[i]});
    return weights::WeightTable::create(nodes).value();
}

TEST(DrawingTest, TheOutputIsYoungerThanTheRequest) {
    const Request request = request_of(0);
    const auto create = [&](core::Height known_at) {
        const beacon::Output output = beacon_output(2, known_at);
        return Drawing::create(EpochBeacon::create(test_chain, 7, output).value(), request);
    };
    // Each is complete 20 blocks later, and that does not matter.
    EXPECT_EQ(create(9).error().code, validation::errc::early_output);
    EXPECT_EQ(create(10).error().code, validation::errc::early_output);
    EXPECT_TRUE(create(11));
}

TEST(DrawingTest, EveryFieldChangesTheTask) {
    const auto task = [](const EpochBeacon& epoch, const Request& request) {
        return Drawing::create(epoch, request).value().task();
    };
    std::set<core::TaskId> seen;
    const EpochBeacon epoch = make_epoch();
    EXPECT_TRUE(seen.insert(task(epoch, request_of(0))).second);
    EXPECT_TRUE(seen.insert(task(make_epoch(7, "another"), request_of(0))).second);
    EXPECT_TRUE(seen.insert(task(make_epoch(8), request_of(0))).second);
    EXPECT_TRUE(seen.insert(task(make_epoch(7, test_chain, 3), request_of(0))).second);
    EXPECT_TRUE(seen.insert(task(epoch, request_of(1))).second);
    Request other = request_of(0);
    other.content = {};
    EXPECT_TRUE(seen.insert(task(epoch, other)).second);
    other = request_of(0);
    other.requester = {};
    EXPECT_TRUE(seen.insert(task(epoch, other)).second);
    // Heights decide whether it is drawn, not what.
    other = request_of(0);
    other.fixed_at = 3;
    EXPECT_FALSE(seen.insert(task(epoch, other)).second);
}

TEST(Assignment, AsksEveryNodeOnce) {
    const NodePool pool{table({5, 1, 1, 30, 2, 8})};
    for (std::uint64_t i = 0; i < 50; ++i) {
        const auto order = pool.executors(drawing_of(i), {}, 100).value();
        EXPECT_EQ(order.size(), 6u);
        EXPECT_EQ(std::set(order.begin(), order.end()).size(), 6u);
        // Fewer are the first of more.
        const auto three = pool.executors(drawing_of(i), {}, 3).value();
        EXPECT_TRUE(std::equal(three.begin(), three.end(), order.begin()));
    }
}

TEST(Assignment, ExcludedNodesAreNeverDrawn) {
    const NodePool pool{table({5, 1, 1, 30, 2, 8})};
    const std::vector<core::NodeId> excluded{key(3), key(0), key(3), key(77)};
    for (std::uint64_t i = 0; i < 100; ++i) {
        const auto order = pool.executors(drawing_of(i), excluded, 100).value();
        EXPECT_EQ(order.size(), 4u);
        for (const auto& node : order) EXPECT_TRUE(node != key(3) && node != key(0));
        const auto relay = pool.relay(drawing_of(i), excluded).value();
        EXPECT_TRUE(relay != key(3) && relay != key(0));
    }
}

TEST(Assignment, ConvictedNodesAreNeverDrawn) {
    const std::vector<core::Conviction> convicted{{key(3), core::Ground::false_nonce, {}, 5},
                                                  {key(3), core::Ground::silence, {}, 6},
                                                  {key(77), core::Ground::silence, {}, 6}};
    const NodePool pool{table({5, 1, 1, 30, 2, 8}), convicted};
    // As if the table had never had the node.
    const NodePool without{table({5, 1, 1, 0, 2, 8})};
    for (std::uint64_t i = 0; i < 50; ++i) {
        const auto order = pool.executors(drawing_of(i), {}, 100).value();
        EXPECT_EQ(order.size(), 5u);
        EXPECT_EQ(std::count(order.begin(), order.end(), key(3)), 0);
        EXPECT_EQ(order, without.executors(drawing_of(i), {}, 100).value());
        EXPECT_EQ(pool.relay(drawing_of(i), {}).value(), without.relay(drawing_of(i), {}).value());
    }
    const NodePool nobody{table({0, 0, 0, 30}), convicted};
    EXPECT_EQ(nobody.executors(drawing_of(0), {}, 1).error().code, validation::errc::no_executor);
}

TEST(Assignment, NobodyLeft) {
    const std::vector<core::NodeId> both{key(0), key(1)};
    EXPECT_EQ(NodePool{table({3, 4})}.executors(drawing_of(0), both, 1).error().code,
              validation::errc::no_executor);
    EXPECT_EQ(NodePool{table({3, 4})}.relay(drawing_of(0), both).error().code, validation::errc::no_executor);
    EXPECT_EQ(NodePool{weights::WeightTable{}}.executors(drawing_of(0), {}, 1).error().code,
              validation::errc::no_executor);
    EXPECT_EQ(NodePool{table({3, 4})}.executors(drawing_of(0), std::vector{key(0)}, 9).value(),
              std::vector{key(1)});
}

TEST(Assignment, InProportionToWeight) {
    // 20,000 first draws over five nodes: chi-square with 4 degrees of freedom, above 23.5 once in 10,000.
    const std::vector<std::uint64_t> weights{1, 2, 3, 4, 10};
    const NodePool pool{table(weights)};
    std::map<core::NodeId, std::uint64_t> first;
    std::map<core::NodeId, std::uint64_t> relays;
    for (std::uint64_t i = 0; i < 20000; ++i) {
        const Drawing drawing = drawing_of(i);
        ++first[pool.executors(drawing, {}, 1).value().front()];
        ++relays[pool.relay(drawing, {}).value()];
    }
    for (auto* counts : {&first, &relays}) {
        double chi_square = 0;
        for (std::size_t n = 0; n < weights.size(); ++n) {
            const double expected = 1000.0 * static_cast<double>(weights[n]);
            const double difference = static_cast<double>((*counts)[key(n)]) - expected;
            chi_square += difference * difference / expected;
        }
        EXPECT_LT(chi_square, 23.5);
    }
}

TEST(Assignment, TheNextIsDrawnAmongThoseLeft) {
    // After the node of weight 10 refuses, the others follow in proportion: P(second = 3 | first = 4) = 4/10.
    const NodePool pool{table({1, 2, 3, 4, 10})};
    std::map<core::NodeId, int> second;
    int first = 0;
    for (std::uint64_t i = 0; i < 20000; ++i) {
        const auto order = pool.executors(drawing_of(i), {}, 2).value();
        if (order[0] != key(4)) continue;
        ++first;
        ++second[order[1]];
    }
    // Binomial(10,000, k/10): within four standard deviations of at most 49.
    for (std::uint64_t n = 0; n < 4; ++n) {
        EXPECT_NEAR(second[key(n)], first * static_cast<double>(n + 1) / 10, 200) << n;
    }
}

TEST(Assignment, LargeWeights) {
    const NodePool pool{table({UINT64_MAX - 1, 1})};
    for (std::uint64_t i = 0; i < 50; ++i) {
        EXPECT_EQ(pool.executors(drawing_of(i), {}, 2).value(), (std::vector{key(0), key(1)}));
    }
}

TEST(Assignment, RelayAndExecutorAreIndependentDraws) {
    const NodePool pool{table({1, 1})};
    int same = 0;
    for (std::uint64_t i = 0; i < 400; ++i) {
        const auto relay = pool.relay(drawing_of(i), {}).value();
        same += pool.executors(drawing_of(i), {}, 1).value().front() == relay;
        EXPECT_NE(pool.executors(drawing_of(i), std::vector{relay}, 1).value().front(), relay);
    }
    EXPECT_NEAR(same, 200, 40);
}

TEST(OpenDummies, AreTheShareOfTheSlots) {
    const EpochBeacon epoch = make_epoch();
    int quarter = 0;
    std::set<crypto::Hash256> seeds;
    for (std::uint64_t slot = 0; slot < 2000; ++slot) {
        const auto dummy = open_dummy(epoch, slot, {1, 4});
        quarter += dummy.has_value();
        EXPECT_TRUE(!dummy || seeds.insert(*dummy).second);
        EXPECT_FALSE(open_dummy(epoch, slot, {0, 1}));
        EXPECT_TRUE(open_dummy(epoch, slot, {1, 1}));
    }
    EXPECT_NEAR(quarter, 500, 78);  // four standard deviations
    EXPECT_DEATH((void)open_dummy(epoch, 0, {2, 1}), "");
}

class HiddenDummies : public testing::Test {
  protected:
    struct Sent {
        std::uint64_t slot;
        HiddenDummy dummy;
    };
    [[nodiscard]] Sent first() const {
        for (std::uint64_t slot = 0;; ++slot) {
            const auto dummy =
                hidden_dummy(validators, nodes[0].key(), nodes[0].vrf_key, slot, terms).value();
            if (dummy) return {slot, *dummy};
        }
    }
    [[nodiscard]] core::error_code refusal(const Validators& by, std::size_t node, std::uint64_t slot,
                                           const DummyTerms& with, const SeenRequest& seen,
                                           const vrf::Proof& proof) const {
        const auto opened = open_hidden_dummy(by, nodes[node].key(), slot, with, seen, proof);
        return opened ? core::error_code{} : opened.error().code;
    }

    std::vector<Node> nodes = make_nodes({50, 30, 20});
    Validators validators = validators_of(nodes);
    DummyTerms terms{{1, 2}, 1000};
};

TEST_F(HiddenDummies, OpenToTheirOriginSaltPromptAndPayer) {
    const Sent sent = first();
    const SeenRequest seen{sent.dummy.salt, sent.dummy.payer};
    EXPECT_LT(seen.payer, 1000u);
    EXPECT_EQ(open_hidden_dummy(validators, nodes[0].key(), sent.slot, terms, seen, sent.dummy.proof).value(),
              sent.dummy.prompt);
    EXPECT_NE(sent.dummy.prompt, sent.dummy.salt);
}

TEST_F(HiddenDummies, OfOthersAreRefused) {
    const Sent sent = first();
    const SeenRequest seen{sent.dummy.salt, sent.dummy.payer};
    const vrf::Proof& proof = sent.dummy.proof;
    EXPECT_EQ(refusal(validators, 1, sent.slot, terms, seen, proof), vrf::errc::false_vrf_proof);
    EXPECT_EQ(refusal(validators, 0, sent.slot + 1, terms, seen, proof), vrf::errc::false_vrf_proof);
    EXPECT_EQ(refusal(validators_of(nodes, make_epoch(8)), 0, sent.slot, terms, seen, proof),
              vrf::errc::false_vrf_proof);
    EXPECT_EQ(refusal(validators, 0, sent.slot, {{0, 1}, 1000}, seen, proof), validation::errc::not_selected);
    EXPECT_EQ(refusal(validators, 0, sent.slot, terms, {{}, seen.payer}, proof),
              validation::errc::false_dummy);
    EXPECT_EQ(refusal(validators, 0, sent.slot, terms, {seen.salt, seen.payer + 1}, proof),
              validation::errc::false_dummy);
    // A proof of selection for a check is none of a dummy.
    const Task task{numbered<core::TaskId>(sent.slot), {}};
    const auto check = select(validators, nodes[0].key(), nodes[0].vrf_key, task, {1, 1});
    EXPECT_EQ(refusal(validators, 0, sent.slot, terms, seen, check.value().proof),
              vrf::errc::false_vrf_proof);
    const Node stranger{50, 0};
    EXPECT_EQ(hidden_dummy(validators, stranger.key(), stranger.vrf_key, 0, terms).error().code,
              validation::errc::no_voting_weight);
    EXPECT_EQ(hidden_dummy(validators, nodes[0].key(), stranger.vrf_key, 0, terms).error().code,
              validation::errc::unregistered_key);
}

TEST_F(HiddenDummies, ComeInProportionToWeight) {
    std::array<int, 3> sent{};
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        for (std::uint64_t slot = 0; slot < 1000; ++slot) {
            sent[i] +=
                hidden_dummy(validators, nodes[i].key(), nodes[i].vrf_key, slot, terms).value().has_value();
        }
    }
    // Binomial(1000, weight / 200): within four standard deviations.
    EXPECT_NEAR(sent[0], 250, 55);
    EXPECT_NEAR(sent[1], 150, 46);
    EXPECT_NEAR(sent[2], 100, 38);
}

}  // namespace
}  // namespace pouw::inline v1::validation
