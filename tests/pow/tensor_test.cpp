#include "pouw/pow/tensor.hpp"

#include "support.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/crypto/chacha20.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pouw::inline v1::pow {
namespace {

using test::Random;

WeightsKey key_of(const ModelConfig& config) {
    return weights_key(race_key(test::check_race_seed(), model_id(config)));
}

std::vector<std::int8_t> read(const TensorSource& source, const ModelConfig& config, TensorId id,
                              std::uint64_t first, std::uint64_t count) {
    std::vector<std::int8_t> scratch(count * tensor_shape(config, id).columns);
    const auto rows = source.rows(id, first, count, scratch);
    return {rows.begin(), rows.end()};
}

std::vector<std::int8_t> read(const TensorSource& source, const ModelConfig& config, TensorId id) {
    return read(source, config, id, 0, tensor_shape(config, id).rows);
}

TEST(Tensor, ShapesAddUpToTheParameters) {
    for (const Preset& preset : presets()) {
        std::uint64_t sum = 0;
        TensorId before = 0;
        for (const TensorId id : tensors(preset.config)) {
            EXPECT_TRUE(id == 0 || id > before);
            before = id;
            const auto [rows, columns] = tensor_shape(preset.config, id);
            sum += rows * columns;
        }
        EXPECT_EQ(sum, parameter_count(preset.config)) << preset.name;
    }
    EXPECT_EQ(layer_tensor(63, LayerTensor::ffn_out), 16u + 8 * 63 + 6);
}

TEST(Tensor, OnlyThePrescribedWeightsHaveAKey) {
    const ModelConfig config = test::preset("tiny");
    EXPECT_EQ(StreamedTensors(config, key_of(config)).weights_key(), key_of(config));
    EXPECT_EQ(test::FilledTensors(config, key_of(config), {{"wq", "max"}}).weights_key(), std::nullopt);
}

TEST(Tensor, AWeightIsAByteOfItsStream) {
    const ModelConfig config = test::preset("tiny");
    const TensorId id = layer_tensor(3, LayerTensor::ffn_in);
    const std::vector<std::int8_t> whole = read(StreamedTensors{config, key_of(config)}, config, id);
    core::Bytes bytes(whole.size());
    crypto::ChaCha20Stream{key_of(config).view(), id}.read(0, bytes);
    int zeros = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const int expected = bytes[i] == 0x80 ? 0 : static_cast<std::int8_t>(bytes[i]);
        ASSERT_EQ(whole[i], expected);
        zeros += bytes[i] == 0x80;
    }
    EXPECT_GT(zeros, 0);
}

TEST(Tensor, AnyTileAloneEqualsTheWhole) {
    const ModelConfig config = test::preset("tiny-gated");
    const StreamedTensors source{config, key_of(config)};
    Random random{3};
    for (const TensorId id : tensors(config)) {
        const auto [rows, columns] = tensor_shape(config, id);
        const std::vector<std::int8_t> whole = read(source, config, id);
        for (int i = 0; i < 20; ++i) {
            const std::uint64_t first = random.below(static_cast<std::uint32_t>(rows));
            const std::uint64_t count = random.below(static_cast<std::uint32_t>(rows - first + 1));
            const std::vector<std::int8_t> tile = read(source, config, id, first, count);
            ASSERT_TRUE(std::equal(tile.begin(), tile.end(),
                                   whole.begin() + static_cast<std::ptrdiff_t>(first * columns)));
        }
    }
}

TEST(Tensor, StoredEqualsStreamed) {
    for (const char* name : {"tiny", "tiny-gated"}) {
        const ModelConfig config = test::preset(name);
        const StreamedTensors streamed{config, key_of(config)};
        EXPECT_EQ(streamed.memory_bytes(), 0u);
        for (const unsigned threads : {1u, 3u}) {
            const auto stored = store_tensors(config, streamed, {.threads = threads}).value();
            EXPECT_EQ(stored->memory_bytes(), parameter_count(config));
            for (const TensorId id : tensors(config)) {
                ASSERT_EQ(read(*stored, config, id), read(streamed, config, id)) << id;
            }
        }
    }
}

TEST(Tensor, ReadsLargeShapesWhereverTheyLie) {
    ModelConfig config = test::preset("tiny");
    config.vocab_size = 1u << 24;
    config.heads = 1;
    config.model_dim = 8192;  // 2^37 weights: nobody stores these
    const StreamedTensors source{config, key_of(config)};
    const std::vector<std::int8_t> row = read(source, config, token_embedding, (1u << 24) - 1, 1);
    std::vector<std::uint8_t> bytes(8192);
    crypto::ChaCha20Stream{key_of(config).view(), 0}.read((std::uint64_t{1} << 37) - 8192, bytes);
    std::vector<std::int8_t> expected(bytes.size());
    std::transform(bytes.begin(), bytes.end(), expected.begin(),
                   [](std::uint8_t byte) { return static_cast<std::int8_t>(byte); });
    bytes_to_weights(expected);
    EXPECT_EQ(row, expected);
}

TEST(Tensor, ReportsProgress) {
    const ModelConfig config = test::preset("tiny");
    std::uint64_t before = 0;
    std::uint64_t whole = 0;
    const auto progress = [&](std::uint64_t done, std::uint64_t total) {
        EXPECT_GT(done, before);
        EXPECT_LE(done, total);
        before = done;
        whole = total;
    };
    ASSERT_TRUE(store_tensors(config, StreamedTensors{config, key_of(config)}, {.progress = progress}));
    EXPECT_EQ(before, whole);
    EXPECT_GT(whole, 0u);
}

TEST(Tensor, CanBeCancelled) {
    const ModelConfig config = test::preset("tiny");
    const StreamedTensors source{config, key_of(config)};
    std::stop_source stop;
    int calls = 0;
    const auto stop_at_once = [&](std::uint64_t, std::uint64_t) {
        ++calls;
        stop.request_stop();
    };
    const auto cancelled =
        store_tensors(config, source, {.progress = stop_at_once, .stop = stop.get_token()});
    EXPECT_EQ(cancelled.error().code, core::errc::cancelled);
    EXPECT_EQ(calls, 1);
    for (const unsigned threads : {1u, 4u}) {
        const auto late = store_tensors(config, source, {.threads = threads, .stop = stop.get_token()});
        EXPECT_EQ(late.error().code, core::errc::cancelled);
    }
}

TEST(Tensor, ExceptionsOfTheSourcePassThrough) {
    class Broken final : public TensorSource {
      public:
        std::span<const std::int8_t> rows(TensorId id, std::uint64_t, std::uint64_t,
                                          std::span<std::int8_t> scratch) const override {
            if (id == 20) throw std::bad_alloc{};
            return scratch;
        }
        std::uint64_t memory_bytes() const noexcept override { return 0; }
    };
    for (const unsigned threads : {1u, 3u}) {
        EXPECT_THROW((void)store_tensors(test::preset("tiny"), Broken{}, {.threads = threads}),
                     std::bad_alloc);
    }
}

TEST(TensorDeathTest, RowsMustExistAndFit) {
    const ModelConfig config = test::preset("tiny");
    const StreamedTensors source{config, key_of(config)};
    std::vector<std::int8_t> scratch(4 * 128);
    EXPECT_DEATH((void)source.rows(token_embedding, 253, 4, scratch), "");
    EXPECT_DEATH((void)source.rows(token_embedding, UINT64_MAX, 2, scratch), "");
    EXPECT_DEATH((void)source.rows(token_embedding, 0, 5, scratch), "");
    for (const TensorId id : {target_stream, TensorId{15}, layer_tensor(0, LayerTensor::ffn_up), TensorId{23},
                              layer_tensor(4, LayerTensor::query)}) {
        EXPECT_DEATH((void)tensor_shape(config, id), "") << id;
    }
}

}  // namespace
}  // namespace pouw::inline v1::pow
