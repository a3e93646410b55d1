/// The forward pass over packed weights.
#pragma once

#include "pow/kernels/kernels.h"
#include "pow/packed/weights.hpp"

#include "pouw/pow/backend.hpp"

#include <cstddef>
#include <memory>

namespace pouw::inline v1::pow {

/// How a pass goes about it.
struct PassPlan {
    std::size_t group;      ///< nonces computed together
    bool keep_all_columns;  ///< W1 as a whole before W2, so that a panel of W2 is asked for once
};

[[nodiscard]] std::unique_ptr<ForwardPass> make_packed_pass(const kernels::Kernels& kernels,
                                                            const ModelConfig& config,
                                                            std::unique_ptr<PackedWeights> weights,
                                                            std::size_t batch, const PassPlan& plan);

}  // namespace pouw::inline v1::pow
