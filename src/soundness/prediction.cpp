#include "soundness/prediction.hpp"

#include "soundness/products.hpp"

#include "pouw/core/contract.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace pouw::inline v1::soundness {
namespace {

constexpr std::string_view chance_family = "chance to pass";
constexpr float no_noise = 0.01F;
constexpr float much_noise = 0.3F;

/// States and their squares, both of mean 0 and mean square 1 where the states are normal of RMS 32.
Matrix with_squares(const Matrix& states) {
    Matrix out(states.rows(), 2 * states.cols());
    out.leftCols(states.cols()) = states / 32;
    out.rightCols(states.cols()) = (states.array().square() / 1024 - 1) / std::sqrt(2.0F);
    return out;
}

/// Every column to mean 0 and mean square 1 over the first rows.
void standardise(Matrix& features, std::size_t learn) {
    for (Eigen::Index c = 0; c < features.cols(); ++c) {
        const auto seen = features.col(c).head(index_of(learn));
        const float mean = seen.mean();
        const float deviation = std::sqrt((seen.array() - mean).square().mean());
        features.col(c) = (features.col(c).array() - mean) / std::max(deviation, 1e-6F);
    }
}

/// Mean and its square, |h|², sum of fourth powers, largest value and number of saturated ones, and `more`.
/// Targets are balanced, so that what lies along (1, ..., 1) takes from the chance: at few dimensions more
/// than |h|² varies.
Matrix summaries(const Matrix& states, const Matrix& more) {
    constexpr Eigen::Index own = 6;
    Matrix out(states.rows(), own + more.cols());
    for (Eigen::Index i = 0; i < states.rows(); ++i) {
        const auto row = states.row(i).array();
        out(i, 0) = row.mean();
        out(i, 1) = row.square().sum();
        out(i, 2) = row.square().square().sum();
        out(i, 3) = row.abs().maxCoeff();
        out(i, 4) = static_cast<float>((row.abs() >= 127).count());
        out(i, 5) = out(i, 0) * out(i, 0);
    }
    if (more.cols() > 0) out.rightCols(more.cols()) = more;
    return out;
}

std::vector<double> scores_of(const Matrix& features, const Matrix& coefficients) {
    const Matrix predicted = features * coefficients;
    return {predicted.data(), predicted.data() + predicted.size()};
}

/// The predictions of two ridge regressions on the first rows.
std::vector<std::vector<double>> learnt_scores(const Matrix& features, std::span<const float> values,
                                               std::size_t learn, std::initializer_list<float> noises,
                                               unsigned threads) {
    Ridge ridge{size_of(features.cols()), threads};
    ridge.add(features.topRows(index_of(learn)), values.first(learn));
    std::vector<std::vector<double>> out;
    for (const float noise : noises) out.push_back(scores_of(features, ridge.coefficients(noise)));
    return out;
}

AttackResult measured(const Variant& variant, std::string attack, const ChancePrediction& prediction,
                      std::span<const OutputChance> outputs, const PredictionParts& parts) {
    AttackResult result;
    result.family = chance_family;
    result.attack = std::move(attack);
    result.variant = variant.name;
    result.cost = prediction.cost;
    result.completion = prediction.completion;
    result.outputs = outputs.size() - parts.test;
    result.output_binding = OutputBinding::same;
    result.speed_ups = measure_prediction(prediction, outputs, parts.choose, parts.test);
    return result;
}

Interval tested_correlation(std::span<const double> scores, std::span<const OutputChance> outputs,
                            const PredictionParts& parts) {
    return correlation(scores.subspan(parts.test), outputs.subspan(parts.test));
}

/// Adds the attack, and the correlation as a property.
void report_prediction(Context& context, const Variant& variant, const std::string& from,
                       const ChancePrediction& prediction, std::span<const OutputChance> outputs,
                       const PredictionParts& parts) {
    context.report.health.push_back(
        {.property = fmt::format("chance to pass, predicted from {}: correlation", from),
         .value = tested_correlation(prediction.scores, outputs, parts),
         .expected = "0"});
    context.add({measured(variant, "predicted from " + from, prediction, outputs, parts)});
}

}  // namespace

std::vector<float> learnt_values(std::span<const OutputChance> outputs, std::size_t learn) {
    POUW_EXPECTS(learn >= 1 && learn <= outputs.size());
    std::vector<float> out;
    double sum = 0;
    for (const OutputChance& output : outputs) {
        const double chance = output.chance[0];
        out.push_back(chance > 0 ? static_cast<float>(std::log(chance / pass_rates[0])) : 0);
        if (out.size() <= learn) sum += static_cast<double>(out.back());
    }
    for (float& value : out) value -= static_cast<float>(sum / static_cast<double>(learn));
    return out;
}

std::vector<double> token_scores(std::span<const std::vector<std::uint32_t>> tokens,
                                 std::span<const float> values, std::size_t learn, double shrinkage,
                                 bool pooled) {
    POUW_EXPECTS(tokens.size() == values.size() && learn <= tokens.size());
    std::uint32_t vocabulary = 0;
    for (const auto& of_nonce : tokens)
        for (const std::uint32_t token : of_nonce) vocabulary = std::max(vocabulary, token + 1);
    const std::size_t length = tokens.empty() ? 0 : tokens.front().size();
    const auto place = [&](std::size_t nonce, std::size_t position) {
        return (pooled ? 0 : position * vocabulary) + tokens[nonce][position];
    };
    std::vector<double> sums(vocabulary * length);
    std::vector<double> counts(vocabulary * length);
    for (std::size_t i = 0; i < learn; ++i) {
        for (std::size_t position = 0; position < length; ++position) {
            sums[place(i, position)] += static_cast<double>(values[i]);
            ++counts[place(i, position)];
        }
    }
    std::vector<double> out(tokens.size());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        for (std::size_t position = 0; position < length; ++position)
            out[i] += sums[place(i, position)] / (counts[place(i, position)] + shrinkage);
    }
    return out;
}

Ridge::Ridge(std::size_t features, unsigned threads)
    : threads_{threads},
      gram_{Matrix::Zero(index_of(features), index_of(features))},
      moments_{Matrix::Zero(index_of(features), 1)} {}

void Ridge::add(const Matrix& features, std::span<const float> values) {
    POUW_EXPECTS(size_of(features.rows()) == values.size() && features.cols() == gram_.rows());
    const Matrix transposed = features.transpose();
    gram_ += multiplied(transposed, features, threads_);
    moments_ += transposed * Eigen::Map<const Matrix>{values.data(), features.rows(), 1};
    examples_ += static_cast<float>(values.size());
}

Matrix Ridge::coefficients(float noise) const {
    // Conjugate gradients: the penalty keeps the matrix so well conditioned that few steps suffice.
    constexpr int steps = 40;
    const float penalty = noise * examples_;
    Matrix solution = Matrix::Zero(moments_.rows(), 1);
    Matrix residual = moments_;
    Matrix direction = residual;
    float square = residual.squaredNorm();
    const float enough = 1e-8F * square;
    for (int step = 0; step < steps && square > enough; ++step) {
        const Matrix image = gram_ * direction + penalty * direction;
        const float length = square / direction.cwiseProduct(image).sum();
        solution += length * direction;
        residual -= length * image;
        const float next = residual.squaredNorm();
        direction = residual + next / square * direction;
        square = next;
    }
    return solution;
}

std::vector<double> best_scores(std::span<const std::vector<double>> candidates,
                                std::span<const OutputChance> outputs, const PredictionParts& parts) {
    POUW_EXPECTS(!candidates.empty());
    const std::size_t count = parts.test - parts.choose;
    const auto value = [&](const std::vector<double>& scores) {
        return correlation(std::span{scores}.subspan(parts.choose, count),
                           outputs.subspan(parts.choose, count))
            .estimate;
    };
    return *std::max_element(candidates.begin(), candidates.end(),
                             [&](const auto& a, const auto& b) { return value(a) < value(b); });
}

namespace {

/// Inputs of the nonces of two keys, in the order in which their outputs were drawn.
std::vector<pow::Input> drawn_inputs(const Context& context, const pow::ModelConfig& config,
                                     std::size_t outputs, std::size_t first, std::size_t count) {
    const std::size_t of_key = outputs / 2;
    std::vector<pow::Input> out;
    for (std::uint8_t key = 0; key < 2; ++key) {
        const std::size_t from = std::max(first, key * of_key);
        const std::size_t to = std::min(first + count, (key + std::size_t{1}) * of_key);
        if (from >= to) continue;
        for (pow::Input& input : context.inputs(config, from - key * of_key, to - from, key))
            out.push_back(std::move(input));
    }
    return out;
}

/// Calls `use(first, inputs)` for all drawn inputs in blocks, until stopped.
template <typename Use>
bool over_inputs(const Context& context, const pow::ModelConfig& config, std::size_t outputs,
                 std::size_t first, std::size_t last, const Use& use) {
    constexpr std::size_t block = 2048;
    for (; first < last && !context.stopped(); first += block)
        use(first, drawn_inputs(context, config, outputs, first, std::min(block, last - first)));
    return !context.stopped();
}

/// All positions of every nonce before the first layer, in one row.
Matrix input_features(const Engine& engine, std::span<const pow::Input> inputs) {
    const Matrix states = engine.embed(inputs);
    const Eigen::Index rows = index_of(inputs.size());
    return with_squares(Eigen::Map<const Matrix>{states.data(), rows, states.size() / rows});
}

void predict_from_tokens(Context& context, const Variant& variant, std::span<const OutputChance> outputs,
                         std::span<const float> values, const PredictionParts& parts) {
    std::vector<std::vector<std::uint32_t>> tokens;
    const auto collect = [&](std::size_t, std::vector<pow::Input> inputs) {
        for (pow::Input& input : inputs) tokens.push_back(std::move(input.tokens));
    };
    if (!over_inputs(context, variant.config, outputs.size(), 0, outputs.size(), collect)) return;
    std::vector<std::vector<double>> candidates;
    for (const bool pooled : {false, true})
        for (const double shrinkage : {10.0, 1000.0})
            candidates.push_back(token_scores(tokens, values, parts.choose, shrinkage, pooled));
    report_prediction(context, variant, "the tokens", {.scores = best_scores(candidates, outputs, parts)},
                      outputs, parts);
}

}  // namespace

void predict_from_inputs(Context& context, const Variant& variant, std::span<const OutputChance> all) {
    const pow::ModelConfig& config = variant.config;
    const Engine engine{variant, context.weights_key(config), context.threads()};
    const std::span<const OutputChance> outputs = all.first(all.size() / 2 * 2);
    const auto parts = PredictionParts::of(outputs.size());
    const std::vector<float> values = learnt_values(outputs, parts.choose);
    context.step("chance to pass, from tokens and input", 0.36);
    for (HealthResult& result : chance_spread(outputs)) context.report.health.push_back(std::move(result));
    predict_from_tokens(context, variant, outputs, values, parts);
    const std::size_t features = std::size_t{2} * config.model_dim * config.sequence_length;
    Ridge ridge{features, context.threads()};
    const auto learn = [&](std::size_t first, std::span<const pow::Input> inputs) {
        ridge.add(input_features(engine, inputs), std::span{values}.subspan(first, inputs.size()));
    };
    if (!over_inputs(context, config, outputs.size(), 0, parts.choose, learn)) return;
    const std::array<Matrix, 2> maps{ridge.coefficients(much_noise), ridge.marginal()};
    std::array<std::vector<double>, 2> candidates{std::vector<double>(parts.choose),
                                                  std::vector<double>(parts.choose)};
    const auto predict = [&](std::size_t, std::span<const pow::Input> inputs) {
        const Matrix rows = input_features(engine, inputs);
        for (std::size_t i = 0; i < maps.size(); ++i) {
            const std::vector<double> scores = scores_of(rows, maps[i]);
            candidates[i].insert(candidates[i].end(), scores.begin(), scores.end());
        }
    };
    if (!over_inputs(context, config, outputs.size(), parts.choose, outputs.size(), predict)) return;
    const double cost =
        2 * static_cast<double>(features) / static_cast<double>(pow::operations_per_nonce(config));
    report_prediction(context, variant, "the states before the first layer",
                      {.scores = best_scores(candidates, outputs, parts), .cost = cost}, outputs, parts);
}

namespace {

/// The logarithm of the length that the last positions have before the norm that ends a layer; empty unless
/// the states between the blocks of that layer were recorded.
Matrix lengths_before_norm(const Engine& engine, const Recording& recording, std::size_t layers_done) {
    if (layers_done == 0) return {};
    const auto layer = static_cast<std::uint32_t>(layers_done - 1);
    const auto found = recording.mid_states.find(layer);
    if (found == recording.mid_states.end()) return {};
    const pow::ModelConfig& config = engine.variant().config;
    const auto length = static_cast<Eigen::Index>(config.sequence_length);
    Matrix last(recording.outputs.rows(), recording.outputs.cols());
    for (Eigen::Index i = 0; i < last.rows(); ++i)
        last.row(i) = found->second.row((i + 1) * length - 1).cast<float>();
    const Matrix sum = std::ldexp(1.0F, static_cast<int>(config.ffn_residual_shift)) * last +
                       engine.feed_forward(*engine.load(layer), last);
    return sum.rowwise().squaredNorm().array().log().matrix();
}

std::vector<double> state_scores(const Matrix& states, const Matrix& more, std::span<const float> values,
                                 std::span<const OutputChance> outputs, const PredictionParts& parts,
                                 unsigned threads) {
    auto candidates = learnt_scores(with_squares(states), values, parts.choose, {much_noise}, threads);
    Matrix few = summaries(states, more);
    standardise(few, parts.choose);
    for (auto& scores : learnt_scores(few, values, parts.choose, {no_noise}, threads))
        candidates.push_back(std::move(scores));
    return best_scores(candidates, outputs, parts);
}

Curve correlation_curve() {
    return Curve{.plot = "chance_prediction",
                 .title = "Chance to pass, predicted from the state of the last position",
                 .x_label = "layers before the decision",
                 .y_label = "correlation; 1: known",
                 .name = "ridge regression",
                 .logarithmic_y = false,
                 .points = {}};
}

}  // namespace

void predict_from_states(Context& context, const Engine& engine, const Recording& recording) {
    const Variant& variant = engine.variant();
    const ChanceOf chance_of{variant.config};
    std::vector<OutputChance> outputs;
    for (Eigen::Index i = 0; i < recording.outputs.rows(); ++i)
        outputs.push_back(chance_of({recording.outputs.row(i).data(), size_of(recording.outputs.cols())}));
    const auto parts = PredictionParts::of(outputs.size());
    const std::vector<float> values = learnt_values(outputs, parts.choose);
    Curve curve = correlation_curve();
    const std::size_t layers = recording.exits.size();
    Interval strongest;
    for (std::size_t layer = 0; layer < layers && !context.stopped(); ++layer) {
        context.step(fmt::format("chance to pass, from the state after {} layers", layer), 0.55);
        const double done = static_cast<double>(layer) * layer_cost(variant.config);
        ChancePrediction prediction{.cost = done, .completion = 1 - done};
        prediction.scores =
            state_scores(recording.exits[layer].cast<float>(), lengths_before_norm(engine, recording, layer),
                         values, outputs, parts, context.threads());
        const Interval seen = tested_correlation(prediction.scores, outputs, parts);
        curve.points.emplace_back(layer, seen);
        if (std::abs(seen.estimate) > std::abs(strongest.estimate)) strongest = seen;
        context.add({measured(variant, fmt::format("predicted from the state after {} layers", layer),
                              prediction, outputs, parts)});
    }
    if (context.stopped()) return;
    const Interval known = tested_correlation(
        state_scores(recording.outputs, {}, values, outputs, parts, context.threads()), outputs, parts);
    curve.points.emplace_back(layers, known);
    context.report.curves.push_back(std::move(curve));
    context.report.health.push_back(
        {.property =
             fmt::format("chance to pass, predicted from a state: largest of {} correlations", layers),
         .value = strongest,
         .expected = "as of so many by chance"});
    context.report.health.push_back({.property = "chance to pass, predicted from the output: correlation",
                                     .value = known,
                                     .expected = "near 1: what can be learnt is learnt",
                                     .verdict = known.low > 0.5 ? Verdict::passed : Verdict::finding});
}

}  // namespace pouw::inline v1::soundness
