/// The models that the network serves, and the price of their tokens.
/// Source: White paper, Appendix J.
#pragma once

#include "pouw/core/amount.hpp"
#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/weights/weights.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::economics {

/// The price of `tokens` tokens, exactly: tokens · units per token · price of a unit.
/// Errors: core::errc::invalid_amount for a negative price; core::errc::overflow.
[[nodiscard]] POUW_API core::result<core::Amount> quote(std::uint64_t units_per_token, std::uint64_t tokens,
                                                        core::Amount unit_price);

/// The number of whole tokens that a maximum buys, at which a request is cut off. 2^64 - 1 when it buys more
/// than that, or when tokens are free.
/// Errors: core::errc::invalid_amount for a negative limit or price.
[[nodiscard]] POUW_API core::result<std::uint64_t> tokens_within_rounded_down(core::Amount limit,
                                                                              std::uint64_t units_per_token,
                                                                              core::Amount unit_price);

/// The deposit of a proposal of a model, and the length of its vote.
struct POUW_API ModelRules {
    core::Amount deposit = 0;         ///< returned when the model is listed
    std::uint64_t voting_epochs = 1;  ///< at least 1

    friend constexpr bool operator==(const ModelRules&, const ModelRules&) = default;
};

/// The result of a vote on a model, and where the deposit goes.
struct POUW_API Decision {
    bool listed = false;
    core::NodeId proposer;
    core::Amount returned = 0;   ///< to the proposer
    core::Amount forfeited = 0;  ///< to the reserve

    friend bool operator==(const Decision&, const Decision&) = default;
};

/// A model that is listed.
struct POUW_API ListedModel {
    core::InferenceModelId model;
    std::uint64_t units_per_token = 0;

    friend bool operator==(const ListedModel&, const ListedModel&) = default;
};

/// The vote of a node on a model.
struct POUW_API ModelVote {
    core::NodeId node;
    bool approve = false;

    friend bool operator==(const ModelVote&, const ModelVote&) = default;
};

/// A model that is voted on.
struct POUW_API ModelProposal {
    core::InferenceModelId model;
    std::uint64_t units_per_token = 0;
    core::NodeId proposer;
    core::Amount deposit = 0;
    core::Epoch ends;                ///< the first epoch in which nobody votes
    weights::WeightTable voters;     ///< of the time when the model was proposed
    std::vector<ModelVote> votes{};  ///< ascending in their nodes

    friend bool operator==(const ModelProposal&, const ModelProposal&) = default;
};

/// The proposals, the votes and the list of models. Votes count with the weights of the time when the
/// proposal was made, so that nobody votes twice by a change of weights. The registry is a value: a copy is a
/// state to which a program can return.
class POUW_API ModelRegistry {
  public:
    /// The empty registry with these rules.
    /// Errors: errc::invalid_rules.
    [[nodiscard]] static core::result<ModelRegistry> create(const ModelRules& rules);

    /// Takes other rules, which governance decided, for the proposals to come. Open votes keep their deposit
    /// and their end.
    /// Errors: errc::invalid_rules; nothing changes then.
    [[nodiscard]] core::result<void> adjust(const ModelRules& rules);

    [[nodiscard]] const ModelRules& rules() const noexcept { return rules_; }
    /// The models that are listed, ascending.
    [[nodiscard]] std::span<const ListedModel> models() const noexcept { return models_; }
    /// The models that are voted on, ascending. None of them is listed.
    [[nodiscard]] std::span<const ModelProposal> proposals() const noexcept { return proposals_; }

    /// Proposes a model; the vote begins in `epoch`.
    /// Errors: errc::duplicate_model; core::errc::invalid_amount for tokens of 0 units or a negative deposit;
    ///     errc::insufficient_deposit; core::errc::overflow when the vote would end after the last epoch, or
    ///     when all deposits that are held would exceed 2^127 - 1.
    [[nodiscard]] core::result<void> propose(const core::InferenceModelId& model,
                                             std::uint64_t units_per_token, core::Amount deposit,
                                             const core::NodeId& proposer, core::Epoch epoch,
                                             const weights::WeightTable& voters);

    /// Takes the vote of a node. Its first vote counts.
    /// Errors: errc::unknown_model; errc::voting_closed; errc::unknown_node for a node without weight;
    ///     errc::duplicate_verdict.
    [[nodiscard]] core::result<void> vote(const core::InferenceModelId& model, const core::NodeId& node,
                                          bool approve, core::Epoch epoch);

    /// Ends the vote: the model is listed when a majority of the voting weight approves.
    /// Errors: errc::unknown_model; errc::voting_closed for a model that is listed already; errc::voting_open
    ///     before the vote's last epoch is over.
    [[nodiscard]] core::result<Decision> conclude(const core::InferenceModelId& model, core::Epoch epoch);

    /// The units of compute for one token.
    /// Errors: errc::unknown_model for a model that is not listed.
    [[nodiscard]] core::result<std::uint64_t> units_per_token(const core::InferenceModelId& model) const;

    /// The price of a request for `tokens` tokens.
    /// Errors: those of `units_per_token` and of `economics::quote`.
    [[nodiscard]] core::result<core::Amount> quote(const core::InferenceModelId& model, std::uint64_t tokens,
                                                   core::Amount unit_price) const;

    /// The deposits that are held for open votes.
    [[nodiscard]] core::Amount held() const noexcept { return held_; }

    /// The whole state, the tables of weights included.
    [[nodiscard]] core::Bytes save() const;

    /// Restores a state that `save` gave.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version, core::errc::count_too_large; errc::invalid_rules;
    ///     core::errc::non_canonical for models, proposals or votes that descend and for a vote that is not 0
    ///     or 1; core::errc::inconsistent_state for a vote that ends before it can have begun; those of
    ///     `WeightTable::decode`, `propose` and `vote`.
    /// Cost: that of `WeightTable::decode`, for every proposal.
    [[nodiscard]] static core::result<ModelRegistry> restore(core::ByteView data);

    friend bool operator==(const ModelRegistry&, const ModelRegistry&) = default;

  private:
    explicit ModelRegistry(const ModelRules& rules) : rules_{rules} {}

    [[nodiscard]] const ListedModel* find_model(const core::InferenceModelId& model) const;
    [[nodiscard]] ModelProposal* find_proposal(const core::InferenceModelId& model);
    [[nodiscard]] core::result<void> admit(const ModelProposal& proposal);
    [[nodiscard]] core::result<void> insert(const ModelProposal& proposal);
    [[nodiscard]] core::result<void> take_models(core::Reader& reader);
    [[nodiscard]] core::result<void> take_proposal(core::Reader& reader);
    [[nodiscard]] core::result<void> take_vote(core::Reader& reader, const ModelProposal& proposal);

    ModelRules rules_;
    std::vector<ListedModel> models_;
    std::vector<ModelProposal> proposals_;
    core::Amount held_ = 0;  // the deposits of the proposals
};

}  // namespace pouw::inline v1::economics
