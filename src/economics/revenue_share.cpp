#include "pouw/economics/revenue_share.hpp"

#include "pouw/core/apportion.hpp"
#include "pouw/core/errc.hpp"

namespace pouw::inline v1::economics {

core::result<void> check(std::span<const Contribution> contributions) {
    for (std::size_t i = 0; i < contributions.size(); ++i) {
        if (contributions[i].units == 0) return core::fail(core::errc::invalid_amount);
        if (i > 0 && contributions[i].account <= contributions[i - 1].account)
            return core::fail(core::errc::non_canonical, "the accounts do not ascend");
    }
    return {};
}

core::result<std::vector<Payment>> divide_by_units(core::Amount whole,
                                                   std::span<const Contribution> contributions) {
    if (const auto checked = check(contributions); !checked) return checked.error();
    std::vector<std::uint64_t> units;
    units.reserve(contributions.size());
    for (const Contribution& entry : contributions) units.push_back(entry.units);
    const auto parts = core::apportion(whole, units);
    if (!parts) return parts.error();
    std::vector<Payment> out;
    for (std::size_t i = 0; i < parts->size(); ++i)
        if ((*parts)[i] > 0) out.push_back({contributions[i].account, (*parts)[i]});
    return out;
}

core::result<RevenueShare> revenue_share(core::Amount revenue, core::Rate share,
                                         std::span<const Contribution> contributions) {
    if (revenue < 0) return core::fail(core::errc::invalid_amount);
    if (contributions.empty()) return RevenueShare{{}, revenue};
    const core::Amount shared = core::part_rounded_down(share, revenue);
    auto parts = divide_by_units(shared, contributions);
    if (!parts) return parts.error();
    return RevenueShare{*std::move(parts), revenue - shared};
}

}  // namespace pouw::inline v1::economics
