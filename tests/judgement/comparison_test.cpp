#include "pouw/judgement/comparison.hpp"

#include "judgement/vector_types.hpp"
#include "random.hpp"

#include "pouw/core/describe.hpp"
#include "pouw/judgement/errc.hpp"
#include "pouw/stats/errc.hpp"

#include <gtest/gtest.h>

namespace pouw::inline v1::judgement {
namespace {

using test::Json;

InferenceRecord record(std::vector<std::uint32_t> tokens, std::vector<Candidate> candidates) {
    return InferenceRecord::create({}, std::move(tokens), std::move(candidates)).value();
}

TEST(Comparison, FindsWhatTheReferenceFinds) {
    const Json vectors = test::load_vectors("judgement/comparisons.json");
    for (const Json& vector : vectors["cases"]) {
        const Json& rules = vector["rules"];
        const auto comparer = Comparer::create({.threshold = rules["threshold"],
                                                .tolerance = {rules["tolerance"][0], rules["tolerance"][1]},
                                                .mismatch_rate = fraction(rules["mismatch_rate"]),
                                                .significance = fraction(rules["significance"])});
        ASSERT_TRUE(comparer);
        const auto executor = record(vector["tokens"], candidates_of(vector["executor"]));
        const auto checker = record(vector["tokens"], candidates_of(vector["checker"]));
        const auto found =
            comparer->compare(executor, checker, Sampler::create(settings_of(vector["settings"])).value());
        ASSERT_TRUE(found) << core::describe(found.error());
        EXPECT_EQ(found->distance.total, test::u64(vector["total"]));
        EXPECT_EQ(found->distance.pairs, test::u64(vector["pairs"]));
        EXPECT_EQ(found->distance.mean(), vector["mean"]);
        EXPECT_EQ(found->inconsistent, vector["inconsistent"]);
        EXPECT_EQ(found->mismatches, vector["mismatches"]);
        EXPECT_EQ(name(found->finding), vector["finding"]);
    }
    EXPECT_GE(vectors["cases"].size(), 124u);
}

TEST(Comparison, DistanceByHand) {
    const auto a = record({1}, {{10000, 1}, {3 * one_nat, 2}});
    EXPECT_EQ(distance(a, a).value(), (Distance{0, 2}));
    EXPECT_EQ(distance(a, record({1}, {{10500, 1}, {3 * one_nat + 7, 2}})).value(), (Distance{507, 2}));
    // Token 3 in place of 2, at the edge: what is known of either is that it lies beyond the other's last.
    EXPECT_EQ(distance(a, record({1}, {{10000, 1}, {3 * one_nat, 3}})).value(), (Distance{0, 3}));
    EXPECT_EQ(distance(a, record({1}, {{10000, 1}, {3 * one_nat - 40, 3}})).value(), (Distance{40, 3}));
    // Nothing in common: both first tokens must have moved behind the other's last.
    EXPECT_EQ(distance(a, record({1}, {{10000, 4}, {3 * one_nat, 5}})).value().total,
              2 * (3 * one_nat - 10000));
    EXPECT_EQ(distance(record({1}, {{0, 1}}), record({1}, {{UINT32_MAX, 1}})).value(),
              (Distance{largest_difference, 1}));
    EXPECT_EQ((Distance{7, 2}).mean(), 4u);
    EXPECT_EQ((Distance{8, 2}).mean(), 4u);
    EXPECT_EQ(Distance{}.mean(), 0u);
}

TEST(Comparison, DistanceIsSymmetricAndBounded) {
    test::Random random{5};
    for (int i = 0; i < 300; ++i) {
        const std::uint32_t count = 1 + random.below(20);
        const auto any = [&] {
            std::vector<Candidate> out;
            std::uint32_t surprisal = 4 * one_nat;
            std::uint32_t token = 0;
            for (std::uint32_t j = 0; j < count; ++j) {
                surprisal += random.below(one_nat);
                token += 1 + random.below(3);
                out.push_back({surprisal, token});
            }
            std::sort(out.begin(), out.end());
            return record({0}, out);
        };
        const auto a = any(), b = any();
        const Distance ab = distance(a, b).value();
        EXPECT_EQ(ab, distance(b, a).value());
        EXPECT_LE(ab.mean(), largest_difference);
        EXPECT_GE(ab.pairs, count);
        EXPECT_LE(ab.pairs, 2 * count);
        EXPECT_EQ(distance(a, a).value().total, 0u);
    }
}

TEST(Comparison, RefusesRecordsOfOtherThings) {
    const auto base = record({1, 2}, {{10000, 1}, {190000, 2}, {10000, 1}, {190000, 2}});
    const auto error = [&](const InferenceRecord& other) { return distance(base, other).error().code; };
    EXPECT_EQ(error(record({1}, {{10000, 1}, {190000, 2}})), judgement::errc::length_mismatch);
    EXPECT_EQ(error(record({1, 2, 3}, std::vector<Candidate>(3, {10000, 1}))),
              judgement::errc::length_mismatch);
    EXPECT_EQ(error(record({1, 2}, {{10000, 1}, {10000, 1}})), judgement::errc::length_mismatch);
    EXPECT_EQ(error(record({1, 3}, {{10000, 1}, {190000, 2}, {10000, 1}, {190000, 2}})),
              judgement::errc::token_mismatch);
    crypto::Hash256 request;
    request.bytes[0] = 1;
    const auto elsewhere = InferenceRecord::create(request, {1}, {{0, 1}}).value();
    EXPECT_EQ(error(elsewhere), judgement::errc::request_mismatch);
    const auto comparer = Comparer::create({.mismatch_rate = {1, 50}, .significance = {1, 1000}}).value();
    const Sampler sampler = Sampler::create({}).value();
    EXPECT_EQ(comparer.compare(base, elsewhere, sampler).error().code, judgement::errc::request_mismatch);
}

// With one candidate at each position every text is what its own record gives. The number of candidates is
// the request's, so that the executor answers for another one.
TEST(Comparison, BlamesTheExecutorForAnotherNumberOfCandidates) {
    const Sampler sampler = Sampler::create({.longest = 1}).value();
    const auto comparer = Comparer::create({.mismatch_rate = {1, 50}, .significance = {1, 1000}}).value();
    const auto checker = record({1}, {{10000, 1}, {190000, 2}});
    for (const auto& executor :
         {record({1}, {{10000, 1}}), record({1}, {{10000, 1}, {190000, 2}, {200000, 3}})}) {
        const auto found = comparer.compare(executor, checker, sampler);
        ASSERT_TRUE(found) << core::describe(found.error());
        EXPECT_EQ(found->finding, Finding::wrong_candidate_count);
        EXPECT_EQ(name(found->finding), "wrong_candidate_count");
        EXPECT_EQ(found->tokens, 1u);
        EXPECT_EQ(found->distance, Distance{});
    }
    // What the checker got wrong is still its own: another text.
    const auto other = record({2}, {{10000, 1}});
    EXPECT_EQ(comparer.compare(other, checker, sampler).error().code, judgement::errc::token_mismatch);
}

TEST(Comparison, ThresholdIsInclusive) {
    const SamplerSettings settings{.temperature = 0, .longest = 1};
    const Sampler sampler = Sampler::create(settings).value();
    const auto executor = record({1}, {{10000, 1}, {190000, 2}});
    const auto checker = record({1}, {{10003, 1}, {190004, 2}});
    const auto finding = [&](std::uint32_t threshold) {
        return Comparer::create({.threshold = threshold,
                                 .tolerance = {},
                                 .mismatch_rate = {1, 50},
                                 .significance = {1, 1000}})
            ->compare(executor, checker, sampler)
            ->finding;
    };
    EXPECT_EQ(finding(4), Finding::accepted);
    EXPECT_EQ(finding(3), Finding::distant);
}

TEST(Comparison, RulesNeedProbabilities) {
    EXPECT_EQ(Comparer::create({.mismatch_rate = {0, 1}, .significance = {1, 2}}).error().code,
              stats::errc::invalid_probability);
    EXPECT_EQ(Comparer::create({.mismatch_rate = {1, 2}, .significance = {1, 1}}).error().code,
              stats::errc::invalid_probability);
}

}  // namespace
}  // namespace pouw::inline v1::judgement
