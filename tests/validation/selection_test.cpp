#include "pouw/validation/selection.hpp"

#include "random.hpp"
#include "validation/network.hpp"

#include "pouw/stats/sampling.hpp"
#include "pouw/validation/errc.hpp"
#include "pouw/vrf/errc.hpp"
#include "pouw/weights/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <set>

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
    EXPECT_EQ(expected_checks(two, pair[0].key(), {1, 1}), (ExpectedChecks{1, 0, 1, 1}));
    EXPECT_EQ(unchecked_chance(two, pair[0].key(), {1, 1}), (ChanceBounds{}));
}

TEST_F(SelectionProofs, NobodyChecksWhoHasAllTheWeight) {
    const std::vector<Node> alone = make_nodes({7});
    const Validators one = validators_of(alone);
    EXPECT_EQ(expected_checks(one, alone[0].key(), rate), (ExpectedChecks{0, 0, 1, 0}));
    EXPECT_TRUE(one.guaranteed(task_of(1, alone[0].key()), rate).empty());
    EXPECT_EQ(unchecked_chance(one, alone[0].key(), rate), (ChanceBounds{always, always}));
}

// Guaranteed validators.

/// As many nodes of weight 1.
std::vector<Node> equal_nodes(std::size_t count) { return make_nodes(std::vector<std::uint64_t>(count, 1)); }

Validators with_guaranteed(const std::vector<Node>& nodes, std::uint64_t count) {
    std::vector<Registration> registrations;
    for (const Node& node : nodes) registrations.push_back({node.key(), node.vrf_key.public_key(), 10});
    return Validators{make_epoch(), table_of(nodes), registrations, {}, count};
}

// "Every single task they produce" is verified at the lowest reputation: chapter 6 of the white paper. By the
// VRF alone (99/100)^100 = 36.6% of the tasks see no check among 100 equal nodes.
TEST(GuaranteedValidators, EveryTaskOfANewcomerIsChecked) {
    const std::vector<Node> nodes = equal_nodes(100);
    const Validators validators = validators_of(nodes);
    const Fraction newcomer{1, 1};
    const core::NodeId executor = filled<core::NodeId>(9);
    const ChanceBounds vrf_alone = unchecked_chance(with_guaranteed(nodes, 0), executor, newcomer);
    EXPECT_GT(vrf_alone.low, core::divide(uint256{36603, 0}, 100000).quotient);
    EXPECT_LT(vrf_alone.high, core::divide(uint256{36604, 0}, 100000).quotient);
    EXPECT_EQ(unchecked_chance(validators, executor, newcomer), (ChanceBounds{}));
    EXPECT_EQ(unchecked_chance(validators, nodes[3].key(), newcomer), (ChanceBounds{}));
    EXPECT_EQ(expected_checks(validators, executor, newcomer).guaranteed, 1u);
    for (std::uint64_t t = 0; t < 1000; ++t) {
        const Task task = task_of(t, nodes[t % 100].key());
        const std::vector<core::NodeId> guaranteed = validators.guaranteed(task, newcomer);
        ASSERT_EQ(guaranteed.size(), 1u);
        EXPECT_NE(guaranteed[0], task.executor);
        EXPECT_TRUE(validators.find(guaranteed[0]));
        EXPECT_TRUE(is_guaranteed(validators, guaranteed[0], task, newcomer));
        EXPECT_FALSE(is_guaranteed(validators, task.executor, task, newcomer));
    }
}

TEST(GuaranteedValidators, FromARateOfOneOn) {
    const Validators validators = validators_of(paper_nodes());
    const Task task = task_of(1);
    for (const Fraction rate : {Fraction{0, 1}, tenth, Fraction{UINT64_MAX - 1, UINT64_MAX}}) {
        EXPECT_TRUE(validators.guaranteed(task, rate).empty());
        EXPECT_EQ(expected_checks(validators, task.executor, rate).guaranteed, 0u);
        EXPECT_NE(unchecked_chance(validators, task.executor, rate).low, uint256{});
    }
    const std::vector<core::NodeId> one = validators.guaranteed(task, {1, 1});
    ASSERT_EQ(one.size(), 1u);
    for (const Fraction rate : {Fraction{7, 7}, Fraction{3, 2}, Fraction{UINT64_MAX, 1}}) {
        EXPECT_EQ(validators.guaranteed(task, rate), one);
        EXPECT_EQ(unchecked_chance(validators, task.executor, rate), (ChanceBounds{}));
    }
}

TEST(GuaranteedValidators, AreDrawnInProportionToWeight) {
    // Weights 50 and 5 times 10. An executor with 50 leaves five equal ones: chi-square with 4 degrees of
    // freedom exceeds 23.5 once in 10,000.
    const std::vector<Node> nodes = paper_nodes();
    const Validators validators = validators_of(nodes);
    std::array<std::uint64_t, 6> counts{};
    std::array<std::uint64_t, 6> without{};
    const auto position_of = [&](const core::NodeId& node) {
        return static_cast<std::size_t>(
            std::find_if(nodes.begin(), nodes.end(), [&](const Node& n) { return n.key() == node; }) -
            nodes.begin());
    };
    for (std::uint64_t t = 0; t < 10'000; ++t) {
        ++counts.at(position_of(validators.guaranteed(task_of(t), {1, 1}).at(0)));
        ++without.at(position_of(validators.guaranteed(task_of(t, nodes[0].key()), {1, 1}).at(0)));
    }
    EXPECT_NEAR(static_cast<double>(counts[0]), 5000.0, 200.0);  // four standard deviations
    EXPECT_LT(chi_square(std::span{counts}.subspan(1)), 24u);
    EXPECT_EQ(without[0], 0u);
    EXPECT_LT(chi_square(std::span{without}.subspan(1)), 24u);
}

TEST(GuaranteedValidators, ARefusalIsNoSecondDraw) {
    // Whoever takes the task, its guaranteed validator is the same one, passed over only when it is the
    // executor itself.
    const std::vector<Node> nodes = equal_nodes(8);
    const Validators validators = validators_of(nodes);
    for (std::uint64_t t = 0; t < 100; ++t) {
        const core::NodeId first = validators.guaranteed(task_of(t), {1, 1}).at(0);
        const core::NodeId second = with_guaranteed(nodes, 2).guaranteed(task_of(t), {1, 1}).at(1);
        for (const Node& executor : nodes) {
            EXPECT_EQ(validators.guaranteed(task_of(t, executor.key()), {1, 1}).at(0),
                      executor.key() == first ? second : first);
        }
    }
}

TEST(GuaranteedValidators, FollowFromTheBeaconAndTheTask) {
    const std::vector<Node> nodes = equal_nodes(50);
    const auto drawn = [&](const EpochBeacon& epoch) {
        std::vector<core::NodeId> out;
        for (std::uint64_t t = 0; t < 20; ++t)
            out.push_back(validators_of(nodes, epoch).guaranteed(task_of(t), {1, 1}).at(0));
        return out;
    };
    const std::vector<core::NodeId> own = drawn(make_epoch());
    EXPECT_EQ(own, drawn(make_epoch()));
    EXPECT_NE(own, drawn(make_epoch(8)));
    EXPECT_NE(own, drawn(make_epoch(7, "another")));
    EXPECT_NE(own, drawn(make_epoch(7, test_chain, 9)));
    EXPECT_GT(std::set(own.begin(), own.end()).size(), 10u);
}

TEST(GuaranteedValidators, NeedAKeyThatCounts) {
    const std::vector<Node> nodes = equal_nodes(4);
    const core::Height known_at = make_epoch().known_at();
    const std::vector<Registration> registrations{{nodes[0].key(), nodes[0].vrf_key.public_key(), known_at},
                                                  {nodes[1].key(), nodes[1].vrf_key.public_key(), 1},
                                                  {nodes[3].key(), nodes[3].vrf_key.public_key(), 1}};
    const std::vector<core::Conviction> convicted{{nodes[3].key(), core::Ground::silence, {}, 5}};
    // Late, registered, without a key, convicted.
    const Validators validators{make_epoch(), table_of(nodes), registrations, convicted, 3};
    for (std::uint64_t t = 0; t < 100; ++t)
        EXPECT_EQ(validators.guaranteed(task_of(t), {1, 1}), std::vector{nodes[1].key()});
    EXPECT_TRUE(validators.guaranteed(task_of(1, nodes[1].key()), {1, 1}).empty());
    EXPECT_EQ(unchecked_chance(validators, filled<core::NodeId>(9), {1, 1}), (ChanceBounds{}));
    EXPECT_EQ(unchecked_chance(validators, nodes[1].key(), {1, 1}), (ChanceBounds{always, always}));
    EXPECT_EQ(expected_checks(validators, filled<core::NodeId>(9), {1, 1}).guaranteed, 1u);
    EXPECT_EQ(expected_checks(validators, nodes[1].key(), {1, 1}).guaranteed, 0u);
}

TEST(GuaranteedValidators, AsManyAsTheChainWants) {
    const std::vector<Node> nodes = make_nodes({5, 4, 3, 2, 1});
    for (std::uint64_t t = 0; t < 50; ++t) {
        std::vector<core::NodeId> before;
        for (const std::uint64_t count : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2},
                                          std::uint64_t{3}, std::uint64_t{9}, UINT64_MAX}) {
            const Validators validators = with_guaranteed(nodes, count);
            const std::vector<core::NodeId> drawn = validators.guaranteed(task_of(t, nodes[2].key()), {1, 1});
            ASSERT_EQ(drawn.size(), std::min<std::uint64_t>(count, 4));
            EXPECT_TRUE(std::equal(before.begin(), before.end(), drawn.begin()));
            EXPECT_EQ(std::set(drawn.begin(), drawn.end()).size(), drawn.size());
            EXPECT_EQ(expected_checks(validators, nodes[2].key(), {1, 1}).guaranteed, drawn.size());
            before = drawn;
        }
    }
}

TEST(GuaranteedValidators, CheckWhateverTheirVrfSays) {
    const std::vector<Node> nodes = equal_nodes(10);
    const Validators validators = validators_of(nodes);
    const Validators vrf_alone = with_guaranteed(nodes, 0);
    std::uint64_t only_guaranteed = 0;
    for (std::uint64_t t = 0; t < 20; ++t) {
        const Task task = task_of(t);
        const core::NodeId guaranteed = validators.guaranteed(task, {1, 1}).at(0);
        for (const Node& node : nodes) {
            const Selection own = select(validators, node.key(), node.vrf_key, task, {1, 1}).value();
            const Selection by_vrf = select(vrf_alone, node.key(), node.vrf_key, task, {1, 1}).value();
            EXPECT_EQ(own.guaranteed, node.key() == guaranteed);
            EXPECT_EQ(own.selected, own.guaranteed || by_vrf.selected);
            EXPECT_EQ(own.proof, by_vrf.proof);
            if (!own.guaranteed) continue;
            only_guaranteed += !by_vrf.selected;
            EXPECT_TRUE(verify_selection(validators, node.key(), task, {1, 1}, own.proof));
            EXPECT_EQ(verify_non_selection(validators, node.key(), task, {1, 1}, own.proof).error().code,
                      validation::errc::was_selected);
            // Below a rate of 1 only the VRF counts; a false proof is none for anybody.
            EXPECT_FALSE(select(validators, node.key(), node.vrf_key, task, {999, 1000}).value().guaranteed);
            EXPECT_EQ(
                verify_selection(validators, node.key(), task_of(t + 100), {1, 1}, own.proof).error().code,
                vrf::errc::false_vrf_proof);
        }
    }
    EXPECT_GT(only_guaranteed, 10u);
}

// The figures of docs/validation.md.
TEST(UncheckedChance, TablesOfTheDocumentation) {
    const std::vector<Node> hundred = equal_nodes(100);
    const core::NodeId nobody = filled<core::NodeId>(9);
    const auto is_about = [](const ChanceBounds& chance, std::uint64_t hundredths_of_percent) {
        const auto at = [](std::uint64_t doubled) {
            return core::divide(uint256{doubled, 0}, 20'000).quotient;
        };
        const std::uint64_t doubled = 2 * hundredths_of_percent;
        return at(doubled == 0 ? 0 : doubled - 1) <= chance.low && chance.high <= at(doubled + 1);
    };
    struct Row {
        Fraction rate;
        std::uint64_t equal, paper;  // in hundredths of a percent
    };
    for (const Row& row : {Row{{1, 100}, 9900, 9900}, Row{{1, 20}, 9512, 9509}, Row{tenth, 9048, 9034},
                           Row{{1, 4}, 7786, 7710}, Row{{1, 2}, 6058, 5803}, Row{{3, 4}, 4710, 4232},
                           Row{{99, 100}, 3697, 2999}, Row{{1, 1}, 0, 0}}) {
        EXPECT_TRUE(is_about(unchecked_chance(validators_of(hundred), nobody, row.rate), row.equal))
            << row.rate.numerator << '/' << row.rate.denominator;
        EXPECT_TRUE(is_about(unchecked_chance(validators_of(paper_nodes()), nobody, row.rate), row.paper))
            << row.rate.numerator << '/' << row.rate.denominator;
    }
    // A coalition among 100 equal nodes, by the number of its members: by the VRF at the rates 1 and 2, and
    // with one and two guaranteed validators at the rate 1.
    struct Coalition {
        std::size_t members;
        std::uint64_t vrf, vrf_twice, one, two;
    };
    for (const Coalition& row :
         {Coalition{1, 3697, 1353, 37, 0}, Coalition{10, 4047, 1623, 405, 37},
          Coalition{25, 4706, 2198, 1176, 285}, Coalition{49, 5990, 3569, 2935, 1423}}) {
        std::vector<core::NodeId> members;
        for (std::size_t i = 0; i < row.members; ++i) members.push_back(hundred[i].key());
        const auto at = [&](std::uint64_t guaranteed, const Fraction& rate) {
            return unchecked_chance(with_guaranteed(hundred, guaranteed), nobody, rate, members);
        };
        EXPECT_TRUE(is_about(at(0, {1, 1}), row.vrf)) << row.members;
        EXPECT_TRUE(is_about(at(0, {2, 1}), row.vrf_twice)) << row.members;
        EXPECT_TRUE(is_about(at(1, {1, 1}), row.one)) << row.members;
        EXPECT_TRUE(is_about(at(2, {1, 1}), row.two)) << row.members;
    }
}

TEST(UncheckedChance, OfACoalitionExactly) {
    // Weights 5, 3, 2 without the executor's; the coalition has 3 and 2. Rate 1, one guaranteed validator: it
    // is of the coalition with 1/2, and the honest node does not select itself with 1/2.
    const std::vector<Node> nodes = make_nodes({5, 3, 2, 10});
    const std::vector<core::NodeId> coalition{nodes[2].key(), nodes[3].key(), nodes[1].key(),
                                              filled<core::NodeId>(77)};
    const auto at = [&](std::uint64_t guaranteed) {
        return unchecked_chance(with_guaranteed(nodes, guaranteed), nodes[3].key(), {1, 1}, coalition);
    };
    const uint256 quarter{0, uint128{1} << 126};
    EXPECT_EQ(at(0), (ChanceBounds{{0, uint128{1} << 127}, {0, uint128{1} << 127}}));
    EXPECT_EQ(at(1), (ChanceBounds{quarter, quarter}));
    // Two: 3/10 · 2/7 + 2/10 · 3/8 = 9/56 + ..., between 1/2 · 2/7 and 1/2 · 3/8, each halved.
    const uint256 exact = core::divide(uint256{45, 0}, 560).quotient;  // (3/10·2/7 + 2/10·3/8) / 2 = 9/112
    EXPECT_LE(at(2).low, exact);
    EXPECT_GE(at(2).high, exact);
    EXPECT_EQ(at(2).low, core::divide(uint256{1, 0}, 14).quotient);
    EXPECT_LE(core::subtract(at(2).high, core::divide(uint256{3, 0}, 32).quotient).low, 2u);
    // Three or more: the honest node is always among them.
    EXPECT_EQ(at(3), (ChanceBounds{}));
    EXPECT_EQ(at(UINT64_MAX), (ChanceBounds{}));
    // Everybody but the executor: nobody outside the coalition is left to check.
    std::vector<core::NodeId> all = coalition;
    all.push_back(nodes[0].key());
    EXPECT_EQ(unchecked_chance(with_guaranteed(nodes, 2), nodes[3].key(), {1, 1}, all),
              (ChanceBounds{always, always}));
}

TEST(UncheckedChance, OfACoalitionIsTheShareOfItsTasks) {
    const std::vector<Node> nodes = make_nodes({4, 3, 2, 1});
    const Validators validators = validators_of(nodes);
    const std::vector<core::NodeId> coalition{nodes[1].key(), nodes[3].key()};
    std::uint64_t captured = 0;
    constexpr std::uint64_t tasks = 600;
    for (std::uint64_t t = 0; t < tasks; ++t) {
        bool honest = false;
        for (const std::size_t i : {std::size_t{0}, std::size_t{2}}) {
            honest =
                honest ||
                select(validators, nodes[i].key(), nodes[i].vrf_key, task_of(t), {1, 1}).value().selected;
        }
        captured += !honest;
    }
    // 4/10 · (1 - 4/10) · (1 - 2/10) = 0.192: 115.2 of 600, four standard deviations are 38.6.
    EXPECT_NEAR(static_cast<double>(captured), 115.2, 38.6);
    const ChanceBounds chance = unchecked_chance(validators, filled<core::NodeId>(9), {1, 1}, coalition);
    const uint256 exact = core::divide(uint256{192, 0}, 1000).quotient;
    EXPECT_LE(chance.low, exact);
    EXPECT_GE(chance.high, exact);
    EXPECT_LE(core::subtract(chance.high, chance.low).low, 12u);
}

TEST(UncheckedChance, BoundsHoldForRandomCoalitions) {
    Random random{12};
    for (int round = 0; round < 100; ++round) {
        std::vector<std::uint64_t> weights(2 + random.below(6));
        for (std::uint64_t& weight : weights) weight = 1 + random.any_size() / 16;
        const std::vector<Node> nodes = make_nodes(weights);
        std::vector<core::NodeId> coalition;
        uint256 before{};
        for (const Node& node : nodes) {
            const ChanceBounds chance = unchecked_chance(with_guaranteed(nodes, 1 + random.below(3)),
                                                         filled<core::NodeId>(9), {1, 1}, coalition);
            EXPECT_LE(chance.low, chance.high);
            EXPECT_LE(chance.high, always);
            // One guaranteed validator: exact but for rounding, and a larger coalition gains.
            const ChanceBounds one =
                unchecked_chance(with_guaranteed(nodes, 1), filled<core::NodeId>(9), {1, 1}, coalition);
            EXPECT_LE(core::subtract(one.high, one.low), (uint256{0, 2 * weights.size() + 4}));
            EXPECT_GE(one.high, before);
            before = one.low;
            coalition.push_back(node.key());
        }
    }
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

TEST_F(Registrations, AKeyCountsFromTheEpochInWhichItJoins) {
    // Registered in epoch 7 for epoch 9: until then the old key judges the node.
    Registration next = of(0, other.vrf_key, 900);
    next.joins = 9;
    const Registration before = of(0, nodes[0].vrf_key, 5);
    for (const std::uint64_t epoch : {7u, 8u, 9u, 10u}) {
        for (const std::vector<Registration>& registrations :
             {std::vector{before, next}, std::vector{next, before}}) {
            const Validators validators{make_epoch(epoch), table_of(nodes), registrations};
            EXPECT_EQ(validators.find(nodes[0].key()).value().vrf_key, (epoch < 9 ? before : next).vrf_key);
            EXPECT_TRUE(validators.dropped().empty());
        }
        const Validators alone{make_epoch(epoch), table_of(nodes), {&next, 1}};
        EXPECT_EQ(alone.find(nodes[0].key()).has_value(), epoch >= 9);
    }
    // What joins later is neither late nor second in its block.
    EXPECT_EQ(create({next}).find(nodes[0].key()).error().code, validation::errc::unregistered_key);
    next.height = before.height;
    EXPECT_EQ(create({before, next}).find(nodes[0].key()).value().vrf_key, before.vrf_key);
    EXPECT_TRUE(create({before, next}).dropped().empty());
    next.height = known_at;
    EXPECT_EQ(create({next}).find(nodes[0].key()).error().code, validation::errc::unregistered_key);
}

TEST_F(Registrations, WhoHasLeftHasNoKey) {
    Registration own = of(0, nodes[0].vrf_key, 5);
    own.leaves = 8;
    EXPECT_TRUE(create({own}).find(nodes[0].key()));
    own.leaves = 7;
    const Validators left = create({own, of(1, nodes[1].vrf_key, 5)});
    EXPECT_EQ(left.find(nodes[0].key()).error().code, validation::errc::unregistered_key);
    EXPECT_EQ(left.unregistered(), std::vector{nodes[0].key()});
    EXPECT_EQ(left.guaranteed(task_of(1), {1, 1}), std::vector{nodes[1].key()});
    // Who leaves registers again, and does not fall back to the registration before.
    Registration leaving = of(0, nodes[0].vrf_key, 900);
    leaving.joins = leaving.leaves = 7;
    EXPECT_FALSE(create({of(0, nodes[0].vrf_key, 5), leaving}).find(nodes[0].key()));
    leaving.joins = leaving.leaves = 8;
    EXPECT_TRUE(create({of(0, nodes[0].vrf_key, 5), leaving}).find(nodes[0].key()));
    // Who never leaves has a key in the last epoch too.
    const Registration forever = of(0, nodes[0].vrf_key, 5);
    EXPECT_TRUE(Validators(make_epoch(UINT64_MAX), table_of(nodes), {&forever, 1}).find(nodes[0].key()));
}

// One key of many nodes makes one draw: k nodes would do the work of one.
class SharedKeys : public testing::Test {
  protected:
    [[nodiscard]] Registration of(std::size_t node, const vrf::SecretKey& key, core::Height height) const {
        return {nodes[node].key(), key.public_key(), height};
    }
    [[nodiscard]] Validators create(const std::vector<Registration>& registrations) const {
        return Validators{make_epoch(), table_of(nodes), registrations};
    }
    /// Of the nodes 1, 2 and 3 only `owner` has the key; the honest nodes 0 and 4 have theirs.
    void expect_owner(std::size_t owner, std::vector<Registration> registrations) const {
        const std::vector<Registration> honest{of(0, nodes[0].vrf_key, 8), of(4, nodes[4].vrf_key, 1)};
        registrations.insert(registrations.end(), honest.begin(), honest.end());
        std::vector<core::NodeId> others;
        for (const std::size_t node : {1u, 2u, 3u}) {
            if (node != owner) others.push_back(nodes[node].key());
        }
        std::sort(others.begin(), others.end());
        for (std::size_t turn = 0; turn < registrations.size(); ++turn) {
            const Validators validators = create(registrations);
            EXPECT_EQ(validators.unregistered(), others);
            EXPECT_EQ(validators.find(nodes[owner].key()).value().vrf_key, shared.public_key());
            std::vector<core::NodeId> dropped;
            for (const Registration& registration : validators.dropped()) {
                EXPECT_EQ(registration.vrf_key, shared.public_key());
                dropped.push_back(registration.node);
            }
            EXPECT_EQ(dropped, others);
            for (const core::NodeId& node : others)
                EXPECT_EQ(validators.find(node).error().code, validation::errc::unregistered_key);
            for (const std::size_t node : {0u, 4u})
                EXPECT_EQ(validators.find(nodes[node].key()).value().vrf_key,
                          nodes[node].vrf_key.public_key());
            std::rotate(registrations.begin(), registrations.begin() + 1, registrations.end());
        }
    }

    std::vector<Node> nodes = make_nodes({5, 6, 7, 8, 9});
    const vrf::SecretKey& shared = nodes[2].vrf_key;
};

TEST_F(SharedKeys, CountForTheNodeThatRegisteredFirst) {
    expect_owner(1, {of(1, shared, 4), of(2, shared, 5), of(3, shared, 6)});
    expect_owner(2, {of(1, shared, 6), of(2, shared, 5), of(3, shared, 6)});
    expect_owner(3, {of(1, shared, 6), of(2, shared, 5), of(3, shared, 0)});
    // In one block for the lesser node.
    const auto key = [&](std::size_t node) { return nodes[node].key(); };
    const std::size_t least = key(1) < key(2) ? (key(1) < key(3) ? 1 : 3) : (key(2) < key(3) ? 2 : 3);
    expect_owner(least, {of(1, shared, 5), of(2, shared, 5), of(3, shared, 5)});
    expect_owner(2, {of(1, shared, 5), of(2, shared, 4), of(3, shared, 5)});
}

TEST_F(SharedKeys, AreThoseThatCount) {
    // Node 1 has changed its key, node 3 registers the key for a later epoch or too late, or has left.
    const std::vector<Registration> changed{of(1, shared, 1), of(1, nodes[1].vrf_key, 2), of(2, shared, 5)};
    Registration third = of(3, shared, 1);
    const auto has_own_key = [&](const Registration& more) {
        std::vector<Registration> registrations = changed;
        registrations.push_back(more);
        const Validators validators = create(registrations);
        EXPECT_EQ(validators.find(nodes[1].key()).value().vrf_key, nodes[1].vrf_key.public_key());
        EXPECT_TRUE(validators.dropped().empty());
        return validators.find(nodes[2].key()).has_value();
    };
    third.joins = 8;
    EXPECT_TRUE(has_own_key(third));
    third.joins = third.leaves = 7;
    EXPECT_TRUE(has_own_key(third));
    EXPECT_TRUE(has_own_key(of(3, shared, make_epoch().known_at())));
    // A node without weight takes no key from anybody.
    const Node stranger{100, 0};
    EXPECT_TRUE(has_own_key({stranger.key(), shared.public_key(), 0}));
}

TEST_F(SharedKeys, MakeNoChecksThatAreExpectedTwice) {
    const Validators validators = create({of(1, shared, 4), of(2, shared, 5), of(3, shared, 6)});
    EXPECT_TRUE(is(expected_checks(validators, filled<core::NodeId>(9), tenth), 6, 350));
    EXPECT_EQ(validators.guaranteed(task_of(1), {1, 1}), std::vector{nodes[1].key()});
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
