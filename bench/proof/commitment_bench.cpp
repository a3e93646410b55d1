/// The commitment of a large node. Wanted for ten million nonces on one core: built, committed and serialised
/// in 10 s and 1 GB; 200 samples opened in 50 ms and checked in 50 ms. `hashes` counts them in BLAKE2b calls
/// of one node, so that a figure means something on another machine.
#include "proof/nonces.hpp"

#include "pouw/proof/nonce_set.hpp"
#include "pouw/proof/sampling.hpp"

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <array>

namespace pouw::inline v1::proof {
namespace {

constexpr std::size_t size = 10'000'000;

const std::vector<std::uint64_t>& nonces() {
    static const auto scan = bench::dense_scan(size);
    return scan;
}

double thread_seconds() {
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Seconds of one hash of 89 bytes, what a node of the tree costs.
double hash_seconds() {
    static const double cost = [] {
        constexpr int rounds = 1'000'000;
        std::array<std::uint8_t, 89> data{};
        const double start = thread_seconds();
        for (int i = 0; i < rounds; ++i) data[0] = crypto::hash(crypto::domain::set_node, data).bytes[0];
        benchmark::DoNotOptimize(data);
        return (thread_seconds() - start) / rounds;
    }();
    return cost;
}

/// Reports the time of all iterations in hashes each. Time of the thread: other work on the machine does not
/// count.
class Meter {
  public:
    explicit Meter(benchmark::State& state)
        : state_{state}, unit_{hash_seconds()}, start_{thread_seconds()} {}
    ~Meter() {
        const double each = (thread_seconds() - start_) / static_cast<double>(state_.iterations());
        state_.counters["hashes"] = each / unit_;
        state_.counters["hash_us"] = unit_ * 1e6;
    }

  private:
    benchmark::State& state_;
    double unit_;
    double start_;
};

CommitmentClaim claim_of(const TreeRoot& tree) {
    CommitmentClaim claim;
    claim.terms.threshold = 1;
    claim.tree = tree;
    return claim;
}

void build_commit_and_serialise(benchmark::State& state) {
    (void)nonces();
    const Meter meter{state};
    for (auto _ : state) {
        NonceTree tree;
        NonceEncoder encoder;
        for (const std::uint64_t nonce : nonces()) {
            tree.insert(nonce);
            encoder.add(nonce);
        }
        const core::Bytes set = encoder.bytes();
        const core::Bytes commitment = Commitment{claim_of(tree.root()), {}}.encode();
        benchmark::DoNotOptimize(set.data());
        benchmark::DoNotOptimize(commitment.data());
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    state.counters["peak_MB"] = static_cast<double>(usage.ru_maxrss) / 1024;
    state.SetItemsProcessed(static_cast<std::int64_t>(size) * state.iterations());
}
BENCHMARK(build_commit_and_serialise)->Unit(benchmark::kMillisecond)->Iterations(1);

struct Committed {
    NonceTree tree{nonces()};
    CommitmentClaim claim = claim_of(tree.root());
    SamplingSeed seed{core::BeaconOutput{}};
    SoundnessTarget target = SoundnessTarget::create({1, 2}, 200).value();  // 200 samples
};

Committed& committed() {
    static Committed instance;
    return instance;
}

void open_200_samples(benchmark::State& state) {
    Committed& c = committed();
    std::size_t bytes = 0;
    const Meter meter{state};
    for (auto _ : state) {
        const auto opening = c.tree.open({.ranks = sample_ranks(c.seed, c.claim, 200)});
        bytes = opening->encode().size();
        benchmark::DoNotOptimize(bytes);
    }
    state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(open_200_samples)->Unit(benchmark::kMillisecond);

void verify_200_samples(benchmark::State& state) {
    Committed& c = committed();
    const core::Bytes bytes = c.tree.open({.ranks = sample_ranks(c.seed, c.claim, 200)})->encode();
    const Meter meter{state};
    for (auto _ : state) {
        const auto opened = verify_samples(c.seed, c.target, c.claim,
                                           *Opening::decode(bytes, *opening_limits(c.target, c.claim)));
        if (!opened) state.SkipWithError("refused");
    }
}
BENCHMARK(verify_200_samples)->Unit(benchmark::kMillisecond);

void root_after_1000_more(benchmark::State& state) {
    Committed& c = committed();
    std::uint64_t next = std::uint64_t{1} << 40;
    const Meter meter{state};
    for (auto _ : state) {
        for (int i = 0; i < 1000; ++i) c.tree.insert(next += 900);
        benchmark::DoNotOptimize(c.tree.root());
    }
}
BENCHMARK(root_after_1000_more)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pouw::inline v1::proof
