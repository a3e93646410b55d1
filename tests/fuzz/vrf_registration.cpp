// key (32) ‖ node (32) ‖ proof (80): what is registered is a key of prime order, proved by its owner for this
// node and chain. Points have one encoding; what is checked completely is verified, and no mutation
// registers.
#include "fuzz/fuzz.hpp"

#include "pouw/crypto/edwards25519.hpp"
#include "pouw/vrf/vrf.hpp"

#include <optional>

namespace pouw::inline v1::fuzz {
namespace {

struct Input {
    core::ByteView key;
    core::NodeId node;
    vrf::Proof proof;
};

std::optional<Input> read(core::ByteView data) {
    if (data.size() != 32 + core::NodeId::size + vrf::Proof::size) return std::nullopt;
    return Input{data.first(32), core::NodeId::from(data.subspan(32, core::NodeId::size)).value(),
                 vrf::Proof::from(data.last(vrf::Proof::size)).value()};
}

void decode(core::ByteView data) {
    if (const auto input = read(data); input && complete) {
        (void)vrf::check_registration("fuzz", input->node, input->key, input->proof).has_value();
    }
}

bool check(core::ByteView data) {
    const auto input = read(data);
    if (!input) return true;
    for (const core::ByteView point : {input->key, input->proof.view().first(crypto::EdwardsPoint::size)}) {
        const auto decoded = crypto::EdwardsPoint::decode(point);
        require(!decoded || equal(decoded->view(), point), "a point has one encoding");
    }
    if (!complete) return true;
    const auto registered = vrf::check_registration("fuzz", input->node, input->key, input->proof);
    require_no_forgery(data, registered.has_value());
    if (!registered) return true;
    require(equal(registered->bytes, input->key), "a key has one encoding");
    require(vrf::checked_public_key(input->key).has_value(), "a registered key is of prime order");
    core::NodeId other = input->node;
    other.bytes[0] ^= 1;
    require(!vrf::check_registration("fuzz", other, input->key, input->proof), "the node is bound");
    require(!vrf::check_registration("other", input->node, input->key, input->proof), "the chain is bound");
    return true;
}

}  // namespace

const Target target{.decode = decode, .check = check, .bounds = bounds_with_keys(9)};

}  // namespace pouw::inline v1::fuzz
