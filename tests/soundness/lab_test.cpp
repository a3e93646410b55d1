/// The lab itself: it must be able to fail.
#include "pouw/soundness/lab.hpp"

#include "pouw/pow/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pouw::inline v1::soundness {
namespace {

constexpr Samples few{.outputs = 2000,
                      .token_outputs = 500,
                      .scored_outputs = 1000,
                      .states = 256,
                      .approximations = 64,
                      .permutations = 1024,
                      .shared_permutations = 2048,
                      .control_outputs = 128,
                      .weak_outputs = 256,
                      .skipped = 8,
                      .races = 3};

Subject tiny() { return {"tiny", pow::preset("tiny").value(), 1.10, few}; }

Control control(Variant variant, Control::Method method, double required) {
    return {.variant = std::move(variant), .method = method, .required = required};
}

/// A run of the tiny config with these controls alone.
Report run_with(std::vector<Control> controls, unsigned threads = 2) {
    return run(tiny(), {.threads = threads, .controls = std::move(controls)}).value();
}

pow::ModelConfig textbook() {
    pow::ModelConfig config = pow::preset("tiny").value();
    config.layers = 8;
    config.ffn_shift += 3;
    config.ffn_residual_shift -= 2;
    return config;
}

Variant relu() { return {.name = "ReLU", .config = textbook(), .activation = Activation::relu}; }

TEST(Lab, FindsThatFourLayersAreTooFew) {
    const Report report = run_with({control(relu(), Control::Method::first_moment, 5)});
    EXPECT_TRUE(report.complete);
    EXPECT_FALSE(report.passed());
    const auto finding = [](const AttackResult& a) { return a.verdict == Verdict::finding; };
    EXPECT_TRUE(std::any_of(report.attacks.begin(), report.attacks.end(), finding));
    const auto exits = [](const AttackResult& a) { return a.family == "early exit"; };
    EXPECT_EQ(std::count_if(report.attacks.begin(), report.attacks.end(), exits), 4);
    ASSERT_EQ(report.controls.size(), 2);  // binding input is always one
    EXPECT_EQ(report.controls[1].verdict, Verdict::flagged);
}

TEST(Lab, MissesAControlThatIsTheSpecifiedNetwork) {
    Variant specified{.name = "called broken", .config = pow::preset("tiny").value()};
    specified.config.layers = 16;
    const Report report = run_with({control(specified, Control::Method::first_moment, 1)});
    ASSERT_EQ(report.controls.size(), 2);
    EXPECT_EQ(report.controls[1].verdict, Verdict::missed);
    EXPECT_FALSE(report.passed());
}

TEST(Lab, MissesAControlWhoseFactorIsNotReached) {
    const Report report = run_with({control(relu(), Control::Method::first_moment, 1e6)});
    EXPECT_EQ(report.controls.at(1).verdict, Verdict::missed);
}

TEST(Lab, DoesNotDependOnThreads) {
    const Report one = run_with({control(relu(), Control::Method::early_exit, 1)}, 1);
    const Report three = run_with({control(relu(), Control::Method::early_exit, 1)}, 3);
    ASSERT_EQ(one.attacks.size(), three.attacks.size());
    for (std::size_t i = 0; i < one.attacks.size(); ++i) {
        EXPECT_EQ(one.attacks[i].attack, three.attacks[i].attack);
        EXPECT_NEAR(one.attacks[i].decisive().estimate, three.attacks[i].decisive().estimate, 1e-9)
            << one.attacks[i].attack;
        EXPECT_NEAR(one.attacks[i].decisive().high, three.attacks[i].decisive().high, 1e-9)
            << one.attacks[i].attack;
    }
}

TEST(Lab, SaysThatAStoppedRunIsNotComplete) {
    std::stop_source stop;
    int steps = 0;
    const LabProgress progress = [&](std::string_view, double) {
        if (++steps == 20) stop.request_stop();
    };
    const Report report = run(tiny(), {.threads = 1, .progress = progress, .stop = stop.get_token()}).value();
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
