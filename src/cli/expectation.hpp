/// What a verifier expects of a node's claim: what the options say, and of the rest what the claim says
/// itself.
#pragma once

#include "cli/command.hpp"
#include "cli/options.hpp"

#include "pouw/proof/verify.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pouw::cli {

/// The terms that a proof or a commitment states.
struct Subject {
    core::ModelId model_id;
    pow::RaceSeed race_seed;
    crypto::PublicKey public_key;
    std::uint64_t threshold = 0;
};

template <typename Claim>
[[nodiscard]] Subject subject_of(const Claim& claim) {
    return {claim.model_id, claim.race_seed, claim.public_key, claim.threshold};
}

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
    proof::Expected expected;
    std::vector<std::string> unchecked;
};

/// Errors: proof::errc::model_mismatch where no preset is named and none has the claim's model id.
[[nodiscard]] core::result<Expectation> expectation(const ExpectationOptions& options, const Subject& claim);

/// The members of a verdict that say what it is about; null for a claim that could not be read.
void add_subject(Json& json, const std::optional<Subject>& subject);

}  // namespace pouw::cli
