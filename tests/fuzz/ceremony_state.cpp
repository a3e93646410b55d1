// A state without its digest, which is put to it: a state that restores saves the same bytes.
#include "beacon/network.hpp"
#include "fuzz/fuzz.hpp"

namespace pouw::inline v1::fuzz {
namespace {

using namespace beacon;
using G = Ristretto255;

core::result<Ceremony<G>> restore(core::ByteView state) {
    static const test_network::Network<G> network{{1, 1, 1}};
    return Ceremony<G>::restore(network.setup, state);
}

core::Bytes with_digest(core::ByteView data) {
    core::Bytes state{data.begin(), data.end()};
    core::append(state, crypto::hash(crypto::domain::ceremony_state, data).view());
    return state;
}

bool check(core::ByteView data) {
    require(!restore(data) || data.size() > 32, "a state has a digest");
    const core::Bytes state = with_digest(data);
    if (const auto ceremony = restore(state)) require(ceremony->save() == state, "a state has one encoding");
    return true;
}

}  // namespace

const Target target{.decode = [](core::ByteView data) { (void)restore(with_digest(data)).has_value(); },
                    .check = check,
                    .bounds = {.memory = {.fixed = 16 << 10, .per_byte = 64},
                               .time = {.fixed = 4'000'000, .per_byte = 40'000}}};

}  // namespace pouw::inline v1::fuzz
