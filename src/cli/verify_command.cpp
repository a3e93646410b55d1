#include "cli/command.hpp"
#include "cli/expectation.hpp"
#include "cli/files.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/verify_commitment.hpp"

#include "pouw/core/describe.hpp"
#include "pouw/formats/verdict.hpp"
#include "pouw/proof/verify.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

namespace pouw::inline v1::cli {
namespace {

struct VerifyCommandOptions {
    std::string file;
    ExpectationOptions expectation;
    ComputeOptions compute;
    SampleOptions sample;
    bool low_memory = false;
    bool all = false;
    bool json = false;
};

formats::ProofVerdict to_format(const VerifyCommandOptions& options, const proof::Verdict& verdict,
                                const std::vector<std::string>& unchecked,
                                const std::optional<proof::Terms>& terms) {
    formats::ProofVerdict out;
    out.valid = verdict.valid();
    if (verdict.refusal) out.reason = verdict.refusal->code.name();
    if (!verdict.false_nonces.empty()) out.first_false_nonce = verdict.false_nonces.front().nonce;
    out.unchecked = unchecked;
    out.claimed = verdict.claimed;
    out.evaluated = verdict.evaluated;
    out.passed = verdict.passed;
    out.weight = unchecked.empty() ? verdict.weight() : 0;
    out.terms = terms;
    if (!options.all) return out;
    out.false_nonces.emplace();
    for (const proof::FalseNonce& found : verdict.false_nonces)
        out.false_nonces->push_back({found.nonce, found.squared_distance});
    return out;
}

void print(const VerifyCommandOptions& options, const proof::Verdict& verdict,
           const std::vector<std::string>& unchecked) {
    if (!unchecked.empty())
        fmt::print("unchecked    {} (taken from the proof)\n", fmt::join(unchecked, ", "));
    if (options.all) {
        for (const proof::FalseNonce& found : verdict.false_nonces) {
            fmt::print("false nonce  {} (squared distance {})\n", found.nonce, found.squared_distance);
        }
    }
    if (verdict.valid()) {
        fmt::print("valid        {}\n", unchecked.empty() ? fmt::format("voting weight {}", verdict.weight())
                                                          : "on its own terms: no voting weight");
    }
    fmt::print("verified {} of {} nonces\n", verdict.passed, verdict.claimed);
}

Exit report(const VerifyCommandOptions& options, const proof::Verdict& verdict,
            const std::vector<std::string>& unchecked, const std::optional<proof::Terms>& terms) {
    if (options.json) fmt::print("{}\n", formats::to_json(to_format(options, verdict, unchecked, terms)));
    if (verdict.refusal) {
        const std::string nonce =
            verdict.false_nonces.empty()
                ? ""
                : fmt::format(" (first false nonce {})", verdict.false_nonces.front().nonce);
        tell(fmt::format("pouw verify: {}: refused: {}{}\n", printable(options.file),
                         core::describe(*verdict.refusal), nonce));
    }
    if (!options.json) print(options, verdict, unchecked);
    if (!verdict.valid()) return Exit::refused;
    return unchecked.empty() ? Exit::success : Exit::unchecked;
}

core::result<proof::Verdict> verify_with_stored_weights(const Expectation& expected,
                                                        const proof::Proof& proof,
                                                        const VerifyCommandOptions& options,
                                                        const proof::VerifyOptions& verify_options) {
    const auto race = pow::Race::create(expected.config, expected.terms.race_seed, options.compute.backend,
                                        {.stored = !proof.claim.nonces.empty(),
                                         .threads = options.compute.threads(),
                                         .progress = {},
                                         .stop = verify_options.stop});
    if (!race) return race.error();
    return proof::verify(expected.terms, proof, *race, verify_options);
}

proof::Verdict refused_for(const core::error& reason) {
    proof::Verdict verdict;
    verdict.refusal = reason;
    return verdict;
}

Exit run_proof(const VerifyCommandOptions& options) {
    const SignalStop signals;
    const core::Bytes bytes = read_file(options.file, largest_proof);
    options.expectation.check();
    std::optional<proof::Terms> claimed;
    const auto refuse = [&](const core::error& reason) {
        return report(options, refused_for(reason), {}, claimed);
    };
    const auto terms = proof::Proof::claimed_terms(bytes);
    if (!terms) return refuse(terms.error());
    claimed = *terms;
    const auto expected = expectation(options.expectation, *claimed);
    if (!expected) return refuse(expected.error());
    // Terms and signature, which cost nothing, before nonces are decoded and 608 MB of weights are made.
    const auto proof = proof::Proof::decode_verified(expected->terms, bytes);
    if (!proof) return report(options, refused_for(proof.error()), expected->unchecked, claimed);
    options.expectation.model.require_opt_in(expected->config);

    ProgressLine line{!options.json};
    const proof::VerifyOptions verify_options{
        .threads = options.compute.threads(),
        .stop_at_first_failure = !options.all,
        .allow_unsound = options.expectation.model.insecure,
        .progress =
            [&line](std::uint64_t done, std::uint64_t total) {
                line.show(fmt::format("verified {} of {} nonces", done, total));
            },
        .stop = signals.token()};
    const auto verdict = options.low_memory
                             ? proof::verify_streamed(expected->config, expected->terms, *proof,
                                                      options.compute.backend, verify_options)
                             : verify_with_stored_weights(*expected, *proof, options, verify_options);
    line.finish();
    if (!verdict)
        fail_with(options.compute.backend.empty() ? options.file : "--backend " + options.compute.backend,
                  verdict.error());
    return report(options, *verdict, expected->unchecked, claimed);
}

Exit run(const VerifyCommandOptions& options) {
    const SampleOptions& sample = options.sample;
    const int inputs = !options.file.empty() + sample.commitment.has_value() + sample.fraud_proof.has_value();
    if (inputs != 1) throw usage("FILE, --commitment, --fraud-proof", "exactly one of them is required");
    sample.check();
    if (!options.file.empty()) return run_proof(options);
    const VerifyContext context{options.expectation, options.compute, options.low_memory, options.json};
    return sample.fraud_proof ? verify_fraud_proof(sample, context) : verify_commitment(sample, context);
}

}  // namespace

void add_verify_command(CLI::App& app, const SetExit& set_exit) {
    auto options = std::make_shared<VerifyCommandOptions>();
    CLI::App& command =
        *app.add_subcommand("verify", "Verify a proof, a commitment by sample, or a fraud proof");
    command.add_option("FILE", options->file, "the proof");
    options->sample.add_to(command);
    options->expectation.add_to(command);
    options->compute.add_to(command);
    command.add_flag("--low-memory", options->low_memory,
                     "stream the weights: 64 MiB instead of all of them");
    command.add_flag("--all", options->all, "verify all nonces instead of stopping at the first false one");
    command.add_flag("--json", options->json, "print the verdict as JSON");
    on_command(command, set_exit, [options] { return run(*options); });
}

}  // namespace pouw::inline v1::cli
