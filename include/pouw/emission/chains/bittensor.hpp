/// Bittensor: 1 TAO a block of 12 s; halvings by issuance, not by height. Base unit: 1e-9 TAO (rao).
///
/// The public chain takes the logarithm of a fixed-point number; the integer rule here, the largest k with
/// (S - I) · 2^k <= S, equals it on all of its published vectors.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/emission/halving.hpp"

namespace pouw::inline v1::emission::bittensor {

inline constexpr std::int64_t tao = 1'000'000'000;
inline constexpr IssuanceHalving::Params params{21'000'000 * tao, tao};

/// What a block issues when `issued` rao are out: what the chain computes. The same rule drives the alpha
/// of each subnet, with the subnet's issuance.
inline constexpr IssuanceHalving rule = IssuanceHalving::create(params).value();

/// By block, when nothing is recycled. Phase: halvings.
inline constexpr IssuanceHalvingSchedule schedule = IssuanceHalvingSchedule::create(params).value();

/// By issuance, as the chain asks: a step is a rao that is issued, `cumulative` is the step itself up to the
/// supply, and `reward` is what the next block issues, which is many steps at once.
class POUW_API ByIssuance {
  public:
    using Amount = std::int64_t;

    [[nodiscard]] constexpr Amount reward(Step issued) const noexcept {
        return rule.reward_at(clamp(issued));
    }
    [[nodiscard]] constexpr Amount cumulative(Step issued) const noexcept { return clamp(issued); }
    [[nodiscard]] constexpr Amount total() const noexcept { return params.supply; }
    [[nodiscard]] constexpr std::uint64_t phase(Step issued) const noexcept {
        return rule.halvings(clamp(issued));
    }

  private:
    [[nodiscard]] static constexpr Amount clamp(Step issued) noexcept {
        return issued < static_cast<Step>(params.supply) ? static_cast<Amount>(issued) : params.supply;
    }
};

}  // namespace pouw::inline v1::emission::bittensor
