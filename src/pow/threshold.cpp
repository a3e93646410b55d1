#include "pouw/pow/threshold.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/pow/errc.hpp"

#include <cfloat>
#include <cmath>

namespace pouw::inline v1::pow {
namespace {

static_assert(FLT_EVAL_METHOD == 0, "excess precision would make thresholds depend on the compiler");

/// Mean of |output|² over model_dim · 1024, measured on the whitepaper preset: saturation and rounding cost
/// 0.135%.
constexpr double mean_length_ratio = 0.99865;

/// `base` to an integer power, by a fixed sequence of multiplications.
double power(double base, std::uint32_t exponent) noexcept {
    double out = 1;
    for (; exponent != 0; exponent >>= 1) {
        if ((exponent & 1) != 0) out *= base;
        base *= base;
    }
    return out;
}

/// Density of the cosine in d dimensions, up to its constant: (1 - u²)^((d-3)/2), d even.
double density(double u, std::uint32_t d) noexcept {
    const double s = 1 - u * u;
    return s <= 0 ? 0 : power(s, (d - 4) / 2) * std::sqrt(s);
}

/// Integral of the density over -1..1, for even d >= 4: pi/2 at d = 4, and (d-1)/d as much for each two
/// dimensions.
double normaliser(std::uint32_t d) noexcept {
    double out = 1.5707963267948966;
    for (std::uint32_t n = 4; n < d; n += 2) out *= static_cast<double>(n - 1) / static_cast<double>(n);
    return out;
}

/// Simpson's rule over low..high.
double integrate(double low, double high, std::uint32_t d) noexcept {
    constexpr int intervals = 512;
    const double step = (high - low) / intervals;
    double sum = density(low, d) + density(high, d);
    for (int i = 1; i < intervals; ++i) sum += (i % 2 == 1 ? 4 : 2) * density(low + i * step, d);
    return sum * step / 3;
}

/// P(cosine > c) for a direction uniform on the sphere in d dimensions.
double tail(double c, std::uint32_t d) noexcept {
    if (c >= 1) return 0;
    if (c <= -1) return 1;
    if (c < 0) return 1 - tail(-c, d);
    // Beyond twelve standard deviations lies nothing that a double could show.
    const double high = std::fmin(1, c + 12 / std::sqrt(static_cast<double>(d)));
    return integrate(c, high, d) / normaliser(d);
}

}  // namespace

double probability(const ModelConfig& config, std::uint64_t threshold) {
    POUW_EXPECTS(validate(config));
    const double target = 1024.0 * config.model_dim;
    const double output = mean_length_ratio * target;
    const double c = (output + target - static_cast<double>(threshold)) / (2 * std::sqrt(output * target));
    return tail(c, config.model_dim);
}

core::result<std::uint64_t> threshold_for(const ModelConfig& config, std::uint64_t numerator,
                                          std::uint64_t denominator) {
    const auto invalid = core::fail(errc::invalid_threshold);
    if (numerator == 0 || numerator >= denominator) return invalid;
    const double wanted = static_cast<double>(numerator) / static_cast<double>(denominator);
    std::uint64_t low = 0;  // rare enough
    std::uint64_t high =
        std::uint64_t{8} * 1024 * config.model_dim;  // certain: d2 is never above 4 · 1024 · d
    while (high - low > 1) {
        const std::uint64_t middle = low + (high - low) / 2;
        (probability(config, middle) <= wanted ? low : high) = middle;
    }
    if (low == 0) return invalid;
    return low;
}

}  // namespace pouw::inline v1::pow
