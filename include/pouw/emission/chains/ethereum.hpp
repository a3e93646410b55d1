/// Ethereum: the yearly issuance before and after the change to proof of stake ("The Merge"), as the paper
/// compares it. Base unit: 1e-18 ether (wei).
///
/// The paper gives two rates of the total supply and no supply. Here each year issues the rate of the supply
/// at its start, so that the supply grows with compound interest.
/// Source: White paper, Appendix F.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/emission/errc.hpp"
#include "pouw/emission/schedule.hpp"
#include "pouw/emission/vesting.hpp"

#include <algorithm>

namespace pouw::inline v1::emission::ethereum {

using core::int128;

/// An ether in base units.
inline constexpr int128 ether = 1'000'000'000'000'000'000;

/// The yearly issuance as a share of the supply: about 6.7% under proof of work, about 0.52% after it.
inline constexpr core::Fraction proof_of_work_rate{67, 1'000};
inline constexpr core::Fraction proof_of_stake_rate{52, 10'000};

/// The issuance by year. It has no end of its own: `years` bounds it.
/// Cost: O(years) for each query.
class POUW_API Schedule {
  public:
    using Amount = int128;

    /// The most years of a schedule.
    static constexpr Step most_years = 1'000;

    struct Params {
        int128 supply = 0;  // wei at the start of year 0, >= 1
        Step merge = 0;     // the first year after the merge
        Step years = 0;     // that issue at all, at most `most_years`
    };

    /// The schedule with these parameters.
    /// Errors: errc::invalid_schedule for parameters out of range; errc::supply_overflow when the supply
    ///     would exceed the amount.
    [[nodiscard]] static constexpr core::result<Schedule> create(const Params& params) {
        if (params.supply < 1) return core::fail(errc::invalid_schedule, "no supply");
        if (params.years > most_years) return core::fail(errc::invalid_schedule, "too many years");
        int128 supply = params.supply;
        for (Step year = 0; year < params.years; ++year) {
            const int128 issued = part(supply, rate(params, year));
            if (supply > core::int128_max - issued) return core::fail(errc::supply_overflow);
            supply += issued;
        }
        return Schedule{params, supply - params.supply};
    }

    [[nodiscard]] constexpr Amount reward(Step year) const {
        if (year >= params_.years) return 0;
        return part(supply_at(year), rate(params_, year));
    }
    /// The amount issued before the year `year`.
    [[nodiscard]] constexpr Amount cumulative(Step year) const { return supply_at(year) - params_.supply; }
    [[nodiscard]] constexpr Amount total() const noexcept { return total_; }
    /// The phase: 0 before the merge, 1 from then on.
    [[nodiscard]] constexpr std::uint64_t phase(Step year) const noexcept {
        return year < params_.merge ? 0 : 1;
    }

    /// The supply at the start of a year.
    [[nodiscard]] constexpr int128 supply_at(Step year) const {
        int128 supply = params_.supply;
        for (Step y = 0; y < std::min(year, params_.years); ++y) supply += part(supply, rate(params_, y));
        return supply;
    }

  private:
    constexpr Schedule(const Params& params, int128 total) noexcept : params_{params}, total_{total} {}

    [[nodiscard]] static constexpr const core::Fraction& rate(const Params& params, Step year) noexcept {
        return year < params.merge ? proof_of_work_rate : proof_of_stake_rate;
    }
    [[nodiscard]] static constexpr int128 part(int128 supply, const core::Fraction& rate) {
        return emission::detail::fraction_of(supply, rate.numerator, rate.denominator);
    }

    Params params_;
    int128 total_;
};

}  // namespace pouw::inline v1::emission::ethereum
