#include "cli/command.hpp"
#include "cli/expectation.hpp"
#include "cli/files.hpp"
#include "cli/options.hpp"
#include "cli/verify_commitment.hpp"

#include "pouw/core/describe.hpp"
#include "pouw/proof/errc.hpp"
#include "pouw/proof/sampling.hpp"

#include <fmt/core.h>

#include <memory>

namespace pouw::inline v1::cli {
namespace {

struct OpenOptions {
    std::string file;
    std::string commitment;
    Text seed;
    Text false_fraction;
    Text soundness;
    Text ranks;
    Text nonces;
    std::string out;
    bool insecure = false;
    bool json = false;
};

void check(const OpenOptions& options) {
    const int ways = options.seed.has_value() + options.ranks.has_value() + options.nonces.has_value();
    if (ways != 1) throw usage("--seed, --rank, --nonce", "exactly one of them is required");
    if (options.seed.has_value() != options.false_fraction.has_value() ||
        options.seed.has_value() != options.soundness.has_value()) {
        throw usage("--seed, --false-fraction, --soundness", "go together");
    }
}

proof::OpeningRequest request(const OpenOptions& options, const proof::CommitmentClaim& claim) {
    proof::OpeningRequest out;
    if (options.ranks) out.ranks = parse_u64_list("--rank", *options.ranks);
    if (options.nonces) out.nonces = parse_u64_list("--nonce", *options.nonces);
    if (options.seed) {
        const proof::SoundnessTarget target = parse_target(*options.false_fraction, *options.soundness);
        const auto samples = proof::samples_for(target, claim.tree.count);
        if (!samples) throw refused("--soundness", core::describe(samples.error()));
        const proof::SamplingSeed seed{parse_fixed<core::BeaconOutput>("--seed", *options.seed)};
        out.ranks = proof::sample_ranks(seed, claim, *samples);
    }
    return out;
}

/// The commitment must be to this proof: openings of another tree would show nothing.
void require_same(const proof::CommitmentClaim& committed, const proof::Terms& terms,
                  const proof::TreeRoot& tree, const std::string& path) {
    if (const auto same = proof::verify_terms(committed.terms, terms); !same)
        throw refused(path, core::describe(same.error()));
    const auto differ = [&](core::error_code code) { return refused(path, code.message()); };
    if (committed.tree.count != tree.count) throw differ(proof::errc::count_mismatch);
    if (committed.tree.root != tree.root) throw differ(proof::errc::root_mismatch);
}

Exit run(const OpenOptions& options) {
    check(options);
    const auto commitment =
        proof::Commitment::decode(read_file(options.commitment, proof::largest_commitment + 1));
    if (!commitment) throw refused(options.commitment, core::describe(commitment.error()));
    const auto proof = proof::Proof::decode(read_file(options.file, largest_proof));
    if (!proof) throw refused(options.file, core::describe(proof.error()));
    require_sound_model(commitment->claim.terms.model, options.insecure);
    proof::OpeningRequest wanted = request(options, commitment->claim);
    NewFile out{options.out, 0644};
    proof::NonceTree tree{proof->claim.nonces};
    require_same(commitment->claim, proof->claim.terms, tree.root(), options.commitment);
    const auto opening = tree.open(std::move(wanted));
    if (!opening) throw refused("--rank", core::describe(opening.error()));
    const core::Bytes bytes = opening->encode();
    out.commit(bytes);
    const auto verified = proof::VerifiedOpening::create(commitment->claim.tree, *opening);
    const std::size_t shown = verified->leaves().size();
    if (options.json) {
        const Json json{
            {"shown", std::to_string(shown)}, {"bytes", std::to_string(bytes.size())}, {"out", options.out}};
        fmt::print("{}\n", json.dump(2));
        return Exit::success;
    }
    fmt::print("shown        {} of {} nonces\nwritten      {} ({} bytes)\n", shown, tree.count(), options.out,
               bytes.size());
    return Exit::success;
}

}  // namespace

void add_open_command(CLI::App& app, const SetExit& set_exit) {
    auto options = std::make_shared<OpenOptions>();
    CLI::App& command =
        *app.add_subcommand("open", "Show nonces of a commitment: the samples of a seed, or single ones");
    command.add_option("PROOF", options->file, "the proof that was committed to")->required();
    command.add_option("--commitment", options->commitment, "the commitment")->type_name("FILE")->required();
    command.add_option("--seed", options->seed, "randomness drawn after the commitment, 32 bytes")
        ->type_name("HEX");
    command
        .add_option("--false-fraction", options->false_fraction,
                    "share of false nonces that the verifier is to catch")
        ->type_name("1/N");
    command
        .add_option("--soundness", options->soundness,
                    "bits of the verifier: with the share, they say how many nonces are shown")
        ->type_name("BITS");
    command.add_option("--rank", options->ranks, "show the nonces of these ranks; 0 is the smallest")
        ->type_name("I[,I...]");
    command.add_option("--nonce", options->nonces, "show that these nonces are there, or are not")
        ->type_name("N[,N...]");
    command.add_option("--out", options->out, "file for the opening; never overwritten")
        ->type_name("FILE")
        ->required();
    command.add_flag("--insecure", options->insecure, "allow models that are not known to be sound");
    command.add_flag("--json", options->json, "print the summary as JSON");
    on_command(command, set_exit, [options] { return run(*options); });
}

}  // namespace pouw::inline v1::cli
