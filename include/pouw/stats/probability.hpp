/// The probabilities that the exact tests accept.
#pragma once

#include "pouw/core/fraction.hpp"
#include "pouw/core/result.hpp"
#include "pouw/stats/errc.hpp"

#include <cstdint>

namespace pouw::inline v1::stats {

/// The largest denominator, in lowest terms, of a probability that an exact test accepts: 2^31 - 1.
inline constexpr std::uint64_t largest_denominator = INT32_MAX;

/// A probability in lowest terms.
/// Errors: errc::invalid_probability unless it lies above 0 and below 1 and its denominator in lowest terms
///     is at most `largest_denominator`.
[[nodiscard]] constexpr core::result<core::Fraction> checked_probability(const core::Fraction& value) {
    if (!value.is_probability()) return core::fail(errc::invalid_probability, "it is not between 0 and 1");
    const core::Fraction reduced = value.reduced();
    if (reduced.denominator > largest_denominator) {
        return core::fail(errc::invalid_probability, "its denominator in lowest terms is 2^31 or more");
    }
    return reduced;
}

}  // namespace pouw::inline v1::stats
