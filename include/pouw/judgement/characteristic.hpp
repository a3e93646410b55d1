/// What rules of judgement do to nodes that fail at a given rate: for people who choose the rules. Estimates
/// in floating point; no verdict depends on them. docs/spec/judgement.md section 4.
#pragma once

#include "pouw/judgement/judge.hpp"

#include <cstdint>

namespace pouw::judgement {

/// Chances over one epoch, and the mean number of checks until a conviction or the end of the epoch.
struct Characteristic {
    double convicted = 0;
    double by_run = 0;
    double by_sequential = 0;
    double by_epoch = 0;
    double expected_checks = 0;
};

/// Of a node whose checks fail independently at `failure_rate`. Computed by following the distribution of all
/// tallies through the judge itself, check by check; tallies of a chance below 10^-18 are dropped. Expects a
/// rate from 0 to 1. Cost: some 20 ms for 200 checks, rising with the cube of their number.
[[nodiscard]] Characteristic characteristic(const Judge& judge, std::uint32_t checks, double failure_rate);

}  // namespace pouw::judgement
