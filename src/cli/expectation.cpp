#include "cli/expectation.hpp"

#include "pouw/core/bytes.hpp"
#include "pouw/core/describe.hpp"
#include "pouw/proof/errc.hpp"

namespace pouw::cli {
namespace {

/// The known config with this id. Options narrow the choice only through the id that the caller expects.
std::optional<pow::ModelConfig> known_config(const core::ModelId& id) {
    for (const pow::Preset& preset : pow::presets()) {
        for (const auto binding : {pow::PermutationBinding::output, pow::PermutationBinding::input}) {
            pow::ModelConfig config = preset.config;
            config.permutation_binding = binding;
            if (pow::model_id(config) == id) return config;
        }
    }
    return std::nullopt;
}

/// The config that the options name, or else the claim's own.
core::result<pow::ModelConfig> expected_config(const ModelOptions& options, const Subject& claim,
                                               std::vector<std::string>& unchecked) {
    if (options.preset) return options.config();
    (void)options.config();  // a wrong --binding is a usage failure whatever the claim says
    unchecked.emplace_back("preset");
    if (!options.binding) unchecked.emplace_back("binding");
    auto config = known_config(claim.model_id);
    if (!config) return core::fail(proof::errc::model_mismatch, "no preset has this model id");
    // The binding of a claim whose preset was not named must still be the one that was.
    if (options.binding) config->permutation_binding = options.config().permutation_binding;
    return *config;
}

}  // namespace

void ExpectationOptions::add_to(CLI::App& command) {
    model.add_to(command, true);
    chain.add_to(command);
    command.add_option("--public-key", public_key, "key of the node")->type_name("HEX");
    threshold.add_to(command);
}

void ExpectationOptions::check() const {
    (void)model.config();
    if (chain.any()) (void)chain.race_seed();
}

core::result<Expectation> expectation(const ExpectationOptions& options, const Subject& claim) {
    Expectation out;
    const auto config = expected_config(options.model, claim, out.unchecked);
    if (!config) return config.error();
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

void add_subject(Json& json, const std::optional<Subject>& subject) {
    for (const char* name : {"public_key", "race_seed", "model_id", "threshold"}) json[name] = nullptr;
    if (!subject) return;
    json["public_key"] = core::to_hex(subject->public_key.view());
    json["race_seed"] = core::to_hex(subject->race_seed.view());
    json["model_id"] = core::to_hex(subject->model_id.view());
    json["threshold"] = std::to_string(subject->threshold);
}

}  // namespace pouw::cli
