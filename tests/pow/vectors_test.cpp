/// The files of tests/vectors/pow, which the Python implementation wrote (tests/reference).
#include "pow/operations.hpp"
#include "sanitized.hpp"
#include "support.hpp"

#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/chacha20.hpp"
#include "pouw/pow/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace pouw::inline v1::pow {
namespace {

using test::Json;

Json load(const std::string& name) { return test::load_vectors("pow/" + name + ".json"); }

/// A list of a file; not empty, for a test that read nothing would pass.
Json entries(const Json& file, const char* name) {
    Json list = file.at(name);
    if (list.empty()) throw std::runtime_error{std::string{"no "} + name};
    return list;
}

template <typename Integer>
std::vector<Integer> list(const Json& json) {
    return json.get<std::vector<Integer>>();
}

TEST(Vectors, EveryFileIsRead) {
    const std::set<std::string> read{"attention.json",
                                     "condition.json",
                                     "configs.json",
                                     "evaluate_tiny.json",
                                     "evaluate_whitepaper.json",
                                     "evaluate_whitepaper_2_3b.json",
                                     "extremes.json",
                                     "first_layer_tiny.json",
                                     "first_layer_tiny_gated.json",
                                     "fold.json",
                                     "isqrt.json",
                                     "norm.json",
                                     "seeds.json",
                                     "self_test.json",
                                     "shuffle.json",
                                     "streams.json",
                                     "whitepaper_outputs.json"};
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator{std::string{POUW_VECTORS} + "/pow"}) {
        found.insert(entry.path().filename().string());
    }
    EXPECT_EQ(found, read);  // differential_test.cpp reads extremes.json, self_test_test.cpp self_test.json
}

void expect_described(const ModelConfig& config, const Json& json) {
    EXPECT_TRUE(validate(config));
    EXPECT_EQ(core::to_hex(encode(config)), json.at("encoding"));
    EXPECT_EQ(core::to_hex(model_id(config).view()), json.at("model_id"));
}

TEST(Vectors, Configs) {
    const Json file = load("configs");
    for (const Json& entry : entries(file, "presets")) {
        const ModelConfig config = test::config_from(entry.at("config"));
        EXPECT_EQ(test::preset(entry.at("name").get<std::string>(), config.permutation_binding), config);
        EXPECT_EQ(parameter_count(config), test::u64(entry.at("parameters")));
        expect_described(config, entry);
    }
    for (const Json& entry : entries(file, "valid"))
        expect_described(test::config_from(entry.at("config")), entry);
    for (const Json& entry : entries(file, "invalid")) {
        const auto verdict = validate(test::config_from(entry.at("config")));
        ASSERT_FALSE(verdict) << entry;
        EXPECT_EQ(verdict.error().code, pow::errc::invalid_config);
        // The detail names the field that breaks the rule.
        EXPECT_NE(verdict.error().detail.find(entry.at("field").get<std::string>()), std::string_view::npos)
            << entry << ": " << verdict.error().detail;
    }
}

TEST(Vectors, Seeds) {
    const Json file = load("seeds");
    for (const Json& entry : entries(file, "races")) {
        const ChainState state{.chain_id = core::ChainId{test::bytes(entry.at("chain_id"))},
                               .height = test::u64(entry.at("height")),
                               .block_hash = test::fixed<core::BlockHash>(entry.at("block_hash")),
                               .beacon = test::fixed<core::BeaconOutput>(entry.at("beacon"))};
        EXPECT_EQ(race_seed(state), test::fixed<RaceSeed>(entry.at("race_seed")));
    }
    for (const Json& entry : entries(file, "nodes")) {
        EXPECT_EQ(node_seed(test::bytes(entry.at("public_key"))),
                  test::fixed<NodeSeed>(entry.at("node_seed")));
    }
    for (const Json& entry : entries(file, "race_keys")) {
        const RaceKey key = race_key(test::fixed<RaceSeed>(entry.at("race_seed")),
                                     test::fixed<core::ModelId>(entry.at("model_id")));
        EXPECT_EQ(key, test::fixed<RaceKey>(entry.at("race_key")));
        EXPECT_EQ(weights_key(key), test::fixed<WeightsKey>(entry.at("weights_key")));
    }
    for (const Json& entry : entries(file, "inputs")) {
        EXPECT_EQ(input_seed(test::fixed<RaceKey>(entry.at("race_key")),
                             test::fixed<NodeSeed>(entry.at("node_seed")), test::u64(entry.at("nonce"))),
                  test::fixed<InputSeed>(entry.at("input_seed")));
    }
}

WeightsKey weights_key_of(const ModelConfig& config, const Json& race_seed) {
    return weights_key(race_key(test::fixed<RaceSeed>(race_seed), model_id(config)));
}

TEST(Vectors, Streams) {
    const Json file = load("streams");
    const auto stream = [](const Json& entry) {
        core::Bytes bytes(entry.at("count").get<std::size_t>());
        crypto::ChaCha20Stream{test::fixed<WeightsKey>(entry.at("key")).view(),
                               entry.at("id").get<std::uint32_t>()}
            .read(test::u64(entry.at("first")), bytes);
        return bytes;
    };
    for (const Json& entry : entries(file, "raw")) EXPECT_EQ(core::to_hex(stream(entry)), entry.at("bytes"));
    for (const Json& entry : entries(file, "tensors")) {
        std::vector<std::int8_t> values;
        for (const std::uint8_t byte : stream(entry)) values.push_back(static_cast<std::int8_t>(byte));
        bytes_to_weights(values);
        EXPECT_EQ(values, test::int8s(entry.at("values")));
    }
    for (const Json& entry : entries(file, "tensor_digests")) {
        const ModelConfig config = test::preset(entry.at("preset").get<std::string>());
        const StreamedTensors source{config, weights_key_of(config, file.at("race_seed"))};
        const auto id = entry.at("id").get<TensorId>();
        const auto [rows, columns] = tensor_shape(config, id);
        EXPECT_EQ(rows, entry.at("rows").get<std::uint64_t>());
        EXPECT_EQ(columns, entry.at("columns").get<std::uint64_t>());
        std::vector<std::int8_t> scratch(rows * columns);
        EXPECT_EQ(test::digest(source.rows(id, 0, rows, scratch)), entry.at("digest"));
    }
    for (const Json& entry : entries(file, "inputs")) {
        ModelConfig config = test::preset("tiny");
        config.vocab_size = entry.at("vocab_size");
        config.sequence_length = entry.at("sequence_length");
        config.model_dim = entry.at("model_dim");
        const Input input = make_input(config, test::fixed<InputSeed>(entry.at("input_seed")));
        EXPECT_EQ(input.tokens, list<std::uint32_t>(entry.at("tokens")));
        const std::vector<std::int8_t> first = test::int8s(entry.at("first_noise"));
        EXPECT_TRUE(std::equal(first.begin(), first.end(), input.noise.begin()));
        EXPECT_EQ(test::digest(input.noise), entry.at("noise_digest"));
    }
}

TEST(Vectors, Shuffles) {
    const Json file = load("shuffle");
    for (const Json& entry : entries(file, "shuffles")) {
        const auto expected = list<std::uint32_t>(entry.at("permutation"));
        EXPECT_EQ(shuffle(test::fixed<InputSeed>(entry.at("key")).view(), entry.at("id"),
                          static_cast<std::uint32_t>(expected.size())),
                  expected);
    }
    for (const Json& entry : entries(file, "targets")) {
        const ModelConfig config =
            test::preset(entry.at("preset").get<std::string>(),
                         static_cast<PermutationBinding>(entry.at("permutation_binding").get<int>()));
        const WeightsKey key = test::fixed<WeightsKey>(entry.at("weights_key"));
        EXPECT_EQ(key, weights_key(race_key(test::check_race_seed(), model_id(config))));
        const std::vector<std::int8_t> target = make_target(config, key);
        EXPECT_EQ(target, test::int8s(entry.at("target")));
        EXPECT_EQ(test::digest(target), entry.at("digest"));
        const auto signs = entry.at("first_signs").get<std::string>();
        for (std::size_t i = 0; i < signs.size(); ++i) EXPECT_EQ(target[i] > 0, signs[i] == '+');
    }
    for (const Json& entry : entries(file, "permutations")) {
        const std::vector<std::int8_t> output = test::int8s(entry.at("output"));
        ModelConfig config =
            test::preset("tiny", static_cast<PermutationBinding>(entry.at("permutation_binding").get<int>()));
        config.model_dim = static_cast<std::uint32_t>(output.size());
        EXPECT_EQ(make_permutation(config, test::fixed<InputSeed>(entry.at("input_seed")), output),
                  list<std::uint32_t>(entry.at("permutation")));
    }
}

TEST(Vectors, Isqrt) {
    for (const Json& pair : entries(load("isqrt"), "pairs")) {
        EXPECT_EQ(isqrt(test::u64(pair.at(0))), test::u64(pair.at(1))) << pair;
    }
}

std::vector<std::int8_t> normed(std::span<const std::int32_t> y) {
    std::vector<std::int8_t> out(y.size());
    norm(y, out);
    return out;
}

TEST(Vectors, Norm) {
    for (const Json& entry : entries(load("norm"), "cases")) {
        std::vector<std::int32_t> y(entry.at("model_dim").get<std::size_t>(),
                                    entry.at("default").get<std::int32_t>());
        for (const Json& place : entry.at("set")) y.at(place.at(0)) = place.at(1);
        std::uint64_t sum = 0;
        for (const std::int64_t value : y) {
            sum += static_cast<std::uint64_t>(value) * static_cast<std::uint64_t>(value);
        }
        EXPECT_EQ(sum, test::u64(entry.at("square_sum"))) << entry.at("name");
        EXPECT_EQ(normed(y), test::int8s(entry.at("result"))) << entry.at("name");
    }
}

TEST(Vectors, Fold) {
    const Json file = load("fold");
    const auto z = list<std::int32_t>(file.at("z"));
    const auto expected = list<int>(file.at("result"));
    ASSERT_EQ(z.size(), expected.size());
    for (std::size_t i = 0; i < z.size(); ++i) EXPECT_EQ(fold(z[i]), expected[i]) << z[i];
}

// The attention of the specification, made of the operations; rows of q, k and v are positions.
struct Attention {
    std::size_t length;
    std::size_t dim;
    std::size_t heads;
    std::uint32_t score_shift;
    std::vector<std::int32_t> scores{};   ///< [head][query][key]
    std::vector<std::int32_t> weights{};  ///< [head][query][key]
    std::vector<std::int32_t> sums{};     ///< [head][query]
    std::vector<std::int8_t> context{};   ///< [query][coordinate]

    void run(std::span<const std::int8_t> q, std::span<const std::int8_t> k, std::span<const std::int8_t> v) {
        context.resize(length * dim);
        for (std::size_t head = 0; head < heads; ++head) {
            for (std::size_t query = 0; query < length; ++query) attend(head, query, q, k, v);
        }
    }

  private:
    void attend(std::size_t head, std::size_t query, std::span<const std::int8_t> q,
                std::span<const std::int8_t> k, std::span<const std::int8_t> v) {
        const std::size_t size = dim / heads;
        const std::size_t offset = head * size;
        const std::size_t first = scores.size();
        for (std::size_t t = 0; t < length; ++t) {
            std::int32_t score = 0;
            for (std::size_t i = offset; i < offset + size; ++i) score += q[query * dim + i] * k[t * dim + i];
            scores.push_back(score);
        }
        const std::int32_t largest =
            *std::max_element(scores.begin() + static_cast<std::ptrdiff_t>(first), scores.end());
        std::int32_t z = 0;
        for (std::size_t t = 0; t < length; ++t) {
            weights.push_back(attention_weight(largest - scores[first + t], score_shift));
            z += weights.back();
        }
        sums.push_back(z);
        for (std::size_t i = offset; i < offset + size; ++i) {
            std::int64_t sum = 0;
            for (std::size_t t = 0; t < length; ++t) sum += std::int64_t{weights[first + t]} * v[t * dim + i];
            context[query * dim + i] = saturate(round_shift<std::int64_t>(sum * ((1 << 24) / z), 24));
        }
    }
};

TEST(Vectors, Attention) {
    const Json file = load("attention");
    for (const Json& entry : entries(file, "softmax_weights")) {
        const auto e = list<std::int32_t>(entry.at("e"));
        const auto w = list<std::int32_t>(entry.at("w"));
        for (std::size_t i = 0; i < e.size(); ++i) {
            EXPECT_EQ(attention_weight(e[i], entry.at("score_shift")), w[i])
                << entry.at("score_shift") << e[i];
        }
    }
    const auto key = test::fixed<WeightsKey>(file.at("key"));
    for (const Json& entry : entries(file, "cases")) {
        Attention attention{.length = entry.at("sequence_length"),
                            .dim = entry.at("model_dim"),
                            .heads = entry.at("heads"),
                            .score_shift = entry.at("score_shift")};
        const auto filled = [&](const char* name, std::uint32_t id) {
            std::vector<std::int8_t> out(attention.length * attention.dim);
            test::fill(entry.at("fill").at(name).get<std::string>(), key.view(), id, 0, id, 0, out);
            return out;
        };
        attention.run(filled("q", 0), filled("k", 1), filled("v", 2));
        EXPECT_EQ(test::digest(attention.context), entry.at("digest"));
        const std::span<const std::int8_t> context = attention.context;
        const auto last = context.last(attention.dim);
        EXPECT_EQ((std::vector<std::int8_t>{last.begin(), last.end()}), test::int8s(entry.at("last")));
        if (entry.contains("context")) {
            EXPECT_EQ(attention.context, test::int8s(entry.at("context")));
        }
    }
}

TEST(Vectors, Condition) {
    for (const Json& entry : entries(load("condition"), "cases")) {
        Evaluation evaluation;
        evaluation.output = test::int8s(entry.at("output"));
        evaluation.squared_length = squared_length(evaluation.output);
        evaluation.squared_distance = entry.at("d2");
        EXPECT_EQ(evaluation.passes(test::u64(entry.at("threshold"))), entry.at("passes").get<bool>());
    }
}

/// The first layer step by step: the operations between the recorded values.
class FirstLayer {
  public:
    explicit FirstLayer(const Json& file)
        : config_{test::config_from(file.at("config"))},
          source_{config_, weights_key_of(config_, file.at("race_seed"))} {
        for (const Json& step : entries(file, "steps")) steps_[step.at("name").get<std::string>()] = step;
    }

    void check(const Input& input) {
        expect_values("input_sum", input_sum(input));
        expect_norms("input_sum", 0, {}, "input_norm");
        for (const auto& [name, which] :
             {std::pair{"q", LayerTensor::query}, {"k", LayerTensor::key}, {"v", LayerTensor::value}}) {
            expect_int8s(name, map(product("input_norm", which), [&](std::int32_t sum) {
                             return saturate(round_shift(sum, config_.qkv_shift));
                         }));
        }
        Attention attention{.length = config_.sequence_length,
                            .dim = config_.model_dim,
                            .heads = config_.heads,
                            .score_shift = config_.score_shift};
        attention.run(int8s("q"), int8s("k"), int8s("v"));
        expect_values("scores", attention.scores);
        expect_values("softmax_weights", attention.weights);
        expect_values("softmax_sums", attention.sums);
        expect_int8s("context", attention.context);
        expect_values("attention_product", product("context", LayerTensor::output));
        expect_norms("attention_product", config_.attention_residual_shift, "input_norm", "attention_norm");

        expect_values("ffn_product", product("attention_norm", LayerTensor::ffn_in));
        expect_int8s("ffn_fold", map(values("ffn_product"), [&](std::int32_t sum) {
                         return fold(round_shift(sum, config_.ffn_shift));
                     }));
        const bool gated = config_.ffn_kind == FfnKind::gated;
        if (gated) check_gate();
        expect_values("ffn_out_product", product(gated ? "gated" : "ffn_fold", LayerTensor::ffn_out));
        expect_norms("ffn_out_product", config_.ffn_residual_shift, "attention_norm", "ffn_norm");
        EXPECT_EQ(checked_.size(), steps_.size());
    }

    /// The network that ends here gives the last row.
    void check_backends(const Input& input) {
        ModelConfig config = config_;
        config.layers = 1;
        const std::vector<std::int8_t> rows = int8s("ffn_norm");
        for (const Backend* backend : test::supported_backends()) {
            const auto network =
                backend->load(config, std::make_shared<StreamedTensors>(source_), {.stored = false}).value();
            std::vector<std::int8_t> output(config.model_dim);
            ASSERT_TRUE(network->forward_pass(1).value()->run(std::span{&input, 1}, output, {}));
            EXPECT_TRUE(std::equal(output.rbegin(), output.rend(), rows.rbegin())) << backend->name();
        }
    }

  private:
    void check_gate() {
        expect_values("up_product", product("attention_norm", LayerTensor::ffn_up));
        expect_int8s("up", map(values("up_product"), [&](std::int32_t sum) {
                         return saturate(round_shift(sum, config_.up_shift));
                     }));
        std::vector<std::int8_t> a = int8s("ffn_fold");
        const std::vector<std::int8_t> up = int8s("up");
        for (std::size_t i = 0; i < a.size(); ++i) {
            a[i] = saturate(round_shift(std::int32_t{a[i]} * up[i], config_.gate_shift));
        }
        expect_int8s("gated", a);
    }

    [[nodiscard]] std::vector<std::int32_t> input_sum(const Input& input) const {
        const std::size_t dim = config_.model_dim;
        std::vector<std::int32_t> out(input.noise.begin(), input.noise.end());
        std::vector<std::int8_t> scratch(dim);
        for (std::size_t position = 0; position < config_.sequence_length; ++position) {
            const auto add = [&](TensorId id, std::uint64_t row) {
                const auto weights = source_.rows(id, row, 1, scratch);
                for (std::size_t i = 0; i < dim; ++i) out[position * dim + i] += weights[i];
            };
            add(token_embedding, input.tokens[position]);
            add(position_embedding, position);
        }
        return out;
    }

    [[nodiscard]] std::vector<std::int8_t> int8s(const std::string& step) const {
        return test::int8s(steps_.at(step).at("int8"));
    }
    [[nodiscard]] std::vector<std::int32_t> values(const std::string& step) const {
        return list<std::int32_t>(steps_.at(step).at("values"));
    }

    [[nodiscard]] std::vector<std::int32_t> product(const std::string& step, LayerTensor which) const {
        const std::vector<std::int8_t> x = int8s(step);
        const TensorId id = layer_tensor(0, which);
        const auto [rows, columns] = tensor_shape(config_, id);
        std::vector<std::int8_t> weights(rows * columns);
        (void)source_.rows(id, 0, rows, weights);
        std::vector<std::int32_t> out;
        for (std::size_t position = 0; position < config_.sequence_length; ++position) {
            for (std::size_t row = 0; row < rows; ++row) {
                std::int32_t sum = 0;
                for (std::size_t i = 0; i < columns; ++i) {
                    sum += x[position * columns + i] * weights[row * columns + i];
                }
                out.push_back(sum);
            }
        }
        return out;
    }

    template <typename Operation>
    static std::vector<std::int8_t> map(const std::vector<std::int32_t>& x, const Operation& operation) {
        std::vector<std::int8_t> out(x.size());
        std::transform(x.begin(), x.end(), out.begin(), operation);
        return out;
    }

    void expect_values(const std::string& step, const std::vector<std::int32_t>& found) {
        EXPECT_EQ(found, values(step)) << step;
        checked_.insert(step);
    }
    void expect_int8s(const std::string& step, const std::vector<std::int8_t>& found) {
        EXPECT_EQ(found, int8s(step)) << step;
        checked_.insert(step);
    }

    /// `step` is the norm of `branch` and, where one is named, of the shifted residual.
    void expect_norms(const std::string& branch, std::uint32_t shift, const std::string& residual,
                      const std::string& step) {
        std::vector<std::int32_t> y = values(branch);
        if (!residual.empty()) {
            const std::vector<std::int8_t> h = int8s(residual);
            for (std::size_t i = 0; i < y.size(); ++i) y[i] += h[i] * (1 << shift);
        }
        std::vector<std::int8_t> found;
        for (std::size_t first = 0; first < y.size(); first += config_.model_dim) {
            const auto row = normed(std::span{y}.subspan(first, config_.model_dim));
            found.insert(found.end(), row.begin(), row.end());
        }
        expect_int8s(step, found);
    }

    ModelConfig config_;
    StreamedTensors source_;
    std::map<std::string, Json> steps_;
    std::set<std::string> checked_;
};

TEST(Vectors, FirstLayer) {
    for (const char* name : {"first_layer_tiny", "first_layer_tiny_gated"}) {
        SCOPED_TRACE(name);
        const Json file = load(name);
        const ModelConfig config = test::config_from(file.at("config"));
        const RaceKey key = race_key(test::fixed<RaceSeed>(file.at("race_seed")), model_id(config));
        const NodeSeed node = node_seed(test::bytes(file.at("public_key")));
        const Input input = make_input(config, input_seed(key, node, test::u64(file.at("nonce"))));
        EXPECT_EQ(input.tokens, list<std::uint32_t>(file.at("tokens")));
        FirstLayer layer{file};
        layer.check(input);
        layer.check_backends(input);
    }
}

void expect_evaluation(const Evaluation& found, const Json& expected) {
    EXPECT_EQ(found.nonce, test::u64(expected.at("nonce")));
    EXPECT_EQ(found.output, test::int8s(expected.at("output")));
    EXPECT_EQ(found.squared_distance, expected.at("d2").get<std::uint64_t>());
    if (expected.contains("tokens")) {
        EXPECT_EQ(found.tokens, list<std::uint32_t>(expected.at("tokens")));
    }
    if (expected.contains("output_digest")) {
        EXPECT_EQ(test::digest(found.output), expected.at("output_digest"));
    }
}

/// All evaluations of one race, in batches of those that share a key.
void expect_race(const Json& json, std::string_view backend, bool stored) {
    SCOPED_TRACE(backend);
    const ModelConfig config = test::config_from(json.at("config"));
    expect_described(config, json);
    const Race race =
        Race::create(config, test::fixed<RaceSeed>(json.at("race_seed")), backend, {.stored = stored})
            .value();
    std::map<std::string, std::vector<Json>> by_key;
    for (const Json& entry : json.at("evaluations")) {
        by_key[entry.at("public_key").get<std::string>()].push_back(entry);
    }
    for (const auto& [key, entries] : by_key) {
        std::vector<std::uint64_t> nonces;
        for (const Json& entry : entries) nonces.push_back(test::u64(entry.at("nonce")));
        Evaluator evaluator = Evaluator::create(race, node_seed(*core::from_hex(key)), nonces.size()).value();
        const auto found = evaluator.evaluate(nonces).value();
        for (std::size_t i = 0; i < nonces.size(); ++i) expect_evaluation(found[i], entries[i]);
    }
}

TEST(Vectors, EvaluateTiny) {
    for (const Json& race : entries(load("evaluate_tiny"), "races")) {
        for (const Backend* backend : test::supported_backends()) {
            for (const bool stored : {true, false}) expect_race(race, backend->name(), stored);
        }
    }
}

// The large presets on the best backend; all of them compute the check values in race_test.cpp.
TEST(Vectors, EvaluateWhitepaper) {
    for (const Json& race : entries(load("evaluate_whitepaper"), "races")) {
        expect_race(race, select_backend().value()->name(), false);
    }
}

TEST(Vectors, EvaluateWhitepaper2_3b) {
    for (const Json& race : entries(load("evaluate_whitepaper_2_3b"), "races")) {
        expect_race(race, select_backend().value()->name(), false);
    }
}

TEST(Vectors, EvaluateWhitepaper2_3bOnTheReference) {
    if (test::sanitized) GTEST_SKIP() << "the steps of EvaluateTiny";
    Json race = load("evaluate_whitepaper_2_3b").at("races").at(0);
    race.at("evaluations").erase(race.at("evaluations").begin() + 2, race.at("evaluations").end());
    expect_race(race, "reference", false);
}

// d2 alone for all; the passes for the first of them.
TEST(Vectors, WhitepaperOutputs) {
    const Json file = load("whitepaper_outputs");
    const ModelConfig config = test::preset(file.at("preset").get<std::string>());
    const RaceKey key = race_key(test::fixed<RaceSeed>(file.at("race_seed")), model_id(config));
    const NodeSeed node = node_seed(test::bytes(file.at("public_key")));
    const std::vector<std::int8_t> target = make_target(config, weights_key(key));
    for (const Json& entry : entries(file, "outputs")) {
        const std::vector<std::int8_t> output = test::int8s(entry.at("output"));
        const InputSeed seed = input_seed(key, node, test::u64(entry.at("nonce")));
        EXPECT_EQ(squared_distance(output, make_permutation(config, seed, output), target),
                  entry.at("d2").get<std::uint64_t>());
        EXPECT_GE(squared_length(output), 960u * output.size());
    }
    const std::vector<std::uint64_t> nonces{2, 3, 95};
    const Race race = test::make_race(config, "", false);
    const auto found = Evaluator::create(race, node, nonces.size()).value().evaluate(nonces).value();
    for (const Evaluation& evaluation : found) {
        expect_evaluation(evaluation, file.at("outputs").at(evaluation.nonce));
    }
}

}  // namespace
}  // namespace pouw::inline v1::pow
