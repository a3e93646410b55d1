/// The liquidity pool of Race Coin: 120 million coins, sold in ten phases of 12 million. Each phase has its
/// price and begins when the phase before is sold out. Nodes sell coins to the pool at the latest price that
/// was achieved: that of the coin sold last, which at the start of a phase is the price of the phase before.
///
/// The paper prints two prices, $0.005 and $0.01, and no rule for the others; the rule is a parameter. The
/// pool is not fully reserved: it holds $60,000 after phase 1, and with the first coin of phase 2 it owes
/// $120,000. `coverage()` tells the ratio, and a sale that the reserve does not cover is refused.
/// Source: White paper, Appendix E.
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/state.hpp"
#include "pouw/emission/chains/race_coin.hpp"
#include "pouw/emission/errc.hpp"

#include <string_view>

namespace pouw::inline v1::emission::race_coin {

/// The price of a coin by phase, in quote units (such as 1e-6 dollar) for a whole coin.
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

/// The liquidity pool, a value.
class POUW_API LiquidityPool {
  public:
    struct Params {
        std::int64_t coins = liquidity_pool;     // nano, >= 1
        std::int64_t phase = 12'000'000 * coin;  // nano, >= 1; the last phase may be shorter
        PriceRule price;

        friend constexpr bool operator==(const Params&, const Params&) = default;
    };

    static constexpr std::int64_t max_phases = 1'000;

    /// The pool before its first sale.
    /// Errors: errc::invalid_schedule for parameters out of range or more than `max_phases` phases;
    ///     errc::supply_overflow when the last price, or all coins at it, exceed 63 bits.
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

    /// The number of phases: 10 by default.
    [[nodiscard]] constexpr std::int64_t phases() const noexcept {
        return (params_.coins - 1) / params_.phase + 1;
    }
    /// The phase that sells now, from 0; the last phase when all is sold.
    [[nodiscard]] constexpr std::int64_t phase() const noexcept {
        return std::min(sold_ / params_.phase, phases() - 1);
    }
    /// The price of a phase, in quote units for a coin.
    /// Expects: `0 <= phase`, `phase < phases()`.
    [[nodiscard]] constexpr std::int64_t price(std::int64_t phase) const {
        POUW_EXPECTS(0 <= phase && phase < phases());
        return static_cast<std::int64_t>(wide_price(phase).low);
    }
    /// The price of the open phase, at which the pool sells.
    [[nodiscard]] constexpr std::int64_t price() const { return price(phase()); }
    /// The latest achieved price, at which the pool buys: that of the coin sold last; 0 before the first
    /// sale.
    [[nodiscard]] constexpr std::int64_t achieved_price() const {
        return sold_ == 0 ? 0 : price((sold_ - 1) / params_.phase);
    }

    /// The coins sold, in nano.
    [[nodiscard]] constexpr std::int64_t sold() const noexcept { return sold_; }
    /// The coins bought back and held, in nano. They are not sold again.
    [[nodiscard]] constexpr std::int64_t held() const noexcept { return held_; }
    /// The quote units that the pool has.
    [[nodiscard]] constexpr std::int64_t reserve() const noexcept { return reserve_; }
    /// The quote units that the pool owes if `circulating` nano are sold to it at the achieved price,
    /// rounded up; at most 2^63 - 1. Nodes sell the coins that they mined, so that all circulating coins
    /// count and not only those that the pool sold. Expects: `circulating >= 0`.
    [[nodiscard]] constexpr std::int64_t liability(std::int64_t circulating) const {
        POUW_EXPECTS(circulating >= 0);
        return value_ceil(circulating, achieved_price());
    }
    /// The ratio reserve / liability. When it is below 1, the reserve does not cover all sales.
    /// Expects: `circulating >= 1`, `sold() >= 1`.
    [[nodiscard]] constexpr core::Fraction coverage(std::int64_t circulating) const {
        POUW_EXPECTS(circulating >= 1 && sold_ >= 1);
        return {static_cast<std::uint64_t>(reserve_), static_cast<std::uint64_t>(liability(circulating))};
    }
    /// The coins that the reserve pays for at the achieved price, in nano, rounded down; at most 2^63 - 1.
    [[nodiscard]] constexpr std::int64_t payable_coins() const {
        if (sold_ == 0) return 0;
        const auto each = static_cast<core::uint128>(achieved_price());
        return capped(static_cast<core::uint128>(reserve_) * coin / each);
    }

    /// The price of `coins` nano now, in quote units, across phases. The part of each phase is rounded up, in
    /// favour of the pool.
    /// Errors: core::errc::invalid_amount for a negative amount; errc::sold_out when the pool has fewer
    ///     coins.
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
    /// Sells `coins` nano from the pool and returns their price.
    /// Errors: those of `cost`; core::errc::overflow when the reserve would exceed 63 bits.
    [[nodiscard]] constexpr core::result<std::int64_t> buy(std::int64_t coins) {
        const auto paid = cost(coins);
        if (!paid) return paid;
        // Parts rounded up may add up to more than all coins cost at once.
        if (*paid > INT64_MAX - reserve_) return core::fail(core::errc::overflow);
        sold_ += coins;
        reserve_ += *paid;
        return paid;
    }
    /// Buys `coins` nano from a node at the latest achieved price and returns the payment, rounded down. The
    /// coins may be mined ones, and more than the pool ever sold.
    /// Errors: core::errc::invalid_amount for a negative amount or more coins than exist;
    ///     errc::insufficient_reserve when the reserve does not cover the payment, and before the first sale.
    ///     Nothing is paid then.
    [[nodiscard]] constexpr core::result<std::int64_t> sell_back(std::int64_t coins) {
        if (coins < 0 || coins > total_supply - held_) return core::fail(core::errc::invalid_amount);
        if (coins > 0 && sold_ == 0) return core::fail(errc::insufficient_reserve, "no price was achieved");
        const core::uint128 value =
            static_cast<core::uint128>(coins) * static_cast<core::uint128>(achieved_price()) / coin;
        if (value > static_cast<core::uint128>(reserve_)) return core::fail(errc::insufficient_reserve);
        reserve_ -= static_cast<std::int64_t>(value);
        held_ += coins;
        return static_cast<std::int64_t>(value);
    }

    [[nodiscard]] constexpr const Params& params() const noexcept { return params_; }

    /// The whole state, the parameters included.
    [[nodiscard]] core::Bytes save() const {
        core::Bytes out = core::start_state(state_magic);
        core::append(out, core::to_le(params_.coins));
        core::append(out, core::to_le(params_.phase));
        out.push_back(static_cast<std::uint8_t>(params_.price.kind));
        for (const std::int64_t value : {params_.price.first, params_.price.step, sold_, held_, reserve_})
            core::append(out, core::to_le(value));
        return out;
    }
    /// Restores a state that `save` gave.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version; core::errc::non_canonical for an unknown kind of price; those of
    ///     `create`; core::errc::invalid_amount for a negative amount, more coins held than exist or more
    ///     sold than the pool had; core::errc::inconsistent_state for a reserve that no order of these sales
    ///     leaves.
    /// Cost: O(phases).
    [[nodiscard]] static core::result<LiquidityPool> restore(core::ByteView data) {
        core::Reader reader{data};
        if (const auto start = core::take_state_start(reader, state_magic); !start) return start.error();
        Params params;
        params.coins = core::take_signed<std::int64_t>(reader);
        params.phase = core::take_signed<std::int64_t>(reader);
        const auto kind = reader.integer<std::uint8_t>();
        params.price = {PriceRule::Kind{kind}, core::take_signed<std::int64_t>(reader),
                        core::take_signed<std::int64_t>(reader)};
        const auto sold = core::take_signed<std::int64_t>(reader);
        const auto held = core::take_signed<std::int64_t>(reader);
        const auto reserve = core::take_signed<std::int64_t>(reader);
        if (const auto end = core::check_state_end(reader); !end) return end.error();
        if (kind > static_cast<std::uint8_t>(PriceRule::Kind::linear_step))
            return core::fail(core::errc::non_canonical, "an unknown kind of price");
        auto out = create(params);
        if (!out) return out;
        if (sold < 0 || held < 0 || reserve < 0 || sold > params.coins || held > total_supply)
            return core::fail(core::errc::invalid_amount);
        out->sold_ = sold;
        out->held_ = held;
        out->reserve_ = reserve;
        if (!out->is_consistent()) return core::fail(core::errc::inconsistent_state, "the reserve");
        return out;
    }

    friend constexpr bool operator==(const LiquidityPool&, const LiquidityPool&) = default;

  private:
    static constexpr std::string_view state_magic = "pouwpol1";

    /// Whether some order of sales leaves this reserve. All coins sold at once paid least, each nano by
    /// itself most. What was held was paid for at most at the present price, and at least with nothing, nano
    /// by nano.
    [[nodiscard]] constexpr bool is_consistent() const {
        if (sold_ == 0) return held_ == 0 && reserve_ == 0;
        core::uint128 least = 0;
        core::uint128 most = 0;
        for (std::int64_t at = 0; at < sold_; at += std::min(params_.phase, sold_ - at)) {
            const std::int64_t part = std::min(params_.phase, sold_ - at);
            const std::int64_t each = price(at / params_.phase);
            least += static_cast<core::uint128>(value_ceil(part, each));
            most += static_cast<core::uint128>(part) * static_cast<core::uint128>(value_ceil(1, each));
        }
        const core::uint128 returned =
            static_cast<core::uint128>(held_) * static_cast<core::uint128>(achieved_price()) / coin;
        const auto reserve = static_cast<core::uint128>(reserve_);
        return reserve <= most && reserve + returned >= least;
    }

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
    /// The value ceil(coins · price / 1e9), at most 2^63 - 1.
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
