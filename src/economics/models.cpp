#include "pouw/economics/models.hpp"

#include "pouw/core/checked.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/wide.hpp"
#include "pouw/economics/errc.hpp"

#include <algorithm>
#include <limits>

namespace pouw::inline v1::economics {

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
    if (find(model) != nullptr) return core::fail(errc::duplicate_model);
    if (units_per_token == 0 || deposit < 0) return core::fail(core::errc::invalid_amount);
    if (deposit < rules_.deposit) return core::fail(errc::insufficient_deposit);
    const auto ends = core::checked_add(epoch.value, rules_.voting_epochs);
    if (!ends) return core::fail(core::errc::overflow);
    const auto at =
        std::lower_bound(entries_.begin(), entries_.end(), model,
                         [](const Entry& e, const core::InferenceModelId& id) { return e.model < id; });
    entries_.insert(at, Entry{model, units_per_token, false, proposer, deposit, *ends, voters, {}, {}});
    return {};
}

core::result<void> ModelRegistry::vote(const core::InferenceModelId& model, const core::NodeId& node,
                                       bool approve, core::Epoch epoch) {
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

core::result<Decision> ModelRegistry::conclude(const core::InferenceModelId& model, core::Epoch epoch) {
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

core::result<std::uint64_t> ModelRegistry::units_per_token(const core::InferenceModelId& model) const {
    const Entry* const entry = find(model);
    if (entry == nullptr || !entry->listed) return core::fail(errc::unknown_model);
    return entry->units_per_token;
}

core::result<core::Amount> ModelRegistry::quote(const core::InferenceModelId& model, std::uint64_t tokens,
                                                core::Amount unit_price) const {
    const auto units = units_per_token(model);
    if (!units) return units.error();
    return economics::quote(*units, tokens, unit_price);
}

core::Amount ModelRegistry::held() const noexcept {
    core::Amount sum = 0;
    for (const Entry& entry : entries_) sum += entry.deposit;
    return sum;
}

const ModelRegistry::Entry* ModelRegistry::find(const core::InferenceModelId& model) const {
    const auto at =
        std::lower_bound(entries_.begin(), entries_.end(), model,
                         [](const Entry& e, const core::InferenceModelId& id) { return e.model < id; });
    return at != entries_.end() && at->model == model ? &*at : nullptr;
}

ModelRegistry::Entry* ModelRegistry::find(const core::InferenceModelId& model) {
    return const_cast<Entry*>(std::as_const(*this).find(model));
}

}  // namespace pouw::inline v1::economics
