/// What every decision of this module is bound to: chain, epoch, randomness, task, executor.
#pragma once

#include "pouw/core/ids.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/validation/task.hpp"

#include <cstdint>

namespace pouw::validation {

/// Which epoch of which chain, and its randomness.
struct Epoch {
    core::ChainDigest chain;
    std::uint64_t number = 0;
    crypto::Hash256 beacon;  ///< the epoch's random value (docs/spec/beacon.md)
    /// The first block at which anybody may know the beacon: the start of the reveal window of its ceremony.
    /// What is chosen in this block or later may have been chosen with the beacon in hand.
    std::uint64_t beacon_height = 0;

    friend bool operator==(const Epoch&, const Epoch&) = default;
};

}  // namespace pouw::validation
