#!/usr/bin/env python3
"""The beacon from docs/spec/beacon.md in plain integers: tickets, sharing, messages, output; and tests/vectors/beacon.

Run: beacon.py [--check].
"""

from __future__ import annotations

import hashlib
import itertools
import json
import sys
from fractions import Fraction
from typing import Any, Dict, List, Sequence, Tuple

import edwards
from edwards import Q, Point
from vector_file import write_or_check

SPEC_VERSION = 1


def le32(n: int) -> bytes:
    return n.to_bytes(4, "little")


def le64(n: int) -> bytes:
    return n.to_bytes(8, "little")


def h(tag: str, *parts: bytes, size: int = 32, key: bytes = b"") -> bytes:
    return hashlib.blake2b(b"".join(parts), digest_size=size, key=key, person=tag.encode("ascii")).digest()


def h_scalar(tag: str, *parts: bytes, key: bytes = b"") -> int:
    return int.from_bytes(h(tag, *parts, size=64, key=key), "little") % Q


def enc(point: Point) -> bytes:
    return edwards.ristretto_encode(point)


def times(n: int, point: Point) -> Point:
    return edwards.multiply(n % Q, point)


BASE = edwards.BASE
SECOND = edwards.ristretto_from_hash(h("pouw.beacon-g.v1", size=64))


# Section 2: tickets

def safe(tickets: Sequence[int], weights: Sequence[int], adversary: int) -> bool:
    return lightest(tickets, weights, (sum(tickets) + 1) // 2) > adversary


def lightest(tickets: Sequence[int], weights: Sequence[int], wanted: int) -> int:
    """The least weight of a set with `wanted` tickets or more."""
    best = {0: 0}
    for t, w in zip(tickets, weights):
        step = dict(best)
        for have, weight in best.items():
            more = min(wanted, have + t)
            if more not in step or weight + w < step[more]:
                step[more] = weight + w
        best = step
    return best[wanted]


def heaviest(tickets: Sequence[int], weights: Sequence[int], allowed: int) -> int:
    """The greatest weight of a set with `allowed` tickets or fewer."""
    best = {0: 0}
    for t, w in zip(tickets, weights):
        step = dict(best)
        for have, weight in best.items():
            if have + t <= allowed and weight + w > step.get(have + t, -1):
                step[have + t] = weight + w
        best = step
    return max(best.values())


def hand_out(weights: Sequence[int], adversary: Fraction, count: int, first: int = 0) -> List[List[int]]:
    """The tickets by rank after each of `count` steps; the `first` heaviest have one each before all others."""
    tickets = [0] * len(weights)
    out = []
    for step in range(count):
        if step < first:
            tickets[step] += 1
        else:
            due = [((tickets[r] + 1 - adversary) / weights[r], r) for r in range(len(weights)) if weights[r] > 0]
            tickets[min(due)[1]] += 1
        out.append(list(tickets))
    return out


def estimate(tickets: Sequence[int], weights: Sequence[int]) -> int:
    """The least weight of one node and as few as needed of those before it, where they have half of the tickets."""
    half = (sum(tickets) + 1) // 2
    order = sorted((r for r in range(len(tickets)) if tickets[r]), key=lambda r: (Fraction(weights[r], tickets[r]), r))
    found = []
    for place, last in enumerate(order):
        held, weight = tickets[last], weights[last]
        for r in order[:place]:
            if held >= half:
                break
            held, weight = held + tickets[r], weight + weights[r]
        if held >= half:
            found.append(weight)
    return min(found)


def allot(nodes: Sequence[Tuple[bytes, int]], adversary: Fraction, minimum_holders: int = 1, maximum: int = 4096,
          outside: int = 0) -> Dict[str, Any]:
    """The tickets of (node, weight) pairs, in their order."""
    total_weight = sum(weight for _, weight in nodes) + outside
    ranked = sorted(range(len(nodes)), key=lambda i: (-nodes[i][1], nodes[i][0]))
    weights = [nodes[i][1] for i in ranked]
    allowed = adversary.numerator * total_weight // adversary.denominator
    tickets = [0] * len(ranked)
    while sum(tickets) < maximum:
        times_due = [((tickets[r] + 1 - adversary) / weights[r], r) for r in range(len(ranked)) if weights[r] > 0]
        tickets[min(times_due)[1]] += 1
        if sum(1 for t in tickets if t) >= minimum_holders and safe(tickets, weights, allowed):
            break
    else:
        steps = hand_out(weights, adversary, maximum, minimum_holders)[minimum_holders - 1:]
        best = sorted(steps, key=lambda t: (-estimate(t, weights), sum(t)))[:64]
        tickets = min(best, key=lambda t: (-lightest(t, weights, (sum(t) + 1) // 2), sum(t)))
    total = sum(tickets)
    threshold = total // 2 + 1
    by_node = [0] * len(nodes)
    for rank, i in enumerate(ranked):
        by_node[i] = tickets[rank]
    return {"tickets": by_node, "total": total, "threshold": threshold, "total_weight": total_weight,
            "maximum_adversary": lightest(tickets, weights, threshold) - 1,
            "minimum_honest": heaviest(tickets, weights, threshold - 1) + outside + 1}


# Section 3: sharing

def evaluate(polynomial: Sequence[int], x: int) -> int:
    return sum(c * pow(x, i, Q) for i, c in enumerate(polynomial)) % Q


class Node:
    def __init__(self, master: bytes, weight: int) -> None:
        self.weight = weight
        self.master = master
        self.sign_seed = h("pouw.sign-key.v1", key=master)
        self.id = edwards.public_key(self.sign_seed)
        self.share_seed = h("pouw.shr-key.v1", key=master)
        self.share_secret = h_scalar("pouw.shr-key.v1", key=self.share_seed)
        self.share_point = times(self.share_secret, BASE)
        self.share_key = enc(self.share_point)
        self.deal_seed = h("pouw.deal-key.v1", key=master)

    def possession(self, chain_id: bytes) -> Tuple[int, int]:
        tag = b"pouw.shr-pop.v1".ljust(16, b"\0")
        nonce = h_scalar("pouw.nonce.v1", tag, le64(len(chain_id)), chain_id, self.id, self.share_key, key=self.share_seed)
        c = h_scalar("pouw.shr-pop.v1", le64(len(chain_id)), chain_id, self.id, self.share_key, enc(times(nonce, BASE)))
        return c, (nonce + c * self.share_secret) % Q

    def polynomial(self, ceremony: bytes, threshold: int) -> List[int]:
        return [h_scalar("pouw.poly.v1", ceremony, self.id, le32(i), key=self.deal_seed) for i in range(threshold)]


class Holder:
    """A registration: what the chain says of a node, true or not."""

    def __init__(self, node: bytes, weight: int, share_key: bytes, possession: bytes, owner: Any = None) -> None:
        self.id, self.weight, self.share_key, self.possession, self.owner = node, weight, share_key, possession, owner

    @staticmethod
    def of(node: Node, chain_id: bytes) -> "Holder":
        proof = b"".join(map(edwards.scalar, node.possession(chain_id)))
        return Holder(node.id, node.weight, node.share_key, proof, node)

    def fault(self, chain_id: bytes) -> str:
        """Why the registration is false; nothing for a true one."""
        node = edwards.decode(self.id)
        if node is None or edwards.encode(node) != self.id or edwards.equal(node, edwards.IDENTITY) \
                or not edwards.equal(edwards.multiply(Q, node), edwards.IDENTITY):
            return "invalid_public_key"
        if self.share_key == enc(edwards.IDENTITY):
            return "identity_point"
        c, z = (int.from_bytes(half, "little") for half in (self.possession[:32], self.possession[32:]))
        commitment = edwards.add(times(z, BASE), times(-c, edwards.ristretto_decode(self.share_key)))
        expected = h_scalar("pouw.shr-pop.v1", le64(len(chain_id)), chain_id, self.id, self.share_key, enc(commitment))
        return "" if expected == c else "false_possession"


def take_part(registered: Sequence[Holder], chain_id: bytes, parts: int) -> Tuple[List[Holder], List[List[str]], int]:
    """The holders with a part by rank, the others with the reasons, and the weight of those too light."""
    kept: List[Holder] = []
    dropped: List[List[str]] = []
    outside = checked = 0
    seen: dict[bytes, int] = {}
    for holder in sorted(registered, key=lambda x: (-x.weight, x.id, x.share_key, x.possession)):
        if holder.weight == 0:
            reason = "weightless_holder"
            dropped.append([holder.id.hex(), str(holder.weight), reason])
            continue
        earlier = seen.get(holder.id, 0)
        seen[holder.id] = earlier + 1
        if earlier >= 3:
            reason = "duplicate_holder"
        elif len(kept) == parts or checked == 4096:
            reason = "beyond_limit"
            outside += 0 if earlier else holder.weight
        else:
            checked += 1
            taken = any(holder.id == other.id or holder.share_key == other.share_key for other in kept)
            reason = holder.fault(chain_id) or ("duplicate_holder" if taken else "")
        if reason:
            dropped.append([holder.id.hex(), str(holder.weight), reason])
        else:
            kept.append(holder)
    return kept, dropped, outside


class Setup:
    def __init__(self, chain_id: bytes, epoch: int, round_: int, start: int, windows: Tuple[int, int, int],
                 adversary: Tuple[int, int], maximum_tickets: int, minimum_holders: int, maximum_dealers: int,
                 registered: Sequence[Holder]) -> None:
        kept, self.dropped, outside = take_part(registered, chain_id, max(maximum_tickets, maximum_dealers))
        self.holders = sorted(kept, key=lambda holder: holder.id)
        self.nodes = [holder.owner for holder in self.holders]
        self.table = allot([(holder.id, holder.weight) for holder in self.holders], Fraction(*adversary),
                           minimum_holders, maximum_tickets, outside)
        self.keys: List[Node] = []
        for node, count in zip(self.nodes, self.table["tickets"]):
            self.keys += [node] * count
        order = sorted(range(len(self.holders)), key=lambda i: (-self.holders[i].weight, self.holders[i].id))
        self.dealers = sorted(order[:maximum_dealers])
        self.threshold = self.table["threshold"]
        dealing = sum(self.holders[i].weight for i in self.dealers)
        asked = adversary[0] * self.table["total_weight"] // adversary[1]
        self.quorum = min(asked, (dealing - 1) // 2) + 1
        self.secrecy = min(self.table["maximum_adversary"], self.quorum - 1)
        self.liveness = min(self.table["total_weight"] - self.table["minimum_honest"], dealing - self.quorum)
        name = b"ristretto255"
        parts = [le32(SPEC_VERSION), le32(len(name)), name, le64(len(chain_id)), chain_id, le64(epoch), le32(round_),
                 le64(start), *map(le32, windows), *map(le32, adversary), le32(maximum_tickets), le32(minimum_holders),
                 le32(maximum_dealers), le32(self.table["total"]), le32(self.threshold), le32(len(self.holders))]
        for holder, count in zip(self.holders, self.table["tickets"]):
            parts += [holder.id, le64(holder.weight), holder.share_key, le32(count)]
        parts += [le32(len(self.dealers)), *map(le32, self.dealers)]
        if outside:
            parts.append(outside.to_bytes(16, "little"))
        self.id = h("pouw.ceremony.v1", *parts)


def message(setup: Setup, kind: int, node: Node, payload: bytes) -> bytes:
    unsigned = le32(SPEC_VERSION) + bytes([kind]) + setup.id + node.id + payload
    return unsigned + edwards.sign(node.sign_seed, h("pouw.cer-msg.v1", unsigned))


def deal(setup: Setup, node: Node) -> Tuple[bytes, List[Point]]:
    t, count = setup.threshold, len(setup.keys)
    p = node.polynomial(setup.id, t)
    keys = [holder.share_key for holder in setup.keys]
    commitment = enc(times(p[0], SECOND))
    points = [times(evaluate(p, j + 1), setup.keys[j].share_point) for j in range(count)]
    shares = [enc(point) for point in points]
    statement = h("pouw.nonce.v1", setup.id, node.id, le32(t), *keys, commitment, *shares, size=64)
    r = [h_scalar("pouw.nonce.v1", statement, le32(i), key=node.deal_seed) for i in range(t)]
    announced = [enc(times(r[0], SECOND))]
    announced += [enc(times(evaluate(r, j + 1), setup.keys[j].share_point)) for j in range(count)]
    e = h_scalar("pouw.ldei.v1", setup.id, node.id, le32(t), le32(count), *keys, commitment, *shares, *announced)
    z = [(r[i] + e * p[i]) % Q for i in range(t)]
    payload = commitment + b"".join(shares) + edwards.scalar(e) + b"".join(map(edwards.scalar, z))
    return message(setup, 1, node, payload), points


def reveal(setup: Setup, node: Node) -> bytes:
    return message(setup, 2, node, edwards.scalar(node.polynomial(setup.id, 1)[0]))


def decrypt(setup: Setup, node: Node, recovery: bytes, sums: Sequence[Point]) -> bytes:
    mine = [j for j, holder in enumerate(setup.keys) if holder is node]
    inverse = pow(node.share_secret, Q - 2, Q)
    decrypted = [times(inverse, sums[j]) for j in mine]
    pairs = b"".join(enc(sums[j]) + enc(s) for j, s in zip(mine, decrypted))
    everything = h("pouw.rho.v1", setup.id, node.id, recovery, node.share_key, pairs, size=64)
    m = z = edwards.IDENTITY
    for i, (j, s) in enumerate(zip(mine, decrypted)):
        rho = h_scalar("pouw.rho.v1", everything, le32(i))
        m, z = edwards.add(m, times(rho, s)), edwards.add(z, times(rho, sums[j]))
    tag = b"pouw.dleq.v1".ljust(16, b"\0")
    nonce = h_scalar("pouw.nonce.v1", tag, setup.id, node.id, recovery, enc(m), enc(z), key=node.share_seed)
    c = h_scalar("pouw.dleq.v1", setup.id, node.id, recovery, node.share_key, enc(m), enc(z),
                 enc(times(nonce, BASE)), enc(times(nonce, m)))
    response = (nonce + c * node.share_secret) % Q
    return message(setup, 3, node, recovery + b"".join(map(enc, decrypted)) + edwards.scalar(c) + edwards.scalar(response))


def ceremony(silent: Sequence[int]) -> Dict[str, Any]:
    """Everybody deals; the dealers at these positions do not reveal."""
    parameters = {"chain_id": b"vector chain", "epoch": 2**63, "round": 3, "start": 1000, "windows": (20, 10, 20),
                  "adversary": (2, 5), "maximum_tickets": 64, "minimum_holders": 4, "maximum_dealers": 64}
    masters = [hashlib.sha256(b"pouw beacon test" + bytes([i])).digest() for i in range(5)]
    nodes = [Node(master, weight) for master, weight in zip(masters, (70, 55, 40, 40, 1))]
    setup = Setup(parameters["chain_id"], parameters["epoch"], parameters["round"], parameters["start"],
                  parameters["windows"], parameters["adversary"], parameters["maximum_tickets"],
                  parameters["minimum_holders"], parameters["maximum_dealers"],
                  [Holder.of(node, parameters["chain_id"]) for node in nodes])
    dealt = [deal(setup, setup.nodes[i]) for i in setup.dealers]
    secrets = [setup.nodes[i].polynomial(setup.id, 1)[0] for i in setup.dealers]
    digests = [setup.nodes[i].id + h("pouw.cer-msg.v1", dealt[k][0][:-64]) for k, i in enumerate(setup.dealers)]
    qualified = h("pouw.qual.v1", setup.id, le32(len(digests)), *digests)
    sums = [edwards.IDENTITY] * len(setup.keys)
    for k, i in enumerate(setup.dealers):
        if i in silent:
            sums = [edwards.add(a, b) for a, b in zip(sums, dealt[k][1])]
    statement = qualified + le32(len(silent)) + b"".join(setup.nodes[i].id for i in silent) + b"".join(map(enc, sums))
    recovery = h("pouw.recovery.v1", setup.id, statement)
    value = enc(times(sum(secrets), BASE))
    return {
        "parameters": {**{name: str(value) if name in ("epoch", "start") else value for name, value in parameters.items()},
                       "chain_id": parameters["chain_id"].hex()},
        "masters": [master.hex() for master in masters], "weights": [str(node.weight) for node in nodes],
        "nodes": [node.id.hex() for node in setup.nodes], "share_keys": [node.share_key.hex() for node in setup.nodes],
        "possessions": [b"".join(map(edwards.scalar, node.possession(parameters["chain_id"]))).hex()
                        for node in setup.nodes],
        "tickets": setup.table["tickets"], "threshold": setup.threshold, "dealers": setup.dealers,
        "ceremony": setup.id.hex(), "deals": [message_.hex() for message_, _ in dealt], "silent": list(silent),
        "reveals": {str(i): reveal(setup, setup.nodes[i]).hex() for i in setup.dealers if i not in silent},
        "qualified": qualified.hex(), "recovery": recovery.hex() if silent else "",
        "shares": {str(i): decrypt(setup, node, recovery, sums).hex() for i, node in enumerate(setup.nodes)
                   if setup.table["tickets"][i] > 0} if silent else {},
        "value": value.hex(), "output": h("pouw.beacon.v1", setup.id, qualified, value).hex(),
    }


def ticket_cases() -> List[Dict[str, Any]]:
    """Weights from a small generator: all shapes, sums beyond 64 bits."""
    out = []
    state = 1
    for case in range(60):
        weights = []
        for _ in range(1 + case % 14):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            shift = (0, 32, 50, 60, 63)[case % 5]
            weights.append(state >> shift)
        if sum(weights) == 0:
            weights[0] = 1
        for numerator, denominator, minimum in ((1, 3, 1), (2, 5, 1), (9, 20, 1), (1, 3, 3)):
            if minimum > sum(1 for w in weights if w > max(weights) // 100):
                continue
            nodes = [(le32(i).ljust(32, b"\0"), weight) for i, weight in enumerate(weights)]
            got = allot(nodes, Fraction(numerator, denominator), minimum)
            if len(weights) <= 10:
                check_by_subsets(weights, got)
            out.append({"weights": [str(w) for w in weights], "adversary": [numerator, denominator],
                        "minimum_holders": minimum,
                        "tickets": got["tickets"], "threshold": got["threshold"],
                        "maximum_adversary": str(got["maximum_adversary"]), "minimum_honest": str(got["minimum_honest"])})
    return out


def limited_ticket_cases() -> List[Dict[str, Any]]:
    """Limits that prevent what is asked: equal nodes, a heavy one, a falling sequence, keys of a coalition."""
    shapes = {"equal": [7] * 40, "whale": [300] + [1] * 40, "harmonic": [10**6 // (i + 1) for i in range(60)],
              "sybils": [87] * 20 + [6] * 43, "two classes": [19] * 12 + [10] * 25, "alone": [10**6, 1, 1, 1],
              "wide": [2**64 - 1 - i for i in range(20)]}
    out = []
    for name, weights in shapes.items():
        for maximum in (1, 2, 9, 16, 25):
            for adversary, minimum, outside in (((2, 5), 1, 0), ((9, 20), 4, 0), ((2, 5), 2, sum(weights) // 3)):
                if minimum > maximum:
                    continue
                nodes = [(le32(i).ljust(32, b"\0"), weight) for i, weight in enumerate(weights)]
                got = allot(nodes, Fraction(*adversary), minimum, maximum, outside)
                out.append({"shape": name, "weights": [str(w) for w in weights], "adversary": list(adversary),
                            "maximum_tickets": maximum, "minimum_holders": minimum, "outside": str(outside),
                            "tickets": got["tickets"], "threshold": got["threshold"],
                            "maximum_adversary": str(got["maximum_adversary"]),
                            "minimum_honest": str(got["minimum_honest"])})
    return out


def setup_cases() -> List[Dict[str, Any]]:
    """Registrations of which some are false, duplicates or too light."""
    chain_id = b"vector chain"
    masters = [hashlib.sha256(b"pouw beacon test" + bytes([i])).digest() for i in range(9)]
    nodes = [Node(master, weight) for master, weight in zip(masters, (70, 55, 40, 40, 30, 20, 10, 5, 0))]
    true = [Holder.of(node, chain_id) for node in nodes]
    twin = Node(masters[1], 54)
    twin.id = nodes[8].id
    second_key = Node(hashlib.sha256(b"pouw beacon second key").digest(), 40)
    second_key.id = nodes[2].id
    copied = Holder(nodes[8].id, 90, true[0].share_key, true[0].possession)
    strange = hashlib.sha256(b"pouw beacon strange node").digest()
    bad = [Holder(strange, 3, true[3].share_key, true[3].possession), copied, Holder.of(twin, chain_id),
           Holder.of(second_key, chain_id), Holder(nodes[8].id, 60, enc(edwards.IDENTITY), true[4].possession), true[5]]
    out = []
    for registered, tickets, dealers in ((true, 64, 64), (true + bad, 64, 64), (bad + true, 5, 3), (true, 4, 6)):
        setup = Setup(chain_id, 2**63, 3, 1000, (20, 10, 20), (2, 5), tickets, 2, dealers, registered)
        out.append({"maximum_tickets": tickets, "maximum_dealers": dealers,
                    "holders": [[x.id.hex(), str(x.weight), x.share_key.hex(), x.possession.hex()] for x in registered],
                    "kept": [x.id.hex() for x in setup.holders], "dropped": setup.dropped,
                    "tickets": setup.table["tickets"], "dealers": setup.dealers,
                    "total_weight": str(setup.table["total_weight"]), "quorum": str(setup.quorum),
                    "secrecy": str(setup.secrecy), "liveness": str(setup.liveness), "ceremony": setup.id.hex()})
    return out


def check_by_subsets(weights: Sequence[int], got: Dict[str, Any]) -> None:
    reaching, below = [], []
    for chosen in itertools.product((0, 1), repeat=len(weights)):
        weight = sum(w for w, c in zip(weights, chosen) if c)
        held = sum(t for t, c in zip(got["tickets"], chosen) if c)
        (reaching if held >= got["threshold"] else below).append(weight)
    assert got["maximum_adversary"] == min(reaching) - 1 and got["minimum_honest"] == max(below) + 1


def encode_file(description: str, **content: Any) -> bytes:
    content = {"description": description, "source": "tests/reference/beacon.py", **content}
    members = []
    for name, value in content.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            body = ",\n".join("  " + json.dumps(entry, separators=(",", ":")) for entry in value)
            members.append(f' "{name}":[\n{body}\n ]')
        else:
            members.append(f" {json.dumps(name)}:{json.dumps(value, separators=(',', ':'))}")
    return ("{\n" + ",\n".join(members) + "\n}\n").encode("ascii")


def produce() -> Dict[str, bytes]:
    return {
        "beacon/tickets.json": encode_file("Tickets of weights; node i has the id LE32(i) followed by zeros.",
                                           vectors=ticket_cases()),
        "beacon/limited_tickets.json": encode_file("Tickets under limits that prevent what is asked; node i has the id "
                                                   "LE32(i) followed by zeros.", vectors=limited_ticket_cases()),
        "beacon/setups.json": encode_file("Registered holders, of which some have no part in the ceremony. Session and other "
                                          "parameters are those of ceremony.json, with 2 holders at least.",
                                          vectors=setup_cases()),
        "beacon/ceremony.json": encode_file("One ceremony of five nodes in which different dealers stay silent. Nodes are "
                                            "by ascending id, messages by position of their sender.",
                                            second_generator=enc(SECOND).hex(),
                                            vectors=[ceremony(silent) for silent in ((), (0,), (1, 3))]),
    }


def main() -> int:
    return write_or_check(__doc__, lambda: produce().items())


if __name__ == "__main__":
    sys.exit(main())
