#include "pouw/protocol/clock.hpp"

#include "random.hpp"
#include "vectors.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/protocol/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace pouw::inline v1::protocol {
namespace {

using test::bytes;
using test::fixed;
using test::Json;
using test::load_vectors;
using test::Random;
using test::u64;

/// A Race of 100 blocks every 1,000.
ClockParameters plain() {
    ClockParameters out;
    out.first = 1000;
    out.period = 1000;
    out.race = 100;
    out.submission = 20;
    out.opening = 30;
    out.verification = 50;
    out.ceremony = {.deal = 20, .finality = 10, .reveal = 20};
    out.rounds = 2;
    out.recovery = 30;
    out.head_start = 5;
    out.largest_head_start = {1, 20};
    return out;
}

core::error_code refusal(const ClockParameters& parameters) {
    return RaceClock::create(parameters).error().code;
}

template <typename Change>
ClockParameters with(Change change) {
    ClockParameters out = plain();
    change(out);
    return out;
}

TEST(Clock, HeightsOfAnEpochByHand) {
    const RaceClock clock = RaceClock::create(plain()).value();
    // A deal window and a block for the round that fails; 20 + 10 + 20 + 30 for the one that does not.
    EXPECT_EQ(clock.ceremony_length(), 101u);
    const RaceSchedule at = clock.schedule(3).value();
    EXPECT_EQ(at.epoch, core::Epoch{3});
    EXPECT_EQ(at.seed_ceremony, (CeremonySchedule{2888, 2899, 2929, 3000}));
    EXPECT_EQ(at.seed, core::Height{3000});
    EXPECT_EQ(at.race_end, core::Height{3100});
    EXPECT_EQ(at.commitments_end, core::Height{3120});
    // The first block in which the samples may be known is the 11th after the deadline: ten make it final.
    EXPECT_EQ(at.sample_ceremony, (CeremonySchedule{3090, 3101, 3131, 3202}));
    EXPECT_EQ(at.openings_start, core::Height{3203});
    EXPECT_EQ(at.openings_end, core::Height{3232});
    EXPECT_EQ(at.handover, core::Height{3282});
    EXPECT_EQ(at.activation, core::Height{3283});
    EXPECT_EQ(clock.last_activation(3).value(), core::Height{3888});
    EXPECT_EQ(clock.slack(), 605u);
}

TEST(Clock, RacesAreRegular) {
    const RaceClock clock = RaceClock::create(plain()).value();
    EXPECT_EQ(clock.epoch_of(0), core::Epoch{0});
    EXPECT_EQ(clock.epoch_of(999), core::Epoch{0});
    EXPECT_EQ(clock.epoch_of(1000), core::Epoch{1});
    EXPECT_EQ(clock.epoch_of(1999), core::Epoch{1});
    EXPECT_EQ(clock.epoch_of(2000), core::Epoch{2});
    EXPECT_EQ(clock.next_seed(0), core::Height{1000});
    EXPECT_EQ(clock.next_seed(999), core::Height{1000});
    EXPECT_EQ(clock.next_seed(1000), core::Height{2000});
    EXPECT_EQ(clock.weights_of(0), core::Epoch{0});
    EXPECT_EQ(clock.weights_of(1282), core::Epoch{0});
    EXPECT_EQ(clock.weights_of(1283), core::Epoch{1});
    EXPECT_EQ(clock.weights_of(2282), core::Epoch{1});
    for (std::uint64_t epoch = 1; epoch < 100; ++epoch)
        EXPECT_EQ(clock.schedule(epoch)->seed, core::Height{1000 * epoch});
}

TEST(Clock, RefusesParametersByName) {
    EXPECT_TRUE(RaceClock::create(plain()));
    for (std::uint32_t ClockParameters::*const window :
         {&ClockParameters::race, &ClockParameters::submission, &ClockParameters::opening,
          &ClockParameters::verification, &ClockParameters::recovery, &ClockParameters::head_start}) {
        for (const std::uint32_t value : {0u, beacon::window_limit + 1})
            EXPECT_EQ(refusal(with([&](auto& p) { p.*window = value; })), errc::invalid_window);
    }
    for (std::uint32_t beacon::Windows::*const window : {&beacon::Windows::deal, &beacon::Windows::reveal}) {
        for (const std::uint32_t value : {0u, beacon::window_limit + 1})
            EXPECT_EQ(refusal(with([&](auto& p) { p.ceremony.*window = value; })), errc::invalid_window);
    }
    const auto refuses = [](auto change, core::error_code code) { return refusal(with(change)) == code; };
    EXPECT_TRUE(
        refuses([](auto& p) { p.ceremony.finality = beacon::window_limit + 1; }, errc::invalid_window));
    EXPECT_TRUE(refuses([](auto& p) { p.rounds = 0; }, errc::invalid_window));
    EXPECT_TRUE(refuses([](auto& p) { p.rounds = 65; }, errc::invalid_window));
    EXPECT_TRUE(refuses([](auto& p) { p.period = 0; }, errc::invalid_window));
    EXPECT_TRUE(refuses([](auto& p) { p.period = period_limit + 1; }, errc::invalid_window));
    EXPECT_TRUE(refuses([](auto& p) { p.largest_head_start = {0, 1}; }, errc::invalid_window));
    EXPECT_TRUE(refuses([](auto& p) { p.largest_head_start = {1, 1}; }, errc::invalid_window));
    EXPECT_TRUE(refuses([](auto& p) { p.ceremony.finality = 100; }, errc::unsettled_seed));
    EXPECT_TRUE(refuses([](auto& p) { p.ceremony.deal = 121; }, errc::early_samples));
    EXPECT_TRUE(refuses([](auto& p) { p.period = 394; }, errc::short_period));
    EXPECT_TRUE(refuses([](auto& p) { p.first = 111; }, errc::early_race));
    EXPECT_TRUE(refuses([](auto& p) { p.head_start = 6; }, errc::head_start));
    EXPECT_TRUE(refuses([](auto& p) { p.largest_head_start = {49, 1000}; }, errc::head_start));
    EXPECT_TRUE(refuses([](auto& p) { p.first = last_height + 1; }, core::errc::overflow));
}

TEST(Clock, TakesParametersUpToTheBound) {
    EXPECT_TRUE(RaceClock::create(with([](auto& p) { p.ceremony.finality = 99; })));
    EXPECT_TRUE(RaceClock::create(with([](auto& p) { p.ceremony.deal = 120; })));
    EXPECT_TRUE(RaceClock::create(with([](auto& p) { p.first = 112; })));
    EXPECT_TRUE(RaceClock::create(with([](auto& p) { p.first = last_height; })));
    // From the seed block to the activation 283 blocks, from the freeze to the next one 112.
    const RaceClock tight = RaceClock::create(with([](auto& p) { p.period = 395; })).value();
    EXPECT_EQ(tight.slack(), 0u);
    EXPECT_EQ(tight.schedule(5)->activation, tight.schedule(6)->seed_ceremony.freeze);
}

TEST(Clock, ALateOutputMovesTheRace) {
    const RaceClock clock = RaceClock::create(plain()).value();
    const RaceSchedule plan = clock.schedule(2).value();
    const RaceSchedule late = clock.schedule(2, {.seed = core::Height{2050}}).value();
    EXPECT_EQ(late.seed_ceremony, plan.seed_ceremony);
    EXPECT_EQ(late.seed, core::Height{2050});
    EXPECT_EQ(late.commitments_end, plan.commitments_end + 50);
    EXPECT_EQ(late.sample_ceremony.known_at, plan.sample_ceremony.known_at + 50);
    EXPECT_EQ(late.activation, plan.activation + 50);
    // An output that is there early waits for the hash of the scheduled block.
    EXPECT_EQ(clock.schedule(2, {.seed = plan.seed_ceremony.known_at}).value(), plan);
    EXPECT_EQ(clock.schedule(2, {.samples = plan.sample_ceremony.known_at}).value(), plan);
    const RaceSchedule unopened = clock.schedule(2, {.samples = core::Height{2300}}).value();
    EXPECT_EQ(unopened.commitments_end, plan.commitments_end);
    EXPECT_EQ(unopened.openings_start, core::Height{2301});
    EXPECT_EQ(unopened.activation, core::Height{2381});
}

TEST(Clock, AnEpochWhoseOutputsComeTooLateHasNoRace) {
    const RaceClock clock = RaceClock::create(plain()).value();
    const RaceSchedule plan = clock.schedule(2).value();
    const core::Height seed = plan.seed + clock.slack();
    EXPECT_EQ(clock.schedule(2, {.seed = seed})->activation, clock.last_activation(2).value());
    const auto refuses = [&](const CompletedCeremonies& completed, core::error_code code) {
        return clock.schedule(2, completed).error().code == code;
    };
    EXPECT_TRUE(refuses({.seed = seed + 1}, errc::late_output));
    EXPECT_TRUE(refuses({.samples = plan.sample_ceremony.end + clock.slack() + 1}, errc::late_output));
    EXPECT_TRUE(refuses({.seed = core::Height{UINT64_MAX}}, errc::late_output));
    EXPECT_TRUE(refuses({.samples = last_height + 1}, errc::late_output));
    EXPECT_TRUE(refuses({.seed = core::Height{plan.seed_ceremony.known_at.value - 1}}, errc::early_output));
    EXPECT_TRUE(
        refuses({.samples = core::Height{plan.sample_ceremony.known_at.value - 1}}, errc::early_output));
}

TEST(Clock, GenesisHasNoRaceAndHeightsEnd) {
    const RaceClock clock = RaceClock::create(plain()).value();
    EXPECT_EQ(clock.schedule(0).error().code, errc::no_race);
    EXPECT_EQ(clock.last_activation(0).error().code, errc::no_race);
    const core::Epoch last = clock.epoch_of(last_height).value - 1;
    EXPECT_TRUE(clock.schedule(last));
    EXPECT_EQ(clock.schedule(last + 1).error().code, core::errc::overflow);
    EXPECT_EQ(clock.schedule(UINT64_MAX).error().code, core::errc::overflow);
    EXPECT_DEATH((void)clock.phase(last_height + 1), "last_height");
}

TEST(Clock, DeadlinesAreInclusive) {
    const RaceSchedule at = RaceClock::create(plain())->schedule(1).value();
    EXPECT_EQ(at.admit_commitment(1000).error().code, core::errc::too_early);
    EXPECT_TRUE(at.admit_commitment(1001));
    EXPECT_TRUE(at.admit_commitment(1120));
    EXPECT_EQ(at.admit_commitment(1121).error().code, core::errc::too_late);
    EXPECT_EQ(at.admit_opening(1202).error().code, core::errc::too_early);
    EXPECT_TRUE(at.admit_opening(1203));
    EXPECT_TRUE(at.admit_opening(1232));
    EXPECT_EQ(at.admit_opening(1233).error().code, core::errc::too_late);
}

TEST(Clock, PhasesFollowEachOther) {
    const RaceClock clock = RaceClock::create(plain()).value();
    std::vector<std::pair<std::string_view, std::uint64_t>> changes;
    for (std::uint64_t height = 0; height < 2500; ++height) {
        const std::string_view phase = name(clock.phase(height));
        if (changes.empty() || changes.back().first != phase) changes.emplace_back(phase, height);
    }
    const std::vector<std::pair<std::string_view, std::uint64_t>> expected{
        {"tasks", 0},       {"ceremony", 899},      {"race", 1001},         {"submission", 1101},
        {"sampling", 1121}, {"opening", 1203},      {"verification", 1233}, {"tasks", 1283},
        {"ceremony", 1899}, {"race", 2001},         {"submission", 2101},   {"sampling", 2121},
        {"opening", 2203},  {"verification", 2233}, {"tasks", 2283}};
    EXPECT_EQ(changes, expected);
}

ClockParameters random_parameters(Random& random) {
    const auto size = [&] { return 1 + random.below(random.below(2) == 0 ? 5 : 200); };
    ClockParameters out;
    out.ceremony = {.deal = 0, .finality = random.below(20), .reveal = size()};
    out.race = out.ceremony.finality + size();
    out.submission = size();
    out.ceremony.deal = 1 + random.below(out.race + out.submission);
    out.opening = size();
    out.verification = size();
    out.rounds = 1 + random.below(4);
    out.recovery = size();
    out.head_start = size();
    out.largest_head_start = {random.below(99) + 1, 100};
    out.period = 1 + random.below(6000);
    out.first = random.below(3000);
    return out;
}

// What a chain relies on, for every clock that is accepted and every time at which outputs come.
TEST(Clock, AcceptedClocksKeepTheirPromises) {
    Random random{4};
    int accepted = 0;
    while (accepted < 300) {
        const ClockParameters p = random_parameters(random);
        const auto clock = RaceClock::create(p);
        if (!clock) continue;
        ++accepted;
        const core::Epoch epoch = 1 + random.below64(1000);
        const RaceSchedule plan = clock->schedule(epoch).value();
        const CeremonySchedule next = clock->schedule(epoch + 1)->seed_ceremony;
        CompletedCeremonies completed;
        completed.seed = plan.seed_ceremony.known_at + random.below64(2 * clock->ceremony_length());
        const core::Height seed = std::max(plan.seed, *completed.seed);
        completed.samples =
            plan.sample_ceremony.known_at + (seed - plan.seed) + random.below64(2 * clock->ceremony_length());
        const auto at = clock->schedule(epoch, completed);
        if (!at) {
            EXPECT_EQ(at.error().code, errc::late_output);
            continue;
        }
        // Nobody has the seed before everybody has the output.
        EXPECT_GE(at->seed, *completed.seed);
        // The seed is final before the Race ends, and the commitments before anybody knows the samples.
        EXPECT_GT(at->race_end, at->seed + p.ceremony.finality);
        EXPECT_GT(at->sample_ceremony.known_at, at->commitments_end + p.ceremony.finality);
        EXPECT_GT(at->sample_ceremony.start, at->seed);
        EXPECT_GT(at->openings_start, *completed.samples);
        // Setups are of final blocks, and the weights that they hold are those of the Race before.
        EXPECT_EQ(at->seed_ceremony.start, at->seed_ceremony.freeze + p.ceremony.finality + 1);
        EXPECT_LE(at->activation, next.freeze);
        EXPECT_EQ(at->activation, at->handover + 1);
        EXPECT_EQ(next.freeze, clock->last_activation(epoch).value());
        // The head start is within its bound.
        EXPECT_LE((core::Fraction{p.head_start, p.race}), p.largest_head_start);
    }
}

TEST(Clock, PhasesPartitionTheHeights) {
    Random random{5};
    for (int clocks = 0; clocks < 20;) {
        ClockParameters p = random_parameters(random);
        p.period = 1 + random.below(2000);
        const auto clock = RaceClock::create(p);
        if (!clock) continue;
        ++clocks;
        core::Epoch weights = 0;
        for (core::Height height = 0; height < p.first + 3 * p.period; ++height) {
            const core::Epoch epoch = clock->epoch_of(height);
            EXPECT_EQ(clock->next_seed(height), p.first + epoch.value * p.period);
            if (epoch != core::Epoch{0}) {
                const RaceSchedule at = clock->schedule(epoch).value();
                if (height == at.activation) ++weights;
                EXPECT_TRUE(at.phase(height) == Phase::tasks || at.phase(height) == clock->phase(height));
                EXPECT_EQ(at.admit_opening(height).has_value(), at.phase(height) == Phase::opening);
                EXPECT_EQ(at.admit_commitment(height).has_value(),
                          at.phase(height) == Phase::race || at.phase(height) == Phase::submission);
            }
            EXPECT_EQ(clock->weights_of(height), weights);
        }
        EXPECT_EQ(weights, core::Epoch{3});
    }
}

// The heights are those of the ceremony itself.
TEST(Clock, CeremoniesFitTheBeacon) {
    const RaceClock clock = RaceClock::create(plain()).value();
    const CeremonySchedule plan = clock.schedule(4)->seed_ceremony;
    const core::ChainId chain{"clock"};
    std::vector<beacon::Holder<beacon::Ristretto255>> holders;
    for (int i = 0; i < 4; ++i) {
        const crypto::MasterSeed master = crypto::generate_master_seed();
        const core::NodeId node = crypto::SigningKey::derive(master).public_key();
        holders.push_back(beacon::Participant<beacon::Ristretto255>::derive(master, node).holder(chain, 1));
    }
    beacon::Parameters parameters;
    parameters.windows = clock.parameters().ceremony;
    const auto setup =
        beacon::Setup<beacon::Ristretto255>::create({chain, 4, 0, plan.start}, parameters, holders).value();
    EXPECT_EQ(setup->deal_start(), plan.start);
    EXPECT_EQ(setup->reveal_start(), plan.known_at);
    // Nobody deals in the first round, everybody in the second one.
    beacon::Ceremony<beacon::Ristretto255> first{setup};
    first.advance(setup->finality_start());
    ASSERT_EQ(first.phase(), beacon::Phase::abandoned);
    const core::Height second = plan.start + plain().ceremony.deal + 1;
    const auto again = first.next_round(second).value();
    EXPECT_EQ(again->recovery_start() + plain().recovery, plan.end);
}

TEST(RaceSeed, NeedsOutputAndHash) {
    const RaceClock clock = RaceClock::create(plain()).value();
    const core::ChainId chain{"clock"};
    core::BlockHash block;
    block.bytes.fill(3);
    const beacon::Output output{{}, 2929, 2950};
    const auto seed = clock.race_seed(chain, 3, output, 3000, block).value();
    EXPECT_EQ(seed, pow::race_seed({chain, 3000, block, output.value}));
    core::BlockHash other = block;
    other.bytes[0] ^= 1;
    EXPECT_NE(clock.race_seed(chain, 3, output, 3000, other).value(), seed);
    beacon::Output another = output;
    another.value.bytes[0] ^= 1;
    EXPECT_NE(clock.race_seed(chain, 3, another, 3000, block).value(), seed);
}

TEST(RaceSeed, TheSeedBlockIsNotBelowTheOutput) {
    const RaceClock clock = RaceClock::create(plain()).value();
    const auto seed = [&](const beacon::Output& output, core::Height height) {
        return clock.race_seed("clock", 3, output, height, {});
    };
    // A dealer that withholds its reveal knows the output from 2929 on; it was recovered in 3010.
    const beacon::Output late{{}, 2929, 3010};
    for (core::Height height = 2929; height < 3010; ++height)
        EXPECT_EQ(seed(late, height).error().code, errc::other_seed_block);
    EXPECT_TRUE(seed(late, 3010));
    EXPECT_EQ(seed(late, 3011).error().code, errc::other_seed_block);
    EXPECT_EQ(seed({{}, 2929, 2999}, 2999).error().code, errc::other_seed_block);
    EXPECT_EQ(seed({{}, 2928, 2999}, 3000).error().code, errc::early_output);
    EXPECT_EQ(seed({{}, 1929, 1999}, 3000).error().code, errc::early_output);
    EXPECT_EQ(seed({{}, 2929, 3000 + clock.slack() + 1}, 3000).error().code, errc::late_output);
    EXPECT_EQ(clock.race_seed("clock", 0, late, 3010, {}).error().code, errc::no_race);
}

/// The expected number of solutions under the best of `candidates` seeds, each searched with an equal part of
/// `evaluations`, where one evaluation in 900 is a solution.
double kept_under_the_best(int candidates, int evaluations) {
    const int each = evaluations / candidates;
    const double rate = 1.0 / 900;
    double probability = std::pow(1 - rate, each);  // of exactly `found` solutions under one seed
    double at_most = probability;
    double sum = 0;
    for (int found = 0; found < each; ++found) {
        sum += 1 - std::pow(at_most, candidates);  // the chance of more than `found` under the best
        probability *= (each - found) * rate / ((found + 1) * (1 - rate));
        at_most = std::min(1.0, at_most + probability);
    }
    return sum;
}

// Who makes the seed block knows its hash first and can choose among blocks. To know which is better it must
// search under each.
TEST(RaceSeed, ChoosingAmongHashesGainsNothing) {
    for (const int evaluations : {900, 9'000, 90'000}) {
        double before = kept_under_the_best(1, evaluations);
        EXPECT_NEAR(before, evaluations / 900.0, 1e-6);
        for (const int candidates : {2, 4, 10, 50}) {
            const double kept = kept_under_the_best(candidates, evaluations);
            EXPECT_LT(kept, before);
            before = kept;
        }
    }
}

// Vectors

ClockParameters parameters_of(const Json& json) {
    const auto number = [&](const char* key) { return static_cast<std::uint32_t>(u64(json[key])); };
    ClockParameters out;
    out.first = u64(json["first"]);
    out.period = u64(json["period"]);
    out.race = number("race");
    out.submission = number("submission");
    out.opening = number("opening");
    out.verification = number("verification");
    out.ceremony = {number("deal"), number("finality"), number("reveal")};
    out.rounds = number("rounds");
    out.recovery = number("recovery");
    out.head_start = number("head_start");
    out.largest_head_start = test::fraction(json["largest_head_start"]);
    return out;
}

CeremonySchedule ceremony_of(const Json& json) {
    return {u64(json["freeze"]), u64(json["start"]), u64(json["known_at"]), u64(json["end"])};
}

RaceSchedule schedule_of(core::Epoch epoch, const Json& json) {
    return {epoch,
            ceremony_of(json["seed_ceremony"]),
            u64(json["seed"]),
            u64(json["race_end"]),
            u64(json["commitments_end"]),
            ceremony_of(json["sample_ceremony"]),
            u64(json["openings_start"]),
            u64(json["openings_end"]),
            u64(json["handover"]),
            u64(json["activation"])};
}

TEST(ClockVectors, Clocks) {
    const Json file = load_vectors("protocol/clock.json");
    ASSERT_GE(file["clocks"].size(), 15u);
    for (const Json& vector : file["clocks"]) {
        const auto clock = RaceClock::create(parameters_of(vector["parameters"]));
        ASSERT_TRUE(clock) << vector["parameters"];
        EXPECT_EQ(clock->ceremony_length(), u64(vector["ceremony_length"]));
        EXPECT_EQ(clock->slack(), u64(vector["slack"]));
        for (const Json& block : vector["blocks"]) {
            const core::Height height = u64(block["height"]);
            EXPECT_EQ(clock->epoch_of(height), core::Epoch{u64(block["epoch"])}) << block;
            EXPECT_EQ(clock->next_seed(height), core::Height{u64(block["next_seed"])}) << block;
            EXPECT_EQ(clock->weights_of(height), core::Epoch{u64(block["weights"])}) << block;
            EXPECT_EQ(name(clock->phase(height)), block["phase"].get<std::string>()) << block;
        }
        for (const Json& entry : vector["schedules"]) {
            const core::Epoch epoch = u64(entry["epoch"]);
            CompletedCeremonies completed;
            if (entry.contains("seed_at")) completed.seed = u64(entry["seed_at"]);
            if (entry.contains("samples_at")) completed.samples = u64(entry["samples_at"]);
            const auto at = clock->schedule(epoch, completed);
            if (entry.contains("error")) {
                ASSERT_FALSE(at) << entry;
                EXPECT_EQ(at.error().code.name(), entry["error"].get<std::string>()) << entry;
            } else {
                ASSERT_TRUE(at) << entry;
                EXPECT_EQ(*at, schedule_of(epoch, entry["heights"])) << entry;
                EXPECT_EQ(clock->last_activation(epoch)->value, u64(entry["last_activation"]));
            }
        }
    }
}

TEST(ClockVectors, RefusedClocks) {
    const Json file = load_vectors("protocol/clock.json");
    ASSERT_GE(file["bad"].size(), 30u);
    for (const Json& vector : file["bad"]) {
        EXPECT_EQ(refusal(parameters_of(vector["parameters"])).name(), vector["error"].get<std::string>())
            << vector;
    }
}

TEST(ClockVectors, Seeds) {
    const Json file = load_vectors("protocol/clock.json");
    const core::ChainId chain{core::ByteView{bytes(file["chain_id"])}};
    const RaceClock clock = RaceClock::create(parameters_of(file["clocks"][0]["parameters"])).value();
    ASSERT_GE(file["seeds"].size(), 8u);
    for (const Json& vector : file["seeds"]) {
        const beacon::Output output{fixed<core::BeaconOutput>(vector["output"]), u64(vector["known_at"]),
                                    u64(vector["complete_at"])};
        const auto seed = clock.race_seed(chain, u64(vector["epoch"]), output, u64(vector["height"]),
                                          fixed<core::BlockHash>(vector["block"]));
        if (vector.contains("error")) {
            EXPECT_EQ(seed.error().code.name(), vector["error"].get<std::string>()) << vector;
        } else {
            EXPECT_EQ(seed.value(), fixed<pow::RaceSeed>(vector["race_seed"])) << vector;
        }
    }
}

}  // namespace
}  // namespace pouw::inline v1::protocol
