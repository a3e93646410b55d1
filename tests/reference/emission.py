#!/usr/bin/env python3
"""Emission schedules, written from docs/spec/emission.md and its sources, and from nothing else.

Python's integers and fractions, no floating point. Rewards are what the rules say; cumulative amounts are sums over
stretches of equal reward or over exact fractions: clarity comes before speed.

    emission.py            writes tests/vectors/emission/schedules.json and operations.json
    emission.py --check    fails when they are not what it would write
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor
from pathlib import Path
from typing import Any, Callable, Iterable, Optional

VECTORS = Path(__file__).resolve().parent.parent / "vectors" / "emission"

COIN8, COIN9, COIN18 = 10**8, 10**9, 10**18
TOP = 2**64 - 1


# ---------------------------------------------------------------------------------------------------------------------
# Generic schedules


def halving_reward(initial: int, interval: int, h: int) -> int:
    return initial >> (h // interval)


def halving_cumulative(initial: int, interval: int, h: int) -> int:
    total, k = 0, 0
    while h > 0 and initial >> k > 0:
        part = min(h, interval)
        total += (initial >> k) * part
        h -= part
        k += 1
    return total


def linear_reward(initial: int, decrease: int, length: int, h: int) -> int:
    return max(0, initial - decrease * h) if h < length else 0


def linear_cumulative(initial: int, decrease: int, length: int, h: int) -> int:
    n = min(h, length)
    if decrease:
        n = min(n, -(-initial // decrease))
    return n * initial - decrease * n * (n - 1) // 2


def vesting_cumulative(amount: int, upfront: int, cliff: int, duration: int, t: int) -> int:
    if t < cliff:
        return upfront
    if t >= duration:
        return amount
    return upfront + floor(Fraction((amount - upfront) * t, duration))


# ---------------------------------------------------------------------------------------------------------------------
# Exponential epochs


def exponential_floor(initial: int, rate: Fraction, n: int, bits: int = 512) -> int:
    """floor(initial * e^(-rate * n)): the alternating series in fixed point, with a bound on its error."""
    x = rate * n
    one = 1 << bits
    total, term, i = one, one, 0
    while term > 0:
        i += 1
        term = term * x.numerator // (x.denominator * i)
        total += -term if i % 2 else term
    # Each of the i terms is low by less than i units: errors propagate through the quotients, damped or scaled
    # by at most e^x of them in all.
    error = (i + 2) * (i + 2) * 3 ** (ceil(x) + 1)
    low = initial * (total - error) >> bits
    high = initial * (total + error) >> bits
    assert low == high or n == 0
    return initial if n == 0 else low


@lru_cache(maxsize=None)
def exponential_table(initial: int, cap: int) -> tuple[int, ...]:
    """Cumulative amounts before each epoch until the cap."""
    out = [0]
    while out[-1] < cap:
        out.append(min(cap, out[-1] + exponential_floor(initial, Fraction(475, 10**6), len(out) - 1)))
    return tuple(out)


def exponential_cumulative(initial: int, cap: int, n: int) -> int:
    table = exponential_table(initial, cap)
    return table[min(n, len(table) - 1)]


# ---------------------------------------------------------------------------------------------------------------------
# AI Power Grid, Bittensor


def aipg_chain_reward(h: int) -> int:
    """In coins of 1e8, as the public chain's subsidy function distinguishes the heights."""
    if h < 400_000:
        return 500 * COIN8 >> (h // 100_000)
    if h < 500_000:
        return 3_125_000_000
    if h < 3_000_000:
        return 1_562_500_000
    if h < 4_575_000:
        return 1_562_500_000 >> ((h - 3_000_000) // 525_000)
    if h < 8_850_000:
        return 195_312_500
    return 97_656_250 >> min(200, (h - 8_850_000) // 1_050_000)


def aipg_stretches() -> list[int]:
    """First heights of stretches in which the reward cannot change."""
    steps = list(range(0, 500_000, 100_000)) + [500_000]
    steps += list(range(3_000_000, 4_575_000, 525_000)) + [4_575_000]
    return steps + [8_850_000 + 1_050_000 * k for k in range(0, 40)]


def aipg_chain_cumulative(h: int) -> int:
    steps = aipg_stretches()
    return sum(
        aipg_chain_reward(a) * (min(b, h) - a) for a, b in zip(steps, steps[1:] + [TOP]) if a < h
    )


def aipg_chain_phase(h: int) -> int:
    """Halvings of the reward; while it is 0 the intervals go on counting."""
    if h >= 8_850_000:
        return 9 + (h - 8_850_000) // 1_050_000
    rewards = sorted({aipg_chain_reward(a) for a in aipg_stretches() if a <= h})
    return len(rewards) - 1


def aipg_genesis(h: int) -> tuple[int, int, int]:
    """Reward, issued before and phase of the chain whose genesis block pays 5,000 coins."""
    if h == 0:
        return 5_000 * COIN8, 0, 0
    return aipg_chain_reward(h), aipg_chain_cumulative(h) + 4_500 * COIN8, aipg_chain_phase(h) + 1


@lru_cache(maxsize=None)
def ethereum_years() -> tuple[int, ...]:
    """The supply at the start of each year: 72 million at first, 7 years of 6.7%, then 93 of 0.52%."""
    out = [72 * 10**6 * COIN18]
    for year in range(100):
        out.append(out[-1] + floor(out[-1] * (Fraction(67, 1000) if year < 7 else Fraction(52, 10_000))))
    return tuple(out)


def ethereum_cumulative(year: int) -> int:
    supplies = ethereum_years()
    return supplies[min(year, 100)] - supplies[0]


TAO = 10**9
TAO_SUPPLY = 21_000_000 * TAO


def bittensor_halvings(issued: int) -> int:
    k = 0
    while k < 64 and (TAO_SUPPLY - issued) * 2 ** (k + 1) <= TAO_SUPPLY:
        k += 1
    return k


def bittensor_reward(issued: int) -> int:
    return TAO >> bittensor_halvings(issued) if issued < TAO_SUPPLY else 0


@lru_cache(maxsize=None)
def bittensor_eras() -> tuple[tuple[int, int, int], ...]:
    """(first block, issued before, reward) of each stretch of equal reward, nothing recycled."""
    eras, block, issued = [], 0, 0
    while (reward := bittensor_reward(issued)) > 0:
        eras.append((block, issued, reward))
        few, many = 1, 2**50  # blocks with this reward: bisected
        while few < many:
            middle = (few + many + 1) // 2
            if issued + (middle - 1) * reward < TAO_SUPPLY and bittensor_reward(issued + (middle - 1) * reward) == reward:
                few = middle
            else:
                many = middle - 1
        block += few
        issued += few * reward
    return tuple(eras + [(block, issued, 0)])


def bittensor_block(h: int) -> tuple[int, int, int]:
    """(reward, cumulative, halvings)."""
    first, issued, reward = [era for era in bittensor_eras() if era[0] <= h][-1]
    return reward, issued + (h - first) * reward, bittensor_halvings(issued)


# ---------------------------------------------------------------------------------------------------------------------
# Morpheus

DAY = 86_400
MOR_START = 1_707_393_600
MOR_POOLS = [(3456 * COIN18, 592_558_728_240_000_000)] * 4 + [(576 * COIN18, 98_759_788_040_000_000)]
MOR_DAYS = 5_833


def period_reward(initial: int, decrease: int, start0: int, interval: int, start: int, end: int) -> int:
    """What the contract pays for [start, end): the part in the first interval, the whole ones, the last part."""
    if interval == 0:
        return 0
    start = max(start, start0) - start0
    end = end - start0
    if decrease:
        end = min(end, -(-initial // decrease) * interval)
    if start >= end:
        return 0
    rate = lambda k: max(0, initial - decrease * k)  # noqa: E731
    first, last = start // interval, end // interval
    if first == last:
        return rate(first) * (end - start) // interval
    head = rate(first) * ((first + 1) * interval - start) // interval if start % interval else 0
    from_whole = first + (1 if start % interval else 0)
    count = last - from_whole
    whole = count * rate(from_whole) - decrease * count * (count - 1) // 2 if count else 0
    return head + whole + rate(last) * (end % interval) // interval


def mor_period(start: int, end: int) -> int:
    return sum(period_reward(i, d, MOR_START, DAY, start, end) for i, d in MOR_POOLS)


def mor_cumulative(step: int, h: int) -> int:
    return mor_period(MOR_START, MOR_START + min(h * step, 2**62))


def mor_contract_reward(step: int, h: int) -> int:
    return mor_period(MOR_START + h * step, MOR_START + (h + 1) * step)


def tail_emission(burned: int, circulating: int) -> int:
    return min(burned // 2, floor(Fraction(16, 100) * circulating))


def compute_balance(now: int, claimed: int) -> int:
    initial, decrease = MOR_POOLS[3]
    return period_reward(initial, decrease, MOR_START, DAY, MOR_START, now - now % DAY) - claimed


def supply_without_compute(now: int, claimed: int) -> int:
    end = now - now % DAY
    return claimed + sum(
        period_reward(i, d, MOR_START, DAY, MOR_START, end) for k, (i, d) in enumerate(MOR_POOLS) if k != 3
    )


def stipend(stake: int, now: int, claimed: int) -> int:
    supply = supply_without_compute(now, claimed)
    return stake * compute_balance(now, claimed) // (100 * supply) if supply else 0


# ---------------------------------------------------------------------------------------------------------------------
# Race Coin

RACE_BATCH = 50_000_000 * COIN9
RACE_CORE = 12 * RACE_BATCH


def race_rate(n: int) -> Fraction:
    return Fraction(9, 10) * Fraction(4, 5) ** (n - 1)


def race_legacy_rate(n: int) -> Fraction:
    rate = Fraction(9, 10)
    for _ in range(n - 1):
        rate = Fraction(floor(rate * Fraction(4, 5) * 10_000 + Fraction(1, 2)), 10_000)
    return rate


def race_fees(n: int) -> Fraction:
    """Fees, in nano, that exhaust batch n."""
    return RACE_BATCH * (1 - race_rate(n)) / race_rate(n)


class RaceCore:
    """Batches in exact fractions: `pending` are fees paid that have not earned a whole nano yet."""

    def __init__(self) -> None:
        self.issued, self.pending = 0, Fraction(0)

    def pay(self, fees: int) -> int:
        before = self.issued
        self.pending += fees
        while self.issued < RACE_CORE:
            n = self.issued // RACE_BATCH + 1
            price = (1 - race_rate(n)) / race_rate(n)
            room = n * RACE_BATCH - self.issued
            earned = min(room, floor(self.pending / price))
            self.issued += earned
            self.pending -= earned * price
            if earned < room:
                break
        if self.issued == RACE_CORE:
            self.pending = Fraction(0)
        return self.issued - before

    def top_up(self, day: int, earned: int) -> int:
        minimum = race_minimum(day + 1) - race_minimum(day)
        amount = min(max(0, minimum - earned), RACE_CORE - self.issued)
        self.issued += amount
        return amount


def race_by_fees(fees: int) -> int:
    core = RaceCore()
    core.pay(fees)
    return core.issued


def race_minimum(day: int) -> int:
    """Floor of the exact minimum issuance of the first `day` days."""
    year, rest = divmod(day, 365)
    if year > 200:
        return 2 * RACE_BATCH - 1
    done = 2 * RACE_BATCH * (1 - Fraction(1, 2**year))
    return floor(done + Fraction(RACE_BATCH, 2**year) * Fraction(rest, 365))


def legacy_subsidy(paid: int, work: int, rate: Fraction, supply: int) -> int:
    if paid >= supply:
        return 0
    unit = floor(Fraction(supply, 20) + Fraction(1, 2))
    cutoff = (paid // unit + 1) * unit
    subsidy = floor(work / (1 - rate))
    if paid + subsidy <= cutoff:
        return subsidy
    until = cutoff - paid
    if cutoff >= supply:
        return until
    used = floor(until * (1 - rate))
    return until + floor((work - used) / (1 - rate * Fraction(4, 5)))


def pool_price(rule: dict[str, Any], phase: int) -> int:
    return rule["first"] << phase if rule["kind"] == "doubling" else rule["first"] + rule["step"] * phase


def pool_run(rule: dict[str, Any], operations: list[tuple[str, int]]) -> list[dict[str, Any]]:
    size, coins = 12_000_000 * COIN9, 120_000_000 * COIN9
    sold = reserve = held = 0
    out = []

    def achieved() -> int:
        """The price of the coin sold last."""
        return pool_price(rule, (sold - 1) // size) if sold else 0

    for name, amount in operations:
        result: Optional[int]
        if name == "buy":
            if amount > coins - sold:
                result = None
            else:
                result, at, rest = 0, sold, amount
                while rest:
                    part = min(rest, size - at % size)
                    result += ceil(Fraction(part * pool_price(rule, at // size), COIN9))
                    at, rest = at + part, rest - part
                sold, reserve = sold + amount, reserve + result
        else:
            value = floor(Fraction(amount * achieved(), COIN9))
            result = value if value <= reserve and (sold or not amount) else None
            if result is not None:
                reserve, held = reserve - value, held + amount
        out.append({"op": name, "coins": str(amount), "result": None if result is None else str(result),
                    "sold": str(sold), "held": str(held), "reserve": str(reserve),
                    "price": str(pool_price(rule, min(sold // size, 9))), "achieved": str(achieved())})
    return out


# ---------------------------------------------------------------------------------------------------------------------
# Heurist

HUE = COIN18
HUE_ROWS = [  # coins, percent at once, cliff, months
    (50_000_000, 100, 0, 0), (28_000_000, 100, 0, 0), (18_500_000, 100, 0, 0), (12_845_000, 100, 0, 0),
    (300_000, 100, 0, 0), (6_500_000, 20, 0, 6), (6_855_000, 0, 3, 0), (60_000_000, 0, 3, 24),
    (150_000_000, 0, 3, 24), (500_000_000, 0, 3, 120), (167_000_000, 0, 6, 48),
]


def heurist_cumulative(month: int) -> int:
    return sum(
        vesting_cumulative(c * HUE, c * HUE * percent // 100, cliff, months, month)
        for c, percent, cliff, months in HUE_ROWS
    )


def heurist_claim(amount: int, start: int, end: int, now: int, rate: int, penalty: int) -> dict[str, str]:
    vested = amount if now >= end else floor(Fraction(amount * (now - start), end - start))
    lost = floor(Fraction((amount - vested) * penalty, HUE))
    return {"vested": str(vested), "penalty": str(lost), "paid": str(vested * rate // HUE),
            "rest": str(amount - vested - lost)}


def boosted(reward: int, stake: int, low: int, high: int, low_bps: int, high_bps: int) -> int:
    if stake < low:
        return 0
    share = Fraction(min(stake, high) - low, high - low)
    return floor(reward * (low_bps + (high_bps - low_bps) * share) / 10_000)


# ---------------------------------------------------------------------------------------------------------------------
# Allocation


def largest_remainder(amount: int, weights: list[int]) -> list[int]:
    total = sum(weights)
    exact = [Fraction(amount * w, total) for w in weights]
    parts = [floor(x) for x in exact]
    order = sorted(range(len(weights)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[: amount - sum(parts)]:
        parts[i] += 1
    return parts


def first_takes_remainder(amount: int, weights: list[int]) -> list[int]:
    total = sum(weights)
    parts = [amount * w // total for w in weights]
    first = next((i for i, p in enumerate(parts) if p > 0), None)
    if first is None:
        first = next(i for i, w in enumerate(weights) if w > 0)
    parts[first] += amount - sum(parts)
    return parts


# ---------------------------------------------------------------------------------------------------------------------
# The vectors


def around(heights: Iterable[int]) -> list[int]:
    """The heights and their neighbours, and the ends of the range."""
    out = {0, 1, 2, 2**31, 2**32, 2**62, 2**63 - 1, 2**63, 2**63 + 1, TOP - 1, TOP}
    for h in heights:
        out |= {h - 1, h, h + 1}
    return sorted(h for h in out if 0 <= h <= TOP)


def rows(heights: list[int], reward: Callable[[int], int], cumulative: Callable[[int], int],
         phase: Callable[[int], int]) -> list[list[str]]:
    return [[str(h), str(reward(h)), str(cumulative(h)), str(phase(h))] for h in heights]


def difference(cumulative: Callable[[int], int]) -> Callable[[int], int]:
    return lambda h: cumulative(h + 1) - cumulative(h)


def schedules() -> dict[str, Any]:
    rng = random.Random(2008)
    some = lambda top, n=40: [rng.randrange(top) for _ in range(n)]  # noqa: E731
    out: dict[str, Any] = {}

    def add(name: str, total: int, heights: Iterable[int], reward: Callable[[int], int],
            cumulative: Callable[[int], int], phase: Callable[[int], int]) -> None:
        out[name] = {"total": str(total), "rows": rows(around(heights), reward, cumulative, phase)}

    btc = (50 * COIN8, 210_000)
    add("bitcoin", halving_cumulative(*btc, TOP), [210_000 * k for k in range(1, 36)] + some(7_000_000),
        lambda h: halving_reward(*btc, h), lambda h: halving_cumulative(*btc, h), lambda h: h // 210_000)
    paper = (500 * COIN8, 100_000)
    add("aipg-paper", halving_cumulative(*paper, TOP), [100_000 * k for k in range(1, 38)] + some(3_700_000),
        lambda h: halving_reward(*paper, h), lambda h: halving_cumulative(*paper, h), lambda h: h // 100_000)
    add("aipg-chain", aipg_chain_cumulative(TOP), aipg_stretches() + [76_050_000] + some(40_000_000),
        aipg_chain_reward, aipg_chain_cumulative, aipg_chain_phase)
    add("bittensor", bittensor_eras()[-1][1], [era[0] for era in bittensor_eras()] + some(300_000_000),
        lambda h: bittensor_block(h)[0], lambda h: bittensor_block(h)[1], lambda h: bittensor_block(h)[2])
    add("bittensor/issuance", TAO_SUPPLY,
        [TAO_SUPPLY - TAO_SUPPLY // 2**k for k in range(1, 40)] + [TAO_SUPPLY] + some(TAO_SUPPLY),
        lambda i: bittensor_reward(min(i, TAO_SUPPLY)), lambda i: min(i, TAO_SUPPLY),
        lambda i: bittensor_halvings(min(i, TAO_SUPPLY)))
    for name, genesis in (("exponential", (285 * 10**12, 6 * 10**17)),
                          ("exponential/mainnet", (323 * 10**12, 68 * 10**16))):
        last = len(exponential_table(*genesis)) - 1
        cumulative = lambda n, g=genesis: exponential_cumulative(*g, n)  # noqa: E731
        add(name, genesis[1], [74, 86, 99, 1460, 10_000, last - 1, last] + some(last, 120), difference(cumulative),
            cumulative, lambda n, end=last: 0 if n < end else 1)
    for name, step in (("day", DAY), ("second", 1)):
        end = MOR_DAYS * DAY // step
        heights = [DAY // step * d for d in (1, 2, 13, 90, 91, 201, 365, 730, 5830, 5832)] + [end] + some(end)
        total = mor_cumulative(DAY, MOR_DAYS)
        phase = lambda h, s=step: h * s // (MOR_DAYS * DAY)  # noqa: E731
        cumulative = lambda h, s=step: mor_cumulative(s, h)  # noqa: E731
        reward = lambda h, s=step: mor_contract_reward(s, h) if h * s < 2**61 else 0  # noqa: E731
        add(f"morpheus/{name}", total, heights, reward, cumulative, phase)
        add(f"morpheus-additive/{name}", total, heights, difference(cumulative), cumulative, phase)
    add("race-coin/minimum", RACE_CORE, [365 * y for y in range(1, 62)] + some(365 * 60), difference(race_minimum),
        race_minimum, lambda d: race_minimum(d) // RACE_BATCH)
    ends = [floor(sum((race_fees(k) for k in range(1, n + 1)), Fraction(0))) for n in range(1, 13)]
    add("race-coin/demand", RACE_CORE, ends + some(ends[-1]), difference(race_by_fees), race_by_fees,
        lambda w: race_by_fees(w) // RACE_BATCH)
    add("heurist", 10**9 * HUE, range(0, 125), difference(heurist_cumulative), heurist_cumulative,
        lambda m: 0 if m < 3 else 1 if m < 120 else 2)
    # A constant reward that fills 127 bits; a linear one that stops before it reaches 0; a halving of 1e18 units.
    add("generic/constant", (2**63 - 1) * TOP, some(TOP), lambda h: 2**63 - 1 if h < TOP else 0,
        lambda h: (2**63 - 1) * h, lambda h: 0 if h < TOP else 1)
    add("generic/linear", linear_cumulative(10**6, 7, 1000, TOP), [999, 1000, 1001] + some(1000),
        lambda h: linear_reward(10**6, 7, 1000, h), lambda h: linear_cumulative(10**6, 7, 1000, h),
        lambda h: 0 if h < 1000 else 1)
    wei = (10**30, 10**6)
    add("generic/halving-wei", halving_cumulative(*wei, TOP), [10**6 * k for k in range(1, 102)] + some(10**8),
        lambda h: halving_reward(*wei, h) if h < 10**9 else 0, lambda h: halving_cumulative(*wei, h),
        lambda h: h // 10**6)
    own = random.Random(2015)
    add("aipg-chain-with-genesis", aipg_genesis(TOP)[1],
        aipg_stretches() + [1, 76_050_000] + [own.randrange(40_000_000) for _ in range(40)],
        lambda h: aipg_genesis(h)[0], lambda h: aipg_genesis(h)[1], lambda h: aipg_genesis(h)[2])
    add("ethereum", ethereum_cumulative(TOP), [7, 100] + [own.randrange(110) for _ in range(40)],
        difference(ethereum_cumulative), ethereum_cumulative, lambda year: 0 if year < 7 else 1)
    return out


def operations() -> dict[str, Any]:
    rng = random.Random(21)
    text = lambda values: [str(v) for v in values]  # noqa: E731
    out: dict[str, Any] = {}

    pools = [(*MOR_POOLS[3], MOR_START, DAY), (*MOR_POOLS[4], MOR_START, DAY),
             (100 * COIN18, 2 * COIN18, 0, 28_800), (100 * COIN18, 50 * COIN18, 0, 28_800),
             (100 * COIN18, 51 * COIN18, 0, 28_800), (100 * COIN18, 0, 1000, 28_800), (7, 3, 50, 13), (100, 1, 5, 0)]
    periods = []
    hour = 3600
    windows = {2: [(0, 2), (0, 8), (16, 18), (0, 10), (6, 14), (14, 24), (0, 24), (6, 30)], 3: [(0, 100)],
               4: [(0, 100), (12, 100)]}
    for index, pool in enumerate(pools):
        for a, b in windows.get(index, []):
            periods.append((pool, a * hour, b * hour))
        start, interval = pool[2], pool[3]
        length = MOR_DAYS * DAY if index < 2 else 60 * max(interval, 1)
        for _ in range(60):
            a = start + rng.randrange(-min(start, 1000), length)
            b = start + rng.randrange(0, length + 1000)
            periods.append((pool, a, b))
        periods += [(pool, start, start + length), (pool, 0, 2**40), (pool, start, start), (pool, start + 10, start)]
    periods.append((pools[0], MOR_START, MOR_START + 10 * DAY))
    out["morpheus_periods"] = [text([*pool, a, b, period_reward(*pool, a, b)]) for pool, a, b in periods]

    compute = []
    for now, claimed, stake in [(1_714_641_597, 0, COIN18), (MOR_START, 0, COIN18), (MOR_START + 1, 0, 0)] + [
        (MOR_START + rng.randrange(DAY, 6_000 * DAY), rng.randrange(3456 * COIN18 // 3), rng.randrange(10**24))
        for _ in range(40)
    ]:
        balance = compute_balance(now, claimed)
        compute.append(text([now, claimed, stake, balance, balance // 100, supply_without_compute(now, claimed),
                             stipend(stake, now, claimed)]))
    out["morpheus_compute"] = compute
    own = random.Random(22)
    budgets = []
    for _ in range(80):
        whole = own.choice([1, 2, 100, 10**6, 2**64 - 1])
        share, balance = own.randrange(1, whole + 1), own.choice([0, 1, 99, own.randrange(10**24), 2**127 - 1])
        budgets.append(text([balance, share, whole, floor(Fraction(balance * share, whole))]))
    out["morpheus_budgets"] = budgets

    tails = []
    for percent in (0, 10, 24, 25, 40, 90, 100):
        emitted = 42 * 10**6 * COIN18
        burned = emitted * percent // 100
        circulating = emitted - burned
        epochs = []
        for _ in range(6):
            emission = tail_emission(burned, circulating)
            epochs.append(text([burned, circulating, emission, vesting_cumulative(emission, 0, 0, MOR_DAYS, 1),
                                vesting_cumulative(emission, 0, 0, MOR_DAYS, 5_832)]))
            burned = (circulating + emission) * percent // 100
            circulating = circulating + emission - burned
        tails.append(epochs)
    out["morpheus_tail"] = tails

    days = []
    for scale in (0, 10**12, 10**15, 10**16, 10**18):
        core, run = RaceCore(), []
        for day in range(25):
            fees = [rng.randrange(scale + 1) for _ in range(3)]
            earned = [core.pay(f) for f in fees]
            run.append({"fees": text(fees), "subsidies": text(earned), "top_up": str(core.top_up(day, sum(earned))),
                        "issued": str(core.issued)})
        days.append(run)
    out["race_days"] = days

    legacy = [(0, 1000, 9000, 600_000_000_000), (9500, 1000, 9000, 200_000), (19_500, 1000, 7200, 200_000),
              (199_500, 1000, 9000, 200_000), (200_000, 1000, 9000, 200_000), (0, 1000, 9000, 200_000),
              (0, 100_000, 9000, 200_000), (0, 340_000, 9000, 200_000_000)]
    for _ in range(60):
        supply = rng.randrange(20, 10**12)
        legacy.append((rng.randrange(supply + 2), rng.randrange(supply // 3 + 1), rng.randrange(0, 9_999), supply))
    out["race_legacy"] = [text([p, w, r, s, legacy_subsidy(p, w, Fraction(r, 10_000), s)]) for p, w, r, s in legacy]

    sales = []
    for rule in ({"kind": "doubling", "first": 5_000, "step": 0}, {"kind": "linear_step", "first": 5_000, "step": 5_000},
                 {"kind": "linear_step", "first": 3, "step": 0}):
        plan = [("buy", 12_000_000 * COIN9), ("sell_back", 6_000_000 * COIN9), ("sell_back", 6_000_000 * COIN9),
                ("sell_back", 1)]
        plan += [(rng.choice(["buy", "buy", "sell_back"]), rng.randrange(20_000_000 * COIN9)) for _ in range(20)]
        plan += [("buy", 1), ("buy", 0), ("sell_back", 0)]
        sales.append({"rule": rule, "run": pool_run(rule, plan)})
        sales.append({"rule": rule, "run": pool_run(rule, [("buy", 120_000_000 * COIN9), ("buy", 1)])})
        boundary = [("sell_back", 1), ("sell_back", 0), ("buy", 12_000_000 * COIN9 - 1), ("sell_back", COIN9), ("buy", 1),
                    ("sell_back", COIN9), ("buy", 1), ("sell_back", COIN9), ("buy", 108_000_000 * COIN9 - 1), ("sell_back", COIN9)]
        sales.append({"rule": rule, "run": pool_run(rule, boundary)})
    out["race_pool"] = sales

    vesting = []
    for _ in range(200):
        amount = rng.choice([rng.randrange(1000), rng.randrange(2**63), rng.randrange(2**127)])
        upfront = rng.choice([0, amount, rng.randrange(amount + 1)])
        duration = rng.choice([0, 1, rng.randrange(1, 1000), rng.randrange(1, 2**64)])
        cliff = rng.choice([0, rng.randrange(duration + 1), duration])
        t = rng.choice([0, cliff, max(0, cliff - 1), duration, TOP, rng.randrange(duration + 1)])
        vesting.append(text([amount, upfront, cliff, duration, t, vesting_cumulative(amount, upfront, cliff, duration, t)]))
    out["vesting"] = vesting

    claims = []
    year = 365 * DAY
    for amount, now in [(1000 * HUE, year // 4), (1000 * HUE, year // 2), (1000 * HUE, year), (0, 5)]:
        claims.append((amount, 0, year, now, HUE, HUE // 10))
    for _ in range(60):
        start = rng.randrange(2**40)
        claims.append((rng.randrange(10**28), start, start + year, start + rng.randrange(year + 1000),
                       rng.randrange(2 * HUE), rng.choice([0, HUE // 10, HUE, rng.randrange(HUE)])))
    out["heurist_claims"] = [{"in": text(c), **heurist_claim(*c)} for c in claims]

    boosts = []
    for _ in range(60):
        low = rng.randrange(20_000 * HUE)
        high = low + 1 + rng.randrange(100_000 * HUE)
        low_bps = rng.randrange(20_000)
        case = (rng.randrange(10**27), rng.randrange(2 * high), low, high, low_bps, low_bps + rng.randrange(100_000))
        boosts.append(text([*case, boosted(*case)]))
    for stake in (9_999, 10_000, 55_000, 100_000, 10**6):
        case = (HUE, stake * HUE, 10_000 * HUE, 100_000 * HUE, 10_000, 100_000)
        boosts.append(text([*case, boosted(*case)]))
    out["heurist_boost"] = boosts

    allocations = [(100, [1, 1, 1]), (5, [70, 30]), (5, [30, 70]), (0, [1, 2]), (1, [0, 1, 1]), (3, [1] * 7)]
    for _ in range(60):
        weights = [rng.choice([0, 1, 2, rng.randrange(2**64), rng.randrange(100)]) for _ in range(rng.randrange(1, 9))]
        if sum(weights):
            allocations.append((rng.choice([rng.randrange(50), rng.randrange(2**63), rng.randrange(2**127)]), weights))
    out["allocations"] = [{"amount": str(a), "weights": text(w), "largest_remainder": text(largest_remainder(a, w)),
                           "first_takes_remainder": text(first_takes_remainder(a, w))} for a, w in allocations]

    divisions = []
    for _ in range(300):
        a, b = (rng.getrandbits(rng.choice([8, 63, 64, 65, 100, 128])) for _ in range(2))
        d = rng.getrandbits(rng.choice([1, 8, 63, 64, 65, 100, 127, 128])) or 1
        q, r = divmod(a * b, d)
        divisions.append(text([a, b, d, q >> 128, q & (2**128 - 1), r]))
    edge = 2**128 - 1
    for d in (1, 2, 2**64 - 1, 2**64, 2**64 + 1, 2**127, edge - 1, edge):
        q, r = divmod(edge * edge, d)
        divisions.append(text([edge, edge, d, q >> 128, q & edge, r]))
    out["wide_divisions"] = divisions
    return out


def write(path: Path, value: Any, check: bool) -> bool:
    """Writes `value`; with `check` only says whether the file holds it."""
    lines = json.dumps(value, indent=1, sort_keys=False)
    # One row a line: short lists of strings stay together.
    lines = re.sub(r'\[\s+((?:"[^"]*",?\s*)+)\]', lambda m: "[" + re.sub(r"\s+", " ", m.group(1)).strip() + "]", lines)
    lines += "\n"
    if check:
        same = path.is_file() and path.read_text() == lines
        if not same:
            print(f"{path.name} is not what the reference writes", file=sys.stderr)
        return same
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(lines)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the files instead of writing them")
    check = parser.parse_args().check
    files = {"schedules.json": schedules(), "operations.json": operations()}
    return 0 if all([write(VECTORS / name, value, check) for name, value in files.items()]) else 1


if __name__ == "__main__":
    sys.exit(main())
