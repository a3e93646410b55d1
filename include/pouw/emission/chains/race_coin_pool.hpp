/// Race Coin's liquidity pool (appendix E): 120 million coins sold in ten phases of 12 million, each at its
/// price, the next one when the one before is sold out; providers sell to the pool at the latest price.
///
/// The paper prints two prices, $0.005 and $0.01, and fixes no rule: it is a parameter. Nor is the pool fully
/// reserved: after phase 1 it holds $60,000 and owes $120,000. `coverage()` says so, and a sale that the
/// reserve does not cover is refused.
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/export.hpp"
#include "pouw/emission/chains/race_coin.hpp"
#include "pouw/emission/errc.hpp"

namespace pouw::inline v1::emission::race_coin {

/// Price of a coin by phase, in quote units (say 1e-6 dollar) per whole coin.
struct POUW_API PriceRule {
    enum class Kind : std::uint8_t {
        doubling,     // first · 2^phase
        linear_step,  // first + step · phase
    };
    Kind kind = Kind::doubling;
    std::int64_t first = 5'000;  // $0.005, >= 1
    std::int64_t step = 5'000;   // linear_step: >= 0

    friend constexpr bool operator==(const PriceRule&, const PriceRule&) = default;
};

class POUW_API LiquidityPool {
  public:
    struct Params {
        std::int64_t coins = liquidity_pool;     // nano, >= 1
        std::int64_t phase = 12'000'000 * coin;  // nano, >= 1; the last phase may be shorter
        PriceRule price;
    };

    static constexpr std::int64_t max_phases = 1'000;

    /// Errors: errc::invalid_schedule for parameters out of range or more than `max_phases` phases;
    /// errc::supply_overflow when the last price, or all coins at it, exceed 63 bits.
    [[nodiscard]] static constexpr core::result<LiquidityPool> create(const Params& params) {
        if (params.coins < 1 || params.phase < 1 || params.price.first < 1 || params.price.step < 0)
            return core::fail(errc::invalid_schedule);
        LiquidityPool pool{params};
        if (pool.phases() > max_phases) return core::fail(errc::invalid_schedule, "too many phases");
        // The last price is the highest: if all coins at it fit, with a unit of rounding a phase, all sums
        // do.
        const core::uint256 last = pool.wide_price(pool.phases() - 1);
        const core::uint256 limit{0, static_cast<core::uint128>(INT64_MAX - max_phases)};
        if (last > limit) return core::fail(errc::supply_overflow);
        const core::uint256 value = core::multiply(last.low, static_cast<core::uint128>(params.coins));
        if (core::divide(value, coin).quotient > limit) return core::fail(errc::supply_overflow);
        return pool;
    }

    /// Phases in all: 10.
    [[nodiscard]] constexpr std::int64_t phases() const noexcept {
        return (params_.coins - 1) / params_.phase + 1;
    }
    /// The phase that sells, from 0; the last one when all is sold.
    [[nodiscard]] constexpr std::int64_t phase() const noexcept {
        return std::min(sold_ / params_.phase, phases() - 1);
    }
    /// Price of a phase, in quote units per coin.
    /// Expects: 0 <= phase < phases().
    [[nodiscard]] constexpr std::int64_t price(std::int64_t phase) const {
        POUW_EXPECTS(0 <= phase && phase < phases());
        return static_cast<std::int64_t>(wide_price(phase).low);
    }
    /// The latest price: that of the open phase.
    [[nodiscard]] constexpr std::int64_t price() const { return price(phase()); }

    /// Coins sold, nano.
    [[nodiscard]] constexpr std::int64_t sold() const noexcept { return sold_; }
    /// Coins bought back and held, nano. They are not sold again.
    [[nodiscard]] constexpr std::int64_t held() const noexcept { return held_; }
    /// Quote units the pool has.
    [[nodiscard]] constexpr std::int64_t reserve() const noexcept { return reserve_; }
    /// Quote units the pool would owe if `circulating` nano came back at the latest price, rounded up.
    /// Providers sell what they mined: all coins that circulate count, not only those the pool sold. Capped
    /// at 2^63 - 1.
    /// Expects: circulating >= 0.
    [[nodiscard]] constexpr std::int64_t liability(std::int64_t circulating) const {
        POUW_EXPECTS(circulating >= 0);
        return value_ceil(circulating, price());
    }
    /// reserve / liability. Below 1 the last to sell gets nothing.
    /// Expects: circulating >= 1.
    [[nodiscard]] constexpr core::Fraction coverage(std::int64_t circulating) const {
        POUW_EXPECTS(circulating >= 1);
        return {static_cast<std::uint64_t>(reserve_), static_cast<std::uint64_t>(liability(circulating))};
    }
    /// Coins that the reserve pays for at the latest price, nano, rounded down; at most 2^63 - 1.
    [[nodiscard]] constexpr std::int64_t payable_coins() const {
        return capped(static_cast<core::uint128>(reserve_) * coin / static_cast<core::uint128>(price()));
    }

    /// Quote units that `coins` nano cost now, across phases, each phase's part rounded up (in favour of the
    /// pool).
    /// Errors: core::errc::invalid_amount when negative, errc::sold_out when the pool has fewer.
    [[nodiscard]] constexpr core::result<std::int64_t> cost(std::int64_t coins) const {
        if (coins < 0) return core::fail(core::errc::invalid_amount);
        if (coins > params_.coins - sold_) return core::fail(errc::sold_out);
        std::int64_t total = 0;
        for (std::int64_t at = sold_; coins > 0;) {
            const std::int64_t in_phase = at / params_.phase;
            const std::int64_t part = std::min(coins, params_.phase - at % params_.phase);
            total += value_ceil(part, price(in_phase));
            at += part;
            coins -= part;
        }
        return total;
    }
    /// Sells `coins` nano from the pool; returns what they cost.
    /// Errors: those of `cost`, and core::errc::overflow when the reserve would exceed 63 bits.
    [[nodiscard]] constexpr core::result<std::int64_t> buy(std::int64_t coins) {
        const auto paid = cost(coins);
        if (!paid) return paid;
        // Parts rounded up may add up to more than all coins cost at once.
        if (*paid > INT64_MAX - reserve_) return core::fail(core::errc::overflow);
        sold_ += coins;
        reserve_ += *paid;
        return paid;
    }
    /// A provider sells `coins` nano to the pool at the latest price; returns what it is paid, rounded down.
    /// They may be mined coins, more than the pool ever sold.
    /// Errors: core::errc::invalid_amount when negative or more than exist, errc::insufficient_reserve when
    /// the reserve does not cover it: then nothing is paid.
    [[nodiscard]] constexpr core::result<std::int64_t> sell_back(std::int64_t coins) {
        if (coins < 0 || coins > total_supply - held_) return core::fail(core::errc::invalid_amount);
        const core::uint128 value =
            static_cast<core::uint128>(coins) * static_cast<core::uint128>(price()) / coin;
        if (value > static_cast<core::uint128>(reserve_)) return core::fail(errc::insufficient_reserve);
        reserve_ -= static_cast<std::int64_t>(value);
        held_ += coins;
        return static_cast<std::int64_t>(value);
    }

  private:
    constexpr explicit LiquidityPool(const Params& params) noexcept : params_{params} {}

    [[nodiscard]] constexpr core::uint256 wide_price(std::int64_t phase) const {
        const auto first = static_cast<core::uint128>(params_.price.first);
        const auto k = static_cast<core::uint128>(phase);
        if (params_.price.kind == PriceRule::Kind::linear_step)
            return {0, first + k * static_cast<core::uint128>(params_.price.step)};
        return k < 64 ? core::uint256{0, first << static_cast<int>(phase)} : core::uint256{1, 0};
    }
    [[nodiscard]] static constexpr std::int64_t capped(core::uint128 value) {
        return static_cast<std::int64_t>(std::min(value, static_cast<core::uint128>(INT64_MAX)));
    }
    /// ceil(coins · price / 1e9), at most 2^63 - 1.
    [[nodiscard]] static constexpr std::int64_t value_ceil(std::int64_t coins, std::int64_t price) {
        const core::uint128 product = static_cast<core::uint128>(coins) * static_cast<core::uint128>(price);
        return capped((product + coin - 1) / coin);
    }

    Params params_;
    std::int64_t sold_ = 0;
    std::int64_t held_ = 0;
    std::int64_t reserve_ = 0;
};

}  // namespace pouw::inline v1::emission::race_coin
