#include "pouw/proof/fraud_proof.hpp"

#include "fuzz/opening.hpp"

namespace pouw::inline v1::fuzz {
namespace {

void answers(const proof::FraudProof& proof) {
    if (const auto opened = proof::VerifiedOpening::create(proof.commitment.claim.tree, proof.opening))
        ask(*opened);
}

}  // namespace

const Target target = decoder_of<proof::FraudProof, answers>(bounds_with_keys());

}  // namespace pouw::inline v1::fuzz
