/// What `pouw verify` does with a commitment and an opening, and with a fraud proof.
#pragma once

#include "cli/command.hpp"
#include "cli/expectation.hpp"
#include "cli/options.hpp"

#include "pouw/proof/sampling.hpp"

#include <string_view>

namespace pouw::inline v1::cli {

/// The target of --false-fraction and --soundness: a usage failure without a share or with 0 bits.
[[nodiscard]] proof::SoundnessTarget parse_target(std::string_view false_fraction,
                                                  std::string_view soundness);

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
