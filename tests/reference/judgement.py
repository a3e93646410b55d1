#!/usr/bin/env python3
"""Binomial and sequential tests, confidence bounds and the judgement of an epoch, from docs/spec/judgement.md.

Rational numbers wherever they are feasible, decimals of 120 digits elsewhere; no decision is taken where these digits do
not tell. Run: judgement.py [--check].
"""

from __future__ import annotations

import hashlib
import struct
import sys
from decimal import Decimal, getcontext
from fractions import Fraction
from math import ceil, comb, floor
from typing import Any, Callable, Iterable, Optional

import numpy as np

from vector_file import Vectors, write_or_check

getcontext().prec = 120
DOUBT = Decimal(10) ** -90


def vectors(description: str, **content: Any) -> Vectors:
    out = Vectors(description, **content)
    out.content["source"] = "tests/reference/judgement.py"
    return out


def decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def pair(value: Fraction) -> list[str]:
    return [str(value.numerator), str(value.denominator)]


def below(a: Decimal, b: Decimal) -> bool:
    assert abs(a - b) > DOUBT * max(abs(a), abs(b)), "120 digits do not decide"
    return a < b


# ---------------------------------------------------------------------------------------------------------------------
# Binomial tests


def critical(n: int, p: Fraction, limit: Fraction) -> Optional[int]:
    """The fewest successes with P(X >= k) <= limit, in integers."""
    a, b = p.numerator, p.denominator
    bound, tail, found = limit * b**n, 0, None
    for k in range(n, 0, -1):
        tail += comb(n, k) * a**k * (b - a) ** (n - k)
        if tail > bound:
            break
        found = k
    return found


def tail(n: int, k: int, p: Fraction) -> Fraction:
    q = 1 - p
    return sum((comb(n, j) * p**j * q ** (n - j) for j in range(k, n + 1)), Fraction(0))


def long_critical(n: int, p: Fraction, limit: Fraction) -> Optional[int]:
    """By the terms above the mean, upwards until they vanish, and their sums from the last one down."""
    odds, start = decimal(p / (1 - p)), floor(n * p) + 1
    terms = [Decimal(comb(n, start)) * decimal(p) ** start * decimal(1 - p) ** (n - start)]
    while start + len(terms) <= n and terms[-1] > Decimal(10) ** -110:
        k = start + len(terms)
        terms.append(terms[-1] * (n - k + 1) / k * odds)
    tail, bound = Decimal(0), decimal(limit)
    for k in range(start + len(terms) - 1, start - 1, -1):
        tail += terms[k - start]
        if below(bound, tail):
            return k + 1 if k < n else None
    raise AssertionError("the mean itself convicts")


RATES = [Fraction(1, 1000), Fraction(1, 100), Fraction(1, 20), Fraction(1, 10), Fraction(1, 5), Fraction(1, 3), Fraction(2, 5),
         Fraction(1, 2), Fraction(9, 10), Fraction(999, 1000), Fraction(123456, 1000003)]
LIMITS = [Fraction(1, 20), Fraction(1, 100), Fraction(1, 10**7), Fraction(1, 2), Fraction(9, 10), Fraction(1, 2**20),
          Fraction(2**31 - 2, 2**31 - 1)]


def binomial() -> Vectors:
    dense = [{"rate": pair(p), "significance": pair(limit), "critical": [critical(n, p, limit) or 0 for n in range(81)]}
             for p in RATES for limit in LIMITS]
    large = [{"rate": pair(p), "significance": pair(limit), "checks": n, "critical": long_critical(n, p, limit)}
             for n in (1000, 10_000, 100_000) for p in RATES[:8] for limit in (LIMITS[0], LIMITS[2], LIMITS[5])]
    values = [{"rate": pair(p), "checks": n, "failures": k, "value": str(max(1, ceil(tail(n, k, p) * 2**63)))}
              for p in RATES for n in (1, 2, 7, 40) for k in sorted({0, 1, n // 2, n - 1, n})]
    bounds = []
    for error in (Fraction(1, 20), Fraction(1, 100), Fraction(1, 1000)):
        for n in (0, 1, 10, 59, 299, 300):
            for k in sorted({0, 1, n // 10, n // 2, n - 1, n}):
                if 0 <= k <= n:
                    bounds.append({"error": pair(error), "trials": n, "successes": k,
                                   "upper": clopper_pearson_upper(n, k, error), "lower": clopper_pearson_lower(n, k, error)})
    return vectors("Exact one-sided binomial tests. critical: the fewest failures that convict for 0, 1, 2, ... checks, 0 "
                   "when none do. value: the p-value in units of 2^-63, rounded up. upper, lower: the Clopper-Pearson "
                   "bounds in millionths.",
                   dense=dense, large=large, p_values=values, bounds=bounds)


def search(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The least number from low on that satisfies what larger ones satisfy too; `high` when none below it does."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def at_most(n: int, k: int, p: Fraction) -> Fraction:
    a, b = p.numerator, p.denominator
    return Fraction(sum(comb(n, j) * a**j * (b - a) ** (n - j) for j in range(k + 1)), b**n)


def clopper_pearson_upper(n: int, k: int, error: Fraction) -> int:
    return search(1, 10**6, lambda rate: at_most(n, k, Fraction(rate, 10**6)) <= error)


def clopper_pearson_lower(n: int, k: int, error: Fraction) -> int:
    if k == 0:
        return 0
    return search(1, 10**6, lambda rate: 1 - at_most(n, k - 1, Fraction(rate, 10**6)) > error) - 1


# ---------------------------------------------------------------------------------------------------------------------
# Sequential tests


class Sequential:
    def __init__(self, honest: Fraction, dishonest: Fraction, errors: Optional[tuple[Fraction, Fraction]] = None,
                 limits: Optional[tuple[Fraction, Fraction]] = None) -> None:
        self.honest, self.dishonest, self.errors, self.limits = honest, dishonest, errors, limits
        self.known: dict[tuple[int, int], str] = {}

    def ratio(self, failures: int, passes: int) -> Fraction:
        return (self.dishonest / self.honest) ** failures * ((1 - self.dishonest) / (1 - self.honest)) ** passes

    def logarithm(self, failures: int, passes: int) -> Decimal:
        one = [decimal(self.ratio(1, 0)).ln(), decimal(self.ratio(0, 1)).ln()]
        return failures * one[0] + passes * one[1]

    def decide(self, failures: int, passes: int) -> str:
        """a, r or u: accepted, rejected, undecided."""
        key = (failures, passes)
        if key not in self.known:
            if self.errors:
                convicted, missed = self.errors
                ratio = self.ratio(failures, passes)
                self.known[key] = ("r" if ratio >= (1 - missed) / convicted else
                                   "a" if ratio <= missed / (1 - convicted) else "u")
            else:
                assert self.limits
                log = self.logarithm(failures, passes)
                rejection, acceptance = map(decimal, self.limits)
                self.known[key] = "u" if below(log, rejection) and below(-acceptance, log) else "r" if log > 0 else "a"
        return self.known[key]

    def describe(self) -> dict[str, Any]:
        out: dict[str, Any] = {"honest": pair(self.honest), "dishonest": pair(self.dishonest)}
        if self.errors:
            return out | {"errors": [pair(x) for x in self.errors]}
        assert self.limits
        return out | {"limits": [pair(x) for x in self.limits]}


TESTS = [
    Sequential(Fraction(1, 20), Fraction(1, 5), limits=(Fraction(4), Fraction(4))),
    Sequential(Fraction(1, 10), Fraction(1, 5), limits=(Fraction(4), Fraction(4))),
    Sequential(Fraction(1, 20), Fraction(1, 5), limits=(Fraction(7, 2), Fraction(1, 3))),
    Sequential(Fraction(1, 1000), Fraction(999, 1000), limits=(Fraction(20), Fraction(20))),
    Sequential(Fraction(123456789, 1000000007), Fraction(123456790, 1000000007), limits=(Fraction(1, 10**9), Fraction(1, 10**8))),
    Sequential(Fraction(1, 20), Fraction(1, 5), errors=(Fraction(1, 1000), Fraction(1, 100))),
    Sequential(Fraction(1, 4), Fraction(1, 2), errors=(Fraction(1, 3), Fraction(1, 3))),
    Sequential(Fraction(1, 3), Fraction(2, 3), errors=(Fraction(1, 65), Fraction(1, 65))),
    Sequential(Fraction(1, 100), Fraction(1, 10), errors=(Fraction(1, 10**6), Fraction(1, 10))),
    Sequential(Fraction(2, 5), Fraction(1, 2), errors=(Fraction(1, 20), Fraction(1, 20))),
]


def sequential() -> Vectors:
    cases = []
    for test in TESTS:
        one = [decimal(test.ratio(1, 0)).ln(), -decimal(test.ratio(0, 1)).ln()]
        rows = ["".join(test.decide(f, s) for s in range(0, 161)) for f in range(41)]
        cases.append(test.describe() | {"logarithms": [str(int(x * 2**80)) for x in one], "rows": rows})
    runs = []
    for rate in (Fraction(1, 20), Fraction(1, 10), Fraction(1, 2), Fraction(99, 100), Fraction(2**31 - 2, 2**31 - 1)):
        for limit in (Fraction(1, 10**6), Fraction(1, 20), Fraction(1, 400), Fraction(1, 2), Fraction(99, 100),
                      Fraction(1, 2**30)):
            chance, run = rate, 1
            while rate < Fraction(999, 1000) and chance >= limit:
                chance, run = chance * rate, run + 1
            runs.append({"rate": pair(rate), "limit": pair(limit), "run": run if chance < limit else 0})
    return vectors("Wald's sequential test: the decision after 0 to 40 failures, a row each, and 0 to 160 passes: a accepted, "
                   "r rejected, u undecided. errors: of conviction and of missing; or limits: H of rejection and of "
                   "acceptance. logarithms: of p1/p0 and (1-p0)/(1-p1), in units of 2^-80, rounded down. runs: failures in "
                   "a row that convict, 0 when more than 65536.", tests=cases, runs=runs)


# ---------------------------------------------------------------------------------------------------------------------
# The judgement of an epoch


def splitmix(seed: int, first: int, count: int) -> np.ndarray:
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(first + 1, first + count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


SEQUENCES, LENGTH, SEED = 100_000, 200, 2026
NOBODY, RUN, SEQUENTIAL, EPOCH = range(4)


def judgement() -> Vectors:
    """All sequences at once, check by check."""
    test, run_limit = TESTS[0], 5
    epoch = [critical(n, Fraction(1, 10), Fraction(1, 20)) or n + 1 for n in range(LENGTH + 1)]
    rates = [Fraction(1, 20), Fraction(1, 10), Fraction(1, 5), Fraction(1, 2)]
    rate_of = np.array([floor(rates[i % 4] * 2**64) for i in range(SEQUENCES)], dtype=np.uint64)
    failed = np.stack([splitmix(SEED + i, 0, LENGTH) for i in range(SEQUENCES)]) < rate_of[:, None]
    table = {"a": 1, "r": 2, "u": 0}
    decisions = np.array([[table[test.decide(f, s)] for s in range(LENGTH + 1)] for f in range(40)])
    zero = lambda: np.zeros(SEQUENCES, dtype=np.int64)
    checks, failures, run, f, s, accepted, rule = (zero() for _ in range(7))
    for step in range(LENGTH):
        live = rule == NOBODY
        bad = failed[:, step] & live
        good = ~failed[:, step] & live
        checks += live
        failures += bad
        run = np.where(bad, run + 1, np.where(good, 0, run))
        f, s = f + bad, s + good
        decided = decisions[f, s]
        rule = np.where(live & (run >= run_limit), RUN, np.where(live & (decided == 2), SEQUENTIAL, rule))
        over = live & (rule == NOBODY) & (decided == 1)
        accepted += over
        f, s = np.where(over, 0, f), np.where(over, 0, s)
    ended = np.where((rule == NOBODY) & (failures >= np.array(epoch)[checks]), EPOCH, rule)
    rows = np.stack([ended, checks, failures, run, f, s, accepted], axis=1).astype("<u4")
    node = bytes([7]) * 32
    tallies = []
    for row in rows[:12]:
        tally = struct.pack("<7IB", 1, *row[1:4].tolist(), *row[4:7].tolist(), int(row[0]))
        evidence = hashlib.blake2b(node + tally, digest_size=32, person=b"pouw.evidence.v1").hexdigest()
        tallies.append({"tally": tally.hex(), "evidence": evidence if row[0] else ""})
    rules = [[int(np.sum(ended[i::4] == g)) for g in range(4)] for i in range(4)]
    return vectors("100,000 sequences of at most 200 checks. Sequence i is a fault where the next number of splitmix64 seeded "
                   "with seed + i lies below floor(rate · 2^64), rate = rates[i mod 4]; it ends with a conviction. Rules: a run of "
                   "1/20 below 10^-6; 1/20 against 1/5 with H = 4; at the end 1/10 with significance 1/20. rules: for each "
                   "rate the sequences without conviction, by run, by sequential test and by the epoch. digest: BLAKE2b-256 of "
                   "rule, checks, failures, run, failures and passes of the sequential test and its acceptances, four bytes "
                   "each, sequence by sequence. tallies: the encodings of the first twelve, and the evidence against the node "
                   "whose id is 32 times 07.",
                   seed=SEED, sequences=SEQUENCES, length=LENGTH, rates=[pair(r) for r in rates], rules=rules, tallies=tallies,
                   digest=hashlib.blake2b(rows.tobytes(), digest_size=32).hexdigest())


def produce() -> Iterable[tuple[str, bytes]]:
    yield "stats/binomial.json", binomial().encode()
    yield "stats/sequential.json", sequential().encode()
    yield "judgement/judgement.json", judgement().encode()


if __name__ == "__main__":
    sys.exit(write_or_check(__doc__, produce))
