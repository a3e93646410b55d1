#include "pouw/pow/config.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/pow/errc.hpp"

#include <algorithm>
#include <bit>

namespace pouw::inline v1::pow {
namespace {

using core::fail;

constexpr ModelConfig whitepaper{.vocab_size = 8192,
                                 .sequence_length = 4,
                                 .layers = 64,
                                 .model_dim = 512,
                                 .heads = 128,
                                 .ffn_dim = 8192,
                                 .qkv_shift = 10,
                                 .score_shift = 10,
                                 .ffn_shift = 7,
                                 .attention_residual_shift = 11,
                                 .ffn_residual_shift = 14};

constexpr ModelConfig whitepaper_2_3b{.vocab_size = 8192,
                                      .sequence_length = 4,
                                      .layers = 64,
                                      .model_dim = 512,
                                      .heads = 128,
                                      .ffn_dim = 22528,
                                      .ffn_kind = FfnKind::gated,
                                      .qkv_shift = 10,
                                      .score_shift = 10,
                                      .ffn_shift = 7,
                                      .up_shift = 10,
                                      .gate_shift = 6,
                                      .attention_residual_shift = 11,
                                      .ffn_residual_shift = 14};

constexpr ModelConfig tiny{.vocab_size = 256,
                           .sequence_length = 4,
                           .layers = 4,
                           .model_dim = 128,
                           .heads = 32,
                           .ffn_dim = 512,
                           .qkv_shift = 9,
                           .score_shift = 10,
                           .ffn_shift = 7,
                           .attention_residual_shift = 10,
                           .ffn_residual_shift = 12};

constexpr ModelConfig tiny_gated = [] {
    ModelConfig config = tiny;
    config.ffn_kind = FfnKind::gated;
    config.up_shift = 9;
    config.gate_shift = 6;
    return config;
}();

constexpr std::array<Preset, 4> all_presets{{{"whitepaper", whitepaper},
                                             {"whitepaper-2.3b", whitepaper_2_3b},
                                             {"tiny", tiny},
                                             {"tiny-gated", tiny_gated}}};

constexpr bool within(std::uint32_t value, std::uint32_t low, std::uint32_t high) noexcept {
    return low <= value && value <= high;
}

/// No sum of products and residual may leave int32.
constexpr bool sums_fit(const ModelConfig& c) noexcept {
    const std::uint64_t products = std::uint64_t{16129} * std::max(c.model_dim, c.ffn_dim);
    const std::uint64_t residual = std::uint64_t{127}
                                   << std::max(c.attention_residual_shift, c.ffn_residual_shift);
    return products + std::max(residual, std::uint64_t{1} << 23) < (std::uint64_t{1} << 31);
}

}  // namespace

core::result<void> validate(const ModelConfig& c) noexcept {
    const auto bad = [](std::string_view bound) { return fail(errc::invalid_config, bound); };
    const bool gated = c.ffn_kind == FfnKind::gated;
    const std::uint64_t largest_tensor = std::uint64_t{1} << 38;

    if (c.spec_version != core::spec_version) return bad("spec_version must be 1");
    if (!gated && c.ffn_kind != FfnKind::plain) return bad("ffn_kind must be 0 (plain) or 1 (gated)");
    if (c.permutation_binding != PermutationBinding::output &&
        c.permutation_binding != PermutationBinding::input) {
        return bad("permutation_binding must be 0 (input) or 1 (output)");
    }
    if (!std::has_single_bit(c.vocab_size) || c.vocab_size > (1u << 24)) {
        return bad("vocab_size must be a power of two, at most 2^24");
    }
    if (!within(c.sequence_length, 1, 512)) return bad("sequence_length must be in 1..512");
    if (!within(c.layers, 1, 4096)) return bad("layers must be in 1..4096");
    if (!within(c.model_dim, 64, 8192) || c.model_dim % 64 != 0) {
        return bad("model_dim must be a multiple of 64 in 64..8192");
    }
    if (c.heads == 0 || c.model_dim % c.heads != 0) return bad("heads must divide model_dim");
    if (c.ffn_dim == 0 || c.ffn_dim % 64 != 0) return bad("ffn_dim must be a positive multiple of 64");
    if (std::uint64_t{c.vocab_size} * c.model_dim > largest_tensor)
        return bad("vocab_size * model_dim exceeds 2^38");
    if (std::uint64_t{c.ffn_dim} * c.model_dim > largest_tensor)
        return bad("ffn_dim * model_dim exceeds 2^38");
    if (!within(c.qkv_shift, 1, 24)) return bad("qkv_shift must be in 1..24");
    if (c.score_shift > 14) return bad("score_shift must be in 0..14");
    if (!within(c.ffn_shift, 1, 24)) return bad("ffn_shift must be in 1..24");
    if (gated) {
        if (!within(c.up_shift, 1, 24)) return bad("up_shift must be in 1..24");
        if (!within(c.gate_shift, 1, 24)) return bad("gate_shift must be in 1..24");
    } else {
        if (c.up_shift != 0) return bad("up_shift must be 0 in a plain block");
        if (c.gate_shift != 0) return bad("gate_shift must be 0 in a plain block");
    }
    if (c.attention_residual_shift > 16) return bad("attention_residual_shift must be in 0..16");
    if (c.ffn_residual_shift > 16) return bad("ffn_residual_shift must be in 0..16");
    if (!sums_fit(c)) return bad("sums exceed 31 bits: model_dim, ffn_dim or a residual shift is too large");
    return {};
}

core::result<void> require_sound(const ModelConfig& config) noexcept {
    if (auto valid = validate(config); !valid) return valid;
    if (config == whitepaper || config == whitepaper_2_3b) return {};
    return fail(errc::unsound_config);
}

std::span<const Preset> presets() noexcept { return all_presets; }

core::result<ModelConfig> preset(std::string_view name) noexcept {
    const auto found = std::find_if(all_presets.begin(), all_presets.end(),
                                    [name](const Preset& preset) { return preset.name == name; });
    if (found == all_presets.end()) return fail(errc::unknown_preset);
    return found->config;
}

std::array<std::uint8_t, 64> encode(const ModelConfig& c) noexcept {
    const std::array<std::uint32_t, 16> fields{c.spec_version,
                                               c.vocab_size,
                                               c.sequence_length,
                                               c.layers,
                                               c.model_dim,
                                               c.heads,
                                               c.ffn_dim,
                                               static_cast<std::uint32_t>(c.ffn_kind),
                                               c.qkv_shift,
                                               c.score_shift,
                                               c.ffn_shift,
                                               c.up_shift,
                                               c.gate_shift,
                                               c.attention_residual_shift,
                                               c.ffn_residual_shift,
                                               static_cast<std::uint32_t>(c.permutation_binding)};
    std::array<std::uint8_t, 64> out{};
    auto at = out.begin();
    for (const std::uint32_t field : fields) {
        const auto bytes = core::to_le(field);
        at = std::copy(bytes.begin(), bytes.end(), at);
    }
    return out;
}

core::ModelId model_id(const ModelConfig& config) noexcept {
    return {crypto::hash(crypto::domain::model, encode(config)).bytes};
}

std::uint64_t parameter_count(const ModelConfig& c) {
    POUW_EXPECTS(validate(c));
    const std::uint64_t dim = c.model_dim;
    const std::uint64_t ffn_matrices = c.ffn_kind == FfnKind::gated ? 3 : 2;
    const std::uint64_t layer = 4 * dim * dim + ffn_matrices * dim * c.ffn_dim;
    return (std::uint64_t{c.vocab_size} + c.sequence_length) * dim + c.layers * layer;
}

std::uint64_t operations_per_nonce(const ModelConfig& c) {
    POUW_EXPECTS(validate(c));
    const std::uint64_t dim = c.model_dim;
    const std::uint64_t ffn_matrices = c.ffn_kind == FfnKind::gated ? 3 : 2;
    const std::uint64_t key_and_value = 2 * dim * dim;
    const std::uint64_t rest = 2 * dim * dim + ffn_matrices * dim * c.ffn_dim;
    const std::uint64_t positions = std::uint64_t{c.sequence_length} * c.layers;
    const std::uint64_t positions_in_full = positions - (c.sequence_length - 1);
    const std::uint64_t products = positions * key_and_value + positions_in_full * rest;
    return 2 * products;
}

}  // namespace pouw::inline v1::pow
