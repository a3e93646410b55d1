#include "pow/kernels/random_model.hpp"
#include "sanitized.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/initialize.hpp"
#include "pouw/pow/race.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace pouw::inline v1::pow {
namespace {

using test::Pattern;
using test::PatternTensors;
using test::Random;

/// The built-in backends, the scalar one among them: what it is compared with is then known answers alone.
std::vector<const Backend*> built_in_backends() { return backends(); }

/// Asks the compiler's library, not our own detection, what the machine can do.
std::set<std::string_view> backends_of_this_machine() {
    std::set<std::string_view> out{"scalar"};
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2")) out.insert("avx2");
    if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw")) out.insert("avx512-vnni");
#if defined(__GNUC__) && !defined(__clang__)
    if (__builtin_cpu_supports("avxvnni")) out.insert("avx-vnni");
    if (__builtin_cpu_supports("amx-int8")) out.insert("amx-int8");
#endif
#elif defined(__aarch64__) && defined(__linux__)
    if ((getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0) out.insert("neon-dotprod");
#endif
    return out;
}

TEST(Backends, EveryOneThatTheMachineSupportsIsExercised) {
    std::set<std::string_view> exercised;
    for (const Backend* backend : built_in_backends()) {
        if (backend->supported()) exercised.insert(backend->name());
    }
    for (const std::string_view name : backends_of_this_machine())
        EXPECT_TRUE(exercised.contains(name)) << name << " is not run by these tests";
}

TEST(Backends, BestIsTheFirstSupportedAndScalarTheLast) {
    ASSERT_TRUE(crypto::initialize());
    const auto all = backends();
    EXPECT_EQ(all.back(), &scalar_backend());
    const auto best = select_backend(all.front()->supported() ? all.front()->name() : std::string_view{});
    ASSERT_TRUE(best);
    EXPECT_TRUE((*best)->supported());
}

/// tests/cross.sh says which one a machine must choose: so it is known that the emulated processor is what it
/// seems.
TEST(Backends, TheExpectedOneIsChosen) {
    const char* expected = std::getenv("POUW_EXPECT_BACKEND");
    const auto chosen = select_backend();
    ASSERT_TRUE(chosen);
    if (expected == nullptr) GTEST_SKIP() << "runs " << (*chosen)->name();
    EXPECT_EQ((*chosen)->name(), expected);
}

class BackendTest : public testing::TestWithParam<const Backend*> {
  protected:
    void SetUp() override {
        if (!GetParam()->supported()) GTEST_SKIP() << "this machine does not support " << GetParam()->name();
        ASSERT_TRUE(crypto::initialize());
    }

    /// Outputs of all inputs, `batch` at a time.
    static std::vector<std::int8_t> outputs(const Backend& backend, const ModelConfig& config,
                                            const std::shared_ptr<const TensorSource>& source,
                                            const std::vector<Input>& inputs, std::size_t batch,
                                            const LoadOptions& options) {
        const auto network = backend.load(config, source, options).value();
        const auto pass = network->forward_pass(batch).value();
        std::vector<std::int8_t> out(inputs.size() * config.model_dim);
        for (std::size_t first = 0; first < inputs.size(); first += batch) {
            const std::size_t count = std::min(batch, inputs.size() - first);
            const auto done = pass->run(std::span{inputs}.subspan(first, count),
                                        std::span{out}.subspan(first * config.model_dim), {});
            EXPECT_TRUE(done);
        }
        return out;
    }

    static void expect_equal(const ModelConfig& config, const std::shared_ptr<const TensorSource>& source,
                             const std::vector<Input>& inputs, std::size_t batch) {
        ASSERT_TRUE(validate(config)) << test::describe(config);
        if (GetParam() == &scalar_backend()) GTEST_SKIP() << "is what the others are compared with";
        const auto expected =
            outputs(scalar_backend(), config, source, inputs, inputs.size(), {.stored = false});
        for (const bool stored : {true, false}) {
            const auto actual =
                outputs(*GetParam(), config, source, inputs, batch, {.stored = stored, .threads = 2});
            ASSERT_EQ(actual, expected)
                << test::describe(config) << (stored ? ", stored" : ", streamed") << ", batch " << batch;
        }
    }
};

TEST_P(BackendTest, PassesItsSelfTest) { EXPECT_TRUE(self_test(*GetParam())); }

TEST_P(BackendTest, EqualsScalarOnRandomShapes) {
    Random random{7};
    for (int i = 0; i < 60; ++i) {
        const ModelConfig config = test::random_config(random);
        const auto pattern = static_cast<Pattern>(random() % test::pattern_count);
        const auto source = std::make_shared<PatternTensors>(config, pattern, random());
        const std::size_t count = 1 + random() % 9;
        expect_equal(config, source, test::random_inputs(config, count, random), 1 + random() % count);
        if (HasFatalFailure() || IsSkipped()) return;
    }
}

TEST_P(BackendTest, EqualsScalarOnExtremeWeightsAndInputs) {
    Random random{8};
    for (const FfnKind kind : {FfnKind::plain, FfnKind::gated}) {
        for (std::size_t pattern = 0; pattern < test::pattern_count; ++pattern) {
            ModelConfig config = preset(kind == FfnKind::plain ? "tiny" : "tiny-gated").value();
            // Residuals and sums as large as they come.
            config.ffn_dim = 1088;
            config.attention_residual_shift = 16;
            config.ffn_residual_shift = 16;
            const auto source = std::make_shared<PatternTensors>(config, static_cast<Pattern>(pattern), 3);
            expect_equal(config, source, test::random_inputs(config, 5, random), 5);
            if (HasFatalFailure() || IsSkipped()) return;
        }
    }
}

TEST_P(BackendTest, EqualsScalarAtTheLargestDepths) {
    if (test::sanitized) GTEST_SKIP() << "the steps of EqualsScalarOnRandomShapes";
    Random random{9};
    ModelConfig wide = preset("tiny").value();
    wide.layers = 1;
    wide.sequence_length = 2;
    wide.model_dim = 64;
    wide.heads = 16;
    wide.ffn_dim = 132'608;  // 16129 times it is just below 2^31 - 2^23
    ModelConfig broad = wide;
    broad.vocab_size = 1;
    broad.model_dim = 8192;
    broad.heads = 1;
    broad.ffn_dim = 64;
    for (const ModelConfig& config : {wide, broad}) {
        for (const Pattern pattern : {Pattern::largest, Pattern::signs}) {
            const auto source = std::make_shared<PatternTensors>(config, pattern, 3);
            expect_equal(config, source, test::random_inputs(config, 1, random), 1);
            if (HasFatalFailure() || IsSkipped()) return;
        }
    }
}

TEST_P(BackendTest, EqualsScalarOnTheLongestSequence) {
    Random random{10};
    ModelConfig config = preset("tiny").value();
    config.layers = 2;
    config.sequence_length = 512;
    config.model_dim = 64;
    config.ffn_dim = 64;
    for (const std::uint32_t heads : {1u, 16u, 64u}) {
        config.heads = heads;
        const auto source = std::make_shared<PatternTensors>(config, Pattern::random, 3);
        expect_equal(config, source, test::random_inputs(config, 2, random), 2);
        if (HasFatalFailure() || IsSkipped()) return;
    }
}

/// docs/spec/pow.md section 7.
TEST_P(BackendTest, ComputesTheCheckValuesOfWhitepaper) {
    const ModelConfig config = preset("whitepaper").value();
    const auto from_hex = [](std::string_view hex) { return core::from_hex(hex).value(); };
    const auto seed =
        RaceSeed::from(from_hex("633756fa774c8cfa0c64779e47a17abe94f548a739d36f23b85e1fb179486a36")).value();
    const auto node =
        NodeSeed::from(from_hex("f1e6919610f4eb099d02d24721e9fad18c04980573f8b0238815af08d1469c94")).value();
    for (const bool stored : {true, false}) {
        const auto race =
            Race::create(config, seed, GetParam()->name(), {.stored = stored, .threads = 2}).value();
        const std::uint64_t nonces[]{0, 1};
        const auto evaluations = Evaluator::create(race, node, 2).value().evaluate(nonces).value();
        EXPECT_EQ(evaluations[0].squared_distance, 1'109'047u);
        EXPECT_EQ(evaluations[1].squared_distance, 1'040'478u);
        const auto digest = crypto::blake2b_256(core::as_bytes(std::span{evaluations[1].output}));
        EXPECT_EQ(core::to_hex(digest.view()),
                  "57c43c9fa7ca88d52963433706a687027722e3471af3fc8cbde07ae3f4c20d66");
    }
}

TEST_P(BackendTest, StopsWhenAsked) {
    const ModelConfig config = preset("tiny").value();
    Random random{11};
    const auto source = std::make_shared<PatternTensors>(config, Pattern::random, 3);
    std::stop_source stop;
    stop.request_stop();
    const auto stopped = GetParam()->load(config, source, {.stop = stop.get_token()});
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, core::errc::cancelled);
    const auto network = GetParam()->load(config, source, {}).value();
    std::vector<std::int8_t> out(config.model_dim);
    const auto done =
        network->forward_pass(1).value()->run(test::random_inputs(config, 1, random), out, stop.get_token());
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, core::errc::cancelled);
}

INSTANTIATE_TEST_SUITE_P(All, BackendTest, testing::ValuesIn(built_in_backends()), [](const auto& instance) {
    std::string name{instance.param->name()};
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

}  // namespace
}  // namespace pouw::inline v1::pow
