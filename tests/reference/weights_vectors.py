"""The vectors of voting weights: tests/vectors/weights/."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any, Iterable, Optional

import ed25519
import weights
from pow_vectors import U64_MAX
from vector_file import Vectors


def quick() -> Iterable[tuple[str, Vectors]]:
    yield "weights/weights.json", tables()


KEYS = sorted(ed25519.public_key_of(bytes([number]) * 32) for number in range(13))


def key(number: int) -> bytes:
    """Public keys, ascending."""
    return KEYS[number]


def tables() -> Vectors:
    good: list[dict[str, Any]] = []
    bad: list[dict[str, Any]] = []

    def table(name: str, votes: list[int], cap: Optional[Fraction] = None) -> bytes:
        results = {key(i): w for i, w in enumerate(votes)}
        capped, unassigned = weights.capped(results, cap) if cap else (results, 0)
        encoded = weights.encode(capped, unassigned)
        entry: dict[str, Any] = {"name": name, "results": [[k.hex(), str(w)] for k, w in results.items()]}
        if cap:
            entry["cap"] = [str(cap.numerator), str(cap.denominator)]
        entry |= {"bytes": encoded.hex(), "digest": weights.digest(encoded).hex()}
        good.append(entry)
        return encoded

    third = Fraction(3, 10)
    table("empty", [])
    table("empty, capped", [], third)
    table("one", [7])
    table("zeros are left out", [0, 5, 0, 1])
    table("largest total", [U64_MAX - 1, 1])
    table("nobody above the cap", [30, 30, 30, 10], third)
    table("one above", [60, 20, 15, 5, 5], third)
    table("one pushes another above", [60, 25, 15, 10], third)
    table("all at the cap", [60, 25, 15], third)
    table("one alone", [100], third)
    table("ties go to the smaller key", [10, 1, 1, 1], Fraction(1, 2))
    table("cap below one unit", [3, 2], Fraction(1, 100))
    table("large, capped", [U64_MAX // 2, U64_MAX // 4, U64_MAX // 8, 12345], third)
    chosen = random.Random(3)
    for number in range(40):
        votes = [chosen.getrandbits(60) >> chosen.randrange(58) for _ in range(chosen.randrange(1, 13))]
        table(f"random {number}", votes, Fraction(chosen.randrange(1, 100), 100))

    def refused(name: str, data: bytes, reason: str) -> None:
        bad.append({"name": name, "bytes": data.hex(), "reason": reason})

    two = weights.encode({key(1): 5, key(2): 6})
    row = lambda node, votes: key(node) + votes.to_bytes(8, "little")
    head = lambda count, unassigned=0: two[:12] + unassigned.to_bytes(8, "little") + count.to_bytes(4, "little")
    refused("no bytes", b"", "truncated")
    refused("header cut off", two[:23], "truncated")
    refused("magic", b"pouwwgt2" + two[8:], "magic")
    refused("version 2", two[:8] + b"\2" + two[9:], "spec_version")
    refused("last byte missing", two[:-1], "count_too_large")
    refused("count 2^32 - 1", head(U64_MAX >> 32) + two[24:], "count_too_large")
    refused("byte appended", two + b"\0", "trailing_bytes")
    refused("count one less", head(1) + two[24:], "trailing_bytes")
    refused("weight 0", head(2) + row(1, 5) + row(2, 0), "weight_zero")
    refused("keys descend", head(2) + row(2, 5) + row(1, 6), "descending")
    refused("a node twice", head(2) + row(2, 5) + row(2, 6), "duplicate_node")
    order_4 = ed25519.decode(bytes(32))
    mixed = ed25519.encode(ed25519.add(ed25519.decode(key(1)), order_4))
    for name, node in [("no point", b"\2" + bytes(31)), ("the identity", b"\1" + bytes(31)), ("a point of order 4", bytes(32)),
                       ("a key with torsion", mixed), ("not canonical", b"\xff" * 32)]:
        assert ed25519.decode_key(node) is None
        refused(f"an id that is no key: {name}", weights.encode({key(0): 5, node: 6}), "invalid_public_key")
    refused("total 2^64", head(2) + row(1, U64_MAX) + row(2, 1), "overflow")
    refused("total 2^64 with what is nobody's", head(1, 1) + row(1, U64_MAX), "overflow")
    return Vectors(
        "Verified results, an optional cap, and the table that they give; and byte strings that are no table, and why.",
        tables=good,
        bad=bad,
    )
