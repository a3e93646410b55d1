/// Refunds of dummy tasks: the accounts that paid for dummies get their coins back from random accounts, in
/// random later epochs, in equal amounts.
///
/// A hidden dummy is paid like a user's request by an account that the beacon draws from a list
/// (`validation::hidden_dummy`). When its origin has opened it, the chain owes the payer the cost. An
/// observer who reads the state knows who is owed how much, because openings are public. The refunds
/// themselves add nothing to that: docs/economics.md says what they show.
/// Source: White paper, chapter 6; docs/spec/economics.md section 12.
#pragma once

#include "pouw/core/amount.hpp"
#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/economics/settlement.hpp"
#include "pouw/validation/epoch_beacon.hpp"

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace pouw::inline v1::economics {

/// The rules of refunds, which a chain decides once.
struct POUW_API RefundRules {
    core::Amount unit = 1;              ///< of every refund; at least 1
    std::uint32_t units_per_payer = 1;  ///< most units of a payer that an epoch schedules; 1 to 65,535
    std::uint32_t shortest = 1;         ///< epochs until a refund, at least 1
    std::uint32_t longest = 30;         ///< from `shortest` to 65,535

    friend constexpr bool operator==(const RefundRules&, const RefundRules&) = default;
};

/// Checks that the rules are in range.
/// Errors: errc::invalid_rules.
[[nodiscard]] POUW_API core::result<void> check(const RefundRules& rules);

/// One transfer of a unit.
struct POUW_API Refund {
    AccountId source;  ///< whose coins it was
    AccountId payer;   ///< of dummies
    core::Amount amount = 0;

    friend bool operator==(const Refund&, const Refund&) = default;
};

/// The accounts of refunds. A value: a copy keeps the state for a reorganisation.
///
/// The pool of refunds is spread over accounts that lend it (`fund`). What a payer is owed is divided into
/// units; less than a unit waits until more is owed. The beacon of the next epoch draws for each unit the
/// epoch of its refund, the order of refunds and the account that each comes from. Nobody knows that beacon
/// while an epoch's dummies are opened. A unit that no account can pay waits for the next epoch.
///
/// At every time: coins funded = `held()` + `refunded()`, and costs reported = `owed()` + `refunded()`.
/// Threads: not shareable while it changes.
class POUW_API DummyRefunds {
  public:
    /// The empty accounts in `epoch`.
    /// Errors: those of `check(rules)`.
    [[nodiscard]] static core::result<DummyRefunds> create(const core::ChainId& chain,
                                                           const RefundRules& rules, core::Epoch epoch = 0);

    /// The present epoch.
    [[nodiscard]] core::Epoch epoch() const noexcept { return epoch_; }
    [[nodiscard]] const RefundRules& rules() const noexcept { return rules_; }

    /// Takes coins of an account for the pool.
    /// Errors: core::errc::invalid_amount unless the amount is at least 1; core::errc::overflow for more than
    ///     2^127 - 1 in all.
    [[nodiscard]] core::result<void> fund(const AccountId& source, core::Amount amount);

    /// Records the cost of an opened dummy. The caller has verified the opening
    /// (`validation::open_hidden_dummy`) and records each once.
    /// Errors: core::errc::invalid_amount unless the cost is at least 1; core::errc::overflow for more than
    ///     2^127 - 1 in all.
    [[nodiscard]] core::result<void> owe(const AccountId& payer, core::Amount cost);

    /// Ends the epoch and returns the refunds with which the next one begins, in the order of their drawing.
    /// Errors: validation::errc::other_chain; errc::epoch_out_of_order unless `next` is the beacon of the
    ///     epoch after the present one; core::errc::overflow when a refund would fall after the last epoch.
    /// Cost: O(units scheduled + refunds · accounts).
    [[nodiscard]] core::result<std::vector<Refund>> close(const validation::EpochBeacon& next);

    /// The coins of the pool.
    [[nodiscard]] core::Amount held() const noexcept { return held_; }
    /// The coins of the pool that came from one account.
    [[nodiscard]] core::Amount held_from(const AccountId& source) const;
    /// What all payers are owed.
    [[nodiscard]] core::Amount owed() const noexcept { return owed_; }
    /// What one payer is owed.
    /// Cost: O(units scheduled).
    [[nodiscard]] core::Amount owed_to(const AccountId& payer) const;
    /// The coins refunded since the start.
    [[nodiscard]] core::Amount refunded() const noexcept { return refunded_; }

    /// The whole state.
    [[nodiscard]] core::Bytes save() const;

    /// Restores a state that `save` gave.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version, core::errc::count_too_large; core::errc::non_canonical for parts
    ///     that do not ascend, amounts of 0, and units that no epoch has scheduled;
    ///     core::errc::invalid_amount, core::errc::overflow; those of `check(rules)`.
    [[nodiscard]] static core::result<DummyRefunds> restore(core::ByteView data);

    friend bool operator==(const DummyRefunds&, const DummyRefunds&) = default;

  private:
    class POUW_LOCAL Restoring;

    /// Epoch of the refund, and payer.
    using Due = std::pair<core::Epoch, AccountId>;

    DummyRefunds(const core::ChainDigest& chain, const RefundRules& rules, core::Epoch epoch)
        : chain_{chain}, rules_{rules}, epoch_{epoch} {}

    void pay(AccountId source, const Due& due);

    core::ChainDigest chain_;
    RefundRules rules_;
    core::Epoch epoch_;
    core::Amount held_ = 0;
    core::Amount owed_ = 0;
    core::Amount refunded_ = 0;
    std::map<AccountId, core::Amount> sources_;      // above 0
    std::map<AccountId, core::Amount> unscheduled_;  // above 0
    std::map<Due, std::uint64_t> scheduled_;         // units, above 0
};

}  // namespace pouw::inline v1::economics
