#include "pouw/proof/proof.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/pow/errc.hpp"
#include "pouw/proof/errc.hpp"
#include "pouw/proof/nonce_set.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace pouw::proof {
namespace {

using core::append;
using core::fail;

constexpr std::string_view magic = "pouwprf1";

core::Bytes encode_claim(const Claim& claim) {
    POUW_EXPECTS(claim.threshold >= 1);
    const core::Bytes nonces = encode_nonces(claim.nonces);
    core::Bytes out{magic.begin(), magic.end()};
    append(out, core::to_le(core::spec_version));
    append(out, claim.model_id.view());
    append(out, claim.race_seed.view());
    append(out, claim.public_key.view());
    append(out, core::to_le(claim.threshold));
    append(out, core::to_le(std::uint64_t{claim.nonces.size()}));
    append(out, core::to_le(std::uint64_t{nonces.size()}));
    POUW_ENSURES(out.size() == proof_header_size);
    append(out, nonces);
    return out;
}

/// Everything but the nonces must be equal for two claims to be of one node in one race.
core::result<void> require_same_subject(const Claim& claim, const Claim& first) {
    if (claim.model_id != first.model_id) return fail(errc::model_mismatch);
    if (claim.race_seed != first.race_seed) return fail(errc::race_mismatch);
    if (claim.public_key != first.public_key) return fail(errc::key_mismatch);
    if (claim.threshold != first.threshold) return fail(errc::threshold_mismatch);
    return {};
}

}  // namespace

crypto::Hash256 signing_digest(const Claim& claim) {
    return crypto::hash(crypto::domain::proof, encode_claim(claim));
}

core::result<Proof> attach_signature(Claim claim, const crypto::Signature& signature) {
    if (!crypto::verify(claim.public_key, signing_digest(claim), signature))
        return fail(crypto::errc::invalid_signature);
    return Proof{std::move(claim), signature};
}

Proof sign(Claim claim, const crypto::SigningKey& key) {
    POUW_EXPECTS(claim.public_key == key.public_key());
    const crypto::Signature signature = key.sign(signing_digest(claim));
    return Proof{std::move(claim), signature};
}

core::Bytes encode(const Proof& proof) {
    core::Bytes out = encode_claim(proof.claim);
    append(out, proof.signature.view());
    return out;
}

core::result<Proof> decode(core::ByteView data) {
    core::Reader reader{data};
    const core::ByteView start = reader.take(magic.size());
    if (!reader.ok()) return fail(core::errc::truncated);
    if (!std::equal(start.begin(), start.end(), magic.begin())) return fail(core::errc::invalid_magic);
    const auto version = reader.integer<std::uint32_t>();
    Proof proof;
    proof.claim.model_id = reader.fixed<core::ModelId>();
    proof.claim.race_seed = reader.fixed<pow::RaceSeed>();
    const core::ByteView public_key = reader.take(crypto::PublicKey::size);
    proof.claim.threshold = reader.integer<std::uint64_t>();
    const auto count = reader.integer<std::uint64_t>();
    const auto length = reader.integer<std::uint64_t>();
    if (!reader.ok()) return fail(core::errc::truncated);
    if (version != core::spec_version) return fail(core::errc::unsupported_version);
    if (proof.claim.threshold == 0) return fail(pow::errc::invalid_threshold);
    const auto key = crypto::checked_public_key(public_key);
    if (!key) return key.error();
    proof.claim.public_key = *key;

    const core::ByteView nonces = reader.take(length);
    proof.signature = reader.fixed<crypto::Signature>();
    if (!reader.ok()) return fail(core::errc::truncated);
    if (!reader.rest().empty()) return fail(core::errc::trailing_bytes);
    auto decoded = decode_nonces(nonces, count);
    if (!decoded) return decoded.error();
    proof.claim.nonces = *std::move(decoded);
    return proof;
}

core::result<Claim> merge(std::span<const Claim> claims) {
    POUW_EXPECTS(!claims.empty());
    Claim merged = claims.front();
    for (const Claim& claim : claims.subspan(1)) {
        if (auto same = require_same_subject(claim, merged); !same) return same.error();
        std::vector<std::uint64_t> both;
        std::set_union(merged.nonces.begin(), merged.nonces.end(), claim.nonces.begin(), claim.nonces.end(),
                       std::back_inserter(both));
        merged.nonces = std::move(both);
    }
    return merged;
}

}  // namespace pouw::proof
