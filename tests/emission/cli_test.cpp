#include "cli/emission_command.hpp"
#include "vectors.hpp"

#include "pouw/core/wide.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace pouw::inline v1::cli {
namespace {

using test::Json;

/// What the command line prints; throws what it throws.
std::string run(const std::string& arguments) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out{std::tmpfile(), &std::fclose};
    CLI::App app{"pouw"};
    app.require_subcommand(1);
    add_emission_command(app, out.get());
    app.parse(arguments);
    std::rewind(out.get());
    std::string text;
    for (int c = std::fgetc(out.get()); c != EOF; c = std::fgetc(out.get()))
        text.push_back(static_cast<char>(c));
    return text;
}

TEST(EmissionCommand, ListsTheNineSchedules) {
    std::vector<std::string> names;
    for (const Json& entry : Json::parse(run("emission list --json"))) {
        names.push_back(entry.at("name"));
        EXPECT_FALSE(entry.at("variants").empty());
        EXPECT_FALSE(entry.at("base_unit").get<std::string>().empty());
    }
    EXPECT_EQ(names,
              (std::vector<std::string>{"race-coin", "morpheus", "morpheus-additive", "aipg-paper",
                                        "aipg-chain", "bitcoin", "bittensor", "exponential", "heurist"}));
    for (const std::string& name : names) EXPECT_NE(run("emission list").find(name), std::string::npos);
}

TEST(EmissionCommand, EqualsTheReference) {
    const Json vectors = test::load_vectors("emission/schedules.json");
    const std::vector<std::pair<std::string, std::string>> commands{
        {"race-coin", "race-coin/minimum"},
        {"race-coin --variant demand", "race-coin/demand"},
        {"morpheus", "morpheus/day"},
        {"morpheus --variant second", "morpheus/second"},
        {"morpheus-additive", "morpheus-additive/day"},
        {"morpheus-additive --variant second", "morpheus-additive/second"},
        {"aipg-paper", "aipg-paper"},
        {"aipg-chain", "aipg-chain"},
        {"bitcoin", "bitcoin"},
        {"bittensor", "bittensor"},
        {"bittensor --variant issuance", "bittensor/issuance"},
        {"exponential", "exponential"},
        {"exponential --variant mainnet", "exponential/mainnet"},
        {"heurist", "heurist"}};
    for (const auto& [command, name] : commands) {
        const Json& rows = vectors.at(name).at("rows");
        // Some rows of each: the table of `exponential` is built again for every command.
        for (std::size_t i = 0; i < rows.size(); i += rows.size() / 8) {
            const Json& row = rows[i];
            const Json shown =
                Json::parse(run("emission show " + command + " --json --at " + row[0].get<std::string>()));
            EXPECT_EQ(shown.at("step"), row[0]);
            EXPECT_EQ(shown.at("reward"), row[1]);
            EXPECT_EQ(shown.at("cumulative"), row[2]);
            EXPECT_EQ(shown.at("phase"), row[3]);
            const auto total = core::from_decimal(vectors.at(name).at("total").get<std::string>()).value();
            const auto cumulative = core::from_decimal(row[2].get<std::string>()).value();
            EXPECT_EQ(shown.at("remaining"), core::to_decimal(total - cumulative));
        }
    }
}

TEST(EmissionCommand, RangesIncludeBothEnds) {
    EXPECT_EQ(run("emission show bitcoin --from 0 --to 420000 --step 210000 --csv"),
              "step,reward,cumulative,remaining,phase\n"
              "0,5000000000,0,2099999997690000,0\n"
              "210000,2500000000,1050000000000000,1049999997690000,1\n"
              "420000,1250000000,1575000000000000,524999997690000,2\n");
    EXPECT_EQ(Json::parse(run("emission show bitcoin --from 5 --to 9 --step 3 --json")).size(), 2u);
    EXPECT_EQ(
        Json::parse(run("emission show bitcoin --from 18446744073709551610 --to 18446744073709551615 --json"))
            .size(),
        6u);
    EXPECT_EQ(Json::parse(run("emission show bitcoin --from 7 --to 7 --json")).size(), 1u);
    EXPECT_NE(run("emission show bitcoin --from 0 --to 2").find("5000000000"), std::string::npos);
}

TEST(EmissionCommand, RefusesWhatIsWrong) {
    for (const char* wrong : {"emission",
                              "emission show",
                              "emission show bitcoin",
                              "emission show nothing --at 1",
                              "emission show bitcoin --at -1",
                              "emission show bitcoin --at=-1",
                              "emission show bitcoin --at 18446744073709551616",
                              "emission show bitcoin --at 340282366920938463463374607431768211456",
                              "emission show bitcoin --at 1.5",
                              "emission show bitcoin --at 0x10",
                              "emission show bitcoin --at 01",
                              "emission show bitcoin --at",
                              "emission show bitcoin --from 1",
                              "emission show bitcoin --to 1",
                              "emission show bitcoin --from 2 --to 1",
                              "emission show bitcoin --from 1 --to 2 --step 0",
                              "emission show bitcoin --from 1 --to 2 --step -1",
                              "emission show bitcoin --at 1 --to 2",
                              "emission show bitcoin --at 1 --step 2",
                              "emission show bitcoin --at 1 --csv --json",
                              "emission show bitcoin --at 1 --variant day",
                              "emission show bitcoin --from 0 --to 18446744073709551615",
                              "emission show bitcoin --at 1 more",
                              "emission list more"})
        EXPECT_THROW(run(wrong), CLI::ParseError) << wrong;
}

}  // namespace
}  // namespace pouw::inline v1::cli
