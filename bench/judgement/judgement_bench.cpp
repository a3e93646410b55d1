#include "formula.hpp"

#include "pouw/judgement/comparison.hpp"
#include "pouw/judgement/image_comparison.hpp"
#include "pouw/judgement/judge.hpp"

namespace pouw::inline v1::judgement {
namespace {

constexpr std::uint32_t length = 1000;

/// A thousand tokens with the likeness of a model's candidates, and a little noise.
InferenceRecord record(std::uint32_t count, std::uint32_t noise) {
    std::vector<std::uint32_t> tokens;
    std::vector<Candidate> candidates;
    for (std::uint32_t i = 0; i < length; ++i) {
        tokens.push_back(i % 7);
        for (std::uint32_t j = 0; j < count; ++j) {
            candidates.push_back(
                {one_nat + (2 * one_nat / 3) * j + (i * j * noise) % 500, (j * 37 + i) % 1000});
        }
    }
    return InferenceRecord::create({}, tokens, candidates).value();
}

/// The formula: the randomness of each position, twice.
void hashes() {
    crypto::Hash256 seed;
    for (std::uint32_t i = 0; i < 2 * length; ++i) {
        benchmark::DoNotOptimize(
            crypto::Hasher{crypto::domain::token_randomness}.update(seed.view()).update(i).finish());
    }
}

void compare_thousand_tokens(benchmark::State& state) {
    const auto count = static_cast<std::uint32_t>(state.range(0));
    const InferenceRecord executor = record(count, 0);
    const InferenceRecord checker = record(count, 1);
    const Comparer comparer = Comparer::create({.threshold = 1000,
                                                .tolerance = {10'000, 0},
                                                .mismatch_rate = {1, 100},
                                                .significance = {1, 1000}})
                                  .value();
    const Sampler sampler = Sampler::create({}).value();
    bench::compare(
        state, [&] { benchmark::DoNotOptimize(comparer.compare(executor, checker, sampler)); }, hashes);
}
BENCHMARK(compare_thousand_tokens)->Arg(5)->Arg(20)->Unit(benchmark::kMicrosecond);

void distance_of_thousand_tokens(benchmark::State& state) {
    const auto count = static_cast<std::uint32_t>(state.range(0));
    const InferenceRecord executor = record(count, 0);
    const InferenceRecord checker = record(count, 1);
    for (auto _ : state) benchmark::DoNotOptimize(distance(executor, checker));
}
BENCHMARK(distance_of_thousand_tokens)->Arg(5)->Arg(20)->Unit(benchmark::kMicrosecond);

/// The formula: a hash of the same bytes.
void decode_thousand_tokens(benchmark::State& state) {
    const core::Bytes bytes = record(5, 0).encode();
    bench::compare(
        state, [&] { benchmark::DoNotOptimize(InferenceRecord::decode(bytes)); },
        [&] { benchmark::DoNotOptimize(crypto::hash(crypto::domain::inference_record, bytes)); });
}
BENCHMARK(decode_thousand_tokens)->Unit(benchmark::kMicrosecond);

ImageFeatures most_features(std::int16_t change) {
    std::vector<std::int16_t> values(ImageFeatures::most_features);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<std::int16_t>(i * 31 + static_cast<std::size_t>(change) * (i % 7));
    return ImageFeatures::create({}, {}, std::move(values)).value();
}

/// The formula: a hash of the bytes of both.
void compare_images_of_most_features(benchmark::State& state) {
    const ImageFeatures delivered = most_features(1);
    const ImageFeatures again = most_features(0);
    const auto comparer =
        ImageComparer::create({.features = ImageFeatures::most_features, .threshold = 1000}).value();
    const core::Bytes bytes(4 * ImageFeatures::most_features);
    bench::compare(
        state, [&] { benchmark::DoNotOptimize(comparer.compare(delivered, delivered, again)); },
        [&] { benchmark::DoNotOptimize(crypto::hash(crypto::domain::image_features, bytes)); });
}
BENCHMARK(compare_images_of_most_features)->Unit(benchmark::kMicrosecond);

void judge_one_check(benchmark::State& state) {
    const Judge judge =
        Judge::create({RunRule{{1, 20}, {1, 1'000'000}},
                       SequentialRule{{1, 20}, {1, 5}, stats::LogarithmLimits{{4, 1}, {4, 1}}},
                       EpochRule{{1, 10}, {1, 20}}})
            .value();
    Tally tally;
    for (auto _ : state) {
        tally = judge.after(tally, tally.checks % 20 == 0 ? Outcome::failed : Outcome::passed).value();
        benchmark::DoNotOptimize(tally);
    }
}
BENCHMARK(judge_one_check);

}  // namespace
}  // namespace pouw::inline v1::judgement
