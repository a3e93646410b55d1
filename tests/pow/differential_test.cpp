/// Random evaluations that the Python implementation made, extreme tensors among them, on every backend.
#include "sanitized.hpp"
#include "support.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <set>

namespace pouw::inline v1::pow {
namespace {

using test::Json;

struct Case {
    ModelConfig config;
    RaceKey key;
    std::shared_ptr<const TensorSource> source;
    std::vector<Input> inputs;
    std::vector<std::int8_t> outputs;  ///< expected
};

Input make_filled_input(const ModelConfig& config, const InputSeed& seed,
                        const std::map<std::string, std::string>& modes) {
    constexpr std::uint32_t noise_tensor = std::numeric_limits<std::uint32_t>::max();
    Input input = make_input(config, seed);
    if (const auto mode = modes.find("noise"); mode != modes.end()) {
        test::fill(mode->second, seed.view(), 0, std::uint64_t{4} * config.sequence_length, noise_tensor, 0,
                   input.noise);
    }
    return input;
}

/// Reads a case; checks everything that no backend computes.
Case read_case(const Json& json) {
    Case c{
        .config = test::config_from(json.at("config")), .key = {}, .source = {}, .inputs = {}, .outputs = {}};
    EXPECT_TRUE(validate(c.config));
    c.key = race_key(test::fixed<RaceSeed>(json.at("race_seed")), model_id(c.config));
    const auto modes = json.at("fill").get<std::map<std::string, std::string>>();
    c.source = std::make_shared<test::FilledTensors>(c.config, weights_key(c.key), modes);
    const NodeSeed node = node_seed(test::bytes(json.at("public_key")));
    const std::vector<std::int8_t> target = make_target(c.config, weights_key(c.key));
    for (const Json& result : json.at("results")) {
        const InputSeed seed = input_seed(c.key, node, test::u64(result.at("nonce")));
        c.inputs.push_back(make_filled_input(c.config, seed, modes));
        EXPECT_EQ(c.inputs.back().tokens, result.at("tokens").get<std::vector<std::uint32_t>>());
        const std::vector<std::int8_t> output = test::int8s(result.at("output"));
        EXPECT_EQ(squared_distance(output, make_permutation(c.config, seed, output), target),
                  result.at("d2").get<std::uint64_t>());
        c.outputs.insert(c.outputs.end(), output.begin(), output.end());
    }
    return c;
}

void expect_outputs(const Case& c, const Backend& backend, bool stored) {
    const auto network = backend.load(c.config, c.source, {.stored = stored}).value();
    std::vector<std::int8_t> outputs(c.outputs.size(), 1);
    ASSERT_TRUE(network->forward_pass(c.inputs.size()).value()->run(c.inputs, outputs, {}));
    ASSERT_EQ(outputs, c.outputs) << backend.name() << (stored ? ", stored" : ", streamed");
}

/// Compares every backend with every case; counts the cases that it computed.
class Comparison {
  public:
    void add(const Json& json) {
        SCOPED_TRACE("case " + std::to_string(cases_));
        const Case c = read_case(json);
        for (const Backend* backend : test::supported_backends()) {
            for (const bool stored : {true, false}) {
                expect_outputs(c, *backend, stored);
                ++passes_[backend->name()];
            }
        }
        ++cases_;
        if (!json.at("fill").empty()) ++filled_;
    }

    /// Whether at least so many cases were read, and no backend was left out.
    void expect_complete(int cases, int filled) {
        EXPECT_GE(cases_, cases);
        EXPECT_GE(filled_, filled);
        for (const Backend* backend : backends()) {
            if (!backend->supported()) continue;
            EXPECT_EQ(passes_[backend->name()], 2 * cases_) << backend->name();
        }
        EXPECT_EQ(passes_.count("scalar"), 1u);
        EXPECT_EQ(passes_.count("reference"), 1u);
    }

  private:
    std::map<std::string_view, int> passes_;  // by backend
    int cases_ = 0;
    int filled_ = 0;
};

/// An eighth of the cases meets all steps that a sanitizer could find wrong; all are compared by the
/// optimised build.
constexpr int part = test::sanitized ? 8 : 1;

TEST(Differential, EveryBackendEqualsPython) {
    std::ifstream file{POUW_DIFFERENTIAL_CASES};
    ASSERT_TRUE(file) << POUW_DIFFERENTIAL_CASES << " is missing: ctest runs tests/reference/differential.py";
    Comparison comparison;
    int read = 0;
    for (std::string line; std::getline(file, line) && !HasFailure();) {
        if (read++ % part == 0) comparison.add(Json::parse(line));
    }
    comparison.expect_complete(1000 / part, 200 / part);
}

TEST(Differential, SumsAtTheEdgeOfInt32) {
    Comparison comparison;
    const Json file = test::load_vectors("pow/extremes.json");
    for (const Json& json : file.at("cases")) comparison.add(json);
    comparison.expect_complete(12, 12);
}

}  // namespace
}  // namespace pouw::inline v1::pow
