#include "cli/expectation.hpp"

#include "pouw/core/bytes.hpp"
#include "pouw/core/describe.hpp"
#include "pouw/proof/errc.hpp"

namespace pouw::inline v1::cli {
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
core::result<pow::ModelConfig> expected_config(const ModelOptions& options, const core::ModelId& claimed,
                                               std::vector<std::string>& unchecked) {
    if (options.preset) return options.config();
    (void)options.config();  // a wrong --binding is a usage failure whatever the claim says
    unchecked.emplace_back("preset");
    if (!options.binding) unchecked.emplace_back("binding");
    auto config = known_config(claimed);
    if (!config) return core::fail(proof::errc::model_mismatch, "no preset has this model id");
    // The binding of a claim whose preset was not named must still be the one that was.
    if (options.binding) config->permutation_binding = options.config().permutation_binding;
    return *config;
}

}  // namespace

void require_sound_model(const core::ModelId& model, bool insecure) {
    if (insecure) return;
    const auto config = known_config(model);
    if (config && pow::require_sound(*config)) return;
    throw usage("model " + core::to_hex(model.view()), "is not known to be sound; say --insecure to use it");
}

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

core::result<Expectation> expectation(const ExpectationOptions& options, const proof::Terms& claimed) {
    Expectation out;
    out.terms = claimed;
    const auto config = expected_config(options.model, claimed.model, out.unchecked);
    if (!config) return config.error();
    out.config = *config;
    out.terms.model = pow::model_id(*config);
    if (options.chain.any()) {
        out.terms.race_seed = options.chain.race_seed();
    } else {
        out.unchecked.emplace_back("race");
    }
    if (options.public_key) {
        const auto key = crypto::checked_public_key(parse_hex("--public-key", *options.public_key));
        if (!key) throw refused("--public-key", core::describe(key.error()));
        out.terms.node = *key;
    } else {
        out.unchecked.emplace_back("public-key");
    }
    if (const auto threshold = options.threshold.value(*config)) {
        out.terms.threshold = *threshold;
    } else {
        out.unchecked.emplace_back("threshold");
    }
    return out;
}

}  // namespace pouw::inline v1::cli
