#include "pouw/pow/config.hpp"

#include "support.hpp"

#include "pouw/core/describe.hpp"
#include "pouw/pow/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pouw::inline v1::pow {
namespace {

/// Values of one field on both sides of its bounds; `start` is valid.
struct Bounds {
    ModelConfig start;
    std::uint32_t ModelConfig::*field;
    std::vector<std::uint32_t> inside;
    std::vector<std::uint32_t> outside;
    std::string_view detail;
};

ModelConfig with(ModelConfig config, std::uint32_t ModelConfig::*field, std::uint32_t value) {
    config.*field = value;
    return config;
}

std::vector<Bounds> all_bounds() {
    const ModelConfig plain = test::preset("tiny");
    const ModelConfig gated = test::preset("tiny-gated");
    const ModelConfig one_head = with(plain, &ModelConfig::heads, 1);
    return {
        {plain, &ModelConfig::spec_version, {1}, {0, 2, UINT32_MAX}, "spec_version must be 1"},
        {plain,
         &ModelConfig::vocab_size,
         {1, 2, 1u << 24},
         {0, 3, (1u << 24) - 1, (1u << 24) + 1, 1u << 25, 1u << 31},
         "vocab_size must be a power of two, at most 2^24"},
        {plain, &ModelConfig::sequence_length, {1, 512}, {0, 513}, "sequence_length must be in 1..512"},
        {plain, &ModelConfig::layers, {1, 4096}, {0, 4097}, "layers must be in 1..4096"},
        {one_head,
         &ModelConfig::model_dim,
         {64, 192, 8192},
         {0, 32, 63, 65, 96, 8191, 8256, UINT32_MAX - 63},
         "model_dim must be a multiple of 64 in 64..8192"},
        {plain, &ModelConfig::heads, {1, 2, 128}, {0, 3, 127, 129, 256}, "heads must divide model_dim"},
        {plain,
         &ModelConfig::ffn_dim,
         {64, 192, 132608},
         {0, 32, 63, 65, UINT32_MAX},
         "ffn_dim must be a positive multiple of 64"},
        {plain,
         &ModelConfig::ffn_dim,
         {132608},
         {132672, 1u << 31},
         "sums exceed 31 bits: model_dim, ffn_dim or a residual shift is too large"},
        {plain, &ModelConfig::qkv_shift, {1, 24}, {0, 25, UINT32_MAX}, "qkv_shift must be in 1..24"},
        {plain, &ModelConfig::score_shift, {0, 14}, {15, UINT32_MAX}, "score_shift must be in 0..14"},
        {plain, &ModelConfig::ffn_shift, {1, 24}, {0, 25, UINT32_MAX}, "ffn_shift must be in 1..24"},
        {gated, &ModelConfig::up_shift, {1, 24}, {0, 25, UINT32_MAX}, "up_shift must be in 1..24"},
        {gated, &ModelConfig::gate_shift, {1, 24}, {0, 25, UINT32_MAX}, "gate_shift must be in 1..24"},
        {plain, &ModelConfig::up_shift, {0}, {1, 24, 25}, "up_shift must be 0 in a plain block"},
        {plain, &ModelConfig::gate_shift, {0}, {1, 24, 25}, "gate_shift must be 0 in a plain block"},
        {plain,
         &ModelConfig::attention_residual_shift,
         {0, 16},
         {17, 64, UINT32_MAX},
         "attention_residual_shift must be in 0..16"},
        {plain,
         &ModelConfig::ffn_residual_shift,
         {0, 16},
         {17, 64, UINT32_MAX},
         "ffn_residual_shift must be in 0..16"},
    };
}

TEST(Config, EveryBoundOnBothSides) {
    for (const Bounds& bounds : all_bounds()) {
        for (const std::uint32_t value : bounds.inside) {
            const auto verdict = validate(with(bounds.start, bounds.field, value));
            EXPECT_TRUE(verdict) << value << ": " << core::describe(verdict.error());
        }
        for (const std::uint32_t value : bounds.outside) {
            const auto verdict = validate(with(bounds.start, bounds.field, value));
            ASSERT_FALSE(verdict) << value << ": " << bounds.detail;
            EXPECT_EQ(verdict.error(), (core::error{pow::errc::invalid_config, bounds.detail})) << value;
        }
    }
}

TEST(Config, EnumerationsAreKnown) {
    ModelConfig config = test::preset("tiny-gated");
    config.ffn_kind = static_cast<FfnKind>(2);
    EXPECT_EQ(validate(config).error().detail, "ffn_kind must be 0 (plain) or 1 (gated)");
    config = test::preset("tiny", static_cast<PermutationBinding>(2));
    EXPECT_EQ(validate(config).error().detail, "permutation_binding must be 0 (input) or 1 (output)");
    EXPECT_TRUE(validate(test::preset("tiny", PermutationBinding::input)));
}

TEST(Config, BoundsThatJoinFields) {
    ModelConfig config = test::preset("tiny");
    config.model_dim = 8192;
    config.ffn_dim = 1u << 25;  // 2^38 weights are still allowed, sums of 2^25 terms are not
    EXPECT_EQ(validate(config).error().detail,
              "sums exceed 31 bits: model_dim, ffn_dim or a residual shift is too large");
    config.ffn_dim += 64;
    EXPECT_EQ(validate(config).error().detail, "ffn_dim * model_dim exceeds 2^38");

    // Everything at its upper bound at once.
    config = {.vocab_size = 1u << 24,
              .sequence_length = 512,
              .layers = 4096,
              .model_dim = 8192,
              .heads = 8192,
              .ffn_dim = 132608,
              .ffn_kind = FfnKind::gated,
              .qkv_shift = 24,
              .score_shift = 14,
              .ffn_shift = 24,
              .up_shift = 24,
              .gate_shift = 24,
              .attention_residual_shift = 16,
              .ffn_residual_shift = 16};
    EXPECT_TRUE(validate(config));
    EXPECT_LT(parameter_count(config), std::uint64_t{1} << 53);
}

TEST(Config, OnlyTheWhitepaperPresetsWithOutputBindingAreSound) {
    for (const Preset& preset : presets()) {
        EXPECT_TRUE(validate(preset.config));
        EXPECT_EQ(require_sound(preset.config).has_value(), preset.name.starts_with("whitepaper"));
        ModelConfig config = preset.config;
        config.permutation_binding = PermutationBinding::input;
        EXPECT_EQ(require_sound(config).error().code, pow::errc::unsound_config);
        config = preset.config;
        config.layers -= 1;
        EXPECT_EQ(require_sound(config).error().code, pow::errc::unsound_config);
        config.layers = 0;
        EXPECT_EQ(require_sound(config).error().code, pow::errc::invalid_config);
    }
}

TEST(Config, Presets) {
    ASSERT_EQ(presets().size(), 4u);
    for (const Preset& preset : presets()) EXPECT_EQ(pow::preset(preset.name).value(), preset.config);
    for (const char* name : {"", "Tiny", "tiny ", "whitepaper-2.3B"}) {
        EXPECT_EQ(pow::preset(name).error().code, pow::errc::unknown_preset) << name;
    }
}

TEST(Config, SizesOfThePresets) {
    EXPECT_EQ(parameter_count(test::preset("whitepaper")), 608'176'128u);
    EXPECT_EQ(parameter_count(test::preset("whitepaper-2.3b")), 2'285'897'728u);
    EXPECT_EQ(parameter_count(test::preset("tiny")), 819'712u);
    EXPECT_EQ(parameter_count(test::preset("tiny-gated")), 1'081'856u);
    EXPECT_EQ(operations_per_nonce(test::preset("whitepaper")), 4'778'360'832u);
    // One position, one layer: each weight of the layer is used once.
    ModelConfig config = test::preset("tiny-gated");
    config.layers = 1;
    config.sequence_length = 1;
    EXPECT_EQ(operations_per_nonce(config), 2u * (4 * 128 * 128 + 3 * 128 * 512));
}

TEST(Config, ModelIds) {
    const auto starts = [](const ModelConfig& config) {
        return core::to_hex(model_id(config).view()).substr(0, 16);
    };
    EXPECT_EQ(starts(test::preset("tiny")), "e07372af941b3c45");
    EXPECT_EQ(starts(test::preset("tiny", PermutationBinding::input)), "6b190d672b3f242f");
    EXPECT_EQ(starts(test::preset("tiny-gated")), "cdf9fd9742df6457");
    EXPECT_EQ(starts(test::preset("whitepaper")), "a68fbb7a6c530ae1");
    EXPECT_EQ(starts(test::preset("whitepaper-2.3b")), "8c4f2563065a248c");
}

TEST(Config, EncodingIsTheFieldsInOrder) {
    const ModelConfig config{.spec_version = 0x01000000,
                             .vocab_size = 2,
                             .sequence_length = 3,
                             .layers = 4,
                             .model_dim = 5,
                             .heads = 6,
                             .ffn_dim = 7,
                             .ffn_kind = static_cast<FfnKind>(8),
                             .qkv_shift = 9,
                             .score_shift = 10,
                             .ffn_shift = 11,
                             .up_shift = 12,
                             .gate_shift = 13,
                             .attention_residual_shift = 14,
                             .ffn_residual_shift = 15,
                             .permutation_binding = static_cast<PermutationBinding>(16)};
    const auto encoding = encode(config);
    EXPECT_EQ(encoding[0], 0);
    EXPECT_EQ(encoding[3], 1);
    for (std::uint32_t i = 1; i < 16; ++i) {
        EXPECT_EQ(core::load_le<std::uint32_t>(std::span{encoding}.subspan(4 * i, 4)), i + 1);
    }
}

TEST(ConfigDeathTest, CountsExpectAValidConfig) {
    EXPECT_DEATH((void)parameter_count(ModelConfig{}), "");
    EXPECT_DEATH((void)operations_per_nonce(ModelConfig{}), "");
}

}  // namespace
}  // namespace pouw::inline v1::pow
