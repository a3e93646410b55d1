#include "pouw/formats/parameters.hpp"

#include "formats/parameters.hpp"

namespace pouw::inline v1::formats {

using namespace economics;

namespace {

constexpr std::string_view growth_names[] = {"linear", "exponential", "deployed"};

std::string_view growth_name(Growth growth) { return growth_names[static_cast<std::size_t>(growth)]; }

core::Fraction read_fraction(Fields& fields, std::string_view name) {
    core::Fraction out{1, 1};
    fields.object(name, [&](Fields& fraction) {
        const std::uint64_t numerator = fraction.u64("numerator");
        const auto value = core::Fraction::create(numerator, fraction.u64("denominator"));
        fraction.require("denominator", value);
        if (value) out = *value;
    });
    return out;
}

Json fraction_json(const core::Fraction& fraction) {
    return {{"numerator", json_of(fraction.numerator)}, {"denominator", json_of(fraction.denominator)}};
}

ConvictionRule read_conviction_rule(Fields& fields) {
    if (fields.has("tolerated")) return FixedCount{fields.u32("tolerated")};
    const core::Fraction honest_rate = read_fraction(fields, "honest_rate");
    return judgement::EpochRule{honest_rate, read_fraction(fields, "significance")};
}

Json conviction_rule_json(const ConvictionRule& rule) {
    if (const auto* fixed = std::get_if<FixedCount>(&rule)) return {{"tolerated", json_of(fixed->tolerated)}};
    const auto& test = std::get<judgement::EpochRule>(rule);
    return {{"honest_rate", fraction_json(test.honest_rate)},
            {"significance", fraction_json(test.significance)}};
}

}  // namespace

Rules read_rules(Fields& fields) {
    Rules rules;
    const core::Rate training = fields.rate("training_ppm");
    core::Rate lowest;
    core::Rate highest = core::Rate::percent(100);
    if (fields.has("training_lowest_ppm")) lowest = fields.rate("training_lowest_ppm");
    if (fields.has("training_highest_ppm")) highest = fields.rate("training_highest_ppm");
    rules.work_tolerance = fields.rate("work_tolerance_ppm");
    rules.check_tolerance = fields.rate("check_tolerance_ppm");
    rules.vote_tolerance = fields.rate("vote_tolerance_ppm");
    fields.object("conviction", [&](Fields& rule) { rules.conviction = read_conviction_rule(rule); });
    rules.false_result_fine = fields.u32("false_result_fine");
    rules.reporter_share = fields.rate("reporter_share_ppm");
    rules.bounty_share = fields.rate("bounty_share_ppm");
    rules.bounty_cap = fields.rate("bounty_cap_ppm");
    rules.report_deposit = fields.amount("report_deposit");
    fields.finish();
    const auto share = TrainingShare::create(lowest, highest, training);
    fields.require("training_ppm", share);
    if (share) rules.training = *share;
    fields.require({}, check(rules));
    return rules;
}

ReputationCurve read_reputation_curve(Fields& fields) {
    ReputationCurve curve;
    curve.growth = fields.choice<Growth>("growth", 3, growth_name, "linear, exponential, deployed");
    curve.epochs_to_full = fields.u32("epochs_to_full");
    curve.step = fields.rate("step_ppm");
    curve.forgiven = fields.rate("forgiven_ppm");
    curve.penalty = fields.u32("penalty");
    fields.finish();
    fields.require({}, check(curve));
    return curve;
}

Issuance read_issuance(Fields& fields) {
    Issuance issuance;
    issuance.subsidy = fields.rate("subsidy_ppm");
    issuance.minimum = fields.amount("minimum");
    issuance.left = fields.amount("left");
    fields.finish();
    fields.require({}, issued(issuance, 0));
    return issuance;
}

PriceBounds read_price_bounds(Fields& fields) {
    PriceBounds bounds;
    bounds.lowest = fields.amount("lowest");
    bounds.highest = fields.amount("highest");
    if (fields.has("step_ppm")) bounds.step = fields.rate("step_ppm");
    return bounds;
}

Json json_of(const Rules& rules) {
    Json json{{"training_ppm", json_of(rules.training.rate())},
              {"work_tolerance_ppm", json_of(rules.work_tolerance)},
              {"check_tolerance_ppm", json_of(rules.check_tolerance)},
              {"vote_tolerance_ppm", json_of(rules.vote_tolerance)},
              {"conviction", conviction_rule_json(rules.conviction)},
              {"false_result_fine", json_of(rules.false_result_fine)},
              {"reporter_share_ppm", json_of(rules.reporter_share)},
              {"bounty_share_ppm", json_of(rules.bounty_share)},
              {"bounty_cap_ppm", json_of(rules.bounty_cap)},
              {"report_deposit", json_of(rules.report_deposit)}};
    const TrainingShare unbounded;
    if (rules.training.lowest() != unbounded.lowest())
        json["training_lowest_ppm"] = json_of(rules.training.lowest());
    if (rules.training.highest() != unbounded.highest())
        json["training_highest_ppm"] = json_of(rules.training.highest());
    return json;
}

Json json_of(const ReputationCurve& curve) {
    return {{"growth", growth_name(curve.growth)},
            {"epochs_to_full", json_of(curve.epochs_to_full)},
            {"step_ppm", json_of(curve.step)},
            {"forgiven_ppm", json_of(curve.forgiven)},
            {"penalty", json_of(curve.penalty)}};
}

Json json_of(const Issuance& issuance) {
    return {{"subsidy_ppm", json_of(issuance.subsidy)},
            {"minimum", json_of(issuance.minimum)},
            {"left", json_of(issuance.left)}};
}

Json json_of(const PriceBounds& bounds) {
    Json json{{"lowest", json_of(bounds.lowest)}, {"highest", json_of(bounds.highest)}};
    if (bounds.step) json["step_ppm"] = json_of(*bounds.step);
    return json;
}

parsed<Rules> parse_rules(std::string_view text, const Limits& limits) {
    return parse_text<Rules>(text, limits, read_rules);
}
parsed<ReputationCurve> parse_reputation_curve(std::string_view text, const Limits& limits) {
    return parse_text<ReputationCurve>(text, limits, read_reputation_curve);
}
parsed<Issuance> parse_issuance(std::string_view text, const Limits& limits) {
    return parse_text<Issuance>(text, limits, read_issuance);
}
parsed<PriceBounds> parse_price_bounds(std::string_view text, const Limits& limits) {
    return parse_text<PriceBounds>(text, limits, read_price_bounds);
}

std::string to_json(const Rules& rules) { return text_of(json_of(rules)); }
std::string to_json(const ReputationCurve& curve) { return text_of(json_of(curve)); }
std::string to_json(const Issuance& issuance) { return text_of(json_of(issuance)); }
std::string to_json(const PriceBounds& bounds) { return text_of(json_of(bounds)); }

}  // namespace pouw::inline v1::formats
