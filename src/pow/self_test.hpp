/// The known answers that a backend must give before it is used.
#pragma once

#include "pouw/pow/config.hpp"
#include "pouw/pow/seeds.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace pouw::inline v1::pow {

/// The outputs of nonces 0, 1, ... of one model, in the race and for the node of the specification's check
/// values.
struct KnownAnswer {
    std::string_view name;
    ModelConfig config;
    std::string_view digest;  ///< BLAKE2b-256 of the outputs, one after another
};

/// The number of nonces of each answer.
inline constexpr std::uint64_t known_nonces = 5;

[[nodiscard]] RaceSeed known_race_seed();
[[nodiscard]] NodeSeed known_node_seed();

/// Shapes that reach every kernel with every remainder: more hidden units than a block has, and no multiple
/// of it; heads of 4, 3 and 20 coordinates; batches whose positions fill a tile, and leave 1 to 5.
/// Computed by tests/reference (tests/vectors/pow/self_test.json).
[[nodiscard]] std::span<const KnownAnswer> known_answers() noexcept;

}  // namespace pouw::inline v1::pow
