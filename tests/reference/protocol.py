#!/usr/bin/env python3
"""The clock of the Race, written from docs/spec/protocol.md section 1.

    protocol.py            writes tests/vectors/protocol/clock.json
    protocol.py --check    fails when the file is not what it would write
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any, Optional

import pow as race
from validation import Refused, label
from vector_file import Vectors, write_or_check

WINDOW, PERIOD, LAST = 2**20, 2**40, 2**63 - 1
CHAIN = b"pouw-test"


@dataclass(frozen=True)
class Clock:
    first: int
    period: int
    race: int
    submission: int
    opening: int
    verification: int
    deal: int
    finality: int
    reveal: int
    rounds: int
    recovery: int
    head_start: int
    largest: Fraction

    def ceremony(self, start: int) -> dict[str, int]:
        """One round after the other: each of them, but the last, fails when its deal window has ended."""
        at = start
        for _ in range(self.rounds - 1):
            at += self.deal + 1
        end = at + self.deal + self.finality + self.reveal + self.recovery
        return {"freeze": start - self.finality - 1, "start": start, "known_at": start + self.deal + self.finality, "end": end}

    def length(self) -> int:
        return self.ceremony(0)["end"]

    def seed(self, epoch: int) -> int:
        return self.first + (epoch - 1) * self.period

    def heights(self, epoch: int, seed_at: Optional[int] = None, samples_at: Optional[int] = None) -> dict[str, Any]:
        scheduled = self.seed(epoch)
        seed = scheduled if seed_at is None else max(scheduled, seed_at)
        race_end = seed + self.race
        commitments_end = race_end + self.submission
        samples = self.ceremony(commitments_end - self.deal + 1)
        known = samples["end"] if samples_at is None else max(samples["end"], samples_at)
        openings_end = known + self.opening
        handover = openings_end + self.verification
        return {"seed_ceremony": self.ceremony(scheduled - self.length()), "seed": seed, "race_end": race_end,
                "commitments_end": commitments_end, "sample_ceremony": samples, "openings_start": known + 1,
                "openings_end": openings_end, "handover": handover, "activation": handover + 1}  # fmt: skip

    def last_activation(self, epoch: int) -> int:
        if epoch == 0:
            raise Refused("no_race")
        if self.seed(epoch + 1) > LAST:
            raise Refused("overflow")
        return self.ceremony(self.seed(epoch + 1) - self.length())["freeze"]

    def schedule(self, epoch: int, seed_at: Optional[int] = None, samples_at: Optional[int] = None) -> dict[str, Any]:
        latest = self.last_activation(epoch)
        if max(seed_at or 0, samples_at or 0) > LAST:
            raise Refused("late_output")
        out = self.heights(epoch, seed_at, samples_at)
        for at, which in ((seed_at, "seed_ceremony"), (samples_at, "sample_ceremony")):
            if at is not None and at < out[which]["known_at"]:
                raise Refused("early_output")
        if out["activation"] > latest:
            raise Refused("late_output")
        return out

    def check(self) -> None:
        windows = (self.race, self.submission, self.opening, self.verification, self.deal, self.reveal, self.recovery, self.head_start)
        if any(not 1 <= window <= WINDOW for window in windows) or self.finality > WINDOW or not 1 <= self.rounds <= 64:
            raise Refused("invalid_window")
        if not 1 <= self.period <= PERIOD or not 0 < self.largest < 1:
            raise Refused("invalid_window")
        if self.race <= self.finality:
            raise Refused("unsettled_seed")
        # Relative to seed block 0; negative numbers are no trouble here.
        this, following = replace(self, first=0).heights(1), replace(self, first=0).heights(2)
        if this["sample_ceremony"]["start"] <= this["seed"]:
            raise Refused("early_samples")
        if this["activation"] > following["seed_ceremony"]["freeze"]:
            raise Refused("short_period")
        if self.ceremony(self.first - self.length())["freeze"] < 0:
            raise Refused("early_race")
        if Fraction(self.head_start, self.race) > self.largest:
            raise Refused("head_start")
        if self.first > LAST:
            raise Refused("overflow")

    def slack(self) -> int:
        return self.last_activation(1) - self.heights(1)["activation"]

    # Of a block: by looking at every epoch that can have to do with it.

    def near(self, height: int) -> range:
        guess = (height - self.first) // self.period + 1
        return range(max(1, guess - 2), max(1, guess) + 3)

    def epoch_of(self, height: int) -> int:
        return max([epoch for epoch in self.near(height) if self.seed(epoch) <= height], default=0)

    def next_seed(self, height: int) -> int:
        return min(self.seed(epoch) for epoch in self.near(height) if self.seed(epoch) > height)

    def weights_of(self, height: int) -> int:
        return max([epoch for epoch in self.near(height) if self.heights(epoch)["activation"] <= height], default=0)

    def phase(self, height: int) -> str:
        for epoch in self.near(height):
            at = self.heights(epoch)
            ends = [("ceremony", at["seed"]), ("race", at["race_end"]), ("submission", at["commitments_end"]),
                    ("sampling", at["openings_start"] - 1), ("opening", at["openings_end"]), ("verification", at["handover"])]  # fmt: skip
            if height >= at["seed_ceremony"]["start"]:
                for phase, end in ends:
                    if height <= end:
                        break
                else:
                    continue
                return phase
        return "tasks"


def text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: text(entry) for key, entry in value.items()}
    return str(value)


def parameters(clock: Clock) -> dict[str, Any]:
    return {**{field.name: str(getattr(clock, field.name)) for field in fields(clock) if field.name != "largest"},
            "largest_head_start": [str(clock.largest.numerator), str(clock.largest.denominator)]}  # fmt: skip


PLAIN = Clock(first=1000, period=1000, race=100, submission=20, opening=30, verification=50, deal=20, finality=10, reveal=20,
              rounds=2, recovery=30, head_start=5, largest=Fraction(1, 20))  # fmt: skip


def tight(clock: Clock) -> int:
    """The shortest period of a clock."""
    long = replace(clock, first=10**9, period=PERIOD)
    return PERIOD - long.slack()


def random_clock(draw: random.Random) -> Clock:
    size = lambda: draw.randint(1, draw.choice((3, 30, 300, WINDOW)))  # noqa: E731
    finality = draw.choice((0, 1, 10, draw.randint(0, 1000)))
    clock = Clock(0, 1, finality + size() if finality else size(), size(), size(), size(), 1, finality, size(), draw.randint(1, 64),
                  size(), 1, Fraction(1, 2))  # fmt: skip
    clock = replace(clock, race=min(max(2, clock.race), WINDOW))
    clock = replace(clock, deal=draw.randint(1, min(WINDOW, clock.race + clock.submission)))
    clock = replace(clock, first=clock.length() + 1 + finality + draw.choice((0, draw.randint(0, 10**6))),
                    head_start=draw.randint(1, clock.race // 2))  # fmt: skip
    return replace(clock, period=min(PERIOD, tight(clock) + draw.choice((0, 1, draw.randint(0, 10**6)))))


def bad_clocks() -> list[Clock]:
    one = {name: 0 for name in ("race", "submission", "opening", "verification", "deal", "reveal", "rounds", "recovery",
                                "head_start", "period")}  # fmt: skip
    out = [replace(PLAIN, **{name: value}) for name, value in one.items()]
    out += [replace(PLAIN, **{name: WINDOW + 1}) for name in one if name not in ("rounds", "period")]
    out += [replace(PLAIN, finality=WINDOW + 1), replace(PLAIN, rounds=65), replace(PLAIN, period=PERIOD + 1),
            replace(PLAIN, largest=Fraction(0)), replace(PLAIN, largest=Fraction(1)),
            replace(PLAIN, finality=100), replace(PLAIN, finality=101), replace(PLAIN, deal=121, first=3000, period=3000),
            replace(PLAIN, period=tight(PLAIN) - 1), replace(PLAIN, first=PLAIN.length() + 10), replace(PLAIN, head_start=6),
            replace(PLAIN, first=LAST + 1), replace(PLAIN, largest=Fraction(499, 10000))]  # fmt: skip
    return out


def good_clocks() -> list[Clock]:
    draw = random.Random(17)
    return [PLAIN, replace(PLAIN, finality=0), replace(PLAIN, finality=99, first=3000, period=3000),
            replace(PLAIN, deal=120, first=3000, period=3000), replace(PLAIN, period=tight(PLAIN)),
            replace(PLAIN, first=PLAIN.length() + 11), replace(PLAIN, first=LAST - 3000),
            *(random_clock(draw) for _ in range(8))]  # fmt: skip


def blocks(clock: Clock) -> list[dict[str, str]]:
    draw = random.Random(clock.period)
    heights = {0, clock.first - 1, LAST}
    for epoch in (1, 2, 7):
        at = clock.heights(epoch)
        edges = [value for value in at.values() if not isinstance(value, dict)] + [*at["seed_ceremony"].values()]
        heights |= {edge + step for edge in edges for step in (-1, 0, 1)} | {draw.randrange(at["seed"], at["seed"] + clock.period)}
    return [{"height": str(h), "epoch": str(clock.epoch_of(h)), "next_seed": str(clock.next_seed(h)), "phase": clock.phase(h),
             "weights": str(clock.weights_of(h))} for h in sorted(heights) if 0 <= h <= LAST]  # fmt: skip


def schedules(clock: Clock) -> list[dict[str, Any]]:
    """On time, early, late by as much as there is room for, and later."""
    slack, out = clock.slack() if clock.seed(2) <= LAST else 0, []
    last = clock.epoch_of(LAST)
    for epoch in (0, 1, 5, last - 1, last, last + 1):
        if epoch < 0:
            continue
        at = clock.heights(epoch)
        known, sampled = at["seed_ceremony"]["known_at"], at["sample_ceremony"]
        cases: list[tuple[Optional[int], Optional[int]]] = [(None, None)]
        if epoch in (1, 5):
            late = at["seed"] + slack
            part = at["seed"] + slack // 3
            moved = clock.heights(epoch, part)["sample_ceremony"]
            cases += [(known, None), (known - 1, None), (at["seed"], None), (late, None), (late + 1, None), (None, sampled["known_at"]),
                      (None, sampled["known_at"] - 1), (None, sampled["end"] + slack), (None, sampled["end"] + slack + 1),
                      (part, moved["end"] + slack - slack // 3), (part, moved["end"] + slack - slack // 3 + 1),
                      (part, moved["known_at"] - 1), (2**64 - 1, None), (None, 2**63)]  # fmt: skip
        for seed_at, samples_at in cases:
            entry: dict[str, Any] = {"epoch": str(epoch)}
            if seed_at is not None:
                entry["seed_at"] = str(seed_at)
            if samples_at is not None:
                entry["samples_at"] = str(samples_at)
            try:
                entry |= {"last_activation": str(clock.last_activation(epoch)), "heights": text(clock.schedule(epoch, seed_at, samples_at))}
            except Refused as refused:
                entry["error"] = str(refused)
            out.append(entry)
    return out


def seeds() -> list[dict[str, Any]]:
    out = []
    known = PLAIN.heights(3)["seed_ceremony"]["known_at"]
    slack = PLAIN.slack()
    for known_at, complete_at, height in ((known, known, 3000), (known, 3000, 3000), (known + 1, 3001, 3001), (known, 3001, 3000),
                                          (known, 2999, 3001), (known - 1, 2999, 3000), (known, 3000 + slack, 3000 + slack),
                                          (known, 3001 + slack, 3001 + slack)):  # fmt: skip
        value, block = label("output", height), label("block", height)
        entry = {"epoch": "3", "output": value.hex(), "known_at": str(known_at), "complete_at": str(complete_at),
                 "height": str(height), "block": block.hex()}  # fmt: skip
        try:
            at = PLAIN.schedule(3, complete_at)
            if known_at < known:
                raise Refused("early_output")
            if height != at["seed"]:
                raise Refused("other_seed_block")
            entry["race_seed"] = race.race_seed(CHAIN, height, block, value).hex()
        except Refused as refused:
            entry["error"] = str(refused)
        out.append(entry)
    return out


def produce() -> dict[str, bytes]:
    clocks = []
    for clock in good_clocks():
        clock.check()
        clocks.append({"parameters": parameters(clock), "ceremony_length": str(clock.length()),
                       "slack": str(clock.period - tight(clock)), "schedules": schedules(clock), "blocks": blocks(clock)})  # fmt: skip
    bad = []
    for clock in bad_clocks():
        try:
            clock.check()
            raise AssertionError(clock)
        except Refused as refused:
            bad.append({"parameters": parameters(clock), "error": str(refused)})
    vectors = Vectors(
        "Clocks with the heights of epochs, for ceremonies in time and late, and what their blocks are; clocks that are refused; seeds "
        "of Races under the first clock.",
        clocks=clocks, bad=bad, chain_id=CHAIN.hex(), seeds=seeds())  # fmt: skip
    vectors.content["source"] = "tests/reference/protocol.py"
    return {"protocol/clock.json": vectors.encode()}


def main() -> int:
    return write_or_check(__doc__, lambda: produce().items())


if __name__ == "__main__":
    sys.exit(main())
