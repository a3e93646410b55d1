/// How a token is drawn from the candidates of its position, so that anybody can draw it again.
/// docs/spec/judgement.md section 7.
///
/// The randomness of a position is a hash of the seed of the request, and the distribution is cut and walked
/// through in integers: an executor's record must give its own text exactly. A checker's candidates differ
/// from the executor's by noise; it grants a tolerance. The walk is in the order of the tokens' numbers, not
/// of their probabilities: noise that swaps two tokens of like probability then moves borders by that noise
/// and not by a whole token.
#pragma once

#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/judgement/record.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace pouw::judgement {

/// What a request says about the drawing of tokens.
struct SamplerSettings {
    crypto::Hash256 seed{};               ///< of this request alone, known to all who check
    std::uint32_t temperature = one_nat;  ///< in units of 2^-16; 0 takes the most probable token
    std::uint32_t top_k = InferenceRecord::most_candidates;  ///< no candidates beyond these
    std::uint32_t top_p = 1'000'000;                         ///< nor beyond this mass, in millionths
    std::uint32_t longest = InferenceRecord::longest;        ///< tokens
    std::optional<std::uint32_t> end_token{};                ///< the text ends with it, and not before

    friend bool operator==(const SamplerSettings&, const SamplerSettings&) = default;
};

/// How far from what a checker draws a token may be. All 0: not at all.
struct SamplingTolerance {
    std::uint32_t mass = 0;       ///< temperature above 0: of the distribution, in millionths
    std::uint32_t surprisal = 0;  ///< temperature 0: behind the most probable token, in units of 2^-16 nat
};

/// Settings that make sense. Immutable; shareable between threads.
class Sampler {
  public:
    /// errc::invalid_sampling for a `top_k`, `top_p` or `longest` of 0, a `top_p` above a million, or a
    /// `longest` above `InferenceRecord::longest`.
    [[nodiscard]] static core::result<Sampler> create(const SamplerSettings& settings);

    /// The token at a position. Expects candidates as a record has them. Cost: a hash, and 10 ns a candidate.
    [[nodiscard]] std::uint32_t draw(std::uint32_t position, std::span<const Candidate> candidates) const;

    /// Whether a distribution within the tolerance of these candidates gives the token. False for tokens that
    /// are no candidates. Cost: as `draw`.
    [[nodiscard]] bool could_draw(std::uint32_t position, std::span<const Candidate> candidates,
                                  std::uint32_t token, const SamplingTolerance& tolerance) const;

    /// Whether a text ends where it must: with the end token and nowhere before it, or at the greatest
    /// length.
    [[nodiscard]] bool ends(std::span<const std::uint32_t> tokens) const;

    [[nodiscard]] const SamplerSettings& settings() const noexcept { return settings_; }

  private:
    explicit Sampler(const SamplerSettings& settings) noexcept : settings_{settings} {}

    SamplerSettings settings_;
};

}  // namespace pouw::judgement
