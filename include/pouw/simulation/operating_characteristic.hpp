/// The operating characteristic of rules of judgement: their effect on nodes that fail at a given rate. It
/// serves the choice of rules. The estimates are in floating point, and no ruling depends on them.
/// Source: docs/spec/judgement.md section 4.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/judgement/judge.hpp"

#include <cstdint>

namespace pouw::inline v1::simulation {

/// One point of the operating characteristic: the probabilities of a conviction in one epoch.
struct POUW_API OperatingCharacteristic {
    double convicted = 0;  ///< by any of the rules
    double by_run = 0;
    double by_sequential = 0;
    double by_epoch = 0;
    /// The mean number of checks until a conviction or the end of the epoch.
    double average_sample_number = 0;
};

/// The point for a node whose checks fail independently at `failure_rate`. The function follows the
/// distribution of all tallies through the judge itself, check by check, and drops tallies of a probability
/// below 10^-18.
/// Expects: a rate from 0 to 1.
/// Cost: about 20 ms for 200 checks, rising with the cube of their number.
[[nodiscard]] POUW_API OperatingCharacteristic operating_characteristic(const judgement::Judge& judge,
                                                                        std::uint32_t checks,
                                                                        double failure_rate);

}  // namespace pouw::inline v1::simulation
