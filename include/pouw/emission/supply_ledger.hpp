/// The ledger of the supply: it counts which minted units are held, distributed or burned.
#pragma once

#include "pouw/core/errc.hpp"
#include "pouw/core/export.hpp"
#include "pouw/emission/errc.hpp"
#include "pouw/emission/schedule.hpp"

namespace pouw::inline v1::emission {

/// A ledger that keeps two invariants after every call: minted <= cap, and minted == distributed + burned +
/// held. A call that would break one of them is refused and changes nothing.
/// Errors: core::errc::invalid_amount for a negative amount, in every function.
template <AmountType Amount>
class POUW_API SupplyLedger {
  public:
    /// The empty ledger with this cap.
    /// Errors: core::errc::invalid_amount for a negative cap.
    [[nodiscard]] static constexpr core::result<SupplyLedger> create(Amount cap) {
        if (cap < 0) return core::fail(core::errc::invalid_amount, "a negative cap");
        return SupplyLedger{cap};
    }

    /// Mints coins, which are then held.
    /// Errors: errc::cap_exceeded; core::errc::invalid_amount.
    [[nodiscard]] constexpr core::result<void> mint(Amount amount) {
        if (amount < 0) return core::fail(core::errc::invalid_amount);
        if (amount > cap_ - minted_) return core::fail(errc::cap_exceeded);
        minted_ += amount;
        held_ += amount;
        return {};
    }
    /// Moves held coins to the distributed ones.
    /// Errors: errc::insufficient_balance; core::errc::invalid_amount.
    [[nodiscard]] constexpr core::result<void> distribute(Amount amount) {
        return move(amount, held_, distributed_);
    }
    /// Moves distributed coins back to the held ones, for unclaimed rewards and recycling.
    /// Errors: errc::insufficient_balance; core::errc::invalid_amount.
    [[nodiscard]] constexpr core::result<void> reclaim(Amount amount) {
        return move(amount, distributed_, held_);
    }
    /// Burns distributed coins.
    /// Errors: errc::insufficient_balance; core::errc::invalid_amount.
    [[nodiscard]] constexpr core::result<void> burn(Amount amount) {
        return move(amount, distributed_, burned_);
    }
    /// Burns held coins.
    /// Errors: errc::insufficient_balance; core::errc::invalid_amount.
    [[nodiscard]] constexpr core::result<void> burn_held(Amount amount) {
        return move(amount, held_, burned_);
    }
    /// Moves burned coins to the held ones, for a tail emission from what was burned. It mints nothing.
    /// Errors: errc::insufficient_balance; core::errc::invalid_amount.
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
