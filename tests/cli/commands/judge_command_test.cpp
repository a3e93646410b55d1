#include "cli/command.hpp"
#include "cli/commands/run_command.hpp"
#include "vectors.hpp"

#include "pouw/judgement/record.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace pouw::inline v1::cli {
namespace {

using test::Json;
using Arguments = std::vector<std::string>;

Outcome judge(Arguments arguments) {
    arguments.insert(arguments.begin(), "judge");
    return run_command(add_judge_command, arguments);
}

Json json_of(Arguments arguments, int exit_code) {
    arguments.push_back("--json");
    const Outcome outcome = judge(arguments);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
    return Json::parse(outcome.out);
}

const Arguments binomial{"binomial", "--rate",   "1/10", "--significance",
                         "1/20",     "--checks", "200",  "--failures"};
const Arguments sprt{"sprt", "--honest", "5%", "--dishonest", "1/5"};
const Arguments consecutive{"consecutive", "--rate", "1/20", "--limit", "1/1000000", "--run"};

Arguments with(Arguments arguments, const Arguments& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

TEST(JudgeCommand, Binomial) {
    const Json acquitted = json_of(with(binomial, {"27"}), 0);
    EXPECT_EQ(acquitted["convicted"], false);
    EXPECT_EQ(acquitted["critical_failures"], 28);
    EXPECT_EQ(json_of(with(binomial, {"28"}), 1)["convicted"], true);
    EXPECT_EQ(json_of(with(binomial, {"0"}), 0)["p_value_times_2_63"], "9223372036854775808");
    const Json nobody = json_of(
        {"binomial", "--rate", "1/2", "--significance", "1/100", "--checks", "3", "--failures", "3"}, 0);
    EXPECT_TRUE(nobody["critical_failures"].is_null());
    EXPECT_EQ(judge(with(binomial, {"28"})).out.substr(0, 9), "convicted");
}

TEST(JudgeCommand, Sprt) {
    const auto verdict = [](const Arguments& more, int exit_code) {
        return json_of(with(sprt, more), exit_code)["verdict"];
    };
    EXPECT_EQ(verdict({"--limit", "4", "--failures", "2", "--passes", "0"}, 0), "undecided");
    EXPECT_EQ(verdict({"--limit", "4", "--failures", "3", "--passes", "0"}, 1), "convicted");
    EXPECT_EQ(verdict({"--limit", "4", "--failures", "0", "--passes", "24"}, 0), "acquitted");
    EXPECT_EQ(verdict({"--limit", "4", "--acceptance", "5", "--failures", "0", "--passes", "24"}, 0),
              "undecided");
    EXPECT_EQ(
        verdict({"--false-positive", "1/20", "--false-negative", "1/20", "--failures", "3", "--passes", "0"},
                1),
        "convicted");
}

TEST(JudgeCommand, Consecutive) {
    EXPECT_EQ(json_of(with(consecutive, {"4"}), 0)["run_to_convict"], 5);
    EXPECT_EQ(json_of(with(consecutive, {"5"}), 1)["convicted"], true);
}

TEST(JudgeCommand, Characteristic) {
    const Json found = json_of({"operating-characteristic", "--checks", "5", "--rate", "1/2", "--run-rate",
                                "1/20", "--run-limit", "1/1000000"},
                               0);
    EXPECT_NEAR(found["convicted"].get<double>(), 1.0 / 32, 1e-12);
    EXPECT_EQ(json_of({"operating-characteristic", "--checks", "5", "--rate", "0", "--epoch-rate", "1/20",
                       "--significance", "1/20"},
                      0)["convicted"],
              0.0);
}

TEST(JudgeCommand, UsageErrorsExitWith2) {
    for (const Arguments& arguments : std::vector<Arguments>{
             {},
             {"unknown"},
             {"binomial"},
             with(binomial, {"201"}),
             with(binomial, {"-1"}),
             with(binomial, {"4294967296"}),
             {"binomial", "--rate", "1/1", "--significance", "1/20", "--checks", "2", "--failures", "1"},
             {"binomial", "--rate", "x", "--significance", "1/20", "--checks", "2", "--failures", "1"},
             with(sprt, {"--failures", "1", "--passes", "1"}),
             with(sprt, {"--limit", "0", "--failures", "1", "--passes", "1"}),
             with(sprt, {"--limit", "4/0", "--failures", "1", "--passes", "1"}),
             with(sprt, {"--limit", "4", "--false-negative", "1/2", "--failures", "1", "--passes", "1"}),
             with(sprt, {"--acceptance", "4", "--false-positive", "1/9", "--false-negative", "1/9",
                         "--failures", "1", "--passes", "1"}),
             with(sprt,
                  {"--false-positive", "1/2", "--false-negative", "1/2", "--failures", "1", "--passes", "1"}),
             {"sprt", "--honest", "1/5", "--dishonest", "1/20", "--limit", "4", "--failures", "1", "--passes",
              "1"},
             {"consecutive", "--rate", "1/20", "--run", "1"},
             {"operating-characteristic", "--checks", "5", "--rate", "1/2"},
             {"operating-characteristic", "--checks", "5", "--rate", "3/2", "--epoch-rate", "1/20",
              "--significance", "1/20"},
             {"operating-characteristic", "--checks", "5000", "--rate", "1/2", "--epoch-rate", "1/20",
              "--significance", "1/20"},
             {"compare", "one.record"},
             {"compare", "/nonexistent", "/nonexistent", "--threshold", "1", "--mismatch-rate", "1/50",
              "--significance", "1/1000", "--seed", std::string(64, '0'), "--longest", "1"}}) {
        const Outcome outcome = judge(arguments);
        EXPECT_EQ(outcome.exit_code, 2) << testing::PrintToString(arguments) << outcome.out;
        EXPECT_EQ(outcome.out, "");
    }
}

class JudgeRecords : public testing::Test {
  protected:
    JudgeRecords() {
        using judgement::Candidate;
        const auto write = [](const std::string& path, const std::vector<Candidate>& candidates,
                              std::uint8_t request) {
            crypto::Hash256 id;
            id.bytes[0] = request;
            const core::Bytes bytes = judgement::InferenceRecord::create(id, {5}, candidates)->encode();
            std::ofstream{path, std::ios::binary}.write(reinterpret_cast<const char*>(bytes.data()),
                                                        static_cast<std::streamsize>(bytes.size()));
        };
        write(executor_, {{65536, 5}, {131072, 6}}, 0);
        write(checker_, {{65546, 5}, {131082, 6}}, 0);
        write(other_, {{65546, 5}, {131082, 6}}, 1);
        std::ofstream{broken_} << "pouwinf1";
    }
    Arguments compare(const std::string& checker, const std::string& threshold,
                      const std::string& longest = "1") const {
        return {"compare",
                executor_,
                checker,
                "--threshold",
                threshold,
                "--seed",
                std::string(64, '0'),
                "--temperature",
                "0",
                "--longest",
                longest,
                "--mismatch-rate",
                "1/50",
                "--significance",
                "1/1000"};
    }
    TestFolder folder_;
    std::string executor_ = folder_ / "executor";
    std::string checker_ = folder_ / "checker";
    std::string other_ = folder_ / "other";
    std::string broken_ = folder_ / "broken";
};

TEST_F(JudgeRecords, Compared) {
    const Json accepted = json_of(compare(checker_, "10"), 0);
    EXPECT_EQ(accepted["finding"], "accepted");
    EXPECT_EQ(accepted["distance"], 10);
    EXPECT_EQ(json_of(compare(checker_, "9"), 1)["finding"], "distant");
    EXPECT_EQ(json_of(compare(checker_, "10", "2"), 1)["finding"], "wrong_ending");
}

TEST_F(JudgeRecords, RefusedWithAReason) {
    const Outcome other = judge(compare(other_, "10"));
    EXPECT_EQ(other.exit_code, 1);
    EXPECT_NE(other.err.find("another request"), std::string::npos) << other.err;
    const Outcome broken = judge(compare(broken_, "10"));
    EXPECT_EQ(broken.exit_code, 1);
    EXPECT_NE(broken.err.find("truncated"), std::string::npos) << broken.err;
}

}  // namespace
}  // namespace pouw::inline v1::cli
