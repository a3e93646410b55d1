/// The ledger of the supply: it counts which minted units are held, distributed or burned.
#pragma once

#include "pouw/core/errc.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/state.hpp"
#include "pouw/emission/errc.hpp"
#include "pouw/emission/schedule.hpp"

#include <string_view>

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

    /// The whole state, the cap included. What is minted is the sum of the rest, and no part of the bytes.
    [[nodiscard]] core::Bytes save() const {
        core::Bytes out = core::start_state(state_magic);
        for (const Amount amount : {cap_, held_, distributed_, burned_})
            core::append(out, core::to_le(amount));
        return out;
    }
    /// Restores a state that `save` gave for the same type of amount.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version; core::errc::invalid_amount for a negative amount;
    ///     errc::cap_exceeded when more was minted.
    [[nodiscard]] static core::result<SupplyLedger> restore(core::ByteView data) {
        core::Reader reader{data};
        if (const auto start = core::take_state_start(reader, state_magic); !start) return start.error();
        SupplyLedger out{core::take_signed<Amount>(reader)};
        for (Amount* const amount : {&out.held_, &out.distributed_, &out.burned_})
            *amount = core::take_signed<Amount>(reader);
        if (const auto end = core::check_state_end(reader); !end) return end.error();
        if (out.cap_ < 0) return core::fail(core::errc::invalid_amount, "a negative cap");
        for (const Amount amount : {out.held_, out.distributed_, out.burned_}) {
            if (amount < 0) return core::fail(core::errc::invalid_amount);
            if (amount > out.cap_ - out.minted_) return core::fail(errc::cap_exceeded);
            out.minted_ += amount;
        }
        return out;
    }

    friend constexpr bool operator==(const SupplyLedger&, const SupplyLedger&) = default;

  private:
    static constexpr std::string_view state_magic = "pouwsup1";

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
