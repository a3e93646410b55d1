// Comparison on the outputs of real transformers: one model in the arithmetic of two machines, and what
// cheats run instead.
#include "inference.hpp"

#include "pouw/core/describe.hpp"
#include "pouw/judgement/calibration.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>

namespace pouw::inline v1::judgement {
namespace {

using example::Arithmetic;
using example::Request;
using example::Transformer;

using Execute = std::function<InferenceRecord(const Request&)>;

core::Fraction one_in(std::uint64_t denominator) { return {1, denominator}; }

class Transformers : public testing::Test {
  protected:
    /// Threshold and rate of mismatches from 299 honest and 60 quantised results: 1% of honest results may
    /// lie above, with an error of 5%.
    static void SetUpTestSuite() {
        std::vector<std::uint32_t> honest, fraudulent;
        std::uint32_t tokens = 0, mismatches = 0;
        for (std::uint64_t i = 0; i < 299; ++i) {
            const Request request{i};
            const InferenceRecord record = written(*model_)(request);
            const InferenceRecord check = checked(request, record);
            honest.push_back(distance(record, check)->mean());
            for (std::uint32_t j = 0; j < record.tokens().size(); ++j, ++tokens) {
                mismatches +=
                    !request.sampler().could_draw(j, check.candidates(j), record.tokens()[j], tolerance);
            }
        }
        const Transformer quantised = model_->quantised(8);
        for (std::uint64_t i = 1000; i < 1060; ++i) {
            const Request request{i};
            const InferenceRecord record = written(quantised)(request);
            fraudulent.push_back(distance(record, checked(request, record))->mean());
        }
        const auto calibration =
            calibrate(honest, fraudulent, {one_in(100), one_in(10).complement(), one_in(20)});
        ASSERT_TRUE(calibration) << core::describe(calibration.error());
        const core::Rate rate = stats::clopper_pearson_upper(tokens, mismatches, one_in(20));
        RecordProperty("threshold", static_cast<int>(calibration->threshold));
        RecordProperty("mismatches_per_million", static_cast<int>(rate.ppm()));
        EXPECT_LT(rate.ppm(), 10'000u);  // 1% of tokens
        comparer_ = new Comparer{Comparer::create({.threshold = calibration->threshold,
                                                   .tolerance = tolerance,
                                                   .mismatch_rate = rate.fraction(),
                                                   .significance = {1, 1000}})
                                     .value()};
    }
    static void TearDownTestSuite() { delete comparer_; }

    static Execute written(const Transformer& writer) {
        return [&writer](const Request& request) {
            return example::write(writer, Arithmetic::bfloat16, request);
        };
    }
    /// A cheap model writes, the real one scores the text once.
    static Execute prefilled(const Transformer& writer) {
        return [&writer](const Request& request) {
            const InferenceRecord text = example::write(writer, Arithmetic::bfloat16, request);
            return example::read(*model_, Arithmetic::bfloat16, request, text.tokens());
        };
    }
    static InferenceRecord checked(const Request& request, const InferenceRecord& record) {
        return example::read(*model_, Arithmetic::single, request, record.tokens());
    }
    /// How many of `count` results are found to be what, with the rates among the test's properties.
    static std::array<std::uint32_t, 6> findings(const Execute& execute, std::uint32_t count) {
        std::array<std::uint32_t, 6> out{};
        for (std::uint64_t i = 0; i < count; ++i) {
            const Request request{1'000'000 + i};
            const InferenceRecord record = execute(request);
            const auto comparison = comparer_->compare(record, checked(request, record), request.sampler());
            ++out[static_cast<std::size_t>(comparison.value().finding)];
        }
        for (std::size_t i = 0; i < out.size(); ++i) {
            RecordProperty(std::string{name(static_cast<Finding>(i))}, static_cast<int>(out[i]));
        }
        return out;
    }
    static std::uint32_t accepted(const Execute& execute, std::uint32_t count) {
        return findings(execute, count)[0];
    }

    static constexpr SamplingTolerance tolerance{.mass = 20'000, .surprisal = 0};
    static inline const Transformer* model_ = new Transformer{4, 1};
    static inline Comparer* comparer_ = nullptr;
};

TEST_F(Transformers, HonestNoiseIsAccepted) {
    // 1% by distance and 0.1% by tokens may be refused: of 200 results 2.2 are expected, 8 are three chances
    // in a thousand.
    EXPECT_GE(accepted(written(*model_), 200), 193u);
}

TEST_F(Transformers, TheSameMachineIsAcceptedExactly) {
    const Request request{7};
    const InferenceRecord record = example::write(*model_, Arithmetic::single, request);
    const auto comparison = comparer_->compare(record, checked(request, record), request.sampler()).value();
    EXPECT_EQ(comparison.finding, Finding::accepted);
    EXPECT_EQ(comparison.distance.total, 0u);
    EXPECT_EQ(comparison.mismatches, 0u);
}

TEST_F(Transformers, QuantisedModelsAreRejected) {
    // At least 90% of int8 by calibration; int4 is far away.
    EXPECT_LE(accepted(written(model_->quantised(8)), 100), 10u);
    EXPECT_EQ(accepted(written(model_->quantised(4)), 100), 0u);
}

TEST_F(Transformers, SmallerModelsAreRejected) {
    EXPECT_EQ(accepted(written(model_->shortened(3)), 100), 0u);
    EXPECT_EQ(accepted(written(model_->shortened(2)), 100), 0u);
}

TEST_F(Transformers, AnotherModelIsRejected) {
    const Transformer other{4, 2};
    EXPECT_EQ(accepted(written(other), 50), 0u);
}

// The distance says nothing here: the candidates are the real model's. The drawing does.
TEST_F(Transformers, PrefilledTextIsRejected) {
    const Transformer smaller = model_->shortened(3);
    const auto found = findings(prefilled(smaller), 100);
    EXPECT_EQ(found[static_cast<std::size_t>(Finding::accepted)], 0u);
    EXPECT_EQ(found[static_cast<std::size_t>(Finding::inconsistent)], 100u);
    const Transformer quantised = model_->quantised(4);
    EXPECT_EQ(accepted(prefilled(quantised), 100), 0u);
}

// At temperature 0 the most probable token is written; near ties may fall otherwise on another machine.
TEST_F(Transformers, GreedyTextIsCheckedToo) {
    const Transformer smaller = model_->shortened(3);
    const auto comparer = Comparer::create({.threshold = largest_difference,
                                            .tolerance = {.mass = 0, .surprisal = one_nat / 10},
                                            .mismatch_rate = {1, 1000},
                                            .significance = {1, 1000}})
                              .value();
    std::array<std::uint32_t, 2> accepted_ones{};
    for (std::uint64_t i = 0; i < 100; ++i) {
        Request request{3'000'000 + i};
        request.temperature = 0;
        const auto finding = [&](const InferenceRecord& record) {
            return comparer.compare(record, checked(request, record), request.sampler())->finding;
        };
        accepted_ones[0] += finding(written(*model_)(request)) == Finding::accepted;
        accepted_ones[1] += finding(prefilled(smaller)(request)) == Finding::accepted;
    }
    EXPECT_GE(accepted_ones[0], 98u);
    EXPECT_EQ(accepted_ones[1], 0u);
}

// A cheat that knows the check makes its candidates agree with the text where they do not: it is found by
// distance, or by what the checker draws.
TEST_F(Transformers, DoctoredPrefilledTextIsRejected) {
    const Transformer smaller = model_->shortened(3);
    const Execute doctored = [&](const Request& request) {
        const InferenceRecord honest = prefilled(smaller)(request);
        const Sampler sampler = request.sampler();
        std::vector<Candidate> candidates;
        for (std::uint32_t i = 0; i < honest.tokens().size(); ++i) {
            std::vector<Candidate> row{honest.candidates(i).begin(), honest.candidates(i).end()};
            const std::uint32_t token = honest.tokens()[i];
            if (sampler.draw(i, row) != token) {
                // All of the probability for the token, the others' order kept.
                std::erase_if(row, [&](const Candidate& candidate) { return candidate.token == token; });
                row.resize(example::candidates_each - 1);
                for (Candidate& candidate : row) candidate.surprisal += 12 * one_nat;
                row.insert(row.begin(), Candidate{0, token});
            }
            candidates.insert(candidates.end(), row.begin(), row.end());
        }
        const auto tokens = honest.tokens();
        return InferenceRecord::create(request.id, {tokens.begin(), tokens.end()}, candidates).value();
    };
    const auto found = findings(doctored, 100);
    EXPECT_EQ(found[static_cast<std::size_t>(Finding::accepted)], 0u);
    EXPECT_EQ(found[static_cast<std::size_t>(Finding::inconsistent)], 0u);
}

// With the real candidates and a text of its own, a cheat that is not asked whether it drew its text would
// pass.
TEST_F(Transformers, OnlyTheDrawingFindsPrefilledText) {
    const Transformer smaller = model_->shortened(3);
    std::uint32_t near = 0, drawn = 0;
    for (std::uint64_t i = 0; i < 50; ++i) {
        const Request request{2'000'000 + i};
        const InferenceRecord record = prefilled(smaller)(request);
        const auto comparison =
            comparer_->compare(record, checked(request, record), request.sampler()).value();
        near += comparison.distance.mean() < 2000;
        drawn += comparison.mismatches <= 2;
    }
    EXPECT_GE(near, 49u);
    EXPECT_EQ(drawn, 0u);
}

TEST_F(Transformers, AShortenedAnswerIsRejected) {
    const Execute stops_early = [](const Request& request) {
        const InferenceRecord whole = example::write(*model_, Arithmetic::bfloat16, request);
        const auto tokens = whole.tokens().first(16);
        std::vector<Candidate> candidates;
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            candidates.insert(candidates.end(), whole.candidates(i).begin(), whole.candidates(i).end());
        }
        return InferenceRecord::create(request.id, {tokens.begin(), tokens.end()}, candidates).value();
    };
    EXPECT_EQ(findings(stops_early, 10)[static_cast<std::size_t>(Finding::wrong_ending)], 10u);
}

}  // namespace
}  // namespace pouw::inline v1::judgement
