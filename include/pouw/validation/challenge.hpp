/// Withheld selections: a validator that was selected and says nothing is asked. docs/spec/validation.md
/// section 3.
///
/// A VRF makes nobody publish. So after the epoch, when what was checked is on the chain, randomness that is
/// younger than that draws some of the tasks in which a validator reported no check, and the validator must
/// show by its VRF proofs that it was not selected for them. Who withheld one of so many selections is caught
/// with the chance that stats/sampling.hpp computes.
#pragma once

#include "pouw/core/fraction.hpp"
#include "pouw/core/result.hpp"
#include "pouw/validation/epoch.hpp"
#include "pouw/validation/selection.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pouw::validation {

/// A task of the epoch in which the validator reported no check, and the rate at which it was to be checked.
struct UncheckedTask {
    Task task;
    core::Fraction rate;

    friend bool operator==(const UncheckedTask&, const UncheckedTask&) = default;
};

/// What a challenge has come to.
enum class Answer : std::uint8_t {
    awaited,   ///< before the deadline, and not all is answered
    cleared,   ///< every task asked for was answered: not selected
    withheld,  ///< a proof shows a selection that was not reported
    silent     ///< the deadline has passed, and not all is answered
};

/// The questions to one validator. A value, which follows from what was drawn and the answers since; not
/// shared between threads while it changes.
class Challenge {
  public:
    /// Draws `min(samples, unchecked.size())` of the tasks. `fresh` is randomness that nobody could know
    /// before the reports of the epoch were closed. `unchecked` is in strictly ascending order of ids;
    /// `deadline` is the last block in which an answer counts. Errors: errc::task_out_of_order,
    /// errc::duplicate_task; errc::own_work for a task of the validator itself; those of `Validators::find`.
    /// Expects `rate.denominator >= 1` in every task. Cost: about 1 µs a sample.
    [[nodiscard]] static core::result<Challenge> draw(const Validators& validators,
                                                      const crypto::PublicKey& validator,
                                                      std::span<const UncheckedTask> unchecked,
                                                      const crypto::Hash256& fresh, std::uint64_t samples,
                                                      std::uint64_t deadline);

    [[nodiscard]] const crypto::PublicKey& validator() const noexcept { return validator_; }
    [[nodiscard]] std::uint64_t deadline() const noexcept { return deadline_; }

    /// The tasks that are asked for and not answered yet, in the order in which they were drawn.
    [[nodiscard]] std::vector<UncheckedTask> open() const;

    /// Takes the proof for one task in the block at `height`. Whoever brings it, only the validator can have
    /// made it. A proof of selection is taken too: it shows what was withheld. A refusal changes nothing.
    /// Errors: core::errc::too_late, errc::unknown_task for one that is not asked for,
    /// errc::already_answered, and those of `check_proof`. Expects the validators of `draw`. Cost: one VRF
    /// verification.
    [[nodiscard]] core::result<void> answer(const Validators& validators, const core::TaskId& task,
                                            const vrf::Proof& proof, std::uint64_t height);

    /// As of the end of the block at `height`.
    [[nodiscard]] Answer state(std::uint64_t height) const noexcept;

    friend bool operator==(const Challenge&, const Challenge&) = default;

  private:
    struct Question {
        UncheckedTask about;
        Answer answer = Answer::awaited;

        friend bool operator==(const Question&, const Question&) = default;
    };

    Challenge() = default;

    Epoch epoch_;
    crypto::PublicKey validator_;
    std::uint64_t deadline_ = 0;
    std::vector<Question> questions_;
};

}  // namespace pouw::validation
