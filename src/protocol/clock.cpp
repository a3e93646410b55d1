#include "pouw/protocol/clock.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/protocol/errc.hpp"

#include <algorithm>

namespace pouw::inline v1::protocol {
namespace {

using core::fail;
using core::result;

constexpr std::uint32_t round_limit = 64;

/// The blocks by which a further round starts later.
std::uint64_t round_length(const ClockParameters& p) { return std::uint64_t{p.ceremony.deal} + 1; }

std::uint64_t length_of_ceremony(const ClockParameters& p) {
    return (p.rounds - 1) * round_length(p) + p.ceremony.deal + p.ceremony.finality + p.ceremony.reveal +
           p.recovery;
}

/// The blocks from the block before which nothing of a ceremony counts to its end.
std::uint64_t length_from_freeze(const ClockParameters& p) {
    return length_of_ceremony(p) + 1 + p.ceremony.finality;
}

/// The blocks from the seed block to the activation where all ceremonies are in time.
std::uint64_t length_to_activation(const ClockParameters& p) {
    const std::uint64_t to_samples =
        std::uint64_t{p.race} + p.submission + 1 - p.ceremony.deal + length_of_ceremony(p);
    return to_samples + p.opening + p.verification + 1;
}

result<void> check_windows(const ClockParameters& p) {
    for (const std::uint32_t window : {p.race, p.submission, p.opening, p.verification, p.ceremony.deal,
                                       p.ceremony.reveal, p.recovery, p.head_start}) {
        if (window == 0 || window > beacon::window_limit) return fail(errc::invalid_window);
    }
    if (p.ceremony.finality > beacon::window_limit) return fail(errc::invalid_window, "the finality");
    if (p.rounds == 0 || p.rounds > round_limit) return fail(errc::invalid_window, "the rounds");
    if (p.period == 0 || p.period > period_limit) return fail(errc::invalid_window, "the period");
    if (!p.largest_head_start.is_probability())
        return fail(errc::invalid_window, "the bound of the head start");
    return {};
}

result<void> check(const ClockParameters& p) {
    if (const auto windows = check_windows(p); !windows) return windows;
    if (p.race <= p.ceremony.finality) return fail(errc::unsettled_seed);
    if (p.ceremony.deal > std::uint64_t{p.race} + p.submission) return fail(errc::early_samples);
    if (length_to_activation(p) + length_from_freeze(p) > p.period) return fail(errc::short_period);
    if (p.first.value < length_from_freeze(p)) return fail(errc::early_race);
    if (core::Fraction{p.head_start, p.race} > p.largest_head_start) return fail(errc::head_start);
    if (p.first > last_height) return fail(core::errc::overflow, "the first Race");
    return {};
}

/// The schedule of a ceremony whose first round starts at `start`.
CeremonySchedule ceremony_at(const ClockParameters& p, std::uint64_t start) {
    return {start - 1 - p.ceremony.finality, start, start + p.ceremony.deal + p.ceremony.finality,
            start + length_of_ceremony(p)};
}

}  // namespace

std::string_view name(Phase phase) noexcept {
    switch (phase) {
        case Phase::tasks:
            return "tasks";
        case Phase::ceremony:
            return "ceremony";
        case Phase::race:
            return "race";
        case Phase::submission:
            return "submission";
        case Phase::sampling:
            return "sampling";
        case Phase::opening:
            return "opening";
        case Phase::verification:
            return "verification";
    }
    return "unknown";
}

Phase RaceSchedule::phase(core::Height height) const noexcept {
    if (height < seed_ceremony.start || height >= activation) return Phase::tasks;
    if (height <= seed) return Phase::ceremony;
    if (height <= race_end) return Phase::race;
    if (height <= commitments_end) return Phase::submission;
    if (height < openings_start) return Phase::sampling;
    if (height <= openings_end) return Phase::opening;
    return Phase::verification;
}

result<void> RaceSchedule::admit_commitment(core::Height height) const noexcept {
    if (height <= seed) return fail(core::errc::too_early);
    if (height > commitments_end) return fail(core::errc::too_late);
    return {};
}

result<void> RaceSchedule::admit_opening(core::Height height) const noexcept {
    if (height < openings_start) return fail(core::errc::too_early);
    if (height > openings_end) return fail(core::errc::too_late);
    return {};
}

result<RaceClock> RaceClock::create(const ClockParameters& parameters) {
    if (const auto valid = check(parameters); !valid) return valid.error();
    RaceClock out{parameters};
    out.slack_ = parameters.period - length_to_activation(parameters) - length_from_freeze(parameters);
    return out;
}

std::uint64_t RaceClock::ceremony_length() const noexcept { return length_of_ceremony(parameters_); }

std::uint64_t RaceClock::seed_of(core::Epoch epoch) const noexcept {
    return parameters_.first.value + (epoch.value - 1) * parameters_.period;
}

core::Epoch RaceClock::epoch_of(core::Height height) const noexcept {
    if (height < parameters_.first) return 0;
    return 1 + (height - parameters_.first) / parameters_.period;
}

core::Height RaceClock::next_seed(core::Height height) const {
    POUW_EXPECTS(height <= last_height);
    return seed_of(epoch_of(height) + 1);
}

Phase RaceClock::phase(core::Height height) const {
    POUW_EXPECTS(height <= last_height);
    // The ceremony before a Race belongs to its schedule.
    const core::Epoch epoch = epoch_of(height + ceremony_length());
    return epoch == core::Epoch{0} ? Phase::tasks : schedule_at(epoch, {}).phase(height);
}

core::Epoch RaceClock::weights_of(core::Height height) const {
    POUW_EXPECTS(height <= last_height);
    const core::Epoch epoch = epoch_of(height);
    if (epoch == core::Epoch{0} || height >= schedule_at(epoch, {}).activation) return epoch;
    return epoch.value - 1;
}

RaceSchedule RaceClock::schedule_at(core::Epoch epoch, const CompletedCeremonies& completed) const {
    const ClockParameters& p = parameters_;
    const core::Height scheduled = seed_of(epoch);
    RaceSchedule out;
    out.epoch = epoch;
    out.seed_ceremony = ceremony_at(p, scheduled.value - ceremony_length());
    out.seed = std::max(scheduled, completed.seed.value_or(scheduled));
    out.race_end = out.seed + p.race;
    out.commitments_end = out.race_end + p.submission;
    // Nobody knows the samples before the commitments are closed and final.
    out.sample_ceremony = ceremony_at(p, out.commitments_end.value + 1 - p.ceremony.deal);
    const core::Height end = out.sample_ceremony.end;
    out.openings_start = std::max(end, completed.samples.value_or(end)) + 1;
    out.openings_end = out.openings_start + (p.opening - 1);
    out.handover = out.openings_end + p.verification;
    out.activation = out.handover + 1;
    return out;
}

result<core::Height> RaceClock::last_activation(core::Epoch epoch) const {
    if (epoch == core::Epoch{0}) return fail(errc::no_race);
    // The freeze of the next epoch is the last height that there must be.
    if (epoch > epoch_of(last_height) || seed_of(epoch + 1) > last_height.value)
        return fail(core::errc::overflow);
    return core::Height{seed_of(epoch + 1) - length_from_freeze(parameters_)};
}

result<RaceSchedule> RaceClock::schedule(core::Epoch epoch, const CompletedCeremonies& completed) const {
    const auto latest = last_activation(epoch);
    if (!latest) return latest.error();
    for (const auto& height : {completed.seed, completed.samples}) {
        if (height && *height > last_height) return fail(errc::late_output);
    }
    const RaceSchedule out = schedule_at(epoch, completed);
    if (completed.seed && *completed.seed < out.seed_ceremony.known_at) return fail(errc::early_output);
    if (completed.samples && *completed.samples < out.sample_ceremony.known_at)
        return fail(errc::early_output, "the samples");
    if (out.activation > *latest) return fail(errc::late_output);
    return out;
}

result<pow::RaceSeed> RaceClock::race_seed(const core::ChainId& chain, core::Epoch epoch,
                                           const beacon::Output& output, core::Height height,
                                           const core::BlockHash& block) const {
    const auto found = schedule(epoch, {.seed = output.height});
    if (!found) return found.error();
    if (output.known_at < found->seed_ceremony.known_at) return fail(errc::early_output);
    if (height != found->seed) return fail(errc::other_seed_block);
    return pow::race_seed({chain, height, block, output.value});
}

}  // namespace pouw::inline v1::protocol
