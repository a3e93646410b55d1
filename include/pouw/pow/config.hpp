/// The shape of the transformer: which model a Race computes. docs/spec/pow.md sections 2 and 6.
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

/// The feed-forward block: two matrices, or three with a gate.
enum class FfnKind : std::uint32_t { plain = 0, gated = 1 };

/// What the permutation of a nonce's output is drawn from. `output`: the output itself, so that nothing but
/// the exact forward pass helps. `input`: the input seed alone, as the paper reads literally; it leaks
/// (section 7) and is for research only.
enum class PermutationBinding : std::uint32_t { input = 0, output = 1 };

/// All that distinguishes one network from another. A plain value; `validate` says whether it can be
/// computed.
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

/// Whether the network is defined for this config: every bound of section 6.
/// Errors: errc::invalid_config, with the violated bound. Cost: none to speak of.
[[nodiscard]] POUW_API core::result<void> validate(const ModelConfig& config) noexcept;

/// Whether the config is known to be a proof of all its work: the two whitepaper presets with binding output,
/// and nothing else. A chain refuses every other config unless told by name. Errors: those of `validate`;
/// errc::unsound_config.
[[nodiscard]] POUW_API core::result<void> require_sound(const ModelConfig& config) noexcept;

struct POUW_API Preset {
    std::string_view name;
    ModelConfig config;
};

/// whitepaper, whitepaper-2.3b, tiny and tiny-gated, all with binding output.
[[nodiscard]] POUW_API std::span<const Preset> presets() noexcept;

/// The preset of that name. Errors: errc::unknown_preset.
[[nodiscard]] POUW_API core::result<ModelConfig> preset(std::string_view name) noexcept;

/// The canonical encoding: the 16 fields in the order of declaration, four little-endian bytes each.
[[nodiscard]] POUW_API std::array<std::uint8_t, 64> encode(const ModelConfig& config) noexcept;

/// `H("pouw.model.v1", encode(config))`.
[[nodiscard]] POUW_API core::ModelId model_id(const ModelConfig& config) noexcept;

/// Number of weights, embeddings included. Expects a valid config (below 2^53 for every one).
[[nodiscard]] POUW_API std::uint64_t parameter_count(const ModelConfig& config);

/// Multiplications and additions of the matrix products of one nonce, with the saving that everybody has in
/// the last layer, where beyond keys and values only the last position is needed. Expects a valid config.
[[nodiscard]] POUW_API std::uint64_t operations_per_nonce(const ModelConfig& config);

}  // namespace pouw::inline v1::pow
