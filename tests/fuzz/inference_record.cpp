#include "fuzz/fuzz.hpp"

#include "pouw/judgement/comparison.hpp"

namespace pouw::inline v1::fuzz {
namespace {

void can_be_sampled(const judgement::InferenceRecord& record) {
    const auto distance = judgement::distance(record, record);
    require(distance && distance->total == 0, "a record is no distance from itself");
    for (const std::uint32_t temperature : {0u, 1000u, UINT32_MAX}) {
        const auto sampler =
            judgement::Sampler::create({.temperature = temperature, .top_k = 3, .top_p = 900'000});
        for (std::uint32_t i = 0; i < record.tokens().size(); ++i) {
            const auto candidates = record.candidates(i);
            const std::uint32_t token = sampler->draw(i, candidates);
            require(sampler->could_draw(i, candidates, token, {}), "what is drawn could be drawn");
        }
    }
}

}  // namespace

const Target target = decoder_of<judgement::InferenceRecord, can_be_sampled>();

}  // namespace pouw::inline v1::fuzz
