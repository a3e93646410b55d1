/// Cheaper ways to the same products: what they save in the lab's unit, and what they change of the exact
/// roundings where they leave something out.
///
/// All of this is speed of honest work, open to every miner. It is reported so that everybody knows the
/// numbers, and what leaves something out must change so many roundings that no output stays exact.
#pragma once

#include "soundness/context.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pouw::inline v1::soundness {

/// The kinds of products of a layer.
enum class ProductKind { query_key_value, attention_output, ffn_in, ffn_out };
inline constexpr std::size_t product_kinds = 4;
[[nodiscard]] std::string_view to_string(ProductKind kind);

/// A matrix product of a layer and the rounding that follows it: of entry (i, j) the integer nearest to
/// (offset + Σ left(i, k) weights(j, k)) / step is kept, halves upwards.
struct RoundedProduct {
    ProductKind kind{};
    Bytes left;                 ///< rows are positions
    Bytes weights;              ///< rows are outputs
    std::vector<double> steps;  ///< one a position
    Matrix offsets{};           ///< added to the sums; empty: none
};

/// The states behind a layer, computed in integers, with its products.
struct LayerProducts {
    std::vector<RoundedProduct> products;
    Bytes states;
};

/// Runs one layer of the specified network on states before it; rows are positions of whole nonces.
[[nodiscard]] LayerProducts layer_products(const pow::ModelConfig& config, const pow::TensorSource& weights,
                                           std::uint32_t layer, const Bytes& states);

/// Levels of products of bit planes that may be left for later. Level m holds those m + 1 of the 64 products
/// of bit planes whose weight is 2^m.
inline constexpr std::size_t late_levels = 6;

/// What was counted in one or more products of a kind.
struct ProductCounts {
    double operations = 0;         ///< share of the network's products that this kind has
    std::uint64_t pairs = 0;       ///< of operands
    std::uint64_t zero_pairs = 0;  ///< with a zero among them
    double bit_products = 0;       ///< sum over the pairs: significant bits of one times those of the other
    std::uint64_t entries = 0;     ///< sums that were looked at
    std::uint64_t half_precision_changes = 0;  ///< roundings that differ when the sum has 11 significant bits
    double largest_sum = 0;
    /// Roundings that differ, and that are open, without the levels below 1, 2, ...
    std::array<std::uint64_t, late_levels> changed{};
    std::array<std::uint64_t, late_levels> open{};
};

/// Counts in one product, on every `stride`-th of its outputs.
void count_product(const RoundedProduct& product, std::size_t stride, ProductCounts& counts);

/// Of the 64 products of bit planes a pair of operands needs this share, when the planes of low weight are
/// added level by level and only to sums whose rounding is still open.
[[nodiscard]] double late_plane_cost(const ProductCounts& counts);

/// The short cuts in figures. `roundings` are those of one nonce.
[[nodiscard]] std::vector<AttackResult> exact_short_cuts(const Variant& variant,
                                                         std::span<const ProductCounts, product_kinds> counts,
                                                         double roundings, double gate);

/// Counts in some recorded layers of the specified network, and adds the short cuts to the report.
void measure_exact_arithmetic(Context& context, const Engine& engine, const Recording& recording);

}  // namespace pouw::inline v1::soundness
