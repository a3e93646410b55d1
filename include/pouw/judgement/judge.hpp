/// The judgement of one node over one cycle: outcomes of its checks in, in the order of the chain; a
/// conviction out, or none. White paper, chapter 6 ("Verification challenges"); docs/spec/judgement.md
/// section 4.
///
/// An honest node fails a check now and then: machines round differently, answers get lost. So a node is
/// convicted by numbers that an honest one reaches with a chance that the chain has chosen, in three ways,
/// each of which may be left out: a run of failures (quickly), a sequential test (soon), and a test of the
/// whole cycle (at its end).
#pragma once

#include "pouw/core/fraction.hpp"
#include "pouw/core/result.hpp"
#include "pouw/stats/binomial.hpp"
#include "pouw/stats/sequential.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace pouw::judgement {

/// Failures in a row convict when an honest node has them with a chance below `limit`.
struct RunRule {
    core::Fraction honest_rate;
    core::Fraction limit;
};

/// A sequential test after every check. When it accepts the node it starts again from nothing.
struct SequentialRule {
    core::Fraction honest_rate;
    core::Fraction dishonest_rate;
    std::variant<stats::ErrorRates, stats::LogarithmLimits> limits;
};

/// A binomial test of all checks of the cycle.
struct CycleRule {
    core::Fraction honest_rate;
    core::Fraction significance;
};

struct JudgementRules {
    std::optional<RunRule> run{};
    std::optional<SequentialRule> sequential{};
    std::optional<CycleRule> cycle{};
};

/// What convicts; `none` where nothing does.
enum class Ground : std::uint8_t { none, run, sequential, cycle };

[[nodiscard]] constexpr std::string_view name(Ground ground) noexcept {
    constexpr std::string_view names[] = {"none", "run", "sequential", "cycle"};
    return names[static_cast<std::size_t>(ground)];
}

/// What came of a check.
enum class Outcome : std::uint8_t { passed, failed };

/// All that is known of a node in a cycle; the next cycle starts from `Tally{}`.
struct Tally {
    std::uint32_t checks = 0;
    std::uint32_t failures = 0;
    std::uint32_t run = 0;                  ///< failures since the last pass
    std::uint32_t sequential_failures = 0;  ///< since the sequential test last accepted
    std::uint32_t sequential_passes = 0;
    std::uint32_t acceptances = 0;  ///< of the sequential test
    Ground ground = Ground::none;   ///< of a conviction before the end of the cycle

    friend constexpr auto operator<=>(const Tally&, const Tally&) = default;
};

/// Rules that are known to make sense. Immutable; shareable between threads.
class Judge {
  public:
    /// Errors: stats::errc::invalid_probability; stats::errc::invalid_test for no rule at all, a sequential
    /// test of nothing, or a run above `stats::longest_run`.
    [[nodiscard]] static core::result<Judge> create(const JudgementRules& rules);

    /// The tally after one more check. A run is looked at before the sequential test. Errors:
    /// errc::already_convicted; errc::too_many_checks after 2^32 - 1. Cost: 20 ns.
    [[nodiscard]] core::result<Tally> after(const Tally& before, Outcome outcome) const;

    /// What convicts the node at the end of its cycle. Cost: that of one `stats::BinomialTest::rejects`.
    [[nodiscard]] Ground conclude(const Tally& tally) const;

    /// How many failures in a row convict; nothing without that rule.
    [[nodiscard]] std::optional<std::uint32_t> run_to_convict() const noexcept { return run_; }
    [[nodiscard]] const std::optional<stats::SequentialTest>& sequential() const noexcept {
        return sequential_;
    }
    [[nodiscard]] const std::optional<stats::BinomialTest>& cycle() const noexcept { return cycle_; }

  private:
    Judge() = default;

    std::optional<std::uint32_t> run_;
    std::optional<stats::SequentialTest> sequential_;
    std::optional<stats::BinomialTest> cycle_;
};

}  // namespace pouw::judgement
