// Definitions of ceremony.hpp, for ceremony.cpp and for tests with another group.
#pragma once

#include "beacon/messages.hpp"
#include "beacon/sharing_impl.hpp"

#include "pouw/beacon/ceremony.hpp"
#include "pouw/beacon/errc.hpp"
#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/version.hpp"
#include "pouw/crypto/evidence.hpp"

#include <algorithm>
#include <utility>

namespace pouw::inline v1::beacon {
namespace detail {

inline result<void> check_session(const SessionId& session) {
    if (session.chain_id.bytes().empty() || session.chain_id.bytes().size() > chain_id_limit) {
        return fail(errc::invalid_ceremony, "the chain id is empty or too long");
    }
    if (session.start == 0 || session.start > UINT64_MAX / 2) {
        return fail(errc::invalid_ceremony, "the start is out of range");
    }
    return {};
}

inline result<void> check_parameters(const Parameters& parameters) {
    const Windows& windows = parameters.windows;
    if (windows.deal == 0 || windows.reveal == 0) return fail(errc::invalid_ceremony, "a window is empty");
    if (windows.deal > window_limit || windows.finality > window_limit || windows.reveal > window_limit) {
        return fail(errc::invalid_ceremony, "a window is too long");
    }
    if (parameters.maximum_dealers == 0 || parameters.maximum_dealers > dealer_limit) {
        return fail(errc::invalid_ceremony, "the maximum of dealers is 0 or above the limit");
    }
    return {};
}

/// Expects the holders by ascending node.
template <Group G>
result<void> check_holders(const core::ChainId& chain_id, const std::vector<Holder<G>>& holders) {
    std::vector<core::ByteView> keys;
    keys.reserve(holders.size());
    for (const Holder<G>& holder : holders) {
        const auto node = crypto::checked_public_key(holder.node.bytes);
        if (!node) return node.error();
        const auto possession =
            check_possession<G>(chain_id, holder.node, holder.share_key, holder.possession);
        if (!possession) return possession;
        keys.emplace_back(holder.share_key.view());
    }
    const auto less = [](core::ByteView a, core::ByteView b) {
        return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
    };
    const auto equal = [](core::ByteView a, core::ByteView b) {
        return std::equal(a.begin(), a.end(), b.begin());
    };
    std::sort(keys.begin(), keys.end(), less);
    if (std::adjacent_find(keys.begin(), keys.end(), equal) != keys.end())
        return fail(errc::duplicate_holder);
    return {};
}

/// Positions of the heaviest holders, ascending; ties go to the lesser node.
template <Group G>
std::vector<std::uint32_t> heaviest(const std::vector<Holder<G>>& holders, std::uint32_t maximum) {
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < holders.size(); ++i) {
        if (holders[i].weight != 0) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return holders[a].weight > holders[b].weight; });
    if (order.size() > maximum) order.resize(maximum);
    std::sort(order.begin(), order.end());
    return order;
}

inline Applied refuse(core::error_code code, std::string_view why = {}) { return {fail(code, why)}; }

inline Applied refuse(const core::error& reason, Misbehaviour kind, core::ByteView message,
                      core::Bytes context = {}) {
    return {reason, Evidence{kind, {message.begin(), message.end()}, std::move(context)}};
}

inline Applied malformed(core::ByteView message) {
    return refuse({errc::malformed_message}, Misbehaviour::malformed, message);
}

}  // namespace detail

template <Group G>
core::result<std::shared_ptr<const Setup<G>>> Setup<G>::create(SessionId session,
                                                               const Parameters& parameters,
                                                               std::vector<Holder<G>> holders) {
    using core::fail;
    if (const auto ready = crypto::initialize(); !ready) return ready.error();
    if (const auto r = detail::check_session(session); !r) return r.error();
    if (const auto r = detail::check_parameters(parameters); !r) return r.error();
    std::sort(holders.begin(), holders.end(),
              [](const Holder<G>& a, const Holder<G>& b) { return a.node < b.node; });
    std::vector<WeightedNode> nodes;
    nodes.reserve(holders.size());
    for (const Holder<G>& holder : holders) nodes.push_back({holder.node, holder.weight});
    auto tickets = allot_tickets(nodes, parameters.tickets);
    if (!tickets) return tickets.error();
    if (const auto r = detail::check_holders<G>(session.chain_id, holders); !r) return r.error();

    auto setup = std::shared_ptr<Setup>(new Setup);
    setup->session_ = std::move(session);
    setup->parameters_ = parameters;
    setup->holders_ = std::move(holders);
    setup->tickets_ = *std::move(tickets);
    setup->dealers_ = detail::heaviest<G>(setup->holders_, parameters.maximum_dealers);
    for (std::uint32_t i = 0; i < setup->holders_.size(); ++i) {
        setup->first_tickets_.push_back(static_cast<std::uint32_t>(setup->ticket_keys_.size()));
        setup->ticket_keys_.insert(setup->ticket_keys_.end(), setup->tickets_.tickets[i],
                                   setup->holders_[i].share_key);
    }

    // Whoever the adversary is, the honest dealers alone reach the quorum, and a quorum has an honest dealer.
    const WideWeight adversary = part_of(parameters.tickets.adversary, setup->tickets_.total_weight);
    WideWeight dealers_weight = 0;
    for (const std::uint32_t dealer : setup->dealers_) dealers_weight += setup->holders_[dealer].weight;
    setup->quorum_ = adversary + 1;
    if (dealers_weight < setup->quorum_ + adversary) return fail(errc::too_few_dealers);

    setup->id_ = setup->digest();
    return std::shared_ptr<const Setup>{std::move(setup)};
}

template <Group G>
crypto::Hash256 Setup<G>::digest() const {
    crypto::Hasher hasher{crypto::domain::ceremony};
    const auto name = std::span{reinterpret_cast<const std::uint8_t*>(G::name.data()), G::name.size()};
    hasher.update(core::spec_version).update(static_cast<std::uint32_t>(name.size())).update(name);
    const core::ByteView chain_id = session_.chain_id.bytes();
    hasher.update(std::uint64_t{chain_id.size()}).update(chain_id);
    hasher.update(session_.epoch.value).update(session_.round).update(session_.start.value);
    const auto& [windows, rules, maximum_dealers] = parameters_;
    hasher.update(windows.deal).update(windows.finality).update(windows.reveal);
    // `allot_tickets` holds both below 2^16.
    hasher.update(static_cast<std::uint32_t>(rules.adversary.numerator));
    hasher.update(static_cast<std::uint32_t>(rules.adversary.denominator));
    hasher.update(rules.maximum_tickets).update(rules.minimum_holders).update(maximum_dealers);
    hasher.update(tickets_.total).update(tickets_.threshold);
    hasher.update(static_cast<std::uint32_t>(holders_.size()));
    for (std::uint32_t i = 0; i < holders_.size(); ++i) {
        const Holder<G>& holder = holders_[i];
        hasher.update(holder.node.bytes).update(holder.weight).update(holder.share_key.view());
        hasher.update(tickets_.tickets[i]);
    }
    hasher.update(static_cast<std::uint32_t>(dealers_.size()));
    for (const std::uint32_t dealer : dealers_) hasher.update(dealer);
    return hasher.finish();
}

template <Group G>
std::optional<std::uint32_t> Setup<G>::position(const core::NodeId& node) const noexcept {
    const auto found =
        std::lower_bound(holders_.begin(), holders_.end(), node,
                         [](const Holder<G>& holder, const auto& id) { return holder.node < id; });
    if (found == holders_.end() || found->node != node) return std::nullopt;
    return static_cast<std::uint32_t>(found - holders_.begin());
}

template <Group G>
bool Setup<G>::is_dealer(std::uint32_t holder) const noexcept {
    return std::binary_search(dealers_.begin(), dealers_.end(), holder);
}

namespace detail {

/// The node that the evidence convicts.
template <Group G>
result<core::NodeId> offender(const Setup<G>& setup, const Evidence& evidence) {
    const auto envelope = open_envelope(setup, evidence.message);
    if (!envelope) return envelope.error();
    const core::NodeId& node = setup.holders()[envelope->sender].node;
    const bool has_context = !evidence.context.empty();
    switch (evidence.kind) {
        case Misbehaviour::malformed:
            if (!has_context && !is_well_formed(setup, *envelope)) return node;
            break;
        case Misbehaviour::invalid_deal: {
            if (has_context || envelope->kind != MessageKind::deal) break;
            const auto deal = decode_deal(setup, envelope->payload);
            if (deal && !check_deal_of(setup, envelope->sender, *deal)) return node;
            break;
        }
        case Misbehaviour::equivocation: {
            const auto other = open_envelope(setup, evidence.context);
            if (!other) return other.error();
            if (envelope->kind == MessageKind::deal && other->kind == MessageKind::deal &&
                envelope->sender == other->sender && envelope->digest != other->digest) {
                return node;
            }
            break;
        }
        case Misbehaviour::false_reveal: {
            const auto dealt = open_envelope(setup, evidence.context);
            if (!dealt) return dealt.error();
            if (envelope->kind != MessageKind::reveal || dealt->kind != MessageKind::deal ||
                envelope->sender != dealt->sender) {
                break;
            }
            const auto secret = decode_reveal<G>(envelope->payload);
            const auto deal = decode_deal(setup, dealt->payload);
            if (secret && deal && !opens(*deal, *secret)) return node;
            break;
        }
        case Misbehaviour::invalid_shares: {
            if (envelope->kind != MessageKind::shares) break;
            const auto message = decode_shares(setup, envelope->sender, envelope->payload);
            if (!message || recovery_id(setup.id(), evidence.context) != message->recovery) break;
            const auto sums = decode_recovery_sums(setup, evidence.context);
            if (sums && !check_shares_of(setup, envelope->sender, *message, *sums)) return node;
            break;
        }
    }
    return fail(core::errc::no_misbehaviour);
}

}  // namespace detail

template <Group G>
core::result<core::Conviction> convict(const Setup<G>& setup, const Evidence& evidence, core::Height height) {
    return detail::offender(setup, evidence).transform([&](const core::NodeId& node) {
        return core::Conviction{node, core::Ground::beacon_misbehaviour,
                                crypto::evidence_digest(evidence.encode()), height};
    });
}

template <Group G>
core::result<CheckedDeal<G>> CheckedDeal<G>::check(const Setup<G>& setup, core::ByteView message) {
    const auto envelope = detail::open_envelope(setup, message);
    if (!envelope) return envelope.error();
    if (envelope->kind != MessageKind::deal) return core::fail(errc::malformed_message, "no deal");
    auto deal = detail::decode_deal(setup, envelope->payload);
    if (!deal) return core::fail(errc::malformed_message);
    if (const auto r = detail::check_deal_of(setup, envelope->sender, *deal); !r) return r.error();
    CheckedDeal checked;
    checked.ceremony_ = setup.id();
    checked.dealer_ = envelope->sender;
    checked.digest_ = envelope->digest;
    checked.message_.assign(message.begin(), message.end());
    checked.deal_ = *std::move(deal);
    return checked;
}

template <Group G>
Ceremony<G>::Ceremony(std::shared_ptr<const Setup<G>> setup) : setup_{std::move(setup)} {
    POUW_EXPECTS(setup_ != nullptr);
    height_ = setup_->deal_start() - 1;
}

template <Group G>
void Ceremony<G>::advance(core::Height height) {
    POUW_EXPECTS(height >= height_);
    height_ = height;
    if (phase_ == Phase::frozen && height >= setup_->deal_start()) phase_ = Phase::deal;
    if (phase_ == Phase::deal && height >= setup_->finality_start()) close_dealing();
    if (phase_ == Phase::finality && height >= setup_->reveal_start()) phase_ = Phase::reveal;
    if (phase_ == Phase::reveal && height >= setup_->recovery_start()) open_recovery();
}

template <Group G>
void Ceremony<G>::close_dealing() {
    WideWeight weight = 0;
    for (const auto& [dealer, dealt] : deals_) weight += setup_->holders()[dealer].weight;
    phase_ = weight >= setup_->quorum() ? Phase::finality : Phase::abandoned;
}

template <Group G>
crypto::Hash256 Ceremony<G>::qualified_digest() const {
    crypto::Hasher hasher{crypto::domain::qualified};
    hasher.update(setup_->id().bytes).update(static_cast<std::uint32_t>(deals_.size()));
    for (const auto& [dealer, dealt] : deals_) {
        hasher.update(setup_->holders()[dealer].node.bytes).update(dealt.digest.bytes);
    }
    return hasher.finish();
}

template <Group G>
void Ceremony<G>::open_recovery() {
    phase_ = Phase::recovery;
    encrypted_sums_.assign(setup_->tickets().total, typename G::Point{});
    std::vector<core::NodeId> nodes;
    for (const auto& [dealer, dealt] : deals_) {
        if (dealt.secret) continue;
        nodes.push_back(setup_->holders()[dealer].node);
        for (std::size_t j = 0; j < encrypted_sums_.size(); ++j) {
            encrypted_sums_[j] = encrypted_sums_[j] + dealt.deal.shares[j];
        }
    }
    recovery_statement_ = detail::encode_recovery<G>(qualified_digest(), nodes, encrypted_sums_);
    recovery_id_ = detail::recovery_id(setup_->id(), recovery_statement_);
}

template <Group G>
void Ceremony<G>::finish(const typename G::Point& recovered) {
    typename G::Scalar revealed{};
    for (const auto& [dealer, dealt] : deals_) {
        if (dealt.secret) revealed = revealed + *dealt.secret;
    }
    const typename G::Point sum = G::Point::multiply_base(revealed) + recovered;
    crypto::Hasher hasher{crypto::domain::beacon};
    hasher.update(setup_->id().bytes).update(qualified_digest().bytes).update(sum.view());
    output_ = Output{{hasher.finish().bytes}, setup_->reveal_start(), height_};
    phase_ = Phase::complete;
}

template <Group G>
void Ceremony<G>::record(core::ByteView message) {
    log_.push_back({height_, {message.begin(), message.end()}});
}

template <Group G>
Applied Ceremony<G>::apply(core::ByteView message) {
    const auto envelope = detail::open_envelope(*setup_, message);
    if (!envelope) return {envelope.error()};
    switch (envelope->kind) {
        case MessageKind::deal:
            return apply_deal(envelope->sender, envelope->digest, message);
        case MessageKind::reveal:
            return apply_reveal(envelope->sender, message);
        case MessageKind::shares:
            return apply_shares(envelope->sender, message);
    }
    return detail::malformed(message);
}

template <Group G>
Applied Ceremony<G>::admit_deal(std::uint32_t sender, const crypto::Hash256& digest,
                                core::ByteView message) const {
    if (!setup_->is_dealer(sender)) return detail::refuse(errc::unknown_sender, "no dealer");
    if (const auto known = deals_.find(sender); known != deals_.end()) {
        if (known->second.digest == digest) return detail::refuse(errc::duplicate_message);
        return detail::refuse({errc::equivocation}, Misbehaviour::equivocation, message,
                              known->second.message);
    }
    if (phase_ == Phase::frozen) return detail::refuse(core::errc::too_early);
    if (phase_ != Phase::deal) return detail::refuse(core::errc::too_late);
    return {};
}

template <Group G>
void Ceremony<G>::take_deal(std::uint32_t sender, const crypto::Hash256& digest, core::ByteView message,
                            Deal<G> deal) {
    deals_.emplace(sender, Dealt{digest, {message.begin(), message.end()}, std::move(deal), std::nullopt});
    record(message);
}

template <Group G>
Applied Ceremony<G>::apply_deal(std::uint32_t sender, const crypto::Hash256& digest, core::ByteView message) {
    if (Applied admitted = admit_deal(sender, digest, message); !admitted.verdict) return admitted;
    auto deal = detail::decode_deal(
        *setup_, message.subspan(detail::header_size, message.size() - detail::envelope_size));
    if (!deal) return detail::malformed(message);
    if (const auto r = detail::check_deal_of(*setup_, sender, *deal); !r) {
        return detail::refuse(r.error(), Misbehaviour::invalid_deal, message);
    }
    take_deal(sender, digest, message, *std::move(deal));
    return {};
}

template <Group G>
Applied Ceremony<G>::apply(const CheckedDeal<G>& checked) {
    POUW_EXPECTS(checked.ceremony_ == setup_->id());
    if (Applied admitted = admit_deal(checked.dealer_, checked.digest_, checked.message_);
        !admitted.verdict) {
        return admitted;
    }
    take_deal(checked.dealer_, checked.digest_, checked.message_, checked.deal_);
    return {};
}

template <Group G>
Applied Ceremony<G>::apply_reveal(std::uint32_t sender, core::ByteView message) {
    if (!setup_->is_dealer(sender)) return detail::refuse(errc::unknown_sender, "no dealer");
    if (phase_ < Phase::reveal) return detail::refuse(core::errc::too_early);
    if (phase_ != Phase::reveal) return detail::refuse(core::errc::too_late);
    const auto known = deals_.find(sender);
    if (known == deals_.end()) return detail::refuse(errc::unknown_sender, "has not dealt");
    const auto secret = detail::decode_reveal<G>(
        message.subspan(detail::header_size, message.size() - detail::envelope_size));
    if (!secret) return detail::malformed(message);
    if (!opens(known->second.deal, *secret)) {
        return detail::refuse({errc::false_reveal}, Misbehaviour::false_reveal, message,
                              known->second.message);
    }
    if (known->second.secret) return detail::refuse(errc::duplicate_message);
    known->second.secret = *secret;
    record(message);
    if (unrevealed().empty()) finish(typename G::Point{});
    return {};
}

template <Group G>
Applied Ceremony<G>::apply_shares(std::uint32_t sender, core::ByteView message) {
    if (setup_->ticket_count(sender) == 0) return detail::refuse(errc::unknown_sender, "holds no ticket");
    if (phase_ < Phase::recovery) return detail::refuse(core::errc::too_early);
    if (phase_ != Phase::recovery) return detail::refuse(core::errc::too_late);
    const auto decoded = detail::decode_shares(
        *setup_, sender, message.subspan(detail::header_size, message.size() - detail::envelope_size));
    if (!decoded) return detail::malformed(message);
    if (decoded->recovery != recovery_id_) return detail::refuse(errc::other_recovery);
    if (shares_.contains(sender)) return detail::refuse(errc::duplicate_message);
    if (const auto r = detail::check_shares_of(*setup_, sender, *decoded, encrypted_sums_); !r) {
        return detail::refuse(r.error(), Misbehaviour::invalid_shares, message, recovery_statement_);
    }
    shares_.emplace(sender, decoded->shares.elements);
    tickets_heard_ += setup_->ticket_count(sender);
    record(message);
    if (missing_tickets() != 0) return {};

    std::vector<TicketShare<G>> chosen;
    for (const auto& [holder, elements] : shares_) {
        for (std::uint32_t i = 0; i < elements.size() && chosen.size() < setup_->tickets().threshold; ++i) {
            chosen.push_back({setup_->first_ticket(holder) + i + 1, elements[i]});
        }
    }
    finish(recover<G>(chosen));
    return {};
}

template <Group G>
std::vector<std::uint32_t> Ceremony<G>::dealt() const {
    std::vector<std::uint32_t> out;
    for (const auto& [dealer, dealt] : deals_) out.push_back(dealer);
    return out;
}

template <Group G>
std::vector<std::uint32_t> Ceremony<G>::unrevealed() const {
    std::vector<std::uint32_t> out;
    for (const auto& [dealer, dealt] : deals_) {
        if (!dealt.secret) out.push_back(dealer);
    }
    return out;
}

template <Group G>
std::vector<std::uint32_t> Ceremony<G>::silent_holders() const {
    std::vector<std::uint32_t> out;
    for (std::uint32_t i = 0; i < setup_->holders().size(); ++i) {
        if (setup_->ticket_count(i) != 0 && !shares_.contains(i)) out.push_back(i);
    }
    return out;
}

template <Group G>
const Deal<G>* Ceremony<G>::deal_of(std::uint32_t dealer) const {
    const auto found = deals_.find(dealer);
    return found == deals_.end() ? nullptr : &found->second.deal;
}

template <Group G>
std::uint32_t Ceremony<G>::missing_tickets() const noexcept {
    const std::uint32_t threshold = setup_->tickets().threshold;
    return phase_ == Phase::recovery && tickets_heard_ < threshold ? threshold - tickets_heard_ : 0;
}

template <Group G>
const crypto::Hash256& Ceremony<G>::recovery_id() const {
    POUW_EXPECTS(phase_ == Phase::recovery);
    return recovery_id_;
}

template <Group G>
const std::vector<typename G::Point>& Ceremony<G>::encrypted_sums() const {
    POUW_EXPECTS(phase_ == Phase::recovery);
    return encrypted_sums_;
}

template <Group G>
core::result<std::shared_ptr<const Setup<G>>> Ceremony<G>::next_round(core::Height start) const {
    POUW_EXPECTS(phase_ == Phase::abandoned && start > height_);
    SessionId session = setup_->session();
    if (session.round == UINT32_MAX) return core::fail(core::errc::overflow, "the round");
    ++session.round;
    session.start = start;
    return Setup<G>::create(std::move(session), setup_->parameters(), setup_->holders());
}

template <Group G>
core::Bytes Ceremony<G>::save() const {
    core::Bytes out;
    core::append(out, core::to_le(core::spec_version));
    core::append(out, setup_->id().view());
    core::append(out, core::to_le(height_.value));
    core::append(out, core::to_le(static_cast<std::uint32_t>(log_.size())));
    for (const Entry& entry : log_) {
        core::append(out, core::to_le(entry.height.value));
        core::append(out, core::to_le(static_cast<std::uint32_t>(entry.message.size())));
        core::append(out, entry.message);
    }
    core::append(out, crypto::hash(crypto::domain::ceremony_state, out).view());
    return out;
}

template <Group G>
core::result<Ceremony<G>> Ceremony<G>::restore(std::shared_ptr<const Setup<G>> setup, core::ByteView data) {
    using core::fail;
    if (data.size() < crypto::Hash256::size) return fail(core::errc::truncated, "a ceremony state");
    const core::ByteView body = data.first(data.size() - crypto::Hash256::size);
    const auto digest = crypto::Hash256::from(data.last(crypto::Hash256::size));
    if (crypto::hash(crypto::domain::ceremony_state, body) != *digest) {
        return fail(errc::invalid_state, "its digest is wrong");
    }
    core::Reader reader{body};
    const auto version = reader.integer<std::uint32_t>();
    const auto id = reader.fixed<crypto::Hash256>();
    const core::Height height = reader.integer<std::uint64_t>();
    const auto count = reader.integer<std::uint32_t>();
    if (!reader.ok()) return fail(core::errc::truncated, "a ceremony state");
    if (version != core::spec_version) return fail(core::errc::unsupported_version);
    if (id != setup->id()) return fail(errc::other_ceremony);
    Ceremony ceremony{std::move(setup)};
    for (std::uint32_t i = 0; i < count; ++i) {
        const core::Height entry_height = reader.integer<std::uint64_t>();
        const core::ByteView message = reader.take(reader.integer<std::uint32_t>());
        if (!reader.ok()) return fail(core::errc::truncated, "a ceremony state");
        if (entry_height < ceremony.height()) return fail(errc::invalid_state, "its blocks are out of order");
        ceremony.advance(entry_height);
        if (!ceremony.apply(message).verdict)
            return fail(errc::invalid_state, "it holds a message that is refused");
    }
    if (!reader.rest().empty()) return fail(core::errc::trailing_bytes, "a ceremony state");
    if (height < ceremony.height()) return fail(errc::invalid_state, "its blocks are out of order");
    ceremony.advance(height);
    return ceremony;
}

template <Group G>
Participant<G>::Participant(core::NodeId node, ShareKey<G> share_key, DealerKey<G> dealer_key)
    : node_{node}, share_key_{std::move(share_key)}, dealer_key_{std::move(dealer_key)} {}

template <Group G>
Participant<G> Participant<G>::derive(const crypto::MasterSeed& master, const core::NodeId& node) {
    return Participant{node, ShareKey<G>::derive(master), DealerKey<G>::derive(master)};
}

template <Group G>
Holder<G> Participant<G>::holder(const core::ChainId& chain_id, std::uint64_t weight) const {
    return {node_, weight, share_key_.public_key(), share_key_.prove_possession(chain_id, node_)};
}

template <Group G>
core::result<UnsignedMessage> Participant<G>::deal(const Setup<G>& setup) const {
    const auto position = setup.position(node_);
    if (!position || !setup.is_dealer(*position)) return core::fail(errc::unknown_sender, "no dealer");
    const Deal<G> deal = dealer_key_.deal(detail::binding_of(setup, *position), setup.ticket_keys(),
                                          setup.tickets().threshold);
    return detail::unsigned_message(setup, MessageKind::deal, node_, detail::encode_deal(deal));
}

template <Group G>
core::result<UnsignedMessage> Participant<G>::reveal(const Ceremony<G>& ceremony) const {
    const Setup<G>& setup = ceremony.setup();
    const auto position = setup.position(node_);
    const Deal<G>* const deal = position ? ceremony.deal_of(*position) : nullptr;
    if (deal == nullptr) return core::fail(errc::unknown_sender, "has not dealt");
    if (ceremony.phase() < Phase::reveal) return core::fail(core::errc::too_early);
    if (ceremony.phase() != Phase::reveal) return core::fail(core::errc::too_late);
    const auto secret = dealer_key_.reveal(detail::binding_of(setup, *position));
    if (!opens(*deal, secret)) return core::fail(errc::false_reveal);
    return detail::unsigned_message(setup, MessageKind::reveal, node_, secret.view());
}

template <Group G>
core::result<UnsignedMessage> Participant<G>::shares(const Ceremony<G>& ceremony) const {
    const Setup<G>& setup = ceremony.setup();
    const auto position = setup.position(node_);
    if (!position || setup.ticket_count(*position) == 0)
        return core::fail(errc::unknown_sender, "holds no ticket");
    if (ceremony.phase() < Phase::recovery) return core::fail(core::errc::too_early);
    if (ceremony.phase() != Phase::recovery) return core::fail(core::errc::too_late);
    const Shares<G> shares =
        share_key_.decrypt(detail::binding_of(setup, *position), ceremony.recovery_id(),
                           detail::tickets_of<G>(setup, *position, ceremony.encrypted_sums()));
    return detail::unsigned_message(setup, MessageKind::shares, node_,
                                    detail::encode_shares(ceremony.recovery_id(), shares));
}

}  // namespace pouw::inline v1::beacon
