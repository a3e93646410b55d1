/// Shares in parts per million, the unit in which a chain writes its rules.
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/core/result.hpp"

#include <compare>
#include <cstdint>

namespace pouw::inline v1::core {

/// A share from 0 to 1 in parts per million.
class POUW_API Rate {
  public:
    static constexpr std::uint32_t one = 1'000'000;

    constexpr Rate() = default;

    /// The share of `ppm` parts per million.
    /// Errors: errc::rate_above_one.
    [[nodiscard]] static constexpr result<Rate> create(std::uint64_t ppm) {
        if (ppm > one) return fail(errc::rate_above_one);
        return Rate{static_cast<std::uint32_t>(ppm)};
    }
    /// A share in percent, for constants.
    /// Expects: `percent <= 100`.
    [[nodiscard]] static constexpr Rate percent(std::uint32_t percent) {
        POUW_EXPECTS(percent <= 100);
        return Rate{percent * 10'000};
    }
    [[nodiscard]] constexpr std::uint32_t ppm() const noexcept { return ppm_; }
    /// 1 - rate.
    [[nodiscard]] constexpr Rate complement() const noexcept { return Rate{one - ppm_}; }
    [[nodiscard]] constexpr Fraction fraction() const { return {ppm_, one}; }

    friend constexpr auto operator<=>(const Rate&, const Rate&) = default;

  private:
    constexpr explicit Rate(std::uint32_t ppm) : ppm_{ppm} {}

    std::uint32_t ppm_ = 0;
};

}  // namespace pouw::inline v1::core
