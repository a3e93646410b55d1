#include "pouw/validation/report.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/validation/errc.hpp"

namespace pouw::inline v1::validation {
using core::fail;
using core::result;

core::Bytes Report::encode() const {
    core::Bytes out = vote.encode();
    core::append(out, proof.view());
    return out;
}

result<Report> Report::decode(core::ByteView data) {
    if (data.size() != size) return fail(core::errc::wrong_length, "a report has 317 bytes");
    const auto vote = Vote::decode(data.first(Vote::size));
    if (!vote) return vote.error();
    return Report{*vote, vrf::Proof::from(data.subspan(Vote::size)).value()};
}

result<void> verify_report(const Validators& validators, const Subject& subject, const core::Fraction& rate,
                           const Report& report) {
    POUW_EXPECTS(subject.chain == validators.beacon().chain() &&
                 subject.epoch == validators.beacon().epoch());
    const Vote& vote = report.vote;
    if (vote.subject.chain != subject.chain) return fail(errc::other_chain);
    if (vote.subject.epoch != subject.epoch) return fail(errc::other_epoch);
    if (vote.subject.task.id != subject.task.id) return fail(errc::unknown_task);
    if (const auto same = vote.matches(subject); !same) return same;
    if (!vote.is_signed()) return fail(crypto::errc::invalid_signature);
    return verify_selection(validators, vote.voter, subject.task, rate, report.proof);
}

}  // namespace pouw::inline v1::validation
