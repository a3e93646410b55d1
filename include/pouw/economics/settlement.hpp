/// Settlement: the tasks of one cycle in, one by one; payouts out, one line a node and reason; every unit
/// conserved. White paper, chapters 6 and 9; docs/spec/economics.md.
///
/// Memory is in proportion to the nodes, whatever the number of tasks. A task that is refused changes
/// nothing.
#pragma once

#include "pouw/core/apportion.hpp"
#include "pouw/core/checked.hpp"
#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/economics/errc.hpp"
#include "pouw/economics/reputation.hpp"
#include "pouw/economics/rewards.hpp"
#include "pouw/validation/errc.hpp"
#include "pouw/weights/errc.hpp"
#include "pouw/weights/weights.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace pouw::economics {

/// A node, or a user: the key that owns coins.
using AccountId = crypto::PublicKey;

/// A node of the cycle: its place, from 0, in the list with which the settlement was opened.
enum class NodeIndex : std::uint32_t {};
[[nodiscard]] constexpr std::size_t place(NodeIndex node) noexcept { return static_cast<std::size_t>(node); }

/// What a chain decides once. docs/economics.md says how the defaults were found; sensitivity.hpp checks
/// others.
struct Rules {
    core::Rate training = core::Rate::percent(20);  ///< of fees and issuance; see `TrainingShare`
    core::Rate work_tolerance =
        core::Rate::percent(10);  ///< tasks a node may miss without a penalty; below 1
    core::Rate check_tolerance = core::Rate::percent(10);  ///< checks, likewise
    std::uint32_t tolerated_false_results = 0;  ///< a node is convicted when a majority found more than these
    core::Rate reporter_share =
        core::Rate::percent(25);  ///< of what a conviction forfeits, for the user whose report led to it
    core::Rate bounty_share = core::Rate::percent(25);  ///< of the same, for the nodes whose votes convicted
    core::Rate bounty_cap =
        core::Rate::percent(50);  ///< of its honest earnings, the most that a node gains by bounties; below 1
    core::Amount report_deposit = 0;  ///< the least that a report costs when it is wrong

    friend constexpr bool operator==(const Rules&, const Rules&) = default;
};

/// errc::invalid_rules, or core::errc::invalid_amount for a negative deposit.
[[nodiscard]] constexpr core::result<void> check(const Rules& rules) {
    if (rules.work_tolerance.ppm() == core::Rate::one)
        return core::fail(errc::invalid_rules, "work_tolerance");
    if (rules.check_tolerance.ppm() == core::Rate::one)
        return core::fail(errc::invalid_rules, "check_tolerance");
    if (rules.bounty_cap.ppm() == core::Rate::one) return core::fail(errc::invalid_rules, "bounty_cap");
    if (rules.reporter_share.ppm() + rules.bounty_share.ppm() > core::Rate::one)
        return core::fail(errc::invalid_rules, "reporter_share and bounty_share exceed 1");
    if (rules.report_deposit < 0) return core::fail(core::errc::invalid_amount, "report_deposit");
    return {};
}

/// Which cycle, and the race whose weights judge it.
struct Cycle {
    std::uint64_t number = 0;
    std::uint64_t race = 0;

    friend constexpr bool operator==(const Cycle&, const Cycle&) = default;
};

/// A selected checker's verdict on a result; `missing` when it was selected and did not check.
enum class Verdict : std::uint8_t { valid, invalid, missing };

struct Check {
    NodeIndex node{};
    Verdict verdict = Verdict::valid;
};

/// A vote on a flagged or reported result.
struct Vote {
    NodeIndex node{};
    bool valid = true;
};

enum class Answer : std::uint8_t {
    given,
    missed,  ///< the executor did not answer
    planted  ///< a false result that the chain planted: who checks it finds it, who does not check passes it
};

/// One task with all that became of it. Views: `checks` and `votes` ascend in their nodes.
struct Task {
    std::uint64_t id = 0;
    std::uint64_t race = 0;  ///< whose weights selected the checkers and counted the votes
    NodeIndex executor{};
    AccountId payer{};
    core::Amount limit = 0;  ///< paid in advance
    core::Amount cost = 0;   ///< of the computation; at most `limit` is charged
    std::uint64_t work = 0;  ///< units of compute: by them the issuance is divided
    Answer answer = Answer::given;
    std::optional<core::Amount> report_deposit{};  ///< of the payer, who reported the result
    std::span<const Check> checks{};
    std::span<const Vote> votes{};
};

/// What the votes say: a majority of more than half of all weight, or nothing.
enum class Ruling : std::uint8_t { none, valid, invalid };

enum class Owner : std::uint8_t {
    node,
    user,
    training,  ///< the fund of Appendix K
    reserve    ///< what misconduct forfeits and nobody is due
};
enum class Reason : std::uint8_t {
    executed,   ///< node: results
    checked,    ///< node: checks
    judged,     ///< node: deposits of refused reports
    issued,     ///< node, training: issuance
    bounty,     ///< node: votes that convicted
    unspent,    ///< user: limit minus cost
    refund,     ///< user: a request answered by fraud, or not answered
    deposit,    ///< user: of a report that was not refused
    award,      ///< user: of a report that convicted
    fees,       ///< training: share of the fees
    forfeited,  ///< reserve: of convicted nodes
    shortfall   ///< reserve: of nodes that missed duties
};

[[nodiscard]] constexpr std::string_view name(Owner owner) noexcept {
    constexpr std::string_view names[] = {"node", "user", "training", "reserve"};
    return names[static_cast<std::size_t>(owner)];
}
[[nodiscard]] constexpr std::string_view name(Reason reason) noexcept {
    constexpr std::string_view names[] = {"executed", "checked", "judged",    "issued",
                                          "bounty",   "unspent", "refund",    "deposit",
                                          "award",    "fees",    "forfeited", "shortfall"};
    return names[static_cast<std::size_t>(reason)];
}

/// One line. The id of the funds is zero.
struct Payout {
    Owner owner = Owner::node;
    AccountId id{};
    Reason reason = Reason::executed;
    core::Amount amount = 0;  ///< above 0

    friend bool operator==(const Payout&, const Payout&) = default;
};

/// What a task pays its user at once. 0: no line.
struct TaskOutcome {
    Ruling ruling = Ruling::none;
    core::Amount unspent = 0;
    core::Amount refund = 0;
    core::Amount deposit = 0;

    [[nodiscard]] constexpr core::Amount to_user() const noexcept { return unspent + refund + deposit; }
    friend constexpr bool operator==(const TaskOutcome&, const TaskOutcome&) = default;
};

/// What a node did, for its standing.
struct NodeConduct {
    AccountId node{};
    Conduct conduct{};

    friend bool operator==(const NodeConduct&, const NodeConduct&) = default;
};

/// A settled cycle.
struct Statement {
    Cycle cycle;
    std::vector<Payout>
        payouts;  ///< nodes ascending, each in the order of reasons; awards; training; reserve
    std::vector<NodeConduct> conduct{};  ///< of all nodes, ascending
    core::Amount paid_in = 0;            ///< limits and deposits
    core::Amount issued = 0;
    core::Amount paid_to_users = 0;  ///< at once, by `TaskOutcome`
    core::Amount paid_out = 0;       ///< the sum of `payouts`; paid_in + issued == paid_to_users + paid_out

    friend bool operator==(const Statement&, const Statement&) = default;
};

/// The accounts of an open cycle. A value: copy it to try something.
class Settlement {
  public:
    /// `nodes` ascend in their keys and include those without weight. Errors: those of `check(rules)`;
    /// weights::errc::duplicate_node, core::errc::non_canonical for keys that descend, core::errc::overflow
    /// when the weights exceed 2^64 - 1 together.
    [[nodiscard]] static core::result<Settlement> open(const Cycle& cycle,
                                                       std::span<const weights::NodeWeight> nodes,
                                                       const Rules& rules) {
        if (const auto checked = check(rules); !checked) return checked.error();
        if (nodes.size() >= UINT32_MAX) return core::fail(core::errc::overflow, "too many nodes");
        Settlement out{cycle, rules};
        out.accounts_.reserve(nodes.size());
        for (const weights::NodeWeight& node : nodes) {
            if (!out.accounts_.empty() && out.accounts_.back().id == node.node)
                return core::fail(weights::errc::duplicate_node);
            if (!out.accounts_.empty() && node.node < out.accounts_.back().id)
                return core::fail(core::errc::non_canonical, "nodes descend");
            const auto sum = core::checked_add(out.weight_, node.weight);
            if (!sum) return core::fail(core::errc::overflow, "the sum of the weights");
            out.weight_ = *sum;
            out.accounts_.emplace_back(node.node, node.weight);
        }
        return out;
    }

    /// Takes the next task. Ids ascend strictly. O(checks + votes). Errors, in the order in which they are
    /// looked for:
    ///  * validation::errc::duplicate_task, validation::errc::task_out_of_order
    ///  * validation::errc::weights_changed: of another race than the cycle
    ///  * errc::unknown_node: the executor
    ///  * core::errc::invalid_amount: below 0; core::errc::overflow: more coins than 2^127 - 1 in the cycle
    ///  * errc::no_result: checks, votes, a cost or a report where nothing was answered; votes or a report on
    ///  a planted
    ///    result
    ///  * of every check, then of every vote: errc::unknown_node, validation::errc::own_work,
    ///  validation::errc::no_voting_weight,
    ///    errc::duplicate_verdict, errc::verdict_out_of_order
    ///  * validation::errc::own_work: a report by the executor's own key; errc::insufficient_deposit
    ///  * errc::unexpected_vote: neither flagged nor reported
    [[nodiscard]] core::result<TaskOutcome> add(const Task& task) {
        if (const auto admitted = admit(task); !admitted) return admitted.error();
        last_ = task.id;
        started_ = true;
        paid_in_ += task.limit + task.report_deposit.value_or(0);
        const TaskOutcome outcome = settle(task);
        paid_to_users_ += outcome.to_user();
        return outcome;
    }

    /// Fees charged so far for requests that were served: what a subsidy is computed from.
    [[nodiscard]] core::Amount fees() const noexcept { return fees_; }

    /// Whether anybody did work to which issuance can go.
    [[nodiscard]] bool has_work() const noexcept { return work_ > 0; }

    /// Ends the cycle with `issued` new coins, the chain's decision by `fees()` and its schedule. O(n log n).
    /// core::errc::invalid_amount when negative; core::errc::no_weight when there is issuance and nobody
    /// worked; core::errc::overflow.
    [[nodiscard]] core::result<Statement> close(core::Amount issued) const;

    /// The same by the rule of a subsidy and a minimum. Nothing is issued when nobody worked. Errors of
    /// `economics::issued`.
    [[nodiscard]] core::result<Statement> close(const Issuance& rule) const {
        const auto amount = economics::issued(rule, fees_);
        if (!amount) return amount.error();
        return close(has_work() ? *amount : core::Amount{0});
    }

    [[nodiscard]] const Cycle& cycle() const noexcept { return cycle_; }
    [[nodiscard]] std::size_t nodes() const noexcept { return accounts_.size(); }

  private:
    /// What a node has earned and done so far.
    struct Account {
        Account(const AccountId& node, std::uint64_t votes) : id{node}, weight{votes} {}

        AccountId id;
        std::uint64_t weight;
        core::Amount executed = 0;
        core::Amount checked = 0;
        core::Amount judged = 0;
        core::uint128 work = 0;
        core::uint128 bounty_weight = 0;
        std::uint64_t tasks_due = 0;
        std::uint64_t tasks_done = 0;
        std::uint64_t checks_due = 0;
        std::uint64_t checks_done = 0;
        std::uint32_t false_results = 0;
        bool convicted = false;
        bool by_vote = false;               ///< convicted by a vote: there is a bounty
        std::optional<AccountId> reporter;  ///< whose report convicted it
    };

    Settlement(const Cycle& cycle, const Rules& rules) : cycle_{cycle}, rules_{rules} {}

    [[nodiscard]] core::result<void> admit(const Task& task) const;
    template <typename Judgement>
    [[nodiscard]] core::result<void> admit_judgements(NodeIndex executor,
                                                      std::span<const Judgement> all) const;
    [[nodiscard]] Ruling ruling(const Task& task) const;
    TaskOutcome settle(const Task& task);
    void pay_executor_and_checkers(const Task& task, Ruling ruling, core::Amount charged);
    void pay_judges(const Task& task, core::Amount deposit);
    void count_false_result(const Task& task);

    Account& account(NodeIndex node) { return accounts_[place(node)]; }
    [[nodiscard]] const Account& account(NodeIndex node) const { return accounts_[place(node)]; }

    Cycle cycle_;
    Rules rules_;
    std::vector<Account> accounts_;
    std::uint64_t weight_ = 0;
    std::uint64_t last_ = 0;
    bool started_ = false;
    core::Amount paid_in_ = 0;
    core::Amount paid_to_users_ = 0;
    core::Amount fees_ = 0;
    core::Amount training_ = 0;  // of the fees
    core::uint128 work_ =
        0;  // of all accounts; tasks have different ids, so that 2^64 tasks of 2^64 - 1 units fit
};

namespace detail {

/// Whether a delivered verdict is right: by what is known of the result, else by the benefit of the doubt.
constexpr bool is_right(Verdict verdict, Answer answer, Ruling ruling) {
    if (verdict == Verdict::missing) return false;
    if (answer == Answer::planted || ruling == Ruling::invalid) return verdict == Verdict::invalid;
    return ruling == Ruling::none || verdict == Verdict::valid;
}

/// What a node earned in a cycle, by reason, in their order.
struct Earnings {
    core::Amount executed = 0, checked = 0, judged = 0, issued = 0;

    [[nodiscard]] constexpr core::Amount sum() const { return executed + checked + judged + issued; }
};

}  // namespace detail

template <typename Judgement>
core::result<void> Settlement::admit_judgements(NodeIndex executor, std::span<const Judgement> all) const {
    std::optional<NodeIndex> before;
    for (const Judgement& judgement : all) {
        if (place(judgement.node) >= accounts_.size()) return core::fail(errc::unknown_node);
        if (judgement.node == executor) return core::fail(validation::errc::own_work);
        if (account(judgement.node).weight == 0) return core::fail(validation::errc::no_voting_weight);
        if (before == judgement.node) return core::fail(errc::duplicate_verdict);
        if (before && judgement.node < *before) return core::fail(errc::verdict_out_of_order);
        before = judgement.node;
    }
    return {};
}

inline core::result<void> Settlement::admit(const Task& task) const {
    if (started_ && task.id == last_) return core::fail(validation::errc::duplicate_task);
    if (started_ && task.id < last_) return core::fail(validation::errc::task_out_of_order);
    if (task.race != cycle_.race) return core::fail(validation::errc::weights_changed);
    if (place(task.executor) >= accounts_.size()) return core::fail(errc::unknown_node, "the executor");
    const core::Amount deposit = task.report_deposit.value_or(0);
    if (task.limit < 0) return core::fail(core::errc::invalid_amount, "limit");
    if (task.cost < 0) return core::fail(core::errc::invalid_amount, "cost");
    if (deposit < 0) return core::fail(core::errc::invalid_amount, "report_deposit");
    const auto with_limit = core::checked_add(paid_in_, task.limit);
    if (!with_limit || !core::checked_add(*with_limit, deposit))
        return core::fail(core::errc::overflow, "the coins of the cycle");
    if (task.answer == Answer::missed &&
        (task.cost > 0 || task.report_deposit || !task.checks.empty() || !task.votes.empty()))
        return core::fail(errc::no_result);
    if (task.answer == Answer::planted && (task.report_deposit || !task.votes.empty()))
        return core::fail(errc::no_result);
    if (const auto checks = admit_judgements(task.executor, task.checks); !checks) return checks;
    if (const auto votes = admit_judgements(task.executor, task.votes); !votes) return votes;
    if (task.report_deposit) {
        if (task.payer == account(task.executor).id)
            return core::fail(validation::errc::own_work, "a report on oneself");
        if (deposit < rules_.report_deposit) return core::fail(errc::insufficient_deposit);
    }
    if (!task.votes.empty() && !task.report_deposit &&
        std::none_of(task.checks.begin(), task.checks.end(),
                     [](const Check& c) { return c.verdict == Verdict::invalid; }))
        return core::fail(errc::unexpected_vote);
    return {};
}

inline Ruling Settlement::ruling(const Task& task) const {
    std::uint64_t valid = 0;
    std::uint64_t invalid = 0;
    for (const Vote& vote : task.votes) (vote.valid ? valid : invalid) += account(vote.node).weight;
    if (valid > weight_ - valid) return Ruling::valid;
    if (invalid > weight_ - invalid) return Ruling::invalid;
    return Ruling::none;
}

inline TaskOutcome Settlement::settle(const Task& task) {
    Account& executor = account(task.executor);
    TaskOutcome outcome{.ruling = ruling(task)};
    if (task.answer != Answer::planted) ++executor.tasks_due;
    for (const Check& check : task.checks) {
        Account& checker = account(check.node);
        ++checker.checks_due;
        if (detail::is_right(check.verdict, task.answer, outcome.ruling)) ++checker.checks_done;
        if (task.answer == Answer::planted && check.verdict == Verdict::valid) checker.convicted = true;
    }
    const core::Amount deposit = task.report_deposit.value_or(0);
    if (task.answer == Answer::missed || outcome.ruling == Ruling::invalid) {
        outcome.refund = task.limit;
        outcome.deposit = deposit;
        if (outcome.ruling == Ruling::invalid) count_false_result(task);
        return outcome;
    }
    if (task.answer == Answer::given) ++executor.tasks_done;
    const core::Amount charged = std::min(task.cost, task.limit);
    outcome.unspent = task.limit - charged;
    pay_executor_and_checkers(task, outcome.ruling, charged);
    if (outcome.ruling == Ruling::valid) {
        pay_judges(task, deposit);
    } else {
        outcome.deposit = deposit;
    }
    return outcome;
}

inline void Settlement::pay_executor_and_checkers(const Task& task, Ruling ruling, core::Amount charged) {
    fees_ += charged;
    // The share of the sum, not of each fee: else fees could be made so small that nothing is due.
    const core::Amount due = core::part_rounded_down(rules_.training, fees_);
    const core::Amount reward = charged - (due - training_);
    training_ = due;
    work_ += task.work;

    std::uint32_t right = 0;
    for (const Check& check : task.checks)
        right += detail::is_right(check.verdict, task.answer, ruling) ? 1u : 0u;
    const Halves halves = split_checkers_rounded_down(reward, right > 0);
    const std::uint64_t checkers_work = right > 0 ? task.work / 2 : 0;
    account(task.executor).executed += halves.executor;
    account(task.executor).work += task.work - checkers_work;
    std::uint32_t rank = 0;
    for (const Check& check : task.checks) {
        if (!detail::is_right(check.verdict, task.answer, ruling)) continue;
        Account& checker = account(check.node);
        checker.checked += equal_part(halves.checkers, rank, right);
        checker.work += static_cast<std::uint64_t>(equal_part(checkers_work, rank, right));
        ++rank;
    }
}

/// The deposit of a refused report, to those who voted so, by their weights.
inline void Settlement::pay_judges(const Task& task, core::Amount deposit) {
    if (deposit == 0) return;
    std::vector<core::uint128> votes;
    for (const Vote& vote : task.votes) votes.push_back(vote.valid ? account(vote.node).weight : 0);
    const auto parts = core::apportion(deposit, votes).value();
    for (std::size_t i = 0; i < parts.size(); ++i) account(task.votes[i].node).judged += parts[i];
}

inline void Settlement::count_false_result(const Task& task) {
    Account& executor = account(task.executor);
    ++executor.false_results;
    if (executor.convicted || executor.false_results <= rules_.tolerated_false_results) return;
    executor.convicted = true;
    executor.by_vote = true;
    if (task.report_deposit) executor.reporter = task.payer;
    // Only the vote that convicts earns a bounty: false results without end would dilute those of other
    // convictions.
    for (const Vote& vote : task.votes) {
        if (!vote.valid) account(vote.node).bounty_weight += account(vote.node).weight;
    }
}

inline core::result<Statement> Settlement::close(core::Amount issued) const {
    if (issued < 0) return core::fail(core::errc::invalid_amount, "the issuance");
    if (!core::checked_add(paid_in_, issued))
        return core::fail(core::errc::overflow, "the coins of the cycle");
    if (issued > 0 && !has_work()) return core::fail(core::errc::no_weight, "nobody worked");

    Statement out{.cycle = cycle_,
                  .payouts = {},
                  .conduct = {},
                  .paid_in = paid_in_,
                  .issued = issued,
                  .paid_to_users = paid_to_users_};
    const auto pay = [&](Owner owner, const AccountId& id, Reason reason, core::Amount amount) {
        if (amount == 0) return;
        out.payouts.push_back({owner, id, reason, amount});
        out.paid_out += amount;
    };

    const core::Amount training_issued = core::part_rounded_down(rules_.training, issued);
    std::vector<core::Amount> issuance(accounts_.size());
    if (issued > 0) {
        std::vector<core::uint128> work(accounts_.size());
        for (std::size_t i = 0; i < work.size(); ++i) work[i] = accounts_[i].work;
        issuance = core::apportion(issued - training_issued, work).value();
    }

    // Honest earnings first: bounties and awards are measured by them.
    std::vector<detail::Earnings> kept(accounts_.size());
    core::Amount shortfall = 0;
    core::Amount forfeited = 0;  // of all convicted nodes
    core::Amount bounties = 0;   // set aside of it
    core::Amount honest_sum = 0;
    std::uint64_t honest_nodes = 0;  // that earned something
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        const Account& a = accounts_[i];
        const detail::Earnings earned{a.executed, a.checked, a.judged, issuance[i]};
        if (a.convicted) {
            forfeited += earned.sum();
            if (a.by_vote) bounties += core::part_rounded_down(rules_.bounty_share, earned.sum());
            continue;
        }
        const auto after = [&](core::Amount reward) {
            return after_shortfall_rounded_down(
                after_shortfall_rounded_down(reward, a.tasks_done, a.tasks_due, rules_.work_tolerance),
                a.checks_done, a.checks_due, rules_.check_tolerance);
        };
        kept[i] = {after(earned.executed), after(earned.checked), after(earned.judged), after(earned.issued)};
        shortfall += earned.sum() - kept[i].sum();
        honest_sum += kept[i].sum();
        honest_nodes += earned.sum() > 0 ? 1u : 0u;
    }

    // Bounties: by the weight of the votes that convicted, capped by each node's own honest earnings.
    std::vector<core::Amount> bounty(accounts_.size());
    std::vector<core::uint128> votes(accounts_.size());
    for (std::size_t i = 0; i < votes.size(); ++i)
        votes[i] = accounts_[i].convicted ? 0 : accounts_[i].bounty_weight;
    if (const auto parts = core::apportion(bounties, votes)) {
        for (std::size_t i = 0; i < bounty.size(); ++i) {
            bounty[i] = std::min((*parts)[i], core::part_rounded_down(rules_.bounty_cap, kept[i].sum()));
        }
    }
    core::Amount unclaimed = forfeited;
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        const AccountId& id = accounts_[i].id;
        pay(Owner::node, id, Reason::executed, kept[i].executed);
        pay(Owner::node, id, Reason::checked, kept[i].checked);
        pay(Owner::node, id, Reason::judged, kept[i].judged);
        pay(Owner::node, id, Reason::issued, kept[i].issued);
        pay(Owner::node, id, Reason::bounty, bounty[i]);
        unclaimed -= bounty[i];
    }

    // Awards: of what the reported node forfeits, capped by what an honest node earned on average.
    const core::Amount mean = honest_nodes == 0 ? 0 : honest_sum / static_cast<core::Amount>(honest_nodes);
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        const Account& a = accounts_[i];
        if (!a.reporter) continue;
        const core::Amount share =
            core::part_rounded_down(rules_.reporter_share, a.executed + a.checked + a.judged + issuance[i]);
        const core::Amount award = std::min(share, core::part_rounded_down(rules_.bounty_cap, mean));
        pay(Owner::user, *a.reporter, Reason::award, award);
        unclaimed -= award;
    }

    pay(Owner::training, {}, Reason::issued, training_issued);
    pay(Owner::training, {}, Reason::fees, training_);
    pay(Owner::reserve, {}, Reason::forfeited, unclaimed);
    pay(Owner::reserve, {}, Reason::shortfall, shortfall);

    for (const Account& a : accounts_) {
        // The worse of both shares, rounded up.
        const auto missed = [](std::uint64_t done, std::uint64_t due) {
            return due == 0 ? std::uint64_t{0}
                            : static_cast<std::uint64_t>(
                                  (core::uint128{due - done} * core::Rate::one + due - 1) / due);
        };
        const std::uint64_t worse =
            std::max(missed(a.tasks_done, a.tasks_due), missed(a.checks_done, a.checks_due));
        out.conduct.push_back(
            {a.id, {a.convicted, a.tasks_done + a.checks_done > 0, core::Rate::create(worse).value()}});
    }
    POUW_ENSURES(out.paid_in + out.issued == out.paid_to_users + out.paid_out);
    return out;
}

}  // namespace pouw::economics
