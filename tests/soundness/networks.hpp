/// Small networks and inputs for tests of the lab.
#pragma once

#include "soundness/health.hpp"

#include "pouw/pow/race.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace pouw::inline v1::test {

inline pow::RaceSeed race_seed() {
    return pow::race_seed({.chain_id = "pouw.test", .height = 1, .block_hash = {}, .beacon = {}});
}

inline pow::WeightsKey key_of(const pow::ModelConfig& config) {
    return pow::weights_key(pow::race_key(race_seed(), pow::model_id(config)));
}

inline std::vector<pow::Input> inputs_of(const pow::ModelConfig& config, std::size_t count) {
    const pow::RaceKey key = pow::race_key(race_seed(), pow::model_id(config));
    const pow::NodeSeed node = pow::node_seed(std::array<std::uint8_t, 1>{7});
    std::vector<pow::Input> out;
    for (std::size_t i = 0; i < count; ++i)
        out.push_back(pow::make_input(config, pow::input_seed(key, node, i)));
    return out;
}

/// Inputs of seeds that differ in their first byte alone: at most 256 of them differ.
inline std::vector<pow::Input> some_inputs(const pow::ModelConfig& config, std::size_t count) {
    std::vector<pow::Input> out;
    for (std::size_t i = 0; i < count; ++i) {
        pow::InputSeed seed;
        seed.bytes[0] = static_cast<std::uint8_t>(i);
        out.push_back(pow::make_input(config, seed));
    }
    return out;
}

inline pow::ModelConfig tiny(std::uint32_t layers = 4) {
    pow::ModelConfig config = pow::preset("tiny").value();
    config.layers = layers;
    return config;
}

inline soundness::Engine engine_of(const pow::ModelConfig& config,
                                   soundness::Activation activation = soundness::Activation::fold) {
    return soundness::Engine{soundness::Variant{.name = "test", .config = config, .activation = activation},
                             key_of(config), 1};
}

/// The first property whose name contains a text.
inline const soundness::HealthResult& named(const soundness::Health& health, std::string_view part) {
    const auto found = std::find_if(
        health.results.begin(), health.results.end(),
        [&](const soundness::HealthResult& r) { return r.property.find(part) != std::string::npos; });
    EXPECT_NE(found, health.results.end()) << part;
    return *found;
}

}  // namespace pouw::inline v1::test
