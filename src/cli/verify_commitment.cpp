#include "cli/verify_commitment.hpp"

#include "cli/files.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"

#include "pouw/core/describe.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/formats/verdict.hpp"
#include "pouw/pow/errc.hpp"
#include "pouw/proof/errc.hpp"
#include "pouw/proof/sampling.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

namespace pouw::inline v1::cli {
namespace {

/// A hundred thousand samples of ten million nonces; little enough to hold whatever it contains.
constexpr std::uint64_t largest_opening = std::uint64_t{64} << 20;
constexpr std::uint64_t largest_fraud_proof = std::uint64_t{1} << 20;

/// The nonces that are recomputed where no seed says which and how many: the count of a commitment is the
/// node's own choice.
constexpr std::uint64_t most_shown = 1024;

/// What the verdict on a commitment is reported with.
struct Report {
    proof::SampleVerdict verdict;
    std::optional<proof::Terms> claimed;
    std::vector<std::string> unchecked;
    std::vector<proof::VerifiedOpening::Leaf> leaves;
    bool sampled = false;  ///< by a seed: otherwise nothing is known of the nonces that are not shown
};

std::string soundness_text(std::uint32_t bits) {
    return bits == stats::certain ? "certain" : std::to_string(bits);
}

formats::ProofVerdict to_format(const Report& report) {
    const proof::SampleVerdict& verdict = report.verdict;
    const bool judged = report.sampled && verdict.valid();
    const bool weighs = judged && report.unchecked.empty();
    formats::ProofVerdict out;
    out.valid = verdict.valid();
    if (verdict.refusal) out.reason = verdict.refusal->code.name();
    if (verdict.false_nonce) out.first_false_nonce = verdict.false_nonce->nonce;
    out.unchecked = report.unchecked;
    out.claimed = verdict.claimed;
    out.evaluated = verdict.evaluated;
    out.passed = verdict.passed;
    out.weight = weighs ? verdict.weight() : 0;
    out.terms = report.claimed;
    out.sampled = formats::SampledVerdict{.samples = verdict.samples, .soundness = {}, .nonces = {}};
    if (judged) out.sampled->soundness = soundness_text(verdict.soundness_bits);
    if (report.sampled) return out;
    out.sampled->nonces.emplace();
    for (const auto& leaf : report.leaves) out.sampled->nonces->push_back({leaf.rank, leaf.nonce});
    return out;
}

void print(const Report& report) {
    const proof::SampleVerdict& verdict = report.verdict;
    if (!report.unchecked.empty()) {
        fmt::print("unchecked    {} (taken from the commitment)\n", fmt::join(report.unchecked, ", "));
    }
    if (!report.sampled) {
        for (const auto& leaf : report.leaves)
            fmt::print("nonce        {} at rank {}\n", leaf.nonce, leaf.rank);
    }
    if (verdict.valid() && report.sampled) {
        fmt::print("soundness    {} bits against the false fraction\n",
                   soundness_text(verdict.soundness_bits));
        fmt::print("valid        {}\n", report.unchecked.empty()
                                            ? fmt::format("voting weight {}", verdict.weight())
                                            : "on its own terms: no voting weight");
    }
    fmt::print("verified {} of {} samples of {} nonces\n", verdict.passed, verdict.samples, verdict.claimed);
}

Exit conclude(const SampleOptions& options, const VerifyContext& context, const Report& report) {
    const proof::SampleVerdict& verdict = report.verdict;
    if (context.json) fmt::print("{}\n", formats::to_json(to_format(report)));
    if (verdict.refusal) {
        const std::string nonce =
            verdict.false_nonce ? fmt::format(" (nonce {})", verdict.false_nonce->nonce) : "";
        tell(fmt::format("pouw verify: {}: refused: {}{}\n", printable(*options.commitment),
                         core::describe(*verdict.refusal), nonce));
    }
    if (!context.json) print(report);
    if (!verdict.valid()) return Exit::refused;
    return report.unchecked.empty() ? Exit::success : Exit::unchecked;
}

/// A commitment without a signature says what its root is and not whose. Where the caller expects no certain
/// node that is a part left unchecked like others.
bool is_unsigned(const proof::Commitment& commitment) { return commitment.signature == crypto::Signature{}; }

core::result<void> verify_terms(const proof::Terms& expected, const proof::Commitment& commitment,
                                const ExpectationOptions& options, std::vector<std::string>& unchecked) {
    auto terms = proof::verify_terms(expected, commitment);
    const bool lacks_signature_only = !terms && terms.error().code == crypto::errc::invalid_signature &&
                                      is_unsigned(commitment) && !options.public_key;
    if (!lacks_signature_only) return terms;
    unchecked.emplace_back("signature");
    return {};
}

/// What a seed is to show.
struct Sample {
    proof::SamplingSeed seed;
    proof::SoundnessTarget target;
};

std::optional<Sample> sample_of(const SampleOptions& options) {
    if (!options.seed) return std::nullopt;
    return Sample{proof::SamplingSeed{parse_fixed<core::BeaconOutput>("--seed", *options.seed)},
                  parse_target(*options.false_fraction, *options.soundness)};
}

/// The limits that the commitment sets to an opening, and the samples where there are any.
core::result<proof::OpeningLimits> limits_of(const std::optional<Sample>& sample,
                                             const proof::CommitmentClaim& claim) {
    if (!sample) return proof::OpeningLimits{.nonces = claim.tree.count, .leaves = most_shown};
    return proof::opening_limits(sample->target, claim);
}

pow::Race load(const Expectation& expected, const VerifyContext& context, bool stored, std::stop_token stop) {
    auto race = pow::Race::create(expected.config, expected.terms.race_seed, context.compute.backend,
                                  {.stored = stored && !context.low_memory,
                                   .threads = context.compute.threads(),
                                   .progress = {},
                                   .stop = std::move(stop)});
    if (!race)
        fail_with(context.compute.backend.empty() ? "verify" : "--backend " + context.compute.backend,
                  race.error());
    return *std::move(race);
}

/// The forward passes of the samples, or, without a seed, of whichever nonces are shown.
core::result<void> recompute(const Expectation& expected, const std::optional<Sample>& sample,
                             const proof::Commitment& commitment, const proof::Opening& opening,
                             const VerifyContext& context, const std::stop_token& stop, Report& report) {
    ProgressLine line{!context.json};
    const proof::VerifyOptions options{
        .threads = context.compute.threads(),
        .allow_unsound = context.expectation.model.insecure,
        .progress =
            [&line](std::uint64_t done, std::uint64_t total) {
                line.show(fmt::format("verified {} of {} samples", done, total));
            },
        .stop = stop};
    const auto fail = [&](const core::error& error) { fail_with("verify", error); };
    if (sample) {
        const auto samples = proof::verify_samples(sample->seed, sample->target, commitment.claim, opening);
        if (!samples) return samples.error();
        const pow::Race race = load(expected, context, opening.leaf_count() > 0, stop);
        auto verdict = proof::recompute_samples(commitment, *samples, race, options);
        line.finish();
        if (!verdict) fail(verdict.error());
        report.verdict = *std::move(verdict);
        return {};
    }
    const auto verified = proof::VerifiedOpening::create(commitment.claim.tree, opening);
    if (!verified) return verified.error();
    report.leaves.assign(verified->leaves().begin(), verified->leaves().end());
    const pow::Race race = load(expected, context, opening.leaf_count() > 0, stop);
    auto shown = proof::recompute_shown(commitment, *verified, race, options);
    line.finish();
    if (!shown) fail(shown.error());
    report.verdict.samples = shown->shown;
    report.verdict.evaluated = shown->evaluated;
    report.verdict.passed = shown->passed;
    report.verdict.false_nonce = shown->false_nonce;
    report.verdict.fraud_proof = std::move(shown->fraud_proof);
    if (report.verdict.false_nonce) report.verdict.refusal = core::fail(proof::errc::false_nonce);
    return {};
}

void print_conviction(const Expectation& expected, const proof::VerifiedFraudProof& verified) {
    if (!expected.unchecked.empty()) {
        fmt::print("unchecked    {} (taken from the fraud proof)\n", fmt::join(expected.unchecked, ", "));
    }
    const proof::FalseNonce& found = verified.false_nonce();
    fmt::print("node         {}\n", core::to_hex(verified.node().view()));
    fmt::print("evidence     {}\n", core::to_hex(verified.evidence().view()));
    fmt::print("{}: nonce {} does not pass (squared distance {}, threshold {})\n",
               expected.unchecked.empty() ? "convicted" : "no conviction, on terms of its own", found.nonce,
               found.squared_distance, expected.terms.threshold);
}

}  // namespace

proof::SoundnessTarget parse_target(std::string_view false_fraction, std::string_view soundness) {
    const std::uint64_t bits = parse_positive("--soundness", soundness);
    if (bits > 4096) throw usage("--soundness", "must be at most 4096");
    const auto target = proof::SoundnessTarget::create(parse_share("--false-fraction", false_fraction),
                                                       static_cast<std::uint32_t>(bits));
    if (!target) throw usage("--false-fraction, --soundness", core::describe(target.error()));
    return *target;
}

void SampleOptions::add_to(CLI::App& command) {
    command.add_option("--commitment", commitment, "verify this commitment instead of a proof")
        ->type_name("FILE");
    command.add_option("--opening", opening, "the nonces that the node shows of its commitment")
        ->type_name("FILE");
    command.add_option("--seed", seed, "randomness that nobody knew before the commitment, 32 bytes")
        ->type_name("HEX");
    command.add_option("--false-fraction", false_fraction, "share of false nonces that is to be caught")
        ->type_name("1/N");
    command.add_option("--soundness", soundness, "a cheat may pass once in 2^BITS; at least 1")
        ->type_name("BITS");
    command.add_option("--evidence", evidence, "on a false nonce, write the fraud proof here")
        ->type_name("FILE");
    command.add_option("--fraud-proof", fraud_proof, "verify this fraud proof: success convicts")
        ->type_name("FILE");
}

void SampleOptions::check() const {
    if (opening.has_value() != commitment.has_value()) throw usage("--commitment, --opening", "go together");
    if (seed.has_value() != false_fraction.has_value() || seed.has_value() != soundness.has_value()) {
        throw usage("--seed, --false-fraction, --soundness", "go together");
    }
    if (seed && !commitment) throw usage("--seed", "needs --commitment");
    if (evidence && !commitment) throw usage("--evidence", "needs --commitment");
}

Exit verify_commitment(const SampleOptions& options, const VerifyContext& context) {
    const SignalStop signals;
    const std::optional<Sample> sample = sample_of(options);
    context.expectation.check();
    const core::Bytes commitment_bytes = read_file(*options.commitment, proof::largest_commitment + 1);
    const core::Bytes opening_bytes = read_file(*options.opening, largest_opening);
    std::unique_ptr<NewFile> evidence;
    if (options.evidence) evidence = std::make_unique<NewFile>(*options.evidence, 0644);

    Report report;
    report.sampled = options.seed.has_value();
    const auto refuse = [&](const core::error& reason) {
        report.verdict.refusal = reason;
        return conclude(options, context, report);
    };
    const auto commitment = proof::Commitment::decode(commitment_bytes);
    if (!commitment) return refuse(commitment.error());
    report.claimed = commitment->claim.terms;
    report.verdict.claimed = commitment->claim.tree.count;
    const auto expected = expectation(context.expectation, *report.claimed);
    if (!expected) return refuse(expected.error());
    report.unchecked = expected->unchecked;
    if (!sample) report.unchecked.emplace_back("samples");
    context.expectation.model.require_opt_in(expected->config);
    if (auto same = verify_terms(expected->terms, *commitment, context.expectation, report.unchecked); !same)
        return refuse(same.error());
    const auto limits = limits_of(sample, commitment->claim);
    if (!limits) return refuse(limits.error());
    const auto opening = proof::Opening::decode(opening_bytes, *limits);
    if (!opening) return refuse(opening.error());
    const auto done = recompute(*expected, sample, *commitment, *opening, context, signals.token(), report);
    if (!done) return refuse(done.error());
    if (evidence && report.verdict.fraud_proof) {
        if (is_unsigned(*commitment))
            throw usage("--evidence", "the commitment has no signature: it convicts nobody");
        evidence->commit(report.verdict.fraud_proof->encode());
    }
    return conclude(options, context, report);
}

Exit verify_fraud_proof(const SampleOptions& options, const VerifyContext& context) {
    const SignalStop signals;
    context.expectation.check();
    const core::Bytes bytes = read_file(*options.fraud_proof, largest_fraud_proof);
    formats::FraudVerdict out;
    const auto refuse = [&](const core::error& reason) {
        out.reason = reason.code.name();
        if (context.json) fmt::print("{}\n", formats::to_json(out));
        tell(fmt::format("pouw verify: {}: refused: {}\n", printable(*options.fraud_proof),
                         core::describe(reason)));
        return Exit::refused;
    };
    const auto fraud_proof = proof::FraudProof::decode(bytes);
    if (!fraud_proof) return refuse(fraud_proof.error());
    const proof::Terms& claimed = fraud_proof->commitment.claim.terms;
    out.terms = claimed;
    const auto expected = expectation(context.expectation, claimed);
    if (!expected) return refuse(expected.error());
    out.unchecked = expected->unchecked;
    context.expectation.model.require_opt_in(expected->config);
    // Before weights are made: what costs no forward pass.
    if (auto accused = proof::accused_nonce(expected->terms, *fraud_proof); !accused)
        return refuse(accused.error());
    const pow::Race race = load(*expected, context, false, signals.token());
    const auto verified = proof::verify(expected->terms, *fraud_proof, race, {.stop = signals.token()});
    // No verdict on the fraud proof.
    if (!verified && (verified.error().code == core::errc::cancelled ||
                      verified.error().code == pow::errc::backend_failed)) {
        fail_with(*options.fraud_proof, verified.error());
    }
    if (!verified) return refuse(verified.error());
    const proof::FalseNonce& found = verified->false_nonce();
    if (context.json) {
        out.valid = true;
        out.false_nonce = formats::FalseNonce{found.nonce, found.squared_distance};
        out.evidence = verified->evidence();
        fmt::print("{}\n", formats::to_json(out));
    } else {
        print_conviction(*expected, *verified);
    }
    return expected->unchecked.empty() ? Exit::success : Exit::unchecked;
}

}  // namespace pouw::inline v1::cli
