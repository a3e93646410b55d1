#include "pouw/proof/proof.hpp"

#include "fuzz/fuzz.hpp"

namespace pouw::inline v1::fuzz {
namespace {

void nonces_ascend(const proof::Proof& proof) {
    const auto& nonces = proof.claim.nonces;
    require(std::is_sorted(nonces.begin(), nonces.end(), std::less_equal<>{}), "nonces ascend");
}

}  // namespace

const Target target = decoder_of<proof::Proof, nonces_ascend>(Bounds{
    .memory = {.fixed = 2048, .per_byte = 64}, .time = {.fixed = key_time, .per_byte = nonce_time_per_byte}});

}  // namespace pouw::inline v1::fuzz
