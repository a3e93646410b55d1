#include "soundness/products.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/parallel.hpp"

#include <algorithm>

namespace pouw::inline v1::soundness {
namespace {

constexpr std::size_t width = PackedMatrix::panel_rows;

template <std::size_t Bytes>
struct VectorOf {
    using Type [[gnu::vector_size(Bytes)]] = float;
};

/// `Rows` rows of `a` times one panel. Inlined into functions that are compiled for different processors.
template <std::size_t Bytes, std::size_t Rows>
[[gnu::always_inline]] inline void tile(const float* a, std::size_t a_stride, const float* panel,
                                        std::size_t inputs, float* c, std::size_t c_stride, bool add) {
    using Vector = typename VectorOf<Bytes>::Type;
    constexpr std::size_t lanes = Bytes / 4;
    constexpr std::size_t vectors = width / lanes;
    Vector sums[Rows][vectors] = {};
    for (std::size_t k = 0; k < inputs; ++k, panel += width) {
        Vector b[vectors];
        for (std::size_t v = 0; v < vectors; ++v) __builtin_memcpy(&b[v], panel + v * lanes, Bytes);
        for (std::size_t row = 0; row < Rows; ++row) {
            const float value = a[row * a_stride + k];
            for (std::size_t v = 0; v < vectors; ++v) sums[row][v] += value * b[v];
        }
    }
    for (std::size_t row = 0; row < Rows; ++row) {
        float* out = c + row * c_stride;
        for (std::size_t v = 0; v < vectors; ++v, out += lanes) {
            if (add) {
                Vector old;
                __builtin_memcpy(&old, out, Bytes);
                sums[row][v] += old;
            }
            __builtin_memcpy(out, &sums[row][v], Bytes);
        }
    }
}

template <std::size_t Bytes, std::size_t Rows>
[[gnu::always_inline]] inline void panel_product(Block<const float> a, const float* panel, std::size_t inputs,
                                                 float* c, std::size_t c_stride, bool add) {
    std::size_t row = 0;
    for (; row + Rows <= a.rows; row += Rows)
        tile<Bytes, Rows>(a.data + row * a.stride, a.stride, panel, inputs, c + row * c_stride, c_stride,
                          add);
    for (; row < a.rows; ++row)
        tile<Bytes, 1>(a.data + row * a.stride, a.stride, panel, inputs, c + row * c_stride, c_stride, add);
}

using PanelProduct = void (*)(Block<const float>, const float*, std::size_t, float*, std::size_t, bool);

void panel_portable(Block<const float> a, const float* panel, std::size_t inputs, float* c,
                    std::size_t c_stride, bool add) {
    panel_product<16, 1>(a, panel, inputs, c, c_stride, add);
}

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] void panel_avx2(Block<const float> a, const float* panel, std::size_t inputs,
                                            float* c, std::size_t c_stride, bool add) {
    panel_product<32, 3>(a, panel, inputs, c, c_stride, add);
}

[[gnu::target("avx512f,fma")]] void panel_avx512(Block<const float> a, const float* panel, std::size_t inputs,
                                                 float* c, std::size_t c_stride, bool add) {
    panel_product<64, 12>(a, panel, inputs, c, c_stride, add);
}
#endif

PanelProduct choose() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return panel_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return panel_avx2;
#endif
    return panel_portable;
}

/// Columns that are multiplied at a time, so that a panel's part stays in the first-level cache.
constexpr std::size_t input_step = 512;

}  // namespace

template <typename Value>
PackedMatrix::PackedMatrix(std::span<const Value> values, std::size_t rows, std::size_t columns)
    : rows_{rows}, columns_{columns} {
    POUW_EXPECTS(values.size() >= rows * columns);
    const std::size_t panels = (rows + panel_rows - 1) / panel_rows;
    lines_.resize(panels * columns * (panel_rows / 16));
    float* const out = lines_.empty() ? nullptr : lines_.data()->values;
    for (std::size_t row = 0; row < rows; ++row) {
        const Value* const in = values.data() + row * columns;
        float* const place = out + (row / panel_rows) * columns * panel_rows + row % panel_rows;
        for (std::size_t column = 0; column < columns; ++column)
            place[column * panel_rows] = static_cast<float>(in[column]);
    }
}

template PackedMatrix::PackedMatrix(std::span<const std::int8_t>, std::size_t, std::size_t);
template PackedMatrix::PackedMatrix(std::span<const float>, std::size_t, std::size_t);

void multiply(Block<const float> a, const PackedMatrix& b, Range inputs, Range outputs, Block<float> c,
              bool add) {
    static const PanelProduct product = choose();
    POUW_EXPECTS(outputs.first % width == 0 && outputs.count % width == 0);
    POUW_EXPECTS(inputs.first + inputs.count <= b.columns() && outputs.first < b.rows());
    for (std::size_t k = 0; k < inputs.count; k += input_step) {
        const std::size_t count = std::min(input_step, inputs.count - k);
        const Block<const float> part{a.data + k, a.rows, a.stride};
        for (std::size_t j = 0; j < outputs.count; j += width) {
            product(part, b.at((outputs.first + j) / width, inputs.first + k), count, c.data + j, c.stride,
                    add || k > 0);
        }
    }
}

Matrix multiplied(const Matrix& a, const Matrix& b, unsigned threads) {
    const Matrix transposed = b.transpose();
    const auto columns = static_cast<std::size_t>(b.cols());
    const PackedMatrix packed{
        std::span<const float>{transposed.data(), static_cast<std::size_t>(transposed.size())}, columns,
        static_cast<std::size_t>(b.rows())};
    const std::size_t stride = (columns + width - 1) / width * width;
    Matrix padded(a.rows(), static_cast<Eigen::Index>(stride));
    const auto rows = static_cast<std::size_t>(a.rows());
    constexpr std::size_t step = 240;
    core::parallel_for((rows + step - 1) / step, threads, {}, {}, [&](std::uint64_t block) {
        const std::size_t first = block * step;
        const std::size_t count = std::min(step, rows - first);
        const auto row = static_cast<Eigen::Index>(first);
        multiply({a.row(row).data(), count, packed.columns()}, packed, {0, packed.columns()}, {0, stride},
                 {padded.row(row).data(), count, stride}, false);
    });
    return padded.leftCols(b.cols());
}

}  // namespace pouw::inline v1::soundness
