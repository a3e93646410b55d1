// key (32) ‖ node (32) ‖ proof (96): one encoding, and a proof that holds binds chain, node and key.
#include "pouw/crypto/sealing_possession.hpp"

#include "fuzz/fuzz.hpp"

namespace pouw::inline v1::fuzz {
namespace {

using Possession = crypto::SealingPossession;

void decode(core::ByteView data) {
    if (data.size() < 64) return;
    (void)Possession::decode(data.subspan(64)).has_value();
}

bool check(core::ByteView data) {
    if (data.size() < 64) return true;
    const auto key = crypto::SealingPublicKey::from(data.first(32)).value();
    const auto node = core::NodeId::from(data.subspan(32, 32)).value();
    const auto possession = Possession::decode(data.subspan(64));
    if (!possession) return true;
    require(equal(possession->encode(), data.subspan(64)), "a proof of possession has one encoding");
    if (!crypto::check_possession("pouw-test", node, key, *possession)) return true;
    require(crypto::checked_sealing_key(key.bytes).has_value(), "a key that is proved is a key");
    core::NodeId other = node;
    other.bytes[0] ^= 1;
    require(!crypto::check_possession("pouw-test", other, key, *possession), "the node is bound");
    require(!crypto::check_possession("other", node, key, *possession), "the chain is bound");
    return true;
}

}  // namespace

const Target target{.decode = decode, .check = check, .bounds = bounds_with_keys(1)};

}  // namespace pouw::inline v1::fuzz
