// Runs everything that computes with secrets, with the secrets marked as undefined memory: under valgrind,
// and when compiled with clang's MemorySanitizer, a branch or an address that depends on one is an error.
// `ctime NAME` makes one on purpose, to show that the check finds it.
#include "crypto/declassify.hpp"

#include "pouw/beacon/sharing.hpp"
#include "pouw/crypto/initialize.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/crypto/sealed_answer.hpp"
#include "pouw/crypto/sealed_prompt.hpp"
#include "pouw/crypto/sealing_possession.hpp"
#include "pouw/vrf/vrf.hpp"

#ifndef POUW_CTIME_MSAN
#include <valgrind/memcheck.h>
#endif

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

namespace {

using namespace pouw;
using G = beacon::Ristretto255;

crypto::MasterSeed undefined_seed() {
    crypto::MasterSeed seed;
    std::fill(seed.fill().begin(), seed.fill().end(), std::uint8_t{42});
    crypto::classify(seed.fill().data(), seed.size);
    return seed;
}

/// A key file holds the seed in digits: a table of digits, or a branch on one, would tell.
void run_key_file(const crypto::MasterSeed& seed) {
    crypto::MasterSeedText text = crypto::encode_master_seed(seed);
    constexpr std::size_t first_digit = 20;
    crypto::classify(text.fill().data() + first_digit, 2 * crypto::MasterSeed::size);
    const auto read = crypto::decode_master_seed(
        {reinterpret_cast<const char*>(text.reveal().data()), crypto::MasterSeedText::size});
    if (!read || !(*read == seed)) std::puts("a key file is refused");
}

void run_signing(const crypto::MasterSeed& seed) {
    const crypto::SigningKey key = crypto::SigningKey::derive(seed);
    const crypto::Signature signature = key.sign({});
    if (!crypto::verify(key.public_key(), {}, signature)) std::puts("a signature does not verify");
}

void run_sealing(const crypto::MasterSeed& seed) {
    const crypto::SealingKey key = crypto::SealingKey::derive(seed);
    if (!crypto::checked_sealing_key(key.public_key().bytes)) std::puts("a sealing key is refused");
    core::Bytes body(1000, 7);
    crypto::classify(body.data(), body.size());
    const crypto::SigningKey signing = crypto::SigningKey::derive(seed);
    const auto sealed = crypto::SealedPrompt::seal({}, body, {key.public_key()}, key.public_key(), signing);
    const auto prompt = crypto::SealedPrompt::decode(sealed.value());
    const auto opened = prompt.value().open(key);
    if (!opened || !crypto::equal(*opened, body)) std::puts("a sealed prompt does not open");
    const auto reply = crypto::SealedAnswer::seal(*prompt, body, signing);
    const auto answer = crypto::SealedAnswer::decode(reply.value());
    const auto read = answer.value().open(*prompt, signing.public_key(), key);
    if (!read || !crypto::equal(*read, body)) std::puts("a sealed answer does not open");
    const core::ChainId chain_id{"test"};
    const auto possession = crypto::prove_possession(key, chain_id, signing.public_key());
    if (!crypto::check_possession(chain_id, signing.public_key(), key.public_key(), possession))
        std::puts("a sealing key is not possessed");
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

/// What the check must find.
bool leak(std::string_view kind, const crypto::MasterSeed& seed) {
    const std::uint8_t secret = seed.reveal()[0];
    static std::array<volatile std::uint8_t, 256> table{};
    if (kind == "branch" && (secret & 1) != 0) std::puts("odd");
    if (kind == "address" && table[secret] != 0) std::puts("found");
    if (kind == "derived" && (crypto::derive_seed(seed, crypto::domain::vrf_key).reveal()[0] & 1) != 0) {
        std::puts("odd");
    }
    return kind == "branch" || kind == "address" || kind == "derived";
}

}  // namespace

int main(int argc, char** argv) {
    if (!crypto::initialize()) return 1;
#ifndef POUW_CTIME_MSAN
    if (RUNNING_ON_VALGRIND == 0) std::puts("not under valgrind: nothing is checked");
#endif
    const crypto::MasterSeed seed = undefined_seed();
    if (argc > 1) return leak(argv[1], seed) ? 0 : 2;
    run_key_file(seed);
    run_signing(seed);
    run_sealing(seed);
    run_vrf(seed);
    run_sharing(seed);
    return 0;
}
