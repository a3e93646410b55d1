/// Small networks and inputs for tests of the lab.
#pragma once

#include "pouw/pow/race.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
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

inline pow::ModelConfig tiny(std::uint32_t layers = 4) {
    pow::ModelConfig config = pow::preset("tiny").value();
    config.layers = layers;
    return config;
}

}  // namespace pouw::inline v1::test
