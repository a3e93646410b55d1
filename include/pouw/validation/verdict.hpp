/// Was a result right? Signed votes, a strict majority of the whole weight, and proof against whoever votes
/// both ways. docs/spec/validation.md section 5.
///
/// A result goes to a vote when a selected validator finds it wrong or a user reports it. Every node with
/// weight may vote, except the executor. The ruling is "valid" or "invalid" when nodes with strictly more
/// than half of the total weight say so, and "undecided" when the deadline passes without.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/result.hpp"
#include "pouw/validation/epoch.hpp"
#include "pouw/weights/weights.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace pouw::validation {

enum class Verdict : std::uint8_t { invalid = 0, valid = 1 };

/// What is voted on: one result of one task.
struct Subject {
    core::ChainDigest chain;
    std::uint64_t epoch = 0;
    Task task;
    crypto::Hash256 result;  ///< digest of what the executor answered

    friend bool operator==(const Subject&, const Subject&) = default;
};

/// One node's vote, signed.
struct Vote {
    static constexpr std::size_t size = 237;

    Subject subject;
    Verdict verdict = Verdict::invalid;
    crypto::PublicKey voter;
    crypto::Signature signature;

    /// `size` bytes.
    [[nodiscard]] core::Bytes encode() const;
    /// The inverse of `encode`, and of nothing else; the signature is not verified. Errors:
    /// core::errc::wrong_length, core::errc::unsupported_version, core::errc::non_canonical for a verdict
    /// other than 0 and 1.
    [[nodiscard]] static core::result<Vote> decode(core::ByteView data);

    /// Whether executor and result are those of `subject`, a subject of the same chain, epoch and task.
    /// Errors: errc::other_executor, errc::other_result.
    [[nodiscard]] core::result<void> matches(const Subject& subject) const;

    /// Whether the signature is the voter's. The voter's key is to be one of a table of weights, or a checked
    /// one. Cost: about 50 µs.
    [[nodiscard]] bool is_signed() const;

    friend bool operator==(const Vote&, const Vote&) = default;
};

/// What a voter signs: `H("pouw.val-vote.v1", encoding without signature)`.
[[nodiscard]] crypto::Hash256 voting_digest(const Subject& subject, Verdict verdict,
                                            const crypto::PublicKey& voter);

[[nodiscard]] Vote cast_vote(const Subject& subject, Verdict verdict, const crypto::SigningKey& key);

/// Two votes of one node on one result, one each way: proof of misbehaviour that everybody can check by
/// itself.
struct Equivocation {
    static constexpr std::size_t size = 300;

    Subject subject;
    crypto::PublicKey voter;
    crypto::Signature invalid;  ///< of the vote that says invalid
    crypto::Signature valid;    ///< of the vote that says valid

    /// `size` bytes; there is one encoding, whichever vote came first.
    [[nodiscard]] core::Bytes encode() const;
    /// The inverse of `encode`, and of nothing else; nothing is verified. Errors: core::errc::wrong_length,
    /// core::errc::unsupported_version.
    [[nodiscard]] static core::result<Equivocation> decode(core::ByteView data);

    /// The node that is convicted. Errors: core::errc::no_misbehaviour unless both signatures verify under a
    /// key of prime order. Cost: about 150 µs.
    [[nodiscard]] core::result<crypto::PublicKey> convicted() const;

    friend bool operator==(const Equivocation&, const Equivocation&) = default;
};

enum class Ruling : std::uint8_t {
    open,       ///< no majority yet
    valid,      ///< strictly more than half of all weight
    invalid,    ///< the same
    undecided,  ///< no majority when the deadline passed
};

/// The votes of one epoch, on any number of results. A value: copy it to keep a state that a reorganisation
/// may come back to. Not shared between threads while it changes.
class Voting {
  public:
    /// `judges`: whose votes count, and for how much.
    Voting(const core::ChainDigest& chain, std::uint64_t epoch, weights::WeightTable judges);

    [[nodiscard]] const weights::WeightTable& judges() const noexcept { return judges_; }

    /// Puts a result to the vote; `deadline` is the last block whose votes count. Errors: errc::other_chain,
    /// errc::other_epoch; errc::duplicate_task when the task is voted on already.
    [[nodiscard]] core::result<void> open(const Subject& subject, std::uint64_t deadline);

    /// What became of a vote.
    struct Applied {
        /// Errors say why the vote was refused; the state is then unchanged.
        core::result<void> verdict;
        /// Of a refused vote that contradicts the voter's first one.
        std::optional<Equivocation> evidence{};
    };

    /// Takes a vote in the block at `height`. The first vote of a node counts. Votes after a majority are
    /// taken too, as the voter's share of the work. Errors in the verdict, in this order: those of
    /// `Vote::decode`; errc::other_chain, errc::other_epoch, errc::unknown_task, core::errc::too_late,
    /// errc::other_executor, errc::other_result; errc::own_work for the executor; errc::no_voting_weight;
    /// crypto::errc::invalid_signature; errc::already_voted, errc::contradicting_vote. Cost: one signature
    /// verification, about 50 µs.
    [[nodiscard]] Applied apply(core::ByteView vote, std::uint64_t height);
    [[nodiscard]] Applied apply(const Vote& vote, std::uint64_t height);

    /// As of the end of the block at `height`. Errors: errc::unknown_task.
    [[nodiscard]] core::result<Ruling> ruling(const core::TaskId& task, std::uint64_t height) const;

    /// The summed weight of the votes for a verdict. Errors: errc::unknown_task.
    [[nodiscard]] core::result<std::uint64_t> support(const core::TaskId& task, Verdict verdict) const;

    /// The votes that count, in ascending order of voters. Errors: errc::unknown_task.
    [[nodiscard]] core::result<std::vector<Vote>> votes(const core::TaskId& task) const;

    /// The whole state but the table, of which it has the digest.
    [[nodiscard]] core::Bytes serialize() const;

    /// The state that `serialize` gave for the same table, with every vote checked again. Errors:
    /// core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    /// core::errc::unsupported_version, core::errc::count_too_large; errc::weights_changed for another table;
    /// core::errc::non_canonical for tasks or voters that do not ascend; and those of `apply`. Memory: as the
    /// bytes. Cost: one signature verification a vote.
    [[nodiscard]] static core::result<Voting> restore(weights::WeightTable judges, core::ByteView data);

    friend bool operator==(const Voting&, const Voting&) = default;

  private:
    struct Given {
        Verdict verdict = Verdict::invalid;
        crypto::Signature signature;

        friend bool operator==(const Given&, const Given&) = default;
    };
    struct Ballot {
        Subject subject;
        std::uint64_t deadline = 0;
        std::uint64_t support_invalid = 0;
        std::uint64_t support_valid = 0;
        std::map<crypto::PublicKey, Given> votes;

        friend bool operator==(const Ballot&, const Ballot&) = default;
    };

    [[nodiscard]] const Ballot* find(const core::TaskId& task) const;
    /// Why the vote cannot count, whatever was voted before.
    [[nodiscard]] core::result<void> admit(const Vote& vote, const Ballot& ballot) const;

    core::ChainDigest chain_;
    std::uint64_t epoch_ = 0;
    weights::WeightTable judges_;
    std::map<core::TaskId, Ballot> ballots_;
};

}  // namespace pouw::validation
