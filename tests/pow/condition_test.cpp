#include "pouw/pow/condition.hpp"

#include "support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace pouw::inline v1::pow {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

InputSeed seed_of(const ModelConfig& config, std::uint64_t nonce) {
    return input_seed(race_key(test::check_race_seed(), model_id(config)), test::check_node_seed(), nonce);
}

WeightsKey weights_key_of(const ModelConfig& config) {
    return weights_key(race_key(test::check_race_seed(), model_id(config)));
}

TEST(Input, CheckValues) {
    const ModelConfig config = test::preset("tiny");
    const Input input = make_input(config, seed_of(config, 0));
    EXPECT_THAT(input.tokens, ElementsAre(42, 24, 206, 217));
    EXPECT_EQ(input.noise.size(), 4u * 128);
    EXPECT_THAT((std::vector<int>{input.noise.begin(), input.noise.begin() + 8}),
                ElementsAre(-47, 3, 81, 122, -81, -25, 127, -24));
}

TEST(Input, TokensAreInTheVocabularyAndNoiseIsSymmetric) {
    ModelConfig config = test::preset("tiny");
    config.sequence_length = 512;
    for (const std::uint32_t vocab_size : {1u, 2u, 1u << 24}) {
        config.vocab_size = vocab_size;
        const Input input = make_input(config, seed_of(config, 7));
        for (const std::uint32_t token : input.tokens) EXPECT_LT(token, vocab_size);
        EXPECT_EQ(std::count(input.noise.begin(), input.noise.end(), -128), 0);
        EXPECT_NE(std::count(input.noise.begin(), input.noise.end(), -127), 0);
    }
}

TEST(Shuffle, IsAPermutation) {
    std::array<std::uint8_t, 32> key{};
    for (const std::uint32_t size : {0u, 1u, 2u, 64u, 512u, 8192u}) {
        for (std::uint8_t i = 0; i < 8; ++i) {
            key[31] = i;
            std::vector<std::uint32_t> p = shuffle(key, i, size);
            std::sort(p.begin(), p.end());
            std::vector<std::uint32_t> all(size);
            std::iota(all.begin(), all.end(), 0u);
            EXPECT_EQ(p, all);
        }
    }
}

TEST(Shuffle, PutsEveryNumberEverywhere) {
    constexpr std::uint32_t size = 8;
    constexpr std::uint32_t rounds = 8000;
    std::array<std::array<int, size>, size> seen{};
    std::array<std::uint8_t, 32> key{};
    for (std::uint32_t round = 0; round < rounds; ++round) {
        const std::vector<std::uint32_t> p = shuffle(key, round, size);
        for (std::size_t i = 0; i < size; ++i) ++seen[i][p[i]];
    }
    for (const auto& row : seen) {
        for (const int count : row) EXPECT_NEAR(count, rounds / size, 150);  // five standard deviations
    }
}

TEST(Target, IsBalanced) {
    for (const Preset& preset : presets()) {
        const std::vector<std::int8_t> target = make_target(preset.config, weights_key_of(preset.config));
        EXPECT_EQ(target.size(), preset.config.model_dim);
        EXPECT_EQ(std::count(target.begin(), target.end(), 32) * 2, preset.config.model_dim);
        EXPECT_EQ(std::count(target.begin(), target.end(), -32) * 2, preset.config.model_dim);
        EXPECT_EQ(squared_length(target), std::uint64_t{1024} * preset.config.model_dim);
    }
}

TEST(Target, CheckValue) {
    const ModelConfig config = test::preset("tiny");
    const std::vector<std::int8_t> target = make_target(config, weights_key_of(config));
    EXPECT_THAT((std::vector<int>{target.begin(), target.begin() + 8}),
                ElementsAre(-32, 32, -32, 32, -32, -32, -32, -32));
}

TEST(Permutation, DependsOnTheOutputWhereItIsBound) {
    const std::vector<std::int8_t> one(128, 1);
    std::vector<std::int8_t> other = one;
    other[127] = 2;
    for (const auto binding : {PermutationBinding::output, PermutationBinding::input}) {
        const ModelConfig config = test::preset("tiny", binding);
        const InputSeed seed = seed_of(config, 0);
        const bool same = make_permutation(config, seed, one) == make_permutation(config, seed, other);
        EXPECT_EQ(same, binding == PermutationBinding::input);
        EXPECT_NE(make_permutation(config, seed, one), make_permutation(config, seed_of(config, 1), one));
    }
    const ModelConfig config = test::preset("tiny", PermutationBinding::input);
    EXPECT_EQ(make_permutation(config, seed_of(config, 3), one),
              shuffle(seed_of(config, 3).view(), 1, config.model_dim));
}

TEST(Condition, DistanceIsOfThePermutedOutput) {
    const std::vector<std::int8_t> output{127, -127, 0, 5};
    const std::vector<std::int8_t> target{32, -32, 32, -32};
    const std::vector<std::uint32_t> permutation{1, 0, 3, 2};
    EXPECT_EQ(squared_distance(output, permutation, target), 159u * 159 + 159u * 159 + 27u * 27 + 32u * 32);
    EXPECT_EQ(squared_length(output), 2u * 127 * 127 + 25);
    const std::vector<std::int8_t> extreme(8192, 127);
    EXPECT_EQ(squared_length(extreme), 8192u * 16129);
}

TEST(Condition, Passes) {
    Evaluation evaluation;
    evaluation.output.resize(64);
    evaluation.squared_length = 960 * 64;
    evaluation.squared_distance = 1000;
    EXPECT_FALSE(evaluation.passes(0));
    EXPECT_FALSE(evaluation.passes(1000));
    EXPECT_TRUE(evaluation.passes(1001));
    EXPECT_TRUE(evaluation.passes(UINT64_MAX));
    evaluation.squared_length -= 1;
    EXPECT_FALSE(evaluation.passes(UINT64_MAX));
}

// Weights of 0 make the norm return zeros from the first layer on: such a network proves nothing.
TEST(Condition, ACollapsedOutputNeverPasses) {
    const std::map<std::string, std::string> zeros{{"token_embedding", "zero"},
                                                   {"position_embedding", "zero"},
                                                   {"wq", "zero"},
                                                   {"wk", "zero"},
                                                   {"wv", "zero"},
                                                   {"wo", "zero"},
                                                   {"w1", "zero"},
                                                   {"w2", "zero"}};
    const ModelConfig config = test::preset("tiny");
    for (const Backend* backend : test::supported_backends()) {
        const auto source = std::make_shared<test::FilledTensors>(config, WeightsKey{}, zeros);
        const auto network = backend->load(config, source, {.stored = false}).value();
        const Input input{std::vector<std::uint32_t>(4), std::vector<std::int8_t>(4 * 128)};
        Evaluation evaluation;
        evaluation.output.assign(128, 1);
        ASSERT_TRUE(network->forward_pass(1).value()->run(std::span{&input, 1}, evaluation.output, {}));
        EXPECT_EQ(evaluation.output, std::vector<std::int8_t>(128)) << backend->name();
        evaluation.squared_length = squared_length(evaluation.output);
        EXPECT_FALSE(evaluation.passes(UINT64_MAX));
    }
}

TEST(ConditionDeathTest, SizesAgree) {
    const std::vector<std::int8_t> four(4);
    const std::vector<std::uint32_t> permutation{0, 1, 2, 3};
    EXPECT_DEATH((void)squared_distance(four, permutation, std::vector<std::int8_t>(3)), "");
    EXPECT_DEATH((void)squared_distance(std::vector<std::int8_t>(5), permutation, four), "");
}

}  // namespace
}  // namespace pouw::inline v1::pow
