#include "pow/kernels/kernel_sets.hpp"
#include "pow/operations.hpp"
#include "sanitized.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <random>
#include <span>

namespace pouw::inline v1::pow {
namespace {

using kernels::Heads;
using kernels::Kernels;
using kernels::Operand;
using kernels::panel_rows;
using kernels::Panels;
using test::KernelSet;

using Bytes = std::vector<std::int8_t>;
using Sums = std::vector<std::int32_t>;
using Random = std::mt19937_64;

/// The largest depth of a valid config: 16129 K + 2^23 < 2^31.
constexpr std::size_t largest_depth = ((std::uint64_t{1} << 31) - (1u << 23) - 1) / 16129 / 64 * 64;
static_assert(largest_depth == 132'608);

enum class Fill { random, signs, largest, opposite, zero };

Bytes make(Fill fill, std::size_t size, Random& random) {
    Bytes out(size);
    for (std::int8_t& value : out) {
        switch (fill) {
            case Fill::random:
                value = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
                break;
            case Fill::signs:
                value = random() % 2 == 0 ? std::int8_t{127} : std::int8_t{-127};
                break;
            case Fill::largest:
                value = 127;
                break;
            case Fill::opposite:
                value = -127;
                break;
            case Fill::zero:
                value = 0;
        }
    }
    return out;
}

/// 64 rows of weights and some positions, packed and encoded, and the products that plain loops find.
class Case {
  public:
    Case(const Kernels& kernels, std::size_t depth, std::size_t positions, Fill weights, Fill activations,
         std::int32_t bias, Random& random)
        : depth_{depth},
          positions_{positions},
          weights_{make(weights, panel_rows * depth, random)},
          activations_{make(activations, positions * depth, random)},
          packed_(panel_rows * depth + line),
          bias_(panel_rows, bias),
          encoded_(positions * depth * kernels.encoded_bytes) {
        kernels.pack(weights_.data(), depth, depth, packed(), bias_.data());
        kernels.encode(activations_.data(), activations_.size(), encoded_.data());
        for (std::size_t position = 0; position < positions; ++position) {
            for (std::size_t row = 0; row < panel_rows; ++row) {
                std::int32_t sum = 0;
                for (std::size_t k = 0; k < depth; ++k)
                    sum += std::int32_t{activations_[position * depth + k]} * weights_[row * depth + k];
                // Modulo 2^32: a bias may lead out of the range.
                sums_.push_back(static_cast<std::int32_t>(static_cast<std::uint32_t>(bias) +
                                                          static_cast<std::uint32_t>(sum)));
            }
        }
    }

    [[nodiscard]] Panels panel() const { return {packed(), bias_.data(), depth_}; }
    [[nodiscard]] Operand operand() const { return {encoded_.data(), depth_, positions_}; }
    [[nodiscard]] std::size_t positions() const { return positions_; }
    [[nodiscard]] std::int32_t sum(std::size_t position, std::size_t row) const {
        return sums_[position * panel_rows + row];
    }

  private:
    static constexpr std::size_t line = 64;
    [[nodiscard]] std::int8_t* packed() const {
        const auto address = reinterpret_cast<std::uintptr_t>(packed_.data());
        return const_cast<std::int8_t*>(packed_.data()) + (line - address % line) % line;
    }
    std::size_t depth_;
    std::size_t positions_;
    Bytes weights_;
    Bytes activations_;
    Bytes packed_;
    Sums bias_;
    std::vector<std::uint8_t> encoded_;
    Sums sums_;
};

/// The stride of results: not that of a panel, so that a kernel which ignores it fails.
constexpr std::size_t stride = panel_rows + 64;

class KernelTest : public testing::TestWithParam<KernelSet> {
  protected:
    void SetUp() override {
        if (!GetParam().supported) GTEST_SKIP() << "this machine does not support " << GetParam().name;
    }
    [[nodiscard]] const Kernels& kernels() const { return *GetParam().kernels; }

    /// What `values` look like encoded.
    [[nodiscard]] std::vector<std::uint8_t> encoded(const Bytes& values) const {
        std::vector<std::uint8_t> out(values.size() * kernels().encoded_bytes);
        kernels().encode(values.data(), values.size(), out.data());
        return out;
    }

    /// Calls `check` for extremes and random values, depths and numbers of positions.
    template <typename Check>
    void for_each_case(std::int32_t bias, const Check& check) {
        for (const std::size_t depth : {std::size_t{64}, std::size_t{512}, std::size_t{576}}) {
            for (const std::size_t positions :
                 {1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u, 10u, 12u, 15u, 16u, 17u, 31u, 32u, 35u, 49u}) {
                SCOPED_TRACE(testing::Message() << "depth " << depth << ", positions " << positions);
                check(Case{kernels(), depth, positions, Fill::random, Fill::random, bias, random_});
            }
        }
        struct Extreme {
            Fill weights, activations;
        };
        for (const auto [weights, activations] :
             {Extreme{Fill::signs, Fill::signs}, Extreme{Fill::largest, Fill::largest},
              Extreme{Fill::opposite, Fill::largest}, Extreme{Fill::largest, Fill::opposite},
              Extreme{Fill::zero, Fill::signs}}) {
            for (const std::size_t depth : {std::size_t{64}, std::size_t{8192}, largest_depth}) {
                if (test::sanitized && depth == largest_depth) continue;  // the steps of the depth before
                SCOPED_TRACE(testing::Message() << "depth " << depth << ", fill " << static_cast<int>(weights)
                                                << static_cast<int>(activations));
                const std::size_t positions = depth == largest_depth ? 1 : 7;
                check(Case{kernels(), depth, positions, weights, activations, bias, random_});
            }
        }
    }

    Random random_{1};
};

TEST_P(KernelTest, ProjectsRoundedAndSaturated) {
    for (const std::uint32_t shift : {1u, 10u, 24u}) {
        for_each_case(1 << (shift - 1), [&](const Case& c) {
            Bytes out(c.positions() * stride);
            kernels().project(c.panel(), c.operand(), shift, out.data(), stride);
            for (std::size_t p = 0; p < c.positions(); ++p) {
                for (std::size_t row = 0; row < panel_rows; ++row)
                    ASSERT_EQ(out[p * stride + row], saturate(c.sum(p, row) >> shift)) << p << ' ' << row;
            }
        });
    }
}

/// fold((sum >> shift) - 128) where the bias is half a unit and 128 units.
std::int8_t folded(const Case& c, std::size_t p, std::size_t row, std::uint32_t shift) {
    const std::uint32_t sum = static_cast<std::uint32_t>(c.sum(p, row)) - (128u << shift);
    return fold(static_cast<std::int32_t>(sum) >> shift);
}

std::int32_t fold_bias(std::uint32_t shift) {
    return static_cast<std::int32_t>((1u << (shift - 1)) + (128u << shift));
}

TEST_P(KernelTest, Folds) {
    for (const std::uint32_t shift : {1u, 8u, 22u, 23u, 24u}) {
        for_each_case(fold_bias(shift), [&](const Case& c) {
            std::vector<std::uint8_t> out(c.positions() * stride * kernels().encoded_bytes);
            kernels().fold(c.panel(), c.operand(), shift, out.data(), stride);
            for (std::size_t p = 0; p < c.positions(); ++p) {
                Bytes expected;
                for (std::size_t row = 0; row < panel_rows; ++row)
                    expected.push_back(folded(c, p, row, shift));
                const auto bytes = encoded(expected);
                const auto* actual = out.data() + p * stride * kernels().encoded_bytes;
                ASSERT_TRUE(std::equal(bytes.begin(), bytes.end(), actual)) << p << ", shift " << shift;
            }
        });
    }
}

TEST_P(KernelTest, FoldsAndGates) {
    constexpr std::uint32_t shift = 8;
    for (const std::uint32_t gate_shift : {1u, 6u, 15u, 24u}) {
        for_each_case(fold_bias(shift), [&](const Case& c) {
            const Bytes up =
                make(gate_shift == 1 ? Fill::signs : Fill::random, c.positions() * stride, random_);
            std::vector<std::uint8_t> out(c.positions() * stride * kernels().encoded_bytes);
            kernels().fold_gate(c.panel(), c.operand(), shift, up.data(), gate_shift, out.data(), stride);
            for (std::size_t p = 0; p < c.positions(); ++p) {
                Bytes expected;
                for (std::size_t row = 0; row < panel_rows; ++row) {
                    expected.push_back(saturate(round_shift(
                        std::int32_t{folded(c, p, row, shift)} * up[p * stride + row], gate_shift)));
                }
                const auto bytes = encoded(expected);
                const auto* actual = out.data() + p * stride * kernels().encoded_bytes;
                ASSERT_TRUE(std::equal(bytes.begin(), bytes.end(), actual)) << p << ", shift " << gate_shift;
            }
        });
    }
}

TEST_P(KernelTest, AddsResidualsAndBlocks) {
    for (const std::uint32_t shift : {0u, 14u, 16u}) {
        for_each_case(0, [&](const Case& c) {
            const Bytes h = make(Fill::random, c.positions() * stride, random_);
            Sums y(c.positions() * stride);
            kernels().add_residual(c.panel(), c.operand(), h.data(), shift, y.data(), stride);
            for (std::size_t p = 0; p < c.positions(); ++p) {
                for (std::size_t row = 0; row < panel_rows; ++row) {
                    const std::size_t at = p * stride + row;
                    ASSERT_EQ(y[at], c.sum(p, row) + std::int32_t{h[at]} * (1 << shift)) << p << ' ' << row;
                }
            }
            const Sums before = y;
            kernels().add(c.panel(), c.operand(), y.data(), stride);
            // `add` leaves the bias to `add_residual`: less it, the second sum is the first.
            for (std::size_t p = 0; p < c.positions(); ++p) {
                for (std::size_t row = 0; row < panel_rows; ++row) {
                    const std::size_t at = p * stride + row;
                    const auto correction = static_cast<std::uint32_t>(c.panel().bias[row]);
                    const std::uint32_t added = static_cast<std::uint32_t>(y[at]) -
                                                static_cast<std::uint32_t>(before[at]) + correction;
                    ASSERT_EQ(added, static_cast<std::uint32_t>(c.sum(p, row))) << p << ' ' << row;
                }
            }
        });
    }
}

/// A panel of rows that many bytes apart, packed, and its bias, which began with fives.
std::pair<Bytes, Sums> packed(const Kernels& kernels, const Bytes& rows, std::size_t between,
                              std::size_t depth) {
    std::pair<Bytes, Sums> out{Bytes(panel_rows * depth), Sums(panel_rows, 5)};
    kernels.pack(rows.data(), between, depth, out.first.data(), out.second.data());
    return out;
}

TEST_P(KernelTest, PackReadsRowsByTheirStride) {
    constexpr std::size_t depth = 64;
    constexpr std::size_t wide = 200;
    const Bytes wide_rows = make(Fill::random, panel_rows * wide, random_);
    Bytes rows;
    for (std::size_t row = 0; row < panel_rows; ++row) {
        const auto begin = wide_rows.begin() + static_cast<std::ptrdiff_t>(row * wide);
        rows.insert(rows.end(), begin, begin + depth);
    }
    EXPECT_EQ(packed(kernels(), wide_rows, wide, depth), packed(kernels(), rows, depth, depth));
}

TEST_P(KernelTest, PackReadsMinus128AsZero) {
    constexpr std::size_t depth = 192;
    Bytes rows = make(Fill::random, panel_rows * depth, random_);
    for (std::size_t i = 0; i < rows.size(); i += 1 + random_() % 3) rows[i] = -128;
    Bytes weights = rows;
    std::replace(weights.begin(), weights.end(), std::int8_t{-128}, std::int8_t{0});
    const auto actual = packed(kernels(), rows, depth, depth);
    EXPECT_EQ(actual, packed(kernels(), weights, depth, depth));
    EXPECT_EQ(std::count(actual.first.begin(), actual.first.end(), std::int8_t{-128}), 0);
}

TEST_P(KernelTest, SumsSquaresModulo64Bits) {
    constexpr std::int32_t smallest = std::numeric_limits<std::int32_t>::min();
    constexpr std::int32_t largest = std::numeric_limits<std::int32_t>::max();
    for (const std::size_t count : {std::size_t{64}, std::size_t{512}, std::size_t{8192}}) {
        for (int kind = 0; kind < 4; ++kind) {
            Sums y(count);
            std::uint64_t expected = 0;
            for (std::int32_t& value : y) {
                const auto random = static_cast<std::int32_t>(static_cast<std::uint32_t>(random_()));
                value = kind == 0 ? smallest : kind == 1 ? largest : kind == 2 ? random : random >> 12;
                const auto wide = static_cast<std::uint64_t>(std::int64_t{value});
                expected += wide * wide;
            }
            EXPECT_EQ(kernels().sum_of_squares(y.data(), count), expected) << count << ' ' << kind;
        }
    }
}

TEST_P(KernelTest, ScalesModulo64Bits) {
    std::vector<std::uint64_t> factors{0,
                                       1,
                                       (1u << 23) - 1,
                                       1u << 23,
                                       1u << 24,
                                       0xffffffffu,
                                       0x80000000u,
                                       std::uint64_t{1} << 32,
                                       std::uint64_t{1} << 36,
                                       std::numeric_limits<std::uint64_t>::max(),
                                       std::uint64_t{1} << 63};
    for (int i = 0; i < 200; ++i) factors.push_back(random_() >> (random_() % 64));
    for (const std::uint64_t factor : factors) {
        Sums y;
        for (std::size_t i = 0; i < 128; ++i) {
            const auto random = static_cast<std::int32_t>(static_cast<std::uint32_t>(random_()));
            y.push_back(random >> (random_() % 32));
        }
        y[0] = std::numeric_limits<std::int32_t>::min();
        y[1] = std::numeric_limits<std::int32_t>::max();
        Bytes out(y.size());
        kernels().scale(y.data(), y.size(), factor, out.data());
        for (std::size_t i = 0; i < y.size(); ++i) {
            const auto product =
                static_cast<std::int64_t>(static_cast<std::uint64_t>(std::int64_t{y[i]}) * factor);
            ASSERT_EQ(out[i], saturate(((product >> 23) + 1) >> 1)) << y[i] << " * " << factor;
        }
    }
}

/// docs/spec/pow.md section 4, step 2, for one query and one head.
void attend_plainly(const Heads& x, std::size_t query, std::size_t head, std::int8_t* out) {
    const std::size_t dim = x.heads * x.head_dim;
    const auto at = [&](const std::int8_t* values, std::size_t position, std::size_t i) {
        return std::int32_t{values[position * dim + head * x.head_dim + i]};
    };
    Sums w;
    for (std::size_t t = 0; t < x.length; ++t) {
        std::int32_t score = 0;
        for (std::size_t i = 0; i < x.head_dim; ++i) score += at(x.query, query, i) * at(x.key, t, i);
        w.push_back(score);
    }
    const std::int32_t largest = *std::max_element(w.begin(), w.end());
    std::int32_t z = 0;
    for (std::int32_t& value : w) z += value = attention_weight(largest - value, x.score_shift);
    for (std::size_t i = 0; i < x.head_dim; ++i) {
        std::int32_t sum = 0;
        for (std::size_t t = 0; t < x.length; ++t) sum += w[t] * at(x.value, t, i);
        out[i] = saturate(round_shift(sum * ((1 << 24) / z), 24));
    }
}

TEST_P(KernelTest, Attends) {
    struct Shape {
        std::size_t heads, head_dim, length, queries;
    };
    for (const Shape shape :
         {Shape{128, 4, 4, 4}, Shape{128, 4, 4, 1}, Shape{16, 4, 1, 1}, Shape{19, 4, 7, 7},
          Shape{32, 4, 7, 7}, Shape{16, 4, 15, 3}, Shape{16, 4, 16, 16}, Shape{16, 4, 17, 2},
          Shape{32, 4, 512, 2}, Shape{64, 1, 5, 5}, Shape{32, 2, 3, 3}, Shape{21, 3, 9, 9},
          Shape{13, 5, 6, 6}, Shape{4, 16, 64, 3}, Shape{3, 21, 33, 33}, Shape{1, 8192, 3, 3},
          Shape{2, 64, 512, 1}}) {
        for (const std::uint32_t score_shift : {0u, 5u, 10u, 14u}) {
            for (const Fill fill : {Fill::random, Fill::signs, Fill::largest}) {
                const std::size_t dim = shape.heads * shape.head_dim;
                const Bytes q = make(fill, shape.queries * dim, random_);
                const Bytes k = make(fill, shape.length * dim, random_);
                const Bytes v = make(fill, shape.length * dim, random_);
                Bytes out(shape.queries * dim);
                const Heads heads{shape.heads, shape.head_dim, shape.length, shape.queries, score_shift,
                                  q.data(),    k.data(),       v.data(),     out.data()};
                kernels().attend(heads);
                Bytes expected(out.size());
                for (std::size_t query = 0; query < shape.queries; ++query) {
                    for (std::size_t head = 0; head < shape.heads; ++head)
                        attend_plainly(heads, query, head,
                                       expected.data() + query * dim + head * shape.head_dim);
                }
                ASSERT_EQ(out, expected) << shape.heads << " heads of " << shape.head_dim << ", length "
                                         << shape.length << ", shift " << score_shift;
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, KernelTest, testing::ValuesIn(test::kernel_sets()),
                         [](const auto& instance) { return instance.param.name; });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(KernelTest);

}  // namespace
}  // namespace pouw::inline v1::pow
