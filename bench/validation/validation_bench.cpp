// Selection in a network of 10,000 nodes beside the VRF that it cannot do without; votes beside their
// signature; a certificate of 1,000 signers beside one of its signatures.
#include "formula.hpp"

#include "pouw/validation/assignment.hpp"
#include "pouw/validation/certificate.hpp"
#include "pouw/validation/challenge.hpp"
#include "pouw/validation/selection.hpp"
#include "pouw/validation/voting.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace pouw::inline v1::validation {
namespace {

constexpr std::size_t network_size = 10'000;
const core::Fraction rate{1, 10};

std::array<std::uint8_t, 32> seed_of(std::uint64_t number) {
    std::array<std::uint8_t, 32> seed{};
    const auto bytes = core::to_le(number);
    std::copy(bytes.begin(), bytes.end(), seed.begin());
    return seed;
}

EpochBeacon bench_epoch() { return EpochBeacon::create("bench", 5, {{}, 10, 30}).value(); }

/// 10,000 nodes of uneven weight; the VRF key of one of them is real.
struct Network {
    vrf::SecretKey key = vrf::SecretKey::from_seed(seed_of(1));
    crypto::SigningKey signing = crypto::SigningKey::from_seed(seed_of(2));
    std::vector<core::NodeId> nodes;
    weights::WeightTable table;
    Validators validators = make();

    static const Network& get() {
        static const Network network;
        return network;
    }

    /// A key of its own for each node, because a key counts for one node; only the first one makes proofs.
    [[nodiscard]] vrf::PublicKey vrf_key_of(std::size_t node) const {
        return node == 0 ? key.public_key() : vrf::PublicKey{nodes[node].bytes};
    }

    /// Another executor every time, so that no search finds its way in the cache.
    [[nodiscard]] Task task(std::uint64_t number) const {
        Task out;
        std::copy_n(seed_of(number).begin(), 32, out.id.bytes.begin());
        out.executor = nodes[1 + number * 7919 % (nodes.size() - 1)];
        return out;
    }

  private:
    Validators make() {
        std::vector<weights::NodeWeight> weights;
        std::vector<Registration> registrations;
        for (std::uint64_t i = 0; i < network_size; ++i) {
            const crypto::Hash256 random = crypto::blake2b_256(seed_of(i));
            nodes.push_back(i == 0 ? signing.public_key() : core::NodeId{random.bytes});
            weights.push_back({nodes.back(), 1 + i * i % 1000});
            registrations.push_back({nodes.back(), vrf_key_of(i), 1});
        }
        table = weights::WeightTable::create(weights).value();
        return Validators(bench_epoch(), table, registrations);
    }
};

void prove_alone(benchmark::State& state) {
    const Network& network = Network::get();
    std::uint64_t number = 0;
    for (auto _ : state) {
        const core::Bytes alpha = selection_input(network.validators.beacon(), network.task(++number));
        benchmark::DoNotOptimize(vrf::proof_to_hash(network.key.prove(alpha)));
    }
}
BENCHMARK(prove_alone)->Unit(benchmark::kMicrosecond);

// The formula: the node's own VRF proof and its output.
void select_among_10000(benchmark::State& state) {
    const Network& network = Network::get();
    std::uint64_t number = 0;
    Task task;
    bench::compare(
        state,
        [&] {
            task = network.task(++number);
            benchmark::DoNotOptimize(select(network.validators, network.nodes[0], network.key, task, rate));
        },
        [&] {
            const core::Bytes alpha = selection_input(network.validators.beacon(), task);
            benchmark::DoNotOptimize(vrf::proof_to_hash(network.key.prove(alpha)));
        });
}
BENCHMARK(select_among_10000)->Unit(benchmark::kMicrosecond);

// All that `select` does but the VRF.
void select_beside_the_vrf(benchmark::State& state) {
    const Network& network = Network::get();
    std::uint64_t number = 0;
    const vrf::Output output;
    for (auto _ : state) {
        const Task task = network.task(++number);
        const auto validator = network.validators.find(network.nodes[number * 104'729 % network_size]);
        const Odds odds{validator->weight, network.validators.weight_of(task.executor),
                        network.validators.total()};
        const auto threshold = selection_threshold(odds, rate);
        benchmark::DoNotOptimize(selection_input(network.validators.beacon(), task));
        benchmark::DoNotOptimize(is_selected(output, *threshold));
    }
}
BENCHMARK(select_beside_the_vrf)->Unit(benchmark::kNanosecond);

// The formula: as many VRF verifications.
void verify_selections(benchmark::State& state) {
    const Network& network = Network::get();
    struct Claim {
        Task task;
        core::Bytes alpha;
        vrf::Proof proof;
    };
    std::vector<Claim> claims;
    for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(state.range(0)); ++i) {
        const Task task = network.task(i);
        const core::Bytes alpha = selection_input(network.validators.beacon(), task);
        claims.push_back({task, alpha, network.key.prove(alpha)});
    }
    bench::compare(
        state,
        [&] {
            for (const Claim& claim : claims) {
                benchmark::DoNotOptimize(
                    check_proof(network.validators, network.nodes[0], claim.task, rate, claim.proof));
            }
        },
        [&] {
            for (const Claim& claim : claims) {
                benchmark::DoNotOptimize(vrf::verify(network.key.public_key(), claim.alpha, claim.proof));
            }
        });
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(verify_selections)->RangeMultiplier(10)->Range(1, 1000)->Unit(benchmark::kMicrosecond);

void open_epoch_of_10000(benchmark::State& state) {
    const Network& network = Network::get();
    std::vector<Registration> registrations;
    for (std::size_t i = 0; i < network.nodes.size(); ++i)
        registrations.push_back({network.nodes[i], network.vrf_key_of(i), 1});
    for (auto _ : state) {
        benchmark::DoNotOptimize(Validators(network.validators.beacon(), network.table, registrations));
    }
}
BENCHMARK(open_epoch_of_10000)->Unit(benchmark::kMillisecond);

void expect_checks_of_10000(benchmark::State& state) {
    const Network& network = Network::get();
    for (auto _ : state)
        benchmark::DoNotOptimize(expected_checks(network.validators, network.nodes[5], rate));
}
BENCHMARK(expect_checks_of_10000)->Unit(benchmark::kMicrosecond);

void bound_unchecked_of_10000(benchmark::State& state) {
    const Network& network = Network::get();
    for (auto _ : state)
        benchmark::DoNotOptimize(unchecked_chance(network.validators, network.nodes[5], rate));
}
BENCHMARK(bound_unchecked_of_10000)->Unit(benchmark::kMicrosecond);

void draw_guaranteed_of_10000(benchmark::State& state) {
    const Network& network = Network::get();
    std::uint64_t number = 0;
    for (auto _ : state)
        benchmark::DoNotOptimize(network.validators.guaranteed(network.task(++number), {1, 1}));
}
BENCHMARK(draw_guaranteed_of_10000)->Unit(benchmark::kNanosecond);

void assign_among_10000(benchmark::State& state) {
    const Network& network = Network::get();
    const NodePool pool{network.table};
    const EpochBeacon epoch = bench_epoch();
    std::uint64_t number = 0;
    for (auto _ : state) {
        const auto drawing = Drawing::create(epoch, Request{{}, ++number, {}, 0});
        const auto relay = pool.relay(*drawing, {});
        benchmark::DoNotOptimize(pool.executors(*drawing, std::array{*relay}, 3));
    }
}
BENCHMARK(assign_among_10000)->Unit(benchmark::kNanosecond);

// The formula: one signature verification. The vote is refused as a repeated one after all checks.
void apply_vote(benchmark::State& state) {
    const Network& network = Network::get();
    const Subject subject{network.validators.beacon().chain(), 5, network.task(1), {}};
    Voting voting{"bench", 5, network.table};
    if (!voting.open(subject, 10)) return state.SkipWithError("not open");
    const Vote vote = cast_vote(subject, Verdict::valid, network.signing);
    const core::Bytes bytes = vote.encode();
    const crypto::Hash256 digest = voting_digest(subject, vote.verdict, vote.voter);
    bench::compare(
        state, [&] { benchmark::DoNotOptimize(voting.apply(bytes, 1)); },
        [&] { benchmark::DoNotOptimize(crypto::verify(vote.voter, digest, vote.signature)); });
}
BENCHMARK(apply_vote)->Unit(benchmark::kMicrosecond);

/// 1,000 equal nodes that all signed one block.
struct Certified {
    Electorate electorate;
    BlockCertificate certificate;

    static const Certified& get() {
        static const Certified certified = make();
        return certified;
    }

  private:
    static Certified make() {
        const BlockStatement statement{{}, 5, 100, {}, {}};
        std::vector<BlockVote> votes;
        std::vector<weights::NodeWeight> weights;
        for (std::uint64_t i = 0; i < 1000; ++i) {
            votes.push_back(sign_block(statement, crypto::SigningKey::from_seed(seed_of(i))));
            weights.push_back({votes.back().signer, 1});
        }
        Electorate electorate{{}, 5, weights::WeightTable::create(weights).value()};
        CertificateCollector collector{electorate, statement};
        for (const BlockVote& vote : votes) (void)collector.apply(vote);
        return {electorate, collector.certificate()};
    }
};

// The formula: one signature verification. The ratio is the number of signers, if nothing else costs.
void verify_certificate_of_1000(benchmark::State& state) {
    const auto& [electorate, certificate] = Certified::get();
    const core::Bytes bytes = certificate.encode();
    const core::NodeId& node = electorate.weights.nodes()[0].node;
    const crypto::Hash256 digest = certificate.statement.digest();
    bench::compare(
        state,
        [&] {
            const auto decoded = BlockCertificate::decode(bytes);
            benchmark::DoNotOptimize(verify_certificate(electorate, *decoded));
        },
        [&] { benchmark::DoNotOptimize(crypto::verify(node, digest, certificate.signatures[0].signature)); });
}
BENCHMARK(verify_certificate_of_1000)->Unit(benchmark::kMillisecond);

void verify_certificate_on_threads(benchmark::State& state) {
    const auto& [electorate, certificate] = Certified::get();
    const auto threads = static_cast<unsigned>(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(verify_certificate(electorate, certificate, threads));
}
BENCHMARK(verify_certificate_on_threads)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

// Half of the weight: refused before any signature is looked at.
void refuse_certificate_without_majority(benchmark::State& state) {
    const auto& [electorate, whole] = Certified::get();
    BlockCertificate half = whole;
    half.signatures.resize(500);
    for (auto _ : state) benchmark::DoNotOptimize(verify_certificate(electorate, half));
}
BENCHMARK(refuse_certificate_without_majority)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace pouw::inline v1::validation
