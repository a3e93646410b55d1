#include "pouw/crypto/sealing_possession.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/domain.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/crypto/initialize.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace pouw::inline v1::crypto {
namespace {

using core::fail;
using core::result;

/// The scalar by which X25519 multiplies, of RFC 7748 section 5. It acts on points of prime order only, so it
/// may be reduced.
SecretScalar scalar_of(const SealingKey& key) noexcept {
    Secret<struct ClampedSealingTag, 64> wide;
    std::copy_n(key.secret().reveal().begin(), 32, wide.fill().begin());
    wide.fill()[0] &= 248;
    wide.fill()[31] &= 127;
    wide.fill()[31] |= 64;
    return SecretScalar::reduce(wide.reveal());
}

/// LE64(|chain id|) ‖ chain id ‖ node ‖ key ‖ A
core::Bytes statement(const core::ChainId& chain_id, const core::NodeId& node, const SealingPublicKey& key,
                      const EdwardsPoint& point) {
    const core::ByteView raw = chain_id.bytes();
    const auto length = core::to_le(std::uint64_t{raw.size()});
    const core::ByteView parts[] = {length, raw, node.view(), key.view(), point.view()};
    core::Bytes out;
    for (const core::ByteView part : parts) core::append(out, part);
    return out;
}

Scalar challenge_of(core::ByteView statement, const EdwardsPoint& commitment) {
    const Hash512 digest =
        Hasher512{domain::sealing_possession}.update(statement).update(commitment.view()).finish();
    return Scalar::reduce(digest.bytes);
}

}  // namespace

core::Bytes SealingPossession::encode() const {
    core::Bytes out;
    for (const core::ByteView part :
         {core::ByteView{point.view()}, core::ByteView{challenge.view()}, core::ByteView{response.view()}}) {
        core::append(out, part);
    }
    return out;
}

result<SealingPossession> SealingPossession::decode(core::ByteView data) {
    if (data.size() != size) return fail(core::errc::wrong_length, "a proof of possession has 96 bytes");
    const auto point = EdwardsPoint::decode(data.first(EdwardsPoint::size));
    if (!point) return point.error();
    const auto challenge = Scalar::decode(data.subspan(EdwardsPoint::size, Scalar::size));
    if (!challenge) return challenge.error();
    const auto response = Scalar::decode(data.last(Scalar::size));
    if (!response) return response.error();
    return SealingPossession{*point, *challenge, *response};
}

SealingPossession prove_possession(const SealingKey& key, const core::ChainId& chain_id,
                                   const core::NodeId& node) {
    POUW_EXPECTS(initialize().has_value());
    const SecretScalar secret = scalar_of(key);
    SealingPossession out;
    out.point = EdwardsPoint::multiply_base(secret);
    const core::Bytes text = statement(chain_id, node, key.public_key(), out.point);
    DerivedSeed nonce_key;
    std::copy_n(key.secret().reveal().begin(), 32, nonce_key.fill().begin());
    const WideSecret wide = derive_wide(nonce_key, domain::sealing_nonce, text);
    const SecretScalar nonce = SecretScalar::reduce(wide.reveal());
    out.challenge = challenge_of(text, EdwardsPoint::multiply_base(nonce));
    out.response = respond(nonce, out.challenge, secret);
    return out;
}

result<void> check_possession(const core::ChainId& chain_id, const core::NodeId& node,
                              const SealingPublicKey& key, const SealingPossession& possession) {
    if (const auto ready = initialize(); !ready) return ready.error();
    if (const auto checked = checked_sealing_key(key.bytes); !checked) return checked.error();
    const EdwardsPoint& point = possession.point;
    // Fails for a point that is not of prime order.
    std::array<std::uint8_t, 32> u{};
    if (crypto_sign_ed25519_pk_to_curve25519(u.data(), point.view().data()) != 0 || u != key.bytes)
        return fail(errc::false_possession, "the point is not that of the sealing key");
    const EdwardsPoint commitment =
        EdwardsPoint::multiply_base(possession.response) - possession.challenge * point;
    if (challenge_of(statement(chain_id, node, key, point), commitment) != possession.challenge)
        return fail(errc::false_possession);
    return {};
}

}  // namespace pouw::inline v1::crypto
