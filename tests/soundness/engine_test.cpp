/// The engine against the backends: for the specified network it must give the same bits.
#include "pouw/soundness/engine.hpp"

#include "pouw/pow/backend.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace pouw::soundness {
namespace {

pow::WeightsKey some_key() {
    pow::WeightsKey key;
    std::iota(key.bytes.begin(), key.bytes.end(), std::uint8_t{7});
    return key;
}

std::vector<pow::Input> some_inputs(const pow::ModelConfig& config, std::size_t count) {
    std::vector<pow::Input> out;
    for (std::size_t i = 0; i < count; ++i) {
        pow::InputSeed seed;
        seed.bytes[0] = static_cast<std::uint8_t>(i);
        out.push_back(pow::make_input(config, seed));
    }
    return out;
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
    ASSERT_TRUE(network->forward_pass(inputs.size())->run(inputs, expected, {}));

    const Engine engine{{.name = "specified", .config = config}, some_key(), 2};
    const Matrix outputs = engine_outputs(engine, inputs);
    ASSERT_EQ(outputs.size(), std::ssize(expected));
    for (std::size_t i = 0; i < expected.size(); ++i)
        ASSERT_EQ(outputs.data()[i], static_cast<float>(expected[i])) << "value " << i;
}

INSTANTIATE_TEST_SUITE_P(Presets, EngineOfPreset, testing::Values("tiny", "tiny-gated", "whitepaper"));

}  // namespace
}  // namespace pouw::soundness
