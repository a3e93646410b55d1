// Natural numbers of any size: what decides when bounds cannot.
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/core/wide.hpp"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <vector>

namespace pouw::inline v1::stats {

/// A natural number. Its operations are the few that comparisons of fractions need; each takes a time in
/// proportion to the number's words of 64 bits.
class Natural {
  public:
    explicit Natural(std::uint64_t value) {
        if (value != 0) limbs_.push_back(value);
    }

    void multiply(std::uint64_t factor) {
        std::uint64_t carry = 0;
        for (std::uint64_t& limb : limbs_) {
            const core::uint128 product = core::uint128{limb} * factor + carry;
            limb = static_cast<std::uint64_t>(product);
            carry = static_cast<std::uint64_t>(product >> 64);
        }
        if (carry != 0) limbs_.push_back(carry);
        trim();
    }

    /// The quotient, rounded down. Expects divisor != 0.
    void divide(std::uint64_t divisor) {
        POUW_EXPECTS(divisor != 0);
        std::uint64_t rest = 0;
        for (auto limb = limbs_.rbegin(); limb != limbs_.rend(); ++limb) {
            const core::uint128 part = (core::uint128{rest} << 64) | *limb;
            *limb = static_cast<std::uint64_t>(part / divisor);
            rest = static_cast<std::uint64_t>(part % divisor);
        }
        trim();
    }

    void add(const Natural& other) {
        limbs_.resize(std::max(limbs_.size(), other.limbs_.size()));
        std::uint64_t carry = 0;
        for (std::size_t i = 0; i < limbs_.size(); ++i) {
            const core::uint128 sum =
                core::uint128{limbs_[i]} + (i < other.limbs_.size() ? other.limbs_[i] : 0) + carry;
            limbs_[i] = static_cast<std::uint64_t>(sum);
            carry = static_cast<std::uint64_t>(sum >> 64);
        }
        if (carry != 0) limbs_.push_back(carry);
    }

    void multiply_by_power_of_two(std::uint64_t exponent) {
        if (limbs_.empty()) return;
        limbs_.insert(limbs_.begin(), exponent / 64, 0);
        multiply(std::uint64_t{1} << (exponent % 64));
    }

    /// Multiplies by `base` as often as `exponent` says, as many at a time as a word holds.
    void multiply_by_power(std::uint64_t base, std::uint64_t exponent) {
        if (base == 1) return;
        std::uint64_t packed = base;
        std::uint64_t count = 1;
        while (count < exponent && base != 0 && packed <= UINT64_MAX / base) {
            packed *= base;
            ++count;
        }
        for (; exponent >= count; exponent -= count) multiply(packed);
        for (; exponent > 0; --exponent) multiply(base);
    }

    [[nodiscard]] bool is_zero() const noexcept { return limbs_.empty(); }

    /// Expects fewer than 127 bits.
    [[nodiscard]] core::int128 to_int128() const {
        POUW_EXPECTS(limbs_.size() < 2 || (limbs_.size() == 2 && limbs_[1] < std::uint64_t{1} << 62));
        core::uint128 value = limbs_.empty() ? 0 : limbs_[0];
        if (limbs_.size() == 2) value |= core::uint128{limbs_[1]} << 64;
        return static_cast<core::int128>(value);
    }

    friend std::strong_ordering operator<=>(const Natural& a, const Natural& b) {
        if (a.limbs_.size() != b.limbs_.size()) return a.limbs_.size() <=> b.limbs_.size();
        return std::lexicographical_compare_three_way(a.limbs_.rbegin(), a.limbs_.rend(), b.limbs_.rbegin(),
                                                      b.limbs_.rend());
    }
    friend bool operator==(const Natural&, const Natural&) = default;

  private:
    void trim() {
        while (!limbs_.empty() && limbs_.back() == 0) limbs_.pop_back();
    }

    std::vector<std::uint64_t> limbs_;  // least significant first, the last one not 0
};

}  // namespace pouw::inline v1::stats
