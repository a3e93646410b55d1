/// Race Coin's 160 million coins of the founders.
///
/// The paper says how many there are and not when they are released, so that a chain has to say it: the
/// schedule has no default. Appendix G counts all of them as issued in year 3, which a release of at most
/// three years gives.
/// Source: White paper, Appendices E and G; docs/sources-checked.md, race.founders.
#pragma once

#include "pouw/emission/chains/race_coin.hpp"
#include "pouw/emission/vesting.hpp"

namespace pouw::inline v1::emission::race_coin {

/// The release of the founders' coins by day, from genesis on: `upfront` base units at once, and the rest
/// linearly until `duration`, nothing of it before `cliff`. A duration of 0 without a cliff releases all at
/// once.
/// Errors: errc::invalid_schedule unless 0 <= upfront <= founders.
[[nodiscard]] constexpr core::result<VestingSchedule<std::int64_t>> founders_schedule(std::int64_t upfront,
                                                                                      Step cliff,
                                                                                      Step duration) {
    return VestingSchedule<std::int64_t>::create(
        {.amount = founders, .upfront = upfront, .cliff = cliff, .duration = duration});
}

}  // namespace pouw::inline v1::emission::race_coin
