#include "soundness/exact_arithmetic.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/parallel.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace pouw::inline v1::soundness {
namespace {

using Eigen::Index;
using pow::LayerTensor;
using Sums = Eigen::Matrix<std::int32_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A rounding counts as open while it lies within this many standard deviations of what is missing: a nonce
/// has some millions of roundings, and one error makes its output another.
constexpr double open_within = 6;

std::int32_t clamped(std::int64_t x) {
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(x, -127, 127));
}

std::int32_t round_shift(std::int32_t x, std::uint32_t shift) { return (x + (1 << (shift - 1))) >> shift; }

std::int32_t fold(std::int32_t z) {
    const std::int32_t t = (z + 128) & 511;
    return clamped(std::min(t, 512 - t) - 128);
}

Sums sums_of(const Bytes& left, const Bytes& weights) {
    Sums out(left.rows(), weights.rows());
    for (Index i = 0; i < left.rows(); ++i) {
        const std::int8_t* const a = left.row(i).data();
        for (Index j = 0; j < weights.rows(); ++j) {
            const std::int8_t* const w = weights.row(j).data();
            std::int32_t sum = 0;
            for (Index k = 0; k < left.cols(); ++k) sum += std::int32_t{a[k]} * std::int32_t{w[k]};
            out(i, j) = sum;
        }
    }
    return out;
}

Bytes projected(const Sums& sums, std::uint32_t shift) {
    return sums.unaryExpr(
        [shift](std::int32_t x) { return static_cast<std::int8_t>(clamped(round_shift(x, shift))); });
}

std::int32_t attention_weight(std::int32_t distance, std::uint32_t shift) {
    const std::int32_t halvings = distance >> shift;
    if (halvings > 15) return 0;
    return (((2 << shift) - (distance & ((1 << shift) - 1))) << (14 - shift)) >> halvings;
}

/// One head of one query among the positions of its nonce.
void attend(const pow::ModelConfig& config, const Bytes& q, const Bytes& k, const Bytes& v, Index query,
            std::uint32_t head, Bytes& out) {
    const auto length = static_cast<Index>(config.sequence_length);
    const auto size = static_cast<Index>(config.head_dim());
    const Index first = query / length * length;
    const Index offset = static_cast<Index>(head) * size;
    std::vector<std::int32_t> weights;
    for (Index t = first; t < first + length; ++t) {
        weights.push_back(q.row(query)
                              .segment(offset, size)
                              .cast<std::int32_t>()
                              .dot(k.row(t).segment(offset, size).cast<std::int32_t>()));
    }
    const std::int32_t largest = *std::max_element(weights.begin(), weights.end());
    std::int32_t total = 0;
    for (std::int32_t& weight : weights) {
        weight = attention_weight(largest - weight, config.score_shift);
        total += weight;
    }
    const std::int32_t reciprocal = (1 << 24) / total;
    for (Index i = offset; i < offset + size; ++i) {
        std::int32_t sum = 0;
        for (Index t = 0; t < length; ++t) sum += weights[size_of(t)] * v(first + t, i);
        out(query, i) = static_cast<std::int8_t>(clamped(round_shift(sum * reciprocal, 24)));
    }
}

std::uint64_t root_of(std::uint64_t n) {
    auto root = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(n)));
    while (root * root > n) --root;
    while ((root + 1) * (root + 1) <= n) ++root;
    return root;
}

/// The norm of every row; the value of one unit of its result is kept in `steps`.
Bytes normed(const Sums& sums, std::vector<double>& steps) {
    Bytes out(sums.rows(), sums.cols());
    for (Index i = 0; i < sums.rows(); ++i) {
        std::uint64_t square = 0;
        for (Index c = 0; c < sums.cols(); ++c) {
            const std::int64_t value = sums(i, c);
            square += static_cast<std::uint64_t>(value * value);
        }
        const auto gain = static_cast<std::int64_t>(root_of(size_of(sums.cols()) << 48) * 32 /
                                                    std::max<std::uint64_t>(1, root_of(square)));
        for (Index c = 0; c < sums.cols(); ++c)
            out(i, c) = static_cast<std::int8_t>(clamped(((sums(i, c) * gain >> 23) + 1) >> 1));
        steps.push_back(16777216.0 / static_cast<double>(gain));
    }
    return out;
}

/// The products of one layer, in the order in which they are computed.
class LayerRun {
  public:
    LayerRun(const pow::ModelConfig& config, const pow::TensorSource& source, std::uint32_t layer,
             const Bytes& states)
        : config_{config}, source_{source}, layer_{layer}, states_{states} {}

    LayerProducts run() {
        attention();
        feed_forward();
        return {std::move(products_), std::move(states_)};
    }

  private:
    [[nodiscard]] Bytes weights(LayerTensor which) const {
        const auto id = pow::layer_tensor(layer_, which);
        const auto [rows, columns] = pow::tensor_shape(config_, id);
        std::vector<std::int8_t> scratch(rows * columns);
        const auto values = source_.rows(id, 0, rows, scratch);
        return Eigen::Map<const Bytes>{values.data(), index_of(rows), index_of(columns)};
    }

    /// A product with a rounding by a shift.
    Sums shifted(ProductKind kind, LayerTensor which, std::uint32_t shift) {
        Bytes matrix = weights(which);
        Sums sums = sums_of(states_, matrix);
        products_.push_back(
            {kind, states_, std::move(matrix),
             std::vector<double>(size_of(states_.rows()), std::ldexp(1.0, static_cast<int>(shift)))});
        return sums;
    }

    /// A product that is added to the states and normed.
    void add_and_norm(ProductKind kind, LayerTensor which, Bytes left, std::uint32_t shift) {
        Bytes matrix = weights(which);
        const Sums residual = states_.cast<std::int32_t>() * (1 << shift);
        std::vector<double> steps;
        states_ = normed(sums_of(left, matrix) + residual, steps);
        products_.push_back(
            {kind, std::move(left), std::move(matrix), std::move(steps), residual.cast<float>()});
    }

    void attention() {
        std::array<Bytes, 3> projections;
        constexpr std::array tensors{LayerTensor::query, LayerTensor::key, LayerTensor::value};
        for (std::size_t i = 0; i < tensors.size(); ++i)
            projections[i] = projected(shifted(ProductKind::query_key_value, tensors[i], config_.qkv_shift),
                                       config_.qkv_shift);
        Bytes mixed(states_.rows(), states_.cols());
        for (Index query = 0; query < states_.rows(); ++query)
            for (std::uint32_t head = 0; head < config_.heads; ++head)
                attend(config_, projections[0], projections[1], projections[2], query, head, mixed);
        add_and_norm(ProductKind::attention_output, LayerTensor::output, std::move(mixed),
                     config_.attention_residual_shift);
    }

    void feed_forward() {
        Sums hidden = shifted(ProductKind::ffn_in, LayerTensor::ffn_in, config_.ffn_shift);
        hidden = hidden.unaryExpr([&](std::int32_t x) { return fold(round_shift(x, config_.ffn_shift)); });
        if (config_.ffn_kind == pow::FfnKind::gated) {
            const Bytes up = projected(shifted(ProductKind::ffn_in, LayerTensor::ffn_up, config_.up_shift),
                                       config_.up_shift);
            hidden = hidden.cwiseProduct(up.cast<std::int32_t>()).unaryExpr([&](std::int32_t x) {
                return clamped(round_shift(x, config_.gate_shift));
            });
        }
        add_and_norm(ProductKind::ffn_out, LayerTensor::ffn_out, hidden.cast<std::int8_t>(),
                     config_.ffn_residual_shift);
    }

    const pow::ModelConfig& config_;
    const pow::TensorSource& source_;
    std::uint32_t layer_;
    Bytes states_;
    std::vector<RoundedProduct> products_;
};

/// Bits of a number in two's complement.
std::uint32_t significant_bits(int value) {
    return 1 + static_cast<std::uint32_t>(std::bit_width(static_cast<unsigned>(value < 0 ? ~value : value)));
}

/// What the levels below 1, 2, ... of products of bit planes add to the product of two bytes, times 4. Digits
/// are -1/2 and 1/2 in place of 0 and 1, so that what is left out has mean 0; the rest of the difference,
/// sums of rows, costs next to nothing.
class LowPlanes {
  public:
    LowPlanes() : values_(65536) {
        for (unsigned a = 0; a < 256; ++a) {
            for (unsigned w = 0; w < 256; ++w) {
                std::int32_t sum = 0;
                for (unsigned level = 0; level < late_levels; ++level) {
                    for (unsigned i = 0; i <= level; ++i)
                        sum += digit(a, i) * digit(w, level - i) * (1 << level);
                    values_[a * 256 + w][level] = sum;
                }
            }
        }
    }
    [[nodiscard]] const std::array<std::int32_t, late_levels>& of(std::int8_t a, std::int8_t w) const {
        return values_[std::size_t{static_cast<std::uint8_t>(a)} * 256 + static_cast<std::uint8_t>(w)];
    }

  private:
    static std::int32_t digit(unsigned value, unsigned place) { return (value >> place & 1U) == 1 ? 1 : -1; }

    std::vector<std::array<std::int32_t, late_levels>> values_;
};

const LowPlanes& low_planes() {
    static const LowPlanes planes;
    return planes;
}

/// The standard deviations of what the levels below 1, 2, ... add to a sum of `terms` products: their digits
/// are independent.
std::array<double, late_levels> missing_deviations(double terms) {
    std::array<double, late_levels> out{};
    double variance = 0;
    for (std::size_t level = 0; level < late_levels; ++level) {
        variance +=
            terms / 16 * static_cast<double>(level + 1) * std::ldexp(1.0, 2 * static_cast<int>(level));
        out[level] = std::sqrt(variance);
    }
    return out;
}

/// A sum to 11 significant bits, as half precision keeps at best.
double to_half_precision(double value) {
    if (value == 0) return 0;
    int exponent = 0;
    const double fraction = std::frexp(value, &exponent);
    return std::ldexp(std::nearbyint(std::ldexp(fraction, 11)), exponent - 11);
}

void count_operands(const RoundedProduct& product, ProductCounts& counts) {
    struct Operands {
        double values = 0;
        double zeros = 0;
        double bits = 0;
        explicit Operands(const Bytes& bytes) : values{static_cast<double>(bytes.size())} {
            for (Index i = 0; i < bytes.size(); ++i) {
                zeros += bytes.data()[i] == 0 ? 1 : 0;
                bits += significant_bits(bytes.data()[i]);
            }
        }
    };
    // All rows of one meet all rows of the other.
    const auto pairs = static_cast<double>(product.left.rows()) * static_cast<double>(product.weights.size());
    double zero_pairs = 0;
    for (Index k = 0; k < product.left.cols(); ++k) {
        const auto zeros = [k](const Bytes& bytes) {
            return static_cast<double>((bytes.col(k).array() == 0).count());
        };
        const auto rows = static_cast<double>(product.left.rows());
        const auto outputs = static_cast<double>(product.weights.rows());
        zero_pairs += rows * outputs - (rows - zeros(product.left)) * (outputs - zeros(product.weights));
    }
    counts.pairs += static_cast<std::uint64_t>(pairs);
    counts.zero_pairs += static_cast<std::uint64_t>(zero_pairs);
    const Operands left{product.left};
    const Operands weights{product.weights};
    counts.bit_products += pairs * (left.bits / left.values) * (weights.bits / weights.values);
}

}  // namespace

std::string_view to_string(ProductKind kind) {
    switch (kind) {
        case ProductKind::query_key_value:
            return "queries, keys, values";
        case ProductKind::attention_output:
            return "output of attention";
        case ProductKind::ffn_in:
            return "hidden units";
        case ProductKind::ffn_out:
            return "output of the feed-forward block";
    }
    return "";
}

LayerProducts layer_products(const pow::ModelConfig& config, const pow::TensorSource& weights,
                             std::uint32_t layer, const Bytes& states) {
    POUW_EXPECTS(layer < config.layers && states.rows() % static_cast<Index>(config.sequence_length) == 0);
    return LayerRun{config, weights, layer, states}.run();
}

void count_product(const RoundedProduct& product, std::size_t stride, ProductCounts& counts) {
    POUW_EXPECTS(stride >= 1 && product.steps.size() == size_of(product.left.rows()));
    count_operands(product, counts);
    const LowPlanes& planes = low_planes();
    const auto deviations = missing_deviations(static_cast<double>(product.left.cols()));
    for (Index i = 0; i < product.left.rows(); ++i) {
        const double step = product.steps[size_of(i)];
        for (Index j = 0; j < product.weights.rows(); j += index_of(stride)) {
            std::int64_t sum = 0;
            std::array<std::int64_t, late_levels> low{};
            const std::int8_t* const a = product.left.row(i).data();
            const std::int8_t* const w = product.weights.row(j).data();
            for (Index k = 0; k < product.left.cols(); ++k) {
                sum += std::int64_t{a[k]} * w[k];
                const auto& of_pair = planes.of(a[k], w[k]);
                for (std::size_t level = 0; level < late_levels; ++level) low[level] += of_pair[level];
            }
            const double offset =
                product.offsets.size() == 0 ? 0 : static_cast<double>(product.offsets(i, j));
            const auto position = [&](double value) { return (offset + value) / step + 0.5; };
            const auto whole = static_cast<double>(sum);
            const double exact = std::floor(position(whole));
            ++counts.entries;
            counts.largest_sum = std::max(counts.largest_sum, std::abs(whole));
            counts.half_precision_changes +=
                std::floor(position(to_half_precision(whole))) != exact ? 1U : 0U;
            for (std::size_t level = 0; level < late_levels; ++level) {
                const double known = position(whole - static_cast<double>(low[level]) / 4);
                const double reach = open_within * deviations[level] / step;
                counts.changed[level] += std::floor(known) != exact ? 1U : 0U;
                counts.open[level] += std::floor(known - reach) != std::floor(known + reach) ? 1U : 0U;
            }
        }
    }
}

double late_plane_cost(const ProductCounts& counts) {
    POUW_EXPECTS(counts.entries > 0);
    double late = 0;
    double cost = 0;
    for (std::size_t level = 0; level < late_levels; ++level) {
        const auto products = static_cast<double>(level + 1);
        late += products;
        cost += products * static_cast<double>(counts.open[level]) / static_cast<double>(counts.entries);
    }
    return (64 - late + cost) / 64;
}

namespace {

/// A row of the report whose gain does not depend on the pass rate.
AttackResult short_cut(const Variant& variant, std::string attack, const Interval& gain, Verdict verdict,
                       std::string note) {
    AttackResult out;
    out.family = "exact arithmetic";
    out.attack = std::move(attack);
    out.variant = variant.name;
    out.bound = {gain, gain};
    out.output_binding = OutputBinding::same;
    out.verdict = verdict;
    out.note = std::move(note);
    return out;
}

/// A short cut that changes roundings: its gain counts as often as all roundings of a nonce stay exact.
AttackResult inexact(const Variant& variant, std::string attack, double gain, std::uint64_t changed,
                     std::uint64_t entries, double roundings, double gate) {
    const Interval share = binomial_interval(changed, entries);
    const auto stays = [roundings](double p) {
        return std::exp(roundings * std::log1p(-std::min(p, 0.999)));
    };
    const Interval exact{stays(share.high), stays(share.estimate), stays(share.low)};
    const Interval worth{gain * exact.low, gain * exact.estimate, gain * exact.high};
    AttackResult out = short_cut(
        variant, std::move(attack), worth, Verdict::passed,
        fmt::format("changes {:.3g} ({:.3g} to {:.3g}) of the roundings, of which a nonce has {:.3g}; worth "
                    "{:.3f} if none were changed",
                    share.estimate, share.low, share.high, roundings, gain));
    out.output_binding = OutputBinding::exact_outputs;
    out.exact_outputs = exact;
    if (worth.high > gate) out.verdict = worth.low > finding_level ? Verdict::finding : Verdict::undecided;
    return out;
}

/// Short cuts whose gain is arithmetic alone.
std::vector<AttackResult> by_arithmetic(const Variant& variant, double largest_sum) {
    const auto row = [&](std::string attack, double gain, std::string note) {
        return short_cut(variant, std::move(attack), exactly(gain), Verdict::information, std::move(note));
    };
    // A product of sums of two bytes has 9 by 9 bits.
    constexpr double nine = 81.0 / 64;
    return {
        row("Winograd's inner products", 4 / (2 * nine + 2 * 9.0 / 64),
            "half as many multiplications, of 9 by 9 bits, with their accumulations; two additions of 9 bits "
            "a "
            "pair at 1/64 a bit. Where an addition costs as much as a multiplication there is no gain: 0.88"),
        row("Strassen, one level", 512.0 / (3 * 81 + 4 * 72),
            "7 block products in place of 8, three of 9 by 9 bits and four of 9 by 8; additions not counted. "
            "A unit for 8 by 8 bits cannot compute them"),
        row("half bytes after Karatsuba", 64.0 / (25 + 16 + 16),
            "three products, of 5 by 5, 4 by 4 and 4 by 4 bits, in place of one of 8 by 8; sums of half "
            "bytes "
            "are formed once an operand and not counted. Four products of 4 by 4 bits gain nothing: 64/64"),
        row("two products in one multiplication", 2 * 64.0 / (25 * 8),
            "(a 2^17 + b) w: 25 by 8 bits for two products; gains where wide multipliers lie idle"),
        row("products in FP16 or FP32", 1,
            fmt::format("FP16 holds a byte exactly, and sums up to 2^11; FP32 sums up to 2^24, of which the "
                        "largest seen is {:.2g}. Both are no faster than int8 on hardware that has it",
                        largest_sum / 16777216)),
    };
}

}  // namespace

std::vector<AttackResult> exact_short_cuts(const Variant& variant,
                                           std::span<const ProductCounts, product_kinds> counts,
                                           double roundings, double gate) {
    double zeros = 0;
    double bits = 0;
    double late = 0;
    double largest_sum = 0;
    std::array<std::uint64_t, late_levels> changed{};
    std::uint64_t half_changes = 0;
    std::uint64_t entries = 0;
    for (const ProductCounts& kind : counts) {
        const auto pairs = static_cast<double>(kind.pairs);
        zeros += kind.operations * static_cast<double>(kind.zero_pairs) / pairs;
        bits += kind.operations * kind.bit_products / pairs;
        late += kind.operations * late_plane_cost(kind);
        largest_sum = std::max(largest_sum, kind.largest_sum);
        for (std::size_t level = 0; level < late_levels; ++level) changed[level] += kind.changed[level];
        half_changes += kind.half_precision_changes;
        entries += kind.entries;
    }
    const auto limited = [](double gain, double limit) {
        return gain <= limit ? Verdict::passed : Verdict::finding;
    };
    constexpr double plane_limit = 1.15;
    std::vector<AttackResult> out;
    out.push_back(short_cut(variant, "zero operands skipped", exactly(1 / (1 - zeros)),
                            limited(1 / (1 - zeros), gate),
                            fmt::format("{:.2f}% of the pairs have a zero", 100 * zeros)));
    out.push_back(short_cut(
        variant, "low bit planes where the rounding is open", exactly(1 / late),
        limited(1 / late, plane_limit),
        "bit-serial hardware that adds planes of low weight only to sums within 6 standard deviations of a "
        "rounding boundary, each sum by itself"));
    out.push_back(
        short_cut(variant, "significant bits alone", exactly(64 / bits), Verdict::information,
                  fmt::format("mean product of the significant bits {:.1f} of 64: for multipliers that "
                              "work bit by bit and wait for no neighbour",
                              bits)));
    double left_out = 0;
    for (std::size_t level = 0; level < 3; ++level) {
        left_out += static_cast<double>(level + 1);
        out.push_back(inexact(variant, fmt::format("{} of 64 products of bit planes left out", left_out),
                              64 / (64 - left_out), changed[level], entries, roundings, gate));
    }
    out.push_back(inexact(variant, "sums in half precision", 1, half_changes, entries, roundings, gate));
    for (AttackResult& result : by_arithmetic(variant, largest_sum)) out.push_back(std::move(result));
    return out;
}

namespace {

/// Shares of the products by kind, and the roundings of a nonce.
std::array<double, product_kinds> operations_by_kind(const pow::ModelConfig& config) {
    const double dim = config.model_dim;
    const double gates = config.ffn_kind == pow::FfnKind::gated ? 2 : 1;
    const double hidden = dim * config.ffn_dim;
    const double all = 4 * dim * dim + (gates + 1) * hidden;
    return {3 * dim * dim / all, dim * dim / all, gates * hidden / all, hidden / all};
}

double roundings_of(const pow::ModelConfig& config) {
    const double gates = config.ffn_kind == pow::FfnKind::gated ? 2 : 1;
    return static_cast<double>(config.layers) * config.sequence_length *
           (5.0 * config.model_dim + gates * config.ffn_dim);
}

/// Outputs of a product that are looked at, at most.
constexpr std::size_t looked_at = 64;
constexpr std::size_t nonces_looked_at = 4;

}  // namespace

void measure_exact_arithmetic(Context& context, const Engine& engine, const Recording& recording) {
    const Variant& variant = engine.variant();
    const pow::ModelConfig& config = variant.config;
    context.step("exact arithmetic", 0.77);
    const pow::StreamedTensors source{config, context.weights_key(config)};
    const auto rows = static_cast<Index>(nonces_looked_at * config.sequence_length);
    std::array<ProductCounts, product_kinds> counts{};
    for (const auto& [layer, states] : recording.states) {
        if (context.stopped()) return;
        const LayerProducts run =
            layer_products(config, source, layer, states.topRows(std::min(rows, states.rows())));
        for (const RoundedProduct& product : run.products) {
            const std::size_t stride = std::max<std::size_t>(1, size_of(product.weights.rows()) / looked_at);
            count_product(product, stride, counts[static_cast<std::size_t>(product.kind)]);
        }
    }
    const auto operations = operations_by_kind(config);
    for (std::size_t kind = 0; kind < product_kinds; ++kind) counts[kind].operations = operations[kind];
    for (AttackResult& result :
         exact_short_cuts(variant, counts, roundings_of(config), context.subject().gate))
        context.report.attacks.push_back(std::move(result));
    for (std::size_t kind = 0; kind < product_kinds; ++kind) {
        const ProductCounts& count = counts[kind];
        context.report.health.push_back(
            {.property =
                 fmt::format("exact arithmetic: {}, roundings changed without 1 of 64 products of bit planes",
                             to_string(static_cast<ProductKind>(kind))),
             .value = binomial_interval(count.changed[0], count.entries),
             .expected = "above 0.001: nothing can be left out"});
    }
}

}  // namespace pouw::inline v1::soundness
