/// Tile registers: eight of up to 16 rows of 64 bytes, and the product of two of them.
///
/// `Tiles` is the processor's, or, where POUW_EMULATED_TILES is defined, arrays that do the same: so the
/// kernels that use tiles are tested on machines that have none. Source: Intel 64 and IA-32 Architectures
/// Software Developer's Manual, volume 1, chapter 18.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pouw::inline v1::pow::kernels {
namespace {

constexpr std::size_t tile_rows = 16;
constexpr std::size_t tile_bytes = 1024;

/// The sums of 16 positions with 64 rows of weights.
struct alignas(64) TileSums {
    std::int32_t of[tile_rows][64];
};

#if !defined(POUW_EMULATED_TILES)

/// Tiles 0..3 hold sums, 4 activations, and 5..7 weights. The constructor sets their shapes; the destructor
/// gives them back, so that the system need not save them.
class Tiles {
  public:
    /// Tiles whose sums and activations have `rows` rows.
    explicit Tiles(std::size_t rows) {
        struct alignas(64) Shapes {
            std::uint8_t palette, start_row, reserved[14];
            std::uint16_t row_bytes[16];
            std::uint8_t rows[16];
        };
        Shapes shapes{};
        shapes.palette = 1;
        for (std::size_t tile = 0; tile < 8; ++tile) {
            shapes.row_bytes[tile] = 64;
            shapes.rows[tile] = static_cast<std::uint8_t>(tile < 5 ? rows : tile_rows);
        }
        // What the tiles will read has been stored.
        asm volatile("ldtilecfg %0" : : "m"(shapes) : "memory");
    }
    ~Tiles() { asm volatile("tilerelease" : : : "memory"); }
    Tiles(const Tiles&) = delete;
    Tiles& operator=(const Tiles&) = delete;

    /// Rows `stride` bytes apart.
    template <int Tile>
    [[gnu::always_inline]] void load(const std::int8_t* rows, std::size_t stride) {
        asm volatile("tileloadd (%0,%1,1), %%tmm%c2" : : "r"(rows), "r"(stride), "i"(Tile));
    }
    template <int Tile>
    [[gnu::always_inline]] void zero() {
        asm volatile("tilezero %%tmm%c0" : : "i"(Tile));
    }
    /// Sum += activations × weights, signed bytes.
    template <int Sum, int Activations, int Weights>
    [[gnu::always_inline]] void multiply_add() {
        asm volatile("tdpbssd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(Sum), "i"(Activations), "i"(Weights));
    }
    /// The sums of 16 rows of weights, to columns 16 · Tile of `out`.
    template <int Tile>
    [[gnu::always_inline]] void store(TileSums& out) {
        asm volatile("tilestored %%tmm%c3, (%1,%2,1)"
                     : "+m"(out)
                     : "r"(&out.of[0][16 * Tile]), "r"(sizeof out.of[0]), "i"(Tile));
    }
};

#else

class Tiles {
  public:
    explicit Tiles(std::size_t rows) : rows_{rows} {}

    template <int Tile>
    void load(const std::int8_t* rows, std::size_t stride) {
        const std::size_t count = Tile < 5 ? rows_ : tile_rows;
        for (std::size_t row = 0; row < count; ++row)
            __builtin_memcpy(&bytes_[Tile][64 * row], rows + row * stride, 64);
    }
    template <int Tile>
    void zero() {
        __builtin_memset(sums_[Tile], 0, sizeof sums_[Tile]);
    }
    template <int Sum, int Activations, int Weights>
    void multiply_add() {
        for (std::size_t row = 0; row < rows_; ++row) {
            for (std::size_t group = 0; group < 16; ++group) {
                for (std::size_t column = 0; column < 16; ++column) {
                    std::int32_t sum = 0;
                    for (std::size_t i = 0; i < 4; ++i)
                        sum += bytes_[Activations][64 * row + 4 * group + i] *
                               bytes_[Weights][64 * group + 4 * column + i];
                    sums_[Sum][row][column] += static_cast<std::uint32_t>(sum);
                }
            }
        }
    }
    template <int Tile>
    void store(TileSums& out) {
        for (std::size_t row = 0; row < rows_; ++row)
            __builtin_memcpy(&out.of[row][16 * Tile], sums_[Tile][row], 64);
    }

  private:
    std::size_t rows_;
    std::int8_t bytes_[8][tile_bytes]{};
    std::uint32_t sums_[4][tile_rows][16]{};
};

#endif

}  // namespace
}  // namespace pouw::inline v1::pow::kernels
