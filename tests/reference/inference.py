#!/usr/bin/env python3
"""Records of inference, drawing of tokens, distances and calibration, from docs/spec/judgement.md sections 5 to 9.

Run: inference.py [--check]. Writes tests/vectors/judgement/{records,draws,comparisons,calibrations}.json.
"""

from __future__ import annotations

import hashlib
import random
import struct
import sys
from decimal import Decimal, getcontext
from fractions import Fraction
from math import ceil
from typing import Any, Iterable, Optional

import judgement
from vector_file import Vectors, write_or_check

NAT = 2**16
ONE = 2**48
CAP = 4 * NAT

getcontext().prec = 60
EXPONENTIALS = [int(Decimal(2) ** 63 * (-Decimal(2**j) / NAT).exp()) for j in range(22)]

Candidate = tuple[int, int]  # surprisal, token


def vectors(description: str, **content: Any) -> Vectors:
    out = Vectors(description, **content)
    out.content["source"] = "tests/reference/inference.py"
    return out


def H(tag: str, data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=32, person=tag.encode().ljust(16, b"\0")).digest()


def probability(surprisal: int) -> int:
    if surprisal >= 2**22:
        return 0
    product = 2**63
    for j, factor in enumerate(EXPONENTIALS):
        if surprisal >> j & 1:
            product = product * factor // 2**63
    return product // 2**15


# ---------------------------------------------------------------------------------------------------------------------
# Records


def encode(request: bytes, tokens: list[int], candidates: list[list[Candidate]], version: int = 1, magic: bytes = b"pouwinf1",
           length: Optional[int] = None, count: Optional[int] = None) -> bytes:
    out = magic + struct.pack("<I", version) + request
    out += struct.pack("<II", len(tokens) if length is None else length, len(candidates[0]) if count is None else count)
    for token, row in zip(tokens, candidates):
        out += struct.pack("<I", token) + b"".join(struct.pack("<II", *candidate) for candidate in row)
    return out


def refusal(data: bytes) -> Optional[str]:
    """The name of the error that a decoder reports."""
    if len(data) < 8:
        return "truncated"
    if data[:8] != b"pouwinf1":
        return "invalid_magic"
    if len(data) < 52:
        return "truncated"
    version, length, count = struct.unpack("<I", data[8:12]) + struct.unpack("<II", data[44:52])
    if version != 1:
        return "unsupported_version"
    if not (1 <= length <= 2**20 and 1 <= count <= 256):
        return "invalid_record_size"
    size = 52 + length * (4 + 8 * count)
    if len(data) != size:
        return "truncated" if len(data) < size else "trailing_bytes"
    for i in range(length):
        start = 52 + i * (4 + 8 * count) + 4
        row = [struct.unpack_from("<II", data, start + 8 * j) for j in range(count)]
        if len({token for _, token in row}) < count:
            return "duplicate_candidate"
        if row != sorted(row):
            return "candidate_out_of_order"
        if sum(probability(s) for s, _ in row) > ONE + ONE // 4096:
            return "excess_probability"
    return None


def row_of(chosen: random.Random, count: int, vocabulary: int = 1000) -> list[Candidate]:
    """Some candidates of a random distribution."""
    sharpness = chosen.choice([0.5, 2, 6])
    masses = [chosen.random() ** sharpness + 1e-9 for _ in range(count + 3)]
    total = Decimal(sum(masses))
    tokens = chosen.sample(range(vocabulary), count)
    row = [(round(-(Decimal(m) / total).ln() * NAT), token) for m, token in zip(sorted(masses, reverse=True), tokens)]
    return sorted(row)


REQUEST = bytes(range(32))


def records() -> Vectors:
    chosen = random.Random(5)
    good, bad = [], []
    for length, count in ((1, 1), (1, 5), (3, 1), (7, 5), (2, 256), (40, 3)):
        tokens = [chosen.getrandbits(32) for _ in range(length)]
        rows = [row_of(chosen, count) for _ in tokens]
        data = encode(REQUEST, tokens, rows)
        assert refusal(data) is None
        good.append({"tokens": tokens, "candidates": [c for row in rows for c in row], "bytes": data.hex(),
                     "digest": H("pouw.infer.v1", data).hex()})

    def refused(name: str, data: bytes) -> None:
        reason = refusal(data)
        assert reason, name
        bad.append({"name": name, "bytes": data.hex(), "error": reason})

    two = [[(NAT, 7), (2 * NAT, 3)], [(100, 4), (8 * NAT, 1)]]
    base = encode(REQUEST, [7, 4], two)
    assert refusal(base) is None
    refused("no bytes", b"")
    refused("header cut off", base[:51])
    refused("last byte missing", base[:-1])
    refused("a byte more", base + b"\0")
    refused("magic", encode(REQUEST, [7, 4], two, magic=b"pouwinf2"))
    refused("version 0", encode(REQUEST, [7, 4], two, version=0))
    refused("version 2", encode(REQUEST, [7, 4], two, version=2))
    refused("no token", encode(REQUEST, [], [[]], count=1))
    refused("no candidate", encode(REQUEST, [7], [[]]))
    refused("257 candidates", encode(REQUEST, [7], [[(20 * NAT, i) for i in range(257)]]))
    refused("length 2^20 + 1", encode(REQUEST, [7, 4], two, length=2**20 + 1))
    refused("length 2^32 - 1, count 2^32 - 1", encode(REQUEST, [7, 4], two, length=2**32 - 1, count=2**32 - 1))
    refused("largest length announced", encode(REQUEST, [7, 4], two, length=2**20, count=256))
    refused("one token less announced", encode(REQUEST, [7, 4], two, length=1))
    refused("more probable behind less", encode(REQUEST, [7], [[(2 * NAT, 3), (NAT, 7)]]))
    refused("a tie in falling order of tokens", encode(REQUEST, [7], [[(NAT, 7), (NAT, 3)]]))
    refused("a candidate twice", encode(REQUEST, [7], [[(NAT, 7), (NAT, 7)]]))
    refused("a candidate twice, apart", encode(REQUEST, [7], [[(NAT, 7), (2 * NAT, 3), (3 * NAT, 7)]]))
    refused("certain twice", encode(REQUEST, [7], [[(0, 3), (0, 7)]]))
    refused("a little above 1", encode(REQUEST, [7], [[(0, 3), (round(Decimal(4000).ln() * NAT), 7)]]))
    good.append({"tokens": [3], "candidates": [(0, 3), (round(Decimal(4200).ln() * NAT), 7)], "bytes": encode(
        REQUEST, [3], [[(0, 3), (round(Decimal(4200).ln() * NAT), 7)]]).hex(), "digest": H("pouw.infer.v1", encode(
            REQUEST, [3], [[(0, 3), (round(Decimal(4200).ln() * NAT), 7)]])).hex()})
    surprisals = sorted({0, 1, 2, 65535, 65536, 45426, 2**21, 2**22 - 1, 2**22, 2**32 - 1}
                        | {chosen.getrandbits(chosen.randrange(1, 23)) for _ in range(60)})
    return vectors("Records of inference of the request 00 01 ... 1f; candidates are pairs of surprisal and token. bad: what "
                   "a decoder reports. probabilities: of surprisals, in units of 2^-48.",
                   good=good, bad=bad, probabilities=[[s, str(probability(s))] for s in surprisals])


# ---------------------------------------------------------------------------------------------------------------------
# Drawing


def masses(row: list[Candidate], settings: dict[str, Any]) -> dict[int, int]:
    """By token; 0 where it is cut off."""
    out = {token: 0 for _, token in row}
    considered = [(probability((s - row[0][0]) * NAT // settings["temperature"]), token) for s, token in row[: settings["top_k"]]]
    everything, kept = sum(m for m, _ in considered), 0
    for mass, token in considered:
        if Fraction(kept, everything) >= Fraction(settings["top_p"], 10**6):
            break
        out[token] = mass
        kept += mass
    return out


def point(seed: bytes, position: int, total: int) -> int:
    uniform = int.from_bytes(H("pouw.token.v1", seed + struct.pack("<I", position))[:8], "little")
    return uniform * total // 2**64


def draw(row: list[Candidate], settings: dict[str, Any], position: int) -> int:
    if settings["temperature"] == 0:
        return row[0][1]
    by_token = masses(row, settings)
    left = point(bytes.fromhex(settings["seed"]), position, sum(by_token.values()))
    for token in sorted(by_token):
        if left < by_token[token]:
            return token
        left -= by_token[token]
    raise AssertionError


def could_draw(row: list[Candidate], settings: dict[str, Any], position: int, token: int, mass: int, surprisal: int) -> bool:
    behind = {t: s - row[0][0] for s, t in row}
    if token not in behind:
        return False
    if settings["temperature"] == 0:
        return token == row[0][1] if surprisal == 0 else behind[token] <= surprisal
    by_token = masses(row, settings)
    total = sum(by_token.values())
    drawn, slack = point(bytes.fromhex(settings["seed"]), position, total), total * mass // 10**6
    start = sum(m for t, m in by_token.items() if t < token)
    return start <= drawn + slack and drawn < start + by_token[token] + slack


def settings_of(chosen: random.Random, count: int) -> dict[str, Any]:
    return {"seed": chosen.randbytes(32).hex(), "temperature": chosen.choice([0, 1, NAT // 2, NAT, 3 * NAT, 2**32 - 1]),
            "top_k": chosen.choice([1, 2, count, 256]), "top_p": chosen.choice([1, 500000, 900000, 10**6])}


def draws() -> Vectors:
    chosen = random.Random(6)
    cases = []
    for _ in range(400):
        count = chosen.choice([1, 2, 5, 5, 20])
        row, settings = row_of(chosen, count), settings_of(chosen, count)
        if chosen.random() < 0.2:
            row = sorted((row[0][0], t) for _, t in row[:1]) + [(s + 1, t) for s, t in row[1:]]
            row = sorted(row)
        position, mass, surprisal = chosen.randrange(2**20), chosen.choice([0, 10000, 100000]), chosen.choice([0, 5000, 100000])
        tokens = [t for _, t in sorted(row, key=lambda c: c[1])] + [2**32 - 1]
        cases.append({"candidates": row, "settings": settings, "position": position, "tolerance": [mass, surprisal],
                      "token": draw(row, settings, position),
                      "could": [t for t in tokens if could_draw(row, settings, position, t, mass, surprisal)]})
    return vectors("The token drawn from candidates (surprisal, token) at a position, and the tokens that could be drawn within a "
                   "tolerance of mass (millionths) and of surprisal (2^-16 nat).", cases=cases)


# ---------------------------------------------------------------------------------------------------------------------
# Comparison


def distance(a: list[list[Candidate]], b: list[list[Candidate]]) -> tuple[int, int]:
    total = pairs = 0
    for left, right in zip(a, b):
        x, y = {t: s for s, t in left}, {t: s for s, t in right}
        for token in x.keys() | y.keys():
            # A token that is missing is no more probable than the last one that is there.
            p, q = x.get(token, max(x.values())), y.get(token, max(y.values()))
            missing_and_behind = (token not in x and q > p) or (token not in y and p > q)
            total += 0 if missing_and_behind else min(abs(p - q), CAP)
            pairs += 1
    return total, pairs


def perturbed(chosen: random.Random, row: list[Candidate], noise: int) -> list[Candidate]:
    """Noise; now and then another candidate at the end."""
    out = [(s + chosen.randrange(noise + 1), t) for s, t in row]
    if noise and chosen.random() < 0.3:
        out[-1] = (out[-1][0], 5000 + chosen.randrange(1000))
    return sorted(out)


def comparisons() -> Vectors:
    chosen = random.Random(7)
    cases = []
    for number in range(120):
        count, length = chosen.choice([1, 2, 5, 20]), chosen.choice([1, 8, 30])
        settings = settings_of(chosen, count) | {"longest": length, "end_token": chosen.choice([None, 999999])}
        executor = [row_of(chosen, count) for _ in range(length)]
        noise = chosen.choice([0, 300, 3000, 100000, 400000])
        checker = [perturbed(chosen, row, noise) for row in executor]
        tokens = [draw(row, settings, i) for i, row in enumerate(executor)]
        if number % 4 == 1:  # text that something else wrote
            executor = checker
        if number % 11 == 3:
            settings["longest"] += 1
        rules = {"threshold": chosen.choice([200, 2000, 60000]), "tolerance": [chosen.choice([0, 20000]), chosen.choice([0, 2000])],
                 "mismatch_rate": ["1", "50"], "significance": ["1", "1000"]}
        total, pairs = distance(executor, checker)
        inconsistent = sum(draw(row, settings, i) != tokens[i] for i, row in enumerate(executor))
        mismatches = sum(not could_draw(row, settings, i, tokens[i], *rules["tolerance"]) for i, row in enumerate(checker))
        critical = judgement.critical(length, Fraction(1, 50), Fraction(1, 1000))
        finding = ("wrong_ending" if settings["longest"] != length else "inconsistent" if inconsistent else
                   "distant" if Fraction(total, pairs) > rules["threshold"] else
                   "not_drawn" if critical is not None and mismatches >= critical else "accepted")
        cases.append({"tokens": tokens, "executor": [c for row in executor for c in row],
                      "checker": [c for row in checker for c in row], "settings": settings, "rules": rules,
                      "total": str(total), "pairs": str(pairs), "mean": ceil(Fraction(total, pairs)),
                      "inconsistent": inconsistent, "mismatches": mismatches, "finding": finding})
    for number in range(4):  # the executor committed to another number of candidates
        count, length = chosen.choice([2, 5, 20]), chosen.choice([1, 8])
        settings = settings_of(chosen, count) | {"longest": length, "end_token": None}
        checker = [row_of(chosen, count) for _ in range(length)]
        executor = [row[:-1] for row in checker] if number % 2 else [row + [(row[-1][0] + 5 * 65536, 7000)] for row in checker]
        tokens = [draw(row, settings, i) for i, row in enumerate(executor)]
        rules = {"threshold": 60000, "tolerance": [20000, 2000], "mismatch_rate": ["1", "50"], "significance": ["1", "1000"]}
        cases.append({"tokens": tokens, "executor": [c for row in executor for c in row],
                      "checker": [c for row in checker for c in row], "settings": settings, "rules": rules,
                      "total": "0", "pairs": "0", "mean": 0, "inconsistent": 0, "mismatches": 0,
                      "finding": "wrong_candidate_count"})
    found = {case["finding"] for case in cases}
    assert len(found) == 6, found
    return vectors("Comparisons of an executor's candidates (surprisal, token) for a text with a checker's. mean: of the "
                   "distance, in units of 2^-16 nat, rounded up.", cases=cases)


def calibrations() -> Vectors:
    chosen = random.Random(8)
    cases = []
    for _ in range(60):
        n, m = chosen.choice([0, 1, 58, 59, 298, 299, 400]), chosen.choice([0, 20, 200])
        honest = [round(chosen.gauss(1000, 100)) for _ in range(n)]
        fraud = [round(chosen.gauss(chosen.choice([1100, 2000, 4000]), 300)) for _ in range(m)]
        rate, wanted, error = chosen.choice([Fraction(1, 20), Fraction(1, 100)]), Fraction(chosen.choice([1, 90]), 100), Fraction(1, 20)
        case = {"honest": honest, "fraudulent": fraud, "false_positive_rate": judgement.pair(rate),
                "detection_rate": judgement.pair(wanted), "error": judgement.pair(error)}
        ordered = sorted(honest)
        # The least rank with at most the error's chance of so many samples below the quantile.
        rank = next((r for r in range(1, n + 1) if 1 - judgement.at_most(n, r - 1, 1 - rate) <= error), None)
        if rank is None:
            cases.append(case | {"refused": "too_few_calibration_samples"})
            continue
        threshold = ordered[rank - 1]
        found = judgement.clopper_pearson_lower(m, sum(f > threshold for f in fraud), error)
        if Fraction(found, 10**6) < wanted:
            cases.append(case | {"refused": "inseparable_samples"})
            continue
        cases.append(case | {"threshold": threshold, "false_positive_rate_upper": judgement.clopper_pearson_upper(n, n - rank, error),
                             "detection_rate_lower": found})
    assert {case.get("refused") for case in cases} == {None, "too_few_calibration_samples", "inseparable_samples"}
    return vectors("Thresholds from honest and fraudulent samples; bounds of rates in millionths.", cases=cases)


def produce() -> Iterable[tuple[str, bytes]]:
    yield "judgement/records.json", records().encode()
    yield "judgement/draws.json", draws().encode()
    yield "judgement/comparisons.json", comparisons().encode()
    yield "judgement/calibrations.json", calibrations().encode()


if __name__ == "__main__":
    sys.exit(write_or_check(__doc__, produce))
