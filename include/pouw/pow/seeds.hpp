/// The seeds of a Race, and their derivation from the state of the chain.
/// Source: docs/spec/pow.md section 2.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/pow/config.hpp"

#include <cstdint>

namespace pouw::inline v1::pow {

/// The seeds and keys of a Race; the functions below derive them.
using RaceSeed = core::FixedBytes<struct RaceSeedTag, 32>;
using NodeSeed = core::FixedBytes<struct NodeSeedTag, 32>;
using RaceKey = core::FixedBytes<struct RaceKeyTag, 32>;
using WeightsKey = core::FixedBytes<struct WeightsKeyTag, 32>;
using InputSeed = core::FixedBytes<struct InputSeedTag, 32>;

/// The state of the chain from which a Race is derived.
struct POUW_API ChainState {
    core::ChainId chain_id;
    core::Height height;
    core::BlockHash block_hash;
    core::BeaconOutput beacon;  ///< zeros where there is none
};

/// The race seed, which all nodes share and nobody can predict. Without a beacon, the producer of the block
/// can choose among block hashes: see docs/spec/pow.md.
[[nodiscard]] POUW_API RaceSeed race_seed(const ChainState& state) noexcept;

/// The node seed, which makes the nonces of each node different.
/// Expects: a key of 1 to 64 bytes.
[[nodiscard]] POUW_API NodeSeed node_seed(core::ByteView public_key);

/// The race key: one model under one race seed.
[[nodiscard]] POUW_API RaceKey race_key(const RaceSeed& seed, const core::ModelId& model) noexcept;

/// The key of the streams that contain the weights.
[[nodiscard]] POUW_API WeightsKey weights_key(const RaceKey& key) noexcept;

/// The seed of the tokens and the noise of one nonce.
[[nodiscard]] POUW_API InputSeed input_seed(const RaceKey& key, const NodeSeed& node,
                                            std::uint64_t nonce) noexcept;

}  // namespace pouw::inline v1::pow
