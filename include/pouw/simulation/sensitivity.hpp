/// The break-even of each dishonest strategy, exactly, and a check of a chain's parameters.
///
/// A strategy is that of one node or one coalition in an epoch in which all others are honest. The node risks
/// R, its rewards of the whole epoch, which it would forfeit. The formulas rest on two facts:
///
///  * A cheat is caught with probability r in each of n tasks, knows at once when it is caught, and cheats
///    without restraint once it is convicted. Where the first false result convicts, it gains by some plan,
///    however clever, if and only if it gains by cheating in the first task alone: if saving · (1 + r · (n -
///    1)) > r · R. Where more are tolerated, it gains by no plan if neither the fines nor the conviction that
///    is left after them let it: see `detail::break_even_cheating`.
///  * The break-even of a strategy is therefore a ratio of integers, and no power of (1 - r) is needed.
///
/// Source: docs/spec/economics.md.
#pragma once

#include "pouw/core/errc.hpp"
#include "pouw/core/export.hpp"
#include "pouw/economics/errc.hpp"
#include "pouw/economics/settlement.hpp"
#include "pouw/judgement/judge.hpp"
#include "pouw/simulation/ratio.hpp"
#include "pouw/stats/binomial.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <variant>
#include <vector>

namespace pouw::inline v1::simulation {

/// A dishonest strategy.
enum class Strategy : std::uint8_t {
    lazy_validation,     ///< says "valid" without checking
    smaller_model,       ///< answers with a cheaper model
    random_answers,      ///< answers anything
    withheld_selection,  ///< does not check when selected
    spam_reports,        ///< reports at random, for the award
    self_dealing,        ///< pays for requests of its own, for the subsidy
    self_report,         ///< cheats, then reports itself as a user, for the award
    abstention           ///< does not vote
};
/// The number of strategies.
inline constexpr std::size_t strategies = 8;

/// The name of a strategy.
[[nodiscard]] constexpr std::string_view name(Strategy strategy) noexcept {
    constexpr std::string_view names[] = {"lazy_validation",    "smaller_model", "random_answers",
                                          "withheld_selection", "spam_reports",  "self_dealing",
                                          "self_report",        "abstention"};
    return names[static_cast<std::size_t>(strategy)];
}

/// The scenario of an epoch for one node. Amounts are relative to each other; take 1 coin of 1000 units as
/// the fee. Numbers are small: tasks, checks and votes up to 2^24, amounts up to 2^40.
struct POUW_API Scenario {
    std::uint64_t tasks = 1'000;     ///< of the node in an epoch; at least 1
    std::uint64_t checks = 100;      ///< likewise; at least 1
    std::uint64_t fee = 1'000;       ///< of a task, before training and subsidy; at least 1
    std::uint64_t task_cost = 500;   ///< of computing it
    std::uint64_t cheap_cost = 100;  ///< of computing it by the smaller model; at most `task_cost`
    std::uint64_t check_cost = 100;  ///< of a check: one pass over given tokens
    std::uint64_t votes = 10;        ///< held in an epoch; at least 1
    std::uint64_t vote_cost = 100;   ///< of a vote, which needs a check
    core::Rate check_rate = core::Rate::percent(10);  ///< a task's chance to be checked
    core::Rate honest_checks =
        core::Rate::percent(50);  ///< of the checks, those by nodes that do not collude
    core::Rate catches_smaller = core::Rate::percent(50);  ///< a check's power against the smaller model
    core::Rate catches_random = core::Rate::percent(100);
    core::Rate planted = core::Rate::percent(1);  ///< of what a node checks, the planted false results
    core::Rate subsidy{};                         ///< of what nodes receive; below 1
    core::Rate upheld{};                          ///< chance that a report at random is upheld
    std::uint64_t report_deposit = 10'000;
    core::Rate coalition = core::Rate::percent(10);  ///< the largest share of weight under one will
    economics::Rules rules{};

    friend constexpr bool operator==(const Scenario&, const Scenario&) = default;
};

/// The finding on one strategy. The strategy pays when `actual` is above `break_even`.
struct POUW_API Finding {
    Strategy strategy{};
    std::string_view quantity{};  ///< what the ratios measure
    Ratio break_even{};
    Ratio actual{};

    [[nodiscard]] constexpr bool pays() const { return actual > break_even; }
    friend constexpr bool operator==(const Finding&, const Finding&) = default;
};

/// The payment of a node for a task from fees alone, with the subsidy, after training: fee · (1 - training) /
/// (1 - subsidy).
[[nodiscard]] constexpr Rational pay_per_task(const Scenario& s) {
    return Rational{Ratio{s.fee}} * Ratio{s.rules.training.rate().complement()} /
           Rational{Ratio{s.subsidy.complement()}};
}

/// The reward R of an epoch: tasks · pay · (1 - check_rate / 2) + checks · pay / 2.
[[nodiscard]] constexpr Rational epoch_reward(const Scenario& s) {
    const Rational executed =
        Rational{Ratio{s.tasks}} *
        Ratio{2 * std::uint64_t{core::Rate::one} - s.check_rate.ppm(), 2 * core::Rate::one};
    return pay_per_task(s) * (executed + Ratio{s.checks, 2});
}

namespace detail {

/// The saving per act at which cheating breaks even: r · R / (1 + r · (n - 1)).
constexpr Rational break_even_saving(const Rational& caught, const Rational& reward, std::uint64_t acts) {
    return caught * reward / (Rational{Ratio{1}} + caught * Ratio{acts - 1});
}

/// The number of false results, of those that checks find of so many, that convict nobody.
inline std::uint32_t tolerated(const economics::ConvictionRule& rule, std::uint32_t checked) {
    if (const auto* fixed = std::get_if<economics::FixedCount>(&rule))
        return std::min(fixed->tolerated, checked);
    const auto& test = std::get<judgement::EpochRule>(rule);
    const auto critical =
        stats::BinomialTest::create(test.honest_rate, test.significance).value().critical_failures(checked);
    return critical ? *critical - 1 : checked;
}

/// The saving by task up to which no plan of a cheat gains, if a check of a false result finds it with
/// probability `found`. A false result that is found costs the fine's part of R, and the one that convicts,
/// or whose fine takes the last of R, costs what the fines before have left. So this is the smaller of two
/// bounds: the fines that a task risks, and the break-even of losing what is left. What friends of the cheat
/// win back by their votes is subtracted; the pay of the false results, which is lost too, is not counted.
inline Rational break_even_cheating(const Scenario& s, const Rational& found) {
    const Rational one = Ratio{1};
    const Rational reward =
        epoch_reward(s) * (one - Rational{Ratio{s.rules.bounty_share}} * Ratio{s.coalition});
    const Rational caught = found * Ratio{s.check_rate};
    if (caught == Rational{Ratio{}}) return caught;
    const std::uint64_t checked = s.tasks * s.check_rate.ppm();  // in millionths
    std::uint64_t free =
        tolerated(s.rules.conviction,
                  static_cast<std::uint32_t>(std::max<std::uint64_t>(1, checked / core::Rate::one)));
    const std::uint64_t fine = std::uint64_t{s.rules.false_result_fine} * core::Rate::one;
    if (fine > 0) free = std::min(free, (checked + fine - 1) / fine - 1);
    if (free == 0) return break_even_saving(caught, reward, s.tasks);
    const Rational part = Rational{Ratio{fine, checked}} * reward;
    const Rational by_fine = caught * part;
    const Rational by_conviction = break_even_saving(caught, reward - part * Ratio{free}, s.tasks);
    if (!by_fine || !by_conviction) return std::nullopt;
    return std::min(*by_fine, *by_conviction);
}

/// The cost of a vote at which an abstention breaks even: what the shortfall takes for the first one, the
/// least of all. The pay of votes is not counted.
constexpr Rational break_even_abstention(const Scenario& s) {
    const Ratio due = std::max(s.votes, economics::Settlement::least_votes);
    const Rational tolerated = Rational{due} * Ratio{s.rules.vote_tolerance};
    const Rational wanted = Rational{due} * Ratio{s.rules.vote_tolerance.complement()};
    return epoch_reward(s) * (Rational{Ratio{1}} - tolerated) / wanted;
}

/// The cost of a check at which a withheld check breaks even: the payment for a check, and what the shortfall
/// takes where not even one check is tolerated. The loss for each check is concave in the number withheld, so
/// that one check and all checks are the extremes.
constexpr Rational break_even_withheld(const Scenario& s) {
    const Rational pay = pay_per_task(s) / Ratio{2};
    const Rational tolerated = Rational{Ratio{s.checks}} * Ratio{s.rules.check_tolerance};
    if (tolerated && *tolerated >= Ratio{1}) return pay;
    const Rational reward = epoch_reward(s);
    const Rational wanted = Rational{Ratio{s.checks}} * Ratio{s.rules.check_tolerance.complement()};
    const Rational one = pay + (reward - pay) * (Rational{Ratio{1}} - tolerated) / wanted;
    const Rational all = reward / Ratio{s.checks};
    if (!one || !all) return std::nullopt;
    return std::min(*one, *all);
}

}  // namespace detail

/// The findings on all strategies, in the order of `Strategy`.
/// Errors: economics::errc::invalid_rules (of `economics::check`, or for a scenario out of its ranges);
///     core::errc::overflow when a ratio does not fit 128 bits.
[[nodiscard]] inline core::result<std::array<Finding, strategies>> assess(const Scenario& s) {
    if (const auto checked = economics::check(s.rules); !checked) return checked.error();
    const auto in = [](std::uint64_t value, std::uint64_t low, int bits) {
        return low <= value && value >> bits == 0;
    };
    if (!in(s.tasks, 1, 24) || !in(s.checks, 1, 24))
        return core::fail(economics::errc::invalid_rules, "tasks or checks");
    if (!in(s.votes, 1, 24)) return core::fail(economics::errc::invalid_rules, "votes");
    if (!in(s.fee, 1, 40) || !in(s.task_cost, 0, 40) || !in(s.check_cost, 0, 40) || !in(s.vote_cost, 0, 40) ||
        !in(s.report_deposit, 0, 40))
        return core::fail(economics::errc::invalid_rules, "an amount of the scenario");
    if (s.cheap_cost > s.task_cost)
        return core::fail(economics::errc::invalid_rules, "the cheaper model costs more");
    if (s.subsidy.ppm() == core::Rate::one)
        return core::fail(economics::errc::invalid_rules, "a subsidy of 100%");

    const Rational one = Ratio{1};
    const Rational reward = epoch_reward(s);
    const Rational lazy = detail::break_even_saving(Ratio{s.planted}, reward, s.checks);
    const Rational honest = Ratio{s.honest_checks};
    const Rational smaller = detail::break_even_cheating(s, honest * Ratio{s.catches_smaller});
    const Rational random = detail::break_even_cheating(s, honest * Ratio{s.catches_random});
    const Rational withheld = detail::break_even_withheld(s);

    // A coalition that votes wins its share of the deposit back, and the award is at most its share of R.
    const Rational at_stake = Rational{Ratio{s.report_deposit}} * Ratio{s.coalition.complement()};
    const Rational award = Rational{Ratio{s.rules.reporter_share}} * reward;
    const Rational stake_and_award = at_stake + award;
    // Where neither is anything, reporting is free and gains nothing: it never pays.
    const Rational spam = stake_and_award == Rational{Ratio{}} ? one : at_stake / stake_and_award;
    // Of X paid, the coalition's nodes earn the share (1 - training) / (1 - subsidy) · coalition back.
    const Rational dealing =
        s.rules.training.rate().ppm() == core::Rate::one
            ? one
            : Rational{Ratio{s.subsidy.complement()}} / Ratio{s.rules.training.rate().complement()};
    // Its report is awarded only if nobody else convicts it, and then it had better not reported.
    const Rational regained = Rational{Ratio{s.rules.bounty_share}} * Ratio{s.coalition};
    const Rational self_report = (one - regained) * reward / Ratio{s.tasks};

    const Rational abstention = detail::break_even_abstention(s);

    for (const Rational* r :
         {&lazy, &smaller, &random, &withheld, &spam, &dealing, &self_report, &abstention}) {
        if (!*r) return core::fail(core::errc::overflow, "a break-even");
    }
    return std::array<Finding, strategies>{{
        {Strategy::lazy_validation, "cost of a check", *lazy, s.check_cost},
        {Strategy::smaller_model, "saving by task", *smaller, s.task_cost - s.cheap_cost},
        {Strategy::random_answers, "saving by task", *random, s.task_cost},
        {Strategy::withheld_selection, "cost of a check", *withheld, s.check_cost},
        {Strategy::spam_reports, "chance that a report is upheld", *spam, s.upheld},
        {Strategy::self_dealing, "share of the weight", *dealing, s.coalition},
        {Strategy::self_report, "saving by task", *self_report, s.task_cost},
        {Strategy::abstention, "cost of a vote", *abstention, s.vote_cost},
    }};
}

/// The findings on the strategies that pay. A chain with such strategies should change its parameters.
/// Errors: those of `assess`.
[[nodiscard]] inline core::result<std::vector<Finding>> warnings(const Scenario& scenario) {
    const auto all = assess(scenario);
    if (!all) return all.error();
    std::vector<Finding> out;
    for (const Finding& finding : *all) {
        if (finding.pays()) out.push_back(finding);
    }
    return out;
}

}  // namespace pouw::inline v1::simulation
