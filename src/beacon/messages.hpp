// The bytes of the ceremony's messages (docs/spec/beacon.md section 4).
#pragma once

#include "pouw/beacon/ceremony.hpp"
#include "pouw/beacon/errc.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/version.hpp"
#include "pouw/crypto/domain.hpp"
#include "pouw/crypto/errc.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace pouw::inline v1::beacon::detail {
using core::fail;
using core::result;

/// version ‖ kind ‖ ceremony ‖ sender; then the payload; then the signature.
inline constexpr std::size_t header_size = 4 + 1 + 32 + 32;
inline constexpr std::size_t envelope_size = header_size + crypto::Signature::size;

struct Envelope {
    MessageKind kind{};
    std::uint32_t sender = 0;
    core::ByteView payload;
    crypto::Signature signature;
    crypto::Hash256 digest;
};

inline crypto::Hash256 message_digest(core::ByteView unsigned_bytes) {
    return crypto::hash(crypto::domain::ceremony_message, unsigned_bytes);
}

template <Group G>
UnsignedMessage unsigned_message(const Setup<G>& setup, MessageKind kind, const core::NodeId& sender,
                                 core::ByteView payload) {
    core::Bytes bytes;
    bytes.reserve(header_size + payload.size() + crypto::Signature::size);
    const auto version = core::to_le(core::spec_version);
    const auto kind_byte = static_cast<std::uint8_t>(kind);
    const core::ByteView parts[] = {version, {&kind_byte, 1}, setup.id().view(), sender.view(), payload};
    for (const core::ByteView part : parts) core::append(bytes, part);
    return UnsignedMessage{std::move(bytes)};
}

template <Group G>
std::size_t deal_size(const Setup<G>& setup) {
    return G::Point::size * (1 + std::size_t{setup.tickets().total}) +
           G::Scalar::size * (1 + std::size_t{setup.tickets().threshold});
}

/// Nothing longer is hashed. A deal is the longest message; one of twice its size is still convicted.
template <Group G>
std::size_t message_limit(const Setup<G>& setup) {
    return 2 * (envelope_size + deal_size(setup) + crypto::Hash256::size);
}

/// The envelope of a message of this ceremony that names a holder as its sender. The signature is not
/// checked.
template <Group G>
result<Envelope> read_envelope(const Setup<G>& setup, core::ByteView message) {
    if (message.size() < envelope_size) return fail(core::errc::truncated, "a ceremony message");
    if (message.size() > message_limit(setup)) return fail(core::errc::wrong_length, "a ceremony message");
    core::Reader reader{message};
    if (reader.integer<std::uint32_t>() != core::spec_version) return fail(core::errc::unsupported_version);
    const auto kind = reader.integer<std::uint8_t>();
    if (reader.fixed<crypto::Hash256>() != setup.id()) return fail(errc::other_ceremony);
    const auto position = setup.position(reader.fixed<core::NodeId>());
    if (!position) return fail(errc::unknown_sender);
    const core::ByteView payload = reader.take(message.size() - envelope_size);
    const auto signature = reader.fixed<crypto::Signature>();
    const crypto::Hash256 digest = message_digest(message.first(message.size() - crypto::Signature::size));
    return Envelope{static_cast<MessageKind>(kind), *position, payload, signature, digest};
}

template <Group G>
result<void> check_signature(const Setup<G>& setup, const Envelope& envelope) {
    const core::NodeId& sender = setup.holders()[envelope.sender].node;
    if (!crypto::verify(sender, envelope.digest, envelope.signature)) {
        return fail(crypto::errc::invalid_signature);
    }
    return {};
}

/// The envelope of a message that its sender, a holder, has signed for this ceremony.
template <Group G>
result<Envelope> open_envelope(const Setup<G>& setup, core::ByteView message) {
    auto envelope = read_envelope(setup, message);
    if (!envelope) return envelope;
    if (const auto signed_by = check_signature(setup, *envelope); !signed_by) return signed_by.error();
    return envelope;
}

/// Takes group elements and scalars off the front of a payload of the right length.
template <Group G>
class PayloadReader {
  public:
    explicit PayloadReader(core::ByteView payload) : reader_{payload} {}

    typename G::Point point() { return read<typename G::Point>(); }
    typename G::Scalar scalar() { return read<typename G::Scalar>(); }
    std::vector<typename G::Point> points(std::size_t count) { return read_all<typename G::Point>(count); }
    std::vector<typename G::Scalar> scalars(std::size_t count) { return read_all<typename G::Scalar>(count); }
    /// Whether every element and scalar so far was canonical, and nothing is left.
    [[nodiscard]] bool finished() const { return ok_ && reader_.ok() && reader_.rest().empty(); }

  private:
    template <typename Value>
    Value read() {
        const auto value = Value::decode(reader_.take(Value::size));
        if (value) return *value;
        ok_ = false;
        return {};
    }
    template <typename Value>
    std::vector<Value> read_all(std::size_t count) {
        std::vector<Value> out;
        out.reserve(count);
        for (std::size_t i = 0; i < count && ok_; ++i) out.push_back(read<Value>());
        return out;
    }

    core::Reader reader_;
    bool ok_ = true;
};

template <Group G>
core::Bytes encode_deal(const Deal<G>& deal) {
    core::Bytes out;
    core::append(out, deal.commitment.view());
    for (const auto& share : deal.shares) core::append(out, share.view());
    core::append(out, deal.challenge.view());
    for (const auto& coefficient : deal.response) core::append(out, coefficient.view());
    return out;
}

template <Group G>
std::optional<Deal<G>> decode_deal(const Setup<G>& setup, core::ByteView payload) {
    if (payload.size() != deal_size(setup)) return std::nullopt;
    PayloadReader<G> reader{payload};
    Deal<G> deal;
    deal.commitment = reader.point();
    deal.shares = reader.points(setup.tickets().total);
    deal.challenge = reader.scalar();
    deal.response = reader.scalars(setup.tickets().threshold);
    if (!reader.finished()) return std::nullopt;
    return deal;
}

template <Group G>
std::optional<typename G::Scalar> decode_reveal(core::ByteView payload) {
    PayloadReader<G> reader{payload};
    const auto secret = reader.scalar();
    if (!reader.finished()) return std::nullopt;
    return secret;
}

template <Group G>
struct ShareMessage {
    crypto::Hash256 recovery;
    Shares<G> shares;
};

template <Group G>
core::Bytes encode_shares(const crypto::Hash256& recovery, const Shares<G>& shares) {
    core::Bytes out;
    core::append(out, recovery.view());
    for (const auto& element : shares.elements) core::append(out, element.view());
    core::append(out, shares.challenge.view());
    core::append(out, shares.response.view());
    return out;
}

template <Group G>
std::optional<ShareMessage<G>> decode_shares(const Setup<G>& setup, std::uint32_t sender,
                                             core::ByteView payload) {
    if (payload.size() < crypto::Hash256::size) return std::nullopt;
    ShareMessage<G> message;
    message.recovery = *crypto::Hash256::from(payload.first(crypto::Hash256::size));
    PayloadReader<G> reader{payload.subspan(crypto::Hash256::size)};
    message.shares.elements = reader.points(setup.ticket_count(sender));
    message.shares.challenge = reader.scalar();
    message.shares.response = reader.scalar();
    if (!reader.finished()) return std::nullopt;
    return message;
}

/// Whether the payload decodes as what the envelope says it is.
template <Group G>
bool is_well_formed(const Setup<G>& setup, const Envelope& envelope) {
    switch (envelope.kind) {
        case MessageKind::deal:
            return decode_deal(setup, envelope.payload).has_value();
        case MessageKind::reveal:
            return decode_reveal<G>(envelope.payload).has_value();
        case MessageKind::shares:
            return decode_shares(setup, envelope.sender, envelope.payload).has_value();
    }
    return false;
}

/// `qualified digest ‖ LE32(count) ‖ nodes that did not reveal ‖ encrypted sums`: what a recovery id hashes.
template <Group G>
core::Bytes encode_recovery(const crypto::Hash256& qualified, const std::vector<core::NodeId>& nodes,
                            const std::vector<typename G::Point>& sums) {
    core::Bytes out;
    core::append(out, qualified.view());
    core::append(out, core::to_le(static_cast<std::uint32_t>(nodes.size())));
    for (const auto& node : nodes) core::append(out, node.view());
    for (const auto& sum : sums) core::append(out, sum.view());
    return out;
}

template <Group G>
std::optional<std::vector<typename G::Point>> decode_recovery_sums(const Setup<G>& setup,
                                                                   core::ByteView statement) {
    core::Reader reader{statement};
    (void)reader.take(crypto::Hash256::size);
    const auto nodes = reader.integer<std::uint32_t>();
    if (nodes > dealer_limit) return std::nullopt;
    (void)reader.take(std::size_t{nodes} * core::NodeId::size);
    if (!reader.ok()) return std::nullopt;
    PayloadReader<G> points{reader.rest()};
    auto sums = points.points(setup.tickets().total);
    if (!points.finished()) return std::nullopt;
    return sums;
}

inline crypto::Hash256 recovery_id(const crypto::Hash256& ceremony, core::ByteView statement) {
    return crypto::Hasher{crypto::domain::recovery}.update(ceremony.bytes).update(statement).finish();
}

template <Group G>
Binding binding_of(const Setup<G>& setup, std::uint32_t holder) {
    return {setup.id(), setup.holders()[holder].node};
}

template <Group G>
std::span<const typename G::Point> tickets_of(const Setup<G>& setup, std::uint32_t holder,
                                              const std::vector<typename G::Point>& all) {
    return std::span{all}.subspan(setup.first_ticket(holder), setup.ticket_count(holder));
}

template <Group G>
result<void> check_deal_of(const Setup<G>& setup, std::uint32_t dealer, const Deal<G>& deal) {
    return check_deal<G>(binding_of(setup, dealer), setup.ticket_keys(), setup.tickets().threshold, deal);
}

template <Group G>
result<void> check_shares_of(const Setup<G>& setup, std::uint32_t holder, const ShareMessage<G>& message,
                             const std::vector<typename G::Point>& sums) {
    return check_shares<G>(binding_of(setup, holder), message.recovery, setup.holders()[holder].share_key,
                           tickets_of<G>(setup, holder, sums), message.shares);
}

}  // namespace pouw::inline v1::beacon::detail
