/// What a selected validator found: its vote on the result, and the proof that it was to check.
/// docs/spec/validation.md section 5.
///
/// By these a chain counts who did its share of the checks. The vote of a report that says "invalid" flags
/// the result: the chain puts it to the vote (voting.hpp), where the same vote counts.
#pragma once

#include "pouw/validation/selection.hpp"
#include "pouw/validation/vote.hpp"

namespace pouw::validation {

struct Report {
    static constexpr std::size_t size = Vote::size + vrf::Proof::size;

    Vote vote;
    vrf::Proof proof;

    /// `size` bytes.
    [[nodiscard]] core::Bytes encode() const;
    /// The inverse of `encode`, and of nothing else; nothing is verified. Errors: core::errc::wrong_length,
    /// and those of `Vote::decode`.
    [[nodiscard]] static core::result<Report> decode(core::ByteView data);

    friend bool operator==(const Report&, const Report&) = default;
};

/// That a validator which was to check this result says what the report says. Errors, in this order:
/// errc::other_chain, errc::other_epoch, errc::unknown_task, errc::other_executor, errc::other_result for a
/// report about something else; crypto::errc::invalid_signature; those of `verify_selection`. Expects a
/// subject of the validators' epoch and `rate.denominator >= 1`. Cost: one signature and one VRF
/// verification, about 360 µs.
[[nodiscard]] core::result<void> verify_report(const Validators& validators, const Subject& subject,
                                               const core::Fraction& rate, const Report& report);

}  // namespace pouw::validation
