#include "pouw/simulation/operating_characteristic.hpp"

#include "pouw/core/contract.hpp"

#include <map>

namespace pouw::inline v1::simulation {
namespace {

using judgement::Judge;
using judgement::Outcome;
using judgement::Rule;
using judgement::Tally;

/// What of a tally decides its future.
Tally essence(Tally tally, const Judge& judge) {
    tally.acceptances = 0;
    if (!judge.epoch()) tally.failures = 0;
    if (!judge.run_to_convict()) tally.run = 0;
    return tally;
}

void add(OperatingCharacteristic& sum, Rule rule, double chance) {
    if (rule == Rule::none) return;
    sum.convicted += chance;
    (rule == Rule::run ? sum.by_run : rule == Rule::sequential ? sum.by_sequential : sum.by_epoch) += chance;
}

}  // namespace

OperatingCharacteristic operating_characteristic(const Judge& judge, std::uint32_t checks,
                                                 double failure_rate) {
    POUW_EXPECTS(failure_rate >= 0 && failure_rate <= 1);
    constexpr double negligible = 1e-18;
    OperatingCharacteristic out;
    std::map<Tally, double> live{{Tally{}, 1.0}};
    for (std::uint32_t check = 0; check < checks; ++check) {
        std::map<Tally, double> next;
        const auto follow = [&](const Tally& tally, Outcome outcome, double chance) {
            if (chance < negligible) return;
            const Tally after = judge.after(tally, outcome).value();
            if (after.rule != Rule::none) {
                add(out, after.rule, chance);
            } else {
                next[essence(after, judge)] += chance;
            }
        };
        for (const auto& [tally, chance] : live) {
            out.average_sample_number += chance;
            follow(tally, Outcome::failed, chance * failure_rate);
            follow(tally, Outcome::passed, chance * (1 - failure_rate));
        }
        live = std::move(next);
    }
    if (judge.epoch()) {
        const auto critical = judge.epoch()->critical_failures(checks);
        for (const auto& [tally, chance] : live) {
            if (critical && tally.failures >= *critical) add(out, Rule::epoch, chance);
        }
    }
    return out;
}

}  // namespace pouw::inline v1::simulation
