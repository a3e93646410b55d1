#include "pouw/proof/proof.hpp"

#include "proof/terms.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/crypto/initialize.hpp"
#include "pouw/proof/nonce_set.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace pouw::inline v1::proof {
namespace {

using core::append;
using core::fail;

constexpr std::string_view proof_magic = "pouwprf1";

core::Bytes encode_claim(const Claim& claim) {
    const core::Bytes nonces = encode_nonces(claim.nonces);
    core::Bytes out = encode_terms(proof_magic, claim.terms);
    append(out, core::to_le(std::uint64_t{claim.nonces.size()}));
    append(out, core::to_le(std::uint64_t{nonces.size()}));
    POUW_ENSURES(out.size() == proof_header_size);
    append(out, nonces);
    return out;
}

/// The bytes of a proof in their parts: all but the nonces read and checked.
struct Parts {
    Terms terms;
    std::uint64_t count = 0;
    core::ByteView nonces;
    core::ByteView claim;  ///< all that is signed
    crypto::Signature signature;
};

core::result<Parts> split(core::ByteView data) {
    core::Reader reader{data};
    const core::ByteView start = reader.take(proof_magic.size());
    if (!reader.ok()) return fail(core::errc::truncated);
    if (!std::equal(start.begin(), start.end(), proof_magic.begin())) return fail(core::errc::invalid_magic);
    const auto version = reader.integer<std::uint32_t>();
    Parts parts;
    parts.terms = read_terms(reader);
    parts.count = reader.integer<std::uint64_t>();
    const auto length = reader.integer<std::uint64_t>();
    if (!reader.ok()) return fail(core::errc::truncated);
    if (version != core::spec_version) return fail(core::errc::unsupported_version);
    if (auto valid = check_decoded(parts.terms); !valid) return valid.error();

    parts.nonces = reader.take(length);
    parts.signature = reader.fixed<crypto::Signature>();
    if (!reader.ok()) return fail(core::errc::truncated);
    if (!reader.rest().empty()) return fail(core::errc::trailing_bytes);
    parts.claim = data.first(data.size() - crypto::Signature::size);
    return parts;
}

core::result<Proof> decode_nonces_of(const Parts& parts) {
    auto nonces = decode_nonces(parts.nonces, parts.count);
    if (!nonces) return nonces.error();
    return Proof{.claim = {.terms = parts.terms, .nonces = *std::move(nonces)}, .signature = parts.signature};
}

}  // namespace

crypto::Hash256 signing_digest(const Claim& claim) {
    return crypto::hash(crypto::domain::proof, encode_claim(claim));
}

core::result<Proof> attach_signature(Claim claim, const crypto::Signature& signature) {
    return attach<Proof>(std::move(claim), signature);
}

Proof sign(Claim claim, const crypto::SigningKey& key) { return sign_with<Proof>(std::move(claim), key); }

core::Bytes Proof::encode() const {
    core::Bytes out = encode_claim(claim);
    append(out, signature.view());
    return out;
}

core::result<Proof> Proof::decode(core::ByteView data) {
    const auto parts = split(data);
    if (!parts) return parts.error();
    return decode_nonces_of(*parts);
}

core::result<Proof> Proof::decode_verified(const Terms& expected, core::ByteView data) {
    if (auto ready = crypto::initialize(); !ready) return ready.error();
    const auto parts = split(data);
    if (!parts) return parts.error();
    if (auto same = verify_terms(expected, parts->terms); !same) return same.error();
    // Each proof has one encoding, so that the bytes are what `signing_digest` hashes.
    const crypto::Hash256 digest = crypto::hash(crypto::domain::proof, parts->claim);
    if (!crypto::verify(parts->terms.node, digest, parts->signature))
        return fail(crypto::errc::invalid_signature);
    return decode_nonces_of(*parts);
}

core::result<Terms> Proof::claimed_terms(core::ByteView data) {
    const auto parts = split(data);
    if (!parts) return parts.error();
    return parts->terms;
}

core::result<Claim> merge(std::span<const Claim> claims) {
    POUW_EXPECTS(!claims.empty());
    Claim merged = claims.front();
    for (const Claim& claim : claims.subspan(1)) {
        if (auto same = verify_terms(merged.terms, claim.terms); !same) return same.error();
        std::vector<std::uint64_t> both;
        std::set_union(merged.nonces.begin(), merged.nonces.end(), claim.nonces.begin(), claim.nonces.end(),
                       std::back_inserter(both));
        merged.nonces = std::move(both);
    }
    return merged;
}

}  // namespace pouw::inline v1::proof
