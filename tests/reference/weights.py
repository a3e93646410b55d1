"""Voting weights of docs/weights.md."""

from __future__ import annotations

from fractions import Fraction
from typing import Mapping

import pow

MAGIC = b"pouwwgt1"


def capped(weights: Mapping[bytes, int], share: Fraction) -> tuple[dict[bytes, int], int]:
    """The capped weights and what is nobody's. By repeated redistribution, in rationals."""
    total = sum(weights.values())
    limit = total * share.numerator // share.denominator
    at_limit: set[bytes] = set()
    while True:
        free = {node: w for node, w in weights.items() if node not in at_limit}
        left = total - limit * len(at_limit)
        if not free:
            break
        scale = Fraction(left, sum(free.values()))
        over = {node for node, w in free.items() if w * scale > limit}
        if not over:
            break
        at_limit |= over
    out = {node: limit for node in at_limit}
    if free:
        exact = {node: w * scale for node, w in free.items()}
        out |= {node: int(value) for node, value in exact.items()}
        rest = left - sum(int(value) for value in exact.values())
        for node in sorted(exact, key=lambda node: (int(exact[node]) - exact[node], node))[:rest]:
            out[node] += 1
    return {node: w for node, w in out.items() if w}, total - sum(out.values())


def encode(weights: Mapping[bytes, int], unassigned: int = 0) -> bytes:
    rows = b"".join(node + pow.le64(w) for node, w in sorted(weights.items()) if w)
    count = sum(1 for w in weights.values() if w)
    return MAGIC + (1).to_bytes(4, "little") + pow.le64(unassigned) + count.to_bytes(4, "little") + rows


def digest(encoded: bytes) -> bytes:
    return pow.H("pouw.voting.v1", encoded)
