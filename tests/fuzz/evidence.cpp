// Evidence: one encoding, and an honest node is not convicted by anything made of its messages.
#include "beacon/network.hpp"
#include "fuzz/fuzz.hpp"

using namespace pouw;
using namespace pouw::beacon;
using fuzz::require;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const test_network::Network<Ristretto255> network{{1, 1, 1}};
    static const core::Bytes honest_deal = network.deal(0);
    const core::ByteView input{data, size};
    const auto evidence = Evidence::decode(input);
    if (!evidence) return 0;
    const core::Bytes encoded = evidence->encode();
    require(encoded == core::Bytes(input.begin(), input.end()));
    // Nobody but the nodes can sign, so nothing that a fuzzer finds convicts.
    require(!convict(*network.setup, *evidence, 1));
    require(!convict(*network.setup, {evidence->kind, honest_deal, evidence->context}, 1));
    return 0;
}
