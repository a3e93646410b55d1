#include "pouw/formats/parameters.hpp"

#include "formats/texts.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/economics/errc.hpp"

namespace pouw::inline v1::formats {
namespace {

using namespace economics;

TEST(Parameters, AreWrittenAndRead) {
    Rules rules;
    rules.vote_tolerance = core::Rate::percent(7);
    rules.false_result_fine = 5;
    rules.report_deposit = core::max_amount;
    for (const ConvictionRule& rule :
         {ConvictionRule{FixedCount{3}}, ConvictionRule{judgement::EpochRule{{2, 100}, {1, 777}}}}) {
        rules.conviction = rule;
        EXPECT_EQ(parse_rules(to_json(rules)).value(), rules);
    }
    for (const Growth growth : {Growth::linear, Growth::exponential, Growth::deployed}) {
        const ReputationCurve curve{.growth = growth, .epochs_to_full = 7, .penalty = 9};
        EXPECT_EQ(parse_reputation_curve(to_json(curve)).value(), curve);
    }
    const Issuance issuance{core::Rate::percent(90), 5, 7};
    EXPECT_EQ(parse_issuance(to_json(issuance)).value(), issuance);
    for (const std::optional<core::Rate> step :
         {std::optional<core::Rate>{}, std::optional{core::Rate::percent(3)}}) {
        const PriceBounds bounds{2, 1000, step};
        EXPECT_EQ(parse_price_bounds(to_json(bounds)).value(), bounds);
    }
}

TEST(Parameters, TheTrainingShareIsThatOfGovernance) {
    Rules rules;
    ASSERT_TRUE(rules.training.adjust(core::Rate::percent(25), 5));
    EXPECT_EQ(parse_rules(to_json(rules)).value(), rules);
    rules.training = TrainingShare::create(core::Rate::percent(10), core::Rate::percent(30)).value();
    EXPECT_EQ(parse_rules(to_json(rules)).value(), rules);
    const std::string text = to_json(rules);
    expect_refused(parse_rules(replaced(text, R"("training_ppm":"200000")", R"("training_ppm":"300001")")),
                   economics::errc::share_out_of_bounds, "training_ppm");
    expect_refused(
        parse_rules(replaced(text, R"("training_lowest_ppm":"100000")", R"("training_lowest_ppm":"200001")")),
        economics::errc::invalid_rules, "training_ppm");
}

TEST(Parameters, OutOfRangeAreRefused) {
    const std::string rules = to_json(Rules{});
    const std::string curve = to_json(ReputationCurve{});
    expect_refused(
        parse_rules(replaced(rules, R"("work_tolerance_ppm":"100000")", R"("work_tolerance_ppm":"1000000")")),
        economics::errc::invalid_rules, "");
    expect_refused(
        parse_rules(replaced(rules, R"("false_result_fine":"3")", R"("false_result_fine":"4294967296")")),
        core::errc::overflow, "false_result_fine");
    const std::string rate = R"({"numerator":"1","denominator":"100"})";
    expect_refused(parse_rules(replaced(rules, rate, R"({"numerator":"1","denominator":"0"})")),
                   core::errc::invalid_fraction, "conviction.honest_rate.denominator");
    expect_refused(parse_rules(replaced(rules, rate, R"({"numerator":"1","denominator":"1"})")),
                   economics::errc::invalid_rules, "");
    expect_refused(parse_rules(replaced(rules, R"("honest_rate":)", R"("tolerated":"0","honest_rate":)")),
                   formats::errc::unknown_field, "conviction.honest_rate");
    expect_refused(parse_rules(replaced(rules, R"("honest_rate":)", R"("rate":)")),
                   formats::errc::missing_field, "conviction.honest_rate");
    expect_refused(
        parse_reputation_curve(replaced(curve, R"("epochs_to_full":"30")", R"("epochs_to_full":"0")")),
        economics::errc::invalid_rules, "");
    expect_refused(parse_reputation_curve(replaced(curve, "linear", "quadratic")),
                   formats::errc::expected_choice, "growth");
    EXPECT_EQ(describe(parse_reputation_curve(replaced(curve, "linear", "quadratic")).refusal()),
              "growth: expected one of: linear, exponential, deployed");
}

}  // namespace
}  // namespace pouw::inline v1::formats
