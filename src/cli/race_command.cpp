#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"

#include "pouw/pow/miner.hpp"
#include "pouw/pow/race.hpp"
#include "pouw/pow/threshold.hpp"
#include "pouw/proof/proof.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace pouw::inline v1::cli {
namespace {

constexpr std::uint64_t default_denominator = 900;

struct RaceOptions {
    ModelOptions model;
    ChainOptions chain;
    ThresholdOptions threshold;
    ComputeOptions compute;
    std::string key;
    std::string out;
    Text seconds;
    Text nonces;
    Text start;
    Text expect;
    bool json = false;
};

/// What a Race came to.
struct Outcome {
    pow::MinerReport report;
    std::vector<std::uint64_t> nonces;
    double seconds = 0;
};

struct Terms {
    std::uint64_t threshold;
    std::string probability;  ///< for people
    double chance;
};

std::string clock_time(double seconds) {
    const auto whole = static_cast<std::uint64_t>(std::lround(std::max(0.0, seconds)));
    return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

double per_second(std::uint64_t count, double seconds) {
    return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

pow::Race load(const pow::ModelConfig& config, const pow::RaceSeed& seed, const ComputeOptions& compute,
               ProgressLine& line, std::stop_token stop) {
    const pow::LoadOptions options{
        .stored = true,
        .threads = compute.threads(),
        .progress =
            [&line](std::uint64_t done, std::uint64_t total) {
                line.show(fmt::format("generating weights: {}%", 100 * done / total));
            },
        .stop = std::move(stop)};
    auto race = pow::Race::create(config, seed, compute.backend, options);
    line.finish();
    if (!race) fail_with(compute.backend.empty() ? "race" : "--backend " + compute.backend, race.error());
    return *std::move(race);
}

/// The hardest 1/N with N up to 900 at which this machine can expect `wanted` solutions in the time it is
/// given.
std::uint64_t reachable_denominator(const pow::Race& race, const pow::NodeSeed& node, unsigned threads,
                                    double seconds, std::uint64_t wanted, std::stop_token stop) {
    constexpr double sample_seconds = 3;
    const Deadline deadline{sample_seconds, std::move(stop)};
    const Stopwatch watch;
    pow::Miner miner{race, node, 1};
    const pow::MinerReport sample = miner.run({.threads = threads, .stop = deadline.token()});
    if (sample.error) fail_with("race", *sample.error);
    const double nonces = per_second(sample.nonces_tried, watch.seconds()) * seconds;
    return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(nonces / static_cast<double>(wanted)), 2,
                                     default_denominator);
}

Terms make_terms(const RaceOptions& options, const pow::Race& race, const pow::NodeSeed& node,
                 std::stop_token stop) {
    Terms terms{};
    if (const auto given = options.threshold.value(race.config())) {
        terms.threshold = *given;
        if (options.threshold.probability) terms.probability = *options.threshold.probability;
    } else {
        std::uint64_t denominator = default_denominator;
        if (options.expect) {
            denominator = reachable_denominator(race, node, options.compute.threads(),
                                                parse_seconds("--seconds", options.seconds.value_or("60")),
                                                parse_positive("--expect", *options.expect), std::move(stop));
        }
        terms.threshold = pow::threshold_for(race.config(), 1, denominator).value();
        terms.probability = fmt::format("1/{}", denominator);
    }
    terms.chance = pow::probability(race.config(), terms.threshold);
    if (terms.probability.empty()) terms.probability = fmt::format("1/{:.4g}", 1 / terms.chance);
    return terms;
}

std::string progress_text(const pow::MinerProgress& progress, const Terms& terms, double elapsed,
                          const std::optional<double>& seconds, const std::optional<std::uint64_t>& count) {
    const double rate = per_second(progress.nonces_tried, elapsed);
    std::string left;
    if (seconds) {
        left = fmt::format(", {} left", clock_time(*seconds - elapsed));
    } else if (count && rate > 0) {
        left =
            fmt::format(", {} left", clock_time(static_cast<double>(*count - progress.nonces_tried) / rate));
    }
    return fmt::format("{} nonces, {:.1f} nonces/s, {} solutions found, {:.1f} expected{}",
                       progress.nonces_tried, rate, progress.solutions,
                       static_cast<double>(progress.nonces_tried) * terms.chance, left);
}

Outcome mine(const RaceOptions& options, const pow::Race& race, const pow::NodeSeed& node, const Terms& terms,
             pow::MinerOptions miner_options, ProgressLine& line, std::stop_token signal) {
    std::optional<double> seconds;
    if (options.seconds) seconds = parse_seconds("--seconds", *options.seconds);
    Outcome outcome;
    const Deadline deadline{seconds, std::move(signal)};
    const Stopwatch watch;
    miner_options.on_solution = [&outcome](const pow::Solution& solution) {
        outcome.nonces.push_back(solution.nonce);
    };
    miner_options.progress = [&](const pow::MinerProgress& progress) {
        outcome.seconds = watch.seconds();  // of the search: the last solutions are confirmed after it
        line.show(progress_text(progress, terms, outcome.seconds, seconds, miner_options.count));
    };
    miner_options.stop = deadline.token();
    outcome.report = pow::Miner{race, node, terms.threshold}.run(miner_options);
    line.finish();
    return outcome;
}

/// Says what went wrong, where the summary of what was found does not.
void print_warnings(const pow::MinerReport& report) {
    if (report.faults > 0) {
        tell(
            fmt::format("pouw race: warning: {} solutions did not pass a second time and were dropped; "
                        "do not trust this machine's memory or processor\n",
                        report.faults));
    }
    if (!report.unconfirmed.empty()) {
        tell(fmt::format("pouw race: warning: {} solutions could not be confirmed and were dropped\n",
                         report.unconfirmed.size()));
    }
}

void print_summary(const RaceOptions& options, const pow::Race& race, const Terms& terms,
                   const Outcome& outcome, const proof::Proof& proof, double setup_seconds,
                   std::size_t size) {
    const double expected = static_cast<double>(outcome.report.nonces_tried) * terms.chance;
    const double rate = per_second(outcome.report.nonces_tried, outcome.seconds);
    if (options.json) {
        const Json json{{"solutions", proof.claim.nonces.size()},
                        {"nonces_tried", std::to_string(outcome.report.nonces_tried)},
                        {"expected_solutions", expected},
                        {"nonces_per_second", rate},
                        {"seconds", outcome.seconds},
                        {"setup_seconds", setup_seconds},
                        {"backend", race.backend().name()},
                        {"threads", options.compute.threads()},
                        {"probability", terms.probability},
                        {"threshold", std::to_string(terms.threshold)},
                        {"model", core::to_hex(proof.claim.terms.model.view())},
                        {"race_seed", core::to_hex(proof.claim.terms.race_seed.view())},
                        {"node", core::to_hex(proof.claim.terms.node.view())},
                        {"faults", outcome.report.faults},
                        {"out", options.out}};
        fmt::print("{}\n", to_text(json));
        return;
    }
    fmt::print("race seed    {}\n", core::to_hex(proof.claim.terms.race_seed.view()));
    fmt::print("node         {}\n", core::to_hex(proof.claim.terms.node.view()));
    fmt::print("backend      {}, {} threads, weights ready after {:.1f} s\n", race.backend().name(),
               options.compute.threads(), setup_seconds);
    fmt::print("nonces       {} in {:.1f} s, {:.1f} nonces/s\n", outcome.report.nonces_tried, outcome.seconds,
               rate);
    fmt::print("solutions    {} found, {:.1f} expected at {} (threshold {})\n", proof.claim.nonces.size(),
               expected, terms.probability, terms.threshold);
    fmt::print("written      {} ({} bytes)\n", options.out, size);
}

Exit run(const RaceOptions& options) {
    const SignalStop signals;
    const pow::ModelConfig config = options.model.config();
    options.model.require_opt_in(config);
    const pow::RaceSeed seed = options.chain.race_seed();
    (void)options.threshold.value(config);  // wrong values are told before the long work
    if (options.expect && (options.threshold.threshold || options.threshold.probability)) {
        throw usage("--expect", "chooses the probability itself; leave out --threshold and --probability");
    }
    if (options.seconds) (void)parse_seconds("--seconds", *options.seconds);
    const unsigned threads = options.compute.threads();
    pow::MinerOptions miner_options{.threads = threads, .confirmation = {.threads = threads}};
    if (options.start) miner_options.first = parse_u64("--start", *options.start);
    if (options.nonces) miner_options.count = parse_u64("--nonces", *options.nonces);
    if (!pow::fits(miner_options))
        throw usage("--start, --nonces", "the nonces would exceed 18446744073709551615");
    const crypto::SigningKey key = crypto::SigningKey::derive(read_key_file(options.key));
    NewFile out{options.out, 0644};

    ProgressLine line{true};
    const Stopwatch setup;
    const pow::Race race = load(config, seed, options.compute, line, signals.token());
    const double setup_seconds = setup.seconds();
    const pow::NodeSeed node = pow::node_seed(key.public_key().view());
    const Terms terms = make_terms(options, race, node, signals.token());

    Outcome outcome = mine(options, race, node, terms, miner_options, line, signals.token());
    print_warnings(outcome.report);
    const auto& failure = outcome.report.error;
    const std::string failed{
        (outcome.report.failed != nullptr ? *outcome.report.failed : race.backend()).name()};
    if (failure && outcome.nonces.empty()) fail_with(failed, *failure);
    const proof::Proof proof = proof::sign({.terms = {.model = pow::model_id(config),
                                                      .race_seed = seed,
                                                      .node = key.public_key(),
                                                      .threshold = terms.threshold},
                                            .nonces = std::move(outcome.nonces)},
                                           key);
    const core::Bytes bytes = proof.encode();
    out.commit_or_keep(bytes, "proof");
    print_summary(options, race, terms, outcome, proof, setup_seconds, bytes.size());
    if (failure) fail_with(fmt::format("{}, {} solutions kept", failed, proof.claim.nonces.size()), *failure);
    return Exit::success;
}

}  // namespace

void add_race_command(CLI::App& app, const SetExit& set_exit) {
    auto options = std::make_shared<RaceOptions>();
    CLI::App& command = *app.add_subcommand("race", "Run a Race and write the signed proof");
    options->model.add_to(command, true);
    options->chain.add_to(command);
    command.add_option("--key", options->key, "key file of the node (see `pouw keygen`)")
        ->type_name("FILE")
        ->required();
    command.add_option("--seconds", options->seconds, "end after this time")->type_name("S");
    command.add_option("--nonces", options->nonces, "end after this many nonces")->type_name("N");
    command.add_option("--start", options->start, "first nonce (default: 0)")->type_name("N");
    options->threshold.add_to(command);
    command
        .add_option("--expect", options->expect,
                    "measure first, then take the hardest 1/N, N up to 900, that lets this many solutions be "
                    "expected")
        ->type_name("COUNT");
    options->compute.add_to(command);
    command.add_option("--out", options->out, "file for the proof; never overwritten")
        ->type_name("FILE")
        ->required();
    command.add_flag("--json", options->json, "print the summary as JSON");
    on_command(command, set_exit, [options] { return run(*options); });
}

}  // namespace pouw::inline v1::cli
