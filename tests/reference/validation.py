#!/usr/bin/env python3
"""Selection, challenges, assignment, dummy tasks, votes, image records and registrations, written from
docs/spec/validation.md.

    validation.py            writes tests/vectors/validation/
    validation.py --check    fails when the files are not what it would write
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from fractions import Fraction
from hashlib import blake2b, sha256
from math import floor
from typing import Any, Iterable, Optional

import beacon
import ed25519
import sealed
import vrf
from chacha20 import keystream
from pow import H
from vector_file import Vectors, write_or_check
from weights import digest as table_digest
from weights import encode as encode_table

FULL = 2**128


def le(value: int, size: int) -> bytes:
    return value.to_bytes(size, "little")


def tag16(tag: str) -> bytes:
    return tag.encode("ascii").ljust(16, b"\0")


def label(*parts: Any) -> bytes:
    """32 bytes that mean nothing."""
    return sha256(" ".join(map(str, parts)).encode()).digest()


class Refused(Exception):
    """The stable name of the error."""


def numbers(key: bytes) -> Iterable[int]:
    """w_0, w_1, ...: 16 bytes of the stream each, least significant first."""
    place = 0
    while True:
        yield int.from_bytes(keystream(key, 0, place, 16).tobytes(), "little")
        place += 16


# ---------------------------------------------------------------------------------------------------------------------
# 1. Epochs


@dataclass(frozen=True)
class Epoch:
    chain: bytes
    number: int
    beacon: bytes
    height: int = 1000

    def prefix(self) -> bytes:
        return self.chain + le(self.number, 8) + self.beacon


def chain_digest(chain_id: bytes) -> bytes:
    return H("pouw.val-chn.v1", chain_id)


@dataclass
class Node:
    """A node whose keys follow from a name."""

    name: str
    weight: int

    def __post_init__(self) -> None:
        self.signing_seed, self.vrf_seed = label("sign", self.name), label("vrf", self.name)
        self.key = ed25519.public_key_of(self.signing_seed)
        self.vrf_key = vrf.edwards.public_key(self.vrf_seed)


def weight_of(nodes: list[Node], key: bytes) -> int:
    return sum(node.weight for node in nodes if node.key == key)


# ---------------------------------------------------------------------------------------------------------------------
# 2. Selection


def threshold(rate: Fraction, weight: int, executor_weight: int, total: int) -> int:
    if weight + executor_weight > total:
        raise Refused("inconsistent_weights")
    if rate * weight == 0:
        return 0
    return floor(FULL * min(Fraction(1), rate * weight / (total - executor_weight)))


def alpha(epoch: Epoch, task: bytes, executor: bytes) -> bytes:
    return tag16("pouw.val-sel.v1") + epoch.prefix() + task + executor


def draw(beta: bytes) -> int:
    return int.from_bytes(beta[:16], "big")


def vector_of_selection(nodes: list[Node], epoch: Epoch, node: Node, task: bytes, executor: bytes, rate: Fraction) -> dict:
    total = sum(n.weight for n in nodes)
    limit = threshold(rate, node.weight, weight_of(nodes, executor), total)
    proved = vrf.prove(node.vrf_seed, alpha(epoch, task, executor))
    assert vrf.verify(node.vrf_key, proved["alpha"], proved["pi"]) == proved["beta"]
    return {
        "epoch": str(epoch.number), "beacon": epoch.beacon.hex(), "task": task.hex(), "executor": executor.hex(),
        "rate": fraction(rate), "nodes": [node_json(n) for n in nodes], "validator": node.key.hex(),
        "vrf_seed": node.vrf_seed.hex(), "alpha": proved["alpha"].hex(), "proof": proved["pi"].hex(),
        "beta": proved["beta"].hex(), "draw": f"{draw(proved['beta']):032x}", "threshold": f"{limit:033x}",
        "selected": draw(proved["beta"]) < limit,
        "guaranteed": [key.hex() for key in guaranteed(nodes, epoch, task, executor, rate)],
    }  # fmt: skip


def draws(key: bytes, nodes: list[Node], count: int) -> list[bytes]:
    """The first nodes drawn by weight without replacement, of all nodes given."""
    left, out, stream = sorted(nodes, key=lambda node: node.key), [], numbers(key)
    while left and len(out) < count:
        point = next(stream) * sum(node.weight for node in left) // FULL
        reached = 0
        for node in left:
            reached += node.weight
            if reached > point:
                break
        out.append(node.key)
        left.remove(node)
    return out


def guaranteed(nodes: list[Node], epoch: Epoch, task: bytes, executor: bytes, rate: Fraction, count: int = 1) -> list[bytes]:
    """Of nodes with a key that counts."""
    if rate < 1:
        return []
    order = draws(H("pouw.val-gua.v1", epoch.prefix() + task), nodes, len(nodes))
    return [key for key in order if key != executor][:count]


def guarantees() -> list[dict]:
    chain = chain_digest(b"pouw-test")
    tables = [paper_nodes(), [Node("alone", 1)], [Node(f"n{i}", 1 + i * i) for i in range(30)],
              [Node("large", 2**64 - 100), Node("small", 99)]]  # fmt: skip
    out = []
    for case in range(48):
        nodes = tables[case % len(tables)]
        epoch, task = Epoch(chain, case, label("beacon", case)), label("guaranteed task", case)
        executor = nodes[case % len(nodes)].key if case % 3 else label("executor without weight")
        rate = (Fraction(1), Fraction(5, 2), Fraction(1), Fraction(2**64 - 2, 2**64 - 1))[case // 4 % 4]
        count = (1, 2, 3, 0, 100, 1)[case // 8]
        # Every seventh node has no key.
        keyed = [node for i, node in enumerate(nodes) if (i + case) % 7]
        out.append({"epoch": str(case), "beacon": epoch.beacon.hex(), "task": task.hex(), "executor": executor.hex(),
                    "rate": fraction(rate), "count": str(count),
                    "nodes": [node_json(n) | ({} if n in keyed else {"vrf_key": ""}) for n in nodes],
                    "guaranteed": [key.hex() for key in guaranteed(keyed, epoch, task, executor, rate, count)]})  # fmt: skip
    return out


def node_json(node: Node) -> dict:
    return {"key": node.key.hex(), "weight": str(node.weight), "vrf_key": node.vrf_key.hex()}


def fraction(value: Fraction, factor: int = 1) -> dict:
    return {"numerator": str(value.numerator * factor), "denominator": str(value.denominator * factor)}


def paper_nodes() -> list[Node]:
    return [Node("half", 50)] + [Node(f"tenth {i}", 10) for i in range(5)]


def selections() -> list[dict]:
    chain = chain_digest(b"pouw-test")
    epoch = Epoch(chain, 7, label("beacon", 7))
    nodes = paper_nodes()
    outsider = label("executor without weight")
    out = []
    for rate in (Fraction(1, 10), Fraction(1, 2), Fraction(1), Fraction(5), Fraction(0)):
        for i in range(3):
            out.append(vector_of_selection(nodes, epoch, nodes[i % 2], label("task", i), outsider, rate))
    out.append(vector_of_selection(nodes, epoch, nodes[1], label("task", 9), nodes[0].key, Fraction(1, 3)))
    # The only validator beside the executor: certain at rate 1.
    pair = [Node("a", 2**63), Node("b", 2**63 - 1)]
    out.append(vector_of_selection(pair, epoch, pair[1], label("task", 10), pair[0].key, Fraction(1)))
    out.append(vector_of_selection(pair, epoch, pair[1], label("task", 10), pair[0].key, Fraction(2**64 - 2, 2**64 - 1)))
    out.append(vector_of_selection(pair, Epoch(chain, 2**64 - 1, bytes(32)), pair[0], bytes(32), bytes(32),
                                   Fraction(1, 2**64 - 1)))
    return out


def thresholds() -> list[dict]:
    top = 2**64 - 1
    cases = [(w, e, t) for w, e, t in (
        (0, 0, 0), (0, 5, 5), (0, 0, 1), (1, 0, 1), (1, 1, 2), (5, 5, 10), (10, 0, 100), (50, 0, 100), (10, 50, 100),
        (1, 0, top), (top, 0, top), (1, top - 1, top), (1, top - 2, top), (top - 1, 1, top), (2**63, 2**62, top),
        (1, top, top), (2, 0, 1), (top, top, top), (12345678901234567, 76543210987654321, 2**63 + 12345))]  # fmt: skip
    rates = [Fraction(0), Fraction(1, top), Fraction(1, 1000000), Fraction(1, 10), Fraction(1, 3), Fraction(2, 3),
             Fraction(999999, 1000000), Fraction(top - 1, top), Fraction(1), Fraction(top, top - 1), Fraction(3, 2),
             Fraction(10), Fraction(top)]  # fmt: skip
    out = []
    for weight, executor, total in cases:
        for rate in rates:
            case = {"weight": str(weight), "executor_weight": str(executor), "total": str(total), "rate": fraction(rate)}
            try:
                case["threshold"] = f"{threshold(rate, weight, executor, total):033x}"
            except Refused as refused:
                case["error"] = str(refused)
            out.append(case)
    return out


def unchecked_bounds(chances: list[Fraction]) -> tuple[int, int]:
    low = high = FULL
    for chance in chances:
        t, u = floor(FULL * chance), -floor(-FULL * chance)
        low = low * (FULL - u) // FULL
        high = -(-high * (FULL - t) // FULL)
    return low, high


def coalition_bounds(chance_of_one: Fraction, honest: list[int], coalition: list[int], drawn: int) -> tuple[int, int]:
    """The chance that nobody but the coalition checks: rounded as section 2 says."""
    members, total = sorted(coalition), sum(honest) + sum(coalition)
    silent = unchecked_bounds([min(Fraction(1), chance_of_one * weight) for weight in honest])
    if drawn > len(members):
        return 0, 0
    low = high = FULL
    for i in range(drawn):
        heavy, light = sum(members[len(members) - i :]), sum(members[:i])
        low = low * floor(Fraction(FULL * (sum(members) - heavy), total - heavy)) // FULL
        high = -(-high * -floor(-Fraction(FULL * (sum(members) - light), total - light)) // FULL)
    return low * silent[0] // FULL, -(-high * silent[1] // FULL)


def totals() -> list[dict]:
    """Expected checks, and the chance of none, of whole tables."""
    out = []
    tables = [[50, 10, 10, 10, 10, 10], [1], [3, 3, 3], [2**63, 2**62, 2**61, 5, 1], list(range(1, 40)), [1000] + [1] * 30]
    for table in tables:
        nodes = [Node(f"total {i}", w) for i, w in enumerate(table)]
        nodes.sort(key=lambda node: node.key)
        for executor in (None, nodes[0], nodes[-1]):
            executor_weight = executor.weight if executor else 0
            rest = sum(table) - executor_weight
            for rate in (Fraction(1, 10), Fraction(1), Fraction(7, 2), Fraction(1, 3)):
                others = [node for node in nodes if node is not executor]
                chances = [min(Fraction(1), rate * node.weight / rest) for node in others]
                expected = sum(chances, Fraction(0))
                none = Fraction(1)
                for chance in chances:
                    none *= 1 - chance
                low, high = unchecked_bounds(chances)
                assert low <= none * FULL <= high and high - low <= 2 * len(others)
                # The guaranteed validator leaves nothing unchecked.
                certain = 1 if rate >= 1 and others else 0
                if certain:
                    low = high = 0
                # Every second of the others is of the coalition.
                coalition = others[::2]
                within = coalition_bounds(rate / rest, [node.weight for node in others[1::2]],
                                          [node.weight for node in coalition], certain) if others else (FULL, FULL)
                out.append({
                    "nodes": [node_json(n) for n in nodes], "rate": fraction(rate),
                    "executor": (executor.key if executor else bytes(32)).hex(),
                    "expected_numerator": str(expected.numerator), "expected_denominator": str(expected.denominator),
                    "unchecked_low": f"{low:033x}", "unchecked_high": f"{high:033x}", "guaranteed": str(certain),
                    "coalition": [node.key.hex() for node in coalition],
                    "within_low": f"{within[0]:033x}", "within_high": f"{within[1]:033x}",
                })  # fmt: skip
    return out


def detection() -> list[dict]:
    out = []
    for found in (Fraction(1, 10), Fraction(1, 20), Fraction(1, 100), Fraction(1, 2), Fraction(1, 3), Fraction(9, 10),
                  Fraction(1), Fraction(1, 997)):  # fmt: skip
        for confidence in (Fraction(95, 100), Fraction(99, 100), Fraction(3, 4), Fraction(7, 8), Fraction(5, 9),
                           Fraction(1, 2), Fraction(999999, 1000000), Fraction(1, 2**63)):  # fmt: skip
            n, missed = 1, 1 - found
            while missed > 1 - confidence:
                n, missed = n + 1, missed * (1 - found)
            out.append({"found": fraction(found), "confidence": fraction(confidence), "checks": str(n)})
    return out


# ---------------------------------------------------------------------------------------------------------------------
# 3. Challenges


def shuffle_start(key: bytes, count: int, samples: int) -> list[int]:
    row, stream = list(range(count)), numbers(key)
    for i in range(min(samples, count)):
        j = i + next(stream) * (count - i) // FULL
        row[i], row[j] = row[j], row[i]
    return row[: min(samples, count)]


def challenges() -> list[dict]:
    chain = chain_digest(b"pouw-test")
    out = []
    for case, (count, samples) in enumerate(((1, 1), (5, 5), (5, 9), (40, 3), (100, 0), (300, 60))):
        epoch, node, fresh = Epoch(chain, case, label("beacon", case)), Node("half", 50), label("fresh", case)
        tasks = sorted(label("task", case, i) for i in range(count))
        key = H("pouw.val-chl.v1", chain + le(case, 8) + fresh + node.key)
        asked = [tasks[i] for i in shuffle_start(key, count, samples)]
        # Of executor 0 at the rate 1/10.
        evidence = le(1, 4) + chain + le(case, 8) + epoch.beacon + node.key + le(2050, 8)
        evidence += b"".join(task + bytes(32) + le(1, 8) + le(10, 8) for task in asked)
        out.append({"epoch": str(case), "beacon": epoch.beacon.hex(), "output": fresh.hex(), "validator": node.key.hex(),
                    "tasks": [task.hex() for task in tasks], "samples": str(samples),
                    "asked": [task.hex() for task in asked],
                    "silence": H("pouw.evidence.v1", evidence).hex() if asked else ""})  # fmt: skip
    return out


# ---------------------------------------------------------------------------------------------------------------------
# 4. Assignment


def request_id(requester: bytes, sequence: int, content: bytes) -> bytes:
    return H("pouw.val-req.v1", requester + le(sequence, 8) + content)


def drawn(key: bytes, nodes: list[Node], excluded: set[bytes], count: int) -> list[bytes]:
    left = [node for node in nodes if node.key not in excluded]
    if not left:
        raise Refused("no_executor")
    return draws(key, left, count)


def assignments() -> list[dict]:
    chain = chain_digest(b"pouw-test")
    tables = [paper_nodes(), [Node("alone", 1)], [Node(f"n{i}", 1 + i * i) for i in range(30)],
              [Node("large", 2**64 - 100), Node("small", 99)]]  # fmt: skip
    out = []
    for case in range(24):
        nodes = sorted(tables[case % len(tables)], key=lambda node: node.key)
        randomness, requester, content = label("random", case), label("requester", case), label("content", case)
        if case % 3 == 0:
            content = bytes(32)
        excluded = [node.key for i, node in enumerate(nodes) if (case >> (i % 5)) & 1 and i % 2 == case % 2]
        if case % 5 == 0:
            excluded += [label("nobody"), *excluded[:1]]
        if case in (13, 22):
            excluded = [node.key for node in nodes]
        request = request_id(requester, case, content)
        key = lambda tag: H(tag, chain + le(case, 8) + randomness + request)
        entry = {"nodes": [node_json(n) for n in nodes], "epoch": str(case), "randomness": randomness.hex(),
                 "requester": requester.hex(), "sequence": str(case), "content": content.hex(),
                 "excluded": [e.hex() for e in excluded], "request": request.hex(),
                 "task": key("pouw.val-task.v1").hex()}  # fmt: skip
        try:
            entry["relay"] = drawn(key("pouw.val-rly.v1"), nodes, set(excluded), 1)[0].hex()
            entry["executors"] = [e.hex() for e in drawn(key("pouw.val-exe.v1"), nodes, set(excluded), 5)]
        except Refused as refused:
            entry["error"] = str(refused)
        out.append(entry)
    return out


def open_dummies() -> list[dict]:
    epoch = Epoch(chain_digest(b"pouw-test"), 3, label("beacon", 3))
    out = []
    for slot in [*range(12), 2**64 - 1]:
        for rate in (Fraction(1, 4), Fraction(1), Fraction(0), Fraction(2, 3)):
            seed = H("pouw.val-odm.v1", epoch.prefix() + le(slot, 8))
            hit = next(iter(numbers(seed))) * rate.denominator // FULL < rate.numerator
            out.append({"slot": str(slot), "rate": fraction(rate), "seed": seed.hex() if hit else ""})
    return out


def hidden_dummies() -> list[dict]:
    epoch = Epoch(chain_digest(b"pouw-test"), 3, label("beacon", 3))
    nodes, out = paper_nodes(), []
    for slot in range(8):
        node, rate, payers = nodes[slot % 2], Fraction(1, 1 + slot % 2), (1, 7, 2**64 - 1)[slot % 3]
        text = tag16("pouw.val-hdm.v1") + epoch.prefix() + le(slot, 8)
        assert len(text) == 96
        proved = vrf.prove(node.vrf_seed, text)
        beta = proved["beta"]
        entry = {"slot": str(slot), "origin": node.key.hex(), "vrf_seed": node.vrf_seed.hex(), "rate": fraction(rate),
                 "payers": str(payers), "proof": proved["pi"].hex(),
                 "selected": draw(beta) < threshold(rate, node.weight, 0, 100)}  # fmt: skip
        if entry["selected"]:
            entry["salt"] = H("pouw.val-slt.v1", beta).hex()
            entry["prompt"] = H("pouw.val-prm.v1", beta).hex()
            entry["payer"] = str(next(iter(numbers(H("pouw.val-pay.v1", beta)))) * payers // FULL)
        out.append(entry)
    return out


# ---------------------------------------------------------------------------------------------------------------------
# 5. Votes

Subject = tuple[bytes, int, bytes, bytes, bytes]


def encode_subject(subject: Subject) -> bytes:
    chain, epoch, task, executor, result = subject
    return le(1, 4) + chain + le(epoch, 8) + task + executor + result


def unsigned_vote(subject: Subject, verdict: int, voter: bytes) -> bytes:
    return encode_subject(subject) + bytes([verdict]) + voter


def vote(subject: Subject, verdict: int, seed: bytes) -> bytes:
    text = unsigned_vote(subject, verdict, ed25519.public_key_of(seed))
    return text + ed25519.sign(seed, H("pouw.val-vote.v1", text))


class Voting:
    """Votes on results as the page describes them, one dictionary a result."""

    def __init__(self, chain: bytes, epoch: int, weights: dict[bytes, int]) -> None:
        self.chain, self.epoch, self.weights = chain, epoch, weights
        self.results: dict[bytes, dict[str, Any]] = {}

    def open(self, subject: Subject, deadline: int) -> None:
        self.results[subject[2]] = {"subject": subject, "deadline": deadline, "votes": {}}

    def apply(self, data: bytes, height: int) -> Optional[bytes]:
        """Nothing for a vote that counts; raises for a refusal, of which a contradiction carries its evidence."""
        if len(data) != 237:
            raise Refused("wrong_length")
        if data[:4] != le(1, 4):
            raise Refused("unsupported_version")
        if data[140] > 1:
            raise Refused("non_canonical")
        chain, epoch, task = data[4:36], int.from_bytes(data[36:44], "little"), data[44:76]
        executor, result, verdict, voter, signature = data[76:108], data[108:140], data[140], data[141:173], data[173:]
        if chain != self.chain:
            raise Refused("other_chain")
        if epoch != self.epoch:
            raise Refused("other_epoch")
        if task not in self.results:
            raise Refused("unknown_task")
        ballot = self.results[task]
        for wrong, name in ((height > ballot["deadline"], "too_late"), (executor != ballot["subject"][3], "other_executor"),
                            (result != ballot["subject"][4], "other_result"), (voter == executor, "own_work"),
                            (self.weights.get(voter, 0) == 0, "no_voting_weight"),
                            (not ed25519.verify(voter, H("pouw.val-vote.v1", data[:173]), signature), "invalid_signature")):  # fmt: skip
            if wrong:
                raise Refused(name)
        if voter in ballot["votes"]:
            before, first = ballot["votes"][voter]
            if before == verdict:
                raise Refused("already_voted")
            both = (first, signature) if before == 0 else (signature, first)
            return data[:140] + voter + both[0] + both[1]
        ballot["votes"][voter] = (verdict, signature)
        return None

    def ruling(self, task: bytes, height: int) -> str:
        ballot, total = self.results[task], sum(self.weights.values())
        for verdict, name in ((1, "valid"), (0, "invalid")):
            if 2 * sum(self.weights[v] for v, (given, _) in ballot["votes"].items() if given == verdict) > total:
                return name
        return "open" if height < ballot["deadline"] else "undecided"

    def encode(self) -> bytes:
        table = table_digest(encode_table(self.weights))
        out = b"pouwvot1" + le(1, 4) + self.chain + le(self.epoch, 8) + table + le(len(self.results), 4)
        for task, ballot in sorted(self.results.items()):
            out += task + ballot["subject"][3] + ballot["subject"][4] + le(ballot["deadline"], 8) + le(len(ballot["votes"]), 4)
            for voter, (verdict, signature) in sorted(ballot["votes"].items()):
                out += voter + bytes([verdict]) + signature
        return out


def votes() -> dict[str, Any]:
    nodes = [Node("judge 0", 3), Node("judge 1", 2), Node("judge 2", 2), Node("judge 3", 1), Node("judge 4", 2)]
    stranger, executor = Node("stranger", 0), nodes[4]
    chain = chain_digest(b"pouw-test")
    subject = (chain, 5, label("voted task"), executor.key, label("result"))
    second = (chain, 5, label("other voted task"), label("outsider"), label("other result"))
    voting = Voting(chain, 5, {node.key: node.weight for node in nodes})
    voting.open(subject, 20)
    voting.open(second, 30)
    steps: list[dict] = []

    def step(comment: str, data: bytes, height: int = 10) -> None:
        entry = {"comment": comment, "height": str(height), "vote": data.hex()}
        try:
            evidence = voting.apply(data, height)
            if evidence:
                entry |= {"error": "contradicting_vote", "evidence": evidence.hex()}
        except Refused as refused:
            entry["error"] = str(refused)
        entry["rulings"] = [voting.ruling(s[2], height) for s in (subject, second)]
        steps.append(entry)

    def changed(place: int, value: int, base: bytes) -> bytes:
        return base[:place] + bytes([value]) + base[place + 1 :]

    def spoilt(index: int, value: Any) -> bytes:
        parts = list(subject)
        parts[index] = value
        return vote(tuple(parts), 0, nodes[0].signing_seed)  # type: ignore[arg-type]

    good = vote(subject, 0, nodes[0].signing_seed)
    step("one byte short", good[:-1])
    step("one byte long", good + b"\0")
    step("version 2", changed(0, 2, good))
    step("verdict 2", changed(140, 2, good))
    step("another chain", spoilt(0, chain_digest(b"pouw-other")))
    step("another epoch", spoilt(1, 6))
    step("an unknown task", spoilt(2, label("nothing")))
    step("after the deadline", good, 21)
    step("another executor", spoilt(3, nodes[1].key))
    step("another result", spoilt(4, label("something else")))
    step("the executor's own", vote(subject, 1, executor.signing_seed))
    step("a stranger", vote(subject, 1, stranger.signing_seed))
    step("a changed signature", changed(236, good[236] ^ 1, good))
    step("a changed verdict", changed(140, 1, good))
    step("invalid, weight 3 of 10", good)
    step("again", good)
    step("the same node, valid", vote(subject, 1, nodes[0].signing_seed))
    step("valid, weight 2", vote(subject, 1, nodes[1].signing_seed))
    step("the same node, invalid", vote(subject, 0, nodes[1].signing_seed))
    step("invalid, half of the weight", vote(subject, 0, nodes[2].signing_seed))
    step("invalid, in the block of the deadline: more than half", vote(subject, 0, nodes[3].signing_seed), 20)
    step("the other result, valid", vote(second, 1, nodes[3].signing_seed), 25)
    step("the other result is never decided", vote(second, 0, nodes[0].signing_seed), 30)
    return {"nodes": [node_json(n) for n in nodes], "chain": chain.hex(), "epoch": "5",
            "subjects": [{"task": s[2].hex(), "executor": s[3].hex(), "result": s[4].hex(), "deadline": d}
                         for s, d in ((subject, "20"), (second, "30"))],
            "steps": steps, "state": voting.encode().hex()}  # fmt: skip


def reports() -> dict[str, Any]:
    chain, nodes, rate = chain_digest(b"pouw-test"), paper_nodes(), Fraction(3, 2)
    epoch = Epoch(chain, 5, label("beacon", 5))
    executor, checker, stranger = nodes[5], nodes[0], Node("stranger", 0)

    def output(node: Node, task: bytes) -> dict:
        return vrf.prove(node.vrf_seed, alpha(epoch, task, executor.key))

    def by_vrf(node: Node, task: bytes) -> bool:
        return draw(output(node, task)["beta"]) < threshold(rate, node.weight, executor.weight, 100)

    def is_selected(node: Node, task: bytes) -> bool:
        return by_vrf(node, task) or node.key in guaranteed(nodes, epoch, task, executor.key, rate)

    def first(node: Node, wanted: bool) -> bytes:
        return next(t for t in (label("reported", i) for i in range(1000)) if is_selected(node, t) == wanted)

    cases: list[dict] = []

    def case(comment: str, node: Node, task: bytes, error: str = "", proof: bytes = b"", spoil: Optional[int] = None,
             **other: Any) -> None:
        parts = {"chain": chain, "epoch": 5, "task": task, "executor": executor.key, "result": label("result"), **other}
        report = vote(tuple(parts.values()), 0, node.signing_seed) + (proof or output(node, task)["pi"])  # type: ignore[arg-type]
        if spoil is not None:
            report = report[:spoil] + bytes([report[spoil] ^ 3]) + report[spoil + 1 :]
        cases.append({"comment": comment, "task": task.hex(), "report": report.hex(), **({"error": error} if error else {})})

    yes, no = first(checker, True), first(checker, False)
    case("selected", checker, yes)
    case("not selected", checker, no, "not_selected")
    known = next(t for t in (label("guaranteed", i) for i in range(1000)) if is_selected(checker, t) and not by_vrf(checker, t))
    case("a guaranteed validator that its VRF does not select", checker, known)
    case("a guaranteed validator with the proof of another task", checker, known, "false_vrf_proof",
         proof=output(checker, yes)["pi"])
    case("the proof of another task", checker, yes, "false_vrf_proof", proof=output(checker, no)["pi"])
    case("the proof of another node", checker, yes, "false_vrf_proof", proof=output(nodes[1], yes)["pi"])
    case("version 3", checker, yes, "unsupported_version", spoil=0)
    case("verdict 3", checker, yes, "non_canonical", spoil=140)
    case("a changed signature", checker, yes, "invalid_signature", spoil=200)
    case("another chain", checker, yes, "other_chain", chain=bytes(32))
    case("another epoch", checker, yes, "other_epoch", epoch=6)
    case("another result", checker, yes, "other_result", result=bytes(32))
    case("another executor", checker, yes, "other_executor", executor=nodes[4].key)
    case("the executor's own", executor, yes, "own_work")
    case("a stranger", stranger, yes, "no_voting_weight")
    elsewhere = vote((chain, 5, no, executor.key, label("result")), 0, checker.signing_seed) + output(checker, no)["pi"]
    cases.append({"comment": "about another task", "task": yes.hex(), "report": elsewhere.hex(), "error": "unknown_task"})
    for length in (0, 316):
        cases.append({"comment": f"{length} bytes", "task": yes.hex(), "report": elsewhere[:length].hex(), "error": "wrong_length"})
    cases.append({"comment": "318 bytes", "task": yes.hex(), "report": elsewhere.hex() + "00", "error": "wrong_length"})
    return {"chain": chain.hex(), "epoch": "5", "beacon": epoch.beacon.hex(), "nodes": [node_json(n) for n in nodes],
            "executor": executor.key.hex(), "result": label("result").hex(), "rate": fraction(rate), "cases": cases}  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------------
# 6. Images


def image_request(model: bytes, prompt: bytes, seed: int, sizes: tuple[int, int, int, int], options: bytes, sampler: bytes) -> bytes:
    settings = b"".join(le(n, 4) for n in sizes)
    return b"pouwimg1" + le(1, 4) + model + prompt + le(seed, 8) + settings + options + bytes([len(sampler)]) + sampler


def images() -> tuple[list[dict], list[dict]]:
    good, bad = [], []
    prompt = "a small lighthouse in the rain, 日本".encode()
    plain = lambda data: blake2b(data, digest_size=32).digest()
    pixels = bytes(range(24))
    for i, (sizes, sampler) in enumerate((((4, 2, 30, 7500), b"euler"), ((1, 1, 1, 0), b"a"),
                                          ((65536, 65536, 1000000, 2**32 - 1), b"dpm-2_m-" * 4))):  # fmt: skip
        request = image_request(label("model"), plain(prompt), i, sizes, bytes(32) if i else label("options"), sampler)
        record = request + plain(pixels)
        good.append({"prompt": prompt.hex(), "pixels": pixels.hex(), "model": label("model").hex(),
                     "sizes": [str(n) for n in sizes], "sampler": sampler.decode(), "seed": str(i),
                     "options": request[100:132].hex(), "record": record.hex(), "id": H("pouw.val-img.v1", record).hex(),
                     "request_id": H("pouw.val-imr.v1", request).hex()})  # fmt: skip
    record = bytes.fromhex(good[0]["record"])

    def refused(comment: str, data: bytes, error: str) -> None:
        bad.append({"comment": comment, "record": data.hex(), "error": error})

    refused("nothing", b"", "truncated")
    refused("one byte short", record[:-1], "truncated")
    refused("one byte long", record + b"\0", "trailing_bytes")
    refused("magic", b"pouwimg2" + record[8:], "invalid_magic")
    refused("version 2", record[:8] + le(2, 4) + record[12:], "unsupported_version")
    for place, name, largest in ((84, "width", 65536), (88, "height", 65536), (92, "steps", 1000000)):
        for value in (0, largest + 1, 2**32 - 1):
            refused(f"{name} {value}", record[:place] + le(value, 4) + record[place + 4 :], "invalid_image_record")
    refused("no sampler", record[:132] + b"\0" + record[138:], "invalid_image_record")
    refused("a name of 33", record[:132] + b"\x21" + b"a" * 33 + record[138:], "invalid_image_record")
    for name in (b"Euler", b"euler ", b"euler\0", "eulér".encode(), b"a/b"):
        refused(f"sampler {name!r}", record[:132] + bytes([len(name)]) + name + record[138:], "invalid_image_record")
    return good, bad


# ---------------------------------------------------------------------------------------------------------------------
# 7. Registrations of nodes


def keyed(tag: str, master: bytes) -> bytes:
    return blake2b(b"", digest_size=32, key=master, person=tag.encode()).digest()


def vrf_possession(seed: bytes, chain_id: bytes, node: bytes) -> bytes:
    return vrf.prove(seed, tag16("pouw.vrf-pop.v1") + le(len(chain_id), 8) + chain_id + node)["pi"]


def registration(master: bytes, chain_id: bytes, membership: tuple[int, int, int], version: int = 1, **other: bytes) -> bytes:
    """By the keys of the master seed; `other` replaces parts before the node signs."""
    owner = beacon.Node(master, 0)
    vrf_seed, sealing = keyed("pouw.vrf-key.v1", master), keyed("pouw.box-key.v1", master)
    parts = {
        "version": le(version, 4), "chain": chain_digest(chain_id), "node": owner.id,
        "membership": b"".join(le(n, 8) for n in membership),
        "vrf_key": vrf.edwards.public_key(vrf_seed), "vrf_possession": vrf_possession(vrf_seed, chain_id, owner.id),
        "share_key": owner.share_key,
        "share_possession": b"".join(vrf.edwards.scalar(n) for n in owner.possession(chain_id)),
        "sealing_key": sealed.public_of(sealing), "sealing_possession": sealed.possession(sealing, chain_id, owner.id),
        **other,
    }  # fmt: skip
    text = b"".join(parts.values())
    return text + ed25519.sign(owner.sign_seed, H("pouw.node-reg.v1", text))


def registrations() -> tuple[list[dict], list[dict]]:
    chain_id, good, bad = b"pouw-test", [], []
    for case, membership in enumerate(((0, 1, 2**64 - 1), (3, 7, 7), (2**64 - 1, 5, 9))):
        master = label("master", case)
        data = registration(master, chain_id, membership)
        assert len(data) == 492
        good.append({"master": master.hex(), "sequence": str(membership[0]), "joins": str(membership[1]),
                     "leaves": str(membership[2]), "registration": data.hex()})  # fmt: skip
    master, others = label("master", 0), bytes.fromhex(good[1]["registration"])
    vrf_key, vrf_proof, share_key, share_proof = others[92:124], others[124:204], others[204:236], others[236:300]
    sealing_key, sealing_proof = others[300:332], others[332:428]
    signing_seed = keyed("pouw.sign-key.v1", master)
    node = ed25519.public_key_of(signing_seed)

    def refused(comment: str, error: str, data: bytes = b"", membership: tuple[int, int, int] = (0, 1, 9), **other: Any) -> None:
        bad.append({"comment": comment, "registration": (data or registration(master, chain_id, membership, **other)).hex(),
                    "error": error})

    base = bytes.fromhex(good[0]["registration"])
    refused("one byte short", "wrong_length", base[:-1])
    refused("one byte long", "wrong_length", base + b"\0")
    refused("version 2", "unsupported_version", version=2)
    refused("a share key that is no element", "invalid_point", share_key=b"\xff" * 32)
    refused("a scalar above q", "invalid_scalar", share_possession=b"\xff" * 64)
    refused("of another chain", "other_chain", registration(master, b"pouw-other", (0, 1, 9)))
    refused("a node that is no key", "invalid_public_key", node=bytes(32))
    refused("a changed signature", "invalid_signature", base[:-1] + bytes([base[-1] ^ 1]))
    refused("leaves before it joins", "invalid_membership", membership=(0, 2, 1))
    refused("one key for signatures and VRF", "reused_key", vrf_key=node,
            vrf_possession=vrf_possession(signing_seed, chain_id, node))
    refused("a VRF key of small order", "invalid_vrf_key", vrf_key=le(1, 32))
    refused("the VRF key of another node", "false_possession", vrf_key=vrf_key)
    refused("the VRF key and proof of another node", "false_possession", vrf_key=vrf_key, vrf_possession=vrf_proof)
    refused("the identity as share key", "identity_point", share_key=bytes(32))
    refused("the share key of another node", "false_possession", share_key=share_key, share_possession=share_proof)
    refused("a sealing key of small order", "invalid_public_key", sealing_key=bytes(32))
    refused("the sealing key of another node", "false_possession", sealing_key=sealing_key)
    refused("the sealing key and proof of another node", "false_possession", sealing_key=sealing_key,
            sealing_possession=sealing_proof)
    return good, bad


# ---------------------------------------------------------------------------------------------------------------------


def produce() -> dict[str, bytes]:
    chain = {"chain_id": b"pouw-test".hex(), "chain": chain_digest(b"pouw-test").hex()}
    good_images, bad_images = images()
    good_registrations, bad_registrations = registrations()
    files = {
        "selections.json": Vectors(
            "Decisions of the VRF with their proofs and the guaranteed validators beside them; thresholds in 2^-128; draws of "
            "guaranteed validators; expected checks and bounds of the chance of none, and of none outside a coalition; numbers "
            "of checks that detect.",
            **chain, selections=selections(), thresholds=thresholds(), guarantees=guarantees(), totals=totals(), detection=detection()),
        "challenges.json": Vectors("Which of a validator's unchecked tasks it is asked about, in order, and the evidence of its silence "
                                   "at the deadline 2050.", **chain,
                                   cases=challenges()),
        "assignments.json": Vectors("Requests, their task ids, relays and the first five executors.", **chain,
                                    cases=assignments()),
        "dummies.json": Vectors("Open dummies by slot, an empty seed where there is none; hidden ones with what follows from "
                                "the VRF output. Epoch 3.", **chain, beacon=label("beacon", 3).hex(),
                                nodes=[node_json(n) for n in paper_nodes()], open=open_dummies(), hidden=hidden_dummies()),
        "votes.json": Vectors("Votes in the order of their arrival, the error of those that are refused, the rulings after "
                              "each, and the state at the end.", **votes()),
        "reports.json": Vectors("Reports of checks of one result, and the error of those that are refused.", **reports()),
        "images.json": Vectors("Image records with their ids, and bytes that are none.", good=good_images, bad=bad_images),
        "registrations.json": Vectors("Registrations of nodes by their master seeds, and those that are refused with the first error.",
                                      **chain, good=good_registrations, bad=bad_registrations),
    }  # fmt: skip
    for vectors in files.values():
        vectors.content["source"] = "tests/reference/validation.py"
    return {f"validation/{name}": vectors.encode() for name, vectors in files.items()}


def main() -> int:
    return write_or_check(__doc__, lambda: produce().items())


if __name__ == "__main__":
    sys.exit(main())
