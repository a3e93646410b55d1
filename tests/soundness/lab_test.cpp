/// The lab itself: it must be able to fail.
#include "pouw/soundness/lab.hpp"

#include "pouw/pow/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pouw::inline v1::soundness {
namespace {

/// As few as still take every path: most of the time of the tests under sanitizers is spent here.
constexpr Samples few{.outputs = 1200,
                      .token_outputs = 256,
                      .scored_outputs = 512,
                      .states = 128,
                      .approximations = 32,
                      .permutations = 512,
                      .shared_permutations = 1024,
                      .control_outputs = 128,
                      .weak_outputs = 128,
                      .skipped = 8,
                      .races = 3,
                      .race_outputs = 100,
                      .own_races = 3,
                      .own_race_outputs = 100};

Subject tiny_subject() { return {"tiny", pow::preset("tiny").value(), 1.10, few}; }

Control control(Variant variant, Control::Method method, double required) {
    return {.variant = std::move(variant), .method = method, .required = required};
}

pow::ModelConfig textbook() {
    pow::ModelConfig config = pow::preset("tiny").value();
    config.layers = 8;
    config.ffn_shift += 3;
    config.ffn_residual_shift -= 2;
    return config;
}

/// One that is broken by a mean, one that is sound, one that is not as broken as is claimed, and one that is
/// broken by its residual stream.
std::vector<Control> some_controls() {
    const Variant relu{.name = "ReLU", .config = textbook(), .activation = Activation::relu};
    Variant specified{.name = "called broken", .config = pow::preset("tiny").value()};
    specified.config.layers = 16;
    return {control(relu, Control::Method::first_moment, 5),
            control(specified, Control::Method::first_moment, 1),
            control(relu, Control::Method::first_moment, 1e6), control(relu, Control::Method::early_exit, 1)};
}

Report run_with_threads(unsigned threads) {
    return run(tiny_subject(), {.threads = threads, .controls = some_controls()}).value();
}

/// The run that the tests share.
const Report& shared_report() {
    static const Report report = run_with_threads(2);
    return report;
}

TEST(Lab, FindsThatFourLayersAreTooFew) {
    const Report& report = shared_report();
    EXPECT_TRUE(report.complete);
    EXPECT_FALSE(report.passed());
    const auto finding = [](const AttackResult& a) { return a.verdict == Verdict::finding; };
    EXPECT_TRUE(std::any_of(report.attacks.begin(), report.attacks.end(), finding));
    const auto count_of = [&](std::string_view family) {
        return std::count_if(report.attacks.begin(), report.attacks.end(),
                             [&](const AttackResult& a) { return a.family == family; });
    };
    EXPECT_EQ(count_of("early exit"), 4);
    EXPECT_EQ(count_of("chance to pass"), 6);  // tokens, input, and the state after 0 to 3 layers
    EXPECT_GT(count_of("exact arithmetic"), 0);
}

TEST(Lab, FlagsBrokenControlsAndMissesThoseThatAreNot) {
    const Report& report = shared_report();
    ASSERT_EQ(report.controls.size(), 5);  // binding input is always one
    EXPECT_EQ(report.controls[1].verdict, Verdict::flagged);
    EXPECT_EQ(report.controls[2].verdict, Verdict::missed);  // the specified network
    EXPECT_EQ(report.controls[3].verdict, Verdict::missed);  // a factor that is not reached
}

TEST(Lab, LearnsTheChanceFromTheOutputItself) {
    const Report& report = shared_report();
    const auto found = std::find_if(report.health.begin(), report.health.end(), [](const HealthResult& h) {
        return h.property == "chance to pass, predicted from the output: correlation";
    });
    ASSERT_NE(found, report.health.end());
    EXPECT_EQ(found->verdict, Verdict::passed);
}

TEST(Lab, DoesNotDependOnThreads) {
    const Report& two = shared_report();
    const Report three = run_with_threads(3);
    ASSERT_EQ(two.attacks.size(), three.attacks.size());
    for (std::size_t i = 0; i < two.attacks.size(); ++i) {
        EXPECT_EQ(two.attacks[i].attack, three.attacks[i].attack);
        EXPECT_NEAR(two.attacks[i].decisive().estimate, three.attacks[i].decisive().estimate, 1e-9)
            << two.attacks[i].attack;
        EXPECT_NEAR(two.attacks[i].decisive().high, three.attacks[i].decisive().high, 1e-9)
            << two.attacks[i].attack;
    }
}

TEST(Lab, SaysThatAStoppedRunIsNotComplete) {
    std::stop_source stop;
    int steps = 0;
    const LabProgress progress = [&](std::string_view, double) {
        if (++steps == 20) stop.request_stop();
    };
    const Report report =
        run(tiny_subject(), {.threads = 1, .progress = progress, .stop = stop.get_token()}).value();
    EXPECT_FALSE(report.complete);
    EXPECT_FALSE(report.passed());
}

TEST(Report, JudgesByTheWorseRateAndTheBound) {
    AttackResult attack;
    attack.speed_ups[0].chosen.speed_up = {0.97, 0.98, 0.99};
    attack.speed_ups[1].chosen.speed_up = {0.99, 1.00, 1.02};
    EXPECT_EQ(judge(attack, 1.03), Verdict::passed);
    EXPECT_EQ(judge(attack, 1.015), Verdict::undecided);
    attack.speed_ups[0].chosen.speed_up = {1.011, 1.02, 1.029};
    EXPECT_EQ(judge(attack, 1.03), Verdict::finding);
    attack.bound = {Interval{1, 1, 1.01}, Interval{1, 1, 1.01}};
    EXPECT_EQ(judge(attack, 1.03), Verdict::passed);
    EXPECT_EQ(judge(AttackResult{}, 1.03), Verdict::undecided);  // nothing was measured
}

TEST(Report, PassesOnlyWhenEverythingDoes) {
    Report report;
    report.complete = true;
    EXPECT_FALSE(report.passed()) << "without attacks and controls nothing is shown";
    report.attacks.emplace_back().verdict = Verdict::passed;
    EXPECT_FALSE(report.passed());
    report.controls.emplace_back().verdict = Verdict::flagged;
    EXPECT_TRUE(report.passed());
    for (const Verdict bad : {Verdict::undecided, Verdict::finding}) {
        report.attacks[0].verdict = bad;
        EXPECT_FALSE(report.passed());
    }
    report.attacks[0].verdict = Verdict::passed;
    report.controls[0].verdict = Verdict::missed;
    EXPECT_FALSE(report.passed());
    report.controls[0].verdict = Verdict::flagged;
    report.health.emplace_back().verdict = Verdict::finding;
    EXPECT_FALSE(report.passed());
    report.health.clear();
    report.complete = false;
    EXPECT_FALSE(report.passed());
}

TEST(Report, NeverCallsPassedWhatBindingOutputRulesOut) {
    AttackResult attack;
    attack.verdict = Verdict::passed;
    attack.output_binding = OutputBinding::impossible;
    pow::ModelConfig config = pow::preset("whitepaper").value();
    EXPECT_EQ(verdict_on(attack, config), "not possible; within the gate at binding input");
    attack.verdict = Verdict::finding;
    EXPECT_EQ(verdict_on(attack, config), to_string(Verdict::finding));
    attack.verdict = Verdict::passed;
    config.permutation_binding = pow::PermutationBinding::input;
    EXPECT_EQ(verdict_on(attack, config), to_string(Verdict::passed));
}

TEST(Report, ABarInAPropertyEndsNoCell) {
    Report report;
    report.health.push_back(
        {.property = "|output|", .value = {}, .expected = "1", .verdict = Verdict::passed});
    EXPECT_NE(to_markdown(report).find("\\|output\\| |"), std::string::npos);
}

TEST(Presets, HaveTheirGates) {
    EXPECT_EQ(preset_subject("whitepaper").value().gate, 1.03);
    EXPECT_EQ(preset_subject("whitepaper-2.3b").value().gate, 1.10);
    EXPECT_EQ(preset_subject("no such").error().code, pow::errc::unknown_preset);
    EXPECT_TRUE(pow::validate(quick_subject().config));
}

}  // namespace
}  // namespace pouw::inline v1::soundness
