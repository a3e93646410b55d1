// Products of powers of whole numbers.
#pragma once

#include "pouw/core/contract.hpp"

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

namespace pouw::inline v1::stats {

/// A power of a positive whole number.
struct Power {
    std::uint64_t base;
    std::int64_t exponent;
};

/// Whether the product of the powers is 1. Expects positive bases and exponents below 2^48. Cost: some
/// microseconds, whatever the exponents are.
inline bool is_one(std::vector<Power> powers) {
    // Two bases with a common divisor are split by it: (ag)^m (bg)^n = a^m b^n g^(m+n). The product of the
    // bases falls, so this ends, with bases that have no prime in common. Then no power cancels another.
    for (std::size_t i = 0; i < powers.size();) {
        POUW_EXPECTS(powers[i].base != 0);
        if (powers[i].base == 1 || powers[i].exponent == 0) {
            powers.erase(powers.begin() + static_cast<std::ptrdiff_t>(i));
            continue;
        }
        std::size_t j = 0;
        while (j < i && std::gcd(powers[i].base, powers[j].base) == 1) ++j;
        if (j == i) {
            ++i;
            continue;
        }
        const std::uint64_t divisor = std::gcd(powers[i].base, powers[j].base);
        const Power common{divisor, powers[i].exponent + powers[j].exponent};
        powers[i].base /= divisor;
        powers[j].base /= divisor;
        powers.push_back(common);
        i = j;  // all before it are coprime, as before
    }
    return powers.empty();
}

}  // namespace pouw::inline v1::stats
