#include "pouw/judgement/judge.hpp"

#include "judgement/vector_types.hpp"
#include "random.hpp"

#include "pouw/crypto/blake2b.hpp"
#include "pouw/judgement/errc.hpp"
#include "pouw/stats/errc.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace pouw::inline v1::judgement {
namespace {

using core::Fraction;
using test::Json;

const RunRule run_rule{{1, 20}, {1, 1'000'000}};
const SequentialRule sequential_rule{{1, 20}, {1, 5}, stats::LogarithmLimits{{4, 1}, {4, 1}}};
const EpochRule epoch_rule{{1, 10}, {1, 20}};

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
    const Judge judge = judge_of({run_rule, sequential_rule, epoch_rule});
    std::array<std::array<std::uint32_t, 4>, 4> rules{};
    core::Bytes rows;
    const auto sequences = vector["sequences"].get<std::uint64_t>();
    for (std::uint64_t i = 0; i < sequences; ++i) {
        test::Random random{vector["seed"].get<std::uint64_t>() + i};
        const std::uint64_t limit = scaled(fraction(vector["rates"][i % 4]));
        Tally tally;
        for (int step = 0; step < vector["length"] && tally.rule == Rule::none; ++step) {
            tally = judge.after(tally, random.next() < limit ? Outcome::failed : Outcome::passed).value();
        }
        const auto rule = static_cast<std::uint32_t>(judge.conclude(tally).rule);
        ++rules[i % 4][rule];
        for (const std::uint32_t value :
             {rule, tally.checks, tally.failures, tally.run, tally.sequential_failures,
              tally.sequential_passes, tally.acceptances}) {
            core::append(rows, core::to_le(value));
        }
    }
    EXPECT_EQ(Json(rules), vector["rules"]);
    EXPECT_EQ(core::to_hex(crypto::blake2b_256(rows).view()), vector["digest"]);
    EXPECT_EQ(sequences, 100'000u);
}

TEST(Judgement, KnownFigures) {
    EXPECT_EQ(judge_of({run_rule, {}, {}}).run_to_convict(), 5u);
    const Judge sequential = judge_of({{}, sequential_rule, {}});
    EXPECT_EQ(tally_of(sequential, "FF").rule, Rule::none);
    EXPECT_EQ(tally_of(sequential, "FFF").rule, Rule::sequential);
    const Judge downtime =
        judge_of({{}, SequentialRule{{1, 10}, {1, 5}, stats::LogarithmLimits{{4, 1}, {4, 1}}}, {}});
    EXPECT_EQ(tally_of(downtime, "FFFFF").rule, Rule::none);
    EXPECT_EQ(tally_of(downtime, "FFFFFF").rule, Rule::sequential);
}

TEST(Judgement, RunsEndWithAPass) {
    const Judge judge = judge_of({run_rule, {}, {}});
    EXPECT_EQ(tally_of(judge, "FFFF.FFFF.FFFF").rule, Rule::none);
    EXPECT_EQ(tally_of(judge, "FFFF.FFFFF").rule, Rule::run);
    EXPECT_EQ(tally_of(judge, "FFFF.FFFFF").checks, 10u);
}

TEST(Judgement, AnAcceptedNodeStartsAgain) {
    const Judge judge = judge_of({{}, sequential_rule, {}});
    const Tally accepted = tally_of(judge, std::string(24, '.'));
    EXPECT_EQ(accepted.acceptances, 1u);
    EXPECT_EQ(accepted.sequential_passes, 0u);
    EXPECT_EQ(accepted.checks, 24u);
    // However long the node was honest, three failures in a row convict again.
    EXPECT_EQ(tally_of(judge, std::string(240, '.') + "FFF").rule, Rule::sequential);
}

TEST(Judgement, TheEpochIsJudgedAtItsEnd) {
    const Judge judge = judge_of({{}, {}, epoch_rule});
    std::string outcomes(200, '.');
    for (std::size_t i = 0; i < 27; ++i) outcomes[7 * i] = 'F';
    EXPECT_EQ(judge.conclude(tally_of(judge, outcomes)).rule, Rule::none);
    outcomes[199] = 'F';
    const Tally tally = tally_of(judge, outcomes);
    EXPECT_EQ(tally.rule, Rule::none);
    EXPECT_EQ(judge.conclude(tally).rule, Rule::epoch);
    EXPECT_EQ(judge.conclude(Tally{}).rule, Rule::none);
}

TEST(Judgement, ConvictedNodesAreNotJudgedAgain) {
    const Judge judge = judge_of({run_rule, sequential_rule, epoch_rule});
    const Tally convicted = tally_of(judge, "FFF");
    for (const Outcome outcome : {Outcome::passed, Outcome::failed}) {
        EXPECT_EQ(judge.after(convicted, outcome).error().code, judgement::errc::already_convicted);
    }
    EXPECT_EQ(judge.conclude(convicted).rule, Rule::sequential);
    Tally full;
    full.checks = UINT32_MAX;
    EXPECT_EQ(judge.after(full, Outcome::passed).error().code, judgement::errc::too_many_checks);
}

// Convictions and the encoding.

const auto node = [] {
    core::NodeId out;
    out.bytes.fill(7);
    return out;
}();

TEST(TallyConviction, OfEveryRule) {
    const Judge judge = judge_of({run_rule, sequential_rule, epoch_rule});
    const Judge at_the_end = judge_of({{}, {}, epoch_rule});
    const Tally by_epoch = at_the_end.conclude(tally_of(at_the_end, "FFFF"));
    for (const Tally& tally :
         {tally_of(judge_of({run_rule, {}, {}}), "FFFFF"), tally_of(judge, "FFF"), by_epoch}) {
        const auto conviction = tally.conviction(node, 12);
        ASSERT_TRUE(conviction);
        EXPECT_EQ(conviction->node, node);
        EXPECT_EQ(conviction->ground, core::Ground::failed_checks);
        EXPECT_EQ(conviction->height, core::Height{12});
        // The evidence is of this node and this record.
        EXPECT_NE(tally.conviction({}, 12)->evidence, conviction->evidence);
        Tally other = tally;
        ++other.checks;
        EXPECT_NE(other.conviction(node, 12)->evidence, conviction->evidence);
    }
    EXPECT_EQ(by_epoch.rule, Rule::epoch);
}

TEST(TallyConviction, OfNobodyWhomNoRuleConvicts) {
    const Judge judge = judge_of({run_rule, sequential_rule, epoch_rule});
    EXPECT_FALSE(Tally{}.conviction(node, 12));
    EXPECT_FALSE(judge.conclude(tally_of(judge, "F....................")).conviction(node, 12));
}

TEST(TallyEncoding, ComesBack) {
    const Judge judge = judge_of({run_rule, sequential_rule, epoch_rule});
    for (const std::string& outcomes : {std::string{}, std::string{"F.F"}, std::string(240, '.') + "FFF"}) {
        const Tally tally = tally_of(judge, outcomes);
        EXPECT_EQ(tally.encode().size(), Tally::size);
        EXPECT_EQ(Tally::decode(tally.encode()).value(), tally);
    }
}

TEST(TallyEncoding, Vectors) {
    const Json vectors = test::load_vectors("judgement/judgement.json");
    ASSERT_EQ(vectors["tallies"].size(), 12u);
    for (const Json& vector : vectors["tallies"]) {
        const core::Bytes bytes = test::bytes(vector["tally"]);
        const Tally tally = Tally::decode(bytes).value();
        EXPECT_EQ(tally.encode(), bytes);
        const auto conviction = tally.conviction(node, 1);
        EXPECT_EQ(conviction ? core::to_hex(conviction->evidence.view()) : "",
                  vector["evidence"].get<std::string>());
    }
}

TEST(TallyEncoding, RefusesWhatIsNone) {
    const core::Bytes good = Tally{10, 3, 1, 2, 4, 1, Rule::run}.encode();
    ASSERT_TRUE(Tally::decode(good));
    const auto with = [&](std::size_t place, std::uint8_t byte) {
        core::Bytes bad = good;
        bad[place] = byte;
        return Tally::decode(bad).error().code;
    };
    EXPECT_EQ(with(0, 2), core::errc::unsupported_version);
    EXPECT_EQ(with(8, 11), core::errc::non_canonical);  // more failures than checks
    EXPECT_EQ(with(12, 4), core::errc::non_canonical);  // a run of more than all failures
    EXPECT_EQ(with(16, 4), core::errc::non_canonical);  // sequential failures that are none
    EXPECT_EQ(with(20, 8), core::errc::non_canonical);  // sequential checks that are none
    EXPECT_EQ(with(28, 4), core::errc::non_canonical);  // an unknown rule
    EXPECT_EQ(Tally::decode(core::Bytes(28)).error().code, core::errc::wrong_length);
    EXPECT_EQ(Tally::decode(core::Bytes(30)).error().code, core::errc::wrong_length);
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
    EXPECT_EQ(error({{}, {}, EpochRule{{1, 10}, {0, 1}}}), stats::errc::invalid_probability);
    EXPECT_EQ(error({run_rule, sequential_rule, EpochRule{{1, 1}, {1, 20}}}),
              stats::errc::invalid_probability);
}

}  // namespace
}  // namespace pouw::inline v1::judgement
