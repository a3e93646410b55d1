/// The record of an inference: the text and, for each token of it, the most probable candidates.
///
/// The executor makes the record while it writes the text. A checker makes its own record by one pass of the
/// model over the executor's text (teacher forcing). A record holds integers only; floating-point results
/// enter through log_probability.hpp.
/// Source: docs/spec/judgement.md sections 5 and 6.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::judgement {

/// A token and its surprisal -ln(probability), in units of 2^-16 nat. Candidates are ordered as in a record:
/// the most probable first, ties to the smaller token.
struct POUW_API Candidate {
    std::uint32_t surprisal = 0;
    std::uint32_t token = 0;

    friend constexpr auto operator<=>(const Candidate&, const Candidate&) = default;
};

/// The unit of surprisals.
inline constexpr std::uint32_t one_nat = 1u << 16;

/// The unit of probabilities.
inline constexpr std::uint64_t one_probability = std::uint64_t{1} << 48;

/// The probability exp(-surprisal) in units of 2^-48, as a product of 22 constants. It is the same on every
/// machine, and below the true value by less than 2^-47.
/// Cost: at most 22 multiplications.
[[nodiscard]] POUW_API std::uint64_t probability(std::uint32_t surprisal) noexcept;

/// The text of an inference and the candidates of each position. Each position has the same number of
/// candidates, in their order, and no token twice. Their probabilities add up to at most 1 (and 2^-12 for
/// rounding).
/// Threads: immutable; shareable.
class POUW_API InferenceRecord {
  public:
    static constexpr std::uint32_t most_candidates = 256;
    static constexpr std::uint32_t longest = 1u << 20;

    /// The record of these tokens and candidates. `candidates` are those of the first token, then of the
    /// second, and so on, the same number for each. `request` is a digest, defined by the chain, of model,
    /// prompt, settings and seed.
    /// Errors: errc::invalid_record_size for no token, no candidate, too many of either, or numbers that do
    ///     not divide; errc::candidate_out_of_order, errc::duplicate_candidate, errc::excess_probability.
    /// Cost: 15 ns for each candidate.
    [[nodiscard]] static core::result<InferenceRecord> create(const crypto::Hash256& request,
                                                              std::vector<std::uint32_t> tokens,
                                                              std::vector<Candidate> candidates);

    [[nodiscard]] const crypto::Hash256& request() const noexcept { return request_; }
    [[nodiscard]] std::span<const std::uint32_t> tokens() const noexcept { return tokens_; }
    /// The number of candidates of each position.
    [[nodiscard]] std::uint32_t candidate_count() const noexcept {
        return static_cast<std::uint32_t>(candidates_.size() / tokens_.size());
    }
    /// The candidates of a position.
    /// Expects: a position below the number of tokens.
    [[nodiscard]] std::span<const Candidate> candidates(std::size_t position) const;

    /// The canonical encoding: 52 bytes, and 4 a token and 8 a candidate.
    [[nodiscard]] core::Bytes encode() const;

    /// The inverse of `encode`, and of nothing else.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version, and those of `create`.
    /// Cost: memory of about the size of the bytes.
    [[nodiscard]] static core::result<InferenceRecord> decode(core::ByteView data);

    /// The digest that an executor signs, `H("pouw.infer.v1", encode())`. It binds text and candidates to
    /// each other.
    [[nodiscard]] crypto::Hash256 digest() const;

    friend bool operator==(const InferenceRecord&, const InferenceRecord&) = default;

  private:
    InferenceRecord() = default;

    crypto::Hash256 request_;
    std::vector<std::uint32_t> tokens_;
    std::vector<Candidate> candidates_;
};

}  // namespace pouw::inline v1::judgement
