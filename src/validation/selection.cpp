#include "pouw/validation/selection.hpp"

#include "pouw/validation/errc.hpp"

#include <algorithm>
#include <optional>
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
    return {is_selected(output, threshold), proof, output, threshold};
}

/// Calls `visit` with the chance of every node with a key but the executor, ascending.
template <typename Visit>
void for_each_chance(const Validators& validators, const core::NodeId& executor, const core::Fraction& rate,
                     Visit visit) {
    const std::uint64_t executor_weight = validators.weight_of(executor);
    const auto nodes = validators.nodes();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (!validators.has_key(i) || nodes[i].node == executor) continue;
        visit(ratio_of({nodes[i].weight, executor_weight, validators.total()}, rate));
    }
}

}  // namespace

Validators::Validators(const EpochBeacon& epoch, const weights::WeightTable& judges,
                       std::span<const Registration> registrations,
                       std::span<const core::Conviction> convicted)
    : beacon_{epoch}, weights_{judges.without(convicted)}, entries_(weights_.nodes().size()) {
    std::vector<Registration> sorted{registrations.begin(), registrations.end()};
    std::sort(sorted.begin(), sorted.end(), [](const Registration& a, const Registration& b) {
        return std::tuple{a.node, a.height, a.vrf_key} < std::tuple{b.node, b.height, b.vrf_key};
    });
    auto next = sorted.begin();
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const core::NodeId& node = weights_.nodes()[i].node;
        Entry& entry = entries_[i];
        next = std::find_if_not(next, sorted.end(), [&](const Registration& r) { return r.node < node; });
        std::optional<core::Height> height;
        for (; next != sorted.end() && next->node == node; ++next) {
            if (next->height >= epoch.known_at()) {
                if (entry.state == Key::none) entry.state = Key::late;
            } else if (height != next->height) {
                height = next->height;
                entry = {Key::valid, next->vrf_key};
            } else if (next->vrf_key != (next - 1)->vrf_key) {
                dropped_.push_back(*next);
            }
        }
    }
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
    return select(validators.beacon(), task, terms->odds, rate, key);
}

result<Selection> check_proof(const Validators& validators, const core::NodeId& validator, const Task& task,
                              const core::Fraction& rate, const vrf::Proof& proof) {
    const auto terms = judged(validators, validator, task);
    if (!terms) return terms.error();
    return check_proof(validators.beacon(), task, terms->odds, rate, terms->vrf_key, proof);
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
    for_each_chance(validators, executor, rate, [&](const Ratio& chance) {
        if (chance.is_capped()) {
            ++out.certain;
            return;
        }
        // The weights add up to less than 2^64, so their multiples by the rate fit.
        out.numerator += chance.numerator;
        out.denominator = chance.denominator;
    });
    return out;
}

ChanceBounds unchecked_chance(const Validators& validators, const core::NodeId& executor,
                              const core::Fraction& rate) {
    ChanceBounds out{one, one};
    for_each_chance(validators, executor, rate, [&](const Ratio& chance) {
        const Scaled checked = scaled(chance);
        out.low = product(out.low, core::subtract(one, rounded_up(checked))).floor;
        out.high = rounded_up(product(out.high, core::subtract(one, checked.floor)));
    });
    return out;
}

}  // namespace pouw::inline v1::validation
