/// The ceremony that makes one random value nobody can choose (docs/spec/beacon.md): threshold commit-reveal
/// as a pure state machine over blocks and messages.
///
///     frozen ─ start ─> deal ─> finality ─> reveal ─> recovery ─> complete
///                         └──> abandoned (too little weight dealt; nothing is known, a new round may start)
///
/// A dealer that deals and then stays silent delays the value and cannot change it: its secret is recovered
/// from the tickets. Nothing is ever dropped after dealing has closed, no value stands in for another, and a
/// ceremony in which too many tickets are silent waits.
#pragma once

#include "pouw/beacon/group.hpp"
#include "pouw/beacon/sharing.hpp"
#include "pouw/beacon/tickets.hpp"
#include "pouw/core/bytes.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/keys.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace pouw::beacon {

inline constexpr std::uint32_t dealer_limit = 1024;
inline constexpr std::uint32_t window_limit = 1u << 20;
inline constexpr std::size_t chain_id_limit = 256;

/// Lengths in blocks. A window must be long enough that no adversary keeps a message out of every block of
/// it.
struct Windows {
    std::uint32_t deal = 20;      ///< 1 to `window_limit`
    std::uint32_t finality = 10;  ///< the chain's finality depth; 0 only where every block is final at once
    std::uint32_t reveal = 20;    ///< 1 to `window_limit`
};

struct Parameters {
    Windows windows;
    TicketRules tickets;
    /// The heaviest holders deal, so many at most; at most `dealer_limit`.
    std::uint32_t maximum_dealers = 64;
};

/// Which ceremony: unique for every round on every chain.
struct Occasion {
    core::Bytes chain_id;     ///< 1 to `chain_id_limit` bytes
    std::uint64_t epoch = 0;  ///< the cycle that the value is for
    std::uint32_t round = 0;  ///< counts the abandoned rounds before
    std::uint64_t start = 1;  ///< the first block of the deal window; at least 1
};

/// A node with voting weight, as registered before the ceremony.
template <Group G>
struct Holder {
    crypto::PublicKey node;
    std::uint64_t weight = 0;
    typename G::Point share_key;
    Possession<G> possession;
};

/// All that is frozen before a ceremony starts. Immutable; shareable between threads.
template <Group G>
class Setup {
  public:
    /// Checks everything: ranges, node keys, proofs of possession, duplicates, the guarantee of the tickets,
    /// and that the honest among the dealers outweigh the adversary whoever it is. The order of `holders` is
    /// of no importance. Errors: errc::invalid_ceremony, crypto::errc::invalid_public_key,
    /// crypto::errc::false_possession, crypto::errc::identity_point, errc::duplicate_holder,
    /// errc::too_few_dealers, and those of `allot_tickets`. Cost: about 150 µs a holder, and that of
    /// `allot_tickets`.
    [[nodiscard]] static core::result<std::shared_ptr<const Setup>> create(Occasion occasion,
                                                                           const Parameters& parameters,
                                                                           std::vector<Holder<G>> holders);

    /// The hash of all of it; every message and proof is bound to it.
    [[nodiscard]] const crypto::Hash256& id() const noexcept { return id_; }
    [[nodiscard]] const Occasion& occasion() const noexcept { return occasion_; }
    [[nodiscard]] const Parameters& parameters() const noexcept { return parameters_; }
    /// By ascending node.
    [[nodiscard]] const std::vector<Holder<G>>& holders() const noexcept { return holders_; }
    /// In the order of `holders`.
    [[nodiscard]] const TicketTable& tickets() const noexcept { return tickets_; }
    /// The key of every ticket's owner.
    [[nodiscard]] const std::vector<typename G::Point>& ticket_keys() const noexcept { return ticket_keys_; }
    /// Positions in `holders`, ascending.
    [[nodiscard]] const std::vector<std::uint32_t>& dealers() const noexcept { return dealers_; }
    /// The weight that must have dealt: more than an adversary can have.
    [[nodiscard]] WideWeight quorum() const noexcept { return quorum_; }

    /// First blocks of the windows, and the first block after the reveal window.
    [[nodiscard]] std::uint64_t deal_start() const noexcept { return occasion_.start; }
    [[nodiscard]] std::uint64_t finality_start() const noexcept {
        return deal_start() + parameters_.windows.deal;
    }
    [[nodiscard]] std::uint64_t reveal_start() const noexcept {
        return finality_start() + parameters_.windows.finality;
    }
    [[nodiscard]] std::uint64_t recovery_start() const noexcept {
        return reveal_start() + parameters_.windows.reveal;
    }

    /// The position of a node in `holders`.
    [[nodiscard]] std::optional<std::uint32_t> position(const crypto::PublicKey& node) const noexcept;
    [[nodiscard]] bool is_dealer(std::uint32_t holder) const noexcept;
    /// The index in `ticket_keys` of the holder's first ticket; its tickets are consecutive.
    [[nodiscard]] std::uint32_t first_ticket(std::uint32_t holder) const { return first_tickets_.at(holder); }
    [[nodiscard]] std::uint32_t ticket_count(std::uint32_t holder) const {
        return tickets_.tickets.at(holder);
    }

  private:
    Setup() = default;

    Occasion occasion_;
    Parameters parameters_;
    std::vector<Holder<G>> holders_;
    TicketTable tickets_;
    std::vector<typename G::Point> ticket_keys_;
    std::vector<std::uint32_t> first_tickets_;
    std::vector<std::uint32_t> dealers_;
    WideWeight quorum_ = 0;
    crypto::Hash256 id_;
};

enum class MessageKind : std::uint8_t { deal = 1, reveal = 2, shares = 3 };

/// A message that is yet to be signed, for keys that live elsewhere too.
class Draft {
  public:
    explicit Draft(core::Bytes unsigned_bytes);

    /// What the node's signing key signs.
    [[nodiscard]] const crypto::Hash256& digest() const noexcept { return digest_; }
    /// The message with its signature.
    [[nodiscard]] core::Bytes attach(const crypto::Signature& signature) const;
    [[nodiscard]] core::Bytes sign(const crypto::SigningKey& key) const { return attach(key.sign(digest_)); }

  private:
    core::Bytes bytes_;
    crypto::Hash256 digest_;
};

/// What a node did wrong, provable to everybody.
enum class Misbehaviour : std::uint8_t {
    malformed = 1,       ///< signed a message whose content does not decode
    invalid_deal = 2,    ///< signed a deal whose proof is false
    equivocation = 3,    ///< signed two deals in one ceremony
    false_reveal = 4,    ///< signed a secret that is not the one it dealt
    invalid_shares = 5,  ///< signed shares that are not the decryptions of what it was dealt
};

/// A proof of misbehaviour. It convicts by itself, given the frozen setup: `check_evidence`.
struct Evidence {
    Misbehaviour kind{};
    core::Bytes message;  ///< the offending signed message
    /// equivocation, false_reveal: the signed deal. invalid_shares: the statement that the message's recovery
    /// id hashes. Otherwise empty.
    core::Bytes context;

    [[nodiscard]] core::Bytes encode() const;
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::unsupported_version,
    /// errc::malformed_message.
    [[nodiscard]] static core::result<Evidence> decode(core::ByteView data);

    friend bool operator==(const Evidence&, const Evidence&) = default;
};

struct Conviction {
    crypto::PublicKey node;
    Misbehaviour kind{};
};

/// Who is convicted of what. An honest node is never convicted, whoever composes the evidence. Errors:
/// core::errc::no_misbehaviour, errc::other_ceremony, errc::unknown_sender, crypto::errc::invalid_signature.
/// Cost: at most that of checking one deal.
template <Group G>
[[nodiscard]] core::result<Conviction> check_evidence(const Setup<G>& setup, const Evidence& evidence);

/// What became of a message.
struct Applied {
    /// Errors say why the message was refused; the state is then unchanged.
    core::result<void> verdict;
    /// A refused message may prove a misbehaviour of its sender.
    std::optional<Evidence> evidence{};
};

enum class Phase : std::uint8_t { frozen, deal, finality, reveal, recovery, complete, abandoned };

/// The value: `randomness` is what a race seed takes.
struct Output {
    crypto::Hash256 randomness;
    std::uint64_t height = 0;  ///< the first block at which it is known

    friend bool operator==(const Output&, const Output&) = default;
};

/// A deal message whose signature and proof have been checked, apart from any ceremony's state: the costly
/// part, to be spread over threads.
template <Group G>
class CheckedDeal {
  public:
    /// Errors: those of `Ceremony::apply` for the content of a deal. For the evidence in a bad one, apply the
    /// message itself.
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

/// One ceremony as the chain sees it. A value: copy it to keep a state that a reorganisation may come back
/// to. Not shared between threads while it changes.
template <Group G>
class Ceremony {
  public:
    /// At the block before the start.
    explicit Ceremony(std::shared_ptr<const Setup<G>> setup);

    /// Enters the block at `height`. Expects a height not below the present one; blocks may be skipped.
    void advance(std::uint64_t height);

    /// Takes a message that the present block includes. Errors in the verdict: core::errc::truncated,
    /// core::errc::wrong_length, core::errc::unsupported_version, errc::other_ceremony, errc::unknown_sender,
    /// crypto::errc::invalid_signature, errc::malformed_message, core::errc::too_early, core::errc::too_late,
    /// errc::duplicate_message, errc::equivocation, errc::invalid_deal, errc::false_reveal,
    /// errc::other_recovery, errc::invalid_shares. Cost: that of the proof in it.
    [[nodiscard]] Applied apply(core::ByteView message);
    /// The same for a deal checked before. Expects one of this ceremony.
    [[nodiscard]] Applied apply(const CheckedDeal<G>& checked);

    [[nodiscard]] const Setup<G>& setup() const noexcept { return *setup_; }
    [[nodiscard]] std::uint64_t height() const noexcept { return height_; }
    [[nodiscard]] Phase phase() const noexcept { return phase_; }
    [[nodiscard]] const std::optional<Output>& output() const noexcept { return output_; }

    /// Positions of the dealers that have dealt; of those that have not revealed; and of holders with tickets
    /// that have sent no shares. Ascending.
    [[nodiscard]] std::vector<std::uint32_t> dealt() const;
    [[nodiscard]] std::vector<std::uint32_t> unrevealed() const;
    [[nodiscard]] std::vector<std::uint32_t> silent_holders() const;
    /// The deal that counts for this dealer; null if there is none.
    [[nodiscard]] const Deal<G>* deal_of(std::uint32_t dealer) const;
    /// How many tickets more the recovery waits for; 0 outside the recovery.
    [[nodiscard]] std::uint32_t missing_tickets() const noexcept;

    /// What holders sign with their shares: the id of this recovery, and the sums of the shares to decrypt,
    /// one a ticket. Expects the recovery phase.
    [[nodiscard]] const crypto::Hash256& recovery_id() const;
    [[nodiscard]] const std::vector<typename G::Point>& encrypted_sums() const;

    /// The setup of the next round, from block `start`. Expects an abandoned ceremony and a start after its
    /// height.
    [[nodiscard]] core::result<std::shared_ptr<const Setup<G>>> next_round(std::uint64_t start) const;

    /// The whole state. `restore` gives it back for the same setup, by checking every message again, and
    /// refuses everything else. Errors: errc::invalid_state, core::errc::unsupported_version,
    /// core::errc::truncated, core::errc::trailing_bytes, errc::other_ceremony. Cost: that of the messages.
    [[nodiscard]] core::Bytes serialize() const;
    [[nodiscard]] static core::result<Ceremony> restore(std::shared_ptr<const Setup<G>> setup,
                                                        core::ByteView data);

  private:
    struct Entry {
        std::uint64_t height = 0;
        core::Bytes message;
    };
    struct Dealt {
        crypto::Hash256 digest;
        core::Bytes message;
        Deal<G> deal;
        std::optional<typename G::Scalar> secret;
    };

    void close_dealing();
    void open_recovery();
    void finish(const typename G::Point& recovered);
    /// Why this deal cannot count now, whatever is in it.
    [[nodiscard]] Applied admit_deal(std::uint32_t sender, const crypto::Hash256& digest,
                                     core::ByteView message) const;
    void take_deal(std::uint32_t sender, const crypto::Hash256& digest, core::ByteView message, Deal<G> deal);
    [[nodiscard]] Applied apply_deal(std::uint32_t sender, const crypto::Hash256& digest,
                                     core::ByteView message);
    [[nodiscard]] Applied apply_reveal(std::uint32_t sender, core::ByteView message);
    [[nodiscard]] Applied apply_shares(std::uint32_t sender, core::ByteView message);
    void record(core::ByteView message);
    [[nodiscard]] crypto::Hash256 qualified_digest() const;

    std::shared_ptr<const Setup<G>> setup_;
    std::uint64_t height_ = 0;
    Phase phase_ = Phase::frozen;
    std::map<std::uint32_t, Dealt> deals_;
    crypto::Hash256 recovery_id_;
    core::Bytes recovery_statement_;
    std::vector<typename G::Point> encrypted_sums_;
    std::map<std::uint32_t, std::vector<typename G::Point>> shares_;
    std::uint32_t tickets_heard_ = 0;
    std::optional<Output> output_;
    std::vector<Entry> log_;
};

/// A node's part: the messages it sends. It keeps no state; the same ceremony gives the same messages.
template <Group G>
class Participant {
  public:
    [[nodiscard]] static Participant derive(const crypto::MasterSeed& master, const crypto::PublicKey& node);

    /// The registration of this node with its weight.
    [[nodiscard]] Holder<G> holder(core::ByteView chain_id, std::uint64_t weight) const;

    /// The node's deal. Errors: errc::unknown_sender if it is no dealer.
    [[nodiscard]] core::result<Draft> deal(const Setup<G>& setup) const;

    /// The node's secret. Errors: core::errc::too_early before the reveal window (a secret shown before
    /// dealing is final lets others choose); core::errc::too_late after it; errc::unknown_sender if the chain
    /// has no deal of it.
    [[nodiscard]] core::result<Draft> reveal(const Ceremony<G>& ceremony) const;

    /// The node's shares. Errors: core::errc::too_early and core::errc::too_late outside the recovery;
    /// errc::unknown_sender if it has no ticket.
    [[nodiscard]] core::result<Draft> shares(const Ceremony<G>& ceremony) const;

  private:
    Participant(crypto::PublicKey node, ShareKey<G> share_key, DealerKey<G> dealer_key);

    crypto::PublicKey node_;
    ShareKey<G> share_key_;
    DealerKey<G> dealer_key_;
};

extern template class Setup<Ristretto255>;
extern template class Ceremony<Ristretto255>;
extern template class Participant<Ristretto255>;

}  // namespace pouw::beacon
