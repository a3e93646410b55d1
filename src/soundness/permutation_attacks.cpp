/// Attacks that know the permutation alone.
#include "soundness/context.hpp"
#include "soundness/products.hpp"

#include "pouw/pow/race.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace pouw::inline v1::soundness {
namespace {

using Rows = Experiment::Rows;

/// The first half teaches, an eighth chooses, the rest tests.
struct Split {
    Rows learn, choose, test;
};

Split split(std::size_t rows) {
    const std::size_t half = rows / 2;
    const std::size_t eighth = rows / 8;
    return {{0, half}, {half, eighth}, {half + eighth, rows - half - eighth}};
}

Matrix centred(const Matrix& outputs, Rows rows) {
    const auto first = static_cast<Eigen::Index>(rows.first);
    const auto count = static_cast<Eigen::Index>(rows.count);
    Matrix out = outputs.middleRows(first, count);
    out.colwise() -= out.rowwise().mean();
    return out;
}

AttackResult describe(const Variant& variant, const Matrix& outputs, std::string attack, double cost) {
    AttackResult result;
    result.family = "permutation only";
    result.attack = std::move(attack);
    result.variant = variant.name;
    result.cost = cost;
    result.outputs = split(static_cast<std::size_t>(outputs.rows())).test.count;
    result.output_binding = OutputBinding::impossible;
    return result;
}

}  // namespace

Interval average(std::span<const Interval> shares) {
    const auto n = static_cast<double>(shares.size());
    double sum = 0;
    double squares = 0;
    for (const Interval& share : shares) {
        sum += share.estimate / n;
        const double width = (share.high - share.estimate) / n;
        squares += width * width;
    }
    return {sum - std::sqrt(squares), sum, sum + std::sqrt(squares)};
}

std::array<Interval, 2> bound_by_power(const Interval& share, double cost) {
    const auto gain = [&](double value, double rate) {
        return expected_gain(std::sqrt(std::max(0.0, value)), rate, cost, 1).speed_up;
    };
    std::array<Interval, 2> out;
    for (std::size_t r = 0; r < pass_rates.size(); ++r)
        out[r] = {gain(share.low, pass_rates[r]), gain(share.estimate, pass_rates[r]),
                  gain(share.high, pass_rates[r])};
    return out;
}

AttackResult first_moment(const Variant& variant, const Experiment& experiment, const Matrix& outputs,
                          const MeanPower* others) {
    Split rows = split(static_cast<std::size_t>(outputs.rows()));
    AttackResult result = describe(variant, outputs, "mean of the outputs", permutation_cost(variant.config));
    Knowledge knowledge{.cost = result.cost};
    if (others != nullptr && others->count() > rows.learn.count) {
        // Targets are balanced, so what all coordinates have in common is without effect.
        const std::vector<float> mean = others->mean();
        knowledge.approximation = Eigen::Map<const Matrix>{mean.data(), 1, index_of(mean.size())};
        const auto all = static_cast<std::size_t>(outputs.rows());
        rows.choose = {0, all / 4};
        rows.test = {all / 4, all - all / 4};
        result.outputs = rows.test.count;
    } else {
        knowledge.approximation = centred(outputs, rows.learn).colwise().mean();
    }
    result.permutations = experiment.permutations();
    result.speed_ups = experiment.measure(knowledge, rows.choose, rows.test);
    return result;
}

namespace {

/// Outputs of inputs whose tokens are one of two at every position: `outputs` of them, of which the first
/// `kept` stay.
class ChosenTokens {
  public:
    static constexpr std::size_t choices = 2;

    ChosenTokens(const Context& context, const pow::Race& race, std::size_t outputs, std::size_t kept)
        : config_{race.config()}, kept_(index_of(kept), index_of(config_.model_dim)) {
        power_.resize(config_.sequence_length * choices, MeanPower{config_.model_dim});
        complete_ = network_outputs(
            context, race.network(), config_, outputs,
            [&](std::size_t i, pow::Input& input) { choose(i, input); },
            [&](std::size_t i, std::span<const std::int8_t> output) { add(i, output); });
    }

    [[nodiscard]] bool complete() const { return complete_; }
    [[nodiscard]] const Matrix& outputs() const { return kept_; }
    /// Which of the tokens output `index` has at a position.
    [[nodiscard]] static std::size_t token(std::size_t index, std::size_t position) {
        return index >> position & 1U;
    }
    /// Share of the power in the means of a position's tokens.
    [[nodiscard]] Interval share(std::size_t position) const {
        std::array<Interval, choices> shares;
        for (std::size_t token = 0; token < choices; ++token)
            shares[token] = power_[position * choices + token].share();
        return average(shares);
    }

  private:
    /// The bits of the index choose, so that every combination is equally frequent.
    void choose(std::size_t index, pow::Input& input) const {
        for (std::size_t position = 0; position < input.tokens.size(); ++position)
            input.tokens[position] = static_cast<std::uint32_t>(choices * position + token(index, position));
    }

    void add(std::size_t index, std::span<const std::int8_t> output) {
        const std::vector<float> values(output.begin(), output.end());
        for (std::size_t position = 0; position < config_.sequence_length; ++position)
            power_[position * choices + token(index, position)].add(index / 16, values);
        if (index < static_cast<std::size_t>(kept_.rows()))
            std::copy(values.begin(), values.end(), kept_.row(index_of(index)).data());
    }

    pow::ModelConfig config_;
    std::vector<MeanPower> power_;
    Matrix kept_;
    bool complete_ = false;
};

}  // namespace

std::vector<AttackResult> token_moments(const Context& context, const Variant& variant, const pow::Race& race,
                                        const Permutations& permutations, std::array<double, 2> thresholds) {
    const Samples& samples = context.subject().samples;
    const std::size_t kept = std::min(samples.scored_outputs, samples.token_outputs);
    const ChosenTokens chosen{context, race, samples.token_outputs, kept};
    if (!chosen.complete()) return {};
    const Experiment experiment{chosen.outputs(), permutations, thresholds, context.threads()};
    const Split rows = split(kept);
    const Matrix learnt = centred(chosen.outputs(), rows.learn);
    std::vector<AttackResult> out;
    for (std::size_t position = 0; position < variant.config.sequence_length; ++position) {
        const bool first = position == 0;
        const bool last = position + 1 == variant.config.sequence_length;
        const std::string which = first  ? "first token"
                                  : last ? "last token"
                                         : fmt::format("token at position {}", position);
        AttackResult result =
            describe(variant, chosen.outputs(), "mean given the " + which, permutation_cost(variant.config));
        Matrix means = Matrix::Zero(ChosenTokens::choices, learnt.cols());
        for (Eigen::Index i = 0; i < learnt.rows(); ++i)
            means.row(index_of(chosen.token(static_cast<std::size_t>(i), position))) += learnt.row(i);
        Knowledge knowledge{.approximation = Matrix(chosen.outputs().rows(), learnt.cols()),
                            .cost = result.cost};
        for (Eigen::Index i = 0; i < chosen.outputs().rows(); ++i) {
            knowledge.approximation.row(i) =
                means.row(index_of(chosen.token(static_cast<std::size_t>(i), position))) /
                static_cast<float>(learnt.rows());
        }
        result.permutations = permutations.count();
        result.speed_ups = experiment.measure(knowledge, rows.choose, rows.test);
        result.bound = bound_by_power(chosen.share(position), result.cost);
        out.push_back(std::move(result));
    }
    return out;
}

AttackResult key_moment(const Variant& variant, std::span<const MeanPower> by_key) {
    AttackResult result;
    result.family = "permutation only";
    result.attack = "mean given the key";
    result.variant = variant.name;
    result.cost = permutation_cost(variant.config);
    std::vector<Interval> shares;
    for (const MeanPower& power : by_key) {
        shares.push_back(power.share());
        result.outputs += power.count();
    }
    result.bound = bound_by_power(average(shares), result.cost);
    return result;
}

namespace {

/// Weights whose mean is half a unit: the odd ones are one more.
class ShiftedTensors final : public pow::TensorSource {
  public:
    ShiftedTensors(const pow::ModelConfig& config, const pow::WeightsKey& key) : source_{config, key} {}

    [[nodiscard]] std::span<const std::int8_t> rows(pow::TensorId id, std::uint64_t first,
                                                    std::uint64_t count,
                                                    std::span<std::int8_t> scratch) const override {
        const std::size_t size = source_.rows(id, first, count, scratch).size();
        for (std::int8_t& weight : scratch.first(size)) {
            if (weight % 2 != 0 && weight < 127) ++weight;
        }
        return scratch.first(size);
    }
    [[nodiscard]] std::uint64_t memory_bytes() const noexcept override { return 0; }

  private:
    pow::StreamedTensors source_;
};

}  // namespace

std::vector<AttackResult> shifted_weights(const Context& context, const Variant& variant,
                                          const pow::Backend& backend) {
    const auto source =
        std::make_shared<const ShiftedTensors>(variant.config, context.weights_key(variant.config));
    const auto network =
        backend.load(variant.config, source, {.threads = context.threads(), .stop = context.options().stop});
    if (!network) {
        context.fail(network.error());
        return {};
    }
    MeanPower power{variant.config.model_dim};
    if (!network_outputs(
            context, **network, variant.config, context.subject().samples.scored_outputs,
            [](std::size_t, pow::Input&) {},
            [&](std::size_t i, std::span<const std::int8_t> output) {
                power.add(i, std::vector<float>(output.begin(), output.end()));
            })) {
        return {};
    }
    AttackResult result;
    result.family = "permutation only";
    result.attack = "mean of the outputs, weights of mean half a unit";
    result.variant = "weights of mean half a unit";
    result.cost = permutation_cost(variant.config);
    result.outputs = power.count();
    result.bound = bound_by_power(power.share(), result.cost);
    result.note = "no part of the gate: whether so small an asymmetry of the weights would be a weakness";
    return {std::move(result)};
}

AttackResult second_moment(const Context& context, const Variant& variant, const Experiment& experiment,
                           const Matrix& outputs, const Permutations& permutations) {
    const Split rows = split(static_cast<std::size_t>(outputs.rows()));
    const double dim = variant.config.model_dim;
    const double cost = permutation_cost(variant.config) +
                        dim * dim / static_cast<double>(pow::operations_per_nonce(variant.config));
    AttackResult result = describe(variant, outputs, "covariance of the outputs", cost);
    const Matrix learnt = centred(outputs, rows.learn);
    const Matrix covariance = learnt.transpose() * learnt / static_cast<float>(learnt.rows());
    Knowledge knowledge{.cost = cost};
    Matrix targets(static_cast<Eigen::Index>(permutations.count()), outputs.cols());
    for (Eigen::Index j = 0; j < targets.rows(); ++j) {
        const auto target = permutations.target(static_cast<std::size_t>(j));
        for (Eigen::Index c = 0; c < targets.cols(); ++c) targets(j, c) = target[static_cast<std::size_t>(c)];
    }
    const Matrix mapped = multiplied(targets, covariance, context.threads());
    for (Eigen::Index j = 0; j < targets.rows(); ++j)
        knowledge.permutation_score.push_back(targets.row(j).dot(mapped.row(j)));
    result.permutations = permutations.count();
    result.speed_ups = experiment.measure(knowledge, rows.choose, rows.test);
    return result;
}

}  // namespace pouw::inline v1::soundness
