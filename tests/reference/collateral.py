#!/usr/bin/env python3
"""Collateral, written from docs/spec/economics.md section 9.

    collateral.py            writes tests/vectors/economics/collateral.json
    collateral.py --check    fails when the file is not what it would write
"""

from __future__ import annotations

import random
import sys
from fractions import Fraction
from hashlib import blake2b, sha256
from math import ceil, floor
from typing import Any, Iterable, Optional

from vector_file import Vectors, write_or_check

ONE = 10**6
MAX_AMOUNT, MAX_U64 = 2**127 - 1, 2**64 - 1
MOST = 64


class Refused(Exception):
    """The stable name of the error."""


def le(value: int, size: int) -> bytes:
    return value.to_bytes(size, "little")


def label(*parts: Any) -> str:
    """An id that means nothing."""
    return sha256(" ".join(map(str, parts)).encode()).hexdigest()


def demand(holds: bool, error: str) -> None:
    if not holds:
        raise Refused(error)


class Stake:
    def __init__(self, owner: str) -> None:
        self.owner, self.bonded = owner, 0
        self.entries: dict[int, int] = {}
        self.liabilities: dict[tuple[str, int], int] = {}

    def total(self) -> int:
        return self.bonded + sum(self.entries.values())


class Collateral:
    def __init__(self, rules: dict[str, int]) -> None:
        self.rules = rules
        self.stakes: dict[str, Stake] = {}
        self.convicted: dict[str, int] = {}
        self.evidence: dict[str, set[str]] = {}
        self.paid_in = self.withdrawn = self.awarded = self.forfeited = 0

    def own(self, node: str, owner: str) -> Stake:
        demand(node in self.stakes, "unknown_stake")
        demand(self.stakes[node].owner == owner, "other_owner")
        return self.stakes[node]

    def tidy(self) -> None:
        for stake in self.stakes.values():
            stake.entries = {k: v for k, v in stake.entries.items() if v}
            stake.liabilities = {k: v for k, v in stake.liabilities.items() if v}
        self.stakes = {node: stake for node, stake in self.stakes.items() if stake.total()}

    def lock(self, node: str, owner: str, amount: int) -> None:
        demand(amount >= 1, "invalid_amount")
        demand(node not in self.stakes or self.stakes[node].owner == owner, "other_owner")
        demand(self.paid_in + amount <= MAX_AMOUNT, "overflow")
        self.paid_in += amount
        self.stakes.setdefault(node, Stake(owner)).bonded += amount

    def unlock(self, node: str, owner: str, amount: int, height: int) -> int:
        stake = self.own(node, owner)
        demand(amount >= 1, "invalid_amount")
        demand(amount <= stake.bonded, "insufficient_stake")
        release = height + self.rules["unbonding"]
        demand(release <= MAX_U64, "overflow")
        demand(release in stake.entries or len(stake.entries) < MOST, "too_many_entries")
        stake.bonded -= amount
        stake.entries[release] = stake.entries.get(release, 0) + amount
        return release

    def withdraw(self, node: str, owner: str, height: int) -> int:
        stake = self.own(node, owner)
        due = [release for release in stake.entries if release <= height]
        demand(bool(due), "too_early")
        paid = sum(stake.entries.pop(release) for release in due)
        self.withdrawn += paid
        self.tidy()
        return paid

    def move(self, source: str, to: str, owner: str, amount: int, height: int) -> None:
        demand(self.rules["moves"] == 1, "stake_fixed")
        stake = self.own(source, owner)
        demand(to not in self.stakes or self.stakes[to].owner == owner, "other_owner")
        demand(source != to, "same_node")
        demand(amount >= 1, "invalid_amount")
        demand(amount <= stake.bonded, "insufficient_stake")
        demand(all(end <= height for _, end in stake.liabilities), "stake_liable")
        end = height + self.rules["unbonding"]
        demand(end <= MAX_U64, "overflow")
        there = self.stakes[to].liabilities if to in self.stakes else {}
        there = {key: value for key, value in there.items() if key[1] > height}
        if self.rules["unbonding"]:
            demand((source, end) in there or len(there) < MOST, "too_many_entries")
            there[source, end] = there.get((source, end), 0) + amount
        stake.bonded -= amount
        stake.liabilities = {}
        target = self.stakes.setdefault(to, Stake(owner))
        target.bonded += amount
        target.liabilities = there
        self.tidy()

    def part(self, amount: int) -> int:
        return ceil(Fraction(self.rules["slash_rate"], ONE) * amount)

    def slash(self, node: str, evidence: str, height: int, epoch: int, finder: Optional[str]) -> tuple[int, int, int]:
        known = self.evidence.setdefault(node, set())
        try:
            demand(evidence not in known, "duplicate_evidence")
            demand(epoch >= self.convicted.get(node, 0), "epoch_out_of_order")
        except Refused:
            if not known:
                del self.evidence[node]
            raise
        known.add(evidence)
        if self.convicted.get(node) == epoch:
            return 0, 0, 0
        self.convicted[node] = epoch
        taken, owners = 0, set()
        if node in self.stakes:
            stake = self.stakes[node]
            owners.add(stake.owner)
            taken += self.part(stake.bonded)
            stake.bonded -= self.part(stake.bonded)
            for release, amount in stake.entries.items():
                taken += self.part(amount)
                stake.entries[release] = amount - self.part(amount)
        for other in sorted(self.stakes):
            stake = self.stakes[other]
            for key in sorted(stake.liabilities):
                if key[0] != node or key[1] <= height:
                    continue
                owners.add(stake.owner)
                wanted = self.part(stake.liabilities[key])
                stake.liabilities[key] -= wanted
                from_bonded = min(wanted, stake.bonded)
                stake.bonded -= from_bonded
                taken, wanted = taken + from_bonded, wanted - from_bonded
                for release in sorted(stake.entries):
                    here = min(wanted, stake.entries[release])
                    stake.entries[release] -= here
                    taken, wanted = taken + here, wanted - here
        self.tidy()
        award = floor(Fraction(self.rules["finder_share"], ONE) * taken)
        if finder is None or finder == node or finder in owners:
            award = 0
        self.awarded += award
        self.forfeited += taken - award
        return taken, award, taken - award

    def held(self) -> int:
        return sum(stake.total() for stake in self.stakes.values())

    def save(self) -> bytes:
        rules = self.rules
        out = b"pouwcol1" + le(1, 4) + le(rules["minimum"], 16) + le(rules["unbonding"], 8)
        out += le(rules["slash_rate"], 4) + le(rules["finder_share"], 4) + le(rules["moves"], 1)
        for amount in (self.paid_in, self.withdrawn, self.awarded, self.forfeited):
            out += le(amount, 16)
        out += le(len(self.stakes), 4)
        for node in sorted(self.stakes):
            stake = self.stakes[node]
            out += bytes.fromhex(node + stake.owner) + le(stake.bonded, 16) + le(len(stake.entries), 4)
            for release in sorted(stake.entries):
                out += le(release, 8) + le(stake.entries[release], 16)
            out += le(len(stake.liabilities), 4)
            for source, end in sorted(stake.liabilities):
                out += bytes.fromhex(source) + le(end, 8) + le(stake.liabilities[source, end], 16)
        out += le(len(self.convicted), 4)
        for node in sorted(self.convicted):
            digests = sorted(self.evidence[node])
            out += bytes.fromhex(node) + le(self.convicted[node], 8) + le(len(digests), 4) + bytes.fromhex("".join(digests))
        return out


# ---------------------------------------------------------------------------------------------------------------------
# Histories


def call(state: Collateral, step: dict[str, Any]) -> Any:
    """Makes the call of a step; all its values are strings."""
    number = lambda name: int(step[name])  # noqa: E731
    if step["call"] == "lock":
        return state.lock(step["node"], step["owner"], number("amount"))
    if step["call"] == "unlock":
        return str(state.unlock(step["node"], step["owner"], number("amount"), number("height")))
    if step["call"] == "withdraw":
        return str(state.withdraw(step["node"], step["owner"], number("height")))
    if step["call"] == "move":
        return state.move(step["node"], step["to"], step["owner"], number("amount"), number("height"))
    return [str(x) for x in state.slash(step["node"], step["evidence"], number("height"), number("epoch"), step["finder"])]


def history(seed: int, rules: dict[str, int], steps: int, scale: int) -> dict[str, Any]:
    rng = random.Random(seed)
    state = Collateral(rules)
    nodes = [label("node", i) for i in range(5)]
    accounts = [label("account", i) for i in range(2)] + nodes[:2]
    height, out = rng.choice([0, 0, 0, MAX_U64 - 100]), []
    for place in range(steps):
        height = min(MAX_U64, height + rng.choice([0, 1, 1, 2, 5]))
        node = rng.choice(nodes)
        owner = state.stakes[node].owner if node in state.stakes and rng.random() < 0.95 else rng.choice(accounts[:1] * 4 + accounts)
        bonded = state.stakes[node].bonded if node in state.stakes else 0
        amount = rng.choice([bonded, bonded // 2, bonded // 2, bonded // 3, bonded // 7, 1, bonded + 1, 0, -1])
        name = rng.choice(["lock"] * 5 + ["unlock"] * 4 + ["withdraw"] * 2 + ["move"] * 5 + ["slash"] * 2)
        step: dict[str, Any] = {"call": name, "node": node, "owner": owner, "amount": str(amount), "height": str(height)}
        if name == "lock":
            step["amount"] = str(rng.choice([rng.randrange(1, scale), rng.randrange(1, scale), 1, 0, MAX_AMOUNT if state.paid_in else 2]))
            del step["height"]
        elif name == "withdraw":
            del step["amount"]
        elif name == "move":
            same = [other for other in nodes if other not in state.stakes or state.stakes[other].owner == owner]
            step["to"] = rng.choice(same if same and rng.random() < 0.9 else nodes)
        elif name == "slash":
            used = sorted(state.evidence.get(node, ()))
            evidence = rng.choice(used) if used and rng.random() < 0.2 else label("evidence", place)
            epoch = max(0, place // 16 - rng.choice([0, 0, 0, 4]))
            step = {"call": name, "node": node, "evidence": evidence, "height": str(height), "epoch": str(epoch),
                    "finder": rng.choice([None, *accounts, label("finder")])}
        try:
            result = call(state, step)
            if result is not None:
                step["result"] = result
        except Refused as refused:
            step["error"] = str(refused)
        assert state.paid_in == state.held() + state.withdrawn + state.awarded + state.forfeited
        step["state"] = blake2b(state.save(), digest_size=32).hexdigest()
        out.append(step)
    return {"rules": {name: str(value) for name, value in rules.items()}, "steps": out, "end": state.save().hex()}


def produce() -> Iterable[tuple[str, bytes]]:
    def rules(minimum: int, unbonding: int, slash: int, share: int, moves: int) -> dict[str, int]:
        return {"minimum": minimum, "unbonding": unbonding, "slash_rate": slash, "finder_share": share, "moves": moves}

    histories = [
        history(1, rules(100, 10, 100_000, 500_000, 1), 200, 1000),
        history(2, rules(10_000 * 10**18, 6, 333_333, 250_000, 1), 200, 10**23),
        history(3, rules(0, 0, ONE, ONE, 1), 60, 100),
        history(4, rules(1, 4, 1, 1, 1), 60, 7),
        history(5, rules(10**12, 3, 500_000, 0, 0), 60, 10**13),
        history(6, rules(5, 12, 900_000, 333_333, 1), 120, 2**120),
    ]
    seen = {step.get("error") for h in histories for step in h["steps"]}
    assert seen >= {None, "invalid_amount", "other_owner", "overflow", "unknown_stake", "insufficient_stake", "too_early",
                    "stake_fixed", "same_node", "stake_liable", "duplicate_evidence", "epoch_out_of_order"}, seen  # fmt: skip
    yield "economics/collateral.json", Vectors(
        "Histories of stakes: each call, its result or error, and BLAKE2b-256 of the state after it; the last state",
        source="tests/reference/collateral.py", histories=histories).encode()  # fmt: skip


if __name__ == "__main__":
    sys.exit(write_or_check(__doc__.splitlines()[0], produce))
