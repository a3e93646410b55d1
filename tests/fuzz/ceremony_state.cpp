// A state without its digest, which is put to it: a state that restores saves the same bytes. A seed is the
// state of a ceremony in the group of the chain or in the small one of the tests. The small one takes every
// input; the other, whose proofs cost a thousand times as much, those that are checked completely.
#include "beacon/network.hpp"
#include "beacon/toy_group.hpp"
#include "fuzz/fuzz.hpp"

namespace pouw::inline v1::fuzz {
namespace {

using namespace beacon;

template <Group G>
core::result<Ceremony<G>> restore(core::ByteView state) {
    static const test_network::Network<G> network{{1, 1, 1}};
    return Ceremony<G>::restore(network.setup, state);
}

core::Bytes with_digest(core::ByteView data) {
    core::Bytes state{data.begin(), data.end()};
    core::append(state, crypto::hash(crypto::domain::ceremony_state, data).view());
    return state;
}

template <Group G>
void require_one_encoding(const core::Bytes& state) {
    if (const auto ceremony = restore<G>(state)) {
        require(ceremony->save() == state, "a state has one encoding");
    }
}

bool check(core::ByteView data) {
    require(!restore<Ristretto255>(data) || data.size() > 32, "a state has a digest");
    const core::Bytes state = with_digest(data);
    require_one_encoding<toy::ToyGroup>(state);
    if (complete) require_one_encoding<Ristretto255>(state);
    return true;
}

void decode(core::ByteView data) {
    const core::Bytes state = with_digest(data);
    (void)restore<toy::ToyGroup>(state).has_value();
    if (complete) (void)restore<Ristretto255>(state).has_value();
}

}  // namespace

const Target target{.decode = decode,
                    .check = check,
                    .bounds = {.memory = {.fixed = 16 << 10, .per_byte = 64},
                               .time = {.fixed = 4'000'000, .per_byte = 40'000}}};

}  // namespace pouw::inline v1::fuzz
