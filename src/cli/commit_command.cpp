#include "cli/command.hpp"
#include "cli/expectation.hpp"
#include "cli/files.hpp"
#include "cli/options.hpp"

#include "pouw/core/describe.hpp"
#include "pouw/crypto/initialize.hpp"
#include "pouw/proof/commitment.hpp"
#include "pouw/proof/errc.hpp"

#include <fmt/core.h>

#include <memory>

namespace pouw::inline v1::cli {
namespace {

struct CommitOptions {
    std::string file;
    Text key;
    Text ranges;
    std::string out;
    bool insecure = false;
    bool json = false;
};

std::vector<proof::NonceRange> parse_ranges(const Text& text) {
    std::vector<proof::NonceRange> ranges;
    if (!text) return ranges;
    for (std::string_view rest{*text};;) {
        const std::size_t comma = rest.find(',');
        const std::string_view range = rest.substr(0, comma);
        const std::size_t dash = range.find('-');
        if (dash == std::string_view::npos) throw usage("--ranges", "expected FIRST-LAST[,FIRST-LAST...]");
        ranges.push_back(
            {parse_u64("--ranges", range.substr(0, dash)), parse_u64("--ranges", range.substr(dash + 1))});
        if (comma == std::string_view::npos) break;
        rest.remove_prefix(comma + 1);
    }
    if (!proof::are_ascending(ranges)) throw usage("--ranges", "must ascend and not overlap");
    if (ranges.size() > proof::largest_range_count) throw usage("--ranges", "at most 4096 of them");
    return ranges;
}

/// The proof in a file, with a signature that verifies.
proof::Proof read_signed_proof(const std::string& path) {
    if (auto ready = crypto::initialize(); !ready) fail_with("commit", ready.error());
    const core::Bytes bytes = read_file(path, largest_proof);
    const auto terms = proof::Proof::claimed_terms(bytes);
    if (!terms) throw refused(path, core::describe(terms.error()));
    auto proof = proof::Proof::decode_verified(*terms, bytes);
    if (!proof) throw refused(path, core::describe(proof.error()));
    return *std::move(proof);
}

Exit run(const CommitOptions& options) {
    const auto ranges = parse_ranges(options.ranges);
    std::optional<crypto::SigningKey> key;
    if (options.key) key = crypto::SigningKey::derive(read_key_file(*options.key));
    const proof::Proof proof = read_signed_proof(options.file);
    require_sound_model(proof.claim.terms.model, options.insecure);
    if (key && key->public_key() != proof.claim.terms.node) {
        throw refused("--key", core::error_code{proof::errc::node_mismatch}.message());
    }
    NewFile out{options.out, 0644};
    auto claim = proof::commitment_claim(proof.claim, ranges);
    if (!claim) throw refused("--ranges", core::describe(claim.error()));
    const proof::TreeRoot tree = claim->tree;
    const std::string digest = core::to_hex(proof::signing_digest(*claim).view());
    const proof::Commitment commitment = key ? proof::sign(*std::move(claim), *key)
                                             : proof::Commitment{*std::move(claim), crypto::Signature{}};
    out.commit(commitment.encode());
    const std::string root = core::to_hex(tree.root.view());
    if (options.json) {
        const Json json{{"root", root},
                        {"count", std::to_string(tree.count)},
                        {"signed", key.has_value()},
                        {"signing_digest", digest},
                        {"out", options.out}};
        fmt::print("{}\n", json.dump(2));
        return Exit::success;
    }
    fmt::print("root         {}\ncount        {}\n", root, tree.count);
    if (!key) fmt::print("unsigned     sign {} and put the signature at the end, or say --key\n", digest);
    fmt::print("written      {}\n", options.out);
    return Exit::success;
}

}  // namespace

void add_commit_command(CLI::App& app, const SetExit& set_exit) {
    auto options = std::make_shared<CommitOptions>();
    CLI::App& command = *app.add_subcommand("commit", "Commit to the nonces of a proof by root and count");
    command.add_option("PROOF", options->file, "the proof")->required();
    command
        .add_option("--key", options->key, "key file of the node; without it the commitment is not signed")
        ->type_name("FILE");
    command.add_option("--ranges", options->ranges, "declare what was scanned completely")
        ->type_name("A-B[,C-D...]");
    command.add_option("--out", options->out, "file for the commitment; never overwritten")
        ->type_name("FILE")
        ->required();
    command.add_flag("--insecure", options->insecure, "allow models that are not known to be sound");
    command.add_flag("--json", options->json, "print the summary as JSON");
    on_command(command, set_exit, [options] { return run(*options); });
}

}  // namespace pouw::inline v1::cli
