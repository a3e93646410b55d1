/// Governance: the nodes change parameters of the chain by signed proposals and weighted votes.
///
/// A proposal names one parameter, its new value and the epoch from which on it holds. The weights of the
/// epoch of the proposal vote on it, so that nobody votes twice by a change of weights. More than half of all
/// weight must approve. `Governance` decides what is accepted; the classes that have the parameters take the
/// values (`PriceBook::adjust`, `TrainingShare::adjust`, `ModelRegistry::adjust`) and apply their own rules.
/// Source: White paper, Appendices J and K; docs/spec/economics.md section 11.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/conviction.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/rate.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/economics/models.hpp"
#include "pouw/economics/pricing.hpp"
#include "pouw/economics/reputation.hpp"
#include "pouw/weights/weights.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace pouw::inline v1::economics {

/// The parameters that the library knows. Values are stable: they are encoded. A chain numbers parameters of
/// its own from `ChainParameter::first` on.
enum class Parameter : std::uint16_t {
    price_bounds = 1,       ///< `PriceBounds`
    training_share = 2,     ///< `TrainingRate`
    lowest_check_rate = 3,  ///< `LowestCheckRate`
    reputation_curve = 4,   ///< `ReputationCurve`
    model_rules = 5         ///< `ModelRules`
};

/// A training share, the argument of `TrainingShare::adjust`.
struct POUW_API TrainingRate {
    core::Rate rate{};

    friend constexpr bool operator==(const TrainingRate&, const TrainingRate&) = default;
};

/// The expected number of checks of a task for a reputation of 1, the argument `lowest` of
/// `check_rate_rounded_up`.
struct POUW_API LowestCheckRate {
    core::Rate rate = core::Rate::percent(1);  ///< above 0

    friend constexpr bool operator==(const LowestCheckRate&, const LowestCheckRate&) = default;
};

/// A parameter of the chain's own. Its value is opaque here; the chain must refuse to propose what it could
/// not apply.
struct POUW_API ChainParameter {
    static constexpr std::uint16_t first = 0x8000;
    static constexpr std::size_t largest_value = 1024;

    std::uint16_t number = first;  ///< at least `first`
    core::Bytes value;             ///< at most `largest_value` bytes

    friend bool operator==(const ChainParameter&, const ChainParameter&) = default;
};

/// The new value of one parameter.
using Change =
    std::variant<PriceBounds, TrainingRate, LowestCheckRate, ReputationCurve, ModelRules, ChainParameter>;

/// The number of the parameter that is changed.
[[nodiscard]] POUW_API std::uint16_t parameter_of(const Change& change) noexcept;

/// Checks that the new value is in range.
/// Errors: errc::invalid_rules.
[[nodiscard]] POUW_API core::result<void> check(const Change& change);

/// The encoding of a change: parameter (2 bytes), length (2 bytes), value.
/// Expects: `check(change)`.
[[nodiscard]] POUW_API core::Bytes encode_change(const Change& change);

/// The inverse of `encode_change`, and of nothing else.
/// Errors: core::errc::truncated, core::errc::trailing_bytes; errc::unknown_parameter;
///     core::errc::wrong_length for a value of another length than its parameter has;
///     core::errc::invalid_amount, core::errc::rate_above_one, core::errc::non_canonical; those of `check`.
[[nodiscard]] POUW_API core::result<Change> decode_change(core::ByteView data);

/// The id of a proposal: the digest that its proposer signs.
using ProposalId = core::FixedBytes<struct ProposalIdTag, 32>;

/// A signed proposal to change one parameter.
struct POUW_API Proposal {
    core::ChainDigest chain;
    core::Epoch epoch;  ///< in which it is made; the weights of this epoch vote on it
    core::NodeId proposer;
    core::Epoch activation;  ///< the first epoch in which the change holds
    Change change;
    crypto::Signature signature;

    /// The id, `H("pouw.gov-prop.v1", encoding without signature)`, which is also the digest to sign.
    /// Expects: `check(change)`.
    [[nodiscard]] ProposalId id() const;

    /// The encoding: 152 bytes and those of the change's value.
    /// Expects: `check(change)`.
    [[nodiscard]] core::Bytes encode() const;
    /// The inverse of `encode`, and of nothing else; it does not verify the signature.
    /// Errors: core::errc::truncated, core::errc::unsupported_version; those of `decode_change`.
    [[nodiscard]] static core::result<Proposal> decode(core::ByteView data);

    /// Whether the signature is that of the proposer.
    /// Expects: a proposer of a table of weights, or a checked key; `check(change)`.
    /// Cost: about 50 µs.
    [[nodiscard]] bool is_signed() const;

    friend bool operator==(const Proposal&, const Proposal&) = default;
};

/// The signed proposal of the owner of `key`.
/// Expects: `check(change)`.
[[nodiscard]] POUW_API Proposal sign_proposal(const core::ChainDigest& chain, core::Epoch epoch,
                                              const Change& change, core::Epoch activation,
                                              const crypto::SigningKey& key);

/// The signed vote of one node on one proposal. The proposal's id binds it to chain and epoch.
struct POUW_API ProposalVote {
    static constexpr std::size_t size = 133;

    ProposalId proposal;
    bool approve = false;
    core::NodeId voter;
    crypto::Signature signature;

    /// The encoding, of `size` bytes.
    [[nodiscard]] core::Bytes encode() const;
    /// The inverse of `encode`, and of nothing else; it does not verify the signature.
    /// Errors: core::errc::wrong_length, core::errc::unsupported_version, core::errc::non_canonical for a
    ///     vote other than 0 and 1.
    [[nodiscard]] static core::result<ProposalVote> decode(core::ByteView data);

    /// Whether the signature is that of the voter.
    /// Expects: a voter of a table of weights, or a checked key.
    /// Cost: about 50 µs.
    [[nodiscard]] bool is_signed() const;

    friend bool operator==(const ProposalVote&, const ProposalVote&) = default;
};

/// The digest that a voter signs, `H("pouw.gov-vote.v1", encoding without signature)`.
[[nodiscard]] POUW_API crypto::Hash256 proposal_voting_digest(const ProposalId& proposal, bool approve,
                                                              const core::NodeId& voter);

/// The signed vote of the owner of `key`.
[[nodiscard]] POUW_API ProposalVote cast_vote(const ProposalId& proposal, bool approve,
                                              const crypto::SigningKey& key);

/// Two votes of one node on one proposal, one for and one against. With the proposal it proves
/// misbehaviour to everybody who knows the chain.
struct POUW_API ProposalEquivocation {
    static constexpr std::size_t size = 196;

    ProposalId proposal;
    core::NodeId voter;
    crypto::Signature rejecting;
    crypto::Signature approving;

    /// The encoding, of `size` bytes. It does not depend on which vote came first.
    [[nodiscard]] core::Bytes encode() const;
    /// The inverse of `encode`, and of nothing else; it verifies nothing.
    /// Errors: core::errc::wrong_length, core::errc::unsupported_version.
    [[nodiscard]] static core::result<ProposalEquivocation> decode(core::ByteView data);

    /// The conviction of the voter on the chain `expected`, on the ground `contradicting_votes`. `subject` is
    /// the proposal, which names the chain that its id does not show. `height` is that of the block in which
    /// the equivocation stood.
    /// Expects: `check(subject.change)`.
    /// Errors: before any signature is looked at, validation::errc::other_chain, errc::unknown_proposal
    ///     unless the votes are on `subject`; core::errc::no_misbehaviour unless the voter is a key of prime
    ///     order and both signatures verify.
    /// Cost: about 150 µs.
    [[nodiscard]] core::result<core::Conviction> conviction(const core::ChainDigest& expected,
                                                            const Proposal& subject,
                                                            core::Height height) const;

    friend bool operator==(const ProposalEquivocation&, const ProposalEquivocation&) = default;
};

/// The rules of proposals, which a chain decides once. The paper has no figures; the defaults are the
/// smallest that work.
struct POUW_API GovernanceRules {
    std::uint64_t voting_epochs = 1;  ///< votes count in so many epochs from that of the proposal on; >= 1
    std::uint64_t notice_epochs = 1;  ///< at least so many epochs lie between the vote and the activation
    std::uint64_t activation_epochs = 1;  ///< a proposal chooses among so many activation epochs; >= 1
    core::Rate least_share{};             ///< of all weight, that a proposer must have
    std::uint32_t open_per_node = 1;      ///< proposals of a node that are undecided or not active yet; >= 1
    std::uint32_t open_total = 64;        ///< of all nodes; >= 1

    friend constexpr bool operator==(const GovernanceRules&, const GovernanceRules&) = default;
};

/// Checks that the rules are in range.
/// Errors: errc::invalid_rules.
[[nodiscard]] POUW_API core::result<void> check(const GovernanceRules& rules);

/// A change that was accepted.
struct POUW_API AcceptedChange {
    ProposalId proposal;
    core::NodeId proposer;
    core::Epoch activation;
    Change change;

    friend bool operator==(const AcceptedChange&, const AcceptedChange&) = default;
};

/// What became of a proposal.
enum class Resolution : std::uint8_t {
    accepted,
    rejected,    ///< no majority approved
    conflicting  ///< another change of the parameter was accepted before for the same activation epoch
};

/// A proposal whose vote is over.
struct POUW_API ProposalOutcome {
    ProposalId proposal;
    Resolution resolution = Resolution::rejected;

    friend bool operator==(const ProposalOutcome&, const ProposalOutcome&) = default;
};

/// The proposals, their votes, and the changes that were accepted. A value: a copy keeps the state for a
/// reorganisation.
///
/// Proposals and votes are inputs of the present epoch. `close` ends the epoch and decides the proposals
/// whose last voting epoch it was, in ascending order of their ids. Of two changes of one parameter with one
/// activation epoch the one that is decided first holds.
///
/// Memory: at most `open_total` proposals with one vote of each node, the tables of the epochs in which they
/// were made, `open_total` changes to come, and one change for each parameter that was ever changed. A
/// `least_share` of `1 / open_total` or more keeps small nodes from occupying all the places.
/// Threads: not shareable while it changes.
class POUW_API Governance {
  public:
    /// The state at the start of `epoch`, in which `weights` vote.
    /// Errors: those of `check(rules)`.
    [[nodiscard]] static core::result<Governance> create(const core::ChainId& chain,
                                                         const GovernanceRules& rules, core::Epoch epoch,
                                                         weights::WeightTable weights);

    /// The present epoch.
    [[nodiscard]] core::Epoch epoch() const noexcept { return epoch_; }
    [[nodiscard]] const GovernanceRules& rules() const noexcept { return rules_; }

    /// Takes a proposal of the present epoch. A refused proposal changes nothing.
    /// Errors: in this order, those of `Proposal::decode`; validation::errc::other_chain,
    ///     validation::errc::other_epoch; those of `check(change)`; errc::unknown_node for a proposer without
    ///     weight; errc::insufficient_weight; core::errc::overflow when the vote would end after the last
    ///     epoch; core::errc::too_early, core::errc::too_late for an activation outside the rules;
    ///     errc::duplicate_proposal; errc::too_many_proposals; crypto::errc::invalid_signature.
    /// Cost: one signature verification, about 50 µs.
    [[nodiscard]] core::result<ProposalId> propose(core::ByteView proposal);
    [[nodiscard]] core::result<ProposalId> propose(const Proposal& proposal);

    /// The outcome of `vote`.
    struct Applied {
        /// The error for which the vote was refused; the state is then unchanged.
        core::result<void> verdict;
        /// The equivocation that a refused vote proves, when it contradicts the voter's first one.
        std::optional<ProposalEquivocation> evidence{};
    };

    /// Takes a vote. The first vote of a node on a proposal counts.
    /// Errors: in this order, those of `ProposalVote::decode`; errc::unknown_proposal, also for one whose
    ///     vote is over; errc::unknown_node for a voter without weight in the proposal's epoch;
    ///     crypto::errc::invalid_signature; validation::errc::already_voted,
    ///     validation::errc::contradicting_vote.
    /// Cost: one signature verification, about 50 µs.
    [[nodiscard]] Applied vote(core::ByteView vote);
    [[nodiscard]] Applied vote(const ProposalVote& vote);

    /// Ends `epoch` and decides the proposals whose vote ends with it, ascending in their ids. `next` are the
    /// weights that vote in the next epoch.
    /// Errors: errc::epoch_out_of_order unless `epoch` is the present one, and for the last epoch.
    [[nodiscard]] core::result<std::vector<ProposalOutcome>> close(core::Epoch epoch,
                                                                   weights::WeightTable next);

    /// The proposals on which nodes vote, ascending in their ids.
    [[nodiscard]] std::vector<Proposal> open() const;
    /// The summed weight of the votes that approve a proposal.
    /// Errors: errc::unknown_proposal.
    [[nodiscard]] core::result<std::uint64_t> support(const ProposalId& proposal) const;
    /// The votes on a proposal, ascending in their voters.
    /// Errors: errc::unknown_proposal.
    [[nodiscard]] core::result<std::vector<ProposalVote>> votes(const ProposalId& proposal) const;

    /// The accepted changes that hold in an epoch as far as is decided now: of each parameter the one that
    /// was activated last, ascending in the parameters' numbers.
    /// Expects: `epoch >= this->epoch()`.
    [[nodiscard]] std::vector<AcceptedChange> active_at(core::Epoch epoch) const;
    /// The accepted changes that begin to hold in an epoch, ascending in the parameters' numbers: what a
    /// chain applies at its start.
    /// Expects: `epoch >= this->epoch()`.
    [[nodiscard]] std::vector<AcceptedChange> activated_in(core::Epoch epoch) const;

    /// The whole state, tables included.
    [[nodiscard]] core::Bytes save() const;

    /// Restores a state that `save` gave. It verifies every proposal and vote again.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version, core::errc::count_too_large; core::errc::non_canonical for parts
    ///     that do not ascend and for tables and changes that no state has; those of `check(rules)`,
    ///     `weights::WeightTable::decode`, `propose` and `vote`.
    /// Cost: one signature verification for each proposal and vote, one check of a key for each weight.
    [[nodiscard]] static core::result<Governance> restore(core::ByteView data);

    friend bool operator==(const Governance&, const Governance&) = default;

  private:
    class POUW_LOCAL Restoring;

    struct Given {
        bool approve = false;
        crypto::Signature signature;

        friend bool operator==(const Given&, const Given&) = default;
    };
    struct Ballot {
        Proposal proposal;
        std::uint64_t support = 0;
        std::map<core::NodeId, Given> votes;

        friend bool operator==(const Ballot&, const Ballot&) = default;
    };
    /// Parameter and activation epoch.
    using Place = std::pair<std::uint16_t, core::Epoch>;

    Governance(const core::ChainDigest& chain, const GovernanceRules& rules, core::Epoch epoch);

    [[nodiscard]] core::result<void> admit(const Proposal& proposal) const;
    [[nodiscard]] core::result<void> admit_activation(const Proposal& proposal) const;
    [[nodiscard]] core::result<void> admit_number(const Proposal& proposal) const;
    [[nodiscard]] const Ballot* find(const ProposalId& proposal) const;
    [[nodiscard]] Resolution decide(const ProposalId& id, const Ballot& ballot);
    void forget();

    core::ChainDigest chain_;
    GovernanceRules rules_;
    core::Epoch epoch_;
    std::map<core::Epoch, weights::WeightTable> tables_;  // of the present epoch and of open proposals
    std::map<ProposalId, Ballot> open_;
    std::map<Place, AcceptedChange> accepted_;
};

}  // namespace pouw::inline v1::economics
