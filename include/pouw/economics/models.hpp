/// Which models the network serves, and what their tokens cost. White paper, Appendix J.
#pragma once

#include "pouw/core/amount.hpp"
#include "pouw/core/bytes.hpp"
#include "pouw/core/checked.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/economics/errc.hpp"
#include "pouw/weights/weights.hpp"

#include <algorithm>
#include <vector>

namespace pouw::economics {

using ModelKey = core::FixedBytes<struct ModelKeyTag, 32>;

/// The price of `tokens` tokens: tokens · units per token · price of a unit, exact.
/// core::errc::invalid_amount for a negative price; core::errc::overflow.
[[nodiscard]] constexpr core::result<core::Amount> quote(std::uint64_t units_per_token, std::uint64_t tokens,
                                                         core::Amount unit_price) {
    if (unit_price < 0) return core::fail(core::errc::invalid_amount, "a negative price");
    const core::uint256 exact =
        core::multiply(core::uint128{units_per_token} * tokens, static_cast<core::uint128>(unit_price));
    if (exact.high != 0 || exact.low > static_cast<core::uint128>(core::max_amount))
        return core::fail(core::errc::overflow);
    return static_cast<core::Amount>(exact.low);
}

/// How many whole tokens a maximum buys: where a request is cut off. 2^64 - 1 when it buys more than that, or
/// tokens are free. core::errc::invalid_amount for a negative limit or price.
[[nodiscard]] constexpr core::result<std::uint64_t> tokens_within_rounded_down(core::Amount limit,
                                                                               std::uint64_t units_per_token,
                                                                               core::Amount unit_price) {
    if (limit < 0 || unit_price < 0) return core::fail(core::errc::invalid_amount);
    const auto token = quote(units_per_token, 1, unit_price);
    if (!token) return std::uint64_t{0};  // one token costs more than any limit
    if (*token == 0 || limit / *token > UINT64_MAX) return UINT64_MAX;
    return static_cast<std::uint64_t>(limit / *token);
}

/// What a proposal takes.
struct ModelRules {
    core::Amount deposit = 0;         ///< comes back when the model is listed
    std::uint64_t voting_epochs = 1;  ///< at least 1

    friend constexpr bool operator==(const ModelRules&, const ModelRules&) = default;
};

/// Where a deposit goes when the vote is over.
struct Decision {
    bool listed = false;
    crypto::PublicKey proposer;
    core::Amount returned = 0;   ///< to the proposer
    core::Amount forfeited = 0;  ///< to the reserve

    friend bool operator==(const Decision&, const Decision&) = default;
};

/// Proposals, votes and the list. Votes count with the weights with which the proposal was made, so that
/// nobody votes twice by a change of weights. A value.
class ModelRegistry {
  public:
    /// errc::invalid_rules.
    [[nodiscard]] static core::result<ModelRegistry> make(const ModelRules& rules) {
        if (rules.deposit < 0 || rules.voting_epochs == 0) return core::fail(errc::invalid_rules);
        return ModelRegistry{rules};
    }

    /// errc::duplicate_model; core::errc::invalid_amount for tokens of 0 units or a negative deposit;
    /// errc::insufficient_deposit; core::errc::overflow when the vote would end after the last epoch.
    [[nodiscard]] core::result<void> propose(const ModelKey& model, std::uint64_t units_per_token,
                                             core::Amount deposit, const crypto::PublicKey& proposer,
                                             std::uint64_t epoch, const weights::WeightTable& voters) {
        if (find(model) != nullptr) return core::fail(errc::duplicate_model);
        if (units_per_token == 0 || deposit < 0) return core::fail(core::errc::invalid_amount);
        if (deposit < rules_.deposit) return core::fail(errc::insufficient_deposit);
        const auto ends = core::checked_add(epoch, rules_.voting_epochs);
        if (!ends) return core::fail(core::errc::overflow);
        const auto at = std::lower_bound(entries_.begin(), entries_.end(), model,
                                         [](const Entry& e, const ModelKey& key) { return e.model < key; });
        entries_.insert(at, Entry{model, units_per_token, false, proposer, deposit, *ends, voters, {}, {}});
        return {};
    }

    /// A node's first vote stands. errc::unknown_model; errc::voting_closed; errc::unknown_node for one
    /// without weight; errc::duplicate_verdict.
    [[nodiscard]] core::result<void> vote(const ModelKey& model, const crypto::PublicKey& node, bool approve,
                                          std::uint64_t epoch) {
        Entry* const entry = find(model);
        if (entry == nullptr) return core::fail(errc::unknown_model);
        if (entry->listed || epoch >= entry->ends) return core::fail(errc::voting_closed);
        if (entry->voters.weight_of(node) == 0) return core::fail(errc::unknown_node);
        for (const auto* side : {&entry->approving, &entry->rejecting}) {
            if (std::find(side->begin(), side->end(), node) != side->end())
                return core::fail(errc::duplicate_verdict);
        }
        (approve ? entry->approving : entry->rejecting).push_back(node);
        return {};
    }

    /// Ends the vote: listed when more than half of all weight approves. errc::unknown_model;
    /// errc::voting_closed when it is listed already; errc::voting_open before the vote's last epoch is over.
    [[nodiscard]] core::result<Decision> conclude(const ModelKey& model, std::uint64_t epoch) {
        Entry* const entry = find(model);
        if (entry == nullptr) return core::fail(errc::unknown_model);
        if (entry->listed) return core::fail(errc::voting_closed);
        if (epoch < entry->ends) return core::fail(errc::voting_open);
        const bool listed = entry->voters.is_majority(entry->voters.support(entry->approving));
        Decision out{listed, entry->proposer, listed ? entry->deposit : 0, listed ? 0 : entry->deposit};
        if (listed) {
            entry->listed = true;
            entry->deposit = 0;
            entry->voters = {};
            entry->approving = entry->rejecting = {};
        } else {
            entries_.erase(entries_.begin() + (entry - entries_.data()));
        }
        return out;
    }

    /// Units of compute a token. errc::unknown_model unless it is listed.
    [[nodiscard]] core::result<std::uint64_t> units_per_token(const ModelKey& model) const {
        const Entry* const entry = const_cast<ModelRegistry*>(this)->find(model);
        if (entry == nullptr || !entry->listed) return core::fail(errc::unknown_model);
        return entry->units_per_token;
    }

    /// What a request for `tokens` tokens costs. Errors of `units_per_token` and `economics::quote`.
    [[nodiscard]] core::result<core::Amount> quote(const ModelKey& model, std::uint64_t tokens,
                                                   core::Amount unit_price) const {
        const auto units = units_per_token(model);
        if (!units) return units.error();
        return economics::quote(*units, tokens, unit_price);
    }

    /// Deposits held for open votes.
    [[nodiscard]] core::Amount held() const noexcept {
        core::Amount sum = 0;
        for (const Entry& entry : entries_) sum += entry.deposit;
        return sum;
    }

  private:
    struct Entry {
        ModelKey model;
        std::uint64_t units_per_token = 0;
        bool listed = false;
        crypto::PublicKey proposer;
        core::Amount deposit = 0;
        std::uint64_t ends = 0;  // the first epoch in which nobody votes
        weights::WeightTable voters;
        std::vector<crypto::PublicKey> approving;
        std::vector<crypto::PublicKey> rejecting;
    };

    explicit ModelRegistry(const ModelRules& rules) : rules_{rules} {}

    [[nodiscard]] Entry* find(const ModelKey& model) {
        const auto at = std::lower_bound(entries_.begin(), entries_.end(), model,
                                         [](const Entry& e, const ModelKey& key) { return e.model < key; });
        return at != entries_.end() && at->model == model ? &*at : nullptr;
    }

    ModelRules rules_;
    std::vector<Entry> entries_;  // ascending
};

}  // namespace pouw::economics
