#include "cli/commands/run_command.hpp"
#include "vectors.hpp"

#include "pouw/crypto/keys.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

namespace pouw::inline v1::cli {
namespace {

using test::Json;

Outcome run(const std::vector<std::string>& arguments) { return run_command(add_vrf_command, arguments); }

bool is_one_line(const std::string& text) {
    return std::count(text.begin(), text.end(), '\n') == 1 && text.back() == '\n';
}

class VrfCommand : public testing::Test {
  protected:
    VrfCommand() { write_key_file(key_file_); }

    TestFolder folder_;
    std::string key_file_ = folder_ / "key";
};

TEST_F(VrfCommand, ProvesWhatItVerifies) {
    for (const std::string alpha : {"", "00", "deadBEEF"}) {
        const Outcome key = run({"vrf", "public-key", "--key", key_file_, "--json"});
        ASSERT_EQ(key.exit_code, 0) << key.err;
        const std::string vrf_key = Json::parse(key.out)["vrf_key"];
        const Outcome proved = run({"vrf", "prove", "--key", key_file_, "--alpha", alpha, "--json"});
        ASSERT_EQ(proved.exit_code, 0) << proved.err;
        const Json object = Json::parse(proved.out);
        const std::string proof = object["proof"];
        const Outcome verified =
            run({"vrf", "verify", "--public-key", vrf_key, "--alpha", alpha, "--proof", proof, "--json"});
        ASSERT_EQ(verified.exit_code, 0) << verified.err;
        EXPECT_EQ(Json::parse(verified.out)["beta"], object["beta"]);
        EXPECT_EQ(run({"vrf", "verify", "--public-key", vrf_key, "--alpha", alpha + "00", "--proof", proof})
                      .exit_code,
                  1);
    }
}

TEST_F(VrfCommand, VerifiesTheRfcExamples) {
    const Json file = test::load_vectors("vrf/rfc9381.json");
    for (const Json& vector : file["vectors"]) {
        const Outcome outcome = run({"vrf", "verify", "--public-key", vector["PK"], "--alpha",
                                     vector["alpha"], "--proof", vector["pi"]});
        EXPECT_EQ(outcome.exit_code, 0);
        EXPECT_EQ(outcome.out, vector["beta"].get<std::string>() + "\n");
    }
}

TEST_F(VrfCommand, SaysWhyAProofIsInvalid) {
    const std::string key = std::string("01") + std::string(62, '0');
    const Outcome outcome = run(
        {"vrf", "verify", "--public-key", key, "--alpha", "", "--proof", std::string(160, '0'), "--json"});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_EQ(Json::parse(outcome.out)["error"], "invalid_vrf_key");
    EXPECT_TRUE(is_one_line(outcome.err));
    const Outcome shorter = run(
        {"vrf", "verify", "--public-key", key, "--alpha", "", "--proof", std::string(158, '0'), "--json"});
    EXPECT_EQ(shorter.exit_code, 1);
    EXPECT_EQ(Json::parse(shorter.out)["error"], "wrong_length");
}

TEST_F(VrfCommand, UsageErrorsExitWith2) {
    for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
             {"vrf"},
             {"vrf", "prove", "--key", key_file_},
             {"vrf", "prove", "--key", key_file_, "--alpha", "0"},
             {"vrf", "prove", "--key", key_file_, "--alpha", "zz"},
             {"vrf", "prove", "--key", "/nonexistent", "--alpha", ""},
             {"vrf", "public-key", "--key", "/dev/null"},
             {"vrf", "verify", "--public-key", "xy", "--alpha", "", "--proof", "00"},
             {"vrf", "verify", "--public-key", "00", "--alpha", "", "--proof", "x"}}) {
        EXPECT_EQ(run(arguments).exit_code, 2) << arguments.back();
    }
    const Outcome outcome = run({"vrf", "public-key", "--key", "/dev/null"});
    EXPECT_TRUE(is_one_line(outcome.err)) << outcome.err;
}

TEST_F(VrfCommand, PrintsNoSecret) {
    const Outcome outcome = run({"vrf", "prove", "--key", key_file_, "--alpha", "00"});
    EXPECT_EQ((outcome.out + outcome.err).find("77777777"), std::string::npos);
}

}  // namespace
}  // namespace pouw::inline v1::cli
