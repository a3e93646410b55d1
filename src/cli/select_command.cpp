#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/options.hpp"

#include "pouw/core/describe.hpp"
#include "pouw/crypto/initialize.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/validation/errc.hpp"
#include "pouw/validation/selection.hpp"
#include "pouw/weights/weights.hpp"

#include <fmt/core.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pouw::inline v1::cli {
namespace {

using validation::Selection;

struct SelectOptions {
    Text key;
    Text vrf_key;
    Text proof;
    std::string chain_id;
    std::string epoch;
    std::string beacon;
    std::string task;
    std::string executor;
    std::string rate;
    std::string weight;
    std::string total;
    std::string executor_weight = "0";
    Text judges;
    bool json = false;
};

constexpr std::uint64_t largest_table = std::uint64_t{64} << 20;

/// The options as values, all read before any work is done.
struct Question {
    validation::EpochBeacon epoch;
    validation::Task task;
    validation::Odds odds;
    core::Fraction rate;
};

Question read(const SelectOptions& options) {
    // The heights do not matter but for the registrations of `guaranteed_validators`, at 0.
    const beacon::Output output{parse_fixed<core::BeaconOutput>("--beacon", options.beacon), 1, 1};
    return {.epoch =
                validation::EpochBeacon::create(options.chain_id, parse_u64("--epoch", options.epoch), output)
                    .value(),
            .task = {parse_fixed<core::TaskId>("--task", options.task),
                     parse_fixed<core::NodeId>("--executor", options.executor)},
            .odds = {parse_u64("--weight", options.weight),
                     parse_u64("--executor-weight", options.executor_weight),
                     parse_u64("--total", options.total)},
            .rate = parse_share("--rate", options.rate)};
}

struct Decided {
    vrf::PublicKey vrf_key;
    core::result<Selection> selection;
};

Decided decide_own(const SelectOptions& options, const Question& question) {
    if (const auto ready = crypto::initialize(); !ready) fail_with("libsodium", ready.error());
    const crypto::MasterSeed seed = read_key_file(*options.key);
    const auto key = vrf::SecretKey::derive(seed);
    if (crypto::SigningKey::derive(seed).public_key() == question.task.executor) {
        return {key.public_key(), core::fail(validation::errc::own_work)};
    }
    return {key.public_key(), select(question.epoch, question.task, question.odds, question.rate, key)};
}

Decided decide_anothers(const SelectOptions& options, const Question& question) {
    const auto key = parse_fixed<vrf::PublicKey>("--vrf-key", *options.vrf_key);
    const auto proof = parse_fixed<vrf::Proof>("--proof", *options.proof);
    return {key, check_proof(question.epoch, question.task, question.odds, question.rate, key, proof)};
}

/// The guaranteed validators of the task among the nodes of a table, all of which count as registered;
/// nothing without a table.
std::optional<std::vector<std::string>> guaranteed_validators(const SelectOptions& options,
                                                              const Question& question) {
    if (!options.judges) return std::nullopt;
    const auto judges = weights::WeightTable::decode(read_file(*options.judges, largest_table));
    if (!judges) fail_with(*options.judges, judges.error());
    std::vector<validation::Registration> registrations;
    // Any keys, but different ones: a key counts for one node.
    for (const weights::NodeWeight& node : judges->nodes())
        registrations.push_back({node.node, vrf::PublicKey{node.node.bytes}, 0});
    const validation::Validators validators{question.epoch, *judges, registrations};
    std::vector<std::string> out;
    for (const core::NodeId& node : validators.guaranteed(question.task, question.rate))
        out.push_back(core::to_hex(node.view()));
    return out;
}

void print(const Decided& decided, const std::optional<std::vector<std::string>>& guaranteed, bool json) {
    const Selection& selection = *decided.selection;
    const std::string vrf_key = core::to_hex(decided.vrf_key.view());
    const std::string proof = core::to_hex(selection.proof.view());
    const std::string beta = core::to_hex(selection.output.view());
    const core::uint128 draw_number = validation::selection_draw(selection.output);
    const auto hex = [](core::uint128 number) {
        return fmt::format("{:016x}{:016x}", static_cast<std::uint64_t>(number >> 64),
                           static_cast<std::uint64_t>(number));
    };
    const std::string draw = hex(draw_number);
    // 2^128, which always selects, is one digit longer.
    const std::string threshold = (selection.threshold.high != 0 ? "1" : "") + hex(selection.threshold.low);
    if (json) {
        Json out{{"selected", selection.selected},
                 {"vrf_key", vrf_key},
                 {"proof", proof},
                 {"beta", beta},
                 {"draw", draw},
                 {"threshold", threshold}};
        if (guaranteed) out["guaranteed"] = *guaranteed;
        fmt::print("{}\n", out.dump(2));
        return;
    }
    fmt::print("{}\nvrf key      {}\nproof        {}\ndraw         {:>33}\nthreshold    {:>33}\n",
               selection.selected ? "selected" : "not selected", vrf_key, proof, draw, threshold);
    if (!guaranteed) return;
    for (const std::string& node : *guaranteed) fmt::print("guaranteed   {}\n", node);
}

Exit run(const SelectOptions& options) {
    const bool own = options.key.has_value();
    if (own == options.proof.has_value() || own == options.vrf_key.has_value()) {
        throw usage("--key, or --vrf-key with --proof", "exactly one of the two is required");
    }
    const Question question = read(options);
    const auto guaranteed = guaranteed_validators(options, question);
    const Decided decided = own ? decide_own(options, question) : decide_anothers(options, question);
    if (!decided.selection) {
        const core::error& reason = decided.selection.error();
        if (options.json) {
            fmt::print(
                "{}\n",
                Json{{"selected", nullptr}, {"error", reason.code.name()}, {"reason", core::describe(reason)}}
                    .dump(2));
        }
        throw refused("no decision", core::describe(reason));
    }
    print(decided, guaranteed, options.json);
    return Exit::success;
}

}  // namespace

void add_select_command(CLI::App& app, const SetExit& set_exit) {
    auto options = std::make_shared<SelectOptions>();
    CLI::App& command = *app.add_subcommand(
        "select", "Whether a validator is to check a task: decide, or verify another's proof");
    const auto required = [&](const char* name, std::string& value, const char* type,
                              const char* description) {
        command.add_option(name, value, description)->type_name(type)->required();
    };
    command.add_option("--key", options->key, "decide for the node of this key file")->type_name("FILE");
    command.add_option("--vrf-key", options->vrf_key, "verify for the node with this VRF key")
        ->type_name("HEX");
    command.add_option("--proof", options->proof, "its proof of being selected or not")->type_name("HEX");
    required("--chain-id", options->chain_id, "TEXT", "identifier of the chain");
    required("--epoch", options->epoch, "N", "number of the epoch");
    required("--beacon", options->beacon, "HEX", "the epoch's beacon output, 32 bytes");
    required("--task", options->task, "HEX", "id of the task, 32 bytes");
    required("--executor", options->executor, "HEX", "public key of the node that did it");
    required("--rate", options->rate, "SHARE", "expected checks of the task: 1/10 or 10%");
    required("--weight", options->weight, "N", "the validator's weight");
    required("--total", options->total, "N", "the weight of all nodes");
    command.add_option("--executor-weight", options->executor_weight, "the executor's weight (default: 0)")
        ->type_name("N");
    command
        .add_option(
            "--judges", options->judges,
            "all weights, as `pouw weights --out` writes them: names the guaranteed validator of a task "
            "whose rate is 1, with a VRF key for every node")
        ->type_name("FILE");
    command.add_flag("--json", options->json, "print JSON");
    on_command(command, set_exit, [options] { return run(*options); });
}

}  // namespace pouw::inline v1::cli
