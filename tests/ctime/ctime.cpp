// Runs everything that computes with secrets, with the secrets marked as undefined memory: under valgrind, a
// branch or an address that depends on one is an error. `ctime leak` branches on one, to show that the check
// finds it.
#include "crypto/declassify.hpp"

#include "pouw/beacon/sharing.hpp"
#include "pouw/crypto/initialize.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/crypto/sealed_prompt.hpp"
#include "pouw/vrf/vrf.hpp"

#include <valgrind/memcheck.h>

#include <algorithm>
#include <cstdio>
#include <string_view>

namespace {

using namespace pouw;
using G = beacon::Ristretto255;

crypto::MasterSeed undefined_seed() {
    crypto::MasterSeed seed;
    std::fill(seed.fill().begin(), seed.fill().end(), std::uint8_t{42});
    VALGRIND_MAKE_MEM_UNDEFINED(seed.fill().data(), seed.size);
    return seed;
}

void run_signing(const crypto::MasterSeed& seed) {
    const crypto::SigningKey key = crypto::SigningKey::derive(seed);
    const crypto::Signature signature = key.sign({});
    crypto::declassify(key.public_key());
    crypto::declassify(signature);
    if (!crypto::verify(key.public_key(), {}, signature)) std::puts("a signature does not verify");
}

void run_sealing(const crypto::MasterSeed& seed) {
    const crypto::SealingKey key = crypto::SealingKey::derive(seed);
    crypto::declassify(key.public_key());
    if (!crypto::checked_sealing_key(key.public_key().bytes)) std::puts("a sealing key is refused");
}

void run_vrf(const crypto::MasterSeed& seed) {
    const vrf::SecretKey key = vrf::SecretKey::derive(seed);
    const core::Bytes alpha(40, 1);
    const vrf::Proof proof = key.prove(alpha);
    if (!vrf::verify(key.public_key(), alpha, proof)) std::puts("a VRF proof does not verify");
}

void run_sharing(const crypto::MasterSeed& seed) {
    const auto share_key = beacon::ShareKey<G>::derive(seed);
    const auto dealer = beacon::DealerKey<G>::derive(seed);
    const core::ChainId chain_id{"test"};
    const beacon::Binding binding;
    const auto possession = share_key.prove_possession(chain_id, binding.node);
    const std::vector<G::Point> keys(4, share_key.public_key());
    const auto deal = dealer.deal(binding, keys, 3);
    const auto shares = share_key.decrypt(binding, {}, deal.shares);
    const bool good =
        beacon::check_possession<G>(chain_id, binding.node, share_key.public_key(), possession) &&
        beacon::check_deal<G>(binding, keys, 3, deal) &&
        beacon::check_shares<G>(binding, {}, share_key.public_key(), deal.shares, shares) &&
        beacon::opens(deal, dealer.reveal(binding));
    if (!good) std::puts("a share does not verify");
}

}  // namespace

int main(int argc, char** argv) {
    if (!crypto::initialize()) return 1;
    if (RUNNING_ON_VALGRIND == 0) std::puts("not under valgrind: nothing is checked");
    const crypto::MasterSeed seed = undefined_seed();
    if (argc > 1 && std::string_view{argv[1]} == "leak" && (seed.reveal()[0] & 1) != 0) std::puts("odd");
    run_signing(seed);
    run_sealing(seed);
    run_vrf(seed);
    run_sharing(seed);
    return 0;
}
