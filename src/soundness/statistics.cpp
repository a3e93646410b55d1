#include "pouw/soundness/statistics.hpp"

#include "pouw/core/contract.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace pouw::inline v1::soundness {
namespace {

double log_choose(double n, double k) {
    return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}

/// P(X <= k) of a binomial law, summed from its largest term.
double binomial_at_most(std::uint64_t k, std::uint64_t n, double p) {
    const auto real_n = static_cast<double>(n);
    double sum = 0;
    for (std::uint64_t i = k + 1; i-- > 0;) {
        const auto real_i = static_cast<double>(i);
        const double term =
            std::exp(log_choose(real_n, real_i) + real_i * std::log(p) + (real_n - real_i) * std::log1p(-p));
        sum += term;
        if (term < 1e-18 * sum && real_i < real_n * p) break;
    }
    return std::min(sum, 1.0);
}

/// The p in 0..1 where a falling function crosses `level`.
template <typename Function>
double crossing(const Function& falling, double level) {
    double low = 0;
    double high = 1;
    for (int i = 0; i < 60; ++i) {
        const double middle = (low + high) / 2;
        (falling(middle) > level ? low : high) = middle;
    }
    return (low + high) / 2;
}

}  // namespace

double normal_tail(double z) { return 0.5 * std::erfc(z / std::numbers::sqrt2); }

double normal_tail_quantile(double p) {
    POUW_EXPECTS(p > 0 && p < 1);
    double low = -40;
    double high = 40;
    for (int i = 0; i < 80; ++i) {
        const double middle = (low + high) / 2;
        (normal_tail(middle) > p ? low : high) = middle;
    }
    return (low + high) / 2;
}

Interval binomial_interval(std::uint64_t successes, std::uint64_t trials) {
    POUW_EXPECTS(trials > 0 && successes <= trials);
    constexpr double tail = 0.005;
    Interval out{
        .low = 0, .estimate = static_cast<double>(successes) / static_cast<double>(trials), .high = 1};
    if (successes > 0) {
        const auto at_most = [&](double p) { return binomial_at_most(successes - 1, trials, p); };
        out.low = crossing(at_most, 1 - tail);
    }
    if (successes < trials) {
        const auto at_most = [&](double p) { return binomial_at_most(successes, trials, p); };
        out.high = crossing(at_most, tail);
    }
    return out;
}

Gain expected_gain(double correlation, double rate, double cost, double completion) {
    const double rho = std::clamp(std::abs(correlation), 0.0, 1 - 1e-9);
    const double cut = normal_tail_quantile(rate);
    const double noise = std::sqrt(1 - rho * rho);
    // P(pass and score > s) for s from high to low, by the trapezoidal rule; the best fraction is read off on
    // the way.
    constexpr double step = 0.005;
    Gain best{.keep = 1, .speed_up = 1 / (cost + completion)};
    double passed = 0;
    double before = 0;
    for (double s = 6; s > -6; s -= step) {
        const double density = std::exp(-s * s / 2) / std::sqrt(2 * std::numbers::pi);
        const double now = density * normal_tail((cut - rho * s) / noise);
        passed += (before + now) / 2 * step;
        before = now;
        const double keep = normal_tail(s);
        const double speed_up = passed / rate / (cost + keep * completion);
        if (speed_up > best.speed_up) best = {keep, speed_up};
    }
    return best;
}

MeanPower::MeanPower(std::size_t dim, std::size_t groups)
    : dim_{dim}, sums_(groups, std::vector<double>(dim)), counts_(groups), squares_(groups) {
    POUW_EXPECTS(groups >= 10);
}

void MeanPower::add(std::size_t index, std::span<const float> output) {
    POUW_EXPECTS(output.size() == dim_);
    const std::size_t group = index % sums_.size();
    const double mean = std::accumulate(output.begin(), output.end(), 0.0) / static_cast<double>(dim_);
    double square = 0;
    for (std::size_t i = 0; i < dim_; ++i) {
        const double value = static_cast<double>(output[i]) - mean;
        sums_[group][i] += value;
        square += value * value;
    }
    ++counts_[group];
    squares_[group] += square;
}

std::size_t MeanPower::count() const {
    return std::accumulate(counts_.begin(), counts_.end(), std::size_t{0});
}

std::vector<float> MeanPower::mean() const {
    std::vector<float> out(dim_);
    const auto n = static_cast<double>(std::max<std::size_t>(1, count()));
    for (std::size_t i = 0; i < dim_; ++i) {
        double sum = 0;
        for (const auto& group : sums_) sum += group[i];
        out[i] = static_cast<float>(sum / n);
    }
    return out;
}

Interval MeanPower::share() const {
    std::vector<double> total(dim_);
    for (const auto& group : sums_)
        for (std::size_t i = 0; i < dim_; ++i) total[i] += group[i];
    const auto n = static_cast<double>(count());
    const double squares = std::accumulate(squares_.begin(), squares_.end(), 0.0);
    // The products of different vectors: all products less those of each with itself.
    const auto estimate = [](double sum_square, double square, double vectors) {
        return (sum_square - square) / (vectors * (vectors - 1)) / (square / vectors);
    };
    const double total_square = std::inner_product(total.begin(), total.end(), total.begin(), 0.0);
    const double whole = estimate(total_square, squares, n);
    std::vector<double> without;
    for (std::size_t g = 0; g < sums_.size(); ++g) {
        if (counts_[g] == 0) continue;
        double sum_square = 0;
        for (std::size_t i = 0; i < dim_; ++i)
            sum_square += (total[i] - sums_[g][i]) * (total[i] - sums_[g][i]);
        without.push_back(estimate(sum_square, squares - squares_[g], n - static_cast<double>(counts_[g])));
    }
    const auto m = static_cast<double>(without.size());
    const double mean = std::accumulate(without.begin(), without.end(), 0.0) / m;
    double spread = 0;
    for (const double value : without) spread += (value - mean) * (value - mean);
    const double sigma = std::sqrt(spread * (m - 1) / m);
    return {whole - interval_sigma * sigma, whole, whole + interval_sigma * sigma};
}

}  // namespace pouw::inline v1::soundness
