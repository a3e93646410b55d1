/// The forward pass layer by layer, in float32, for networks and short cuts that no backend computes.
#pragma once

#include "soundness/variant_tensors.hpp"

#include "pouw/pow/condition.hpp"
#include "pouw/pow/seeds.hpp"
#include "pouw/soundness/variant.hpp"

#include <Eigen/Core>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>

namespace pouw::inline v1::soundness {

/// Row-major; for states one row a position, the positions of a nonce below each other.
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Sizes as Eigen counts them, and back.
inline std::size_t size_of(Eigen::Index value) { return static_cast<std::size_t>(value); }
inline Eigen::Index index_of(std::size_t value) { return static_cast<Eigen::Index>(value); }

/// What attention an approximate layer computes.
enum class Attention {
    full,
    strongest,  ///< of every query only the key with the largest weight
    own,        ///< every position only itself: no queries, keys or scores
    none        ///< no attention block
};

/// A short cut through one layer. The default is none: the layer itself.
struct Approximation {
    unsigned weight_bits = 8;      ///< 1..8
    unsigned activation_bits = 8;  ///< 1..8: the left factors of all products
    double ffn_units = 1;          ///< fraction of the hidden units that are computed
    std::uint32_t rank = 0;        ///< every matrix by one of this rank; 0: full
    bool sparse_weights = false;   ///< of four weights in a row only the two largest, at half the price
    Attention attention = Attention::full;
    bool skip_ffn = false;
    std::shared_ptr<const Matrix> ffn_surrogate{};  ///< a linear map in place of the feed-forward block

    /// Arithmetic of a position in the layer, relative to the exact one. Products of b-bit by a-bit numbers
    /// count a b / 64 of an operation.
    [[nodiscard]] double cost(const pow::ModelConfig& config) const;
};

/// One network of one race. Immutable; `apply` uses the threads given.
class Engine {
  public:
    /// The weights of a layer, laid out for products.
    struct Layer;

    /// Expects a valid config of at least one thread.
    Engine(Variant variant, const pow::WeightsKey& key, unsigned threads);

    [[nodiscard]] const Variant& variant() const noexcept { return variant_; }

    /// The states before the first layer.
    [[nodiscard]] Matrix embed(std::span<const pow::Input> inputs) const;

    /// Generates and lays out a layer. Expects `layer` below the number of layers. Cost: as of its weights.
    [[nodiscard]] std::shared_ptr<const Layer> load(std::uint32_t layer,
                                                    const Approximation& approximation = {}) const;

    /// Replaces the states before a layer by those behind it. `after_attention`, if given, receives the
    /// states between its two blocks. Returns false when stopped; the states are of no use then.
    bool apply(const Layer& layer, Matrix& states, std::stop_token stop = {},
               Matrix* after_attention = nullptr) const;

    /// What a block of a layer adds to states that stand before it, times 2^attention_residual_shift or
    /// 2^ffn_residual_shift.
    [[nodiscard]] Matrix attention(const Layer& layer, const Matrix& states) const;
    [[nodiscard]] Matrix feed_forward(const Layer& layer, const Matrix& states) const;

    /// The hidden units of states that stand before the feed-forward block, a row a position.
    [[nodiscard]] Matrix hidden_units(const Layer& layer, const Matrix& states) const;

    /// The outputs of states: the last position of every nonce, after the final norm where there is one.
    [[nodiscard]] Matrix outputs(const Matrix& states) const;

  private:
    template <typename Work>
    bool in_row_blocks(std::stop_token stop, std::size_t rows, const Work& work) const;
    template <typename Compute>
    Matrix computed(const Layer& layer, const Matrix& states, std::size_t columns,
                    const Compute& compute) const;

    Variant variant_;
    VariantTensors source_;
    pow::WeightsKey key_;
    unsigned threads_;
};

}  // namespace pouw::inline v1::soundness
