#!/usr/bin/env python3
"""Features of images, their distances, comparison and calibration, from docs/spec/judgement.md section 10.

Run: image_features.py [--check]. Writes tests/vectors/judgement/image_features.json.
"""

from __future__ import annotations

import hashlib
import random
import struct
import sys
from fractions import Fraction
from math import ceil
from typing import Any, Iterable, Optional

import judgement
from vector_file import Vectors, write_or_check

MOST = 2**16
LOWEST, HIGHEST = -(2**15), 2**15 - 1
REQUEST = bytes(range(32))
IMAGE = bytes(range(32, 64))


def H(tag: str, data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=32, person=tag.encode().ljust(16, b"\0")).digest()


def encode(values: list[int], request: bytes = REQUEST, image: bytes = IMAGE, version: int = 1, magic: bytes = b"pouwimf1",
           count: Optional[int] = None) -> bytes:
    return (magic + struct.pack("<I", version) + request + image + struct.pack("<I", len(values) if count is None else count) +
            b"".join(struct.pack("<h", value) for value in values))


def total(a: list[int], b: list[int]) -> int:
    return sum((x - y) ** 2 for x, y in zip(a, b))


def good() -> list[dict[str, Any]]:
    chosen = random.Random(31)
    cases = [[0], [LOWEST], [HIGHEST, LOWEST, -1, 1], list(range(-8, 8)), [chosen.randint(LOWEST, HIGHEST) for _ in range(64)]]
    return [{"values": values, "bytes": encode(values).hex(), "digest": H("pouw.img-ftr.v1", encode(values)).hex()} for values in cases]


def bad() -> list[dict[str, str]]:
    data = encode([1, -2, 3])
    cases = [("empty", b"", "truncated"), ("half a magic", data[:4], "truncated"), ("another magic", encode([1], magic=b"pouwinf1"), "invalid_magic"),
             ("no count", data[:79], "truncated"), ("another version", encode([1], version=2), "unsupported_version"),
             ("no features", encode([]), "invalid_features"), ("too many features", encode([1], count=MOST + 1), "invalid_features"),
             ("the most features, which are missing", encode([1], count=MOST), "truncated"), ("a feature too few", data[:-2], "truncated"),
             ("half a feature too few", data[:-1], "truncated"), ("a byte too many", data + b"\0", "trailing_bytes"),
             ("a feature too many", data + b"\0\0", "trailing_bytes"),
             ("another version and no features", encode([], version=0), "unsupported_version")]
    return [{"name": name, "bytes": bytes_.hex(), "error": error} for name, bytes_, error in cases]


def finding(threshold: int, features: int, claimed: list[int], delivered: list[int], again: list[int]) -> str:
    if len(claimed) != features:
        return "wrong_feature_count"
    if claimed != delivered:
        return "false_features"
    return "distant" if Fraction(total(delivered, again), features) > threshold else "accepted"


def comparisons() -> list[dict[str, Any]]:
    chosen = random.Random(32)
    cases = []

    def add(delivered: list[int], again: list[int], threshold: int, claimed: Optional[list[int]] = None) -> None:
        claimed = delivered if claimed is None else claimed
        sum_ = total(delivered, again)
        cases.append({"claimed": claimed, "delivered": delivered, "again": again, "threshold": threshold, "total": str(sum_),
                      "mean": ceil(Fraction(sum_, len(again))), "finding": finding(threshold, len(again), claimed, delivered, again)})

    # The threshold is met exactly, and exceeded by the least amount.
    for threshold, moved in [(1, [1, 1, 1]), (1, [2, 0, 0]), (0, [0, 0, 0]), (0, [0, 0, 1]), (3, [3, 0, 0]), (3, [3, 1, 0])]:
        add(moved, [0, 0, 0], threshold)
    # The ends of the range.
    add([HIGHEST] * 5, [LOWEST] * 5, 2**32 - 2**17)
    add([HIGHEST] * 5, [LOWEST] * 5, 2**32 - 2**17 + 1)
    add([LOWEST] * 5, [HIGHEST] * 5, 2**32 - 1)
    # Claims that are not those of the image, near it or of another length.
    add([5, 6], [5, 6], 10, claimed=[5, 7])
    add([5, 60], [5, 6], 10, claimed=[5, 6])
    add([5, 6], [5, 6], 10, claimed=[5])
    add([5, 60], [5, 6], 10, claimed=[5, 60, 0])
    for _ in range(40):
        length, noise = chosen.choice([1, 2, 16, 64]), chosen.choice([0, 1, 30, 3000])
        again = [chosen.randint(-20000, 20000) for _ in range(length)]
        delivered = [value + round(chosen.gauss(0, noise)) for value in again]
        add(delivered, again, chosen.choice([0, 1, 900, 10**7]), None if chosen.random() < 0.8 else again)
    assert {case["finding"] for case in cases} == {"accepted", "wrong_feature_count", "false_features", "distant"}
    return cases


def calibration() -> dict[str, Any]:
    """300 honest images, with noise of 4 a feature, and 100 of a cheaper model, with one of 12: their mean squares, the threshold
    for 1% with an error of 5%, and what it gives."""
    chosen = random.Random(33)
    length, error, rate = 16, Fraction(1, 20), Fraction(1, 100)

    def pairs(count: int, noise: float) -> list[list[list[int]]]:
        out = []
        for _ in range(count):
            again = [chosen.randint(-2000, 2000) for _ in range(length)]
            out.append([[value + round(chosen.gauss(0, noise)) for value in again], again])
        return out

    honest, fraudulent = pairs(300, 4), pairs(100, 12)
    means = [[ceil(Fraction(total(a, b), length)) for a, b in images] for images in (honest, fraudulent)]
    rank = next(r for r in range(1, 301) if 1 - judgement.at_most(300, r - 1, 1 - rate) <= error)
    threshold = sorted(means[0])[rank - 1]
    above = sum(mean > threshold for mean in means[1])
    assert judgement.clopper_pearson_lower(100, above, error) >= 900_000
    return {"honest": honest, "fraudulent": fraudulent, "false_positive_rate": judgement.pair(rate), "detection_rate": ["9", "10"],
            "error": judgement.pair(error), "threshold": threshold,
            "false_positive_rate_upper": judgement.clopper_pearson_upper(300, 300 - rank, error),
            "detection_rate_lower": judgement.clopper_pearson_lower(100, above, error), "fraudulent_above": above}


def produce() -> Iterable[tuple[str, bytes]]:
    out = Vectors("Features of images: encodings, comparisons, and a threshold from 300 honest and 100 fraudulent images.",
                  good=good(), bad=bad(), comparisons=comparisons(), calibration=calibration())
    out.content["source"] = "tests/reference/image_features.py"
    yield "judgement/image_features.json", out.encode()


if __name__ == "__main__":
    sys.exit(write_or_check(__doc__, produce))
