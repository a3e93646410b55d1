#!/usr/bin/env python3
"""Reputation, rewards, settlement, prices and break-evens, written from docs/spec/economics.md and from nothing else.

Python's integers and fractions, no floating point. An epoch is settled from the list of all its tasks, account by account
and reason by reason: clarity comes before speed and memory.

    economics.py            writes tests/vectors/economics/settlements.json and operations.json
    economics.py --check    fails when they are not what it would write
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from fractions import Fraction
from math import ceil, comb, floor
from pathlib import Path
from typing import Any, Optional

VECTORS = Path(__file__).resolve().parent.parent / "vectors" / "economics"

ONE = 10**6
MAX_AMOUNT = 2**127 - 1
MAX_U64 = 2**64 - 1
VERSION = (1).to_bytes(4, "little")


class Refused(Exception):
    """The stable name of the error, and the field it is about."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code, self.field = code, field


def part(ppm: int, amount: int) -> int:
    return floor(Fraction(ppm, ONE) * amount)


def divide(amount: int, weights: list[int]) -> list[int]:
    """Largest remainder; ties to the first."""
    total = sum(weights)
    exact = [Fraction(amount * w, total) for w in weights]
    parts = [floor(e) for e in exact]
    order = sorted(range(len(weights)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[: amount - sum(parts)]:
        parts[i] += 1
    return parts


# ---------------------------------------------------------------------------------------------------------------------
# Reputation


def reputation(growth: str, epochs: int, lost: int, to_full: int, step: int, penalty: int) -> int:
    effective = max(Fraction(0), epochs - Fraction(lost * penalty, ONE))
    if growth == "linear":
        return min(ONE, floor(ONE * effective / to_full))
    if growth == "deployed":
        return min(100, floor(100 * effective / to_full)) * (ONE // 100)
    missing = ONE
    for _ in range(floor(effective)):
        after = ceil(Fraction(missing * (ONE - step), ONE))
        if after == missing:
            break
        missing = after
    return ONE - missing


def lowest_rate(traffic: int) -> int:
    points = [(100, Fraction(1)), (5_000, Fraction(1, 20)), (10_000, Fraction(1, 100))]
    if traffic <= points[0][0]:
        return ONE
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        if traffic <= x1:
            return ceil(ONE * (y0 + (y1 - y0) * Fraction(traffic - x0, x1 - x0)))
    return ONE // 100


def check_rate(reputation_ppm: int, lowest: int) -> int:
    return ceil(ONE * (1 - (1 - Fraction(lowest, ONE)) * Fraction(reputation_ppm, ONE)))


# ---------------------------------------------------------------------------------------------------------------------
# Settlement


def amount(text: str, field: str, most: int = MAX_AMOUNT) -> int:
    if text.startswith("-"):
        raise Refused("invalid_amount", field)
    if int(text) > most:
        raise Refused("overflow", field)
    return int(text)


def rate(text: str, field: str) -> int:
    value = amount(text, field, MAX_U64)
    if value > ONE:
        raise Refused("rate_above_one", field)
    return value


class Node:
    def __init__(self, key: str, weight: int) -> None:
        self.key, self.weight = key, weight
        self.executed = self.checked = self.judged = 0
        self.work = self.votes = 0
        self.tasks, self.checks, self.ballots = [0, 0], [0, 0], [0, 0]  # done, due
        self.given = [0, 0]  # results: false, all
        self.seen = [0, 0]  # results that somebody checked: those that a check found false, all
        self.charges = [0, 0]  # of the same
        self.against: Optional[str] = None  # the evidence of all votes against its results
        self.last = 0  # the height of the last of its false results
        self.conviction: Optional[dict[str, str]] = None
        self.voted_out = False
        self.by_reports = False  # and by nothing else
        self.unregistered = False
        self.reporter: Optional[str] = None

    def convict(self, ground: str, evidence: str, height: str) -> None:
        """The first conviction decides."""
        self.conviction = self.conviction or {"ground": ground, "evidence": evidence, "height": height}


def convicts(rule: dict[str, Any], false: int, results: int) -> bool:
    """By a fixed count, or by the exact chance that an honest node has as many false results."""
    if "tolerated" in rule:
        return false > rule["tolerated"]
    p, n = rule["honest_rate"], results
    good, bad = p.denominator - p.numerator, p.numerator
    below = sum(comb(n, k) * bad**k * good ** (n - k) for k in range(false))
    return 1 - Fraction(below, p.denominator**n) <= rule["significance"]


def evidence(encoded: bytes) -> str:
    return hashlib.blake2b(encoded, digest_size=32, person=b"pouw.evidence.v1").hexdigest()


def vote_of(task: dict[str, Any], vote: dict[str, Any]) -> bytes:
    """A vote of docs/spec/validation.md section 5; chain, result and signature, which the file leaves out, are zeros."""
    subject = bytes(32) + int(task["epoch"]).to_bytes(8, "little") + bytes.fromhex(task["id"] + task["executor"]) + bytes(32)
    return VERSION + subject + bytes([vote["verdict"] == "valid"]) + bytes.fromhex(vote["voter"]) + bytes(64)


def ruling_of(votes: list[dict[str, Any]], nodes: dict[str, Node], total: int) -> Optional[str]:
    """More than half of all weight, with the weight that is nobody's."""
    for verdict in ("valid", "invalid"):
        if 2 * sum(nodes[v["voter"]].weight for v in votes if v["verdict"] == verdict) > total:
            return verdict
    return None


def judgements(nodes: dict[str, Node], executor: str, keys: list[str], checks: bool) -> None:
    before = None
    for key in keys:
        if key not in nodes:
            raise Refused("unknown_node")
        if key == executor:
            raise Refused("own_work")
        if nodes[key].weight == 0:
            raise Refused("no_voting_weight")
        if checks and nodes[key].unregistered:
            raise Refused("unregistered_key")
        if key == before:
            raise Refused("duplicate_verdict")
        if before is not None and key < before:
            raise Refused("verdict_out_of_order")
        before = key


def fraction(entry: dict[str, str], field: str) -> Fraction:
    numerator = amount(entry["numerator"], f"{field}.numerator", MAX_U64)
    denominator = amount(entry["denominator"], f"{field}.denominator", MAX_U64)
    if denominator == 0:
        raise Refused("invalid_fraction", f"{field}.denominator")
    return Fraction(numerator, denominator)


def rules_of(epoch: dict[str, Any]) -> dict[str, Any]:
    rules: dict[str, Any] = {}
    for name, text in epoch["rules"].items():
        field = f"rules.{name}"
        if name == "conviction":
            rules[name] = {k: amount(v, f"{field}.{k}", 2**32 - 1) if k == "tolerated" else fraction(v, f"{field}.{k}")
                           for k, v in text.items()}  # fmt: skip
        elif name.endswith("_ppm"):
            rules[name[:-4]] = rate(text, field)
        else:
            rules[name] = amount(text, field, MAX_AMOUNT if name == "report_deposit" else 2**32 - 1)
    if ONE in (rules["work_tolerance"], rules["check_tolerance"], rules["vote_tolerance"], rules["bounty_cap"]):
        raise Refused("invalid_rules", "rules")
    for name, value in rules["conviction"].items():
        if name != "tolerated" and not (0 < value < 1 and value.denominator < 2**31):
            raise Refused("invalid_rules", "rules")
    if rules["reporter_share"] + rules["bounty_share"] > ONE:
        raise Refused("invalid_rules", "rules")
    return rules


def settle(epoch: dict[str, Any]) -> dict[str, Any]:
    rules = rules_of(epoch)
    nodes: dict[str, Node] = {}
    for entry in epoch["nodes"]:
        key = entry["node"]
        if nodes and key == list(nodes)[-1]:
            raise Refused("duplicate_node", "nodes")
        if nodes and key < list(nodes)[-1]:
            raise Refused("non_canonical", "nodes")
        nodes[key] = Node(key, int(entry["weight"]))
    if sum(n.weight for n in nodes.values()) > MAX_U64:
        raise Refused("overflow", "nodes")
    total = sum(n.weight for n in nodes.values()) + int(epoch["unassigned"])
    if total > MAX_U64:
        raise Refused("overflow", "unassigned")
    if int(epoch["epoch"]) != int(epoch["settled"]) + 1:
        raise Refused("epoch_out_of_order", "epoch")
    for entry in epoch["unregistered"]:
        node = nodes.get(entry["node"])
        if node is None or node.weight == 0:
            raise Refused("unknown_node", "unregistered")
        if node.unregistered:
            raise Refused("duplicate_node", "unregistered")
        node.unregistered = True
    for index, conviction in enumerate(epoch["convictions"]):
        if conviction["node"] not in nodes:
            raise Refused("unknown_node", f"convictions[{index}]")
        nodes[conviction["node"]].convict(conviction["ground"], conviction["evidence"], conviction["height"])

    requesters: list[dict[str, str]] = []
    paid_in = fees = 0
    last = ""
    for index, task in enumerate(epoch["tasks"]):
        field = f"tasks[{index}]"
        try:
            paid_in, fees, lines = settle_task(task, epoch, rules, nodes, total, paid_in, fees, last, field)
        except Refused as refused:
            raise Refused(refused.code, refused.field or field)
        requesters += lines
        last = task["id"]

    # Convictions by rulings: of what checks found, or of everything.
    for n in nodes.values():
        if n.conviction or n.against is None:
            continue
        by_checks = convicts(rules["conviction"], *n.seen)
        if by_checks or convicts(rules["conviction"], *n.given):
            n.convict("false_results", n.against, str(n.last))
            n.voted_out, n.by_reports = True, not by_checks

    # Issuance.
    issuance = epoch["issuance"]
    s = Fraction(int(issuance["subsidy_ppm"]), ONE)
    issued = min(int(issuance["left"]), max(floor(fees * s / (1 - s)), int(issuance["minimum"])))
    ordered = list(nodes.values())
    if sum(n.work for n in ordered) == 0:
        issued = 0
    if paid_in + issued > MAX_AMOUNT:
        raise Refused("overflow", "issuance")
    fund = {"issued": part(rules["training"], issued), "fees": part(rules["training"], fees)}
    shares = divide(issued - fund["issued"], [n.work for n in ordered]) if issued else [0] * len(ordered)

    payouts: list[dict[str, Any]] = []

    def pay(owner: str, key: Optional[str], reason: str, value: int) -> None:
        if value:
            payouts.append({"owner": owner, "id": key, "reason": reason, "amount": str(value)})

    kept, earned, fines = [], [], []
    for n, share in zip(ordered, shares):
        by_reason = {"executed": n.executed, "checked": n.checked, "judged": n.judged, "issued": share}
        earned.append(sum(by_reason.values()))
        fines.append(0)
        if n.conviction:
            kept.append(dict.fromkeys(by_reason, 0))
            continue
        if n.charges[0]:
            left = max(Fraction(0), 1 - rules["false_result_fine"] * Fraction(*n.charges))
            by_reason = {reason: floor(value * left) for reason, value in by_reason.items()}
            fines[-1] = earned[-1] - sum(by_reason.values())
        if n.unregistered:  # it did none of its checks
            by_reason = dict.fromkeys(by_reason, 0)
        for (done, due), tolerance in ((n.tasks, rules["work_tolerance"]), (n.checks, rules["check_tolerance"]),
                                       (ballots_of(n), rules["vote_tolerance"])):
            if due:
                factor = min(Fraction(1), Fraction(done, due) / (1 - Fraction(tolerance, ONE)))
                by_reason = {reason: floor(value * factor) for reason, value in by_reason.items()}
        kept.append(by_reason)
    honest = [i for i, n in enumerate(ordered) if n.conviction is None]
    shortfall = sum(earned[i] - fines[i] - sum(kept[i].values()) for i in honest)
    forfeited = sum(earned[i] for i, n in enumerate(ordered) if n.conviction) + sum(fines)
    pool = sum(part(rules["bounty_share"], earned[i]) for i, n in enumerate(ordered) if n.voted_out)
    pool += sum(part(rules["bounty_share"], fine) for fine in fines)
    votes = [0 if n.conviction else n.votes for n in ordered]
    bounties = divide(pool, votes) if sum(votes) else [0] * len(ordered)
    bounties = [min(b, part(rules["bounty_cap"], sum(k.values()))) for b, k in zip(bounties, kept)]
    for n, k, bounty in zip(ordered, kept, bounties):
        for reason, value in k.items():
            pay("node", n.key, reason, value)
        pay("node", n.key, "bounty", bounty)
    earners = [i for i in honest if earned[i] > 0]
    mean = sum(sum(kept[i].values()) for i in honest) // len(earners) if earners else 0
    awards = 0
    for i, n in enumerate(ordered):
        reporter = nodes.get(n.reporter) if n.reporter is not None else None
        if n.reporter is not None and n.by_reports and not (reporter and reporter.conviction):
            award = min(part(rules["reporter_share"], earned[i]), part(rules["bounty_cap"], mean))
            pay("requester", n.reporter, "award", award)
            awards += award
    pay("training", None, "issued", fund["issued"])
    pay("training", None, "fees", fund["fees"])
    pay("reserve", None, "forfeited", forfeited - sum(bounties) - awards)
    pay("reserve", None, "shortfall", shortfall)

    reputations, records = [], []
    curve = epoch["curve"]
    for n, entry in zip(ordered, epoch["nodes"]):
        missed = max(ceil(Fraction(ONE * (due - done), due)) if due else 0
                     for done, due in (n.tasks, n.checks, ballots_of(n)))
        if n.unregistered:
            missed = ONE
        epochs, lost = int(entry["epochs"]), int(entry["lost_ppm"])
        if n.conviction:
            epochs = lost = 0
        else:
            epochs += 1 if n.tasks[0] + n.checks[0] else 0
            lost += missed if missed > int(curve["forgiven_ppm"]) else 0
        value = reputation(curve["growth"], epochs, lost, int(curve["epochs_to_full"]), int(curve["step_ppm"]),
                           int(curve["penalty"]))
        reputations.append({"node": n.key, "epochs": str(epochs), "lost_ppm": str(lost), "reputation_ppm": str(value)})
        records.append({"node": n.key, "convicted": n.conviction is not None, "worked": n.tasks[0] + n.checks[0] > 0,
                        "missed_ppm": str(missed)})

    at_once = sum(int(u["amount"]) for u in requesters)
    out = sum(int(p["amount"]) for p in payouts)
    assert paid_in + issued == at_once + out
    convictions = [{"node": n.key, **n.conviction} for n in ordered if n.conviction]
    return {"requesters": requesters, "reputations": reputations, "epoch": epoch["epoch"], "payouts": payouts,
            "convictions": convictions, "records": records, "paid_in": str(paid_in), "issued": str(issued),
            "paid_to_requesters": str(at_once), "paid_out": str(out)}


def ballots_of(n: Node) -> tuple[int, int]:
    """Votes given and votes owed; fewer than ten count as ten."""
    done, due = n.ballots
    return (0, 0) if due == 0 else (max(due, 10) - (due - done), max(due, 10))


def settle_task(task: dict[str, Any], epoch: dict[str, Any], rules: dict[str, int], nodes: dict[str, Node], total: int,
                paid_in: int, fees: int, last: str, field: str) -> tuple[int, int, list[dict[str, str]]]:
    limit = amount(task["limit"], f"{field}.limit")
    cost = amount(task["cost"], f"{field}.cost")
    work = amount(task["work"], f"{field}.work", MAX_U64)
    reported = task["report_deposit"] is not None
    deposit = amount(task["report_deposit"], f"{field}.report_deposit") if reported else 0
    checks, votes, answer = task["checks"], task["votes"], task["answer"]
    if task["id"] == last:
        raise Refused("duplicate_task")
    if task["id"] < last:
        raise Refused("task_out_of_order")
    if task["epoch"] != epoch["epoch"]:
        raise Refused("other_epoch")
    if task["executor"] not in nodes:
        raise Refused("unknown_node")
    if paid_in + limit + deposit > MAX_AMOUNT:
        raise Refused("overflow")
    if answer == "missed" and (cost or reported or checks or votes):
        raise Refused("no_result")
    if answer == "planted" and (reported or votes):
        raise Refused("no_result")
    judgements(nodes, task["executor"], [c["validator"] for c in checks], True)
    judgements(nodes, task["executor"], [v["voter"] for v in votes], False)
    if reported and task["requester"] == task["executor"]:
        raise Refused("own_work")
    if reported and deposit < rules["report_deposit"]:
        raise Refused("insufficient_deposit")
    if votes and not reported and all(c["verdict"] != "invalid" for c in checks):
        raise Refused("unexpected_vote")

    ruling = ruling_of(votes, nodes, total)
    executor = nodes[task["executor"]]

    truth = "invalid" if answer == "planted" else ruling
    right = [c for c in checks if c["verdict"] != "missing" and truth in (None, c["verdict"])]
    refuted = [c for c in checks if ruling == "valid" and c["verdict"] == "invalid"]
    for c in checks:
        nodes[c["validator"]].checks[1] += 1
        if answer == "planted" and c["verdict"] == "valid":
            nodes[c["validator"]].convict(
                "passed_false_result", evidence(bytes.fromhex(task["id"] + c["validator"])), task["height"])
    for c in right:
        nodes[c["validator"]].checks[0] += 1
    if answer != "planted":
        executor.tasks[1] += 1
    charged = min(cost, limit)
    if answer == "given":
        executor.given[1] += 1
        if any(c["verdict"] != "missing" for c in checks):
            executor.seen[1] += 1
            executor.charges[1] += charged
    if answer == "given" and (reported or any(c["verdict"] == "invalid" for c in checks)):  # all others with weight owe a vote
        for n in nodes.values():
            n.ballots[1] += n.weight > 0 and n is not executor
        for v in votes:
            nodes[v["voter"]].ballots[0] += ruling in (None, v["verdict"])

    def lines(**amounts: int) -> list[dict[str, str]]:
        return [{"task": task["id"], "owner": "requester", "id": task["requester"], "reason": reason, "amount": str(value)}
                for reason, value in amounts.items() if value]

    paid_in += limit + deposit
    if answer == "missed" or ruling == "invalid":
        if ruling == "invalid":
            against = [v for v in votes if v["verdict"] == "invalid"]
            before = bytes.fromhex(executor.against) if executor.against is not None else b""
            executor.against = evidence(before + b"".join(vote_of(task, v) for v in against))
            executor.last = max(executor.last, int(task["height"]))
            executor.given[0] += 1
            if any(c["verdict"] == "invalid" for c in checks):
                executor.seen[0] += 1
                executor.charges[0] += charged
            elif executor.reporter is None:
                executor.reporter = task["requester"]
            for v in against:
                nodes[v["voter"]].votes += nodes[v["voter"]].weight
        return paid_in, fees, lines(refund=limit, deposit=deposit)

    if answer == "given":
        executor.tasks[0] += 1
    reward = charged - (part(rules["training"], fees + charged) - part(rules["training"], fees))
    fees += charged
    paid = floor(Fraction(work * charged, cost)) if charged else 0
    paid_checks = [c for c in checks if c in right or c in refuted]
    to_judges = deposit if ruling == "valid" else 0
    for value, attribute in ((reward, "checked"), (paid, "work")):
        half = value // 2 if paid_checks else 0
        own = "executed" if attribute == "checked" else "work"
        setattr(executor, own, getattr(executor, own) + value - half)
        for c, share in zip(paid_checks, divide(half, [1] * len(paid_checks)) if paid_checks else []):
            if c in right:
                checker = nodes[c["validator"]]
                setattr(checker, attribute, getattr(checker, attribute) + share)
            elif attribute == "work":
                executor.work += share
            else:
                to_judges += share
    if to_judges:
        sides = [nodes[v["voter"]].weight if v["verdict"] == "valid" else 0 for v in votes]
        for v, share in zip(votes, divide(to_judges, sides)):
            nodes[v["voter"]].judged += share
    return paid_in, fees, lines(unspent=limit - charged, deposit=0 if ruling == "valid" else deposit)


# ---------------------------------------------------------------------------------------------------------------------
# Prices


def median(votes: list[tuple[int, int]]) -> Optional[int]:
    """Of (price, weight): the smallest price with at least half of the weight at it or below."""
    total = sum(w for _, w in votes)
    for price in sorted({p for p, w in votes if w}):
        if 2 * sum(w for p, w in votes if p <= price) >= total:
            return price
    return None


def next_price(price: int, step: Optional[int], nodes: list[tuple[int, Optional[int]]]) -> int:
    wanted = median([(price if vote is None else vote, weight) for weight, vote in nodes])
    if wanted is None:
        return price
    if step is None:
        return wanted
    reach = max(1, part(step, price))
    return max(price - reach, min(price + reach, wanted))


def deployed_price(price: int, used: int) -> int:
    u = Fraction(used, ONE)
    factor = Fraction(1)
    if u < Fraction(2, 5):
        factor -= min(Fraction(1, 50), (Fraction(2, 5) - u) / 20)
    if u > Fraction(3, 5):
        factor += min(Fraction(1, 50), (u - Fraction(3, 5)) / 20)
    return max(1, floor(price * factor))


# ---------------------------------------------------------------------------------------------------------------------
# Sensitivity


DEFAULT_SCENARIO = {
    "tasks": 1_000, "checks": 100, "fee": 1_000, "task_cost": 500, "cheap_cost": 100, "check_cost": 100,
    "check_rate_ppm": 100_000, "honest_checks_ppm": 500_000, "catches_smaller_ppm": 500_000,
    "catches_random_ppm": 1_000_000, "planted_ppm": 10_000, "subsidy_ppm": 0, "upheld_ppm": 0,
    "report_deposit": 10_000, "coalition_ppm": 100_000, "training_ppm": 200_000, "check_tolerance_ppm": 100_000,
    "reporter_share_ppm": 250_000, "bounty_share_ppm": 250_000, "votes": 10, "vote_cost": 100, "vote_tolerance_ppm": 10_000,
    "tolerated": None, "false_result_fine": 3,
}  # fmt: skip


def tolerated_of(count: Optional[int], checked: int) -> int:
    """The false results of so many that convict nobody: by a count, or by the binomial test of 1/100 at 10^-6."""
    rule = {"tolerated": count} if count is not None else {"honest_rate": Fraction(1, 100), "significance": Fraction(1, 10**6)}
    false = 0
    while false < checked and not convicts(rule, false + 1, checked):
        false += 1
    return false


def assess(scenario: dict[str, Any]) -> dict[str, tuple[Fraction, Fraction]]:
    """Break-even and actual value of every strategy."""
    s = {k[:-4] if k.endswith("_ppm") else k: Fraction(v, ONE) if k.endswith("_ppm") else Fraction(v)
         for k, v in scenario.items() if v is not None}  # fmt: skip
    n, m = s["tasks"], s["checks"]
    pay = s["fee"] * (1 - s["training"]) / (1 - s["subsidy"])
    reward = pay * (n * (1 - s["check_rate"] / 2) + m / 2)

    def caught(r: Fraction, acts: Fraction) -> Fraction:
        return r * reward / (1 + r * (acts - 1))

    regained = s["bounty_share"] * s["coalition"]

    def cheating(power: Fraction) -> Fraction:
        """No plan gains below the fines that a task risks and below the break-even of what they leave."""
        r = s["check_rate"] * s["honest_checks"] * power
        stake = max(Fraction(0), 1 - regained) * reward
        if r == 0:
            return Fraction(0)
        checked = n * s["check_rate"]
        free = tolerated_of(scenario["tolerated"], max(1, floor(checked)))
        if s["false_result_fine"]:
            free = min(free, ceil(checked / s["false_result_fine"]) - 1)
        left = 1 - s["false_result_fine"] * free / checked
        by_conviction = r * stake * left / (1 + r * (n - 1))
        return by_conviction if free == 0 else min(r * stake * s["false_result_fine"] / checked, by_conviction)

    def abstaining(j: Fraction) -> Fraction:
        """What j abstentions cost, by vote."""
        due = max(s["votes"], Fraction(10))
        return reward * max(Fraction(0), 1 - (due - j) / (due * (1 - s["vote_tolerance"]))) / j

    def withheld_loss(j: Fraction) -> Fraction:
        """What withholding j of m checks costs, by check: their pay, and the shortfall's part of the rest."""
        left = reward - j * pay / 2
        factor = min(Fraction(1), (m - j) / (m * (1 - s["check_tolerance"])))
        return (j * pay / 2 + left * (1 - factor)) / j

    withheld = min(withheld_loss(Fraction(j)) for j in range(1, int(m) + 1))
    stake = s["report_deposit"] * (1 - s["coalition"])
    award = s["reporter_share"] * reward
    spam = stake / (stake + award) if stake + award else Fraction(1)
    dealing = (1 - s["subsidy"]) / (1 - s["training"]) if s["training"] < 1 else Fraction(1)
    return {
        "lazy_validation": (caught(s["planted"], m), s["check_cost"]),
        "smaller_model": (cheating(s["catches_smaller"]), s["task_cost"] - s["cheap_cost"]),
        "random_answers": (cheating(s["catches_random"]), s["task_cost"]),
        "withheld_selection": (withheld, s["check_cost"]),
        "spam_reports": (spam, s["upheld"]),
        "self_dealing": (dealing, s["coalition"]),
        "self_report": (max(Fraction(0), 1 - regained) * reward / n, s["task_cost"]),
        "abstention": (min(abstaining(Fraction(j)) for j in range(1, int(s["votes"]) + 1)), s["vote_cost"]),
    }


# ---------------------------------------------------------------------------------------------------------------------
# Vectors


def key(n: int) -> str:
    return n.to_bytes(32, "big").hex()


def tolerated(count: int) -> dict[str, Any]:
    return {"tolerated": str(count)}


def binomial(rate: int, of: int, significance: int, one: int) -> dict[str, Any]:
    return {"honest_rate": {"numerator": str(rate), "denominator": str(of)},
            "significance": {"numerator": str(significance), "denominator": str(one)}}  # fmt: skip


HONEST_ERRORS = binomial(1, 100, 1, 10**6)
RULES: dict[str, Any] = {
    "training_ppm": "200000", "work_tolerance_ppm": "100000", "check_tolerance_ppm": "100000",
    "vote_tolerance_ppm": "10000", "conviction": {"tolerated": "0"}, "false_result_fine": "3", "reporter_share_ppm": "250000", "bounty_share_ppm": "250000",
    "bounty_cap_ppm": "500000", "report_deposit": "100",
}  # fmt: skip
CURVE = {"growth": "linear", "epochs_to_full": "30", "step_ppm": "100000", "forgiven_ppm": "10000", "penalty": "1"}


def epoch_of(weights: list[int], tasks: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    out = {"epoch": "7", "settled": "6", "curve": dict(CURVE), "rules": dict(RULES),
           "issuance": {"subsidy_ppm": "0", "minimum": "0", "left": "0"},
           "nodes": [{"node": key(i), "weight": str(w), "epochs": "0", "lost_ppm": "0"} for i, w in enumerate(weights)],
           "unassigned": "0", "unregistered": [], "convictions": []}
    out.update(changes)
    out["tasks"] = tasks
    return out


def task_of(id: int, executor: int, limit: int = 1_000, cost: Optional[int] = None, **changes: Any) -> dict[str, Any]:
    out = {"id": key(id), "epoch": "7", "height": str(500 + id), "executor": key(executor), "requester": key(1_000 + id % 7),
           "limit": str(limit), "cost": str(limit if cost is None else cost), "work": "10", "answer": "given",
           "report_deposit": None, "checks": [], "votes": []}
    out.update(changes)
    return out


def checks_of(*entries: tuple[int, str]) -> list[dict[str, Any]]:
    return [{"validator": key(n), "verdict": verdict} for n, verdict in entries]


def votes_of(*entries: tuple[int, bool]) -> list[dict[str, Any]]:
    return [{"voter": key(n), "verdict": "valid" if valid else "invalid"} for n, valid in entries]


def convictions_of(*entries: tuple[int, str]) -> list[dict[str, Any]]:
    return [{"node": key(n), "ground": ground, "evidence": key(n), "height": str(400 + i)}
            for i, (n, ground) in enumerate(entries)]


def random_epoch(rng: random.Random, nodes: int, tasks: int, scale: int) -> dict[str, Any]:
    weights = [rng.choice([0, 1, rng.randrange(1, 1_000), rng.randrange(1, 10)]) for _ in range(nodes)]
    if rng.random() < 0.3:
        weights = [0 if rng.random() < 0.5 else 2**57 - rng.randrange(5) for _ in range(nodes)]
    rules = dict(RULES)
    for name in ("training_ppm", "reporter_share_ppm", "bounty_share_ppm"):
        rules[name] = str(rng.choice([0, 1, 333_333, 200_000, 500_000]))
    for name in ("work_tolerance_ppm", "check_tolerance_ppm", "bounty_cap_ppm"):
        rules[name] = str(rng.choice([0, 1, 100_000, 999_999]))
    rules["vote_tolerance_ppm"] = str(rng.choice([0, 1, 10_000, 100_000, 999_999]))
    rules["conviction"] = rng.choice([tolerated(0), tolerated(0), tolerated(1), tolerated(2), HONEST_ERRORS,
                                      binomial(1, 10, 1, 20), binomial(1, 2, 1, 3), binomial(3, 7, 1, 1_000)])
    rules["false_result_fine"] = str(rng.choice([0, 1, 3, 2**32 - 1]))
    rules["report_deposit"] = str(rng.choice([0, 1, 77, scale]))
    out, id = [], 0
    voters = [i for i, w in enumerate(weights) if w]
    for _ in range(tasks):
        id += rng.choice([1, 1, 1, 2, 50])
        executor = rng.randrange(nodes)
        others = [v for v in voters if v != executor]
        limit = rng.choice([0, 1, 2, 3, rng.randrange(scale + 1)])
        cost = rng.choice([limit, limit // 2, limit + 1, 0])
        answer = rng.choice(["given"] * 7 + ["missed", "planted"])
        if answer == "missed":
            out.append(task_of(id, executor, limit, 0, answer=answer, work=str(rng.randrange(9))))
            continue
        chosen = sorted(rng.sample(others, min(len(others), rng.choice([0, 0, 1, 2, 5]))))
        verdicts = ["valid"] * 4 + ["invalid", "missing"] if answer == "given" else ["invalid"] * 12 + ["valid", "missing"]
        checks = checks_of(*((n, rng.choice(verdicts)) for n in chosen))
        deposit: Optional[str] = None
        votes: list[dict[str, Any]] = []
        if answer == "given":
            if rng.random() < 0.15:
                deposit = str(int(rules["report_deposit"]) + rng.choice([0, 0, 5]))
            if deposit is not None or any(c["verdict"] == "invalid" for c in checks):
                lean = rng.choice([0.05, 0.95, 0.95, 0.5])
                votes = votes_of(*((n, rng.random() < lean) for n in others if rng.random() < 0.9))
        out.append(task_of(id, executor, limit, cost, answer=answer, checks=checks, votes=votes,
                           report_deposit=deposit, work=str(rng.choice([0, 1, 2, 3, rng.randrange(10**6), MAX_U64]))))
    growth = rng.choice(["linear", "exponential", "deployed"])
    epoch = epoch_of(weights, out, rules=rules, curve={**CURVE, "growth": growth, "epochs_to_full": str(rng.randrange(1, 40))})
    epoch["issuance"] = {"subsidy_ppm": str(rng.choice([0, 900_000, 720_000])), "minimum": str(rng.choice([0, 7, scale])),
                         "left": str(rng.choice([0, 3, scale * 100]))}
    for entry in epoch["nodes"]:
        entry["epochs"], entry["lost_ppm"] = str(rng.randrange(50)), str(rng.choice([0, 0, rng.randrange(10**7)]))
    return epoch


def refusals() -> list[tuple[str, dict[str, Any]]]:
    w = [10, 20, 30, 0]
    flagged = checks_of((1, "invalid"))
    big = str(MAX_AMOUNT)
    one = [task_of(5, 0)]
    out = [
        ("a task twice", epoch_of(w, one + one)),
        ("a task out of order", epoch_of(w, [task_of(5, 0), task_of(4, 0)])),
        ("weights of another epoch", epoch_of(w, [task_of(1, 0), task_of(2, 0, epoch="6")])),
        ("an unknown executor", epoch_of(w, [task_of(1, 9)])),
        ("a negative limit", epoch_of(w, [task_of(1, 0, limit=-1, cost=0)])),
        ("a negative cost", epoch_of(w, [task_of(1, 0, cost=-1)])),
        ("a negative deposit", epoch_of(w, [task_of(1, 0, report_deposit="-1")])),
        ("a limit above 127 bits", epoch_of(w, [task_of(1, 0, limit=MAX_AMOUNT + 1)])),
        ("fees that overflow together", epoch_of(w, [task_of(1, 0, limit=MAX_AMOUNT), task_of(2, 0, limit=1)])),
        ("a deposit that overflows", epoch_of(w, [task_of(1, 0, limit=1, report_deposit=big)])),
        ("an issuance that overflows", epoch_of(w, [task_of(1, 0, limit=MAX_AMOUNT)],
                                                issuance={"subsidy_ppm": "0", "minimum": "1", "left": "1"})),
        ("a check of nothing", epoch_of(w, [task_of(1, 0, cost=0, answer="missed", checks=checks_of((1, "valid")))])),
        ("a cost of nothing", epoch_of(w, [task_of(1, 0, answer="missed")])),
        ("a vote on a planted result", epoch_of(w, [task_of(1, 0, answer="planted", checks=flagged, votes=votes_of((1, False)))])),
        ("a report on a planted result", epoch_of(w, [task_of(1, 0, answer="planted", report_deposit="100")])),
        ("a check by a stranger", epoch_of(w, [task_of(1, 0, checks=checks_of((8, "valid")))])),
        ("a check of its own work", epoch_of(w, [task_of(1, 0, checks=checks_of((0, "valid")))])),
        ("a check without weight", epoch_of(w, [task_of(1, 0, checks=checks_of((3, "valid")))])),
        ("a check twice", epoch_of(w, [task_of(1, 0, checks=checks_of((1, "valid"), (1, "valid")))])),
        ("checks that descend", epoch_of(w, [task_of(1, 0, checks=checks_of((2, "valid"), (1, "valid")))])),
        ("a vote by a stranger", epoch_of(w, [task_of(1, 0, checks=flagged, votes=votes_of((8, False)))])),
        ("a vote on its own work", epoch_of(w, [task_of(1, 0, checks=flagged, votes=votes_of((0, True)))])),
        ("a vote without weight", epoch_of(w, [task_of(1, 0, checks=flagged, votes=votes_of((3, True)))])),
        ("a vote twice", epoch_of(w, [task_of(1, 0, checks=flagged, votes=votes_of((2, True), (2, False)))])),
        ("votes that descend", epoch_of(w, [task_of(1, 0, checks=flagged, votes=votes_of((2, True), (1, False)))])),
        ("a vote on what nobody doubts", epoch_of(w, [task_of(1, 0, checks=checks_of((1, "valid")), votes=votes_of((2, True)))])),
        ("a report on oneself", epoch_of(w, [task_of(1, 0, requester=key(0), report_deposit="100")])),
        ("a deposit too small", epoch_of(w, [task_of(1, 0, report_deposit="99")])),
        ("an epoch twice", epoch_of(w, one, settled="7")),
        ("an epoch left out", epoch_of(w, one, settled="5")),
        ("weights that overflow", epoch_of([MAX_U64, 1], one)),
        ("a rate above 1", epoch_of(w, one, rules={**RULES, "training_ppm": "1000001"})),
        ("a tolerance of 1", epoch_of(w, one, rules={**RULES, "work_tolerance_ppm": "1000000"})),
        ("a bounty as large as honest earnings", epoch_of(w, one, rules={**RULES, "bounty_cap_ppm": "1000000"})),
        ("a vote tolerance of 1", epoch_of(w, one, rules={**RULES, "vote_tolerance_ppm": "1000000"})),
        ("an honest rate of 0", epoch_of(w, one, rules={**RULES, "conviction": binomial(0, 1, 1, 10)})),
        ("a significance of 1", epoch_of(w, one, rules={**RULES, "conviction": binomial(1, 100, 2, 2)})),
        ("a significance of 31 bits", epoch_of(w, one, rules={**RULES, "conviction": binomial(1, 100, 1, 2**31)})),
        ("an honest rate of a zeroth", epoch_of(w, one, rules={**RULES, "conviction": binomial(1, 0, 1, 10)})),
        ("weight of nobody that overflows", epoch_of([MAX_U64, 0], one, unassigned="1")),
        ("a conviction of a stranger", epoch_of(w, one, convictions=convictions_of((0, "silence"), (8, "silence")))),
        ("an unregistered stranger", epoch_of(w, one, unregistered=[{"node": key(8)}])),
        ("an unregistered node without weight", epoch_of(w, one, unregistered=[{"node": key(3)}])),
        ("an unregistered node twice", epoch_of(w, one, unregistered=[{"node": key(1)}, {"node": key(1)}])),
        ("a check without a VRF key", epoch_of(w, [task_of(1, 0, checks=checks_of((1, "valid")))],
                                               unregistered=[{"node": key(1)}])),
        ("shares that exceed what is forfeited", epoch_of(w, one, rules={**RULES, "bounty_share_ppm": "750001"})),
    ]
    twice = epoch_of(w, one)
    twice["nodes"][1]["node"] = key(0)
    descending = epoch_of(w, one)
    descending["nodes"].reverse()
    return out + [("a node twice", twice), ("nodes that descend", descending)]


def worked_examples() -> list[tuple[str, dict[str, Any]]]:
    tenth = [task_of(i, 0, checks=checks_of((1, "valid")) if i % 10 == 0 else []) for i in range(100)]
    every = [task_of(i, 0, checks=checks_of((1, "valid"))) for i in range(100)]
    free = {**RULES, "training_ppm": "0"}
    fraud = [task_of(i, 0) for i in range(8)] + [task_of(i, 1) for i in range(8, 16)]
    guilty = checks_of((1, "invalid"))
    against = votes_of((1, False), (2, False))
    honest = {**RULES, "conviction": HONEST_ERRORS}

    def mostly_right(false: int, checked: int, unchecked: int = 0) -> list[dict[str, Any]]:
        """Results of node 0, each checked by node 1, of which some are false; others nobody checks; and one of node 1."""
        out = [task_of(i, 0, checks=guilty if i < false else checks_of((1, "valid")), votes=against if i < false else [])
               for i in range(checked)]  # fmt: skip
        return out + [task_of(checked + i, 0) for i in range(unchecked)] + [task_of(checked + unchecked, 1)]

    for_it = votes_of((1, True), (2, True))
    return [
        ("one in ten checked: 95%", epoch_of([1, 1], tenth, rules=free)),
        ("all checked: 50%", epoch_of([1, 1], every, rules=free)),
        ("spend X, providers earn 10X", epoch_of([1], [task_of(1, 0)], rules=free, issuance={
            "subsidy_ppm": "900000", "minimum": "0", "left": "1000000"})),
        ("the same with the training fund", epoch_of([1], [task_of(1, 0)], issuance={
            "subsidy_ppm": "900000", "minimum": "0", "left": "1000000"})),
        ("minimum issuance without fees: nobody paid for the work", epoch_of([1, 2], [
            task_of(1, 0, 0), task_of(2, 1, 0, work="20")], issuance={
            "subsidy_ppm": "900000", "minimum": "1000", "left": "1000000"})),
        ("minimum issuance with small fees", epoch_of([1, 2], [task_of(1, 0, 1), task_of(2, 1, 1, work="20")], issuance={
            "subsidy_ppm": "900000", "minimum": "1000", "left": "1000000"})),
        ("half paid, half the credit", epoch_of([1, 2], [
            task_of(1, 0, 50, 100, work="21"), task_of(2, 1, 100, 100, work="10")], issuance={
            "subsidy_ppm": "0", "minimum": "1000", "left": "1000"})),
        ("a request with limit 0 to oneself", epoch_of([1, 2], [
            task_of(1, 0, 0, 10**9, requester=key(0), work=str(MAX_U64)), task_of(2, 1, 100)], issuance={
            "subsidy_ppm": "900000", "minimum": "1000", "left": "1000000"})),
        ("a node without a VRF key", epoch_of([10, 10, 10], [
            task_of(1, 0), task_of(2, 1), task_of(3, 2, checks=checks_of((1, "valid")))],
            issuance={"subsidy_ppm": "900000", "minimum": "0", "left": "1000000"}, unregistered=[{"node": key(0)}])),
        ("a report of what a check found too", epoch_of([5, 10, 10], fraud + [
            task_of(20, 0, checks=guilty, report_deposit="100", votes=against)])),
        ("a report before a check finds another false result", epoch_of([5, 10, 10], fraud + [
            task_of(20, 0, report_deposit="100", votes=against), task_of(21, 0, checks=guilty, votes=against)])),
        ("a report on one that evidence convicts later", epoch_of([5, 10, 10, 1], fraud + [
            task_of(20, 0, report_deposit="100", votes=against),
            task_of(21, 3, answer="planted", checks=checks_of((0, "valid")))])),
        ("reports convict beyond a tolerated false result", epoch_of([5, 10, 10], fraud + [
            task_of(20, 0, checks=guilty, votes=against), task_of(21, 0, report_deposit="100", votes=against)],
            rules={**RULES, "conviction": tolerated(1)})),
        ("a report by the key of a convicted node", epoch_of([5, 10, 10, 3], fraud + [
            task_of(20, 0, requester=key(3), report_deposit="100", votes=against)],
            convictions=convictions_of((3, "silence")))),
        ("nobody worked: nothing is issued", epoch_of([1, 2], [], issuance={
            "subsidy_ppm": "900000", "minimum": "1000", "left": "1000000"})),
        ("cut off at the maximum", epoch_of([1], [task_of(1, 0, 100, 150), task_of(2, 0, 100, 60)])),
        ("fraud found by a check", epoch_of([5, 10, 10], fraud + [task_of(20, 0, checks=guilty, votes=against)])),
        ("fraud reported by its user", epoch_of([5, 10, 10], fraud + [task_of(20, 0, report_deposit="100", votes=against)])),
        ("a report that is refused", epoch_of([5, 10, 10], fraud + [task_of(20, 0, report_deposit="101", votes=for_it)])),
        ("a report without a majority", epoch_of([5, 10, 10], fraud + [task_of(20, 0, report_deposit="100", votes=votes_of((1, False)))])),
        ("exactly half is no majority", epoch_of([5, 5, 10], [task_of(1, 0, report_deposit="100", votes=votes_of((2, False)))])),
        ("fraud after conviction is refunded still", epoch_of([5, 10, 10], [
            task_of(i, 0, report_deposit="100", votes=against) for i in range(3)])),
        ("two false results are tolerated", epoch_of([5, 10, 10], [
            task_of(i, 0, checks=guilty, votes=against) for i in range(2)], rules={**RULES, "conviction": tolerated(2)})),
        ("one false result of ten: a fine", epoch_of([5, 10, 10], mostly_right(1, 10), rules=honest)),
        ("one false result of ten, without a fine", epoch_of([5, 10, 10], mostly_right(1, 10), rules={
            **honest, "false_result_fine": "0"})),
        ("four false results of ten convict nobody, and leave it nothing", epoch_of(
            [5, 10, 10], mostly_right(4, 10), rules=honest)),
        ("five false results of ten convict", epoch_of([5, 10, 10], mostly_right(5, 10), rules=honest)),
        ("eight false results of a hundred", epoch_of([5, 10, 10], mostly_right(8, 100, 20), rules=honest)),
        ("nine false results of a hundred convict", epoch_of([5, 10, 10], mostly_right(9, 100, 20), rules=honest)),
        ("a fine by what the results charge", epoch_of([5, 10, 10], [
            task_of(1, 0, 2_000, 1_000, checks=guilty, votes=against), task_of(2, 0, 9_000, checks=checks_of((1, "valid"))),
            task_of(3, 0, 5_000), task_of(4, 1, 100)], rules=honest)),
        ("reports alone: five of ten results convict", epoch_of([5, 10, 10], fraud + [
            task_of(20 + i, 0, report_deposit="100", votes=against) for i in range(5)] + [
            task_of(30, 0), task_of(31, 0)], rules={**honest, "conviction": binomial(1, 30, 1, 1_000)})),
        ("right results that are reported change nothing of what checks found", epoch_of([5, 10, 10], mostly_right(5, 10) + [
            task_of(20 + i, 0, report_deposit="100", votes=for_it) for i in range(30)], rules=honest)),
        ("a flag that the vote refutes pays the voters", epoch_of([5, 10, 10, 6], [
            task_of(1, 0, checks=guilty, votes=votes_of((1, False), (2, True), (3, True))), task_of(2, 1, 10), task_of(3, 2, 10)],
            issuance={"subsidy_ppm": "900000", "minimum": "0", "left": "1000000"})),
        ("a flag that the vote refutes, beside a check that was right and one left out", epoch_of([5, 10, 10, 6], [
            task_of(1, 0, 1_003, work="15", checks=checks_of((1, "invalid"), (2, "valid"), (3, "missing")), report_deposit="101",
                    votes=votes_of((1, False), (2, True), (3, True)))],
            issuance={"subsidy_ppm": "900000", "minimum": "0", "left": "1000000"})),
        ("abstentions: none and one of twelve votes", epoch_of([5, 10, 10, 9], [
            *(task_of(i, 0, report_deposit="100", votes=votes_of(*([(1, True)] if i else []), (2, True), (3, True)) if i % 12 else for_it)
              for i in range(12)),
            task_of(20, 3, checks=checks_of((1, "valid"), (2, "valid")))], rules={**RULES, "vote_tolerance_ppm": "0"})),
        ("an abstention within the tolerance", epoch_of([5, 10, 10, 5], [
            *(task_of(i, 0, report_deposit="100", votes=votes_of((1, True), (2, True), *([(3, True)] if i else [])))
              for i in range(12)), task_of(20, 3)], rules={**RULES, "vote_tolerance_ppm": "83334"})),
        ("an abstention beyond the tolerance", epoch_of([5, 10, 10, 5], [
            *(task_of(i, 0, report_deposit="100", votes=votes_of((1, True), (2, True), *([(3, True)] if i else [])))
              for i in range(12)), task_of(20, 3)], rules={**RULES, "vote_tolerance_ppm": "83333"})),
        ("one vote in an epoch: who misses it misses a tenth", epoch_of([5, 10, 10, 5], [
            task_of(1, 0, report_deposit="100", votes=for_it), task_of(20, 3)])),
        ("a vote against the ruling is a missed one", epoch_of([5, 10, 10, 5], [
            task_of(1, 0, report_deposit="100", votes=votes_of((1, True), (2, True), (3, False))), task_of(20, 3)])),
        ("any vote is one where nothing was decided", epoch_of([5, 10, 10, 5], [
            task_of(1, 0, report_deposit="100", votes=votes_of((2, True), (3, False))), task_of(19, 1), task_of(20, 3)])),
        ("nobody votes on a result that is flagged", epoch_of([5, 10, 10], [
            task_of(1, 0, checks=guilty), task_of(19, 1), task_of(20, 2)])),
        ("a checker passes a planted result", epoch_of([5, 10, 10], fraud + [
            task_of(20, 0, answer="planted", checks=checks_of((1, "valid"), (2, "invalid")))])),
        ("checks left out", epoch_of([5, 10, 10], fraud + [
            task_of(20 + i, 0, checks=checks_of((1, "missing"), (2, "valid"))) for i in range(5)])),
        ("tasks not answered", epoch_of([5, 10], fraud + [task_of(20 + i, 0, cost=0, answer="missed") for i in range(5)])),
        ("a cap left half of the weight to nobody: no majority", epoch_of([10, 10, 10, 10, 10], [
            task_of(1, 0, report_deposit="100", votes=votes_of((1, False), (2, False), (3, False), (4, False)))], unassigned="50")),
        ("a cap left some weight to nobody", epoch_of([10, 10, 10, 10, 10], [
            task_of(1, 0, report_deposit="100", votes=votes_of((1, False), (2, False), (3, False), (4, False)))], unassigned="29")),
        ("convicted by evidence", epoch_of([5, 10, 10], fraud, convictions=convictions_of((0, "false_nonce")))),
        ("convicted twice", epoch_of([5, 10, 10], fraud + [task_of(20, 0, report_deposit="100", votes=against)],
                                     convictions=convictions_of((0, "withheld_check"), (0, "silence")))),
        ("one node", epoch_of([5], [task_of(i, 0) for i in range(3)])),
        ("no weight at all", epoch_of([0, 0], [task_of(1, 0, report_deposit="100")])),
        ("no nodes", epoch_of([], [])),
        ("amounts of 127 bits", epoch_of([1, 1], [
            task_of(1, 0, MAX_AMOUNT // 2, checks=checks_of((1, "valid"))), task_of(2, 1, MAX_AMOUNT // 2)])),
        ("dust", epoch_of([1, 1, 1, 1], [task_of(i, 0, 1, checks=checks_of((1, "valid"), (2, "valid"), (3, "valid")))
                                         for i in range(20)])),
    ]  # fmt: skip


def settlements() -> dict[str, Any]:
    rng = random.Random(79)
    cases = worked_examples() + refusals()
    for n in range(30):
        nodes = rng.choice([1, 2, 3, 7, 20])
        cases.append((f"random {n}", random_epoch(rng, nodes, rng.randrange(0, 60 if n == 0 else 20), rng.choice([10, 10_000, 10**18, 10**34]))))
    out = []
    for name, epoch in cases:
        try:
            result: dict[str, Any] = settle(epoch)
        except Refused as refused:
            result = {"error": refused.code, "field": refused.field}
        out.append({"name": name, "epoch": epoch, "result": result})
    return {"settlements": out}


def operations() -> dict[str, Any]:
    rng = random.Random(80)
    text = lambda values: [str(v) for v in values]  # noqa: E731
    out: dict[str, Any] = {}
    rows = []
    for growth in ("linear", "exponential", "deployed"):
        for _ in range(60):
            args = (rng.choice([0, 1, 5, 30, rng.randrange(200), 2**32 - 1]), rng.choice([0, 0, 500_000, rng.randrange(10**8)]),
                    rng.choice([1, 10, 30, 365]), rng.choice([1_000, 100_000, 500_000, ONE]), rng.choice([0, 1, 2, 7]))
            rows.append([growth, *text(args), str(reputation(growth, *args))])
    out["reputation"] = rows
    traffic = [0, 99, 100, 101, 2_550, 3_775, 4_999, 5_000, 5_001, 6_250, 7_500, 9_999, 10_000, 2**64 - 1]
    traffic += [rng.randrange(11_000) for _ in range(100)]
    out["lowest_check_rate"] = [text([t, lowest_rate(t)]) for t in traffic]
    pairs = [(rng.choice([0, 1, 333_333, ONE, rng.randrange(ONE)]), rng.choice([0, 1, 10_000, ONE])) for _ in range(60)]
    out["check_rate"] = [text([r, low, check_rate(r, low)]) for r, low in pairs]

    prices = []
    for _ in range(150):
        price = rng.choice([1, 2, 49, 100, rng.randrange(1, 10**6), rng.randrange(1, 10**30)])
        step = rng.choice([0, 20_000, 100_000, ONE])
        nodes = []
        for _ in range(rng.choice([0, 1, 2, 3, 10])):
            vote = rng.choice([None, price, rng.randrange(1, 2 * price + 1), 1, price * 10])
            nodes.append((rng.choice([0, 1, 1, 2, 10, rng.randrange(2**60)]), vote))
        # Nodes without weight have no vote.
        nodes = [(w, vote if w else None) for w, vote in nodes]
        prices.append([str(price), str(step), [[str(w), None if v is None else str(v)] for w, v in nodes],
                       str(next_price(price, step, nodes))])
    own = random.Random(81)
    for _ in range(50):  # without a cap on the step
        price = own.choice([1, 49, 100, own.randrange(1, 10**30)])
        nodes = [(own.choice([1, 2, 10, own.randrange(1, 2**59)]), own.choice([None, 1, own.randrange(1, 10 * price + 1), price * 1000]))
                 for _ in range(own.choice([1, 2, 3, 10]))]
        prices.append([str(price), None, [[str(w), None if v is None else str(v)] for w, v in nodes],
                       str(next_price(price, None, nodes))])
    out["prices"] = prices
    used = [(100, 200_000), (100, 800_000), (10, 0), (100, ONE), (100, 500_000), (1, 0), (49, ONE), (50, ONE)]
    used += [(rng.randrange(1, 10**12), rng.randrange(ONE + 1)) for _ in range(60)]
    out["deployed_prices"] = [text([p, u, deployed_price(p, u)]) for p, u in used]

    scenarios = [dict(DEFAULT_SCENARIO), {**DEFAULT_SCENARIO, "subsidy_ppm": 900_000}]
    for _ in range(60):
        s = dict(DEFAULT_SCENARIO)
        s["tasks"], s["checks"] = rng.choice([1, 10, 1_000, 100_000]), rng.choice([1, 3, 9, 10, 11, 200])
        s["fee"], s["task_cost"] = rng.randrange(1, 10**6), rng.randrange(10**6)
        s["cheap_cost"] = rng.randrange(s["task_cost"] + 1)
        s["check_cost"], s["report_deposit"] = rng.randrange(10**6), rng.choice([0, 10_000])
        for name in ("check_rate", "honest_checks", "catches_smaller", "planted", "upheld", "coalition"):
            s[name + "_ppm"] = rng.choice([0, 10_000, 100_000, 500_000, ONE])
        s["check_tolerance_ppm"] = rng.choice([0, 1_000, 100_000, 900_000])
        s["subsidy_ppm"] = rng.choice([0, 77_309, 720_000, 900_000])
        s["training_ppm"] = rng.choice([0, 200_000, 300_000])
        s["reporter_share_ppm"] = rng.choice([0, 250_000, 750_000])
        s["votes"], s["vote_cost"] = own.choice([1, 9, 10, 11, 200]), own.randrange(10**6)
        s["vote_tolerance_ppm"] = own.choice([0, 1_000, 10_000, 100_000])
        s["tolerated"] = own.choice([0, 1, 7]) if s["tasks"] * s["check_rate_ppm"] > ONE * 1_000 else own.choice([None, 0, 1])
        s["false_result_fine"] = own.choice([0, 1, 3, 20])
        scenarios.append(s)
    out["scenarios"] = [
        {"scenario": {k: None if v is None else str(v) for k, v in s.items()},
         "findings": [[name, *text([b.numerator, b.denominator, a.numerator, a.denominator])]
                      for name, (b, a) in assess(s).items()]} for s in scenarios]  # fmt: skip
    return out


def encode(content: dict[str, Any], description: str) -> str:
    def member(value: Any) -> str:
        compact = lambda v: json.dumps(v, separators=(",", ":"))  # noqa: E731
        return "[\n" + ",\n".join("  " + compact(entry) for entry in value) + "\n ]" if isinstance(value, list) else compact(value)

    members = {"description": description, "source": "tests/reference/economics.py", **content}
    return "{\n" + ",\n".join(f" {json.dumps(name)}: {member(value)}" for name, value in members.items()) + "\n}\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare and write nothing")
    check = parser.parse_args().check
    files = {
        "settlements.json": encode(settlements(), "Epochs as `pouw settle` reads them, and their statements"),
        "operations.json": encode(operations(), "Reputation, check rates, prices and break-evens"),
    }
    for name, text in files.items():
        path = VECTORS / name
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="ascii")
        elif not path.exists() or path.read_text(encoding="ascii") != text:
            print(f"{path}: not what tests/reference/economics.py writes", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
