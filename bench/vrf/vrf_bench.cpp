#include "formula.hpp"
#include "vrf/ecvrf.hpp"

#include "pouw/crypto/edwards25519.hpp"
#include "pouw/crypto/initialize.hpp"
#include "pouw/vrf/vrf.hpp"

#include <array>

namespace pouw::inline v1::vrf {
namespace {

SecretKey test_key() {
    std::array<std::uint8_t, 32> seed{};
    seed.fill(7);
    return SecretKey::from_seed(seed);
}

const core::Bytes alpha(64, 1);

void prove(benchmark::State& state) {
    const SecretKey key = test_key();
    for (auto _ : state) benchmark::DoNotOptimize(key.prove(alpha));
}
BENCHMARK(prove)->Unit(benchmark::kMicrosecond);

// The formula: s·B, c·Y, s·H and c·Gamma; 8·P for H and 8·Gamma for beta.
void verify(benchmark::State& state) {
    const SecretKey key = test_key();
    const Proof proof = key.prove(alpha);
    const auto decoded = ecvrf::decode_proof(proof).value();
    const auto hashed = ecvrf::encode_to_curve(key.public_key().bytes, alpha)->point;
    const auto public_point = crypto::EdwardsPoint::decode(key.public_key().bytes).value();
    const crypto::Scalar challenge = ecvrf::to_scalar(decoded.challenge);
    bench::compare(
        state, [&] { benchmark::DoNotOptimize(vrf::verify(key.public_key(), alpha, proof)); },
        [&] {
            benchmark::DoNotOptimize(crypto::EdwardsPoint::multiply_base(decoded.response));
            benchmark::DoNotOptimize(challenge * public_point);
            benchmark::DoNotOptimize(decoded.response * hashed);
            benchmark::DoNotOptimize(challenge * decoded.gamma);
            benchmark::DoNotOptimize(hashed.times_cofactor());
            benchmark::DoNotOptimize(decoded.gamma.times_cofactor());
        });
}
BENCHMARK(verify)->Unit(benchmark::kMicrosecond);

void check_registration(benchmark::State& state) {
    const SecretKey key = test_key();
    const core::ChainId chain = "bench";
    const core::NodeId node;
    const Proof proof = prove_possession(key, chain, node);
    for (auto _ : state) {
        benchmark::DoNotOptimize(vrf::check_registration(chain, node, key.public_key().bytes, proof));
    }
}
BENCHMARK(check_registration)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace pouw::inline v1::vrf
