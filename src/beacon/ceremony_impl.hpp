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
#include <numeric>
#include <set>
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

inline bool is_less(core::ByteView a, core::ByteView b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
}

/// The order in which holders are taken: the heaviest first, ties by node, and then by what is registered.
template <Group G>
bool goes_before(const Holder<G>& a, const Holder<G>& b) {
    if (a.weight != b.weight) return a.weight > b.weight;
    if (a.node != b.node) return a.node < b.node;
    if (a.share_key != b.share_key) return is_less(a.share_key.view(), b.share_key.view());
    return is_less(a.possession.encode(), b.possession.encode());
}

/// The keys of the holders that take part so far.
template <Group G>
class TakenKeys {
  public:
    /// Takes the holder if its keys are valid and nobody else's.
    result<void> take(const core::ChainId& chain_id, const Holder<G>& holder) {
        if (const auto node = crypto::checked_public_key(holder.node.bytes); !node) return node.error();
        const auto possession =
            check_possession<G>(chain_id, holder.node, holder.share_key, holder.possession);
        if (!possession) return possession;
        const core::ByteView key = holder.share_key.view();
        core::Bytes bytes{key.begin(), key.end()};
        if (nodes_.contains(holder.node) || keys_.contains(bytes)) return fail(errc::duplicate_holder);
        nodes_.insert(holder.node);
        keys_.insert(std::move(bytes));
        return {};
    }

  private:
    struct Less {
        bool operator()(const core::Bytes& a, const core::Bytes& b) const { return is_less(a, b); }
    };

    std::set<core::NodeId> nodes_;
    std::set<core::Bytes, Less> keys_;
};

/// Positions of the heaviest holders, ascending; ties go to the lesser node.
template <Group G>
std::vector<std::uint32_t> heaviest(const std::vector<Holder<G>>& holders, std::uint32_t maximum) {
    std::vector<std::uint32_t> order(holders.size());
    std::iota(order.begin(), order.end(), std::uint32_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return holders[a].weight > holders[b].weight; });
    if (order.size() > maximum) order.resize(maximum);
    std::sort(order.begin(), order.end());
    return order;
}

inline Applied refuse(core::error_code code, std::string_view why = {}) { return {fail(code, why)}; }

}  // namespace detail

template <Group G>
core::result<std::shared_ptr<const Setup<G>>> Setup<G>::create(SessionId session,
                                                               const Parameters& parameters,
                                                               std::vector<Holder<G>> holders) {
    if (const auto ready = crypto::initialize(); !ready) return ready.error();
    if (const auto r = detail::check_session(session); !r) return r.error();
    if (const auto r = detail::check_parameters(parameters); !r) return r.error();
    auto setup = std::shared_ptr<Setup>(new Setup);
    setup->session_ = std::move(session);
    setup->parameters_ = parameters;
    setup->choose(std::move(holders));
    if (const auto r = setup->allot(); !r) return r.error();
    setup->id_ = setup->digest();
    return std::shared_ptr<const Setup>{std::move(setup)};
}

template <Group G>
void Setup<G>::choose(std::vector<Holder<G>> registered) {
    std::sort(registered.begin(), registered.end(), detail::goes_before<G>);
    const std::size_t parts = std::max(parameters_.tickets.maximum_tickets, parameters_.maximum_dealers);
    detail::TakenKeys<G> taken;
    std::map<core::NodeId, std::uint32_t> seen;
    std::size_t checked = 0;
    for (Holder<G>& holder : registered) {
        const auto drop = [&](core::error_code reason) {
            dropped_.push_back({holder.node, holder.weight, reason});
        };
        if (holder.weight == 0) {
            drop(errc::weightless_holder);
            continue;
        }
        const std::uint32_t earlier = seen[holder.node]++;
        if (earlier >= registration_limit) {
            drop(errc::duplicate_holder);
        } else if (holders_.size() == parts || checked == holder_limit) {
            if (earlier == 0) outside_ += holder.weight;  // a node's weight counts once
            drop(errc::beyond_limit);
        } else if (const auto accepted = taken.take(session_.chain_id, holder); !accepted) {
            ++checked;
            drop(accepted.error().code);
        } else {
            ++checked;
            holders_.push_back(std::move(holder));
        }
    }
    std::sort(holders_.begin(), holders_.end(),
              [](const Holder<G>& a, const Holder<G>& b) { return a.node < b.node; });
}

template <Group G>
core::result<void> Setup<G>::allot() {
    std::vector<WeightedNode> nodes;
    nodes.reserve(holders_.size());
    for (const Holder<G>& holder : holders_) nodes.push_back({holder.node, holder.weight});
    auto tickets = allot_tickets(nodes, parameters_.tickets, outside_);
    if (!tickets) return tickets.error();
    tickets_ = *std::move(tickets);
    dealers_ = detail::heaviest<G>(holders_, parameters_.maximum_dealers);
    for (std::uint32_t i = 0; i < holders_.size(); ++i) {
        first_tickets_.push_back(static_cast<std::uint32_t>(ticket_keys_.size()));
        ticket_keys_.insert(ticket_keys_.end(), tickets_.tickets[i], holders_[i].share_key);
    }

    // Whoever the adversary is, the honest dealers alone reach the quorum, and a quorum has an honest dealer.
    const WideWeight asked = part_of(parameters_.tickets.adversary, tickets_.total_weight);
    WideWeight dealers_weight = 0;
    for (const std::uint32_t dealer : dealers_) dealers_weight += holders_[dealer].weight;
    quorum_ = std::min(asked, (dealers_weight - 1) / 2) + 1;
    const AdversaryBound held = tickets_.bound();
    bound_ = {std::min(held.secrecy, quorum_ - 1), std::min(held.liveness, dealers_weight - quorum_)};
    const WideWeight least = part_of(parameters_.tickets.minimum_adversary, tickets_.total_weight);
    if (bound_.both() < std::min(asked, least)) return core::fail(errc::weak_guarantee, "the dealers");
    return {};
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
    if (outside_ != 0) {
        hasher.update(static_cast<std::uint64_t>(outside_))
            .update(static_cast<std::uint64_t>(outside_ >> 64));
    }
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
Convictions<G>::Convictions(std::shared_ptr<const Setup<G>> setup) : setup_{std::move(setup)} {}

template <Group G>
core::result<core::Conviction> Convictions<G>::convict(const Evidence& evidence, core::Height height) {
    const core::EvidenceDigest digest = crypto::evidence_digest(evidence.encode());
    auto known = known_.find(digest);
    if (known == known_.end()) {
        // What nobody signed costs little, and displaces nothing.
        if (const auto envelope = detail::open_envelope(*setup_, evidence.message); !envelope)
            return envelope.error();
        if (oldest_first_.size() == evidence_limit) {
            known_.erase(oldest_first_.front());
            oldest_first_.pop_front();
        }
        known = known_.emplace(digest, detail::offender(*setup_, evidence)).first;
        oldest_first_.push_back(digest);
    }
    return known->second.transform([&](const core::NodeId& node) {
        return core::Conviction{node, core::Ground::beacon_misbehaviour, digest, height};
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
auto Ceremony<G>::find_refused(std::uint32_t sender, const crypto::Hash256& digest) const -> const Refused* {
    const auto of_sender = refused_.find(sender);
    if (of_sender == refused_.end()) return nullptr;
    const auto found = std::find_if(of_sender->second.begin(), of_sender->second.end(),
                                    [&](const Refused& refused) { return refused.digest == digest; });
    return found == of_sender->second.end() ? nullptr : &*found;
}

template <Group G>
Applied Ceremony<G>::refusal(std::uint32_t sender, const core::error& reason, Misbehaviour kind,
                             core::ByteView message) const {
    Evidence evidence{kind, {message.begin(), message.end()}, {}};
    if (kind == Misbehaviour::equivocation || kind == Misbehaviour::false_reveal) {
        evidence.context = deals_.at(sender).message;
    }
    if (kind == Misbehaviour::equivocation && evidence.context < evidence.message) {
        std::swap(evidence.context, evidence.message);
    }
    if (kind == Misbehaviour::invalid_shares) evidence.context = recovery_statement_;
    return {reason, std::move(evidence)};
}

template <Group G>
Applied Ceremony<G>::refuse(const detail::Envelope& envelope, const core::error& reason, Misbehaviour kind,
                            core::ByteView message) {
    std::vector<Refused>& of_sender = refused_[envelope.sender];
    if (of_sender.size() == refusal_limit) of_sender.erase(of_sender.begin());
    of_sender.push_back({envelope.digest, envelope.signature, reason, kind});
    return refusal(envelope.sender, reason, kind, message);
}

template <Group G>
Applied Ceremony<G>::apply(core::ByteView message) {
    const auto envelope = detail::read_envelope(*setup_, message);
    if (!envelope) return {envelope.error()};
    const Refused* const known = find_refused(envelope->sender, envelope->digest);
    const bool was_verified =
        known != nullptr ? known->signature == envelope->signature : has_heard(*envelope);
    if (!was_verified) {
        const auto signed_by = detail::check_signature(*setup_, *envelope);
        if (!signed_by) return {signed_by.error()};
    }
    switch (envelope->kind) {
        case MessageKind::deal:
            return apply_deal(*envelope, message, known);
        case MessageKind::reveal:
            return apply_reveal(*envelope, message, known);
        case MessageKind::shares:
            return apply_shares(*envelope, message, known);
    }
    return refusal(envelope->sender, {errc::malformed_message}, Misbehaviour::malformed, message);
}

template <Group G>
bool Ceremony<G>::has_refused(core::ByteView message) const {
    const auto envelope = detail::read_envelope(*setup_, message);
    const Refused* const known = envelope ? find_refused(envelope->sender, envelope->digest) : nullptr;
    return known != nullptr && known->signature == envelope->signature;
}

template <Group G>
bool Ceremony<G>::has_heard(const detail::Envelope& envelope) const {
    const auto heard = shares_.find(envelope.sender);
    return heard != shares_.end() && heard->second.digest == envelope.digest &&
           heard->second.signature == envelope.signature;
}

template <Group G>
Applied Ceremony<G>::admit_deal(std::uint32_t sender, const crypto::Hash256& digest,
                                core::ByteView message) const {
    if (!setup_->is_dealer(sender)) return detail::refuse(errc::unknown_sender, "no dealer");
    if (const auto known = deals_.find(sender); known != deals_.end()) {
        if (known->second.digest == digest) return detail::refuse(errc::duplicate_message);
        return refusal(sender, {errc::equivocation}, Misbehaviour::equivocation, message);
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
Applied Ceremony<G>::apply_deal(const detail::Envelope& envelope, core::ByteView message,
                                const Refused* known) {
    const std::uint32_t sender = envelope.sender;
    if (Applied admitted = admit_deal(sender, envelope.digest, message); !admitted.verdict) return admitted;
    if (known != nullptr) return refusal(sender, known->reason, known->kind, message);
    auto deal = detail::decode_deal(*setup_, envelope.payload);
    if (!deal) return refuse(envelope, {errc::malformed_message}, Misbehaviour::malformed, message);
    if (const auto r = detail::check_deal_of(*setup_, sender, *deal); !r) {
        return refuse(envelope, r.error(), Misbehaviour::invalid_deal, message);
    }
    take_deal(sender, envelope.digest, message, *std::move(deal));
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
Applied Ceremony<G>::apply_reveal(const detail::Envelope& envelope, core::ByteView message,
                                  const Refused* known) {
    const std::uint32_t sender = envelope.sender;
    if (!setup_->is_dealer(sender)) return detail::refuse(errc::unknown_sender, "no dealer");
    if (phase_ < Phase::reveal) return detail::refuse(core::errc::too_early);
    if (phase_ != Phase::reveal) return detail::refuse(core::errc::too_late);
    const auto dealt = deals_.find(sender);
    if (dealt == deals_.end()) return detail::refuse(errc::unknown_sender, "has not dealt");
    if (known != nullptr) return refusal(sender, known->reason, known->kind, message);
    const auto secret = detail::decode_reveal<G>(envelope.payload);
    if (!secret) return refuse(envelope, {errc::malformed_message}, Misbehaviour::malformed, message);
    if (!opens(dealt->second.deal, *secret)) {
        return refuse(envelope, {errc::false_reveal}, Misbehaviour::false_reveal, message);
    }
    if (dealt->second.secret) return detail::refuse(errc::duplicate_message);
    dealt->second.secret = *secret;
    record(message);
    if (unrevealed().empty()) finish(typename G::Point{});
    return {};
}

template <Group G>
Applied Ceremony<G>::apply_shares(const detail::Envelope& envelope, core::ByteView message,
                                  const Refused* known) {
    const std::uint32_t sender = envelope.sender;
    if (setup_->ticket_count(sender) == 0) return detail::refuse(errc::unknown_sender, "holds no ticket");
    if (phase_ < Phase::recovery) return detail::refuse(core::errc::too_early);
    if (phase_ != Phase::recovery) return detail::refuse(core::errc::too_late);
    const auto heard = shares_.find(sender);
    const bool is_heard = heard != shares_.end();
    if (is_heard && heard->second.digest == envelope.digest) return detail::refuse(errc::duplicate_message);
    if (known != nullptr) {
        if (is_heard && known->kind != Misbehaviour::malformed)
            return detail::refuse(errc::duplicate_message);
        return refusal(sender, known->reason, known->kind, message);
    }
    const auto decoded = detail::decode_shares(*setup_, sender, envelope.payload);
    if (!decoded) return refuse(envelope, {errc::malformed_message}, Misbehaviour::malformed, message);
    if (decoded->recovery != recovery_id_) return detail::refuse(errc::other_recovery);
    if (is_heard) return detail::refuse(errc::duplicate_message);
    if (const auto r = detail::check_shares_of(*setup_, sender, *decoded, encrypted_sums_); !r) {
        return refuse(envelope, r.error(), Misbehaviour::invalid_shares, message);
    }
    record(message);
    take_shares(sender, {envelope.digest, envelope.signature, decoded->shares.elements});
    return {};
}

template <Group G>
void Ceremony<G>::take_shares(std::uint32_t sender, Heard shares) {
    shares_.emplace(sender, std::move(shares));
    tickets_heard_ += setup_->ticket_count(sender);
    if (missing_tickets() != 0) return;

    std::vector<TicketShare<G>> chosen;
    for (const auto& [holder, held] : shares_) {
        const auto& elements = held.elements;
        for (std::uint32_t i = 0; i < elements.size() && chosen.size() < setup_->tickets().threshold; ++i) {
            chosen.push_back({setup_->first_ticket(holder) + i + 1, elements[i]});
        }
    }
    finish(recover<G>(chosen));
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
    // The same holders with the same tickets: only the session differs.
    auto next = std::shared_ptr<Setup<G>>(new Setup<G>{*setup_});
    if (next->session_.round == UINT32_MAX) return core::fail(core::errc::overflow, "the round");
    ++next->session_.round;
    next->session_.start = start;
    if (const auto r = detail::check_session(next->session_); !r) return r.error();
    next->id_ = next->digest();
    return std::shared_ptr<const Setup<G>>{std::move(next)};
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
