#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/options.hpp"

#include "pouw/core/describe.hpp"
#include "pouw/weights/weights.hpp"

#include <fmt/core.h>

#include <memory>

namespace pouw::cli {
namespace {

constexpr std::uint64_t largest_verdict = std::uint64_t{64} << 20;

struct WeightsOptions {
    std::vector<std::string> files;
    Text cap;
    Text out;
    bool json = false;
};

/// What a verdict is about: the same for all nodes of a race.
using Terms = std::vector<std::string>;

struct Read {
    weights::NodeWeight result;
    Terms terms;
};

std::string text_member(const Json& json, const char* name, const std::string& path) {
    const auto found = json.find(name);
    if (found == json.end() || !found->is_string())
        throw usage(path, fmt::format("no verdict: '{}' is missing", name));
    return found->get<std::string>();
}

Json parse_verdict(const std::string& path) {
    const core::Bytes bytes = read_file(path, largest_verdict);
    Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
    if (!json.is_object() || !json.contains("valid") || !json["valid"].is_boolean()) {
        throw usage(path, "not a verdict as `pouw verify --json` prints it");
    }
    return json;
}

/// The weight that a verdict gives: none when it refuses.
std::optional<Read> read_verdict(const std::string& path) {
    const Json json = parse_verdict(path);
    if (!json["valid"].get<bool>()) return std::nullopt;
    const auto unchecked = json.find("unchecked");
    if (unchecked == json.end() || !unchecked->is_array())
        throw usage(path, "no verdict: 'unchecked' is missing");
    for (const Json& part : *unchecked) {
        if (part == "signature")
            throw refused(path, "the commitment has no signature: its weight is nobody's");
    }
    const auto key = crypto::checked_public_key(parse_hex(path, text_member(json, "node", path)));
    if (!key) throw refused(path, core::describe(key.error()));
    Read out{.result = {*key, parse_u64(path, text_member(json, "weight", path))}, .terms = {}};
    for (const char* name : {"race_seed", "model", "threshold"})
        out.terms.push_back(text_member(json, name, path));
    return out;
}

weights::WeightTable table_of(const WeightsOptions& options) {
    std::vector<weights::NodeWeight> results;
    std::optional<Terms> terms;
    for (const std::string& path : options.files) {
        const auto verdict = read_verdict(path);
        if (!verdict) {
            fmt::print(stderr, "pouw weights: {}: refused, no weight\n", path);
            continue;
        }
        if (terms && *terms != verdict->terms)
            throw refused(path, "is of another race, model or threshold than the first");
        terms = verdict->terms;
        results.push_back(verdict->result);
    }
    auto table = weights::WeightTable::create(results);
    if (!table) throw refused("VERDICT", core::describe(table.error()));
    return options.cap ? table->capped(parse_share("--cap", *options.cap)) : *std::move(table);
}

Exit run(const WeightsOptions& options) {
    if (options.cap) (void)parse_share("--cap", *options.cap);
    std::unique_ptr<NewFile> out;
    if (options.out) out = std::make_unique<NewFile>(*options.out, 0644);
    const weights::WeightTable table = table_of(options);
    if (out) out->commit(table.encode());
    const std::uint64_t majority = table.majority_threshold();
    const std::string digest = core::to_hex(table.digest().view());
    if (options.json) {
        Json json{{"total", std::to_string(table.total())},
                  {"unassigned", std::to_string(table.unassigned())},
                  {"majority", std::to_string(majority)},
                  {"digest", digest},
                  {"nodes", Json::array()}};
        for (const weights::NodeWeight& node : table.nodes()) {
            json["nodes"].push_back({{"node", core::to_hex(node.node.view())},
                                     {"weight", std::to_string(node.weight)},
                                     {"majority", table.is_majority(node.weight)}});
        }
        fmt::print("{}\n", json.dump(2));
        return Exit::success;
    }
    for (const weights::NodeWeight& node : table.nodes()) {
        fmt::print("{}  {} of {}\n", core::to_hex(node.node.view()), node.weight, table.total());
    }
    fmt::print("total        {} ({} unassigned), majority from {}\n", table.total(), table.unassigned(),
               majority);
    fmt::print("digest       {}\n", digest);
    return Exit::success;
}

}  // namespace

void add_weights_command(CLI::App& app, const SetExit& set_exit) {
    auto options = std::make_shared<WeightsOptions>();
    CLI::App& command = *app.add_subcommand("weights", "The voting weights that verdicts of one race give");
    command.add_option("VERDICT", options->files, "verdicts, as `pouw verify --json` prints them")
        ->required();
    command.add_option("--cap", options->cap, "no node holds more than this share (default: no cap)")
        ->type_name("SHARE");
    command.add_option("--out", options->out, "write the table here; never overwritten")->type_name("FILE");
    command.add_flag("--json", options->json, "print the table as JSON");
    on_command(command, set_exit, [options] { return run(*options); });
}

}  // namespace pouw::cli
