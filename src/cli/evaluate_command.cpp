#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/progress.hpp"

#include "pouw/crypto/blake2b.hpp"
#include "pouw/pow/race.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <span>

namespace pouw::inline v1::cli {
namespace {

constexpr std::size_t shown_outputs = 4;

struct EvaluateOptions {
    ModelOptions model;
    ChainOptions chain;
    ThresholdOptions threshold;
    ComputeOptions compute;
    std::string public_key;
    std::string nonces;
    bool json = false;
};

std::vector<int> first_outputs(const pow::Evaluation& evaluation) {
    const auto begin = evaluation.output.begin();
    return {begin, begin + static_cast<std::ptrdiff_t>(std::min(shown_outputs, evaluation.output.size()))};
}

std::string output_digest(const pow::Evaluation& evaluation) {
    return core::to_hex(crypto::blake2b_256(core::as_bytes(evaluation.output)).view());
}

std::vector<pow::Evaluation> evaluate(const pow::Race& race, const pow::NodeSeed& node,
                                      std::span<const std::uint64_t> nonces, unsigned threads,
                                      std::stop_token stop) {
    const auto team_size = static_cast<unsigned>(std::min<std::size_t>(threads, nonces.size()));
    auto team = pow::TeamEvaluator::create(race, node, team_size);
    if (!team) fail_with(race.backend().name(), team.error());
    std::vector<pow::Evaluation> all;
    while (!nonces.empty()) {
        const auto round = nonces.first(std::min(nonces.size(), team->round_size()));
        nonces = nonces.subspan(round.size());
        auto evaluations = team->evaluate(round, stop);
        if (!evaluations) fail_with(race.backend().name(), evaluations.error());
        std::move(evaluations->begin(), evaluations->end(), std::back_inserter(all));
    }
    return all;
}

Json to_json(const pow::Evaluation& evaluation, const std::optional<std::uint64_t>& threshold) {
    Json json{{"nonce", std::to_string(evaluation.nonce)},
              {"tokens", evaluation.tokens},
              {"output_digest", output_digest(evaluation)},
              {"output_first", first_outputs(evaluation)},
              {"squared_distance", evaluation.squared_distance}};
    if (threshold) json["passes"] = evaluation.passes(*threshold);
    return json;
}

void print(const pow::Evaluation& evaluation, const std::optional<std::uint64_t>& threshold) {
    fmt::print("nonce        {}\n", evaluation.nonce);
    fmt::print("  tokens     {}\n", fmt::join(evaluation.tokens, " "));
    fmt::print("  outputs    {} ...\n", fmt::join(first_outputs(evaluation), " "));
    fmt::print("  digest     {}\n", output_digest(evaluation));
    fmt::print("  distance   {}\n", evaluation.squared_distance);
    if (threshold) fmt::print("  passes     {}\n", evaluation.passes(*threshold) ? "yes" : "no");
}

Exit run(const EvaluateOptions& options) {
    const SignalStop signals;
    const pow::ModelConfig config = options.model.config();
    const pow::RaceSeed seed = options.chain.race_seed();
    const auto threshold = options.threshold.value(config);
    const core::Bytes public_key = parse_hex("--public-key", options.public_key);
    if (public_key.empty() || public_key.size() > 64)
        throw refused("--public-key", "a public key has 1 to 64 bytes");
    const std::vector<std::uint64_t> nonces = parse_u64_list("--nonce", options.nonces);

    // Streamed: a few nonces are not worth all the weights in memory.
    const auto race = pow::Race::create(config, seed, options.compute.backend, {.stored = false});
    if (!race)
        fail_with(options.compute.backend.empty() ? "evaluate" : "--backend " + options.compute.backend,
                  race.error());
    const pow::NodeSeed node = pow::node_seed(public_key);
    const auto evaluations = evaluate(*race, node, nonces, options.compute.threads(), signals.token());

    const std::string model = core::to_hex(pow::model_id(config).view());
    if (options.json) {
        Json json{{"model", model},
                  {"race_seed", core::to_hex(seed.view())},
                  {"node_seed", core::to_hex(node.view())},
                  {"backend", race->backend().name()},
                  {"results", Json::array()}};
        for (const pow::Evaluation& evaluation : evaluations)
            json["results"].push_back(to_json(evaluation, threshold));
        fmt::print("{}\n", json.dump(2));
        return Exit::success;
    }
    fmt::print("model        {}\nrace seed    {}\nnode seed    {}\n", model, core::to_hex(seed.view()),
               core::to_hex(node.view()));
    for (const pow::Evaluation& evaluation : evaluations) print(evaluation, threshold);
    return Exit::success;
}

}  // namespace

void add_evaluate_command(CLI::App& app, const SetExit& set_exit) {
    auto options = std::make_shared<EvaluateOptions>();
    CLI::App& command =
        *app.add_subcommand("evaluate", "Evaluate single nonces of any public key; makes no proof");
    options->model.add_to(command, false);
    options->chain.add_to(command);
    command.add_option("--public-key", options->public_key, "key of the node, 1 to 64 bytes")
        ->type_name("HEX")
        ->required();
    command.add_option("--nonce", options->nonces, "the nonces")->type_name("N[,N...]")->required();
    options->threshold.add_to(command);
    options->compute.add_to(command);
    command.add_flag("--json", options->json, "print JSON");
    on_command(command, set_exit, [options] { return run(*options); });
}

}  // namespace pouw::inline v1::cli
