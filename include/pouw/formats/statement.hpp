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

/// A settlement statement. Its sums are not checked: settle the epoch again to check them.
/// Errors: those of the text.
[[nodiscard]] POUW_API parsed<economics::Statement> parse_statement(std::string_view text,
                                                                    const Limits& limits = {});
/// The JSON of a statement.
/// Expects: no negative amount.
[[nodiscard]] POUW_API std::string to_json(const economics::Statement& statement);

/// The payouts of a task to its requester, those above 0: unspent, refund, deposit.
[[nodiscard]] POUW_API std::vector<economics::Payout> requester_payouts(
    const economics::TaskRecord& task, const economics::TaskOutcome& outcome);

/// The JSON of one payout of a task to its requester.
[[nodiscard]] POUW_API std::string to_json(const core::TaskId& task, const economics::Payout& payout);

/// The JSON array of the reputations of a statement's nodes after its epoch.
[[nodiscard]] POUW_API std::string reputations_to_json(const economics::Statement& statement,
                                                       const economics::Ledger& ledger);

}  // namespace pouw::inline v1::formats
