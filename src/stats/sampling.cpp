#include "pouw/stats/sampling.hpp"

#include "stats/approximation.hpp"
#include "stats/least.hpp"
#include "stats/natural.hpp"
#include "stats/power.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/stats/errc.hpp"

#include <algorithm>

namespace pouw::inline v1::stats {
namespace {

/// The chance to miss as `factors` fractions `(top - i) / (bottom - i)`, all numerators positive.
struct Miss {
    std::uint64_t top;
    std::uint64_t bottom;
    std::uint64_t factors;

    /// Whether the product is at most 2^-bits, exactly.
    [[nodiscard]] bool is_at_most(std::uint32_t bits) const {
        Natural numerator{1};
        Natural denominator{1};
        for (std::uint64_t i = 0; i < factors; ++i) {
            numerator.multiply(top - i);
            denominator.multiply(bottom - i);
        }
        numerator.multiply_by_power_of_two(bits);
        return numerator <= denominator;
    }
};

std::uint32_t soundness_of(const Miss& miss) {
    Approximation chance;
    for (std::uint64_t i = 0; i < miss.factors; ++i) chance.multiply(miss.top - i, miss.bottom - i);
    const auto at_most = static_cast<std::uint32_t>(chance.bits_of_lower());
    if (chance.bits_of_lower() == chance.bits_of_upper()) return at_most;
    return miss.is_at_most(at_most) ? at_most : at_most - 1;
}

void expect_population(std::uint64_t population, std::uint64_t marked) {
    POUW_EXPECTS(marked <= population);
    POUW_EXPECTS(marked >= 1 || population == 0);
}

}  // namespace

std::uint64_t marked_at_least(std::uint64_t population, const core::Fraction& share) {
    return std::min(population, std::max<std::uint64_t>(1, core::part_rounded_up(share, population)));
}

std::uint32_t soundness_bits(std::uint64_t population, std::uint64_t marked, std::uint64_t samples) {
    expect_population(population, marked);
    POUW_EXPECTS(samples <= population);
    // Marked and drawn may change places: C(n-m, k) / C(n, k) = C(n-k, m) / C(n, m).
    const std::uint64_t factors = std::min(marked, samples);
    POUW_EXPECTS(factors <= largest_sample);
    if (population == 0 || samples > population - marked) return certain;
    return soundness_of(
        {.top = population - std::max(marked, samples), .bottom = population, .factors = factors});
}

core::result<std::uint64_t> samples_for(std::uint64_t population, std::uint64_t marked, std::uint32_t bits) {
    expect_population(population, marked);
    if (population == 0) return std::uint64_t{0};
    const auto reaches = [&](std::uint64_t samples) {
        return soundness_bits(population, marked, samples) >= bits;
    };
    // The soundness grows with the samples. From few upwards: the cost is that of the result, whatever the
    // population.
    const std::uint64_t largest = std::min(population, largest_sample);
    std::uint64_t most = 1;
    while (most < largest && !reaches(most)) most = std::min(largest, 2 * most);
    if (!reaches(most)) return core::fail(errc::too_many_samples);
    return least(std::uint64_t{0}, most, reaches);
}

core::result<std::uint64_t> checks_to_detect(const core::Fraction& found, const core::Fraction& confidence) {
    POUW_EXPECTS(found.is_share() && confidence.is_share());
    const core::Fraction passed = found.complement();
    const core::Fraction allowed = confidence.complement();
    if (passed.numerator == 0) return std::uint64_t{1};
    POUW_EXPECTS(allowed.numerator >= 1);
    PowerComparison missed{passed, allowed};
    for (std::uint64_t checks = 1; checks <= largest_sample; ++checks) {
        if (missed.next() <= 0) return checks;
    }
    return core::fail(errc::too_many_samples);
}

}  // namespace pouw::inline v1::stats
