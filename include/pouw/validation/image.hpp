/// Image records: the digest of an image, together with everything that determines the image.
///
/// An image follows from model, prompt, seed and settings. A register keeps the record of these and of the
/// image's digest, and anybody who makes the image again can verify the record. The chain admits the
/// pipelines whose kernels give the same bits on every device.
/// Source: docs/spec/validation.md section 6.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"

#include <cstdint>
#include <string>

namespace pouw::inline v1::validation {

/// The settings of an image, beside model, prompt and seed.
struct POUW_API ImageSettings {
    std::uint32_t width = 0;           ///< pixels, 1 to 65,536
    std::uint32_t height = 0;          ///< pixels, 1 to 65,536
    std::uint32_t steps = 0;           ///< of the sampler, 1 to 1,000,000
    std::uint32_t guidance_milli = 0;  ///< guidance scale in thousandths: 7500 is 7.5
    std::string sampler;               ///< 1 to 32 characters of `a-z 0-9 _ -`
    crypto::Hash256 options;           ///< digest of all other options; zeros when there are none

    friend bool operator==(const ImageSettings&, const ImageSettings&) = default;
};

/// The request for an image.
struct POUW_API ImageRequest {
    crypto::Hash256 model;   ///< digest of weights and pipeline
    crypto::Hash256 prompt;  ///< `crypto::blake2b_256` of the prompt's UTF-8 bytes
    std::uint64_t seed = 0;
    ImageSettings settings;

    /// The key of a register, `H("pouw.val-imr.v1", encoding)`. Two records of one request with different
    /// images contradict each other.
    /// Expects: `check(*this)` succeeds.
    [[nodiscard]] crypto::Hash256 id() const;

    friend bool operator==(const ImageRequest&, const ImageRequest&) = default;
};

/// Checks that every field lies in its range.
/// Errors: errc::invalid_image_record, with the name of the field.
[[nodiscard]] POUW_API core::result<void> check(const ImageRequest& request);

/// The digest of an image: plain BLAKE2b-256 of its pixels, row by row from the top, three bytes (red, green,
/// blue) a pixel, as `b2sum -l 256` computes it.
/// Expects: `pixels.size() == 3 · width · height`.
[[nodiscard]] POUW_API crypto::Hash256 image_digest(std::uint32_t width, std::uint32_t height,
                                                    core::ByteView pixels);

/// A request and its image.
struct POUW_API ImageRecord {
    ImageRequest request;
    crypto::Hash256 output;  ///< `image_digest`

    /// The canonical encoding, 166 to 197 bytes.
    /// Expects: `check(request)` succeeds.
    [[nodiscard]] core::Bytes encode() const;

    /// The inverse of `encode`, and of nothing else.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version, errc::invalid_image_record.
    [[nodiscard]] static core::result<ImageRecord> decode(core::ByteView data);

    /// The id of the record, `H("pouw.val-img.v1", encode())`.
    /// Expects: `check(request)` succeeds.
    [[nodiscard]] crypto::Hash256 id() const;

    friend bool operator==(const ImageRecord&, const ImageRecord&) = default;
};

/// Verifies that the record is one of this request and that the image, made again, has the digest `again`.
/// Errors: errc::other_image, errc::output_mismatch.
[[nodiscard]] POUW_API core::result<void> verify(const ImageRequest& expected, const crypto::Hash256& again,
                                                 const ImageRecord& record);

}  // namespace pouw::inline v1::validation
