#include "pouw/judgement/image_comparison.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/core/version.hpp"
#include "pouw/crypto/domain.hpp"
#include "pouw/judgement/errc.hpp"

#include <algorithm>
#include <utility>

namespace pouw::inline v1::judgement {
namespace {

using core::fail;

constexpr std::string_view features_magic = "pouwimf1";

/// A square is at most (2^16 - 1)^2, so that the sum and the mean fit.
static_assert(ImageFeatures::most_features <= 1u << 16);

bool is_feature_count(std::uint64_t count) { return count >= 1 && count <= ImageFeatures::most_features; }

std::uint64_t total_of_squares(std::span<const std::int16_t> a, std::span<const std::int16_t> b) {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const std::int64_t difference = std::int64_t{a[i]} - b[i];
        total += static_cast<std::uint64_t>(difference * difference);
    }
    return total;
}

}  // namespace

core::result<ImageFeatures> ImageFeatures::create(const crypto::Hash256& request,
                                                  const crypto::Hash256& image,
                                                  std::vector<std::int16_t> values) {
    if (!is_feature_count(values.size())) return fail(errc::invalid_features);
    ImageFeatures out;
    out.request_ = request;
    out.image_ = image;
    out.values_ = std::move(values);
    return out;
}

core::Bytes ImageFeatures::encode() const {
    core::Bytes out{features_magic.begin(), features_magic.end()};
    out.reserve(80 + 2 * values_.size());
    core::append(out, core::to_le(core::spec_version));
    core::append(out, request_.view());
    core::append(out, image_.view());
    core::append(out, core::to_le(static_cast<std::uint32_t>(values_.size())));
    for (const std::int16_t value : values_)
        core::append(out, core::to_le(static_cast<std::uint16_t>(value)));
    return out;
}

core::result<ImageFeatures> ImageFeatures::decode(core::ByteView data) {
    core::Reader reader{data};
    const core::ByteView start = reader.take(features_magic.size());
    if (!reader.ok()) return fail(core::errc::truncated);
    if (!std::equal(start.begin(), start.end(), features_magic.begin()))
        return fail(core::errc::invalid_magic);
    const auto version = reader.integer<std::uint32_t>();
    const auto request = reader.fixed<crypto::Hash256>();
    const auto image = reader.fixed<crypto::Hash256>();
    const auto count = reader.integer<std::uint32_t>();
    if (!reader.ok()) return fail(core::errc::truncated);
    if (version != core::spec_version) return fail(core::errc::unsupported_version);
    if (!is_feature_count(count)) return fail(errc::invalid_features);
    const std::size_t size = 2 * std::size_t{count};
    if (reader.rest().size() < size) return fail(core::errc::truncated);
    if (reader.rest().size() > size) return fail(core::errc::trailing_bytes);
    std::vector<std::int16_t> values;
    values.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i)
        values.push_back(static_cast<std::int16_t>(reader.integer<std::uint16_t>()));
    return create(request, image, std::move(values));
}

crypto::Hash256 ImageFeatures::digest() const {
    return crypto::hash(crypto::domain::image_features, encode());
}

core::result<ImageDistance> distance(const ImageFeatures& a, const ImageFeatures& b) {
    if (a.request() != b.request()) return fail(errc::request_mismatch);
    if (a.values().size() != b.values().size())
        return fail(errc::length_mismatch, "another number of features");
    return ImageDistance{total_of_squares(a.values(), b.values()),
                         static_cast<std::uint32_t>(a.values().size())};
}

core::result<ImageComparer> ImageComparer::create(const ImageRules& rules) {
    if (!is_feature_count(rules.features)) return fail(errc::invalid_features);
    return ImageComparer{rules};
}

core::result<ImageComparison> ImageComparer::compare(const ImageFeatures& claimed,
                                                     const ImageFeatures& delivered,
                                                     const ImageFeatures& again) const {
    if (claimed.request() != again.request()) return fail(errc::request_mismatch);
    if (delivered.values().size() != rules_.features)
        return fail(errc::length_mismatch, "another number of features than the model has");
    const auto found = distance(delivered, again);
    if (!found) return found.error();
    if (claimed.image() != delivered.image()) return fail(errc::image_mismatch);
    ImageComparison out{.distance = *found};
    if (claimed.values().size() != rules_.features) {
        out.finding = ImageFinding::wrong_feature_count;
    } else if (claimed != delivered) {
        out.finding = ImageFinding::false_features;
    } else if (found->total > std::uint64_t{rules_.threshold} * rules_.features) {
        out.finding = ImageFinding::distant;
    }
    return out;
}

}  // namespace pouw::inline v1::judgement
