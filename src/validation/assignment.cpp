#include "pouw/validation/assignment.hpp"

#include "validation/weighted_draw.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/crypto/uniform.hpp"
#include "pouw/validation/errc.hpp"

#include <algorithm>

namespace pouw::inline v1::validation {
namespace {

using core::fail;
using core::result;

core::Bytes dummy_input(const EpochBeacon& epoch, std::uint64_t slot) {
    const auto number = core::to_le(epoch.epoch().value);
    const auto slot_number = core::to_le(slot);
    const core::ByteView parts[] = {crypto::domain::hidden_dummy.bytes, epoch.chain().view(), number,
                                    epoch.output().view(), slot_number};
    core::Bytes out;
    for (const core::ByteView part : parts) core::append(out, part);
    return out;
}

/// The dummy that follows from a VRF output, if the output selects its owner.
std::optional<HiddenDummy> dummy_of(const vrf::Proof& proof, const vrf::Output& output, const Odds& odds,
                                    const DummyTerms& terms) {
    const core::uint256 threshold = selection_threshold(odds, terms.rate).value();
    if (!is_selected(output, threshold)) return std::nullopt;
    crypto::UniformDraws payers{crypto::hash(crypto::domain::dummy_payer, output.view())};
    return HiddenDummy{.proof = proof,
                       .salt = crypto::hash(crypto::domain::dummy_salt, output.view()),
                       .prompt = crypto::hash(crypto::domain::dummy_prompt, output.view()),
                       .payer = payers.below(terms.payers)};
}

}  // namespace

RequestId Request::id() const {
    return {crypto::Hasher{crypto::domain::request}
                .update(requester.view())
                .update(sequence)
                .update(content.view())
                .finish()
                .bytes};
}

result<Drawing> Drawing::create(const EpochBeacon& beacon, const Request& request) {
    if (beacon.known_at() <= request.fixed_at) return fail(errc::early_output);
    return Drawing{beacon, request.id()};
}

crypto::Hash256 Drawing::key(const crypto::DomainTag& tag) const noexcept {
    return crypto::Hasher{tag}
        .update(beacon_.chain().view())
        .update(beacon_.epoch().value)
        .update(beacon_.output().view())
        .update(request_.view())
        .finish();
}

core::TaskId Drawing::task() const noexcept { return {key(crypto::domain::task).bytes}; }

NodePool::NodePool(const weights::WeightTable& table, std::span<const core::Conviction> convicted) {
    std::uint64_t end = 0;
    const weights::WeightTable drawable = table.without(convicted);
    for (const weights::NodeWeight& node : drawable.nodes()) {
        end += node.weight;
        nodes_.push_back(node.node);
        ends_.push_back(end);
    }
}

std::vector<std::size_t> NodePool::positions(std::span<const core::NodeId> nodes) const {
    std::vector<std::size_t> out;
    for (const core::NodeId& node : nodes) {
        const auto found = std::lower_bound(nodes_.begin(), nodes_.end(), node);
        if (found != nodes_.end() && *found == node) {
            out.push_back(static_cast<std::size_t>(found - nodes_.begin()));
        }
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

result<std::vector<core::NodeId>> NodePool::draw(const crypto::Hash256& key,
                                                 std::span<const core::NodeId> excluded,
                                                 std::uint64_t count) const {
    std::vector<core::NodeId> out;
    for (const std::size_t position : detail::draw_by_weight(key, ends_, positions(excluded), count)) {
        out.push_back(nodes_[position]);
    }
    if (out.empty() && count > 0) return fail(errc::no_executor);
    return out;
}

result<std::vector<core::NodeId>> NodePool::executors(const Drawing& drawing,
                                                      std::span<const core::NodeId> excluded,
                                                      std::uint64_t count) const {
    return draw(drawing.key(crypto::domain::executors), excluded, count);
}

result<core::NodeId> NodePool::relay(const Drawing& drawing, std::span<const core::NodeId> excluded) const {
    const auto drawn = draw(drawing.key(crypto::domain::relay), excluded, 1);
    if (!drawn) return drawn.error();
    return drawn->front();
}

std::optional<crypto::Hash256> open_dummy(const EpochBeacon& epoch, std::uint64_t slot,
                                          const core::Fraction& rate) {
    POUW_EXPECTS(rate.numerator <= rate.denominator);
    const crypto::Hash256 seed = crypto::Hasher{crypto::domain::open_dummy}
                                     .update(epoch.chain().view())
                                     .update(epoch.epoch().value)
                                     .update(epoch.output().view())
                                     .update(slot)
                                     .finish();
    crypto::UniformDraws draws{seed};
    if (draws.below(rate.denominator) >= rate.numerator) return std::nullopt;
    return seed;
}

result<std::optional<HiddenDummy>> hidden_dummy(const Validators& validators, const core::NodeId& origin,
                                                const vrf::SecretKey& key, std::uint64_t slot,
                                                const DummyTerms& terms) {
    POUW_EXPECTS(terms.payers >= 1);
    const auto found = validators.find(origin);
    if (!found) return found.error();
    if (key.public_key() != found->vrf_key) return fail(errc::unregistered_key, "another key is registered");
    const vrf::Proof proof = key.prove(dummy_input(validators.beacon(), slot));
    const auto output = vrf::proof_to_hash(proof);
    if (!output) return output.error();
    return dummy_of(proof, *output, {found->weight, 0, validators.total()}, terms);
}

result<crypto::Hash256> open_hidden_dummy(const Validators& validators, const core::NodeId& origin,
                                          std::uint64_t slot, const DummyTerms& terms,
                                          const SeenRequest& seen, const vrf::Proof& proof) {
    POUW_EXPECTS(terms.payers >= 1);
    const auto found = validators.find(origin);
    if (!found) return found.error();
    const auto output = vrf::verify(found->vrf_key, dummy_input(validators.beacon(), slot), proof);
    if (!output) return output.error();
    const auto dummy = dummy_of(proof, *output, {found->weight, 0, validators.total()}, terms);
    if (!dummy) return fail(errc::not_selected);
    if (seen.salt != dummy->salt) return fail(errc::false_dummy, "its salt is another");
    if (seen.payer != dummy->payer) return fail(errc::false_dummy, "its payer is another");
    return dummy->prompt;
}

}  // namespace pouw::inline v1::validation
