/// The ceremony that makes one random value that nobody can choose: threshold commit-reveal, as a pure state
/// machine over blocks and messages.
/// Source: docs/spec/beacon.md.
///
///     frozen ─ start ─> deal ─> finality ─> reveal ─> recovery ─> complete
///                         └──> abandoned (too little weight dealt; nothing is known, a new round may start)
///
/// A dealer that deals and then stays silent delays the output and cannot change it: its secret is recovered
/// from the tickets. No deal is dropped after dealing has closed, and no value stands in for another. A
/// ceremony in which too many tickets are silent waits.
#pragma once

#include "pouw/beacon/group.hpp"
#include "pouw/beacon/output.hpp"
#include "pouw/beacon/sharing.hpp"
#include "pouw/beacon/tickets.hpp"
#include "pouw/core/bytes.hpp"
#include "pouw/core/conviction.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/keys.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace pouw::inline v1::beacon {
namespace detail {
struct Envelope;
}

/// The limits of dealers, of holders whose keys a setup checks, of the blocks of a window, of the bytes of a
/// chain id, of refused messages that a ceremony remembers of each holder, and of evidence that
/// `Convictions` remembers.
inline constexpr std::uint32_t dealer_limit = 1024;
inline constexpr std::uint32_t holder_limit = 4096;
/// The registrations of one node that a setup looks at, in the order in which holders are taken.
inline constexpr std::uint32_t registration_limit = 3;
inline constexpr std::uint32_t window_limit = 1u << 20;
inline constexpr std::size_t chain_id_limit = 256;
inline constexpr std::size_t refusal_limit = 64;
inline constexpr std::size_t evidence_limit = 1024;

/// Lengths in blocks. A window must be so long that no adversary keeps a message out of every block of it.
struct POUW_API Windows {
    std::uint32_t deal = 20;      ///< 1 to `window_limit`
    std::uint32_t finality = 10;  ///< the chain's finality depth; 0 only where every block is final at once
    std::uint32_t reveal = 20;    ///< 1 to `window_limit`
};

/// The rules of a chain's ceremonies.
struct POUW_API Parameters {
    Windows windows;
    TicketRules tickets;
    /// The number of holders that deal, the heaviest ones; at most `dealer_limit`. The default bears 511
    /// equal holders. Each deal is a message of 32 bytes for every ticket and half as many again, and costs
    /// every verifier 62 µs a ticket.
    std::uint32_t maximum_dealers = 256;
};

/// The session id of a ceremony, unique for every round on every chain.
struct POUW_API SessionId {
    core::ChainId chain_id;   ///< 1 to `chain_id_limit` bytes
    core::Epoch epoch;        ///< the epoch that the output is for
    std::uint32_t round = 0;  ///< the number of abandoned rounds before
    core::Height start = 1;   ///< the first block of the deal window; at least 1
};

/// A node with voting weight, as registered before the ceremony. The chain registers a share key for the
/// owner of `node` alone: a proof of possession shows who knows the key, not who owns the node.
template <Group G>
struct POUW_API Holder {
    core::NodeId node;
    std::uint64_t weight = 0;
    typename G::Point share_key;
    Possession<G> possession;
};

/// A holder that has no part in a ceremony.
struct POUW_API DroppedHolder {
    core::NodeId node;
    std::uint64_t weight = 0;
    /// errc::weightless_holder, crypto::errc::invalid_public_key, crypto::errc::identity_point,
    /// crypto::errc::false_possession, errc::duplicate_holder, errc::beyond_limit.
    core::error_code reason;

    friend bool operator==(const DroppedHolder&, const DroppedHolder&) = default;
};

/// The setup of a ceremony: everything that is frozen before it starts.
/// Threads: immutable; shareable.
template <Group G>
class POUW_API Setup {
  public:
    /// The setup of a session. No registration prevents it. The heaviest holders take part whose keys and
    /// proofs of possession are valid, as many as the tickets or the dealers can be; of holders with one node
    /// or one share key the heaviest, and of equally heavy ones the one with the lowest node. The weight of
    /// those that are too light for a part belongs to the total weight, that of other dropped holders does
    /// not. The order of `holders` does not matter.
    /// Errors: errc::invalid_ceremony; errc::weak_guarantee for a bound below
    ///     `TicketRules::minimum_adversary`; those of `allot_tickets`.
    /// Cost: about 150 µs for each holder that takes part or is dropped for its keys, at most `holder_limit`
    ///     of them, and that of `allot_tickets`.
    [[nodiscard]] static core::result<std::shared_ptr<const Setup>> create(SessionId session,
                                                                           const Parameters& parameters,
                                                                           std::vector<Holder<G>> holders);

    /// The hash of the setup. Every message and proof is bound to it.
    [[nodiscard]] const crypto::Hash256& id() const noexcept { return id_; }
    [[nodiscard]] const SessionId& session() const noexcept { return session_; }
    [[nodiscard]] const Parameters& parameters() const noexcept { return parameters_; }
    /// The holders that take part, in ascending order of their nodes.
    [[nodiscard]] const std::vector<Holder<G>>& holders() const noexcept { return holders_; }
    /// The holders that do not, the heaviest first.
    [[nodiscard]] const std::vector<DroppedHolder>& dropped() const noexcept { return dropped_; }
    /// The tickets, in the order of `holders`.
    [[nodiscard]] const TicketTable& tickets() const noexcept { return tickets_; }
    /// The share key of every ticket's owner.
    [[nodiscard]] const std::vector<typename G::Point>& ticket_keys() const noexcept { return ticket_keys_; }
    /// The positions of the dealers in `holders`, ascending.
    [[nodiscard]] const std::vector<std::uint32_t>& dealers() const noexcept { return dealers_; }
    /// The weight that must have dealt. It is more than an adversary can have.
    [[nodiscard]] WideWeight quorum() const noexcept { return quorum_; }
    /// The weight that an adversary may hold in this ceremony, of `tickets().total_weight`. It is the part
    /// that the rules allow, unless the limits of tickets and dealers give less.
    [[nodiscard]] const AdversaryBound& bound() const noexcept { return bound_; }

    /// The first block of the deal window.
    [[nodiscard]] core::Height deal_start() const noexcept { return session_.start; }
    /// The first block after the deal window.
    [[nodiscard]] core::Height finality_start() const noexcept {
        return deal_start() + parameters_.windows.deal;
    }
    /// The first block of the reveal window. From this block on the output may be known: `Output::known_at`.
    [[nodiscard]] core::Height reveal_start() const noexcept {
        return finality_start() + parameters_.windows.finality;
    }
    /// The first block after the reveal window.
    [[nodiscard]] core::Height recovery_start() const noexcept {
        return reveal_start() + parameters_.windows.reveal;
    }

    /// The position of a node in `holders`.
    [[nodiscard]] std::optional<std::uint32_t> position(const core::NodeId& node) const noexcept;
    [[nodiscard]] bool is_dealer(std::uint32_t holder) const noexcept;
    /// The index in `ticket_keys` of the holder's first ticket. Its tickets are consecutive.
    [[nodiscard]] std::uint32_t first_ticket(std::uint32_t holder) const { return first_tickets_.at(holder); }
    [[nodiscard]] std::uint32_t ticket_count(std::uint32_t holder) const {
        return tickets_.tickets.at(holder);
    }

  private:
    template <Group>
    friend class Ceremony;

    Setup() = default;

    /// Takes the holders that have a part, and the weight of those too light for one.
    void choose(std::vector<Holder<G>> registered);
    [[nodiscard]] core::result<void> allot();
    [[nodiscard]] crypto::Hash256 digest() const;

    SessionId session_;
    Parameters parameters_;
    std::vector<Holder<G>> holders_;
    std::vector<DroppedHolder> dropped_;
    WideWeight outside_ = 0;
    TicketTable tickets_;
    std::vector<typename G::Point> ticket_keys_;
    std::vector<std::uint32_t> first_tickets_;
    std::vector<std::uint32_t> dealers_;
    WideWeight quorum_ = 0;
    AdversaryBound bound_;
    crypto::Hash256 id_;
};

/// The kind of a message of a ceremony.
enum class MessageKind : std::uint8_t { deal = 1, reveal = 2, shares = 3 };

/// A message that is not signed yet. The signing key may be kept elsewhere.
class POUW_API UnsignedMessage {
  public:
    explicit UnsignedMessage(core::Bytes unsigned_bytes);

    /// The digest that the node's signing key signs.
    [[nodiscard]] const crypto::Hash256& digest() const noexcept { return digest_; }
    /// The message with its signature.
    [[nodiscard]] core::Bytes attach(const crypto::Signature& signature) const;
    [[nodiscard]] core::Bytes sign(const crypto::SigningKey& key) const { return attach(key.sign(digest_)); }

  private:
    core::Bytes bytes_;
    crypto::Hash256 digest_;
};

/// The misbehaviour of a node that everybody can verify.
enum class Misbehaviour : std::uint8_t {
    malformed = 1,       ///< signed a message whose content does not decode
    invalid_deal = 2,    ///< signed a deal whose proof is false
    equivocation = 3,    ///< signed two deals in one ceremony
    false_reveal = 4,    ///< signed a secret that is not the one it dealt
    invalid_shares = 5,  ///< signed shares that are not the decryptions of what it was dealt
};

/// A proof of misbehaviour. It convicts by itself, given the frozen setup: `convict`.
struct POUW_API Evidence {
    Misbehaviour kind{};
    core::Bytes message;  ///< the offending signed message
    /// equivocation, false_reveal: the signed deal. invalid_shares: the statement that the message's recovery
    /// id hashes. Otherwise empty.
    core::Bytes context;

    /// The bytes of the evidence. Equivocation has one encoding: the lesser of the two deals, as strings of
    /// bytes, is the message.
    [[nodiscard]] core::Bytes encode() const;
    /// The inverse of `encode`.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::unsupported_version,
    ///     core::errc::non_canonical for equivocation in another order; errc::malformed_message.
    [[nodiscard]] static core::result<Evidence> decode(core::ByteView data);

    friend bool operator==(const Evidence&, const Evidence&) = default;
};

/// The conviction that the evidence in the block at `height` proves. No evidence that anybody can compose
/// convicts an honest node.
/// Errors: core::errc::no_misbehaviour, errc::other_ceremony, errc::unknown_sender,
///     crypto::errc::invalid_signature.
/// Cost: at most that of checking one deal.
template <Group G>
[[nodiscard]] POUW_API core::result<core::Conviction> convict(const Setup<G>& setup, const Evidence& evidence,
                                                              core::Height height);

/// The convictions in one ceremony. Evidence that was checked before costs a hash. The memory is bounded by
/// `evidence_limit`; the oldest evidence is forgotten first, and what is forgotten is checked again.
/// Threads: not shareable.
template <Group G>
class POUW_API Convictions {
  public:
    explicit Convictions(std::shared_ptr<const Setup<G>> setup);

    /// The same as the function `convict`.
    [[nodiscard]] core::result<core::Conviction> convict(const Evidence& evidence, core::Height height);

  private:
    std::shared_ptr<const Setup<G>> setup_;
    std::map<core::EvidenceDigest, core::result<core::NodeId>> known_;
    std::deque<core::EvidenceDigest> oldest_first_;
};

/// The outcome of `Ceremony::apply`.
struct POUW_API Applied {
    /// The error for which the message was refused; the state is then unchanged.
    core::result<void> verdict;
    /// The misbehaviour of the sender that a refused message proves.
    std::optional<Evidence> evidence{};
};

/// The phase of a ceremony.
enum class Phase : std::uint8_t { frozen, deal, finality, reveal, recovery, complete, abandoned };

/// A deal message whose signature and proof were checked without the state of a ceremony. The check is the
/// costly part of a deal and can be spread over threads.
template <Group G>
class POUW_API CheckedDeal {
  public:
    /// Checks a deal message. To get the evidence in a bad deal, apply the message itself.
    /// Errors: those of `Ceremony::apply` for the content of a deal.
    [[nodiscard]] static core::result<CheckedDeal> check(const Setup<G>& setup, core::ByteView message);

  private:
    template <Group>
    friend class Ceremony;

    CheckedDeal() = default;

    crypto::Hash256 ceremony_;
    std::uint32_t dealer_ = 0;
    crypto::Hash256 digest_;
    core::Bytes message_;
    Deal<G> deal_;
};

/// The state of one ceremony, as the chain sees it. It is a value: a copy is the state to which a
/// reorganisation returns.
///
/// A ceremony remembers the messages that convict their senders, `refusal_limit` of each, the youngest ones.
/// The same message again has the same outcome and costs a hash. The memory is no part of the saved state.
/// Threads: not shareable while it changes.
template <Group G>
class POUW_API Ceremony {
  public:
    /// A ceremony at the block before the start.
    explicit Ceremony(std::shared_ptr<const Setup<G>> setup);

    /// Enters the block at `height`. Blocks may be skipped.
    /// Expects: a height not below the present one.
    void advance(core::Height height);

    /// Applies a message that the present block contains.
    /// Errors: in the verdict, core::errc::truncated, core::errc::wrong_length, core::errc::too_early,
    ///     core::errc::too_late, core::errc::unsupported_version, crypto::errc::invalid_signature,
    ///     errc::other_ceremony, errc::unknown_sender, errc::malformed_message, errc::duplicate_message,
    ///     errc::equivocation, errc::invalid_deal, errc::false_reveal, errc::other_recovery,
    ///     errc::invalid_shares.
    /// Cost: that of the proof in the message; a hash for a message that was refused for its content before,
    ///     and for shares that count already.
    [[nodiscard]] Applied apply(core::ByteView message);
    /// Applies a deal that was checked before.
    /// Expects: a deal of this ceremony.
    [[nodiscard]] Applied apply(const CheckedDeal<G>& checked);

    /// Whether the ceremony remembers that it refused this message for its content. Apply such a message
    /// itself: `CheckedDeal::check` has no memory.
    /// Cost: a hash.
    [[nodiscard]] bool has_refused(core::ByteView message) const;

    [[nodiscard]] const Setup<G>& setup() const noexcept { return *setup_; }
    [[nodiscard]] core::Height height() const noexcept { return height_; }
    [[nodiscard]] Phase phase() const noexcept { return phase_; }
    /// The output, once the ceremony is complete.
    [[nodiscard]] const std::optional<Output>& output() const noexcept { return output_; }

    /// The positions of the dealers that have dealt, ascending.
    [[nodiscard]] std::vector<std::uint32_t> dealt() const;
    /// The positions of the dealers that have dealt and not revealed, ascending.
    [[nodiscard]] std::vector<std::uint32_t> unrevealed() const;
    /// The positions of the holders with tickets that have sent no shares, ascending.
    [[nodiscard]] std::vector<std::uint32_t> silent_holders() const;
    /// The deal that counts for this dealer; null if there is none.
    [[nodiscard]] const Deal<G>* deal_of(std::uint32_t dealer) const;
    /// The number of tickets that the recovery still waits for; 0 outside the recovery.
    [[nodiscard]] std::uint32_t missing_tickets() const noexcept;

    /// The id of this recovery, which holders sign with their shares.
    /// Expects: the recovery phase.
    [[nodiscard]] const crypto::Hash256& recovery_id() const;
    /// The sums of the shares to decrypt, one for each ticket.
    /// Expects: the recovery phase.
    [[nodiscard]] const std::vector<typename G::Point>& encrypted_sums() const;

    /// The setup of the next round, from block `start`.
    /// Expects: an abandoned ceremony, and a start after its height.
    /// Errors: core::errc::overflow; errc::invalid_ceremony for a start out of range.
    [[nodiscard]] core::result<std::shared_ptr<const Setup<G>>> next_round(core::Height start) const;

    /// The whole state.
    [[nodiscard]] core::Bytes save() const;
    /// Restores the state that `save` gave for the same setup. It checks every message again and refuses
    /// everything else.
    /// Errors: errc::invalid_state, errc::other_ceremony, core::errc::unsupported_version,
    ///     core::errc::truncated, core::errc::trailing_bytes.
    /// Cost: that of the messages.
    [[nodiscard]] static core::result<Ceremony> restore(std::shared_ptr<const Setup<G>> setup,
                                                        core::ByteView data);

  private:
    struct Entry {
        core::Height height;
        core::Bytes message;
    };
    struct Dealt {
        crypto::Hash256 digest;
        core::Bytes message;
        Deal<G> deal;
        std::optional<typename G::Scalar> secret;
    };

    /// The shares of a holder that count. The same message again is known by its digest.
    struct Heard {
        crypto::Hash256 digest;
        crypto::Signature signature;
        std::vector<typename G::Point> elements;
    };

    /// A message of a holder whose content was refused, whatever else the ceremony hears.
    struct Refused {
        crypto::Hash256 digest;
        crypto::Signature signature;
        core::error reason;
        Misbehaviour kind{};
    };

    [[nodiscard]] const Refused* find_refused(std::uint32_t sender, const crypto::Hash256& digest) const;
    /// Refuses a message of this sender for its content, and remembers it.
    Applied refuse(const detail::Envelope& envelope, const core::error& reason, Misbehaviour kind,
                   core::ByteView message);
    /// The refusal of a message, with the evidence in it.
    [[nodiscard]] Applied refusal(std::uint32_t sender, const core::error& reason, Misbehaviour kind,
                                  core::ByteView message) const;
    void close_dealing();
    void open_recovery();
    void finish(const typename G::Point& recovered);
    /// Checks that this deal can count now, whatever its content.
    [[nodiscard]] Applied admit_deal(std::uint32_t sender, const crypto::Hash256& digest,
                                     core::ByteView message) const;
    void take_deal(std::uint32_t sender, const crypto::Hash256& digest, core::ByteView message, Deal<G> deal);
    [[nodiscard]] Applied apply_deal(const detail::Envelope& envelope, core::ByteView message,
                                     const Refused* known);
    [[nodiscard]] Applied apply_reveal(const detail::Envelope& envelope, core::ByteView message,
                                       const Refused* known);
    [[nodiscard]] Applied apply_shares(const detail::Envelope& envelope, core::ByteView message,
                                       const Refused* known);
    /// Whether these are the shares of this sender that count already, with this signature.
    [[nodiscard]] bool has_heard(const detail::Envelope& envelope) const;
    void take_shares(std::uint32_t sender, Heard shares);
    void record(core::ByteView message);
    [[nodiscard]] crypto::Hash256 qualified_digest() const;

    std::shared_ptr<const Setup<G>> setup_;
    core::Height height_;
    Phase phase_ = Phase::frozen;
    std::map<std::uint32_t, Dealt> deals_;
    crypto::Hash256 recovery_id_;
    core::Bytes recovery_statement_;
    std::vector<typename G::Point> encrypted_sums_;
    std::map<std::uint32_t, Heard> shares_;
    std::uint32_t tickets_heard_ = 0;
    std::optional<Output> output_;
    std::vector<Entry> log_;
    std::map<std::uint32_t, std::vector<Refused>> refused_;  ///< by sender, the oldest first
};

/// The part of a node in ceremonies: it makes the messages that the node sends. It keeps no state; the same
/// ceremony gives the same messages.
template <Group G>
class POUW_API Participant {
  public:
    [[nodiscard]] static Participant derive(const crypto::MasterSeed& master, const core::NodeId& node);

    /// The registration of this node with its weight.
    [[nodiscard]] Holder<G> holder(const core::ChainId& chain_id, std::uint64_t weight) const;

    /// The node's deal.
    /// Errors: errc::unknown_sender if the node is no dealer.
    [[nodiscard]] core::result<UnsignedMessage> deal(const Setup<G>& setup) const;

    /// The node's secret.
    /// Errors: core::errc::too_early before the reveal window (a secret shown before dealing is final lets
    ///     others choose), core::errc::too_late after it; errc::unknown_sender if the chain has no deal of
    ///     the node; errc::false_reveal if the deal on the chain is not of this key.
    [[nodiscard]] core::result<UnsignedMessage> reveal(const Ceremony<G>& ceremony) const;

    /// The node's shares.
    /// Errors: core::errc::too_early and core::errc::too_late outside the recovery; errc::unknown_sender if
    ///     the node has no ticket.
    [[nodiscard]] core::result<UnsignedMessage> shares(const Ceremony<G>& ceremony) const;

  private:
    Participant(core::NodeId node, ShareKey<G> share_key, DealerKey<G> dealer_key);

    core::NodeId node_;
    ShareKey<G> share_key_;
    DealerKey<G> dealer_key_;
};

extern template class POUW_API Setup<Ristretto255>;
extern template class POUW_API Convictions<Ristretto255>;
extern template class POUW_API CheckedDeal<Ristretto255>;
extern template class POUW_API Ceremony<Ristretto255>;
extern template class POUW_API Participant<Ristretto255>;

}  // namespace pouw::inline v1::beacon
