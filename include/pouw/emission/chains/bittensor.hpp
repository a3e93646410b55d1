/// Bittensor: 1 TAO a block of 12 s; halvings by issuance, not by height. Base unit: 1e-9 TAO (rao).
///
/// The public chain takes the logarithm of a fixed-point number; the integer rule here, the largest k with
/// (S - I) · 2^k <= S, equals it on all of its published vectors.
#pragma once

#include "pouw/emission/halving.hpp"

namespace pouw::emission::bittensor {

inline constexpr std::int64_t tao = 1'000'000'000;
inline constexpr IssuanceHalving::Params params{21'000'000 * tao, tao};

/// What a block issues when `issued` rao are out: what the chain computes. The same rule drives the alpha
/// of each subnet, with the subnet's issuance.
inline constexpr IssuanceHalving rule = IssuanceHalving::make(params).value();

/// By block, when nothing is recycled. Phase: halvings.
inline constexpr IssuanceHalvingSchedule schedule = IssuanceHalvingSchedule::make(params).value();

/// By issuance, as the chain asks: the height is the number of rao issued, `cumulative` the height itself up
/// to the supply, and `reward` what the next block issues, many heights at once.
class ByIssuance {
  public:
    using Amount = std::int64_t;

    [[nodiscard]] constexpr Amount reward(Height issued) const noexcept {
        return rule.reward_at(clamp(issued));
    }
    [[nodiscard]] constexpr Amount cumulative(Height issued) const noexcept { return clamp(issued); }
    [[nodiscard]] constexpr Amount total() const noexcept { return params.supply; }
    [[nodiscard]] constexpr std::uint64_t phase(Height issued) const noexcept {
        return rule.halvings(clamp(issued));
    }

  private:
    [[nodiscard]] static constexpr Amount clamp(Height issued) noexcept {
        return issued < static_cast<Height>(params.supply) ? static_cast<Amount>(issued) : params.supply;
    }
};

}  // namespace pouw::emission::bittensor
