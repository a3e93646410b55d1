/// Whether some races are easier than others.
#pragma once

#include "soundness/health.hpp"

#include "pouw/core/result.hpp"
#include "pouw/pow/config.hpp"

#include <cstdint>
#include <span>
#include <stop_token>
#include <string_view>

namespace pouw::inline v1::soundness {

/// The mean chance of a race's outputs, with its standard error.
struct RaceChance {
    double mean = 0;
    double error = 0;
};

/// How far the pass rates of races lie apart, beyond what the errors explain: the standard deviation relative
/// to their mean. The interval is that of a normal law of the rates. Expects at least 3 races.
[[nodiscard]] Interval excess_deviation(std::span<const RaceChance> races);

struct RaceSample {
    std::uint64_t races = 0;   ///< at least 3
    std::uint64_t nonces = 0;  ///< in each, at least 100
    std::uint64_t seed = 0;
};

/// The pass rates of many races at 1/900, each the mean over its outputs of the closed-form chance given
/// their |x|² and sum, which is hundreds of times as precise as counting passes. The common rate over the
/// closed form passes within 5%; the excess deviation by what it is worth to whoever chooses the best of
/// 2^10 races and knows their rates: within `gate`, a finding above 1.01. The curve shows the races against
/// one common rate.
/// Errors: those of `pow::Race::create` and of the backend; core::errc::cancelled.
[[nodiscard]] core::result<Health> mean_chance_by_race(const pow::ModelConfig& config, std::string_view name,
                                                       const RaceSample& sample, double gate,
                                                       unsigned threads, std::string_view backend = {},
                                                       std::stop_token stop = {});

}  // namespace pouw::inline v1::soundness
