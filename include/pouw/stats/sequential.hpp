/// Wald's sequential probability ratio test, and failures in a row, exactly. docs/spec/judgement.md
/// section 3.
///
/// The likelihood ratio of `f` failures and `s` passes is (p1/p0)^f · ((1-p1)/(1-p0))^s. Its logarithm is
/// followed between two fixed-point bounds; where these cannot decide, powers of integers do, or, against a
/// bound e^H, which no ratio of integers equals, logarithms of more digits.
#pragma once

#include "pouw/core/fraction.hpp"
#include "pouw/core/result.hpp"
#include "pouw/core/wide.hpp"
#include "pouw/stats/probability.hpp"

#include <cstdint>
#include <variant>

namespace pouw::stats {

/// What the counts say about the hypothesis that the node fails no more often than honest nodes do.
enum class Decision : std::uint8_t { undecided, accepted, rejected };

/// A logarithm between two bounds, in units of 2^-80.
struct LogarithmBounds {
    static constexpr unsigned fraction_bits = 80;
    core::int128 lower = 0;
    core::int128 upper = 0;

    friend constexpr bool operator==(const LogarithmBounds&, const LogarithmBounds&) = default;
};

/// Wald's bounds from the chances of error that they approximate: rejected from (1 - missed)/convicted on,
/// accepted up to missed/(1 - convicted).
struct ErrorRates {
    core::Fraction convicted;  ///< an honest node, falsely
    core::Fraction missed;     ///< a dishonest one
};

/// Bounds of the logarithm itself: rejected from `rejection` on, accepted from `-acceptance` down.
struct LogarithmLimits {
    core::Fraction rejection;
    core::Fraction acceptance;
};

/// The test of the rate `honest` against `dishonest`. Immutable; shareable between threads.
class SequentialTest {
  public:
    /// Errors: errc::invalid_probability for rates that are none; errc::invalid_test unless honest <
    /// dishonest, and convicted + missed < 1.
    [[nodiscard]] static core::result<SequentialTest> create(const core::Fraction& honest,
                                                             const core::Fraction& dishonest,
                                                             const ErrorRates& errors);

    /// The same; both limits above 0 and below 2^32, or errc::invalid_test.
    [[nodiscard]] static core::result<SequentialTest> create(const core::Fraction& honest,
                                                             const core::Fraction& dishonest,
                                                             const LogarithmLimits& limits);

    /// What so many failures and passes, in any order, say. Exactly at a bound the test is over. Cost: 5 ns.
    /// Where the logarithms do not tell to 2^-80 each, powers of `failures + passes` factors are compared:
    /// below 100 ms for 100,000.
    [[nodiscard]] Decision decide(std::uint32_t failures, std::uint32_t passes) const;

    /// The logarithm of the likelihood ratio. The bounds are at most `2 · (failures + passes)` units
    /// apart.
    [[nodiscard]] LogarithmBounds log_likelihood_ratio(std::uint32_t failures,
                                                       std::uint32_t passes) const noexcept;

    [[nodiscard]] const Probability& honest() const noexcept { return honest_; }
    [[nodiscard]] const Probability& dishonest() const noexcept { return dishonest_; }

  private:
    /// A fraction of two words, above 1.
    struct Ratio {
        std::uint64_t numerator;
        std::uint64_t denominator;
    };
    /// What an outcome multiplies the likelihood ratio, or its inverse, by.
    struct Factor {
        Ratio ratio;
        LogarithmBounds logarithm;
    };
    /// A bound of the likelihood ratio or of its inverse: a ratio, or the logarithm of one.
    struct Limit {
        std::variant<Ratio, core::Fraction> exact;
        LogarithmBounds logarithm;
    };

    static core::result<SequentialTest> create(const core::Fraction& honest, const core::Fraction& dishonest,
                                               const Limit& rejection, const Limit& acceptance);
    SequentialTest(const Probability& honest, const Probability& dishonest, const Limit& rejection,
                   const Limit& acceptance);

    static Factor factor(std::uint64_t numerator, std::uint64_t denominator);
    static Limit limit(const Probability& likely, const Probability& unlikely);
    static Limit limit(const core::Fraction& logarithm);
    [[nodiscard]] static bool reaches(std::uint32_t gains, const Factor& gain, std::uint32_t losses,
                                      const Factor& loss, const Limit& limit);

    Probability honest_;
    Probability dishonest_;
    Factor failure_;  // p1/p0
    Factor pass_;     // (1-p0)/(1-p1)
    Limit rejection_;
    Limit acceptance_;
};

/// The longest run that `run_to_convict` gives.
inline constexpr std::uint32_t longest_run = 1u << 16;

/// How many failures in a row convict: the least `k` for which an honest node's chance of them, rate^k, is
/// below `limit`, exactly. Errors: errc::invalid_test above `longest_run`. Cost: 25 ns for each failure.
[[nodiscard]] core::result<std::uint32_t> run_to_convict(const Probability& honest_rate,
                                                         const Probability& limit);

}  // namespace pouw::stats
