#include "pouw/stats/binomial.hpp"

#include "stats/approximation.hpp"
#include "stats/least.hpp"
#include "stats/natural.hpp"

#include "pouw/core/contract.hpp"

#include <bit>

namespace pouw::inline v1::stats {
namespace {

/// A positive fraction of two words.
struct Ratio {
    std::uint64_t numerator;
    std::uint64_t denominator;
};

/// The terms C(n, j) p^j (1-p)^(n-j) away from one of them, in units of that one.
///
/// Upwards the ratio of a term to the one before is (n-j)/(j+1) · p/(1-p), downwards j/(n-j+1) · (1-p)/p: the
/// first with successes and failures in each other's place. Both fall as the terms go on.
class Terms {
  public:
    /// After the term with `passed` of the outcomes that have this chance; `left` more can follow.
    Terms(std::uint32_t left, std::uint32_t passed, const core::Fraction& chance)
        : left_{left}, passed_{passed}, chance_{chance} {}

    /// Adds the next term, if there is one.
    void advance(std::optional<Approximation>& sum) {
        if (left_ == 0) return;
        const Ratio ratio = next();
        term_.multiply(ratio.numerator, ratio.denominator);
        sum = sum ? *sum + term_ : term_;
        --left_;
        ++passed_;
    }

    [[nodiscard]] bool ended() const noexcept { return left_ == 0; }

    /// A bound of all terms to come; nothing while they may still grow. Expects some to come.
    [[nodiscard]] std::optional<Approximation> rest() const {
        const Ratio ratio = next();
        if (ratio.numerator >= ratio.denominator) return std::nullopt;
        Approximation bound = term_;  // a geometric series
        bound.multiply(ratio.numerator, ratio.denominator - ratio.numerator);
        return bound;
    }

  private:
    [[nodiscard]] Ratio next() const {
        return {left_ * chance_.numerator,
                (std::uint64_t{passed_} + 1) * (chance_.denominator - chance_.numerator)};
    }

    Approximation term_;
    std::uint32_t left_;
    std::uint32_t passed_;
    core::Fraction chance_;
};

/// One side of the distribution: what is summed, and a bound of what is not.
class Side {
  public:
    Side(const Terms& terms, std::optional<Approximation> start) : terms_{terms}, sum_{std::move(start)} {
        if (!sum_) terms_.advance(sum_);
    }

    void advance() {
        constexpr int block = 16;
        for (int i = 0; i < block && !settled(); ++i) terms_.advance(sum_);
    }

    /// Whether further terms change nothing.
    [[nodiscard]] bool settled() const {
        if (terms_.ended()) return true;
        const auto rest = terms_.rest();
        return rest && rest->is_negligible_beside(*sum_);
    }
    [[nodiscard]] const Approximation& lower() const { return *sum_; }

    [[nodiscard]] std::optional<Approximation> upper() const {
        if (terms_.ended()) return sum_;
        const auto rest = terms_.rest();
        if (!rest) return std::nullopt;
        return *sum_ + *rest;
    }

  private:
    Terms terms_;
    std::optional<Approximation> sum_;
};

Approximation scaled(Approximation value, std::uint64_t factor) {
    value.multiply(factor, 1);
    return value;
}

/// `tail / (tail + others) <= limit` by bounds; nothing when they cannot tell.
std::optional<bool> compare(const Side& tail, const Side& others, const core::Fraction& limit) {
    const std::uint64_t rest = limit.denominator - limit.numerator;
    const auto most = tail.upper();
    if (most && certainly_less(scaled(*most, rest), scaled(others.lower(), limit.numerator))) return true;
    const auto most_others = others.upper();
    if (most_others && certainly_less(scaled(*most_others, limit.numerator), scaled(tail.lower(), rest)))
        return false;
    return std::nullopt;
}

/// The sum of the terms of 0 to `last` times `(a + b)^n`, exactly: of C(n, j) a^j b^(n-j).
Natural sum_of_terms(std::uint32_t n, std::uint32_t last, std::uint64_t a, std::uint64_t b) {
    Natural term{1};
    term.multiply_by_power(b, n);
    Natural sum = term;
    for (std::uint64_t j = 0; j < last; ++j) {
        term.multiply((n - j) * a);
        term.divide((j + 1) * b);
        sum.add(term);
    }
    return sum;
}

bool is_at_most_exactly(std::uint32_t n, std::uint32_t successes, const core::Fraction& p,
                        const core::Fraction& limit) {
    Natural all{1};
    const std::uint64_t rest = p.denominator - p.numerator;
    all.multiply_by_power(p.denominator, n);
    // Whichever side has fewer terms.
    if (n - successes < successes) {
        Natural tail = sum_of_terms(n, n - successes, rest, p.numerator);
        tail.multiply(limit.denominator);
        all.multiply(limit.numerator);
        return tail <= all;
    }
    Natural others = sum_of_terms(n, successes - 1, p.numerator, rest);
    others.multiply(limit.denominator);
    all.multiply(limit.denominator - limit.numerator);
    return others >= all;
}

/// A number between two bounds.
struct Enclosure {
    Natural lower;
    Natural upper;
};

/// The sum of the terms after one of them, in units of 2^-bits of that one; with that one if `including` says
/// so.
Enclosure enclosed_sum(std::uint64_t left, std::uint64_t passed, const core::Fraction& chance, bool including,
                       std::uint64_t bits) {
    Natural unit{1};
    unit.multiply_by_power_of_two(bits);
    Enclosure term{unit, unit};
    Enclosure sum = including ? term : Enclosure{Natural{0}, Natural{0}};
    for (; left > 0; --left, ++passed) {
        const std::uint64_t numerator = left * chance.numerator;
        const std::uint64_t denominator = (passed + 1) * (chance.denominator - chance.numerator);
        for (Natural* bound : {&term.lower, &term.upper}) bound->multiply(numerator);
        // The rest, a geometric series at most, is below the last digit.
        const bool last = term.lower.is_zero() && numerator < denominator;
        term.lower.divide(denominator);
        term.upper.divide(last ? denominator - numerator : denominator);
        term.upper.add(Natural{1});
        sum.lower.add(term.lower);
        sum.upper.add(term.upper);
        if (last) break;
    }
    return sum;
}

/// `tail / (tail + others) <= limit` by bounds of so many digits; nothing when they cannot tell.
std::optional<bool> is_at_most_by_digits(std::uint32_t n, std::uint32_t successes, const core::Fraction& p,
                                         const core::Fraction& limit, std::uint64_t bits) {
    Enclosure tail = enclosed_sum(n - successes, successes, p, true, bits);
    Enclosure others = enclosed_sum(successes, n - successes, p.complement(), false, bits);
    for (Natural* bound : {&tail.lower, &tail.upper}) bound->multiply(limit.denominator - limit.numerator);
    for (Natural* bound : {&others.lower, &others.upper}) bound->multiply(limit.numerator);
    if (tail.upper <= others.lower) return true;
    if (tail.lower > others.upper) return false;
    return std::nullopt;
}

/// The same, whatever it takes.
bool is_at_most_by_integers(std::uint32_t n, std::uint32_t successes, const core::Fraction& p,
                            const core::Fraction& limit) {
    const std::uint64_t all_digits = std::uint64_t{n} * std::bit_width(p.denominator);
    for (std::uint64_t bits = 256; bits < all_digits / 4; bits *= 2) {
        if (const auto decided = is_at_most_by_digits(n, successes, p, limit, bits)) return *decided;
    }
    return is_at_most_exactly(n, successes, p, limit);
}

/// Whether the tail is exactly 1/2: one of the two halves that mirror each other.
bool is_half(std::uint32_t n, std::uint32_t successes, const core::Fraction& p) {
    return p == core::Fraction{1, 2} && std::uint64_t{successes} * 2 == std::uint64_t{n} + 1;
}

core::Fraction millionths(std::uint32_t rate) { return {rate, core::Rate::one}; }

}  // namespace

bool upper_tail_is_at_most(std::uint32_t trials, std::uint32_t successes, const core::Fraction& chance,
                           const core::Fraction& limit) {
    POUW_EXPECTS(successes <= trials && limit.is_probability());
    const core::Fraction p = checked_probability(chance).value();
    if (successes == 0) return false;
    if (is_half(trials, successes, p)) return limit.numerator >= limit.denominator - limit.numerator;
    Side tail{{trials - successes, successes, p}, Approximation{}};
    Side others{{successes, trials - successes, p.complement()}, std::nullopt};
    while (true) {
        if (const auto decided = compare(tail, others, limit)) return *decided;
        if (tail.settled() && others.settled()) return is_at_most_by_integers(trials, successes, p, limit);
        tail.advance();
        others.advance();
    }
}

std::uint64_t p_value(std::uint32_t trials, std::uint32_t successes, const core::Fraction& chance) {
    POUW_EXPECTS(successes <= trials);
    constexpr std::uint64_t one = std::uint64_t{1} << 63;
    return least(std::uint64_t{1}, one, [&](std::uint64_t limit) {
        return upper_tail_is_at_most(trials, successes, chance, {limit, one});
    });
}

core::result<BinomialTest> BinomialTest::create(const core::Fraction& honest_rate,
                                                const core::Fraction& significance) {
    const auto rate = checked_probability(honest_rate);
    if (!rate) return rate.error();
    const auto level = checked_probability(significance);
    if (!level) return level.error();
    return BinomialTest{*rate, *level};
}

bool BinomialTest::rejects(std::uint32_t checks, std::uint32_t failures) const {
    return upper_tail_is_at_most(checks, failures, honest_rate_, significance_);
}

std::optional<std::uint32_t> BinomialTest::critical_failures(std::uint32_t checks) const {
    const auto rejected = [&](std::uint64_t failures) {
        return rejects(checks, static_cast<std::uint32_t>(failures));
    };
    const std::uint64_t found = least(std::uint64_t{1}, std::uint64_t{checks} + 1, rejected);
    if (found > checks) return std::nullopt;
    return static_cast<std::uint32_t>(found);
}

core::Rate clopper_pearson_upper(std::uint32_t trials, std::uint32_t successes, const core::Fraction& error) {
    POUW_EXPECTS(successes <= trials && error.is_probability());
    // At most `successes` successes are at least `trials - successes` failures.
    const auto excluded = [&](std::uint32_t rate) {
        return upper_tail_is_at_most(trials, trials - successes, millionths(rate).complement(), error);
    };
    return core::Rate::create(least(1u, core::Rate::one, excluded)).value();
}

core::Rate clopper_pearson_lower(std::uint32_t trials, std::uint32_t successes, const core::Fraction& error) {
    POUW_EXPECTS(successes <= trials && error.is_probability());
    const auto possible = [&](std::uint32_t rate) {
        return !upper_tail_is_at_most(trials, successes, millionths(rate), error);
    };
    return core::Rate::create(least(1u, core::Rate::one, possible) - 1).value();
}

}  // namespace pouw::inline v1::stats
