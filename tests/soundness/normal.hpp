/// Normal random numbers, the same on every platform up to rounding.
#pragma once

#include "random.hpp"

#include <cmath>
#include <numbers>

namespace pouw::inline v1::test {

class Normal {
  public:
    explicit Normal(std::uint64_t seed) : random_{seed} {}

    double operator()() {
        const double radius = std::sqrt(-2 * std::log(uniform()));
        return radius * std::cos(2 * std::numbers::pi * uniform());
    }

  private:
    /// In (0, 1).
    double uniform() { return (static_cast<double>(random_.next() >> 11) + 0.5) / 9007199254740992.0; }

    Random random_;
};

}  // namespace pouw::inline v1::test
