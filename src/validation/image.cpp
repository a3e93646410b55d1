#include "pouw/validation/image.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/version.hpp"
#include "pouw/validation/errc.hpp"

#include <algorithm>
#include <string_view>

namespace pouw::inline v1::validation {
namespace {

using core::fail;
using core::result;

constexpr std::string_view magic = "pouwimg1";
constexpr std::uint32_t largest_side = 65'536;
constexpr std::uint32_t largest_steps = 1'000'000;
constexpr std::size_t longest_sampler = 32;

bool is_sampler_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

core::Bytes encode_request(const ImageRequest& request) {
    POUW_EXPECTS(check(request).has_value());
    const ImageSettings& settings = request.settings;
    core::Bytes out{magic.begin(), magic.end()};
    core::append(out, core::to_le(core::spec_version));
    core::append(out, request.model.view());
    core::append(out, request.prompt.view());
    core::append(out, core::to_le(request.seed));
    for (const std::uint32_t number :
         {settings.width, settings.height, settings.steps, settings.guidance_milli}) {
        core::append(out, core::to_le(number));
    }
    core::append(out, settings.options.view());
    out.push_back(static_cast<std::uint8_t>(settings.sampler.size()));
    out.insert(out.end(), settings.sampler.begin(), settings.sampler.end());
    return out;
}

}  // namespace

result<void> check(const ImageRequest& request) {
    const auto in = [](std::uint32_t value, std::uint32_t largest) { return value >= 1 && value <= largest; };
    const ImageSettings& settings = request.settings;
    if (!in(settings.width, largest_side)) return fail(errc::invalid_image_record, "width");
    if (!in(settings.height, largest_side)) return fail(errc::invalid_image_record, "height");
    if (!in(settings.steps, largest_steps)) return fail(errc::invalid_image_record, "steps");
    const std::string& sampler = settings.sampler;
    if (sampler.empty() || sampler.size() > longest_sampler ||
        !std::all_of(sampler.begin(), sampler.end(), is_sampler_character)) {
        return fail(errc::invalid_image_record, "sampler");
    }
    return {};
}

crypto::Hash256 ImageRequest::id() const {
    return crypto::hash(crypto::domain::image_request, encode_request(*this));
}

crypto::Hash256 image_digest(std::uint32_t width, std::uint32_t height, core::ByteView pixels) {
    POUW_EXPECTS(pixels.size() / 3 == std::uint64_t{width} * height && pixels.size() % 3 == 0);
    return crypto::blake2b_256(pixels);
}

core::Bytes ImageRecord::encode() const {
    core::Bytes out = encode_request(request);
    core::append(out, output.view());
    return out;
}

result<ImageRecord> ImageRecord::decode(core::ByteView data) {
    core::Reader reader{data};
    const core::ByteView start = reader.take(magic.size());
    if (!reader.ok()) return fail(core::errc::truncated);
    if (!std::equal(start.begin(), start.end(), magic.begin())) return fail(core::errc::invalid_magic);
    const auto version = reader.integer<std::uint32_t>();
    ImageRecord out;
    ImageSettings& settings = out.request.settings;
    out.request.model = reader.fixed<crypto::Hash256>();
    out.request.prompt = reader.fixed<crypto::Hash256>();
    out.request.seed = reader.integer<std::uint64_t>();
    for (std::uint32_t* number :
         {&settings.width, &settings.height, &settings.steps, &settings.guidance_milli}) {
        *number = reader.integer<std::uint32_t>();
    }
    settings.options = reader.fixed<crypto::Hash256>();
    const core::ByteView sampler = reader.take(reader.integer<std::uint8_t>());
    out.output = reader.fixed<crypto::Hash256>();
    if (!reader.ok()) return fail(core::errc::truncated);
    if (version != core::spec_version) return fail(core::errc::unsupported_version);
    settings.sampler.assign(sampler.begin(), sampler.end());
    if (const auto good = check(out.request); !good) return good.error();
    if (!reader.rest().empty()) return fail(core::errc::trailing_bytes);
    return out;
}

crypto::Hash256 ImageRecord::id() const { return crypto::hash(crypto::domain::image_record, encode()); }

result<void> verify(const ImageRequest& expected, const crypto::Hash256& again, const ImageRecord& record) {
    if (record.request != expected) return fail(errc::other_image);
    if (record.output != again) return fail(errc::output_mismatch);
    return {};
}

}  // namespace pouw::inline v1::validation
