#include "soundness/context.hpp"
#include "soundness/products.hpp"

#include <cmath>

namespace pouw::soundness {
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

AttackResult first_moment(const Context&, const Variant& variant, const Experiment& experiment,
                          const Matrix& outputs, const MeanPower* power) {
    const Split rows = split(static_cast<std::size_t>(outputs.rows()));
    AttackResult result = describe(variant, outputs, "mean of the outputs", permutation_cost(variant.config));
    const Knowledge knowledge{.approximation = centred(outputs, rows.learn).colwise().mean(),
                              .cost = result.cost};
    result.permutations = experiment.permutations();
    result.speed_ups = experiment.measure(knowledge, rows.choose, rows.test);
    if (power != nullptr) {
        const Interval share = power->share();
        const auto gain = [&](double value, double rate) {
            return expected_gain(std::sqrt(std::max(0.0, value)), rate, result.cost, 1).speed_up;
        };
        result.bound.emplace();
        for (std::size_t r = 0; r < pass_rates.size(); ++r) {
            (*result.bound)[r] = {gain(share.low, pass_rates[r]), gain(share.estimate, pass_rates[r]),
                                  gain(share.high, pass_rates[r])};
        }
    }
    return result;
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

}  // namespace pouw::soundness
