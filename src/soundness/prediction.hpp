/// Predictions of the chance to pass, learnt from what is known before the output.
#pragma once

#include "soundness/chance.hpp"
#include "soundness/context.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::soundness {

/// The sizes of the parts of a sample: the first part teaches, the second chooses, the rest tests.
struct PredictionParts {
    std::size_t choose = 0;  ///< first row that chooses
    std::size_t test = 0;    ///< first row that tests

    /// Half, an eighth, and the rest.
    [[nodiscard]] static PredictionParts of(std::size_t rows) { return {rows / 2, rows / 2 + rows / 8}; }
};

/// What is learnt: the logarithm of the chance at the rarer rate, less its mean over the first part.
[[nodiscard]] std::vector<float> learnt_values(std::span<const OutputChance> outputs, std::size_t learn);

/// The sum over the positions of the mean value of the token there, among the first `learn` nonces, shrunk
/// towards 0 as if it had been seen `shrinkage` times more with the value 0. Where `pooled`, a token is the
/// same at every position. Expects as many tokens for every nonce.
[[nodiscard]] std::vector<double> token_scores(std::span<const std::vector<std::uint32_t>> tokens,
                                               std::span<const float> values, std::size_t learn,
                                               double shrinkage, bool pooled);

/// A ridge regression that receives its examples in blocks. Features are to have a mean square near 1.
class Ridge {
  public:
    Ridge(std::size_t features, unsigned threads);

    /// Rows are examples. Expects one value a row.
    void add(const Matrix& features, std::span<const float> values);
    /// The coefficients, where the penalty is that of `noise` times as much noise as signal in every feature.
    [[nodiscard]] Matrix coefficients(float noise) const;
    /// Those of a penalty beyond all bounds, up to a factor: every feature counts by its own correlation.
    [[nodiscard]] const Matrix& marginal() const noexcept { return moments_; }

  private:
    unsigned threads_;
    float examples_ = 0;
    Matrix gram_;
    Matrix moments_;  ///< one column
};

/// The scores among several, that correlate best with the chances between the first and the second cut.
[[nodiscard]] std::vector<double> best_scores(std::span<const std::vector<double>> candidates,
                                              std::span<const OutputChance> outputs,
                                              const PredictionParts& parts);

/// Attacks that predict the chance from the tokens, and from the states before the first layer with their
/// squares; into the report. `outputs` are of nonces 0, 1, ... of key 0, then as many of key 1.
void predict_from_inputs(Context& context, const Variant& variant, std::span<const OutputChance> outputs);

/// Attacks that predict it from the last position behind every layer; into the report. The outputs themselves
/// serve as their control.
void predict_from_states(Context& context, const Engine& engine, const Recording& recording);

}  // namespace pouw::inline v1::soundness
