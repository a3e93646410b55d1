/// The product of instruction sets that multiply registers: sums of a tile stay in them over the whole depth.
///
/// A panel is divided into micro-panels of `Isa::micro_panel_rows` rows; a micro-panel is stored step by step
/// along the depth, in a step row by row, `Isa::step` weights a row. A tile is a micro-panel times up to
/// `Isa::tile_positions` positions.
///
/// `Isa` provides the types Encoded (an activation) and Vector (of sums), the numbers step, micro_panel_rows,
/// tile_positions and vectors (that hold the sums of a micro-panel for one position), and load_weights,
/// broadcast, multiply_add and settle.
#pragma once

#include "pow/kernels/kernels.h"

namespace pouw::inline v1::pow::kernels {
namespace {

template <std::size_t I>
struct Index {
    static constexpr std::size_t value = I;
};

/// body(Index<0>), body(Index<1>), ...: arrays that are indexed by these alone live in registers.
template <std::size_t Count, std::size_t I = 0, typename Body>
[[gnu::always_inline]] inline void unroll(const Body& body) {
    if constexpr (I < Count) {
        body(Index<I>{});
        unroll<Count, I + 1>(body);
    }
}

template <typename Isa>
struct Sums {
    typename Isa::Vector of[Isa::vectors];
};

/// `begin(position)` gives what the sums of a micro-panel begin with, `end(position, sums)` takes them.
template <typename Isa, std::size_t Positions, typename Begin, typename End>
[[gnu::always_inline]] inline void multiply_tile(const std::int8_t* w, std::size_t depth,
                                                 const typename Isa::Encoded* x, std::size_t stride,
                                                 const Begin& begin, const End& end) {
    Sums<Isa> sums[Positions];
    // Without `optimisation_barrier`, g++ 12 keeps the sums twice, in registers and on the stack.
    unroll<Positions>([&](auto p) __attribute__((always_inline)) {
        sums[p.value] = begin(p.value);
        Isa::optimisation_barrier(sums[p.value]);
    });
    for (std::size_t k = 0; k < depth; k += Isa::step, w += Isa::step * Isa::micro_panel_rows) {
        Sums<Isa> weights;
        unroll<Isa::vectors>([&](auto v) __attribute__((always_inline)) {
            weights.of[v.value] = Isa::load_weights(w, v.value);
        });
        unroll<Positions>([&](auto p) __attribute__((always_inline)) {
            const auto activations = Isa::broadcast(x + p.value * stride + k);
            unroll<Isa::vectors>([&](auto v) __attribute__((always_inline)) {
                sums[p.value].of[v.value] =
                    Isa::multiply_add(sums[p.value].of[v.value], activations, weights.of[v.value]);
            });
        });
    }
    unroll<Positions>([&](auto p) __attribute__((always_inline)) {
        Isa::optimisation_barrier(sums[p.value]);
        end(p.value, sums[p.value]);
    });
}

/// The policy `Product` of an instruction set (pow/kernels/epilogues.h).
template <typename Isa>
struct RegisterTile {
    /// All positions with all panels, tile by tile. `begin(position, row)` gives what the sums of a
    /// micro-panel begin with, `row` being its first; `end(position, row, sums)` takes them. Meanwhile the
    /// panel that follows in memory is fetched.
    template <typename Begin, typename End>
    [[gnu::always_inline]] static void multiply(const Panels& panels, const Operand& x, const Begin& begin,
                                                const End& end) {
        constexpr std::size_t line = 64;
        constexpr std::size_t micro_panels = panel_rows / Isa::micro_panel_rows;
        const auto* const values = static_cast<const typename Isa::Encoded*>(x.values);
        const std::size_t tiles_of_micro_panel =
            (x.positions + Isa::tile_positions - 1) / Isa::tile_positions;
        const std::size_t tiles = tiles_of_micro_panel * micro_panels;
        const std::size_t lines = panel_rows * panels.depth / line;
        const char* next = nullptr;
        std::size_t fetched = lines;
        std::size_t tile = tiles;
        for (std::size_t row = 0; row < panels.count * panel_rows; row += Isa::micro_panel_rows) {
            const std::int8_t* const weights = panels.weights + row * panels.depth;
            if (row % panel_rows == 0) {
                next = reinterpret_cast<const char*>(weights) + panel_rows * panels.depth;
                fetched = 0;
                tile = 0;
            }
            for (std::size_t first = 0; first < x.positions; first += Isa::tile_positions) {
                ++tile;
                for (; fetched < lines * tile / tiles; ++fetched) __builtin_prefetch(next + line * fetched);
                const auto run = [&](auto count) __attribute__((always_inline)) {
                    multiply_tile<Isa, count.value>(
                        weights, panels.depth, values + first * x.stride, x.stride,
                        [&](std::size_t p) __attribute__((always_inline)) { return begin(first + p, row); },
                        [&](std::size_t p, const Sums<Isa>& sums)
                            __attribute__((always_inline)) { end(first + p, row, sums); });
                };
                switch (x.positions - first) {
                    case 1:
                        run(Index<1>{});
                        break;
                    case 2:
                        run(Index<2>{});
                        break;
                    case 3:
                        run(Index<3>{});
                        break;
                    case 4:
                        run(Index<4>{});
                        break;
                    case 5:
                        run(Index<5>{});
                        break;
                    default:
                        run(Index<Isa::tile_positions>{});
                }
            }
        }
    }
};

}  // namespace
}  // namespace pouw::inline v1::pow::kernels
