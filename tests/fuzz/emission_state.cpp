// which state (1) ‖ state
#include "fuzz/states.hpp"

#include "pouw/core/ids.hpp"
#include "pouw/emission/chains/heurist.hpp"
#include "pouw/emission/chains/morpheus.hpp"
#include "pouw/emission/chains/race_coin.hpp"
#include "pouw/emission/chains/race_coin_pool.hpp"
#include "pouw/emission/chains/race_coin_top.hpp"
#include "pouw/emission/supply_ledger.hpp"
#include "pouw/emission/vesting.hpp"

#include <array>

namespace pouw::inline v1::fuzz {
namespace {

using namespace emission;
using Top = race_coin::TopProviders<core::NodeId>;

template <AmountType Amount>
void goes_on(SupplyLedger<Amount> ledger) {
    require(ledger.minted() <= ledger.cap(), "the cap holds");
    require(ledger.distribute(ledger.held()).has_value(), "what is held can be distributed");
    require(ledger.minted() == ledger.distributed() + ledger.burned(), "the parts are what was minted");
}
template <AmountType Amount>
void goes_on(EpochVesting<Amount> vesting) {
    const Amount before = vesting.vesting();
    const Amount released = vesting.release();
    require(released >= 0 && vesting.vesting() == before - released, "a release comes out of what vests");
}
void goes_on(heurist::EscrowVesting vesting) {
    const auto claim = heurist::claim(vesting, vesting.end).value();
    require(claim.vested == vesting.amount && claim.rest.amount == 0, "at the end all is vested");
}
void goes_on(morpheus::TailEpochs tail) {
    const auto next = tail.next(tail.circulating() / 2).value();
    require(next.circulating() >= 0 && next.emission() >= 0, "an epoch follows");
}
void goes_on(race_coin::CoreIssuance issuance) {
    const std::int64_t left = issuance.state().left();
    const std::int64_t paid = issuance.pay_fees(1'000'000).value();
    require(paid >= 0 && issuance.close_day() >= 0 && issuance.state().left() <= left, "a day follows");
    require(issuance.state().left() >= 0, "no more than the core incentive is issued");
}
void goes_on(race_coin::LiquidityPool pool) {
    require(pool.payable_coins() >= 0, "the reserve pays for some coins");
    if (const auto cost = pool.cost(1)) require(*cost >= 1, "a coin costs something");
    if (pool.sell_back(1)) require(pool.reserve() >= 0, "the reserve is not overdrawn");
}
void goes_on(Top top) {
    const std::int64_t before = top.paid();
    std::int64_t sum = 0;
    for (const auto& payout : top.advance(UINT64_MAX, {}).value()) sum += payout.amount;
    require(sum >= 0 && top.paid() == before + sum, "payouts are what is paid");
}

constexpr std::array kinds{state_of<SupplyLedger<std::int64_t>, goes_on>,
                           state_of<SupplyLedger<core::int128>, goes_on>,
                           state_of<EpochVesting<std::int64_t>, goes_on>,
                           state_of<EpochVesting<core::int128>, goes_on>,
                           state_of<heurist::EscrowVesting, goes_on>,
                           state_of<morpheus::TailEpochs, goes_on>,
                           state_of<race_coin::CoreIssuance, goes_on>,
                           state_of<race_coin::LiquidityPool, goes_on>,
                           state_of<Top, goes_on>};

}  // namespace

// A pool has at most a thousand phases.
const Target target = target_of_states<kinds>(
    {.memory = {.fixed = 4096, .per_byte = 64}, .time = {.fixed = 400'000, .per_byte = 200}});

}  // namespace pouw::inline v1::fuzz
