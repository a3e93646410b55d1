/// Matrix products in float32, many times as fast as the portable baseline of the build allows: the kernel is
/// chosen when the program runs. Sums of whole numbers are exact while they stay below 2^24.
#pragma once

#include "soundness/engine.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::soundness {

/// The right factor of a product, laid out for the kernel: `rows × columns`, used transposed. Immutable.
class PackedMatrix {
  public:
    /// Rows per panel: the kernel computes that many sums at a time.
    static constexpr std::size_t panel_rows = 32;

    PackedMatrix() = default;
    /// `values` are row-major. Rows beyond the last are zero up to a whole panel.
    template <typename Value>
    PackedMatrix(std::span<const Value> values, std::size_t rows, std::size_t columns);

    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
    [[nodiscard]] std::size_t columns() const noexcept { return columns_; }
    /// Values of panel `panel` from `column` on: [column][row of the panel].
    [[nodiscard]] const float* at(std::size_t panel, std::size_t column) const noexcept {
        return lines_.data()->values + (panel * columns_ + column) * panel_rows;
    }

  private:
    struct alignas(64) Line {
        float values[16];
    };
    std::size_t rows_ = 0;
    std::size_t columns_ = 0;
    std::vector<Line> lines_;
};

/// A part of the rows or columns of a matrix.
struct Range {
    std::size_t first = 0;
    std::size_t count = 0;
};

/// Row-major floats with a distance between rows.
template <typename Value>
struct Block {
    Value* data = nullptr;
    std::size_t rows = 0;
    std::size_t stride = 0;
};

/// `c = a b^T`, or `c += a b^T`, for the rows `outputs` and columns `inputs` of `b`. `a` has as many columns
/// as `inputs.count`, `c` as `outputs.count`. Expects `outputs` to begin and end at whole panels.
void multiply(Block<const float> a, const PackedMatrix& b, Range inputs, Range outputs, Block<float> c,
              bool add);

/// The product of two whole matrices.
[[nodiscard]] Matrix multiplied(const Matrix& a, const Matrix& b, unsigned threads);

}  // namespace pouw::inline v1::soundness
