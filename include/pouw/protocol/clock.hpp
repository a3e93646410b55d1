/// The clock of the Race: at which heights each part of an epoch begins and ends. Pure functions of heights.
///
///     ─ seed ceremony ─> seed block ─ Race ─ submission ─> sampling ─> opening ─ verification ─> activation
///     ─ tasks ─
///
/// The seed of the Race is derived from the ceremony's output and from the hash of the seed block, whose
/// height is not below that at which everybody knows the output. The output alone would not do: a dealer that
/// withholds its reveal knows it up to the reveal window and the recovery before all others, and would search
/// that much longer. The hash exists for nobody before the block before is fixed. Who makes the seed block
/// knows it first, and can choose among the blocks that it can make, for as long as it may keep its block
/// back. That is a head start of the blocks that one coalition makes in a row, which `ClockParameters` bounds
/// against the Race. To try several blocks gains nothing beyond it: what is found under a seed that is then
/// not used is lost, so the solutions kept are on average at most as many as those of a search of the same
/// length under one seed. The hash enters the seed of the Race and nothing else: who executes, who validates
/// and what is sampled follow from outputs alone, which nobody chooses.
/// Source: docs/spec/protocol.md section 1; white paper, chapter 4 and appendix B.
#pragma once

#include "pouw/beacon/ceremony.hpp"
#include "pouw/beacon/output.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/pow/seeds.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace pouw::inline v1::protocol {

/// The largest period, and the last height that a clock tells anything about.
inline constexpr std::uint64_t period_limit = std::uint64_t{1} << 40;
inline constexpr core::Height last_height{(std::uint64_t{1} << 63) - 1};

/// Lengths in blocks. There are no defaults: how long a block takes is the chain's. The white paper has a
/// Race of about ten minutes.
struct POUW_API ClockParameters {
    core::Height first;              ///< the seed block of the first Race, that of epoch 1
    std::uint64_t period = 0;        ///< from one Race to the next; at most `period_limit`
    std::uint32_t race = 0;          ///< the Race; longer than `ceremony.finality`
    std::uint32_t submission = 0;    ///< after the Race: commitments to its results still count
    std::uint32_t opening = 0;       ///< openings of the samples count
    std::uint32_t verification = 0;  ///< fraud proofs count, and the nodes agree on the new weights
    beacon::Windows ceremony;        ///< of both ceremonies; `finality` is the chain's finality depth
    std::uint32_t rounds = 1;        ///< rounds for which there is time: all but the last may be abandoned
    std::uint32_t recovery = 0;      ///< blocks after the reveal window in which honest holders recover
    /// The longest run of blocks that a coalition makes, the seed block at its end.
    std::uint32_t head_start = 0;
    /// The part of the Race that the head start may be at most; above 0 and below 1.
    core::Fraction largest_head_start;
};

/// The heights of one of the two ceremonies of an epoch. Its sessions have the number of the epoch
/// (`beacon::SessionId`); round k starts at `start` + k · (deal window + 1).
struct POUW_API CeremonySchedule {
    core::Height freeze;  ///< the last block whose registrations and weights count: final when dealing starts
    core::Height start;   ///< the first block of the deal window of the first round
    core::Height known_at;  ///< the first block from which on anybody may know the output
    core::Height end;       ///< the last block in which the ceremony becomes complete if it is in time

    friend bool operator==(const CeremonySchedule&, const CeremonySchedule&) = default;
};

/// The part of an epoch in which a block stands.
enum class Phase : std::uint8_t {
    tasks,         ///< none of the following
    ceremony,      ///< the seed of the Race is made, up to and including the seed block
    race,          ///< nodes search, and may commit
    submission,    ///< nodes may commit; what is found now counts too
    sampling,      ///< the seed of the samples is made
    opening,       ///< nodes open the samples
    verification,  ///< fraud proofs count; the last block hands over to the new weights
};

/// The name of a phase.
[[nodiscard]] POUW_API std::string_view name(Phase phase) noexcept;

/// The heights of the Race of one epoch.
struct POUW_API RaceSchedule {
    core::Epoch epoch;
    CeremonySchedule seed_ceremony;
    core::Height seed;                 ///< the block whose hash is part of the seed; the Race starts after it
    core::Height race_end;             ///< the last block of the Race
    core::Height commitments_end;      ///< the last block whose commitments count: the deadline of submission
    CeremonySchedule sample_ceremony;  ///< its output is the seed of the samples (`proof::SamplingSeed`)
    core::Height openings_start;       ///< the first block whose openings count
    core::Height openings_end;         ///< the last one
    /// The last block that the old weights sign. It names the digest of the new table
    /// (`validation::BlockStatement::next_weights`).
    core::Height handover;
    core::Height activation;  ///< the first block that the new weights sign; here `WeightSchedule::advance`

    /// The phase of a block; `tasks` before the ceremony and from the activation on.
    [[nodiscard]] Phase phase(core::Height height) const noexcept;

    /// Whether a commitment in this block counts.
    /// Errors: core::errc::too_early up to the seed block, core::errc::too_late after the deadline.
    [[nodiscard]] core::result<void> admit_commitment(core::Height height) const noexcept;
    /// Whether an opening in this block counts.
    /// Errors: core::errc::too_early, core::errc::too_late.
    [[nodiscard]] core::result<void> admit_opening(core::Height height) const noexcept;

    friend bool operator==(const RaceSchedule&, const RaceSchedule&) = default;
};

/// The heights at which the ceremonies of an epoch became complete (`beacon::Output::height`); nothing for
/// one that is not yet complete and is taken to be in time.
struct POUW_API CompletedCeremonies {
    std::optional<core::Height> seed{};
    std::optional<core::Height> samples{};
};

/// The clock of a chain.
/// Threads: immutable; shareable.
class POUW_API RaceClock {
  public:
    /// Errors: in this order, errc::invalid_window for a length of 0 or above its limit (`finality` may be
    /// 0),
    ///     more than 64 rounds, or a bound of the head start that is no probability; errc::unsettled_seed
    ///     unless the Race is longer than the finality; errc::early_samples when the deal window is longer
    ///     than Race and submission together; errc::short_period unless the new weights vote when the next
    ///     ceremony is frozen; errc::early_race; errc::head_start; core::errc::overflow for a first Race
    ///     after `last_height`.
    [[nodiscard]] static core::result<RaceClock> create(const ClockParameters& parameters);

    [[nodiscard]] const ClockParameters& parameters() const noexcept { return parameters_; }

    /// The blocks from the start of a ceremony to the block at which it is complete if it is in time.
    [[nodiscard]] std::uint64_t ceremony_length() const noexcept;
    /// The blocks by which both outputs of an epoch together may be late without the loss of its Race.
    [[nodiscard]] std::uint64_t slack() const noexcept { return slack_; }

    /// The epoch of a block: that of the last scheduled seed block up to it; 0 before the first one.
    [[nodiscard]] core::Epoch epoch_of(core::Height height) const noexcept;
    /// The next scheduled seed block after this block.
    /// Expects: a height of at most `last_height`.
    [[nodiscard]] core::Height next_seed(core::Height height) const;
    /// The phase of a block where all ceremonies are in time.
    /// Expects: a height of at most `last_height`.
    [[nodiscard]] Phase phase(core::Height height) const;
    /// The epoch whose weights sign this block where all ceremonies are in time; 0 is genesis.
    /// Expects: a height of at most `last_height`.
    [[nodiscard]] core::Epoch weights_of(core::Height height) const;

    /// The heights of the Race of an epoch. A late ceremony moves everything behind it: the seed block is the
    /// block in which the output became complete, if that comes after the scheduled one, and openings start
    /// after the block in which the samples are known.
    /// Errors: errc::no_race for epoch 0; core::errc::overflow for heights above `last_height`;
    ///     errc::early_output for a ceremony that is complete before `known_at`; errc::late_output when the
    ///     new weights would not vote at `last_activation`. The epoch then has no Race.
    [[nodiscard]] core::result<RaceSchedule> schedule(core::Epoch epoch,
                                                      const CompletedCeremonies& completed = {}) const;

    /// The last block at which new weights can become active in an epoch. In an epoch without a Race the same
    /// table goes on from this block, handed over by the block before it.
    /// Errors: errc::no_race for epoch 0; core::errc::overflow.
    [[nodiscard]] core::result<core::Height> last_activation(core::Epoch epoch) const;

    /// The seed of the Race of an epoch, from the output of its seed ceremony and the hash of the seed block.
    /// Errors: those of `schedule`; errc::early_output for an output that was known before this ceremony;
    ///     errc::other_seed_block for a block of another height than the schedule's `seed`.
    [[nodiscard]] core::result<pow::RaceSeed> race_seed(const core::ChainId& chain, core::Epoch epoch,
                                                        const beacon::Output& output, core::Height height,
                                                        const core::BlockHash& block) const;

  private:
    explicit RaceClock(const ClockParameters& parameters) : parameters_{parameters} {}

    /// The scheduled seed block of an epoch.
    [[nodiscard]] std::uint64_t seed_of(core::Epoch epoch) const noexcept;
    /// The heights of an epoch whose heights exist.
    [[nodiscard]] RaceSchedule schedule_at(core::Epoch epoch, const CompletedCeremonies& completed) const;

    ClockParameters parameters_;
    std::uint64_t slack_ = 0;
};

}  // namespace pouw::inline v1::protocol
