/// The terms within encodings, and the signatures over them.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/contract.hpp"
#include "pouw/core/version.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/crypto/initialize.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/pow/race.hpp"
#include "pouw/proof/terms.hpp"

#include <string_view>
#include <utility>

namespace pouw::inline v1::proof {

/// How a proof and a commitment begin: magic, version and terms.
/// Expects: a threshold of at least 1.
[[nodiscard]] core::Bytes encode_terms(std::string_view magic, const Terms& terms);

/// Reads the terms. The reader tells truncation; `check_decoded` tells the rest.
[[nodiscard]] Terms read_terms(core::Reader& reader);

/// Errors: pow::errc::invalid_threshold for 0, crypto::errc::invalid_public_key.
[[nodiscard]] core::result<void> check_decoded(const Terms& terms);

/// Whether the race is the one of the terms.
[[nodiscard]] bool is_race_of(const Terms& terms, const pow::Race& race);

/// The terms, then the signature over the claim.
template <typename Signed>
[[nodiscard]] core::result<void> verify_signed(const Terms& expected, const Signed& claimed) {
    if (auto ready = crypto::initialize(); !ready) return ready;
    if (auto same = verify_terms(expected, claimed.claim.terms); !same) return same;
    if (!crypto::verify(claimed.claim.terms.node, signing_digest(claimed.claim), claimed.signature)) {
        return core::fail(crypto::errc::invalid_signature);
    }
    return {};
}

/// The claim with a signature that was made elsewhere.
template <typename Signed, typename Claim>
[[nodiscard]] core::result<Signed> attach(Claim claim, const crypto::Signature& signature) {
    if (!crypto::verify(claim.terms.node, signing_digest(claim), signature)) {
        return core::fail(crypto::errc::invalid_signature);
    }
    return Signed{std::move(claim), signature};
}

/// The claim, signed here.
template <typename Signed, typename Claim>
[[nodiscard]] Signed sign_with(Claim claim, const crypto::SigningKey& key) {
    POUW_EXPECTS(claim.terms.node == key.public_key());
    const crypto::Signature signature = key.sign(signing_digest(claim));
    return Signed{std::move(claim), signature};
}

}  // namespace pouw::inline v1::proof
