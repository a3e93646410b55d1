/// Where every minted unit is: held, distributed or burned.
#pragma once

#include "pouw/core/errc.hpp"
#include "pouw/core/export.hpp"
#include "pouw/emission/errc.hpp"
#include "pouw/emission/schedule.hpp"

namespace pouw::inline v1::emission {

/// Holds, after every call: minted <= cap, and minted == distributed + burned + held. A call that would break
/// either is refused and changes nothing.
/// Errors: those of all: core::errc::invalid_amount for a negative amount.
template <AmountType Amount>
class POUW_API SupplyLedger {
  public:
    /// Errors: core::errc::invalid_amount for a negative cap.
    [[nodiscard]] static constexpr core::result<SupplyLedger> create(Amount cap) {
        if (cap < 0) return core::fail(core::errc::invalid_amount, "a negative cap");
        return SupplyLedger{cap};
    }

    /// Mints into what is held.
    /// Errors: errc::cap_exceeded.
    [[nodiscard]] constexpr core::result<void> mint(Amount amount) {
        if (amount < 0) return core::fail(core::errc::invalid_amount);
        if (amount > cap_ - minted_) return core::fail(errc::cap_exceeded);
        minted_ += amount;
        held_ += amount;
        return {};
    }
    /// From held to distributed.
    /// Errors: errc::insufficient_balance, as all that follow.
    [[nodiscard]] constexpr core::result<void> distribute(Amount amount) {
        return move(amount, held_, distributed_);
    }
    /// From distributed back to held: unclaimed rewards, recycling.
    [[nodiscard]] constexpr core::result<void> reclaim(Amount amount) {
        return move(amount, distributed_, held_);
    }
    /// From distributed to burned.
    [[nodiscard]] constexpr core::result<void> burn(Amount amount) {
        return move(amount, distributed_, burned_);
    }
    /// From held to burned.
    [[nodiscard]] constexpr core::result<void> burn_held(Amount amount) {
        return move(amount, held_, burned_);
    }
    /// From burned to held: a tail emission out of what was burned, which mints nothing.
    [[nodiscard]] constexpr core::result<void> reissue(Amount amount) { return move(amount, burned_, held_); }

    [[nodiscard]] constexpr Amount cap() const noexcept { return cap_; }
    [[nodiscard]] constexpr Amount minted() const noexcept { return minted_; }
    [[nodiscard]] constexpr Amount held() const noexcept { return held_; }
    [[nodiscard]] constexpr Amount distributed() const noexcept { return distributed_; }
    [[nodiscard]] constexpr Amount burned() const noexcept { return burned_; }

    friend constexpr bool operator==(const SupplyLedger&, const SupplyLedger&) = default;

  private:
    constexpr explicit SupplyLedger(Amount cap) noexcept : cap_{cap} {}

    static constexpr core::result<void> move(Amount amount, Amount& from, Amount& to) {
        if (amount < 0) return core::fail(core::errc::invalid_amount);
        if (amount > from) return core::fail(errc::insufficient_balance);
        from -= amount;
        to += amount;
        return {};
    }

    Amount cap_;
    Amount minted_ = 0;
    Amount held_ = 0;
    Amount distributed_ = 0;
    Amount burned_ = 0;
};

}  // namespace pouw::inline v1::emission
