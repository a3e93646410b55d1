/// The judgement of one node over one epoch: the outcomes of its checks, in the order of the chain, decide
/// whether it is convicted.
///
/// An honest node fails a check occasionally: machines round differently, and answers get lost. A node is
/// therefore convicted by numbers that an honest node reaches only with a probability that the chain has
/// chosen. There are three rules, each optional: a run of failures, which decides first; a sequential test;
/// and a test of the whole epoch, which decides at its end.
/// Source: White paper, chapter 6 ("Verification challenges"); docs/spec/judgement.md section 4.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/conviction.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/stats/binomial.hpp"
#include "pouw/stats/sequential.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace pouw::inline v1::judgement {

/// Failures in a row convict when an honest node has them with a probability below `limit`.
struct POUW_API RunRule {
    core::Fraction honest_rate;
    core::Fraction limit;
};

/// A sequential test after every check. When it accepts the node it starts again.
struct POUW_API SequentialRule {
    core::Fraction honest_rate;
    core::Fraction dishonest_rate;
    std::variant<stats::ErrorRates, stats::LogarithmLimits> limits;
};

/// A binomial test of all checks of the epoch.
struct POUW_API EpochRule {
    core::Fraction honest_rate;
    core::Fraction significance;

    friend constexpr bool operator==(const EpochRule&, const EpochRule&) = default;
};

/// The rules of a judgement, each optional.
struct POUW_API JudgementRules {
    std::optional<RunRule> run{};
    std::optional<SequentialRule> sequential{};
    std::optional<EpochRule> epoch{};
};

/// The rule that convicts a node. Values are stable: tallies encode them.
enum class Rule : std::uint8_t { none, run, sequential, epoch };

/// The name of a rule, as in JSON.
[[nodiscard]] constexpr std::string_view name(Rule rule) noexcept {
    constexpr std::string_view names[] = {"none", "run", "sequential", "epoch"};
    return names[static_cast<std::size_t>(rule)];
}

/// The outcome of a check.
enum class Outcome : std::uint8_t { passed, failed };

/// The tally of a node in an epoch: everything that the rules need. The next epoch starts from `Tally{}`.
struct POUW_API Tally {
    static constexpr std::size_t size = 29;

    std::uint32_t checks = 0;
    std::uint32_t failures = 0;
    std::uint32_t run = 0;                  ///< failures since the last pass
    std::uint32_t sequential_failures = 0;  ///< since the sequential test last accepted
    std::uint32_t sequential_passes = 0;
    std::uint32_t acceptances = 0;  ///< of the sequential test
    Rule rule = Rule::none;         ///< that convicted the node

    /// The conviction of the node, if a rule convicted it. `height` is the height of the block that contains
    /// the check or the end of the epoch.
    [[nodiscard]] std::optional<core::Conviction> conviction(const core::NodeId& node,
                                                             core::Height height) const;

    /// The encoding, of `size` bytes.
    [[nodiscard]] core::Bytes encode() const;
    /// The inverse of `encode`, and of nothing else.
    /// Errors: core::errc::wrong_length, core::errc::unsupported_version, core::errc::non_canonical for an
    ///     unknown rule or counts that contradict each other.
    [[nodiscard]] static core::result<Tally> decode(core::ByteView data);

    friend constexpr auto operator<=>(const Tally&, const Tally&) = default;
};

/// A judge with valid rules.
/// Threads: immutable; shareable.
class POUW_API Judge {
  public:
    /// The judge of these rules.
    /// Errors: stats::errc::invalid_probability; stats::errc::invalid_test for no rule at all, for a
    ///     sequential test whose rates or limits make none, and for a run above `stats::longest_run`.
    [[nodiscard]] static core::result<Judge> create(const JudgementRules& rules);

    /// The tally after one more check. The rule of the run comes before the sequential test.
    /// Errors: errc::already_convicted; errc::too_many_checks after 2^32 - 1.
    /// Cost: 20 ns.
    [[nodiscard]] core::result<Tally> after(const Tally& before, Outcome outcome) const;

    /// The tally at the end of the epoch, judged by the rule of the epoch unless the node is convicted.
    /// Cost: that of one `stats::BinomialTest::rejects`.
    [[nodiscard]] Tally conclude(const Tally& tally) const;

    /// The number of failures in a row that convicts; nothing without that rule.
    [[nodiscard]] std::optional<std::uint32_t> run_to_convict() const noexcept { return run_; }
    [[nodiscard]] const std::optional<stats::SequentialTest>& sequential() const noexcept {
        return sequential_;
    }
    [[nodiscard]] const std::optional<stats::BinomialTest>& epoch() const noexcept { return epoch_; }

  private:
    Judge() = default;

    std::optional<std::uint32_t> run_;
    std::optional<stats::SequentialTest> sequential_;
    std::optional<stats::BinomialTest> epoch_;
};

}  // namespace pouw::inline v1::judgement
