#include "pouw/soundness/reuse.hpp"

#include "soundness/context.hpp"

#include "pouw/core/contract.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string_view>
#include <utility>

namespace pouw::inline v1::soundness {
namespace {

/// Entries with more nonces than this on average count as many as the average: the law is narrow there.
constexpr double narrow_mean = 400;

double forward_passes_per_second(const Variant& variant, const Resources& resources) {
    return resources.operations_per_second / static_cast<double>(pow::operations_per_nonce(variant.config));
}

/// An attack that keeps every nonce and gains by a factor, whatever the pass rate.
AttackResult everywhere(const Variant& variant, std::string family, std::string attack, double speed_up) {
    AttackResult out{.family = std::move(family), .attack = std::move(attack), .variant = variant.name};
    out.output_binding = OutputBinding::same;
    for (std::size_t r = 0; r < pass_rates.size(); ++r) {
        out.speed_ups[r].rate = pass_rates[r];
        out.speed_ups[r].chosen = {
            .keep = 1, .lift = exactly(1), .speed_up = exactly(speed_up), .solutions = 0};
    }
    return out;
}

/// Probabilities of 0, 1, ... of a Poisson law.
std::vector<double> poisson(double mean, std::size_t count) {
    std::vector<double> out(count);
    for (std::size_t k = 0; k < count; ++k) {
        const auto real = static_cast<double>(k);
        out[k] =
            mean == 0 ? (k == 0 ? 1.0 : 0.0) : std::exp(real * std::log(mean) - mean - std::lgamma(real + 1));
    }
    return out;
}

/// Values from which on a Poisson law has nothing that a double could show.
std::size_t poisson_size(double mean) { return static_cast<std::size_t>(mean + 14 * std::sqrt(mean) + 40); }

/// How many nonces an entry has: a Poisson law above 0, plus a Poisson law.
std::vector<double> nonces_per_entry(double first_mean, double later_mean) {
    const std::size_t count = poisson_size(first_mean + later_mean);
    std::vector<double> first = poisson(first_mean, count);
    const double seen = -std::expm1(-first_mean);
    first[0] = 0;
    for (double& p : first) p /= seen;
    const std::vector<double> later = poisson(later_mean, count);
    std::vector<double> out(count);
    for (std::size_t i = 1; i < count; ++i) {
        if (first[i] == 0) continue;
        for (std::size_t j = 0; i + j < count; ++j) out[i + j] += first[i] * later[j];
    }
    return out;
}

/// Nonces of the `chosen` fullest of `entries` entries.
double in_fullest(const std::vector<double>& law, double entries, double chosen) {
    double served = 0;
    double left = chosen;
    for (std::size_t k = law.size(); k-- > 1 && left > 0;) {
        const double taken = std::min(left, entries * law[k]);
        served += taken * static_cast<double>(k);
        left -= taken;
    }
    return served + left;  // rounding of the law
}

CollisionSearch search_for(const Variant& variant, const Resources& resources, std::uint32_t positions) {
    return {
        .entropy = input_entropy(variant, positions),
        .draws = resources.hashes_per_second * resources.race_seconds,
        .entries = resources.memory_bytes / resources.bytes_per_entry,
        .evaluations = std::max(1.0, forward_passes_per_second(variant, resources) * resources.race_seconds)};
}

/// Solutions per forward pass of who keeps the states of the first positions: a group costs its prefix once,
/// and every nonce in it the rest.
double prefix_gain(const Variant& variant, const Resources& resources, std::uint32_t positions) {
    CollisionSearch search = search_for(variant, resources, positions);
    const double prefix = static_cast<double>(positions) / variant.config.sequence_length;
    const double budget = search.evaluations;
    const auto cost = [&](const CollisionYield& yield) {
        return yield.evaluated * prefix + yield.served * (1 - prefix);
    };
    CollisionYield best{.evaluated = 1, .served = 1};
    double low = 1;
    double high = budget / prefix;
    for (int i = 0; i < 60 && high - low > 1e-9 * high; ++i) {
        search.evaluations = (low + high) / 2;
        const CollisionYield yield = collisions(search);
        const bool affordable = cost(yield) <= budget;
        if (affordable) best = yield;
        (affordable ? low : high) = search.evaluations;
    }
    return best.served / cost(best);
}

/// "10 G" for 1e10.
std::string with_prefix(double value) {
    constexpr std::array<std::string_view, 7> prefixes{"", "k", "M", "G", "T", "P", "E"};
    std::size_t step = 0;
    for (; value >= 1000 && step + 1 < prefixes.size(); ++step) value /= 1000;
    return fmt::format("{:.3g} {}", value, prefixes[step]);
}

std::string hashing(const Resources& resources) {
    return fmt::format("{}H/s, {}B", with_prefix(resources.hashes_per_second),
                       with_prefix(resources.memory_bytes));
}

std::string assumptions(const Resources& resources) {
    return fmt::format("{}, {:.0f} s, {} operations/s", hashing(resources), resources.race_seconds,
                       with_prefix(resources.operations_per_second));
}

/// Pass probability at a threshold of z standard deviations when the variance is larger by a factor.
double pass_at(double z, double variance) { return variance <= 0 ? 0 : normal_tail(z / std::sqrt(variance)); }

}  // namespace

double input_entropy(const Variant& variant, std::uint32_t positions) {
    const pow::ModelConfig& config = variant.config;
    POUW_EXPECTS(positions <= config.sequence_length);
    constexpr double seed_bits = 256;
    // 0 has two of the 256 bytes: 254 + 2² in 256².
    const double bits_per_noise_byte = std::log2(65536.0 / 258);
    const double noise = variant.input_noise ? config.model_dim * bits_per_noise_byte : 0;
    return std::min(seed_bits, positions * (std::log2(config.vocab_size) + noise));
}

// Collisions
// ---------------------------------------------------------------------------

CollisionYield collisions(const CollisionSearch& search) {
    POUW_EXPECTS(search.entropy >= 0 && search.draws >= 1 && search.entries >= 1 && search.evaluations >= 1);
    const double values = std::exp2(search.entropy);
    const double reachable = std::max(1.0, -values * std::expm1(-search.draws / values));
    const double entries = std::min(search.entries, reachable);
    const double filling =
        entries < reachable ? std::min(search.draws, -values * std::log1p(-entries / values)) : search.draws;
    const double first_mean = filling / values;
    const double later_mean = (search.draws - filling) / values;
    const double chosen = std::min(search.evaluations, entries);
    const double mean = first_mean / -std::expm1(-first_mean) + later_mean;
    CollisionYield out{.evaluated = chosen, .served = 0};
    if (chosen == entries || mean > narrow_mean) {
        out.served = chosen * mean;
    } else {
        out.served = in_fullest(nonces_per_entry(first_mean, later_mean), entries, chosen);
    }
    const double single = std::min(search.evaluations - chosen, std::max(0.0, search.draws - entries * mean));
    out.evaluated += single;
    out.served += single;
    return out;
}

AttackResult input_collisions(const Variant& variant, const Resources& resources) {
    const CollisionSearch search = search_for(variant, resources, variant.config.sequence_length);
    AttackResult out =
        everywhere(variant, "input collisions", "one forward pass for all nonces with its input",
                   collisions(search).per_evaluation());
    out.note = fmt::format("{:.0f} bits of input; {}", search.entropy, assumptions(resources));
    return out;
}

std::vector<Curve> reuse_curves(const Variant& variant, const Resources& resources) {
    constexpr unsigned first_bits = 44;
    constexpr unsigned last_bits = 100;
    std::vector<Curve> out;
    for (const double factor : {1.0, 100.0, 10000.0}) {
        Resources larger = resources;
        larger.hashes_per_second *= factor;
        larger.memory_bytes *= factor;
        Curve curve{.plot = "collisions",
                    .title = "Nonces a forward pass serves when inputs coincide",
                    .x_label = "bits of input",
                    .y_label = "nonces",
                    .name = hashing(larger),
                    .logarithmic_y = true,
                    .points = {}};
        CollisionSearch search = search_for(variant, larger, 0);
        for (unsigned bits = first_bits; bits <= last_bits; bits += 2) {
            search.entropy = bits;
            curve.points.emplace_back(bits, exactly(collisions(search).per_evaluation()));
        }
        out.push_back(std::move(curve));
    }
    return out;
}

AttackResult first_layer_caching(const Variant& variant, const Resources& resources) {
    const pow::ModelConfig& config = variant.config;
    const double dim = config.model_dim;
    const double entry_bytes = 3 * dim;
    const double places = std::exp2(input_entropy(variant, 1)) * config.sequence_length;
    const double found = std::min(1.0, resources.memory_bytes / entry_bytes / places);
    const double projections = config.sequence_length * 3 * 2 * dim * dim;
    const double saved = found * projections / static_cast<double>(pow::operations_per_nonce(config));
    AttackResult out =
        everywhere(variant, "layer-1 caching", "queries, keys and values of a position", 1 / (1 - saved));
    out.completion = 1 - saved;
    out.note =
        fmt::format("{:.0f} bits of input a position; {}", input_entropy(variant, 1), assumptions(resources));
    return out;
}

AttackResult prefix_caching(const Variant& variant, const Resources& resources) {
    if (variant.arrangement != Arrangement::pre_norm_causal) {
        AttackResult out = everywhere(variant, "prefix caching", "no prefix has states of its own", 1);
        out.note = "attention is bidirectional";
        return out;
    }
    double best = 1;
    std::uint32_t at = 0;
    for (std::uint32_t positions = 1; positions < variant.config.sequence_length; ++positions) {
        const double gain = prefix_gain(variant, resources, positions);
        if (gain > best) {
            best = gain;
            at = positions;
        }
    }
    AttackResult out =
        everywhere(variant, "prefix caching", fmt::format("states of the first {} positions", at), best);
    out.note = fmt::format("{:.0f} bits of prefix; {}", input_entropy(variant, at), assumptions(resources));
    return out;
}

std::vector<AttackResult> shared_passes(const Variant& variant, const Resources& resources) {
    AttackResult keys = input_collisions(variant, resources);
    keys.family = "shared passes";
    keys.attack = "one forward pass for several keys";
    AttackResult races = everywhere(variant, "shared passes", "one forward pass for several races", 1);
    races.note = "the race seed decides weights and inputs; before it is known there is nothing to compute";
    return {std::move(keys), std::move(races)};
}

// Choice
// ---------------------------------------------------------------------------

double scan_lift(double spectrum, std::uint32_t dim, double rate, double keep) {
    POUW_EXPECTS(dim > 0 && rate > 0 && rate < 1 && keep > 0 && keep <= 1);
    const double spread = std::sqrt(2 * std::max(0.0, spectrum - 1) / dim);
    const double z = normal_tail_quantile(rate);
    const double cut = keep < 1 ? normal_tail_quantile(keep) : -8;
    constexpr double step = 0.002;
    constexpr double end = 8;
    double kept = 0;
    double kept_mass = 0;
    double all = 0;
    double mass = 0;
    for (double s = -end + step / 2; s < end; s += step) {
        const double density = std::exp(-s * s / 2) / std::sqrt(2 * std::numbers::pi) * step;
        const double pass = density * pass_at(z, 1 + spread * s);
        all += pass;
        mass += density;
        // The cell that the cut divides counts by its part above.
        const double part = std::clamp((s + step / 2 - cut) / step, 0.0, 1.0);
        kept += part * pass;
        kept_mass += part * density;
    }
    return kept / kept_mass / (all / mass);
}

AttackResult permutation_scan(const Variant& variant, const Interval& spectrum) {
    const pow::ModelConfig& config = variant.config;
    const double dim = config.model_dim;
    AttackResult out =
        everywhere(variant, "permutation scan", "predicted from the spectrum of the outputs", 1);
    out.output_binding = OutputBinding::impossible;
    out.cost = dim * dim / static_cast<double>(pow::operations_per_nonce(config));
    for (SpeedUp& at : out.speed_ups) {
        const auto lift = [&](double of_spectrum, double keep) {
            return scan_lift(of_spectrum, config.model_dim, at.rate, keep);
        };
        for (const double keep : keep_fractions) {
            const double expense = out.cost + keep;
            const double share = keep * lift(spectrum.estimate, keep);
            if (share / expense <= at.chosen.speed_up.estimate) continue;
            at.chosen.keep = keep;
            at.chosen.lift = {
                .low = lift(spectrum.low, keep), .estimate = share / keep, .high = lift(spectrum.high, keep)};
            at.chosen.speed_up = {.low = at.chosen.lift.low * keep / expense,
                                  .estimate = share / expense,
                                  .high = at.chosen.lift.high * keep / expense};
        }
    }
    out.note = fmt::format("a permutation costs {:.0f} operations, a forward pass {}", dim * dim,
                           pow::operations_per_nonce(config));
    return out;
}

// Grinding
// ---------------------------------------------------------------------------

GrindingYield grind(const Grinding& g) {
    POUW_EXPECTS(g.candidates >= 1 && g.rate > 0 && g.rate <= 1 && g.tried >= 0 && g.afterwards >= 0);
    POUW_EXPECTS(g.tried + g.afterwards > 0 && g.tried * g.rate <= 1e7);
    const double mean = g.tried * g.rate;
    const std::vector<double> law =
        poisson(mean, poisson_size(mean + std::log(g.candidates) * std::sqrt(mean + 1)));
    GrindingYield out;
    double above = 0;  // P(X > j)
    for (std::size_t j = law.size(); j-- > 0;) {
        out.selected += -std::expm1(g.candidates * std::log1p(-std::min(above, 1.0)));
        above += law[j];
    }
    const double later = g.afterwards * g.rate;
    const double all_tried = g.candidates * g.tried;
    out.per_operation = (out.selected + later) / ((all_tried + g.afterwards) * g.rate);
    if (later > 0) {
        out.per_race = (out.selected + later) / later;
        out.head_start = (all_tried * g.rate + later) / later;
    }
    return out;
}

AttackResult block_hash_grinding(const Variant& variant, const Resources& resources, unsigned bits) {
    AttackResult out =
        everywhere(variant, "block hash grinding", fmt::format("the best of 2^{} races, no beacon", bits), 1);
    const double candidates = std::ldexp(1.0, static_cast<int>(bits));
    const double rate = pass_rates.front();
    const GrindingYield one_solution =
        grind({.candidates = candidates, .tried = 1 / rate, .afterwards = 0, .rate = rate});
    out.note = fmt::format(
        "races differ too little in their pass rates to be told apart before the choice; trying the nonces "
        "of one "
        "solution in each "
        "keeps {:.2g} solutions of {:.4g}. A hash known 10 s before the others know it is worth {:.1f}% more "
        "solutions "
        "in a race of "
        "{:.0f} s, whichever hash it is",
        one_solution.selected, candidates, 1000 / resources.race_seconds, resources.race_seconds);
    return out;
}

// All of them
// ---------------------------------------------------------------------------

std::vector<AttackResult> reuse_attacks(const Variant& variant, const Resources& resources,
                                        const Interval& spectrum, double gate) {
    constexpr unsigned grinding_bits = 10;
    std::vector<AttackResult> out = shared_passes(variant, resources);
    out.insert(out.begin(), {input_collisions(variant, resources), first_layer_caching(variant, resources),
                             prefix_caching(variant, resources)});
    out.push_back(permutation_scan(variant, spectrum));
    out.push_back(block_hash_grinding(variant, resources, grinding_bits));
    const bool bound_to_output = variant.config.permutation_binding == pow::PermutationBinding::output;
    for (AttackResult& attack : out) {
        const bool possible = !bound_to_output || attack.output_binding != OutputBinding::impossible;
        attack.verdict = possible ? judge(attack, gate) : Verdict::information;
    }
    return out;
}

}  // namespace pouw::inline v1::soundness
