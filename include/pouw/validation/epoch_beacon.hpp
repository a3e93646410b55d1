/// The epoch that the decisions of this module are bound to: its chain, its number and its beacon output.
#pragma once

#include "pouw/beacon/output.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"

namespace pouw::inline v1::validation {

/// An epoch with the output of its beacon. It is made from the output itself, so that the height of
/// completion cannot be taken for the height from which the value may be known.
class POUW_API EpochBeacon {
  public:
    /// The epoch with the output of its beacon.
    /// Errors: errc::invalid_beacon_output for an output that is complete before anybody may know it.
    [[nodiscard]] static core::result<EpochBeacon> create(const core::ChainId& chain, core::Epoch epoch,
                                                          const beacon::Output& output);

    [[nodiscard]] const core::ChainDigest& chain() const noexcept { return chain_; }
    [[nodiscard]] core::Epoch epoch() const noexcept { return epoch_; }
    [[nodiscard]] const core::BeaconOutput& output() const noexcept { return output_; }

    /// The first block at which anybody may know the output. A node that makes a choice in this block or
    /// later may know the output.
    [[nodiscard]] core::Height known_at() const noexcept { return known_at_; }

    friend bool operator==(const EpochBeacon&, const EpochBeacon&) = default;

  private:
    EpochBeacon() = default;

    core::ChainDigest chain_;
    core::Epoch epoch_;
    core::BeaconOutput output_;
    core::Height known_at_;
};

}  // namespace pouw::inline v1::validation
