#include "pouw/validation/selection.hpp"

#include "random.hpp"
#include "validation/network.hpp"

#include "pouw/stats/sampling.hpp"
#include "pouw/validation/errc.hpp"
#include "pouw/vrf/errc.hpp"
#include "pouw/weights/errc.hpp"

#include <gtest/gtest.h>

#include <array>
#include <numeric>

namespace pouw::inline v1::validation {
namespace {

using namespace test;
using core::Fraction;
using core::uint128;
using core::uint256;
using pouw::test::Random;

constexpr uint256 always{1, 0};  // 2^128
const Fraction tenth{1, 10};

/// The paper's example: one node with half of the weight, five with a tenth.
std::vector<Node> paper_nodes() { return make_nodes({50, 10, 10, 10, 10, 10}); }

Task task_of(std::uint64_t number, const core::NodeId& executor = filled<core::NodeId>(9)) {
    return {numbered<core::TaskId>(number), executor};
}

/// An output with this number in its first 16 bytes.
vrf::Output output_of(uint128 draw) {
    vrf::Output out = filled<vrf::Output>(0xff);
    for (std::size_t i = 16; i-- > 0; draw >>= 8) out.bytes[i] = static_cast<std::uint8_t>(draw);
    return out;
}

/// Whether `threshold / 2^128` is the fraction, rounded down.
bool is_fraction(const uint256& threshold, std::uint64_t numerator, std::uint64_t denominator) {
    return threshold == core::divide(uint256{numerator, 0}, denominator).quotient;
}

bool is(const ExpectedChecks& checks, std::uint64_t numerator, std::uint64_t denominator) {
    return core::multiply(checks.numerator + checks.certain * checks.denominator, denominator) ==
           core::multiply(numerator, checks.denominator);
}

// The figures of chapter 6 of the white paper.

TEST(PaperFigures, ChancesOfAnExecutorWithoutWeight) {
    EXPECT_TRUE(is_fraction(selection_threshold({50, 0, 100}, tenth).value(), 1, 20));
    EXPECT_TRUE(is_fraction(selection_threshold({10, 0, 100}, tenth).value(), 1, 100));
    const Validators validators = validators_of(paper_nodes());
    EXPECT_TRUE(is(expected_checks(validators, filled<core::NodeId>(9), tenth), 1, 10));
}

TEST(PaperFigures, ChancesOfAnExecutorWithWeight) {
    // Scaled by W / (W - w): an executor with a tenth of the weight leaves nine tenths to the others.
    EXPECT_TRUE(is_fraction(selection_threshold({50, 10, 100}, tenth).value(), 1, 18));
    EXPECT_TRUE(is_fraction(selection_threshold({10, 10, 100}, tenth).value(), 1, 90));
    EXPECT_TRUE(is_fraction(selection_threshold({10, 50, 100}, tenth).value(), 1, 50));
    const std::vector<Node> nodes = paper_nodes();
    const Validators validators = validators_of(nodes);
    for (const Node& executor : nodes)
        EXPECT_TRUE(is(expected_checks(validators, executor.key(), tenth), 1, 10));
}

TEST(PaperFigures, ShareOfTasksThatSeeACheck) {
    // 1 - 19/20 · (99/100)^5 = 9.656%: between 0.09655 and 0.09657.
    const ChanceBounds unchecked =
        unchecked_chance(validators_of(paper_nodes()), filled<core::NodeId>(9), tenth);
    EXPECT_GT(unchecked.low, core::divide(uint256{90343, 0}, 100000).quotient);
    EXPECT_LT(unchecked.high, core::divide(uint256{90345, 0}, 100000).quotient);
    const std::uint64_t ninety_nine_to_the_fifth = 99ull * 99 * 99 * 99 * 99;
    const uint128 denominator = uint128{20} * 10'000'000'000;
    const uint256 exact =
        core::divide(uint256{uint128{19} * ninety_nine_to_the_fifth, 0}, denominator).quotient;
    EXPECT_LE(unchecked.low, exact);
    EXPECT_GE(unchecked.high, exact);
    EXPECT_LE(core::subtract(unchecked.high, unchecked.low).low, 12u);
}

TEST(PaperFigures, ChecksThatDetect) {
    const Fraction often{95, 100};
    const Fraction nearly_always{99, 100};
    EXPECT_EQ(stats::checks_to_detect({1, 10}, often).value(), 29u);
    EXPECT_EQ(stats::checks_to_detect({1, 10}, nearly_always).value(), 44u);
    EXPECT_EQ(stats::checks_to_detect({1, 20}, often).value(), 59u);
    EXPECT_EQ(stats::checks_to_detect({1, 20}, nearly_always).value(), 90u);
    EXPECT_EQ(stats::checks_to_detect({1, 100}, often).value(), 299u);
    EXPECT_EQ(stats::checks_to_detect({1, 100}, nearly_always).value(), 459u);
}

// Thresholds.

TEST(SelectionThreshold, EdgesOfTheRange) {
    EXPECT_EQ(selection_threshold({0, 0, 100}, tenth).value(), uint256{});
    EXPECT_EQ(selection_threshold({0, 100, 100}, {1, 1}).value(), uint256{});  // nobody else has weight
    EXPECT_EQ(selection_threshold({0, 0, 0}, {1, 1}).value(), uint256{});
    EXPECT_EQ(selection_threshold({5, 0, 100}, {0, 1}).value(), uint256{});
    EXPECT_EQ(selection_threshold({100, 0, 100}, {1, 1}).value(), always);
    EXPECT_EQ(selection_threshold({40, 60, 100}, {1, 1}).value(), always);
    EXPECT_EQ(selection_threshold({50, 0, 100}, {2, 1}).value(), always);
    EXPECT_EQ(selection_threshold({50, 0, 100}, {UINT64_MAX, 1}).value(), always);
    // One unit of weight short of certain: 2^128 - 2^128 / 100 and above, not rounded to certain.
    EXPECT_TRUE(is_fraction(selection_threshold({99, 0, 100}, {1, 1}).value(), 99, 100));
    EXPECT_EQ(selection_threshold({UINT64_MAX - 1, 0, UINT64_MAX}, {1, 1}).value().high, 0u);
    EXPECT_LT(selection_threshold({UINT64_MAX, 0, UINT64_MAX}, {UINT64_MAX - 1, UINT64_MAX}).value(), always);
}

TEST(SelectionThreshold, WeightsThatDoNotSum) {
    EXPECT_EQ(selection_threshold({1, 0, 0}, tenth).error().code, validation::errc::inconsistent_weights);
    EXPECT_EQ(selection_threshold({0, 2, 1}, tenth).error().code, validation::errc::inconsistent_weights);
    EXPECT_EQ(selection_threshold({60, 50, 100}, tenth).error().code, validation::errc::inconsistent_weights);
    EXPECT_EQ(selection_threshold({UINT64_MAX, UINT64_MAX, UINT64_MAX}, tenth).error().code,
              validation::errc::inconsistent_weights);
}

TEST(SelectionThreshold, RatesOfOneValueAreOneRate) {
    Random random{3};
    for (int i = 0; i < 2000; ++i) {
        const std::uint64_t total = 1 + random.any_size() / 2;
        const std::uint64_t executor = random.below64(total);
        const std::uint64_t weight = random.below64(total - executor + 1);
        const std::uint64_t denominator = 1 + random.below64(1u << 20);
        const std::uint64_t numerator = random.below64(denominator + 1);
        const std::uint64_t factor = 1 + random.below64(1u << 20);
        EXPECT_EQ(selection_threshold({weight, executor, total}, {numerator, denominator}).value(),
                  selection_threshold({weight, executor, total}, {numerator * factor, denominator * factor})
                      .value());
    }
}

TEST(SelectionThreshold, GrowsWithWeightRateAndExecutor) {
    Random random{4};
    for (int i = 0; i < 2000; ++i) {
        const std::uint64_t total = 3 + random.any_size() / 4;
        const std::uint64_t executor = random.below64(total / 2);
        const std::uint64_t weight = random.below64(total / 2);
        const auto at = [&](std::uint64_t w, std::uint64_t e, std::uint64_t n) {
            return selection_threshold({w, e, total}, {n, 1000}).value();
        };
        const std::uint64_t rate = random.below(3000);
        EXPECT_LE(at(weight, executor, rate), at(weight + 1, executor, rate));
        EXPECT_LE(at(weight, executor, rate), at(weight, executor + 1, rate));
        EXPECT_LE(at(weight, executor, rate), at(weight, executor, rate + 1));
    }
}

TEST(SelectionDraw, ExactlyBelowTheThreshold) {
    for (const Odds odds : {Odds{50, 0, 100}, Odds{1, 0, UINT64_MAX}, Odds{7, 3, 1000}}) {
        const uint256 threshold = selection_threshold(odds, {1, 7}).value();
        ASSERT_EQ(threshold.high, 0u);
        EXPECT_TRUE(is_selected(output_of(threshold.low - 1), threshold));
        EXPECT_FALSE(is_selected(output_of(threshold.low), threshold));
        EXPECT_FALSE(is_selected(output_of(threshold.low + 1), threshold));
    }
    // The largest draw is selected by what selects always, the smallest not by what never selects.
    EXPECT_TRUE(is_selected(output_of(core::uint128_max), always));
    EXPECT_FALSE(is_selected(output_of(core::uint128_max), {0, core::uint128_max}));
    EXPECT_FALSE(is_selected(output_of(0), {}));
    EXPECT_TRUE(is_selected(output_of(0), {0, 1}));
    // Only the first 16 bytes count, the first one most.
    vrf::Output output = output_of(0);
    output.bytes[0] = 1;
    EXPECT_EQ(selection_draw(output), uint128{1} << 120);
}

/// Chi-square of counts against equal expectations.
std::uint64_t chi_square(std::span<const std::uint64_t> counts) {
    const std::uint64_t sum = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    std::uint64_t squares = 0;
    for (const std::uint64_t count : counts) squares += count * count;
    return squares * counts.size() / sum - sum;
}

TEST(SelectionDistribution, DrawsOfTheVrfAreUniform) {
    // 4000 outputs in 16 bins by their first bits: 15 degrees of freedom, above 44.3 once in 10,000.
    const std::vector<Node> nodes = make_nodes({50, 10});
    std::array<std::uint64_t, 16> bins{};
    std::array<std::uint64_t, 2> selected{};
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const Validators validators = validators_of(nodes);
        for (std::uint64_t t = 0; t < 2000; ++t) {
            const auto selection =
                select(validators, nodes[i].key(), nodes[i].vrf_key, task_of(t), Fraction{1, 2});
            ++bins[static_cast<std::size_t>(selection.value().output.bytes[0] >> 4)];
            selected[i] += selection->selected;
        }
    }
    EXPECT_LT(chi_square(bins), 45u);
    // Binomial(2000, 5/12) and (2000, 1/12): within four standard deviations, 22.0 and 12.4.
    EXPECT_NEAR(static_cast<double>(selected[0]), 833.3, 88.2);
    EXPECT_NEAR(static_cast<double>(selected[1]), 166.7, 49.4);
}

// Decisions and their proofs.

class SelectionProofs : public testing::Test {
  protected:
    /// The first task for which node 1 is selected at the rate, or is not.
    [[nodiscard]] Task first_task(bool selected) const {
        for (std::uint64_t t = 0;; ++t) {
            if (decide(task_of(t)).selected == selected) return task_of(t);
        }
    }
    [[nodiscard]] Selection decide(const Task& task) const {
        return select(validators, nodes[1].key(), nodes[1].vrf_key, task, rate).value();
    }

    std::vector<Node> nodes = make_nodes({50, 30, 20});
    Validators validators = validators_of(nodes);
    Fraction rate{1, 1};
};

TEST_F(SelectionProofs, ShowWhatTheyShow) {
    const Task yes = first_task(true);
    const Task no = first_task(false);
    EXPECT_TRUE(verify_selection(validators, nodes[1].key(), yes, rate, decide(yes).proof));
    EXPECT_TRUE(verify_non_selection(validators, nodes[1].key(), no, rate, decide(no).proof));
    EXPECT_EQ(verify_non_selection(validators, nodes[1].key(), yes, rate, decide(yes).proof).error().code,
              validation::errc::was_selected);
    EXPECT_EQ(verify_selection(validators, nodes[1].key(), no, rate, decide(no).proof).error().code,
              validation::errc::not_selected);
}

TEST_F(SelectionProofs, AreOfNoUseElsewhere) {
    const Task yes = first_task(true);
    const vrf::Proof proof = decide(yes).proof;
    const auto refused = [&](const Validators& by, std::size_t node, const Task& task) {
        const auto selection = verify_selection(by, nodes[node].key(), task, rate, proof);
        const auto non_selection = verify_non_selection(by, nodes[node].key(), task, rate, proof);
        return !selection && !non_selection && selection.error().code == vrf::errc::false_vrf_proof &&
               non_selection.error().code == vrf::errc::false_vrf_proof;
    };
    EXPECT_TRUE(refused(validators_of(nodes, make_epoch(8)), 1, yes));
    EXPECT_TRUE(refused(validators_of(nodes, make_epoch(7, "another")), 1, yes));
    EXPECT_TRUE(refused(validators_of(nodes, make_epoch(7, test_chain, 9)), 1, yes));
    EXPECT_TRUE(refused(validators, 0, yes));
    EXPECT_TRUE(refused(validators, 1, {yes.id, filled<core::NodeId>(8)}));
    EXPECT_TRUE(refused(validators, 1, {filled<core::TaskId>(8), yes.executor}));
    vrf::Proof broken = proof;
    broken.bytes[79] = 0xff;
    EXPECT_EQ(verify_selection(validators, nodes[1].key(), yes, rate, broken).error().code,
              vrf::errc::invalid_vrf_proof);
}

TEST_F(SelectionProofs, DoNotDependOnWeightsAndRate) {
    // Weights and rate are state of the chain; the randomness is the same, only the threshold moves.
    const Task yes = first_task(true);
    const vrf::Proof proof = decide(yes).proof;
    EXPECT_TRUE(verify_non_selection(validators, nodes[1].key(), yes, {0, 1}, proof));
    EXPECT_TRUE(verify_selection(validators, nodes[1].key(), yes, {1000, 1}, proof));
}

TEST_F(SelectionProofs, NobodyChecksHimself) {
    const Task own = task_of(1, nodes[1].key());
    EXPECT_EQ(select(validators, nodes[1].key(), nodes[1].vrf_key, own, rate).error().code,
              validation::errc::own_work);
    EXPECT_EQ(check_proof(validators, nodes[1].key(), own, rate, {}).error().code,
              validation::errc::own_work);
}

TEST_F(SelectionProofs, StrangersAreRefused) {
    const Node stranger{77, 0};
    EXPECT_EQ(select(validators, stranger.key(), stranger.vrf_key, task_of(1), rate).error().code,
              validation::errc::no_voting_weight);
    EXPECT_EQ(check_proof(validators, stranger.key(), task_of(1), rate, {}).error().code,
              validation::errc::no_voting_weight);
    // A node of weight 0 is no validator even when its key is registered.
    const std::vector<Node> with_zero = make_nodes({50, 0});
    const Validators others = validators_of(with_zero);
    EXPECT_EQ(select(others, with_zero[1].key(), with_zero[1].vrf_key, task_of(1), rate).error().code,
              validation::errc::no_voting_weight);
    EXPECT_EQ(select(others, with_zero[0].key(), with_zero[1].vrf_key, task_of(1), rate).error().code,
              validation::errc::unregistered_key);
}

TEST_F(SelectionProofs, AValidatorOfAllTheWeightAlwaysChecks) {
    const std::vector<Node> pair = make_nodes({3, 9});
    const Validators two = validators_of(pair);
    for (std::uint64_t t = 0; t < 20; ++t) {
        const Task task = task_of(t, pair[0].key());
        const auto selection = select(two, pair[1].key(), pair[1].vrf_key, task, {1, 1});
        EXPECT_EQ(selection.value().threshold, always);
        EXPECT_TRUE(selection->selected);
        EXPECT_EQ(verify_non_selection(two, pair[1].key(), task, {1, 1}, selection->proof).error().code,
                  validation::errc::was_selected);
    }
    EXPECT_EQ(expected_checks(two, pair[0].key(), {1, 1}), (ExpectedChecks{1, 0, 1}));
    EXPECT_EQ(unchecked_chance(two, pair[0].key(), {1, 1}), (ChanceBounds{}));
}

TEST_F(SelectionProofs, NobodyChecksWhoHasAllTheWeight) {
    const std::vector<Node> alone = make_nodes({7});
    const Validators one = validators_of(alone);
    EXPECT_EQ(expected_checks(one, alone[0].key(), rate), (ExpectedChecks{0, 0, 1}));
    EXPECT_EQ(unchecked_chance(one, alone[0].key(), rate), (ChanceBounds{always, always}));
}

// Registrations.

class Registrations : public testing::Test {
  protected:
    [[nodiscard]] Validators create(std::vector<Registration> registrations) const {
        return Validators{make_epoch(), table_of(nodes), registrations};
    }
    [[nodiscard]] Registration of(std::size_t node, const vrf::SecretKey& key, core::Height height) const {
        return {nodes[node].key(), key.public_key(), height};
    }

    std::vector<Node> nodes = make_nodes({5, 6});
    Node other{100, 0};
    core::Height known_at = make_epoch().known_at();
};

TEST_F(Registrations, WhereTheOutputMayBeKnownIsTooLate) {
    for (const core::Height height : {known_at, known_at + 1, core::Height{UINT64_MAX}}) {
        const Validators late = create({of(0, nodes[0].vrf_key, height)});
        EXPECT_EQ(late.find(nodes[0].key()).error().code, validation::errc::late_registration);
        EXPECT_EQ(select(late, nodes[0].key(), nodes[0].vrf_key, task_of(1), tenth).error().code,
                  validation::errc::late_registration);
        EXPECT_EQ(check_proof(late, nodes[0].key(), task_of(1), tenth, {}).error().code,
                  validation::errc::late_registration);
        EXPECT_EQ(late.find(nodes[1].key()).error().code, validation::errc::unregistered_key);
        EXPECT_FALSE(late.has_key(0) || late.has_key(1));
    }
    const Validators just = create({of(0, nodes[0].vrf_key, core::Height{known_at.value - 1})});
    EXPECT_EQ(just.find(nodes[0].key()).value().vrf_key, nodes[0].vrf_key.public_key());
}

TEST_F(Registrations, WhoeverHasNoKeyThatCountsIsNamed) {
    const Validators none = create({});
    std::vector<core::NodeId> expected;
    for (const weights::NodeWeight& node : none.nodes()) expected.push_back(node.node);
    EXPECT_EQ(none.unregistered(), expected);
    // A late key is none; a key in time is one.
    const Validators some = create(
        {of(0, nodes[0].vrf_key, core::Height{known_at.value - 1}), of(1, nodes[1].vrf_key, known_at)});
    std::erase(expected, nodes[0].key());
    EXPECT_EQ(some.unregistered(), expected);
}

TEST_F(Registrations, TheYoungestInTimeCounts) {
    std::vector<Registration> registrations{of(0, nodes[0].vrf_key, 5), of(0, other.vrf_key, 900),
                                            of(0, nodes[1].vrf_key, known_at), of(1, nodes[1].vrf_key, 0)};
    for (int turn = 0; turn < 4; ++turn) {
        const Validators validators = create(registrations);
        EXPECT_EQ(validators.find(nodes[0].key()).value().vrf_key, other.vrf_key.public_key());
        EXPECT_EQ(validators.find(nodes[1].key()).value().vrf_key, nodes[1].vrf_key.public_key());
        EXPECT_TRUE(validators.has_key(0) && validators.has_key(1));
        std::rotate(registrations.begin(), registrations.begin() + 1, registrations.end());
    }
}

// One node that registers twice in a block does not disable the others.
TEST_F(Registrations, OfTwoKeysOfOneHeightTheLowestCounts) {
    const Registration own = of(0, nodes[0].vrf_key, 5);
    const Registration second = of(0, other.vrf_key, 5);
    const bool own_is_lower = own.vrf_key < second.vrf_key;
    const Registration& lower = own_is_lower ? own : second;
    const Registration& higher = own_is_lower ? second : own;
    const Registration neighbour = of(1, nodes[1].vrf_key, 5);
    for (const std::vector<Registration>& registrations :
         {std::vector{own, neighbour, second}, std::vector{second, own, neighbour, own, second}}) {
        const Validators validators = create(registrations);
        EXPECT_EQ(validators.find(nodes[0].key()).value().vrf_key, lower.vrf_key);
        EXPECT_EQ(validators.find(nodes[1].key()).value().vrf_key, neighbour.vrf_key);
        ASSERT_GE(validators.dropped().size(), 1u);
        for (const Registration& dropped : validators.dropped()) {
            EXPECT_EQ(dropped.node, higher.node);
            EXPECT_EQ(dropped.vrf_key, higher.vrf_key);
            EXPECT_EQ(dropped.height, 5u);
        }
    }
    // The same key twice in a block is one registration; a younger one counts before both.
    EXPECT_TRUE(create({own, own}).dropped().empty());
    const Validators younger = create({own, second, of(0, nodes[1].vrf_key, 6)});
    EXPECT_EQ(younger.find(nodes[0].key()).value().vrf_key, nodes[1].vrf_key.public_key());
    EXPECT_EQ(younger.dropped().size(), 1u);
    // Late ones count for nothing and harm nobody; nor do those of strangers.
    EXPECT_TRUE(
        create({of(0, nodes[0].vrf_key, known_at), of(0, other.vrf_key, known_at)}).dropped().empty());
    const Registration stranger{other.key(), other.vrf_key.public_key(), 1};
    EXPECT_TRUE(create({stranger, stranger, of(0, nodes[0].vrf_key, 1)}).find(nodes[0].key()));
}

TEST_F(Registrations, WithoutAKeyNobodyIsExpectedToCheck) {
    const Validators validators = create({of(0, nodes[0].vrf_key, 5)});
    EXPECT_TRUE(is(expected_checks(validators, filled<core::NodeId>(9), {1, 1}), 5, 11));
}

TEST(ValidatorTotals, WhatIsNobodysChecksNothing) {
    // A cap leaves 10 of 100 to nobody: the 90 share the checks, and the expected number stays the rate.
    const std::vector<Node> nodes = make_nodes({60, 25, 15});
    std::vector<Registration> registrations;
    for (const Node& node : nodes) registrations.push_back({node.key(), node.vrf_key.public_key(), 1});
    const auto capped = table_of(nodes).capped({30, 100});
    ASSERT_EQ(capped.unassigned(), 10u);
    const Validators validators{make_epoch(), capped, registrations};
    EXPECT_EQ(validators.total(), 90u);
    EXPECT_TRUE(is(expected_checks(validators, filled<core::NodeId>(9), tenth), 1, 10));
    EXPECT_TRUE(is(expected_checks(validators, nodes[0].key(), tenth), 1, 10));
}

TEST(ConvictedValidators, CountAsNodesWithoutWeight) {
    const std::vector<Node> nodes = make_nodes({50, 30, 20});
    std::vector<Registration> registrations;
    for (const Node& node : nodes) registrations.push_back({node.key(), node.vrf_key.public_key(), 1});
    const std::vector<core::Conviction> convicted{{nodes[1].key(), core::Ground::contradicting_votes, {}, 5},
                                                  {nodes[1].key(), core::Ground::silence, {}, 6},
                                                  {filled<core::NodeId>(9), core::Ground::silence, {}, 6}};
    const Validators validators{make_epoch(), table_of(nodes), registrations, convicted};
    EXPECT_EQ(validators.find(nodes[1].key()).error().code, validation::errc::no_voting_weight);
    EXPECT_EQ(select(validators, nodes[1].key(), nodes[1].vrf_key, task_of(1), {1, 1}).error().code,
              validation::errc::no_voting_weight);
    EXPECT_EQ(validators.weight_of(nodes[1].key()), 0u);
    EXPECT_EQ(validators.total(), 70u);
    // The others check in its place: the expected number of checks stays the rate.
    EXPECT_TRUE(is(expected_checks(validators, filled<core::NodeId>(9), tenth), 1, 10));
    EXPECT_TRUE(is(expected_checks(validators, nodes[1].key(), tenth), 1, 10));
    EXPECT_EQ(select(validators, nodes[0].key(), nodes[0].vrf_key, task_of(1), tenth).value().threshold,
              selection_threshold({50, 0, 70}, tenth).value());
}

TEST(ExpectedChecksTest, CapsBindOneByOne) {
    const Validators validators = validators_of(paper_nodes());
    const auto nobody = filled<core::NodeId>(9);
    EXPECT_TRUE(is(expected_checks(validators, nobody, {2, 1}), 2, 1));  // exactly 1 for the large node
    EXPECT_EQ(expected_checks(validators, nobody, {2, 1}).certain, 1u);
    EXPECT_TRUE(is(expected_checks(validators, nobody, {3, 1}), 5, 2));  // 1 + 5 · 3/10
    EXPECT_TRUE(is(expected_checks(validators, nobody, {10, 1}), 6, 1));
    EXPECT_TRUE(is(expected_checks(validators, nobody, {UINT64_MAX, 1}), 6, 1));
    EXPECT_TRUE(is(expected_checks(validators, nobody, {0, 1}), 0, 1));
}

TEST(ExpectedChecksTest, TheRateWhereNoCapBinds) {
    Random random{8};
    for (int round = 0; round < 200; ++round) {
        std::vector<std::uint64_t> weights(2 + random.below(6));
        for (std::uint64_t& weight : weights) weight = 1 + random.any_size() / 16;
        const std::vector<Node> nodes = make_nodes(weights);
        const Validators validators = validators_of(nodes);
        const std::uint64_t denominator = 2 + random.below(1000);
        const std::uint64_t numerator = 1 + random.below64(denominator - 1);
        for (const auto& executor : {nodes[0].key(), filled<core::NodeId>(9)}) {
            const ExpectedChecks checks = expected_checks(validators, executor, {numerator, denominator});
            EXPECT_TRUE(is(checks, numerator, denominator));
            const ChanceBounds unchecked = unchecked_chance(validators, executor, {numerator, denominator});
            EXPECT_LE(unchecked.low, unchecked.high);
            EXPECT_LE(core::subtract(unchecked.high, unchecked.low).low, 2 * weights.size());
            // At least 1 - rate of the tasks stay unchecked.
            EXPECT_GE(unchecked.high,
                      core::divide(uint256{denominator - numerator, 0}, denominator).quotient);
        }
    }
}

}  // namespace
}  // namespace pouw::inline v1::validation
