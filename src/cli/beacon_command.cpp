#include "cli/command.hpp"
#include "cli/options.hpp"

#include "pouw/core/bytes.hpp"
#include "pouw/core/describe.hpp"
#include "pouw/simulation/ceremony.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace pouw::inline v1::cli {
namespace {

using beacon::Ristretto255;
using simulation::SimulatedCeremony;

constexpr std::uint32_t node_limit = 64;
constexpr std::uint32_t key_limit = 1000;
constexpr std::uint64_t ceremony_limit = 1000000;

struct Arguments {
    std::uint32_t nodes = 7;
    std::string adversary = "0.4";
    std::string strategy = "withhold";
    std::uint64_t ceremonies = 100;
    std::string seed = "0";
    std::uint32_t threads = 1;
    std::uint32_t keys = 1;
    std::uint32_t bad_registrants = 0;
    bool json = false;
};

/// A decimal from 0 to 1 with at most nine digits after the point, in billionths.
std::optional<std::uint64_t> parse_billionths(const std::string& text) {
    const std::size_t point = std::min(text.find('.'), text.size());
    const std::string whole = text.substr(0, point);
    std::string part = point < text.size() ? text.substr(point + 1) : "0";
    const auto digits = [](const std::string& s) {
        return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    if ((whole != "0" && whole != "1") || !digits(part) || part.size() > 9) return std::nullopt;
    part.resize(9, '0');
    const std::uint64_t value = (whole == "1" ? 1000000000u : 0u) + std::stoull(part);
    return value <= 1000000000u ? std::optional{value} : std::nullopt;
}

struct Tally {
    std::uint64_t outputs = 0;
    std::uint64_t abandoned = 0;
    std::uint64_t stalled = 0;
    std::uint64_t latency_sum = 0;
    std::uint64_t latency_least = UINT64_MAX;
    std::uint64_t latency_greatest = 0;
    std::array<std::uint64_t, 6> convictions{};
    std::uint64_t repeated = 0;
    std::uint64_t differing = 0;
    std::uint64_t beacon_suits = 0;
    std::uint64_t naive_suits = 0;
    std::array<std::uint64_t, 256> ones{};

    void add(const SimulatedCeremony& ceremony) {
        for (std::size_t i = 0; i < convictions.size(); ++i) convictions[i] += ceremony.convictions[i];
        repeated += ceremony.repeated;
        differing += ceremony.differing;
        abandoned += ceremony.abandoned;
        stalled += !ceremony.abandoned && !ceremony.output;
        if (!ceremony.output) return;
        ++outputs;
        latency_sum += ceremony.latency;
        latency_least = std::min(latency_least, ceremony.latency);
        latency_greatest = std::max(latency_greatest, ceremony.latency);
        beacon_suits += ceremony.output->bytes[0] & 1u;
        naive_suits += ceremony.naive_output.bytes[0] & 1u;
        for (std::size_t bit = 0; bit < ones.size(); ++bit) {
            ones[bit] += (std::uint32_t{ceremony.output->bytes[bit / 8]} >> (bit % 8)) & 1u;
        }
    }
};

double sigmas(std::uint64_t ones, std::uint64_t tosses) {
    if (tosses == 0) return 0;
    const auto n = static_cast<double>(tosses);
    return (2 * static_cast<double>(ones) - n) / std::sqrt(n);
}

Json bias_of(std::uint64_t ones, std::uint64_t tosses) {
    const double frequency = tosses == 0 ? 0 : static_cast<double>(ones) / static_cast<double>(tosses);
    return {{"wished", std::to_string(ones)}, {"frequency", frequency}, {"sigmas", sigmas(ones, tosses)}};
}

std::vector<SimulatedCeremony> run_all(const simulation::CeremonySimulation<Ristretto255>& simulation,
                                       const Arguments& arguments) {
    std::vector<SimulatedCeremony> results(arguments.ceremonies);
    std::atomic<std::uint64_t> next{0};
    const auto work = [&] {
        for (std::uint64_t i = next++; i < results.size(); i = next++) results[i] = simulation.run(i);
    };
    std::vector<std::thread> threads;
    for (std::uint32_t i = 1; i < arguments.threads; ++i) threads.emplace_back(work);
    work();
    for (std::thread& thread : threads) thread.join();
    return results;
}

Json report(const Arguments& arguments, const simulation::CeremonySimulation<Ristretto255>& simulation,
            const std::vector<SimulatedCeremony>& results, const Tally& tally, std::uint32_t coalition) {
    const beacon::TicketTable& tickets = simulation.setup().tickets();
    double widest = 0;
    for (const std::uint64_t ones : tally.ones)
        widest = std::max(widest, std::abs(sigmas(ones, tally.outputs)));
    const auto conviction = [&](beacon::Misbehaviour kind) {
        return std::to_string(tally.convictions.at(static_cast<std::size_t>(kind)));
    };
    Json latency = nullptr;
    if (tally.outputs != 0) {
        latency = {{"least", std::to_string(tally.latency_least)},
                   {"mean", static_cast<double>(tally.latency_sum) / static_cast<double>(tally.outputs)},
                   {"greatest", std::to_string(tally.latency_greatest)}};
    }
    Json outputs = Json::array();
    for (const SimulatedCeremony& ceremony : results) {
        outputs.push_back(ceremony.output ? Json(core::to_hex(ceremony.output->bytes)) : Json());
    }
    return {{"nodes", arguments.nodes},
            {"adversary", arguments.adversary},
            {"coalition", coalition},
            {"strategy", arguments.strategy},
            {"ceremonies", std::to_string(arguments.ceremonies)},
            {"seed", std::to_string(simulation.scenario().seed)},
            {"tickets", tickets.total},
            {"threshold", tickets.threshold},
            {"maximum_adversary_weight",
             std::to_string(static_cast<std::uint64_t>(tickets.guarantee.maximum_adversary))},
            {"minimum_honest_weight",
             std::to_string(static_cast<std::uint64_t>(tickets.guarantee.minimum_honest))},
            {"total_weight", std::to_string(static_cast<std::uint64_t>(tickets.total_weight))},
            {"secrecy_bound_weight",
             std::to_string(static_cast<std::uint64_t>(simulation.setup().bound().secrecy))},
            {"liveness_bound_weight",
             std::to_string(static_cast<std::uint64_t>(simulation.setup().bound().liveness))},
            {"dropped_holders", simulation.setup().dropped().size()},
            {"completed", std::to_string(tally.outputs)},
            {"abandoned", std::to_string(tally.abandoned)},
            {"stalled", std::to_string(tally.stalled)},
            {"repeated_in_another_order", std::to_string(tally.repeated)},
            {"differing", std::to_string(tally.differing)},
            {"latency_blocks", latency},
            {"evidence",
             {{"malformed", conviction(beacon::Misbehaviour::malformed)},
              {"invalid_deal", conviction(beacon::Misbehaviour::invalid_deal)},
              {"equivocation", conviction(beacon::Misbehaviour::equivocation)},
              {"false_reveal", conviction(beacon::Misbehaviour::false_reveal)},
              {"invalid_shares", conviction(beacon::Misbehaviour::invalid_shares)}}},
            {"bias",
             {{"beacon", bias_of(tally.beacon_suits, tally.outputs)},
              {"naive_commit_reveal", bias_of(tally.naive_suits, tally.outputs)},
              {"widest_of_256_bits_sigmas", widest}}},
            {"outputs", std::move(outputs)}};
}

void print_text(const Json& r) {
    const auto text = [&](const char* name) { return r[name].get<std::string>(); };
    fmt::print("{} nodes, {} of them in the coalition ({}), {} tickets, threshold {}\n",
               r["nodes"].get<int>(), r["coalition"].get<int>(), text("strategy"), r["tickets"].get<int>(),
               r["threshold"].get<int>());
    fmt::print(
        "of a weight of {}, an adversary may hold {} before it chooses the output, {} before it stops it\n",
        text("total_weight"), text("secrecy_bound_weight"), text("liveness_bound_weight"));
    fmt::print("ceremonies {}: completed {}, abandoned {}, stalled {}\n", text("ceremonies"),
               text("completed"), text("abandoned"), text("stalled"));
    fmt::print("repeated with other reveals {}: differing {}\n", text("repeated_in_another_order"),
               text("differing"));
    if (!r["latency_blocks"].is_null()) {
        fmt::print(
            "latency in blocks: {} to {}, mean {:.2f}\n", r["latency_blocks"]["least"].get<std::string>(),
            r["latency_blocks"]["greatest"].get<std::string>(), r["latency_blocks"]["mean"].get<double>());
    }
    for (const auto& [kind, count] : r["evidence"].items()) {
        if (count != "0") fmt::print("evidence of {}: {}\n", kind, count.get<std::string>());
    }
    for (const char* scheme : {"beacon", "naive_commit_reveal"}) {
        fmt::print("{}: the wished bit in {:.2f}% ({:+.2f} sigma)\n", scheme,
                   100 * r["bias"][scheme]["frequency"].get<double>(),
                   r["bias"][scheme]["sigmas"].get<double>());
    }
}

Exit simulate(const Arguments& arguments) {
    const auto billionths = parse_billionths(arguments.adversary);
    if (!billionths) throw usage("--adversary", "not a decimal from 0 to 1");
    const auto strategy = simulation::ceremony_strategy_from(arguments.strategy);
    if (!strategy) {
        throw usage("--strategy",
                    fmt::format("one of {}", fmt::join(simulation::ceremony_strategy_names, ", ")));
    }
    const auto coalition = static_cast<std::uint32_t>(arguments.nodes * *billionths / 1000000000u);
    simulation::CeremonyScenario scenario;
    scenario.weights.assign(arguments.nodes, arguments.keys);
    scenario.coalition.assign(arguments.nodes, false);
    std::fill_n(scenario.coalition.begin(), coalition, true);
    scenario.strategy = *strategy;
    scenario.seed = parse_u64("--seed", arguments.seed);
    scenario.bad_registrants = arguments.bad_registrants;
    if (coalition != 0 && arguments.keys > 1) {
        scenario = simulation::split_coalition(std::move(scenario), coalition * arguments.keys);
    }
    const auto simulation = simulation::CeremonySimulation<Ristretto255>::create(std::move(scenario));
    if (!simulation) throw usage("simulate", core::describe(simulation.error()));

    const std::vector<SimulatedCeremony> results = run_all(*simulation, arguments);
    Tally tally;
    for (const SimulatedCeremony& ceremony : results) tally.add(ceremony);
    const Json r = report(arguments, *simulation, results, tally, coalition);
    if (arguments.json) {
        fmt::print("{}\n", r.dump());
    } else {
        print_text(r);
    }
    if (tally.differing != 0) throw refused("simulate", "a ceremony gave two values");
    return Exit::success;
}

}  // namespace

void add_beacon_command(CLI::App& app, const SetExit& set_exit) {
    CLI::App* command = app.add_subcommand("beacon", "Randomness nobody can choose: threshold commit-reveal");
    command->require_subcommand(1);
    const auto arguments = std::make_shared<Arguments>();
    CLI::App* sub = command->add_subcommand("simulate", "Run whole ceremonies against an adversary");
    sub->add_option("--nodes", arguments->nodes, "Nodes, of equal weight")->check(CLI::Range(1u, node_limit));
    sub->add_option("--adversary", arguments->adversary, "The coalition's part of the weight, as a decimal");
    sub->add_option(
        "--strategy", arguments->strategy,
        fmt::format("What the coalition does: {}", fmt::join(simulation::ceremony_strategy_names, ", ")));
    sub->add_option("--keys", arguments->keys,
                    "Keys over which each node of the coalition spreads its weight")
        ->check(CLI::Range(1u, key_limit));
    sub->add_option("--bad-registrants", arguments->bad_registrants, "Holders with false registrations")
        ->check(CLI::Range(0u, key_limit));
    sub->add_option("--ceremonies", arguments->ceremonies, "How many")
        ->check(CLI::Range(std::uint64_t{1}, ceremony_limit));
    sub->add_option("--seed", arguments->seed, "Seed of keys and chance");
    sub->add_option("--threads", arguments->threads, "Threads to run on")->check(CLI::Range(1u, 256u));
    sub->add_flag("--json", arguments->json, "Print a JSON object");
    on_command(*sub, set_exit, [=] { return simulate(*arguments); });
}

}  // namespace pouw::inline v1::cli
