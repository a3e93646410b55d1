#!/usr/bin/env python3
"""The figures of the soundness lab, recomputed from raw outputs: docs/soundness.md says what they are, docs/spec/pow.md
what an output, a permutation and a distance are.

`pouw soundness --raw-outputs FILE` writes the outputs and FILE.json. This script prints every figure with its standard
error. With --report it compares each with report.json of the same run, and exits with 1 if one lies outside its interval,
is missing, or differs from the lab's estimate where both are made of the same outputs.
"""

from __future__ import annotations

import argparse
import json
import math
import struct
import sys
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Iterator, Optional, Sequence

import numpy as np
from numpy.typing import NDArray

import pow as reference
from chacha20 import keystreams

Z99 = 2.5758293035489004
MEAN_LENGTH = 0.99865  # of the closed form: |x|^2 over 1024 * dim
DENOMINATORS = (50, 100, 900)
KEPT = ((0.5, "half"), (0.1, "10%"), (0.01, "1%"))


@dataclass(frozen=True)
class RawOutputs:
    config: reference.ModelConfig
    race_seed: bytes
    nodes: list[tuple[bytes, int]]  # node seed, number of nonces from 0 on
    seed: int  # of the lab's permutations
    permutations: int  # how many the lab scored under
    values: NDArray[np.int8]  # one row a nonce

    def claims(self) -> Iterator[tuple[bytes, int]]:
        return ((node, nonce) for node, count in self.nodes for nonce in range(count))

    @property
    def key(self) -> bytes:
        return reference.race_key(self.race_seed, self.config)

    @property
    def target(self) -> NDArray[np.int64]:
        return reference.target(self.config, reference.weights_key(self.key))


def load(path: Path) -> RawOutputs:
    description = json.loads(Path(f"{path}.json").read_text())
    data = path.read_bytes()
    config = reference.ModelConfig(*struct.unpack("<16I", bytes.fromhex(description["config"])))
    nodes = [(bytes.fromhex(key["node_seed"]), key["nonces"]) for key in description["keys"]]
    rows = sum(count for _, count in nodes)
    for what, good in (
        ("model_id", reference.model_id(config).hex() == description["model"]),
        ("rows", rows == description["rows"] and len(data) == rows * config.model_dim),
        ("digest", blake2b(data, digest_size=32).hexdigest() == description["digest"]),
    ):
        if not good:
            raise ValueError(f"{path}: {what} does not fit the outputs")
    values = np.frombuffer(data, np.int8).reshape(rows, config.model_dim)
    race_seed = bytes.fromhex(description["race_seed"])
    return RawOutputs(config, race_seed, nodes, int(description["seed"]), description["permutations"], values)


# ---------------------------------------------------------------------------------------------------------------------
# Figures


@dataclass(frozen=True)
class Figure:
    name: str  # of the lab's row; the script's own figures have none there
    value: float
    error: float  # standard error
    same_outputs: bool = True  # the lab's estimate is made of these outputs and no others
    required: bool = True  # a report without it is not whole


def mean_of(values: NDArray) -> tuple[float, float]:
    return float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values)))


def deviation_of(values: NDArray) -> tuple[float, float]:
    centred = values - values.mean()
    variance = float((centred**2).sum() / (len(values) - 1))
    spread = max(0.0, float((centred**4).mean()) - variance**2)
    return math.sqrt(variance), math.sqrt(spread / len(values)) / (2 * math.sqrt(variance))


def lengths(values: NDArray[np.int8]) -> NDArray[np.float64]:
    return np.concatenate([(part.astype(np.int64) ** 2).sum(axis=1) for part in blocks(values)]).astype(np.float64)


def blocks(values: NDArray, rows: int = 1000) -> list[NDArray]:
    return [values[first : first + rows] for first in range(0, len(values), rows)]


def length_figures(config: reference.ModelConfig, squares: NDArray[np.float64]) -> list[Figure]:
    full, shortest = 1024 * config.model_dim, 960 * config.model_dim
    mean, error = mean_of(squares)
    short = float((squares < shortest).mean())
    return [
        Figure("|output|², mean", mean, error),
        Figure("", mean / full, error / full, required=False),
        Figure("|output|², deviation", *deviation_of(squares)),
        Figure(f"|output|², share below {shortest}", short, math.sqrt(short * (1 - short) / len(squares))),
    ]


def second_moments(values: NDArray[np.int8]) -> tuple[list[NDArray], list[NDArray]]:
    """Of every group of outputs the sum of x and the sum of x x', whole numbers."""
    sums, products = [], []
    for part in np.array_split(values, min(40, len(values) // 4)):
        x = part.astype(np.float64)
        sums.append(x.sum(axis=0))
        products.append(x.T @ x)
    return sums, products


def balanced(matrix: NDArray) -> NDArray:
    """Without the direction (1, ..., 1), along which a balanced target does not look; both axes of a matrix."""
    for axis in range(matrix.ndim):
        matrix = matrix - matrix.mean(axis=axis, keepdims=True)
    return matrix


def direction_figures(values: NDArray[np.int8], all_outputs: bool) -> list[Figure]:
    """Share of the power in the mean, and d tr S² / (tr S)²: both from products of different outputs alone."""
    count, width = values.shape
    dimensions = width - 1
    sums, products = second_moments(values)
    square = np.concatenate([(balanced_rows(part) ** 2).sum(axis=1) for part in blocks(values)])
    groups = np.array_split(square, len(products))

    def spectrum(product: NDArray, squares: float, fourths: float, n: int) -> float:
        pairs = ((balanced(product) ** 2).sum() - fourths) / (n * (n - 1))
        return float(dimensions * pairs / (squares / n) ** 2)

    total = sum(products)
    excess = spectrum(total, square.sum(), (square**2).sum(), count)
    without = np.array(
        [
            spectrum(total - p, square.sum() - g.sum(), (square**2).sum() - (g**2).sum(), count - len(g))
            for p, g in zip(products, groups)
        ]
    )
    excess_error = math.sqrt((len(without) - 1) * float(((without - without.mean()) ** 2).mean()))
    power = square.mean()
    share = float(((balanced(sum(sums)) ** 2).sum() - square.sum()) / (count * (count - 1)) / power)
    # Of outputs without a mean: 2 tr S² / n² is the variance of the mean product of two different ones.
    share_error = math.sqrt(2 * excess / dimensions) / count
    return [
        Figure("power of the mean", share, share_error, same_outputs=all_outputs),
        Figure("spectrum: dim tr S² / (tr S)²", excess, excess_error),
    ]


def balanced_rows(part: NDArray[np.int8]) -> NDArray[np.float64]:
    x = part.astype(np.float64)
    return x - x.mean(axis=1, keepdims=True)


def cosine_figures(values: NDArray[np.int8]) -> list[Figure]:
    """Of the pairs of rows 0 and 1, 2 and 3, and so on."""
    cosines = []
    for part in blocks(values[: len(values) // 2 * 2]):
        a, b = part[0::2].astype(np.float64), part[1::2].astype(np.float64)
        cosines.append((a * b).sum(axis=1) / np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1)))
    all_cosines = np.concatenate(cosines)
    root = math.sqrt(values.shape[1])
    deviation, error = deviation_of(all_cosines)
    return [
        Figure("cosine of two outputs, mean", *mean_of(all_cosines)),
        Figure("cosine of two outputs, deviation × sqrt(dim)", deviation * root, error * root),
    ]


# ---------------------------------------------------------------------------------------------------------------------
# The law of the distance


def cosine_tail(cosine: NDArray[np.float64], dim: int) -> NDArray[np.float64]:
    """P(cosine > c) of a random direction in `dim` dimensions: the integral of (1 - u²)^((dim-3)/2) by Gauss's rule."""
    low = np.atleast_1d(cosine)
    high = np.minimum(1.0, low + 16 / math.sqrt(dim))
    nodes, weights = np.polynomial.legendre.leggauss(160)
    u = low[:, None] + (high - low)[:, None] * (nodes + 1) / 2
    integral = (np.maximum(0.0, 1 - u * u) ** ((dim - 3) / 2) @ weights) * (high - low) / 2
    return integral / math.exp(math.lgamma((dim - 1) / 2) + math.log(math.pi) / 2 - math.lgamma(dim / 2))


def chance(dim: int, squares: NDArray[np.float64], threshold: int) -> NDArray[np.float64]:
    """P(d2 < threshold) of outputs of these squared lengths under a random permutation."""
    goal = 1024 * dim
    return cosine_tail((squares + goal - threshold) / (2 * np.sqrt(squares * goal)), dim)


def closed_form(dim: int, threshold: int) -> float:
    return float(chance(dim, np.array([MEAN_LENGTH * 1024 * dim]), threshold)[0])


def threshold_for(dim: int, denominator: int) -> int:
    """The largest threshold whose probability is at most 1/denominator."""
    low, high = 1, 1024 * dim * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if closed_form(dim, middle) <= 1 / denominator else (low, middle)
    return low


def shuffles(words: NDArray[np.uint32], size: int) -> NDArray[np.int64]:
    """`shuffle` of the specification for many streams at once: one row of words, one row of the result a stream."""
    rows = np.arange(len(words))
    p = np.tile(np.arange(size), (len(words), 1))
    for step, i in enumerate(range(size - 1, 0, -1)):
        j = ((words[:, step].astype(np.uint64) * np.uint64(i + 1)) >> np.uint64(32)).astype(np.int64)
        p[rows, i], p[rows, j] = p[rows, j], p[rows, i]
    return p


def own_distances(raw: RawOutputs) -> NDArray[np.int64]:
    """d2 of every nonce under its own permutation."""
    size, goal, race = raw.config.model_dim, raw.target, raw.key
    by_output = raw.config.permutation_binding == reference.OUTPUT_BINDING
    keys = bytearray()
    for (node, nonce), output in zip(raw.claims(), raw.values):
        seed = reference.input_seed(race, node, nonce)
        keys += reference.H("pouw.bind.v1", seed + output.tobytes()) if by_output else seed
    out = []
    for part, values in zip(blocks(np.frombuffer(keys, "<u4").reshape(-1, 8)), blocks(raw.values)):
        p = shuffles(keystreams(part, np.full(len(part), reference.PERMUTATION_STREAM), size - 1), size)
        out.append(((np.take_along_axis(values, p, axis=1).astype(np.int64) - goal) ** 2).sum(axis=1))
    return np.concatenate(out)


def own_figures(raw: RawOutputs) -> list[Figure]:
    distances, dim = own_distances(raw), raw.config.model_dim
    figures = []
    for denominator in DENOMINATORS:
        threshold = threshold_for(dim, denominator)
        expected, share = closed_form(dim, threshold), float((distances < threshold).mean())
        name = f"P(d2 < {threshold}) under the nonces' own permutations over the closed form, 1 in {denominator}"
        error = math.sqrt(share * (1 - share) / len(distances))
        figures.append(Figure(name, share / expected, error / expected))
    return figures


def lab_signs(raw: RawOutputs) -> NDArray[np.bool_]:
    """Where the target is positive as the lab's permutations meet it: permutation i is shuffle(LE64(seed) ‖ 0^24, i)."""
    key = np.frombuffer(reference.le64(raw.seed) + bytes(24), "<u4")
    size, positive = raw.config.model_dim, raw.target > 0
    signs = np.empty((raw.permutations, size), bool)
    for ids in blocks(np.arange(raw.permutations)):
        p = shuffles(keystreams(np.tile(key, (len(ids), 1)), ids, size - 1), size)
        np.put_along_axis(signs[ids[0] : ids[-1] + 1], p, np.broadcast_to(positive, p.shape), axis=1)
    return signs


def random_signs(raw: RawOutputs, count: int) -> NDArray[np.bool_]:
    """The same for permutations of NumPy's own generator."""
    return np.random.default_rng(raw.seed).permuted(np.tile(raw.target > 0, (count, 1)), axis=1)


class Pairs:
    """How many pairs of outputs and permutations lie below each threshold, by output and by permutation."""

    def __init__(self, values: NDArray[np.int8], signs: NDArray[np.bool_], thresholds: Sequence[int]) -> None:
        # d2 = |x|² + |t|² - 64 s with s, the sum of the outputs with the signs of the target: s is at least a bound.
        squares = lengths(values).astype(np.int64)
        self.bounds = [(squares + 1024 * values.shape[1] - t) // 64 + 1 for t in thresholds]
        self.by_output = np.zeros((len(thresholds), len(values)))
        self.by_permutation = np.zeros((len(thresholds), len(signs)))
        assert np.abs(values.astype(np.int64)).sum(axis=1).max() < 1 << 15  # so that no sum overflows
        index = np.packbits(signs, axis=1, bitorder="little").T.astype(np.intp)
        for first in range(0, len(values), 256):
            tables = self._tables(values[first : first + 256])
            for start in range(0, len(signs), 1024):
                self._count(tables, index[:, start : start + 1024], first, start)

    @staticmethod
    def _tables(part: NDArray[np.int8]) -> list[NDArray[np.int16]]:
        """For every eight coordinates the sums that their 256 patterns of signs give, a column an output."""
        tables = []
        for eight in part.T.astype(np.int16).reshape(-1, 8, len(part)):
            table = np.zeros((1, len(part)), np.int16)
            for coordinate in eight:
                table = np.concatenate((table - coordinate, table + coordinate))
            tables.append(table)
        return tables

    def _count(self, tables: list[NDArray[np.int16]], index: NDArray[np.intp], first: int, start: int) -> None:
        rows, columns = index.shape[1], tables[0].shape[1]
        sums, term = np.zeros((rows, columns), np.int16), np.empty((rows, columns), np.int16)
        for table, patterns in zip(tables, index):
            np.take(table, patterns, axis=0, out=term, mode="clip")
            sums += term
        # The first threshold is the largest: every other pass is among its passes.
        limits = [bound[first : first + columns] for bound in self.bounds]
        passed = np.flatnonzero(sums >= np.clip(limits[0], -(1 << 15), (1 << 15) - 1).astype(np.int16))
        row, column = np.divmod(passed, columns)
        score = sums.reshape(-1)[passed]
        for t, limit in enumerate(limits):
            below = score >= limit[column]
            self.by_output[t, first : first + columns] += np.bincount(column[below], minlength=columns)
            self.by_permutation[t, start : start + rows] += np.bincount(row[below], minlength=rows)

    def share(self, t: int) -> tuple[float, float]:
        """Pairs that share an output or a permutation are not independent: both kinds of clusters count."""
        by_output, by_permutation = self.by_output[t], self.by_permutation[t]
        pairs, passes = len(by_output) * len(by_permutation), by_output.sum()
        rows, columns = (float(((n - n.mean()) ** 2).sum()) for n in (by_output, by_permutation))
        variance = max(rows + columns - passes * (1 - passes / pairs), rows, columns)
        return float(passes / pairs), math.sqrt(variance) / pairs


def pair_figures(raw: RawOutputs, independent: int) -> list[Figure]:
    """Under the lab's permutations, and under others."""
    dim = raw.config.model_dim
    thresholds = [threshold_for(dim, denominator) for denominator in DENOMINATORS]
    figures = []
    for signs, same in ((lab_signs(raw), True), (random_signs(raw, independent), False)):
        pairs = Pairs(raw.values, signs, thresholds)
        for t, denominator in enumerate(DENOMINATORS):
            share, error = pairs.share(t)
            expected = closed_form(dim, thresholds[t])
            name = f"P(d2 < {thresholds[t]}) over the closed form, 1 in {denominator}"
            figures.append(Figure(name, share / expected, error / expected, same_outputs=same))
    return figures


def chance_figures(config: reference.ModelConfig, squares: NDArray[np.float64]) -> list[Figure]:
    """How much of its chance at 1/900 an output tells by its length, and what a filter gained that knew it for nothing."""
    all_chances = chance(config.model_dim, squares, threshold_for(config.model_dim, 900))
    all_chances[squares < 960 * config.model_dim] = 0
    relative = all_chances / all_chances.mean()
    deviation, error = deviation_of(relative)
    given_length = "chance to pass at 1/900 given |output|²: relative deviation"
    figures = [Figure(given_length, deviation, error, same_outputs=False)]
    for keep, name in KEPT:
        kept = np.sort(relative)[::-1][: max(1, round(keep * len(relative)))]
        row = f"chance to pass at 1/900: gain of keeping the best {name} if |output|² cost nothing"
        # The influence of an output on the mean of the best: what it has above the least of them.
        influence = np.maximum(relative - kept[-1], 0)
        error = float(influence.std() / keep / math.sqrt(len(relative)))
        figures.append(Figure(row, float(kept.mean()), error, same_outputs=False))
    return figures


def recomputed(raw: RawOutputs, count: int, layers: Optional[Sequence[int]] = None) -> NDArray[np.int64]:
    """The first rows by the forward pass of the specification, or what it gives with these of its layers alone."""
    claims = list(raw.claims())[:count]
    inputs = [reference.read_inputs(raw.config, reference.input_seed(raw.key, *claim)) for claim in claims]
    tensors = reference.stream_tensors(reference.weights_key(raw.key))
    kept = range(raw.config.layers) if layers is None else layers

    def of_layer(tensor: int, first: int, size: int) -> NDArray[np.int8]:
        return tensors(tensor if tensor < 16 else 16 + 8 * kept[(tensor - 16) // 8] + tensor % 8, first, size)

    config = replace(raw.config, layers=len(kept))
    return reference.forward(config, of_layer, *(np.stack(part) for part in zip(*inputs)))


def cosine_without(raw: RawOutputs, count: int, left_out: Sequence[int]) -> Figure:
    """The cosine of the first rows with what comes out where some layers are left out."""
    kept = [layer for layer in range(raw.config.layers) if layer not in left_out]
    a, b = recomputed(raw, count, kept).astype(np.float64), raw.values[:count].astype(np.float64)
    cosines = (a * b).sum(axis=1) / np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    return Figure("", *mean_of(cosines), required=False)


# ---------------------------------------------------------------------------------------------------------------------
# Comparison


def figures_of(raw: RawOutputs, all_outputs: bool, independent: int) -> list[Figure]:
    squares = lengths(raw.values)
    return [
        *length_figures(raw.config, squares),
        *direction_figures(raw.values, all_outputs),
        *cosine_figures(raw.values),
        *pair_figures(raw, independent),
        *own_figures(raw),
        *chance_figures(raw.config, squares),
    ]


def verdict(figure: Figure, report: Optional[dict]) -> tuple[str, str]:
    """The lab's interval, and what is wrong; nothing if all is well."""
    rows = [h["value"] for h in report["health"] if h["property"] == figure.name] if report and figure.name else []
    if not rows:
        return "", "MISSING from the report" if report and figure.required else ""
    low, estimate, high = rows[0]
    shown = f"{estimate:.7g} ({low:.7g} to {high:.7g})"
    own = 0.0 if figure.same_outputs else Z99 * figure.error
    if not low - own <= figure.value <= high + own:
        return shown, "OUTSIDE"
    if figure.same_outputs and abs(figure.value - estimate) > 0.01 * (high - low):
        return shown, "NOT THE SAME ESTIMATE"
    return shown, ""


def compare(figures: Sequence[Figure], report: Optional[dict]) -> tuple[list[str], bool]:
    lines, good = [], True
    for figure in figures:
        shown, wrong = verdict(figure, report)
        good = good and not wrong
        name = figure.name or "(of this script alone)"
        lines.append(f"{name}\n    {figure.value:.7g} ± {figure.error:.2g}   lab: {shown or '-'}   {wrong or 'ok'}")
    return lines, good


def layer_range(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("outputs", type=Path, help="raw outputs; the description is beside them")
    parser.add_argument("--report", type=Path, help="report.json of the same run")
    parser.add_argument("--permutations", type=int, help="use so many of the lab's permutations, not all")
    parser.add_argument("--independent", type=int, default=2048, help="permutations of NumPy's own generator")
    parser.add_argument("--forward", type=int, default=0, help="outputs to compute again from the specification")
    parser.add_argument("--without", type=layer_range, action="append", default=[], metavar="FIRST[-LAST]",
                        help="cosine of 16 outputs with those of a network without these layers")
    arguments = parser.parse_args()
    raw = load(arguments.outputs)
    report = json.loads(arguments.report.read_text()) if arguments.report else None
    if report and (report["model"], int(report["seed"])) != (reference.model_id(raw.config).hex(), raw.seed):
        raise ValueError("the report is of another run")
    if arguments.permutations:
        raw = replace(raw, permutations=arguments.permutations)
    all_outputs = report is not None and report["samples"]["outputs"] == len(raw.values)
    lines, good = compare(figures_of(raw, all_outputs, arguments.independent), report)
    print("\n".join(lines))
    for left_out in arguments.without:
        cosine = cosine_without(raw, 16, left_out)
        print(f"without layers {left_out[0]} to {left_out[-1]}: cosine {cosine.value:.4f} ± {cosine.error:.2g}")
    first = raw.values[: arguments.forward]
    if len(first) > 0 and not np.array_equal(recomputed(raw, len(first)), first):
        print("the outputs are not those of the specification")
        good = False
    return 0 if good else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ValueError as error:
        sys.exit(str(error))
