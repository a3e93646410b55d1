/// Networks with work that need not be done: the weights, the activations and the layers must give them away.
#include "soundness/structure.hpp"

#include "soundness/networks.hpp"

#include "pouw/pow/backend.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>

namespace pouw::inline v1::soundness {
namespace {

using test::named;
using test::some_inputs;
using test::tiny;

pow::WeightsKey some_key() {
    pow::WeightsKey key;
    std::iota(key.bytes.begin(), key.bytes.end(), std::uint8_t{21});
    return key;
}

Engine engine_of(Variant variant) { return {std::move(variant), some_key(), 1}; }

Health weights_of(const Variant& variant) {
    return weight_structure(VariantTensors{variant, some_key()}, variant.config, 2);
}

Health activations_of(const Variant& variant) {
    return activation_structure(engine_of(variant), some_inputs(variant.config, 16));
}

/// The names of the properties that are findings.
std::vector<std::string> findings(const Health& health) {
    std::vector<std::string> out;
    for (const HealthResult& result : health.results) {
        if (result.verdict == Verdict::finding) out.push_back(result.property);
    }
    return out;
}

/// The tiny weights after a change of one tensor of layer 1.
class ChangedTensors final : public pow::TensorSource {
  public:
    using Change = std::function<void(std::span<std::int8_t> values, std::size_t columns)>;

    ChangedTensors(pow::LayerTensor which, Change change)
        : id_{pow::layer_tensor(1, which)}, change_{std::move(change)}, source_{tiny(), some_key()} {}

    [[nodiscard]] std::span<const std::int8_t> rows(pow::TensorId id, std::uint64_t first,
                                                    std::uint64_t count,
                                                    std::span<std::int8_t> scratch) const override {
        const auto shape = pow::tensor_shape(tiny(), id);
        const auto values = source_.rows(id, first, count, scratch);
        if (id != id_) return values;
        EXPECT_EQ(count, shape.rows);
        change_(scratch.first(values.size()), shape.columns);
        return scratch.first(values.size());
    }
    [[nodiscard]] std::uint64_t memory_bytes() const noexcept override { return 0; }

  private:
    pow::TensorId id_;
    Change change_;
    pow::StreamedTensors source_;
};

std::vector<std::string> findings_after(pow::LayerTensor which, ChangedTensors::Change change) {
    return findings(weight_structure(ChangedTensors{which, std::move(change)}, tiny(), 1));
}

using Names = std::vector<std::string>;
constexpr const char* repeated_rows = "weights: rows that are a multiple of another of their tensor";
constexpr const char* repeated_columns = "weights: columns that are a multiple of another of their tensor";
constexpr const char* shared_rows = "weights: rows that a row of another tensor is a multiple of";
constexpr const char* zero_weights = "weights: share of zeros, largest of a tensor";
constexpr const char* low_rank = "weights: rank over the full one, lowest of a matrix";
constexpr const char* large_cosine = "weights: cosine of two rows × sqrt(columns), largest";

TEST(WeightStructure, SpecifiedWeightsHaveNone) {
    for (const char* preset : {"tiny", "tiny-gated"}) {
        const Health health = weights_of({.name = preset, .config = pow::preset(preset).value()});
        EXPECT_EQ(health.results.size(), 7U);
        EXPECT_EQ(findings(health), Names{}) << preset;
    }
}

TEST(WeightStructure, FindsOneRowThatIsAMultiple) {
    const auto change = [](std::span<std::int8_t> values, std::size_t columns) {
        for (std::size_t c = 0; c < columns; ++c) {
            values[c] = static_cast<std::int8_t>(values[c] / 3);
            values[5 * columns + c] = static_cast<std::int8_t>(-3 * values[c]);
        }
    };
    const Names found = findings_after(pow::LayerTensor::value, change);
    EXPECT_EQ(found, (Names{repeated_rows, large_cosine}));
}

TEST(WeightStructure, FindsOneColumnThatRepeats) {
    const auto change = [](std::span<std::int8_t> values, std::size_t columns) {
        for (std::size_t first = 0; first < values.size(); first += columns)
            values[first + 7] = static_cast<std::int8_t>(-values[first + 70]);
    };
    EXPECT_EQ(findings_after(pow::LayerTensor::ffn_out, change), Names{repeated_columns});
}

TEST(WeightStructure, FindsNearlyEqualRows) {
    const auto change = [](std::span<std::int8_t> values, std::size_t columns) {
        for (std::size_t c = 0; c < columns; ++c)
            values[c] = static_cast<std::int8_t>(std::clamp(values[columns + c] + 1, -127, 127));
    };
    EXPECT_EQ(findings_after(pow::LayerTensor::key, change), Names{large_cosine});
}

TEST(WeightStructure, FindsZeros) {
    const auto change = [](std::span<std::int8_t> values, std::size_t) {
        for (std::size_t i = 0; i < values.size(); i += 65) values[i] = 0;
    };
    EXPECT_EQ(findings_after(pow::LayerTensor::ffn_in, change), Names{zero_weights});
}

TEST(WeightStructure, FindsLowRank) {
    // The last quarter of the rows are differences of neighbours: no multiple, no large cosine.
    const auto change = [](std::span<std::int8_t> values, std::size_t columns) {
        for (std::int8_t& value : values) value = static_cast<std::int8_t>(value / 2);
        const std::size_t rows = values.size() / columns;
        for (std::size_t r = 3 * rows / 4; r < rows; ++r) {
            const std::size_t from = (r - 3 * rows / 4) * 3;
            for (std::size_t c = 0; c < columns; ++c) {
                values[r * columns + c] =
                    static_cast<std::int8_t>(values[from * columns + c] - values[(from + 1) * columns + c]);
            }
        }
    };
    const Names found = findings_after(pow::LayerTensor::query, change);
    EXPECT_NE(std::find(found.begin(), found.end(), low_rank), found.end());
    EXPECT_EQ(std::find(found.begin(), found.end(), repeated_rows), found.end());
}

TEST(WeightStructure, FindsSabotage) {
    const Health paired = weights_of({.name = "", .config = tiny(), .paired_units = true});
    EXPECT_EQ(named(paired, repeated_rows).verdict, Verdict::finding);
    EXPECT_EQ(named(paired, repeated_rows).value.estimate, tiny().ffn_dim / 2.0 * 4);
    const Health tied = weights_of({.name = "", .config = tiny(), .tied_layers = 2});
    EXPECT_EQ(named(tied, "tensors equal").value.estimate, 2 * 6);
    EXPECT_EQ(named(tied, shared_rows).verdict, Verdict::finding);
    const Health identity = weights_of({.name = "", .config = tiny(), .identity_layers = {2, 1}});
    EXPECT_EQ(named(identity, zero_weights).value.estimate, 1);
    EXPECT_EQ(named(identity, low_rank).value.estimate, 0);
}

TEST(WeightStructure, EndsWhenStopped) {
    std::stop_source stop;
    stop.request_stop();
    const VariantTensors source{{.name = "", .config = tiny()}, some_key()};
    EXPECT_TRUE(weight_structure(source, tiny(), 1, stop.get_token()).results.empty());
}

TEST(ActivationStructure, SpecifiedNetworksHaveNone) {
    for (const char* preset : {"tiny", "tiny-gated"}) {
        const Health health = activations_of({.name = preset, .config = pow::preset(preset).value()});
        EXPECT_EQ(health.results.size(), 7U);
        EXPECT_EQ(findings(health), Names{}) << preset;
        ASSERT_EQ(health.curves.size(), 2U);
        EXPECT_EQ(health.curves[0].points.size(), 4U);
    }
}

TEST(ActivationStructure, FindsSabotage) {
    const Health paired = activations_of({.name = "", .config = tiny(), .paired_units = true});
    EXPECT_EQ(findings(paired), Names{"hidden units: equal to another or its negation"});
    EXPECT_EQ(named(paired, "hidden units: equal").value.estimate, tiny().ffn_dim / 2.0 * 4);
    const Health identity = activations_of({.name = "", .config = tiny(), .identity_layers = {3, 1}});
    for (const char* branch : {"attention: power", "feed-forward: power"}) {
        EXPECT_EQ(named(identity, branch).verdict, Verdict::finding);
        EXPECT_EQ(named(identity, branch).value.estimate, 0);
        EXPECT_EQ(named(identity, branch).note, "layer 3");
    }
    const Health relu = activations_of({.name = "", .config = tiny(), .activation = Activation::relu});
    EXPECT_EQ(named(relu, "share of zeros").verdict, Verdict::finding);
}

TEST(ActivationStructure, FindsBranchesThatAddLittle) {
    pow::ModelConfig weak = tiny();
    weak.attention_residual_shift += 6;
    const Health health = activations_of({.name = "", .config = weak});
    EXPECT_EQ(findings(health),
              Names{"attention: power over that of the residual stream, lowest of a layer"});
}

// Variants
// ---------------------------------------------------------------------------

TEST(VariantTensors, BackendsComputeWhatTheEngineDoes) {
    for (const Variant& variant : {Variant{.name = "", .config = tiny(), .identity_layers = {1, 2}},
                                   Variant{.name = "", .config = tiny(), .paired_units = true},
                                   Variant{.name = "", .config = tiny(), .tied_layers = 2}}) {
        const auto inputs = some_inputs(variant.config, 33);
        const auto source = std::make_shared<const VariantTensors>(variant, some_key());
        EXPECT_FALSE(source->weights_key());
        for (const bool stored : {true, false}) {
            const auto network =
                pow::select_backend().value()->load(variant.config, source, {.stored = stored}).value();
            std::vector<std::int8_t> expected(inputs.size() * variant.config.model_dim);
            ASSERT_TRUE(network->forward_pass(inputs.size()).value()->run(inputs, expected, {}));
            const Matrix outputs = forward(engine_of(variant), inputs);
            for (std::size_t i = 0; i < expected.size(); ++i)
                ASSERT_EQ(outputs.data()[i], static_cast<float>(expected[i])) << "value " << i;
        }
    }
}

TEST(VariantTensors, TheSpecifiedOnesAreKnownByTheirKey) {
    EXPECT_EQ(VariantTensors({.name = "", .config = tiny()}, some_key()).weights_key(), some_key());
}

TEST(Variants, OperationsChangeEveryState) {
    const auto inputs = some_inputs(tiny(), 8);
    const Matrix specified = forward(engine_of({.name = "", .config = tiny()}), inputs);
    const Variant raised{.name = "", .config = tiny(), .activation = Activation::raised_fold};
    const Variant floored{.name = "", .config = tiny(), .floor_norm = true};
    EXPECT_FALSE(raised.specified());
    EXPECT_FALSE(floored.specified());
    EXPECT_NE(forward(engine_of(raised), inputs), specified);
    EXPECT_NE(forward(engine_of(floored), inputs), specified);
    // A floor is half a unit lower than the nearest number.
    const Matrix rounded_states = engine_of({.name = "", .config = tiny()}).embed(inputs);
    const Matrix floored_states = engine_of(floored).embed(inputs);
    EXPECT_NEAR((rounded_states - floored_states).mean(), 0.5, 0.05);
    const Engine engine = engine_of(raised);
    EXPECT_NEAR(engine.hidden_units(*engine.load(0), rounded_states).mean(), 2, 1.5);
}

// Layers that are left out
// ---------------------------------------------------------------------------

class SkippedLayersTest : public testing::Test {
  protected:
    static SkippedLayers of(const Variant& variant) {
        const Subject subject{
            .name = "test", .config = variant.config, .gate = 1.1, .samples = {.skipped = 16}};
        const LabOptions options{.threads = 1};
        const Context context{subject, options};
        return skipped_layers(context, {variant, context.weights_key(variant.config), 1}, true);
    }
};

TEST_F(SkippedLayersTest, NothingComesOutExactOfTheSpecifiedNetwork) {
    const SkippedLayers skipped = of({.name = "", .config = tiny(8)});
    ASSERT_EQ(skipped.attacks.size(), 5U);  // 1, 2 and 4 layers, and the blocks
    EXPECT_EQ(skipped.attacks[0].attack, "1 layer, 8 places");
    EXPECT_EQ(skipped.attacks[1].attack, "2 layers, 7 places");
    EXPECT_EQ(skipped.attacks[2].attack, "4 layers, 3 places");
    ASSERT_EQ(skipped.curves.size(), 5U);
    for (const AttackResult& attack : skipped.attacks) {
        EXPECT_EQ(attack.exact_outputs->estimate, 0) << attack.attack;
        EXPECT_EQ(judge(attack, 1.1), Verdict::passed) << attack.attack;
    }
    // The whole network costs 1, and layers that are left out cost nothing.
    EXPECT_NEAR(skipped.attacks[2].cost, 0.5, 0.06);
}

TEST_F(SkippedLayersTest, FreeLayersAreFoundOffCentre) {
    const SkippedLayers skipped = of({.name = "", .config = tiny(8), .identity_layers = {1, 2}});
    const AttackResult& pair = skipped.attacks[1];
    EXPECT_EQ(judge(pair, 1.1), Verdict::finding);
    EXPECT_GT(pair.exact_gain()->low, 1.1);
    EXPECT_EQ(pair.note, "exact without layers 1 to 2");
    EXPECT_EQ(skipped.attacks[2].exact_outputs->estimate, 0) << "four layers are not free";
}

TEST_F(SkippedLayersTest, AWholeCopyOfTheStatesIsComparedFromTheRightPlace) {
    const Variant variant{.name = "", .config = tiny(6)};
    const Subject subject{.name = "test", .config = variant.config, .gate = 1.1, .samples = {.skipped = 8}};
    const LabOptions options{.threads = 1};
    const Context context{subject, options};
    const Engine engine{variant, context.weights_key(variant.config), 1};
    const auto inputs = some_inputs(variant.config, 8);
    const std::vector<Skip> skips{{.layers = {5, 1}},
                                  {.layers = {0, 2}},
                                  {.layers = {2, 1}, .approximation = {.skip_ffn = true}},
                                  {.layers = {4, 2}}};
    const auto outcomes = skip_outcomes(context, engine, inputs, skips);
    ASSERT_EQ(outcomes.size(), skips.size());
    const Matrix exact = forward(engine, inputs);
    for (std::size_t i = 0; i < skips.size(); ++i) {
        Matrix states = engine.embed(inputs);
        for (std::uint32_t layer = 0; layer < variant.config.layers; ++layer) {
            const bool skip = skips[i].layers.contains(layer);
            ASSERT_TRUE(
                engine.apply(*engine.load(layer, skip ? skips[i].approximation : Approximation{}), states));
        }
        const Matrix outputs = engine.outputs(states);
        double cosine = 0;
        for (Eigen::Index row = 0; row < 8; ++row)
            cosine += exact.row(row).normalized().dot(outputs.row(row).normalized()) / 8;
        EXPECT_NEAR(outcomes[i].cosine.estimate, cosine, 1e-5) << i;
    }
}

TEST(ExactOutputs, AreAGainWhereTheyCostLess) {
    AttackResult attack;
    attack.output_binding = OutputBinding::exact_outputs;
    attack.bound = {Interval{0.9, 0.9, 0.9}, Interval{0.9, 0.9, 0.9}};
    attack.cost = 0.5;
    attack.exact_outputs = Interval{0.6, 0.7, 0.8};
    EXPECT_EQ(judge(attack, 1.03), Verdict::finding);
    attack.exact_outputs = Interval{0.3, 0.4, 0.6};
    EXPECT_EQ(judge(attack, 1.03), Verdict::undecided);
    attack.exact_outputs = Interval{0.3, 0.4, 0.5};
    EXPECT_EQ(judge(attack, 1.03), Verdict::passed);
    attack.exact_outputs = Interval{0, 0, 0.9};  // says how few were computed
    EXPECT_EQ(judge(attack, 1.03), Verdict::passed);
}

}  // namespace
}  // namespace pouw::inline v1::soundness
