/// What a set of kernels offers: one table of plain functions for each instruction set.
///
/// A kernel source is compiled for its instruction set, so nothing it defines may be shared with other
/// sources: it includes intrinsics, <cstddef>, <cstdint> and the headers of this folder alone, keeps
/// everything in anonymous namespaces and exports one table. (An inline function of a common header would be
/// one weak symbol, of which the linker keeps any copy: also the one that the machine cannot run.)
///
/// Products are computed panel by panel: 64 rows of weights, over a depth that keeps them in the first-level
/// cache while all positions of a batch pass. Weights are signed bytes packed in the order in which the
/// kernel reads them. Activations are bytes too; before they enter a product they are encoded as the
/// instruction set wants them
/// (`encoded_bytes` each). All sums are int32 modulo 2^32.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pouw::inline v1::pow::kernels {

/// Rows of a panel. Every matrix of a valid config has a multiple of it.
constexpr std::size_t panel_rows = 64;

/// A part of a weight matrix: one or more panels of 64 rows and `depth` columns, one after another.
struct Panels {
    const std::int8_t* weights;  ///< packed; 64 × depth bytes a panel, aligned to 64
    const std::int32_t* bias;    ///< what the sums of the rows begin with
    std::size_t depth;           ///< a multiple of 64
    std::size_t count = 1;       ///< at least 1
};

/// What panels are multiplied with: encoded activations, one row a position.
struct Operand {
    const void* values;
    std::size_t stride;  ///< activations from one position to the next
    std::size_t positions;
};

/// Queries, keys and values of one nonce: `heads × head_dim` bytes a position, positions one after another.
struct Heads {
    std::size_t heads;
    std::size_t head_dim;
    std::size_t length;   ///< positions of keys and values
    std::size_t queries;  ///< positions of queries and outputs
    std::uint32_t score_shift;
    const std::int8_t* query;
    const std::int8_t* key;
    const std::int8_t* value;
    std::int8_t* output;
};

/// Results of a product have a row a position, `stride` apart, and in it a column for each row of the panels.
struct Kernels {
    std::size_t encoded_bytes;  ///< size of an encoded activation
    std::size_t positions;      ///< computed together where all weights are stored; more gain little

    /// Packs 64 rows of `depth` weights, `stride` bytes apart, -128 as 0, and adds to `bias` what makes up
    /// for the encoding of the activations.
    void (*pack)(const std::int8_t* rows, std::size_t stride, std::size_t depth, std::int8_t* packed,
                 std::int32_t* bias);

    void (*encode)(const std::int8_t* values, std::size_t count, void* encoded);

    /// out = sat(sum >> shift), as bytes, `stride` from one position to the next.
    void (*project)(const Panels& panels, const Operand& x, std::uint32_t shift, std::int8_t* out,
                    std::size_t stride);

    /// out = fold((sum >> shift) - 128), encoded. The bias holds the 128, so that the period begins at 0.
    void (*fold)(const Panels& panels, const Operand& x, std::uint32_t shift, void* out, std::size_t stride);

    /// out = sat(round(fold((sum >> shift) - 128) * up, gate_shift)), encoded; `up` has the stride of `out`.
    void (*fold_gate)(const Panels& panels, const Operand& x, std::uint32_t shift, const std::int8_t* up,
                      std::uint32_t gate_shift, void* out, std::size_t stride);

    /// y = (h << residual_shift) + sum; `h` has the stride of `y`.
    void (*add_residual)(const Panels& panels, const Operand& x, const std::int8_t* h,
                         std::uint32_t residual_shift, std::int32_t* y, std::size_t stride);

    /// y += sum, without the bias.
    void (*add)(const Panels& panels, const Operand& x, std::int32_t* y, std::size_t stride);

    /// Sum of y_i^2 modulo 2^64. `count` is a multiple of 64.
    std::uint64_t (*sum_of_squares)(const std::int32_t* y, std::size_t count);

    /// out_i = sat(round(y_i * factor, 24)), the product modulo 2^64, but not the rounding. `count` is a
    /// multiple of 64.
    void (*scale)(const std::int32_t* y, std::size_t count, std::uint64_t factor, std::int8_t* out);

    /// Attention of one nonce. docs/spec/pow.md section 4, step 2.
    void (*attend)(const Heads& heads);
};

#define POUW_KERNELS(table, feature) extern const Kernels table;
#include "pow/kernels/kernels.def"
#undef POUW_KERNELS

}  // namespace pouw::inline v1::pow::kernels
