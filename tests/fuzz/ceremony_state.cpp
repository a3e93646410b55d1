// A state without its digest, which is put to it: a state that restores saves the same bytes.
#include "beacon/network.hpp"
#include "fuzz/fuzz.hpp"

using namespace pouw;
using namespace pouw::beacon;
using fuzz::require;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const test_network::Network<Ristretto255> network{{1, 1, 1}};
    core::Bytes state{data, data + size};
    require(!Ceremony<Ristretto255>::restore(network.setup, state) || size > 32);
    core::append(state, crypto::hash(crypto::domain::ceremony_state, state).view());
    if (const auto ceremony = Ceremony<Ristretto255>::restore(network.setup, state)) {
        require(ceremony->save() == state);
    }
    return 0;
}
