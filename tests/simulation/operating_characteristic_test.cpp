#include "pouw/simulation/operating_characteristic.hpp"

#include "vectors.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace pouw::inline v1::simulation {
namespace {

using core::Fraction;
using judgement::EpochRule;
using judgement::Judge;
using judgement::JudgementRules;
using judgement::RunRule;
using judgement::SequentialRule;
using test::Json;

const RunRule run_rule{{1, 20}, {1, 1'000'000}};
const SequentialRule sequential_rule{{1, 20}, {1, 5}, stats::LogarithmLimits{{4, 1}, {4, 1}}};
const EpochRule epoch_rule{{1, 10}, {1, 20}};

Judge judge_of(const JudgementRules& rules) { return Judge::create(rules).value(); }

TEST(OperatingCharacteristic, AgreesWithSimulation) {
    const Json vector = test::load_vectors("judgement/judgement.json");
    const Judge judge = judge_of({run_rule, sequential_rule, epoch_rule});
    const double each = vector["sequences"].get<double>() / 4;
    for (std::size_t i = 0; i < 4; ++i) {
        const Fraction rate = test::fraction(vector["rates"][i]);
        const double failure_rate =
            static_cast<double>(rate.numerator) / static_cast<double>(rate.denominator);
        const OperatingCharacteristic computed =
            operating_characteristic(judge, vector["length"], failure_rate);
        const double chances[] = {1 - computed.convicted, computed.by_run, computed.by_sequential,
                                  computed.by_epoch};
        for (std::size_t rule = 0; rule < 4; ++rule) {
            const double expected = each * chances[rule];
            // Five standard deviations, and something for chances near 0.
            EXPECT_NEAR(vector["rules"][i][rule].get<double>(), expected,
                        5 * std::sqrt(expected * (1 - chances[rule])) + 3)
                << i << ' ' << rule;
        }
    }
}

TEST(OperatingCharacteristic, ByHand) {
    const Judge run = judge_of({run_rule, {}, {}});
    EXPECT_NEAR(operating_characteristic(run, 5, 0.5).convicted, 1.0 / 32, 1e-12);
    EXPECT_NEAR(operating_characteristic(run, 6, 0.5).convicted, 3.0 / 64, 1e-12);
    EXPECT_NEAR(operating_characteristic(run, 5, 0.5).average_sample_number, 5, 1e-12);
    EXPECT_NEAR(operating_characteristic(run, 100, 1).average_sample_number, 5, 1e-12);
    EXPECT_EQ(operating_characteristic(run, 100, 0).convicted, 0);
    // A coin against 1/10: 28 failures of 200 convict.
    const Judge epoch = judge_of({{}, {}, epoch_rule});
    EXPECT_NEAR(operating_characteristic(epoch, 1, 0.25).convicted, 0,
                1e-12);  // one failure of one has a chance of 1/10
    EXPECT_NEAR(operating_characteristic(epoch, 2, 0.25).convicted, 1.0 / 16, 1e-12);
}

/// The cells of the rows of a page's table that start with `| first |`.
std::vector<std::vector<std::string>> rows_of(const std::string& page, const std::string& first) {
    std::ifstream file{std::string{POUW_VECTORS} + "/../../docs/" + page};
    std::vector<std::vector<std::string>> rows;
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with("| " + first + " |")) continue;
        std::vector<std::string> cells;
        for (std::size_t start = 2, end = 0; (end = line.find(" |", start)) != std::string::npos;
             start = end + 3) {
            cells.push_back(line.substr(start, end - start));
        }
        rows.push_back(cells);
    }
    return rows;
}

// What docs/spec/judgement.md prints, to the digits that it prints.
TEST(OperatingCharacteristic, TheTableOfTheSpecification) {
    const SequentialRule strict{{1, 100}, {1, 10}, stats::ErrorRates{{1, 1'000'000}, {1, 100}}};
    const std::pair<std::string, JudgementRules> sets[] = {
        {"A", {run_rule, sequential_rule, epoch_rule}},
        {"B", {RunRule{{1, 100}, {1, 10'000'000}}, strict, EpochRule{{1, 100}, {1, 1'000'000}}}}};
    for (const auto& [title, rules] : sets) {
        const Judge judge = judge_of(rules);
        const auto rows = rows_of("spec/judgement.md", title);
        EXPECT_GE(rows.size(), 10u);
        for (const auto& cells : rows) {
            ASSERT_EQ(cells.size(), 8u);
            const auto checks = static_cast<std::uint32_t>(std::stoul(cells[1]));
            const OperatingCharacteristic computed =
                operating_characteristic(judge, checks, std::stod(cells[2]));
            const double values[] = {computed.convicted, computed.by_run, computed.by_sequential,
                                     computed.by_epoch};
            for (std::size_t i = 0; i < 4; ++i) {
                EXPECT_EQ(fmt::format("{:.2e}", values[i]), cells[3 + i])
                    << title << ' ' << cells[1] << ' ' << cells[2];
            }
            EXPECT_EQ(fmt::format("{:.1f}", computed.average_sample_number), cells[7]);
        }
    }
}

}  // namespace
}  // namespace pouw::inline v1::simulation
