#include "soundness/structure.hpp"

#include "soundness/products.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/parallel.hpp"

#include <Eigen/Cholesky>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace pouw::inline v1::soundness {
namespace {

using Eigen::Index;
using pow::TensorId;

// Lines (rows or columns) up to a factor
// ---------------------------------------------------------------------------

std::uint64_t mixed(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

/// Two random factors of a place, small enough for sums of 2^19 of them times a byte.
constexpr unsigned factor_bits = 36;
std::array<std::int64_t, 2> factors_of(std::uint64_t place) {
    constexpr std::uint64_t most = (std::uint64_t{1} << factor_bits) - 1;
    return {static_cast<std::int64_t>(mixed(2 * place) & most),
            static_cast<std::int64_t>(mixed(2 * place + 1) & most)};
}

/// The fingerprint of a line of whole numbers that is the same for all its multiples: two random sums, over
/// the greatest common divisor, with the sign of the first value that is not zero.
class Fingerprint {
  public:
    void add(std::int32_t value, const std::array<std::int64_t, 2>& factors) {
        if (value == 0) return;
        if (divisor_ != 1) divisor_ = std::gcd(divisor_, value);
        if (sign_ == 0) sign_ = value < 0 ? -1 : 1;
        sums_[0] += value * factors[0];
        sums_[1] += value * factors[1];
    }
    [[nodiscard]] bool zero() const { return sign_ == 0; }
    [[nodiscard]] std::uint64_t value() const {
        if (zero()) return 0;
        const std::int64_t unit = std::int64_t{sign_} * divisor_;
        return mixed(mixed(static_cast<std::uint64_t>(sums_[0] / unit)) ^
                     static_cast<std::uint64_t>(sums_[1] / unit));
    }

  private:
    std::array<std::int64_t, 2> sums_{};
    std::int32_t divisor_ = 0;
    std::int32_t sign_ = 0;
};

std::vector<std::array<std::int64_t, 2>> factors(std::size_t count) {
    std::vector<std::array<std::int64_t, 2>> out(count);
    for (std::size_t i = 0; i < count; ++i) out[i] = factors_of(i);
    return out;
}

/// Lines that are a multiple of an earlier one.
std::uint64_t repeated(std::vector<std::uint64_t> fingerprints) {
    std::sort(fingerprints.begin(), fingerprints.end());
    const auto different = std::unique(fingerprints.begin(), fingerprints.end()) - fingerprints.begin();
    return fingerprints.size() - static_cast<std::uint64_t>(different);
}

HealthResult counted(std::string property, std::uint64_t count, std::string note) {
    const auto value = static_cast<double>(count);
    return {.property = std::move(property),
            .value = {value, value, value},
            .expected = "0",
            .verdict = count > 0 ? Verdict::finding : Verdict::passed,
            .note = std::move(note)};
}

// Weights
// ---------------------------------------------------------------------------

/// Rows that all pairs are compared of.
constexpr std::size_t compared_rows = 512;
/// Of this many times the smaller side the rank is taken.
constexpr std::size_t rank_sample = 4;

std::string name_of(TensorId id) {
    constexpr std::array<const char*, 8> names{"Wq", "Wk", "Wv", "Wo", "W1", "W3", "W2", ""};
    const TensorId first = pow::layer_tensor(0, pow::LayerTensor::query);
    if (id < first) return id == pow::token_embedding ? "token embedding" : "position embedding";
    return fmt::format("{} of layer {}", names.at((id - first) % 8), (id - first) / 8);
}

/// What is kept of one tensor.
struct TensorFacts {
    TensorId id = 0;
    std::size_t columns = 0;
    std::vector<std::uint64_t> rows;  ///< fingerprints
    std::uint64_t repeated_columns = 0;
    double zeros = 0;   ///< share
    double rank = 1;    ///< over the full one
    double cosine = 0;  ///< largest of the compared rows
    std::size_t compared = 0;
};

/// Rank over the smaller side, from the pivots of the Cholesky decomposition: a row that follows from those
/// before it leaves none.
double relative_rank(const Matrix& weights) {
    const bool tall = weights.rows() >= weights.cols();
    const Index small = std::min(weights.rows(), weights.cols());
    const Index sample = std::min(index_of(rank_sample) * small, std::max(weights.rows(), weights.cols()));
    const Matrix lines =
        tall ? Matrix{weights.topRows(sample).transpose()} : Matrix{weights.leftCols(sample)};
    Eigen::MatrixXd gram = multiplied(lines, lines.transpose(), 1).cast<double>();
    const double unit = gram.diagonal().mean();
    if (unit == 0) return 0;
    constexpr double ridge = 1e-7;
    constexpr double least_pivot = 1e-5;
    gram.diagonal().array() += ridge * unit;
    const Eigen::LLT<Eigen::MatrixXd> factors{gram};
    if (factors.info() != Eigen::Success) return 0;
    const Eigen::MatrixXd triangle = factors.matrixL();
    const Index kept = (triangle.diagonal().array().square() > least_pivot * unit).count();
    return static_cast<double>(kept) / static_cast<double>(small);
}

double largest_cosine(const Matrix& weights) {
    const Index rows = std::min(index_of(compared_rows), weights.rows());
    const Matrix units = weights.topRows(rows).rowwise().normalized();
    Matrix products = multiplied(units, units.transpose(), 1);
    products.diagonal().setZero();
    return static_cast<double>(products.cwiseAbs().maxCoeff());
}

TensorFacts facts_of(const pow::TensorSource& source, const pow::ModelConfig& config, TensorId id) {
    const auto [rows, columns] = pow::tensor_shape(config, id);
    const bool embedding = id == pow::token_embedding || id == pow::position_embedding;
    TensorFacts out;
    out.id = id;
    out.columns = columns;
    std::vector<std::int8_t> scratch(rows * columns);
    const std::span<const std::int8_t> values = source.rows(id, 0, rows, scratch);
    const auto of_column = factors(columns);
    std::vector<Fingerprint> by_column(columns);
    std::uint64_t zeros = 0;
    for (std::size_t r = 0; r < rows; ++r) {
        const auto of_row = factors_of(r);
        Fingerprint row;
        for (std::size_t c = 0; c < columns; ++c) {
            const std::int32_t value = values[r * columns + c];
            zeros += value == 0 ? 1U : 0U;
            row.add(value, of_column[c]);
            if (!embedding) by_column[c].add(value, of_row);
        }
        out.rows.push_back(row.value());
    }
    out.zeros = static_cast<double>(zeros) / static_cast<double>(rows * columns);
    if (embedding) return out;
    std::vector<std::uint64_t> fingerprints;
    for (const Fingerprint& column : by_column) fingerprints.push_back(column.value());
    out.repeated_columns = repeated(std::move(fingerprints));
    const Matrix real =
        Eigen::Map<const Eigen::Matrix<std::int8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>{
            values.data(), index_of(rows), index_of(columns)}
            .cast<float>();
    out.rank = relative_rank(real);
    out.cosine = largest_cosine(real);
    out.compared = std::min<std::size_t>(compared_rows, rows);
    return out;
}

/// Rows that a tensor of the same width has too, and tensors that equal another.
std::vector<HealthResult> shared_rows(std::span<const TensorFacts> all) {
    struct Row {
        std::uint64_t fingerprint;
        TensorId tensor;
    };
    std::map<std::size_t, std::vector<Row>> by_width;
    for (const TensorFacts& facts : all) {
        for (const std::uint64_t row : facts.rows) {
            if (row != 0) by_width[facts.columns].push_back({row, facts.id});
        }
    }
    std::uint64_t shared = 0;
    std::string note;
    for (auto& [width, rows] : by_width) {
        std::stable_sort(rows.begin(), rows.end(),
                         [](const Row& a, const Row& b) { return a.fingerprint < b.fingerprint; });
        for (std::size_t i = 1; i < rows.size(); ++i) {
            if (rows[i].fingerprint != rows[i - 1].fingerprint || rows[i].tensor == rows[i - 1].tensor)
                continue;
            if (shared++ == 0)
                note = fmt::format("{} and {}", name_of(rows[i - 1].tensor), name_of(rows[i].tensor));
        }
    }
    std::map<std::vector<std::uint64_t>, TensorId> seen;
    std::uint64_t equal = 0;
    std::string which;
    for (const TensorFacts& facts : all) {
        const auto [found, added] = seen.try_emplace(facts.rows, facts.id);
        if (added) continue;
        if (equal++ == 0) which = fmt::format("{} and {}", name_of(found->second), name_of(facts.id));
    }
    return {counted("weights: rows that a row of another tensor is a multiple of", shared, std::move(note)),
            counted("weights: tensors equal to another", equal, std::move(which))};
}

/// The tensor at which a fact is largest.
template <typename Fact>
const TensorFacts& extreme(std::span<const TensorFacts> all, const Fact& fact) {
    return *std::max_element(all.begin(), all.end(),
                             [&](const TensorFacts& a, const TensorFacts& b) { return fact(a) < fact(b); });
}

HealthResult zero_share(std::span<const TensorFacts> all) {
    const TensorFacts& worst = extreme(all, [](const TensorFacts& f) { return f.zeros; });
    return {.property = "weights: share of zeros, largest of a tensor",
            .value = {worst.zeros, worst.zeros, worst.zeros},
            .expected = "0.0078; up to 0.02",
            .verdict = worst.zeros > 0.02 ? Verdict::finding : Verdict::passed,
            .note = name_of(worst.id)};
}

HealthResult lowest_rank(std::span<const TensorFacts> all) {
    const TensorFacts& worst = extreme(all, [](const TensorFacts& f) { return -f.rank; });
    return {.property = "weights: rank over the full one, lowest of a matrix",
            .value = {worst.rank, worst.rank, worst.rank},
            .expected = "1; from 0.98 on",
            .verdict = worst.rank < 0.98 ? Verdict::finding : Verdict::passed,
            .note = name_of(worst.id)};
}

HealthResult row_cosine(std::span<const TensorFacts> all) {
    const auto excess = [](const TensorFacts& f) {
        return f.cosine * std::sqrt(static_cast<double>(f.columns));
    };
    const TensorFacts& worst = extreme(all, excess);
    double pairs = 0;
    for (const TensorFacts& facts : all) {
        const auto rows = static_cast<double>(facts.compared);
        pairs += rows * (rows - 1) / 2;
    }
    constexpr double surprise = 1e-6;
    const double limit = normal_tail_quantile(surprise / 2 / std::max(1.0, pairs));
    const double value = excess(worst);
    return {.property = "weights: cosine of two rows × sqrt(columns), largest",
            .value = {value, value, value},
            .expected = fmt::format("below {:.2f}", limit),
            .verdict = value > limit ? Verdict::finding : Verdict::passed,
            .note = name_of(worst.id)};
}

}  // namespace

Health weight_structure(const pow::TensorSource& source, const pow::ModelConfig& config, unsigned threads,
                        std::stop_token stop) {
    const std::vector<TensorId> ids = pow::tensors(config);
    std::vector<TensorFacts> all(ids.size());
    if (!core::parallel_for(ids.size(), threads, {}, stop,
                            [&](std::uint64_t i) { all[i] = facts_of(source, config, ids[i]); })) {
        return {};
    }
    std::uint64_t rows = 0;
    std::uint64_t columns = 0;
    std::string with_rows;
    std::string with_columns;
    for (const TensorFacts& facts : all) {
        const std::uint64_t again = repeated(facts.rows);
        if (again > 0 && rows == 0) with_rows = name_of(facts.id);
        if (facts.repeated_columns > 0 && columns == 0) with_columns = name_of(facts.id);
        rows += again;
        columns += facts.repeated_columns;
    }
    Health out;
    out.results = {
        counted("weights: rows that are a multiple of another of their tensor", rows, with_rows),
        counted("weights: columns that are a multiple of another of their tensor", columns, with_columns)};
    for (HealthResult& result : shared_rows(all)) out.results.push_back(std::move(result));
    out.results.push_back(zero_share(all));
    out.results.push_back(lowest_rank(all));
    out.results.push_back(row_cosine(all));
    return out;
}

// Activations
// ---------------------------------------------------------------------------

namespace {

/// Columns of activations that are constant, or equal another or its negation.
struct ColumnFacts {
    std::uint64_t constant = 0;
    std::uint64_t repeated = 0;
    double zeros = 0;
};

ColumnFacts facts_of(const Matrix& values) {
    std::vector<Fingerprint> columns(size_of(values.cols()));
    std::uint64_t zeros = 0;
    for (Index r = 0; r < values.rows(); ++r) {
        const auto of_row = factors_of(size_of(r));
        for (Index c = 0; c < values.cols(); ++c) {
            const auto value = static_cast<std::int32_t>(std::lround(values(r, c)));
            zeros += value == 0 ? 1U : 0U;
            columns[size_of(c)].add(value, of_row);
        }
    }
    ColumnFacts out;
    out.zeros = static_cast<double>(zeros) / static_cast<double>(values.size());
    std::vector<std::uint64_t> changing;
    for (Index c = 0; c < values.cols(); ++c) {
        if (values.col(c).minCoeff() == values.col(c).maxCoeff())
            ++out.constant;
        else
            changing.push_back(columns[size_of(c)].value());
    }
    out.repeated = repeated(std::move(changing));
    return out;
}

/// Power of a branch relative to that of the residual stream, over nonces.
Interval branch_power(const Matrix& branch, const Matrix& states, std::uint32_t shift, Index length) {
    const Index nonces = states.rows() / length;
    const double unit = std::ldexp(1.0, -2 * static_cast<int>(shift));
    double sum = 0;
    double squares = 0;
    for (Index i = 0; i < nonces; ++i) {
        const auto power = [&](const Matrix& m) {
            return static_cast<double>(m.middleRows(i * length, length).squaredNorm());
        };
        const double ratio = power(branch) * unit / std::max(1.0, power(states));
        sum += ratio;
        squares += ratio * ratio;
    }
    const auto n = static_cast<double>(nonces);
    const double mean = sum / n;
    const double width = interval_sigma * std::sqrt(std::max(0.0, squares / n - mean * mean) / (n - 1));
    return {mean - width, mean, mean + width};
}

Curve power_curve(std::string name) {
    return {.plot = "branches",
            .title = "Power of the branches, relative to the residual stream",
            .x_label = "layer",
            .y_label = "power",
            .name = std::move(name),
            .logarithmic_y = true,
            .points = {}};
}

/// The lowest point of the curve, as a property.
HealthResult lowest_power(const Curve& curve) {
    const auto lowest =
        std::min_element(curve.points.begin(), curve.points.end(),
                         [](const auto& a, const auto& b) { return a.second.estimate < b.second.estimate; });
    constexpr double least = 0.01;
    HealthResult out{
        .property = fmt::format("{}: power over that of the residual stream, lowest of a layer", curve.name),
        .value = lowest->second,
        .expected = fmt::format("above {}", least),
        .note = fmt::format("layer {:.0f}", lowest->first)};
    out.verdict = out.value.high < least   ? Verdict::finding
                  : out.value.low >= least ? Verdict::passed
                                           : Verdict::information;
    return out;
}

/// Counts over all layers, with the first layer that has any.
struct LayerCount {
    std::uint64_t count = 0;
    std::string first;

    void add(std::uint64_t more, std::uint32_t layer) {
        if (more > 0 && count == 0) first = fmt::format("first in layer {}", layer);
        count += more;
    }
    [[nodiscard]] HealthResult result(std::string property) const {
        return counted(std::move(property), count, first);
    }
};

/// What is gathered on the way through the layers.
struct ActivationFacts {
    Curve attention = power_curve("attention");
    Curve feed_forward = power_curve("feed-forward");
    LayerCount constant_units, equal_units, constant_coordinates, equal_coordinates;
    double zeros = 0;
    std::uint32_t zeros_in = 0;

    void add_units(const ColumnFacts& units, std::uint32_t layer) {
        constant_units.add(units.constant, layer);
        equal_units.add(units.repeated, layer);
        if (units.zeros <= zeros) return;
        zeros = units.zeros;
        zeros_in = layer;
    }
    void add_coordinates(const ColumnFacts& coordinates, std::uint32_t layer) {
        constant_coordinates.add(coordinates.constant, layer);
        equal_coordinates.add(coordinates.repeated, layer);
    }

    [[nodiscard]] Health health(bool gated) const {
        HealthResult share{.property = "hidden units: share of zeros, largest of a layer",
                           .value = {zeros, zeros, zeros},
                           .expected = gated ? "small" : "0.004; up to 0.1",
                           .note = fmt::format("layer {}", zeros_in)};
        if (!gated) share.verdict = zeros > 0.1 ? Verdict::finding : Verdict::passed;
        return {.results = {lowest_power(attention), lowest_power(feed_forward),
                            constant_units.result("hidden units: constant over all positions and nonces"),
                            equal_units.result("hidden units: equal to another or its negation"),
                            std::move(share), constant_coordinates.result("states: constant coordinates"),
                            equal_coordinates.result("states: coordinates equal to another or its negation")},
                .curves = {attention, feed_forward}};
    }
};

}  // namespace

Health activation_structure(const Engine& engine, std::span<const pow::Input> inputs, std::stop_token stop) {
    POUW_EXPECTS(inputs.size() >= 8);
    const pow::ModelConfig& config = engine.variant().config;
    const auto length = static_cast<Index>(config.sequence_length);
    ActivationFacts facts;
    Matrix states = engine.embed(inputs);
    for (std::uint32_t layer = 0; layer < config.layers; ++layer) {
        const auto loaded = engine.load(layer);
        const Matrix before = states;
        Matrix middle;
        if (!engine.apply(*loaded, states, stop, &middle)) return {};
        facts.attention.points.emplace_back(layer, branch_power(engine.attention(*loaded, before), before,
                                                                config.attention_residual_shift, length));
        facts.feed_forward.points.emplace_back(
            layer,
            branch_power(engine.feed_forward(*loaded, middle), middle, config.ffn_residual_shift, length));
        facts.add_units(facts_of(engine.hidden_units(*loaded, middle)), layer);
        facts.add_coordinates(facts_of(states), layer);
    }
    return facts.health(config.ffn_kind == pow::FfnKind::gated);
}

Health structure(const Context& context, const Engine& engine) {
    constexpr std::size_t nonces = 32;
    const Variant& variant = engine.variant();
    const std::stop_token stop = context.options().stop;
    const VariantTensors source{variant, context.weights_key(variant.config)};
    Health out = weight_structure(source, variant.config, context.threads(), stop);
    out.append(activation_structure(engine, context.inputs(variant.config, 0, nonces), stop));
    return out;
}

}  // namespace pouw::inline v1::soundness
