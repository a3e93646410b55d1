/// CYCLE.json: a cycle of `pouw settle`. Read as a stream: memory does not grow with the tasks.
#pragma once

#include "cli/json_fields.hpp"

#include "pouw/economics/ledger.hpp"

#include <functional>
#include <istream>

namespace pouw::cli {

struct SettledCycle {
    economics::Statement statement;
    economics::Ledger ledger;  ///< with this cycle
};

/// Called for every task, in order, when it has been taken.
using OnTask = std::function<void(const economics::Task&, const economics::TaskOutcome&)>;

/// Settles the cycle. Throws `Rejected`, and `std::invalid_argument` for what is no JSON.
[[nodiscard]] SettledCycle settle_cycle(std::istream& in, const OnTask& on_task);

/// The statement as `pouw settle --json` prints it, but for the payouts to users.
[[nodiscard]] Json to_json(const SettledCycle& settled);

/// One payout.
[[nodiscard]] Json to_json(const economics::Payout& payout);

/// The payouts of a task to its user: unspent, refund, deposit, those above 0.
[[nodiscard]] std::vector<economics::Payout> user_payouts(const economics::Task& task,
                                                          const economics::TaskOutcome& outcome);

}  // namespace pouw::cli
