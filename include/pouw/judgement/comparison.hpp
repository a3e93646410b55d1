/// Comparison of an executor's record of an inference with a checker's recomputation.
///
/// Floating-point inference differs between machines, so the bits of a result do not decide. The comparison
/// asks two questions. Are the candidates those of the model? Their distance is the mean difference of
/// log-probabilities, and calibration.hpp finds its threshold. Was the text drawn from them? Each token is
/// drawn again, from the record itself (exactly) and from the recomputation (within a tolerance); a binomial
/// test judges the number of mismatches. The second question finds a text that a cheap model wrote and the
/// real model scored once.
/// Source: docs/spec/judgement.md sections 8 and 9.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/core/result.hpp"
#include "pouw/judgement/record.hpp"
#include "pouw/judgement/sampler.hpp"
#include "pouw/stats/binomial.hpp"

#include <cstdint>
#include <string_view>

namespace pouw::inline v1::judgement {

/// The distance of two records: the sum of the differences of surprisals, each at most `largest_difference`,
/// over all tokens that are candidates in either record, position by position.
struct POUW_API Distance {
    std::uint64_t total = 0;  ///< in units of 2^-16 nat
    std::uint64_t pairs = 0;

    /// The mean in units of 2^-16 nat, rounded up.
    [[nodiscard]] constexpr std::uint32_t mean() const noexcept {
        return pairs == 0 ? 0 : static_cast<std::uint32_t>((total + (pairs - 1)) / pairs);
    }
    friend constexpr bool operator==(const Distance&, const Distance&) = default;
};

/// The largest difference that counts, 4 nats, so that one unusual candidate does not outweigh a text.
inline constexpr std::uint32_t largest_difference = 4 * one_nat;

/// The distance of two records of one text: symmetric, and 0 for a record and itself. A token that is a
/// candidate in one record only has, in the other, at most the probability of its last candidate. It counts
/// by the least difference that follows, which is small for tokens at the edge.
/// Errors: errc::request_mismatch, errc::length_mismatch (tokens, or candidates a token),
///     errc::token_mismatch.
/// Cost: 8 ns a candidate.
[[nodiscard]] POUW_API core::result<Distance> distance(const InferenceRecord& a, const InferenceRecord& b);

/// The finding on a result. The first one that applies counts.
enum class Finding : std::uint8_t {
    accepted,
    wrong_ending,          ///< the text ends early, goes on after its end, or is too long
    inconsistent,          ///< a token is not what the executor's own candidates give
    distant,               ///< the candidates are not those of the model
    not_drawn,             ///< more tokens than chance allows are not what the checker's candidates give
    wrong_candidate_count  ///< the executor committed to more or fewer candidates than the checker; alone
};

/// The name of a finding, as in JSON.
[[nodiscard]] constexpr std::string_view name(Finding finding) noexcept {
    constexpr std::string_view names[] = {"accepted", "wrong_ending", "inconsistent",
                                          "distant",  "not_drawn",    "wrong_candidate_count"};
    return names[static_cast<std::size_t>(finding)];
}

/// The parameters that a chain decides for a model. docs/judgement.md says how to find them.
struct POUW_API ComparisonRules {
    std::uint32_t threshold = 0;     ///< the largest mean distance that is accepted, in units of 2^-16 nat
    SamplingTolerance tolerance{};   ///< for a token drawn from the checker's candidates
    core::Fraction mismatch_rate{};  ///< of tokens of honest executors outside the tolerance
    core::Fraction significance{};   ///< the probability at which that many mismatches convict
};

/// The finding, and the counts that it follows from.
struct POUW_API Comparison {
    Finding finding = Finding::accepted;
    Distance distance{};
    std::uint32_t tokens = 0;
    std::uint32_t inconsistent = 0;  ///< tokens that the executor's own candidates do not give
    std::uint32_t mismatches = 0;    ///< tokens that the checker's candidates do not give
};

/// A comparison with valid rules.
/// Threads: immutable; shareable.
class POUW_API Comparer {
  public:
    /// The comparer of these rules.
    /// Errors: stats::errc::invalid_probability.
    [[nodiscard]] static core::result<Comparer> create(const ComparisonRules& rules);

    /// The comparison of the executor's record with the checker's. Every count is complete, also when an
    /// earlier finding decides, except that for records with different numbers of candidates nothing is
    /// counted. The checker takes the number of candidates from the request, which the chain fixes, and
    /// never from the executor's record: the executor alone answers for the number in it.
    /// Errors: errc::request_mismatch; errc::length_mismatch (tokens); errc::token_mismatch. They say nothing
    ///     against the executor's result.
    /// Cost: that of `distance`, two draws for each token, and one binomial test.
    [[nodiscard]] core::result<Comparison> compare(const InferenceRecord& executor,
                                                   const InferenceRecord& checker,
                                                   const Sampler& sampler) const;

  private:
    Comparer(const ComparisonRules& rules, const stats::BinomialTest& test) : rules_{rules}, test_{test} {}

    ComparisonRules rules_;
    stats::BinomialTest test_;
};

}  // namespace pouw::inline v1::judgement
