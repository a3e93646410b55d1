// Evidence: one encoding, and an honest node is not convicted by anything made of its messages.
#include "beacon/network.hpp"
#include "fuzz/fuzz.hpp"

namespace pouw::inline v1::fuzz {
namespace {

using namespace beacon;

void convicts_nobody(const Evidence& evidence) {
    static const test_network::Network<Ristretto255> network{{1, 1, 1}};
    static const core::Bytes honest_deal = network.deal(0);
    // Nobody but the nodes can sign, so nothing that a fuzzer finds convicts.
    require(!convict(*network.setup, evidence, 1), "unsigned evidence convicts nobody");
    require(!convict(*network.setup, {evidence.kind, honest_deal, evidence.context}, 1),
            "an honest deal convicts nobody");
}

}  // namespace

const Target target = decoder_of<Evidence, convicts_nobody>();

}  // namespace pouw::inline v1::fuzz
