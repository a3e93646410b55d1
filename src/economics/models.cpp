#include "pouw/economics/models.hpp"

#include "pouw/core/checked.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/state.hpp"
#include "pouw/core/wide.hpp"
#include "pouw/economics/errc.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

namespace pouw::inline v1::economics {
namespace {

constexpr std::string_view models_magic = "pouwmod1";
constexpr std::size_t listed_size = core::InferenceModelId::size + 8;
constexpr std::size_t model_vote_size = core::NodeId::size + 1;
// model ‖ units ‖ proposer ‖ deposit ‖ end ‖ size of the table ‖ number of votes
constexpr std::size_t least_proposal_size =
    core::InferenceModelId::size + 8 + core::NodeId::size + 16 + 8 + 4 + 4;

/// The place of a model in an ascending list.
template <typename List>
auto place_of(List& list, const core::InferenceModelId& model) {
    return std::lower_bound(
        list.begin(), list.end(), model,
        [](const auto& entry, const core::InferenceModelId& id) { return entry.model < id; });
}

void append(core::Bytes& out, const ModelProposal& proposal) {
    core::append(out, proposal.model.view());
    core::append(out, core::to_le(proposal.units_per_token));
    core::append(out, proposal.proposer.view());
    core::append(out, core::to_le(proposal.deposit));
    core::append(out, core::to_le(proposal.ends.value));
    const core::Bytes voters = proposal.voters.encode();
    core::append(out, core::to_le(static_cast<std::uint32_t>(voters.size())));
    core::append(out, voters);
    core::append(out, core::to_le(static_cast<std::uint32_t>(proposal.votes.size())));
    for (const ModelVote& vote : proposal.votes) {
        core::append(out, vote.node.view());
        out.push_back(vote.approve ? 1 : 0);
    }
}

}  // namespace

core::result<core::Amount> quote(std::uint64_t units_per_token, std::uint64_t tokens,
                                 core::Amount unit_price) {
    if (unit_price < 0) return core::fail(core::errc::invalid_amount, "a negative price");
    const core::uint256 exact =
        core::multiply(core::uint128{units_per_token} * tokens, static_cast<core::uint128>(unit_price));
    if (exact.high != 0 || exact.low > static_cast<core::uint128>(core::max_amount))
        return core::fail(core::errc::overflow);
    return static_cast<core::Amount>(exact.low);
}

core::result<std::uint64_t> tokens_within_rounded_down(core::Amount limit, std::uint64_t units_per_token,
                                                       core::Amount unit_price) {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    if (limit < 0 || unit_price < 0) return core::fail(core::errc::invalid_amount);
    const auto token = quote(units_per_token, 1, unit_price);
    if (!token) return std::uint64_t{0};  // one token costs more than any limit
    if (*token == 0 || limit / *token > most) return most;
    return static_cast<std::uint64_t>(limit / *token);
}

core::result<ModelRegistry> ModelRegistry::create(const ModelRules& rules) {
    if (rules.deposit < 0 || rules.voting_epochs == 0) return core::fail(errc::invalid_rules);
    return ModelRegistry{rules};
}

core::result<void> ModelRegistry::adjust(const ModelRules& rules) {
    if (rules.deposit < 0 || rules.voting_epochs == 0) return core::fail(errc::invalid_rules);
    rules_ = rules;
    return {};
}

core::result<void> ModelRegistry::propose(const core::InferenceModelId& model, std::uint64_t units_per_token,
                                          core::Amount deposit, const core::NodeId& proposer,
                                          core::Epoch epoch, const weights::WeightTable& voters) {
    if (const auto admitted = admit({model, units_per_token, proposer, deposit, epoch, voters, {}});
        !admitted)
        return admitted;
    if (deposit < rules_.deposit) return core::fail(errc::insufficient_deposit);
    const auto ends = core::checked_add(epoch.value, rules_.voting_epochs);
    if (!ends) return core::fail(core::errc::overflow);
    return insert({model, units_per_token, proposer, deposit, *ends, voters, {}});
}

core::result<void> ModelRegistry::admit(const ModelProposal& proposal) {
    if (find_model(proposal.model) != nullptr || find_proposal(proposal.model) != nullptr)
        return core::fail(errc::duplicate_model);
    if (proposal.units_per_token == 0 || proposal.deposit < 0) return core::fail(core::errc::invalid_amount);
    return {};
}

core::result<void> ModelRegistry::insert(const ModelProposal& proposal) {
    if (const auto admitted = admit(proposal); !admitted) return admitted;
    if (proposal.deposit > core::max_amount - held_) return core::fail(core::errc::overflow, "the deposits");
    proposals_.insert(place_of(proposals_, proposal.model), proposal);
    held_ += proposal.deposit;
    return {};
}

core::result<void> ModelRegistry::vote(const core::InferenceModelId& model, const core::NodeId& node,
                                       bool approve, core::Epoch epoch) {
    if (find_model(model) != nullptr) return core::fail(errc::voting_closed);
    ModelProposal* const proposal = find_proposal(model);
    if (proposal == nullptr) return core::fail(errc::unknown_model);
    if (epoch >= proposal->ends) return core::fail(errc::voting_closed);
    if (proposal->voters.weight_of(node) == 0) return core::fail(errc::unknown_node);
    std::vector<ModelVote>& votes = proposal->votes;
    const auto at =
        std::lower_bound(votes.begin(), votes.end(), node,
                         [](const ModelVote& vote, const core::NodeId& id) { return vote.node < id; });
    if (at != votes.end() && at->node == node) return core::fail(errc::duplicate_verdict);
    votes.insert(at, {node, approve});
    return {};
}

core::result<Decision> ModelRegistry::conclude(const core::InferenceModelId& model, core::Epoch epoch) {
    if (find_model(model) != nullptr) return core::fail(errc::voting_closed);
    const ModelProposal* const proposal = find_proposal(model);
    if (proposal == nullptr) return core::fail(errc::unknown_model);
    if (epoch < proposal->ends) return core::fail(errc::voting_open);
    std::vector<core::NodeId> approving;
    for (const ModelVote& vote : proposal->votes)
        if (vote.approve) approving.push_back(vote.node);
    const bool listed = proposal->voters.is_majority(proposal->voters.support(approving));
    const Decision out{listed, proposal->proposer, listed ? proposal->deposit : 0,
                       listed ? 0 : proposal->deposit};
    if (listed) models_.insert(place_of(models_, model), {model, proposal->units_per_token});
    held_ -= proposal->deposit;
    proposals_.erase(proposals_.begin() + (proposal - proposals_.data()));
    return out;
}

core::result<std::uint64_t> ModelRegistry::units_per_token(const core::InferenceModelId& model) const {
    const ListedModel* const listed = find_model(model);
    if (listed == nullptr) return core::fail(errc::unknown_model);
    return listed->units_per_token;
}

core::result<core::Amount> ModelRegistry::quote(const core::InferenceModelId& model, std::uint64_t tokens,
                                                core::Amount unit_price) const {
    const auto units = units_per_token(model);
    if (!units) return units.error();
    return economics::quote(*units, tokens, unit_price);
}

core::Bytes ModelRegistry::save() const {
    core::Bytes out = core::start_state(models_magic);
    core::append(out, core::to_le(rules_.deposit));
    core::append(out, core::to_le(rules_.voting_epochs));
    core::append(out, core::to_le(static_cast<std::uint32_t>(models_.size())));
    for (const ListedModel& listed : models_) {
        core::append(out, listed.model.view());
        core::append(out, core::to_le(listed.units_per_token));
    }
    core::append(out, core::to_le(static_cast<std::uint32_t>(proposals_.size())));
    for (const ModelProposal& proposal : proposals_) append(out, proposal);
    return out;
}

core::result<ModelRegistry> ModelRegistry::restore(core::ByteView data) {
    core::Reader reader{data};
    if (const auto start = core::take_state_start(reader, models_magic); !start) return start.error();
    ModelRules rules;
    rules.deposit = core::take_signed<core::Amount>(reader);
    rules.voting_epochs = reader.integer<std::uint64_t>();
    if (!reader.ok()) return core::fail(core::errc::truncated, "the rules of models");
    auto out = create(rules);
    if (!out) return out;
    if (const auto taken = out->take_models(reader); !taken) return taken.error();
    const auto count = core::take_count(reader, least_proposal_size);
    if (!count) return count.error();
    for (std::uint32_t i = 0; i < *count; ++i) {
        if (const auto taken = out->take_proposal(reader); !taken) return taken.error();
    }
    if (const auto end = core::check_state_end(reader); !end) return end.error();
    return out;
}

core::result<void> ModelRegistry::take_models(core::Reader& reader) {
    const auto count = core::take_count(reader, listed_size);
    if (!count) return count.error();
    models_.reserve(*count);
    for (std::uint32_t i = 0; i < *count; ++i) {
        const auto model = reader.fixed<core::InferenceModelId>();
        const auto units = reader.integer<std::uint64_t>();
        if (i > 0 && model <= models_.back().model)
            return core::fail(core::errc::non_canonical, "the models descend");
        if (units == 0) return core::fail(core::errc::invalid_amount, "tokens of 0 units");
        models_.push_back({model, units});
    }
    return {};
}

core::result<void> ModelRegistry::take_proposal(core::Reader& reader) {
    const auto model = reader.fixed<core::InferenceModelId>();
    const auto units = reader.integer<std::uint64_t>();
    const auto proposer = reader.fixed<core::NodeId>();
    const auto deposit = core::take_signed<core::Amount>(reader);
    const auto ends = reader.integer<std::uint64_t>();
    const core::ByteView table = reader.take(reader.integer<std::uint32_t>());
    if (!reader.ok()) return core::fail(core::errc::truncated, "a proposal");
    if (!proposals_.empty() && model <= proposals_.back().model)
        return core::fail(core::errc::non_canonical, "the proposals descend");
    if (ends == 0) return core::fail(core::errc::inconsistent_state, "the end of a vote");
    const auto voters = weights::WeightTable::decode(table);
    if (!voters) return voters.error();
    // The rules of the time when it was proposed may have been others (`adjust`).
    if (const auto inserted = insert({model, units, proposer, deposit, ends, *voters, {}}); !inserted)
        return inserted;
    const auto count = core::take_count(reader, model_vote_size);
    if (!count) return count.error();
    for (std::uint32_t i = 0; i < *count; ++i) {
        if (const auto taken = take_vote(reader, proposals_.back()); !taken) return taken;
    }
    return {};
}

core::result<void> ModelRegistry::take_vote(core::Reader& reader, const ModelProposal& proposal) {
    const auto node = reader.fixed<core::NodeId>();
    const auto approve = reader.integer<std::uint8_t>();
    if (approve > 1) return core::fail(core::errc::non_canonical, "an unknown vote");
    if (!proposal.votes.empty() && node < proposal.votes.back().node)
        return core::fail(core::errc::non_canonical, "the voters descend");
    // The vote ends after its last epoch, which is at least its first.
    return vote(proposal.model, node, approve == 1, proposal.ends.value - 1);
}

const ListedModel* ModelRegistry::find_model(const core::InferenceModelId& model) const {
    const auto at = place_of(models_, model);
    return at != models_.end() && at->model == model ? &*at : nullptr;
}

ModelProposal* ModelRegistry::find_proposal(const core::InferenceModelId& model) {
    const auto at = place_of(proposals_, model);
    return at != proposals_.end() && at->model == model ? &*at : nullptr;
}

}  // namespace pouw::inline v1::economics
