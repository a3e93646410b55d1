/// What a verifier expects of a node's claim: what the options say, and of the rest what the claim says
/// itself.
#pragma once

#include "cli/command.hpp"
#include "cli/options.hpp"

#include "pouw/proof/terms.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pouw::inline v1::cli {

struct ExpectationOptions {
    ModelOptions model;
    ChainOptions chain;
    ThresholdOptions threshold;
    Text public_key;

    void add_to(CLI::App& command);
    /// Wrong values are told before anything is read or computed.
    void check() const;
};

/// What is expected, and which parts of it were taken from the claim for want of an option.
struct Expectation {
    pow::ModelConfig config;
    proof::Terms terms;
    std::vector<std::string> unchecked;
};

/// A usage failure for a claim about a model that is not known, or not known to be sound, unless `insecure`.
void require_sound_model(const core::ModelId& model, bool insecure);

/// Errors: proof::errc::model_mismatch where no preset is named and none has the claim's model id.
[[nodiscard]] core::result<Expectation> expectation(const ExpectationOptions& options,
                                                    const proof::Terms& claimed);

}  // namespace pouw::inline v1::cli
