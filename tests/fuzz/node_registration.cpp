// Registrations: one encoding; what verifies is of one chain, a node of prime order signed it, and it is no
// second registration of the node unless its number says so.
#include "pouw/validation/node_registration.hpp"

#include "fuzz/fuzz.hpp"

#include "pouw/crypto/keys.hpp"

namespace pouw::inline v1::fuzz {
namespace {

using validation::NodeRegistration;

void verify(const NodeRegistration& registration) {
    if (!registration.verify("pouw-test")) return;
    require(crypto::checked_public_key(registration.keys.node.bytes).has_value(), "a node has a key");
    require(crypto::checked_sealing_key(registration.keys.sealing_key.bytes).has_value(), "prompts reach it");
    require(!registration.verify("other"), "the chain is bound");
    require(registration.membership.joins <= registration.membership.leaves, "it joins before it leaves");
    require(!validation::verify_succession(&registration, registration, 0), "a copy follows nothing");
    NodeRegistration later = registration;
    ++later.membership.leaves;
    require(!later.verify("pouw-test"), "the membership is bound");
}

}  // namespace

const Target target = decoder_of<NodeRegistration, verify>(bounds_with_keys(2));

}  // namespace pouw::inline v1::fuzz
