#include "pouw/stats/sampling.hpp"

#include <algorithm>
#include <bit>
#include <gsl/gsl>

namespace pouw::stats {
namespace {

void expect_population(std::uint64_t population, std::uint64_t marked) {
    Expects(marked <= population);
    Expects(marked >= 1 || population == 0);
}

/// The chance that one more sample, after `drawn` unmarked ones, is unmarked too.
void draw(MissBound& bound, std::uint64_t population, std::uint64_t marked, std::uint64_t drawn) {
    const std::uint64_t unmarked = population - marked;
    bound.multiply_rounded_up(unmarked > drawn ? unmarked - drawn : 0, population - drawn);
}

}  // namespace

void MissBound::multiply_rounded_up(std::uint64_t numerator, std::uint64_t denominator) {
    Expects(denominator > 0 && numerator <= denominator);
    if (numerator == denominator || mantissa_ == 0) return;
    // mantissa · numerator / denominator: 192 bits by 64. The quotient fits in 128 bits, for the factor is below 1.
    const Wide low = Wide{static_cast<std::uint64_t>(mantissa_)} * numerator;
    const Wide high = Wide{static_cast<std::uint64_t>(mantissa_ >> 64)} * numerator + (low >> 64);
    const Wide upper = high / denominator;
    const Wide rest = ((high % denominator) << 64) | static_cast<std::uint64_t>(low);
    mantissa_ = (upper << 64) + rest / denominator;
    if (rest % denominator != 0) ++mantissa_;
    if (mantissa_ == 0) return;
    const auto upper_half = static_cast<std::uint64_t>(mantissa_ >> 64);
    const int shift = upper_half != 0 ? std::countl_zero(upper_half)
                                      : 64 + std::countl_zero(static_cast<std::uint64_t>(mantissa_));
    mantissa_ <<= shift;
    exponent_ += static_cast<std::uint32_t>(shift);
}

std::uint32_t MissBound::soundness_bits() const noexcept {
    if (mantissa_ == 0) return certain;
    // The bound lies in [2^-exponent, 2^-(exponent - 1)).
    return mantissa_ == Wide{1} << 127 ? exponent_ : exponent_ - 1;
}

std::uint64_t marked_at_least(std::uint64_t population, const core::Fraction& share) {
    return std::min(population, std::max<std::uint64_t>(1, core::part_rounded_up(share, population)));
}

std::uint32_t soundness_bits_rounded_down(std::uint64_t population, std::uint64_t marked, std::uint64_t samples) {
    expect_population(population, marked);
    Expects(samples <= population);
    if (population == 0 || samples > population - marked) return certain;
    MissBound bound;
    for (std::uint64_t drawn = 0; drawn < samples; ++drawn) draw(bound, population, marked, drawn);
    return bound.soundness_bits();
}

core::result<std::uint64_t> samples_for(std::uint64_t population, std::uint64_t marked, std::uint32_t bits) {
    expect_population(population, marked);
    if (population == 0) return std::uint64_t{0};
    MissBound bound;
    for (std::uint64_t samples = 0; samples <= largest_sample; ++samples) {
        if (bound.soundness_bits() >= bits) return samples;
        if (samples < population) draw(bound, population, marked, samples);
    }
    return core::fail(core::errc::too_many_samples);
}

}  // namespace pouw::stats
