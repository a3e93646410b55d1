/// Networks that differ from the specified one in one property, which the lab must be able to tell apart. A
/// variant is a subject of experiments and never a preset, and no node can run it.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/pow/config.hpp"

#include <string>

namespace pouw::inline v1::soundness {

/// The activation after the first product of a feed-forward block.
enum class Activation {
    fold,             ///< the specified odd triangle wave
    asymmetric_fold,  ///< its first version, on -128..127: its mean is -0.5
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

    /// Whether the network is that of the specification, so that every backend computes it.
    [[nodiscard]] bool specified() const noexcept {
        return activation == Activation::fold && arrangement == Arrangement::post_norm && weight_mean == 0 &&
               input_noise;
    }
};

}  // namespace pouw::inline v1::soundness
