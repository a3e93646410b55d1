#include "beacon/messages.hpp"

#include "pouw/beacon/errc.hpp"
#include "pouw/core/errc.hpp"

namespace pouw::inline v1::beacon {
using core::fail;

UnsignedMessage::UnsignedMessage(core::Bytes unsigned_bytes)
    : bytes_{std::move(unsigned_bytes)}, digest_{detail::message_digest(bytes_)} {}

core::Bytes UnsignedMessage::attach(const crypto::Signature& signature) const {
    core::Bytes out = bytes_;
    core::append(out, signature.view());
    return out;
}

core::Bytes Evidence::encode() const {
    const auto version = core::to_le(core::spec_version);
    const auto kind_byte = static_cast<std::uint8_t>(kind);
    const bool swapped = kind == Misbehaviour::equivocation && context < message;
    const core::Bytes& first = swapped ? context : message;
    const core::Bytes& second = swapped ? message : context;
    const auto first_size = core::to_le(static_cast<std::uint32_t>(first.size()));
    const auto second_size = core::to_le(static_cast<std::uint32_t>(second.size()));
    const core::ByteView parts[] = {version, {&kind_byte, 1}, first_size, first, second_size, second};
    core::Bytes out;
    for (const core::ByteView part : parts) core::append(out, part);
    return out;
}

core::result<Evidence> Evidence::decode(core::ByteView data) {
    core::Reader reader{data};
    const auto version = reader.integer<std::uint32_t>();
    const auto kind = reader.integer<std::uint8_t>();
    const core::ByteView message = reader.take(reader.integer<std::uint32_t>());
    const core::ByteView context = reader.take(reader.integer<std::uint32_t>());
    if (!reader.ok()) return fail(core::errc::truncated, "evidence");
    if (version != core::spec_version) return fail(core::errc::unsupported_version);
    if (!reader.rest().empty()) return fail(core::errc::trailing_bytes, "evidence");
    if (kind < static_cast<std::uint8_t>(Misbehaviour::malformed) ||
        kind > static_cast<std::uint8_t>(Misbehaviour::invalid_shares)) {
        return fail(errc::malformed_message, "evidence of an unknown kind");
    }
    Evidence evidence{
        static_cast<Misbehaviour>(kind), {message.begin(), message.end()}, {context.begin(), context.end()}};
    if (evidence.kind == Misbehaviour::equivocation && evidence.context < evidence.message) {
        return fail(core::errc::non_canonical, "the order of two deals");
    }
    return evidence;
}

}  // namespace pouw::inline v1::beacon
