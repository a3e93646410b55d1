#include "pouw/validation/selection.hpp"

#include "validation/weighted_draw.hpp"

#include "pouw/validation/errc.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace pouw::inline v1::validation {
namespace {

using core::fail;
using core::result;
using core::uint128;
using core::uint256;

constexpr uint256 one{1, 0};  // 2^128

/// `numerator / denominator` is a chance before the cap.
struct Ratio {
    uint128 numerator = 0;
    uint128 denominator = 0;

    [[nodiscard]] bool is_capped() const noexcept { return numerator != 0 && numerator >= denominator; }
};

Ratio ratio_of(const Odds& odds, const core::Fraction& rate) {
    return {uint128{rate.numerator} * odds.weight,
            uint128{rate.denominator} * (odds.total - odds.executor_weight)};
}

/// A quotient with what rounding took from it.
struct Scaled {
    uint256 floor;
    bool exact = true;
};

Scaled scaled(const Ratio& chance) {
    if (chance.numerator == 0) return {};
    if (chance.is_capped()) return {.floor = one};
    const core::Division division = core::divide({chance.numerator, 0}, chance.denominator);
    return {.floor = division.quotient, .exact = division.remainder == 0};
}

/// `a · b / 2^128` for factors of at most 2^128.
Scaled product(const uint256& a, const uint256& b) {
    if (a == one) return {.floor = b};
    if (b == one) return {.floor = a};
    const uint256 exact = core::multiply(a.low, b.low);
    return {.floor = {0, exact.high}, .exact = exact.low == 0};
}

uint256 rounded_up(const Scaled& value) {
    if (value.exact) return value.floor;
    // Below 2^128 unless it is the last value there.
    if (value.floor.low == core::uint128_max) return one;
    return {0, value.floor.low + 1};
}

/// By which key and with which odds the validator is judged.
struct Judged {
    vrf::PublicKey vrf_key;
    Odds odds;
};

result<Judged> judged(const Validators& validators, const core::NodeId& validator, const Task& task) {
    if (validator == task.executor) return fail(errc::own_work);
    const auto found = validators.find(validator);
    if (!found) return found.error();
    return Judged{found->vrf_key, {found->weight, validators.weight_of(task.executor), validators.total()}};
}

Selection decide(const vrf::Proof& proof, const vrf::Output& output, const uint256& threshold) {
    return {
        .selected = is_selected(output, threshold), .proof = proof, .output = output, .threshold = threshold};
}

/// The decision of the VRF with that of the draw of the guaranteed validators.
result<Selection> with_guarantee(result<Selection> decision, const Validators& validators,
                                 const core::NodeId& validator, const Task& task,
                                 const core::Fraction& rate) {
    if (!decision) return decision;
    decision->guaranteed = is_guaranteed(validators, validator, task, rate);
    decision->selected = decision->selected || decision->guaranteed;
    return decision;
}

/// Calls `visit` with every node with a key but the executor, ascending.
template <typename Visit>
void for_each_candidate(const Validators& validators, const core::NodeId& executor, Visit visit) {
    const auto nodes = validators.nodes();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (validators.has_key(i) && nodes[i].node != executor) visit(nodes[i]);
    }
}

/// The nodes that may check a task, as the draw of the guaranteed ones sees them.
struct Candidates {
    std::vector<std::uint64_t> coalition;  // weights, ascending
    std::uint64_t coalition_weight = 0;
    std::uint64_t weight = 0;
    std::uint64_t count = 0;
};

/// A chance of the draw after some members of the coalition are drawn.
Scaled next_is_of_coalition(const Candidates& all, std::uint64_t drawn_weight) {
    return scaled({all.coalition_weight - drawn_weight, all.weight - drawn_weight});
}

/// The chance that all guaranteed validators are of the coalition. The chance of each next one falls with the
/// weight of those drawn before, which lies between that of the lightest and that of the heaviest.
ChanceBounds guaranteed_within(const Candidates& all, std::uint64_t guaranteed) {
    const std::uint64_t drawn = std::min(guaranteed, all.count);
    if (drawn > all.coalition.size()) return {};
    ChanceBounds out{one, one};
    std::uint64_t lightest = 0;
    std::uint64_t heaviest = 0;
    for (std::size_t i = 0; i < drawn; ++i) {
        out.low = product(out.low, next_is_of_coalition(all, heaviest).floor).floor;
        out.high = rounded_up(product(out.high, rounded_up(next_is_of_coalition(all, lightest))));
        lightest += all.coalition[i];
        heaviest += all.coalition[all.coalition.size() - 1 - i];
    }
    return out;
}

/// In the order in which registrations of a node count. Membership decides only between registrations that no
/// chain keeps side by side.
bool is_before(const Registration& a, const Registration& b) {
    return std::tie(a.node, a.height, a.vrf_key, a.joins, a.leaves) <
           std::tie(b.node, b.height, b.vrf_key, b.joins, b.leaves);
}

bool has_left(const Registration& registration, core::Epoch epoch) {
    return registration.leaves <= epoch && registration.leaves != core::Epoch{UINT64_MAX};
}

/// What the registrations of a node come to in an epoch.
struct Counted {
    const Registration* registration = nullptr;  // null for a node without a key
    bool late = false;                           // whether some were registered too late
};

/// By the positions of `nodes`, from registrations in the order of `is_before`.
std::vector<Counted> counted_of(std::span<const weights::NodeWeight> nodes,
                                std::span<const Registration> sorted, const EpochBeacon& epoch,
                                std::vector<Registration>& dropped) {
    std::vector<Counted> out(nodes.size());
    auto next = sorted.begin();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const core::NodeId& node = nodes[i].node;
        const Registration*& counts = out[i].registration;
        next = std::find_if_not(next, sorted.end(), [&](const Registration& r) { return r.node < node; });
        for (; next != sorted.end() && next->node == node; ++next) {
            if (next->joins > epoch.epoch()) continue;
            if (next->height >= epoch.known_at()) {
                out[i].late = true;
            } else if (counts == nullptr || counts->height != next->height) {
                counts = &*next;
            } else if (*next != *(next - 1)) {
                dropped.push_back(*next);
            }
        }
        if (counts != nullptr && has_left(*counts, epoch.epoch())) counts = nullptr;
    }
    return out;
}

/// Leaves a key that counts for several nodes to the one that registered it first.
void drop_shared_keys(std::vector<Counted>& counted, std::vector<Registration>& dropped) {
    std::vector<Counted*> by_key;
    for (Counted& node : counted) {
        if (node.registration != nullptr) by_key.push_back(&node);
    }
    std::sort(by_key.begin(), by_key.end(), [](const Counted* a, const Counted* b) {
        return std::tie(a->registration->vrf_key, a->registration->height, a->registration->node) <
               std::tie(b->registration->vrf_key, b->registration->height, b->registration->node);
    });
    const Registration* first = nullptr;
    for (Counted* node : by_key) {
        if (first == nullptr || node->registration->vrf_key != first->vrf_key) {
            first = node->registration;
            continue;
        }
        dropped.push_back(*node->registration);
        *node = {};
    }
}

}  // namespace

Validators::Validators(const EpochBeacon& epoch, const weights::WeightTable& judges,
                       std::span<const Registration> registrations,
                       std::span<const core::Conviction> convicted, std::uint64_t guaranteed)
    : beacon_{epoch},
      weights_{judges.without(convicted)},
      entries_(weights_.nodes().size()),
      guaranteed_{guaranteed} {
    std::vector<Registration> sorted{registrations.begin(), registrations.end()};
    std::sort(sorted.begin(), sorted.end(), is_before);
    std::vector<Counted> counted = counted_of(weights_.nodes(), sorted, epoch, dropped_);
    drop_shared_keys(counted, dropped_);
    std::sort(dropped_.begin(), dropped_.end(), is_before);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (counted[i].registration != nullptr) {
            entries_[i] = {Key::valid, counted[i].registration->vrf_key};
        } else if (counted[i].late) {
            entries_[i].state = Key::late;
        }
    }
    ends_.reserve(entries_.size());
    std::uint64_t end = 0;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (has_key(i)) end += weights_.nodes()[i].weight;
        ends_.push_back(end);
    }
}

std::vector<core::NodeId> Validators::guaranteed(const Task& task, const core::Fraction& rate) const {
    const std::uint64_t count = guaranteed_count(rate);
    if (count == 0) return {};
    const crypto::Hash256 key = crypto::Hasher{crypto::domain::guaranteed}
                                    .update(beacon_.chain().view())
                                    .update(beacon_.epoch().value)
                                    .update(beacon_.output().view())
                                    .update(task.id.view())
                                    .finish();
    std::vector<core::NodeId> out;
    // One more, in case that the executor is among them.
    const std::uint64_t drawn = std::max(count, count + 1);
    for (const std::size_t position : detail::draw_by_weight(key, ends_, {}, drawn)) {
        const core::NodeId& node = weights_.nodes()[position].node;
        if (node != task.executor && out.size() < count) out.push_back(node);
    }
    return out;
}

result<Validators::Validator> Validators::find(const core::NodeId& node) const {
    const auto nodes = weights_.nodes();
    const auto found =
        std::lower_bound(nodes.begin(), nodes.end(), node,
                         [](const weights::NodeWeight& a, const core::NodeId& key) { return a.node < key; });
    if (found == nodes.end() || found->node != node) return fail(errc::no_voting_weight);
    const Entry& entry = entries_[static_cast<std::size_t>(found - nodes.begin())];
    if (entry.state == Key::late) return fail(errc::late_registration);
    if (entry.state == Key::none) return fail(errc::unregistered_key);
    return Validator{found->weight, entry.key};
}

std::vector<core::NodeId> Validators::unregistered() const {
    std::vector<core::NodeId> out;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (entries_[i].state != Key::valid) out.push_back(weights_.nodes()[i].node);
    }
    return out;
}

bool is_guaranteed(const Validators& validators, const core::NodeId& node, const Task& task,
                   const core::Fraction& rate) {
    const std::vector<core::NodeId> guaranteed = validators.guaranteed(task, rate);
    return std::find(guaranteed.begin(), guaranteed.end(), node) != guaranteed.end();
}

result<uint256> selection_threshold(const Odds& odds, const core::Fraction& rate) {
    if (odds.executor_weight > odds.total || odds.weight > odds.total - odds.executor_weight) {
        return fail(errc::inconsistent_weights);
    }
    return scaled(ratio_of(odds, rate)).floor;
}

uint128 selection_draw(const vrf::Output& output) noexcept {
    uint128 draw = 0;
    for (std::size_t i = 0; i < 16; ++i) draw = (draw << 8) | output.bytes[i];
    return draw;
}

bool is_selected(const vrf::Output& output, const uint256& threshold) noexcept {
    return uint256{0, selection_draw(output)} < threshold;
}

core::Bytes selection_input(const EpochBeacon& epoch, const Task& task) {
    const auto number = core::to_le(epoch.epoch().value);
    const core::ByteView parts[] = {
        crypto::domain::selection.bytes, epoch.chain().view(), number,
        epoch.output().view(),           task.id.view(),       task.executor.view()};
    core::Bytes out;
    out.reserve(152);
    for (const core::ByteView part : parts) core::append(out, part);
    return out;
}

result<Selection> select(const EpochBeacon& epoch, const Task& task, const Odds& odds,
                         const core::Fraction& rate, const vrf::SecretKey& key) {
    const auto threshold = selection_threshold(odds, rate);
    if (!threshold) return threshold.error();
    const vrf::Proof proof = key.prove(selection_input(epoch, task));
    const auto output = vrf::proof_to_hash(proof);
    if (!output) return output.error();
    return decide(proof, *output, *threshold);
}

result<Selection> check_proof(const EpochBeacon& epoch, const Task& task, const Odds& odds,
                              const core::Fraction& rate, const vrf::PublicKey& key,
                              const vrf::Proof& proof) {
    const auto threshold = selection_threshold(odds, rate);
    if (!threshold) return threshold.error();
    const auto output = vrf::verify(key, selection_input(epoch, task), proof);
    if (!output) return output.error();
    return decide(proof, *output, *threshold);
}

result<Selection> select(const Validators& validators, const core::NodeId& validator,
                         const vrf::SecretKey& key, const Task& task, const core::Fraction& rate) {
    const auto terms = judged(validators, validator, task);
    if (!terms) return terms.error();
    if (key.public_key() != terms->vrf_key) return fail(errc::unregistered_key, "another key is registered");
    return with_guarantee(select(validators.beacon(), task, terms->odds, rate, key), validators, validator,
                          task, rate);
}

result<Selection> check_proof(const Validators& validators, const core::NodeId& validator, const Task& task,
                              const core::Fraction& rate, const vrf::Proof& proof) {
    const auto terms = judged(validators, validator, task);
    if (!terms) return terms.error();
    return with_guarantee(check_proof(validators.beacon(), task, terms->odds, rate, terms->vrf_key, proof),
                          validators, validator, task, rate);
}

result<void> verify_selection(const Validators& validators, const core::NodeId& validator, const Task& task,
                              const core::Fraction& rate, const vrf::Proof& proof) {
    const auto shown = check_proof(validators, validator, task, rate, proof);
    if (!shown) return shown.error();
    if (!shown->selected) return fail(errc::not_selected);
    return {};
}

result<void> verify_non_selection(const Validators& validators, const core::NodeId& validator,
                                  const Task& task, const core::Fraction& rate, const vrf::Proof& proof) {
    const auto shown = check_proof(validators, validator, task, rate, proof);
    if (!shown) return shown.error();
    if (shown->selected) return fail(errc::was_selected);
    return {};
}

ExpectedChecks expected_checks(const Validators& validators, const core::NodeId& executor,
                               const core::Fraction& rate) {
    ExpectedChecks out;
    const std::uint64_t executor_weight = validators.weight_of(executor);
    std::uint64_t candidates = 0;
    for_each_candidate(validators, executor, [&](const weights::NodeWeight& node) {
        ++candidates;
        const Ratio chance = ratio_of({node.weight, executor_weight, validators.total()}, rate);
        if (chance.is_capped()) {
            ++out.certain;
            return;
        }
        // The weights add up to less than 2^64, so their multiples by the rate fit.
        out.numerator += chance.numerator;
        out.denominator = chance.denominator;
    });
    out.guaranteed = std::min(candidates, validators.guaranteed_count(rate));
    return out;
}

ChanceBounds unchecked_chance(const Validators& validators, const core::NodeId& executor,
                              const core::Fraction& rate, std::span<const core::NodeId> coalition) {
    std::vector<core::NodeId> members{coalition.begin(), coalition.end()};
    std::sort(members.begin(), members.end());
    const std::uint64_t executor_weight = validators.weight_of(executor);
    Candidates all;
    ChanceBounds silent{one, one};
    for_each_candidate(validators, executor, [&](const weights::NodeWeight& node) {
        ++all.count;
        all.weight += node.weight;
        if (std::binary_search(members.begin(), members.end(), node.node)) {
            all.coalition.push_back(node.weight);
            all.coalition_weight += node.weight;
            return;
        }
        const Scaled checked = scaled(ratio_of({node.weight, executor_weight, validators.total()}, rate));
        silent.low = product(silent.low, core::subtract(one, rounded_up(checked))).floor;
        silent.high = rounded_up(product(silent.high, core::subtract(one, checked.floor)));
    });
    std::sort(all.coalition.begin(), all.coalition.end());
    const ChanceBounds drawn = guaranteed_within(all, validators.guaranteed_count(rate));
    return {product(drawn.low, silent.low).floor, rounded_up(product(drawn.high, silent.high))};
}

}  // namespace pouw::inline v1::validation
