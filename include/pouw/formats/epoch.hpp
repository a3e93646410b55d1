/// An epoch with all its tasks as JSON: what `pouw settle` reads. docs/formats.md has the schema.
#pragma once

#include "pouw/core/conviction.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/economics/ledger.hpp"
#include "pouw/economics/rewards.hpp"
#include "pouw/economics/settlement.hpp"
#include "pouw/formats/parsed.hpp"
#include "pouw/formats/text.hpp"
#include "pouw/weights/weights.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pouw::inline v1::formats {

/// A node that takes part in an epoch.
struct POUW_API EpochNode {
    core::NodeId node;
    std::uint64_t weight = 0;          ///< in the table that judges the epoch
    economics::Reputation reputation;  ///< before the epoch

    friend bool operator==(const EpochNode&, const EpochNode&) = default;
};

/// The head of an epoch: all of its text but the tasks.
struct POUW_API EpochHead {
    core::Epoch epoch;
    core::Epoch settled;  ///< the epoch that was settled last
    economics::ReputationCurve curve;
    economics::Rules rules;
    economics::Issuance issuance;
    std::vector<EpochNode> nodes;                 ///< ascending
    std::uint64_t unassigned = 0;                 ///< weight of no node, which counts in the total
    std::vector<core::Conviction> convictions{};  ///< by evidence that came in the epoch
    std::vector<core::NodeId> unregistered{};     ///< nodes with weight and without a VRF key

    friend bool operator==(const EpochHead&, const EpochHead&) = default;
};

/// An epoch that takes tasks.
struct POUW_API OpenEpoch {
    weights::WeightTable judges;
    economics::Ledger ledger;  ///< before the epoch
    economics::Settlement settlement;
    economics::Issuance issuance;
};

/// The ledger and the settlement of an epoch. The path of a refusal is the path in the text.
/// Errors: those of `economics::Ledger` and `weights::WeightTable` when they are created, and of
///     `economics::Settlement` when it is created and takes convictions.
[[nodiscard]] POUW_API parsed<OpenEpoch> open_epoch(const EpochHead& head);

/// The callbacks that receive the parts of an epoch while its text is read. A refusal ends the reading.
struct POUW_API EpochEvents {
    /// Receives the head, before the first task and also where there are no tasks. May be empty.
    std::function<std::optional<Refusal>(const EpochHead&)> head{};
    /// Receives a task, which views its checks and votes and is valid during the call. It has no ruling yet:
    /// see `validation::final_ruling`. An error refuses the task. May be empty.
    std::function<core::result<void>(const economics::TaskRecord&)> task{};
};

/// Reads an epoch, one task at a time. Returns the refusal, if there is one.
/// Errors: those of the text, and of the events.
/// Cost: memory in proportion to the nodes and the largest task, for any number of tasks.
[[nodiscard]] POUW_API std::optional<Refusal> read_epoch(const NextPiece& next, const EpochEvents& events,
                                                         const Limits& limits = {});

/// A settled epoch.
struct POUW_API SettledEpoch {
    economics::Statement statement;
    economics::Ledger ledger;  ///< with this epoch
};

/// Receives each task, in order, when the settlement has taken it.
using OnTask = std::function<void(const economics::TaskRecord&, const economics::TaskOutcome&)>;

/// Settles an epoch while its text is read. `validation::final_ruling` rules on the votes of a task.
/// Errors: those of `read_epoch`, `open_epoch`, and of `economics::Settlement` for tasks and at the end.
[[nodiscard]] POUW_API parsed<SettledEpoch> settle_epoch(const NextPiece& next, const OnTask& on_task = {},
                                                         const Limits& limits = {});
/// Settles an epoch whose text is in memory as a whole.
/// Errors: as above.
[[nodiscard]] POUW_API parsed<SettledEpoch> settle_epoch(std::string_view text, const OnTask& on_task = {},
                                                         const Limits& limits = {});

/// The JSON of an epoch.
/// Expects: no negative amount.
[[nodiscard]] POUW_API std::string to_json(const EpochHead& head,
                                           std::span<const economics::TaskRecord> tasks);

}  // namespace pouw::inline v1::formats
