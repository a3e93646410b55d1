// What the independent implementation (tests/reference/economics.py) gives, to the exact fraction.
#include "vectors.hpp"

#include "pouw/simulation/sensitivity.hpp"

#include <gtest/gtest.h>

namespace pouw::inline v1::simulation {
namespace {

using test::Json;
using test::u64;

core::Rate rate(const Json& decimal) { return core::Rate::create(u64(decimal)).value(); }

TEST(Vectors, Scenarios) {
    const Json scenarios = test::load_vectors("economics/operations.json")["scenarios"];
    for (const Json& entry : scenarios) {
        const Json& s = entry["scenario"];
        Scenario scenario{.tasks = u64(s["tasks"]),
                          .checks = u64(s["checks"]),
                          .fee = u64(s["fee"]),
                          .task_cost = u64(s["task_cost"]),
                          .cheap_cost = u64(s["cheap_cost"]),
                          .check_cost = u64(s["check_cost"]),
                          .votes = u64(s["votes"]),
                          .vote_cost = u64(s["vote_cost"]),
                          .check_rate = rate(s["check_rate_ppm"]),
                          .honest_checks = rate(s["honest_checks_ppm"]),
                          .catches_smaller = rate(s["catches_smaller_ppm"]),
                          .catches_random = rate(s["catches_random_ppm"]),
                          .planted = rate(s["planted_ppm"]),
                          .subsidy = rate(s["subsidy_ppm"]),
                          .upheld = rate(s["upheld_ppm"]),
                          .report_deposit = u64(s["report_deposit"]),
                          .coalition = rate(s["coalition_ppm"]),
                          .rules = {}};
        scenario.rules.training =
            economics::TrainingShare::create({}, core::Rate::percent(100), rate(s["training_ppm"])).value();
        scenario.rules.check_tolerance = rate(s["check_tolerance_ppm"]);
        scenario.rules.vote_tolerance = rate(s["vote_tolerance_ppm"]);
        if (!s["tolerated"].is_null()) {
            scenario.rules.conviction =
                economics::FixedCount{static_cast<std::uint32_t>(u64(s["tolerated"]))};
        }
        scenario.rules.false_result_fine = static_cast<std::uint32_t>(u64(s["false_result_fine"]));
        scenario.rules.reporter_share = rate(s["reporter_share_ppm"]);
        scenario.rules.bounty_share = rate(s["bounty_share_ppm"]);
        const auto findings = assess(scenario).value();
        ASSERT_EQ(findings.size(), entry["findings"].size());
        for (std::size_t i = 0; i < findings.size(); ++i) {
            const Json& row = entry["findings"][i];
            EXPECT_EQ(name(findings[i].strategy), row[0].get<std::string>());
            EXPECT_EQ(core::to_decimal(findings[i].break_even.numerator()), row[1].get<std::string>())
                << s << row;
            EXPECT_EQ(core::to_decimal(findings[i].break_even.denominator()), row[2].get<std::string>())
                << s << row;
            EXPECT_EQ(core::to_decimal(findings[i].actual.numerator()), row[3].get<std::string>())
                << s << row;
            EXPECT_EQ(core::to_decimal(findings[i].actual.denominator()), row[4].get<std::string>())
                << s << row;
        }
    }
}

}  // namespace
}  // namespace pouw::inline v1::simulation
