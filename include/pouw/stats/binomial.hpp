/// Exact binomial tests and Clopper-Pearson confidence bounds.
///
/// Every answer is exact, and no step uses floating point. Partial sums between two bounds decide; where the
/// bounds do not decide, bounds of more digits do, and at last integers of any size. All machines give the
/// same answer.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/core/rate.hpp"
#include "pouw/core/result.hpp"
#include "pouw/stats/probability.hpp"

#include <cstdint>
#include <optional>

namespace pouw::inline v1::stats {

/// Whether `P(X >= successes) <= limit`, where X counts the successes of `trials` independent trials with
/// probability `chance`.
/// Expects: `successes <= trials`; a chance that `checked_probability` accepts; `limit.is_probability()`.
/// Cost: at most about 40·sqrt(trials·p·(1-p)) + 64 terms of 15 ns: below 0.1 ms for 100,000 trials. Where
///     the two sides agree to 110 bits, twice as many digits as they agree to decide: below 50 ms for a
///     million trials and a limit of two words. Two sides that are equal take integers of `trials ·
///     log2(denominator of p)` bits, except for p = limit = 1/2, the one such case that is known above about
///     60 trials: it takes no time.
[[nodiscard]] POUW_API bool upper_tail_is_at_most(std::uint32_t trials, std::uint32_t successes,
                                                  const core::Fraction& chance, const core::Fraction& limit);

/// The p-value of the one-sided test, `P(X >= successes)`, in units of 2^-63, rounded up; 2^63 for no
/// success.
/// Expects: `successes <= trials`; a chance that `checked_probability` accepts.
/// Cost: 63 times that of `upper_tail_is_at_most`.
[[nodiscard]] POUW_API std::uint64_t p_value(std::uint32_t trials, std::uint32_t successes,
                                             const core::Fraction& chance);

/// The one-sided test of the hypothesis that a node fails at most at the honest rate. The test rejects when,
/// at the honest rate, the probability of as many failures or more is at most the significance.
/// Threads: immutable; shareable.
class POUW_API BinomialTest {
  public:
    /// The test of this rate at this significance.
    /// Errors: errc::invalid_probability, as of `checked_probability`, for either of the two.
    [[nodiscard]] static core::result<BinomialTest> create(const core::Fraction& honest_rate,
                                                           const core::Fraction& significance);

    /// Whether the failures reject the hypothesis. 0 failures never do.
    /// Expects: `failures <= checks`.
    /// Cost: as of `upper_tail_is_at_most`.
    [[nodiscard]] bool rejects(std::uint32_t checks, std::uint32_t failures) const;

    /// The critical value: the fewest failures that reject. Nothing when not even `checks` failures do.
    /// Cost: at most 33 decisions.
    [[nodiscard]] std::optional<std::uint32_t> critical_failures(std::uint32_t checks) const;

    /// The honest rate, in lowest terms.
    [[nodiscard]] const core::Fraction& honest_rate() const noexcept { return honest_rate_; }
    /// The significance, in lowest terms.
    [[nodiscard]] const core::Fraction& significance() const noexcept { return significance_; }

    friend bool operator==(const BinomialTest&, const BinomialTest&) = default;

  private:
    BinomialTest(const core::Fraction& honest_rate, const core::Fraction& significance) noexcept
        : honest_rate_{honest_rate}, significance_{significance} {}

    core::Fraction honest_rate_;
    core::Fraction significance_;
};

/// The one-sided Clopper-Pearson upper bound of a rate, rounded up: the least rate in parts per million at
/// which `successes` or fewer of `trials` have a probability of at most `error`; 1 when there is no such rate
/// below 1. The true rate lies above the bound with a probability of at most `error`.
/// Expects: `successes <= trials`, `error.is_probability()`.
/// Cost: 20 decisions of `upper_tail_is_at_most`.
[[nodiscard]] POUW_API core::Rate clopper_pearson_upper(std::uint32_t trials, std::uint32_t successes,
                                                        const core::Fraction& error);

/// The one-sided Clopper-Pearson lower bound of a rate, rounded down: the largest rate in parts per million
/// at which `successes` or more of `trials` have a probability of at most `error`; 0 when there is no such
/// rate.
/// Expects: `successes <= trials`, `error.is_probability()`.
/// Cost: 20 decisions of `upper_tail_is_at_most`.
[[nodiscard]] POUW_API core::Rate clopper_pearson_lower(std::uint32_t trials, std::uint32_t successes,
                                                        const core::Fraction& error);

}  // namespace pouw::inline v1::stats
