/// The known-answer test refuses a backend in whose table any kernel is wrong.
#include "pow/kernels/kernel_sets.hpp"
#include "pow/packed/backend.hpp"

#include "pouw/crypto/initialize.hpp"
#include "pouw/pow/errc.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace pouw::inline v1::pow {
namespace {

using kernels::Heads;
using kernels::Kernels;
using kernels::Operand;
using kernels::panel_rows;
using kernels::Panels;

/// The table whose kernels the wrong ones call.
const Kernels* right = nullptr;

/// One entry of the table, replaced.
struct Mutant {
    const char* entry;
    const char* fault;
    Kernels (*of)(Kernels);
};

/// Without the last position, as a wrong remainder is.
Operand without_the_last(Operand x) {
    --x.positions;
    return x;
}

/// A pass over everything but the last 16 values, as a loop that ends too early.
std::size_t without_the_end(std::size_t count) { return count - 16; }

std::uint8_t* last_encoded(void* out, const Operand& x, std::size_t stride) {
    const std::size_t index = (x.positions - 1) * stride + panel_rows - 1;
    return static_cast<std::uint8_t*>(out) + index * right->encoded_bytes;
}

#define POUW_MUTANT(entry, fault, parameters, body)                        \
    Mutant {                                                               \
#entry, fault, [](Kernels kernels) {                                     \
            kernels.entry = [] parameters body;                                  \
            return kernels;                                                      \
        } \
    }

const Mutant mutants[]{
    {"encoded_bytes", "is doubled",
     [](Kernels kernels) {
         kernels.encoded_bytes *= 2;
         return kernels;
     }},
    POUW_MUTANT(pack, "does nothing",
                (const std::int8_t*, std::size_t, std::size_t depth, std::int8_t* packed, std::int32_t*),
                { std::memset(packed, 0, panel_rows * depth); }),
    POUW_MUTANT(pack, "one weight is off by one",
                (const std::int8_t* rows, std::size_t stride, std::size_t depth, std::int8_t* packed,
                 std::int32_t* bias),
                {
                    right->pack(rows, stride, depth, packed, bias);
                    packed[panel_rows * depth - 1] ^= 1;
                }),
    POUW_MUTANT(pack, "the bias of the last row is off",
                (const std::int8_t* rows, std::size_t stride, std::size_t depth, std::int8_t* packed,
                 std::int32_t* bias),
                {
                    right->pack(rows, stride, depth, packed, bias);
                    bias[panel_rows - 1] += 128;
                }),
    POUW_MUTANT(encode, "does nothing", (const std::int8_t*, std::size_t count, void* encoded),
                { std::memset(encoded, 0, count * right->encoded_bytes); }),
    POUW_MUTANT(encode, "the last value is off by one",
                (const std::int8_t* values, std::size_t count, void* encoded),
                {
                    right->encode(values, count, encoded);
                    static_cast<std::uint8_t*>(encoded)[(count - 1) * right->encoded_bytes] ^= 1;
                }),
    POUW_MUTANT(project, "does nothing",
                (const Panels&, const Operand&, std::uint32_t, std::int8_t*, std::size_t), {}),
    POUW_MUTANT(
        project, "leaves the last position out",
        (const Panels& panel, const Operand& x, std::uint32_t shift, std::int8_t* out, std::size_t stride),
        { right->project(panel, without_the_last(x), shift, out, stride); }),
    POUW_MUTANT(
        project, "the last value is off by one",
        (const Panels& panel, const Operand& x, std::uint32_t shift, std::int8_t* out, std::size_t stride),
        {
            right->project(panel, x, shift, out, stride);
            out[(x.positions - 1) * stride + panel_rows - 1] ^= 1;
        }),
    POUW_MUTANT(fold, "does nothing", (const Panels&, const Operand&, std::uint32_t, void*, std::size_t), {}),
    POUW_MUTANT(fold, "leaves the last position out",
                (const Panels& panel, const Operand& x, std::uint32_t shift, void* out, std::size_t stride),
                { right->fold(panel, without_the_last(x), shift, out, stride); }),
    POUW_MUTANT(fold, "the last value is off by one",
                (const Panels& panel, const Operand& x, std::uint32_t shift, void* out, std::size_t stride),
                {
                    right->fold(panel, x, shift, out, stride);
                    *last_encoded(out, x, stride) ^= 1;
                }),
    POUW_MUTANT(
        fold_gate, "does nothing",
        (const Panels&, const Operand&, std::uint32_t, const std::int8_t*, std::uint32_t, void*, std::size_t),
        {}),
    POUW_MUTANT(fold_gate, "leaves the last position out",
                (const Panels& panel, const Operand& x, std::uint32_t shift, const std::int8_t* up,
                 std::uint32_t gate_shift, void* out, std::size_t stride),
                { right->fold_gate(panel, without_the_last(x), shift, up, gate_shift, out, stride); }),
    POUW_MUTANT(fold_gate, "the last value is off by one",
                (const Panels& panel, const Operand& x, std::uint32_t shift, const std::int8_t* up,
                 std::uint32_t gate_shift, void* out, std::size_t stride),
                {
                    right->fold_gate(panel, x, shift, up, gate_shift, out, stride);
                    *last_encoded(out, x, stride) ^= 1;
                }),
    POUW_MUTANT(
        add_residual, "does nothing",
        (const Panels&, const Operand&, const std::int8_t*, std::uint32_t, std::int32_t*, std::size_t), {}),
    POUW_MUTANT(add_residual, "leaves the last position out",
                (const Panels& panel, const Operand& x, const std::int8_t* h, std::uint32_t residual_shift,
                 std::int32_t* y, std::size_t stride),
                { right->add_residual(panel, without_the_last(x), h, residual_shift, y, stride); }),
    POUW_MUTANT(add_residual, "forgets a residual",
                (const Panels& panel, const Operand& x, const std::int8_t* h, std::uint32_t residual_shift,
                 std::int32_t* y, std::size_t stride),
                {
                    right->add_residual(panel, x, h, residual_shift, y, stride);
                    const std::size_t last = (x.positions - 1) * stride + panel_rows - 1;
                    y[last] -= h[last] * (1 << residual_shift);
                }),
    POUW_MUTANT(add, "does nothing", (const Panels&, const Operand&, std::int32_t*, std::size_t), {}),
    POUW_MUTANT(add, "leaves the last position out",
                (const Panels& panel, const Operand& x, std::int32_t* y, std::size_t stride),
                { right->add(panel, without_the_last(x), y, stride); }),
    POUW_MUTANT(add, "adds the bias",
                (const Panels& panel, const Operand& x, std::int32_t* y, std::size_t stride),
                {
                    right->add(panel, x, y, stride);
                    y[(x.positions - 1) * stride + panel_rows - 1] += 1 << 14;
                }),
    POUW_MUTANT(sum_of_squares, "does nothing", (const std::int32_t*, std::size_t),
                { return std::uint64_t{0}; }),
    POUW_MUTANT(sum_of_squares, "leaves the end out", (const std::int32_t* y, std::size_t count),
                { return right->sum_of_squares(y, without_the_end(count)); }),
    POUW_MUTANT(scale, "does nothing", (const std::int32_t*, std::size_t, std::uint64_t, std::int8_t*), {}),
    POUW_MUTANT(scale, "leaves the end out",
                (const std::int32_t* y, std::size_t count, std::uint64_t factor, std::int8_t* out),
                { right->scale(y, without_the_end(count), factor, out); }),
    POUW_MUTANT(scale, "the last value is off by one",
                (const std::int32_t* y, std::size_t count, std::uint64_t factor, std::int8_t* out),
                {
                    right->scale(y, count, factor, out);
                    out[count - 1] ^= 1;
                }),
    POUW_MUTANT(attend, "does nothing", (const Heads&), {}),
    POUW_MUTANT(attend, "leaves the last query out", (const Heads& heads),
                {
                    Heads some = heads;
                    --some.queries;
                    right->attend(some);
                }),
    POUW_MUTANT(attend, "the last value is off by one", (const Heads& heads),
                {
                    right->attend(heads);
                    heads.output[heads.queries * heads.heads * heads.head_dim - 1] ^= 1;
                }),
    POUW_MUTANT(attend, "heads of four are wrong", (const Heads& heads),
                {
                    right->attend(heads);
                    if (heads.head_dim == 4) heads.output[0] ^= 1;
                }),
    POUW_MUTANT(attend, "other heads are wrong", (const Heads& heads),
                {
                    right->attend(heads);
                    if (heads.head_dim != 4) heads.output[0] ^= 1;
                }),
};
#undef POUW_MUTANT

/// The entries of which there is a wrong one.
std::vector<std::string> entries() {
    std::vector<std::string> out;
    for (const Mutant& mutant : mutants)
        if (out.empty() || out.back() != mutant.entry) out.emplace_back(mutant.entry);
    return out;
}

class KernelMutants : public testing::TestWithParam<test::KernelSet> {
  protected:
    void SetUp() override {
        if (!GetParam().supported) GTEST_SKIP() << "this machine does not support " << GetParam().name;
        ASSERT_TRUE(crypto::initialize());
        right = GetParam().kernels;
    }
};

TEST_P(KernelMutants, EveryEntryOfTheTableHasOne) {
    // Numbers and functions, all of one size: another entry makes the table larger than this list, which
    // lacks `positions`, as no choice of it is wrong.
    EXPECT_EQ(sizeof(Kernels), (entries().size() + 1) * sizeof(void (*)()));
}

TEST_P(KernelMutants, TheTableItselfPasses) {
    EXPECT_TRUE(self_test(PackedBackend{"right", "", "", *right, true}));
}

TEST_P(KernelMutants, AreRefused) {
    for (const Mutant& mutant : mutants) {
        const Kernels wrong = mutant.of(*right);
        const PackedBackend backend{"wrong", "", "", wrong, true};
        const auto verdict = self_test(backend);
        ASSERT_FALSE(verdict) << mutant.entry << ' ' << mutant.fault;
        EXPECT_EQ(verdict.error().code, pow::errc::failed_self_test);
    }
}

INSTANTIATE_TEST_SUITE_P(All, KernelMutants, testing::ValuesIn(test::kernel_sets()),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace pouw::inline v1::pow
