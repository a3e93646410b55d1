// key (32) ‖ proof (80) ‖ alpha: points have one encoding; of what is checked completely, two ways to the
// output agree, and no mutation verifies.
#include "fuzz/fuzz.hpp"

#include "pouw/crypto/edwards25519.hpp"
#include "pouw/vrf/errc.hpp"
#include "pouw/vrf/vrf.hpp"

namespace pouw::inline v1::fuzz {
namespace {

void decode(core::ByteView data) {
    core::Reader reader{data};
    const auto key = reader.fixed<vrf::PublicKey>();
    const auto proof = reader.fixed<vrf::Proof>();
    if (reader.ok() && complete) (void)vrf::verify(key, reader.rest(), proof).has_value();
}

bool check(core::ByteView data) {
    core::Reader reader{data};
    const auto key = reader.fixed<vrf::PublicKey>();
    const auto proof = reader.fixed<vrf::Proof>();
    if (!reader.ok()) return true;
    for (const core::ByteView point :
         {core::ByteView{key.view()}, core::ByteView{proof.view()}.first(crypto::EdwardsPoint::size)}) {
        const auto decoded = crypto::EdwardsPoint::decode(point);
        require(!decoded || equal(decoded->view(), point), "a point has one encoding");
    }
    if (!complete) return true;
    const auto output = vrf::verify(key, reader.rest(), proof);
    const auto hashed = vrf::proof_to_hash(proof);
    require_no_forgery(data, output.has_value());
    require(!output || (hashed && *output == *hashed));
    if (vrf::checked_public_key(key.bytes)) {
        require(output || output.error().code != vrf::errc::invalid_vrf_key);
    }
    return true;
}

}  // namespace

const Target target{.decode = decode, .check = check, .bounds = bounds_with_keys(8)};

}  // namespace pouw::inline v1::fuzz
