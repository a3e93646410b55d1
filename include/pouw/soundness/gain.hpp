/// The gain of an attacker, as reports state it.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/soundness/statistics.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace pouw::inline v1::soundness {

/// The two probabilities of a solution that are tested.
inline constexpr std::array<double, 2> pass_rates{1.0 / 900, 1.0 / 50};

/// The gain at one fraction to keep.
struct POUW_API KeptGain {
    double keep = 1;    ///< as measured
    Interval lift;      ///< probability of a solution among the kept, over that of all
    Interval speed_up;  ///< solutions per operation over honest work
    std::uint64_t solutions = 0;
};

/// The outcome for one pass rate.
struct POUW_API SpeedUp {
    double rate = 0;
    KeptGain chosen;             ///< at the fraction that is best on the outputs for choosing
    std::vector<KeptGain> kept;  ///< at every fraction with enough solutions
};

}  // namespace pouw::inline v1::soundness
