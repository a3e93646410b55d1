#include "pouw/proof/fraud_proof.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/proof/errc.hpp"

#include <algorithm>
#include <string_view>

namespace pouw::proof {
namespace {

using core::fail;
using core::result;

constexpr std::string_view magic = "pouwfrd1";

}  // namespace

core::Bytes encode(const FraudProof& proof) {
    const core::Bytes commitment = encode(proof.commitment);
    core::Bytes out{magic.begin(), magic.end()};
    core::append(out, core::to_le(core::spec_version));
    core::append(out, core::to_le(static_cast<std::uint32_t>(commitment.size())));
    core::append(out, commitment);
    core::append(out, encode_opening_body(proof.opening));
    return out;
}

result<FraudProof> decode_fraud_proof(core::ByteView data) {
    core::Reader reader{data};
    const core::ByteView start = reader.take(magic.size());
    if (!reader.ok()) return fail(core::errc::truncated);
    if (!std::equal(start.begin(), start.end(), magic.begin())) return fail(core::errc::invalid_magic);
    const auto version = reader.integer<std::uint32_t>();
    const auto size = reader.integer<std::uint32_t>();
    if (!reader.ok()) return fail(core::errc::truncated);
    if (version != core::spec_version) return fail(core::errc::unsupported_version);
    const core::ByteView bytes = reader.take(size);
    if (!reader.ok()) return fail(core::errc::truncated);
    auto commitment = decode_commitment(bytes);
    if (!commitment) return commitment.error();
    auto opening = decode_opening_body(reader.rest());
    if (!opening) return opening.error();
    return FraudProof{*std::move(commitment), *std::move(opening)};
}

result<std::uint64_t> accused_nonce(const FraudProof& proof, const Expected& expected) {
    if (auto terms = verify_terms(proof.commitment, expected); !terms) return terms.error();
    const auto opened = Opened::check(proof.opening, proof.commitment.claim.tree);
    if (!opened) return opened.error();
    if (opened->leaves().size() != 1 || !opened->shows_leaves_only()) return fail(errc::wrong_samples);
    return opened->leaves().front().nonce;
}

result<FalseNonce> verify(const FraudProof& proof, const Expected& expected, const pow::Race& race,
                          std::stop_token stop) {
    POUW_EXPECTS(race.config() == expected.config && race.seed() == expected.race_seed);
    const auto nonce = accused_nonce(proof, expected);
    if (!nonce) return nonce.error();
    auto evaluator = pow::Evaluator::create(race, pow::node_seed(expected.public_key.view()), 1);
    if (!evaluator) return evaluator.error();
    const auto evaluations = evaluator->evaluate({&*nonce, 1}, std::move(stop));
    if (!evaluations) return evaluations.error();
    const pow::Evaluation& evaluation = evaluations->front();
    if (evaluation.passes(expected.threshold)) return fail(errc::passing_nonce);
    return FalseNonce{*nonce, evaluation.squared_distance, evaluation.squared_length};
}

}  // namespace pouw::proof
