#include "pouw/pow/threshold.hpp"

#include "sanitized.hpp"
#include "support.hpp"

#include "pouw/pow/errc.hpp"

#include <gtest/gtest.h>

#include <bit>

namespace pouw::inline v1::pow {
namespace {

using test::Random;

/// Uniform subsets of half of a vector's coordinates, and the sum over them.
///
/// All of d2 that a permutation moves is the sum S of the coordinates that meet +32: d2 = |x|² + |t|² - 64 ·
/// (2S - sum x). Every coordinate is taken with a coin; then members of the larger side, picked uniformly,
/// change sides until both are equal. That is a uniform half, and needs no shuffle.
class HalfSums {
  public:
    static constexpr std::size_t size = 512;

    explicit HalfSums(const std::vector<std::int8_t>& values) : values_{values} {
        for (std::size_t byte = 0; byte < table_.size(); ++byte) {
            for (std::size_t mask = 0; mask < 256; ++mask) {
                int sum = 0;
                for (std::size_t bit = 0; bit < 8; ++bit) {
                    if ((mask >> bit & 1) != 0) sum += values[8 * byte + bit];
                }
                table_[byte][mask] = static_cast<std::int16_t>(sum);
            }
        }
    }

    [[nodiscard]] int draw(Random& random) const {
        std::array<std::uint64_t, size / 64> chosen;
        int sum = 0;
        int excess = -static_cast<int>(size / 2);
        for (std::size_t word = 0; word < chosen.size(); ++word) {
            chosen[word] = random.next();
            excess += std::popcount(chosen[word]);
            for (std::size_t byte = 0; byte < 8; ++byte) {
                sum += table_[8 * word + byte][chosen[word] >> (8 * byte) & 255];
            }
        }
        const bool larger = excess > 0;
        for (std::uint64_t bits = 0; excess != 0; bits >>= 9) {
            if (bits == 0) bits = random.next() | std::uint64_t{1} << 63;  // the last bit is a sentinel
            if (bits < std::uint64_t{1} << 9) {
                bits = 0;
                continue;
            }
            const std::size_t i = bits % size;
            std::uint64_t& word = chosen[i / 64];
            if (((word >> (i % 64) & 1) != 0) != larger) continue;
            word ^= std::uint64_t{1} << (i % 64);
            sum += larger ? -values_[i] : values_[i];
            excess += larger ? -1 : 1;
        }
        return sum;
    }

  private:
    std::vector<std::int8_t> values_;
    std::array<std::array<std::int16_t, 256>, size / 8> table_{};
};

TEST(Threshold, TheClosedFormAgreesWithSampling) {
    if (test::sanitized) GTEST_SKIP() << "the steps of HalfSumsAreUniform and MeasuredThresholds";
    const ModelConfig config = test::preset("whitepaper");
    const std::uint64_t rare = threshold_for(config, 1, 900).value();
    const std::uint64_t frequent = threshold_for(config, 1, 50).value();
    constexpr std::uint64_t draws = 400'000;  // of each output: 0.5% of standard error at 1/900, 0.1% at 1/50
    std::uint64_t below_rare = 0;
    std::uint64_t below_frequent = 0;
    std::uint64_t total = 0;
    Random random{4};
    const test::Json file = test::load_vectors("pow/whitepaper_outputs.json");
    for (const test::Json& entry : file.at("outputs")) {
        const std::vector<std::int8_t> output = test::int8s(entry.at("output"));
        ASSERT_EQ(output.size(), HalfSums::size);
        const HalfSums halves{output};
        int all = 0;
        for (const int value : output) all += value;
        const auto lengths = static_cast<std::int64_t>(squared_length(output) + 1024 * output.size());
        for (std::uint64_t i = 0; i < draws; ++i) {
            const std::int64_t d2 = lengths - 64 * std::int64_t{2 * halves.draw(random) - all};
            below_rare += d2 < static_cast<std::int64_t>(rare);
            below_frequent += d2 < static_cast<std::int64_t>(frequent);
        }
        total += draws;
    }
    ASSERT_GE(total, 96 * draws);
    const auto rate = [&](std::uint64_t count) {
        return static_cast<double>(count) / static_cast<double>(total);
    };
    EXPECT_NEAR(rate(below_rare) * 900, 1, 0.02);
    EXPECT_NEAR(rate(below_frequent) * 50, 1, 0.01);
}

TEST(Threshold, HalfSumsAreUniform) {
    // Of 512 coordinates only one is not 0: it is in half of the subsets.
    std::vector<std::int8_t> values(512);
    for (const std::size_t place : {0u, 300u, 511u}) {
        values[place] = 1;
        const HalfSums halves{values};
        Random random{5};
        int taken = 0;
        for (int i = 0; i < 100'000; ++i) taken += halves.draw(random);
        EXPECT_NEAR(taken, 50'000, 800);
        values[place] = 0;
    }
    // And every subset has half of them.
    const HalfSums ones{std::vector<std::int8_t>(512, 1)};
    Random random{6};
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(ones.draw(random), 256);
}

// Sampled over 3.7e8 permutations: section 5 of the specification.
TEST(Threshold, MeasuredThresholds) {
    const ModelConfig config = test::preset("whitepaper");
    EXPECT_NEAR(probability(config, 906'600) * 900, 1, 0.02);
    EXPECT_NEAR(probability(config, 940'275) * 100, 1, 0.01);
    EXPECT_NEAR(probability(config, 952'810) * 50, 1, 0.01);
}

TEST(Threshold, IsTheInverseOfTheProbability) {
    for (const Preset& preset : presets()) {
        for (const auto& [numerator, denominator] : std::vector<std::pair<std::uint64_t, std::uint64_t>>{
                 {1, 2}, {1, 50}, {1, 900}, {3, 1000}, {1, 1'000'000}, {1, UINT64_MAX}, {999, 1000}}) {
            const std::uint64_t threshold = threshold_for(preset.config, numerator, denominator).value();
            const double wanted = static_cast<double>(numerator) / static_cast<double>(denominator);
            EXPECT_GE(threshold, 1u);
            EXPECT_LE(probability(preset.config, threshold), wanted);
            EXPECT_GT(probability(preset.config, threshold + 1), wanted);
        }
    }
}

TEST(Threshold, ProbabilityRisesFrom0To1) {
    for (const std::uint32_t model_dim : {64u, 128u, 512u, 8192u}) {
        ModelConfig config = test::preset("tiny");
        config.heads = 1;
        config.model_dim = model_dim;
        EXPECT_EQ(probability(config, 0), 0);
        EXPECT_EQ(probability(config, UINT64_MAX), 1);
        const std::uint64_t mean = std::uint64_t{2048} * model_dim;
        EXPECT_NEAR(probability(config, mean), 0.5, 0.05);
        double before = 0;
        for (std::uint64_t threshold = 0; threshold <= 2 * mean; threshold += mean / 50) {
            const double now = probability(config, threshold);
            EXPECT_GE(now, before - 1e-12) << model_dim << ' ' << threshold;
            EXPECT_LE(now, 1 + 1e-9);
            before = now;
        }
    }
}

TEST(Threshold, RefusesWhatIsNoProbability) {
    const ModelConfig config = test::preset("whitepaper");
    for (const auto& [numerator, denominator] : std::vector<std::pair<std::uint64_t, std::uint64_t>>{
             {0, 1}, {0, 0}, {1, 0}, {1, 1}, {2, 1}, {UINT64_MAX, UINT64_MAX}}) {
        EXPECT_EQ(threshold_for(config, numerator, denominator).error().code, pow::errc::invalid_threshold)
            << numerator << '/' << denominator;
    }
}

TEST(ThresholdDeathTest, ExpectsAValidConfig) { EXPECT_DEATH((void)probability(ModelConfig{}, 1), ""); }

}  // namespace
}  // namespace pouw::inline v1::pow
