/// Challenges: a validator that reported no check of some tasks proves that it was not selected for them.
///
/// A VRF does not force a node to publish. When the reports of an epoch are closed, a younger beacon output
/// draws some of the tasks in which a validator reported no check, and the validator answers with its VRF
/// proofs. stats/sampling.hpp computes the probability that a withheld selection is detected. Nobody can
/// check a result that does not exist or comes too late: such a task is no part of a challenge.
/// Source: docs/spec/validation.md section 3.
#pragma once

#include "pouw/beacon/output.hpp"
#include "pouw/core/conviction.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/validation/selection.hpp"
#include "pouw/validation/task.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pouw::inline v1::validation {

/// A task of the epoch that has a result and in which the validator reported no check. A task without a
/// result is none: nobody owes a check of it.
struct POUW_API UncheckedTask {
    Task task;
    core::Fraction rate;    ///< at which it was to be checked
    core::Height answered;  ///< the block in which the executor committed to its result

    friend bool operator==(const UncheckedTask&, const UncheckedTask&) = default;
};

/// The state of a challenge.
enum class Answer : std::uint8_t {
    awaited,   ///< the deadline has not passed, and a question is open
    cleared,   ///< every question is answered by a non-selection
    withheld,  ///< a selection was not reported: an answer shows it, or the task has it as a guaranteed one
    silent     ///< the deadline has passed, and a question is open
};

/// The terms of a challenge.
struct POUW_API ChallengeTerms {
    /// The last block whose results owe a check: below `reports_closed` by the time that a check takes.
    core::Height answers_closed;
    core::Height reports_closed;  ///< the last block whose reports count
    std::uint64_t samples = 0;    ///< questions, at most
    core::Height deadline;        ///< the last block whose answers count
};

/// The challenge of one validator. It is a value that follows from what was drawn and from the answers since.
/// Threads: not shareable while it changes.
class POUW_API Challenge {
  public:
    /// The challenge with `min(samples, unchecked.size())` of the tasks, drawn by an output that nobody could
    /// know before the reports were closed. `unchecked` is in strictly ascending order of ids. Tasks that
    /// have the validator as a guaranteed one need no question: the first of them convicts at
    /// `output.height`, and the questions are drawn from the others.
    /// Expects: `answers_closed` below `reports_closed`; no task without a result.
    /// Errors: errc::early_output unless `output.known_at` lies after `reports_closed`; those of
    ///     `Validators::find`; errc::own_work for a task of the validator itself; core::errc::too_late for a
    ///     task whose result came after `answers_closed`; errc::duplicate_task, errc::task_out_of_order.
    /// Cost: about 1 µs for each sample, and for each task whose rate is 1 or more.
    [[nodiscard]] static core::result<Challenge> draw(const Validators& validators,
                                                      const core::NodeId& validator,
                                                      std::span<const UncheckedTask> unchecked,
                                                      const beacon::Output& output,
                                                      const ChallengeTerms& terms);

    [[nodiscard]] const core::NodeId& validator() const noexcept { return validator_; }
    [[nodiscard]] core::Height deadline() const noexcept { return deadline_; }

    /// The tasks that are asked for and not answered yet, in the order in which they were drawn.
    [[nodiscard]] std::vector<UncheckedTask> open() const;

    /// Takes the proof for one task in the block at `height`. Anybody may send it, because only the validator
    /// can have made it. A proof of selection is taken too, and shows what was withheld. A refusal changes
    /// nothing.
    /// Expects: the validators of `draw`.
    /// Errors: core::errc::too_late; errc::unknown_task for a task that is not asked for;
    ///     errc::already_answered; those of `check_proof`.
    /// Cost: one VRF verification.
    [[nodiscard]] core::result<void> answer(const Validators& validators, const core::TaskId& task,
                                            const vrf::Proof& proof, core::Height height);

    /// The state at the end of the block at `height`.
    [[nodiscard]] Answer state(core::Height height) const noexcept;

    /// The conviction of the validator at the end of the block at `height`: for the first task that has it as
    /// a guaranteed validator, else for the first answer that shows a selection, or for silence when the
    /// deadline has passed.
    [[nodiscard]] std::optional<core::Conviction> conviction(core::Height height) const;

    friend bool operator==(const Challenge&, const Challenge&) = default;

  private:
    struct Question {
        UncheckedTask about;
        Answer answer = Answer::awaited;

        friend bool operator==(const Question&, const Question&) = default;
    };

    Challenge(const EpochBeacon& epoch, const core::NodeId& validator, core::Height deadline);
    [[nodiscard]] core::Conviction convicted(core::Ground ground, std::span<const UncheckedTask> tasks,
                                             core::Height height) const;

    EpochBeacon epoch_;
    core::NodeId validator_;
    core::Height deadline_;
    std::vector<Question> questions_;
    std::optional<core::Conviction> withheld_;
};

}  // namespace pouw::inline v1::validation
