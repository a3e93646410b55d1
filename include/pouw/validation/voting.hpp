/// The vote on a result: a strict majority of the total weight rules.
///
/// A result is put to the vote when a selected validator finds it wrong or a requester reports it. Every node
/// with weight may vote, except the executor.
/// Source: docs/spec/validation.md section 5.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/validation/vote.hpp"
#include "pouw/weights/weights.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace pouw::inline v1::validation {

/// The votes of one epoch, on any number of results. A value: a copy keeps the state for a reorganisation.
/// Threads: not shareable while it changes.
class POUW_API Voting {
  public:
    /// The votes of an epoch, judged by the weights `judges`.
    Voting(const core::ChainId& chain, core::Epoch epoch, weights::WeightTable judges);

    [[nodiscard]] const weights::WeightTable& judges() const noexcept { return judges_; }

    /// Puts a result to the vote; `deadline` is the last block whose votes count.
    /// Errors: errc::other_chain, errc::other_epoch; errc::duplicate_task for a task that is voted on
    ///     already.
    [[nodiscard]] core::result<void> open(const Subject& subject, core::Height deadline);

    /// The outcome of `apply`.
    struct Applied {
        /// The error for which the vote was refused; the state is then unchanged.
        core::result<void> verdict;
        /// The equivocation that a refused vote proves, when it contradicts the voter's first one.
        std::optional<Equivocation> evidence{};
    };

    /// Takes a vote in the block at `height`. The first vote of a node counts. Votes after a majority are
    /// taken too, as the voter's share of the work.
    /// Errors: in this order, those of `Vote::decode`; errc::other_chain, errc::other_epoch,
    ///     errc::unknown_task, core::errc::too_late, errc::other_executor, errc::other_result; errc::own_work
    ///     for the executor; errc::no_voting_weight; crypto::errc::invalid_signature; errc::already_voted,
    ///     errc::contradicting_vote.
    /// Cost: one signature verification, about 50 µs.
    [[nodiscard]] Applied apply(core::ByteView vote, core::Height height);
    [[nodiscard]] Applied apply(const Vote& vote, core::Height height);

    /// The ruling at the end of the block at `height`.
    /// Errors: errc::unknown_task.
    [[nodiscard]] core::result<Ruling> ruling(const core::TaskId& task, core::Height height) const;

    /// The summed weight of the votes for a verdict.
    /// Errors: errc::unknown_task.
    [[nodiscard]] core::result<std::uint64_t> support(const core::TaskId& task, Verdict verdict) const;

    /// The votes that count, in ascending order of voters.
    /// Errors: errc::unknown_task.
    [[nodiscard]] core::result<std::vector<Vote>> votes(const core::TaskId& task) const;

    /// The whole state except the table, of which it has the digest.
    [[nodiscard]] core::Bytes save() const;

    /// Restores a state that `save` gave for the same table. It verifies every vote again.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version, core::errc::count_too_large; errc::weights_changed for another
    ///     table; core::errc::non_canonical for an unknown verdict, and for tasks or voters that do not
    ///     ascend; those of `apply`.
    /// Cost: one signature verification for each vote; memory of about the size of the bytes.
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
        core::Height deadline;
        std::uint64_t support_invalid = 0;
        std::uint64_t support_valid = 0;
        std::map<core::NodeId, Given> votes;

        friend bool operator==(const Ballot&, const Ballot&) = default;
    };

    Voting(const core::ChainDigest& chain, core::Epoch epoch, weights::WeightTable judges);

    [[nodiscard]] const Ballot* find(const core::TaskId& task) const;
    /// Checks that the vote can count, whatever was voted before.
    [[nodiscard]] core::result<void> admit(const Vote& vote, const Ballot& ballot) const;

    core::ChainDigest chain_;
    core::Epoch epoch_;
    weights::WeightTable judges_;
    std::map<core::TaskId, Ballot> ballots_;
};

}  // namespace pouw::inline v1::validation
