/// The training fund: the account of the training share, which pays for training by grants that the nodes
/// vote for and that are released milestone by milestone.
/// Source: White paper, Appendix K; docs/spec/economics.md section 10.
#pragma once

#include "pouw/core/amount.hpp"
#include "pouw/core/bytes.hpp"
#include "pouw/core/conviction.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/economics/revenue_share.hpp"
#include "pouw/economics/settlement.hpp"
#include "pouw/validation/verdict.hpp"
#include "pouw/weights/weights.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace pouw::inline v1::economics {

/// The rules of a training fund.
struct POUW_API TrainingFundRules {
    std::uint64_t voting_epochs = 1;  ///< at least 1
    /// The share of all that the fund ever received that may go to grantees themselves; the paper says "a
    /// portion". Units of compute are not bounded.
    core::Rate grant_share{};

    friend constexpr bool operator==(const TrainingFundRules&, const TrainingFundRules&) = default;
};

/// A part of a training: what it may cost, and when it is done at the latest.
struct POUW_API Milestone {
    std::uint64_t units = 0;  ///< of compute, for the nodes that compute them
    core::Amount amount = 0;  ///< for the grantee; units and amount are not both 0
    core::Epoch deadline;     ///< the last epoch in which it may be attested

    friend constexpr bool operator==(const Milestone&, const Milestone&) = default;
};

/// A full training experiment, as it is put to the vote.
struct POUW_API Experiment {
    AccountId grantee;                  ///< who proposes it, carries it out, and gets the amounts
    crypto::Hash256 method;             ///< digest of the training code that was approved before
    crypto::Hash256 parameters;         ///< digest of the parameters
    crypto::Hash256 data;               ///< digest of the data set
    std::vector<Milestone> milestones;  ///< in order; deadlines ascend strictly

    friend bool operator==(const Experiment&, const Experiment&) = default;
};

/// The number of a proposal, from 0 on. An experiment that is proposed again has a new one.
using ProposalNumber = std::uint64_t;

/// The result of a vote on a proposal.
enum class GrantOutcome : std::uint8_t {
    granted,
    rejected,  ///< no majority
    unfunded   ///< a majority, but more coins than are free, or more for the grantee than its share allows
};

/// The name of an outcome, as in JSON.
[[nodiscard]] constexpr std::string_view name(GrantOutcome outcome) noexcept {
    constexpr std::string_view names[] = {"granted", "rejected", "unfunded"};
    return names[static_cast<std::size_t>(outcome)];
}

/// The result of a vote, and the coins that it locks.
struct POUW_API GrantDecision {
    GrantOutcome outcome = GrantOutcome::rejected;
    core::Amount locked = 0;

    friend constexpr bool operator==(const GrantDecision&, const GrantDecision&) = default;
};

/// What a vote says of a milestone. The vote is one of `validation::Voting`; its subject binds the number of
/// the proposal, the milestone and the contributions, in a way that the chain decides.
struct POUW_API Attestation {
    std::size_t milestone = 0;  ///< from 0
    validation::Ruling ruling = validation::Ruling::open;
    std::span<const Contribution> contributions{};  ///< of the nodes that computed, ascending
};

/// What the fund pays for a milestone.
struct POUW_API Release {
    core::Amount to_grantee = 0;
    std::vector<Payment> compute;  ///< ascending in their accounts
    core::Amount returned = 0;     ///< to the fund, of what the milestone or the grant had locked
    bool ended = false;            ///< nothing of the grant is left

    friend bool operator==(const Release&, const Release&) = default;
};

/// The account of the training fund, its proposals and its grants.
///
/// A grant locks the coins of all its milestones, at the price of the epoch in which it is granted. A
/// milestone that a majority attests is paid at the price of that epoch, within what it locked. A milestone
/// that fails or misses its deadline ends the grant, and so does a conviction of the grantee: what is not
/// released returns to the fund. Whoever was refused may propose again, as often as it takes.
///
/// The chain verifies who proposes and who votes, and charges for proposals as for every message: the fund
/// bounds neither their number nor who may propose. The fund is a value: a copy is a state to which a program
/// can return.
/// Cost: memory in proportion to the proposals, their votes and the grants that have not ended.
class POUW_API TrainingFund {
  public:
    /// The most milestones of an experiment.
    static constexpr std::size_t max_milestones = 64;

    /// A proposal that is voted on, or a grant that has not ended.
    struct Proposal {
        Experiment experiment;
        core::Epoch ends;                    ///< the first epoch in which nobody votes; 0 once it is granted
        std::map<core::NodeId, bool> votes;  ///< who approved, and who did not; empty once it is granted
        std::vector<core::Amount> locked;    ///< by each milestone that is left; empty before it is granted

        [[nodiscard]] bool is_granted() const noexcept { return !locked.empty(); }
        /// The place of the next milestone, from 0.
        [[nodiscard]] std::size_t next() const noexcept {
            return is_granted() ? experiment.milestones.size() - locked.size() : 0;
        }

        friend bool operator==(const Proposal&, const Proposal&) = default;
    };

    /// The fund without coins.
    /// Errors: errc::invalid_rules for a vote of 0 epochs.
    [[nodiscard]] static core::result<TrainingFund> create(const TrainingFundRules& rules);

    /// Takes coins, such as a payout of `Owner::training`.
    /// Errors: core::errc::invalid_amount for less than 0; core::errc::overflow when more than 2^127 - 1 were
    ///     ever paid in.
    [[nodiscard]] core::result<void> deposit(core::Amount amount);

    /// Takes the payouts of a statement that go to the fund, and returns their sum. Each epoch pays once.
    /// Errors: errc::epoch_out_of_order unless the statement is of a later epoch than the one before; those
    ///     of `deposit`.
    /// Cost: O(payouts).
    [[nodiscard]] core::result<core::Amount> apply(const Statement& statement);

    /// Proposes an experiment; the vote begins in `epoch` and lasts for the rules' epochs.
    /// Errors: errc::invalid_milestones for none, for more than `max_milestones`, for one without units and
    ///     amount, for deadlines that do not ascend, or for a deadline before the vote is over;
    ///     core::errc::invalid_amount; core::errc::overflow when the vote would end after the last epoch, or
    ///     the sum of the amounts or of the units is too large.
    [[nodiscard]] core::result<ProposalNumber> propose(const Experiment& experiment, core::Epoch epoch);

    /// Takes the vote of a node. Its first vote counts.
    /// Errors: errc::unknown_proposal; errc::voting_closed; errc::unknown_node for a node without weight;
    ///     errc::duplicate_verdict.
    [[nodiscard]] core::result<void> vote(ProposalNumber number, const core::NodeId& node, bool approve,
                                          core::Epoch epoch, const weights::WeightTable& voters);

    /// Ends the vote: the experiment is granted when a majority of all weight approves and the fund can pay.
    /// The votes count with the weights `voters`, those of the epoch in which the chain concludes, so that a
    /// node that lost its weight has no vote. A proposal that is not granted is dropped.
    /// Errors: errc::unknown_proposal; errc::voting_closed for a grant; errc::voting_open before the vote's
    ///     last epoch is over; core::errc::invalid_amount for a negative price.
    [[nodiscard]] core::result<GrantDecision> conclude(ProposalNumber number, core::Epoch epoch,
                                                       const weights::WeightTable& voters,
                                                       core::Amount unit_price);

    /// Takes the ruling on the next milestone of a grant, and pays or ends it. A ruling "valid" pays the
    /// amount to the grantee and the units of the contributions at `unit_price` to those who computed; where
    /// the price has risen so far that the locked coins do not suffice, those are divided by units, by
    /// largest remainder. What the milestone does not need returns to the fund. A ruling "invalid" ends the
    /// grant. Errors: errc::unknown_proposal; errc::voting_open; errc::milestone_out_of_order;
    /// core::errc::too_late
    ///     after the deadline; errc::open_ruling; errc::undecided_ruling, after which another vote may be
    ///     held until the deadline; core::errc::invalid_amount for a negative price; those of
    ///     `check(contributions)`; errc::too_many_units.
    [[nodiscard]] core::result<Release> attest(ProposalNumber number, const Attestation& attestation,
                                               core::Epoch epoch, core::Amount unit_price);

    /// Ends the grants, and drops the proposals, whose next milestone should have been attested before
    /// `epoch`. Returns the coins that they free.
    [[nodiscard]] core::Amount expire(core::Epoch epoch);

    /// Ends all grants and proposals of the convicted node, and returns the coins that they free.
    [[nodiscard]] core::Amount apply(const core::Conviction& conviction);

    [[nodiscard]] const TrainingFundRules& rules() const noexcept { return rules_; }
    /// The proposals and grants by their numbers.
    [[nodiscard]] const std::map<ProposalNumber, Proposal>& proposals() const noexcept { return proposals_; }
    /// All coins that were ever paid in: `spent_on_compute() + spent_on_grantees() + locked() + free()`.
    [[nodiscard]] core::Amount paid_in() const noexcept { return paid_in_; }
    [[nodiscard]] core::Amount spent_on_compute() const noexcept { return compute_; }
    [[nodiscard]] core::Amount spent_on_grantees() const noexcept { return grantees_; }
    /// The coins that no grant has locked.
    [[nodiscard]] core::Amount free() const noexcept { return free_; }
    /// The coins that grants have locked and not released.
    /// Cost: O(grants).
    [[nodiscard]] core::Amount locked() const noexcept;

    /// The whole state, rules included.
    [[nodiscard]] core::Bytes save() const;

    /// Restores a state that `save` gave.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version, core::errc::rate_above_one, errc::invalid_rules;
    ///     core::errc::count_too_large; core::errc::invalid_amount; errc::invalid_milestones and
    ///     core::errc::overflow as in `propose`; core::errc::non_canonical for what does not ascend, an
    ///     unknown stage, or a milestone that locks less than its amount; errc::unbalanced_state unless the
    ///     coins that were paid in are spent, locked or free, and the grantees' share is kept.
    /// Cost: memory of about the size of the bytes.
    [[nodiscard]] static core::result<TrainingFund> restore(core::ByteView data);

    friend bool operator==(const TrainingFund&, const TrainingFund&) = default;

  private:
    using Proposals = std::map<ProposalNumber, Proposal>;
    class POUW_LOCAL Decoder;

    explicit TrainingFund(const TrainingFundRules& rules) : rules_{rules} {}

    /// The coins that each milestone would lock, where the fund can pay them all.
    [[nodiscard]] std::vector<core::Amount> to_lock(const Experiment& experiment,
                                                    core::Amount unit_price) const;
    /// What grantees have got and may still get.
    [[nodiscard]] core::Amount for_grantees() const noexcept;
    /// Ends a grant and frees what is locked.
    core::Amount end(Proposals::iterator grant);
    [[nodiscard]] Release release(Proposals::iterator grant, std::span<const Contribution> contributions,
                                  core::Amount unit_price);

    TrainingFundRules rules_;
    core::Epoch settled_;  // the epoch of the last statement
    ProposalNumber next_ = 0;
    Proposals proposals_;
    core::Amount paid_in_ = 0;
    core::Amount compute_ = 0;
    core::Amount grantees_ = 0;
    core::Amount free_ = 0;
};

}  // namespace pouw::inline v1::economics
