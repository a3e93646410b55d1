/// Reports: the vote of a selected validator, with the proof of its selection.
///
/// A chain counts by reports which nodes did their share of the checks. A report that says invalid flags the
/// result: the chain puts it to the vote (voting.hpp), where the vote of the report counts.
/// Source: docs/spec/validation.md section 5.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/validation/selection.hpp"
#include "pouw/validation/vote.hpp"

namespace pouw::inline v1::validation {

/// A vote on the result, and the proof that the voter was selected to check it.
struct POUW_API Report {
    static constexpr std::size_t size = Vote::size + vrf::Proof::size;

    Vote vote;
    vrf::Proof proof;

    /// The encoding, of `size` bytes.
    [[nodiscard]] core::Bytes encode() const;
    /// The inverse of `encode`, and of nothing else; it verifies nothing.
    /// Errors: core::errc::wrong_length, and those of `Vote::decode`.
    [[nodiscard]] static core::result<Report> decode(core::ByteView data);

    friend bool operator==(const Report&, const Report&) = default;
};

/// Verifies that a validator which was selected for this result signed the report.
/// Expects: a subject of the validators' epoch.
/// Errors: in this order, errc::other_chain, errc::other_epoch, errc::unknown_task, errc::other_executor,
///     errc::other_result for a report on another subject; crypto::errc::invalid_signature; those of
///     `verify_selection`.
/// Cost: one signature and one VRF verification, about 360 µs.
[[nodiscard]] POUW_API core::result<void> verify_report(const Validators& validators, const Subject& subject,
                                                        const core::Fraction& rate, const Report& report);

}  // namespace pouw::inline v1::validation
