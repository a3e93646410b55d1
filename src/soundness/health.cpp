#include "soundness/health.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/parallel.hpp"
#include "pouw/pow/threshold.hpp"
#include "pouw/soundness/reuse.hpp"
#include "pouw/soundness/statistics.hpp"

#include <Eigen/Eigenvalues>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace pouw::inline v1::soundness {
namespace {

using Eigen::Index;

std::span<const float> row_of(const Matrix& matrix, Index row) {
    return {matrix.row(row).data(), size_of(matrix.cols())};
}

Interval around(double estimate, double sigma) {
    return {estimate - interval_sigma * sigma, estimate, estimate + interval_sigma * sigma};
}

/// Half the width of a 99% interval whose standard error was estimated with so many degrees of freedom: the
/// quantile of Student's law, by its expansion (within 1% from 5 on).
double student_sigma(double freedom) {
    const double z = interval_sigma;
    const double z3 = z * z * z;
    const double z5 = z3 * z * z;
    const double z7 = z5 * z * z;
    return z + (z3 + z) / (4 * freedom) + (5 * z5 + 16 * z3 + 3 * z) / (96 * freedom * freedom) +
           (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * freedom * freedom * freedom);
}

Interval around(double estimate, double sigma, double freedom) {
    return around(estimate, sigma * student_sigma(freedom) / interval_sigma);
}

Interval relative(const Interval& value, double unit) {
    return {value.low / unit, value.estimate / unit, value.high / unit};
}

/// Mean and spread of independent values.
class Sample {
  public:
    void add(double value) {
        ++count_;
        const double before = mean_;
        mean_ += (value - mean_) / static_cast<double>(count_);
        squares_ += (value - before) * (value - mean_);
    }
    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] double deviation() const {
        return count_ < 2 ? 0 : std::sqrt(squares_ / static_cast<double>(count_ - 1));
    }
    [[nodiscard]] Interval mean() const {
        if (count_ < 2) return {.low = -HUGE_VAL, .estimate = mean_, .high = HUGE_VAL};
        const auto count = static_cast<double>(count_);
        return around(mean_, deviation() / std::sqrt(count), count - 1);
    }

  private:
    std::size_t count_ = 0;
    double mean_ = 0;
    double squares_ = 0;
};

/// Standard deviation of independent values, with an interval that counts their fourth moment.
Interval deviation_of(std::span<const double> values) {
    const auto count = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
    double square = 0;
    double fourth = 0;
    for (const double value : values) {
        const double off = (value - mean) * (value - mean);
        square += off;
        fourth += off * off;
    }
    const double variance = square / (count - 1);
    if (variance == 0) return {};
    const double error = std::sqrt(std::max(0.0, fourth / count - variance * variance) / count);
    const double deviation = std::sqrt(variance);
    return around(deviation, error / (2 * deviation));
}

}  // namespace

Interval mean_of(std::span<const double> values) {
    Sample sample;
    for (const double value : values) sample.add(value);
    return sample.mean();
}

namespace {

/// A finding beyond one distance from the expected value, passed within another.
Verdict within(const Interval& value, double expected, double finding_beyond, double passed_within) {
    if (value.low > expected + finding_beyond || value.high < expected - finding_beyond)
        return Verdict::finding;
    const bool inside = value.low >= expected - passed_within && value.high <= expected + passed_within;
    return inside ? Verdict::passed : Verdict::information;
}

/// A gain that a property predicts, given for the ends of its interval.
Verdict by_gain(double gain_at_low, double gain_at_high, double gate) {
    if (gain_at_low > finding_level) return Verdict::finding;
    return gain_at_high <= gate ? Verdict::passed : Verdict::information;
}

double cosine(std::span<const float> a, std::span<const float> b) {
    double product = 0;
    double square_a = 0;
    double square_b = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        product += static_cast<double>(a[i]) * static_cast<double>(b[i]);
        square_a += static_cast<double>(a[i]) * static_cast<double>(a[i]);
        square_b += static_cast<double>(b[i]) * static_cast<double>(b[i]);
    }
    return square_a == 0 || square_b == 0 ? 1 : product / std::sqrt(square_a * square_b);
}

}  // namespace

double share_different(std::span<const float> a, std::span<const float> b) {
    std::size_t different = 0;
    for (std::size_t i = 0; i < a.size(); ++i) different += a[i] != b[i] ? 1U : 0U;
    return static_cast<double>(different) / static_cast<double>(a.size());
}

namespace {

/// The outputs without their component along (1, ..., 1).
Matrix balanced(const Matrix& outputs) { return outputs.colwise() - outputs.rowwise().mean(); }

// Second moments
// ---------------------------------------------------------------------------

constexpr std::size_t jackknife_groups = 40;

/// Sums of x xᵀ, |x|² and |x|⁴ of every group of outputs.
struct SecondMoments {
    std::array<Eigen::MatrixXf, jackknife_groups> products;
    std::array<double, jackknife_groups> squares{};
    std::array<double, jackknife_groups> fourths{};
    std::array<double, jackknife_groups> counts{};
};

SecondMoments second_moments(const Matrix& outputs) {
    SecondMoments out;
    const Index rows = outputs.rows();
    constexpr Index groups = jackknife_groups;
    for (std::size_t g = 0; g < jackknife_groups; ++g) {
        const Index first = rows * index_of(g) / groups;
        const Index count = rows * (index_of(g) + 1) / groups - first;
        const Matrix part = balanced(outputs.middleRows(first, count));
        out.products[g] = part.transpose() * part;
        for (Index i = 0; i < count; ++i) {
            const double square = part.row(i).cast<double>().squaredNorm();
            out.squares[g] += square;
            out.fourths[g] += square * square;
        }
        out.counts[g] = static_cast<double>(count);
    }
    return out;
}

/// d tr S² / (tr S)² from the products of different outputs.
double excess(double product_square, double square, double fourth, double count, double dimensions) {
    const double pair = (product_square - fourth) / (count * (count - 1));
    return dimensions * pair / ((square / count) * (square / count));
}

Interval excess_of(const SecondMoments& moments, const Eigen::MatrixXd& total) {
    const auto sum = [](const auto& values) { return std::accumulate(values.begin(), values.end(), 0.0); };
    const double square = sum(moments.squares);
    const double fourth = sum(moments.fourths);
    const double count = sum(moments.counts);
    const double dimensions = static_cast<double>(total.rows() - 1);
    const double whole = excess(total.squaredNorm(), square, fourth, count, dimensions);
    Sample without;
    for (std::size_t g = 0; g < jackknife_groups; ++g) {
        without.add(excess((total - moments.products[g].cast<double>()).squaredNorm(),
                           square - moments.squares[g], fourth - moments.fourths[g],
                           count - moments.counts[g], dimensions));
    }
    const auto groups = static_cast<double>(jackknife_groups);
    return around(whole, without.deviation() * (groups - 1) / std::sqrt(groups), groups - 1);
}

Eigen::MatrixXd total_of(const SecondMoments& moments) {
    Eigen::MatrixXd total = moments.products.front().cast<double>();
    for (std::size_t g = 1; g < jackknife_groups; ++g) total += moments.products[g].cast<double>();
    return total;
}

/// Eigenvalues, from the largest, of the covariance of n outputs that fill d directions evenly (ratio = d/n
/// below 1).
std::vector<double> even_eigenvalues(std::size_t dimensions, double ratio) {
    const double root = std::sqrt(ratio);
    const double low = (1 - root) * (1 - root);
    const double high = (1 + root) * (1 + root);
    // x = middle + half · cos(angle): the density is smooth in the angle.
    const double middle = (low + high) / 2;
    const double half = (high - low) / 2;
    constexpr std::size_t steps = 20000;
    const double step = std::numbers::pi / static_cast<double>(steps);
    std::vector<double> out;
    double mass = 0;
    for (std::size_t i = 0; i < steps && out.size() < dimensions; ++i) {
        const double angle = (static_cast<double>(i) + 0.5) * step;
        const double x = middle + half * std::cos(angle);
        const double sine = half * std::sin(angle);
        mass += sine * sine / (2 * std::numbers::pi * ratio * x) * step;
        while (out.size() < dimensions &&
               mass >= (static_cast<double>(out.size()) + 0.5) / static_cast<double>(dimensions))
            out.push_back(x);
    }
    while (out.size() < dimensions) out.push_back(low);
    return out;
}

Curve spectrum_curve(std::string name) {
    return {.plot = "spectrum",
            .title = "Spectrum of the outputs",
            .x_label = "eigenvalue, from the largest",
            .y_label = "relative to their mean",
            .name = std::move(name),
            .logarithmic_y = true,
            .points = {}};
}

std::vector<Curve> spectrum_curves(const Eigen::MatrixXd& total, std::size_t outputs) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver{total, Eigen::EigenvaluesOnly};
    const Eigen::VectorXd& values = solver.eigenvalues();  // ascending; the first belongs to (1, ..., 1)
    const auto dimensions = size_of(values.size() - 1);
    const double mean = values.tail(values.size() - 1).mean();
    Curve measured = spectrum_curve("measured");
    Curve even = spectrum_curve("even directions");
    const std::vector<double> expected =
        even_eigenvalues(dimensions, static_cast<double>(dimensions) / static_cast<double>(outputs));
    for (std::size_t i = 0; i < dimensions; ++i) {
        const double value = values[values.size() - 1 - index_of(i)] / mean;
        const auto at = static_cast<double>(i + 1);
        measured.points.push_back({at, {value, value, value}});
        even.points.push_back({at, {expected[i], expected[i], expected[i]}});
    }
    return {std::move(measured), std::move(even)};
}

}  // namespace

void Health::append(Health other) {
    std::move(other.results.begin(), other.results.end(), std::back_inserter(results));
    std::move(other.curves.begin(), other.curves.end(), std::back_inserter(curves));
}

// Outputs
// ---------------------------------------------------------------------------

Matrix forward(const pow::Race& race, std::span<const pow::Input> inputs, unsigned threads,
               std::stop_token stop) {
    const std::size_t dim = race.config().model_dim;
    const std::size_t batch = std::max<std::size_t>(1, race.network().preferred_batch());
    Matrix out(index_of(inputs.size()), index_of(dim));
    std::atomic<bool> failed{false};
    const bool finished =
        core::parallel_for((inputs.size() + batch - 1) / batch, threads, {}, stop, [&](std::uint64_t block) {
            const std::size_t first = block * batch;
            const auto part = inputs.subspan(first, std::min(batch, inputs.size() - first));
            std::vector<std::int8_t> values(part.size() * dim);
            const auto pass = race.network().forward_pass(part.size());
            if (!pass || !(*pass)->run(part, values, stop)) {
                failed = true;
                return;
            }
            std::copy(values.begin(), values.end(), out.row(index_of(first)).data());
        });
    return finished && !failed ? out : Matrix{};
}

Matrix forward(const Engine& engine, std::span<const pow::Input> inputs, std::stop_token stop) {
    Matrix states = engine.embed(inputs);
    for (std::uint32_t layer = 0; layer < engine.variant().config.layers; ++layer)
        if (!engine.apply(*engine.load(layer), states, stop)) return {};
    return engine.outputs(states);
}

// Properties of independent outputs
// ---------------------------------------------------------------------------

HealthResult mean_power(const Matrix& outputs, double gate) {
    POUW_EXPECTS(outputs.rows() >= 10);
    MeanPower power{size_of(outputs.cols()), std::min<std::size_t>(100, size_of(outputs.rows()))};
    for (Index i = 0; i < outputs.rows(); ++i) power.add(size_of(i), row_of(outputs, i));
    return mean_power(power, gate);
}

HealthResult mean_power(const MeanPower& power, double gate) {
    HealthResult out{.property = "power of the mean", .value = power.share(), .expected = "0"};
    const auto gain = [](double share) {
        return expected_gain(std::sqrt(std::clamp(share, 0.0, 1.0)), pass_rates.front(), 0, 1).speed_up;
    };
    const double low = gain(out.value.low);
    const double high = gain(out.value.high);
    out.verdict = by_gain(low, high, gate);
    out.note = fmt::format("by the permutation alone {:.3g} to {:.3g} times the solutions, if it is known",
                           low, high);
    return out;
}

std::vector<HealthResult> pairwise_cosines(const Matrix& outputs) {
    POUW_EXPECTS(outputs.rows() >= 8);
    constexpr Index most = 4096;
    constexpr Index block = 256;
    std::vector<double> pairs;
    for (Index i = 0; i + 1 < outputs.rows(); i += 2)
        pairs.push_back(cosine(row_of(outputs, i), row_of(outputs, i + 1)));
    const double dim = static_cast<double>(outputs.cols());

    const Index rows = std::min(most, outputs.rows());
    const Matrix units = outputs.topRows(rows).rowwise().normalized();
    double largest = 0;
    for (Index first = 0; first < rows; first += block) {
        const Index count = std::min(block, rows - first);
        Matrix products = units.middleRows(first, count) * units.topRows(first + count).transpose();
        for (Index i = 0; i < count; ++i) products.row(i).tail(count - i).setZero();
        largest = std::max(largest, static_cast<double>(products.cwiseAbs().maxCoeff()));
    }
    const double all_pairs = static_cast<double>(rows) * static_cast<double>(rows - 1) / 2;
    constexpr double surprise = 1e-6;
    const double limit = std::min(0.999, normal_tail_quantile(surprise / 2 / all_pairs) / std::sqrt(dim));

    HealthResult mean{.property = "cosine of two outputs, mean", .value = mean_of(pairs), .expected = "0"};
    mean.verdict = within(mean.value, 0, 0.01, 0.02);
    HealthResult deviation{
        .property = "cosine of two outputs, deviation × sqrt(dim)",
        .value = relative(deviation_of(pairs), 1 / std::sqrt(dim)),
        .expected = "1 if all directions are alike; its square is the excess of the spectrum"};
    HealthResult extreme{.property = fmt::format("cosine of two outputs, largest of {:.0f} pairs", all_pairs),
                         .value = {largest, largest, largest},
                         .expected = fmt::format("below {:.2f}", limit)};
    extreme.verdict =
        largest > limit * std::max(1.0, deviation.value.high) ? Verdict::finding : Verdict::passed;
    return {std::move(mean), std::move(deviation), std::move(extreme)};
}

Health spectrum(const Matrix& outputs, const pow::ModelConfig& config, double gate) {
    POUW_EXPECTS(size_of(outputs.rows()) >= jackknife_groups && outputs.cols() >= 2);
    const SecondMoments moments = second_moments(outputs);
    const Eigen::MatrixXd total = total_of(moments);
    Health out;
    HealthResult result{.property = "spectrum: dim tr S² / (tr S)²",
                        .value = excess_of(moments, total),
                        .expected = "1 if all directions are alike; 1.25 at whitepaper"};
    constexpr double keep = 0.1;
    const auto lift = [&](double value) {
        return scan_lift(value, config.model_dim, pass_rates.front(), keep);
    };
    if (config.permutation_binding == pow::PermutationBinding::input)
        result.verdict = by_gain(lift(result.value.low), lift(result.value.high), gate);
    result.note = fmt::format(
        "predicts {:.3f} times the solutions at 1/900 for the best 10% of permutations, if these are known",
        lift(result.value.estimate));
    out.results.push_back(std::move(result));
    if (outputs.rows() > outputs.cols()) out.curves = spectrum_curves(total, size_of(outputs.rows()));
    return out;
}

std::vector<HealthResult> squared_lengths(const Matrix& outputs) {
    POUW_EXPECTS(outputs.rows() >= 2);
    std::vector<double> squares;
    std::uint64_t collapsed = 0;
    const double dim = static_cast<double>(outputs.cols());
    for (Index i = 0; i < outputs.rows(); ++i) {
        const double square = outputs.row(i).cast<double>().squaredNorm();
        squares.push_back(square);
        collapsed += square < 960 * dim ? 1U : 0U;
    }
    const double expected = 0.99865 * 1024 * dim;
    HealthResult mean{.property = "|output|², mean",
                      .value = mean_of(squares),
                      .expected = fmt::format("{:.0f}", expected)};
    mean.verdict = within(relative(mean.value, expected), 1, 0.005, 0.005);
    HealthResult deviation{.property = "|output|², deviation",
                           .value = deviation_of(squares),
                           .expected = "small: 740 at whitepaper"};
    HealthResult short_ones{
        .property = fmt::format("|output|², share below {:.0f}", 960 * dim),
        .value = binomial_interval(collapsed, size_of(outputs.rows())),
        .expected = "0: these never pass",
        .note = fmt::format("the smallest is {:.0f}", *std::min_element(squares.begin(), squares.end()))};
    short_ones.verdict = within(short_ones.value, 0, 0.001, 0.01);
    return {std::move(mean), std::move(deviation), std::move(short_ones)};
}

namespace {

/// How many of the pairs of outputs and permutations lie below a threshold, by output and by permutation.
struct PairCounts {
    std::vector<double> by_output;
    std::vector<double> by_permutation;

    /// Their share; pairs of one output, or of one permutation, are not independent.
    [[nodiscard]] Interval share() const {
        const double solutions = std::accumulate(by_output.begin(), by_output.end(), 0.0);
        const auto spread = [solutions](const std::vector<double>& counts) {
            const double mean = solutions / static_cast<double>(counts.size());
            double sum = 0;
            for (const double count : counts) sum += (count - mean) * (count - mean);
            return sum;
        };
        const double pairs =
            static_cast<double>(by_output.size()) * static_cast<double>(by_permutation.size());
        const double rows = spread(by_output);
        const double columns = spread(by_permutation);
        const double variance =
            std::max({rows + columns - solutions * (1 - solutions / pairs), rows, columns});
        return around(solutions / pairs, std::sqrt(variance) / pairs);
    }
};

/// Counts at every threshold: one row block of outputs a thread.
std::vector<PairCounts> pairs_below(const Matrix& outputs, const Permutations& permutations,
                                    double target_square, std::span<const double> thresholds,
                                    unsigned threads) {
    constexpr std::size_t block = 128;
    const auto rows = size_of(outputs.rows());
    const std::size_t columns = permutations.count();
    const PairCounts none{.by_output = std::vector<double>(rows),
                          .by_permutation = std::vector<double>(columns)};
    std::vector<PairCounts> out(thresholds.size(), none);
    const std::size_t blocks = (rows + block - 1) / block;
    // Whole numbers as doubles: the sums do not depend on the order.
    std::vector<std::vector<std::uint32_t>> by_block(blocks,
                                                     std::vector<std::uint32_t>(thresholds.size() * columns));
    core::parallel_for(blocks, threads, {}, {}, [&](std::uint64_t b) {
        const std::size_t first = b * block;
        const std::size_t count = std::min(block, rows - first);
        const Matrix scores = permutations.scores(outputs.middleRows(index_of(first), index_of(count)), 1);
        for (std::size_t i = 0; i < count; ++i) {
            const double square =
                outputs.row(index_of(first + i)).cast<double>().squaredNorm() + target_square;
            const float* const row = scores.row(index_of(i)).data();
            for (std::size_t t = 0; t < thresholds.size(); ++t) {
                const auto least = static_cast<float>((square - thresholds[t]) / 2);
                std::uint32_t* const by_column = &by_block[b][t * columns];
                std::uint32_t below = 0;
                for (std::size_t j = 0; j < columns; ++j) {
                    const std::uint32_t solution = row[j] > least ? 1 : 0;
                    below += solution;
                    by_column[j] += solution;
                }
                out[t].by_output[first + i] = below;
            }
        }
    });
    for (const auto& counts : by_block)
        for (std::size_t t = 0; t < thresholds.size(); ++t)
            for (std::size_t j = 0; j < columns; ++j) out[t].by_permutation[j] += counts[t * columns + j];
    return out;
}

}  // namespace

Health distance_law(const pow::ModelConfig& config, const Matrix& outputs, const Permutations& permutations,
                    unsigned threads) {
    POUW_EXPECTS(size_of(outputs.cols()) == config.model_dim && outputs.rows() >= 2 &&
                 permutations.count() >= 2);
    constexpr std::array<std::uint64_t, 6> denominators{2, 10, 50, 100, 900, 10000};
    std::array<double, denominators.size()> thresholds{};
    for (std::size_t t = 0; t < thresholds.size(); ++t)
        thresholds[t] = static_cast<double>(pow::threshold_for(config, 1, denominators[t]).value());
    const auto counts = pairs_below(outputs, permutations, 1024.0 * config.model_dim, thresholds, threads);

    Health out;
    Curve curve{.plot = "distance-law",
                .title = "Probability to pass, relative to the closed form",
                .x_label = "closed form: 1 in 10^x",
                .y_label = "measured / closed form",
                .name = "P(d2 < T)",
                .logarithmic_y = false,
                .points = {}};
    for (std::size_t t = 0; t < thresholds.size(); ++t) {
        const double expected = pow::probability(config, static_cast<std::uint64_t>(thresholds[t]));
        HealthResult result{.property = fmt::format("P(d2 < {:.0f}) over the closed form, 1 in {}",
                                                    thresholds[t], denominators[t]),
                            .value = relative(counts[t].share(), expected),
                            .expected = "1"};
        const double tolerance = config.model_dim < 512 ? 0.05 : denominators[t] <= 50 ? 0.01 : 0.02;
        if (denominators[t] <= 900) result.verdict = within(result.value, 1, tolerance, tolerance);
        curve.points.emplace_back(std::log10(static_cast<double>(denominators[t])), result.value);
        out.results.push_back(std::move(result));
    }
    out.curves.push_back(std::move(curve));
    return out;
}

std::vector<HealthResult> own_permutations(const pow::ModelConfig& config,
                                           std::span<const std::uint64_t> squared_distances) {
    POUW_EXPECTS(!squared_distances.empty());
    std::vector<HealthResult> out;
    for (const std::uint64_t denominator : {std::uint64_t{50}, std::uint64_t{100}, std::uint64_t{900}}) {
        const std::uint64_t threshold = pow::threshold_for(config, 1, denominator).value();
        const auto below =
            std::count_if(squared_distances.begin(), squared_distances.end(),
                          [threshold](std::uint64_t distance) { return distance < threshold; });
        const Interval share = binomial_interval(static_cast<std::uint64_t>(below), squared_distances.size());
        out.push_back({.property = fmt::format(
                           "P(d2 < {}) under the nonces' own permutations over the closed form, 1 in {}",
                           threshold, denominator),
                       .value = relative(share, pow::probability(config, threshold)),
                       .expected = "1"});
    }
    return out;
}

// Sensitivity
// ---------------------------------------------------------------------------

namespace {

/// A bit of an input.
struct InputBit {
    bool noise = false;
    std::size_t position = 0;
    unsigned bit = 0;
};

std::vector<InputBit> bits_of(const Variant& variant) {
    std::vector<InputBit> out;
    const pow::ModelConfig& config = variant.config;
    const auto token_bits = static_cast<unsigned>(std::countr_zero(config.vocab_size));
    for (std::size_t position = 0; position < config.sequence_length; ++position) {
        for (unsigned bit = 0; bit < token_bits; ++bit)
            out.push_back({.noise = false, .position = position, .bit = bit});
        if (!variant.input_noise) continue;
        for (unsigned bit = 0; bit < 8; ++bit)
            out.push_back({.noise = true, .position = position, .bit = bit});
    }
    return out;
}

/// `index` chooses the noise byte.
pow::Input flipped(pow::Input input, const InputBit& bit, std::size_t index, std::size_t dim) {
    if (!bit.noise) {
        input.tokens[bit.position] ^= 1U << bit.bit;
        return input;
    }
    // The byte of 0 with its highest bit would be -128, which is read as 0.
    std::size_t coordinate = (index * 197 + bit.bit * 59) % dim;
    const auto changed = [&] {
        const auto byte = static_cast<std::uint8_t>(input.noise[bit.position * dim + coordinate]);
        return static_cast<std::int8_t>(static_cast<std::uint8_t>(byte ^ (1U << bit.bit)));
    };
    for (std::size_t tries = 0; tries < dim && changed() == -128; ++tries)
        coordinate = (coordinate + 1) % dim;
    input.noise[bit.position * dim + coordinate] = changed();
    return input;
}

/// What flips of one kind did: a value an input, for the flips of one input share its output.
struct FlipEffect {
    Sample cosines;
    Sample different;
    Sample absorbed;
};

Curve avalanche_curve(std::string name) {
    return {.plot = "avalanche",
            .title = "Outputs before and after one bit of the input is flipped",
            .x_label = "bit",
            .y_label = "cosine",
            .name = std::move(name),
            .logarithmic_y = false,
            .points = {}};
}

/// The effect of every bit: cosine and share of coordinates for each input, empty where the first norm
/// absorbed it.
struct FlipOutcomes {
    struct Outcome {
        bool absorbed = false;
        double cosine = 0;
        double different = 0;
    };
    std::vector<InputBit> bits;
    std::vector<Outcome> outcomes;  ///< inputs × bits
    std::size_t inputs = 0;
    double independent_share = 0;  ///< of coordinates in which outputs of different inputs differ

    template <typename Chosen>
    [[nodiscard]] FlipEffect effect(const Chosen& chosen) const {
        FlipEffect out;
        for (std::size_t i = 0; i < inputs; ++i) {
            Sample cosines;
            Sample different;
            Sample absorbed;
            for (std::size_t b = 0; b < bits.size(); ++b) {
                if (!chosen(bits[b])) continue;
                const Outcome& outcome = outcomes[i * bits.size() + b];
                absorbed.add(outcome.absorbed ? 1 : 0);
                if (outcome.absorbed) continue;
                cosines.add(outcome.cosine);
                different.add(outcome.different);
            }
            if (absorbed.count() > 0) out.absorbed.add(absorbed.mean().estimate);
            if (cosines.count() == 0) continue;
            out.cosines.add(cosines.mean().estimate);
            out.different.add(different.mean().estimate);
        }
        return out;
    }
};

FlipOutcomes flip_all(const Engine& engine, const Forward& forward, std::span<const pow::Input> inputs) {
    FlipOutcomes out;
    out.bits = bits_of(engine.variant());
    out.inputs = inputs.size();
    std::vector<pow::Input> all;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        all.push_back(inputs[i]);
        for (const InputBit& bit : out.bits)
            all.push_back(flipped(inputs[i], bit, i, engine.variant().config.model_dim));
    }
    const Matrix outputs = forward(all);
    if (outputs.rows() == 0) return {};
    const auto length = static_cast<Index>(engine.variant().config.sequence_length);
    const auto group = index_of(out.bits.size() + 1);
    Sample independent;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const Index base = index_of(i) * group;
        for (Index b = 0; b < group && i > 0; ++b)
            independent.add(share_different(row_of(outputs, base + b), row_of(outputs, base + b - group)));
        const Matrix states = engine.embed(std::span{all}.subspan(size_of(base), size_of(group)));
        for (Index b = 1; b < group; ++b) {
            const bool absorbed = states.middleRows(b * length, length) == states.topRows(length);
            const auto before = row_of(outputs, base);
            const auto after = row_of(outputs, base + b);
            out.outcomes.push_back({absorbed, cosine(before, after), share_different(before, after)});
        }
    }
    out.independent_share = independent.mean().estimate;
    return out;
}

void append_effect(Health& health, const FlipEffect& effect, double independent_share,
                   std::string_view kind) {
    if (effect.cosines.count() < 2) return;
    HealthResult cosines{.property = fmt::format("one {} bit flipped: cosine of the outputs", kind),
                         .value = effect.cosines.mean(),
                         .expected = "0"};
    cosines.verdict = within(cosines.value, 0, 0.01, 0.02);
    HealthResult different{
        .property = fmt::format("one {} bit flipped: share of coordinates changed", kind),
        .value = effect.different.mean(),
        .expected = fmt::format("{:.3f}, as between independent outputs", independent_share)};
    different.verdict = within(different.value, independent_share, 0.01, 0.01);
    health.results.push_back(std::move(cosines));
    health.results.push_back(std::move(different));
}

}  // namespace

Health avalanche(const Engine& engine, const Forward& forward, std::span<const pow::Input> inputs) {
    POUW_EXPECTS(inputs.size() >= 2);
    const FlipOutcomes outcomes = flip_all(engine, forward, inputs);
    Health out;
    if (outcomes.inputs == 0) return out;
    const auto is_token = [](const InputBit& bit) { return !bit.noise; };
    const auto is_noise = [](const InputBit& bit) { return bit.noise; };
    append_effect(out, outcomes.effect(is_token), outcomes.independent_share, "token");
    const FlipEffect noise = outcomes.effect(is_noise);
    append_effect(out, noise, outcomes.independent_share, "noise");
    if (noise.absorbed.count() >= 2) {
        out.results.push_back({.property = "one noise bit flipped: absorbed by the first norm",
                               .value = noise.absorbed.mean(),
                               .expected = "the low bits of a byte, of which about 6 remain"});
    }
    Curve tokens = avalanche_curve("token");
    Curve noises = avalanche_curve("noise");
    for (unsigned bit = 0; bit < 32; ++bit) {
        for (Curve* curve : {&tokens, &noises}) {
            const bool of_noise = curve == &noises;
            const FlipEffect effect =
                outcomes.effect([&](const InputBit& b) { return b.bit == bit && b.noise == of_noise; });
            if (effect.cosines.count() >= 2) curve->points.emplace_back(bit, effect.cosines.mean());
        }
    }
    out.curves.push_back(std::move(tokens));
    if (!noises.points.empty()) out.curves.push_back(std::move(noises));
    return out;
}

}  // namespace pouw::inline v1::soundness
