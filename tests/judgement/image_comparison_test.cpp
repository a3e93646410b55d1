#include "pouw/judgement/image_comparison.hpp"

#include "random.hpp"
#include "vectors.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/judgement/calibration.hpp"
#include "pouw/judgement/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pouw::inline v1::judgement {
namespace {

using test::Json;
using Values = std::vector<std::int16_t>;

crypto::Hash256 counting_from(std::uint8_t first) {
    crypto::Hash256 out;
    for (std::size_t i = 0; i < 32; ++i) out.bytes[i] = static_cast<std::uint8_t>(first + i);
    return out;
}

ImageFeatures features(Values values, const crypto::Hash256& image = counting_from(32)) {
    return ImageFeatures::create(counting_from(0), image, std::move(values)).value();
}

ImageComparer comparer(std::uint32_t count, std::uint32_t threshold) {
    return ImageComparer::create({.features = count, .threshold = threshold}).value();
}

std::vector<std::uint32_t> means(const Json& pairs) {
    std::vector<std::uint32_t> out;
    for (const Json& pair : pairs) out.push_back(distance(features(pair[0]), features(pair[1]))->mean());
    return out;
}

TEST(ImageFeatures, VectorsDecodeAndEncode) {
    const Json vectors = test::load_vectors("judgement/image_features.json");
    for (const Json& vector : vectors["good"]) {
        const ImageFeatures created = features(vector["values"]);
        EXPECT_EQ(core::to_hex(created.encode()), vector["bytes"]);
        EXPECT_EQ(core::to_hex(created.digest().view()), vector["digest"]);
        EXPECT_EQ(ImageFeatures::decode(test::bytes(vector["bytes"])).value(), created);
    }
    EXPECT_GE(vectors["good"].size(), 5u);
    for (const Json& vector : vectors["bad"]) {
        const auto decoded = ImageFeatures::decode(test::bytes(vector["bytes"]));
        ASSERT_FALSE(decoded) << vector["name"];
        EXPECT_EQ(decoded.error().code.name(), vector["error"]) << vector["name"];
    }
    EXPECT_GE(vectors["bad"].size(), 13u);
}

TEST(ImageFeatures, EveryTruncationIsRefusedAndEveryChangeIsAnotherValue) {
    const ImageFeatures created = features({1, -2, 300, -30'000});
    const core::Bytes data = created.encode();
    for (std::size_t size = 0; size < data.size(); ++size)
        EXPECT_EQ(ImageFeatures::decode(core::ByteView{data}.first(size)).error().code,
                  core::errc::truncated);
    test::Random random{5};
    for (int i = 0; i < 10'000; ++i) {
        core::Bytes changed = data;
        changed[random.below64(changed.size())] ^= static_cast<std::uint8_t>(1u << random.below(8));
        const auto decoded = ImageFeatures::decode(changed);
        if (!decoded) continue;
        EXPECT_NE(*decoded, created);
        EXPECT_EQ(decoded->encode(), changed);
        EXPECT_NE(decoded->digest(), created.digest());
    }
}

TEST(ImageFeatures, HaveANumber) {
    const auto error_of = [](std::size_t count) {
        return ImageFeatures::create({}, {}, Values(count)).error().code;
    };
    EXPECT_EQ(error_of(0), judgement::errc::invalid_features);
    EXPECT_EQ(error_of(ImageFeatures::most_features + 1), judgement::errc::invalid_features);
    const auto most = ImageFeatures::create({}, {}, Values(ImageFeatures::most_features)).value();
    EXPECT_EQ(ImageFeatures::decode(most.encode()).value(), most);
    for (const std::uint32_t count : {0u, ImageFeatures::most_features + 1, UINT32_MAX}) {
        EXPECT_EQ(ImageComparer::create({.features = count, .threshold = 1}).error().code,
                  judgement::errc::invalid_features);
    }
}

TEST(ImageDistance, IsExactAtTheEndsOfTheRange) {
    const auto lowest = features(Values(ImageFeatures::most_features, INT16_MIN));
    const auto highest = features(Values(ImageFeatures::most_features, INT16_MAX));
    const auto found = distance(lowest, highest).value();
    EXPECT_EQ(found.total, 65'536u * std::uint64_t{65'535} * 65'535);
    EXPECT_EQ(found.mean(), 4'294'836'225u);
    EXPECT_EQ(distance(highest, lowest).value(), found);
    EXPECT_EQ(distance(lowest, lowest).value().total, 0u);
    EXPECT_EQ(comparer(65'536, found.mean()).compare(lowest, lowest, highest)->finding,
              ImageFinding::accepted);
    EXPECT_EQ(comparer(65'536, found.mean() - 1).compare(lowest, lowest, highest)->finding,
              ImageFinding::distant);
    EXPECT_EQ((ImageDistance{10, 3}).mean(), 4u);
    EXPECT_EQ(ImageDistance{}.mean(), 0u);
}

TEST(ImageDistance, OfOtherRequestsOrLengthsIsNone) {
    const auto other = ImageFeatures::create(counting_from(1), counting_from(32), {1, 2}).value();
    EXPECT_EQ(distance(features({1, 2}), other).error().code, judgement::errc::request_mismatch);
    EXPECT_EQ(distance(features({1, 2}), features({1})).error().code, judgement::errc::length_mismatch);
}

TEST(ImageComparer, Vectors) {
    const Json vectors = test::load_vectors("judgement/image_features.json");
    for (const Json& vector : vectors["comparisons"]) {
        const ImageFeatures again = features(vector["again"], counting_from(64));
        const auto found = comparer(static_cast<std::uint32_t>(again.values().size()), vector["threshold"])
                               .compare(features(vector["claimed"]), features(vector["delivered"]), again)
                               .value();
        EXPECT_EQ(found.distance.total, test::u64(vector["total"]));
        EXPECT_EQ(found.distance.mean(), vector["mean"]);
        EXPECT_EQ(name(found.finding), vector["finding"].get<std::string>());
    }
    EXPECT_GE(vectors["comparisons"].size(), 53u);
}

TEST(ImageComparer, WhatTheCheckerDidWrongSaysNothingAgainstTheExecutor) {
    const ImageComparer two = comparer(2, 10);
    const ImageFeatures image = features({1, 2});
    const auto code = [&](const ImageFeatures& claimed, const ImageFeatures& delivered,
                          const ImageFeatures& again) {
        return two.compare(claimed, delivered, again).error().code;
    };
    const auto other = ImageFeatures::create(counting_from(1), counting_from(32), {1, 2}).value();
    EXPECT_EQ(code(image, image, other), judgement::errc::request_mismatch);
    EXPECT_EQ(code(image, other, image), judgement::errc::request_mismatch);
    EXPECT_EQ(code(other, image, image), judgement::errc::request_mismatch);
    EXPECT_EQ(code(image, features({1}), features({1})), judgement::errc::length_mismatch);
    EXPECT_EQ(code(image, image, features({1})), judgement::errc::length_mismatch);
    EXPECT_EQ(code(image, features({1, 2}, counting_from(9)), image), judgement::errc::image_mismatch);
}

// What the calibration promises for distances of text holds for those of images.
TEST(ImageComparer, AThresholdFromSamples) {
    const Json vector = test::load_vectors("judgement/image_features.json")["calibration"];
    const auto calibration =
        calibrate(means(vector["honest"]), means(vector["fraudulent"]),
                  {test::fraction(vector["false_positive_rate"]), test::fraction(vector["detection_rate"]),
                   test::fraction(vector["error"])})
            .value();
    EXPECT_EQ(calibration.threshold, vector["threshold"]);
    EXPECT_EQ(calibration.false_positive_rate.ppm(), vector["false_positive_rate_upper"]);
    EXPECT_EQ(calibration.detection_rate.ppm(), vector["detection_rate_lower"]);
    const ImageComparer judged = comparer(16, calibration.threshold);
    const auto refused = [&](const Json& pairs) {
        return std::count_if(pairs.begin(), pairs.end(), [&](const Json& pair) {
            const ImageFeatures image = features(pair[0]);
            return judged.compare(image, image, features(pair[1], counting_from(64)))->finding ==
                   ImageFinding::distant;
        });
    };
    EXPECT_EQ(refused(vector["fraudulent"]), vector["fraudulent_above"]);
    EXPECT_LE(refused(vector["honest"]), 3);
}

// Fresh images: the means of 8 by 8 blocks, with the noise of another machine, of another seed, and of fewer
// steps.
TEST(ImageComparer, AcceptsTheNoiseOfMachinesAndRefusesOtherImages) {
    test::Random random{77};
    const auto noisy = [&](const Values& image, std::uint32_t width) {
        Values out = image;
        for (std::int16_t& value : out)
            value = static_cast<std::int16_t>(value + static_cast<int>(random.below(2 * width + 1)) -
                                              static_cast<int>(width));
        return out;
    };
    const auto fresh = [&] {
        Values out(64);
        for (std::int16_t& value : out) value = static_cast<std::int16_t>(random.below(4096));
        return out;
    };
    const auto mean_of = [&](const Values& a, const Values& b) {
        return distance(features(a), features(b))->mean();
    };
    std::vector<std::uint32_t> honest, fewer_steps;
    for (int i = 0; i < 400; ++i) {
        const Values image = fresh();
        honest.push_back(mean_of(noisy(image, 20), image));
        fewer_steps.push_back(mean_of(noisy(image, 60), image));
    }
    const auto calibration = calibrate(honest, fewer_steps, {{1, 100}, {9, 10}, {1, 20}}).value();
    const ImageComparer judged = comparer(64, calibration.threshold);
    int refused_honest = 0, accepted_fraud = 0;
    for (int i = 0; i < 500; ++i) {
        const Values image = fresh();
        const ImageFeatures again = features(image, counting_from(64));
        const auto finding = [&](const Values& values) {
            return judged.compare(features(values), features(values), again)->finding;
        };
        refused_honest += finding(noisy(image, 20)) != ImageFinding::accepted;
        accepted_fraud += finding(noisy(image, 60)) == ImageFinding::accepted;
        EXPECT_EQ(finding(fresh()), ImageFinding::distant);
    }
    EXPECT_LE(refused_honest, 15);  // 1% of 500, and three standard deviations of both
    EXPECT_EQ(accepted_fraud, 0);
}

}  // namespace
}  // namespace pouw::inline v1::judgement
