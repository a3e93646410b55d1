#include "pouw/formats/verdict.hpp"

#include "formats/texts.hpp"

#include "pouw/core/errc.hpp"

namespace pouw::inline v1::formats {
namespace {

proof::Terms terms() { return {id<core::ModelId>(1), id<pow::RaceSeed>(2), id<core::NodeId>(3), UINT64_MAX}; }

ProofVerdict valid() {
    ProofVerdict out;
    out.valid = true;
    out.unchecked = {"preset", "race"};
    out.claimed = out.evaluated = out.passed = out.weight = 12;
    out.terms = terms();
    return out;
}

TEST(ProofVerdict, IsWrittenAndRead) {
    EXPECT_EQ(parse_proof_verdict(to_json(valid())).value(), valid());
    ProofVerdict refused = valid();
    refused.valid = false;
    refused.reason = "false_nonce";
    refused.first_false_nonce = UINT64_MAX;
    refused.weight = 0;
    refused.false_nonces = {{UINT64_MAX, 12'345}};
    EXPECT_EQ(parse_proof_verdict(to_json(refused)).value(), refused);
    ProofVerdict unreadable;
    unreadable.reason = "truncated";
    EXPECT_EQ(parse_proof_verdict(to_json(unreadable)).value(), unreadable);
}

TEST(ProofVerdict, OfACommitmentIsWrittenAndRead) {
    ProofVerdict sampled = valid();
    sampled.sampled = SampledVerdict{.samples = 15, .soundness = "certain", .nonces = {}};
    EXPECT_EQ(parse_proof_verdict(to_json(sampled)).value(), sampled);
    sampled.sampled = SampledVerdict{.samples = 2, .soundness = {}, .nonces = {{{0, 7}, {2, 9}}}};
    EXPECT_EQ(parse_proof_verdict(to_json(sampled)).value(), sampled);
}

TEST(ProofVerdict, StringsThatAreNoUtf8AreReplaced) {
    ProofVerdict odd = valid();
    odd.unchecked = {"\xff"};
    EXPECT_EQ(parse_proof_verdict(to_json(odd)).value().unchecked[0], "\xef\xbf\xbd");
}

TEST(ProofVerdict, RefusalsNameTheField) {
    const std::string text = to_json(valid());
    const auto refused = [&](std::string_view from, std::string_view to, const core::error_code& code,
                             std::string_view path) {
        expect_refused(parse_proof_verdict(replaced(text, from, to)), code, path);
    };
    refused("\"valid\": true", "\"valid\": 1", errc::expected_boolean, "valid");
    refused("\"reason\": null", "\"reason\": 5", errc::expected_text, "reason");
    refused("\"reason\": null", "\"reason\": \"false_nonce\"", errc::contradiction, "reason");
    refused("\"preset\"", "5", errc::expected_text, "unchecked[0]");
    refused("\"weight\": \"12\"", "\"weight\": \"-1\"", core::errc::invalid_amount, "weight");
    refused("\"weight\": \"12\"", "\"weight\": 12", errc::json_number, "weight");
    refused("\"node\": \"", "\"node\": \"0", core::errc::invalid_hex, "node");
    refused("\"race_seed\": \"00", "\"race_seed\": \"", core::errc::wrong_length, "race_seed");
    refused("\"race_seed\": \"", "\"race_seed\": 5, \"x\": \"", errc::expected_hex, "race_seed");
    refused("\"threshold\"", "\"limit\"", errc::missing_field, "threshold");
    refused("\"claimed\"", "\"x\": 1, \"claimed\"", errc::unknown_field, "x");
    refused("\"claimed\"", "\"samples\": \"1\", \"claimed\"", errc::missing_field, "soundness");
    refused("\"claimed\"", R"("false_nonces": [{"nonce":"1","squared_distance":"2"}], "claimed")",
            errc::expected_number, "false_nonces[0].squared_distance");
    expect_refused(
        parse_proof_verdict(replaced(to_json(ProofVerdict{}), "\"valid\": false", "\"valid\": true")),
        errc::contradiction, "node");
    expect_refused(
        parse_proof_verdict(replaced(to_json(ProofVerdict{}), "\"model\": null", "\"model\": \"00\"")),
        errc::contradiction, "model");
}

TEST(FraudVerdict, IsWrittenAndRead) {
    const FraudVerdict convicts{.valid = true,
                                .reason = {},
                                .unchecked = {"race"},
                                .false_nonce = FalseNonce{7, 99},
                                .evidence = id<core::EvidenceDigest>(4),
                                .terms = terms()};
    EXPECT_EQ(parse_fraud_verdict(to_json(convicts)).value(), convicts);
    FraudVerdict refused;
    refused.reason = "no_misbehaviour";
    EXPECT_EQ(parse_fraud_verdict(to_json(refused)).value(), refused);
    const std::string text = to_json(convicts);
    expect_refused(parse_fraud_verdict(replaced(text, "true", "false")), errc::contradiction, "evidence");
    expect_refused(parse_fraud_verdict(replaced(text, "99", "null")), errc::expected_number,
                   "squared_distance");
    expect_refused(parse_fraud_verdict(
                       replaced(to_json(refused), "\"squared_distance\": null", "\"squared_distance\": 5")),
                   errc::contradiction, "squared_distance");
}

}  // namespace
}  // namespace pouw::inline v1::formats
