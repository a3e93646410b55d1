// Whether dishonesty pays: computed, and played against the settlement itself.
#include "pouw/simulation/sensitivity.hpp"

#include "economics/rulings.hpp"
#include "random.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/economics/errc.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace pouw::inline v1::simulation {
namespace {

using namespace economics;
using validation::Verdict;

/// Chances at a rate.
class Sequence : public test::Random {
  public:
    using test::Random::Random;
    std::uint32_t below(std::uint64_t bound) { return static_cast<std::uint32_t>(below64(bound)); }
    bool with(core::Rate chance) { return below(core::Rate::one) < chance.ppm(); }
};

constexpr std::uint32_t others = 9;  // beside the player, who is node 0
const AccountId user = [] {
    AccountId id;
    id.bytes[0] = 0xff;
    return id;
}();

std::vector<weights::NodeWeight> nodes_of(const Scenario& s) {
    std::vector<weights::NodeWeight> nodes(others + 1);
    for (std::uint32_t i = 0; i <= others; ++i) {
        nodes[i].node.bytes[31] = static_cast<std::uint8_t>(i);
        nodes[i].weight = i == 0 ? others * s.coalition.ppm() : s.coalition.complement().ppm();
    }
    return nodes;
}

Rules rules_of(const Scenario& s) {
    Rules rules = s.rules;
    rules.report_deposit = static_cast<core::Amount>(s.report_deposit);
    return rules;
}

/// What the player does.
struct Plan {
    std::optional<Strategy> strategy{};  ///< honest without one
    /// It does its tasks honestly after so many false results that checks found.
    std::uint32_t found_at_most = std::numeric_limits<std::uint32_t>::max();
};

/// One epoch of the player, its node and its user together.
class Game {
  public:
    Game(const Scenario& s, const Plan& plan, std::uint64_t seed) : s_{s}, plan_{plan}, random_{seed} {}

    /// What the player gains.
    core::Amount play() {
        const std::uint64_t requests = s_.tasks * core::Rate::one / s_.coalition.ppm();
        const std::uint64_t own = plays(Strategy::self_dealing) ? requests / 10 : 0;
        for (std::uint64_t id = 0; id < requests + own; ++id) play_task(id, id >= requests);
        for (const Payout& payout :
             settlement_.close(Issuance{s_.subsidy, 0, core::max_amount / 2}).value().payouts) {
            const bool to_node = payout.owner == Owner::node && payout.id == nodes_[0].node;
            const bool to_user = payout.owner == Owner::requester && payout.id == user;
            if (to_node || to_user) gain_ += payout.amount;
        }
        return gain_;
    }

  private:
    [[nodiscard]] bool plays(Strategy candidate) const { return plan_.strategy == candidate; }
    [[nodiscard]] bool cheats() const {
        if (found_ >= plan_.found_at_most) return false;
        return plays(Strategy::random_answers) || plays(Strategy::smaller_model) ||
               plays(Strategy::self_report);
    }
    core::NodeId by_weight() {
        return nodes_[random_.with(s_.coalition) ? 0 : 1 + random_.below(others)].node;
    }
    [[nodiscard]] bool is_player(const core::NodeId& node) const { return node == nodes_[0].node; }

    void play_task(std::uint64_t id, bool is_own) {
        TaskRecord task;
        task.task = {test::task_id(id), by_weight()};
        task.limit = task.cost = static_cast<core::Amount>(s_.fee);
        task.work = 1'000;
        if (is_own) {
            task.requester = user;
            gain_ -= task.limit;
        }
        const bool mine = is_player(task.task.executor);
        const bool false_result = mine ? cheats() : random_.with(s_.upheld);
        if (mine) {
            const std::uint64_t cheap = plays(Strategy::smaller_model) ? s_.cheap_cost : 0;
            gain_ -= static_cast<core::Amount>(cheats() ? cheap : s_.task_cost);
        }
        std::vector<Check> checks;
        if (random_.with(s_.check_rate)) checks.push_back(check(task));
        report(task, id);
        std::vector<validation::Vote> votes;
        const bool flagged =
            !checks.empty() && checks[0].verdict == Verdict::invalid && task.answer == Answer::given;
        if (flagged || task.report_deposit) {
            for (const weights::NodeWeight& voter : nodes_) {
                if (voter.node == task.task.executor) continue;
                if (is_player(voter.node)) {
                    if (plays(Strategy::abstention)) continue;
                    gain_ -= static_cast<core::Amount>(s_.vote_cost);
                }
                votes.push_back(test::vote_of(voter.node, false_result ? Verdict::invalid : Verdict::valid));
            }
            task.ruling = test::ruling_of(votes, judges_);
            if (mine && flagged && false_result) ++found_;
        }
        task.checks = checks;
        task.votes = votes;
        const TaskOutcome outcome = settlement_.add(task).value();
        // A report's request is paid for anyway: only what a report changes counts.
        if (task.requester == user)
            gain_ += outcome.deposit + (task.report_deposit ? 0 : outcome.to_requester());
    }

    Check check(TaskRecord& task) {
        const bool mine = is_player(task.task.executor);
        core::NodeId validator = by_weight();
        while (validator == task.task.executor) validator = by_weight();
        if (random_.with(s_.planted)) task.answer = Answer::planted;
        const core::Rate caught = plays(Strategy::smaller_model) ? s_.catches_smaller : s_.catches_random;
        const bool truth = task.answer != Answer::planted &&
                           !(mine && cheats() && random_.with(caught) && random_.with(s_.honest_checks));
        const Verdict honest = truth ? Verdict::valid : Verdict::invalid;
        if (!is_player(validator)) return {validator, errs(task) ? Verdict::invalid : honest};
        ++checks_;
        if (plays(Strategy::withheld_selection) && (withheld_ + 1) * 10 <= checks_) {
            ++withheld_;
            return {validator, std::nullopt};
        }
        if (plays(Strategy::lazy_validation)) return {validator, Verdict::valid};
        gain_ -= static_cast<core::Amount>(s_.check_cost);
        return {validator, honest};
    }

    /// Whether an honest validator finds a right result wrong: as often as gives the votes of an epoch.
    bool errs(const TaskRecord& task) {
        const bool cheated = is_player(task.task.executor) && cheats();
        if (task.answer == Answer::planted || cheated) return false;
        const std::uint64_t checks = s_.tasks * s_.check_rate.ppm() / s_.coalition.ppm();
        return checks > 0 && random_.below(checks) < s_.votes;
    }

    void report(TaskRecord& task, std::uint64_t id) {
        const bool mine = is_player(task.task.executor);
        if (task.answer != Answer::given) return;
        const bool spams = plays(Strategy::spam_reports) && !mine && id % 97 == 0;
        // At once: the award counts what is forfeited to the end of the epoch, and a check must not come
        // first.
        const bool reports_itself = plays(Strategy::self_report) && mine && !reported_;
        if (!spams && !reports_itself) return;
        reported_ = true;
        task.report_deposit = rules_.report_deposit;
        task.requester = user;
        gain_ -= *task.report_deposit;
    }

    const Scenario& s_;
    Plan plan_;
    Sequence random_;
    std::vector<weights::NodeWeight> nodes_ = nodes_of(s_);
    Rules rules_ = rules_of(s_);
    weights::WeightTable judges_ = weights::WeightTable::create(nodes_).value();
    Settlement settlement_ = Settlement::create({}, judges_, {}, {}, rules_).value();
    std::uint64_t checks_ = 0;
    std::uint64_t withheld_ = 0;
    std::uint32_t found_ = 0;  // of its false results, by checks
    core::Amount gain_ = 0;
    bool reported_ = false;
};

constexpr int epochs = 12;

/// The mean of what a plan gains over honesty in an epoch, and half of its interval of 95% confidence.
struct Advantage {
    double mean = 0;
    double half = 0;

    [[nodiscard]] double lowest() const { return mean - half; }
    [[nodiscard]] double highest() const { return mean + half; }
};

/// The same epochs for every plan.
class Table {
  public:
    explicit Table(const Scenario& s) : s_{s} {
        for (std::uint64_t seed = 0; seed < epochs; ++seed) honest_.push_back(Game{s_, {}, seed}.play());
    }

    [[nodiscard]] Advantage advantage(const Plan& plan) const {
        constexpr double student = 2.201;  // the 97.5% quantile of Student's t with 11 degrees of freedom
        static_assert(epochs == 12);
        std::vector<double> gained;
        double sum = 0;
        for (std::uint64_t seed = 0; seed < epochs; ++seed) {
            gained.push_back(static_cast<double>(Game{s_, plan, seed}.play() - honest_[seed]));
            sum += gained.back();
        }
        const double mean = sum / epochs;
        double squares = 0;
        for (const double g : gained) squares += (g - mean) * (g - mean);
        return {mean, student * std::sqrt(squares / (epochs - 1) / epochs)};
    }

  private:
    Scenario s_;
    std::vector<core::Amount> honest_;
};

Advantage advantage(const Scenario& s, Strategy strategy) { return Table{s}.advantage({strategy}); }

const Finding& finding(const std::array<Finding, strategies>& all, Strategy strategy) {
    return all[static_cast<std::size_t>(strategy)];
}

constexpr std::array<Strategy, strategies> all_strategies{
    Strategy::lazy_validation,    Strategy::smaller_model, Strategy::random_answers,
    Strategy::withheld_selection, Strategy::spam_reports,  Strategy::self_dealing,
    Strategy::self_report,        Strategy::abstention};

TEST(Sensitivity, NothingPaysAtTheDefaults) {
    for (const std::uint32_t subsidy : {0u, 50u, 90u}) {
        const Scenario s{.subsidy = core::Rate::percent(subsidy)};
        EXPECT_TRUE(warnings(s).value().empty()) << subsidy;
    }
    // A tenth of the weight is not enough for self-dealing at 90%, an eighth is the edge.
    const Scenario s{.subsidy = core::Rate::percent(90)};
    EXPECT_EQ(finding(assess(s).value(), Strategy::self_dealing).break_even, (Ratio{1, 8}));
}

TEST(Sensitivity, NothingPaysAtTheDefaultsWhenPlayed) {
    for (const std::uint32_t subsidy : {0u, 90u}) {
        const Scenario s{.subsidy = core::Rate::percent(subsidy)};
        const Table table{s};
        for (const Strategy strategy : all_strategies) {
            const Advantage gained = table.advantage({strategy});
            RecordProperty(std::string{name(strategy)} + "_at_" + std::to_string(subsidy),
                           std::to_string(gained.mean) + " +- " + std::to_string(gained.half));
            EXPECT_LT(gained.highest(), 0)
                << name(strategy) << " gains " << gained.mean << " +- " << gained.half << " at " << subsidy;
        }
    }
}

// A cheat that knows what is tolerated, and stops before the conviction: each false result that was found has
// cost it what it saved by those that were not.
TEST(Sensitivity, ACheatThatStopsInTimeGainsNothing) {
    for (const std::uint32_t subsidy : {0u, 90u}) {
        const Scenario s{.subsidy = core::Rate::percent(subsidy)};
        const std::uint32_t most = detail::tolerated(s.rules.conviction, 100);
        EXPECT_EQ(most, 8u);
        const Table table{s};
        for (const Strategy strategy : {Strategy::random_answers, Strategy::smaller_model}) {
            for (const std::uint32_t found : {1u, 3u, most - 1, most}) {
                const Advantage gained = table.advantage({strategy, found});
                EXPECT_LT(gained.highest(), 0) << name(strategy) << " gains " << gained.mean << " +- "
                                               << gained.half << " after " << found << " at " << subsidy;
            }
        }
    }
    // Without the fine, what is tolerated is a licence.
    Scenario free;
    free.rules.false_result_fine = 0;
    EXPECT_TRUE(finding(assess(free).value(), Strategy::random_answers).pays());
    EXPECT_GT((Table{free}.advantage({Strategy::random_answers, 7}).lowest()), 0);
}

// Whoever was given a false result gets its fee back by reporting it, and nothing by keeping quiet.
TEST(Sensitivity, ReportingAFalseResultPays) {
    const std::vector<weights::NodeWeight> nodes = nodes_of({});
    const auto judges = weights::WeightTable::create(nodes).value();
    auto settlement = Settlement::create({}, judges, {}, {}, rules_of({})).value();
    TaskRecord task;
    task.task = {test::task_id(1), nodes[1].node};
    task.limit = task.cost = 1'000;
    EXPECT_TRUE(settlement.add(task).value().to_requester() == 0);
    task.task.id = test::task_id(2);
    task.report_deposit = 10'000;
    std::vector<validation::Vote> votes;
    for (const std::size_t n : {0u, 2u, 3u, 4u, 5u, 6u})
        votes.push_back(test::vote_of(nodes[n].node, Verdict::invalid));
    task.votes = votes;
    task.ruling = test::ruling_of(votes, judges);
    EXPECT_TRUE(settlement.add(task).value().to_requester() == 11'000);
}

/// Parameters at which a strategy pays: the validator warns, and the game agrees.
TEST(Sensitivity, WarnsOfWhatPaysWhenPlayed) {
    const auto pays = [](const Scenario& s, Strategy strategy) {
        EXPECT_TRUE(finding(assess(s).value(), strategy).pays()) << name(strategy);
        const Advantage gained = advantage(s, strategy);
        EXPECT_GT(gained.lowest(), 0) << name(strategy) << " gains " << gained.mean << " +- " << gained.half;
    };
    const Scenario base{.tasks = 500, .checks = 50};
    Scenario s = base;
    s.planted = {};
    pays(s, Strategy::lazy_validation);
    s = base;
    s.check_rate = core::Rate::create(200).value();
    pays(s, Strategy::random_answers);
    pays(s, Strategy::smaller_model);
    s = base;
    s.check_cost = 500;
    pays(s, Strategy::withheld_selection);
    s = base;
    s.upheld = core::Rate::percent(30);
    s.rules.conviction = FixedCount{};
    pays(s, Strategy::spam_reports);
    s = base;
    s.subsidy = core::Rate::percent(90);
    s.coalition = core::Rate::percent(40);
    pays(s, Strategy::self_dealing);
    s = base;
    s.task_cost = 900;
    pays(s, Strategy::self_report);
    s = base;
    s.vote_cost = 100'000;
    pays(s, Strategy::abstention);
}

// Whoever cheats gains nothing by reporting itself under another key, however large the award is: where
// others convict it too there is no award, and where nobody does the report costs more than the award.
TEST(Sensitivity, AReportOnOneselfAddsNothingToTheCheat) {
    for (const std::uint32_t checked : {0u, 10u}) {
        Scenario s{.tasks = 500, .checks = 50, .check_rate = core::Rate::percent(checked)};
        s.rules.reporter_share = core::Rate::percent(75);
        for (const ConvictionRule& rule : {ConvictionRule{FixedCount{}}, s.rules.conviction}) {
            s.rules.conviction = rule;
            const Table table{s};
            const Advantage cheated = table.advantage({Strategy::random_answers});
            const Advantage reported = table.advantage({Strategy::self_report});
            EXPECT_LE(reported.mean, cheated.mean) << " at " << checked;
        }
    }
}

/// The best plan of a cheat, by backward induction: what it gains over honesty with `left` tasks to come.
Rational best_plan(const Rational& saving, const Rational& caught, const Rational& reward,
                   std::uint64_t left) {
    Rational value = Ratio{};
    for (std::uint64_t k = 1; k <= left; ++k) {
        // Cheat now: the saving; caught, the rest is done cheaply too and the reward is lost; else go on.
        const Rational cheat =
            saving + caught * saving * Ratio{k - 1} + (Rational{Ratio{1}} - caught) * value;
        const Rational lost = caught * reward;
        if (*cheat > *(value + lost)) value = cheat - lost;
    }
    return value;
}

TEST(Sensitivity, TheBreakEvenHoldsAgainstEveryPlan) {
    for (const Ratio caught : {Ratio{1, 10}, Ratio{1, 3}, Ratio{9, 10}, Ratio{1}}) {
        for (std::uint64_t n = 1; n <= 12; ++n) {
            const Rational reward = Ratio{100 * n};
            const Rational edge = detail::break_even_saving(caught, reward, n);
            EXPECT_EQ(best_plan(edge, caught, reward, n), Rational{Ratio{}});
            EXPECT_GT(*best_plan(edge + Ratio{1, 1'000}, caught, reward, n), Ratio{});
        }
    }
}

/// The best plan where findings up to `free` cost the part `fine` of the reward each, and the next one all
/// that is left.
double best_plan(double saving, double caught, double reward, double fine, std::size_t free,
                 std::uint64_t left) {
    std::vector<double> value(free + 1, 0.0);  // by the number of findings so far
    for (std::uint64_t k = 1; k <= left; ++k) {
        std::vector<double> next = value;
        for (std::size_t f = 0; f <= free; ++f) {
            const double found = f == free ? saving * static_cast<double>(k - 1) -
                                                 reward * (1 - fine * static_cast<double>(free))
                                           : value[f + 1] - fine * reward;
            next[f] = std::max(value[f], saving + caught * found + (1 - caught) * value[f]);
        }
        value = std::move(next);
    }
    return value[0];
}

TEST(Sensitivity, TheBreakEvenHoldsAgainstEveryPlanWhereSomeAreTolerated) {
    const auto number = [](const Ratio& r) {
        return static_cast<double>(r.numerator()) / static_cast<double>(r.denominator());
    };
    for (const std::uint64_t tasks : {30u, 100u, 500u, 2'000u}) {
        for (const std::uint32_t rate : {2u, 10u, 50u, 100u}) {
            for (const std::uint32_t power : {10u, 50u, 100u}) {
                for (const std::uint32_t fine : {1u, 3u, 10u}) {
                    Scenario s{.tasks = tasks, .check_rate = core::Rate::percent(rate), .coalition = {}};
                    s.rules.false_result_fine = fine;
                    const core::Rate found = core::Rate::percent(power);
                    const double edge = number(*detail::break_even_cheating(s, Ratio{found}));
                    const double checked = static_cast<double>(tasks) * rate / 100;
                    const std::size_t most = detail::tolerated(
                        s.rules.conviction, std::max(1u, static_cast<std::uint32_t>(checked)));
                    const std::size_t free =
                        std::min(most, static_cast<std::size_t>(std::ceil(checked / fine - 1e-9)) - 1);
                    const double reward = number(*epoch_reward(s));
                    const double gained = best_plan(edge, checked / static_cast<double>(tasks) * power / 100,
                                                    reward, fine / checked, free, tasks);
                    EXPECT_LT(gained, 1e-6 * reward) << tasks << ' ' << rate << ' ' << power << ' ' << fine;
                    EXPECT_GT(edge, 0);
                }
            }
        }
    }
}

TEST(Sensitivity, RefusesScenariosOutOfRange) {
    const auto error = [](const Scenario& s) { return assess(s).error().code; };
    EXPECT_EQ(error({.tasks = 0}), economics::errc::invalid_rules);
    EXPECT_EQ(error({.checks = 0}), economics::errc::invalid_rules);
    EXPECT_EQ(error({.checks = 1 << 24}), economics::errc::invalid_rules);
    EXPECT_EQ(error({.votes = 0}), economics::errc::invalid_rules);
    EXPECT_EQ(error({.fee = 0}), economics::errc::invalid_rules);
    EXPECT_EQ(error({.task_cost = UINT64_MAX}), economics::errc::invalid_rules);
    EXPECT_EQ(error({.cheap_cost = 501}), economics::errc::invalid_rules);
    EXPECT_EQ(error({.subsidy = core::Rate::percent(100)}), economics::errc::invalid_rules);
    EXPECT_EQ(error({.rules = {.bounty_cap = core::Rate::percent(100)}}), economics::errc::invalid_rules);
    // The largest numbers with the least round rates: the right answer, or none.
    const Scenario large{.tasks = (1 << 24) - 1,
                         .checks = (1 << 24) - 3,
                         .fee = (1ull << 40) - 1,
                         .check_rate = core::Rate::create(99'991).value(),
                         .planted = core::Rate::create(9'973).value(),
                         .subsidy = core::Rate::create(899'981).value()};
    const auto found = assess(large);
    EXPECT_TRUE(found || found.error().code == core::errc::overflow);
}

}  // namespace
}  // namespace pouw::inline v1::simulation
