// key (32) ‖ node (32) ‖ proof: one encoding, and a proof that holds binds key and node.
#include "fuzz/fuzz.hpp"

#include "pouw/beacon/sharing.hpp"

namespace pouw::inline v1::fuzz {
namespace {

using G = beacon::Ristretto255;
using Possession = beacon::Possession<G>;

void decode(core::ByteView data) {
    if (data.size() < 64) return;
    (void)G::Point::decode(data.first(32)).has_value();
    (void)Possession::decode(data.subspan(64)).has_value();
}

bool check(core::ByteView data) {
    if (data.size() < 64) return true;
    const auto key = G::Point::decode(data.first(32));
    const auto node = core::NodeId::from(data.subspan(32, 32)).value();
    const auto possession = Possession::decode(data.subspan(64));
    if (!possession) return true;
    require(equal(possession->encode(), data.subspan(64)), "a proof of possession has one encoding");
    if (!key || !beacon::check_possession<G>("fuzz", node, *key, *possession)) return true;
    require(!key->is_identity(), "nobody possesses the identity");
    core::NodeId other = node;
    other.bytes[0] ^= 1;
    require(!beacon::check_possession<G>("fuzz", other, *key, *possession), "the node is bound");
    require(!beacon::check_possession<G>("other", node, *key, *possession), "the chain is bound");
    require(!beacon::check_possession<G>("fuzz", node, *key + *key, *possession), "the key is bound");
    return true;
}

}  // namespace

const Target target{.decode = decode, .check = check, .bounds = bounds_with_keys(1)};

}  // namespace pouw::inline v1::fuzz
