#include "pouw/formats/verdict.hpp"

#include "formats/fields.hpp"
#include "formats/json.hpp"

namespace pouw::inline v1::formats {
namespace {

constexpr int indent = 2;

std::optional<std::uint64_t> read_u64_or_null(Fields& fields, std::string_view name) {
    if (fields.take_null(name)) return {};
    return fields.u64(name);
}

std::optional<std::string> read_text_or_null(Fields& fields, std::string_view name) {
    if (fields.take_null(name)) return {};
    return fields.text(name);
}

/// All four fields, or four times null.
std::optional<proof::Terms> read_terms(Fields& fields) {
    if (fields.take_null("node")) {
        for (const char* name : {"race_seed", "model", "threshold"}) {
            if (!fields.take_null(name)) fields.refuse(name, core::fail(errc::contradiction));
        }
        return {};
    }
    proof::Terms out;
    out.node = fields.bytes<core::NodeId>("node");
    out.race_seed = fields.bytes<pow::RaceSeed>("race_seed");
    out.model = fields.bytes<core::ModelId>("model");
    out.threshold = fields.u64("threshold");
    return out;
}

void add_terms(Json& json, const std::optional<proof::Terms>& terms) {
    json["node"] = terms ? json_of(terms->node) : Json{};
    json["race_seed"] = terms ? json_of(terms->race_seed) : Json{};
    json["model"] = terms ? json_of(terms->model) : Json{};
    json["threshold"] = terms ? json_of(terms->threshold) : Json{};
}

/// A valid verdict gives no reason, and says what it is about.
template <typename Verdict>
void require_consistent(Fields& fields, const Verdict& verdict) {
    if (verdict.valid && verdict.reason) fields.refuse("reason", core::fail(errc::contradiction));
    if (verdict.valid && !verdict.terms) fields.refuse("node", core::fail(errc::contradiction));
}

SampledVerdict read_sampled(Fields& fields) {
    SampledVerdict out;
    out.samples = fields.u64("samples");
    out.soundness = read_text_or_null(fields, "soundness");
    if (fields.has("nonces")) {
        out.nonces.emplace();
        fields.each("nonces", [&](Fields& nonce) {
            out.nonces->push_back({nonce.u64("rank"), nonce.u64("nonce")});
        });
    }
    return out;
}

ProofVerdict read_proof_verdict(Fields& fields) {
    ProofVerdict out;
    out.valid = fields.boolean("valid");
    out.reason = read_text_or_null(fields, "reason");
    out.first_false_nonce = read_u64_or_null(fields, "first_false_nonce");
    out.unchecked = fields.texts("unchecked");
    out.claimed = fields.u64("claimed");
    out.evaluated = fields.u64("evaluated");
    out.passed = fields.u64("passed");
    out.weight = fields.u64("weight");
    out.terms = read_terms(fields);
    if (fields.has("false_nonces")) {
        out.false_nonces.emplace();
        fields.each("false_nonces", [&](Fields& found) {
            out.false_nonces->push_back({found.u64("nonce"), found.number("squared_distance")});
        });
    }
    if (fields.has("samples")) out.sampled = read_sampled(fields);
    require_consistent(fields, out);
    return out;
}

FraudVerdict read_fraud_verdict(Fields& fields) {
    FraudVerdict out;
    out.valid = fields.boolean("valid");
    out.reason = read_text_or_null(fields, "reason");
    out.unchecked = fields.texts("unchecked");
    if (const auto nonce = read_u64_or_null(fields, "false_nonce")) {
        out.false_nonce = FalseNonce{*nonce, fields.number("squared_distance")};
    } else if (!fields.take_null("squared_distance")) {
        fields.refuse("squared_distance", core::fail(errc::contradiction));
    }
    if (!fields.take_null("evidence")) out.evidence = fields.bytes<core::EvidenceDigest>("evidence");
    out.terms = read_terms(fields);
    require_consistent(fields, out);
    if (out.valid != out.evidence.has_value()) fields.refuse("evidence", core::fail(errc::contradiction));
    if (out.valid != out.false_nonce.has_value())
        fields.refuse("false_nonce", core::fail(errc::contradiction));
    return out;
}

Json reason_of(const std::optional<std::string>& reason) { return reason ? Json(*reason) : Json{}; }

}  // namespace

parsed<ProofVerdict> parse_proof_verdict(std::string_view text, const Limits& limits) {
    return parse_text<ProofVerdict>(text, limits, read_proof_verdict);
}

parsed<FraudVerdict> parse_fraud_verdict(std::string_view text, const Limits& limits) {
    return parse_text<FraudVerdict>(text, limits, read_fraud_verdict);
}

std::string to_json(const ProofVerdict& verdict) {
    Json json{{"valid", verdict.valid},
              {"reason", reason_of(verdict.reason)},
              {"first_false_nonce", json_of(verdict.first_false_nonce)},
              {"unchecked", verdict.unchecked},
              {"claimed", json_of(verdict.claimed)}};
    if (verdict.sampled) json["samples"] = json_of(verdict.sampled->samples);
    json["evaluated"] = json_of(verdict.evaluated);
    json["passed"] = json_of(verdict.passed);
    if (verdict.sampled) json["soundness"] = reason_of(verdict.sampled->soundness);
    json["weight"] = json_of(verdict.weight);
    add_terms(json, verdict.terms);
    if (verdict.false_nonces) {
        json["false_nonces"] = Json::array();
        for (const FalseNonce& found : *verdict.false_nonces)
            json["false_nonces"].push_back(
                {{"nonce", json_of(found.nonce)}, {"squared_distance", found.squared_distance}});
    }
    if (verdict.sampled && verdict.sampled->nonces) {
        json["nonces"] = Json::array();
        for (const ShownNonce& shown : *verdict.sampled->nonces)
            json["nonces"].push_back({{"rank", json_of(shown.rank)}, {"nonce", json_of(shown.nonce)}});
    }
    return text_of(json, indent);
}

std::string to_json(const FraudVerdict& verdict) {
    Json json{{"valid", verdict.valid},         {"reason", reason_of(verdict.reason)},
              {"unchecked", verdict.unchecked}, {"false_nonce", nullptr},
              {"squared_distance", nullptr},    {"evidence", json_of(verdict.evidence)}};
    if (verdict.false_nonce) {
        json["false_nonce"] = json_of(verdict.false_nonce->nonce);
        json["squared_distance"] = verdict.false_nonce->squared_distance;
    }
    add_terms(json, verdict.terms);
    return text_of(json, indent);
}

}  // namespace pouw::inline v1::formats
