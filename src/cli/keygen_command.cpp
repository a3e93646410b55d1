#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"

#include "pouw/crypto/initialize.hpp"
#include "pouw/crypto/keys.hpp"

#include <fmt/core.h>

#include <memory>

namespace pouw::inline v1::cli {
namespace {

struct KeygenOptions {
    std::string out;
    bool json = false;
};

Exit run(const KeygenOptions& options) {
    if (const auto ready = crypto::initialize(); !ready) fail_with("libsodium", ready.error());
    NewFile out{options.out, 0600};
    const crypto::MasterSeed seed = crypto::generate_master_seed();
    const crypto::MasterSeedText text = crypto::encode_master_seed(seed);
    out.commit(text.reveal());
    const std::string node = core::to_hex(crypto::SigningKey::derive(seed).public_key().view());
    if (options.json) {
        fmt::print("{}\n", to_text(Json{{"node", node}, {"out", options.out}}));
    } else {
        fmt::print("node         {}\nwritten      {}\n", node, options.out);
    }
    return Exit::success;
}

}  // namespace

void add_keygen_command(CLI::App& app, const SetExit& set_exit) {
    auto options = std::make_shared<KeygenOptions>();
    CLI::App& command =
        *app.add_subcommand("keygen", "Make a key file: one master seed, readable by its owner only");
    command.add_option("--out", options->out, "file for the key; never overwritten")
        ->type_name("FILE")
        ->required();
    command.add_flag("--json", options->json, "print JSON");
    on_command(command, set_exit, [options] { return run(*options); });
}

}  // namespace pouw::inline v1::cli
