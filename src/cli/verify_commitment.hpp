/// What `pouw verify` does with a commitment and an opening, and with a fraud proof.
#pragma once

#include "cli/command.hpp"
#include "cli/expectation.hpp"
#include "cli/options.hpp"

namespace pouw::inline v1::cli {

struct SampleOptions {
    Text commitment;
    Text opening;
    Text seed;
    Text false_fraction;
    Text soundness;
    Text evidence;
    Text fraud_proof;

    void add_to(CLI::App& command);
    /// Which options need which: a usage failure otherwise.
    void check() const;
};

/// The options of `verify` that are not about samples.
struct VerifyContext {
    const ExpectationOptions& expectation;
    const ComputeOptions& compute;
    bool low_memory;
    bool json;
};

[[nodiscard]] Exit verify_commitment(const SampleOptions& options, const VerifyContext& context);
[[nodiscard]] Exit verify_fraud_proof(const SampleOptions& options, const VerifyContext& context);

}  // namespace pouw::inline v1::cli
