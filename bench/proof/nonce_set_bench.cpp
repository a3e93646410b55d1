/// The codec of nonce sets. Wanted: 20 million nonces a second decoded on one core, 11.4 bits a nonce at
/// 1/900.
#include "proof/nonces.hpp"

#include "pouw/proof/nonce_set.hpp"

#include <benchmark/benchmark.h>

namespace pouw::inline v1::proof {
namespace {

constexpr std::size_t size = 2'000'000;

const std::vector<std::uint64_t>& nonces() {
    static const auto scan = bench::dense_scan(size);
    return scan;
}

void encode_nonce_set(benchmark::State& state) {
    (void)nonces();
    std::size_t bytes = 0;
    for (auto _ : state) {
        const core::Bytes encoded = encode_nonces(nonces());
        bytes = encoded.size();
        benchmark::DoNotOptimize(encoded.data());
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(size) * state.iterations());
    state.counters["bits_per_nonce"] = 8.0 * static_cast<double>(bytes) / size;
}
BENCHMARK(encode_nonce_set)->Unit(benchmark::kMillisecond);

void decode_nonce_set(benchmark::State& state) {
    const core::Bytes encoded = encode_nonces(nonces());
    for (auto _ : state) {
        const auto decoded = decode_nonces(encoded, size);
        benchmark::DoNotOptimize(decoded->data());
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(size) * state.iterations());
}
BENCHMARK(decode_nonce_set)->Unit(benchmark::kMillisecond);

void stream_nonce_set(benchmark::State& state) {
    const core::Bytes encoded = encode_nonces(nonces());
    for (auto _ : state) {
        auto decoder = NonceDecoder::create(encoded, size).value();
        std::uint64_t sum = 0;
        while (decoder.remaining() > 0) sum += *decoder.next();
        benchmark::DoNotOptimize(sum);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(size) * state.iterations());
}
BENCHMARK(stream_nonce_set)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pouw::inline v1::proof
