#include "pouw/economics/training_fund.hpp"

#include "economics/amount_bytes.hpp"
#include "economics/state_reader.hpp"

#include "pouw/core/checked.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/economics/errc.hpp"
#include "pouw/economics/models.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace pouw::inline v1::economics {
namespace {

constexpr std::string_view fund_magic = "pouwtrf1";
constexpr std::size_t milestone_size = 8 + 16 + 8;
// number ‖ grantee and three digests ‖ count ‖ one milestone ‖ stage ‖ count or place
constexpr std::size_t proposal_size = 8 + 4 * 32 + 4 + milestone_size + 1 + 4;
// node ‖ approval
constexpr std::size_t vote_size = 32 + 1;

enum class Stage : std::uint8_t { voting, granted };

core::result<void> check(const TrainingFundRules& rules) {
    if (rules.voting_epochs == 0) return core::fail(errc::invalid_rules, "voting_epochs");
    return {};
}

/// Checks milestones whose first deadline may be `earliest`.
core::result<void> check(const std::vector<Milestone>& milestones, core::Epoch earliest) {
    if (milestones.empty() || milestones.size() > TrainingFund::max_milestones)
        return core::fail(errc::invalid_milestones, "their number");
    core::Amount amounts = 0;
    std::uint64_t units = 0;
    for (std::size_t i = 0; i < milestones.size(); ++i) {
        const Milestone& milestone = milestones[i];
        if (milestone.amount < 0) return core::fail(core::errc::invalid_amount);
        if (milestone.amount == 0 && milestone.units == 0)
            return core::fail(errc::invalid_milestones, "an empty one");
        const bool ascends =
            i == 0 ? milestone.deadline >= earliest : milestone.deadline > milestones[i - 1].deadline;
        if (!ascends) return core::fail(errc::invalid_milestones, "deadlines");
        const auto sum = core::checked_add(amounts, milestone.amount);
        const auto all_units = core::checked_add(units, milestone.units);
        if (!sum || !all_units) return core::fail(core::errc::overflow);
        amounts = *sum;
        units = *all_units;
    }
    return {};
}

/// The amounts of the milestones from the place `next` on.
core::Amount amounts_from(const std::vector<Milestone>& milestones, std::size_t next) {
    core::Amount sum = 0;
    for (std::size_t i = next; i < milestones.size(); ++i) sum += milestones[i].amount;
    return sum;
}

core::uint128 units_of(std::span<const Contribution> contributions) {
    core::uint128 sum = 0;
    for (const Contribution& entry : contributions) sum += entry.units;
    return sum;
}

/// What the contributions are paid: their units at the price, or all of the pot where that is less.
std::vector<Payment> payments_within(core::Amount pot, std::span<const Contribution> contributions,
                                     core::Amount unit_price) {
    if (contributions.empty()) return {};
    const auto cost = quote(static_cast<std::uint64_t>(units_of(contributions)), 1, unit_price);
    // At the full cost every part is exact.
    return divide_by_units(cost ? std::min(*cost, pot) : pot, contributions).value();
}

}  // namespace

core::result<TrainingFund> TrainingFund::create(const TrainingFundRules& rules) {
    if (const auto checked = check(rules); !checked) return checked.error();
    return TrainingFund{rules};
}

core::result<void> TrainingFund::deposit(core::Amount amount) {
    if (amount < 0) return core::fail(core::errc::invalid_amount);
    const auto paid_in = core::checked_add(paid_in_, amount);
    if (!paid_in) return core::fail(core::errc::overflow);
    paid_in_ = *paid_in;
    free_ += amount;
    return {};
}

core::result<core::Amount> TrainingFund::apply(const Statement& statement) {
    if (statement.epoch <= settled_) return core::fail(errc::epoch_out_of_order);
    core::Amount sum = 0;
    for (const Payout& payout : statement.payouts) {
        if (payout.owner != Owner::training) continue;
        if (payout.amount < 0) return core::fail(core::errc::invalid_amount);
        const auto next = core::checked_add(sum, payout.amount);
        if (!next) return core::fail(core::errc::overflow);
        sum = *next;
    }
    if (const auto paid = deposit(sum); !paid) return paid.error();
    settled_ = statement.epoch;
    return sum;
}

core::result<ProposalNumber> TrainingFund::propose(const Experiment& experiment, core::Epoch epoch) {
    const auto ends = core::checked_add(epoch.value, rules_.voting_epochs);
    if (!ends) return core::fail(core::errc::overflow);
    if (const auto checked = check(experiment.milestones, *ends); !checked) return checked.error();
    if (next_ == UINT64_MAX) return core::fail(core::errc::overflow, "the numbers of proposals");
    proposals_.emplace(next_, Proposal{experiment, *ends, {}, {}});
    return next_++;
}

core::result<void> TrainingFund::vote(ProposalNumber number, const core::NodeId& node, bool approve,
                                      core::Epoch epoch, const weights::WeightTable& voters) {
    const auto at = proposals_.find(number);
    if (at == proposals_.end()) return core::fail(errc::unknown_proposal);
    Proposal& proposal = at->second;
    if (proposal.is_granted() || epoch >= proposal.ends) return core::fail(errc::voting_closed);
    if (voters.weight_of(node) == 0) return core::fail(errc::unknown_node);
    if (!proposal.votes.emplace(node, approve).second) return core::fail(errc::duplicate_verdict);
    return {};
}

core::Amount TrainingFund::for_grantees() const noexcept {
    core::Amount sum = grantees_;
    for (const auto& [number, proposal] : proposals_)
        if (proposal.is_granted()) sum += amounts_from(proposal.experiment.milestones, proposal.next());
    return sum;
}

std::vector<core::Amount> TrainingFund::to_lock(const Experiment& experiment, core::Amount unit_price) const {
    const core::Amount most = core::part_rounded_down(rules_.grant_share, paid_in_);
    if (amounts_from(experiment.milestones, 0) > most - for_grantees()) return {};
    core::Amount left = free_;
    std::vector<core::Amount> out;
    for (const Milestone& milestone : experiment.milestones) {
        const auto compute = quote(milestone.units, 1, unit_price);
        if (!compute || *compute > left || milestone.amount > left - *compute) return {};
        out.push_back(*compute + milestone.amount);
        left -= out.back();
    }
    return out;
}

core::result<GrantDecision> TrainingFund::conclude(ProposalNumber number, core::Epoch epoch,
                                                   const weights::WeightTable& voters,
                                                   core::Amount unit_price) {
    const auto at = proposals_.find(number);
    if (at == proposals_.end()) return core::fail(errc::unknown_proposal);
    Proposal& proposal = at->second;
    if (proposal.is_granted()) return core::fail(errc::voting_closed);
    if (epoch < proposal.ends) return core::fail(errc::voting_open);
    if (unit_price < 0) return core::fail(core::errc::invalid_amount);
    std::vector<core::NodeId> approving;
    for (const auto& [node, approves] : proposal.votes)
        if (approves) approving.push_back(node);
    std::vector<core::Amount> locked;
    GrantOutcome outcome = GrantOutcome::rejected;
    if (voters.is_majority(voters.support(approving))) {
        locked = to_lock(proposal.experiment, unit_price);
        outcome = locked.empty() ? GrantOutcome::unfunded : GrantOutcome::granted;
    }
    if (outcome != GrantOutcome::granted) {
        proposals_.erase(at);
        return GrantDecision{outcome, 0};
    }
    proposal.votes.clear();
    proposal.ends = {};
    proposal.locked = std::move(locked);
    core::Amount sum = 0;
    for (const core::Amount amount : proposal.locked) sum += amount;
    free_ -= sum;
    return GrantDecision{outcome, sum};
}

core::result<Release> TrainingFund::attest(ProposalNumber number, const Attestation& attestation,
                                           core::Epoch epoch, core::Amount unit_price) {
    const auto at = proposals_.find(number);
    if (at == proposals_.end()) return core::fail(errc::unknown_proposal);
    const Proposal& grant = at->second;
    if (!grant.is_granted()) return core::fail(errc::voting_open);
    if (attestation.milestone != grant.next()) return core::fail(errc::milestone_out_of_order);
    const Milestone& milestone = grant.experiment.milestones[grant.next()];
    if (epoch > milestone.deadline) return core::fail(core::errc::too_late);
    if (attestation.ruling == validation::Ruling::open) return core::fail(errc::open_ruling);
    if (attestation.ruling == validation::Ruling::undecided) return core::fail(errc::undecided_ruling);
    if (unit_price < 0) return core::fail(core::errc::invalid_amount);
    if (const auto checked = check(attestation.contributions); !checked) return checked.error();
    if (units_of(attestation.contributions) > milestone.units) return core::fail(errc::too_many_units);
    if (attestation.ruling == validation::Ruling::invalid) return Release{0, {}, end(at), true};
    return release(at, attestation.contributions, unit_price);
}

Release TrainingFund::release(Proposals::iterator grant, std::span<const Contribution> contributions,
                              core::Amount unit_price) {
    Proposal& proposal = grant->second;
    const core::Amount locked = proposal.locked.front();
    Release out;
    out.to_grantee = proposal.experiment.milestones[proposal.next()].amount;
    out.compute = payments_within(locked - out.to_grantee, contributions, unit_price);
    core::Amount paid = 0;
    for (const Payment& payment : out.compute) paid += payment.amount;
    out.returned = locked - out.to_grantee - paid;
    grantees_ += out.to_grantee;
    compute_ += paid;
    free_ += out.returned;
    proposal.locked.erase(proposal.locked.begin());
    out.ended = proposal.locked.empty();
    if (out.ended) proposals_.erase(grant);
    return out;
}

core::Amount TrainingFund::end(Proposals::iterator grant) {
    core::Amount sum = 0;
    for (const core::Amount amount : grant->second.locked) sum += amount;
    free_ += sum;
    proposals_.erase(grant);
    return sum;
}

core::Amount TrainingFund::expire(core::Epoch epoch) {
    core::Amount sum = 0;
    for (auto at = proposals_.begin(); at != proposals_.end();) {
        const auto grant = at++;
        const Proposal& proposal = grant->second;
        if (proposal.experiment.milestones[proposal.next()].deadline < epoch) sum += end(grant);
    }
    return sum;
}

core::Amount TrainingFund::apply(const core::Conviction& conviction) {
    core::Amount sum = 0;
    for (auto at = proposals_.begin(); at != proposals_.end();) {
        const auto grant = at++;
        if (grant->second.experiment.grantee == conviction.node) sum += end(grant);
    }
    return sum;
}

core::Amount TrainingFund::locked() const noexcept {
    core::Amount sum = 0;
    for (const auto& [number, proposal] : proposals_)
        for (const core::Amount amount : proposal.locked) sum += amount;
    return sum;
}

core::Bytes TrainingFund::save() const {
    core::Bytes out = core::start_state(fund_magic);
    core::append(out, core::to_le(rules_.voting_epochs));
    core::append(out, core::to_le(rules_.grant_share.ppm()));
    core::append(out, core::to_le(settled_.value));
    for (const core::Amount sum : {paid_in_, compute_, grantees_, free_}) append_amount(out, sum);
    core::append(out, core::to_le(next_));
    core::append(out, core::to_le(static_cast<std::uint32_t>(proposals_.size())));
    for (const auto& [number, proposal] : proposals_) {
        const Experiment& experiment = proposal.experiment;
        core::append(out, core::to_le(number));
        core::append(out, experiment.grantee.view());
        for (const auto* digest : {&experiment.method, &experiment.parameters, &experiment.data})
            core::append(out, digest->view());
        core::append(out, core::to_le(static_cast<std::uint32_t>(experiment.milestones.size())));
        for (const Milestone& milestone : experiment.milestones) {
            core::append(out, core::to_le(milestone.units));
            append_amount(out, milestone.amount);
            core::append(out, core::to_le(milestone.deadline.value));
        }
        out.push_back(static_cast<std::uint8_t>(proposal.is_granted() ? Stage::granted : Stage::voting));
        if (proposal.is_granted()) {
            core::append(out, core::to_le(static_cast<std::uint32_t>(proposal.next())));
            for (const core::Amount amount : proposal.locked) append_amount(out, amount);
        } else {
            core::append(out, core::to_le(proposal.ends.value));
            core::append(out, core::to_le(static_cast<std::uint32_t>(proposal.votes.size())));
            for (const auto& [node, approves] : proposal.votes) {
                core::append(out, node.view());
                out.push_back(approves ? 1 : 0);
            }
        }
    }
    return out;
}

/// Reads a state part by part.
class TrainingFund::Decoder {
  public:
    explicit Decoder(core::ByteView data) : reader_{data} {}

    core::result<TrainingFund> decode() {
        reader_.start(fund_magic);
        TrainingFundRules rules;
        rules.voting_epochs = reader_.integer<std::uint64_t>();
        rules.grant_share = reader_.rate();
        if (reader_.ok()) reader_.require(check(rules));
        TrainingFund out{rules};
        out.settled_ = reader_.integer<std::uint64_t>();
        for (core::Amount* const sum : {&out.paid_in_, &out.compute_, &out.grantees_, &out.free_})
            *sum = reader_.amount();
        out.next_ = reader_.integer<std::uint64_t>();
        for (std::size_t left = reader_.count(proposal_size); left > 0 && reader_.ok(); --left) read(out);
        reader_.end();
        if (reader_.ok()) reader_.require(balances(out), errc::unbalanced_state);
        if (!reader_.ok()) return reader_.fault();
        return out;
    }

  private:
    void read(TrainingFund& out) {
        const auto number = reader_.integer<std::uint64_t>();
        const bool ascends = out.proposals_.empty() || out.proposals_.rbegin()->first < number;
        reader_.require(ascends && number < out.next_, core::errc::non_canonical);
        Proposal proposal;
        read(proposal.experiment);
        const auto stage = reader_.integer<std::uint8_t>();
        reader_.require(stage <= static_cast<std::uint8_t>(Stage::granted), core::errc::non_canonical);
        if (Stage{stage} == Stage::granted) {
            read_locked(proposal);
        } else {
            read_votes(proposal, out.rules_);
        }
        if (reader_.ok()) out.proposals_.emplace_hint(out.proposals_.end(), number, std::move(proposal));
    }

    void read(Experiment& experiment) {
        experiment.grantee = reader_.fixed<AccountId>();
        for (auto* const digest : {&experiment.method, &experiment.parameters, &experiment.data})
            *digest = reader_.fixed<crypto::Hash256>();
        const std::size_t count = reader_.count(milestone_size, max_milestones);
        for (std::size_t i = 0; i < count; ++i) {
            Milestone milestone;
            milestone.units = reader_.integer<std::uint64_t>();
            milestone.amount = reader_.amount();
            milestone.deadline = reader_.integer<std::uint64_t>();
            experiment.milestones.push_back(milestone);
        }
        if (reader_.ok()) reader_.require(check(experiment.milestones, 0));
    }

    void read_votes(Proposal& proposal, const TrainingFundRules& rules) {
        proposal.ends = reader_.integer<std::uint64_t>();
        const std::size_t count = reader_.count(vote_size);
        if (!reader_.ok()) return;
        reader_.require(proposal.ends.value >= rules.voting_epochs, core::errc::non_canonical);
        reader_.require(proposal.experiment.milestones.front().deadline >= proposal.ends,
                        errc::invalid_milestones);
        for (std::size_t i = 0; i < count && reader_.ok(); ++i) {
            const auto node = reader_.fixed<core::NodeId>();
            const bool ascends = proposal.votes.empty() || proposal.votes.rbegin()->first < node;
            reader_.require(ascends, core::errc::non_canonical);
            proposal.votes.emplace_hint(proposal.votes.end(), node, reader_.flag());
        }
    }

    void read_locked(Proposal& proposal) {
        const auto next = reader_.integer<std::uint32_t>();
        const auto& milestones = proposal.experiment.milestones;
        reader_.require(next < milestones.size(), core::errc::non_canonical);
        for (std::size_t i = next; i < milestones.size() && reader_.ok(); ++i) {
            proposal.locked.push_back(reader_.amount());
            // What no units need, nothing else may lock.
            const core::Amount locked = proposal.locked.back();
            reader_.require(
                milestones[i].units > 0 ? locked >= milestones[i].amount : locked == milestones[i].amount,
                core::errc::non_canonical);
        }
    }

    /// Whether the coins that went in are spent, locked or free, and the grantees' part is within their
    /// share.
    static bool balances(const TrainingFund& state) {
        core::Amount left = state.paid_in_;
        const auto take = [&left](core::Amount amount) {
            const bool covered = amount <= left;
            if (covered) left -= amount;
            return covered;
        };
        for (const core::Amount sum : {state.compute_, state.grantees_, state.free_})
            if (!take(sum)) return false;
        for (const auto& [number, proposal] : state.proposals_)
            for (const core::Amount amount : proposal.locked)
                if (!take(amount)) return false;
        // The amounts are parts of what is locked, so that their sum is within what was paid in.
        return left == 0 &&
               state.for_grantees() <= core::part_rounded_down(state.rules_.grant_share, state.paid_in_);
    }

    StateReader reader_;
};

core::result<TrainingFund> TrainingFund::restore(core::ByteView data) { return Decoder{data}.decode(); }

}  // namespace pouw::inline v1::economics
