// key (32) ‖ proof (80) ‖ alpha: two ways to the output agree, and nothing else happens.
#include "fuzz/fuzz.hpp"

#include "pouw/vrf/errc.hpp"
#include "pouw/vrf/vrf.hpp"

using namespace pouw;
using fuzz::require;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    core::Reader reader{{data, size}};
    const auto key = reader.fixed<vrf::PublicKey>();
    const auto proof = reader.fixed<vrf::Proof>();
    if (!reader.ok()) return 0;
    const auto output = vrf::verify(key, reader.rest(), proof);
    const auto hashed = vrf::proof_to_hash(proof);
    require(!output || (hashed && *output == *hashed));
    if (vrf::checked_public_key(key.bytes)) {
        require(output || output.error().code != vrf::errc::invalid_vrf_key);
    }
    return 0;
}
