#include "pouw/vrf/vrf.hpp"

#include "vrf/ecvrf.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/edwards25519.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/crypto/initialize.hpp"
#include "pouw/vrf/errc.hpp"

#include <sodium.h>

#include <algorithm>

namespace pouw::inline v1::vrf {
namespace {

using core::fail;
using core::result;
using crypto::EdwardsPoint;

core::Bytes possession_input(const core::ChainId& chain_id, const core::NodeId& node) {
    const core::ByteView raw = chain_id.bytes();
    const auto size = core::to_le(std::uint64_t{raw.size()});
    core::Bytes alpha;
    for (const core::ByteView part : {core::ByteView{crypto::domain::vrf_possession.bytes},
                                      core::ByteView{size}, raw, core::ByteView{node.view()}}) {
        core::append(alpha, part);
    }
    return alpha;
}

}  // namespace

SecretKey SecretKey::derive(const crypto::MasterSeed& master) {
    const crypto::DerivedSeed seed = crypto::derive_seed(master, crypto::domain::vrf_key);
    return from_seed(seed.reveal());
}

SecretKey SecretKey::from_seed(std::span<const std::uint8_t, 32> seed) {
    POUW_EXPECTS(crypto::initialize().has_value());
    crypto::Secret<struct HashedKeyTag, 64> hashed;
    crypto_hash_sha512(hashed.fill().data(), seed.data(), seed.size());
    // RFC 8032 section 5.1.5: the first half is clamped to the secret scalar, the second keys the nonces. The
    // scalar acts on points of prime order only, so it may be reduced.
    crypto::Secret<struct ClampedTag, 64> wide;
    std::copy_n(hashed.reveal().begin(), 32, wide.fill().begin());
    wide.fill()[0] &= 248;
    wide.fill()[31] &= 127;
    wide.fill()[31] |= 64;
    SecretKey key;
    *key.scalar_ = crypto::SecretScalar::reduce(wide.reveal());
    std::copy_n(hashed.reveal().begin() + 32, 32, key.nonce_key_.fill().begin());
    key.public_key_ = *PublicKey::from(EdwardsPoint::multiply_base(*key.scalar_).view());
    return key;
}

Proof SecretKey::prove(core::ByteView alpha) const {
    const auto hashed = ecvrf::encode_to_curve(public_key_.bytes, alpha);
    const auto public_point = EdwardsPoint::decode(public_key_.bytes);
    POUW_ENSURES(hashed.has_value() && public_point.has_value());
    const EdwardsPoint gamma = *scalar_ * hashed->point;
    const crypto::SecretScalar nonce = ecvrf::generate_nonce(nonce_key_.reveal(), hashed->point);
    const EdwardsPoint nonce_base = EdwardsPoint::multiply_base(nonce);
    const EdwardsPoint nonce_hashed = nonce * hashed->point;
    const std::array points{*public_point, hashed->point, gamma, nonce_base, nonce_hashed};
    const ecvrf::Challenge challenge = ecvrf::generate_challenge(points);
    const crypto::Scalar response = crypto::respond(nonce, ecvrf::to_scalar(challenge), *scalar_);

    Proof proof;
    const auto after_gamma = std::copy(gamma.view().begin(), gamma.view().end(), proof.bytes.begin());
    const auto after_challenge = std::copy(challenge.begin(), challenge.end(), after_gamma);
    std::copy(response.view().begin(), response.view().end(), after_challenge);
    return proof;
}

result<Output> verify(const PublicKey& key, core::ByteView alpha, const Proof& proof) {
    if (const auto ready = crypto::initialize(); !ready) return ready.error();
    const auto public_point = EdwardsPoint::decode(key.bytes);
    if (!public_point) return fail(errc::invalid_vrf_key, "no canonical point of the curve");
    // `ECVRF_validate_key`, section 5.4.5.
    if (public_point->has_small_order()) return fail(errc::invalid_vrf_key, "of small order");
    const auto decoded = ecvrf::decode_proof(proof);
    if (!decoded) return decoded.error();
    const auto hashed = ecvrf::encode_to_curve(key.bytes, alpha);
    if (!hashed) return fail(errc::false_vrf_proof, "the input does not hash to the curve");

    const crypto::Scalar challenge = ecvrf::to_scalar(decoded->challenge);
    const EdwardsPoint response_base = EdwardsPoint::multiply_base(decoded->response);
    const EdwardsPoint u = response_base - challenge * *public_point;
    const EdwardsPoint response_hashed = decoded->response * hashed->point;
    const EdwardsPoint v = response_hashed - challenge * decoded->gamma;
    const std::array points{*public_point, hashed->point, decoded->gamma, u, v};
    if (ecvrf::generate_challenge(points) != decoded->challenge) return fail(errc::false_vrf_proof);
    return ecvrf::gamma_to_hash(decoded->gamma);
}

result<Output> proof_to_hash(const Proof& proof) {
    if (const auto ready = crypto::initialize(); !ready) return ready.error();
    const auto decoded = ecvrf::decode_proof(proof);
    if (!decoded) return decoded.error();
    return ecvrf::gamma_to_hash(decoded->gamma);
}

result<PublicKey> checked_public_key(core::ByteView data) noexcept {
    const auto key = PublicKey::from(data);
    if (!key) return fail(core::errc::wrong_length, "a VRF key has 32 bytes");
    const auto point = EdwardsPoint::decode(data);
    if (!point) return fail(errc::invalid_vrf_key, "no canonical point of the curve");
    if (!point->has_prime_order()) return fail(errc::invalid_vrf_key, "not of prime order");
    return *key;
}

Proof prove_possession(const SecretKey& key, const core::ChainId& chain_id, const core::NodeId& node) {
    return key.prove(possession_input(chain_id, node));
}

result<PublicKey> check_registration(const core::ChainId& chain_id, const core::NodeId& node,
                                     core::ByteView key, const Proof& possession) {
    const auto checked = checked_public_key(key);
    if (!checked) return checked.error();
    if (!verify(*checked, possession_input(chain_id, node), possession))
        return fail(crypto::errc::false_possession);
    return *checked;
}

}  // namespace pouw::inline v1::vrf
