#include "fuzz/fuzz.hpp"

#include "pouw/judgement/image_comparison.hpp"

namespace pouw::inline v1::fuzz {
namespace {

void is_no_distance_from_itself(const judgement::ImageFeatures& features) {
    const auto distance = judgement::distance(features, features);
    require(distance && distance->total == 0, "features are no distance from themselves");
    const auto count = static_cast<std::uint32_t>(features.values().size());
    const auto comparer = judgement::ImageComparer::create({.features = count, .threshold = 0});
    require(comparer.has_value(), "as many features as a record has are a model's");
    const auto comparison = comparer->compare(features, features, features);
    require(comparison && comparison->finding == judgement::ImageFinding::accepted, "an image is itself");
}

}  // namespace

const Target target = decoder_of<judgement::ImageFeatures, is_no_distance_from_itself>();

}  // namespace pouw::inline v1::fuzz
