#!/usr/bin/env python3
"""The training fund and the share of the revenue, written from docs/spec/economics.md section 10.

    training_fund.py            writes tests/vectors/economics/training_fund.json
    training_fund.py --check    fails when the file is not what it would write
"""

from __future__ import annotations

import random
import sys
from fractions import Fraction
from hashlib import blake2b
from math import floor
from typing import Any, Iterable, Optional

from collateral import MAX_AMOUNT, MAX_U64, MOST, ONE, Refused, demand, label, le
from vector_file import Vectors, write_or_check

Contributions = list[tuple[str, int]]


def divide(amount: int, weights: list[int]) -> list[int]:
    """Largest remainder; ties to the first."""
    exact = [Fraction(amount * weight, sum(weights)) for weight in weights]
    parts = [floor(x) for x in exact]
    for i in sorted(range(len(weights)), key=lambda i: (parts[i] - exact[i], i))[: amount - sum(parts)]:
        parts[i] += 1
    return parts


def pay(whole: int, contributions: Contributions) -> list[list[str]]:
    parts = divide(whole, [units for _, units in contributions]) if contributions else []
    return [[account, str(part)] for (account, _), part in zip(contributions, parts) if part]


class Proposal:
    def __init__(self, experiment: dict[str, Any], ends: int) -> None:
        self.experiment, self.ends = experiment, ends
        self.milestones = [(int(m["units"]), int(m["amount"]), int(m["deadline"])) for m in experiment["milestones"]]
        self.votes: dict[str, bool] = {}
        self.locked: Optional[list[int]] = None

    def next(self) -> int:
        return 0 if self.locked is None else len(self.milestones) - len(self.locked)


class Fund:
    def __init__(self, voting: int, share: int) -> None:
        self.voting, self.share = voting, share
        self.settled = self.number = 0
        self.proposals: dict[int, Proposal] = {}
        self.paid_in = self.compute = self.grantees = self.free = 0

    def locked(self) -> int:
        return sum(sum(p.locked or []) for p in self.proposals.values())

    def deposit(self, amount: int) -> None:
        demand(amount >= 0, "invalid_amount")
        demand(self.paid_in + amount <= MAX_AMOUNT, "overflow")
        self.paid_in += amount
        self.free += amount

    def statement(self, epoch: int, amount: int) -> int:
        demand(epoch > self.settled, "epoch_out_of_order")
        self.deposit(amount)
        self.settled = epoch
        return amount

    def propose(self, experiment: dict[str, Any], epoch: int) -> int:
        demand(epoch + self.voting <= MAX_U64, "overflow")
        proposal = Proposal(experiment, epoch + self.voting)
        demand(1 <= len(proposal.milestones) <= MOST, "invalid_milestones")
        before, amounts, all_units = proposal.ends - 1, 0, 0
        for units, amount, deadline in proposal.milestones:
            demand(amount >= 0, "invalid_amount")
            demand((units or amount) and deadline > before, "invalid_milestones")
            before, amounts, all_units = deadline, amounts + amount, all_units + units
            demand(amounts <= MAX_AMOUNT and all_units <= MAX_U64, "overflow")
        self.proposals[self.number] = proposal
        self.number += 1
        return self.number - 1

    def find(self, number: int) -> Proposal:
        demand(number in self.proposals, "unknown_proposal")
        return self.proposals[number]

    def vote(self, number: int, node: str, approve: bool, epoch: int, weights: dict[str, int]) -> None:
        proposal = self.find(number)
        demand(proposal.locked is None and epoch < proposal.ends, "voting_closed")
        demand(weights.get(node, 0) > 0, "unknown_node")
        demand(node not in proposal.votes, "duplicate_verdict")
        proposal.votes[node] = approve

    def conclude(self, number: int, epoch: int, weights: dict[str, int], price: int) -> list[str]:
        proposal = self.find(number)
        demand(proposal.locked is None, "voting_closed")
        demand(epoch >= proposal.ends, "voting_open")
        demand(price >= 0, "invalid_amount")
        support = sum(weights.get(node, 0) for node, approves in proposal.votes.items() if approves)
        if 2 * support <= sum(weights.values()):
            del self.proposals[number]
            return ["rejected", "0"]
        locks = [units * price + amount for units, amount, _ in proposal.milestones]
        for_grantees = self.grantees + sum(amount for p in self.proposals.values() if p.locked is not None
                                           for _, amount, _ in p.milestones[p.next():])  # fmt: skip
        for_grantees += sum(amount for _, amount, _ in proposal.milestones)
        if sum(locks) > self.free or for_grantees > floor(Fraction(self.share, ONE) * self.paid_in):
            del self.proposals[number]
            return ["unfunded", "0"]
        proposal.locked = locks
        self.free -= sum(locks)
        return ["granted", str(sum(locks))]

    def attest(self, number: int, milestone: int, ruling: str, contributions: Contributions, epoch: int, price: int) -> dict[str, Any]:
        grant = self.find(number)
        demand(grant.locked is not None, "voting_open")
        assert grant.locked is not None
        demand(milestone == grant.next(), "milestone_out_of_order")
        units, amount, deadline = grant.milestones[milestone]
        demand(epoch <= deadline, "too_late")
        demand(ruling != "open", "open_ruling")
        demand(ruling != "undecided", "undecided_ruling")
        demand(price >= 0, "invalid_amount")
        before = ""
        for account, part in contributions:
            demand(part >= 1, "invalid_amount")
            demand(account > before, "non_canonical")
            before = account
        used = sum(part for _, part in contributions)
        demand(used <= units, "too_many_units")
        if ruling == "invalid":
            return {"to_grantee": "0", "compute": [], "returned": str(self.end(number)), "ended": True}
        locked = grant.locked.pop(0)
        compute = pay(min(price * used, locked - amount), contributions)
        paid = sum(int(part) for _, part in compute)
        self.grantees += amount
        self.compute += paid
        self.free += locked - amount - paid
        if not grant.locked:
            del self.proposals[number]
        return {"to_grantee": str(amount), "compute": compute, "returned": str(locked - amount - paid), "ended": not grant.locked}

    def end(self, number: int) -> int:
        freed = sum(self.proposals.pop(number).locked or [])
        self.free += freed
        return freed

    def expire(self, epoch: int) -> int:
        over = [n for n, p in self.proposals.items() if p.milestones[p.next()][2] < epoch]
        return sum(self.end(n) for n in over)

    def convict(self, node: str) -> int:
        own = [n for n, p in self.proposals.items() if p.experiment["grantee"] == node]
        return sum(self.end(n) for n in own)

    def save(self) -> bytes:
        out = b"pouwtrf1" + le(1, 4) + le(self.voting, 8) + le(self.share, 4) + le(self.settled, 8)
        for amount in (self.paid_in, self.compute, self.grantees, self.free):
            out += le(amount, 16)
        out += le(self.number, 8) + le(len(self.proposals), 4)
        for number, p in sorted(self.proposals.items()):
            out += le(number, 8)
            for name in ("grantee", "method", "parameters", "data"):
                out += bytes.fromhex(p.experiment[name])
            out += le(len(p.milestones), 4)
            for units, amount, deadline in p.milestones:
                out += le(units, 8) + le(amount, 16) + le(deadline, 8)
            if p.locked is None:
                out += le(0, 1) + le(p.ends, 8) + le(len(p.votes), 4)
                for node, approves in sorted(p.votes.items()):
                    out += bytes.fromhex(node) + le(approves, 1)
            else:
                out += le(1, 1) + le(p.next(), 4) + b"".join(le(amount, 16) for amount in p.locked)
        return out


# ---------------------------------------------------------------------------------------------------------------------
# Histories


def call(fund: Fund, step: dict[str, Any], weights: dict[str, int]) -> Any:
    """Makes the call of a step; numbers are decimal strings."""
    number = lambda name: int(step[name])  # noqa: E731
    name = step["call"]
    if name == "deposit":
        return fund.deposit(number("amount"))
    if name == "statement":
        return str(fund.statement(number("epoch"), number("amount")))
    if name == "propose":
        return str(fund.propose(step["experiment"], number("epoch")))
    if name == "vote":
        return fund.vote(number("number"), step["node"], step["approve"], number("epoch"), weights)
    if name == "conclude":
        return fund.conclude(number("number"), number("epoch"), weights, number("price"))
    if name == "attest":
        contributions = [(account, int(units)) for account, units in step["contributions"]]
        return fund.attest(number("number"), number("milestone"), step["ruling"], contributions, number("epoch"), number("price"))
    if name == "expire":
        return str(fund.expire(number("epoch")))
    return str(fund.convict(step["node"]))


def experiment_of(rng: random.Random, grantee: str, ends: int, scale: int) -> dict[str, Any]:
    bad = rng.random() < 0.15
    milestones, deadline = [], ends + rng.choice([-1, 0] if bad else [0, 1, 3, 6])
    for _ in range(rng.choice([0, 1, 2] if bad else [1, 2, 3])):
        units, amount = rng.choice([(0, 0), (1, 1)] if bad else [(1, 0), (0, 1), (1, 1)])
        units *= rng.choice([rng.randrange(1, 100), rng.randrange(1, 100), rng.randrange(1, scale) % 2**40])
        amount *= rng.choice([-1, MAX_AMOUNT] if bad else [rng.randrange(1, scale)])
        milestones.append({"units": str(units), "amount": str(amount), "deadline": str(max(0, deadline))})
        deadline += rng.choice([0, 1] if bad else [1, 2, 4, 8])
    return {"grantee": grantee, "method": label(grantee, "method"), "parameters": label(rng.random()),
            "data": label("data", rng.randrange(3)), "milestones": milestones}  # fmt: skip


def step_of(rng: random.Random, fund: Fund, nodes: list[str], epoch: int, scale: int) -> dict[str, Any]:
    grants = [n for n, p in fund.proposals.items() if p.locked is not None]
    open_ones = [n for n, p in fund.proposals.items() if p.locked is None]
    due = [n for n in open_ones if fund.proposals[n].ends <= epoch]
    name = rng.choice([*["deposit", "statement", "propose", "attest", "conclude", "vote"] * 2, "expire",
                       *["propose"] * (0 if open_ones else 12), *["conclude"] * (6 if due else 0),
                       *["vote"] * (16 if open_ones and not due else 0), *["attest"] * (4 if grants else 0)])  # fmt: skip
    if name == "expire" and rng.random() < 0.3:
        name = "convict"
    numbers = {"vote": open_ones, "conclude": due or open_ones, "attest": grants}.get(name)
    if not numbers or rng.random() < 0.1:
        numbers = open_ones + grants + [fund.number]
    number = str(rng.choice(numbers))
    price = str(rng.choice([0, 1, 2, 3, 5, 7, 7, -1 if rng.random() < 0.2 else 4, scale]))
    if name == "deposit":
        return {"call": name, "amount": str(rng.choice([rng.randrange(10 * scale), rng.randrange(scale), 0, -1, MAX_AMOUNT if fund.paid_in else 1]))}
    if name == "statement":
        return {"call": name, "epoch": str(epoch), "amount": str(rng.randrange(10 * scale))}
    if name == "propose":
        return {"call": name, "experiment": experiment_of(rng, rng.choice(nodes), epoch + fund.voting, scale), "epoch": str(epoch)}
    if name == "vote":
        silent = [node for node in nodes if int(number) in open_ones and node not in fund.proposals[int(number)].votes]
        voter = rng.choice(silent if silent and rng.random() < 0.8 else nodes + [label("stranger")])
        return {"call": name, "number": number, "node": voter, "approve": rng.random() < 0.9, "epoch": str(epoch)}
    if name == "conclude":
        return {"call": name, "number": number, "epoch": str(epoch), "price": price}
    if name == "expire":
        return {"call": name, "epoch": str(epoch)}
    if name == "convict":
        return {"call": name, "node": rng.choice(nodes)}
    grant = fund.proposals.get(int(number))
    place = grant.next() if grant else 0
    units = grant.milestones[place][0] if grant else 5
    contributions, left = [], units
    for account in sorted(nodes) if rng.random() < 0.85 else nodes:
        part = rng.choice([0, 1, left // 2, left]) if left else 0
        left -= part
        if part or rng.random() < 0.02:
            contributions.append([account, str(part)])
    if rng.random() < 0.05:
        contributions.append([label("zz"), str(units + 1)])
        contributions.sort()
    return {"call": name, "number": number, "milestone": str(place if rng.random() < 0.85 else place + 1),
            "ruling": rng.choice(["valid"] * 6 + ["invalid", "open", "undecided"]), "contributions": contributions,
            "epoch": str(epoch), "price": price}  # fmt: skip


def history(seed: int, voting: int, share: int, steps: int, scale: int) -> dict[str, Any]:
    rng = random.Random(seed)
    nodes = [label("node", i) for i in range(4)]
    fund, epoch, out = Fund(voting, share), rng.choice([0, 1, 1, MAX_U64 - 20]), []
    for _ in range(steps):
        epoch = min(MAX_U64, epoch + (rng.random() < 0.12))
        weights = {node: rng.choice([0, 1, 2, 2, 3, 3]) for node in nodes}
        step = step_of(rng, fund, nodes, epoch, scale)
        if step["call"] in ("vote", "conclude"):
            step["weights"] = [[node, str(weight)] for node, weight in weights.items()]
        try:
            result = call(fund, step, weights)
            if result is not None:
                step["result"] = result
        except Refused as refused:
            step["error"] = str(refused)
        assert fund.paid_in == fund.compute + fund.grantees + fund.free + fund.locked()
        step["state"] = blake2b(fund.save(), digest_size=32).hexdigest()
        out.append(step)
    return {"rules": {"voting_epochs": str(voting), "grant_share": str(share)}, "steps": out, "end": fund.save().hex()}


def shares() -> Iterable[dict[str, Any]]:
    rng = random.Random(90)
    for _ in range(40):
        contributions = [(account, rng.choice([1, 1, 3, rng.randrange(1, 2**60), MAX_U64]))
                         for account in sorted(label("account", i) for i in range(rng.choice([0, 1, 2, 3, 7])))]  # fmt: skip
        revenue = rng.choice([0, 1, 2, 99, rng.randrange(10**12), rng.randrange(MAX_AMOUNT + 1)])
        share = rng.choice([0, 1, 200_000, 333_333, ONE])
        shared = floor(Fraction(share, ONE) * revenue) if contributions else 0
        yield {"revenue": str(revenue), "share": str(share), "contributions": [[a, str(u)] for a, u in contributions],
               "contributors": pay(shared, contributions), "rest": str(revenue - shared)}  # fmt: skip


def produce() -> Iterable[tuple[str, bytes]]:
    histories = [
        history(1, 1, 500_000, 250, 1000),
        history(2, 2, ONE, 250, 10**21),
        history(3, 3, 100_000, 150, 100),
        history(4, 1, 0, 80, 50),
        history(5, 2, ONE, 250, 10**6),
    ]
    steps = [step for h in histories for step in h["steps"]]
    errors = {step.get("error") for step in steps}
    assert errors >= {None, "invalid_amount", "overflow", "epoch_out_of_order", "invalid_milestones", "unknown_proposal", "voting_closed",
                      "unknown_node", "duplicate_verdict", "voting_open", "milestone_out_of_order", "open_ruling",
                      "undecided_ruling", "non_canonical", "too_many_units"}, errors  # fmt: skip
    outcomes = {step["result"][0] for step in steps if step["call"] == "conclude" and "result" in step}
    assert outcomes == {"granted", "rejected", "unfunded"}, outcomes
    assert any(step.get("result", {}).get("compute") for step in steps if step["call"] == "attest")
    yield "economics/training_fund.json", Vectors(
        "Histories of a training fund: each call, its result or error, and BLAKE2b-256 of the state after it; the last state; shares "
        "of revenue", source="tests/reference/training_fund.py", histories=histories, shares=list(shares())).encode()  # fmt: skip


if __name__ == "__main__":
    sys.exit(write_or_check(__doc__.splitlines()[0], produce))
