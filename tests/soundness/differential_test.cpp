#include "soundness/health.hpp"
#include "soundness/networks.hpp"

#include "pouw/pow/race.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

namespace pouw::inline v1::soundness {
namespace {

using test::engine_of;
using test::named;

TEST(DifferenceGrowth, FoldSpreadsAndReluForgets) {
    const pow::ModelConfig config = test::tiny(16);
    const auto inputs = test::inputs_of(config, 24);
    const Health fold = difference_growth(engine_of(config), inputs);
    ASSERT_EQ(fold.curves.size(), 4U);
    ASSERT_EQ(fold.curves[0].points.size(), 17U);
    EXPECT_NEAR(fold.curves[0].points[0].second.estimate, 1.0 / (4 * 128), 1e-9);
    EXPECT_GT(fold.curves[0].points[16].second.low, 0.95);
    EXPECT_NE(named(fold, "one unit changed: squared distance of the outputs").verdict, Verdict::finding);
    EXPECT_NE(named(fold, "one noise byte changed: squared distance of the outputs").verdict,
              Verdict::finding);
    const Health relu = difference_growth(engine_of(config, Activation::relu), inputs);
    EXPECT_EQ(named(relu, "one unit changed: squared distance of the outputs").verdict, Verdict::finding);
    EXPECT_EQ(named(relu, "one noise byte changed: squared distance of the outputs").verdict,
              Verdict::finding);
}

TEST(DifferenceGrowth, MoreFoldsSpreadFaster) {
    pow::ModelConfig config = test::tiny(4);
    const auto distance = [&] {
        return named(difference_growth(engine_of(config), test::inputs_of(config, 24)),
                     "one unit changed: squared distance, relative to independent states after layer 3")
            .value;
    };
    const Interval before = distance();
    --config.ffn_shift;
    EXPECT_GT(distance().low, before.high);
}

TEST(DifferenceGrowth, WithoutNoiseNoByteOfItChanges) {
    const pow::ModelConfig config = test::tiny(2);
    const Engine engine{Variant{.name = "test", .config = config, .input_noise = false}, test::key_of(config),
                        1};
    EXPECT_EQ(difference_growth(engine, test::inputs_of(config, 3)).curves.size(), 2U);
}

TEST(DifferenceGrowth, EndsWhenStopped) {
    const pow::ModelConfig config = test::tiny();
    std::stop_source stop;
    stop.request_stop();
    EXPECT_TRUE(
        difference_growth(engine_of(config), test::inputs_of(config, 2), stop.get_token()).results.empty());
}

}  // namespace
}  // namespace pouw::inline v1::soundness
