#include "pouw/pow/race.hpp"

#include "sanitized.hpp"
#include "support.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/pow/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pouw::inline v1::pow {
namespace {

/// Section 7 of the specification.
struct CheckValue {
    std::uint64_t nonce;
    std::vector<std::uint32_t> tokens;
    std::vector<std::int8_t> first_outputs;
    std::string digest;
    std::uint64_t squared_distance;
};

struct CheckedModel {
    const char* preset;
    PermutationBinding binding;
    std::vector<CheckValue> values;
};

const std::vector<CheckedModel>& tiny_check_values() {
    static const std::vector<CheckedModel> values{
        {"tiny",
         PermutationBinding::output,
         {{0,
           {42, 24, 206, 217},
           {17, 3, 11, -34},
           "f55321ed39b5d4605feb26145fa018d69c4e9cb488a6530f8bd690d0539a5d32",
           277113},
          {1,
           {241, 243, 224, 166},
           {-31, -22, 23, -5},
           "aa0dafbc51c1199d276f8d4923cd7a5851e949bf90f82af0fa3d8218f59d26a3",
           300111},
          {UINT64_MAX,
           {38, 35, 76, 150},
           {-19, 0, 13, -36},
           "a9c752195ed125f5e9dd3baaa9a018df187e4d66c4979c644e9d263149ec08d1",
           308493}}},
        {"tiny",
         PermutationBinding::input,
         {{0,
           {224, 105, 170, 16},
           {-9, -12, -3, -1},
           "41465d9ecb76525b50376ee1ca56f299f97ce417a02be7c7b7c85c5f11216cac",
           296629}}},
        {"tiny-gated",
         PermutationBinding::output,
         {{0,
           {210, 208, 57, 170},
           {-4, -7, 1, -2},
           "b8bf963c059fd983560c1c74b5821fab927d9421ec47ee9d89b74def7f0dd9ab",
           231857},
          {1,
           {182, 7, 15, 237},
           {2, 7, 61, -13},
           "b73c458c489cd775d4c003f3e19b074c115c0121b36a0871025a7d9b92c9342b",
           298880}}}};
    return values;
}

const CheckedModel& whitepaper_check_values() {
    static const CheckedModel values{"whitepaper",
                                     PermutationBinding::output,
                                     {{0,
                                       {2058, 5791, 321, 1690},
                                       {17, -40, -9, 32},
                                       "9fa73d510eb191d736c759c2d43688728137bfafe0eb97d9be17f8bf4986819c",
                                       1109047},
                                      {1,
                                       {5316, 1508, 5688, 7710},
                                       {14, -11, 38, -4},
                                       "57c43c9fa7ca88d52963433706a687027722e3471af3fc8cbde07ae3f4c20d66",
                                       1040478}}};
    return values;
}

const CheckedModel& whitepaper_2_3b_check_values() {
    static const CheckedModel values{"whitepaper-2.3b",
                                     PermutationBinding::output,
                                     {{0,
                                       {5238, 189, 2665, 6759},
                                       {-40, 10, 14, -88},
                                       "c371f0f6681dcb9040ca3b32a02c7ae06ad860e9b66e3ef856cd6ab615490399",
                                       984428},
                                      {1,
                                       {3827, 5499, 2940, 4781},
                                       {5, -14, -23, -5},
                                       "28934dd772fe05ec91fe5b12cecbd9bca6003d41b0effc5412fa4f74f03f9d46",
                                       1052888}}};
    return values;
}

void expect_check_values(const CheckedModel& model, const Backend& backend, bool stored) {
    SCOPED_TRACE(std::string{backend.name()} + (stored ? ", stored, " : ", streamed, ") + model.preset);
    const Race race = test::make_race(test::preset(model.preset, model.binding), backend.name(), stored);
    std::vector<std::uint64_t> nonces;
    for (const CheckValue& value : model.values) nonces.push_back(value.nonce);
    const auto evaluations =
        Evaluator::create(race, test::check_node_seed(), nonces.size()).value().evaluate(nonces).value();
    ASSERT_EQ(evaluations.size(), nonces.size());
    for (std::size_t i = 0; i < nonces.size(); ++i) {
        const CheckValue& expected = model.values[i];
        const Evaluation& found = evaluations[i];
        EXPECT_EQ(found.nonce, expected.nonce);
        EXPECT_EQ(found.tokens, expected.tokens);
        ASSERT_EQ(found.output.size(), race.config().model_dim);
        EXPECT_TRUE(
            std::equal(expected.first_outputs.begin(), expected.first_outputs.end(), found.output.begin()));
        EXPECT_EQ(test::digest(found.output), expected.digest);
        EXPECT_EQ(found.squared_length, squared_length(found.output));
        EXPECT_EQ(found.squared_distance, expected.squared_distance);
        EXPECT_TRUE(found.passes(found.squared_distance + 1));
        EXPECT_FALSE(found.passes(found.squared_distance));
    }
}

TEST(Race, CheckValuesOnEveryBackend) {
    for (const Backend* backend : test::supported_backends()) {
        for (const CheckedModel& model : tiny_check_values()) {
            for (const bool stored : {true, false}) expect_check_values(model, *backend, stored);
        }
    }
}

TEST(Race, WhitepaperCheckValuesOnEveryBackend) {
    if (test::sanitized) GTEST_SKIP() << "the steps of BackendTest and, on the reference, of EvaluateTiny";
    for (const Backend* backend : test::supported_backends()) {
        expect_check_values(whitepaper_check_values(), *backend, false);
    }
}

TEST(Race, Whitepaper2_3bCheckValuesOnEveryBackend) {
    if (test::sanitized) GTEST_SKIP() << "the steps of the test above on longer rows";
    for (const Backend* backend : test::supported_backends()) {
        expect_check_values(whitepaper_2_3b_check_values(), *backend, false);
    }
}

TEST(Race, IsWhatItWasMadeOf) {
    const ModelConfig config = test::preset("tiny");
    const Race race = test::make_race(config, "scalar");
    EXPECT_EQ(race.config(), config);
    EXPECT_EQ(race.seed(), test::check_race_seed());
    EXPECT_EQ(race.key(), race_key(test::check_race_seed(), model_id(config)));
    EXPECT_EQ(race.backend().name(), "scalar");
    EXPECT_EQ(race.network().memory_bytes(), parameter_count(config));
    EXPECT_FALSE(race.network().streams());
    EXPECT_EQ(test::make_race(config, "scalar", false).network().memory_bytes(), 0u);
    for (const Backend* backend : test::supported_backends())
        EXPECT_TRUE(test::make_race(config, backend->name(), false).network().streams()) << backend->name();
    EXPECT_EQ(test::make_race(config, "reference").network().memory_bytes(), 0u);
    const auto target = make_target(config, weights_key(race.key()));
    EXPECT_TRUE(std::equal(target.begin(), target.end(), race.target().begin(), race.target().end()));
    const Race copy = race;  // NOLINT(performance-unnecessary-copy-initialization): shares the weights
    EXPECT_EQ(&copy.network(), &race.network());
}

TEST(Race, Errors) {
    const auto code = [](const ModelConfig& config, std::string_view backend, const LoadOptions& options) {
        return Race::create(config, test::check_race_seed(), backend, options).error().code;
    };
    ModelConfig invalid = test::preset("tiny");
    invalid.heads = 3;
    EXPECT_EQ(code(invalid, "scalar", {}), pow::errc::invalid_config);
    EXPECT_EQ(code(test::preset("tiny"), "none such", {}), pow::errc::unknown_backend);
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(code(test::preset("tiny"), "scalar", {.stop = stop.get_token()}), core::errc::cancelled);
}

TEST(Evaluator, ABatchEqualsItsNonces) {
    std::vector<std::uint64_t> nonces{5, 5, 0, UINT64_MAX, 17, 3, 4, 1};
    for (const Backend* backend : test::supported_backends()) {
        const Race race = test::make_race(test::preset("tiny-gated"), backend->name());
        Evaluator alone = Evaluator::create(race, test::check_node_seed(), 1).value();
        Evaluator together = Evaluator::create(race, test::check_node_seed(), nonces.size() + 3).value();
        for (int round = 0; round < 2; ++round) {  // scratch memory is used again
            const auto batch = together.evaluate(nonces).value();
            ASSERT_EQ(batch.size(), nonces.size());
            for (std::size_t i = 0; i < nonces.size(); ++i) {
                const Evaluation one = alone.evaluate(std::span{&nonces[i], 1}).value().front();
                EXPECT_EQ(batch[i].nonce, nonces[i]);
                EXPECT_EQ(batch[i].tokens, one.tokens);
                EXPECT_EQ(batch[i].output, one.output) << backend->name() << ' ' << i;
                EXPECT_EQ(batch[i].squared_distance, one.squared_distance);
            }
            std::rotate(nonces.begin(), nonces.begin() + 3, nonces.end());
        }
        EXPECT_TRUE(together.evaluate({}).value().empty());
    }
}

TEST(Evaluator, NodesAndRacesDiffer) {
    const Race race = test::make_race(test::preset("tiny"), "scalar");
    const std::uint64_t nonce = 0;
    const auto own =
        Evaluator::create(race, test::check_node_seed(), 1).value().evaluate(std::span{&nonce, 1}).value();
    const auto other = Evaluator::create(race, NodeSeed{}, 1).value().evaluate(std::span{&nonce, 1}).value();
    EXPECT_NE(own.front().output, other.front().output);
    const Race next = Race::create(race.config(), RaceSeed{}, "scalar").value();
    const auto later =
        Evaluator::create(next, test::check_node_seed(), 1).value().evaluate(std::span{&nonce, 1}).value();
    EXPECT_NE(own.front().output, later.front().output);
}

TEST(Evaluator, StopsBetweenLayers) {
    std::stop_source stop;
    stop.request_stop();
    const std::uint64_t nonce = 0;
    for (const Backend* backend : test::supported_backends()) {
        Evaluator evaluator = Evaluator::create(test::make_race(test::preset("tiny"), backend->name()),
                                                test::check_node_seed(), 1)
                                  .value();
        const auto stopped = evaluator.evaluate(std::span{&nonce, 1}, stop.get_token());
        EXPECT_EQ(stopped.error().code, core::errc::cancelled) << backend->name();
        // It can go on afterwards.
        EXPECT_TRUE(evaluator.evaluate(std::span{&nonce, 1})) << backend->name();
    }
}

// Stopped while it runs: the source asks for the stop when the third layer is read.
TEST(Evaluator, StopsBeforeTheEnd) {
    class Stopping final : public TensorSource {
      public:
        Stopping(const ModelConfig& config, std::stop_source& stop)
            : tensors_{config, WeightsKey{}}, stop_{stop} {}
        std::span<const std::int8_t> rows(TensorId id, std::uint64_t first, std::uint64_t count,
                                          std::span<std::int8_t> scratch) const override {
            if (id >= layer_tensor(2, LayerTensor::query)) stop_.request_stop();
            EXPECT_LT(id, layer_tensor(3, LayerTensor::query));
            return tensors_.rows(id, first, count, scratch);
        }
        std::uint64_t memory_bytes() const noexcept override { return 0; }

      private:
        StreamedTensors tensors_;
        std::stop_source& stop_;
    };
    const ModelConfig config = test::preset("tiny");
    const Input input = make_input(config, InputSeed{});
    for (const char* name : {"scalar", "reference"}) {
        std::stop_source stop;
        const auto network = select_backend(name)
                                 .value()
                                 ->load(config, std::make_shared<Stopping>(config, stop), {.stored = false})
                                 .value();
        std::vector<std::int8_t> output(config.model_dim);
        const auto stopped =
            network->forward_pass(1).value()->run(std::span{&input, 1}, output, stop.get_token());
        EXPECT_EQ(stopped.error().code, core::errc::cancelled) << name;
    }
}

TEST(TeamEvaluator, EqualsOneThread) {
    const Race race = test::make_race(test::preset("tiny"), "scalar");
    const std::vector<std::uint64_t> nonces{9, 0, 4, UINT64_MAX, 4, 1, 2};
    const auto expected =
        Evaluator::create(race, test::check_node_seed(), 7).value().evaluate(nonces).value();
    for (const unsigned threads : {1u, 2u, 3u, 8u}) {
        TeamEvaluator team = TeamEvaluator::create(race, test::check_node_seed(), threads, 7).value();
        EXPECT_EQ(team.round_size(), 7u * threads);
        for (std::size_t count = 0; count <= nonces.size(); ++count) {
            const auto found = team.evaluate(std::span{nonces}.first(count)).value();
            ASSERT_EQ(found.size(), count);
            for (std::size_t i = 0; i < count; ++i) {
                EXPECT_EQ(found[i].nonce, nonces[i]);
                EXPECT_EQ(found[i].output, expected[i].output);
            }
        }
        std::stop_source stop;
        stop.request_stop();
        EXPECT_EQ(team.evaluate(nonces, stop.get_token()).error().code, core::errc::cancelled);
    }
    EXPECT_GE(TeamEvaluator::create(race, test::check_node_seed(), 2).value().round_size(), 2u);
}

TEST(RaceDeathTest, Contracts) {
    const Race race = test::make_race(test::preset("tiny"), "scalar");
    const std::vector<std::uint64_t> three{0, 1, 2};
    EXPECT_DEATH((void)Evaluator::create(race, test::check_node_seed(), 2).value().evaluate(three), "");
    EXPECT_DEATH((void)Evaluator::create(race, test::check_node_seed(), 0), "");
    EXPECT_DEATH((void)Race::create(race.config(), race.seed(), "scalar", {.threads = 0}), "");
    const Input input = make_input(race.config(), InputSeed{});
    for (const Backend* backend : test::supported_backends()) {
        const auto pass = test::make_race(race.config(), backend->name()).network().forward_pass(1).value();
        std::vector<std::int8_t> short_by_one(127);
        EXPECT_DEATH((void)pass->run(std::span{&input, 1}, short_by_one, {}), "");
    }
}

}  // namespace
}  // namespace pouw::inline v1::pow
