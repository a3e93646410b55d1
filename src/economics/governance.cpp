#include "pouw/economics/governance.hpp"

#include "amount_bytes.hpp"

#include "pouw/core/checked.hpp"
#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/version.hpp"
#include "pouw/crypto/chain_digest.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/crypto/evidence.hpp"
#include "pouw/economics/errc.hpp"
#include "pouw/validation/errc.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <string_view>

namespace pouw::inline v1::economics {
namespace {

using core::fail;
using core::result;

constexpr std::string_view governance_magic = "pouwgov1";
// An empty table of weights, and its epoch and size.
constexpr std::size_t least_table = 8 + 4 + 24;
// A proposal with an empty value, its size and the number of its votes.
constexpr std::size_t least_ballot = 4 + 152 + 4;
constexpr std::size_t given_size = core::NodeId::size + 1 + crypto::Signature::size;
// Proposal, proposer, activation, and a change with an empty value.
constexpr std::size_t least_accepted = 32 + 32 + 8 + 4;

constexpr std::size_t price_bounds_size = 16 + 16 + 1 + 4;
constexpr std::size_t rate_size = 4;
constexpr std::size_t curve_size = 1 + 4 * 4;
constexpr std::size_t model_rules_size = 16 + 8;

void append_rate(core::Bytes& out, core::Rate rate) { core::append(out, core::to_le(rate.ppm())); }

core::Bytes value_of(const PriceBounds& bounds) {
    core::Bytes out;
    append_amount(out, bounds.lowest);
    append_amount(out, bounds.highest);
    out.push_back(bounds.step ? 1 : 0);
    append_rate(out, bounds.step.value_or(core::Rate{}));
    return out;
}

core::Bytes value_of(const TrainingRate& change) {
    core::Bytes out;
    append_rate(out, change.rate);
    return out;
}

core::Bytes value_of(const LowestCheckRate& change) {
    core::Bytes out;
    append_rate(out, change.rate);
    return out;
}

core::Bytes value_of(const ReputationCurve& curve) {
    core::Bytes out{static_cast<std::uint8_t>(curve.growth)};
    core::append(out, core::to_le(curve.epochs_to_full));
    append_rate(out, curve.step);
    append_rate(out, curve.forgiven);
    core::append(out, core::to_le(curve.penalty));
    return out;
}

core::Bytes value_of(const ModelRules& rules) {
    core::Bytes out;
    append_amount(out, rules.deposit);
    core::append(out, core::to_le(rules.voting_epochs));
    return out;
}

core::Bytes value_of(const ChainParameter& own) { return own.value; }

result<void> check_value(const PriceBounds& bounds) {
    if (bounds.lowest < 1 || bounds.highest < bounds.lowest) return fail(errc::invalid_rules, "price_bounds");
    return {};
}
result<void> check_value(const TrainingRate&) { return {}; }
result<void> check_value(const LowestCheckRate& change) {
    if (change.rate.ppm() == 0) return fail(errc::invalid_rules, "lowest_check_rate");
    return {};
}
result<void> check_value(const ReputationCurve& curve) { return check(curve); }
result<void> check_value(const ModelRules& rules) {
    if (rules.deposit < 0 || rules.voting_epochs == 0) return fail(errc::invalid_rules, "model_rules");
    return {};
}
result<void> check_value(const ChainParameter& own) {
    if (own.number < ChainParameter::first || own.value.size() > ChainParameter::largest_value)
        return fail(errc::invalid_rules, "a parameter of the chain");
    return {};
}

result<core::Rate> read_rate(core::Reader& reader) {
    return core::Rate::create(reader.integer<std::uint32_t>());
}

result<Change> read_price_bounds(core::Reader& reader) {
    PriceBounds out;
    const auto lowest = read_amount(reader);
    if (!lowest) return lowest.error();
    const auto highest = read_amount(reader);
    if (!highest) return highest.error();
    const auto capped = reader.integer<std::uint8_t>();
    const auto step = read_rate(reader);
    if (!step) return step.error();
    if (capped > 1 || (capped == 0 && step->ppm() != 0)) return fail(core::errc::non_canonical, "the step");
    out.lowest = *lowest;
    out.highest = *highest;
    if (capped == 1) out.step = *step;
    return Change{out};
}

result<Change> read_curve(core::Reader& reader) {
    ReputationCurve out;
    const auto growth = reader.integer<std::uint8_t>();
    if (growth > static_cast<std::uint8_t>(Growth::deployed))
        return fail(core::errc::non_canonical, "an unknown growth");
    out.growth = Growth{growth};
    out.epochs_to_full = reader.integer<std::uint32_t>();
    const auto step = read_rate(reader);
    if (!step) return step.error();
    const auto forgiven = read_rate(reader);
    if (!forgiven) return forgiven.error();
    out.step = *step;
    out.forgiven = *forgiven;
    out.penalty = reader.integer<std::uint32_t>();
    return Change{out};
}

result<Change> read_model_rules(core::Reader& reader) {
    const auto deposit = read_amount(reader);
    if (!deposit) return deposit.error();
    return Change{ModelRules{*deposit, reader.integer<std::uint64_t>()}};
}

/// The value of a parameter of the library, which has the length of its parameter.
result<Change> read_value(Parameter parameter, core::ByteView value) {
    core::Reader reader{value};
    switch (parameter) {
        case Parameter::price_bounds:
            return read_price_bounds(reader);
        case Parameter::training_share:
        case Parameter::lowest_check_rate: {
            const auto rate = read_rate(reader);
            if (!rate) return rate.error();
            if (parameter == Parameter::training_share) return Change{TrainingRate{*rate}};
            return Change{LowestCheckRate{*rate}};
        }
        case Parameter::reputation_curve:
            return read_curve(reader);
        case Parameter::model_rules:
            return read_model_rules(reader);
    }
    return fail(errc::unknown_parameter);
}

/// The length of the values of a parameter of the library; nothing for an unknown number.
std::optional<std::size_t> value_size(std::uint16_t number) {
    switch (Parameter{number}) {
        case Parameter::price_bounds:
            return price_bounds_size;
        case Parameter::training_share:
        case Parameter::lowest_check_rate:
            return rate_size;
        case Parameter::reputation_curve:
            return curve_size;
        case Parameter::model_rules:
            return model_rules_size;
    }
    return std::nullopt;
}

/// Takes a change off the front.
result<Change> read_change(core::Reader& reader) {
    const auto number = reader.integer<std::uint16_t>();
    const auto length = reader.integer<std::uint16_t>();
    if (!reader.ok()) return fail(core::errc::truncated);
    const bool own = number >= ChainParameter::first;
    const auto size = value_size(number);
    if (!own && !size) return fail(errc::unknown_parameter);
    if (own ? length > ChainParameter::largest_value : length != *size) return fail(core::errc::wrong_length);
    const core::ByteView value = reader.take(length);
    if (!reader.ok()) return fail(core::errc::truncated);
    if (own) return Change{ChainParameter{number, {value.begin(), value.end()}}};
    auto change = read_value(Parameter{number}, value);
    if (!change) return change.error();
    if (const auto checked = check(*change); !checked) return checked.error();
    return change;
}

/// version ‖ chain ‖ epoch ‖ proposer ‖ activation ‖ change
core::Bytes encode_unsigned(const Proposal& proposal) {
    core::Bytes out;
    core::append(out, core::to_le(core::spec_version));
    core::append(out, proposal.chain.view());
    core::append(out, core::to_le(proposal.epoch.value));
    core::append(out, proposal.proposer.view());
    core::append(out, core::to_le(proposal.activation.value));
    core::append(out, encode_change(proposal.change));
    return out;
}

core::Bytes encode_unsigned(const ProposalId& proposal, bool approve, const core::NodeId& voter) {
    core::Bytes out;
    core::append(out, core::to_le(core::spec_version));
    core::append(out, proposal.view());
    out.push_back(approve ? 1 : 0);
    core::append(out, voter.view());
    return out;
}

void append_sized(core::Bytes& out, core::ByteView data) {
    core::append(out, core::to_le(static_cast<std::uint32_t>(data.size())));
    core::append(out, data);
}

}  // namespace

std::uint16_t parameter_of(const Change& change) noexcept {
    if (const auto* own = std::get_if<ChainParameter>(&change)) return own->number;
    return static_cast<std::uint16_t>(change.index() + 1);
}

result<void> check(const Change& change) {
    return std::visit([](const auto& value) { return check_value(value); }, change);
}

core::Bytes encode_change(const Change& change) {
    POUW_EXPECTS(check(change).has_value());
    const core::Bytes value = std::visit([](const auto& v) { return value_of(v); }, change);
    core::Bytes out;
    core::append(out, core::to_le(parameter_of(change)));
    core::append(out, core::to_le(static_cast<std::uint16_t>(value.size())));
    core::append(out, value);
    return out;
}

result<Change> decode_change(core::ByteView data) {
    core::Reader reader{data};
    auto change = read_change(reader);
    if (!change) return change.error();
    if (!reader.rest().empty()) return fail(core::errc::trailing_bytes);
    return change;
}

ProposalId Proposal::id() const {
    return {crypto::hash(crypto::domain::proposal, encode_unsigned(*this)).bytes};
}

core::Bytes Proposal::encode() const {
    core::Bytes out = encode_unsigned(*this);
    core::append(out, signature.view());
    return out;
}

result<Proposal> Proposal::decode(core::ByteView data) {
    core::Reader reader{data};
    const auto version = reader.integer<std::uint32_t>();
    Proposal out;
    out.chain = reader.fixed<core::ChainDigest>();
    out.epoch = reader.integer<std::uint64_t>();
    out.proposer = reader.fixed<core::NodeId>();
    out.activation = reader.integer<std::uint64_t>();
    if (!reader.ok()) return fail(core::errc::truncated);
    if (version != core::spec_version) return fail(core::errc::unsupported_version);
    auto change = read_change(reader);
    if (!change) return change.error();
    out.change = *std::move(change);
    out.signature = reader.fixed<crypto::Signature>();
    if (!reader.ok()) return fail(core::errc::truncated);
    if (!reader.rest().empty()) return fail(core::errc::trailing_bytes);
    return out;
}

bool Proposal::is_signed() const { return crypto::verify(proposer, crypto::Hash256{id().bytes}, signature); }

Proposal sign_proposal(const core::ChainDigest& chain, core::Epoch epoch, const Change& change,
                       core::Epoch activation, const crypto::SigningKey& key) {
    Proposal out{chain, epoch, key.public_key(), activation, change, {}};
    out.signature = key.sign(crypto::Hash256{out.id().bytes});
    return out;
}

core::Bytes ProposalVote::encode() const {
    core::Bytes out = encode_unsigned(proposal, approve, voter);
    core::append(out, signature.view());
    POUW_ENSURES(out.size() == size);
    return out;
}

result<ProposalVote> ProposalVote::decode(core::ByteView data) {
    if (data.size() != size) return fail(core::errc::wrong_length, "a vote on a proposal has 133 bytes");
    core::Reader reader{data};
    if (reader.integer<std::uint32_t>() != core::spec_version) return fail(core::errc::unsupported_version);
    ProposalVote out;
    out.proposal = reader.fixed<ProposalId>();
    const auto approve = reader.integer<std::uint8_t>();
    if (approve > 1) return fail(core::errc::non_canonical, "an unknown vote");
    out.approve = approve == 1;
    out.voter = reader.fixed<core::NodeId>();
    out.signature = reader.fixed<crypto::Signature>();
    return out;
}

bool ProposalVote::is_signed() const {
    return crypto::verify(voter, proposal_voting_digest(proposal, approve, voter), signature);
}

crypto::Hash256 proposal_voting_digest(const ProposalId& proposal, bool approve, const core::NodeId& voter) {
    return crypto::hash(crypto::domain::proposal_vote, encode_unsigned(proposal, approve, voter));
}

ProposalVote cast_vote(const ProposalId& proposal, bool approve, const crypto::SigningKey& key) {
    const core::NodeId& voter = key.public_key();
    return {proposal, approve, voter, key.sign(proposal_voting_digest(proposal, approve, voter))};
}

core::Bytes ProposalEquivocation::encode() const {
    core::Bytes out;
    core::append(out, core::to_le(core::spec_version));
    for (const core::ByteView part : {core::ByteView{proposal.view()}, core::ByteView{voter.view()},
                                      core::ByteView{rejecting.view()}, core::ByteView{approving.view()}}) {
        core::append(out, part);
    }
    POUW_ENSURES(out.size() == size);
    return out;
}

result<ProposalEquivocation> ProposalEquivocation::decode(core::ByteView data) {
    if (data.size() != size) return fail(core::errc::wrong_length, "an equivocation has 196 bytes");
    core::Reader reader{data};
    if (reader.integer<std::uint32_t>() != core::spec_version) return fail(core::errc::unsupported_version);
    ProposalEquivocation out;
    out.proposal = reader.fixed<ProposalId>();
    out.voter = reader.fixed<core::NodeId>();
    out.rejecting = reader.fixed<crypto::Signature>();
    out.approving = reader.fixed<crypto::Signature>();
    return out;
}

result<core::Conviction> ProposalEquivocation::conviction(const core::ChainDigest& expected,
                                                          const Proposal& subject,
                                                          core::Height height) const {
    if (subject.chain != expected) return fail(validation::errc::other_chain);
    if (subject.id() != proposal) return fail(errc::unknown_proposal);
    // Under a key of small order anybody makes signatures that verify: they convict nobody.
    if (!crypto::checked_public_key(voter.view())) return fail(core::errc::no_misbehaviour, "no node's key");
    const bool both = crypto::verify(voter, proposal_voting_digest(proposal, false, voter), rejecting) &&
                      crypto::verify(voter, proposal_voting_digest(proposal, true, voter), approving);
    if (!both) return fail(core::errc::no_misbehaviour, "a signature does not verify");
    return core::Conviction{voter, core::Ground::contradicting_votes, crypto::evidence_digest(encode()),
                            height};
}

result<void> check(const GovernanceRules& rules) {
    if (rules.voting_epochs == 0) return fail(errc::invalid_rules, "voting_epochs");
    if (rules.activation_epochs == 0) return fail(errc::invalid_rules, "activation_epochs");
    if (rules.open_per_node == 0) return fail(errc::invalid_rules, "open_per_node");
    if (rules.open_total == 0) return fail(errc::invalid_rules, "open_total");
    return {};
}

Governance::Governance(const core::ChainDigest& chain, const GovernanceRules& rules, core::Epoch epoch)
    : chain_{chain}, rules_{rules}, epoch_{epoch} {}

result<Governance> Governance::create(const core::ChainId& chain, const GovernanceRules& rules,
                                      core::Epoch epoch, weights::WeightTable weights) {
    if (const auto checked = check(rules); !checked) return checked.error();
    Governance out{crypto::chain_digest(chain), rules, epoch};
    out.tables_.emplace(epoch, std::move(weights));
    return out;
}

const Governance::Ballot* Governance::find(const ProposalId& proposal) const {
    const auto found = open_.find(proposal);
    return found == open_.end() ? nullptr : &found->second;
}

/// Between the notice after the vote and the last epoch that a proposal may choose.
result<void> Governance::admit_activation(const Proposal& proposal) const {
    const auto ends = core::checked_add(proposal.epoch.value, rules_.voting_epochs);
    if (!ends) return fail(core::errc::overflow);
    const auto first = core::checked_add(*ends, rules_.notice_epochs);
    if (!first) return fail(core::errc::overflow);
    if (proposal.activation.value < *first) return fail(core::errc::too_early, "activation");
    if (proposal.activation.value - *first >= rules_.activation_epochs)
        return fail(core::errc::too_late, "activation");
    return {};
}

/// The proposals that are undecided or not active yet are few, so they are counted anew.
result<void> Governance::admit_number(const Proposal& proposal) const {
    std::uint64_t total = open_.size();
    std::uint64_t own = 0;
    for (const auto& [id, ballot] : open_) own += ballot.proposal.proposer == proposal.proposer ? 1u : 0u;
    for (const auto& [place, accepted] : accepted_) {
        if (accepted.activation <= epoch_) continue;
        ++total;
        own += accepted.proposer == proposal.proposer ? 1u : 0u;
    }
    if (own >= rules_.open_per_node) return fail(errc::too_many_proposals, "of the node");
    if (total >= rules_.open_total) return fail(errc::too_many_proposals);
    return {};
}

/// All but the epoch, which is an earlier one when a state is restored.
result<void> Governance::admit(const Proposal& proposal) const {
    const weights::WeightTable& table = tables_.at(proposal.epoch);
    if (const auto checked = check(proposal.change); !checked) return checked;
    const std::uint64_t weight = table.weight_of(proposal.proposer);
    if (weight == 0) return fail(errc::unknown_node);
    if (core::uint128{weight} * core::Rate::one < core::uint128{table.total()} * rules_.least_share.ppm())
        return fail(errc::insufficient_weight);
    if (const auto activation = admit_activation(proposal); !activation) return activation;
    if (find(proposal.id()) != nullptr) return fail(errc::duplicate_proposal);
    if (const auto number = admit_number(proposal); !number) return number;
    if (!proposal.is_signed()) return fail(crypto::errc::invalid_signature);
    return {};
}

result<ProposalId> Governance::propose(core::ByteView proposal) {
    const auto decoded = Proposal::decode(proposal);
    if (!decoded) return decoded.error();
    return propose(*decoded);
}

result<ProposalId> Governance::propose(const Proposal& proposal) {
    if (proposal.chain != chain_) return fail(validation::errc::other_chain);
    if (proposal.epoch != epoch_) return fail(validation::errc::other_epoch);
    if (const auto admitted = admit(proposal); !admitted) return admitted.error();
    const ProposalId id = proposal.id();
    open_.emplace(id, Ballot{.proposal = proposal, .votes = {}});
    return id;
}

Governance::Applied Governance::vote(core::ByteView vote) {
    const auto decoded = ProposalVote::decode(vote);
    if (!decoded) return {decoded.error()};
    return this->vote(*decoded);
}

Governance::Applied Governance::vote(const ProposalVote& vote) {
    const auto found = open_.find(vote.proposal);
    if (found == open_.end()) return {fail(errc::unknown_proposal)};
    Ballot& ballot = found->second;
    const std::uint64_t weight = tables_.at(ballot.proposal.epoch).weight_of(vote.voter);
    if (weight == 0) return {fail(errc::unknown_node)};
    if (!vote.is_signed()) return {fail(crypto::errc::invalid_signature)};
    if (const auto earlier = ballot.votes.find(vote.voter); earlier != ballot.votes.end()) {
        if (earlier->second.approve == vote.approve) return {fail(validation::errc::already_voted)};
        const crypto::Signature& before = earlier->second.signature;
        return {fail(validation::errc::contradicting_vote),
                ProposalEquivocation{vote.proposal, vote.voter, vote.approve ? before : vote.signature,
                                     vote.approve ? vote.signature : before}};
    }
    ballot.votes.emplace(vote.voter, Given{vote.approve, vote.signature});
    // Each voter counts once, so the sum stays below the table's total.
    if (vote.approve) ballot.support += weight;
    return {};
}

Resolution Governance::decide(const ProposalId& id, const Ballot& ballot) {
    const Proposal& proposal = ballot.proposal;
    if (!tables_.at(proposal.epoch).is_majority(ballot.support)) return Resolution::rejected;
    const bool first =
        accepted_
            .try_emplace(Place{parameter_of(proposal.change), proposal.activation},
                         AcceptedChange{id, proposal.proposer, proposal.activation, proposal.change})
            .second;
    return first ? Resolution::accepted : Resolution::conflicting;
}

/// Drops the tables of which no proposal is open, and the changes after which another one is active.
void Governance::forget() {
    std::erase_if(tables_, [&](const auto& entry) {
        const auto uses = [&](const auto& open) { return open.second.proposal.epoch == entry.first; };
        return entry.first != epoch_ && std::none_of(open_.begin(), open_.end(), uses);
    });
    for (auto at = accepted_.begin(); at != accepted_.end();) {
        const auto next = std::next(at);
        const bool superseded =
            next != accepted_.end() && next->first.first == at->first.first && next->first.second <= epoch_;
        at = superseded ? accepted_.erase(at) : next;
    }
}

result<std::vector<ProposalOutcome>> Governance::close(core::Epoch epoch, weights::WeightTable next) {
    if (epoch != epoch_ || epoch.value == std::numeric_limits<std::uint64_t>::max())
        return fail(errc::epoch_out_of_order);
    ++epoch_;
    std::vector<ProposalOutcome> out;
    for (auto at = open_.begin(); at != open_.end();) {
        // `admit_activation` bounds the sum.
        if (at->second.proposal.epoch + rules_.voting_epochs > epoch_) {
            ++at;
            continue;
        }
        out.push_back({at->first, decide(at->first, at->second)});
        at = open_.erase(at);
    }
    tables_.emplace(epoch_, std::move(next));
    forget();
    return out;
}

std::vector<Proposal> Governance::open() const {
    std::vector<Proposal> out;
    for (const auto& [id, ballot] : open_) out.push_back(ballot.proposal);
    return out;
}

result<std::uint64_t> Governance::support(const ProposalId& proposal) const {
    const Ballot* const ballot = find(proposal);
    if (ballot == nullptr) return fail(errc::unknown_proposal);
    return ballot->support;
}

result<std::vector<ProposalVote>> Governance::votes(const ProposalId& proposal) const {
    const Ballot* const ballot = find(proposal);
    if (ballot == nullptr) return fail(errc::unknown_proposal);
    std::vector<ProposalVote> out;
    for (const auto& [voter, given] : ballot->votes)
        out.push_back({proposal, given.approve, voter, given.signature});
    return out;
}

std::vector<AcceptedChange> Governance::active_at(core::Epoch epoch) const {
    POUW_EXPECTS(epoch >= epoch_);
    std::vector<AcceptedChange> out;
    for (const auto& [place, accepted] : accepted_) {
        if (place.second > epoch) continue;
        if (!out.empty() && parameter_of(out.back().change) == place.first) out.pop_back();
        out.push_back(accepted);
    }
    return out;
}

std::vector<AcceptedChange> Governance::activated_in(core::Epoch epoch) const {
    POUW_EXPECTS(epoch >= epoch_);
    std::vector<AcceptedChange> out;
    for (const auto& [place, accepted] : accepted_)
        if (place.second == epoch) out.push_back(accepted);
    return out;
}

core::Bytes Governance::save() const {
    core::Bytes out{governance_magic.begin(), governance_magic.end()};
    core::append(out, core::to_le(core::spec_version));
    core::append(out, chain_.view());
    for (const std::uint64_t number : {rules_.voting_epochs, rules_.notice_epochs, rules_.activation_epochs})
        core::append(out, core::to_le(number));
    for (const std::uint32_t number : {rules_.least_share.ppm(), rules_.open_per_node, rules_.open_total})
        core::append(out, core::to_le(number));
    core::append(out, core::to_le(epoch_.value));
    core::append(out, core::to_le(static_cast<std::uint32_t>(tables_.size())));
    for (const auto& [epoch, table] : tables_) {
        core::append(out, core::to_le(epoch.value));
        append_sized(out, table.encode());
    }
    core::append(out, core::to_le(static_cast<std::uint32_t>(open_.size())));
    for (const auto& [id, ballot] : open_) {
        append_sized(out, ballot.proposal.encode());
        core::append(out, core::to_le(static_cast<std::uint32_t>(ballot.votes.size())));
        for (const auto& [voter, given] : ballot.votes) {
            core::append(out, voter.view());
            out.push_back(given.approve ? 1 : 0);
            core::append(out, given.signature.view());
        }
    }
    core::append(out, core::to_le(static_cast<std::uint32_t>(accepted_.size())));
    for (const auto& [place, accepted] : accepted_) {
        core::append(out, accepted.proposal.view());
        core::append(out, accepted.proposer.view());
        core::append(out, core::to_le(accepted.activation.value));
        core::append(out, encode_change(accepted.change));
    }
    return out;
}

/// Reads a state, part by part.
class Governance::Restoring {
  public:
    explicit Restoring(core::ByteView data) : reader_{data} {}

    result<Governance> run() {
        if (const auto done = read_head(); !done) return done.error();
        for (const auto part : {&Restoring::read_tables, &Restoring::read_open, &Restoring::read_accepted}) {
            if (const auto done = (this->*part)(); !done) return done.error();
        }
        if (!reader_.rest().empty()) return fail(core::errc::trailing_bytes);
        if (const auto done = check_whole(); !done) return done.error();
        return std::move(*out_);
    }

  private:
    result<void> read_head() {
        const core::ByteView magic = reader_.take(governance_magic.size());
        if (!reader_.ok()) return fail(core::errc::truncated);
        if (!std::equal(magic.begin(), magic.end(), governance_magic.begin()))
            return fail(core::errc::invalid_magic);
        const auto version = reader_.integer<std::uint32_t>();
        const auto chain = reader_.fixed<core::ChainDigest>();
        GovernanceRules rules;
        rules.voting_epochs = reader_.integer<std::uint64_t>();
        rules.notice_epochs = reader_.integer<std::uint64_t>();
        rules.activation_epochs = reader_.integer<std::uint64_t>();
        const auto least_share = read_rate(reader_);
        rules.open_per_node = reader_.integer<std::uint32_t>();
        rules.open_total = reader_.integer<std::uint32_t>();
        const core::Epoch epoch = reader_.integer<std::uint64_t>();
        if (!reader_.ok()) return fail(core::errc::truncated);
        if (version != core::spec_version) return fail(core::errc::unsupported_version);
        if (!least_share) return least_share.error();
        rules.least_share = *least_share;
        if (const auto checked = check(rules); !checked) return checked;
        out_ = Governance{chain, rules, epoch};
        return {};
    }

    /// The number of parts that follow, each of at least so many bytes.
    result<std::uint32_t> read_count(std::size_t least) {
        const auto count = reader_.integer<std::uint32_t>();
        if (!reader_.ok()) return fail(core::errc::truncated);
        if (count > reader_.rest().size() / least) return fail(core::errc::count_too_large);
        return count;
    }

    result<core::ByteView> read_sized() {
        const auto size = reader_.integer<std::uint32_t>();
        const core::ByteView data = reader_.take(size);
        if (!reader_.ok()) return fail(core::errc::truncated);
        return data;
    }

    result<void> read_tables() {
        const auto count = read_count(least_table);
        if (!count) return count.error();
        for (std::uint32_t i = 0; i < *count; ++i) {
            const core::Epoch epoch = reader_.integer<std::uint64_t>();
            const auto encoded = read_sized();
            if (!encoded) return encoded.error();
            if (!out_->tables_.empty() && epoch <= out_->tables_.rbegin()->first)
                return fail(core::errc::non_canonical, "the epochs descend");
            auto table = weights::WeightTable::decode(*encoded);
            if (!table) return table.error();
            out_->tables_.emplace(epoch, *std::move(table));
        }
        if (out_->tables_.empty() || out_->tables_.rbegin()->first != out_->epoch_)
            return fail(core::errc::non_canonical, "no table of the present epoch");
        return {};
    }

    result<void> read_open() {
        const auto count = read_count(least_ballot);
        if (!count) return count.error();
        if (*count > out_->rules_.open_total) return fail(errc::too_many_proposals);
        for (std::uint32_t i = 0; i < *count; ++i) {
            const auto encoded = read_sized();
            if (!encoded) return encoded.error();
            const auto proposal = Proposal::decode(*encoded);
            if (!proposal) return proposal.error();
            if (const auto done = take(*proposal); !done) return done;
        }
        return {};
    }

    /// Takes an open proposal and reads its votes.
    result<void> take(const Proposal& proposal) {
        if (proposal.chain != out_->chain_) return fail(validation::errc::other_chain);
        if (!out_->tables_.contains(proposal.epoch)) return fail(validation::errc::other_epoch);
        if (const auto admitted = out_->admit(proposal); !admitted) return admitted;
        if (proposal.epoch + out_->rules_.voting_epochs <= out_->epoch_)
            return fail(core::errc::non_canonical, "a vote that is over");
        const ProposalId id = proposal.id();
        if (!out_->open_.empty() && id <= out_->open_.rbegin()->first)
            return fail(core::errc::non_canonical, "the proposals descend");
        out_->open_.emplace(id, Ballot{.proposal = proposal, .votes = {}});
        const auto count = read_count(given_size);
        if (!count) return count.error();
        std::optional<core::NodeId> last;
        for (std::uint32_t i = 0; i < *count; ++i) {
            const auto voter = reader_.fixed<core::NodeId>();
            const auto approve = reader_.integer<std::uint8_t>();
            const auto signature = reader_.fixed<crypto::Signature>();
            if (approve > 1) return fail(core::errc::non_canonical, "an unknown vote");
            if (last && voter <= *last) return fail(core::errc::non_canonical, "the voters descend");
            last = voter;
            if (const auto given = out_->vote({id, approve == 1, voter, signature}); !given.verdict)
                return given.verdict;
        }
        return {};
    }

    result<void> read_accepted() {
        const auto count = read_count(least_accepted);
        if (!count) return count.error();
        auto& accepted = out_->accepted_;
        for (std::uint32_t i = 0; i < *count; ++i) {
            AcceptedChange entry;
            entry.proposal = reader_.fixed<ProposalId>();
            entry.proposer = reader_.fixed<core::NodeId>();
            entry.activation = reader_.integer<std::uint64_t>();
            auto change = read_change(reader_);
            if (!change) return change.error();
            entry.change = *std::move(change);
            const Place place{parameter_of(entry.change), entry.activation};
            if (!accepted.empty() && place <= accepted.rbegin()->first)
                return fail(core::errc::non_canonical, "the changes descend");
            accepted.emplace(place, std::move(entry));
        }
        return {};
    }

    /// What holds of every state beyond its parts.
    result<void> check_whole() {
        const std::size_t tables = out_->tables_.size();
        const std::size_t changes = out_->accepted_.size();
        out_->forget();
        if (out_->tables_.size() != tables || out_->accepted_.size() != changes)
            return fail(core::errc::non_canonical, "a table or a change that no state has");
        const GovernanceRules& rules = out_->rules_;
        std::map<core::NodeId, std::uint64_t> pending;
        std::uint64_t total = out_->open_.size();
        for (const auto& [id, ballot] : out_->open_) ++pending[ballot.proposal.proposer];
        for (const auto& [place, accepted] : out_->accepted_) {
            if (accepted.activation <= out_->epoch_) continue;
            // Its vote is over, so no more than notice and choice lie ahead.
            const std::uint64_t ahead = accepted.activation - out_->epoch_;
            if (ahead > rules.notice_epochs && ahead - rules.notice_epochs >= rules.activation_epochs)
                return fail(core::errc::non_canonical, "an activation that no proposal may have");
            ++pending[accepted.proposer];
            ++total;
        }
        if (total > rules.open_total) return fail(errc::too_many_proposals);
        for (const auto& [node, number] : pending)
            if (number > rules.open_per_node) return fail(errc::too_many_proposals, "of a node");
        return {};
    }

    core::Reader reader_;
    std::optional<Governance> out_;
};

result<Governance> Governance::restore(core::ByteView data) { return Restoring{data}.run(); }

}  // namespace pouw::inline v1::economics
