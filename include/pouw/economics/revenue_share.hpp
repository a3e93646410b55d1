/// The share of a model's revenue for those who funded or contributed to its training.
///
/// Appendix H of the white paper promises it. Appendix K excludes it: models are open and free, and grants
/// pay for training (`TrainingFund`). A chain chooses one of them.
/// Source: White paper, Appendix H; docs/spec/economics.md section 10.7.
#pragma once

#include "pouw/core/amount.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/rate.hpp"
#include "pouw/core/result.hpp"
#include "pouw/economics/settlement.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::economics {

/// The recorded contribution of an account to a training, in units of compute.
struct POUW_API Contribution {
    AccountId account;
    std::uint64_t units = 0;  ///< at least 1

    friend bool operator==(const Contribution&, const Contribution&) = default;
};

/// Coins for an account.
struct POUW_API Payment {
    AccountId account;
    core::Amount amount = 0;  ///< above 0

    friend bool operator==(const Payment&, const Payment&) = default;
};

/// Revenue, divided between the contributors and everybody else.
struct POUW_API RevenueShare {
    std::vector<Payment> contributors;  ///< ascending in their accounts
    core::Amount rest = 0;              ///< what the other rules divide

    friend bool operator==(const RevenueShare&, const RevenueShare&) = default;
};

/// Checks that contributions ascend strictly in their accounts and are at least 1.
/// Errors: core::errc::invalid_amount; core::errc::non_canonical.
[[nodiscard]] POUW_API core::result<void> check(std::span<const Contribution> contributions);

/// The parts of `whole` in proportion to the units, by largest remainder; parts of 0 are left out.
/// Errors: core::errc::invalid_amount for a negative whole; those of `check(contributions)`;
///     core::errc::no_weight for no contributions.
/// Cost: O(n log n).
[[nodiscard]] POUW_API core::result<std::vector<Payment>> divide_by_units(
    core::Amount whole, std::span<const Contribution> contributions);

/// The division of `revenue`: floor(share · revenue) goes to the contributors in proportion to their units,
/// by largest remainder, and the rest to nobody here. Without contributions all of it is the rest. Errors:
/// core::errc::invalid_amount for negative revenue; those of `check(contributions)`. Cost: O(n log n).
[[nodiscard]] POUW_API core::result<RevenueShare> revenue_share(core::Amount revenue, core::Rate share,
                                                                std::span<const Contribution> contributions);

}  // namespace pouw::inline v1::economics
