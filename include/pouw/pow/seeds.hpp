/// From chain state to the seeds of a Race. docs/spec/pow.md section 2.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/pow/config.hpp"

#include <cstdint>

namespace pouw::inline v1::pow {

using BlockHash = core::FixedBytes<struct BlockHashTag, 32>;  ///< in the order in which the chain displays it
using RaceSeed = core::FixedBytes<struct RaceSeedTag, 32>;
using NodeSeed = core::FixedBytes<struct NodeSeedTag, 32>;
using RaceKey = core::FixedBytes<struct RaceKeyTag, 32>;
using WeightsKey = core::FixedBytes<struct WeightsKeyTag, 32>;
using InputSeed = core::FixedBytes<struct InputSeedTag, 32>;

/// What a Race is derived from.
struct POUW_API ChainState {
    core::ChainId chain_id;
    core::Height height;
    BlockHash block_hash;
    core::BeaconOutput beacon;  ///< zeros where there is none
};

/// The unpredictable seed that all nodes share. Without a beacon whoever makes the block can choose among
/// hashes: see docs/spec/pow.md.
[[nodiscard]] POUW_API RaceSeed race_seed(const ChainState& state) noexcept;

/// The seed that makes a node's nonces its own. Expects a key of 1 to 64 bytes.
[[nodiscard]] POUW_API NodeSeed node_seed(core::ByteView public_key);

/// One model under one race seed.
[[nodiscard]] POUW_API RaceKey race_key(const RaceSeed& seed, const core::ModelId& model) noexcept;

/// The key of the streams that hold the weights.
[[nodiscard]] POUW_API WeightsKey weights_key(const RaceKey& key) noexcept;

/// The seed of one nonce's tokens and noise.
[[nodiscard]] POUW_API InputSeed input_seed(const RaceKey& key, const NodeSeed& node,
                                            std::uint64_t nonce) noexcept;

}  // namespace pouw::inline v1::pow
