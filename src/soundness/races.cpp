#include "soundness/races.hpp"

#include "soundness/chance.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/pow/race.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace pouw::inline v1::soundness {
namespace {

/// The rarer pass rate, which depends most on the race.
constexpr std::size_t rare = 0;
/// Expected largest of 2^10 normal values, in standard deviations.
constexpr double best_of_1024 = 3.2;

/// The quantile of a chi-square law, after Wilson and Hilferty; `z` is that of the normal law.
double chi_square_quantile(double z, double freedom) {
    const double part = 2 / (9 * freedom);
    const double root = 1 - part + z * std::sqrt(part);
    return freedom * root * root * root;
}

double mean_rate(std::span<const RaceChance> races) {
    double sum = 0;
    for (const RaceChance& race : races) sum += race.mean;
    return sum / static_cast<double>(races.size());
}

/// The mean square of the errors.
double error_square(std::span<const RaceChance> races) {
    double sum = 0;
    for (const RaceChance& race : races) sum += race.error * race.error;
    return sum / static_cast<double>(races.size());
}

core::result<RaceChance> chance_of_race(const pow::Race& race, std::uint64_t nonces, unsigned threads,
                                        std::stop_token stop) {
    auto evaluator =
        pow::TeamEvaluator::create(race, pow::node_seed(std::array<std::uint8_t, 1>{1}), threads);
    if (!evaluator) return evaluator.error();
    const ChanceOf chance_of{race.config()};
    std::vector<std::uint64_t> round;
    std::vector<float> values(race.config().model_dim);
    double sum = 0;
    double square = 0;
    for (std::uint64_t next = 0; next < nonces;) {
        round.resize(std::min<std::uint64_t>(evaluator->round_size(), nonces - next));
        std::iota(round.begin(), round.end(), next);
        next += round.size();
        const auto evaluations = evaluator->evaluate(round, stop);
        if (!evaluations) return evaluations.error();
        for (const pow::Evaluation& evaluation : *evaluations) {
            std::copy(evaluation.output.begin(), evaluation.output.end(), values.begin());
            const double chance = chance_of(values).chance[rare];
            sum += chance;
            square += chance * chance;
        }
    }
    const auto n = static_cast<double>(nonces);
    const double mean = sum / n;
    return RaceChance{mean, std::sqrt(std::max(0.0, square / n - mean * mean) / (n - 1))};
}

Curve race_curve(std::string name) {
    return Curve{.plot = "races",
                 .title = "Mean chance to pass by race, in standard errors from the common rate",
                 .x_label = "quantile of the normal law",
                 .y_label = "standard errors",
                 .name = std::move(name),
                 .logarithmic_y = false,
                 .points = {}};
}

/// The races in order against the normal law that one common rate would leave.
std::vector<Curve> race_curves(std::string_view network, std::vector<RaceChance> races) {
    Curve measured = race_curve(fmt::format("races of {}", network));
    Curve expected = race_curve(fmt::format("{}: one pass rate", network));
    const double mean = mean_rate(races);
    std::sort(races.begin(), races.end(), [mean](const RaceChance& a, const RaceChance& b) {
        return (a.mean - mean) * b.error < (b.mean - mean) * a.error;
    });
    for (std::size_t i = 0; i < races.size(); ++i) {
        const double place = (static_cast<double>(i) + 0.5) / static_cast<double>(races.size());
        const double quantile = -normal_tail_quantile(place);
        const double z = races[i].error > 0 ? (races[i].mean - mean) / races[i].error : 0;
        measured.points.push_back({quantile, {z, z, z}});
        if (i == 0 || i + 1 == races.size())
            expected.points.push_back({quantile, {quantile, quantile, quantile}});
    }
    return {std::move(measured), std::move(expected)};
}

HealthResult common_rate(std::span<const RaceChance> races, std::string_view network) {
    std::vector<double> rates;
    for (const RaceChance& race : races) rates.push_back(race.mean / pass_rates[rare]);
    HealthResult out{.property = fmt::format("races of {}: common pass rate over the closed form", network),
                     .value = mean_of(rates),
                     .expected = "1"};
    if (out.value.low > 1.05 || out.value.high < 0.95) out.verdict = Verdict::finding;
    if (out.value.low >= 0.95 && out.value.high <= 1.05) out.verdict = Verdict::passed;
    return out;
}

}  // namespace

Interval excess_deviation(std::span<const RaceChance> races) {
    POUW_EXPECTS(races.size() >= 3);
    const double mean = mean_rate(races);
    double square = 0;
    for (const RaceChance& race : races) square += (race.mean - mean) * (race.mean - mean);
    const double within = error_square(races);
    const double freedom = static_cast<double>(races.size()) - 1;
    const auto deviation = [&](double variance) {
        return std::sqrt(std::max(0.0, variance - within)) / mean;
    };
    return {deviation(square / chi_square_quantile(interval_sigma, freedom)), deviation(square / freedom),
            deviation(square / chi_square_quantile(-interval_sigma, freedom))};
}

core::result<Health> mean_chance_by_race(const pow::ModelConfig& config, std::string_view name,
                                         const RaceSample& sample, double gate, unsigned threads,
                                         std::string_view backend, std::stop_token stop) {
    POUW_EXPECTS(sample.races >= 3 && sample.nonces >= 100 && threads >= 1);
    std::vector<RaceChance> races;
    for (std::uint64_t r = 0; r < sample.races; ++r) {
        const pow::RaceSeed seed = pow::race_seed(
            {.chain_id = "pouw.soundness.races", .height = sample.seed + r, .block_hash = {}, .beacon = {}});
        const auto race = pow::Race::create(config, seed, backend, {.threads = threads, .stop = stop});
        if (!race) return race.error();
        const auto chance = chance_of_race(*race, sample.nonces, threads, stop);
        if (!chance) return chance.error();
        races.push_back(*chance);
    }
    Health out;
    const Interval deviation = excess_deviation(races);
    const double error = std::sqrt(error_square(races)) / mean_rate(races);
    out.results.push_back(
        {.property = fmt::format("races of {}: deviation of their pass rates at 1/900", name),
         .value = deviation,
         .expected = "small",
         .note = fmt::format("{} races of {} outputs; the error of one rate is {:.2g}", sample.races,
                             sample.nonces, error)});
    const auto worth = [](double d) { return 1 + best_of_1024 * d; };
    HealthResult choice{
        .property = fmt::format("races of {}: gain of the best of 2^10, if their rates were known", name),
        .value = {worth(deviation.low), worth(deviation.estimate), worth(deviation.high)},
        .expected = "1"};
    if (choice.value.high <= gate) choice.verdict = Verdict::passed;
    if (choice.value.low > finding_level) choice.verdict = Verdict::finding;
    out.results.push_back(std::move(choice));
    out.results.push_back(common_rate(races, name));
    out.curves = race_curves(name, std::move(races));
    return out;
}

}  // namespace pouw::inline v1::soundness
