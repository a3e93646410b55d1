/// Each kernel of each set that this machine runs, on the shapes of whitepaper: a panel of depth 512, 48
/// nonces.
#include "pow/kernels/kernel_sets.hpp"

#include <benchmark/benchmark.h>

#include <functional>

namespace pouw::inline v1::pow {
namespace {

using kernels::Heads;
using kernels::Kernels;
using kernels::Operand;
using kernels::panel_rows;
using kernels::Panels;

constexpr std::size_t dim = 512;
constexpr std::size_t positions = 192;
constexpr std::size_t panels = dim / panel_rows;

/// What the kernels work on, filled with something.
struct Data {
    explicit Data(const Kernels& kernels)
        : weights(dim * dim + 64),
          rows(panel_rows * dim),
          bias(panel_rows),
          h(positions * dim),
          encoded(positions * dim * kernels.encoded_bytes),
          out(encoded.size()),
          bytes(positions * dim),
          y(positions * dim) {
        for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::int8_t>(i * 89 % 255 - 127);
        for (std::size_t i = 0; i < h.size(); ++i) h[i] = static_cast<std::int8_t>(i * 57 % 255 - 127);
        for (std::size_t i = 0; i < panels; ++i)
            kernels.pack(rows.data(), dim, dim, packed() + i * panel_rows * dim, bias.data());
        kernels.encode(h.data(), h.size(), encoded.data());
    }
    std::int8_t* packed() {
        const auto address = reinterpret_cast<std::uintptr_t>(weights.data());
        return weights.data() + (64 - address % 64) % 64;
    }
    Panels panel(std::size_t i) { return {packed() + i * panel_rows * dim, bias.data(), dim}; }
    [[nodiscard]] Operand operand() const { return {encoded.data(), dim, positions}; }

    std::vector<std::int8_t> weights, rows;
    std::vector<std::int32_t> bias;
    std::vector<std::int8_t> h;
    std::vector<std::uint8_t> encoded, out;
    std::vector<std::int8_t> bytes;
    std::vector<std::int32_t> y;
};

/// A product of one matrix of 512 × 512 with all positions.
void add_product(const test::KernelSet& set, const char* name,
                 const std::function<void(const Kernels&, Data&, std::size_t)>& product) {
    benchmark::RegisterBenchmark(
        (std::string{name} + "/" + set.name).c_str(), [set, product](benchmark::State& state) {
            Data data{*set.kernels};
            for (auto _ : state) {
                for (std::size_t i = 0; i < panels; ++i) product(*set.kernels, data, i);
                benchmark::ClobberMemory();
            }
            state.counters["op/s"] = benchmark::Counter(2.0 * dim * dim * positions,
                                                        benchmark::Counter::kIsIterationInvariantRate);
        });
}

void add_step(const test::KernelSet& set, const char* name,
              const std::function<void(const Kernels&, Data&)>& step) {
    benchmark::RegisterBenchmark((std::string{name} + "/" + set.name).c_str(),
                                 [set, step](benchmark::State& state) {
                                     Data data{*set.kernels};
                                     for (auto _ : state) {
                                         step(*set.kernels, data);
                                         benchmark::ClobberMemory();
                                     }
                                 });
}

const bool registered = [] {
    for (const test::KernelSet& set : test::kernel_sets()) {
        if (!set.supported) continue;
        add_product(set, "project", [](const Kernels& k, Data& d, std::size_t i) {
            k.project(d.panel(i), d.operand(), 10, d.bytes.data() + i * panel_rows, dim);
        });
        add_product(set, "fold", [](const Kernels& k, Data& d, std::size_t i) {
            k.fold(d.panel(i), d.operand(), 8, d.out.data() + i * panel_rows * k.encoded_bytes, dim);
        });
        add_product(set, "fold_gate", [](const Kernels& k, Data& d, std::size_t i) {
            k.fold_gate(d.panel(i), d.operand(), 8, d.bytes.data() + i * panel_rows, 6,
                        d.out.data() + i * panel_rows * k.encoded_bytes, dim);
        });
        add_product(set, "add_residual", [](const Kernels& k, Data& d, std::size_t i) {
            k.add_residual(d.panel(i), d.operand(), d.h.data() + i * panel_rows, 11,
                           d.y.data() + i * panel_rows, dim);
        });
        add_product(set, "add", [](const Kernels& k, Data& d, std::size_t i) {
            k.add(d.panel(i), d.operand(), d.y.data() + i * panel_rows, dim);
        });
        add_step(set, "pack", [](const Kernels& k, Data& d) {
            k.pack(d.rows.data(), dim, dim, d.packed(), d.bias.data());
        });
        add_step(set, "encode",
                 [](const Kernels& k, Data& d) { k.encode(d.h.data(), dim, d.encoded.data()); });
        add_step(set, "sum_of_squares", [](const Kernels& k, Data& d) {
            benchmark::DoNotOptimize(k.sum_of_squares(d.y.data(), dim));
        });
        add_step(set, "scale",
                 [](const Kernels& k, Data& d) { k.scale(d.y.data(), dim, 123'456, d.bytes.data()); });
        add_step(set, "attend", [](const Kernels& k, Data& d) {
            k.attend(
                {128, 4, 4, 4, 10, d.h.data(), d.h.data() + 4 * dim, d.h.data() + 8 * dim, d.bytes.data()});
        });
    }
    return true;
}();

}  // namespace
}  // namespace pouw::inline v1::pow
