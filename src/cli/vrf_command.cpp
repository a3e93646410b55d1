#include "cli/vrf_command.hpp"

#include "pouw/core/bytes.hpp"
#include "pouw/crypto/initialize.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/vrf/vrf.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

namespace pouw::cli {
namespace {

using core::result;

constexpr int success = 0;
constexpr int refused = 1;
constexpr int usage = 2;

struct Arguments {
    std::string key_file;
    std::string public_key;
    std::string alpha;
    std::string proof;
    bool json = false;
};

int complain(int code, std::string_view what, const core::error& reason) {
    fmt::print(stderr, "pouw vrf: {}: {}\n", what, core::describe(reason));
    return code;
}

result<crypto::MasterSeed> read_key_file(const std::string& path) {
    std::FILE* file = std::fopen(path.c_str(), "rb");
    if (file == nullptr) return core::fail(core::errc::invalid_key_file, "it cannot be opened");
    // Unbuffered, so that the seed stays in memory that is wiped; one byte more than a key file has.
    std::setvbuf(file, nullptr, _IONBF, 0);
    crypto::Secret<struct FileTag, crypto::MasterSeedText::size + 1> text;
    const std::size_t size = std::fread(text.fill().data(), 1, text.size, file);
    std::fclose(file);
    return crypto::decode_master_seed({reinterpret_cast<const char*>(text.reveal().data()), size});
}

result<vrf::SecretKey> read_secret_key(const std::string& path) {
    if (const auto ready = crypto::initialize(); !ready) return core::unexpected{ready.error()};
    const auto seed = read_key_file(path);
    if (!seed) return core::unexpected{seed.error()};
    return vrf::SecretKey::derive(*seed);
}

int print_public_key(const Arguments& arguments) {
    const auto key = read_secret_key(arguments.key_file);
    if (!key) return complain(usage, "--key", key.error());
    const std::string hex = core::to_hex(key->public_key().bytes);
    if (arguments.json) {
        fmt::print("{}\n", nlohmann::ordered_json{{"public_key", hex}}.dump());
    } else {
        fmt::print("{}\n", hex);
    }
    return success;
}

int prove(const Arguments& arguments) {
    const auto alpha = core::from_hex(arguments.alpha);
    if (!alpha) return complain(usage, "--alpha", alpha.error());
    const auto key = read_secret_key(arguments.key_file);
    if (!key) return complain(usage, "--key", key.error());
    const vrf::Proof proof = key->prove(*alpha);
    const vrf::Output output = vrf::proof_to_hash(proof).value();
    const std::string public_hex = core::to_hex(key->public_key().bytes);
    const std::string proof_hex = core::to_hex(proof.bytes);
    const std::string beta_hex = core::to_hex(output.bytes);
    if (arguments.json) {
        const nlohmann::ordered_json object{
            {"public_key", public_hex}, {"proof", proof_hex}, {"beta", beta_hex}};
        fmt::print("{}\n", object.dump());
    } else {
        fmt::print("public_key {}\nproof {}\nbeta {}\n", public_hex, proof_hex, beta_hex);
    }
    return success;
}

result<vrf::Output> verify_bytes(core::ByteView key, core::ByteView alpha, core::ByteView proof) {
    const auto public_key = vrf::PublicKey::from(key);
    if (!public_key) return core::fail(core::errc::wrong_length, "a VRF key has 32 bytes");
    const auto typed_proof = vrf::Proof::from(proof);
    if (!typed_proof) return core::fail(core::errc::wrong_length, "a VRF proof has 80 bytes");
    return vrf::verify(*public_key, alpha, *typed_proof);
}

int verify(const Arguments& arguments) {
    const auto key = core::from_hex(arguments.public_key);
    if (!key) return complain(usage, "--public-key", key.error());
    const auto alpha = core::from_hex(arguments.alpha);
    if (!alpha) return complain(usage, "--alpha", alpha.error());
    const auto proof = core::from_hex(arguments.proof);
    if (!proof) return complain(usage, "--proof", proof.error());

    const auto output = verify_bytes(*key, *alpha, *proof);
    if (!output) {
        if (arguments.json) {
            const nlohmann::ordered_json object{{"valid", false},
                                                {"error", core::name(output.error().code)},
                                                {"reason", core::describe(output.error())}};
            fmt::print("{}\n", object.dump());
        }
        return complain(refused, "invalid", output.error());
    }
    const std::string beta = core::to_hex(output->bytes);
    if (arguments.json) {
        fmt::print("{}\n", nlohmann::ordered_json{{"valid", true}, {"beta", beta}}.dump());
    } else {
        fmt::print("{}\n", beta);
    }
    return success;
}

}  // namespace

void add_vrf_command(CLI::App& app, int& exit_code) {
    CLI::App* command =
        app.add_subcommand("vrf", "Verifiable randomness: ECVRF-EDWARDS25519-SHA512-TAI, RFC 9381");
    command->require_subcommand(1);
    const auto arguments = std::make_shared<Arguments>();
    const auto add = [&](const char* name, const char* description, int (*run)(const Arguments&)) {
        CLI::App* sub = command->add_subcommand(name, description);
        sub->add_flag("--json", arguments->json, "Print a JSON object");
        sub->callback([=, &exit_code] { exit_code = run(*arguments); });
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

}  // namespace pouw::cli
