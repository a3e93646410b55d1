#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/options.hpp"
#include "cli/progress.hpp"
#include "pouw/proof/verify.hpp"

namespace pouw::cli {
namespace {

/// 90 million nonces at 1/900: far more than a Race yields, and little enough to hold.
constexpr std::uint64_t largest_proof = std::uint64_t{128} << 20;

struct VerifyCommandOptions {
    std::string file;
    ModelOptions model;
    ChainOptions chain;
    ThresholdOptions threshold;
    ComputeOptions compute;
    Text public_key;
    bool low_memory = false;
    bool all = false;
    bool json = false;
};

/// What is expected, and which parts of it were taken from the proof for want of an option.
struct Expectation {
    proof::Expected expected;
    std::vector<std::string> unchecked;
};

/// The known config with this id. Options narrow the choice only through the id that the caller expects.
std::optional<pow::ModelConfig> known_config(const pow::ModelId& id) {
    for (const pow::Preset& preset : pow::presets()) {
        for (const auto binding : {pow::PermutationBinding::output, pow::PermutationBinding::input}) {
            pow::ModelConfig config = preset.config;
            config.permutation_binding = binding;
            if (pow::model_id(config) == id) return config;
        }
    }
    return std::nullopt;
}

/// The config that the options name, or else the proof's own.
core::result<pow::ModelConfig> expected_config(const VerifyCommandOptions& options, const proof::Claim& claim,
                                               std::vector<std::string>& unchecked) {
    if (options.model.preset) return options.model.config();
    (void)options.model.config();  // a wrong --binding is a usage failure whatever the proof says
    unchecked.emplace_back("preset");
    if (!options.model.binding) unchecked.emplace_back("binding");
    auto config = known_config(claim.model_id);
    if (!config) return core::fail(core::errc::model_mismatch, "no preset has this model id");
    // The binding of a proof whose preset was not named must still be the one that was.
    if (options.model.binding) config->permutation_binding = options.model.config().permutation_binding;
    return *config;
}

core::result<Expectation> expectation(const VerifyCommandOptions& options, const proof::Claim& claim) {
    Expectation out;
    const auto config = expected_config(options, claim, out.unchecked);
    if (!config) return core::unexpected{config.error()};
    out.expected.config = *config;
    if (options.chain.any()) {
        out.expected.race_seed = options.chain.race_seed();
    } else {
        out.expected.race_seed = claim.race_seed;
        out.unchecked.emplace_back("race");
    }
    out.expected.public_key = claim.public_key;
    if (options.public_key) {
        const auto key = crypto::checked_public_key(parse_hex("--public-key", *options.public_key));
        if (!key) throw refused("--public-key", core::describe(key.error()));
        out.expected.public_key = *key;
    } else {
        out.unchecked.emplace_back("public-key");
    }
    if (const auto threshold = options.threshold.value(*config)) {
        out.expected.threshold = *threshold;
    } else {
        out.expected.threshold = claim.threshold;
        out.unchecked.emplace_back("threshold");
    }
    return out;
}

Exit report(const VerifyCommandOptions& options, const proof::Verdict& verdict,
            const std::vector<std::string>& unchecked) {
    std::string bad_nonce;
    if (!verdict.false_nonces.empty()) bad_nonce = std::to_string(verdict.false_nonces.front().nonce);
    if (options.json) {
        Json json{{"valid", verdict.valid()},
                  {"reason", nullptr},
                  {"first_bad_nonce", nullptr},
                  {"unchecked", unchecked},
                  {"claimed", std::to_string(verdict.claimed)},
                  {"evaluated", std::to_string(verdict.evaluated)},
                  {"verified", std::to_string(verdict.passed)},
                  {"weight", std::to_string(verdict.weight())}};
        if (verdict.refusal) json["reason"] = core::name(verdict.refusal->code);
        if (!bad_nonce.empty()) json["first_bad_nonce"] = bad_nonce;
        if (options.all) {
            json["bad_nonces"] = Json::array();
            for (const proof::FalseNonce& bad : verdict.false_nonces) {
                json["bad_nonces"].push_back({{"nonce", std::to_string(bad.nonce)}, {"d2", bad.squared_distance}});
            }
        }
        fmt::print("{}\n", json.dump(2));
    }
    if (verdict.refusal) {
        fmt::print(stderr, "pouw verify: {}: refused: {}{}\n", options.file, core::describe(*verdict.refusal),
                   bad_nonce.empty() ? "" : fmt::format(" (first bad nonce {})", bad_nonce));
    }
    if (!options.json) {
        if (!unchecked.empty()) fmt::print("unchecked    {} (taken from the proof)\n", fmt::join(unchecked, ", "));
        if (options.all) {
            for (const proof::FalseNonce& bad : verdict.false_nonces) {
                fmt::print("bad nonce    {} (d2 {})\n", bad.nonce, bad.squared_distance);
            }
        }
        if (verdict.valid()) fmt::print("valid        voting weight {}\n", verdict.weight());
        fmt::print("verified {} of {} nonces\n", verdict.passed, verdict.claimed);
    }
    return verdict.valid() ? Exit::success : Exit::refused;
}

core::result<proof::Verdict> verify_with_stored_weights(const proof::Proof& proof, const proof::Expected& expected,
                                                        const VerifyCommandOptions& options,
                                                        const proof::VerifyOptions& verify_options) {
    // Before 608 MB of weights are made: the terms, which cost nothing.
    if (auto terms = proof::verify_terms(proof, expected); !terms) {
        proof::Verdict refused;
        refused.refusal = terms.error();
        refused.claimed = proof.claim.nonces.size();
        return refused;
    }
    const auto race = pow::Race::create(expected.config, expected.race_seed, options.compute.backend,
                                        {.stored = !proof.claim.nonces.empty(),
                                         .threads = options.compute.threads(),
                                         .progress = {},
                                         .stop = verify_options.stop});
    if (!race) return core::unexpected{race.error()};
    return proof::verify(proof, expected, *race, verify_options);
}

Exit run(const VerifyCommandOptions& options) {
    const SignalStop signals;
    const core::Bytes bytes = read_file(options.file, largest_proof);
    (void)options.model.config();
    if (options.chain.any()) (void)options.chain.race_seed();
    const auto refuse = [&](const core::error& reason, const std::vector<std::string>& unchecked) {
        proof::Verdict verdict;
        verdict.refusal = reason;
        return report(options, verdict, unchecked);
    };
    const auto proof = proof::decode(bytes);
    if (!proof) return refuse(proof.error(), {});
    const auto expected = expectation(options, proof->claim);
    if (!expected) return refuse(expected.error(), {});
    options.model.require_opt_in(expected->expected.config);

    ProgressLine line{!options.json};
    const proof::VerifyOptions verify_options{
        .threads = options.compute.threads(),
        .stop_at_first_failure = !options.all,
        .progress = [&line](std::uint64_t done, std::uint64_t total) {
            line.show(fmt::format("verified {} of {} nonces", done, total));
        },
        .stop = signals.token()};
    const auto verdict =
        options.low_memory
            ? proof::verify_streamed(*proof, expected->expected, options.compute.backend, verify_options)
            : verify_with_stored_weights(*proof, expected->expected, options, verify_options);
    line.finish();
    if (!verdict) fail_with(options.compute.backend.empty() ? options.file : "--backend " + options.compute.backend, verdict.error());
    return report(options, *verdict, expected->unchecked);
}

}  // namespace

void add_verify_command(CLI::App& app, const SetExit& set_exit) {
    auto options = std::make_shared<VerifyCommandOptions>();
    CLI::App& command = *app.add_subcommand("verify", "Verify a proof: what is given must match, every nonce must pass");
    command.add_option("FILE", options->file, "the proof")->required();
    options->model.add_to(command, true);
    options->chain.add_to(command);
    command.add_option("--public-key", options->public_key, "key of the node")->type_name("HEX");
    options->threshold.add_to(command);
    options->compute.add_to(command);
    command.add_flag("--low-memory", options->low_memory, "stream the weights: 64 MiB instead of all of them");
    command.add_flag("--all", options->all, "judge all nonces instead of stopping at the first bad one");
    command.add_flag("--json", options->json, "print the verdict as JSON");
    on_command(command, set_exit, [options] { return run(*options); });
}

}  // namespace pouw::cli
