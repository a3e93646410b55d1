/// The product of instruction sets with tile registers: 16 positions × 64 rows of weights in four tiles of
/// sums.
///
/// While the products of a block of 16 positions are computed, the results of the block before are finished
/// in vectors, some positions after each step of 64 columns: the two kinds of work use different units.
#pragma once

#include "pow/kernels/epilogues.h"
#include "pow/kernels/tiles.h"

namespace pouw::inline v1::pow::kernels {
namespace {

/// Columns of a step: a row of a tile.
constexpr std::size_t tile_columns = 64;

/// The policy `Product` (pow/kernels/epilogues.h). A panel is stored step by step along the depth, in a step
/// as four tiles: 16 groups of four columns, in a group row by row.
template <typename Isa>
struct TileProduct {
    template <typename Begin, typename End>
    [[gnu::always_inline]] static void multiply(const Panels& panels, const Operand& x, const Begin& begin,
                                                const End& end) {
        const std::size_t blocks = x.positions / tile_rows;
        const std::size_t rest = x.positions % tile_rows;
        if (blocks > 0) multiply_blocks(panels, x, {0, blocks, tile_rows}, begin, end);
        if (rest > 0) multiply_blocks(panels, x, {blocks * tile_rows, 1, rest}, begin, end);
    }

  private:
    /// `count` blocks of `positions` each, from the position `first` on.
    struct Blocks {
        std::size_t first, count, positions;
    };

    /// The positions of a block with one panel, whose sums are complete and not finished.
    struct Unfinished {
        std::size_t position;   // the next
        std::size_t row;        // the first of the panel
        std::size_t sum;        // the next row of TileSums
        std::size_t positions;  // of the block
    };

    /// Activations and weights of a step, multiplied into the four tiles of sums.
    template <bool First, typename Store>
    [[gnu::always_inline]] static void multiply_step(Tiles& tiles, const std::int8_t* activations,
                                                     std::size_t stride, const std::int8_t* weights,
                                                     const Store& store) {
        tiles.template load<4>(activations, stride);
        unroll<4>([&](auto v) __attribute__((always_inline)) {
            constexpr int tile = static_cast<int>(v.value);
            tiles.template load<5 + tile % 3>(weights + tile_bytes * v.value, 64);
            if constexpr (First) {
                store(v);
                tiles.template zero<tile>();
            }
            tiles.template multiply_add<tile, 4, 5 + tile % 3>();
        });
    }

    /// Finishes up to `count` positions.
    template <typename Begin, typename End>
    [[gnu::always_inline]] static void finish(const TileSums& sums, Unfinished& what, std::size_t count,
                                              const Begin& begin, const End& end) {
        for (; count > 0 && what.sum < what.positions; --count, ++what.position, ++what.sum) {
            Sums<Isa> of = begin(what.position, what.row);
            unroll<Isa::vectors>([&](auto v) __attribute__((always_inline)) {
                of.of[v.value] = Isa::plus(of.of[v.value], &sums.of[what.sum][16 * v.value]);
            });
            end(what.position, what.row, of);
        }
    }

    // Not inlined: each kernel calls it twice.
    template <typename Begin, typename End>
    [[gnu::noinline]] static void multiply_blocks(const Panels& panels, const Operand& x,
                                                  const Blocks& blocks, const Begin& begin, const End& end) {
        const std::size_t steps = panels.depth / tile_columns;
        const std::size_t finished = steps > 1 ? (blocks.positions + steps - 2) / (steps - 1) : tile_rows;
        const std::size_t fetched = (panels.depth + blocks.count * steps - 1) / (blocks.count * steps);
        const std::size_t panel_bytes = panel_rows * panels.depth;
        const auto* const activations = static_cast<const std::int8_t*>(x.values) + blocks.first * x.stride;
        Tiles tiles{blocks.positions};
        TileSums sums;
        Unfinished before{0, 0, 0, 0};
        for (std::size_t panel = 0; panel < panels.count; ++panel) {
            const std::int8_t* const weights = panels.weights + panel * panel_bytes;
            const std::int8_t* fetch = weights + 2 * panel_bytes;
            for (std::size_t block = 0; block < blocks.count; ++block) {
                const std::int8_t* const a = activations + block * blocks.positions * x.stride;
                // The sums of the block before leave the tiles one by one, as this one needs them.
                multiply_step<true>(
                    tiles, a, x.stride, weights, [&](auto v) __attribute__((always_inline)) {
                        tiles.template store<static_cast<int>(v.value)>(sums);
                    });
                for (std::size_t step = 1; step < steps; ++step) {
                    multiply_step<false>(tiles, a + step * tile_columns, x.stride,
                                         weights + step * 4 * tile_bytes, [](auto) {});
                    for (std::size_t i = 0; i < fetched; ++i, fetch += 64) __builtin_prefetch(fetch, 0, 2);
                    finish(sums, before, finished, begin, end);
                }
                finish(sums, before, tile_rows, begin, end);
                before = {blocks.first + block * blocks.positions, panel * panel_rows, 0, blocks.positions};
            }
        }
        unroll<4>([&](auto v) __attribute__((always_inline)) {
            tiles.template store<static_cast<int>(v.value)>(sums);
        });
        finish(sums, before, tile_rows, begin, end);
    }
};

}  // namespace
}  // namespace pouw::inline v1::pow::kernels
