/// How small changes spread through the layers.
#include "soundness/health.hpp"

#include "pouw/core/contract.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pouw::inline v1::soundness {
namespace {

using Eigen::Index;

/// |a - b|² over |a|² + |b|²: 0 for equal vectors, about 1 for independent ones.
double relative_distance(std::span<const float> a, std::span<const float> b) {
    double difference = 0;
    double squares = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double x = static_cast<double>(a[i]);
        const double y = static_cast<double>(b[i]);
        difference += (x - y) * (x - y);
        squares += x * x + y * y;
    }
    return squares == 0 ? 0 : difference / squares;
}

/// Rows of a matrix that lie below each other.
std::span<const float> rows_of(const Matrix& matrix, Index first, Index count) {
    return {matrix.row(first).data(), size_of(count * matrix.cols())};
}

/// A kind of change, the states that it leads to, and how far they are from those without it.
struct Change {
    std::string name;
    Matrix states;
    Curve different;
    Curve distance;
};

Curve growth_curve(std::string name) {
    return Curve{.plot = "growth",
                 .title = "A small change before the first layer",
                 .x_label = "layers",
                 .y_label = "share; 1: as independent states",
                 .name = std::move(name),
                 .logarithmic_y = false,
                 .points = {}};
}

Change change_to(std::string name, Matrix states) {
    return {name, std::move(states), growth_curve(name + ": coordinates that differ"),
            growth_curve(name + ": squared distance")};
}

/// One unit more or less in one coordinate of one position.
Matrix one_unit_changed(Matrix states, Index length) {
    for (Index i = 0; i < states.rows() / length; ++i) {
        float& value = states(i * length + i % length, i * 197 % states.cols());
        value += value < 127 ? 1.0F : -1.0F;
    }
    return states;
}

/// One byte of noise in one position, moved by 127.
Matrix one_byte_changed(const Engine& engine, std::span<const pow::Input> inputs) {
    std::vector<pow::Input> changed(inputs.begin(), inputs.end());
    for (std::size_t i = 0; i < changed.size(); ++i) {
        const std::size_t dim = engine.variant().config.model_dim;
        const std::size_t position = i % engine.variant().config.sequence_length;
        std::int8_t& value = changed[i].noise[position * dim + i * 197 % dim];
        value = static_cast<std::int8_t>(value < 0 ? value + 127 : value - 127);
    }
    return engine.embed(changed);
}

/// The mean over the nonces of a measure of two states, of as many positions each.
template <typename Measure>
Interval mean_over_nonces(const Matrix& a, const Matrix& b, Index length, const Measure& measure) {
    std::vector<double> values;
    for (Index first = 0; first < a.rows(); first += length)
        values.push_back(measure(rows_of(a, first, length), rows_of(b, first, length)));
    return mean_of(values);
}

void append_results(Health& health, const Change& change, const Interval& outputs) {
    const auto add = [&](const Curve& curve, std::size_t layers, std::string_view what,
                         std::string_view expected) {
        if (layers >= curve.points.size()) return;
        health.results.push_back({.property = fmt::format("{}: {} after layer {}", change.name, what, layers),
                                  .value = curve.points[layers].second,
                                  .expected = std::string{expected}});
    };
    add(change.different, 1, "coordinates that differ", "most");
    add(change.distance, 3, "squared distance, relative to independent states", "grows to 1");
    add(change.different, 10, "coordinates that differ", "nearly all");
    HealthResult end{.property = fmt::format(
                         "{}: squared distance of the outputs, relative to independent ones", change.name),
                     .value = outputs,
                     .expected = "1"};
    const bool apart = end.value.low > 1.02 || end.value.high < 0.98;
    const bool near = end.value.low >= 0.95 && end.value.high <= 1.05;
    end.verdict = apart ? Verdict::finding : (near ? Verdict::passed : Verdict::information);
    health.results.push_back(std::move(end));
}

}  // namespace

Health difference_growth(const Engine& engine, std::span<const pow::Input> inputs, std::stop_token stop) {
    POUW_EXPECTS(inputs.size() >= 2);
    const pow::ModelConfig& config = engine.variant().config;
    const auto length = static_cast<Index>(config.sequence_length);
    Matrix base = engine.embed(inputs);
    std::vector<Change> changes{change_to("one unit changed", one_unit_changed(base, length))};
    if (engine.variant().input_noise)
        changes.push_back(change_to("one noise byte changed", one_byte_changed(engine, inputs)));
    const auto record = [&](std::uint32_t layers) {
        for (Change& change : changes) {
            change.different.points.emplace_back(
                layers, mean_over_nonces(base, change.states, length, share_different));
            change.distance.points.emplace_back(
                layers, mean_over_nonces(base, change.states, length, relative_distance));
        }
    };
    record(0);
    for (std::uint32_t layer = 0; layer < config.layers; ++layer) {
        const auto loaded = engine.load(layer);
        if (!engine.apply(*loaded, base, stop)) return {};
        for (Change& change : changes) {
            if (!engine.apply(*loaded, change.states, stop)) return {};
        }
        record(layer + 1);
    }
    Health out;
    const Matrix outputs = engine.outputs(base);
    for (Change& change : changes) {
        append_results(out, change,
                       mean_over_nonces(outputs, engine.outputs(change.states), 1, relative_distance));
        out.curves.push_back(std::move(change.different));
        out.curves.push_back(std::move(change.distance));
    }
    return out;
}

}  // namespace pouw::inline v1::soundness
