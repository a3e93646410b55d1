#include <fmt/core.h>
#include <pouw/core/apportion.hpp>
#include <pouw/emission/supply_ledger.hpp>
#include <pouw/emission/table.hpp>

#include <vector>

// A chain of its own: 50 coins for a year of blocks, then 20 coins that halve every four years. Checked as it
// compiles.
namespace chain {

using namespace pouw::emission;

constexpr std::int64_t coin = 100'000'000;
constexpr Step year = 365 * 1440;
constexpr auto schedule =
    TableSchedule<std::int64_t, 2>::create({{{0, 50 * coin, 0}, {year, 20 * coin, 4 * year}}}).value();
static_assert(schedule.total() < 111'000'000 * coin);
static_assert(schedule.cumulative(year) == 26'280'000 * coin);

}  // namespace chain

int main() {
    using namespace pouw::emission;
    auto ledger = SupplyLedger<std::int64_t>::create(chain::schedule.total()).value();

    // A day of rewards, divided by the validators' weights, to the last unit.
    const std::int64_t reward = payout(chain::schedule, 0, 1440).value();
    const std::vector<std::uint64_t> weights{1, 2, 4};
    if (!ledger.mint(reward)) return 1;
    const std::vector<std::int64_t> parts = pouw::core::apportion(reward, weights).value();
    for (const std::int64_t part : parts) {
        if (!ledger.distribute(part)) return 1;
        fmt::print("{}\n", part);
    }
    fmt::print("{} issued, {} held, {} to come; half is out at block {}\n", ledger.distributed(),
               ledger.held(), remaining(chain::schedule, 1440),
               step_of(chain::schedule, chain::schedule.total() / 2).value());
}
