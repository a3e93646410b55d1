#!/usr/bin/env python3
"""Certificates of blocks, evidence against signers of two blocks, and checkpoints, written from docs/spec/validation.md section 7.

    certificate.py            writes tests/vectors/validation/certificates.json
    certificate.py --check    fails when the file is not what it would write
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from hashlib import sha512
from typing import Any, Optional

import ed25519
from pow import H
from validation import Node, Refused, chain_digest, label, le
from vector_file import Vectors, write_or_check
from weights import digest as table_digest
from weights import encode as encode_table

CHAIN = chain_digest(b"pouw-test")


@dataclass(frozen=True)
class Statement:
    chain: bytes
    epoch: int
    height: int
    block: bytes
    next_weights: Optional[bytes] = None

    def flagged(self) -> bytes:
        return b"\0" if self.next_weights is None else b"\1" + self.next_weights

    def encode(self) -> bytes:
        return le(1, 4) + self.chain + le(self.epoch, 8) + le(self.height, 8) + self.block + self.flagged()

    def digest(self) -> bytes:
        return H("pouw.val-blk.v1", self.encode())


def statement_of(data: bytes) -> tuple[Statement, bytes]:
    """The statement at the start, and what follows it."""
    if len(data) < 85 or (data[84] == 1 and len(data) < 117):
        raise Refused("truncated")
    if data[:4] != le(1, 4):
        raise Refused("unsupported_version")
    if data[84] > 1:
        raise Refused("non_canonical")
    number = lambda place: int.from_bytes(data[place : place + 8], "little")  # noqa: E731
    end = 117 if data[84] else 85
    return Statement(data[4:36], number(36), number(44), data[52:84], data[85:117] if data[84] else None), data[end:]


@dataclass
class Table:
    """A table of weights: nodes in ascending order of their keys."""

    nodes: list[Node]
    unassigned: int = 0

    def __post_init__(self) -> None:
        self.nodes = sorted((node for node in self.nodes if node.weight), key=lambda node: node.key)

    def encode(self) -> bytes:
        return encode_table({node.key: node.weight for node in self.nodes}, self.unassigned)

    def total(self) -> int:
        return sum(node.weight for node in self.nodes) + self.unassigned


def certificate(statement: Statement, table: Table, signers: list[Node]) -> bytes:
    bits = [node in signers for node in table.nodes]
    bitmap = sum(bit << place for place, bit in enumerate(bits))
    signatures = [ed25519.sign(node.signing_seed, statement.digest()) for node in table.nodes if node in signers]
    return statement.encode() + le(len(bits), 4) + le(bitmap, (len(bits) + 7) // 8) + b"".join(signatures)


def verify(chain: bytes, epoch: int, table: Table, data: bytes) -> Statement:
    statement, rest = statement_of(data)
    if len(rest) < 4:
        raise Refused("truncated")
    size, rest = int.from_bytes(rest[:4], "little"), rest[4:]
    length = (size + 7) // 8
    if length > len(rest):
        raise Refused("count_too_large")
    bitmap, rest = int.from_bytes(rest[:length], "little"), rest[length:]
    if bitmap >> size:
        raise Refused("non_canonical")
    positions = [place for place in range(size) if bitmap >> place & 1]
    if len(rest) < 64 * len(positions):
        raise Refused("truncated")
    if len(rest) > 64 * len(positions):
        raise Refused("trailing_bytes")
    if statement.chain != chain:
        raise Refused("other_chain")
    if statement.epoch != epoch:
        raise Refused("other_epoch")
    if size != len(table.nodes):
        raise Refused("other_weights")
    if 2 * sum(table.nodes[place].weight for place in positions) <= table.total():
        raise Refused("no_majority")
    for count, place in enumerate(positions):
        if not ed25519.verify(table.nodes[place].key, statement.digest(), rest[64 * count : 64 * count + 64]):
            raise Refused("invalid_signature")
    return statement


def certificates() -> list[dict[str, Any]]:
    nodes = [Node(f"signer {i}", weight) for i, weight in enumerate((5, 3, 1, 1, 2, 4, 1, 1, 6, 1))]
    table, plain = Table(nodes), Statement(CHAIN, 7, 100, label("block", 100))
    change = replace(plain, next_weights=label("the next table"))
    everybody = certificate(plain, table, nodes)
    out: list[dict[str, Any]] = []

    def add(comment: str, data: bytes, table: Table = table, chain: bytes = CHAIN, epoch: int = 7) -> None:
        entry = {"comment": comment, "chain": chain.hex(), "epoch": str(epoch), "table": table.encode().hex(),
                 "certificate": data.hex()}  # fmt: skip
        try:
            statement = verify(chain, epoch, table, data)
            entry |= {"statement": statement.encode().hex(), "digest": statement.digest().hex()}
        except Refused as refused:
            entry["error"] = str(refused)
        out.append(entry)

    def changed(place: int, value: int, base: bytes = everybody) -> bytes:
        return base[:place] + bytes([value]) + base[place + 1 :]

    by_weight = sorted(nodes, key=lambda node: -node.weight)
    add("everybody", everybody)
    add("13 of 25", certificate(plain, table, [nodes[i] for i in (0, 1, 5, 2)]))
    add("12 of 25", certificate(plain, table, [nodes[i] for i in (0, 8, 2)]))
    add("13 of 26, one of them nobody's", certificate(plain, table, [nodes[i] for i in (0, 1, 5, 2)]), Table(nodes, 1))
    add("new weights", certificate(change, table, by_weight[:4]))
    add("nobody", certificate(plain, table, []))
    eight = Table(nodes[:8])
    add("a bitmap of whole bytes", certificate(plain, eight, nodes[:8]), eight)
    one = Table(nodes[:1])
    add("a table of one", certificate(plain, one, nodes[:1]), one)
    add("the last height", certificate(replace(plain, height=2**64 - 1), table, nodes))
    large = Table([Node("large 0", 2**63 - 1), Node("large 1", 2**63 - 1), Node("small", 1)])
    add("half of 2^64 - 1", certificate(plain, large, [node for node in large.nodes if node.name == "large 0"]), large)
    add("half and one of 2^64 - 1", certificate(plain, large, [node for node in large.nodes if node.name != "large 0"]), large)
    add("no bytes", b"")
    add("the statement alone", plain.encode())
    add("no new weights behind the flag", change.encode()[:-1])
    add("one byte short", everybody[:-1])
    add("one byte long", everybody + b"\0")
    add("version 2", changed(0, 2))
    add("flag 2", changed(84, 2))
    add("a table of 2^24 nodes", changed(88, 1))
    add("a table of 11 nodes", changed(85, 11))
    add("a bit behind the table", changed(90, everybody[90] | 4))
    add("a bit too few", changed(90, everybody[90] & 1))
    add("another chain", everybody, chain=chain_digest(b"pouw-other"))
    add("another epoch", everybody, epoch=8)
    add("another table of the same size", everybody, Table([Node(f"other {i}", 1) for i in range(10)]))
    add("a changed signature", changed(len(everybody) - 1, everybody[-1] ^ 1))
    add("a changed block", changed(52, everybody[52] ^ 1))
    add("a changed height", changed(44, everybody[44] ^ 1))
    add("the signatures of other nodes", changed(89, 0b11111110, certificate(plain, table, table.nodes[:7] + table.nodes[8:])))
    return out


def vote(statement: Statement, node: Node) -> bytes:
    return statement.encode() + node.key + ed25519.sign(node.signing_seed, statement.digest())


def equivocation(a: bytes, b: bytes) -> bytes:
    (first, rest_a), (second, rest_b) = statement_of(a), statement_of(b)
    if rest_a[:32] != rest_b[:32] or (first.chain, first.height) != (second.chain, second.height) or first == second:
        raise Refused("no_misbehaviour")
    sides = sorted((le(s.epoch, 8) + s.block + s.flagged(), rest[32:]) for s, rest in ((first, rest_a), (second, rest_b)))
    return le(1, 4) + first.chain + le(first.height, 8) + rest_a[:32] + b"".join(side + signature for side, signature in sides)


def equivocations() -> list[dict[str, Any]]:
    node, other = Node("signer 0", 1), Node("signer 1", 1)
    plain = Statement(CHAIN, 7, 100, label("block", 100))
    statements = [plain, replace(plain, block=label("another block")), replace(plain, epoch=256),
                  replace(plain, next_weights=label("a table")), replace(plain, next_weights=label("another table"))]  # fmt: skip
    pairs = [(vote(a, node), vote(b, node)) for a in statements for b in statements if a != b]
    pairs += [(vote(plain, node), vote(replace(plain, height=101), node)), (vote(plain, node), vote(statements[1], other)),
              (vote(plain, node), vote(plain, node)), (vote(plain, node), vote(replace(plain, chain=label("c")), node))]  # fmt: skip
    out = []
    for a, b in pairs:
        entry: dict[str, Any] = {"votes": [a.hex(), b.hex()], "height": "200"}
        try:
            evidence = equivocation(a, b)
            entry |= {"evidence": evidence.hex(), "evidence_digest": H("pouw.evidence.v1", evidence).hex()}
        except Refused as refused:
            entry["error"] = str(refused)
        out.append(entry)
    return out


@dataclass
class Checkpoint:
    chain: bytes
    epoch: int
    height: int
    block: bytes
    weights: bytes

    def encode(self) -> bytes:
        return le(1, 4) + self.chain + le(self.epoch, 8) + le(self.height, 8) + self.block + self.weights

    def advance(self, table: Table, data: bytes) -> Checkpoint:
        statement, _ = statement_of(data)
        if table_digest(table.encode()) != self.weights:
            raise Refused("other_weights")
        if statement.height <= self.height:
            raise Refused("stale_certificate")
        verify(self.chain, self.epoch, table, data)
        if statement.next_weights is None:
            return Checkpoint(self.chain, self.epoch, statement.height, statement.block, self.weights)
        if self.epoch == 2**64 - 1:
            raise Refused("overflow")
        return Checkpoint(self.chain, self.epoch + 1, statement.height, statement.block, statement.next_weights)


def chains() -> list[dict[str, Any]]:
    tables = [Table([Node(f"{name} {i}", w) for i, w in enumerate(weights)], unassigned)
              for name, weights, unassigned in (("genesis", (1, 1, 1), 0), ("first", (7, 2, 2, 4), 3), ("second", (1, 9), 0))]  # fmt: skip
    digests = [table_digest(table.encode()) for table in tables]

    def step(which: int, epoch: int, height: int, then: Optional[int] = None) -> tuple[Table, bytes]:
        statement = Statement(CHAIN, epoch, height, label("block", height), None if then is None else digests[then])
        return tables[which], certificate(statement, tables[which], tables[which].nodes)

    def chain(comment: str, steps: list[tuple[Table, bytes]], epoch: int = 0) -> dict[str, Any]:
        trusted = Checkpoint(CHAIN, epoch, 0, label("block", 0), digests[0])
        out: dict[str, Any] = {"comment": comment, "trusted": trusted.encode().hex(), "steps": []}
        for table, data in steps:
            entry = {"table": table.encode().hex(), "certificate": data.hex()}
            out["steps"].append(entry)
            try:
                trusted = trusted.advance(table, data)
                entry["checkpoint"] = trusted.encode().hex()
            except Refused as refused:
                entry["error"] = str(refused)
                break
        return out

    return [
        chain("two changes of weights", [step(0, 0, 5), step(0, 0, 40, 1), step(1, 1, 41), step(1, 1, 80, 2), step(2, 2, 81)]),
        chain("the same weights in two epochs", [step(0, 0, 40, 0), step(0, 1, 41)]),
        chain("an epoch is skipped", [step(0, 0, 40, 1), step(2, 2, 81)]),
        chain("an epoch of the same weights is skipped", [step(0, 1, 41)]),
        chain("the old weights go on", [step(0, 0, 40, 1), step(0, 0, 41)]),
        chain("back to an older block", [step(0, 0, 40), step(0, 0, 39)]),
        chain("the same block again", [step(0, 0, 40), step(0, 0, 40)]),
        chain("behind the last epoch", [step(0, 2**64 - 1, 40), step(0, 2**64 - 1, 41, 1)], 2**64 - 1),
    ]


def sign_with_other_nonce(seed: bytes, message: bytes) -> bytes:
    """Another valid signature: only the owner of the key can make it."""
    scalar, prefix = ed25519.expand(seed)
    r = int.from_bytes(sha512(b"other" + prefix + message).digest(), "little") % ed25519.Q
    encoded = ed25519.encode(ed25519.multiply(r, ed25519.BASE))
    s = (r + ed25519.challenge(encoded, ed25519.public_key_of(seed), message) * scalar) % ed25519.Q
    return encoded + s.to_bytes(32, "little")


def two_signatures() -> dict[str, Any]:
    node, statement = Node("signer 0", 1), Statement(CHAIN, 7, 100, label("block", 100))
    second = sign_with_other_nonce(node.signing_seed, statement.digest())
    assert ed25519.verify(node.key, statement.digest(), second)
    return {"votes": [vote(statement, node).hex(), (statement.encode() + node.key + second).hex()]}


def produce() -> dict[str, bytes]:
    vectors = Vectors(
        "Certificates of blocks with the table that judges them and the error of those that are refused; pairs of votes and the "
        "evidence in them; chains of checkpoints; two signatures of one node under one block.",
        certificates=certificates(), equivocations=equivocations(), chains=chains(), two_signatures=two_signatures())  # fmt: skip
    vectors.content["source"] = "tests/reference/certificate.py"
    return {"validation/certificates.json": vectors.encode()}


def main() -> int:
    return write_or_check(__doc__, lambda: produce().items())


if __name__ == "__main__":
    sys.exit(main())
