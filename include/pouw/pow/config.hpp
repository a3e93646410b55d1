/// The config of the transformer: the model that a Race computes.
/// Source: docs/spec/pow.md sections 2 and 6.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/core/version.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace pouw::inline v1::pow {

/// The kind of a feed-forward block: two matrices, or three with a gate.
enum class FfnKind : std::uint32_t { plain = 0, gated = 1 };

/// The source of the permutation of a nonce's output. `output`: the output itself, so that only the exact
/// forward pass helps. `input`: the input seed alone, the literal reading of the paper. This binding is
/// unsound (section 7) and for research only.
enum class PermutationBinding : std::uint32_t { input = 0, output = 1 };

/// The config of a network. Two networks of the same config and race seed are equal. `validate` says whether
/// the network is defined.
struct POUW_API ModelConfig {
    std::uint32_t spec_version = core::spec_version;
    std::uint32_t vocab_size = 0;       ///< a power of two, at most 2^24
    std::uint32_t sequence_length = 0;  ///< 1..512
    std::uint32_t layers = 0;           ///< 1..4096
    std::uint32_t model_dim = 0;        ///< a multiple of 64 in 64..8192
    std::uint32_t heads = 0;            ///< divides model_dim
    std::uint32_t ffn_dim = 0;          ///< a multiple of 64
    FfnKind ffn_kind = FfnKind::plain;
    std::uint32_t qkv_shift = 0;                 ///< 1..24
    std::uint32_t score_shift = 0;               ///< 0..14
    std::uint32_t ffn_shift = 0;                 ///< 1..24
    std::uint32_t up_shift = 0;                  ///< gated: 1..24, plain: 0
    std::uint32_t gate_shift = 0;                ///< gated: 1..24, plain: 0
    std::uint32_t attention_residual_shift = 0;  ///< 0..16
    std::uint32_t ffn_residual_shift = 0;        ///< 0..16
    PermutationBinding permutation_binding = PermutationBinding::output;

    [[nodiscard]] constexpr std::uint32_t head_dim() const { return model_dim / heads; }

    friend constexpr bool operator==(const ModelConfig&, const ModelConfig&) = default;
};

/// Checks that the network is defined for this config: every bound of section 6.
/// Errors: errc::invalid_config, with the violated bound.
[[nodiscard]] POUW_API core::result<void> validate(const ModelConfig& config) noexcept;

/// Checks that the config is known to be a proof of all its work. Only the two whitepaper presets with
/// binding output are. A chain refuses every other config unless its rules name it.
/// Errors: those of `validate`; errc::unsound_config.
[[nodiscard]] POUW_API core::result<void> require_sound(const ModelConfig& config) noexcept;

/// A config with a name.
struct POUW_API Preset {
    std::string_view name;
    ModelConfig config;
};

/// The presets whitepaper, whitepaper-2.3b, tiny and tiny-gated, all with binding output.
[[nodiscard]] POUW_API std::span<const Preset> presets() noexcept;

/// The preset of that name.
/// Errors: errc::unknown_preset.
[[nodiscard]] POUW_API core::result<ModelConfig> preset(std::string_view name) noexcept;

/// The canonical encoding: the 16 fields in the order of declaration, four little-endian bytes for each.
[[nodiscard]] POUW_API std::array<std::uint8_t, 64> encode(const ModelConfig& config) noexcept;

/// The id of the model, `H("pouw.model.v1", encode(config))`.
[[nodiscard]] POUW_API core::ModelId model_id(const ModelConfig& config) noexcept;

/// The number of weights, embeddings included. It is below 2^53.
/// Expects: a valid config.
[[nodiscard]] POUW_API std::uint64_t parameter_count(const ModelConfig& config);

/// The number of multiplications and additions in the matrix products of one nonce. The last layer computes
/// keys and values at every position and the rest at the last position only, as every implementation can.
/// Expects: a valid config.
[[nodiscard]] POUW_API std::uint64_t operations_per_nonce(const ModelConfig& config);

}  // namespace pouw::inline v1::pow
