#include "pouw/economics/settlement.hpp"

#include "pouw/core/apportion.hpp"
#include "pouw/core/checked.hpp"
#include "pouw/core/contract.hpp"
#include "pouw/crypto/evidence.hpp"
#include "pouw/stats/binomial.hpp"
#include "pouw/validation/errc.hpp"
#include "pouw/weights/errc.hpp"

#include <algorithm>

namespace pouw::inline v1::economics {
namespace {

using validation::Ruling;
using validation::Verdict;

/// Whether a check is right: by what is known of the result, else by the benefit of the doubt.
bool is_right(const Check& check, const TaskRecord& task) {
    if (!check.verdict) return false;
    if (task.answer == Answer::planted || task.ruling == Ruling::invalid)
        return check.verdict == Verdict::invalid;
    return task.ruling != Ruling::valid || check.verdict == Verdict::valid;
}

/// Whether a check is wrong by the ruling that cleared the result.
bool is_refuted(const Check& check, const TaskRecord& task) {
    return task.ruling == Ruling::valid && check.verdict == Verdict::invalid;
}

/// Whether a vote is not against the ruling.
bool is_right(const validation::Vote& vote, Ruling ruling) {
    if (ruling == Ruling::undecided) return true;
    return (vote.verdict == Verdict::valid) == (ruling == Ruling::valid);
}

bool is_flagged(const TaskRecord& task) {
    return std::any_of(task.checks.begin(), task.checks.end(),
                       [](const Check& check) { return check.verdict == Verdict::invalid; });
}

/// The evidence of rulings: the evidence of those before, if any, and the encoded votes for the last one.
core::EvidenceDigest evidence_of_votes(const core::EvidenceDigest* before,
                                       std::span<const validation::Vote> votes) {
    core::Bytes encoded;
    if (before) core::append(encoded, before->view());
    for (const validation::Vote& vote : votes) {
        if (vote.verdict == Verdict::invalid) core::append(encoded, vote.encode());
    }
    return crypto::evidence_digest(encoded);
}

/// The evidence of a planted result that a validator passed: the task's id and the validator.
core::EvidenceDigest evidence_of_planted(const core::TaskId& task, const core::NodeId& validator) {
    core::Bytes encoded;
    core::append(encoded, task.view());
    core::append(encoded, validator.view());
    return crypto::evidence_digest(encoded);
}

/// The units of work that the charge pays for: what was not paid earns no issuance.
std::uint64_t paid_work(const TaskRecord& task, core::Amount charged) {
    if (charged == 0) return 0;
    if (charged == task.cost) return task.work;
    return static_cast<std::uint64_t>(core::scaled_rounded_down(
        task.work, static_cast<core::uint128>(charged), static_cast<core::uint128>(task.cost)));
}

/// The share of the duties that were not done, in millionths, rounded up.
std::uint64_t missed_rounded_up(std::uint64_t done, std::uint64_t due) {
    if (due == 0) return 0;
    return static_cast<std::uint64_t>((core::uint128{due - done} * core::Rate::one + due - 1) / due);
}

}  // namespace

bool needs_vote(const TaskRecord& task) noexcept {
    return task.answer == Answer::given && (task.report_deposit || is_flagged(task));
}

core::result<Settlement> Settlement::create(core::Epoch epoch, const weights::WeightTable& judges,
                                            std::span<const core::NodeId> without_weight,
                                            std::span<const core::NodeId> unregistered, const Rules& rules,
                                            std::optional<HeightRange> heights) {
    if (const auto checked = check(rules); !checked) return checked.error();
    if (judges.nodes().size() + without_weight.size() >= NodePlaces::none)
        return core::fail(core::errc::overflow, "too many nodes");
    std::vector<weights::NodeWeight> nodes{judges.nodes().begin(), judges.nodes().end()};
    for (const core::NodeId& node : without_weight) nodes.push_back({node, 0});
    std::sort(nodes.begin(), nodes.end(), [](const auto& a, const auto& b) { return a.node < b.node; });
    const auto same = [](const auto& a, const auto& b) { return a.node == b.node; };
    if (std::adjacent_find(nodes.begin(), nodes.end(), same) != nodes.end())
        return core::fail(weights::errc::duplicate_node);

    Settlement out{epoch, rules, heights};
    std::vector<core::NodeId> ids;
    ids.reserve(nodes.size());
    out.accounts_.reserve(nodes.size());
    for (const weights::NodeWeight& node : nodes) {
        ids.push_back(node.node);
        out.accounts_.emplace_back().weight = node.weight;
    }
    out.places_ = NodePlaces{std::move(ids)};
    for (const core::NodeId& node : unregistered) {
        const std::uint32_t place = out.places_.find(node);
        if (place == NodePlaces::none || out.accounts_[place].weight == 0)
            return core::fail(errc::unknown_node, "an unregistered node without weight");
        Account& account = out.accounts_[place];
        if (account.unregistered) return core::fail(weights::errc::duplicate_node, "unregistered");
        account.unregistered = true;
        account.checks_due = 1;  // its share of the checks, of which it does nothing
    }
    return out;
}

core::result<TaskOutcome> Settlement::add(const TaskRecord& task) {
    if (const auto admitted = admit(task); !admitted) return admitted.error();
    last_ = task.task.id;
    started_ = true;
    paid_in_ += task.limit + task.report_deposit.value_or(0);
    return settle(task);
}

core::result<void> Settlement::apply(const core::Conviction& conviction) {
    const std::uint32_t place = places_.find(conviction.node);
    if (place == NodePlaces::none) return core::fail(errc::unknown_node);
    if (heights_ && conviction.height < heights_->first) return core::fail(core::errc::too_early);
    if (heights_ && conviction.height > heights_->last) return core::fail(core::errc::too_late);
    convict(place, conviction);
    return {};
}

core::result<void> Settlement::admit(const TaskRecord& task) {
    if (started_ && task.task.id <= last_)
        return core::fail(task.task.id == last_ ? validation::errc::duplicate_task
                                                : validation::errc::task_out_of_order);
    if (task.epoch != epoch_) return core::fail(validation::errc::other_epoch);
    current_.executor = places_.find(task.task.executor);
    if (current_.executor == NodePlaces::none) return core::fail(errc::unknown_node, "the executor");
    if (const auto coins = admit_coins(task); !coins) return coins;

    const bool voted = task.ruling || !task.votes.empty();
    if (task.answer == Answer::missed &&
        (task.cost > 0 || task.report_deposit || !task.checks.empty() || voted))
        return core::fail(errc::no_result);
    if (task.answer == Answer::planted && (task.report_deposit || voted)) return core::fail(errc::no_result);
    current_.validators.clear();
    for (const Check& check : task.checks) {
        if (const auto node = admit_node(check.validator, true, current_.validators); !node) return node;
    }
    current_.voters.clear();
    for (const validation::Vote& vote : task.votes) {
        if (const auto node = admit_node(vote.voter, false, current_.voters); !node) return node;
    }
    if (task.report_deposit) {
        if (task.requester == task.task.executor)
            return core::fail(validation::errc::own_work, "a report on oneself");
        if (*task.report_deposit < rules_.report_deposit) return core::fail(errc::insufficient_deposit);
    }
    return voted || needs_vote(task) ? admit_ruling(task) : core::result<void>{};
}

core::result<void> Settlement::admit_coins(const TaskRecord& task) const {
    const core::Amount deposit = task.report_deposit.value_or(0);
    if (task.limit < 0) return core::fail(core::errc::invalid_amount, "limit");
    if (task.cost < 0) return core::fail(core::errc::invalid_amount, "cost");
    if (deposit < 0) return core::fail(core::errc::invalid_amount, "report_deposit");
    const auto with_limit = core::checked_add(paid_in_, task.limit);
    if (!with_limit || !core::checked_add(*with_limit, deposit))
        return core::fail(core::errc::overflow, "the coins of the epoch");
    return {};
}

core::result<void> Settlement::admit_node(const core::NodeId& node, bool checks,
                                          std::vector<std::uint32_t>& to) const {
    const std::uint32_t place = places_.find(node);
    if (place == NodePlaces::none) return core::fail(errc::unknown_node);
    if (place == current_.executor) return core::fail(validation::errc::own_work);
    if (accounts_[place].weight == 0) return core::fail(validation::errc::no_voting_weight);
    if (checks && accounts_[place].unregistered) return core::fail(validation::errc::unregistered_key);
    if (!to.empty() && to.back() == place) return core::fail(errc::duplicate_verdict);
    if (!to.empty() && to.back() > place) return core::fail(errc::verdict_out_of_order);
    to.push_back(place);
    return {};
}

core::result<void> Settlement::admit_ruling(const TaskRecord& task) const {
    if (!needs_vote(task)) return core::fail(errc::unexpected_vote);
    if (!task.ruling || task.ruling == Ruling::open) return core::fail(errc::open_ruling);
    if (task.ruling == Ruling::undecided) return {};
    const Verdict wanted = task.ruling == Ruling::valid ? Verdict::valid : Verdict::invalid;
    const auto supports = [&](const validation::Vote& vote) { return vote.verdict == wanted; };
    if (std::none_of(task.votes.begin(), task.votes.end(), supports))
        return core::fail(errc::unsupported_ruling);
    return {};
}

core::result<TaskOutcome> Settlement::settle(const TaskRecord& task) {
    count_duties(task);
    if (task.ruling) count_votes(task);
    core::Amount refund = 0;
    core::Amount unspent = 0;
    core::Amount deposit = task.report_deposit.value_or(0);
    if (task.answer == Answer::missed || task.ruling == Ruling::invalid) {
        refund = task.limit;
        if (task.ruling == Ruling::invalid) count_false_result(task);
    } else {
        const core::Amount charged = std::min(task.cost, task.limit);
        unspent = task.limit - charged;
        const core::Amount refuted = pay_executor_and_validators(task, charged);
        if (task.ruling == Ruling::valid) {
            pay_judges(task, deposit + refuted);
            deposit = 0;
        }
    }
    paid_to_requesters_ += unspent + refund + deposit;
    return TaskOutcome{unspent, refund, deposit};
}

void Settlement::count_duties(const TaskRecord& task) {
    Account& executor = accounts_[current_.executor];
    if (task.answer != Answer::planted) ++executor.tasks_due;
    if (task.answer == Answer::given && task.ruling != Ruling::invalid) ++executor.tasks_done;
    bool checked = false;
    for (std::size_t i = 0; i < task.checks.size(); ++i) {
        const std::uint32_t place = current_.validators[i];
        Account& validator = accounts_[place];
        ++validator.checks_due;
        checked |= task.checks[i].verdict.has_value();
        if (is_right(task.checks[i], task)) ++validator.checks_done;
        if (task.answer == Answer::planted && task.checks[i].verdict == Verdict::valid) {
            const core::NodeId& node = task.checks[i].validator;
            convict(place, {node, core::Ground::passed_false_result, evidence_of_planted(task.task.id, node),
                            task.height});
        }
    }
    if (checked && task.answer == Answer::given) {
        ++executor.results_checked;
        executor.charges_checked += std::min(task.cost, task.limit);
    }
}

/// Every node owes a vote: those held are counted once for all nodes, and what a node does not owe by node.
void Settlement::count_votes(const TaskRecord& task) {
    ++votes_held_;
    ++accounts_[current_.executor].votes_on_own;
    for (std::size_t i = 0; i < task.votes.size(); ++i) {
        if (is_right(task.votes[i], *task.ruling)) ++accounts_[current_.voters[i]].votes_done;
    }
}

/// Returns the parts of the validators that the ruling refuted, which those who voted "valid" get.
core::Amount Settlement::pay_executor_and_validators(const TaskRecord& task, core::Amount charged) {
    fees_ += charged;
    // The share of the sum, not of each fee: else fees could be made so small that nothing is due.
    const core::Amount due = core::part_rounded_down(rules_.training.rate(), fees_);
    const core::Amount reward = charged - (due - training_);
    training_ = due;
    const std::uint64_t work = paid_work(task, charged);
    work_ += work;

    std::uint32_t parts = 0;
    for (const Check& check : task.checks)
        parts += is_right(check, task) || is_refuted(check, task) ? 1u : 0u;
    const Halves halves = split_validators_rounded_down(reward, parts > 0);
    const std::uint64_t validators_work = parts > 0 ? work / 2 : 0;
    Account& executor = accounts_[current_.executor];
    executor.executed += halves.executor;
    executor.work += work - validators_work;
    core::Amount refuted = 0;
    std::uint32_t rank = 0;
    for (std::size_t i = 0; i < task.checks.size(); ++i) {
        const bool right = is_right(task.checks[i], task);
        if (!right && !is_refuted(task.checks[i], task)) continue;
        Account& validator = accounts_[current_.validators[i]];
        const core::Amount part = equal_part(halves.validators, rank, parts);
        const auto work_part = static_cast<std::uint64_t>(equal_part(validators_work, rank, parts));
        (right ? validator.checked : refuted) += part;
        (right ? validator : executor).work += work_part;
        ++rank;
    }
    return refuted;
}

/// What a result that is cleared pays the nodes that voted so, by their weights.
void Settlement::pay_judges(const TaskRecord& task, core::Amount amount) {
    if (amount == 0) return;
    std::vector<core::uint128> votes(task.votes.size());
    for (std::size_t i = 0; i < votes.size(); ++i) {
        if (task.votes[i].verdict == Verdict::valid) votes[i] = accounts_[current_.voters[i]].weight;
    }
    const auto parts = core::apportion(amount, votes).value();
    for (std::size_t i = 0; i < parts.size(); ++i) accounts_[current_.voters[i]].judged += parts[i];
}

/// Whether it convicts is decided at the end, so all votes against false results earn the bounty alike.
void Settlement::count_false_result(const TaskRecord& task) {
    FalseResults& results = false_results_[current_.executor];
    results.evidence = evidence_of_votes(results.all > 0 ? &results.evidence : nullptr, task.votes);
    results.height = std::max(results.height, task.height);
    ++results.all;
    if (is_flagged(task)) {
        ++results.found;
        results.charges_found += std::min(task.cost, task.limit);
    } else if (task.report_deposit && !results.reporter) {
        results.reporter = task.requester;
    }
    for (std::size_t i = 0; i < task.votes.size(); ++i) {
        Account& voter = accounts_[current_.voters[i]];
        if (task.votes[i].verdict == Verdict::invalid) voter.bounty_weight += voter.weight;
    }
}

void Settlement::convict(std::uint32_t place, const core::Conviction& conviction) {
    if (accounts_[place].convicted) return;
    accounts_[place].convicted = true;
    convicted_.push_back({place, conviction});
}

/// The end of an epoch, step by step: each function needs what those before it have computed.
class Settlement::Closing {
  public:
    Closing(const Settlement& settlement, core::Amount issued)
        : s_{settlement},
          convicted_{settlement.convicted_},
          is_convicted_(s_.accounts_.size()),
          kept_(s_.accounts_.size()),
          forfeited_(s_.accounts_.size()),
          bounty_(s_.accounts_.size()) {
        convict_by_rulings();
        for (const Convicted& convicted : convicted_) is_convicted_[convicted.place] = true;
        std::sort(convicted_.begin(), convicted_.end(),
                  [](const Convicted& a, const Convicted& b) { return a.place < b.place; });
        out_.epoch = s_.epoch_;
        out_.paid_in = s_.paid_in_;
        out_.issued = issued;
        out_.paid_to_requesters = s_.paid_to_requesters_;
    }

    Statement run() && {
        divide_issuance();
        keep_or_forfeit();
        divide_bounties();
        pay_nodes();
        pay_requesters();
        pay(Owner::training, {}, Reason::issued, training_issued_);
        pay(Owner::training, {}, Reason::fees, s_.training_);
        pay(Owner::reserve, {}, Reason::forfeited, unclaimed_);
        pay(Owner::reserve, {}, Reason::shortfall, shortfall_);
        record_nodes();
        for (const Convicted& convicted : convicted_) out_.convictions.push_back(convicted.conviction);
        POUW_ENSURES(out_.paid_in + out_.issued == out_.paid_to_requesters + out_.paid_out);
        return std::move(out_);
    }

  private:
    /// What a node earned, by reason, in their order.
    struct Earnings {
        core::Amount executed = 0, checked = 0, judged = 0, issued = 0;

        [[nodiscard]] core::Amount sum() const { return executed + checked + judged + issued; }
    };

    /// The nodes that false results convict, beside those that are convicted already.
    void convict_by_rulings() {
        for (const auto& [place, results] : s_.false_results_) {
            const Account& a = s_.accounts_[place];
            const bool by_checks = convicts(results.found, a.results_checked);
            if (a.convicted || !(by_checks || convicts(results.all, a.tasks_done + results.all))) continue;
            const core::Conviction conviction{s_.places_.nodes()[place], core::Ground::false_results,
                                              results.evidence, results.height};
            convicted_.push_back({place, conviction, true, by_checks ? std::nullopt : results.reporter});
        }
    }

    /// Whether so many false results of so many convict.
    [[nodiscard]] bool convicts(std::uint64_t false_results, std::uint64_t results) const {
        if (const auto* fixed = std::get_if<FixedCount>(&s_.rules_.conviction))
            return false_results > fixed->tolerated;
        const auto& rule = std::get<judgement::EpochRule>(s_.rules_.conviction);
        const auto counted = [](std::uint64_t count) {
            return static_cast<std::uint32_t>(std::min<std::uint64_t>(count, UINT32_MAX));
        };
        return stats::upper_tail_is_at_most(counted(results), counted(false_results), rule.honest_rate,
                                            rule.significance);
    }

    /// The part of an amount that the fine for false results leaves.
    [[nodiscard]] core::Amount after_fine_rounded_down(core::Amount reward, std::uint32_t place) const {
        const auto found = s_.false_results_.find(place);
        if (found == s_.false_results_.end() || s_.rules_.false_result_fine == 0) return reward;
        const core::Amount charges = s_.accounts_[place].charges_checked;
        const core::Amount fine = found->second.charges_found;
        if (charges == 0 || fine == 0) return reward;
        if (fine > charges / s_.rules_.false_result_fine) return 0;
        return core::scaled_rounded_down(
            reward, static_cast<core::uint128>(charges - fine * s_.rules_.false_result_fine),
            static_cast<core::uint128>(charges));
    }

    /// The votes that a node owed, and those of them that it gave. Few votes count as more.
    struct VoteDuty {
        std::uint64_t done = 0;
        std::uint64_t due = 0;
    };
    [[nodiscard]] VoteDuty votes_of(const Account& a) const {
        const std::uint64_t due = a.weight > 0 ? s_.votes_held_ - a.votes_on_own : 0;
        if (due == 0) return {};
        const std::uint64_t counted = std::max(due, least_votes);
        return {counted - (due - a.votes_done), counted};
    }

    void divide_issuance() {
        training_issued_ = core::part_rounded_down(s_.rules_.training.rate(), out_.issued);
        issuance_.assign(s_.accounts_.size(), 0);
        if (out_.issued == 0) return;
        std::vector<core::uint128> work(s_.accounts_.size());
        for (std::size_t i = 0; i < work.size(); ++i) work[i] = s_.accounts_[i].work;
        issuance_ = core::apportion(out_.issued - training_issued_, work).value();
    }

    /// What the fine and the shortfalls leave of what a node earned.
    [[nodiscard]] Earnings kept_of(const Account& a, const Earnings& after_fine) const {
        const VoteDuty votes = votes_of(a);
        const auto after = [&](core::Amount reward) {
            reward =
                after_shortfall_rounded_down(reward, a.tasks_done, a.tasks_due, s_.rules_.work_tolerance);
            reward =
                after_shortfall_rounded_down(reward, a.checks_done, a.checks_due, s_.rules_.check_tolerance);
            return after_shortfall_rounded_down(reward, votes.done, votes.due, s_.rules_.vote_tolerance);
        };
        return {after(after_fine.executed), after(after_fine.checked), after(after_fine.judged),
                after(after_fine.issued)};
    }

    /// Honest earnings come first: bounties and awards are measured by them.
    void keep_or_forfeit() {
        for (std::uint32_t i = 0; i < s_.accounts_.size(); ++i) {
            const Account& a = s_.accounts_[i];
            const Earnings earned{a.executed, a.checked, a.judged, issuance_[i]};
            if (is_convicted_[i]) {
                forfeited_[i] = earned.sum();
                unclaimed_ += earned.sum();
                continue;
            }
            const auto fined = [&](core::Amount reward) { return after_fine_rounded_down(reward, i); };
            const Earnings after_fine{fined(earned.executed), fined(earned.checked), fined(earned.judged),
                                      fined(earned.issued)};
            forfeited_[i] = earned.sum() - after_fine.sum();
            unclaimed_ += forfeited_[i];
            bounties_ += core::part_rounded_down(s_.rules_.bounty_share, forfeited_[i]);
            kept_[i] = kept_of(a, after_fine);
            shortfall_ += after_fine.sum() - kept_[i].sum();
            honest_sum_ += kept_[i].sum();
            honest_nodes_ += earned.sum() > 0 ? 1u : 0u;
        }
    }

    /// By the weight of the votes against false results, capped by each node's own honest earnings.
    void divide_bounties() {
        for (const Convicted& c : convicted_) {
            if (c.by_rulings)
                bounties_ += core::part_rounded_down(s_.rules_.bounty_share, forfeited_[c.place]);
        }
        std::vector<core::uint128> votes(s_.accounts_.size());
        for (std::size_t i = 0; i < votes.size(); ++i)
            votes[i] = is_convicted_[i] ? 0 : s_.accounts_[i].bounty_weight;
        const auto parts = core::apportion(bounties_, votes);
        if (!parts) return;  // nobody is left who voted
        for (std::size_t i = 0; i < bounty_.size(); ++i) {
            bounty_[i] = std::min((*parts)[i], core::part_rounded_down(s_.rules_.bounty_cap, kept_[i].sum()));
            unclaimed_ -= bounty_[i];
        }
    }

    void pay_nodes() {
        for (std::size_t i = 0; i < s_.accounts_.size(); ++i) {
            const core::NodeId& node = s_.places_.nodes()[i];
            pay(Owner::node, node, Reason::executed, kept_[i].executed);
            pay(Owner::node, node, Reason::checked, kept_[i].checked);
            pay(Owner::node, node, Reason::judged, kept_[i].judged);
            pay(Owner::node, node, Reason::issued, kept_[i].issued);
            pay(Owner::node, node, Reason::bounty, bounty_[i]);
        }
    }

    /// Whether a report is awarded: one without which the node would not be convicted. A report of what
    /// others find anyway would be a way for the node to save a part of what it forfeits.
    [[nodiscard]] bool is_awarded(const Convicted& convicted) const {
        if (!convicted.reporter) return false;
        const std::uint32_t reporter = s_.places_.find(*convicted.reporter);
        return reporter == NodePlaces::none || !is_convicted_[reporter];
    }

    /// Awards: of what the reported node forfeits, capped by what an honest node earned on average.
    void pay_requesters() {
        const core::Amount mean =
            honest_nodes_ == 0 ? 0 : honest_sum_ / static_cast<core::Amount>(honest_nodes_);
        for (const Convicted& c : convicted_) {
            if (!is_awarded(c)) continue;
            const core::Amount share = core::part_rounded_down(s_.rules_.reporter_share, forfeited_[c.place]);
            const core::Amount award = std::min(share, core::part_rounded_down(s_.rules_.bounty_cap, mean));
            pay(Owner::requester, *c.reporter, Reason::award, award);
            unclaimed_ -= award;
        }
    }

    void record_nodes() {
        for (std::size_t i = 0; i < s_.accounts_.size(); ++i) {
            const Account& a = s_.accounts_[i];
            const VoteDuty votes = votes_of(a);
            const std::uint64_t missed = std::max({missed_rounded_up(a.tasks_done, a.tasks_due),
                                                   missed_rounded_up(a.checks_done, a.checks_due),
                                                   missed_rounded_up(votes.done, votes.due)});
            out_.records.push_back(
                {s_.places_.nodes()[i],
                 {is_convicted_[i], a.tasks_done + a.checks_done > 0, core::Rate::create(missed).value()}});
        }
    }

    void pay(Owner owner, const AccountId& id, Reason reason, core::Amount amount) {
        if (amount == 0) return;
        out_.payouts.push_back({owner, id, reason, amount});
        out_.paid_out += amount;
    }

    const Settlement& s_;
    Statement out_;
    std::vector<Convicted> convicted_;  // ascending
    std::vector<bool> is_convicted_;
    std::vector<core::Amount> issuance_;
    std::vector<Earnings> kept_;
    std::vector<core::Amount> forfeited_;  // by conviction, or as a fine
    std::vector<core::Amount> bounty_;
    core::Amount training_issued_ = 0;
    core::Amount shortfall_ = 0;
    core::Amount bounties_ = 0;   // of what was forfeited, as far as rulings decided it
    core::Amount unclaimed_ = 0;  // of what was forfeited
    core::Amount honest_sum_ = 0;
    std::uint64_t honest_nodes_ = 0;  // that earned something
};

core::result<Statement> Settlement::close(core::Amount issued) const {
    if (issued < 0) return core::fail(core::errc::invalid_amount, "the issuance");
    if (!core::checked_add(paid_in_, issued))
        return core::fail(core::errc::overflow, "the coins of the epoch");
    if (issued > 0 && !has_work()) return core::fail(core::errc::no_weight, "nobody worked");
    return Closing{*this, issued}.run();
}

core::result<Statement> Settlement::close(const Issuance& rule) const {
    const auto amount = economics::issued(rule, fees_);
    if (!amount) return amount.error();
    return close(has_work() ? *amount : core::Amount{0});
}

}  // namespace pouw::inline v1::economics
