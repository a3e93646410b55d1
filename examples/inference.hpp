// Writing a text with a model and running a model over a text, as executors, checkers and cheats do.
#pragma once

#include "small_transformer.hpp"

#include <pouw/judgement/comparison.hpp>
#include <pouw/judgement/log_probability.hpp>

namespace example {

using pouw::judgement::Candidate;
using pouw::judgement::InferenceRecord;
using pouw::judgement::Sampler;

inline constexpr std::uint32_t candidates_each = 8;
inline constexpr std::uint32_t text_length = 32;

/// A request: its seed draws the tokens and starts the text.
struct Request {
    pouw::crypto::Hash256 id;
    std::uint32_t first_token = 0;
    std::uint32_t temperature = pouw::judgement::one_nat;

    explicit Request(std::uint64_t number) {
        Random random{number};
        for (std::uint8_t& byte : id.bytes) byte = static_cast<std::uint8_t>(random());
        first_token = static_cast<std::uint32_t>(random() % Transformer::vocabulary);
    }
    [[nodiscard]] Sampler sampler() const {
        return Sampler::create({.seed = id,
                                .temperature = temperature,
                                .top_k = candidates_each,
                                .top_p = 950'000,
                                .longest = text_length})
            .value();
    }
};

/// A text with the candidates of each of its tokens.
class Transcript {
  public:
    explicit Transcript(const Request& request) : request_{request} {}

    void add(std::uint32_t token, const std::vector<Candidate>& candidates) {
        tokens_.push_back(token);
        candidates_.insert(candidates_.end(), candidates.begin(), candidates.end());
    }
    [[nodiscard]] InferenceRecord record() const {
        return InferenceRecord::create(request_.id, tokens_, candidates_).value();
    }

  private:
    const Request& request_;
    std::vector<std::uint32_t> tokens_;
    std::vector<Candidate> candidates_;
};

/// The model writes.
inline InferenceRecord write(const Transformer& model, Arithmetic arithmetic, const Request& request) {
    const Sampler sampler = request.sampler();
    Run run{model, arithmetic};
    Transcript text{request};
    std::uint32_t token = request.first_token;
    for (std::uint32_t position = 0; position < text_length; ++position) {
        const auto candidates = pouw::judgement::top_candidates(run.after(token), candidates_each).value();
        token = sampler.draw(position, candidates);
        text.add(token, candidates);
    }
    return text.record();
}

/// The model reads what somebody wrote and notes what it would have thought: in practice one pass over the
/// whole text.
inline InferenceRecord read(const Transformer& model, Arithmetic arithmetic, const Request& request,
                            std::span<const std::uint32_t> tokens) {
    Run run{model, arithmetic};
    Transcript text{request};
    std::uint32_t previous = request.first_token;
    for (const std::uint32_t token : tokens) {
        text.add(token, pouw::judgement::top_candidates(run.after(previous), candidates_each).value());
        previous = token;
    }
    return text.record();
}

}  // namespace example
