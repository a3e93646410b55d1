#include "pouw/judgement/record.hpp"

#include "judgement/vector_types.hpp"
#include "random.hpp"

#include "pouw/core/describe.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/judgement/errc.hpp"
#include "pouw/judgement/log_probability.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace pouw::inline v1::judgement {
namespace {

using test::Json;

crypto::Hash256 request() {
    crypto::Hash256 out;
    for (std::size_t i = 0; i < 32; ++i) out.bytes[i] = static_cast<std::uint8_t>(i);
    return out;
}

core::error_code error_of(std::vector<std::uint32_t> tokens, std::vector<Candidate> candidates) {
    return InferenceRecord::create(request(), std::move(tokens), std::move(candidates)).error().code;
}

TEST(Record, VectorsDecodeAndEncode) {
    const Json vectors = test::load_vectors("judgement/records.json");
    for (const Json& vector : vectors["good"]) {
        const auto created =
            InferenceRecord::create(request(), vector["tokens"], candidates_of(vector["candidates"]));
        ASSERT_TRUE(created) << core::describe(created.error());
        EXPECT_EQ(core::to_hex(created->encode()), vector["bytes"]);
        EXPECT_EQ(core::to_hex(created->digest().view()), vector["digest"]);
        EXPECT_EQ(InferenceRecord::decode(test::bytes(vector["bytes"])).value(), *created);
    }
    EXPECT_GE(vectors["good"].size(), 7u);
}

TEST(Record, RefusalsOfTheReference) {
    const Json vectors = test::load_vectors("judgement/records.json");
    for (const Json& vector : vectors["bad"]) {
        const auto decoded = InferenceRecord::decode(test::bytes(vector["bytes"]));
        ASSERT_FALSE(decoded) << vector["name"];
        EXPECT_EQ(decoded.error().code.name(), vector["error"]) << vector["name"];
    }
    EXPECT_GE(vectors["bad"].size(), 20u);
}

TEST(Record, EveryPrefixAndEveryLongerInputIsRefused) {
    const Json vectors = test::load_vectors("judgement/records.json");
    core::Bytes bytes = test::bytes(vectors["good"][3]["bytes"]);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_EQ(InferenceRecord::decode(core::ByteView{bytes}.first(size)).error().code,
                  core::errc::truncated)
            << size;
    }
    bytes.push_back(0);
    EXPECT_EQ(InferenceRecord::decode(bytes).error().code, core::errc::trailing_bytes);
}

TEST(Record, WhatDecodesEncodesToTheSameBytes) {
    const Json vectors = test::load_vectors("judgement/records.json");
    const core::Bytes good = test::bytes(vectors["good"][3]["bytes"]);
    test::Random random{3};
    std::size_t decoded_ones = 0;
    for (int i = 0; i < 20'000; ++i) {
        core::Bytes bytes = good;
        for (std::uint32_t flips = 1 + random.below(3); flips > 0; --flips) {
            bytes[random.below(static_cast<std::uint32_t>(bytes.size()))] ^=
                static_cast<std::uint8_t>(1u << random.below(8));
        }
        const auto decoded = InferenceRecord::decode(bytes);
        if (!decoded) continue;
        ++decoded_ones;
        ASSERT_EQ(decoded->encode(), bytes);
    }
    EXPECT_GT(decoded_ones, 1000u);
}

TEST(Record, CreationRefusesWhatDecodingRefuses) {
    EXPECT_EQ(error_of({}, {}), judgement::errc::invalid_record_size);
    EXPECT_EQ(error_of({1}, {}), judgement::errc::invalid_record_size);
    EXPECT_EQ(error_of({1, 2}, {{1, 1}, {1, 2}, {1, 3}}), judgement::errc::invalid_record_size);
    EXPECT_EQ(error_of({1}, std::vector<Candidate>(257, {one_nat, 1})), judgement::errc::invalid_record_size);
    EXPECT_EQ(error_of({1}, {{one_nat, 5}, {one_nat, 5}}), judgement::errc::duplicate_candidate);
    EXPECT_EQ(error_of({1}, {{one_nat, 5}, {2 * one_nat, 5}}), judgement::errc::duplicate_candidate);
    EXPECT_EQ(error_of({1}, {{2 * one_nat, 5}, {one_nat, 6}}), judgement::errc::candidate_out_of_order);
    EXPECT_EQ(error_of({1}, {{one_nat, 6}, {one_nat, 5}}), judgement::errc::candidate_out_of_order);
    EXPECT_EQ(error_of({1}, {{0, 5}, {one_nat, 6}}), judgement::errc::excess_probability);
    EXPECT_EQ(error_of({1, 2}, {{0, 5}, {one_nat << 7, 6}, {0, 4}, {0, 5}}),
              judgement::errc::excess_probability);
}

TEST(Record, ProbabilitiesAreThoseOfTheReference) {
    const Json vectors = test::load_vectors("judgement/records.json");
    for (const Json& pair : vectors["probabilities"]) {
        const auto surprisal = pair[0].get<std::uint32_t>();
        EXPECT_EQ(probability(surprisal), test::u64(pair[1]));
        const double exact =
            std::exp(-static_cast<double>(surprisal) / 65536) * static_cast<double>(one_probability);
        EXPECT_NEAR(static_cast<double>(probability(surprisal)), exact, 2 + exact * 1e-15);
    }
    EXPECT_EQ(probability(0), one_probability);
    EXPECT_EQ(probability(UINT32_MAX), 0u);
}

TEST(LogProbability, RoundsToTheNearestUnit) {
    EXPECT_EQ(surprisal(0).value(), 0u);
    EXPECT_EQ(surprisal(-0.0).value(), 0u);
    EXPECT_EQ(surprisal(-1).value(), one_nat);
    EXPECT_EQ(surprisal(-1 / 65536.0).value(), 1u);
    EXPECT_EQ(surprisal(-1.4 / 65536).value(), 1u);
    EXPECT_EQ(surprisal(0.4 / 65536).value(), 0u);
    EXPECT_EQ(surprisal(-65535).value(), 65535u * one_nat);
}

TEST(LogProbability, RefusesWhatIsNone) {
    const double infinity = std::numeric_limits<double>::infinity();
    for (const double bad : {std::nan(""), infinity, -infinity, 1e-4, 1.0, -65536.0, -1e300,
                             std::numeric_limits<double>::max()}) {
        EXPECT_EQ(surprisal(bad).error().code, judgement::errc::invalid_log_probability) << bad;
    }
}

TEST(LogProbability, CandidatesAreTheMostProbable) {
    const float infinity = std::numeric_limits<float>::infinity();
    const std::vector<float> logits{1, 3, -infinity, 3, 2, -1};
    const auto top = top_candidates(logits, 4).value();
    ASSERT_EQ(top.size(), 4u);
    EXPECT_EQ(top[0].token, 1u);
    EXPECT_EQ(top[1].token, 3u);
    EXPECT_EQ(top[2].token, 4u);
    EXPECT_EQ(top[3].token, 0u);
    EXPECT_EQ(top[0].surprisal, top[1].surprisal);
    EXPECT_NEAR(top[2].surprisal - top[0].surprisal, one_nat, 1);
    const double sum = 2 * std::exp(3) + std::exp(2) + std::exp(1) + std::exp(-1);
    EXPECT_NEAR(top[0].surprisal, (std::log(sum) - 3) * one_nat, 1);
    EXPECT_TRUE(InferenceRecord::create(request(), {1}, top_candidates(logits, 5).value()));
    // Shifted logits are the same distribution.
    EXPECT_EQ(top_candidates(std::vector<float>{1001, 1003, -infinity, 1003, 1002, 999}, 4).value(), top);
    EXPECT_EQ(top_candidates(logits, 6).error().code, judgement::errc::invalid_record_size);
    EXPECT_EQ(top_candidates(logits, 0).error().code, judgement::errc::invalid_record_size);
    EXPECT_EQ(top_candidates({}, 1).error().code, judgement::errc::invalid_record_size);
    EXPECT_EQ(top_candidates(std::vector<float>(300), 257).error().code,
              judgement::errc::invalid_record_size);
    for (const float bad : {std::nanf(""), infinity}) {
        for (std::size_t place = 0; place < logits.size(); ++place) {
            std::vector<float> spoilt = logits;
            spoilt[place] = bad;
            EXPECT_EQ(top_candidates(spoilt, 2).error().code, judgement::errc::invalid_log_probability)
                << place;
        }
    }
    EXPECT_EQ(top_candidates(std::vector<float>{0, -1e6f}, 2).error().code,
              judgement::errc::invalid_log_probability);
}

TEST(LogProbability, CandidatesOfAnyLogitsMakeARecord) {
    test::Random random{4};
    for (int i = 0; i < 500; ++i) {
        std::vector<float> logits;
        const double scale = std::exp(random.below(8) - 4.0);
        for (int token = 0; token < 300; ++token)
            logits.push_back(static_cast<float>(scale * (random.below(1000) - 500.0) / 50));
        const std::uint32_t count = 1 + random.below(256);
        const auto record = InferenceRecord::create(request(), {0}, top_candidates(logits, count).value());
        EXPECT_TRUE(record) << core::describe(record.error());
    }
}

}  // namespace
}  // namespace pouw::inline v1::judgement
