#include "pouw/judgement/judge.hpp"

#include "pouw/judgement/errc.hpp"
#include "pouw/stats/errc.hpp"

namespace pouw::judgement {
namespace {

using core::fail;

core::result<std::uint32_t> run_of(const RunRule& rule) {
    return stats::run_to_convict(rule.honest_rate, rule.limit);
}

core::result<stats::SequentialTest> test_of(const SequentialRule& rule) {
    return std::visit(
        [&](const auto& limits) {
            return stats::SequentialTest::create(rule.honest_rate, rule.dishonest_rate, limits);
        },
        rule.limits);
}

}  // namespace

core::result<Judge> Judge::create(const JudgementRules& rules) {
    if (!rules.run && !rules.sequential && !rules.cycle)
        return fail(stats::errc::invalid_test, "no rule convicts");
    Judge judge;
    if (rules.run) {
        const auto run = run_of(*rules.run);
        if (!run) return run.error();
        judge.run_ = *run;
    }
    if (rules.sequential) {
        const auto test = test_of(*rules.sequential);
        if (!test) return test.error();
        judge.sequential_ = *test;
    }
    if (rules.cycle) {
        const auto test = stats::BinomialTest::create(rules.cycle->honest_rate, rules.cycle->significance);
        if (!test) return test.error();
        judge.cycle_ = *test;
    }
    return judge;
}

core::result<Tally> Judge::after(const Tally& before, Outcome outcome) const {
    if (before.ground != Ground::none) return fail(errc::already_convicted);
    if (before.checks == UINT32_MAX) return fail(errc::too_many_checks);
    const bool failed = outcome == Outcome::failed;
    Tally tally = before;
    ++tally.checks;
    tally.failures += failed ? 1 : 0;
    tally.run = failed ? before.run + 1 : 0;
    ++(failed ? tally.sequential_failures : tally.sequential_passes);
    const stats::Decision decision =
        sequential_ ? sequential_->decide(tally.sequential_failures, tally.sequential_passes)
                    : stats::Decision::undecided;
    if (run_ && tally.run >= *run_) {
        tally.ground = Ground::run;
    } else if (decision == stats::Decision::rejected) {
        tally.ground = Ground::sequential;
    } else if (decision == stats::Decision::accepted) {
        tally.sequential_failures = 0;
        tally.sequential_passes = 0;
        ++tally.acceptances;
    }
    return tally;
}

Ground Judge::conclude(const Tally& tally) const {
    if (tally.ground != Ground::none) return tally.ground;
    return cycle_ && cycle_->rejects(tally.checks, tally.failures) ? Ground::cycle : Ground::none;
}

}  // namespace pouw::judgement
