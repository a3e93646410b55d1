#include "pouw/judgement/judge.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/core/version.hpp"
#include "pouw/crypto/evidence.hpp"
#include "pouw/judgement/errc.hpp"
#include "pouw/stats/errc.hpp"

namespace pouw::inline v1::judgement {
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
    if (!rules.run && !rules.sequential && !rules.epoch)
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
    if (rules.epoch) {
        const auto test = stats::BinomialTest::create(rules.epoch->honest_rate, rules.epoch->significance);
        if (!test) return test.error();
        judge.epoch_ = *test;
    }
    return judge;
}

core::result<Tally> Judge::after(const Tally& before, Outcome outcome) const {
    if (before.rule != Rule::none) return fail(errc::already_convicted);
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
        tally.rule = Rule::run;
    } else if (decision == stats::Decision::rejected) {
        tally.rule = Rule::sequential;
    } else if (decision == stats::Decision::accepted) {
        tally.sequential_failures = 0;
        tally.sequential_passes = 0;
        ++tally.acceptances;
    }
    return tally;
}

Tally Judge::conclude(const Tally& tally) const {
    Tally out = tally;
    if (out.rule == Rule::none && epoch_ && epoch_->rejects(out.checks, out.failures)) out.rule = Rule::epoch;
    return out;
}

std::optional<core::Conviction> Tally::conviction(const core::NodeId& node, core::Height height) const {
    if (rule == Rule::none) return std::nullopt;
    core::Bytes evidence;
    evidence.reserve(core::NodeId::size + size);
    core::append(evidence, node.view());
    core::append(evidence, encode());
    return core::Conviction{node, core::Ground::failed_checks, crypto::evidence_digest(evidence), height};
}

core::Bytes Tally::encode() const {
    core::Bytes out;
    out.reserve(size);
    for (const std::uint32_t number :
         {core::spec_version, checks, failures, run, sequential_failures, sequential_passes, acceptances}) {
        core::append(out, core::to_le(number));
    }
    out.push_back(static_cast<std::uint8_t>(rule));
    return out;
}

core::result<Tally> Tally::decode(core::ByteView data) {
    if (data.size() != size) return fail(core::errc::wrong_length, "a tally has 29 bytes");
    core::Reader reader{data};
    if (reader.integer<std::uint32_t>() != core::spec_version) return fail(core::errc::unsupported_version);
    Tally out;
    for (std::uint32_t* number : {&out.checks, &out.failures, &out.run, &out.sequential_failures,
                                  &out.sequential_passes, &out.acceptances}) {
        *number = reader.integer<std::uint32_t>();
    }
    const auto rule = reader.integer<std::uint8_t>();
    if (rule > static_cast<std::uint8_t>(Rule::epoch))
        return fail(core::errc::non_canonical, "an unknown rule");
    out.rule = Rule{rule};
    const std::uint64_t sequential = std::uint64_t{out.sequential_failures} + out.sequential_passes;
    if (out.failures > out.checks || out.run > out.failures || sequential + out.acceptances > out.checks ||
        out.sequential_failures > out.failures) {
        return fail(core::errc::non_canonical, "the counts contradict each other");
    }
    return out;
}

}  // namespace pouw::inline v1::judgement
