// Collections of test vectors that are not ours to carry: read from the folder that POUW_EXTRA_VECTORS names,
// with the files as their projects publish them (Wycheproof: ed25519, x25519, xchacha20_poly1305;
// ed25519-speccheck).
#include "pouw/core/bytes.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

namespace pouw::inline v1::crypto {
namespace {

using Json = nlohmann::json;

std::optional<Json> extra_vectors(const std::string& name) {
    const char* folder = std::getenv("POUW_EXTRA_VECTORS");
    if (folder == nullptr) return std::nullopt;
    // The folder itself, or the one that holds the collections of all modules.
    for (const char* subfolder : {"/", "/crypto/"}) {
        if (std::ifstream file{std::string{folder} + subfolder + name}) return Json::parse(file);
    }
    return std::nullopt;
}

core::Bytes bytes(const Json& hex) { return core::from_hex(hex.get<std::string>()).value(); }

bool verifies(const core::Bytes& key, const core::Bytes& message, const core::Bytes& signature) {
    return key.size() == 32 && signature.size() == 64 &&
           crypto_sign_ed25519_verify_detached(signature.data(), message.data(), message.size(),
                                               key.data()) == 0;
}

TEST(ExtraVectors, WycheproofEd25519) {
    const auto file = extra_vectors("wycheproof_ed25519.json");
    if (!file) GTEST_SKIP() << "POUW_EXTRA_VECTORS names no folder with this file";
    for (const Json& group : (*file)["testGroups"]) {
        const core::Bytes key = bytes(group["publicKey"]["pk"]);
        for (const Json& test : group["tests"]) {
            EXPECT_EQ(verifies(key, bytes(test["msg"]), bytes(test["sig"])), test["result"] == "valid")
                << test["tcId"];
        }
    }
}

TEST(ExtraVectors, WycheproofX25519) {
    const auto file = extra_vectors("wycheproof_x25519.json");
    if (!file) GTEST_SKIP() << "POUW_EXTRA_VECTORS names no folder with this file";
    for (const Json& group : (*file)["testGroups"]) {
        for (const Json& test : group["tests"]) {
            std::array<std::uint8_t, 32> shared{};
            const int code = crypto_scalarmult_curve25519(shared.data(), bytes(test["private"]).data(),
                                                          bytes(test["public"]).data());
            const core::Bytes expected = bytes(test["shared"]);
            const bool zero =
                std::all_of(expected.begin(), expected.end(), [](auto byte) { return byte == 0; });
            EXPECT_EQ(code != 0, zero) << test["tcId"];
            EXPECT_EQ(code == 0 && !std::equal(shared.begin(), shared.end(), expected.begin()), false)
                << test["tcId"];
        }
    }
}

TEST(ExtraVectors, WycheproofXChaCha20Poly1305) {
    const auto file = extra_vectors("wycheproof_xchacha20_poly1305.json");
    if (!file) GTEST_SKIP() << "POUW_EXTRA_VECTORS names no folder with this file";
    for (const Json& group : (*file)["testGroups"]) {
        for (const Json& test : group["tests"]) {
            const core::Bytes nonce = bytes(test["iv"]);
            if (nonce.size() != crypto_aead_xchacha20poly1305_ietf_NPUBBYTES) continue;
            core::Bytes sealed = bytes(test["ct"]);
            core::append(sealed, bytes(test["tag"]));
            core::Bytes opened(sealed.size());
            unsigned long long size = 0;
            const core::Bytes data = bytes(test["aad"]);
            const int code = crypto_aead_xchacha20poly1305_ietf_decrypt(
                opened.data(), &size, nullptr, sealed.data(), sealed.size(), data.data(), data.size(),
                nonce.data(), bytes(test["key"]).data());
            EXPECT_EQ(code == 0, test["result"] == "valid") << test["tcId"];
            opened.resize(size);
            EXPECT_TRUE(code != 0 || opened == bytes(test["msg"])) << test["tcId"];
        }
    }
}

// Only the fourth case verifies with libsodium: key and R of mixed order, cofactorless equation. Registration
// of such a key is refused (checked_public_key).
TEST(ExtraVectors, Ed25519Speccheck) {
    const auto file = extra_vectors("speccheck_cases.json");
    if (!file) GTEST_SKIP() << "POUW_EXTRA_VECTORS names no folder with this file";
    for (std::size_t i = 0; i < file->size(); ++i) {
        const Json& test = (*file)[i];
        EXPECT_EQ(verifies(bytes(test["pub_key"]), bytes(test["message"]), bytes(test["signature"])), i == 3)
            << i;
    }
}

}  // namespace
}  // namespace pouw::inline v1::crypto
