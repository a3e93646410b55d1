#include "pouw/validation/node_registration.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/version.hpp"
#include "pouw/crypto/chain_digest.hpp"
#include "pouw/crypto/domain.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/validation/errc.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace pouw::inline v1::validation {
namespace {

using core::fail;
using core::result;
using G = beacon::Ristretto255;

core::Bytes encode_unsigned(const NodeRegistration& registration) {
    const auto version = core::to_le(core::spec_version);
    const auto sequence = core::to_le(registration.membership.sequence);
    const auto joins = core::to_le(registration.membership.joins.value);
    const auto leaves = core::to_le(registration.membership.leaves.value);
    const core::Bytes share = registration.share_possession.encode();
    const core::Bytes sealing = registration.sealing_possession.encode();
    const NodeKeys& keys = registration.keys;
    const core::ByteView parts[] = {version,
                                    registration.chain.view(),
                                    keys.node.view(),
                                    sequence,
                                    joins,
                                    leaves,
                                    keys.vrf_key.view(),
                                    registration.vrf_possession.view(),
                                    keys.share_key.view(),
                                    share,
                                    keys.sealing_key.view(),
                                    sealing};
    core::Bytes out;
    out.reserve(NodeRegistration::size);
    for (const core::ByteView part : parts) core::append(out, part);
    return out;
}

/// The y-coordinate of a point of edwards25519, which a point and its negative share.
std::array<std::uint8_t, 32> y_of(std::span<const std::uint8_t, 32> point) {
    std::array<std::uint8_t, 32> out{};
    std::copy(point.begin(), point.end(), out.begin());
    out[31] &= 0x7f;  // the sign of x
    return out;
}

/// Whether two of the keys are one up to the sign: a signature and a VRF proof under one key reveal it, and
/// who knows a secret knows its negative.
bool reuses_a_key(const NodeRegistration& registration) {
    const auto node = y_of(registration.keys.node.bytes);
    const auto vrf_key = y_of(registration.keys.vrf_key.bytes);
    const auto sealing = y_of(registration.sealing_possession.point.view());
    return node == vrf_key || node == sealing || vrf_key == sealing;
}

/// The error of a proof, with the name of the key where the proof is false.
core::error named(const core::error& error, const char* key) {
    if (error.code == crypto::errc::false_possession) return fail(error.code, key);
    return error;
}

}  // namespace

NodeRegistration NodeRegistration::create(const core::ChainId& chain_id, const crypto::MasterSeed& master,
                                          const Membership& membership) {
    POUW_EXPECTS(membership.joins <= membership.leaves);
    const auto signing = crypto::SigningKey::derive(master);
    const auto vrf_key = vrf::SecretKey::derive(master);
    const auto share_key = beacon::ShareKey<G>::derive(master);
    const auto sealing_key = crypto::SealingKey::derive(master);
    const core::NodeId& node = signing.public_key();
    NodeRegistration out;
    out.chain = crypto::chain_digest(chain_id);
    out.keys = {node, vrf_key.public_key(), share_key.public_key(), sealing_key.public_key()};
    out.membership = membership;
    out.vrf_possession = vrf::prove_possession(vrf_key, chain_id, node);
    out.share_possession = share_key.prove_possession(chain_id, node);
    out.sealing_possession = crypto::prove_possession(sealing_key, chain_id, node);
    out.signature = signing.sign(out.digest());
    return out;
}

core::Bytes NodeRegistration::encode() const {
    core::Bytes out = encode_unsigned(*this);
    core::append(out, signature.view());
    POUW_ENSURES(out.size() == size);
    return out;
}

result<NodeRegistration> NodeRegistration::decode(core::ByteView data) {
    if (data.size() != size) return fail(core::errc::wrong_length, "a registration has 492 bytes");
    core::Reader reader{data};
    if (reader.integer<std::uint32_t>() != core::spec_version) return fail(core::errc::unsupported_version);
    NodeRegistration out;
    out.chain = reader.fixed<core::ChainDigest>();
    out.keys.node = reader.fixed<core::NodeId>();
    out.membership.sequence = reader.integer<std::uint64_t>();
    out.membership.joins = reader.integer<std::uint64_t>();
    out.membership.leaves = reader.integer<std::uint64_t>();
    out.keys.vrf_key = reader.fixed<vrf::PublicKey>();
    out.vrf_possession = reader.fixed<vrf::Proof>();
    const auto share_key = G::Point::decode(reader.take(G::Point::size));
    if (!share_key) return share_key.error();
    out.keys.share_key = *share_key;
    const auto share = beacon::Possession<G>::decode(reader.take(beacon::Possession<G>::size));
    if (!share) return share.error();
    out.share_possession = *share;
    out.keys.sealing_key = reader.fixed<crypto::SealingPublicKey>();
    const auto sealing = crypto::SealingPossession::decode(reader.take(crypto::SealingPossession::size));
    if (!sealing) return sealing.error();
    out.sealing_possession = *sealing;
    out.signature = reader.fixed<crypto::Signature>();
    POUW_ENSURES(reader.ok() && reader.rest().empty());
    return out;
}

crypto::Hash256 NodeRegistration::digest() const {
    return crypto::hash(crypto::domain::node_registration, encode_unsigned(*this));
}

result<void> NodeRegistration::verify(const core::ChainId& chain_id) const {
    if (chain != crypto::chain_digest(chain_id)) return fail(errc::other_chain);
    if (const auto node = crypto::checked_public_key(keys.node.bytes); !node) return node.error();
    if (!crypto::verify(keys.node, digest(), signature)) return fail(crypto::errc::invalid_signature);
    if (membership.leaves < membership.joins)
        return fail(errc::invalid_membership, "the node leaves before it joins");
    if (reuses_a_key(*this)) return fail(errc::reused_key);
    if (const auto vrf_key = vrf::check_registration(chain_id, keys.node, keys.vrf_key.bytes, vrf_possession);
        !vrf_key) {
        return named(vrf_key.error(), "the VRF key");
    }
    if (const auto share = beacon::check_possession<G>(chain_id, keys.node, keys.share_key, share_possession);
        !share) {
        return named(share.error(), "the share key");
    }
    if (const auto sealing =
            crypto::check_possession(chain_id, keys.node, keys.sealing_key, sealing_possession);
        !sealing) {
        return named(sealing.error(), "the sealing key");
    }
    return {};
}

result<void> verify_succession(const NodeRegistration* before, const NodeRegistration& next,
                               core::Epoch now) {
    POUW_EXPECTS(before == nullptr || before->keys.node == next.keys.node);
    const std::uint64_t sequence = next.membership.sequence;
    // The last number has no successor.
    const bool follows =
        before == nullptr ? sequence == 0 : sequence != 0 && sequence - 1 == before->membership.sequence;
    if (!follows) return fail(errc::stale_registration);
    if (next.membership.joins <= now)
        return fail(errc::invalid_membership, "the epoch in which it joins has begun");
    if (before != nullptr && next.membership.joins < before->membership.joins)
        return fail(errc::invalid_membership, "the registration before joins later");
    return {};
}

}  // namespace pouw::inline v1::validation
