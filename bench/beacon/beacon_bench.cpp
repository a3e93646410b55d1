#include "beacon/ceremony_impl.hpp"
#include "beacon/sharing_impl.hpp"
#include "formula.hpp"

#include "pouw/beacon/tickets.hpp"

#include <algorithm>
#include <atomic>
#include <ctime>
#include <map>
#include <thread>
#include <vector>

namespace pouw::inline v1::beacon {
namespace {

using G = Ristretto255;

crypto::MasterSeed seed_of(std::uint32_t index) {
    crypto::MasterSeed seed;
    const auto bytes = core::to_le(index);
    std::copy(bytes.begin(), bytes.end(), seed.fill().begin());
    return seed;
}

/// A deal for `count` tickets, two of each owner.
struct Table {
    explicit Table(std::uint32_t count) : threshold{count / 2 + 1} {
        for (std::uint32_t j = 0; j < count; ++j) {
            if (j % 2 == 0) owners.push_back(ShareKey<G>::derive(seed_of(j)));
            keys.push_back(owners.back().public_key());
        }
        deal = dealer.deal(binding, keys, threshold);
    }

    Binding binding;
    std::uint32_t threshold;
    std::vector<ShareKey<G>> owners;
    std::vector<G::Point> keys;
    DealerKey<G> dealer = DealerKey<G>::derive(seed_of(1u << 20));
    Deal<G> deal;
};

const Table& table_of(std::int64_t count) {
    static std::map<std::int64_t, Table> tables;
    return tables.try_emplace(count, static_cast<std::uint32_t>(count)).first->second;
}

/// Two multiplications a ticket, and two for the commitment.
void multiply_twice_a_ticket(const Table& table) {
    for (std::size_t j = 0; j < table.keys.size(); ++j) {
        benchmark::DoNotOptimize(table.deal.response[0] * table.keys[j]);
        benchmark::DoNotOptimize(table.deal.challenge * table.deal.shares[j]);
    }
    benchmark::DoNotOptimize(table.deal.response[0] * second_generator<G>());
    benchmark::DoNotOptimize(table.deal.challenge * table.deal.commitment);
}

void deal(benchmark::State& state) {
    const Table& table = table_of(state.range(0));
    bench::compare(
        state,
        [&] { benchmark::DoNotOptimize(table.dealer.deal(table.binding, table.keys, table.threshold)); },
        [&] { multiply_twice_a_ticket(table); });
}
BENCHMARK(deal)->Arg(32)->Arg(128)->Arg(512)->Unit(benchmark::kMillisecond);

/// From the bytes of the elements: decoding is part of verifying.
void check_deal(benchmark::State& state) {
    const Table& table = table_of(state.range(0));
    const core::Bytes bytes = detail::encode_deal(table.deal);
    bench::compare(
        state,
        [&] {
            detail::PayloadReader<G> reader{bytes};
            Deal<G> decoded;
            decoded.commitment = reader.point();
            decoded.shares = reader.points(table.keys.size());
            decoded.challenge = reader.scalar();
            decoded.response = reader.scalars(table.threshold);
            const auto r = beacon::check_deal<G>(table.binding, table.keys, table.threshold, decoded);
            if (!reader.finished() || !r) state.SkipWithError("a good deal was refused");
        },
        [&] { multiply_twice_a_ticket(table); });
}
BENCHMARK(check_deal)->Arg(32)->Arg(128)->Arg(512)->Unit(benchmark::kMillisecond);

/// 64 dealers, 128 tickets, on this many threads.
void check_beacon(benchmark::State& state) {
    constexpr std::uint32_t dealers = 64;
    const Table& table = table_of(128);
    const auto threads = static_cast<std::uint32_t>(state.range(0));
    for (auto _ : state) {
        std::atomic<std::uint32_t> next{0};
        std::atomic<std::uint32_t> good{0};
        const auto work = [&] {
            while (next++ < dealers) {
                good +=
                    beacon::check_deal<G>(table.binding, table.keys, table.threshold, table.deal).has_value();
            }
        };
        std::vector<std::thread> others;
        for (std::uint32_t i = 1; i < threads; ++i) others.emplace_back(work);
        work();
        for (std::thread& thread : others) thread.join();
        if (good != dealers) state.SkipWithError("a good deal was refused");
    }
}
BENCHMARK(check_beacon)
    ->Arg(1)
    ->Arg(2)
    ->Arg(4)
    ->Arg(8)
    ->Arg(16)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime()
    ->Iterations(2);

void decrypt_and_check_shares(benchmark::State& state) {
    const Table& table = table_of(128);
    const auto encrypted = std::span<const G::Point>{table.deal.shares}.first(2);
    for (auto _ : state) {
        const Shares<G> shares = table.owners[0].decrypt(table.binding, {}, encrypted);
        benchmark::DoNotOptimize(check_shares<G>(table.binding, {}, table.keys[0], encrypted, shares));
    }
}
BENCHMARK(decrypt_and_check_shares)->Unit(benchmark::kMicrosecond);

/// The formula: a multiplication and an addition a share.
void recover(benchmark::State& state) {
    std::vector<TicketShare<G>> shares;
    for (std::uint32_t i = 0; i < state.range(0); ++i) {
        shares.push_back({i + 1, table_of(512).deal.shares[i]});
    }
    bench::compare(
        state, [&] { benchmark::DoNotOptimize(beacon::recover<G>(shares)); },
        [&] {
            for (const auto& share : shares) {
                benchmark::DoNotOptimize(table_of(512).deal.challenge * share.element);
                benchmark::DoNotOptimize(share.element + share.element);
            }
        });
}
BENCHMARK(recover)->Arg(65)->Arg(257)->Unit(benchmark::kMillisecond);

std::vector<WeightedNode> harmonic_nodes(std::int64_t count) {
    std::vector<WeightedNode> nodes(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto id = core::to_le(std::uint64_t{i});
        std::copy(id.begin(), id.end(), nodes[i].node.bytes.begin());
        nodes[i].weight = 1000000000 / (i + 1);
    }
    return nodes;
}

/// Nodes, and the maximum of tickets.
void allot(benchmark::State& state) {
    const std::vector<WeightedNode> nodes = harmonic_nodes(state.range(0));
    const TicketRules rules{{2, 5}, static_cast<std::uint32_t>(state.range(1)), 4, {0, 1}};
    for (auto _ : state) {
        if (!allot_tickets(nodes, rules)) state.SkipWithError("no table");
    }
}
BENCHMARK(allot)
    ->Args({100, ticket_limit})
    ->Args({1000, ticket_limit})
    ->Args({5000, 512})
    ->Args({5000, ticket_limit})
    ->Unit(benchmark::kMillisecond);

/// Equal holders, registered truly or falsely, and the maximum of tickets. A second of processor time is too
/// long.
void set_up(benchmark::State& state) {
    const auto count = static_cast<std::uint32_t>(state.range(0));
    const core::ChainId chain_id{"bench"};
    std::vector<Holder<G>> holders;
    for (std::uint32_t i = 0; i < count; ++i) {
        const crypto::MasterSeed master = seed_of(i);
        const core::NodeId node = crypto::SigningKey::derive(master).public_key();
        holders.push_back(Participant<G>::derive(master, node).holder(chain_id, 1000));
        // All but the lightest are false: every key is checked.
        if (state.range(2) != 0 && i >= 600) {
            holders.back().possession = holders[0].possession;
            holders.back().weight = 2000;
        }
    }
    Parameters parameters;
    parameters.tickets.maximum_tickets = static_cast<std::uint32_t>(state.range(1));
    parameters.tickets.minimum_adversary = {0, 1};
    for (auto _ : state) {
        const std::clock_t start = std::clock();
        if (!Setup<G>::create({chain_id, 1, 0, 1}, parameters, holders)) state.SkipWithError("no setup");
        if (std::clock() - start > CLOCKS_PER_SEC) state.SkipWithError("longer than a second");
    }
}
BENCHMARK(set_up)
    ->Args({100, 512, 0})
    ->Args({4096, 512, 0})
    ->Args({4096, 512, 1})
    ->Args({4096, ticket_limit, 0})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pouw::inline v1::beacon
