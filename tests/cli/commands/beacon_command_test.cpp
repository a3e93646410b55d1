#include "cli/commands/run_command.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

namespace pouw::inline v1::cli {
namespace {

using Json = nlohmann::json;

Outcome run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"beacon", "simulate"});
    return run_command(add_beacon_command, arguments);
}

TEST(BeaconCommand, ReportsCeremonies) {
    const Outcome outcome =
        run({"--nodes", "5", "--adversary", "0.4", "--strategy", "withhold", "--ceremonies", "40", "--json"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const Json report = Json::parse(outcome.out);
    EXPECT_EQ(report["coalition"], 2);
    EXPECT_EQ(report["completed"], "40");
    EXPECT_EQ(report["differing"], "0");
    EXPECT_EQ(report["outputs"].size(), 40u);
    EXPECT_GT(report["bias"]["naive_commit_reveal"]["frequency"].get<double>(), 0.7);
}

TEST(BeaconCommand, IsReproducibleOnAnyNumberOfThreads) {
    const std::vector<std::string> arguments{"--nodes", "4", "--ceremonies", "6", "--seed", "9", "--json"};
    auto threaded = arguments;
    threaded.insert(threaded.end(), {"--threads", "3"});
    EXPECT_EQ(run(arguments).out, run(threaded).out);
}

TEST(BeaconCommand, EveryStrategyRuns) {
    for (const char* strategy : {"honest", "withhold", "silent", "absent", "late", "equivocate", "lie"}) {
        const Outcome outcome = run({"--nodes", "5", "--strategy", strategy, "--ceremonies", "2"});
        EXPECT_EQ(outcome.exit_code, 0) << strategy << outcome.err;
        EXPECT_NE(outcome.out.find("completed 2"), std::string::npos) << outcome.out;
    }
}

TEST(BeaconCommand, SybilsAndBadRegistrantsAreStatedAndDoNotStopIt) {
    const Outcome outcome = run({"--nodes", "5", "--adversary", "0.2", "--strategy", "silent", "--keys", "8",
                                 "--bad-registrants", "6", "--ceremonies", "2", "--json"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const Json report = Json::parse(outcome.out);
    EXPECT_EQ(report["coalition"], 1);
    EXPECT_EQ(report["completed"], "2");
    EXPECT_EQ(report["total_weight"], "40");
    EXPECT_EQ(report["secrecy_bound_weight"], "16");
    EXPECT_GE(std::stoul(report["liveness_bound_weight"].get<std::string>()), 16u);
    EXPECT_EQ(report["dropped_holders"], 6);
}

TEST(BeaconCommand, UsageErrorsExitWith2AndOneLine) {
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"--adversary", "1.1"},
                                               {"--adversary", "-1"},
                                               {"--adversary", "x"},
                                               {"--adversary", ""},
                                               {"--strategy", "none"}}) {
        const Outcome outcome = run(arguments);
        EXPECT_EQ(outcome.exit_code, 2) << arguments[1];
        EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    }
    EXPECT_EQ(run({"--nodes", "0"}).exit_code, 2);
    EXPECT_EQ(run({"--nodes", "65"}).exit_code, 2);
    EXPECT_EQ(run({"--ceremonies", "0"}).exit_code, 2);
    EXPECT_EQ(run({"--keys", "0"}).exit_code, 2);
    EXPECT_EQ(run({"--seed", "-1"}).exit_code, 2);
}

}  // namespace
}  // namespace pouw::inline v1::cli
