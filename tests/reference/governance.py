#!/usr/bin/env python3
"""Governance, dummy refunds and the ranking of requests, written from docs/spec/economics.md sections 11 to 13.

    governance.py            writes tests/vectors/economics/governance.json, dummy_refunds.json and ranking.json
    governance.py --check    fails when the files are not what it would write
"""

from __future__ import annotations

import random
import sys
from fractions import Fraction
from hashlib import blake2b
from typing import Any, Iterator, Optional

import ed25519
import weights
from chacha20 import keystream
from pow import H
from validation import Refused, chain_digest, label, le
from vector_file import Vectors, write_or_check

ONE = 10**6
MAX_AMOUNT = 2**127 - 1
MAX_U64 = 2**64 - 1
VERSION = le(1, 4)
GROWTH = ("linear", "exponential", "deployed")
LENGTHS = {1: 37, 2: 4, 3: 4, 4: 17, 5: 24}


def number(data: bytes) -> int:
    return int.from_bytes(data, "little")


# ---------------------------------------------------------------------------------------------------------------------
# 11. Governance


def encode_change(parameter: int, value: bytes) -> bytes:
    return le(parameter, 2) + le(len(value), 2) + value


def price_bounds(lowest: int, highest: int, step: Optional[int] = None) -> bytes:
    return encode_change(1, le(lowest, 16) + le(highest, 16) + le(step is not None, 1) + le(step or 0, 4))


def curve(growth: int, to_full: int, step: int, forgiven: int, penalty: int) -> bytes:
    return encode_change(4, le(growth, 1) + b"".join(le(field, 4) for field in (to_full, step, forgiven, penalty)))


def model_rules(deposit: int, epochs: int) -> bytes:
    return encode_change(5, le(deposit, 16) + le(epochs, 8))


def split_change(data: bytes) -> tuple[bytes, bytes]:
    """The change in front, checked, and what follows it."""
    if len(data) < 4:
        raise Refused("truncated")
    parameter, length = number(data[:2]), number(data[2:4])
    if parameter < 2**15 and parameter not in LENGTHS:
        raise Refused("unknown_parameter")
    if length > 1024 if parameter >= 2**15 else length != LENGTHS[parameter]:
        raise Refused("wrong_length")
    value = data[4 : 4 + length]
    if len(value) < length:
        raise Refused("truncated")
    check_value(parameter, value)
    return data[: 4 + length], data[4 + length :]


def rate(data: bytes) -> int:
    if number(data) > ONE:
        raise Refused("rate_above_one")
    return number(data)


def amount(data: bytes) -> int:
    if number(data) > MAX_AMOUNT:
        raise Refused("invalid_amount")
    return number(data)


def check_value(parameter: int, value: bytes) -> None:
    canonical = in_range = True
    if parameter == 1:
        lowest, highest, capped, step = amount(value[:16]), amount(value[16:32]), value[32], rate(value[33:])
        canonical, in_range = capped == 1 or (capped == 0 and step == 0), 1 <= lowest <= highest
    elif parameter == 2:
        rate(value)
    elif parameter == 3:
        in_range = rate(value) > 0
    elif parameter == 4:
        canonical = value[0] <= 2
        if canonical:
            step, _ = rate(value[5:9]), rate(value[9:13])
            in_range = number(value[1:5]) >= 1 and step >= 1000
    elif parameter == 5:
        amount(value[:16])
        in_range = number(value[16:]) >= 1
    if not canonical:
        raise Refused("non_canonical")
    if not in_range:
        raise Refused("invalid_rules")


class Key:
    def __init__(self, name: str) -> None:
        self.seed = label("governance", name)
        self.public = ed25519.public_key_of(self.seed)

    def sign(self, digest: bytes) -> bytes:
        return ed25519.sign(self.seed, digest)


def unsigned_proposal(chain: bytes, epoch: int, proposer: bytes, activation: int, change: bytes) -> bytes:
    return VERSION + chain + le(epoch, 8) + proposer + le(activation, 8) + change


def proposal_of(chain: bytes, epoch: int, key: Key, activation: int, change: bytes) -> bytes:
    text = unsigned_proposal(chain, epoch, key.public, activation, change)
    return text + key.sign(H("pouw.gov-prop.v1", text))


def id_of(proposal: bytes) -> bytes:
    return H("pouw.gov-prop.v1", proposal[:-64])


def vote_of(proposal_id: bytes, approve: int, key: Key) -> bytes:
    text = VERSION + proposal_id + le(approve, 1) + key.public
    return text + key.sign(H("pouw.gov-vote.v1", text))


class Governance:
    def __init__(self, chain: bytes, rules: dict[str, int], epoch: int, table: dict[bytes, int]) -> None:
        self.chain, self.rules, self.epoch, self.tables = chain, rules, epoch, {epoch: table}
        self.open: dict[bytes, dict[str, Any]] = {}
        self.accepted: dict[tuple[int, int], dict[str, Any]] = {}

    def propose(self, data: bytes) -> bytes:
        if len(data) < 84:
            raise Refused("truncated")
        if data[:4] != VERSION:
            raise Refused("unsupported_version")
        chain, epoch, proposer, activation = data[4:36], number(data[36:44]), data[44:76], number(data[76:84])
        change, signature = split_change(data[84:])
        if len(signature) < 64:
            raise Refused("truncated")
        if len(signature) > 64:
            raise Refused("trailing_bytes")
        if chain != self.chain:
            raise Refused("other_chain")
        if epoch != self.epoch:
            raise Refused("other_epoch")
        table = self.tables[epoch]
        weight = table.get(proposer, 0)
        if weight == 0:
            raise Refused("unknown_node")
        if weight < Fraction(self.rules["least_share_ppm"], ONE) * sum(table.values()):
            raise Refused("insufficient_weight")
        first = epoch + self.rules["voting_epochs"] + self.rules["notice_epochs"]
        if first > MAX_U64:
            raise Refused("overflow")
        if activation < first:
            raise Refused("too_early")
        if activation > first + self.rules["activation_epochs"] - 1:
            raise Refused("too_late")
        key = id_of(data)
        if key in self.open:
            raise Refused("duplicate_proposal")
        pending = [ballot["proposer"] for ballot in self.open.values()]
        pending += [entry["proposer"] for (_, active), entry in self.accepted.items() if active > self.epoch]
        if pending.count(proposer) >= self.rules["open_per_node"] or len(pending) >= self.rules["open_total"]:
            raise Refused("too_many_proposals")
        if not ed25519.verify(proposer, key, signature):
            raise Refused("invalid_signature")
        self.open[key] = {"data": data, "epoch": epoch, "proposer": proposer, "activation": activation,
                          "change": change, "votes": {}}  # fmt: skip
        return key

    def vote(self, data: bytes) -> Optional[bytes]:
        """The equivocation of a vote that contradicts the first; raises for other refusals."""
        if len(data) != 133:
            raise Refused("wrong_length")
        if data[:4] != VERSION:
            raise Refused("unsupported_version")
        key, approve, voter, signature = data[4:36], data[36], data[37:69], data[69:]
        if approve > 1:
            raise Refused("non_canonical")
        if key not in self.open:
            raise Refused("unknown_proposal")
        ballot = self.open[key]
        if self.tables[ballot["epoch"]].get(voter, 0) == 0:
            raise Refused("unknown_node")
        if not ed25519.verify(voter, H("pouw.gov-vote.v1", data[:69]), signature):
            raise Refused("invalid_signature")
        if voter in ballot["votes"]:
            before, earlier = ballot["votes"][voter]
            if before == approve:
                raise Refused("already_voted")
            both = sorted([(before, earlier), (approve, signature)])
            return VERSION + key + voter + both[0][1] + both[1][1]
        ballot["votes"][voter] = (approve, signature)
        return None

    def close(self, table: dict[bytes, int]) -> list[list[str]]:
        self.epoch += 1
        out = []
        for key in sorted(self.open):
            ballot = self.open[key]
            if ballot["epoch"] + self.rules["voting_epochs"] > self.epoch:
                continue
            voters = self.tables[ballot["epoch"]]
            support = sum(voters[voter] for voter, (approve, _) in ballot["votes"].items() if approve)
            place = (number(ballot["change"][:2]), ballot["activation"])
            if 2 * support <= sum(voters.values()):
                resolution = "rejected"
            elif place in self.accepted:
                resolution = "conflicting"
            else:
                resolution = "accepted"
                self.accepted[place] = {"id": key, "proposer": ballot["proposer"], "change": ballot["change"]}
            out.append([key.hex(), resolution])
        for key, _ in out:
            del self.open[bytes.fromhex(key)]
        self.tables[self.epoch] = table
        used = {ballot["epoch"] for ballot in self.open.values()} | {self.epoch}
        self.tables = {epoch: nodes for epoch, nodes in self.tables.items() if epoch in used}
        last = {parameter: active for parameter, active in sorted(self.accepted) if active <= self.epoch}
        self.accepted = {place: entry for place, entry in self.accepted.items() if place[1] >= last.get(place[0], 0)}
        return out

    def active(self, epoch: int) -> list[str]:
        last = {parameter: active for parameter, active in sorted(self.accepted) if active <= epoch}
        return [self.accepted[place]["change"].hex() for place in sorted(last.items())]

    def save(self) -> bytes:
        sizes = (("voting_epochs", 8), ("notice_epochs", 8), ("activation_epochs", 8), ("least_share_ppm", 4),
                 ("open_per_node", 4), ("open_total", 4))  # fmt: skip
        out = b"pouwgov1" + VERSION + self.chain + b"".join(le(self.rules[name], size) for name, size in sizes)
        out += le(self.epoch, 8) + le(len(self.tables), 4)
        for epoch, table in sorted(self.tables.items()):
            encoded = weights.encode(table)
            out += le(epoch, 8) + le(len(encoded), 4) + encoded
        out += le(len(self.open), 4)
        for _, ballot in sorted(self.open.items()):
            out += le(len(ballot["data"]), 4) + ballot["data"] + le(len(ballot["votes"]), 4)
            for voter, (approve, signature) in sorted(ballot["votes"].items()):
                out += voter + le(approve, 1) + signature
        out += le(len(self.accepted), 4)
        for (_, active), entry in sorted(self.accepted.items()):
            out += entry["id"] + entry["proposer"] + le(active, 8) + entry["change"]
        return out


RULES = {"voting_epochs": 2, "notice_epochs": 1, "activation_epochs": 3, "least_share_ppm": 100_000, "open_per_node": 2,
         "open_total": 3}  # fmt: skip


class History:
    """Inputs in their order, and what each gives."""

    def __init__(self, rules: dict[str, int], epoch: int, table: dict[bytes, int]) -> None:
        self.chain = chain_digest(b"pouw-test")
        self.governance = Governance(self.chain, rules, epoch, table)
        self.start = {"rules": {name: str(value) for name, value in rules.items()}, "epoch": str(epoch),
                      "weights": weights.encode(table).hex()}  # fmt: skip
        self.steps: list[dict[str, Any]] = []

    def add(self, comment: str, step: dict[str, Any]) -> None:
        state = blake2b(self.governance.save(), digest_size=32).hexdigest()
        self.steps.append({"comment": comment, **step, "state": state})

    def propose(self, comment: str, data: bytes) -> bytes:
        step: dict[str, Any] = {"propose": data.hex()}
        try:
            step["id"] = self.governance.propose(data).hex()
        except Refused as refused:
            step["error"] = str(refused)
        self.add(comment, step)
        return id_of(data)

    def vote(self, comment: str, data: bytes) -> None:
        step: dict[str, Any] = {"vote": data.hex()}
        try:
            evidence = self.governance.vote(data)
            if evidence:
                step |= {"error": "contradicting_vote", "evidence": evidence.hex()}
        except Refused as refused:
            step["error"] = str(refused)
        self.add(comment, step)

    def close(self, table: dict[bytes, int]) -> None:
        outcomes = self.governance.close(table)
        epoch = self.governance.epoch
        self.add("the epoch ends", {"close": weights.encode(table).hex(), "outcomes": outcomes,
                                    "active": [self.governance.active(epoch + ahead) for ahead in (0, 1, 5)]})  # fmt: skip

    def result(self, name: str) -> dict[str, Any]:
        return {"name": name, **self.start, "steps": self.steps, "final": self.governance.save().hex()}


def refusals() -> dict[str, Any]:
    keys = [Key(f"node {i}") for i in range(5)]
    table = {key.public: weight for key, weight in zip(keys, (40, 30, 20, 10, 9))}
    history = History(RULES, 7, table)
    chain, change = history.chain, encode_change(2, le(250_000, 4))
    changed = lambda data, place, byte: data[:place] + bytes([byte]) + data[place + 1 :]  # noqa: E731
    make = lambda key=0, epoch=7, active=10, what=change: proposal_of(chain, epoch, keys[key], active, what)  # noqa: E731
    good = make()
    history.propose("nothing", b"")
    history.propose("cut in the head", good[:83])
    history.propose("cut in the change", good[:87])
    history.propose("cut in the value", good[:90])
    history.propose("one byte short", good[:-1])
    history.propose("one byte long", good + b"\0")
    history.propose("version 2", changed(good, 0, 2))
    history.propose("another chain", proposal_of(label("chain"), 7, keys[0], 10, change))
    history.propose("an epoch before", make(epoch=6))
    history.propose("an epoch after", make(epoch=8, active=11))
    history.propose("a stranger", proposal_of(chain, 7, Key("stranger"), 10, change))
    history.propose("9 of 109 is less than a tenth", make(key=4))
    history.propose("10 of 109 is less than a tenth", make(key=3))
    history.propose("an epoch too early", make(active=9))
    history.propose("an epoch too late", make(active=13))
    history.propose("a changed signature", changed(good, len(good) - 1, good[-1] ^ 1))
    history.propose("a changed activation", changed(good, 76, 11))
    for comment, bad in (
        ("parameter 0", encode_change(0, b"")), ("parameter 6", encode_change(6, le(0, 4))),
        ("parameter 2^15 - 1", encode_change(2**15 - 1, b"")), ("a rate of 5 bytes", encode_change(2, bytes(5))),
        ("a rate of no bytes", encode_change(3, b"")), ("a rate above 1", encode_change(2, le(ONE + 1, 4))),
        ("no checks at all", encode_change(3, le(0, 4))), ("no lowest price", price_bounds(0, 5)),
        ("bounds that cross", price_bounds(6, 5)), ("a price of 2^127", price_bounds(1, 2**127)),
        ("a step without a cap", changed(price_bounds(1, 5), 37, 1)), ("a cap of 2", changed(price_bounds(1, 5, 3), 36, 2)),
        ("a step above 1", price_bounds(1, 5, ONE + 1)), ("growth 3", curve(3, 30, 100_000, 10_000, 1)),
        ("a curve that never ends", curve(0, 0, 100_000, 10_000, 1)), ("a curve of small steps", curve(1, 30, 999, 10_000, 1)),
        ("forgiven above 1", curve(1, 30, 1000, ONE + 1, 1)), ("a deposit of 2^127", model_rules(2**127, 1)),
        ("no voting epochs", model_rules(5, 0)), ("a value of 1,025 bytes", encode_change(2**15, bytes(1025))),
    ):  # fmt: skip
        history.propose(comment, make(what=bad))
    first = history.propose("a training share", good)
    history.propose("again", good)
    second = history.propose("bounds of the price", make(what=price_bounds(1, MAX_AMOUNT, 20_000), active=12))
    history.propose("a third of one node", make(what=curve(2, 30, 100_000, 0, 1)))
    third = history.propose("of another node, the longest value", make(key=1, what=encode_change(2**16 - 1, b"\xff" * 1024)))
    history.propose("a fourth", make(key=2, what=model_rules(MAX_AMOUNT, MAX_U64)))
    vote = vote_of(first, 1, keys[1])
    history.vote("one byte short", vote[:-1])
    history.vote("one byte long", vote + b"\0")
    history.vote("version 2", changed(vote, 0, 2))
    history.vote("approve 2", changed(vote, 36, 2))
    history.vote("on nothing", vote_of(label("nothing"), 1, keys[1]))
    history.vote("a stranger", vote_of(first, 1, Key("stranger")))
    history.vote("a changed vote", changed(vote, 36, 0))
    history.vote("a changed signature", changed(vote, 132, vote[132] ^ 1))
    history.vote("approve, weight 30", vote)
    history.vote("again", vote)
    history.vote("the same node, against", vote_of(first, 0, keys[1]))
    history.vote("against, weight 20", vote_of(first, 0, keys[2]))
    history.vote("the same node, approve", vote_of(first, 1, keys[2]))
    history.vote("second, 54 of 109 is no majority", vote_of(second, 1, keys[0]))
    history.vote("the same", vote_of(second, 1, keys[3]))
    history.vote("third: 59 of 109", vote_of(third, 1, keys[0]))
    history.vote("the same", vote_of(third, 1, keys[3]))
    history.vote("the same", vote_of(third, 1, keys[4]))
    history.close({keys[2].public: 5})
    history.vote("in the second epoch, by the weights of the first", vote_of(first, 1, keys[0]))
    history.vote("a node that has weight only now", vote_of(second, 0, keys[2]))
    history.close({keys[0].public: 1, keys[1].public: 1})
    history.vote("after the vote", vote_of(first, 1, keys[3]))
    fourth = history.propose("by other weights", make(epoch=9, active=13))
    history.vote("half", vote_of(fourth, 1, keys[0]))
    history.close({})
    history.vote("and more", vote_of(fourth, 1, keys[1]))
    for _ in range(5):
        history.close({keys[0].public: 1, keys[1].public: 1})
    return history.result("refusals")


def conflicts() -> dict[str, Any]:
    """Changes of one parameter: of the same activation the first decided holds, of others the last."""
    keys = [Key(f"node {i}") for i in range(3)]
    table = {key.public: 1 for key in keys}
    rules = {"voting_epochs": 1, "notice_epochs": 0, "activation_epochs": 4, "least_share_ppm": 0, "open_per_node": 9,
             "open_total": 99}  # fmt: skip
    history = History(rules, 0, table)

    def carried(epoch: int, key: int, active: int, ppm: int) -> None:
        key_id = history.propose("", proposal_of(history.chain, epoch, keys[key], active, encode_change(3, le(ppm, 4))))
        for voter in keys[:2]:
            history.vote("", vote_of(key_id, 1, voter))

    carried(0, 0, 4, 10_000)
    carried(0, 1, 4, 20_000)
    carried(0, 2, 2, 30_000)
    carried(0, 2, 4, 10_000)
    history.close(table)
    carried(1, 0, 4, 40_000)
    carried(1, 0, 5, 50_000)
    carried(1, 0, 2, 60_000)
    for _ in range(6):
        history.close(table)
    return history.result("conflicts")


def random_history(seed: int) -> dict[str, Any]:
    rng = random.Random(seed)
    keys = [Key(f"node {i}") for i in range(4)]
    draw_table = lambda: {key.public: rng.randrange(1, 5) for key in keys if rng.random() < 0.9}  # noqa: E731
    rules = {"voting_epochs": rng.randrange(1, 4), "notice_epochs": rng.randrange(3), "activation_epochs": rng.randrange(1, 4),
             "least_share_ppm": rng.choice([0, 200_000]), "open_per_node": rng.randrange(1, 4), "open_total": rng.randrange(2, 9)}  # fmt: skip
    history = History(rules, rng.randrange(100), draw_table())
    ids: list[bytes] = []
    changes = [price_bounds(1, 9), price_bounds(3, 10**30, 5), encode_change(2, le(300_000, 4)), encode_change(3, le(1, 4)),
               curve(1, 1, 1000, ONE, 0), model_rules(0, 1), encode_change(2**15, b""), encode_change(2**15 + 7, b"own")]  # fmt: skip
    for _ in range(80):
        kind, epoch = rng.random(), history.governance.epoch
        if kind < 0.15:
            active = epoch + rules["voting_epochs"] + rules["notice_epochs"] + rng.randrange(rules["activation_epochs"])
            data = proposal_of(history.chain, epoch, rng.choice(keys), active, rng.choice(changes))
            ids.append(history.propose("", data))
        elif kind < 0.93 and ids:
            history.vote("", vote_of(rng.choice(ids[-2:]), int(rng.random() < 0.8), rng.choice(keys)))
        else:
            history.close(draw_table())
    return history.result(f"random {seed}")


# ---------------------------------------------------------------------------------------------------------------------
# 12. Dummy refunds


def numbers(key: bytes) -> Iterator[int]:
    place = 0
    while True:
        yield number(keystream(key, 0, place, 16).tobytes())
        place += 16


class Refunds:
    def __init__(self, chain: bytes, rules: dict[str, int], epoch: int) -> None:
        self.chain, self.rules, self.epoch, self.refunded = chain, rules, epoch, 0
        self.pool: dict[bytes, int] = {}
        self.waiting: dict[bytes, int] = {}
        self.scheduled: list[tuple[int, bytes]] = []  # one entry for each unit

    def close(self, output: bytes) -> list[list[str]]:
        unit, rules = self.rules["unit"], self.rules
        words = numbers(H("pouw.eco-rfnd.v1", self.chain + le(self.epoch + 1, 8) + output))
        below = lambda bound: next(words) * bound // 2**128  # noqa: E731
        for payer in sorted(self.waiting):
            for _ in range(min(rules["units_per_payer"], self.waiting[payer] // unit)):
                self.waiting[payer] -= unit
                delay = rules["shortest"] + below(rules["longest"] - rules["shortest"] + 1)
                self.scheduled.append((self.epoch + delay, payer))
        self.waiting = {payer: left for payer, left in self.waiting.items() if left}
        self.epoch += 1
        row = sorted(entry for entry in self.scheduled if entry[0] <= self.epoch)
        drawn = min(len(row), sum(coins // unit for coins in self.pool.values()))
        for i in range(drawn):
            place = i + below(len(row) - i)
            row[i], row[place] = row[place], row[i]
        out = []
        for due in row[:drawn]:
            sources = sorted(account for account, coins in self.pool.items() if coins >= unit and account != due[1])
            if not sources:
                continue
            source = sources[below(len(sources))]
            self.pool[source] -= unit
            self.scheduled.remove(due)
            self.refunded += unit
            out.append([source.hex(), due[1].hex()])
        self.pool = {account: coins for account, coins in self.pool.items() if coins}
        return out

    def save(self) -> bytes:
        rules = self.rules
        out = b"pouwrfd1" + VERSION + self.chain + le(rules["unit"], 16)
        out += b"".join(le(rules[name], 4) for name in ("units_per_payer", "shortest", "longest"))
        out += le(self.epoch, 8) + le(self.refunded, 16)
        for amounts in (self.pool, self.waiting):
            out += le(len(amounts), 4)
            out += b"".join(account + le(coins, 16) for account, coins in sorted(amounts.items()))
        units = sorted(set(self.scheduled))
        out += le(len(units), 4)
        return out + b"".join(le(when, 8) + payer + le(self.scheduled.count((when, payer)), 8) for when, payer in units)


def refund_history(seed: int) -> dict[str, Any]:
    rng = random.Random(seed)
    accounts = [label("account", i) for i in range(rng.choice([1, 2, 5, 12]))]
    shortest = rng.randrange(1, 4)
    rules = {"unit": rng.choice([1, 10, 10**18, 10**30]), "units_per_payer": rng.choice([1, 3, 10]), "shortest": shortest,
             "longest": shortest + rng.choice([0, 1, 6])}  # fmt: skip
    refunds = Refunds(chain_digest(b"pouw-test"), rules, rng.randrange(1000))
    start, steps = refunds.epoch, []
    for _ in range(40):
        account, coins = rng.choice(accounts), rng.randrange(1, 8 * rules["unit"])
        kind = rng.random()
        if kind < 0.3:
            refunds.pool[account] = refunds.pool.get(account, 0) + coins
            step: dict[str, Any] = {"fund": [account.hex(), str(coins)]}
        elif kind < 0.65:
            refunds.waiting[account] = refunds.waiting.get(account, 0) + coins
            step = {"owe": [account.hex(), str(coins)]}
        else:
            output = label("output", seed, refunds.epoch)
            step = {"close": output.hex(), "refunds": refunds.close(output)}
        steps.append({**step, "state": blake2b(refunds.save(), digest_size=32).hexdigest()})
    return {"rules": {name: str(value) for name, value in rules.items()}, "epoch": str(start), "steps": steps,
            "final": refunds.save().hex()}  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------------
# 13. Ranking


def request_of(key: Key, sequence: int, model: bytes, ips: int) -> bytes:
    text = VERSION + chain_digest(b"pouw-test") + key.public + le(sequence, 8) + model + le(ips, 8)
    return text + key.sign(H("pouw.eco-rfc.v1", text))


def rank(requests: list[tuple[bytes, int]]) -> list[int]:
    order = sorted(range(len(requests)), key=lambda i: (-requests[i][1], H("pouw.eco-rfc.v1", requests[i][0][:-64]), i))
    seen: set[bytes] = set()
    out = []
    for i in order:
        if requests[i][1] and requests[i][0][:-64] not in seen:
            seen.add(requests[i][0][:-64])
            out.append(i)
    return out


def rankings() -> list[dict[str, Any]]:
    rng = random.Random(13)
    out = []
    for count in (0, 1, 2, 5, 12, 12, 12):
        keys = [Key(f"holder {i}") for i in range(4)]
        balances = [rng.choice([0, 1, 1, 5, 10**18, MAX_AMOUNT]) for _ in keys]
        requests = []
        for _ in range(count):
            holder = rng.randrange(4)
            made = request_of(keys[holder], rng.randrange(2), label("model", rng.randrange(2)), rng.choice([1, 500, MAX_U64]))
            requests.append((made, balances[holder]))
        out.append({"requests": [[data.hex(), str(balance)] for data, balance in requests],
                    "ids": [H("pouw.eco-rfc.v1", data[:-64]).hex() for data, _ in requests],
                    "order": [str(i) for i in rank(requests)]})  # fmt: skip
    return out


# ---------------------------------------------------------------------------------------------------------------------


def produce() -> dict[str, bytes]:
    chain = {"chain_id": b"pouw-test".hex()}
    histories = [refusals(), conflicts()] + [random_history(seed) for seed in range(6)]
    files = {
        "governance.json": Vectors("Proposals, votes and ends of epochs in their order, what each gives, and the plain BLAKE2b-256 "
                                   "of the state after each.", **chain, histories=histories),
        "dummy_refunds.json": Vectors("Pools, costs and ends of epochs in their order, the refunds as source and payer, and the "
                                      "plain BLAKE2b-256 of the state after each.", **chain,
                                      histories=[refund_history(seed) for seed in range(24)]),
        "ranking.json": Vectors("Requests with their balances, their ids, and their places in the order of service.", **chain,
                                rankings=rankings()),
    }  # fmt: skip
    for vectors in files.values():
        vectors.content["source"] = "tests/reference/governance.py"
    return {f"economics/{name}": vectors.encode() for name, vectors in files.items()}


def main() -> int:
    return write_or_check(__doc__, lambda: produce().items())


if __name__ == "__main__":
    sys.exit(main())
