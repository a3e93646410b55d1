#include "soundness/scoring.hpp"

#include "soundness/products.hpp"

#include "pouw/core/bytes.hpp"
#include "pouw/core/contract.hpp"
#include "pouw/core/parallel.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <mutex>
#include <numeric>

namespace pouw::inline v1::soundness {
namespace {

/// Rows whose scores under all permutations are held at a time by one thread.
constexpr std::size_t score_rows = 48;
/// Scores from which quantiles are taken.
constexpr std::size_t quantile_sample = std::size_t{1} << 22;
/// A fraction to keep is tried where at least so many solutions are found, or would be of knowledge that is
/// of no use; and where so many permutations are kept of those that serve all outputs.
constexpr double fewest_solutions = 50;
constexpr double fewest_permutations = 30;

constexpr std::size_t fractions = keep_fractions.size();
constexpr std::size_t rates = pass_rates.size();

/// Calls `work(first, count, block)` for the rows in blocks.
template <typename Work>
void in_blocks(Experiment::Rows rows, unsigned threads, const Work& work) {
    const std::size_t blocks = (rows.count + score_rows - 1) / score_rows;
    core::parallel_for(blocks, threads, {}, {}, [&](std::uint64_t block) {
        const std::size_t first = rows.first + block * score_rows;
        work(first, std::min(score_rows, rows.first + rows.count - first), block);
    });
}

/// An interval of a positive quantity by its logarithm; without solutions the upper end is that of the rule
/// of three.
Interval on_log_scale(double estimate, double relative_sigma, std::uint64_t solutions,
                      double of_one_solution) {
    if (solutions == 0) return {0, 0, -std::log(0.005) * of_one_solution};
    const double factor = std::exp(interval_sigma * relative_sigma);
    return {estimate / factor, estimate, estimate * factor};
}

/// What a gain is at least, four standard deviations below its estimate: chance shall not choose among twelve
/// fractions.
double cautious(const Interval& gain) {
    return gain.low > 0 ? gain.estimate * std::pow(gain.low / gain.estimate, 4 / interval_sigma) : 0;
}

}  // namespace

struct Permutations::State {
    std::size_t size = 0;
    std::vector<std::int8_t> targets;
    PackedMatrix packed;
};

Permutations::Permutations(std::span<const std::int8_t> target, std::size_t count, std::uint64_t seed)
    : state_{std::make_unique<State>()} {
    POUW_EXPECTS(!target.empty() && count > 0);
    state_->size = target.size();
    state_->targets.resize(count * target.size());
    std::array<std::uint8_t, 32> key{};
    const auto bytes = core::to_le(seed);
    std::copy(bytes.begin(), bytes.end(), key.begin());
    for (std::size_t i = 0; i < count; ++i) {
        const auto permutation =
            pow::shuffle(key, static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(target.size()));
        // output[p_i] meets target_i.
        for (std::size_t c = 0; c < target.size(); ++c)
            state_->targets[i * target.size() + permutation[c]] = target[c];
    }
    state_->packed = PackedMatrix{std::span<const std::int8_t>{state_->targets}, count, target.size()};
}

Permutations::~Permutations() = default;

std::size_t Permutations::count() const noexcept { return state_->packed.rows(); }

std::span<const std::int8_t> Permutations::target(std::size_t index) const {
    return std::span<const std::int8_t>{state_->targets}.subspan(index * state_->size, state_->size);
}

namespace {

std::size_t whole_panels(std::size_t rows) {
    return (rows + PackedMatrix::panel_rows - 1) / PackedMatrix::panel_rows * PackedMatrix::panel_rows;
}

void score(const Matrix& vectors, std::size_t first, std::size_t count, const PackedMatrix& targets,
           Matrix& out) {
    const std::size_t stride = whole_panels(targets.rows());
    out.resize(index_of(count), index_of(stride));
    multiply({vectors.row(index_of(first)).data(), count, size_of(vectors.cols())}, targets,
             {0, targets.columns()}, {0, stride}, {out.data(), count, stride}, false);
}

}  // namespace

Matrix Permutations::scores(const Matrix& vectors, unsigned threads) const {
    Matrix out(vectors.rows(), index_of(count()));
    in_blocks({0, size_of(vectors.rows())}, threads, [&](std::size_t first, std::size_t rows, std::size_t) {
        Matrix block;
        score(vectors, first, rows, state_->packed, block);
        out.middleRows(index_of(first), index_of(rows)) = block.leftCols(out.cols());
    });
    return out;
}

Experiment::Experiment(const Matrix& outputs, const Permutations& permutations,
                       std::array<double, 2> thresholds, unsigned threads)
    : outputs_{outputs}, permutations_{permutations}, thresholds_{thresholds}, threads_{threads} {
    const std::size_t rows = size_of(outputs.rows());
    const std::span<const std::int8_t> target = permutations.target(0);
    const double target_square = std::inner_product(target.begin(), target.end(), target.begin(), 0.0);
    const auto squares = [&](std::size_t row) {
        return static_cast<double>(outputs.row(index_of(row)).squaredNorm()) + target_square;
    };
    if (thresholds_[0] == 0 || thresholds_[1] == 0) {
        const std::size_t used = std::clamp<std::size_t>(quantile_sample / permutations.count(), 1, rows);
        std::vector<float> sample;
        for (std::size_t i = 0; i < used; ++i) {
            const std::size_t row = i * rows / used;
            const Matrix s = permutations.scores(outputs.row(index_of(row)), 1);
            for (Eigen::Index j = 0; j < s.cols(); ++j)
                sample.push_back(static_cast<float>(squares(row)) - 2 * s(0, j));
        }
        for (std::size_t r = 0; r < rates; ++r) {
            const auto at = sample.begin() +
                            static_cast<std::ptrdiff_t>(pass_rates[r] * static_cast<double>(sample.size()));
            std::nth_element(sample.begin(), at, sample.end());
            thresholds_[r] = static_cast<double>(*at);
        }
    }
    passes_.resize(rows);
    in_blocks({0, rows}, threads, [&](std::size_t first, std::size_t count, std::size_t) {
        const Matrix s = permutations.scores(outputs.middleRows(index_of(first), index_of(count)), 1);
        for (std::size_t i = 0; i < count; ++i) {
            const double square = squares(first + i);
            const auto rare = static_cast<float>((square - thresholds_[0]) / 2);
            const auto common = static_cast<float>((square - thresholds_[1]) / 2);
            const float* const row = s.row(index_of(i)).data();
            for (std::size_t j = 0; j < permutations.count(); ++j) {
                if (row[j] > common)
                    passes_[first + i].push_back(static_cast<std::uint32_t>(2 * j) + (row[j] > rare ? 1 : 0));
            }
        }
    });
}

double Experiment::measured_rate(std::size_t rate) const {
    double passed = 0;
    for (const auto& row : passes_) {
        for (const std::uint32_t pass : row) passed += rate == 1 || (pass & 1) == 1 ? 1 : 0;
    }
    return passed / static_cast<double>(passes_.size()) / static_cast<double>(permutations_.count());
}

/// Sums for the ratio of kept passes to passes, with both kinds of clusters.
struct Experiment::Counts {
    using ByFraction = std::array<std::uint32_t, fractions>;
    std::size_t rows = 0;
    std::vector<std::array<std::uint32_t, rates>> row_passes;
    std::vector<std::array<std::uint32_t, rates>> column_passes;
    std::array<std::vector<ByFraction>, rates> row_solutions;     // kept passes of an output
    std::array<std::vector<ByFraction>, rates> column_solutions;  // kept passes of a permutation
    std::vector<ByFraction> row_kept;
};

std::vector<float> Experiment::keep_cuts(const Knowledge& knowledge, Rows rows) const {
    std::vector<float> sample = knowledge.permutation_score;
    if (sample.empty()) {
        const bool shared = knowledge.approximation.rows() == 1;
        const std::size_t available = shared ? 1 : rows.count;
        const std::size_t used =
            std::clamp<std::size_t>(quantile_sample / permutations_.count(), 1, available);
        Matrix vectors(index_of(used), knowledge.approximation.cols());
        for (std::size_t i = 0; i < used; ++i)
            vectors.row(index_of(i)) =
                knowledge.approximation.row(index_of(shared ? 0 : rows.first + i * available / used));
        const Matrix s = permutations_.scores(vectors, threads_);
        sample.assign(s.data(), s.data() + s.size());
    }
    std::vector<float> cuts;
    for (const double keep : keep_fractions) {
        const auto rank = static_cast<std::ptrdiff_t>(keep * static_cast<double>(sample.size()));
        const auto at = sample.begin() + std::min<std::ptrdiff_t>(rank, std::ssize(sample) - 1);
        std::nth_element(sample.begin(), at, sample.end(), std::greater<>{});
        cuts.push_back(*at);
    }
    return cuts;
}

Experiment::Counts Experiment::count(const Knowledge& knowledge, std::span<const float> cuts,
                                     Rows rows) const {
    const std::size_t columns = permutations_.count();
    Counts counts;
    counts.rows = rows.count;
    counts.row_passes.resize(rows.count);
    counts.row_kept.resize(rows.count);
    counts.column_passes.resize(columns);
    for (std::size_t r = 0; r < rates; ++r) {
        counts.row_solutions[r].resize(rows.count);
        counts.column_solutions[r].resize(columns);
    }
    const bool shared = knowledge.approximation.rows() == 1;
    std::vector<float> common = knowledge.permutation_score;
    if (shared) {
        const Matrix s = permutations_.scores(knowledge.approximation, threads_);
        common.assign(s.data(), s.data() + s.size());
    }
    const auto kept_of = [&](const float* scores) {
        Counts::ByFraction kept{};
        for (std::size_t f = 0; f < fractions; ++f) {
            std::uint32_t above = 0;
            for (std::size_t j = 0; j < columns; ++j) above += scores[j] >= cuts[f] ? 1U : 0U;
            kept[f] = above;
        }
        return kept;
    };
    const Counts::ByFraction common_kept = common.empty() ? Counts::ByFraction{} : kept_of(common.data());
    std::mutex columns_mutex;
    in_blocks(rows, threads_, [&](std::size_t first, std::size_t count, std::size_t) {
        Matrix block;
        if (common.empty()) {
            block =
                permutations_.scores(knowledge.approximation.middleRows(index_of(first), index_of(count)), 1);
        }
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t row = first + i - rows.first;
            const float* const scores = common.empty() ? block.row(index_of(i)).data() : common.data();
            counts.row_kept[row] = common.empty() ? kept_of(scores) : common_kept;
        }
        const std::lock_guard lock{columns_mutex};
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t row = first + i - rows.first;
            const float* const scores = common.empty() ? block.row(index_of(i)).data() : common.data();
            for (const std::uint32_t pass : passes_[first + i]) {
                const std::size_t j = pass / 2;
                for (std::size_t r = (pass & 1) == 1 ? 0 : 1; r < rates; ++r) {
                    ++counts.row_passes[row][r];
                    ++counts.column_passes[j][r];
                    for (std::size_t f = 0; f < fractions && scores[j] >= cuts[f]; ++f) {
                        ++counts.row_solutions[r][row][f];
                        ++counts.column_solutions[r][j][f];
                    }
                }
            }
        }
    });
    return counts;
}

std::vector<KeptGain> Experiment::gains(const Knowledge& knowledge, const Counts& counts,
                                        std::size_t rate) const {
    const auto pairs = static_cast<double>(counts.rows) * static_cast<double>(permutations_.count());
    const bool by_permutation = knowledge.approximation.rows() <= 1;
    std::vector<KeptGain> out;
    for (std::size_t f = 0; f < fractions; ++f) {
        double passes = 0;
        double solutions = 0;
        double kept = 0;
        for (std::size_t row = 0; row < counts.rows; ++row) {
            passes += counts.row_passes[row][rate];
            solutions += counts.row_solutions[rate][row][f];
            kept += counts.row_kept[row][f];
        }
        const double nominal = keep_fractions[f];
        if (std::max(solutions, nominal * pass_rates[rate] * pairs) < fewest_solutions) break;
        if (by_permutation && nominal * static_cast<double>(permutations_.count()) < fewest_permutations)
            break;
        if (passes == 0 || kept == 0) break;
        const double share = solutions / passes;
        // Influence of every output and of every permutation on the share; pairs count once, not twice.
        double variance = 0;
        for (std::size_t row = 0; row < counts.rows; ++row) {
            const double z = counts.row_solutions[rate][row][f] - share * counts.row_passes[row][rate];
            variance += z * z;
        }
        double by_column = 0;
        for (std::size_t j = 0; j < counts.column_passes.size(); ++j) {
            const double z = counts.column_solutions[rate][j][f] - share * counts.column_passes[j][rate];
            by_column += z * z;
        }
        const double of_pairs = solutions * (1 - share) * (1 - share) + (passes - solutions) * share * share;
        const double joint = std::max({variance + by_column - of_pairs, variance, by_column});
        const double keep = kept / pairs;
        double keep_variance = 0;
        for (std::size_t row = 0; row < counts.rows; ++row) {
            const double z = counts.row_kept[row][f] / static_cast<double>(permutations_.count()) - keep;
            keep_variance += z * z;
        }
        const auto rows = static_cast<double>(counts.rows);
        const double sigma =
            solutions == 0
                ? 0
                : std::sqrt(joint / (solutions * solutions) + keep_variance / (rows * rows * keep * keep));
        const double expense = knowledge.cost + keep * knowledge.completion;
        const auto whole_solutions = static_cast<std::uint64_t>(solutions);
        out.push_back(
            {.keep = keep,
             .lift = on_log_scale(share / keep, sigma, whole_solutions, 1 / passes / keep),
             .speed_up = on_log_scale(share / expense, sigma, whole_solutions, 1 / passes / expense),
             .solutions = whole_solutions});
    }
    return out;
}

KeptGain choose_fraction(std::span<const KeptGain> seen, std::span<const KeptGain> measured) {
    const std::size_t both = std::min(seen.size(), measured.size());
    if (both == 0) return {};
    const auto best = std::max_element(
        seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(both),
        [](const KeptGain& x, const KeptGain& y) { return cautious(x.speed_up) < cautious(y.speed_up); });
    return measured[static_cast<std::size_t>(best - seen.begin())];
}

std::array<SpeedUp, 2> Experiment::measure(const Knowledge& knowledge, Rows choose, Rows test) const {
    POUW_EXPECTS(knowledge.approximation.rows() <= 1 || knowledge.approximation.rows() == outputs_.rows());
    const std::vector<float> cuts = keep_cuts(knowledge, choose);
    const Counts chosen_counts = count(knowledge, cuts, choose);
    const Counts test_counts = count(knowledge, cuts, test);
    std::array<SpeedUp, 2> out;
    for (std::size_t r = 0; r < rates; ++r) {
        const std::vector<KeptGain> seen = gains(knowledge, chosen_counts, r);
        out[r].rate = pass_rates[r];
        out[r].kept = gains(knowledge, test_counts, r);
        out[r].chosen = choose_fraction(seen, out[r].kept);
    }
    return out;
}

}  // namespace pouw::inline v1::soundness
