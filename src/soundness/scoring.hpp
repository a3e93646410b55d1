/// How much an attacker gains: outputs and what he knows about them, scored under many permutations.
#pragma once

#include "soundness/engine.hpp"

#include "pouw/soundness/gain.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace pouw::inline v1::soundness {

/// Fractions of the nonces that an attacker may keep.
inline constexpr std::array<double, 12> keep_fractions{0.9,  0.7,  0.5,  0.3,   0.2,   0.1,
                                                       0.05, 0.02, 0.01, 0.005, 0.002, 0.001};

/// The gain measured at the fraction that an attacker chooses by gains seen on other outputs: the one that is
/// sure to four standard deviations. Both lists hold the same fractions, as many as there were outputs for.
[[nodiscard]] KeptGain choose_fraction(std::span<const KeptGain> seen, std::span<const KeptGain> measured);

/// What an attacker knows of every nonce before he completes it.
struct Knowledge {
    /// An approximation of every output, up to a factor; one row serves all nonces (then only the permutation
    /// decides).
    Matrix approximation{};
    /// Instead of it a score for every permutation.
    std::vector<float> permutation_score{};
    double cost = 0;        ///< of the knowledge, as a fraction of a forward pass
    double completion = 1;  ///< of a kept nonce's evaluation from there
};

/// A number of permutations, drawn from a key of their own: what binding input makes of so many nonces.
class Permutations {
  public:
    /// Expects `target` of the size of outputs. Memory: count × size floats.
    Permutations(std::span<const std::int8_t> target, std::size_t count, std::uint64_t seed);
    ~Permutations();
    Permutations(const Permutations&) = delete;
    Permutations& operator=(const Permutations&) = delete;

    [[nodiscard]] std::size_t count() const noexcept;
    /// The target as permutation `index` meets it: d2 = |x - target(index)|².
    [[nodiscard]] std::span<const std::int8_t> target(std::size_t index) const;
    /// Products of vectors (rows) with all permuted targets.
    [[nodiscard]] Matrix scores(const Matrix& vectors, unsigned threads) const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Outputs under permutations: which pairs pass.
class Experiment {
  public:
    /// `thresholds` on d2, one a pass rate; where 0, the quantile of these very pairs serves. Keeps
    /// references.
    Experiment(const Matrix& outputs, const Permutations& permutations, std::array<double, 2> thresholds,
               unsigned threads);

    /// Share of the pairs that pass.
    [[nodiscard]] double measured_rate(std::size_t rate) const;
    [[nodiscard]] double threshold(std::size_t rate) const { return thresholds_.at(rate); }
    [[nodiscard]] const std::array<double, 2>& thresholds() const noexcept { return thresholds_; }
    [[nodiscard]] const Permutations& drawn() const noexcept { return permutations_; }
    [[nodiscard]] std::size_t permutations() const noexcept { return permutations_.count(); }

    /// The speed-up: the attacker chooses the fraction to keep on outputs `choose`, by the gain that is sure
    /// to four standard deviations, and it is measured on `test`. Expects one row an output in the knowledge,
    /// or a single one.
    struct Rows {
        std::size_t first = 0;
        std::size_t count = 0;
    };
    [[nodiscard]] std::array<SpeedUp, 2> measure(const Knowledge& knowledge, Rows choose, Rows test) const;

  private:
    struct Counts;
    [[nodiscard]] Counts count(const Knowledge& knowledge, std::span<const float> cuts, Rows rows) const;
    [[nodiscard]] std::vector<float> keep_cuts(const Knowledge& knowledge, Rows rows) const;
    [[nodiscard]] std::vector<KeptGain> gains(const Knowledge& knowledge, const Counts& counts,
                                              std::size_t rate) const;

    const Matrix& outputs_;
    const Permutations& permutations_;
    std::array<double, 2> thresholds_;
    unsigned threads_;
    std::vector<std::vector<std::uint32_t>>
        passes_;  ///< a row: indices, times 2, plus 1 where the rarer rate passes too
};

}  // namespace pouw::inline v1::soundness
