/// The input of a nonce, and the condition under which the nonce is a solution.
/// Source: docs/spec/pow.md sections 4 (input) and 5 (condition).
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/pow/config.hpp"
#include "pouw/pow/seeds.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::pow {

/// The input of the network for one nonce.
struct POUW_API Input {
    std::vector<std::uint32_t> tokens;  ///< sequence_length of them, below vocab_size
    std::vector<std::int8_t> noise;     ///< sequence_length × model_dim, row-major, -127..127
};

/// The input that a seed derives.
[[nodiscard]] POUW_API Input make_input(const ModelConfig& config, const InputSeed& seed);

/// The Fisher-Yates permutation of 0..size-1 by the words of `stream(key, id)`.
/// Expects: a size below 2^32.
[[nodiscard]] POUW_API std::vector<std::uint32_t> shuffle(std::span<const std::uint8_t, 32> key,
                                                          std::uint32_t id, std::uint32_t size);

/// The target of a race: model_dim values, half of them +32 and half -32.
[[nodiscard]] POUW_API std::vector<std::int8_t> make_target(const ModelConfig& config, const WeightsKey& key);

/// The permutation of the output of a nonce.
[[nodiscard]] POUW_API std::vector<std::uint32_t> make_permutation(const ModelConfig& config,
                                                                   const InputSeed& seed,
                                                                   std::span<const std::int8_t> output);

/// The squared distance `d2` between the permuted output and the target.
/// Expects: equal sizes.
[[nodiscard]] POUW_API std::uint64_t squared_distance(std::span<const std::int8_t> output,
                                                      std::span<const std::uint32_t> permutation,
                                                      std::span<const std::int8_t> target);

/// The sum of the squares of the values.
[[nodiscard]] POUW_API std::uint64_t squared_length(std::span<const std::int8_t> values) noexcept;

/// A nonce that is a solution. Searches find solutions, and proofs consist of them.
struct POUW_API Solution {
    std::uint64_t nonce = 0;
    std::uint64_t squared_length = 0;    ///< of the output
    std::uint64_t squared_distance = 0;  ///< d2

    friend bool operator==(const Solution&, const Solution&) = default;
};

/// The evaluation of a nonce, whether or not it is a solution.
struct POUW_API Evaluation {
    std::uint64_t nonce = 0;
    std::vector<std::uint32_t> tokens;
    std::vector<std::int8_t> output;  ///< model_dim values
    std::uint64_t squared_length = 0;
    std::uint64_t squared_distance = 0;  ///< d2

    /// Whether the nonce is a solution at this threshold: its distance is below the threshold, and its output
    /// has not collapsed.
    [[nodiscard]] bool passes(std::uint64_t threshold) const noexcept {
        return squared_length >= 960 * static_cast<std::uint64_t>(output.size()) &&
               squared_distance < threshold;
    }

    /// The part of the evaluation that a search returns.
    /// Expects: `passes` at the threshold of the search.
    [[nodiscard]] Solution solution() const noexcept { return {nonce, squared_length, squared_distance}; }
};

}  // namespace pouw::inline v1::pow
