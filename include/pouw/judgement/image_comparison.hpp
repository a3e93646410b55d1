/// Comparison of an executor's image with a checker's, where machines do not make the same bits.
///
/// `validation/image.hpp` compares digests, for pipelines that give the same bits on every device. For others
/// the checker makes the image again and compares features: integers that a function of the caller takes from
/// the pixels, such as the means of blocks, the coefficients of a transform, or a network's embedding in
/// fixed point. The function is exact: equal pixels have equal features, on every machine. The distance is
/// the mean square of the differences; calibration.hpp finds its threshold from honest and fraudulent
/// samples, as for text.
/// Source: AI Power Grid white paper ("Validator Nodes Integration"); docs/spec/judgement.md section 10.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace pouw::inline v1::judgement {

/// The features of an image, of a request, with the digest of its pixels.
/// Threads: immutable; shareable.
class POUW_API ImageFeatures {
  public:
    static constexpr std::uint32_t most_features = 1u << 16;

    /// The features of an image. `request` is its `validation::ImageRequest::id`, `image` the
    /// `validation::image_digest` of its pixels.
    /// Errors: errc::invalid_features for no feature or more than `most_features`.
    [[nodiscard]] static core::result<ImageFeatures> create(const crypto::Hash256& request,
                                                            const crypto::Hash256& image,
                                                            std::vector<std::int16_t> values);

    [[nodiscard]] const crypto::Hash256& request() const noexcept { return request_; }
    [[nodiscard]] const crypto::Hash256& image() const noexcept { return image_; }
    [[nodiscard]] std::span<const std::int16_t> values() const noexcept { return values_; }

    /// The canonical encoding: 80 bytes, and 2 a feature.
    [[nodiscard]] core::Bytes encode() const;

    /// The inverse of `encode`, and of nothing else.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version, errc::invalid_features.
    /// Cost: memory of the size of the bytes.
    [[nodiscard]] static core::result<ImageFeatures> decode(core::ByteView data);

    /// The digest that an executor signs, `H("pouw.img-ftr.v1", encode())`.
    [[nodiscard]] crypto::Hash256 digest() const;

    friend bool operator==(const ImageFeatures&, const ImageFeatures&) = default;

  private:
    ImageFeatures() = default;

    crypto::Hash256 request_;
    crypto::Hash256 image_;
    std::vector<std::int16_t> values_;
};

/// The distance of the features of two images: the sum of the squares of their differences. It is below 2^48.
struct POUW_API ImageDistance {
    std::uint64_t total = 0;
    std::uint32_t features = 0;

    /// The mean of the squares, rounded up: a sample for `calibrate`.
    [[nodiscard]] constexpr std::uint32_t mean() const noexcept {
        return features == 0 ? 0 : static_cast<std::uint32_t>((total + (features - 1)) / features);
    }
    friend constexpr bool operator==(const ImageDistance&, const ImageDistance&) = default;
};

/// The distance of two images of one request: exact, symmetric, and 0 for equal features.
/// Errors: errc::request_mismatch, errc::length_mismatch.
/// Cost: 0.5 ns a feature.
[[nodiscard]] POUW_API core::result<ImageDistance> distance(const ImageFeatures& a, const ImageFeatures& b);

/// The parameters that a chain decides for a model.
struct POUW_API ImageRules {
    std::uint32_t features = 0;   ///< their number, 1 to `ImageFeatures::most_features`
    std::uint32_t threshold = 0;  ///< the largest mean square that is accepted: `Calibration::threshold`
};

/// The finding on an image. The first one that applies counts.
enum class ImageFinding : std::uint8_t {
    accepted,
    wrong_feature_count,  ///< the executor committed to more or fewer features than the model has
    false_features,       ///< the executor's features are not those of its own image
    distant               ///< the image is not the model's
};

/// The name of a finding, as in JSON.
[[nodiscard]] constexpr std::string_view name(ImageFinding finding) noexcept {
    constexpr std::string_view names[] = {"accepted", "wrong_feature_count", "false_features", "distant"};
    return names[static_cast<std::size_t>(finding)];
}

/// The finding, and the distance that it follows from.
struct POUW_API ImageComparison {
    ImageFinding finding = ImageFinding::accepted;
    ImageDistance distance{};  ///< of the executor's image, whatever features it claimed
};

/// A comparison with valid rules.
/// Threads: immutable; shareable.
class POUW_API ImageComparer {
  public:
    /// The comparer of these rules.
    /// Errors: errc::invalid_features for a number of features out of range.
    [[nodiscard]] static core::result<ImageComparer> create(const ImageRules& rules);

    /// The comparison of an executor's image with the one that the checker made again. `claimed` is what the
    /// executor committed to. `delivered` are the features that the checker took from the executor's pixels:
    /// the claim alone decides nothing, since features of the right image are cheaper than the image. `again`
    /// are those of the checker's own image.
    /// Errors: errc::request_mismatch; errc::length_mismatch for a checker's features of another number than
    ///     the rules have; errc::image_mismatch for pixels that are not those of the claim. They say nothing
    ///     against the executor's result.
    /// Cost: that of `distance`.
    [[nodiscard]] core::result<ImageComparison> compare(const ImageFeatures& claimed,
                                                        const ImageFeatures& delivered,
                                                        const ImageFeatures& again) const;

  private:
    explicit ImageComparer(const ImageRules& rules) : rules_{rules} {}

    ImageRules rules_;
};

}  // namespace pouw::inline v1::judgement
