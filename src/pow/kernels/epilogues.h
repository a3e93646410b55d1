/// The kernels of products: what is done with the sums of panels, which each kernel source compiles for its
/// instruction set.
///
/// `Isa::Product` is how the set multiplies. Its `multiply(panels, x, begin, end)` asks `begin(position,
/// row)` for what the sums of a micro-panel begin with, `row` being its first, and gives them to
/// `end(position, row, sums)`. It may do so in any order, once for each position and micro-panel.
///
/// Beside it `Isa` provides the types Encoded (an activation) and Bytes (the results of a micro-panel), and
/// the functions that the templates below call: those of a vector width are in ymm.h and zmm.h, whatever the
/// product.
#pragma once

#include "pow/kernels/register_tile.h"

namespace pouw::inline v1::pow::kernels {
namespace {

template <typename Isa>
void project(const Panels& panels, const Operand& x, std::uint32_t shift, std::int8_t* out,
             std::size_t stride) {
    Isa::Product::multiply(
        panels, x,
        [&](std::size_t, std::size_t row)
            __attribute__((always_inline)) { return Isa::load_sums(panels.bias + row); },
        [&](std::size_t position, std::size_t row, const Sums<Isa>& sums) __attribute__((always_inline)) {
            Isa::store_bytes(Isa::saturated(sums, shift), out + position * stride + row);
        });
}

template <typename Isa>
void fold(const Panels& panels, const Operand& x, std::uint32_t shift, void* out, std::size_t stride) {
    auto* const encoded = static_cast<typename Isa::Encoded*>(out);
    Isa::Product::multiply(
        panels, x,
        [&](std::size_t, std::size_t row)
            __attribute__((always_inline)) { return Isa::load_sums(panels.bias + row); },
        [&](std::size_t position, std::size_t row, const Sums<Isa>& sums) __attribute__((always_inline)) {
            Isa::store_encoded(Isa::folded(sums, shift), encoded + position * stride + row);
        });
}

template <typename Isa>
void fold_gate(const Panels& panels, const Operand& x, std::uint32_t shift, const std::int8_t* up,
               std::uint32_t gate_shift, void* out, std::size_t stride) {
    auto* const encoded = static_cast<typename Isa::Encoded*>(out);
    Isa::Product::multiply(
        panels, x,
        [&](std::size_t, std::size_t row)
            __attribute__((always_inline)) { return Isa::load_sums(panels.bias + row); },
        [&](std::size_t position, std::size_t row, const Sums<Isa>& sums) __attribute__((always_inline)) {
            const std::size_t at = position * stride + row;
            Isa::store_encoded(Isa::gated(Isa::folded(sums, shift), Isa::load_bytes(up + at), gate_shift),
                               encoded + at);
        });
}

template <typename Isa>
void add_residual(const Panels& panels, const Operand& x, const std::int8_t* h, std::uint32_t residual_shift,
                  std::int32_t* y, std::size_t stride) {
    Isa::Product::multiply(
        panels, x,
        [&](std::size_t position, std::size_t row) __attribute__((always_inline)) {
            return Isa::add_shifted(Isa::load_sums(panels.bias + row), h + position * stride + row,
                                    residual_shift);
        },
        [&](std::size_t position, std::size_t row, const Sums<Isa>& sums)
            __attribute__((always_inline)) { Isa::store_sums(sums, y + position * stride + row); });
}

template <typename Isa>
void add(const Panels& panels, const Operand& x, std::int32_t* y, std::size_t stride) {
    Isa::Product::multiply(
        panels, x,
        [&](std::size_t position, std::size_t row)
            __attribute__((always_inline)) { return Isa::load_sums(y + position * stride + row); },
        [&](std::size_t position, std::size_t row, const Sums<Isa>& sums)
            __attribute__((always_inline)) { Isa::store_sums(sums, y + position * stride + row); });
}

}  // namespace
}  // namespace pouw::inline v1::pow::kernels
