/// Settlement statements as JSON. docs/formats.md has the schemas.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/economics/ledger.hpp"
#include "pouw/economics/settlement.hpp"
#include "pouw/formats/parsed.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pouw::inline v1::formats {

/// A statement. Whether its sums are right, its reader checks by settling the epoch again.
/// Errors: those of the text.
[[nodiscard]] POUW_API parsed<economics::Statement> parse_statement(std::string_view text,
                                                                    const Limits& limits = {});
/// Expects: no negative amount.
[[nodiscard]] POUW_API std::string to_json(const economics::Statement& statement);

/// The payouts of a task to its requester, those above 0: unspent, refund, deposit.
[[nodiscard]] POUW_API std::vector<economics::Payout> requester_payouts(
    const economics::TaskRecord& task, const economics::TaskOutcome& outcome);

/// One payout of a task to its requester.
[[nodiscard]] POUW_API std::string to_json(const core::TaskId& task, const economics::Payout& payout);

/// The reputations of the nodes of a statement after its epoch: an array.
[[nodiscard]] POUW_API std::string reputations_to_json(const economics::Statement& statement,
                                                       const economics::Ledger& ledger);

}  // namespace pouw::inline v1::formats
