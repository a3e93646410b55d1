#!/usr/bin/env python3
"""Saved states, written from the sections "States" of docs/spec/emission.md and docs/spec/economics.md.

    states.py            writes tests/vectors/emission/states.json and tests/vectors/economics/states.json
    states.py --check    fails when they are not what it would write

Each state machine is played here too, so that a history has one state, whoever plays it. A machine keeps its fields as plain
integers and takes the steps of a history; what it refuses changes nothing.
"""

from __future__ import annotations

import random
import sys
from fractions import Fraction
from hashlib import blake2b
from math import ceil, floor
from typing import Any, Iterable, Optional

import ed25519
import emission
from vector_file import Vectors, write_or_check
from weights import encode as encode_table

ONE = 10**6
COIN = 10**9


def le(value: int, size: int) -> bytes:
    """Little-endian, a negative number in two's complement."""
    return value.to_bytes(size, "little", signed=value < 0)


def head(magic: str) -> bytes:
    return magic.encode("ascii") + le(1, 4)


KEYS = sorted(ed25519.public_key_of(bytes([number]) * 32) for number in range(1, 7))


def model(number: int) -> bytes:
    return bytes([number]) + bytes(31)


# ---------------------------------------------------------------------------------------------------------------------
# Emission


class SupplyLedger:
    def __init__(self, width: int, cap: int) -> None:
        self.width, self.cap = width, cap
        self.held = self.distributed = self.burned = 0

    def step(self, operation: str, amount: int) -> None:
        if operation == "mint":
            if amount <= self.cap - self.held - self.distributed - self.burned:
                self.held += amount
            return
        source, target = {"distribute": ("held", "distributed"), "reclaim": ("distributed", "held"), "burn": ("distributed", "burned"),
                          "burn_held": ("held", "burned"), "reissue": ("burned", "held")}[operation]  # fmt: skip
        if amount <= getattr(self, source):
            setattr(self, source, getattr(self, source) - amount)
            setattr(self, target, getattr(self, target) + amount)

    def save(self) -> bytes:
        return head("pouwsup1") + b"".join(le(v, self.width) for v in (self.cap, self.held, self.distributed, self.burned))


class EpochVesting:
    def __init__(self, width: int) -> None:
        self.width, self.parts = width, []

    def step(self, operation: str, amount: int = 0, epochs: int = 0) -> None:
        if operation == "release":
            self.parts = self.parts[1:]
            return
        self.parts += [0] * (epochs - len(self.parts))
        for epoch in range(epochs):
            self.parts[epoch] += amount // epochs + (amount % epochs if epoch == 0 else 0)

    def save(self) -> bytes:
        return head("pouwves1") + le(len(self.parts), 4) + b"".join(le(part, self.width) for part in self.parts)


class EscrowVesting:
    def __init__(self, amount: int, start: int, end: int) -> None:
        self.amount, self.start, self.end = amount, start, end

    def step(self, operation: str, now: int) -> None:
        rest = emission.heurist_claim(self.amount, self.start, self.end, now, emission.HUE, emission.HUE // 10)["rest"]
        self.amount, self.start, self.end = int(rest), now, max(now, self.end)

    def save(self) -> bytes:
        return head("pouwesc1") + le(self.amount, 16) + le(self.start, 8) + le(self.end, 8)


class TailEpochs:
    def __init__(self, emitted: int, burned: int) -> None:
        self.circulating = emitted - burned
        self.emission = emission.tail_emission(burned, self.circulating)

    def step(self, operation: str, burned: int) -> None:
        self.__init__(self.circulating + self.emission, burned)  # type: ignore[misc]

    def save(self) -> bytes:
        return head("pouwtai1") + le(self.circulating, 16) + le(self.emission, 16)


class CoreIssuance:
    def __init__(self) -> None:
        self.core, self.day, self.today = emission.RaceCore(), 0, 0

    def step(self, operation: str, fees: int = 0) -> None:
        if operation == "pay_fees":
            self.today += self.core.pay(fees)
            return
        self.core.top_up(self.day, self.today)
        if self.core.issued == emission.RACE_CORE:
            self.core.pending = Fraction(0)
        self.day, self.today = self.day + 1, 0

    def save(self) -> bytes:
        carry = self.core.pending * 9 * 4**11
        assert carry.denominator == 1
        return head("pouwcor1") + le(self.day, 8) + le(self.today, 8) + le(self.core.issued, 8) + le(int(carry), 8)


class LiquidityPool:
    def __init__(self, coins: int, phase: int, kind: str, first: int, increase: int) -> None:
        self.coins, self.phase = coins, phase
        self.rule = {"kind": kind, "first": first, "step": increase}
        self.sold = self.held = self.reserve = 0

    def step(self, operation: str, amount: int) -> None:
        if operation == "buy" and amount <= self.coins - self.sold:
            at, rest = self.sold, amount
            while rest:
                part = min(rest, self.phase - at % self.phase)
                self.reserve += ceil(Fraction(part * emission.pool_price(self.rule, at // self.phase), COIN))
                at, rest = at + part, rest - part
            self.sold = at
        if operation == "sell_back" and self.sold:
            value = amount * emission.pool_price(self.rule, (self.sold - 1) // self.phase) // COIN
            if value <= self.reserve:
                self.reserve, self.held = self.reserve - value, self.held + amount

    def save(self) -> bytes:
        kind = ["doubling", "linear_step"].index(self.rule["kind"])
        out = head("pouwpol1") + le(self.coins, 8) + le(self.phase, 8) + le(kind, 1)
        return out + b"".join(le(v, 8) for v in (self.rule["first"], self.rule["step"], self.sold, self.held, self.reserve))


class TopProviders:
    def __init__(self, total: int, seats: int, payouts: int, period: int, allowed: int, now: int) -> None:
        self.total, self.payouts, self.period, self.allowed, self.now = total, payouts, period, allowed, now
        self.seats: list[dict[str, Any]] = [{"holder": None, "paid": 0} for _ in range(seats)]

    def step(self, operation: str, now: int, *eligible: int) -> None:
        """The eligible candidates by the numbers of their keys, the best first."""
        for seat in self.seats:
            if seat["holder"] is None:
                continue
            if seat["holder"] not in eligible:
                seat["missed"] += now - self.now
            if seat["missed"] > self.allowed:
                seat["holder"] = None
                continue
            while seat["paid"] < self.payouts and now - seat["since"] >= self.period:
                seat["since"] += self.period
                seat["missed"], seat["paid"] = 0, seat["paid"] + 1
        self.now = now
        for seat in self.seats:
            free = [c for c in eligible if c not in [s["holder"] for s in self.seats]]
            if seat["holder"] is None and seat["paid"] < self.payouts and free:
                seat |= {"holder": free[0], "since": now, "missed": 0}

    def save(self) -> bytes:
        out = head("pouwtop1") + le(self.total, 8) + le(len(self.seats), 4) + le(self.payouts, 4)
        out += le(self.period, 8) + le(self.allowed, 8) + le(self.now, 8)
        for seat in self.seats:
            out += le(seat["paid"], 4)
            if seat["holder"] is None:
                out += b"\0"
            else:
                out += b"\1" + KEYS[seat["holder"]] + le(seat["since"], 8) + le(seat["missed"], 8)
        return out


# ---------------------------------------------------------------------------------------------------------------------
# Economics


class PriceBook:
    def __init__(self, price: int, lowest: int, highest: int, step: Optional[int], epoch: int) -> None:
        self.price, self.lowest, self.highest, self.limit, self.epoch = price, lowest, highest, step, epoch
        self.votes: dict[int, int] = {}

    def step(self, operation: str, *values: Any) -> None:
        """vote KEY PRICE; close WEIGHT..., one weight of each key."""
        if operation == "vote":
            if self.lowest <= values[1] <= self.highest:
                self.votes[values[0]] = values[1]
            return
        self.votes = {key: price for key, price in self.votes.items() if values[key]}
        prices = sorted((self.votes.get(key, self.price), weight) for key, weight in enumerate(values))
        below = 0
        for price, weight in prices:
            below += weight
            if weight and 2 * below >= sum(values):
                reach = self.highest if self.limit is None else max(1, self.price * self.limit // ONE)
                self.price = min(max(price, self.price - reach), self.price + reach)
                break
        self.epoch += 1

    def save(self) -> bytes:
        out = head("pouwprc1") + le(self.lowest, 16) + le(self.highest, 16)
        out += b"\0" if self.limit is None else b"\1" + le(self.limit, 4)
        out += le(self.price, 16) + le(self.epoch, 8) + le(len(self.votes), 4)
        return out + b"".join(KEYS[key] + le(price, 16) for key, price in sorted(self.votes.items()))


class ModelRegistry:
    def __init__(self, deposit: int, voting_epochs: int) -> None:
        self.deposit, self.voting_epochs = deposit, voting_epochs
        self.models: dict[int, int] = {}
        self.proposals: dict[int, dict[str, Any]] = {}

    def step(self, operation: str, number: int, *values: int) -> None:
        """propose MODEL UNITS DEPOSIT PROPOSER EPOCH WEIGHT...; vote MODEL KEY APPROVE EPOCH; conclude MODEL EPOCH."""
        if operation == "propose":
            units, deposit, proposer, epoch, *weights = values
            if number not in self.models and number not in self.proposals and units and deposit >= self.deposit:
                self.proposals[number] = {"units": units, "deposit": deposit, "proposer": proposer, "ends": epoch + self.voting_epochs,
                                          "weights": weights, "votes": {}}  # fmt: skip
            return
        proposal = self.proposals.get(number)
        if proposal is None:
            return
        if operation == "vote":
            key, approve, epoch = values
            if epoch < proposal["ends"] and proposal["weights"][key]:
                proposal["votes"].setdefault(key, approve)
        elif values[0] >= proposal["ends"]:
            if 2 * sum(proposal["weights"][key] for key, approve in proposal["votes"].items() if approve) > sum(proposal["weights"]):
                self.models[number] = proposal["units"]
            del self.proposals[number]

    def save(self) -> bytes:
        out = head("pouwmod1") + le(self.deposit, 16) + le(self.voting_epochs, 8)
        out += le(len(self.models), 4) + b"".join(model(n) + le(units, 8) for n, units in sorted(self.models.items()))
        out += le(len(self.proposals), 4)
        for number, p in sorted(self.proposals.items()):
            table = encode_table({KEYS[key]: weight for key, weight in enumerate(p["weights"])})
            out += model(number) + le(p["units"], 8) + KEYS[p["proposer"]] + le(p["deposit"], 16) + le(p["ends"], 8)
            out += le(len(table), 4) + table + le(len(p["votes"]), 4)
            out += b"".join(KEYS[key] + le(approve, 1) for key, approve in sorted(p["votes"].items()))
        return out


class Ledger:
    def __init__(self, growth: str, to_full: int, step: int, forgiven: int, penalty: int) -> None:
        self.curve = (["linear", "exponential", "deployed"].index(growth), to_full, step, forgiven, penalty)
        self.settled, self.nodes = 0, {}

    def step(self, operation: str, *values: int) -> None:
        """settle (KEY CONVICTED WORKED MISSED)...; convict KEY."""
        if operation == "convict":
            if values[0] in self.nodes:
                self.nodes[values[0]] = (0, 0)
            return
        for key, convicted, worked, missed in zip(*[iter(values)] * 4):
            epochs, lost = self.nodes.get(key, (0, 0))
            self.nodes[key] = (0, 0) if convicted else (epochs + worked, lost + (missed if missed > self.curve[3] else 0))
        self.settled += 1

    def save(self) -> bytes:
        out = head("pouwled1") + le(self.curve[0], 1) + b"".join(le(value, 4) for value in self.curve[1:])
        out += le(self.settled, 8) + le(len(self.nodes), 4)
        return out + b"".join(KEYS[key] + le(epochs, 4) + le(lost, 8) for key, (epochs, lost) in sorted(self.nodes.items()))


def evidence(data: bytes) -> bytes:
    return blake2b(data, digest_size=32, person=b"pouw.evidence.v1").digest()


class Settlement:
    """Nodes 0 to 5 with the weights WEIGHTS. Node 4 is unregistered, and the weight of node 5 is 0."""

    WEIGHTS = [50, 30, 20, 10, 5, 0]
    NODE = {name: 0 for name in ("executed", "checked", "judged", "charges", "work", "bounty", "due", "done", "checks_due", "checks_done",
                                 "results_checked", "votes_done", "votes_on_own")}  # fmt: skip

    def __init__(self, tolerated: Optional[int], first: Optional[int], last: Optional[int]) -> None:
        self.tolerated, self.blocks, self.last = tolerated, (first, last), b""
        self.paid_in = self.returned = self.fees = self.votes_held = 0
        self.nodes = [dict(self.NODE) for _ in self.WEIGHTS]
        self.nodes[4]["checks_due"] = 1
        self.convicted: dict[int, bytes] = {}
        self.false: dict[int, dict[str, Any]] = {}

    def convict(self, node: int, ground: int, digest: bytes, height: int) -> None:
        self.convicted.setdefault(node, KEYS[node] + le(ground, 1) + digest + le(height, 8))

    def step(self, operation: str, *values: int) -> None:
        """convict NODE HEIGHT; task ID HEIGHT EXECUTOR REQUESTER LIMIT COST WORK ANSWER DEPOSIT RULING CHECK... VOTE..., of six nodes each.

        ANSWER: 0 given, 1 missed, 2 planted. DEPOSIT: one more than that of a report, or 0. RULING: 0 none, 1 valid, 2 invalid,
        3 undecided. CHECK: 0 none, 1 missing, 2 invalid, 3 valid. VOTE: 0 none, 1 invalid, 2 valid.
        """
        if operation == "convict":
            node, height = values
            if self.blocks[0] is None or self.blocks[0] <= height <= self.blocks[1]:
                self.convict(node, 5, bytes(32), height)
            return
        number, height, executor, requester, limit, cost, work, answer, deposit, ruling = values[:10]
        checks, votes = values[10:16], values[16:22]
        self.last = le(0, 24) + number.to_bytes(8, "big")
        self.paid_in += limit + max(0, deposit - 1)
        charged, node = min(limit, cost), self.nodes[executor]
        verdicts = [2] if answer == 2 or ruling == 2 else [3] if ruling == 1 else [2, 3]
        right = [c for c in range(6) if checks[c] in verdicts]
        node["due"] += answer != 2
        node["done"] += answer == 0 and ruling != 2
        for c in range(6):
            self.nodes[c]["checks_due"] += checks[c] > 0
            self.nodes[c]["checks_done"] += c in right
            if answer == 2 and checks[c] == 3:
                self.convict(c, 8, evidence(self.last + KEYS[c]), height)
        if answer == 0 and max(checks) > 1:
            node["results_checked"] += 1
            node["charges"] += charged
        if ruling:
            self.votes_held += 1
            node["votes_on_own"] += 1
            for v in range(6):
                self.nodes[v]["votes_done"] += votes[v] > 0 and (ruling == 3 or votes[v] == {1: 2, 2: 1}[ruling])
        if answer == 1 or ruling == 2:
            self.returned += limit + max(0, deposit - 1)
            if ruling == 2:
                self.count_false(executor, requester, charged, height, checks, votes)
        else:
            self.pay(executor, limit, cost, work, max(0, deposit - 1), ruling, checks, votes, right)

    def count_false(self, executor: int, requester: int, charged: int, height: int, checks: Any, votes: Any) -> None:
        false = self.false.setdefault(executor, {"all": 0, "found": 0, "charges": 0, "evidence": b"", "height": 0, "reporter": None})
        # Subject, which the histories leave out, and signature are zeros.
        against = b"".join(le(1, 4) + bytes(136) + b"\0" + KEYS[v] + bytes(64) for v in range(6) if votes[v] == 1)
        false["evidence"] = evidence(false["evidence"] + against)
        false["height"] = max(false["height"], height)
        false["all"] += 1
        if 2 in checks:
            false["found"] += 1
            false["charges"] += charged
        elif false["reporter"] is None:
            false["reporter"] = requester
        for v in range(6):
            self.nodes[v]["bounty"] += self.WEIGHTS[v] * (votes[v] == 1)

    def pay(self, executor: int, limit: int, cost: int, work: int, deposit: int, ruling: int, checks: Any, votes: Any, right: Any) -> None:
        charged = min(limit, cost)
        before = self.fees // 5
        self.fees += charged
        reward = charged - (self.fees // 5 - before)
        paid_work = work * charged // cost if charged else 0
        paid = [c for c in range(6) if c in right or (ruling == 1 and checks[c] == 2)]
        half, half_work = (reward // 2, paid_work // 2) if paid else (0, 0)
        self.nodes[executor]["executed"] += reward - half
        self.nodes[executor]["work"] += paid_work - half_work
        judged = deposit if ruling == 1 else 0
        for rank, c in enumerate(paid):
            share = lambda amount: amount // len(paid) + (rank < amount % len(paid))
            if c in right:
                self.nodes[c]["checked"] += share(half)
            else:
                judged += share(half)
            self.nodes[c if c in right else executor]["work"] += share(half_work)
        self.returned += limit - charged + (0 if ruling == 1 else deposit)
        if judged:
            for v, amount in enumerate(emission.largest_remainder(judged, [self.WEIGHTS[v] * (votes[v] == 2) for v in range(6)])):
                self.nodes[v]["judged"] += amount

    def save(self) -> bytes:
        out = head("pouwset1") + le(3, 8) + b"".join(le(rate, 4) for rate in (0, ONE, 200_000, 100_000, 100_000, 10_000))
        if self.tolerated is None:
            out += b"\1" + b"".join(le(n, 8) for n in (1, 100, 1, ONE))
        else:
            out += b"\0" + le(self.tolerated, 4)
        out += le(3, 4) + le(250_000, 4) + le(250_000, 4) + le(500_000, 4) + le(0, 16)
        out += b"\0" if self.blocks[0] is None else b"\1" + le(self.blocks[0], 8) + le(self.blocks[1] or 0, 8)
        out += b"\1" + self.last if self.last else b"\0"
        out += le(self.paid_in, 16) + le(self.returned, 16) + le(self.fees, 16) + le(self.votes_held, 8) + le(len(self.nodes), 4)
        for place, node in enumerate(self.nodes):
            out += KEYS[place] + le(self.WEIGHTS[place], 8) + le(place == 4, 1)
            values = list(node.values())
            out += b"".join(le(v, 16) for v in values[:6]) + b"".join(le(v, 8) for v in values[6:])
        out += le(len(self.convicted), 4) + b"".join(self.convicted.values()) + le(len(self.false), 4)
        for place, f in sorted(self.false.items()):
            out += le(place, 4) + le(f["all"], 8) + le(f["found"], 8) + le(f["charges"], 16) + f["evidence"] + le(f["height"], 8)
            out += b"\0" if f["reporter"] is None else b"\1" + KEYS[f["reporter"]]
        return out


def any_task(rng: random.Random, number: int) -> tuple[Any, ...]:
    """A task that a settlement takes."""
    executor, answer = rng.randrange(6), rng.choice([0, 0, 0, 0, 0, 1, 2])
    requester = rng.choice([n for n in range(6) if n != executor])  # nobody reports itself
    checks, votes, deposit, ruling = [0] * 6, [0] * 6, 0, 0
    if answer != 1:
        checks = [rng.choice([0, 0, 1, 2, 3, 3]) if n < 4 and n != executor else 0 for n in range(6)]
    if answer == 0:
        deposit = rng.choice([0, 0, 0, rng.randrange(100)])
        if deposit or 2 in checks:
            votes = [rng.randrange(3) if n < 5 and n != executor else 0 for n in range(6)]
            weight = lambda verdict: sum(w for w, v in zip(Settlement.WEIGHTS, votes) if v == verdict)
            ruling = 2 if 2 * weight(1) > 115 else 1 if 2 * weight(2) > 115 else 3
    cost = 0 if answer == 1 else rng.randrange(1000)
    return ("task", number, rng.randrange(10, 21), executor, requester, rng.randrange(1000), cost, rng.randrange(50), answer,
            deposit, ruling, *checks, *votes)  # fmt: skip


class TrainingShare:
    def __init__(self, lowest: int, highest: int) -> None:
        self.lowest, self.highest, self.rate = lowest, highest, 200_000

    def step(self, operation: str, rate: int, years: int) -> None:
        if years >= 5 and self.lowest <= rate <= self.highest:
            self.rate = rate

    def save(self) -> bytes:
        return head("pouwtrn1") + le(self.lowest, 4) + le(self.highest, 4) + le(self.rate, 4)


# ---------------------------------------------------------------------------------------------------------------------
# Histories


def text(values: Iterable[Any]) -> list[Any]:
    return [str(v) if isinstance(v, int) else v for v in values]


class File:
    def __init__(self) -> None:
        self.histories: list[dict[str, Any]] = []
        self.refused: list[dict[str, str]] = []

    def play(self, name: str, machine: Any, start: list[Any], steps: list[tuple[Any, ...]]) -> bytes:
        for step in steps:
            machine.step(*step)
        saved: bytes = machine.save()
        self.histories.append({"state_of": name, "start": text(start), "steps": [text(step) for step in steps], "bytes": saved.hex()})
        return saved

    def refuse(self, name: str, error: str, data: bytes) -> None:
        self.refused.append({"state_of": name, "error": error, "bytes": data.hex()})

    def refuse_all(self, name: str, state: bytes, changes: list[tuple[str, int, bytes]]) -> None:
        """What is refused of every state, and this one with other bytes at a place."""
        self.refuse(name, "truncated", b"")
        self.refuse(name, "invalid_magic", state[:7] + b"0" + state[8:])
        self.refuse(name, "unsupported_version", state[:8] + le(2, 4) + state[12:])
        self.refuse(name, "truncated", state[:11])
        self.refuse(name, "trailing_bytes", state + b"\0")
        for error, at, data in changes:
            self.refuse(name, error, state[:at] + data + state[at + len(data) :])

    def vectors(self, description: str) -> bytes:
        return Vectors(description, source="tests/reference/states.py", keys=[key.hex() for key in KEYS],
                       histories=self.histories, refused=self.refused).encode()


DESCRIPTION = ("Histories of state machines, in which a step that is refused changes nothing, and the bytes of the state at the end; "
               "and bytes that are no state, and why.")  # fmt: skip


def emission_states() -> bytes:
    file, rng = File(), random.Random(17)
    for width, bits in ((8, 64), (16, 128)):
        name = f"supply_ledger_{bits}"
        operations = ["mint", "mint", "distribute", "distribute", "reclaim", "burn", "burn_held", "reissue"]
        for count in (0, 60):
            cap = 10 ** (15 if bits == 64 else 30)
            steps = [(rng.choice(operations), rng.randrange(cap // 10)) for _ in range(count)]
            state = file.play(name, SupplyLedger(width, cap), [cap], steps)
        file.refuse_all(name, state, [("invalid_amount", 12, le(-1, width)), ("invalid_amount", 12 + width, le(-1, width)),
                                      ("cap_exceeded", 12, le(1, width)), ("cap_exceeded", 12 + width, le(cap + 1, width))])  # fmt: skip
        name = f"epoch_vesting_{bits}"
        for count in (0, 40):
            steps = [rng.choice([("release",), ("add", rng.randrange(cap), rng.randrange(1, 20))]) for _ in range(count)]
            state = file.play(name, EpochVesting(width), [], steps)
        state = file.play(name, EpochVesting(width), [], [("add", 11, 3)])
        file.refuse_all(name, state, [("count_too_large", 12, le(4, 4)), ("invalid_amount", 16, le(-5, width)),
                                      ("inconsistent_state", 16, le(2, width)),
                                      ("supply_overflow", 16, le(2 ** (8 * width - 1) - 1, width))])  # fmt: skip

    vesting = [10**21, 1000, 1000 + 365 * 86400]
    file.play("escrow_vesting", EscrowVesting(*vesting), vesting, [])
    claims = [("claim", 1000 + day * 86400) for day in (10, 100, 250)]
    state = file.play("escrow_vesting", EscrowVesting(*vesting), vesting, claims)
    file.refuse_all("escrow_vesting", state, [("invalid_amount", 12, le(-1, 16)), ("time_reversed", 36, le(1, 8))])

    tail = [42 * 10**24, 10 * 10**24]
    file.play("tail_epochs", TailEpochs(*tail), tail, [])
    state = file.play("tail_epochs", TailEpochs(*tail), tail, [("burn", 7 * 10**24 + 3), ("burn", 10**23 + 1), ("burn", 5)])
    file.refuse_all("tail_epochs", state, [("invalid_amount", 12, le(-1, 16)), ("invalid_amount", 28, le(-1, 16)),
                                           ("inconsistent_state", 28, le(10**25, 16)), ("overflow", 12, le(2**127 - 1, 16))])  # fmt: skip

    file.play("core_issuance", CoreIssuance(), [], [])
    for largest in (10**13, 10**18):
        steps = [rng.choice([("close_day",), ("pay_fees", rng.randrange(largest))]) for _ in range(60)]
        state = file.play("core_issuance", CoreIssuance(), [], steps)
    state = file.play("core_issuance", CoreIssuance(), [], [("close_day",)])
    file.refuse_all("core_issuance", state, [("invalid_amount", 28, le(-1, 8)), ("invalid_amount", 28, le(12 * 5 * 10**16 + 1, 8)),
                                             ("inconsistent_state", 20, le(1, 8)), ("inconsistent_state", 12, le(2, 8)),
                                             ("inconsistent_state", 36, le(4**11, 8))])  # fmt: skip

    for kind, first, increase in (("doubling", 5000, 5000), ("linear_step", 1_999_999_999, 7)):
        start = [120_000_000 * COIN, 12_000_000 * COIN, kind, first, increase]
        file.play("liquidity_pool", LiquidityPool(*start), start, [])
        steps = [(rng.choice(["buy", "buy", "sell_back"]), rng.randrange(10**16) >> rng.randrange(20)) for _ in range(40)]
        file.play("liquidity_pool", LiquidityPool(*start), start, steps)
    start = [120_000_000 * COIN, 12_000_000 * COIN, "doubling", 5000, 5000]
    state = file.play("liquidity_pool", LiquidityPool(*start), start, [("buy", COIN), ("sell_back", COIN // 2)])
    file.refuse_all("liquidity_pool", state, [("invalid_schedule", 12, le(0, 8)), ("non_canonical", 28, le(2, 1)),
                                              ("supply_overflow", 29, le(2**63 - 1, 8)), ("invalid_amount", 45, le(-1, 8)),
                                              ("inconsistent_state", 61, le(2499, 8)),
                                              ("inconsistent_state", 61, le(COIN + 1, 8))])  # fmt: skip

    start = [1_000_003, 3, 4, 100, 10, 40]
    file.play("top_providers", TopProviders(*start), start, [])
    for count in (30, 200):
        now, steps = 40, []
        for _ in range(count):
            now += rng.randrange(30)
            steps.append(("advance", now, *[n for n in range(6) if rng.randrange(12)]))
        state = file.play("top_providers", TopProviders(*start), start, steps)
    start = [1000, 2, 3, 100, 10, 0]
    state = file.play("top_providers", TopProviders(*start), start, [("advance", 0, 0, 1), ("advance", 150, 0, 1), ("advance", 155, 1)])
    file.refuse_all("top_providers", state, [("invalid_schedule", 20, le(0, 4)), ("count_too_large", 20, le(3000, 4)),
                                             ("non_canonical", 56, le(2, 1)), ("inconsistent_state", 57, KEYS[1]),
                                             ("inconsistent_state", 52, le(2, 4)), ("inconsistent_state", 89, le(156, 8)),
                                             ("inconsistent_state", 97, le(11, 8)), ("inconsistent_state", 44, le(200, 8))])  # fmt: skip
    return file.vectors(DESCRIPTION)


def economics_states() -> bytes:
    file, rng = File(), random.Random(18)
    weights = lambda: [rng.choice([0, rng.randrange(1, 100)]) for _ in KEYS]
    for start in ([100, 5, 1000, None, 7], [100, 1, 2**127 - 1, 20_000, 0]):
        name = "price_book"
        file.play(name, PriceBook(*start), start, [])
        steps = [rng.choice([("close", *weights()), *[("vote", rng.randrange(6), rng.randrange(1, 1100))] * 3]) for _ in range(60)]
        state = file.play(name, PriceBook(*start), start, steps)
    start = [100, 5, 1000, 20_000, 7]
    state = file.play(name, PriceBook(*start), start, [("vote", 0, 200), ("vote", 1, 300)])
    file.refuse_all(name, state, [("invalid_rules", 12, le(0, 16)), ("price_out_of_bounds", 12, le(101, 16)),
                                  ("price_out_of_bounds", 28, le(299, 16)), ("non_canonical", 44, le(2, 1)),
                                  ("rate_above_one", 45, le(ONE + 1, 4)), ("count_too_large", 73, le(3, 4)),
                                  ("non_canonical", 77, KEYS[1]), ("price_out_of_bounds", 109, le(-1, 16))])  # fmt: skip

    name, start = "model_registry", [100, 3]
    file.play(name, ModelRegistry(*start), start, [])
    steps, epoch = [], 5
    for _ in range(80):
        epoch += rng.randrange(2)
        number = rng.randrange(8)
        steps.append(rng.choice([("propose", number, rng.randrange(9), rng.randrange(50, 400), rng.randrange(6), epoch, *weights()),
                                 ("conclude", number, epoch),
                                 *[("vote", number, rng.randrange(6), int(rng.randrange(5) > 0), epoch)] * 4]))  # fmt: skip
    file.play(name, ModelRegistry(*start), start, steps)
    steps = [("propose", 1, 20, 100, 2, 5, 3, 2, 0, 0, 0, 0), ("vote", 1, 0, 1, 5), ("conclude", 1, 8),
             ("propose", 2, 30, 150, 2, 8, 3, 2, 0, 0, 0, 0), ("vote", 2, 0, 1, 8), ("vote", 2, 1, 0, 8)]  # fmt: skip
    state = file.play(name, ModelRegistry(*start), start, steps)
    file.refuse_all(name, state, [("invalid_rules", 28, le(0, 8)), ("inconsistent_state", 172, le(0, 8)), ("count_too_large", 36, le(2**30, 4)),
                                  ("invalid_amount", 72, le(0, 8)), ("duplicate_model", 40, le(2, 1)),
                                  ("count_too_large", 80, le(3, 4)), ("invalid_amount", 156, le(-1, 16)),
                                  ("invalid_magic", 184, le(0, 1)), ("unknown_node", 325, KEYS[2]),
                                  ("duplicate_verdict", 325, KEYS[0]), ("non_canonical", 324, le(2, 1))])  # fmt: skip

    for growth in ("linear", "exponential", "deployed"):
        name, start = "ledger", [growth, 30, 100_000, 10_000, 1]
        file.play(name, Ledger(*start), start, [])
        steps = []
        for _ in range(20):
            records: list[int] = []
            for key in range(6):
                if rng.randrange(3):
                    records += [key, int(rng.randrange(30) == 0), rng.randrange(2), rng.randrange(30_000)]
            steps.append(("convict", rng.randrange(6)) if rng.randrange(8) == 0 else ("settle", *records))
        file.play(name, Ledger(*start), start, steps)
    state = file.play(name, Ledger(*start), start, [("settle", 0, 0, 1, 0, 1, 0, 1, 20_000)])
    file.refuse_all(name, state, [("non_canonical", 12, le(3, 1)), ("invalid_rules", 13, le(0, 4)), ("invalid_rules", 17, le(999, 4)),
                                  ("rate_above_one", 21, le(ONE + 1, 4)), ("count_too_large", 37, le(3, 4)),
                                  ("duplicate_node", 41, KEYS[1]), ("non_canonical", 41, KEYS[2])])  # fmt: skip

    name, start = "training_share", [50_000, 400_000]
    file.play(name, TrainingShare(*start), start, [])
    state = file.play(name, TrainingShare(*start), start, [("adjust", 100_000, 4), ("adjust", 300_000, 5), ("adjust", 400_001, 6)])
    file.refuse_all(name, state, [("rate_above_one", 12, le(ONE + 1, 4)), ("invalid_rules", 12, le(200_001, 4)),
                                  ("invalid_rules", 16, le(199_999, 4)), ("share_out_of_bounds", 20, le(49_999, 4))])  # fmt: skip
    name = "settlement"
    for start in ([2, 10, 20], [None, None, None]):
        file.play(name, Settlement(*start), start, [])
        steps = [any_task(rng, number) if rng.randrange(15) else ("convict", rng.randrange(6), rng.randrange(8, 23)) for number in range(60)]
        file.play(name, Settlement(*start), start, steps)
    start = [0, 10, 20]
    steps = [("task", 1, 11, 0, 5, 100, 80, 8, 0, 0, 0, *[0] * 12), ("convict", 2, 15),
             ("task", 2, 11, 1, 5, 100, 80, 8, 0, 0, 2, 2, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0)]  # fmt: skip
    state = file.play(name, Settlement(*start), start, steps)
    convictions = 191 + 6 * 193
    file.refuse_all(name, state, [("invalid_rules", 20, le(200_001, 4)), ("rate_above_one", 28, le(ONE + 1, 4)),
                                  ("non_canonical", 44, le(2, 1)), ("invalid_amount", 65, le(-1, 16)), ("non_canonical", 98, le(2, 1)),
                                  ("inconsistent_state", 131, le(201, 16)), ("inconsistent_state", 163, le(79, 16)),
                                  ("inconsistent_state", 179, le(2, 8)), ("count_too_large", 187, le(10**6, 4)),
                                  ("duplicate_node", 191, KEYS[1]), ("non_canonical", 191, KEYS[2]),
                                  ("overflow", 223, le(2**64 - 1, 8)), ("inconsistent_state", 231, le(1, 1)),
                                  ("invalid_amount", 232, le(-1, 16)), ("inconsistent_state", 232, le(65, 16)),
                                  ("unknown_node", convictions + 4, bytes(32)), ("non_canonical", convictions + 36, le(10, 1)),
                                  ("too_early", convictions + 69, le(9, 8)), ("too_late", convictions + 69, le(21, 8)),
                                  ("unknown_node", convictions + 81, le(6, 4)),
                                  ("inconsistent_state", convictions + 85, le(0, 8))])  # fmt: skip
    return file.vectors(DESCRIPTION)


def produce() -> Iterable[tuple[str, bytes]]:
    yield "emission/states.json", emission_states()
    yield "economics/states.json", economics_states()


if __name__ == "__main__":
    sys.exit(write_or_check(__doc__.splitlines()[0], produce))
