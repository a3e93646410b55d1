#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/options.hpp"

#include "pouw/core/bytes.hpp"
#include "pouw/core/describe.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/initialize.hpp"
#include "pouw/vrf/vrf.hpp"

#include <fmt/format.h>

#include <memory>
#include <string>

namespace pouw::inline v1::cli {
namespace {

using core::result;

struct Arguments {
    std::string key_file;
    std::string public_key;
    std::string alpha;
    std::string proof;
    bool json = false;
};

vrf::SecretKey read_secret_key(const std::string& path) {
    if (const auto ready = crypto::initialize(); !ready) fail_with("libsodium", ready.error());
    return vrf::SecretKey::derive(read_key_file(path));
}

Exit print_public_key(const Arguments& arguments) {
    const vrf::SecretKey key = read_secret_key(arguments.key_file);
    const std::string hex = core::to_hex(key.public_key().bytes);
    if (arguments.json) {
        fmt::print("{}\n", Json{{"vrf_key", hex}}.dump());
    } else {
        fmt::print("{}\n", hex);
    }
    return Exit::success;
}

Exit prove(const Arguments& arguments) {
    const core::Bytes alpha = parse_hex("--alpha", arguments.alpha);
    const vrf::SecretKey key = read_secret_key(arguments.key_file);
    const vrf::Proof proof = key.prove(alpha);
    const vrf::Output output = vrf::proof_to_hash(proof).value();
    const std::string key_hex = core::to_hex(key.public_key().bytes);
    const std::string proof_hex = core::to_hex(proof.bytes);
    const std::string beta_hex = core::to_hex(output.bytes);
    if (arguments.json) {
        const Json object{{"vrf_key", key_hex}, {"proof", proof_hex}, {"beta", beta_hex}};
        fmt::print("{}\n", object.dump());
    } else {
        fmt::print("vrf_key {}\nproof {}\nbeta {}\n", key_hex, proof_hex, beta_hex);
    }
    return Exit::success;
}

result<vrf::Output> verify_bytes(core::ByteView key, core::ByteView alpha, core::ByteView proof) {
    const auto public_key = vrf::PublicKey::from(key);
    if (!public_key) return core::fail(core::errc::wrong_length, "a VRF key has 32 bytes");
    const auto typed_proof = vrf::Proof::from(proof);
    if (!typed_proof) return core::fail(core::errc::wrong_length, "a VRF proof has 80 bytes");
    return vrf::verify(*public_key, alpha, *typed_proof);
}

Exit verify(const Arguments& arguments) {
    const core::Bytes key = parse_hex("--public-key", arguments.public_key);
    const core::Bytes alpha = parse_hex("--alpha", arguments.alpha);
    const core::Bytes proof = parse_hex("--proof", arguments.proof);
    const auto output = verify_bytes(key, alpha, proof);
    if (!output) {
        if (arguments.json) {
            const Json object{{"valid", false},
                              {"error", output.error().code.name()},
                              {"reason", core::describe(output.error())}};
            fmt::print("{}\n", object.dump());
        }
        throw refused("invalid", core::describe(output.error()));
    }
    const std::string beta = core::to_hex(output->bytes);
    if (arguments.json) {
        fmt::print("{}\n", Json{{"valid", true}, {"beta", beta}}.dump());
    } else {
        fmt::print("{}\n", beta);
    }
    return Exit::success;
}

}  // namespace

void add_vrf_command(CLI::App& app, const SetExit& set_exit) {
    CLI::App* command =
        app.add_subcommand("vrf", "Verifiable randomness: ECVRF-EDWARDS25519-SHA512-TAI, RFC 9381");
    command->require_subcommand(1);
    const auto arguments = std::make_shared<Arguments>();
    const auto add = [&](const char* name, const char* description, Exit (*run)(const Arguments&)) {
        CLI::App* sub = command->add_subcommand(name, description);
        sub->add_flag("--json", arguments->json, "Print a JSON object");
        on_command(*sub, set_exit, [=] { return run(*arguments); });
        return sub;
    };
    const auto add_alpha = [&](CLI::App* sub) {
        sub->add_option("--alpha", arguments->alpha, "The input in hexadecimal; \"\" is an input too")
            ->required();
    };

    CLI::App* public_key = add("public-key", "Print the node's VRF key", print_public_key);
    public_key->add_option("--key", arguments->key_file, "The node's key file")->required();

    CLI::App* prove_command = add("prove", "Prove the output for an input", prove);
    prove_command->add_option("--key", arguments->key_file, "The node's key file")->required();
    add_alpha(prove_command);

    CLI::App* verify_command = add("verify", "Verify a proof and print its output", verify);
    verify_command->add_option("--public-key", arguments->public_key, "The VRF key in hexadecimal")
        ->required();
    add_alpha(verify_command);
    verify_command->add_option("--proof", arguments->proof, "The proof in hexadecimal")->required();
}

}  // namespace pouw::inline v1::cli
