/// Structural health: weights, hidden units and branches that repeat each other or do nothing save their work
/// to whoever knows it, exactly and at any binding.
#pragma once

#include "soundness/context.hpp"
#include "soundness/health.hpp"

#include "pouw/pow/tensor.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <stop_token>

namespace pouw::inline v1::soundness {

/// What the weights look like. Findings are: a row that is a multiple of another row of its tensor (a row of
/// zeros is one too); a column that is; a row that is a multiple of a row of another tensor; a tensor whose
/// rows are all such in the same order; a tensor with more than 2% zeros (1 in 128 is expected); a matrix of
/// less than 98% of its full rank, on at most four times as many rows as columns (or columns as rows); two
/// of the first 512 rows of a matrix with a cosine beyond what a normal law shows once in a million runs.
/// Nothing is returned when it was stopped. Cost: about the time to generate all weights, some times.
[[nodiscard]] Health weight_structure(const pow::TensorSource& source, const pow::ModelConfig& config,
                                      unsigned threads, std::stop_token stop = {});

/// What the layers compute. Findings are: a branch whose power is below 1% of that of the residual stream
/// before it, in any layer; a hidden unit, or a coordinate of the state behind a layer, that is the same for
/// all positions and nonces, or equals another or its negation; hidden units of which more than 10% are zero
/// in any layer of a plain block (for gated ones, which multiply two small numbers, the share is reported).
/// The curves show the power of the branches of every layer. Expects at least 8 inputs. Cost: three forward
/// passes an input. Nothing is returned when it was stopped.
[[nodiscard]] Health activation_structure(const Engine& engine, std::span<const pow::Input> inputs,
                                          std::stop_token stop = {});

/// Both, of a network in a run.
[[nodiscard]] Health structure(const Context& context, const Engine& engine);

}  // namespace pouw::inline v1::soundness
