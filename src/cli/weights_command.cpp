#include "cli/command.hpp"
#include "cli/expectation.hpp"
#include "cli/files.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"

#include "pouw/core/describe.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/formats/verdict.hpp"
#include "pouw/weights/weights.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace pouw::inline v1::cli {
namespace {

constexpr std::uint64_t largest_verdict = std::uint64_t{64} << 20;

struct WeightsOptions {
    std::vector<std::string> files;
    Text cap;
    Text out;
    bool insecure = false;
    bool json = false;
};

formats::ProofVerdict parse_verdict(const std::string& path) {
    const core::Bytes bytes = read_file(path, largest_verdict);
    auto verdict = formats::parse_proof_verdict({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    if (!verdict) {
        throw usage(path, fmt::format("not a verdict as `pouw verify --json` prints it: {}",
                                      formats::describe(verdict.refusal())));
    }
    return *std::move(verdict);
}

/// Whether the numbers of a verdict are those of a check: all nonces of a proof, at least one sample of a
/// commitment.
bool is_earned(const formats::ProofVerdict& verdict) {
    if (verdict.weight == 0) return true;
    if (!verdict.sampled) return verdict.weight == verdict.claimed && verdict.passed == verdict.claimed;
    return verdict.weight == verdict.claimed && verdict.sampled->soundness && verdict.sampled->samples >= 1 &&
           verdict.passed == verdict.sampled->samples;
}

/// The terms and the weight of a verdict: nothing of one that refuses.
std::optional<formats::ProofVerdict> read_verdict(const std::string& path, bool insecure) {
    auto verdict = parse_verdict(path);
    if (!verdict.valid) return std::nullopt;
    if (std::find(verdict.unchecked.begin(), verdict.unchecked.end(), "signature") != verdict.unchecked.end())
        throw refused(path, "the commitment has no signature: its weight is nobody's");
    if (!verdict.unchecked.empty()) {
        throw refused(
            path, fmt::format("the claim chose its own {}: no weight", fmt::join(verdict.unchecked, ", ")));
    }
    if (!is_earned(verdict)) throw refused(path, "the weight is more than was verified");
    require_sound_model(verdict.terms->model, insecure);
    if (const auto key = crypto::checked_public_key(verdict.terms->node.view()); !key)
        throw refused(path, core::describe(key.error()));
    return verdict;
}

bool is_same_race(const proof::Terms& a, const proof::Terms& b) {
    return a.race_seed == b.race_seed && a.model == b.model && a.threshold == b.threshold;
}

weights::WeightTable table_of(const WeightsOptions& options) {
    std::vector<weights::NodeWeight> results;
    std::optional<proof::Terms> first;
    for (const std::string& path : options.files) {
        const auto verdict = read_verdict(path, options.insecure);
        if (!verdict) {
            tell(fmt::format("pouw weights: {}: refused, no weight\n", printable(path)));
            continue;
        }
        if (first && !is_same_race(*first, *verdict->terms))
            throw refused(path, "is of another race, model or threshold than the first");
        first = verdict->terms;
        results.push_back({verdict->terms->node, verdict->weight});
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
    command.add_flag("--insecure", options->insecure, "allow models that are not known to be sound");
    command.add_flag("--json", options->json, "print the table as JSON");
    on_command(command, set_exit, [options] { return run(*options); });
}

}  // namespace pouw::inline v1::cli
