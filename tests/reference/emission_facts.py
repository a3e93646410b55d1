#!/usr/bin/env python3
"""The figures that the sources print, recomputed: the table behind docs/sources-checked.md.

Every row has values that the reference computes here with fractions and that the C++ test computes with the library;
both must agree. A row says how the printed figure fares: `ok`, `rounded` (right but for its rounding), `wrong`,
`ambiguous` (the text allows several readings), `irreproducible`, or `parameter` (a choice, nothing to recompute but
its consequences).

    emission_facts.py            writes tests/vectors/emission/facts.json and docs/sources-checked.md
    emission_facts.py --check    fails when they are not what it would write
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, field
from fractions import Fraction as F
from math import floor
from pathlib import Path
from typing import Union

import emission as e

ROOT = Path(__file__).resolve().parent.parent.parent
Value = Union[int, F, str]

AIPG, RACE, HEURIST, ASXN = "AI Power Grid white paper", "PoW 2.0 white paper", "Running Heurist", "ASXN AI thesis"
MOR, YELLOW = "Morpheus Token Economics", "Morpheus Yellowstone"


@dataclass
class Fact:
    id: str
    source: str
    said: str
    printed: str
    verdict: str
    values: dict[str, Value]
    note: str = ""
    text: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert self.verdict in {"ok", "rounded", "wrong", "ambiguous", "irreproducible", "parameter"}, self.id
        for name, value in self.values.items():
            if isinstance(value, str):
                self.text[name] = value
            else:
                value = F(value)
                self.text[name] = str(value.numerator) if value.denominator == 1 else str(value)


def half_up(x: F, digits: int = 0) -> int:
    return floor(x * 10**digits + F(1, 2))


def nine(x: F) -> str:
    """Nine decimals, half up."""
    units = half_up(x, 9)
    return f"{units // 10**9}.{units % 10**9:09d}"


def first_k(p: F, confidence: F) -> int:
    k = 1
    while 1 - (1 - p) ** k < confidence:
        k += 1
    return k


def transformer(layers: int, d: int, ffn: int, vocabulary: int, matrices: int, tied: bool) -> int:
    return layers * (4 * d * d + matrices * d * ffn) + vocabulary * d * (1 if tied else 2)


def mor_days(d: int) -> F:
    return F(e.mor_cumulative(e.DAY, d), e.COIN18)


def facts() -> list[Fact]:
    out: list[Fact] = []

    def add(*args: object) -> None:
        out.append(Fact(*args))  # type: ignore[arg-type]

    # AI Power Grid
    paper = (500 * e.COIN8, 100_000)
    add("aipg.reward0", f"{AIPG}, economic model", "first reward of a block", "500 AIPG", "parameter",
        {"reward": e.halving_reward(*paper, 0)}, "in units of 1e-8")
    add("aipg.cap", f"{AIPG}, tokenomics summary", "supply of 500 a block with a halving at 100,000 blocks",
        "200,000,000 AIPG", "wrong",
        {"interval 100000": e.halving_cumulative(*paper, 2**63), "coins": F(e.halving_cumulative(*paper, 2**63), e.COIN8),
         "interval 200000": e.halving_cumulative(paper[0], 200_000, 2**63)},
        "Halving every 100,000 blocks issues 99,999,999.985 coins, half of the print. 200 million need an interval of "
        "200,000. The public chain issues 160,693,359.2175 and knows 200 million only as the bound of an amount.")
    add("aipg.opsfee", f"{AIPG}, economic model", "operations wallet, 5% of a reward", "25 AIPG a block", "ok",
        {"share": floor(F(5, 100) * 500 * e.COIN8)}, "the public chain takes 60% from block 710,000")
    add("aipg.blocktime", f"{AIPG}, economic model", "blocks of a minute", "none", "parameter",
        {"blocks a year": 365 * 1440, "days to the first halving": F(100_000, 1440)})
    add("aipg.validator_stake", f"{AIPG}, protocol", "coins a validator holds", "about 10,000", "parameter",
        {"minimum": 10_000 * e.COIN8})

    # Race Coin
    shares = {"core": 600, "top providers": 120, "liquidity pool": 120, "founders": 160}
    add("race.alloc", f"{RACE}, appendix E", "the four parts of the supply, in millions, and their percentages",
        "1000; 840 = 84%; 60, 12, 12, 16%", "ok",
        {"total": sum(shares.values()), "hardware": 840, "hardware percent": F(84000, 1000),
         **{f"{k} percent": F(100 * v, 1000) for k, v in shares.items()}})
    add("race.phases", f"{RACE}, appendix E", "twelve phases of 50 million", "600 million", "ok",
        {"coins": 12 * e.RACE_BATCH // e.COIN9})
    table: dict[str, Value] = {}
    fees = {n: e.race_fees(n) / e.COIN9 for n in range(1, 13)}
    for n in range(1, 13):
        table[f"rate {n}"] = e.race_rate(n)
        table[f"rate {n} in 1e-4"] = half_up(e.race_rate(n), 4)
        table[f"fees {n}"] = fees[n]
        table[f"fees {n} whole"] = half_up(fees[n])
        table[f"fees {n} nano"] = floor(e.race_fees(n))
        table[f"paid {n} whole"] = half_up(fees[n]) + 50_000_000
    add("race.subsidy_table", f"{RACE}, appendix F", "36 cells: rate, fees and payments of each batch",
        "90.00% 5,555,556 55,555,556; ...; 7.73% 596,751,788 646,751,788", "rounded", table,
        "All 36 cells come from unrounded rates 0.9·0.8^(n-1), fees rounded half up to whole coins. From the printed "
        "rates the rows 5 to 12 do not come; truncation breaks the rows 1, 3, 5, 6, 7 and 12.")
    legacy: dict[str, Value] = {}
    for n in range(1, 13):
        rate = e.race_legacy_rate(n)
        legacy[f"rate {n}"] = rate
        legacy[f"fees {n} whole"] = half_up(50_000_000 * (1 - rate) / rate)
    add("race.subsidy_table_4dp", f"{RACE}, appendix F, and the public legacy code",
        "rates rounded to four decimals after every step", "0.9, 0.72, ..., 0.0773", "wrong", legacy,
        "The same percentages as displayed in the paper, but other fees from batch 5 on: 85,648,399 instead of "
        "85,633,681. Both rules are in the library under their own names.")
    add("race.fee_sum", f"{RACE}, appendix F", "sums of the two columns", "none", "ok",
        {"fees whole": sum(half_up(x) for x in fees.values()),
         "paid whole": sum(half_up(x) + 50_000_000 for x in fees.values())},
        "2.4 times the supply must be paid as fees before the batches are exhausted: coins must circulate")
    add("race.sub_range", f"{RACE}, appendices E and I", "the last subsidy", "8%", "rounded",
        {"rate 12": e.race_rate(12), "percent whole": half_up(e.race_rate(12), 2)})
    add("race.9x", f"{RACE}, appendices F and H", "subsidy on a fee X in batch 1; total", "9X; ten times", "ok",
        {"subsidy": e.race_rate(1) / (1 - e.race_rate(1)), "total": 1 / (1 - e.race_rate(1)),
         "legacy subsidy": F(e.legacy_subsidy(0, 1000, F(9, 10), 600 * 10**9), 1000)},
        "the public legacy code pays X/(1-s), 10X, as subsidy alone")
    days: dict[str, Value] = {}
    for y in (1, 2, 3):
        year = F(50_000_000, 2 ** (y - 1))
        days[f"year {y}"] = year / 365
        days[f"year {y} whole"] = half_up(year / 365)
        days[f"year {y} nano"] = floor(year * e.COIN9 / 365)
        days[f"year {y} nano rest"] = year * e.COIN9 % 365
    days["34247 for a year"] = 34_247 * 365
    days["three years"] = e.race_minimum(3 * 365)
    add("race.min_daily", f"{RACE}, appendix F", "minimum issuance a day in years 1, 2, 3", "136,986, 68,493, 34,247",
        "rounded", days,
        "The third is rounded up: 34,247·365 is 155 coins above the 12.5 million. The library takes the floor of the "
        "cumulative amount.")
    add("race.min_total", f"{RACE}, appendix F", "minimum issuance of all years", "none", "ambiguous",
        {"limit": 2 * 50_000_000, "cumulative at 2^63": e.race_minimum(2**63), "batches": 2},
        "It converges to 100 million, two batches. Without demand the phases 3 to 12 are never reached, against about a "
        "year a phase in appendix E. Leap years are not specified: a year has 365 days here.")
    add("race.btc_first_year", f"{RACE}, appendix F", "Bitcoin's first year", "12.51%", "ok",
        {"coins": 365 * 144 * 50, "percent": F(100 * 365 * 144 * 50, 21_000_000)})
    prices = [F(5, 1000) * 2**k for k in range(10)]
    steps = [F(5, 1000) * (k + 1) for k in range(10)]
    add("race.bond", f"{RACE}, appendix E", "pool of 120 million in phases of 12 million at $0.005, $0.01, ...",
        "two prices", "ambiguous",
        {"phases": 10, "doubling last": prices[-1], "doubling raise": 12_000_000 * sum(prices), "step last": steps[-1],
         "step raise": 12_000_000 * sum(steps), "raise of phase 1": 12_000_000 * prices[0],
         "coins it pays for": 12_000_000 * prices[0] / prices[1]},
        "Two prices fix no rule: the library takes it as a parameter, doubling and linear step. Buying back at the latest "
        "achieved price is not fully reserved: from the first sale of phase 2 on, the $60,000 of phase 1 pay for 6 of its 12 "
        "million coins.")
    add("race.topminer", f"{RACE}, appendix E", "120 million over four years", "none", "parameter",
        {"a year": F(120_000_000, 4), "payouts": 12, "a payout": F(120_000_000, 12)},
        "three seats and yearly payouts are the public code's")
    founders = shares["founders"] * 10**6 * e.COIN9
    add("race.founders", f"{RACE}, appendix E", "when the founders' 160 million are released", "none", "parameter",
        {"at once": founders, "over three years, after one": floor(F(founders, 3)), "over three years, after three": founders},
        "The paper is silent: the schedule is a parameter of the chain, without a default. Appendix G counts all of them as issued "
        "in year 3.")

    discount = 1 - F(576, 1000)
    cost3 = fees[3] / 7_800_000
    price3 = 10 * discount / cost3
    add("race.g3.discount", f"{RACE}, appendix G, year 3", "$10 less 57.6%", "$4.2", "rounded", {"price": 10 * discount})
    add("race.g3.cost", f"{RACE}, appendix G, year 3", "coins for a million requests", "4.7", "rounded", {"coins": cost3})
    add("race.g3.price", f"{RACE}, appendix G, year 3", "price of a coin", "$0.89, $0.892", "wrong",
        {"price": price3, "4.2/4.7": F(42, 47), "4.2/4.71": F(420, 471)},
        "Unrounded it is $0.89856; the prints mix rounded operands: 0.892 is 4.2/4.71.")
    add("race.g3.issued", f"{RACE}, appendix G, year 3", "coins issued by year 3, millions", "460", "ok",
        {"coins": 3 * 50 + 5 * 12 + 3 * 30 + 160})
    add("race.g3.mcap", f"{RACE}, appendix G, year 3", "market capitalisation and fully diluted value, $ million",
        "410, 892", "wrong",
        {"capitalisation": price3 * 460, "diluted": price3 * 1000, "0.89 x 460": F(89, 100) * 460,
         "0.892 x 460": F(892, 1000) * 460}, "413.34 and 898.56 from unrounded operands")
    add("race.g3.undervalued", f"{RACE}, appendix G, year 3", "undervaluation", "655%, 888%", "wrong",
        {"premium of the capitalisation": 100 * (F(3100, 410) - 1), "premium of the diluted": 100 * (F(8820, 892) - 1),
         "undervaluation of the capitalisation": 100 * (1 - F(410, 3100)),
         "undervaluation of the diluted": 100 * (1 - F(892, 8820))},
        "The prints are the competitor's premium. An undervaluation cannot exceed 100%: it is 86.77% and 89.89%.")
    cost6 = fees[6] / 370_000_000
    price6 = 10 * (1 - F(294_912, 10**6)) / cost6
    add("race.g6.cost", f"{RACE}, appendix G, year 6", "coins for a million requests", "0.32", "rounded", {"coins": cost6})
    add("race.g6.price", f"{RACE}, appendix G, year 6", "price of a coin", "$21.82 as $7/0.32", "rounded",
        {"price": price6, "7/0.32": F(700, 32), "7/(119/370)": F(7 * 370, 119)},
        "The operands shown give 21.875; unrounded ones give 21.823488, which is what was printed.")
    add("race.g6.issued", f"{RACE}, appendix G, year 6", "coins issued by year 6, millions", "640", "ok",
        {"coins": 6 * 50 + 5 * 12 + 4 * 30 + 160}, "assumes that the pool sells nothing after year 3")
    add("race.g6.mcap", f"{RACE}, appendix G, year 6", "market capitalisation and fully diluted value, $ million",
        "13,967, 21,823", "rounded", {"capitalisation": price6 * 640, "diluted": price6 * 1000})
    add("race.g6.undervalued", f"{RACE}, appendix G, year 6", "undervaluation", "1024%, 619%", "wrong",
        {"premium of the capitalisation": 100 * (F(157_000, 13_967) - 1),
         "premium of the diluted": 100 * (F(157_000, 21_823) - 1),
         "undervaluation of the capitalisation": 100 * (1 - F(13_967, 157_000)),
         "undervaluation of the diluted": 100 * (1 - F(21_823, 157_000))},
        "Premiums again; the undervaluations are 91.10% and 86.10%.")
    add("race.h.100x", f"{RACE}, appendix H", "gain at a diluted value of $8.8 billion", "100x", "irreproducible",
        {"against the price of year 3": F(8_800, 892), "against the first price of the pool": F(8_800, 5),
         "price it would need": F(88, 1000)}, "9.87x or 1,760x")
    add("race.g.units", f"{RACE}, appendix G", "volume in millions of tokens, cost in requests", "7.8M", "ambiguous",
        {"tokens": 7_800_000 * 10**6}, "the divisor is called tokens and requests; the discount 57.6 lacks its %")
    ffn = 1024 * -(-16 * floor(F(2 * 4 * 512, 3)) // 1024)
    add("race.a.params", f"{RACE}, appendix A", "parameters of 64 layers, width 512, FFN 8192, vocabulary 8192",
        "about 2.3 billion", "wrong",
        {"tied": transformer(64, 512, 8192, 8192, 2, True), "untied": transformer(64, 512, 8192, 8192, 2, False),
         "gated": transformer(64, 512, 8192, 8192, 3, False), "ffn for the print": ffn,
         "with that ffn": 64 * (4 * 512**2 + 3 * 512 * ffn + 2 * 512) + 2 * 8192 * 512 + 512},
        "The stated sizes give 0.61 billion, 0.88 with a gated FFN. 2.29 billion come with an FFN of 22,528, which the "
        "public code derives from a multiplier of 16.")
    add("race.a.p900", f"{RACE}, appendix A", "chance of a nonce", "1 in 900", "parameter", {"chance": F(1, 900)})
    add("race.hash", f"{RACE}, chapter 4", "attempts for 1 and 10 leading zeros", "16; trillions", "ok",
        {"one": 16, "ten": 16**10})
    add("race.verify.rates", f"{RACE}, chapter 6", "checks by 50% and by 10% of the weight, together, by the majority",
        "1/20, 1/100, 1/10, 1/20", "ok",
        {"of 50%": F(50, 100) / 10, "of 10%": F(10, 100) / 10, "expected": F(1, 10), "of the majority": F(1, 20),
         "any of 50% and 5 x 10%": 1 - F(19, 20) * F(99, 100) ** 5, "any of 100 x 1%": nine(1 - F(999, 1000) ** 100)},
        "right as expected numbers of checks; the chance that a task is checked at all is 9.66% and 9.52%")
    add("race.verify.rep_rate", f"{RACE}, chapter 6", "lowest rate of checks", "1 to 10%", "parameter",
        {"from": F(1, 100), "to": F(1, 10)}, "the rate is an argument of the validation")
    detect: dict[str, Value] = {}
    for p in (10, 20, 100):
        for k in (1, 10, 44):
            detect[f"1/{p}, {k} tasks"] = nine(1 - (1 - F(1, p)) ** k)
        detect[f"1/{p}, tasks for 95%"] = first_k(F(1, p), F(95, 100))
        detect[f"1/{p}, tasks for 99%"] = first_k(F(1, p), F(99, 100))
    add("race.verify.detect", f"{RACE}, chapter 6", "a cheater is caught in the end", "none", "ok", detect)
    add("race.rep.reward", f"{RACE}, chapter 6", "pay when every tenth task is checked, and when all are",
        "nine full and one half; half", "ok", {"every tenth": 1 - F(1, 10) / 2, "all": 1 - F(1, 2)})
    add("race.rep.reset", f"{RACE}, chapter 6", "reputation starts at 0, grows, and falls to 0", "none", "parameter",
        {"start": 0, "after conviction": 0}, "the law of growth is open")
    add("race.majority", f"{RACE}, chapter 6", "more than half of the weight confirms", "> 50%", "parameter",
        {"50 of 100": 0, "51 of 100": 1}, "strict")
    add("race.bounty", f"{RACE}, chapter 6", "a bounty is below honest earnings", "none", "parameter",
        {"150 asked, 100 honest": min(150, 100)}, "the user's payment is refunded and is no part of it")
    add("race.gas", f"{RACE}, chapter 9", "a request beyond its budget is cut off", "none", "parameter",
        {"spent of 100 at a cost of 250": min(100, 250), "refund": 100 - min(100, 250)},
        "the public code refunds the unspent part of an escrow")
    add("race.training", f"{RACE}, chapter 8 and appendix K", "share of the revenue for training", "20%", "parameter",
        {"share": F(1, 5), "of 101 units": 101 * 20 // 100})
    add("race.training_revenue", f"{RACE}, appendices H and K", "what contributors to a training earn of the model's later revenue",
        "a share (H); nothing, models are open and free (K)", "ambiguous", {"the fund under K": F(1, 5), "contributors under K": 0},
        "The two contradict each other, and H gives no figure. Appendix K says how training is paid for and why not by shares of "
        "revenue: the training fund follows it. The share of appendix H is a function of its own, whose rate a chain chooses.")
    add("race.price", f"{RACE}, appendix J", "weighted median of votes; units of a coin", "icon, uicon, micoin, nicoin",
        "parameter", {"median of 1 and 2 at equal weight": 1, "nano in a coin": e.COIN9, "supply": 10**9 * e.COIN9},
        "the spellings disagree; nano is 1e-9; the lower median, as the public code")

    # Morpheus
    initial, decrease = 14_400 * e.COIN18, 2_468_994_701 * 10**9
    add("mor.days", f"{MOR}, emissions", "day on which the reward is 0", "5,833 and 5,883", "wrong",
        {"days": -(-initial // decrease), "last reward": initial - 5_832 * decrease},
        "5,833 is right: the day 5,832 still pays 0.822903768 MOR. 5,883 is a misprint.")
    add("mor.total", f"{MOR}, emissions", "emission of all days", "42,000,000", "rounded",
        {"wei": e.mor_cumulative(e.DAY, 5_833), "missing": 42 * 10**6 * e.COIN18 - e.mor_cumulative(e.DAY, 5_833)})
    add("mor.day1", f"{MOR}, distribution", "the first day's 14,400 by pool", "3,456 x 4 and 576", "ok",
        {"pool of 24%": 3456, "pool of 4%": 576, "sum of the decreases": sum(d for _, d in e.MOR_POOLS)})
    add("mor.day90", f"{MOR}, fair launch", "emitted at the start of day 91", "1,286,111 (3.06%)", "ok",
        {"wei": e.mor_cumulative(e.DAY, 90), "percent": mor_days(90) * 100 / (42 * 10**6)}, "truncated")
    protection = [e.period_reward(*e.MOR_POOLS[4], e.MOR_START, e.DAY, e.MOR_START, e.MOR_START + d * e.DAY)
                  for d in (88, 89, 90, 91)]
    add("mor.protection", f"{MOR}, AMM", "protection fund after 90 days", "50,482", "wrong",
        {"88 days": F(protection[0], e.COIN18), "89 days": F(protection[1], e.COIN18),
         "90 days": F(protection[2], e.COIN18), "91 days": F(protection[3], e.COIN18)},
        "4% of the 90 days are 51,444.467; the print is reached between day 88 and 89.")
    add("mor.end", f"{MOR}, emissions", "end of the emission", "about 16 years", "ok",
        {"unix time": e.MOR_START + 5_833 * e.DAY}, "2040-01-28 12:00 UTC, 15.97 years")
    add("mor.tail.ex", f"{MOR}, tail emissions", "a quarter burned: burned, left, half, ratio, tail",
        "10.5M, 31.5M, 5.25M, 16.67%, 5,040,000", "ok",
        {"burned": 10_500_000, "left": 31_500_000, "half": 5_250_000, "ratio percent": F(100 * 5_250_000, 31_500_000),
         "tail": e.tail_emission(10_500_000, 31_500_000)})
    add("mor.tail.daily", f"{MOR}, tail emissions", "that tail a day over 5,833 days", "about 863", "wrong",
        {"5833 days": F(5_040_000, 5_833), "5840 days": F(5_040_000, 5_840)},
        "It is 864.05; 863.01 comes from 16·365 = 5,840 days.")
    add("mor.tail.threshold", f"{MOR}, tail emissions", "burned share from which the 16% bind", "none", "ok",
        {"share": F(16, 100) / (F(1, 2) + F(16, 100))}, "above it the tail falls as the burn rises")
    add("mor.tail.rate", f"{MOR}, tail emissions", "tail a year", "about 1%", "rounded",
        {"16 years": F(16, 16), "5833 days": F(16 * 365, 5_833)})
    add("mor.launch.price", f"{MOR}, AMM", "launch price and size of the pool at ETH = $3,000", "$27; under $4M",
        "rounded", {"price": F(52, 100) * 874 * 3000 / 50_482, "pool": (2 * F(52, 100) + F(48, 100)) * 874 * 3000},
        "the price of ETH is inferred from a picture")
    add("mor.lp.yield", f"{MOR}, liquidity pool", "yield of 150,000 stETH at 3.5% a day, and half of it", "14.38",
        "rounded", {"day": F(150_000 * 35, 1000 * 365), "half": F(150_000 * 35, 2 * 1000 * 365)})
    add("mor.stale", f"{YELLOW}, white paper solution", "1% of the first day's compute emission", "34.56", "ok",
        {"MOR": F(3456, 100)})
    add("mor.wp_date", f"{YELLOW}, white paper solution", "date of the Morpheus white paper",
        "2022-09-02; 2023-09-02 in the ASXN thesis", "wrong", {"years apart": 1}, "the two articles disagree")
    add("mor.ys.supply", f"{YELLOW}, example", "supply at launch", "1,300,289", "wrong",
        {"90 days": mor_days(90), "91 days": mor_days(91)}, "that is 91 days of emission; the launch is after 90")
    add("mor.ys.balance", f"{YELLOW}, example", "compute contract at launch", "312,069", "wrong",
        {"90 days": mor_days(90) * 24 / 100, "91 days": mor_days(91) * 24 / 100}, "91 days again; 90 are 308,666.80")
    add("mor.ys.budget", f"{YELLOW}, example", "1% of it", "3,120.69", "ok", {"MOR": F(312_069, 100)})
    max_ips = F(312_069, 100) * 50 / F(25, 10_000) * 1000
    add("mor.ys.maxips", f"{YELLOW}, example", "MaxIPS", "62,413,800,000", "ok", {"ips": max_ips})
    add("mor.ys.accessrate", f"{YELLOW}, example", "AccessRate", "48.067", "wrong",
        {"ips": max_ips / 1_300_289, "whole": floor(max_ips / 1_300_289), "supply for 48,067": max_ips / 48_067},
        "47,999.94: the print is 1,000 times too small, and its digits are off.")
    add("mor.ys.usermax", f"{YELLOW}, example", "UserMax of 10 MOR", "480.067", "wrong",
        {"ips": 10 * max_ips / 1_300_289, "whole": floor(10 * max_ips / 1_300_289), "ten times the print": F(48_067, 100)},
        "479,999.45; even ten times the printed rate is 480.67.")
    add("mor.ys.half", f"{YELLOW}, budget", "half of the first day's compute emission", "none", "parameter",
        {"MOR": F(3456, 2)})

    # Heurist
    add("hue.cap", f"{HEURIST}, token economics", "maximum supply; testnet miners 5%; NFT holders 2%", "1e9", "ok",
        {"supply": sum(row[0] for row in e.HUE_ROWS), "testnet": 10**9 * 5 // 100, "holders": 10**9 * 2 // 100,
         "holders in the later table": 12_845_000 + 300_000 + 6_855_000})
    add("hue.min", f"{HEURIST}, mining", "efficiency in proportion to the stake from 10,000 to 100,000", "none",
        "ambiguous", {"10,000": F(1), "55,000": F(55_000, 10_000), "100,000": F(10)},
        "neither slope nor maximum is given: a parameter, by default the stake over the minimum")
    add("hue.lock", f"{HEURIST}, staking", "unlock of HUE; vesting of 1000 esHUE over a year", "30 days; linear",
        "parameter", {"quarter": 1000 // 4, "half": 1000 // 2, "unlock days": 30},
        "the contract burns the vested part and 10% of the rest at a claim")
    add("hue.llama", f"{HEURIST}, testnet", "Llama points", "1 for 1,000 tokens of Mixtral 8x7b", "parameter",
        {"2,500 tokens": F(5, 2), "1,000 tokens at a half": F(1, 2)})
    add("hue.waifu", f"{HEURIST}, testnet", "Waifu points", "1 for 512 x 512 in 20 steps", "parameter",
        {"512 x 512 x 20": F(512 * 512 * 20, 512 * 512 * 20), "1024 x 1024 x 20": F(1024 * 1024 * 20, 512 * 512 * 20),
         "768 x 512 x 30": F(768 * 512 * 30, 512 * 512 * 20)})

    # ASXN
    add("asxn.h100", f"{ASXN}, GPU costs", "600,000 cards at $30,000 to $40,000", "$10.5 to 24 billion", "wrong",
        {"350,000 at 30,000": 350_000 * 30_000, "low": 600_000 * 30_000, "high": 600_000 * 40_000},
        "18 to 24 billion: the lower bound was taken from 350,000 cards.")
    add("asxn.filecoin", f"{ASXN}, storage", "$23 against $0.19", "121x", "ok", {"ratio": F(2300, 19)})
    add("asxn.gpt", f"{ASXN}, growth", "117 million to 1.8 trillion parameters", "over 10,000x", "ok",
        {"ratio": F(1_800_000, 117)})
    add("asxn.zb", f"{ASXN}, data growth", "175 ZB in 2025 to 2,000 ZB in 2035", "over 10x in 15 years", "wrong",
        {"ratio": F(2000, 175), "years": 2035 - 2025}, "11.4x, but in 10 years")
    return out


def to_json(rows: list[Fact]) -> str:
    lines = ["["]
    for i, row in enumerate(rows):
        item = {"id": row.id, "source": row.source, "said": row.said, "printed": row.printed, "verdict": row.verdict,
                "values": row.text, "note": row.note}
        lines.append(json.dumps(item, ensure_ascii=False) + ("," if i + 1 < len(rows) else ""))
    return "\n".join(lines + ["]"]) + "\n"


def shown(text: str) -> str:
    """A value for people: fractions as decimals too."""
    if "/" not in text:
        return text
    return f"{text} ≈ {nine(F(text)).rstrip('0').rstrip('.')}"


def to_markdown(rows: list[Fact]) -> str:
    names = {"ok": "comes out", "rounded": "comes out, rounded", "wrong": "wrong", "ambiguous": "ambiguous",
             "irreproducible": "not reproducible", "parameter": "a choice"}
    lines = [
        "# Sources, checked",
        "",
        "Every figure that the sources print, recomputed with exact arithmetic. This page is written by",
        "`tests/reference/emission_facts.py`; change the table there. The test `emission.Facts` computes each value a",
        "second time with the library and compares.",
        "",
        "| how the print fares | rows |",
        "|---|---|",
        *(f"| {label} | {sum(row.verdict == verdict for row in rows)} |" for verdict, label in names.items()),
        "",
        "## Printed figures that are wrong, ambiguous or not reproducible",
        "",
        "| id | source | what it says | printed | why |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        if row.verdict in ("wrong", "ambiguous", "irreproducible"):
            lines.append(f"| {row.id} | {row.source} | {row.said} | {row.printed} | {row.note} |")
    lines += ["", "## All rows", ""]
    for row in rows:
        lines += [f"### {row.id}", "", f"{row.source}: {row.said}. Printed: {row.printed}. Verdict: {names[row.verdict]}."]
        if row.note:
            lines += ["", row.note[0].upper() + row.note[1:] + ("" if row.note.endswith(".") else ".")]
        lines += ["", *(f"* {name}: {shown(value)}" for name, value in row.text.items()), ""]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the files instead of writing them")
    check = parser.parse_args().check
    rows = facts()
    assert len({row.id for row in rows}) == len(rows)
    same = True
    for path, text in ((e.VECTORS / "facts.json", to_json(rows)), (ROOT / "docs" / "sources-checked.md", to_markdown(rows))):
        if not check:
            path.write_text(text)
        elif not path.is_file() or path.read_text() != text:
            print(f"{path.name} is not what the table gives", file=sys.stderr)
            same = False
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
