/// EPOCH.json: an epoch of `pouw settle`. Read as a stream: memory does not grow with the tasks.
#pragma once

#include "cli/json_fields.hpp"

#include "pouw/economics/ledger.hpp"

#include <functional>
#include <istream>

namespace pouw::cli {

struct SettledEpoch {
    economics::Statement statement;
    economics::Ledger ledger;  ///< with this epoch
};

/// Called for every task, in order, when it has been taken.
using OnTask = std::function<void(const economics::TaskRecord&, const economics::TaskOutcome&)>;

/// Settles the epoch. Throws `Rejected`, and `std::invalid_argument` for what is no JSON.
[[nodiscard]] SettledEpoch settle_epoch(std::istream& in, const OnTask& on_task);

/// The statement as `pouw settle --json` prints it, but for the payouts to requesters.
[[nodiscard]] Json to_json(const SettledEpoch& settled);

/// One payout.
[[nodiscard]] Json to_json(const economics::Payout& payout);

/// The payouts of a task to its requester: unspent, refund, deposit, those above 0.
[[nodiscard]] std::vector<economics::Payout> requester_payouts(const economics::TaskRecord& task,
                                                          const economics::TaskOutcome& outcome);

}  // namespace pouw::cli
