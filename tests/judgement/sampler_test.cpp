#include "pouw/judgement/sampler.hpp"

#include "judgement/vector_types.hpp"

#include "pouw/judgement/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace pouw::inline v1::judgement {
namespace {

using test::Json;

Sampler sampler_of(const SamplerSettings& settings) { return Sampler::create(settings).value(); }

SamplerSettings plain() { return {}; }

// 1/2, 1/4, 1/8, 1/8 of tokens 30, 10, 20, 40.
const std::vector<Candidate> halves{{45426, 30}, {90852, 10}, {136278, 20}, {136278, 40}};

TEST(Sampler, DrawsWhatTheReferenceDraws) {
    const Json vectors = test::load_vectors("judgement/draws.json");
    for (const Json& vector : vectors["cases"]) {
        const Sampler sampler = sampler_of(settings_of(vector["settings"]));
        const auto candidates = candidates_of(vector["candidates"]);
        const auto position = vector["position"].get<std::uint32_t>();
        EXPECT_EQ(sampler.draw(position, candidates), vector["token"]) << vector.dump();
        const SamplingTolerance tolerance{vector["tolerance"][0], vector["tolerance"][1]};
        std::vector<std::uint32_t> tokens{UINT32_MAX};
        for (const Candidate& candidate : candidates) tokens.push_back(candidate.token);
        for (const std::uint32_t token : tokens) {
            const bool could = std::count(vector["could"].begin(), vector["could"].end(), token) != 0;
            EXPECT_EQ(sampler.could_draw(position, candidates, token, tolerance), could)
                << token << vector.dump();
        }
    }
    EXPECT_GE(vectors["cases"].size(), 400u);
}

TEST(Sampler, FrequenciesAreTheProbabilities) {
    const Sampler sampler = sampler_of(plain());
    std::map<std::uint32_t, int> counts;
    constexpr int draws = 80'000;
    for (std::uint32_t i = 0; i < draws; ++i) ++counts[sampler.draw(i, halves)];
    // Six standard deviations.
    EXPECT_NEAR(counts[30], draws / 2, 6 * 142);
    EXPECT_NEAR(counts[10], draws / 4, 6 * 123);
    EXPECT_NEAR(counts[20], draws / 8, 6 * 94);
    EXPECT_NEAR(counts[40], draws / 8, 6 * 94);
}

TEST(Sampler, CutsOffWhatSettingsCutOff) {
    const auto tokens_of = [](const SamplerSettings& settings) {
        std::map<std::uint32_t, int> counts;
        for (std::uint32_t i = 0; i < 1000; ++i) ++counts[sampler_of(settings).draw(i, halves)];
        std::vector<std::uint32_t> out;
        for (const auto& [token, count] : counts) out.push_back(token);
        return out;
    };
    using Tokens = std::vector<std::uint32_t>;
    SamplerSettings settings = plain();
    EXPECT_EQ(tokens_of(settings), (Tokens{10, 20, 30, 40}));
    settings.top_k = 3;
    EXPECT_EQ(tokens_of(settings), (Tokens{10, 20, 30}));
    settings.top_k = 1;
    EXPECT_EQ(tokens_of(settings), (Tokens{30}));
    settings = plain();
    settings.top_p = 740'000;
    EXPECT_EQ(tokens_of(settings), (Tokens{10, 30}));
    settings.top_p = 1;
    EXPECT_EQ(tokens_of(settings), (Tokens{30}));
    settings = plain();
    settings.temperature = 0;
    EXPECT_EQ(tokens_of(settings), (Tokens{30}));
    settings.temperature = 1;  // cold: e^-45426 is nothing
    EXPECT_EQ(tokens_of(settings), (Tokens{30}));
}

TEST(Sampler, SeedAndPositionDecide) {
    SamplerSettings other = plain();
    other.seed.bytes[31] = 1;
    int differences = 0;
    for (std::uint32_t i = 0; i < 100; ++i) {
        differences += sampler_of(plain()).draw(i, halves) != sampler_of(other).draw(i, halves);
        EXPECT_EQ(sampler_of(other).draw(i, halves), sampler_of(other).draw(i, halves));
    }
    EXPECT_GT(differences, 30);
}

TEST(Sampler, ToleranceIsADistanceInTheDistribution) {
    const Sampler sampler = sampler_of(plain());
    for (std::uint32_t i = 0; i < 200; ++i) {
        const std::uint32_t drawn = sampler.draw(i, halves);
        std::size_t exact = 0, near = 0, all = 0;
        for (const Candidate& candidate : halves) {
            exact += sampler.could_draw(i, halves, candidate.token, {});
            near += sampler.could_draw(i, halves, candidate.token, {.mass = 10'000});
            all += sampler.could_draw(i, halves, candidate.token, {.mass = 1'000'000});
        }
        EXPECT_EQ(exact, 1u);
        EXPECT_TRUE(sampler.could_draw(i, halves, drawn, {}));
        EXPECT_LE(near, 2u);
        EXPECT_EQ(all, 4u);
        EXPECT_FALSE(sampler.could_draw(i, halves, 31, {.mass = 1'000'000}));
    }
}

TEST(Sampler, GreedyToleratesTheRunnerUp) {
    SamplerSettings settings = plain();
    settings.temperature = 0;
    const Sampler sampler = sampler_of(settings);
    const std::vector<Candidate> close{{50'000, 9}, {50'100, 3}, {60'000, 4}};
    EXPECT_TRUE(sampler.could_draw(0, close, 9, {}));
    EXPECT_FALSE(sampler.could_draw(0, close, 3, {.mass = 1'000'000}));
    EXPECT_FALSE(sampler.could_draw(0, close, 3, {.surprisal = 99}));
    EXPECT_TRUE(sampler.could_draw(0, close, 3, {.surprisal = 100}));
    EXPECT_FALSE(sampler.could_draw(0, close, 4, {.surprisal = 100}));
    EXPECT_FALSE(sampler.could_draw(0, close, 5, {.surprisal = UINT32_MAX}));
}

TEST(Sampler, TextsEndWhereTheyMust) {
    using Tokens = std::vector<std::uint32_t>;
    SamplerSettings settings = plain();
    settings.longest = 3;
    EXPECT_TRUE(sampler_of(settings).ends(Tokens{1, 2, 3}));
    EXPECT_FALSE(sampler_of(settings).ends(Tokens{1, 2}));
    EXPECT_FALSE(sampler_of(settings).ends(Tokens{1, 2, 3, 4}));
    settings.end_token = 9;
    EXPECT_TRUE(sampler_of(settings).ends(Tokens{1, 2, 3}));
    EXPECT_TRUE(sampler_of(settings).ends(Tokens{9}));
    EXPECT_TRUE(sampler_of(settings).ends(Tokens{1, 2, 9}));
    EXPECT_FALSE(sampler_of(settings).ends(Tokens{1, 2}));
    EXPECT_FALSE(sampler_of(settings).ends(Tokens{9, 2}));
    EXPECT_FALSE(sampler_of(settings).ends(Tokens{1, 9, 9}));
    EXPECT_FALSE(sampler_of(settings).ends(Tokens{}));
}

TEST(Sampler, RefusesNonsense) {
    const auto refused = [](auto change) {
        SamplerSettings settings = plain();
        change(settings);
        return Sampler::create(settings).error().code == judgement::errc::invalid_sampling;
    };
    EXPECT_TRUE(refused([](SamplerSettings& s) { s.top_k = 0; }));
    EXPECT_TRUE(refused([](SamplerSettings& s) { s.top_p = 0; }));
    EXPECT_TRUE(refused([](SamplerSettings& s) { s.top_p = 1'000'001; }));
    EXPECT_TRUE(refused([](SamplerSettings& s) { s.longest = 0; }));
    EXPECT_TRUE(refused([](SamplerSettings& s) { s.longest = InferenceRecord::longest + 1; }));
}

}  // namespace
}  // namespace pouw::inline v1::judgement
