#include "pouw/judgement/judge.hpp"

#include "judgement/vector_types.hpp"
#include "random.hpp"

#include "pouw/crypto/blake2b.hpp"
#include "pouw/judgement/errc.hpp"
#include "pouw/stats/errc.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace pouw::judgement {
namespace {

using core::Fraction;
using test::Json;

const RunRule run_rule{{1, 20}, {1, 1'000'000}};
const SequentialRule sequential_rule{{1, 20}, {1, 5}, stats::LogarithmLimits{{4, 1}, {4, 1}}};
const CycleRule cycle_rule{{1, 10}, {1, 20}};

Judge judge_of(const JudgementRules& rules) { return Judge::create(rules).value(); }

/// F is a failure.
Tally tally_of(const Judge& judge, std::string_view outcomes) {
    Tally tally;
    for (const char c : outcomes)
        tally = judge.after(tally, c == 'F' ? Outcome::failed : Outcome::passed).value();
    return tally;
}

/// 2^64 times the rate, rounded down.
std::uint64_t scaled(const Fraction& rate) {
    return static_cast<std::uint64_t>((core::uint128{rate.numerator} << 64) / rate.denominator);
}

// Another implementation, at which one looks sequence by sequence: the digest is of all tallies.
TEST(Judgement, HundredThousandSequencesOfTheReference) {
    const Json vector = test::load_vectors("judgement/judgement.json");
    const Judge judge = judge_of({run_rule, sequential_rule, cycle_rule});
    std::array<std::array<std::uint32_t, 4>, 4> grounds{};
    core::Bytes rows;
    const auto sequences = vector["sequences"].get<std::uint64_t>();
    for (std::uint64_t i = 0; i < sequences; ++i) {
        test::Random random{vector["seed"].get<std::uint64_t>() + i};
        const std::uint64_t limit = scaled(fraction(vector["rates"][i % 4]));
        Tally tally;
        for (int step = 0; step < vector["length"] && tally.ground == Ground::none; ++step) {
            tally = judge.after(tally, random.next() < limit ? Outcome::failed : Outcome::passed).value();
        }
        const auto ground = static_cast<std::uint32_t>(judge.conclude(tally));
        ++grounds[i % 4][ground];
        for (const std::uint32_t value :
             {ground, tally.checks, tally.failures, tally.run, tally.sequential_failures,
              tally.sequential_passes, tally.acceptances}) {
            core::append(rows, core::to_le(value));
        }
    }
    EXPECT_EQ(Json(grounds), vector["grounds"]);
    EXPECT_EQ(core::to_hex(crypto::blake2b_256(rows).view()), vector["digest"]);
    EXPECT_EQ(sequences, 100'000u);
}

TEST(Judgement, KnownFigures) {
    EXPECT_EQ(judge_of({run_rule, {}, {}}).run_to_convict(), 5u);
    const Judge sequential = judge_of({{}, sequential_rule, {}});
    EXPECT_EQ(tally_of(sequential, "FF").ground, Ground::none);
    EXPECT_EQ(tally_of(sequential, "FFF").ground, Ground::sequential);
    const Judge downtime =
        judge_of({{}, SequentialRule{{1, 10}, {1, 5}, stats::LogarithmLimits{{4, 1}, {4, 1}}}, {}});
    EXPECT_EQ(tally_of(downtime, "FFFFF").ground, Ground::none);
    EXPECT_EQ(tally_of(downtime, "FFFFFF").ground, Ground::sequential);
}

TEST(Judgement, RunsEndWithAPass) {
    const Judge judge = judge_of({run_rule, {}, {}});
    EXPECT_EQ(tally_of(judge, "FFFF.FFFF.FFFF").ground, Ground::none);
    EXPECT_EQ(tally_of(judge, "FFFF.FFFFF").ground, Ground::run);
    EXPECT_EQ(tally_of(judge, "FFFF.FFFFF").checks, 10u);
}

TEST(Judgement, AnAcceptedNodeStartsAgain) {
    const Judge judge = judge_of({{}, sequential_rule, {}});
    const Tally accepted = tally_of(judge, std::string(24, '.'));
    EXPECT_EQ(accepted.acceptances, 1u);
    EXPECT_EQ(accepted.sequential_passes, 0u);
    EXPECT_EQ(accepted.checks, 24u);
    // However long the node was honest, three failures in a row convict again.
    EXPECT_EQ(tally_of(judge, std::string(240, '.') + "FFF").ground, Ground::sequential);
}

TEST(Judgement, TheCycleIsJudgedAtItsEnd) {
    const Judge judge = judge_of({{}, {}, cycle_rule});
    std::string outcomes(200, '.');
    for (std::size_t i = 0; i < 27; ++i) outcomes[7 * i] = 'F';
    EXPECT_EQ(judge.conclude(tally_of(judge, outcomes)), Ground::none);
    outcomes[199] = 'F';
    const Tally tally = tally_of(judge, outcomes);
    EXPECT_EQ(tally.ground, Ground::none);
    EXPECT_EQ(judge.conclude(tally), Ground::cycle);
    EXPECT_EQ(judge.conclude(Tally{}), Ground::none);
}

TEST(Judgement, ConvictedNodesAreNotJudgedAgain) {
    const Judge judge = judge_of({run_rule, sequential_rule, cycle_rule});
    const Tally convicted = tally_of(judge, "FFF");
    for (const Outcome outcome : {Outcome::passed, Outcome::failed}) {
        EXPECT_EQ(judge.after(convicted, outcome).error().code, judgement::errc::already_convicted);
    }
    EXPECT_EQ(judge.conclude(convicted), Ground::sequential);
    Tally full;
    full.checks = UINT32_MAX;
    EXPECT_EQ(judge.after(full, Outcome::passed).error().code, judgement::errc::too_many_checks);
}

TEST(Judgement, RulesMustMakeSense) {
    const auto error = [](const JudgementRules& rules) { return Judge::create(rules).error().code; };
    EXPECT_EQ(error({}), stats::errc::invalid_test);
    EXPECT_EQ(error({RunRule{{0, 1}, {1, 2}}, {}, {}}), stats::errc::invalid_probability);
    EXPECT_EQ(error({RunRule{{1, 2}, {1, 1}}, {}, {}}), stats::errc::invalid_probability);
    EXPECT_EQ(error({RunRule{{2'000'000'000, 2'000'000'001}, {1, 1'000'000}}, {}, {}}),
              stats::errc::invalid_test);
    EXPECT_EQ(error({{}, SequentialRule{{1, 5}, {1, 20}, stats::LogarithmLimits{{4, 1}, {4, 1}}}, {}}),
              stats::errc::invalid_test);
    EXPECT_EQ(error({{}, SequentialRule{{1, 20}, {1, 5}, stats::ErrorRates{{1, 2}, {1, 2}}}, {}}),
              stats::errc::invalid_test);
    EXPECT_EQ(error({{}, {}, CycleRule{{1, 10}, {0, 1}}}), stats::errc::invalid_probability);
    EXPECT_EQ(error({run_rule, sequential_rule, CycleRule{{1, 1}, {1, 20}}}),
              stats::errc::invalid_probability);
}

}  // namespace
}  // namespace pouw::judgement
