/// Exact binomial tests and confidence bounds. docs/spec/judgement.md section 2.
///
/// Every answer is exact: sums of terms between two bounds decide, and where they cannot, integers of any
/// size. Nothing is floating point, so that every machine answers the same.
#pragma once

#include "pouw/core/fraction.hpp"
#include "pouw/core/result.hpp"
#include "pouw/stats/probability.hpp"

#include <cstdint>
#include <optional>

namespace pouw::stats {

/// Whether P(X >= successes) <= limit where X counts the successes of `trials` independent trials, each of
/// the given chance. Expects `successes <= trials` and a limit above 0 and below 1.
///
/// Cost: at most some 40·sqrt(trials·p·(1-p)) + 64 terms of 15 ns: below 0.1 ms for 100,000 trials. Only
/// where the two sides are equal to 110 bits, integers of `trials·log2(denominator of p)` bits decide. Beyond
/// some 60 trials one such case is known, p = limit = 1/2 and one success more than half: 0.4 s for 100,000
/// trials, and four times that for twice as many.
[[nodiscard]] bool upper_tail_is_at_most(std::uint32_t trials, std::uint32_t successes,
                                         const Probability& chance, const core::Fraction& limit);

/// The least multiple of 2^-63 that P(X >= successes) does not exceed, in that unit: the p-value of a
/// one-sided test, rounded up; 2^63 when no success is asked for. Expects `successes <= trials`. Cost: 63
/// times that of `upper_tail_is_at_most`.
[[nodiscard]] std::uint64_t p_value(std::uint32_t trials, std::uint32_t successes, const Probability& chance);

/// The one-sided test that a node fails no more often than honest nodes do: rejected when so many failures,
/// or more, have a chance of at most the significance at the honest rate. Immutable; shareable between
/// threads.
class BinomialTest {
  public:
    /// Errors: errc::invalid_probability unless both lie between 0 and 1, with denominators below 2^31 in
    /// lowest terms.
    [[nodiscard]] static core::result<BinomialTest> create(const core::Fraction& honest_rate,
                                                           const core::Fraction& significance);

    /// Whether the failures convict. Never without a failure. Expects `failures <= checks`. Cost: as
    /// `upper_tail_is_at_most`.
    [[nodiscard]] bool rejects(std::uint32_t checks, std::uint32_t failures) const;

    /// The fewest failures that convict; nothing when not even `checks` failures do. Cost: at most 33
    /// decisions.
    [[nodiscard]] std::optional<std::uint32_t> critical_failures(std::uint32_t checks) const;

    [[nodiscard]] const Probability& honest_rate() const noexcept { return honest_rate_; }
    [[nodiscard]] const Probability& significance() const noexcept { return significance_; }

    friend bool operator==(const BinomialTest&, const BinomialTest&) = default;

  private:
    BinomialTest(const Probability& honest_rate, const Probability& significance) noexcept
        : honest_rate_{honest_rate}, significance_{significance} {}

    Probability honest_rate_;
    Probability significance_;
};

/// Parts per million: the unit of confidence bounds.
inline constexpr std::uint32_t million = 1'000'000;

/// The one-sided confidence bound of Clopper and Pearson from above: the least rate, in millionths, at which
/// `successes` or fewer of `trials` have a chance of at most `error`; `million` when no smaller rate has. So
/// the true rate lies below it but for a chance of `error`. Expects `successes <= trials`. Cost: 20
/// decisions.
[[nodiscard]] std::uint32_t rate_at_most(std::uint32_t trials, std::uint32_t successes,
                                         const Probability& error);

/// The same from below: the largest rate, in millionths, at which `successes` or more have a chance of at
/// most `error`; 0 when none has.
[[nodiscard]] std::uint32_t rate_at_least(std::uint32_t trials, std::uint32_t successes,
                                          const Probability& error);

}  // namespace pouw::stats
