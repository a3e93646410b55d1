#include "soundness/chance.hpp"

#include "soundness/context.hpp"
#include "soundness/health.hpp"
#include "soundness/scoring.hpp"

#include "pouw/core/contract.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>

namespace pouw::inline v1::soundness {
namespace {

/// P(cosine > c) of a direction uniform on the sphere in `dim` dimensions, by Simpson's rule.
double cosine_tail(double c, double dim) {
    if (c >= 1) return 0;
    if (c < 0) return 1 - cosine_tail(std::min(1.0, -c), dim);
    constexpr int intervals = 128;
    const double high = std::min(1.0, c + 10 / std::sqrt(dim));
    const double step = (high - c) / intervals;
    const auto density = [&](double u) { return u >= 1 ? 0 : std::exp((dim - 3) / 2 * std::log1p(-u * u)); };
    double sum = density(c) + density(high);
    for (int i = 1; i < intervals; ++i) sum += (i % 2 == 1 ? 4 : 2) * density(c + i * step);
    const double normaliser =
        std::sqrt(std::numbers::pi) * std::exp(std::lgamma((dim - 1) / 2) - std::lgamma(dim / 2));
    return sum * step / 3 / normaliser;
}

double mean_chance(std::span<const OutputChance> outputs, std::size_t rate) {
    double sum = 0;
    for (const OutputChance& output : outputs) sum += output.chance[rate];
    return sum / static_cast<double>(outputs.size());
}

/// The gain at every fraction, with cuts that were read off other outputs.
std::vector<KeptGain> gains(const ChancePrediction& prediction, std::span<const double> cuts,
                            std::span<const OutputChance> outputs, std::size_t first, std::size_t count,
                            std::size_t rate) {
    constexpr std::size_t fewest_kept = 30;
    const auto n = static_cast<double>(count);
    const double mean = mean_chance(outputs.subspan(first, count), rate);
    std::vector<KeptGain> out;
    for (const double cut : cuts) {
        double kept = 0;
        double passed = 0;
        for (std::size_t i = first; i < first + count; ++i) {
            if (prediction.scores[i] < cut) continue;
            ++kept;
            passed += outputs[i].chance[rate];
        }
        if (kept < fewest_kept || passed == 0) break;
        const double keep = kept / n;
        const double share = passed / (n * mean);
        const double expense = prediction.cost + keep * prediction.completion;
        // What one output changes of the logarithms of lift and speed-up.
        double lift_square = 0;
        double gain_square = 0;
        for (std::size_t i = first; i < first + count; ++i) {
            const double chosen = prediction.scores[i] >= cut ? 1 : 0;
            const double of_share = outputs[i].chance[rate] / mean * (chosen - share) / share;
            const double of_lift = of_share - (chosen - keep) / keep;
            const double of_gain = of_share - prediction.completion * (chosen - keep) / expense;
            lift_square += of_lift * of_lift;
            gain_square += of_gain * of_gain;
        }
        const auto interval = [&](double estimate, double square) {
            const double factor = std::exp(interval_sigma * std::sqrt(square) / n);
            return Interval{estimate / factor, estimate, estimate * factor};
        };
        out.push_back({.keep = keep,
                       .lift = interval(share / keep, lift_square),
                       .speed_up = interval(share / expense, gain_square),
                       .solutions = static_cast<std::uint64_t>(passed)});
    }
    return out;
}

/// The mean chance of the best outputs over that of all, in each of ten groups.
Interval lift_of_best(std::span<const OutputChance> outputs, double keep, std::size_t rate) {
    constexpr std::size_t groups = 10;
    std::vector<double> lifts;
    for (std::size_t g = 0; g < groups; ++g) {
        std::vector<double> chances;
        for (std::size_t i = g; i < outputs.size(); i += groups)
            chances.push_back(outputs[i].by_length[rate]);
        std::sort(chances.begin(), chances.end(), std::greater<>{});
        const auto kept =
            std::max<std::ptrdiff_t>(1, std::lround(keep * static_cast<double>(chances.size())));
        const double best = std::accumulate(chances.begin(), chances.begin() + kept, 0.0);
        const double all = std::accumulate(chances.begin(), chances.end(), 0.0);
        lifts.push_back(best / all * static_cast<double>(chances.size()) / static_cast<double>(kept));
    }
    return mean_of(lifts);
}

}  // namespace

PassChance::PassChance(const pow::ModelConfig& config, double threshold)
    : dim_{static_cast<double>(config.model_dim)}, target_square_{1024 * dim_}, threshold_{threshold} {
    POUW_EXPECTS(pow::validate(config));
}

double PassChance::given_length(double square) const {
    if (square < 960 * dim_) return 0;
    return cosine_tail((square + target_square_ - threshold_) / (2 * std::sqrt(square * target_square_)),
                       dim_);
}

double PassChance::given(double square, double sum) const {
    if (square < 960 * dim_) return 0;
    const double balanced = square - sum * sum / dim_;
    return cosine_tail((square + target_square_ - threshold_) / (2 * std::sqrt(balanced * target_square_)),
                       dim_ - 1);
}

ChanceOf::ChanceOf(const pow::ModelConfig& config)
    : by_rate_{PassChance{config, closed_form_thresholds(config)[0]},
               PassChance{config, closed_form_thresholds(config)[1]}} {}

OutputChance ChanceOf::operator()(std::span<const float> output) const {
    OutputChance out;
    double sum = 0;
    for (const float value : output) {
        sum += static_cast<double>(value);
        out.square += static_cast<double>(value) * static_cast<double>(value);
    }
    for (std::size_t r = 0; r < by_rate_.size(); ++r) {
        out.by_length[r] = by_rate_[r].given_length(out.square);
        out.chance[r] = by_rate_[r].given(out.square, sum);
    }
    return out;
}

std::vector<HealthResult> chance_spread(std::span<const OutputChance> outputs) {
    POUW_EXPECTS(outputs.size() >= 1000);
    std::vector<HealthResult> out;
    const auto deviation = [&](std::string name, const auto& chance) {
        constexpr std::size_t groups = 10;
        std::vector<double> deviations;
        for (std::size_t g = 0; g < groups; ++g) {
            double count = 0;
            double sum = 0;
            double square = 0;
            for (std::size_t i = g; i < outputs.size(); i += groups, ++count) {
                const double value = chance(outputs[i]);
                sum += value;
                square += value * value;
            }
            const double mean = sum / count;
            deviations.push_back(std::sqrt(std::max(0.0, square / count - mean * mean)) / mean);
        }
        out.push_back(
            {.property = std::move(name), .value = mean_of(deviations), .expected = "0.050 at whitepaper"});
    };
    deviation("chance to pass at 1/900 given |output|²: relative deviation",
              [](const OutputChance& output) { return output.by_length[0]; });
    deviation("the same given |output|² and the sum of the output",
              [](const OutputChance& output) { return output.chance[0]; });
    for (const auto& [keep, name, expected] :
         {std::tuple{0.5, "half", "1.033"}, std::tuple{0.1, "10%", "1.09"}, std::tuple{0.01, "1%", "1.29"}}) {
        out.push_back(
            {.property = fmt::format(
                 "chance to pass at 1/900: gain of keeping the best {} if |output|² cost nothing", name),
             .value = lift_of_best(outputs, keep, 0),
             .expected = fmt::format("{} at whitepaper; bounds every prediction", expected)});
    }
    return out;
}

Interval correlation(std::span<const double> scores, std::span<const OutputChance> outputs) {
    POUW_EXPECTS(scores.size() == outputs.size() && scores.size() >= 8);
    double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    const auto n = static_cast<double>(scores.size());
    const double score_mean = std::accumulate(scores.begin(), scores.end(), 0.0) / n;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        const double a = scores[i] - score_mean;
        const double b = outputs[i].chance[0] > 0 ? std::log(outputs[i].chance[0] / pass_rates[0]) : 0;
        x += a;
        y += b;
        xx += a * a;
        yy += b * b;
        xy += a * b;
    }
    const double spread = (xx - x * x / n) * (yy - y * y / n);
    const double r =
        spread <= 0 ? 0 : std::clamp((xy - x * y / n) / std::sqrt(spread), -1 + 1e-12, 1 - 1e-12);
    const double half = interval_sigma / std::sqrt(n - 3);
    return {std::tanh(std::atanh(r) - half), r, std::tanh(std::atanh(r) + half)};
}

std::array<SpeedUp, 2> measure_prediction(const ChancePrediction& prediction,
                                          std::span<const OutputChance> outputs, std::size_t choose,
                                          std::size_t test) {
    POUW_EXPECTS(prediction.scores.size() == outputs.size() && choose < test && test < outputs.size());
    std::vector<double> seen(prediction.scores.begin() + static_cast<std::ptrdiff_t>(choose),
                             prediction.scores.begin() + static_cast<std::ptrdiff_t>(test));
    std::sort(seen.begin(), seen.end(), std::greater<>{});
    std::vector<double> cuts;
    for (const double keep : keep_fractions)
        cuts.push_back(seen[static_cast<std::size_t>(keep * static_cast<double>(seen.size()))]);
    std::array<SpeedUp, 2> out;
    for (std::size_t r = 0; r < pass_rates.size(); ++r) {
        const auto chosen = gains(prediction, cuts, outputs, choose, test - choose, r);
        out[r].rate = pass_rates[r];
        out[r].kept = gains(prediction, cuts, outputs, test, outputs.size() - test, r);
        out[r].chosen = choose_fraction(chosen, out[r].kept);
    }
    return out;
}

}  // namespace pouw::inline v1::soundness
