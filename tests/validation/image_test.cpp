#include "pouw/validation/image.hpp"

#include "validation/network.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/validation/errc.hpp"

#include <gtest/gtest.h>

namespace pouw::inline v1::validation {
namespace {

using namespace test;

ImageRequest request() {
    return {filled<crypto::Hash256>(1), filled<crypto::Hash256>(2), 42, {512, 768, 30, 7500, "euler", {}}};
}

ImageRecord record() { return {request(), filled<crypto::Hash256>(4)}; }

/// The request with one thing changed.
template <typename Change>
ImageRequest with(Change change) {
    ImageRequest out = request();
    change(out);
    return out;
}

TEST(Images, VerifyTheRequestAndTheImage) {
    EXPECT_TRUE(verify(request(), record().output, record()));
    EXPECT_EQ(verify(request(), {}, record()).error().code, validation::errc::output_mismatch);
    const std::vector<ImageRequest> others{with([](ImageRequest& r) { r.model = {}; }),
                                           with([](ImageRequest& r) { r.prompt = {}; }),
                                           with([](ImageRequest& r) { r.seed = 0; }),
                                           with([](ImageRequest& r) { r.settings.width = 1; }),
                                           with([](ImageRequest& r) { r.settings.height = 1; }),
                                           with([](ImageRequest& r) { r.settings.steps = 1; }),
                                           with([](ImageRequest& r) { r.settings.guidance_milli = 1; }),
                                           with([](ImageRequest& r) { r.settings.sampler = "ddim"; }),
                                           with([](ImageRequest& r) { r.settings.options.bytes[0] = 1; })};
    std::vector<crypto::Hash256> ids{request().id()};
    for (const ImageRequest& other : others) {
        EXPECT_EQ(verify(other, record().output, record()).error().code, validation::errc::other_image);
        EXPECT_EQ(std::count(ids.begin(), ids.end(), other.id()), 0);
        ids.push_back(other.id());
    }
}

TEST(Images, OneRequestTwoImagesTwoRecords) {
    ImageRecord other = record();
    other.output = {};
    EXPECT_EQ(other.request.id(), record().request.id());
    EXPECT_NE(other.id(), record().id());
}

TEST(Images, FieldsInRange) {
    EXPECT_TRUE(check(request()));
    const auto refused = [](const ImageRequest& bad, std::string_view field) {
        const auto checked = check(bad);
        return !checked && checked.error() == core::error{validation::errc::invalid_image_record, field};
    };
    EXPECT_TRUE(refused(with([](ImageRequest& r) { r.settings.width = 0; }), "width"));
    EXPECT_TRUE(refused(with([](ImageRequest& r) { r.settings.width = 65537; }), "width"));
    EXPECT_TRUE(refused(with([](ImageRequest& r) { r.settings.height = 0; }), "height"));
    EXPECT_TRUE(refused(with([](ImageRequest& r) { r.settings.steps = 1000001; }), "steps"));
    for (const char* sampler : {"", "Euler", "a b", "a.b", "0123456789012345678901234567890123"}) {
        EXPECT_TRUE(refused(with([&](ImageRequest& r) { r.settings.sampler = sampler; }), "sampler"));
    }
    EXPECT_DEATH((void)with([](ImageRequest& r) { r.settings.width = 0; }).id(), "");
}

TEST(Images, EveryPrefixIsTruncated) {
    const core::Bytes bytes = record().encode();
    EXPECT_EQ(ImageRecord::decode(bytes).value(), record());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_EQ(ImageRecord::decode(core::ByteView{bytes}.first(size)).error().code, core::errc::truncated);
    }
}

TEST(Images, TheDigestIsOfThePixels) {
    const core::Bytes pixels(12, 7);
    EXPECT_EQ(image_digest(2, 2, pixels), crypto::blake2b_256(pixels));
    EXPECT_DEATH((void)image_digest(2, 3, pixels), "");
    EXPECT_DEATH((void)image_digest(65536, 65536, pixels), "");
}

}  // namespace
}  // namespace pouw::inline v1::validation
