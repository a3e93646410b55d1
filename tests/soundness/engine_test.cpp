/// The engine against the backends: for the specified network it must give the same bits.
#include "soundness/engine.hpp"

#include "soundness/networks.hpp"

#include "pouw/pow/backend.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace pouw::inline v1::soundness {
namespace {

using test::some_inputs;

pow::WeightsKey some_key() {
    pow::WeightsKey key;
    std::iota(key.bytes.begin(), key.bytes.end(), std::uint8_t{7});
    return key;
}

Matrix engine_outputs(const Engine& engine, std::span<const pow::Input> inputs) {
    Matrix states = engine.embed(inputs);
    for (std::uint32_t layer = 0; layer < engine.variant().config.layers; ++layer)
        EXPECT_TRUE(engine.apply(*engine.load(layer), states));
    return engine.outputs(states);
}

class EngineOfPreset : public testing::TestWithParam<const char*> {};

TEST_P(EngineOfPreset, EqualsTheChosenBackend) {
    const pow::ModelConfig config = pow::preset(GetParam()).value();
    const bool small = config.layers <= 4;
    const std::vector<pow::Input> inputs = some_inputs(config, small ? 130 : 3);

    const auto source = std::make_shared<const pow::StreamedTensors>(config, some_key());
    const auto network = pow::select_backend().value()->load(config, source, {.stored = false}).value();
    std::vector<std::int8_t> expected(inputs.size() * config.model_dim);
    ASSERT_TRUE(network->forward_pass(inputs.size()).value()->run(inputs, expected, {}));

    const Engine engine{{.name = "specified", .config = config}, some_key(), 2};
    const Matrix outputs = engine_outputs(engine, inputs);
    ASSERT_EQ(outputs.size(), std::ssize(expected));
    for (std::size_t i = 0; i < expected.size(); ++i)
        ASSERT_EQ(outputs.data()[i], static_cast<float>(expected[i])) << "value " << i;
}

Engine tiny_engine(Variant variant = {}) {
    variant.config = pow::preset("tiny").value();
    return {std::move(variant), some_key(), 1};
}

TEST(Engine, ThreadsDoNotMatter) {
    const Variant specified{.name = "specified", .config = pow::preset("tiny").value()};
    const auto inputs = some_inputs(specified.config, 130);
    EXPECT_EQ(engine_outputs({specified, some_key(), 1}, inputs),
              engine_outputs({specified, some_key(), 5}, inputs));
}

TEST(Engine, ShortCutsThatLeaveNothingOutAreExact) {
    const Engine engine = tiny_engine();
    const Matrix before = engine.embed(some_inputs(engine.variant().config, 20));
    Matrix exact = before;
    ASSERT_TRUE(engine.apply(*engine.load(1), exact));
    for (const Approximation& whole : {Approximation{.ffn_units = 1}, Approximation{.weight_bits = 8},
                                       Approximation{.activation_bits = 8}, Approximation{.rank = 0}}) {
        Matrix states = before;
        ASSERT_TRUE(engine.apply(*engine.load(1, whole), states));
        EXPECT_EQ(states, exact);
    }
}

TEST(Engine, ShortCutsAreNearTheMoreTheyCompute) {
    const Engine engine = tiny_engine();
    const Matrix before = engine.embed(some_inputs(engine.variant().config, 60));
    Matrix exact = before;
    ASSERT_TRUE(engine.apply(*engine.load(1), exact));
    const auto cosine = [&](const Approximation& approximation) {
        Matrix states = before;
        EXPECT_TRUE(engine.apply(*engine.load(1, approximation), states));
        return states.cwiseProduct(exact).sum() / states.norm() / exact.norm();
    };
    const auto rising = [&](std::initializer_list<Approximation> list) {
        float last = -1;
        for (const Approximation& approximation : list) {
            const float next = cosine(approximation);
            EXPECT_GT(next, last);
            EXPECT_LT(next, 0.9999F);
            last = next;
        }
        EXPECT_GT(last, 0.8F);
    };
    rising(
        {{.weight_bits = 1}, {.weight_bits = 2}, {.weight_bits = 3}, {.weight_bits = 4}, {.weight_bits = 6}});
    rising({{.activation_bits = 1}, {.activation_bits = 2}, {.activation_bits = 4}, {.activation_bits = 6}});
    rising({{.ffn_units = 0.25}, {.ffn_units = 0.5}, {.ffn_units = 0.9}});
    rising({{.rank = 16}, {.rank = 64}, {.rank = 120}});
    rising({{.attention = Attention::none}, {.attention = Attention::strongest}});
    EXPECT_GT(cosine({.sparse_weights = true}), 0.5F);
    EXPECT_GT(cosine({.skip_ffn = true}), 0.3F);
}

TEST(Engine, SkippedLayersLeaveTheState) {
    const Engine engine = tiny_engine();
    const Matrix before = engine.embed(some_inputs(engine.variant().config, 5));
    Matrix states = before;
    ASSERT_TRUE(engine.apply(*engine.load(0, {.attention = Attention::none, .skip_ffn = true}), states));
    EXPECT_EQ(states, before);
}

TEST(Engine, CostsOfShortCuts) {
    const pow::ModelConfig config = pow::preset("whitepaper").value();
    EXPECT_DOUBLE_EQ(Approximation{}.cost(config), 1);
    EXPECT_DOUBLE_EQ(Approximation{.weight_bits = 4}.cost(config), 0.5);
    EXPECT_DOUBLE_EQ((Approximation{.weight_bits = 4, .activation_bits = 2}.cost(config)), 0.125);
    EXPECT_DOUBLE_EQ(Approximation{.sparse_weights = true}.cost(config), 0.5);
    EXPECT_DOUBLE_EQ((Approximation{.attention = Attention::none, .skip_ffn = true}.cost(config)), 0);
    // 4 × 512² of 4 × 512² + 2 × 512 × 8192.
    EXPECT_DOUBLE_EQ(Approximation{.skip_ffn = true}.cost(config), 1.0 / 9);
    EXPECT_DOUBLE_EQ(Approximation{.ffn_units = 0.5}.cost(config), 5.0 / 9);
}

TEST(Engine, OnlyCausalNetworksKeepAPrefix) {
    for (const Arrangement arrangement : {Arrangement::pre_norm_causal, Arrangement::post_norm}) {
        const Engine engine = tiny_engine({.activation = Activation::gelu, .arrangement = arrangement});
        auto inputs = some_inputs(engine.variant().config, 1);
        Matrix one = engine.embed(inputs);
        inputs[0].tokens.back() ^= 1U;
        Matrix other = engine.embed(inputs);
        ASSERT_TRUE(engine.apply(*engine.load(0), one));
        ASSERT_TRUE(engine.apply(*engine.load(0), other));
        EXPECT_EQ(one.row(0) == other.row(0), arrangement == Arrangement::pre_norm_causal);
        EXPECT_NE(one.row(3), other.row(3));
    }
}

TEST(Engine, WithoutNoiseTokensDecide) {
    const Engine engine = tiny_engine({.input_noise = false});
    auto inputs = some_inputs(engine.variant().config, 2);
    EXPECT_NE(engine.embed(inputs).topRows(4), engine.embed(inputs).bottomRows(4));
    inputs[1].tokens = inputs[0].tokens;
    const Matrix states = engine.embed(inputs);
    EXPECT_EQ(states.topRows(4), states.bottomRows(4));
}

TEST(Engine, BranchIsWhatTheBlockAdds) {
    const Engine engine = tiny_engine();
    const auto layer = engine.load(2);
    Matrix states = engine.embed(some_inputs(engine.variant().config, 70));
    Matrix middle;
    ASSERT_TRUE(engine.apply(*layer, states, {}, &middle));
    const Matrix sum = middle * std::ldexp(1.0F, 12) + engine.feed_forward(*layer, middle);
    for (Eigen::Index row = 0; row < sum.rows(); ++row) {
        const float scale = 32 * std::sqrt(128.0F) / sum.row(row).norm();
        const Matrix expected = (scale * sum.row(row)).cwiseMin(127.0F).cwiseMax(-127.0F);
        EXPECT_LE((expected - states.row(row)).cwiseAbs().maxCoeff(), 0.6F);
    }
}

TEST(Engine, StopsWhenAsked) {
    const Engine engine = tiny_engine();
    Matrix states = engine.embed(some_inputs(engine.variant().config, 5));
    std::stop_source stop;
    stop.request_stop();
    EXPECT_FALSE(engine.apply(*engine.load(0), states, stop.get_token()));
}

INSTANTIATE_TEST_SUITE_P(Presets, EngineOfPreset, testing::Values("tiny", "tiny-gated", "whitepaper"));

}  // namespace
}  // namespace pouw::inline v1::soundness
