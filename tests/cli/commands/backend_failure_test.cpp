/// What the commands say and keep when a backend fails.
#include "cli/commands/run_command.hpp"
#include "pow/failing_backend.hpp"

#include "pouw/proof/verify.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace pouw::inline v1::cli {
namespace {

using pouw::test::FailingBackend;
using Arguments = std::vector<std::string>;

const FailingBackend failing{"failing"};
const bool registered = [] {
    pow::register_backend(failing, -1);
    return true;
}();

const Arguments race_of_the_tests{"--preset", "tiny", "--chain-id",   "x",
                                  "--height", "1",    "--block-hash", std::string(64, '1')};

Arguments with(Arguments arguments, const Arguments& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

/// The exit of a verification that was told nothing to expect.
constexpr int valid_unchecked = static_cast<int>(Exit::unchecked);

bool is_one_line(const std::string& text) {
    return std::count(text.begin(), text.end(), '\n') == 1 && text.back() == '\n';
}

class BackendFailure : public testing::Test {
  protected:
    BackendFailure() {
        failing.fail_after(FailingBackend::never);
        write_key_file(key_);
    }

    /// A race of nonces of which one in five passes, in batches as the scalar backend prefers them.
    [[nodiscard]] Outcome race(const std::string& out, const std::string& backend, unsigned threads) const {
        return run_command(add_race_command, with({"race", "--insecure", "--key", key_, "--out", out,
                                                   "--nonces", "200", "--probability", "1/5", "--threads",
                                                   std::to_string(threads), "--backend", backend},
                                                  race_of_the_tests));
    }

    void expect_failure(const Outcome& outcome) const {
        EXPECT_EQ(outcome.exit_code, 2);
        EXPECT_TRUE(is_one_line(outcome.err)) << outcome.err;
        EXPECT_NE(outcome.err.find("failing"), std::string::npos) << outcome.err;
        EXPECT_NE(outcome.err.find("the backend failed"), std::string::npos) << outcome.err;
    }

    TestFolder folder_;
    std::string key_ = folder_ / "key";
};

proof::Proof read_proof(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    const core::Bytes bytes{std::istreambuf_iterator<char>{file}, {}};
    return proof::Proof::decode(bytes).value();
}

TEST_F(BackendFailure, RaceWritesWhatItFound) {
    ASSERT_EQ(race(folder_ / "whole", "scalar", 1).exit_code, 0);
    const std::vector<std::uint64_t> all = read_proof(folder_ / "whole").claim.nonces;
    for (const unsigned threads : {1u, 2u}) {
        failing.fail_after(FailingBackend::never);
        ASSERT_TRUE(pow::select_backend("failing"));  // the known-answer test counts no batches
        failing.fail_after(20);
        const std::string out = folder_ / std::to_string(threads);
        const Outcome outcome = race(out, "failing", threads);
        expect_failure(outcome);
        const std::vector<std::uint64_t> found = read_proof(out).claim.nonces;
        EXPECT_GT(found.size(), 3u);
        EXPECT_LT(found.size(), all.size());
        EXPECT_TRUE(std::includes(all.begin(), all.end(), found.begin(), found.end()));
        EXPECT_EQ(run_command(add_verify_command, {"verify", "--insecure", out}).exit_code, valid_unchecked);
    }
}

TEST_F(BackendFailure, RaceWritesNothingWhenItFoundNothing) {
    ASSERT_TRUE(pow::select_backend("failing"));
    for (const unsigned threads : {1u, 2u}) {
        failing.fail_after(0);
        expect_failure(race(folder_ / "none", "failing", threads));
        EXPECT_FALSE(std::filesystem::exists(folder_ / "none"));
    }
    failing.fail_load(true);
    const Outcome outcome = race(folder_ / "none", "failing", 1);
    failing.fail_load(false);
    expect_failure(outcome);
    EXPECT_FALSE(std::filesystem::exists(folder_ / "none"));
}

TEST_F(BackendFailure, VerifyGivesNoVerdict) {
    ASSERT_EQ(race(folder_ / "proof", "scalar", 1).exit_code, 0);
    ASSERT_TRUE(pow::select_backend("failing"));
    for (const unsigned threads : {1u, 2u}) {
        for (const std::int64_t batches : {0, 1, 3}) {
            for (const std::string option : {"--json", "--low-memory"}) {
                failing.fail_after(batches);
                const Outcome outcome = run_command(
                    add_verify_command, {"verify", folder_ / "proof", "--insecure", "--backend", "failing",
                                         "--threads", std::to_string(threads), option});
                // Low memory takes the whole proof in one batch a thread.
                if (option == "--low-memory" && batches >= static_cast<std::int64_t>(threads)) {
                    EXPECT_EQ(outcome.exit_code, valid_unchecked);
                    continue;
                }
                expect_failure(outcome);
                EXPECT_EQ(outcome.out, "");
            }
        }
    }
}

TEST_F(BackendFailure, EvaluateSaysSo) {
    ASSERT_TRUE(pow::select_backend("failing"));
    failing.fail_after(0);
    const Outcome outcome =
        run_command(add_evaluate_command,
                    with({"evaluate", "--public-key", "00", "--nonce", "1,2", "--backend", "failing"},
                         race_of_the_tests));
    expect_failure(outcome);
    EXPECT_EQ(outcome.out, "");
}

}  // namespace
}  // namespace pouw::inline v1::cli
