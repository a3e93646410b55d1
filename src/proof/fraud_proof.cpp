#include "pouw/proof/fraud_proof.hpp"

#include "proof/recompute.hpp"
#include "proof/terms.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/version.hpp"
#include "pouw/crypto/evidence.hpp"
#include "pouw/proof/errc.hpp"

#include <algorithm>
#include <string_view>

namespace pouw::inline v1::proof {
namespace {

using core::fail;
using core::result;

constexpr std::string_view fraud_proof_magic = "pouwfrd1";

}  // namespace

core::Bytes FraudProof::encode() const {
    const core::Bytes bytes = commitment.encode();
    core::Bytes out{fraud_proof_magic.begin(), fraud_proof_magic.end()};
    core::append(out, core::to_le(core::spec_version));
    core::append(out, core::to_le(static_cast<std::uint32_t>(bytes.size())));
    core::append(out, bytes);
    core::append(out, opening.encode_body());
    return out;
}

result<FraudProof> FraudProof::decode(core::ByteView data) {
    core::Reader reader{data};
    const core::ByteView start = reader.take(fraud_proof_magic.size());
    if (!reader.ok()) return fail(core::errc::truncated);
    if (!std::equal(start.begin(), start.end(), fraud_proof_magic.begin()))
        return fail(core::errc::invalid_magic);
    const auto version = reader.integer<std::uint32_t>();
    const auto size = reader.integer<std::uint32_t>();
    if (!reader.ok()) return fail(core::errc::truncated);
    if (version != core::spec_version) return fail(core::errc::unsupported_version);
    const core::ByteView bytes = reader.take(size);
    if (!reader.ok()) return fail(core::errc::truncated);
    auto commitment = Commitment::decode(bytes);
    if (!commitment) return commitment.error();
    auto opening = Opening::decode_body(reader.rest(), {.nonces = commitment->claim.tree.count, .leaves = 1});
    if (!opening) return opening.error();
    return FraudProof{*std::move(commitment), *std::move(opening)};
}

result<std::uint64_t> accused_nonce(const Terms& expected, const FraudProof& proof) {
    if (auto terms = verify_terms(expected, proof.commitment); !terms) return terms.error();
    const auto opening = VerifiedOpening::create(proof.commitment.claim.tree, proof.opening);
    if (!opening) return opening.error();
    if (opening->leaves().size() != 1 || !opening->shows_leaves_only()) return fail(errc::wrong_samples);
    return opening->leaves().front().nonce;
}

result<VerifiedFraudProof> verify(const Terms& expected, const FraudProof& proof, const pow::Race& race,
                                  const VerifyOptions& options) {
    POUW_EXPECTS(is_race_of(expected, race));
    const auto nonce = accused_nonce(expected, proof);
    if (!nonce) return nonce.error();
    const auto found = recompute(expected, {&*nonce, 1}, race, options);
    if (!found) return found.error();
    if (found->false_nonces.empty()) return fail(errc::passing_nonce);
    return VerifiedFraudProof{expected.node, found->false_nonces.front(),
                              crypto::evidence_digest(proof.encode())};
}

}  // namespace pouw::inline v1::proof
