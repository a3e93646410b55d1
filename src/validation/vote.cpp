#include "pouw/validation/vote.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/version.hpp"
#include "pouw/crypto/evidence.hpp"
#include "pouw/validation/errc.hpp"

namespace pouw::inline v1::validation {
namespace {

using core::fail;
using core::result;

/// version ‖ chain ‖ epoch ‖ task ‖ executor ‖ result
core::Bytes encode_subject(const Subject& subject) {
    const auto version = core::to_le(core::spec_version);
    const auto epoch = core::to_le(subject.epoch.value);
    const core::ByteView parts[] = {version,
                                    subject.chain.view(),
                                    epoch,
                                    subject.task.id.view(),
                                    subject.task.executor.view(),
                                    subject.result.view()};
    core::Bytes out;
    out.reserve(Equivocation::size);
    for (const core::ByteView part : parts) core::append(out, part);
    return out;
}

Subject read_subject(core::Reader& reader) {
    Subject subject;
    subject.chain = reader.fixed<core::ChainDigest>();
    subject.epoch = reader.integer<std::uint64_t>();
    subject.task.id = reader.fixed<core::TaskId>();
    subject.task.executor = reader.fixed<core::NodeId>();
    subject.result = reader.fixed<crypto::Hash256>();
    return subject;
}

core::Bytes encode_unsigned(const Subject& subject, Verdict verdict, const core::NodeId& voter) {
    core::Bytes out = encode_subject(subject);
    out.push_back(static_cast<std::uint8_t>(verdict));
    core::append(out, voter.view());
    return out;
}

}  // namespace

core::Bytes Vote::encode() const {
    core::Bytes out = encode_unsigned(subject, verdict, voter);
    core::append(out, signature.view());
    POUW_ENSURES(out.size() == size);
    return out;
}

result<Vote> Vote::decode(core::ByteView data) {
    if (data.size() != size) return fail(core::errc::wrong_length, "a vote has 237 bytes");
    core::Reader reader{data};
    if (reader.integer<std::uint32_t>() != core::spec_version) return fail(core::errc::unsupported_version);
    Vote vote;
    vote.subject = read_subject(reader);
    const auto verdict = reader.integer<std::uint8_t>();
    if (verdict > 1) return fail(core::errc::non_canonical, "an unknown verdict");
    vote.verdict = Verdict{verdict};
    vote.voter = reader.fixed<core::NodeId>();
    vote.signature = reader.fixed<crypto::Signature>();
    return vote;
}

result<void> Vote::matches(const Subject& other) const {
    if (subject.task.executor != other.task.executor) return fail(errc::other_executor);
    if (subject.result != other.result) return fail(errc::other_result);
    return {};
}

bool Vote::is_signed() const {
    return crypto::verify(voter, voting_digest(subject, verdict, voter), signature);
}

crypto::Hash256 voting_digest(const Subject& subject, Verdict verdict, const core::NodeId& voter) {
    return crypto::hash(crypto::domain::vote, encode_unsigned(subject, verdict, voter));
}

Vote cast_vote(const Subject& subject, Verdict verdict, const crypto::SigningKey& key) {
    const core::NodeId& voter = key.public_key();
    return {subject, verdict, voter, key.sign(voting_digest(subject, verdict, voter))};
}

core::Bytes Equivocation::encode() const {
    core::Bytes out = encode_subject(subject);
    for (const core::ByteView part :
         {core::ByteView{voter.view()}, core::ByteView{invalid.view()}, core::ByteView{valid.view()}}) {
        core::append(out, part);
    }
    POUW_ENSURES(out.size() == size);
    return out;
}

result<Equivocation> Equivocation::decode(core::ByteView data) {
    if (data.size() != size) return fail(core::errc::wrong_length, "an equivocation has 300 bytes");
    core::Reader reader{data};
    if (reader.integer<std::uint32_t>() != core::spec_version) return fail(core::errc::unsupported_version);
    Equivocation out;
    out.subject = read_subject(reader);
    out.voter = reader.fixed<core::NodeId>();
    out.invalid = reader.fixed<crypto::Signature>();
    out.valid = reader.fixed<crypto::Signature>();
    return out;
}

result<core::Conviction> Equivocation::conviction(const core::ChainDigest& expected,
                                                  core::Height height) const {
    if (subject.chain != expected) return fail(errc::other_chain);
    // Under a key of small order anybody makes signatures that verify: they convict nobody.
    if (!crypto::checked_public_key(voter.view())) return fail(core::errc::no_misbehaviour, "no node's key");
    const bool both = crypto::verify(voter, voting_digest(subject, Verdict::invalid, voter), invalid) &&
                      crypto::verify(voter, voting_digest(subject, Verdict::valid, voter), valid);
    if (!both) return fail(core::errc::no_misbehaviour, "a signature does not verify");
    return core::Conviction{voter, core::Ground::contradicting_votes, crypto::evidence_digest(encode()),
                            height};
}

}  // namespace pouw::inline v1::validation
