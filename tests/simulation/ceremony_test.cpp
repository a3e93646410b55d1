// Bias: the strongest withholding coalition below the bound moves naive commit-reveal and leaves the ceremony
// alone.
#include "beacon/ceremony_impl.hpp"
#include "beacon/toy_group.hpp"
#include "simulation/ceremony_impl.hpp"

#include "pouw/core/describe.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <numeric>
#include <string>

namespace pouw::inline v1::simulation {
namespace {

using beacon::Misbehaviour;
using beacon::Ristretto255;
using beacon::toy::ToyGroup;

/// Distance of a count of fair coins from its mean, in standard deviations.
double sigmas(std::uint64_t ones, std::uint64_t tosses) {
    const auto n = static_cast<double>(tosses);
    return (2 * static_cast<double>(ones) - n) / std::sqrt(n);
}

struct Tally {
    std::uint64_t outputs = 0;
    std::array<std::uint64_t, 256> ones{};
    std::uint64_t naive_suits = 0;
    std::uint64_t repeated = 0;
    std::uint64_t differing = 0;

    void add(const SimulatedCeremony& ceremony) {
        repeated += ceremony.repeated;
        differing += ceremony.differing;
        if (!ceremony.output) return;
        ++outputs;
        for (std::size_t bit = 0; bit < ones.size(); ++bit)
            ones[bit] += (std::uint32_t{ceremony.output->bytes[bit / 8]} >> (bit % 8)) & 1u;
        naive_suits += detail::suits(ceremony.naive_output);
    }
};

/// Networks of 3 to 7 dealers and up to 16 tickets; as many nodes in the coalition as the bound allows.
CeremonyScenario random_scenario(std::uint64_t seed, CeremonyStrategy strategy) {
    detail::Chance chance{seed, 0};
    CeremonyScenario scenario;
    scenario.seed = seed;
    scenario.strategy = strategy;
    scenario.parameters.tickets.maximum_tickets = 16;
    const std::uint64_t count = 3 + chance.below(5);
    std::uint64_t total = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        scenario.weights.push_back(10 + chance.below(20));
        total += scenario.weights.back();
    }
    scenario.coalition.assign(count, false);
    std::uint64_t adversary = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        if (5 * (adversary + scenario.weights[i]) > 2 * total) continue;
        scenario.coalition[i] = true;
        adversary += scenario.weights[i];
    }
    return scenario;
}

template <typename G>
Tally run_many(std::uint64_t ceremonies, std::uint64_t per_network, CeremonyStrategy strategy) {
    Tally tally;
    for (std::uint64_t done = 0, seed = 1; done < ceremonies; ++seed) {
        auto simulation = CeremonySimulation<G>::create(random_scenario(seed, strategy));
        EXPECT_TRUE(simulation) << core::describe(simulation.error());
        EXPECT_LE(simulation->setup().tickets().total, 16u);
        for (std::uint64_t epoch = 0; epoch < per_network && done < ceremonies; ++epoch, ++done) {
            tally.add(simulation->run(epoch));
        }
    }
    return tally;
}

void expect_unbiased(const Tally& tally, std::uint64_t ceremonies) {
    EXPECT_EQ(tally.outputs, ceremonies);
    EXPECT_EQ(tally.repeated, ceremonies);
    EXPECT_EQ(tally.differing, 0u);
    for (std::size_t bit = 0; bit < tally.ones.size(); ++bit) {
        EXPECT_LT(std::abs(sigmas(tally.ones[bit], tally.outputs)), 4.0) << bit;
    }
}

TEST(Bias, TenThousandCeremoniesAreUnbiasedAndTheNaiveControlIsNot) {
    const Tally tally = run_many<ToyGroup>(10000, 100, CeremonyStrategy::withhold);
    expect_unbiased(tally, 10000);
    EXPECT_GT(sigmas(tally.naive_suits, tally.outputs), 20.0);
}

// The same in ristretto255; the full ten thousand take minutes and run where POUW_LONG is set.
TEST(Bias, CeremoniesInRistrettoAreUnbiasedToo) {
    const bool is_long = std::getenv("POUW_LONG") != nullptr;
    const std::uint64_t ceremonies = is_long ? 10000 : 100;
    const Tally tally = run_many<Ristretto255>(ceremonies, 20, CeremonyStrategy::withhold);
    expect_unbiased(tally, ceremonies);
    EXPECT_GT(sigmas(tally.naive_suits, tally.outputs), is_long ? 20.0 : 2.0);
}

TEST(CeremonySimulation, EveryStrategyBelowTheBoundEndsWithTheValue) {
    for (std::size_t i = 0; i < ceremony_strategy_names.size(); ++i) {
        const auto strategy = ceremony_strategy_from(ceremony_strategy_names[i]);
        ASSERT_EQ(strategy, static_cast<CeremonyStrategy>(i));
        const Tally tally = run_many<ToyGroup>(50, 5, *strategy);
        EXPECT_EQ(tally.outputs, 50u) << ceremony_strategy_names[i];
        EXPECT_EQ(tally.differing, 0u) << ceremony_strategy_names[i];
    }
    EXPECT_FALSE(ceremony_strategy_from("none"));
}

/// A coalition as heavy as the bound allows, taken from the nodes in this order.
std::vector<bool> coalition_within(const std::vector<std::uint64_t>& weights,
                                   const std::vector<std::size_t>& order, beacon::WideWeight bound) {
    std::vector<bool> coalition(weights.size(), false);
    for (const std::size_t i : order) {
        if (weights[i] > bound) continue;
        bound -= weights[i];
        coalition[i] = true;
    }
    return coalition;
}

/// Every strategy of the coalition ends with an output, the honest one included.
void expect_completion(const CeremonyScenario& scenario) {
    for (std::size_t strategy = 0; strategy < ceremony_strategy_names.size(); ++strategy) {
        CeremonyScenario chosen = scenario;
        chosen.strategy = static_cast<CeremonyStrategy>(strategy);
        const auto simulation = CeremonySimulation<ToyGroup>::create(chosen);
        ASSERT_TRUE(simulation) << core::describe(simulation.error());
        const SimulatedCeremony ceremony = simulation->run(1);
        ASSERT_TRUE(ceremony.output) << ceremony_strategy_names[strategy] << ", weights "
                                     << testing::PrintToString(scenario.weights) << ", coalition "
                                     << testing::PrintToString(scenario.coalition);
        ASSERT_EQ(ceremony.differing, 0u);
    }
}

// All weights of up to seven nodes, with limits that suffice and with limits that cut.
TEST(CeremonySimulation, EveryDistributionCompletesUpToItsBound) {
    const std::uint64_t heaviest = std::getenv("POUW_LONG") != nullptr ? 4 : 2;
    std::vector<std::uint64_t> weights(7, 0);
    weights[0] = 1;
    std::vector<std::size_t> heaviest_first(weights.size());
    std::iota(heaviest_first.begin(), heaviest_first.end(), std::size_t{0});
    const std::vector<std::size_t> lightest_first{heaviest_first.rbegin(), heaviest_first.rend()};
    std::uint32_t distributions = 0;
    while (!HasFatalFailure()) {
        ++distributions;
        for (const auto& [tickets, dealers] : {std::pair{512u, 64u}, {4u, 3u}}) {
            CeremonyScenario scenario;
            scenario.weights = weights;
            scenario.coalition.assign(weights.size(), false);
            scenario.repetitions = 0;
            scenario.bad_registrants = distributions % 5;
            scenario.parameters.tickets = {{2, 5}, tickets, 1, {0, 1}};
            scenario.parameters.maximum_dealers = dealers;
            const auto alone = CeremonySimulation<ToyGroup>::create(scenario);
            ASSERT_TRUE(alone) << core::describe(alone.error());
            const beacon::WideWeight bound = alone->setup().bound().both();
            for (const auto& order : {heaviest_first, lightest_first}) {
                scenario.coalition = coalition_within(weights, order, bound);
                expect_completion(scenario);
            }
        }
        const auto next = std::find_if(weights.rbegin(), weights.rend(), [&](const auto& weight) {
            return weight < (&weight == weights.data() ? heaviest : *(&weight - 1));
        });
        if (next == weights.rend()) break;
        ++*next;
        std::fill(weights.rbegin(), next, 0);
    }
    EXPECT_EQ(distributions, heaviest == 2 ? 35u : 329u);
}

// A coalition that spreads itself over many keys, among honest nodes and bad registrants, within the bound
// that is then stated.
TEST(CeremonySimulation, SybilsAndBadRegistrantsDoNotPreventTheOutput) {
    std::uint32_t played = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        detail::Chance chance{seed, 1};
        CeremonyScenario scenario;
        scenario.seed = seed;
        scenario.repetitions = 0;
        scenario.bad_registrants = 8;
        scenario.parameters.tickets = {{2, 5}, 24, 4, {0, 1}};
        scenario.parameters.maximum_dealers = 10;
        for (std::uint64_t i = 0, honest = 8 + chance.below(10); i < honest; ++i)
            scenario.weights.push_back(seed % 2 == 0 ? 1000 : 500 + chance.below(1000));
        const std::uint64_t honest_weight =
            std::accumulate(scenario.weights.begin(), scenario.weights.end(), std::uint64_t{0});
        scenario.coalition.assign(scenario.weights.size(), false);
        scenario.weights.push_back(honest_weight * (5 + chance.below(20)) / 100);
        scenario.coalition.push_back(true);
        const CeremonyScenario split =
            split_coalition(scenario, 1 + static_cast<std::uint32_t>(chance.below(60)));
        const auto simulation = CeremonySimulation<ToyGroup>::create(split);
        ASSERT_TRUE(simulation) << core::describe(simulation.error());
        EXPECT_TRUE(simulation->setup().tickets().total_weight == honest_weight + scenario.weights.back());
        if (scenario.weights.back() > simulation->setup().bound().both()) continue;
        ++played;
        expect_completion(split);
        if (HasFatalFailure()) return;
    }
    EXPECT_GE(played, 15u);
}

TEST(CeremonySimulation, StrategiesAfterDealingDoNotChangeTheValue) {
    for (std::uint64_t seed = 1; seed < 10; ++seed) {
        const auto value = [&](CeremonyStrategy strategy) {
            return CeremonySimulation<ToyGroup>::create(random_scenario(seed, strategy))
                ->run(3)
                .output.value();
        };
        const core::BeaconOutput expected = value(CeremonyStrategy::honest);
        for (const CeremonyStrategy strategy : {CeremonyStrategy::withhold, CeremonyStrategy::silent,
                                                CeremonyStrategy::equivocate, CeremonyStrategy::lie}) {
            EXPECT_EQ(value(strategy), expected);
        }
    }
}

TEST(CeremonySimulation, MisbehaviourIsConvicted) {
    for (const auto& [strategy, kind] : {std::pair{CeremonyStrategy::equivocate, Misbehaviour::equivocation},
                                         std::pair{CeremonyStrategy::lie, Misbehaviour::false_reveal}}) {
        CeremonyScenario scenario;
        scenario.weights = {1, 1, 1, 1, 1};
        scenario.coalition = {true, false, true, false, false};
        scenario.strategy = strategy;
        const auto simulation = CeremonySimulation<ToyGroup>::create(scenario);
        ASSERT_TRUE(simulation);
        EXPECT_EQ(simulation->run(0).convictions.at(static_cast<std::size_t>(kind)), 2u);
    }
}

TEST(CeremonySimulation, AboveTheBoundTheSilentStallAndNothingElse) {
    CeremonyScenario scenario;
    scenario.weights = {1, 1, 1, 1, 1};
    scenario.coalition = {true, true, true, false, false};
    scenario.strategy = CeremonyStrategy::silent;
    const auto simulation = CeremonySimulation<ToyGroup>::create(scenario);
    ASSERT_TRUE(simulation);
    for (std::uint64_t epoch = 0; epoch < 20; ++epoch) EXPECT_FALSE(simulation->run(epoch).output);
    scenario.strategy = CeremonyStrategy::absent;
    EXPECT_TRUE(CeremonySimulation<ToyGroup>::create(scenario)->run(0).abandoned);
}

}  // namespace
}  // namespace pouw::inline v1::simulation
