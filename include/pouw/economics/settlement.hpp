/// Settlement: it takes the tasks of one epoch, one by one, and gives the payouts. Every unit is conserved.
///
/// The settlement counts no majority: each task comes with the ruling of `validation::Voting`.
/// Source: White paper, chapters 6 and 9; docs/spec/economics.md.
#pragma once

#include "pouw/core/amount.hpp"
#include "pouw/core/bytes.hpp"
#include "pouw/core/conviction.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/economics/errc.hpp"
#include "pouw/economics/node_places.hpp"
#include "pouw/economics/reputation.hpp"
#include "pouw/economics/rewards.hpp"
#include "pouw/judgement/judge.hpp"
#include "pouw/stats/probability.hpp"
#include "pouw/validation/task.hpp"
#include "pouw/validation/verdict.hpp"
#include "pouw/validation/vote.hpp"
#include "pouw/weights/weights.hpp"

#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

namespace pouw::inline v1::economics {

/// An owner of coins: a node, or a requester.
using AccountId = core::NodeId;

/// The rule that convicts an executor by a number of false results, however many it gave.
struct POUW_API FixedCount {
    std::uint32_t tolerated = 0;  ///< false results that do not convict yet

    friend constexpr bool operator==(const FixedCount&, const FixedCount&) = default;
};

/// The rule that convicts an executor by its false results in an epoch: the binomial test of a rate of honest
/// errors, or a fixed count.
using ConvictionRule = std::variant<FixedCount, judgement::EpochRule>;

/// The rules that a chain decides once. docs/economics.md says how the defaults were found.
struct POUW_API Rules {
    TrainingShare training{};  ///< of fees and issuance
    core::Rate work_tolerance =
        core::Rate::percent(10);  ///< tasks a node may miss without a penalty; below 1
    core::Rate check_tolerance = core::Rate::percent(10);                        ///< checks, likewise
    core::Rate vote_tolerance = core::Rate::percent(1);                          ///< votes, likewise
    ConvictionRule conviction = judgement::EpochRule{{1, 100}, {1, 1'000'000}};  ///< by false results
    std::uint32_t false_result_fine =
        3;  ///< of its earnings, how many times the share of its checked results that checks found false
    core::Rate reporter_share =
        core::Rate::percent(25);  ///< of what rulings forfeit, for the requester whose reports convicted
    core::Rate bounty_share =
        core::Rate::percent(25);  ///< of the same and of fines, for the nodes that voted "invalid"
    core::Rate bounty_cap =
        core::Rate::percent(50);  ///< of its honest earnings, the most that a node gains by bounties; below 1
    core::Amount report_deposit =
        0;  ///< the least that a report costs when it is wrong; 0 lets anybody make all nodes verify

    friend constexpr bool operator==(const Rules&, const Rules&) = default;
};

/// Checks that the rules are in range.
/// Errors: errc::invalid_rules; core::errc::invalid_amount for a negative deposit.
[[nodiscard]] constexpr core::result<void> check(const Rules& rules) {
    if (rules.work_tolerance.ppm() == core::Rate::one)
        return core::fail(errc::invalid_rules, "work_tolerance");
    if (rules.check_tolerance.ppm() == core::Rate::one)
        return core::fail(errc::invalid_rules, "check_tolerance");
    if (rules.vote_tolerance.ppm() == core::Rate::one)
        return core::fail(errc::invalid_rules, "vote_tolerance");
    if (const auto* test = std::get_if<judgement::EpochRule>(&rules.conviction);
        test &&
        !(stats::checked_probability(test->honest_rate) && stats::checked_probability(test->significance)))
        return core::fail(errc::invalid_rules, "conviction");
    if (rules.bounty_cap.ppm() == core::Rate::one) return core::fail(errc::invalid_rules, "bounty_cap");
    if (rules.reporter_share.ppm() + rules.bounty_share.ppm() > core::Rate::one)
        return core::fail(errc::invalid_rules, "reporter_share and bounty_share exceed 1");
    if (rules.report_deposit < 0) return core::fail(core::errc::invalid_amount, "report_deposit");
    return {};
}

/// The check of a selected validator.
struct POUW_API Check {
    core::NodeId validator;
    std::optional<validation::Verdict> verdict;  ///< nothing where it was selected and did not check
};

/// Whether a task has a result.
enum class Answer : std::uint8_t {
    given,
    missed,  ///< the executor did not answer
    planted  ///< a false result that the chain planted: a validator that checks it finds it
};

/// The record of a task and of everything that happened to it. It is a view and does not own its checks and
/// votes.
struct POUW_API TaskRecord {
    validation::Task task;  ///< its id, and the executor
    core::Epoch epoch;      ///< the epoch whose weights selected the validators and counted the votes
    core::Height height;  ///< of the block that ended the task: the vote's deadline, or no vote was asked for
    AccountId requester;  ///< the account that pays
    core::Amount limit = 0;  ///< paid in advance
    core::Amount cost = 0;   ///< of the computation; at most `limit` is charged
    std::uint64_t work = 0;  ///< units of compute: the issuance is divided by the part that was paid for
    Answer answer = Answer::given;
    std::optional<core::Amount> report_deposit{};  ///< of the requester, who reported the result
    std::span<const Check> checks{};               ///< ascending in their validators
    std::optional<validation::Ruling> ruling{};    ///< of `Voting::ruling`, where `needs_vote`
    /// Of `Voting::votes` after the deadline, also where a majority stood before: a node that is not among
    /// them missed its duty. Ascending in their voters.
    std::span<const validation::Vote> votes{};
};

/// Whether a vote must be held on the result of a task: it was given, and a check flags it or its requester
/// reports it.
[[nodiscard]] POUW_API bool needs_vote(const TaskRecord& task) noexcept;

/// The kind of the owner of a payout.
enum class Owner : std::uint8_t {
    node,
    requester,
    training,  ///< the fund of Appendix K
    reserve    ///< what misconduct forfeits and nobody is due
};

/// The reason of a payout.
enum class Reason : std::uint8_t {
    executed,   ///< node: results
    checked,    ///< node: checks
    judged,     ///< node: votes that cleared a result, out of the deposit or of the wrong validators' part
    issued,     ///< node, training: issuance
    bounty,     ///< node: votes "invalid" on false results
    unspent,    ///< requester: limit minus cost
    refund,     ///< requester: a request answered by fraud, or not answered
    deposit,    ///< requester: of a report that was not refused
    award,      ///< requester: of the first report of an executor that only reports convicted
    fees,       ///< training: share of the fees
    forfeited,  ///< reserve: of convicted nodes, and fines for false results
    shortfall   ///< reserve: of nodes that missed duties
};

/// The name of an owner, as in JSON.
[[nodiscard]] constexpr std::string_view name(Owner owner) noexcept {
    constexpr std::string_view names[] = {"node", "requester", "training", "reserve"};
    return names[static_cast<std::size_t>(owner)];
}
/// The name of a reason, as in JSON.
[[nodiscard]] constexpr std::string_view name(Reason reason) noexcept {
    constexpr std::string_view names[] = {"executed", "checked", "judged",    "issued",
                                          "bounty",   "unspent", "refund",    "deposit",
                                          "award",    "fees",    "forfeited", "shortfall"};
    return names[static_cast<std::size_t>(reason)];
}

/// One line of the statement. The id of the funds is zero.
struct POUW_API Payout {
    Owner owner = Owner::node;
    AccountId id{};
    Reason reason = Reason::executed;
    core::Amount amount = 0;  ///< above 0

    friend bool operator==(const Payout&, const Payout&) = default;
};

/// The amounts that a task pays its requester at once.
struct POUW_API TaskOutcome {
    core::Amount unspent = 0;
    core::Amount refund = 0;
    core::Amount deposit = 0;

    [[nodiscard]] constexpr core::Amount to_requester() const noexcept { return unspent + refund + deposit; }
    friend constexpr bool operator==(const TaskOutcome&, const TaskOutcome&) = default;
};

/// A node and its epoch record.
struct POUW_API NodeRecord {
    core::NodeId node{};
    EpochRecord record{};

    friend bool operator==(const NodeRecord&, const NodeRecord&) = default;
};

/// The settlement statement of an epoch: payouts, convictions, and the record of each node.
struct POUW_API Statement {
    core::Epoch epoch;
    std::vector<Payout>
        payouts;  ///< nodes ascending, each in the order of reasons; awards; training; reserve
    std::vector<core::Conviction> convictions{};  ///< one for each convicted node, ascending
    std::vector<NodeRecord> records{};            ///< of all nodes, ascending
    core::Amount paid_in = 0;                     ///< limits and deposits
    core::Amount issued = 0;
    core::Amount paid_to_requesters = 0;  ///< at once, by `TaskOutcome`
    core::Amount paid_out = 0;  ///< the sum of `payouts`; paid_in + issued == paid_to_requesters + paid_out

    friend bool operator==(const Statement&, const Statement&) = default;
};

/// The blocks of an epoch, both included.
struct POUW_API HeightRange {
    core::Height first;
    core::Height last;

    friend constexpr bool operator==(const HeightRange&, const HeightRange&) = default;
};

/// The accounts of an epoch that is not settled yet. The settlement is a value: a copy is a state to which a
/// program can return.
///
/// A result that is ruled invalid is false. At the end of the epoch `Rules::conviction` judges each executor
/// twice: by the false results that checks found, of its checked results, and by all false results, of all
/// that it gave. Checks are drawn at random and reports are not: so nobody moves the first test by reports,
/// on false results or on right ones. The order of the tasks does not matter.
///
/// A false result that a check found stands for those that nobody checked. An executor that is not convicted
/// therefore loses `false_result_fine` times the share of its checked results, by what they charge, that
/// checks found false.
///
/// A vote is a duty of every node with weight, but for the executor's. A vote against the ruling, and none,
/// is a missed one. The votes of an epoch count as `least_votes` where there are fewer.
///
/// A convicted node forfeits all that it earned in the epoch, and its reputation falls to 0:
///  * Convicted by rulings: `bounty_share` of it, and of the fines, goes to the nodes that voted "invalid" on
///    false results, by their weights and the number of such votes; `reporter_share` goes to the requester
///    whose upheld report of that node has the smallest task id. Both stay within `bounty_cap`, and the rest
///    goes to the reserve. A report is awarded only if the node would not be convicted without reports, and
///    only if the requester is no convicted node: a node that expects a conviction gains nothing by reporting
///    itself under another key.
///  * Convicted by evidence (`apply`), or by a planted result that it passed: all of it goes to the reserve,
///    whatever the rulings say. The first such conviction of a node decides.
///
/// Cost: memory in proportion to the nodes, whatever the number of tasks.
class POUW_API Settlement {
  public:
    /// The least number of votes by which abstentions are measured: who misses the only vote of an epoch
    /// misses a tenth.
    static constexpr std::uint64_t least_votes = 10;

    /// The settlement of `epoch`, judged by the weights `judges`. `without_weight` names the other nodes that
    /// take part, and `unregistered` those of `judges` that have no VRF key in the epoch, both in any order
    /// (`validation::Validators::unregistered`). Nobody can select an unregistered node, so it has missed its
    /// share of the checks: it keeps nothing that it earns, and its record says so. `heights` are the blocks
    /// of the epoch, where they are known.
    /// Errors: those of `check(rules)`; weights::errc::duplicate_node for a node that is named twice in one
    ///     list, or without weight although it has some; errc::unknown_node for an unregistered node that has
    ///     no weight; core::errc::overflow for more than 2^32 - 2 nodes.
    /// Cost: a sort.
    [[nodiscard]] static core::result<Settlement> create(core::Epoch epoch,
                                                         const weights::WeightTable& judges,
                                                         std::span<const core::NodeId> without_weight,
                                                         std::span<const core::NodeId> unregistered,
                                                         const Rules& rules,
                                                         std::optional<HeightRange> heights = {});

    /// Takes the next task. Ids ascend strictly. A task that is refused changes nothing.
    /// Errors: in the order in which they are looked for:
    ///  * validation::errc::duplicate_task, validation::errc::task_out_of_order
    ///  * validation::errc::other_epoch
    ///  * errc::unknown_node: the executor
    ///  * core::errc::invalid_amount: below 0; core::errc::overflow: more coins than 2^127 - 1 in the epoch
    ///  * errc::no_result: checks, a vote, a cost or a report where nothing was answered; a vote or a report
    ///    on a planted result
    ///  * of every check, then of every vote: errc::unknown_node, validation::errc::own_work,
    ///    validation::errc::no_voting_weight, validation::errc::unregistered_key (checks only),
    ///    errc::duplicate_verdict, errc::verdict_out_of_order
    ///  * validation::errc::own_work: a report by the executor's own key; errc::insufficient_deposit
    ///  * errc::unexpected_vote: a vote on a result that nobody flagged or reported
    ///  * errc::open_ruling: no ruling where `needs_vote`, or a ruling that is still open
    ///  * errc::unsupported_ruling: "valid" or "invalid" without a vote that says so
    /// Cost: O(checks + votes).
    [[nodiscard]] core::result<TaskOutcome> add(const TaskRecord& task);

    /// Convicts a node by evidence.
    /// Errors: errc::unknown_node; core::errc::too_early and core::errc::too_late for a height outside of the
    ///     epoch's.
    [[nodiscard]] core::result<void> apply(const core::Conviction& conviction);

    /// The fees charged so far for requests that were served. A subsidy is computed from them.
    [[nodiscard]] core::Amount fees() const noexcept { return fees_; }

    /// Whether any node did work that was paid for, to which issuance can go.
    [[nodiscard]] bool has_work() const noexcept { return work_ > 0; }

    /// Ends the epoch with `issued` new coins, the chain's decision by `fees()` and its schedule.
    /// Errors: core::errc::invalid_amount for a negative issuance; core::errc::no_weight for an issuance
    ///     where nobody worked; core::errc::overflow.
    /// Cost: O(n log n).
    [[nodiscard]] core::result<Statement> close(core::Amount issued) const;

    /// Ends the epoch with the issuance of the rule of a subsidy and a minimum. Nothing is issued where no
    /// node worked.
    /// Errors: those of `economics::issued` and of `close`.
    [[nodiscard]] core::result<Statement> close(const Issuance& rule) const;

    [[nodiscard]] core::Epoch epoch() const noexcept { return epoch_; }
    /// The nodes that take part, ascending.
    [[nodiscard]] std::span<const core::NodeId> nodes() const noexcept { return places_.nodes(); }

    /// The whole state, the rules and the weights included.
    [[nodiscard]] core::Bytes save() const;

    /// Restores a state that `save` gave.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version, core::errc::count_too_large; core::errc::non_canonical for a
    ///     flag, a rule or a ground that is none, for fractions that are not in lowest terms, and for nodes
    ///     or false results that descend; core::errc::rate_above_one, core::errc::invalid_fraction; those of
    ///     `TrainingShare::create` and of `check(rules)`; weights::errc::duplicate_node;
    ///     core::errc::invalid_amount for a negative amount; core::errc::overflow for weights or coins whose
    ///     sum does not fit; errc::unknown_node for the conviction of a stranger; core::errc::too_early and
    ///     core::errc::too_late for a conviction outside of the epoch's blocks;
    ///     core::errc::inconsistent_state for coins that are not conserved and for counts that no tasks lead
    ///     to.
    /// Cost: O(n).
    [[nodiscard]] static core::result<Settlement> restore(core::ByteView data);

    /// Whether both go on alike.
    friend POUW_API bool operator==(const Settlement& a, const Settlement& b);

  private:
    class POUW_LOCAL Closing;
    class POUW_LOCAL State;

    /// The account of a node: what it earned and did so far. An executor's fields share a cache line.
    struct alignas(64) Account {
        core::Amount executed = 0;
        core::uint128 work = 0;
        std::uint64_t weight = 0;
        std::uint64_t tasks_due = 0;
        std::uint64_t tasks_done = 0;
        bool convicted = false;  // by evidence or a planted result
        bool unregistered = false;
        core::Amount checked = 0;
        core::Amount judged = 0;
        core::uint128 bounty_weight = 0;
        std::uint64_t checks_due = 0;
        std::uint64_t checks_done = 0;
        core::Amount charges_checked = 0;  // of its own results that somebody checked
        std::uint64_t results_checked = 0;
        std::uint64_t votes_done = 0;
        std::uint64_t votes_on_own = 0;  // held on its own results

        friend bool operator==(const Account&, const Account&) = default;
    };

    /// The false results of an executor.
    struct FalseResults {
        std::uint64_t all = 0;
        std::uint64_t found = 0;         // by checks
        core::Amount charges_found = 0;  // of those
        core::EvidenceDigest evidence;   // of the votes against all of them
        core::Height height;             // of the last of them
        std::optional<AccountId> reporter{};

        friend bool operator==(const FalseResults&, const FalseResults&) = default;
    };

    /// A convicted node.
    struct Convicted {
        std::uint32_t place = 0;
        core::Conviction conviction;
        bool by_rulings = false;              ///< there is a bounty
        std::optional<AccountId> reporter{};  ///< whose report is awarded

        friend bool operator==(const Convicted&, const Convicted&) = default;
    };

    /// The places of the nodes of a task.
    struct Places {
        std::uint32_t executor = NodePlaces::none;
        std::vector<std::uint32_t> validators;
        std::vector<std::uint32_t> voters;
    };

    Settlement(core::Epoch epoch, const Rules& rules, std::optional<HeightRange> heights)
        : epoch_{epoch}, rules_{rules}, heights_{heights} {}

    [[nodiscard]] core::result<void> admit(const TaskRecord& task);
    [[nodiscard]] core::result<void> admit_coins(const TaskRecord& task) const;
    [[nodiscard]] core::result<void> admit_ruling(const TaskRecord& task) const;
    [[nodiscard]] core::result<void> admit_node(const core::NodeId& node, bool checks,
                                                std::vector<std::uint32_t>& to) const;
    core::result<TaskOutcome> settle(const TaskRecord& task);
    void count_duties(const TaskRecord& task);
    void count_votes(const TaskRecord& task);
    [[nodiscard]] core::Amount pay_executor_and_validators(const TaskRecord& task, core::Amount charged);
    void pay_judges(const TaskRecord& task, core::Amount amount);
    void count_false_result(const TaskRecord& task);
    void convict(std::uint32_t place, const core::Conviction& conviction);

    core::Epoch epoch_;
    Rules rules_;
    std::optional<HeightRange> heights_;
    NodePlaces places_;
    std::vector<Account> accounts_;                        // in the order of the places
    std::vector<Convicted> convicted_;                     // by evidence and planted results, in their order
    std::map<std::uint32_t, FalseResults> false_results_;  // by place
    std::uint64_t votes_held_ = 0;
    Places current_;  // of the task that is being taken
    core::TaskId last_;
    bool started_ = false;
    core::Amount paid_in_ = 0;
    core::Amount paid_to_requesters_ = 0;
    core::Amount fees_ = 0;
    core::Amount training_ = 0;  // of the fees
    core::uint128 work_ = 0;     // of all accounts, as far as paid: 2^64 tasks of 2^64 - 1 units fit
};

}  // namespace pouw::inline v1::economics
