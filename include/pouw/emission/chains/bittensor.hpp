/// Bittensor: 1 TAO for a block of 12 s, with halvings by issuance and not by height. Base unit: 1e-9 TAO
/// (rao).
///
/// The public chain takes the logarithm of a fixed-point number. The integer rule here, the largest k with (S
/// - I) · 2^k <= S, gives the same values on all published vectors of the chain.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/emission/halving.hpp"

namespace pouw::inline v1::emission::bittensor {

/// A TAO in base units.
inline constexpr std::int64_t tao = 1'000'000'000;
/// The parameters of the chain: 21 million TAO, and a reward of 1 TAO.
inline constexpr IssuanceHalving::Params params{21'000'000 * tao, tao};

/// The rule of the chain: the amount that a block issues at an issuance of `issued` rao. The same rule issues
/// the alpha of each subnet, by the subnet's issuance.
inline constexpr IssuanceHalving rule = IssuanceHalving::create(params).value();

/// The schedule by block, when nothing is recycled. The phase counts halvings.
inline constexpr IssuanceHalvingSchedule schedule = IssuanceHalvingSchedule::create(params).value();

/// The schedule by issuance, as the chain asks for it: a step is one issued rao, `cumulative` is the step
/// itself up to the supply, and `reward` is the amount that the next block issues, which is many steps at
/// once.
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
