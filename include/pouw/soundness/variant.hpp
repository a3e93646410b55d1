/// Networks that differ from the specified one in one property, which the lab must be able to tell apart. A
/// variant is a subject of experiments and never a preset, and no node can run it.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/pow/config.hpp"

#include <cstdint>
#include <string>

namespace pouw::inline v1::soundness {

/// The activation after the first product of a feed-forward block.
enum class Activation {
    fold,             ///< the specified odd triangle wave
    asymmetric_fold,  ///< its first version, on -128..127: its mean is -0.5
    raised_fold,      ///< fold, 2 higher
    even_fold,        ///< a quarter of a period on: even, which makes the product with a gate's partner odd
    relu,
    gelu
};

/// The place of the norms, and the positions that a position sees.
enum class Arrangement {
    post_norm,  ///< as specified: the norm follows the sum of residual and branch; all positions see all
    pre_norm_causal,  ///< as in GPT and Llama, in real numbers: the norm precedes the branch; the past is
                      ///< seen
};

/// Layers that follow one another.
struct POUW_API LayerRange {
    std::uint32_t first = 0;
    std::uint32_t count = 0;

    [[nodiscard]] constexpr bool contains(std::uint32_t layer) const noexcept {
        return layer >= first && layer - first < count;
    }
};

/// A network. The default is the specified network.
struct POUW_API Variant {
    std::string name{};
    pow::ModelConfig config{};
    Activation activation = Activation::fold;
    Arrangement arrangement = Arrangement::post_norm;
    float norm_gain =
        0;  ///< pre-norm only: standard deviation of the norms' random gains; 0: all gains are 1
    float weight_mean = 0;  ///< added to every weight
    bool input_noise = true;
    bool floor_norm = false;       ///< post-norm only: the norm rounds down
    LayerRange identity_layers{};  ///< their matrices Wo and W2 are zero, so that they add nothing
    bool paired_units = false;     ///< every second hidden unit is computed by the weights of the one before
    std::uint32_t tied_layers =
        1;  ///< so many layers that follow one another share their weights; at least 1

    /// Whether the network is that of the specification, so that every backend computes it.
    [[nodiscard]] bool specified() const noexcept {
        return activation == Activation::fold && arrangement == Arrangement::post_norm && weight_mean == 0 &&
               input_noise && !floor_norm && specified_weights();
    }
    /// Whether all weights are those of the specification, but for `weight_mean`.
    [[nodiscard]] bool specified_weights() const noexcept {
        return identity_layers.count == 0 && !paired_units && tied_layers == 1;
    }
};

}  // namespace pouw::inline v1::soundness
