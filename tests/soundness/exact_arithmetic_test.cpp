#include "soundness/exact_arithmetic.hpp"

#include "random.hpp"
#include "soundness/networks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace pouw::inline v1::soundness {
namespace {

Bytes bytes_of(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed) {
    test::Random random{seed};
    Bytes out(rows, columns);
    for (Eigen::Index i = 0; i < out.size(); ++i)
        out.data()[i] = static_cast<std::int8_t>(static_cast<int>(random.below(255)) - 127);
    return out;
}

RoundedProduct random_product(double step, std::uint64_t seed) {
    return {.left = bytes_of(8, 512, seed),
            .weights = bytes_of(64, 512, seed + 1),
            .steps = std::vector<double>(8, step)};
}

ProductCounts counts_of(const RoundedProduct& product) {
    ProductCounts counts{.operations = 1};
    count_product(product, 1, counts);
    return counts;
}

double share(std::uint64_t part, const ProductCounts& counts) {
    return static_cast<double>(part) / static_cast<double>(counts.entries);
}

TEST(LayerProducts, GoThroughALayerAsTheNetworkDoes) {
    for (const char* preset : {"tiny", "tiny-gated"}) {
        const pow::ModelConfig config = pow::preset(preset).value();
        const pow::WeightsKey key = test::key_of(config);
        const Engine engine{Variant{.name = "test", .config = config}, key, 1};
        const pow::StreamedTensors weights{config, key};
        Matrix states = engine.embed(test::inputs_of(config, 3));
        for (std::uint32_t layer = 0; layer < 2; ++layer) {
            const LayerProducts products = layer_products(config, weights, layer, states.cast<std::int8_t>());
            ASSERT_TRUE(engine.apply(*engine.load(layer), states));
            EXPECT_EQ(products.states.cast<float>(), states) << preset;
            EXPECT_EQ(products.products.size(), config.ffn_kind == pow::FfnKind::gated ? 7U : 6U);
        }
    }
}

TEST(LayerProducts, TheirRoundingsAreThoseOfTheirSteps) {
    const pow::ModelConfig config = test::tiny();
    const pow::WeightsKey key = test::key_of(config);
    const Engine engine{Variant{.name = "test", .config = config}, key, 1};
    const Matrix states = engine.embed(test::inputs_of(config, 2));
    const LayerProducts run =
        layer_products(config, pow::StreamedTensors{config, key}, 0, states.cast<std::int8_t>());
    const RoundedProduct& last = run.products.back();
    ASSERT_EQ(last.kind, ProductKind::ffn_out);
    for (Eigen::Index i = 0; i < last.left.rows(); ++i) {
        for (Eigen::Index j = 0; j < last.weights.rows(); ++j) {
            double sum = static_cast<double>(last.offsets(i, j));
            for (Eigen::Index k = 0; k < last.left.cols(); ++k)
                sum += static_cast<double>(last.left(i, k)) * last.weights(j, k);
            const double rounded = std::floor(sum / last.steps[size_of(i)] + 0.5);
            EXPECT_EQ(std::clamp(rounded, -127.0, 127.0), run.states(i, j));
        }
    }
}

TEST(CountProduct, SeesZerosAndNarrowValues) {
    RoundedProduct product = random_product(512, 1);
    const ProductCounts dense = counts_of(product);
    EXPECT_EQ(dense.entries, 8U * 64);
    EXPECT_NEAR(static_cast<double>(dense.zero_pairs) / static_cast<double>(dense.pairs), 2 / 255.0, 0.002);
    EXPECT_NEAR(dense.bit_products / static_cast<double>(dense.pairs), 49, 1);  // 7 bits by 7, on average
    product.left.leftCols(256).setZero();
    const ProductCounts sparse = counts_of(product);
    EXPECT_NEAR(static_cast<double>(sparse.zero_pairs) / static_cast<double>(sparse.pairs), 0.5, 0.01);
    EXPECT_LT(sparse.bit_products, dense.bit_products * 0.6);
}

TEST(CountProduct, LowPlanesDecideFineRoundingsAndLeaveCoarseOnesAlone) {
    const ProductCounts fine = counts_of(random_product(64, 2));
    const ProductCounts coarse = counts_of(random_product(1 << 20, 2));
    EXPECT_GT(share(fine.changed[2], fine), 0.3);
    EXPECT_LT(share(coarse.changed[2], coarse), 0.01);
    EXPECT_GT(late_plane_cost(fine), 0.99);
    EXPECT_LT(late_plane_cost(coarse), 44.0 / 64);
    // Without the product of the lowest planes a sum is off by 1/4 sqrt(512) = 5.7 of 512; so many roundings
    // change: the mean distance, 0.8 of it, over the step.
    const ProductCounts as_specified = counts_of(random_product(512, 4));
    EXPECT_NEAR(share(as_specified.changed[0], as_specified), 0.8 * 5.66 / 512, 0.012);
    for (std::size_t level = 0; level < late_levels; ++level)
        EXPECT_LE(as_specified.changed[level], as_specified.open[level]) << level;
}

TEST(ExactShortCuts, ANetworkOfZerosIsAFinding) {
    std::array<ProductCounts, product_kinds> counts;
    counts.fill(counts_of(random_product(512, 5)));
    for (ProductCounts& count : counts) count.operations = 0.25;
    const Variant variant{.name = "test"};
    const auto row = [](const std::vector<AttackResult>& results, std::string_view name) {
        const auto found = std::find_if(results.begin(), results.end(),
                                        [&](const AttackResult& r) { return r.attack == name; });
        EXPECT_NE(found, results.end()) << name;
        return *found;
    };
    const auto sound = exact_short_cuts(variant, counts, 5e6, 1.03);
    EXPECT_EQ(row(sound, "zero operands skipped").verdict, Verdict::passed);
    EXPECT_EQ(row(sound, "low bit planes where the rounding is open").verdict, Verdict::passed);
    EXPECT_EQ(row(sound, "1 of 64 products of bit planes left out").verdict, Verdict::passed);
    EXPECT_EQ(row(sound, "1 of 64 products of bit planes left out").exact_outputs->high, 0);
    RoundedProduct zeros = random_product(1 << 20, 6);
    zeros.left.leftCols(100).setZero();
    counts.fill(counts_of(zeros));
    for (ProductCounts& count : counts) {
        count.operations = 0.25;
        count.changed = {};
    }
    const auto broken = exact_short_cuts(variant, counts, 100, 1.03);
    EXPECT_EQ(row(broken, "zero operands skipped").verdict, Verdict::finding);
    EXPECT_EQ(row(broken, "low bit planes where the rounding is open").verdict, Verdict::finding);
    EXPECT_NE(row(broken, "6 of 64 products of bit planes left out").verdict, Verdict::passed);
}

}  // namespace
}  // namespace pouw::inline v1::soundness
