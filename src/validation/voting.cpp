#include "pouw/validation/voting.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/core/version.hpp"
#include "pouw/crypto/chain_digest.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/validation/errc.hpp"
#include "pouw/validation/ruling.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace pouw::inline v1::validation {
namespace {

using core::fail;
using core::result;

constexpr std::string_view state_magic = "pouwvot1";
// task ‖ executor ‖ result ‖ deadline ‖ count
constexpr std::size_t ballot_size = 3 * 32 + 8 + 4;
// voter ‖ verdict ‖ signature
constexpr std::size_t given_size = core::NodeId::size + 1 + crypto::Signature::size;

/// What a ballot at the start of a state says of itself, and its votes.
struct StoredBallot {
    Subject subject;
    core::Height deadline;
    std::vector<Vote> votes;
};

result<StoredBallot> read_ballot(core::Reader& reader, const core::ChainDigest& chain, core::Epoch epoch) {
    StoredBallot out;
    out.subject.chain = chain;
    out.subject.epoch = epoch;
    out.subject.task.id = reader.fixed<core::TaskId>();
    out.subject.task.executor = reader.fixed<core::NodeId>();
    out.subject.result = reader.fixed<crypto::Hash256>();
    out.deadline = reader.integer<std::uint64_t>();
    const auto count = reader.integer<std::uint32_t>();
    if (!reader.ok()) return fail(core::errc::truncated);
    if (count > reader.rest().size() / given_size) return fail(core::errc::count_too_large);
    for (std::uint32_t i = 0; i < count; ++i) {
        Vote vote;
        vote.subject = out.subject;
        vote.voter = reader.fixed<core::NodeId>();
        const auto verdict = reader.integer<std::uint8_t>();
        vote.signature = reader.fixed<crypto::Signature>();
        if (verdict > 1) return fail(core::errc::non_canonical, "an unknown verdict");
        if (i > 0 && vote.voter <= out.votes.back().voter)
            return fail(core::errc::non_canonical, "the voters descend");
        vote.verdict = Verdict{verdict};
        out.votes.push_back(vote);
    }
    return out;
}

}  // namespace

Voting::Voting(const core::ChainId& chain, core::Epoch epoch, weights::WeightTable judges)
    : Voting{crypto::chain_digest(chain), epoch, std::move(judges)} {}

Voting::Voting(const core::ChainDigest& chain, core::Epoch epoch, weights::WeightTable judges)
    : chain_{chain}, epoch_{epoch}, judges_{std::move(judges)} {}

const Voting::Ballot* Voting::find(const core::TaskId& task) const {
    const auto found = ballots_.find(task);
    return found == ballots_.end() ? nullptr : &found->second;
}

result<void> Voting::open(const Subject& subject, core::Height deadline) {
    if (subject.chain != chain_) return fail(errc::other_chain);
    if (subject.epoch != epoch_) return fail(errc::other_epoch);
    if (find(subject.task.id) != nullptr) return fail(errc::duplicate_task, "it is voted on already");
    ballots_.emplace(subject.task.id, Ballot{.subject = subject, .deadline = deadline, .votes = {}});
    return {};
}

result<void> Voting::admit(const Vote& vote, const Ballot& ballot) const {
    if (const auto same = vote.matches(ballot.subject); !same) return same;
    if (vote.voter == ballot.subject.task.executor) return fail(errc::own_work);
    if (judges_.weight_of(vote.voter) == 0) return fail(errc::no_voting_weight);
    if (!vote.is_signed()) return fail(crypto::errc::invalid_signature);
    return {};
}

Voting::Applied Voting::apply(core::ByteView vote, core::Height height) {
    const auto decoded = Vote::decode(vote);
    if (!decoded) return {decoded.error()};
    return apply(*decoded, height);
}

Voting::Applied Voting::apply(const Vote& vote, core::Height height) {
    if (vote.subject.chain != chain_) return {fail(errc::other_chain)};
    if (vote.subject.epoch != epoch_) return {fail(errc::other_epoch)};
    const auto found = ballots_.find(vote.subject.task.id);
    if (found == ballots_.end()) return {fail(errc::unknown_task)};
    Ballot& ballot = found->second;
    if (height > ballot.deadline) return {fail(core::errc::too_late)};
    if (const auto admitted = admit(vote, ballot); !admitted) return {admitted};
    if (const auto earlier = ballot.votes.find(vote.voter); earlier != ballot.votes.end()) {
        if (earlier->second.verdict == vote.verdict) return {fail(errc::already_voted)};
        const bool now_valid = vote.verdict == Verdict::valid;
        const crypto::Signature& before = earlier->second.signature;
        return {fail(errc::contradicting_vote),
                Equivocation{ballot.subject, vote.voter, now_valid ? before : vote.signature,
                             now_valid ? vote.signature : before}};
    }
    ballot.votes.emplace(vote.voter, Given{vote.verdict, vote.signature});
    // Each voter counts once, so the sums stay below the table's total.
    std::uint64_t& support = vote.verdict == Verdict::valid ? ballot.support_valid : ballot.support_invalid;
    support += judges_.weight_of(vote.voter);
    return {};
}

result<Ruling> Voting::ruling(const core::TaskId& task, core::Height height) const {
    const Ballot* ballot = find(task);
    if (ballot == nullptr) return fail(errc::unknown_task);
    return ruling_of(judges_, {ballot->support_valid, ballot->support_invalid}, height >= ballot->deadline);
}

result<std::uint64_t> Voting::support(const core::TaskId& task, Verdict verdict) const {
    const Ballot* ballot = find(task);
    if (ballot == nullptr) return fail(errc::unknown_task);
    return verdict == Verdict::valid ? ballot->support_valid : ballot->support_invalid;
}

result<std::vector<Vote>> Voting::votes(const core::TaskId& task) const {
    const Ballot* ballot = find(task);
    if (ballot == nullptr) return fail(errc::unknown_task);
    std::vector<Vote> out;
    for (const auto& [voter, given] : ballot->votes) {
        out.push_back({ballot->subject, given.verdict, voter, given.signature});
    }
    return out;
}

core::Bytes Voting::save() const {
    core::Bytes out{state_magic.begin(), state_magic.end()};
    core::append(out, core::to_le(core::spec_version));
    core::append(out, chain_.view());
    core::append(out, core::to_le(epoch_.value));
    core::append(out, judges_.digest().view());
    core::append(out, core::to_le(static_cast<std::uint32_t>(ballots_.size())));
    for (const auto& [task, ballot] : ballots_) {
        core::append(out, task.view());
        core::append(out, ballot.subject.task.executor.view());
        core::append(out, ballot.subject.result.view());
        core::append(out, core::to_le(ballot.deadline.value));
        core::append(out, core::to_le(static_cast<std::uint32_t>(ballot.votes.size())));
        for (const auto& [voter, given] : ballot.votes) {
            core::append(out, voter.view());
            out.push_back(static_cast<std::uint8_t>(given.verdict));
            core::append(out, given.signature.view());
        }
    }
    return out;
}

result<Voting> Voting::restore(weights::WeightTable judges, core::ByteView data) {
    core::Reader reader{data};
    const core::ByteView magic = reader.take(state_magic.size());
    if (!reader.ok()) return fail(core::errc::truncated);
    if (!std::equal(magic.begin(), magic.end(), state_magic.begin())) return fail(core::errc::invalid_magic);
    const auto version = reader.integer<std::uint32_t>();
    const auto chain = reader.fixed<core::ChainDigest>();
    const core::Epoch epoch = reader.integer<std::uint64_t>();
    const auto table = reader.fixed<crypto::Hash256>();
    const auto count = reader.integer<std::uint32_t>();
    if (!reader.ok()) return fail(core::errc::truncated);
    if (version != core::spec_version) return fail(core::errc::unsupported_version);
    if (count > reader.rest().size() / ballot_size) return fail(core::errc::count_too_large);
    if (table != judges.digest()) return fail(errc::weights_changed);
    Voting out{chain, epoch, std::move(judges)};
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto stored = read_ballot(reader, chain, epoch);
        if (!stored) return stored.error();
        const core::TaskId& task = stored->subject.task.id;
        if (!out.ballots_.empty() && task <= out.ballots_.rbegin()->first) {
            return fail(core::errc::non_canonical, "the tasks descend");
        }
        if (const auto opened = out.open(stored->subject, stored->deadline); !opened) {
            return opened.error();
        }
        for (const Vote& vote : stored->votes) {
            if (const auto applied = out.apply(vote, stored->deadline); !applied.verdict) {
                return applied.verdict.error();
            }
        }
    }
    if (!reader.rest().empty()) return fail(core::errc::trailing_bytes);
    return out;
}

}  // namespace pouw::inline v1::validation
