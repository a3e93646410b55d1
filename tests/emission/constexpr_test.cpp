// A chain can check its schedule when it compiles.

#include "pouw/emission/chains/aipg.hpp"
#include "pouw/emission/chains/bitcoin.hpp"
#include "pouw/emission/chains/bittensor.hpp"
#include "pouw/emission/chains/heurist.hpp"
#include "pouw/emission/chains/morpheus.hpp"
#include "pouw/emission/chains/race_coin.hpp"
#include "pouw/emission/chains/race_coin_pool.hpp"
#include "pouw/emission/errc.hpp"
#include "pouw/emission/exponential.hpp"
#include "pouw/emission/linear.hpp"
#include "pouw/emission/supply_ledger.hpp"
#include "pouw/emission/table.hpp"
#include "pouw/emission/vesting.hpp"

#include <gtest/gtest.h>

namespace pouw::inline v1::emission {
namespace {

using core::int128;

// Every schedule has the common interface.
static_assert(Schedule<HalvingSchedule<std::int64_t>> && Schedule<HalvingSchedule<int128>>);
static_assert(Schedule<LinearSchedule<std::int64_t>> && Schedule<LinearSchedule<int128>>);
static_assert(Schedule<TableSchedule<std::int64_t, 3>> && Schedule<TableSchedule<int128, 1>>);
static_assert(Schedule<VestingSchedule<std::int64_t>> && Schedule<VestingSchedule<int128>>);
static_assert(Schedule<IssuanceHalvingSchedule> && Schedule<bittensor::ByIssuance>);
static_assert(Schedule<ExponentialSchedule>);
static_assert(Schedule<morpheus::ContractSchedule> && Schedule<morpheus::AdditiveSchedule>);
static_assert(Schedule<race_coin::MinimumIssuance> && Schedule<race_coin::SubsidyByFees>);
static_assert(Schedule<heurist::Release>);

// A chain's own schedule, checked as it compiles.
constexpr auto own = TableSchedule<std::int64_t, 2>::create({{{0, 100, 0}, {1'000, 50, 500}}});
static_assert(own && own->total() == 100 * 1'000 + 500 * (50 + 25 + 12 + 6 + 3 + 1));
static_assert(own->cumulative(1'000) == 100'000);
static_assert(remaining(*own, 1'000) == 48'500);
static_assert(payout(*own, 999, 1'001).value() == 150);
static_assert(payout(*own, 1, 0).error().code == emission::errc::invalid_interval);
static_assert(step_of(*own, 100'001).value() == 1'001);
static_assert(step_of(*own, own->total() + 1).error().code == emission::errc::never_issued);
static_assert(HalvingSchedule<std::int64_t>::create({INT64_MAX, 2}).error().code ==
              emission::errc::supply_overflow);

static_assert(bitcoin::schedule.total() == 2'099'999'997'690'000);
static_assert(bitcoin::schedule.reward(6'719'999) == 2 && bitcoin::schedule.reward(6'720'000) == 1);
static_assert(bitcoin::schedule.reward(6'929'999) == 1 && bitcoin::schedule.reward(6'930'000) == 0);
static_assert(bitcoin::schedule.cumulative(std::uint64_t{1} << 63) == bitcoin::schedule.total());
static_assert(step_of(bitcoin::schedule, bitcoin::schedule.total()).value() == 6'930'000);

static_assert(aipg::paper.total() == 9'999'999'998'500'000);
static_assert(aipg::chain.total() == 16'069'335'921'750'000);
static_assert(bittensor::schedule.reward(10'500'000) == 500'000'000);

static_assert(morpheus::ContractSchedule{}.cumulative(1) == 14'400 * morpheus::mor);
static_assert(morpheus::AdditiveSchedule{}.total() == int128{41'999'999'998'839'372} * 1'000'000'000);
static_assert(morpheus::tail_emission(10'500'000, 31'500'000) == 5'040'000);

static_assert(race_coin::fees_of_batch(1).coins_half_up() == 5'555'556);
static_assert(race_coin::subsidise({}, 1).value().subsidy == 9);
static_assert(race_coin::MinimumIssuance{}.cumulative(365) == race_coin::batch);
static_assert(race_coin::LiquidityPool::create({}).value().price() == 5'000);

static_assert(ExponentialSchedule::uncapped_reward(exponential_default, 0).value() == 285'000'000'000'000);
static_assert(ExponentialSchedule::uncapped_reward(exponential_default, 1).value() == 284'864'657'146'472);
static_assert(ExponentialSchedule::uncapped_reward(exponential_default, 10'000).value() == 2'465'733'132'889);

static_assert(heurist::Release{}.cumulative(0) == 110'945'000 * heurist::hue);
static_assert(heurist::claim({1000 * heurist::hue, 0, 4}, 1)->burned() == 325 * heurist::hue);

static_assert([] {
    auto ledger = SupplyLedger<std::int64_t>::create(10).value();
    return ledger.mint(7).has_value() && ledger.distribute(4).has_value() && ledger.burn(1).has_value() &&
           ledger.held() == 3 && !ledger.mint(4);
}());

// Bits of the supplies: 64 suffice but for coins with 18 decimals.
constexpr int bits(core::uint128 value) {
    const auto high = static_cast<std::uint64_t>(value >> 64);
    return static_cast<int>(high != 0 ? 64 + std::bit_width(high)
                                      : std::bit_width(static_cast<std::uint64_t>(value)));
}
static_assert(bits(bitcoin::max_money) == 51);
static_assert(bits(aipg::chain.total()) == 54);
static_assert(bits(bittensor::params.supply) == 55);
static_assert(bits(race_coin::total_supply) == 60);
static_assert(bits(morpheus::max_supply) == 86);
static_assert(bits(heurist::max_supply) == 90);

TEST(Constexpr, ASchedule) { EXPECT_EQ(own->total(), 148'500); }

}  // namespace
}  // namespace pouw::inline v1::emission
