/// The sampler, which draws a token from the candidates of its position so that anybody can repeat the draw.
///
/// The randomness of a position is a hash of the request's seed, and the inverse of the cumulative
/// distribution is taken in integers: an executor's record must give its own text exactly. A checker's
/// candidates differ from the executor's by noise, which a tolerance allows for. The distribution is
/// cumulated in the order of token numbers, not of probabilities: noise that swaps two tokens of similar
/// probability then moves borders by that noise and not by a whole token.
/// Source: docs/spec/judgement.md section 7.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/judgement/record.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace pouw::inline v1::judgement {

/// The settings of a request that decide how tokens are drawn.
struct POUW_API SamplerSettings {
    crypto::Hash256 seed{};               ///< of this request alone, known to all who check
    std::uint32_t temperature = one_nat;  ///< in units of 2^-16; 0 takes the most probable token
    std::uint32_t top_k = InferenceRecord::most_candidates;  ///< the candidates that count
    std::uint32_t top_p = 1'000'000;                         ///< the mass that counts, in millionths
    std::uint32_t longest = InferenceRecord::longest;        ///< tokens
    std::optional<std::uint32_t> end_token{};                ///< the text ends at its first occurrence

    friend bool operator==(const SamplerSettings&, const SamplerSettings&) = default;
};

/// The largest deviation from a checker's draw that is accepted. Zeros accept none.
struct POUW_API SamplingTolerance {
    std::uint32_t mass = 0;       ///< temperature above 0: of the distribution, in millionths
    std::uint32_t surprisal = 0;  ///< temperature 0: behind the most probable token, in units of 2^-16 nat
};

/// A sampler with valid settings.
/// Threads: immutable; shareable.
class POUW_API Sampler {
  public:
    /// The sampler of these settings.
    /// Errors: errc::invalid_sampling for a `top_k`, `top_p` or `longest` of 0, a `top_p` above a million, or
    ///     a `longest` above `InferenceRecord::longest`.
    [[nodiscard]] static core::result<Sampler> create(const SamplerSettings& settings);

    /// The token at a position.
    /// Expects: candidates as a record has them.
    /// Cost: a hash, and 10 ns a candidate.
    [[nodiscard]] std::uint32_t draw(std::uint32_t position, std::span<const Candidate> candidates) const;

    /// Whether a distribution within the tolerance of these candidates gives the token. False for tokens that
    /// are no candidates.
    /// Cost: as `draw`.
    [[nodiscard]] bool could_draw(std::uint32_t position, std::span<const Candidate> candidates,
                                  std::uint32_t token, const SamplingTolerance& tolerance) const;

    /// Whether a text ends where it must: at its first end token, or at the greatest length.
    [[nodiscard]] bool ends(std::span<const std::uint32_t> tokens) const;

    [[nodiscard]] const SamplerSettings& settings() const noexcept { return settings_; }

  private:
    explicit Sampler(const SamplerSettings& settings) noexcept : settings_{settings} {}

    SamplerSettings settings_;
};

}  // namespace pouw::inline v1::judgement
